import { ConfigError } from "../model/error.ts";
import { checkOptionNames } from "../model/names.ts";
import type { Finding } from "./findings.ts";
import type { WorldPlan } from "./plan.ts";
import { type FoundBy, playWorld } from "./play.ts";

export interface Shrunk {
  readonly plan: WorldPlan;
  readonly finding: Finding;
  /** Judge of the finding. */
  readonly by?: FoundBy | undefined;
  /** Worlds that were played to find it. */
  readonly played: number;
}

export interface ShrinkOptions {
  readonly by?: FoundBy | undefined;
  /** Worlds that are played at most; 400 by default. */
  readonly mostPlayed?: number | undefined;
}

const SHRINK_OPTIONS: Readonly<Record<keyof ShrinkOptions, true>> = { by: true, mostPlayed: true };

/**
 * The smallest part of a plan that still breaks the same rule: episodes and acts are left out one after the other, in
 * large pieces first. Undefined when the plan breaks no rule.
 */
export async function shrink(plan: WorldPlan, options: ShrinkOptions = {}): Promise<Shrunk | undefined> {
  checkOptionNames(options, SHRINK_OPTIONS);
  const { by, mostPlayed = 400 } = options;
  if (!(typeof mostPlayed === "number" && mostPlayed >= 1)) {
    throw new ConfigError(`mostPlayed is ${String(mostPlayed)}`, { hint: "it is a number of worlds, from 1 up" });
  }
  let played = 1;
  const [first] = (await playWorld(plan, { by })).findings;
  if (first === undefined) return undefined;
  let finding = first;
  const fails = async (candidate: WorldPlan): Promise<boolean> => {
    if (played >= mostPlayed) return false;
    played += 1;
    const found = (await playWorld(candidate, { by })).findings.find(({ rule }) => rule === first.rule);
    if (found !== undefined) finding = found;
    return found !== undefined;
  };
  let smallest = plan;
  for (const part of ["episodes", "acts"] as const) {
    for (let size = Math.ceil(smallest[part].length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let at = 0; at < smallest[part].length; ) {
        const list: readonly unknown[] = smallest[part];
        const rest = [...list.slice(0, at), ...list.slice(at + size)];
        const candidate = { ...smallest, [part]: rest } as WorldPlan;
        if (await fails(candidate)) smallest = candidate;
        else at += size;
      }
    }
  }
  return { plan: smallest, finding, by, played };
}

/** The plan as a test, to be put among the project's own. */
export function testOf({ plan, finding, by = "judge" }: Shrunk): string {
  const judged = by === "judge" ? "PLAN" : `PLAN, { by: "${by}" }`;
  return `// A file of a test folder, for vitest: in a project that has perpwire, or below test/ in perpwire's own clone.
import { expect, it } from "vitest";
import { playWorld, type WorldPlan } from "perpwire/simulation";

// ${finding.rule}: ${finding.text.replaceAll("\n", " ").slice(0, 300)}
const PLAN: WorldPlan = ${JSON.stringify(plan, undefined, 2)};

it("holds every rule in a world that broke one", async () => {
  expect((await playWorld(${judged})).findings).toEqual([]);
}, 60_000);
`;
}
