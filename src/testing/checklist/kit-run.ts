import type { FixtureName, PerpetualConnectorFixtures } from "../kit/fixtures.ts";
import { paste } from "../kit/paste.ts";
import { isOnInvention, runInProcess, type TestRunner } from "../kit/runner.ts";

/** `invented`: passed, on an ability that the venue does not have and the kit gave it: it proves nothing of the venue. */
export type TestStatus = "passed" | "invented" | "failed" | "todo";
/** Registers the kit's tests for a venue. */
export type Kit = (fixtures: PerpetualConnectorFixtures, runner: TestRunner) => void;

/** Results of the kit's tests for one venue, by name. A name that occurs twice is passed when both are. */
export type KitResults = ReadonlyMap<string, TestStatus>;

const SEVERITY: readonly TestStatus[] = ["passed", "invented", "todo", "failed"];

export async function runKit(kit: Kit, fixtures: PerpetualConnectorFixtures): Promise<KitResults> {
  const results = new Map<string, TestStatus>();
  for (const { path, status: outcome } of await runInProcess((runner) => kit(fixtures, runner))) {
    const status = outcome === "passed" && isOnInvention(path) ? "invented" : outcome;
    const name = nameOf(path.at(-1) ?? "", status);
    const known = results.get(name) ?? "passed";
    results.set(name, SEVERITY.indexOf(status) > SEVERITY.indexOf(known) ? status : known);
  }
  return results;
}

/** The names of the tests that need a fixture, by its name. */
export type Needs = ReadonlyMap<string, readonly string[]>;

/** Finds the fixtures that each test needs: a test waits for them when every fixture is taken away. */
export function needsOf(kit: Kit, fixtures: PerpetualConnectorFixtures): Needs {
  const needs = new Map<string, string[]>();
  const wait = (title: string): void => {
    for (const [, fixture = ""] of title.matchAll(/(?:: |; )paste (\w+)(?= \(|;|$)/g)) {
      const names = needs.get(fixture) ?? [];
      const name = nameOf(title, "todo");
      if (!names.includes(name)) needs.set(fixture, [...names, name]);
    }
  };
  const taken = Object.entries(fixtures).map(([name, value]) =>
    IDENTITY_NAMES.has(name) || value === undefined ? [name, value] : [name, paste("taken away")],
  );
  const it = Object.assign(() => undefined, { todo: wait });
  kit(Object.fromEntries(taken) as PerpetualConnectorFixtures, { describe: (_, body) => body(), it });
  return needs;
}

/** Identity of a venue: without it there is no test to register. */
const IDENTITY: readonly FixtureName[] = [
  "venueModule",
  "connectorName",
  "domain",
  "credentials",
  "tradingPair",
  "otherTradingPair",
  "exchangeSymbolForTokens",
  "restBasePath",
  "startMs",
  "words",
  "notOffered",
];
const IDENTITY_NAMES: ReadonlySet<string> = new Set(IDENTITY);

/** A test that waits is called after what it waits for: `name: paste fixture (where from)`. */
function nameOf(title: string, status: TestStatus): string {
  return status === "todo" ? title.replace(/: paste .*$/s, "") : title;
}
