import { type Components, createComponents } from "../kit/components.ts";
import type { FixtureName, PerpetualConnectorFixtures } from "../kit/fixtures.ts";
import { type Given, pastesIn } from "../kit/paste.ts";
import { openScene, type Scene } from "../kit/scene.ts";
import type { ScriptedRequest } from "../kit/scripted-venue.ts";
import { type EndpointTextOptions, endpointText } from "./endpoint-text.ts";
import type { VenueFacts } from "./venue-facts.ts";

/** Endpoint that a row of the API table was seen to use, or the reason why nothing was seen. */
export type Endpoint = { readonly text: string } | { readonly failure: unknown };

/** A scripted venue, and what of the connector asks it. */
export interface Stage extends Components {
  readonly facts: VenueFacts;
  readonly scene: Scene;
  readonly symbol: string;
  /** A fixture that the probe needs. */
  given<Name extends FixtureName>(name: Name): Given<PerpetualConnectorFixtures[Name]>;
}

/** Does what a row is about; what it returns is what the venue saw of it. Throws where nothing was to be seen. */
export interface Probe {
  /** Fixtures of its own, beyond those that every scene stands on; they may depend on which ones the venue has. */
  readonly needs?: readonly FixtureName[] | ((fixtures: PerpetualConnectorFixtures) => readonly FixtureName[]);
  /** True to keep the connector running meanwhile. Default false: nothing else is requested then. */
  readonly isRunning?: boolean;
  run(stage: Stage): Promise<string>;
}

const SCENE: readonly FixtureName[] = ["socket", "restingRoutes", "allSymbolsRequestMockResponse"];

/** Runs a probe in a scene of its own. Never rejects: a probe that fails has seen nothing. */
export async function probed(facts: VenueFacts, { needs = [], isRunning = false, run }: Probe): Promise<Endpoint> {
  const { fixtures } = facts;
  const wanted = [...(typeof needs === "function" ? needs(fixtures) : needs), ...SCENE];
  const absent = wanted.filter((name) => fixtures[name] === undefined);
  if (absent.length > 0) return { failure: new TypeError(`the fixtures have no ${absent.join(", ")}`) };
  const waiting = wanted.filter((name) => pastesIn(fixtures[name]).length > 0);
  if (waiting.length > 0) return { failure: new TypeError(`to be pasted: ${waiting.join(", ")}`) };
  const given: Stage["given"] = (name) => fixtures[name] as Given<PerpetualConnectorFixtures[typeof name]>;
  try {
    await using scene = await openScene(fixtures, { ready: isRunning });
    const symbol = scene.symbolOf(fixtures.tradingPair);
    return { text: await run({ ...createComponents(scene), facts, scene, symbol, given }) };
  } catch (failure) {
    return { failure };
  }
}

/** A look at the venue's clock, which goes before what is signed, is not what was asked for. */
export function seenText(
  { facts, symbol }: Stage,
  requests: readonly ScriptedRequest[],
  { names, only }: Omit<EndpointTextOptions, "signed"> = {},
): string {
  const others = requests.filter(({ path }) => path !== facts.exports.constants.SERVER_TIME_PATH_URL);
  const seen = others.length === 0 ? requests : others;
  if (seen.length === 0) throw new TypeError("nothing was asked");
  return endpointText(seen, { signed: facts.signed, names: { ...names, [symbol]: "{symbol}" }, only });
}
