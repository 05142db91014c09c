import { describe, expect, it } from "vitest";
import { ConfigError } from "../../src/model/error.ts";
import {
  type PlanOptions,
  planOf,
  playWorld,
  SimulatedWorld,
  shrink,
  World,
  type WorldPlan,
} from "../../src/simulation/index.ts";

/** What a call that cannot be is told, with what would be right. */
async function refusalOf(call: () => unknown): Promise<{ readonly message: string; readonly hint: string }> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { message: error.message, hint: error.hint ?? "" };
  }
  throw new Error("nothing was refused");
}

const LATENCY = { minMs: 1, maxMs: 2 };

describe("a simulated world", () => {
  function machines(): SimulatedWorld {
    const world = new SimulatedWorld({ seed: 1 });
    for (const host of ["bot", "venue"]) world.runtime(host);
    return world;
  }

  it.each<readonly [string, (world: SimulatedWorld) => unknown]>([
    ["a partition", ({ network }) => network.partition("bott")],
    ["a reset", ({ network }) => network.resetConnections("bott")],
    ["the latency from it", ({ network }) => network.setLatency("bott", "venue", LATENCY)],
    ["the latency to it", ({ network }) => network.setLatency("venue", "bott", LATENCY)],
    ["an end of a latency", ({ network }) => network.setLatency("*", "bott", undefined)],
    ["a kill", (world) => world.kill("bott")],
    ["a pause", (world) => world.pause("bott")],
    ["a disk", (world) => world.disk("bott")],
    ["a clock", (world) => world.setClockSkew("bott", 1)],
  ])("refuses %s of a host that there is not, and says which is meant", async (_, harm) => {
    const world = machines();
    const trace = world.trace();
    const { message, hint } = await refusalOf(() => harm(world));
    expect(message).toBe('no host named "bott" in this world');
    expect(hint).toBe('did you mean "bot"?');
    expect(world.trace(), "nothing happened").toBe(trace);
  });

  it("names the hosts that there are where none is near", async () => {
    const { hint } = await refusalOf(() => machines().network.partition("elsewhere"));
    expect(hint).toBe("there are bot, venue; runtime(name) makes one");
  });

  it.each<readonly [string, string, (world: SimulatedWorld) => unknown]>([
    ["a kind of pause", '"process" or "machine"', (world) => world.pause("bot", "foo" as "machine")],
    ["a kind of pause for a time", '"process" or "machine"', (world) => world.pauseFor("bot", 1, "foo" as "machine")],
    ["a pause of less than nothing", "from 0 up", (world) => world.pauseFor("bot", -1)],
    ["a negative number of writes before a kill", "whole number", (world) => world.killAfterWrites("bot", -1)],
    ["a part of a write", "whole number", (world) => world.killAfterWrites("bot", 0.5)],
    ["a negative number of writes to a disk", "whole number", (world) => world.disk("bot").failAfter(-1)],
    ["a negative number of writes to journals", "whole number", (world) => world.journals.failAfter(Number.NaN)],
    ["a skew that is no number", "finite", (world) => world.setClockSkew("bot", Number.NaN)],
    ["a first skew that is no number", "finite", (world) => world.runtime("new", { clockSkewMs: Number.NaN })],
    ["a step that is no number", "finite", (world) => world.stepClock("bot", Number.NaN)],
    ["a drift without end", "finite", (world) => world.setClockDrift("bot", Number.POSITIVE_INFINITY)],
    [
      "a latency from more to less",
      "{ minMs: 5,",
      ({ network }) => network.setLatency("*", "*", { minMs: 2, maxMs: 1 }),
    ],
    [
      "a latency into the past",
      "{ minMs: 5,",
      ({ network }) => {
        network.latency = { minMs: -1, maxMs: 1 };
      },
    ],
    ["an advance to no time", "from 0 up", (world) => world.advance(Number.NaN)],
    ["an advance into the past", "from 0 up", (world) => world.advance(-1)],
    ["an advance without end", "from 0 up", (world) => world.advance(Number.POSITIVE_INFINITY)],
    ["a limit that is no time", "from 0 up", (world) => world.run(Promise.resolve(), { limitMs: Number.NaN })],
    ["a start that is no time", "finite", () => new SimulatedWorld({ seed: 1, startMs: Number.NaN })],
  ])("refuses %s", async (_, right, call) => {
    const world = machines();
    const trace = world.trace();
    expect((await refusalOf(() => call(world))).hint).toContain(right);
    expect(world.trace(), "nothing happened").toBe(trace);
    expect(world.elapsedMs()).toBe(0);
  });

  it("refuses an option that there is not", async () => {
    // @ts-expect-error A program without types may misspell it.
    const { hint } = await refusalOf(() => new SimulatedWorld({ seed: 1, startMS: 5 }));
    expect(hint).toBe('did you mean "startMs"?');
  });

  it("lets a limit have no end, and takes back a kill that waits for a write", async () => {
    const world = machines();
    expect(await world.run(Promise.resolve(3), { limitMs: Number.POSITIVE_INFINITY })).toBe(3);
    world.killAfterWrites("bot", Number.POSITIVE_INFINITY);
    await world.advance(0);
    expect(world.isAlive("bot")).toBe(true);
  });
});

describe("a world with a box", () => {
  const open = () => World.open({ connector: "bybit_perpetual", seed: 1, venue: { emptyBooks: true } });

  it("lets the network be harmed before its bot is there", async () => {
    await using world = await open();
    const { network } = world.machines;
    network.setLatency("bot", "venue", LATENCY);
    network.partition("bot");
    network.heal();
    expect((await refusalOf(() => network.partition("bit"))).hint).toBe('did you mean "bot"?');
  });

  it("refuses options that there are not, as connect does", async () => {
    // @ts-expect-error A program without types may misspell it.
    const misspelt = () => World.open({ connector: "bybit_perpetual", seed: 1, startMS: 5 });
    expect(await refusalOf(misspelt)).toEqual({
      message: 'there is no option "startMS"',
      hint: 'did you mean "startMs"?',
    });
    // @ts-expect-error A program without types may leave them out.
    expect((await refusalOf(() => World.open())).message).toBe("World.open() needs options");
    // @ts-expect-error The name of a method of every object is no connector.
    expect((await refusalOf(() => World.open({ connector: "toString", seed: 1 }))).hint).toContain("bybit_perpetual");
    await using world = await open();
    // @ts-expect-error A history that nobody writes down is none.
    expect((await refusalOf(() => world.record({}))).message).toBe("record() needs write");
  });

  it("lists the markets where one is asked for that there is not", async () => {
    await using world = await open();
    const { venue } = world;
    const calls = [
      () => venue.delist("BTC-USDT"),
      () => venue.halt("BTC-USDT"),
      () => venue.resume("BTC-USDT"),
      () => venue.changeTick("BTC-USDT", 5n),
      () => venue.setPrice("BTC-USDT", 5n),
    ];
    for (const call of calls) {
      const { message, hint } = await refusalOf(call);
      expect(message).toBe('the exchange in the box has no market "BTC-USDT"');
      expect(hint).toMatch(/^there are BTC-USD, /);
    }
  });

  it("says what a price and a tick are", async () => {
    const { venue } = await open();
    // @ts-expect-error A program without types may give a number.
    expect((await refusalOf(() => venue.setPrice("BTC-USD", 20_000))).hint).toContain("parseAmount");
    expect((await refusalOf(() => venue.changeTick("BTC-USD", 0n))).message).toBe("a tick is 0");
  });

  it("is told in the fields of the program which fault is meant", async () => {
    const { venue } = await open();
    const set = (config: object) => refusalOf(() => venue.faults.set(config));
    expect((await set({ dropFrames: 1 })).hint).toBe('did you mean "dropFrame"?');
    expect((await set({ clockSkew: 1 })).hint).toBe('did you mean "clockSkewMs"?');
    expect((await set({ latencyMs: 5 })).hint).toBe("write latencyMs: [5, 50]");
    const { hint } = await set({ nonsense: 1 });
    const named = hint.replace("known are ", "").split(", ");
    expect(named).toContain("restartEveryMs");
    expect(named).not.toContain("latency");
  });
});

describe("a plan", () => {
  const OPTIONS: PlanOptions = { connector: "ftx_perpetual", seed: 1, minutes: 0.1 };

  it.each([
    ["less than no time", { minutes: -1 }, "a number above 0"],
    ["no time", { minutes: 0 }, "a number above 0"],
    ["minutes that are no number", { minutes: Number.NaN }, "a number above 0"],
    ["a connector that the box does not speak to", { connector: "kraken_perpetual" }, "ftx_perpetual, bybit_perpetual"],
    ["no seed", { seed: undefined }, "seed: 7"],
    ["a profile that there is not", { profile: "hard" }, '"calm" or "rough" or "hell"'],
    ["a misspelt option", { minute: 1 }, 'did you mean "minutes"?'],
  ])("is not made of %s", async (_, wrong, right) => {
    expect((await refusalOf(() => planOf({ ...OPTIONS, ...wrong } as PlanOptions))).hint).toContain(right);
  });

  it.each([
    ["less than no time", { tradingMs: -60_000 }, "tradingMs is -60000"],
    ["no seed", { seed: undefined }, "the seed of a simulated world is undefined"],
    ["three processes", { processes: 3 }, "processes is 3"],
    ["no acts", { acts: undefined }, "acts is no list"],
    ["an actor that there is not", { acts: [{ actor: "king", act: "take" }] }, 'there is no actor "king"'],
    ["an act that there is not", { acts: [{ actor: "crowd", act: "dance" }] }, 'there is no act of the crowd "dance"'],
  ])("is not played with %s", async (_, wrong, message) => {
    const plan = { ...planOf(OPTIONS), ...wrong } as WorldPlan;
    expect((await refusalOf(() => playWorld(plan))).message).toBe(message);
  });

  it("is judged by those alone who can", async () => {
    const plan = planOf(OPTIONS);
    const right = '"both" or "judge" or "checker"';
    // @ts-expect-error A program without types may ask for another one.
    expect((await refusalOf(() => playWorld(plan, { by: "me" }))).hint).toBe(`it is ${right}`);
    // @ts-expect-error A program without types may misspell it.
    expect((await refusalOf(() => playWorld(plan, { onLines: () => {} }))).hint).toBe('did you mean "onLine"?');
    // @ts-expect-error A program without types may misspell it.
    expect((await refusalOf(() => shrink(plan, { most: 5 }))).message).toBe('there is no option "most"');
    expect((await refusalOf(() => shrink(plan, { mostPlayed: -1 }))).hint).toContain("from 1 up");
  });
});

it("gives a strategy's own history to who reads it, from its head to the venue's record", async () => {
  const kinds: string[] = [];
  await using world = await World.open({ connector: "bybit_perpetual", seed: 7 });
  const recorder = world.record({ write: ({ kind }) => kinds.push(kind) });
  const venue = await world.connect();
  recorder.look();
  await world.run(venue.refresh());
  recorder.agree("at the end");
  expect(kinds[0]).toBe("history");
  expect(kinds).toContain("state");
  expect(kinds.at(-1)).toBe("truth");
});
