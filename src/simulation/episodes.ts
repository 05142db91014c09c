import type { FaultConfig } from "../paper/index.ts";
import type { HttpFault, SimulatedHttpRequest } from "../runtime/simulated.ts";
import type { SimulatedLatency } from "../runtime/simulated-network.ts";
import type { SeededRandom } from "../runtime/simulated-random.ts";
import type { Crowd } from "./actors/crowd.ts";
import type { BotProcess } from "./bot-process.ts";
import type { BoxConnector } from "./box-protocols.ts";
import type { World } from "./world.ts";

/** Parts of a world that an episode can reach. */
export interface Stage {
  readonly world: World;
  readonly bots: readonly BotProcess[];
  readonly crowd: Crowd;
  readonly random: SeededRandom;
  readonly forMs: number;
  /** Latency of the network while nothing slows it. */
  readonly usualLatency: SimulatedLatency;
}

/**
 * Episode under way. `end` is called when it is over, and `goOn` when another of its kind, which may have undone it, is
 * over before it.
 */
export interface Running {
  /** Faults of the venue, merged with those of the other episodes that are on. */
  readonly faults?: FaultConfig | undefined;
  readonly onHttpRequest?: ((request: SimulatedHttpRequest) => HttpFault | undefined) | undefined;
  readonly onConnect?: (() => "refuse" | "hang" | undefined) | undefined;
  end?(): void;
  goOn?(): void;
}

export interface EpisodeSpec {
  /** Frequency of the episode in relation to the others. */
  readonly weight: number;
  /** Connectors whose protocol has such a thing; all by default. */
  readonly connectors?: readonly BoxConnector[];
  /** Nobody can end it before its time. */
  readonly endsByItself?: boolean;
  begin(stage: Stage): Running | undefined;
}

const MARKETS = ["BTC-USD", "ETH-USD"] as const;
const FIRST_TICKS = { "BTC-USD": 100_000_000n, "ETH-USD": 10_000_000n } as const;
/** Ticks that a market changes to, in tenths of its first one. */
const TICKS = [2n, 5n, 10n, 20n, 50n] as const;

const between = (random: SeededRandom, least: number, most: number): number => least + random.float() * (most - least);

const botOf = ({ bots, random }: Stage): BotProcess => {
  const bot = bots[random.integer(bots.length)] ?? bots[0];
  if (bot === undefined) throw new Error("a world has at least one bot");
  return bot;
};

const drawMarket = (random: SeededRandom): (typeof MARKETS)[number] =>
  MARKETS[random.integer(MARKETS.length)] ?? MARKETS[0];

/** A fault of the box with a probability between two. */
const boxFault =
  (name: keyof FaultConfig, least: number, most: number) =>
  ({ random }: Stage): Running => ({ faults: { [name]: between(random, least, most) } });

/** A fault that begins as it goes on. */
function begun(running: Running & { goOn(): void }): Running {
  running.goOn();
  return running;
}

type RequestFaultKind = "refuse" | "dropRequest" | "dropResponse" | "unresolved" | "staleKeepAlive" | "resetInBody";

/** A fault on a part of the requests of the bots. */
const requestFault =
  (kind: RequestFaultKind, least: number, most: number) =>
  ({ random }: Stage): Running => {
    const share = between(random, least, most);
    return { onHttpRequest: () => (random.float() < share ? { kind } : undefined) };
  };

/** The venue trades for the account by itself: about half of what is held. */
const forced =
  (type: "liquidate" | "deleverage") =>
  ({ world: { venue }, random }: Stage): undefined => {
    const { engine, accountId } = venue;
    for (const market of MARKETS) {
      for (const { side, size } of engine.positions(accountId, market)) {
        if (size === 0n || random.integer(2) === 0) continue;
        venue.execute({ type, accountId, market, positionSide: side });
      }
    }
  };

/** Everything that goes wrong in a world, each kind on its own. */
export const EPISODES = {
  lostFrames: { weight: 6, begin: boxFault("dropFrame", 0.02, 0.4) },
  repeatedFrames: { weight: 4, begin: boxFault("repeatFrame", 0.1, 0.8) },
  brokenBooks: { weight: 4, begin: boxFault("breakSequence", 0.05, 0.5) },
  deadChannels: { weight: 3, begin: boxFault("deadChannel", 0.005, 0.05) },
  lostAnswers: { weight: 8, begin: boxFault("resetAfterAccept", 0.1, 0.9) },
  serverErrors: { weight: 6, begin: boxFault("error5xx", 0.1, 0.9) },
  tooManyRequests: { weight: 4, begin: boxFault("error429", 0.1, 0.7) },
  brokenSockets: { weight: 4, begin: boxFault("disconnect", 0.2, 1) },
  listenKeyExpires: {
    weight: 3,
    connectors: ["binance_perpetual"],
    begin: boxFault("expireListenKey", 0.5, 1),
  },
  refusedAmends: {
    weight: 5,
    connectors: ["ftx_perpetual", "bybit_perpetual", "okx_perpetual"],
    begin: boxFault("refuseAmend", 0.2, 1),
  },
  sequenceGaps: { weight: 4, begin: boxFault("sequenceGap", 0.05, 0.5) },
  wrongChecksums: { weight: 2, connectors: ["ftx_perpetual"], begin: boxFault("wrongChecksum", 0.05, 0.5) },
  reorderedFrames: { weight: 3, begin: boxFault("reorderFrame", 0.05, 0.5) },
  delayedFrames: { weight: 3, begin: boxFault("delayFrame", 0.02, 0.3) },
  staleSnapshots: { weight: 3, begin: boxFault("staleSnapshot", 0.3, 1) },
  shallowSnapshots: { weight: 2, begin: boxFault("shallowSnapshot", 0.3, 1) },
  failedSnapshots: { weight: 3, begin: boxFault("errorSnapshot", 0.3, 1) },
  unreadableRows: { weight: 4, begin: boxFault("unreadableRow", 0.02, 0.3) },
  latePrivateFrames: { weight: 5, begin: boxFault("latePrivate", 0.1, 0.8) },
  lateFills: { weight: 5, begin: boxFault("lateFill", 0.2, 1) },
  repeatedFills: { weight: 4, begin: boxFault("repeatFill", 0.3, 1) },
  requestsCutOff: { weight: 4, begin: boxFault("resetBeforeAccept", 0.1, 0.8) },
  lostEffects: { weight: 6, begin: boxFault("resetAfterEffect", 0.1, 0.9) },
  lateAnswers: { weight: 6, begin: boxFault("delayAnswer", 0.1, 0.8) },
  swappedAnswers: { weight: 5, begin: boxFault("swapAnswers", 0.2, 1) },
  expiredLogins: { weight: 3, begin: boxFault("expireLogin", 0.2, 1) },
  refusedLogins: { weight: 2, begin: boxFault("refuseLogin", 0.3, 1) },
  refusedSubscriptions: { weight: 3, begin: boxFault("refuseSubscription", 0.2, 1) },
  bans: { weight: 1, connectors: ["binance_perpetual"], begin: boxFault("error418", 0.02, 0.2) },
  limitsWithoutTime: {
    weight: 2,
    begin: ({ random }: Stage): Running => ({ faults: { error429: between(random, 0.1, 0.6), retryAfter: "never" } }),
  },
  maintenance: {
    weight: 2,
    begin: ({ forMs }: Stage): Running => ({
      faults: { maintenance: { everyMs: forMs + 1, forMs: Math.max(1, forMs) } },
    }),
  },
  slowVenue: {
    weight: 5,
    begin: ({ random }: Stage): Running => {
      const least = between(random, 0, 60);
      return { faults: { latencyMs: [least, least + between(random, 20, 1_500)] } };
    },
  },
  venueClock: {
    weight: 1,
    begin: ({ random }: Stage): Running => ({ faults: { clockSkewMs: Math.round(between(random, -1_500, 1_500)) } }),
  },
  venueRestart: {
    weight: 2,
    endsByItself: true,
    begin: ({ world, forMs }: Stage): undefined => {
      void world.venue.restart(forMs);
    },
  },
  refusedRequests: { weight: 4, begin: requestFault("refuse", 0.2, 1) },
  lostRequests: { weight: 5, begin: requestFault("dropRequest", 0.1, 0.8) },
  lostResponses: { weight: 6, begin: requestFault("dropResponse", 0.1, 0.8) },
  unresolvedNames: { weight: 3, begin: requestFault("unresolved", 0.3, 1) },
  staleConnections: { weight: 3, begin: requestFault("staleKeepAlive", 0.1, 0.6) },
  answersCutShort: { weight: 4, begin: requestFault("resetInBody", 0.1, 0.7) },
  slowAnswers: {
    weight: 4,
    begin: ({ random }: Stage): Running => {
      const mostMs = between(random, 50, 6_000);
      return { onHttpRequest: () => ({ kind: "delayResponse", ms: random.float() * mostMs }) };
    },
  },
  lateRequests: {
    weight: 4,
    begin: ({ random }: Stage): Running => {
      const mostMs = between(random, 50, 4_000);
      return { onHttpRequest: () => ({ kind: "delay", ms: random.float() * mostMs }) };
    },
  },
  refusedConnections: { weight: 2, begin: (): Running => ({ onConnect: () => "refuse" }) },
  hangingConnections: { weight: 1, begin: (): Running => ({ onConnect: () => "hang" }) },
  slowNetwork: {
    weight: 4,
    begin: ({ world, random, usualLatency }: Stage): Running => {
      const minMs = between(random, 1, 100);
      const slow = { minMs, maxMs: minMs + between(random, 10, 800) };
      const become = (latency: SimulatedLatency) => () => {
        world.machines.network.latency = latency;
      };
      return begun({ goOn: become(slow), end: become(usualLatency) });
    },
  },
  /** The line of a house: connections break and none is made, and answers to what still gets through are lost. */
  outage: {
    weight: 5,
    begin: (stage: Stage): Running => {
      const { world, random } = stage;
      const { host } = botOf(stage);
      world.machines.network.resetConnections(host);
      const share = between(random, 0.3, 1);
      return {
        onConnect: () => "refuse",
        onHttpRequest: () => ({ kind: random.float() < share ? "dropResponse" : "unresolved" }),
      };
    },
  },
  partition: {
    weight: 4,
    begin: (stage: Stage): Running => {
      const { network } = stage.world.machines;
      const { host } = botOf(stage);
      return begun({ goOn: () => network.partition(host), end: () => network.heal() });
    },
  },
  resetConnections: {
    weight: 5,
    begin: (stage: Stage): undefined => {
      stage.world.machines.network.resetConnections(botOf(stage).host);
    },
  },
  botClock: {
    weight: 2,
    begin: (stage: Stage): Running => {
      const { host } = botOf(stage);
      const { machines } = stage.world;
      const ms = Math.round(between(stage.random, -3_000, 3_000));
      machines.stepClock(host, ms);
      return { end: () => machines.stepClock(host, -ms) };
    },
  },
  clockStep: {
    weight: 2,
    begin: (stage: Stage): undefined => {
      stage.world.machines.stepClock(botOf(stage).host, Math.round(between(stage.random, -2_000, 2_000)));
    },
  },
  clockDrift: {
    weight: 1,
    begin: (stage: Stage): Running => {
      const { host } = botOf(stage);
      const { machines } = stage.world;
      const partsPerMillion = Math.round(between(stage.random, -200, 200));
      const drift = (rate: number) => () => machines.setClockDrift(host, rate);
      return begun({ goOn: drift(partsPerMillion), end: drift(0) });
    },
  },
  pausedProcess: {
    weight: 3,
    begin: (stage: Stage): undefined => {
      stage.world.machines.pauseFor(botOf(stage).host, stage.forMs);
    },
  },
  closedLid: {
    weight: 1,
    begin: (stage: Stage): undefined => {
      stage.world.machines.pauseFor(botOf(stage).host, stage.forMs * 4, "machine");
    },
  },
  fullDisk: {
    weight: 1,
    begin: ({ world, random }: Stage): Running => {
      const { journals } = world.machines;
      journals.failAfter(random.integer(10));
      return { goOn: () => journals.failWrites(), end: () => journals.repair() };
    },
  },
  kill: {
    weight: 3,
    begin: (stage: Stage): Running => {
      const bot = botOf(stage);
      bot.kill();
      return { end: () => bot.comeBack() };
    },
  },
  killInWrite: {
    weight: 3,
    begin: (stage: Stage): Running => {
      const bot = botOf(stage);
      const writes = stage.random.integer(12);
      const goOn = () => stage.world.machines.killAfterWrites(bot.host, writes);
      return begun({ goOn, end: () => bot.restartIfDead() });
    },
  },
  /**
   * Power cut of the whole machine: data that was not synced to its disk is gone, and its peers are not told that it
   * went.
   */
  powerCut: {
    weight: 1,
    begin: (stage: Stage): Running => {
      const bot = botOf(stage);
      bot.cutPower();
      return { end: () => bot.comeBack() };
    },
  },
  missingRows: { weight: 3, begin: boxFault("missingRows", 0.1, 0.8) },
  tickChange: {
    weight: 2,
    // Hyperliquid's ticks follow from the decimals of sizes, and never change.
    connectors: ["ftx_perpetual", "bybit_perpetual", "binance_perpetual", "okx_perpetual", "gate_io_perpetual"],
    begin: ({ world: { venue }, random }: Stage): undefined => {
      const market = drawMarket(random);
      const tenths = TICKS[random.integer(TICKS.length)] ?? 10n;
      venue.execute({ type: "setTick", market, tick: (FIRST_TICKS[market] * tenths) / 10n });
    },
  },
  haltedMarket: {
    weight: 2,
    begin: ({ world: { venue }, random }: Stage): Running | undefined => {
      const market = drawMarket(random);
      if (venue.engine.market(market)?.status !== "trading") return undefined;
      venue.halt(market);
      return {
        end: () => {
          if (venue.engine.market(market)?.status === "halted") venue.resume(market);
        },
      };
    },
  },
  /** Delisting of at most one of the two markets; the other goes on. */
  delistedMarket: {
    weight: 1,
    begin: ({ world: { venue } }: Stage): undefined => {
      if (venue.engine.market("ETH-USD")?.status !== "delisted") venue.delist("ETH-USD");
    },
  },
  priceJump: {
    weight: 2,
    begin: ({ crowd, random }: Stage): undefined => {
      crowd.jump(random.integer(2), random.integer(121) - 60);
    },
  },
  liquidation: { weight: 1, begin: forced("liquidate") },
  deleverage: { weight: 1, begin: forced("deleverage") },
} as const satisfies Readonly<Record<string, EpisodeSpec>>;

export type EpisodeKind = keyof typeof EPISODES;

const widest = (a: number | undefined, b: number): number => Math.max(a ?? 0, b);

/** The faults of all episodes that are on: of two probabilities the larger, of two delays the longer. */
export function mergedFaults(running: Iterable<Running>): FaultConfig {
  const merged: Record<string, unknown> = {};
  for (const { faults = {} } of running) {
    for (const [name, value] of Object.entries(faults)) {
      const other = merged[name];
      if (isSpan(value)) merged[name] = isSpan(other) ? value.map((ms, at) => widest(other[at], ms)) : value;
      else if (typeof value !== "number" || name === "clockSkewMs") merged[name] = value;
      else merged[name] = widest(other as number | undefined, value);
    }
  }
  return merged as FaultConfig;
}

function isSpan(value: unknown): value is readonly number[] {
  return Array.isArray(value);
}
