import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AbortError, ConfigError } from "../../src/model/error.ts";
import { type RateLimit, Throttler } from "../../src/net/throttler.ts";
import type { Lane } from "../../src/net/venue-api.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

const SECOND: RateLimit = { limitId: "second", limit: 2, timeIntervalMs: 1_000 };

function scene(rateLimits: readonly RateLimit[], sharePercentage?: number) {
  const world = new SimulatedWorld({ seed: 1 });
  const { clock, timers } = world.runtime();
  return { world, clock, throttler: new Throttler({ rateLimits, clock, timers, sharePercentage }) };
}

/** Acquires and notes name and time of the grant. */
function recorder(throttler: Throttler, now: () => number) {
  const granted: string[] = [];
  const times = new Map<string, number>();
  const note = (name: string): void => {
    granted.push(name);
    times.set(name, now());
  };
  const ask = (name: string, limitId: string, lane: Lane = "poll", signal?: AbortSignal): Promise<void> => {
    const wait = throttler.acquire(limitId, { lane, signal });
    if (wait !== undefined) return wait.then(() => note(name));
    note(name);
    return Promise.resolve();
  };
  return { granted, times, ask };
}

describe("capacity", () => {
  test("a free limit is taken at once, without a promise", () => {
    const { throttler } = scene([SECOND]);
    expect(throttler.acquire("second")).toBeUndefined();
    expect(throttler.acquire("second", { lane: "cancel" })).toBeUndefined();
    expect(throttler.acquire("second")).toBeInstanceOf(Promise);
  });

  test("the window slides: a place is free when the request that took it is as old as the interval", async () => {
    const { world, clock, throttler } = scene([SECOND]);
    const { times, ask } = recorder(throttler, () => clock.monotonic());
    void ask("first", "second");
    await world.advance(600);
    for (const name of ["second", "third", "fourth"]) void ask(name, "second");
    await world.advance(5_000);
    expect(Object.fromEntries(times)).toEqual({ first: 0, second: 600, third: 1_000, fourth: 1_600 });
  });

  test("a weight replaces the limit's own", async () => {
    const { world, clock, throttler } = scene([{ ...SECOND, limit: 10 }]);
    expect(throttler.acquire("second", { weight: 9 })).toBeUndefined();
    expect(throttler.acquire("second")).toBeUndefined();
    await world.run(throttler.acquire("second") ?? Promise.reject(new Error("there was room")));
    expect(clock.monotonic()).toBe(1_000);
  });

  test("the share percentage leaves the rest to others", () => {
    const { throttler } = scene([{ ...SECOND, limit: 11 }], 50);
    for (let index = 0; index < 5; index += 1) expect(throttler.acquire("second")).toBeUndefined();
    expect(throttler.acquire("second")).toBeInstanceOf(Promise);
  });

  test("nothing is scheduled any more when nobody waits", async () => {
    const { world, throttler } = scene([SECOND]);
    const waits = [1, 2, 3, 4, 5].map(() => throttler.acquire("second"));
    await world.run(Promise.all(waits));
    const never = world.run(new Promise(() => undefined));
    await expect(never).rejects.toThrow("nothing is scheduled");
  });
});

describe("linked pools", () => {
  const LINKED: readonly RateLimit[] = [
    { limitId: "weight", limit: 10, timeIntervalMs: 1_000 },
    { limitId: "depth", limit: 100, timeIntervalMs: 1_000, linkedLimits: [{ limitId: "weight", weight: 6 }] },
    { limitId: "trades", limit: 100, timeIntervalMs: 1_000, linkedLimits: [{ limitId: "weight", weight: 4 }] },
  ];

  test("a request takes its own window and every linked one with its weight", () => {
    const { throttler } = scene(LINKED);
    throttler.acquire("depth");
    expect(throttler.acquire("trades")).toBeUndefined();
    const used = throttler.usage().map(({ limitId, used }) => [limitId, used]);
    expect(Object.fromEntries(used)).toEqual({ weight: 10, depth: 1, trades: 1 });
  });

  test("a request that does not fit one of its pools takes none of them", () => {
    const { throttler } = scene(LINKED);
    throttler.acquire("depth");
    expect(throttler.acquire("depth")).toBeInstanceOf(Promise);
    const depth = throttler.usage().find(({ limitId }) => limitId === "depth");
    expect(depth).toMatchObject({ used: 1, waiting: 1 });
  });

  test("requests that wait for a full pool do not block those of other pools", async () => {
    const { throttler } = scene([...LINKED, SECOND]);
    throttler.acquire("depth");
    void throttler.acquire("depth", { lane: "cancel" });
    expect(throttler.acquire("second", { lane: "poll" })).toBeUndefined();
  });

  test("a heavy request is not starved by light ones of another limit", async () => {
    const { world, clock, throttler } = scene(LINKED);
    const { times, ask } = recorder(throttler, () => clock.monotonic());
    void ask("light at first", "trades");
    await world.advance(500);
    void ask("light later", "trades");
    void ask("heavy", "depth");
    for (let index = 0; index < 9; index += 1) void ask(`light ${index}`, "trades");
    await world.advance(60_000);
    expect(times.get("heavy")).toBe(1_000);
  });

  test("a long closure of one pool lends its waiters' places in the others", async () => {
    const { world, clock, throttler } = scene([
      { limitId: "address", limit: 1, timeIntervalMs: 1_000 },
      { limitId: "orders", limit: 5, timeIntervalMs: 1_000, linkedLimits: [{ limitId: "address", weight: 1 }] },
    ]);
    const { times, ask } = recorder(throttler, () => clock.monotonic());
    throttler.closeUntil("orders", 10_000);
    void ask("cancel", "orders", "cancel");
    void ask("lent", "address");
    await world.advance(9_500);
    void ask("would delay", "address");
    await world.advance(30_000);
    expect(Object.fromEntries(times)).toEqual({ lent: 0, cancel: 10_000, "would delay": 11_000 });
  });
});

describe("lanes", () => {
  test("waiting cancels go before creates before polls, first come first served within a lane", async () => {
    const { world, clock, throttler } = scene([{ ...SECOND, limit: 1 }]);
    const { granted, ask } = recorder(throttler, () => clock.monotonic());
    void ask("now", "second");
    void ask("poll 1", "second", "poll");
    void ask("create 1", "second", "create");
    void ask("cancel 1", "second", "cancel");
    void ask("poll 2", "second", "poll");
    void ask("create 2", "second", "create");
    void ask("cancel 2", "second", "cancel");
    await world.advance(20_000);
    expect(granted).toEqual(["now", "cancel 1", "cancel 2", "create 1", "create 2", "poll 1", "poll 2"]);
  });

  test("lanes hold across limits that share a pool", async () => {
    const link = [{ limitId: "second", weight: 1 }];
    const { world, clock, throttler } = scene([
      { ...SECOND, limit: 1 },
      { limitId: "a", limit: 50, timeIntervalMs: 1_000, linkedLimits: link },
      { limitId: "b", limit: 50, timeIntervalMs: 1_000, linkedLimits: link },
    ]);
    const { granted, ask } = recorder(throttler, () => clock.monotonic());
    void ask("now", "a");
    void ask("poll a", "a", "poll");
    void ask("poll b", "b", "poll");
    void ask("cancel b", "b", "cancel");
    void ask("cancel a", "a", "cancel");
    await world.advance(20_000);
    expect(granted).toEqual(["now", "cancel b", "cancel a", "poll a", "poll b"]);
  });

  test("a newcomer does not overtake those who wait", async () => {
    const { world, clock, throttler } = scene([{ ...SECOND, limit: 10 }]);
    const { granted, ask } = recorder(throttler, () => clock.monotonic());
    throttler.acquire("second", { weight: 5 });
    const heavy = throttler.acquire("second", { weight: 10 })?.then(() => granted.push("heavy"));
    void ask("light", "second");
    await world.run(heavy ?? Promise.reject(new Error("there was room")));
    await world.advance(5_000);
    expect(granted).toEqual(["heavy", "light"]);
  });
});

describe("what the venue says", () => {
  test("usage that the venue counted and we did not is added", async () => {
    const { throttler } = scene([{ ...SECOND, limit: 10 }]);
    throttler.acquire("second");
    throttler.correctUsage("second", 9);
    expect(throttler.acquire("second")).toBeUndefined();
    expect(throttler.acquire("second")).toBeInstanceOf(Promise);
  });

  test("a lower count than ours changes nothing: requests may be on their way", () => {
    const { throttler } = scene([SECOND]);
    throttler.acquire("second");
    throttler.acquire("second");
    throttler.correctUsage("second", 1);
    expect(throttler.acquire("second")).toBeInstanceOf(Promise);
  });

  test("what others use does not count against our share, only against the whole", () => {
    const { throttler } = scene([{ ...SECOND, limit: 10 }], 50);
    throttler.correctUsage("second", 7);
    for (let index = 0; index < 3; index += 1) expect(throttler.acquire("second")).toBeUndefined();
    expect(throttler.acquire("second")).toBeInstanceOf(Promise);
  });

  test("a closed pool lets nothing go before its time, cancels neither", async () => {
    const { world, clock, throttler } = scene([SECOND]);
    const { times, ask } = recorder(throttler, () => clock.monotonic());
    throttler.closeUntil("second", 7_000);
    throttler.closeUntil("second", 3_000);
    void ask("cancel", "second", "cancel");
    expect(throttler.usage()[0]).toMatchObject({ closedUntilMonotonicMs: 7_000, waiting: 1, used: 0 });
    await world.advance(10_000);
    expect(times.get("cancel")).toBe(7_000);
    expect(throttler.usage()[0]).toMatchObject({ closedUntilMonotonicMs: undefined, waiting: 0 });
  });

  test("a pool that closes while requests wait holds them", async () => {
    const { world, clock, throttler } = scene([{ ...SECOND, limit: 1 }]);
    const { times, ask } = recorder(throttler, () => clock.monotonic());
    void ask("first", "second");
    void ask("second", "second");
    throttler.closeUntil("second", 5_000);
    await world.advance(10_000);
    expect(times.get("second")).toBe(5_000);
  });

  test("a refused request closes all of its pools; without a time, for one interval and at most a second", async () => {
    const { throttler } = scene([
      { limitId: "minute", limit: 10, timeIntervalMs: 60_000 },
      { limitId: "fast", limit: 5, timeIntervalMs: 200, linkedLimits: [{ limitId: "minute", weight: 1 }] },
      SECOND,
    ]);
    const closures = () => throttler.usage().map(({ closedUntilMonotonicMs }) => closedUntilMonotonicMs);
    throttler.closeRequest("fast");
    expect(closures()).toEqual([1_000, 200, undefined]);
    throttler.closeRequest("fast", 30_000);
    expect(closures()).toEqual([30_000, 30_000, undefined]);
  });

  test("new limits keep what was used and wake those who now fit", async () => {
    const { world, throttler } = scene([SECOND]);
    throttler.acquire("second");
    throttler.acquire("second");
    const waiting = throttler.acquire("second");
    throttler.setRateLimits([
      { ...SECOND, limit: 3 },
      { limitId: "new", limit: 1, timeIntervalMs: 1 },
    ]);
    await world.run(waiting ?? Promise.reject(new Error("there was room")), { limitMs: 0 });
    expect(throttler.acquire("second")).toBeInstanceOf(Promise);
    expect(throttler.acquire("new")).toBeUndefined();
  });

  test("a waiting request that can never fit its new limit is refused", async () => {
    const { world, throttler } = scene([{ ...SECOND, limit: 10 }]);
    throttler.acquire("second", { weight: 10 });
    const waiting = throttler.acquire("second", { weight: 8 });
    throttler.setRateLimits([{ ...SECOND, limit: 5 }]);
    await expect(world.run(waiting ?? Promise.resolve())).rejects.toThrow(ConfigError);
  });

  test("relinking moves the count of waiting requests to the new pools", () => {
    const { throttler } = scene([SECOND, { limitId: "other", limit: 5, timeIntervalMs: 10 }]);
    const own: RateLimit = { limitId: "own", limit: 1, timeIntervalMs: 1_000 };
    throttler.setRateLimits([{ ...own, linkedLimits: [{ limitId: "second", weight: 1 }] }]);
    throttler.acquire("own");
    void throttler.acquire("own");
    throttler.setRateLimits([{ ...own, linkedLimits: [{ limitId: "other", weight: 1 }] }]);
    const waiting = throttler.usage().map(({ limitId, waiting }) => [limitId, waiting]);
    expect(Object.fromEntries(waiting)).toEqual({ second: 0, other: 1, own: 1 });
  });
});

describe("abort", () => {
  test("an aborted request rejects at once, takes nothing and lets the next one go", async () => {
    const { world, clock, throttler } = scene([{ ...SECOND, limit: 1 }]);
    const { granted, ask } = recorder(throttler, () => clock.monotonic());
    const controller = new AbortController();
    void ask("first", "second");
    const aborted = ask("aborted", "second", "cancel", controller.signal);
    const last = ask("last", "second");
    controller.abort();
    await expect(aborted).rejects.toThrow(AbortError);
    await world.run(last);
    expect(granted).toEqual(["first", "last"]);
    expect(clock.monotonic()).toBe(1_000);
  });

  test("an abort frees the place that was kept for a heavy request", async () => {
    const { world, throttler } = scene([
      { ...SECOND, limit: 10 },
      { limitId: "other", limit: 10, timeIntervalMs: 1_000, linkedLimits: [{ limitId: "second", weight: 1 }] },
    ]);
    const controller = new AbortController();
    throttler.acquire("second", { weight: 5 });
    await world.advance(100);
    const heavy = throttler.acquire("second", { weight: 10, signal: controller.signal });
    heavy?.catch(() => undefined);
    const light = throttler.acquire("other");
    expect(light).toBeInstanceOf(Promise);
    controller.abort();
    await world.run(light ?? Promise.resolve(), { limitMs: 0 });
  });

  test("a signal that has fired already is refused although there is capacity", () => {
    const { throttler } = scene([SECOND]);
    expect(() => throttler.acquire("second", { signal: AbortSignal.abort() })).toThrow(AbortError);
    expect(throttler.usage()[0]?.used).toBe(0);
  });

  test("an abort after the grant has no effect", async () => {
    const { world, throttler } = scene([{ ...SECOND, limit: 1 }]);
    const controller = new AbortController();
    throttler.acquire("second");
    const granted = throttler.acquire("second", { signal: controller.signal });
    await world.run(granted ?? Promise.resolve());
    controller.abort();
    expect(throttler.usage()[0]).toMatchObject({ used: 1, waiting: 0 });
  });
});

describe("configuration", () => {
  test("an unknown limit is named", () => {
    const { throttler } = scene([SECOND]);
    expect(() => throttler.acquire("minute")).toThrow(/unknown rate limit "minute"/);
    expect(() => throttler.acquire("minute")).toThrow(ConfigError);
  });

  test.each<[string, readonly RateLimit[], number | undefined]>([
    ["a weight above the capacity", [{ ...SECOND, weight: 3 }], undefined],
    ["a weight above our share", [{ ...SECOND, weight: 2 }], 50],
    ["a negative weight", [{ ...SECOND, weight: -1 }], undefined],
    ["a linked weight above the capacity", [SECOND, linked("second", 3)], undefined],
    ["an unknown linked limit", [linked("nowhere", 1)], undefined],
    ["a link to itself", [linked("linked", 1)], undefined],
    ["no capacity", [{ ...SECOND, limit: 0 }], undefined],
    ["no interval", [{ ...SECOND, timeIntervalMs: 0 }], undefined],
    ["a share of nothing", [SECOND], 0],
    ["a share of more than everything", [SECOND], 101],
  ])("%s is refused", (_name, rateLimits, share) => {
    expect(() => scene(rateLimits, share)).toThrow(ConfigError);
  });

  test("refused limits change nothing", () => {
    const { throttler } = scene([SECOND]);
    expect(() => throttler.setRateLimits([{ ...SECOND, limit: 9 }, linked("nowhere", 1)])).toThrow(ConfigError);
    expect(throttler.usage()).toHaveLength(1);
    expect(throttler.usage()[0]?.limit).toBe(2);
  });

  test("a request heavier than the capacity is refused instead of waiting for ever", () => {
    const { throttler } = scene([SECOND]);
    expect(() => throttler.acquire("second", { weight: 3 })).toThrow(ConfigError);
  });
});

function linked(limitId: string, weight: number): RateLimit {
  return { limitId: "linked", limit: 5, timeIntervalMs: 1_000, linkedLimits: [{ limitId, weight }] };
}

interface Arrival {
  readonly gapMs: number;
  readonly limitId: "a" | "b" | "c";
  readonly lane: Lane;
  readonly abortAfterMs: number | undefined;
}

const arrival: fc.Arbitrary<Arrival> = fc.record({
  gapMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 300, noNaN: true })),
  limitId: fc.constantFrom("a", "b", "c"),
  lane: fc.constantFrom("cancel", "create", "poll"),
  abortAfterMs: fc.option(fc.double({ min: 0, max: 500, noNaN: true }), { nil: undefined, freq: 5 }),
});

const LIMITS: readonly RateLimit[] = [
  { limitId: "all", limit: 7, timeIntervalMs: 733.3 },
  { limitId: "a", limit: 4, timeIntervalMs: 400, linkedLimits: [{ limitId: "all", weight: 1 }] },
  { limitId: "b", limit: 5, timeIntervalMs: 1_000, weight: 2, linkedLimits: [{ limitId: "all", weight: 3 }] },
  { limitId: "c", limit: 3, timeIntervalMs: 100 },
];

/** What a grant takes of each pool, told independently of the throttler. */
const TAKES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  a: { a: 1, all: 1 },
  b: { b: 2, all: 3 },
  c: { c: 1 },
};

describe("any arrivals", () => {
  test("no limit is ever exceeded in any window, and everybody gets through", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { minLength: 1, maxLength: 60 }), async (arrivals) => {
        const { world, clock, throttler } = scene(LIMITS);
        const grants: { limitId: string; atMs: number }[] = [];
        const endings: Promise<unknown>[] = [];
        for (const { gapMs, limitId, lane, abortAfterMs } of arrivals) {
          await world.advance(gapMs);
          const controller = new AbortController();
          if (abortAfterMs !== undefined) world.runtime().timers.after(abortAfterMs, () => controller.abort());
          const wait = throttler.acquire(limitId, { lane, signal: controller.signal });
          const grant = (): unknown => grants.push({ limitId, atMs: clock.monotonic() });
          endings.push(wait === undefined ? Promise.resolve(grant()) : wait.then(grant, () => undefined));
        }
        await world.run(Promise.all(endings));
        expect(throttler.usage().every(({ waiting }) => waiting === 0)).toBe(true);
        for (const { limitId, limit, timeIntervalMs } of LIMITS) {
          for (const start of grants) {
            const inWindow = grants.filter(({ atMs }) => atMs >= start.atMs && atMs - start.atMs < timeIntervalMs);
            const used = inWindow.reduce((sum, grant) => sum + (TAKES[grant.limitId]?.[limitId] ?? 0), 0);
            expect(used).toBeLessThanOrEqual(limit);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test("a request leaves at the first instant at which its pools have room, when it is alone in its limit", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 30 }), async (gaps) => {
        const { world, clock, throttler } = scene([{ limitId: "x", limit: 3, timeIntervalMs: 500 }]);
        const grants: number[] = [];
        for (const gap of gaps) {
          await world.advance(gap);
          const expected = Math.max(clock.monotonic(), (grants.at(-3) ?? Number.NEGATIVE_INFINITY) + 500);
          await world.run(throttler.acquire("x") ?? Promise.resolve());
          expect(clock.monotonic()).toBe(expected);
          grants.push(clock.monotonic());
        }
      }),
      { numRuns: 50 },
    );
  });
});
