import type { OrderEntryWay } from "../connector/connector-options.ts";
import { ConfigError } from "../model/error.ts";
import { assertKnownName, checkOptionNames } from "../model/names.ts";
import { assertOneOf, assertSeed } from "../runtime/simulated-checks.ts";
import { SeededRandom } from "../runtime/simulated-random.ts";
import { ACTS, type Actor } from "./acts.ts";
import { assertBoxConnector, BOX_PROTOCOLS, type BoxConnector } from "./box-protocols.ts";
import { EPISODES, type EpisodeKind, type EpisodeSpec } from "./episodes.ts";

export type ProfileName = "calm" | "rough" | "hell";

/** Something that goes wrong from a moment on, and for how long. */
export interface Episode {
  readonly kind: EpisodeKind;
  /** Milliseconds after trading began. */
  readonly atMs: number;
  readonly forMs: number;
  /** Decides everything else about it. */
  readonly draw: number;
}

/** Something that somebody does. Which order, price or size it is about is decided when it is done, by `draw`. */
export interface Act {
  readonly actor: Actor;
  readonly act: string;
  /** Milliseconds after trading began. */
  readonly atMs: number;
  readonly draw: number;
}

/** A world before it is played: all that happens from outside, as data that can be cut down. */
export interface WorldPlan {
  readonly connector: BoxConnector;
  readonly seed: number;
  readonly profile: ProfileName;
  /** Trading time before the quiet at the end. */
  readonly tradingMs: number;
  /** Processes of bots on the one account, each with a connector and a journal of its own. */
  readonly processes: 1 | 2;
  readonly isHedged: boolean;
  /** True where somebody trades on the website of the account. */
  readonly hasHand: boolean;
  readonly hasRiskLimits: boolean;
  /** Way of the bots' orders. */
  readonly orderEntry: OrderEntryWay;
  readonly fundingIntervalMs: number;
  /** The clocks of the bots' machines are ahead of the venue's by this, from the first moment on. */
  readonly clockOffMs: number;
  readonly episodes: readonly Episode[];
  readonly acts: readonly Act[];
}

export interface PlanOptions {
  readonly connector: BoxConnector;
  readonly seed: number;
  readonly profile?: ProfileName | undefined;
  /** Trading time; 5 minutes by default. */
  readonly minutes?: number | undefined;
}

interface Profile {
  /** Mean time between two episodes; none where absent. */
  readonly meanGapMs: number | undefined;
  readonly episodeMs: readonly [least: number, most: number];
}

const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  calm: { meanGapMs: undefined, episodeMs: [0, 0] },
  rough: { meanGapMs: 7_000, episodeMs: [300, 5_000] },
  hell: { meanGapMs: 2_500, episodeMs: [500, 12_000] },
};

const DRAWS = 2 ** 31;
const FIRST_MS = 1_000;
/** Largest error of a machine's clock without NTP. */
const MAX_CLOCK_OFF_MS = 120_000;

const PLAN_OPTIONS: Readonly<Record<keyof PlanOptions, true>> = {
  connector: true,
  seed: true,
  profile: true,
  minutes: true,
};
const EXAMPLE = 'planOf({ connector: "bybit_perpetual", seed: 7 })';

/** The plan of a seed: equal for equal options. Throws `ConfigError` for options that cannot be. */
export function planOf(options: PlanOptions): WorldPlan {
  if (typeof options !== "object" || options === null) {
    throw new ConfigError("planOf() needs options", { hint: `for example ${EXAMPLE}` });
  }
  checkOptionNames(options, PLAN_OPTIONS);
  const { connector, seed, profile = "rough", minutes = 5 } = options;
  assertBoxConnector(connector);
  assertSeed(seed, EXAMPLE);
  assertOneOf("the profile", profile, Object.keys(PROFILES));
  if (!(typeof minutes === "number" && minutes > 0 && Number.isFinite(minutes))) {
    throw new ConfigError(`minutes is ${String(minutes)}`, { hint: "it is how long is traded, a number above 0" });
  }
  const random = new SeededRandom(`${seed} ${connector} ${profile}`, "plan");
  const chance = (probability: number) => random.float() < probability;
  const tradingMs = Math.round(minutes * 60_000);
  const isHedged = BOX_PROTOCOLS[connector].hasHedgeMode && chance(0.3);
  const hasHand = chance(0.6);
  // FTX has no time to ask for: a clock that is far off has to be set right there.
  const isClockOff = connector !== "ftx_perpetual" && chance(0.2);
  const times = (meanMs: number): number[] => {
    const list: number[] = [];
    for (let atMs = FIRST_MS; ; ) {
      atMs += meanMs * (0.3 + 1.4 * random.float());
      if (atMs >= tradingMs) return list;
      list.push(Math.round(atMs));
    }
  };
  const actors = (Object.keys(ACTS) as Actor[]).filter((actor) => actor !== "hand" || hasHand);
  const acts = actors.flatMap((actor) => {
    const { meanMs, kinds } = ACTS[actor];
    return times(meanMs).map((atMs): Act => {
      return { actor, act: pick(random, kinds), atMs, draw: random.integer(DRAWS) };
    });
  });
  const { meanGapMs, episodeMs } = PROFILES[profile];
  const weights = Object.fromEntries(
    Object.entries<EpisodeSpec>(EPISODES)
      .filter(([, { connectors }]) => connectors === undefined || connectors.includes(connector))
      .map(([kind, { weight }]) => [kind, weight]),
  );
  const [least, most] = episodeMs;
  const episodes = times(meanGapMs ?? Number.POSITIVE_INFINITY).map((atMs): Episode => {
    const forMs = Math.round(least + random.float() ** 2 * (most - least));
    return { kind: pick(random, weights) as EpisodeKind, atMs, forMs, draw: random.integer(DRAWS) };
  });
  const processes = chance(0.25) ? 2 : 1;
  const minFundingMs = processes === 2 ? (BOX_PROTOCOLS[connector].minSharedFundingMs ?? 0) : 0;
  return {
    connector,
    seed,
    profile,
    tradingMs,
    processes,
    isHedged,
    hasHand,
    hasRiskLimits: chance(0.3),
    orderEntry: seed % 2 === 1 && BOX_PROTOCOLS[connector].takesOrdersOverSocket ? "socket" : "rest",
    fundingIntervalMs: Math.max(minFundingMs, 10_000 + random.integer(50_000)),
    clockOffMs: isClockOff ? random.integer(2 * MAX_CLOCK_OFF_MS) - MAX_CLOCK_OFF_MS : 0,
    episodes,
    acts: acts.sort((a, b) => a.atMs - b.atMs),
  };
}

/**
 * Throws `ConfigError` for a plan that cannot be played: one that came as data would otherwise play nothing and seem
 * faultless.
 */
export function assertPlan(plan: WorldPlan): void {
  if (typeof plan !== "object" || plan === null) {
    throw new ConfigError("playWorld() needs a plan", { hint: `for example ${EXAMPLE}` });
  }
  const { connector, seed, profile, tradingMs, processes, acts, episodes } = plan;
  assertBoxConnector(connector);
  assertSeed(seed, EXAMPLE);
  assertOneOf("the profile", profile, Object.keys(PROFILES));
  if (!(typeof tradingMs === "number" && tradingMs > 0 && Number.isFinite(tradingMs))) {
    throw new ConfigError(`tradingMs is ${String(tradingMs)}`, { hint: "it is milliseconds, a number above 0" });
  }
  if (processes !== 1 && processes !== 2) {
    throw new ConfigError(`processes is ${String(processes)}`, { hint: "it is 1 or 2" });
  }
  for (const [name, list] of Object.entries({ acts, episodes })) {
    if (!Array.isArray(list)) throw new ConfigError(`${name} is no list`, { hint: "planOf() makes one" });
  }
  for (const { actor, act } of acts) {
    assertKnownName(actor, Object.keys(ACTS), "actor");
    assertKnownName(act, Object.keys(ACTS[actor].kinds), `act of the ${actor}`);
  }
}

function pick(random: SeededRandom, weights: Readonly<Record<string, number>>): string {
  const names = Object.keys(weights);
  let rest = random.float() * Object.values(weights).reduce((total, weight) => total + weight, 0);
  for (const name of names) {
    rest -= weights[name] ?? 0;
    if (rest < 0) return name;
  }
  return names.at(-1) ?? "";
}
