import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError, ProtocolError } from "../../src/model/error.ts";
import { receiveWindowMs } from "../../src/net/auth.ts";
import { TimeSynchronizer } from "../../src/net/time-synchronizer.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

const START = Date.UTC(2024, 0, 1);

/** In eighths: the halves and sums of epoch milliseconds with these are exact in a double. */
const delayUpTo = (ms: number) => fc.integer({ min: 0, max: ms * 8 }).map((eighths) => eighths / 8);

function scene() {
  const world = new SimulatedWorld({ seed: 1, startMs: START });
  const { clock, timers } = world.runtime("client");
  return { world, clock, timers, synchronizer: new TimeSynchronizer({ clock }) };
}

describe("TimeSynchronizer", () => {
  test("before the first sample it has only the wall clock and says so", () => {
    const { clock, synchronizer } = scene();
    expect(synchronizer.isSynchronized).toBe(false);
    expect(synchronizer.time()).toBe(clock.now());
    expect(synchronizer.offsetMs).toBe(0);
    expect(synchronizer.uncertaintyMs).toBe(Number.POSITIVE_INFINITY);
  });

  test("the venue read its clock at the midpoint of the request, give or take half of it", async () => {
    const { world, clock, timers, synchronizer } = scene();
    const fetch = async (): Promise<number> => {
      await timers.sleep(30);
      const answer = clock.now() + 5_000;
      await timers.sleep(10);
      return answer;
    };
    await world.run(synchronizer.updateServerTimeOffset(fetch));
    expect(synchronizer.isSynchronized).toBe(true);
    expect(synchronizer.offsetMs).toBe(5_010);
    expect(synchronizer.uncertaintyMs).toBe(20);
    await world.advance(1_000);
    expect(synchronizer.time()).toBe(clock.now() + 5_010);
  });

  test("a step of the wall clock does not move the venue's time", async () => {
    const { world, synchronizer } = scene();
    synchronizer.addSample({ serverTimeMs: START, sentMonotonicMs: 0, receivedMonotonicMs: 0 });
    world.setClockSkew("client", -3_600_000);
    await world.advance(250);
    expect(synchronizer.time()).toBe(START + 250);
    expect(synchronizer.offsetMs).toBe(3_600_000);
  });

  test("the sample with the least round trip counts until its age outweighs it", async () => {
    const { world, clock, synchronizer } = scene();
    const add = (offsetMs: number, roundTripMs: number): void => {
      const receivedMonotonicMs = clock.monotonic();
      const sentMonotonicMs = receivedMonotonicMs - roundTripMs;
      const serverTimeMs = START + offsetMs + (sentMonotonicMs + receivedMonotonicMs) / 2;
      synchronizer.addSample({ serverTimeMs, sentMonotonicMs, receivedMonotonicMs });
    };
    const offset = (): number => synchronizer.time() - clock.monotonic() - START;
    await world.advance(1_000);
    add(100, 10);
    add(110, 60);
    expect(offset()).toBe(100);
    await world.advance(300_000);
    add(115, 60);
    expect(offset()).toBe(115);
  });

  test("a sample that contradicts the older ones replaces them: the machine slept or the venue set its clock", () => {
    const { synchronizer, clock } = scene();
    synchronizer.addSample({ serverTimeMs: START + 500, sentMonotonicMs: -2, receivedMonotonicMs: 0 });
    synchronizer.addSample({ serverTimeMs: START + 90_000, sentMonotonicMs: -200, receivedMonotonicMs: 0 });
    expect(synchronizer.time() - clock.monotonic()).toBe(START + 90_100);
  });

  test("the true time is always within the uncertainty, however the delays fall", async () => {
    const delay = delayUpTo(2_000);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(delay, delay, delay), { minLength: 1, maxLength: 40 }), async (rounds) => {
        const { world, clock, synchronizer } = scene();
        for (const [there, back, pause] of rounds) {
          const sentMonotonicMs = clock.monotonic();
          await world.advance(there);
          const serverTimeMs = world.now() + 777;
          await world.advance(back);
          synchronizer.addSample({ serverTimeMs, sentMonotonicMs, receivedMonotonicMs: clock.monotonic() });
          await world.advance(pause);
          const error = Math.abs(synchronizer.time() - (world.now() + 777));
          expect(error).toBeLessThanOrEqual(synchronizer.uncertaintyMs + 1e-6);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("calls during a call share it, later ones ask again", async () => {
    const { world, timers, synchronizer } = scene();
    let asked = 0;
    const fetch = async (): Promise<number> => {
      asked += 1;
      await timers.sleep(5);
      return START;
    };
    await world.run(Promise.all([1, 2, 3].map(() => synchronizer.updateServerTimeOffset(fetch))));
    expect(asked).toBe(1);
    await world.run(synchronizer.updateServerTimeOffset(fetch));
    expect(asked).toBe(2);
  });

  test("a failed call rejects, keeps what was known and does not block the next", async () => {
    const { world, synchronizer } = scene();
    await synchronizer.updateServerTimeOffset(async () => START);
    const failing = synchronizer.updateServerTimeOffset(() => Promise.reject(new Error("offline")));
    await expect(failing).rejects.toThrow("offline");
    expect(synchronizer.time()).toBe(START);
    await world.run(synchronizer.updateServerTimeOffset(async () => START));
  });

  test("a whole sample excludes the time that the request waited before it left", async () => {
    const { world, clock, timers, synchronizer } = scene();
    const fetch = async () => {
      await timers.sleep(10_000);
      const atMs = clock.monotonic();
      return { serverTimeMs: START + 42, sentMonotonicMs: atMs, receivedMonotonicMs: atMs };
    };
    await world.run(synchronizer.updateServerTimeOffset(fetch));
    expect(synchronizer.uncertaintyMs).toBe(0);
    expect(synchronizer.time()).toBe(START + 42);
  });

  test.each([
    ["no number", Number.NaN],
    ["0", 0],
    ["seconds", START / 1_000],
    ["microseconds", START * 1_000],
    ["before any venue", Date.UTC(2018, 11, 31)],
    ["after this century", Date.UTC(2100, 0, 1)],
    ["beyond all dates", 1e20],
  ])("an answer of %s is a ProtocolError and keeps what was known", async (_, answer) => {
    const { world, clock, synchronizer } = scene();
    const ask = () => synchronizer.updateServerTimeOffset(async () => answer);
    await expect(ask()).rejects.toThrow(ProtocolError);
    expect(synchronizer.isSynchronized).toBe(false);
    expect(synchronizer.time()).toBe(clock.now());
    synchronizer.addSample({ serverTimeMs: START + 5_000, sentMonotonicMs: 0, receivedMonotonicMs: 0 });
    await world.advance(60_000);
    await expect(ask()).rejects.toThrow(ProtocolError);
    expect(synchronizer.offsetMs).toBe(5_000);
  });

  test("a venue's time is taken however wrong the clock of this machine is", () => {
    const { world, clock, synchronizer } = scene();
    world.setClockSkew("client", -START);
    expect(clock.now()).toBe(0);
    synchronizer.addSample({ serverTimeMs: START, sentMonotonicMs: 0, receivedMonotonicMs: 0 });
    expect(synchronizer.signingTime()).toBe(START);
  });

  test("clear forgets everything", () => {
    const { synchronizer } = scene();
    synchronizer.addSample({ serverTimeMs: START, sentMonotonicMs: 0, receivedMonotonicMs: 0 });
    synchronizer.clear();
    expect(synchronizer.isSynchronized).toBe(false);
  });
});

describe("the time that requests are signed with", () => {
  test("is never ahead of the venue's, however unequal the ways of the time requests are", async () => {
    const delay = delayUpTo(5_000);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(delay, delay, delay), { minLength: 1, maxLength: 20 }), async (rounds) => {
        const { world, clock, synchronizer } = scene();
        for (const [there, back, pause] of rounds) {
          const sentMonotonicMs = clock.monotonic();
          await world.advance(there);
          const serverTimeMs = world.now() + 777;
          await world.advance(back);
          synchronizer.addSample({ serverTimeMs, sentMonotonicMs, receivedMonotonicMs: clock.monotonic() });
          await world.advance(pause);
          expect(synchronizer.signingTime()).toBeLessThanOrEqual(world.now() + 777 + 1e-6);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("is no later than a refusal proved, until a sample says otherwise", async () => {
    const { world, clock, synchronizer } = scene();
    synchronizer.addSample({ serverTimeMs: START + 50_000, sentMonotonicMs: 0, receivedMonotonicMs: 0 });
    const refusal = { aheadMs: 1_000, signedTimeMs: START + 50_000, sentMonotonicMs: 0, receivedMonotonicMs: 0 };
    synchronizer.refused(refusal);
    expect(synchronizer.signingTime()).toBeLessThanOrEqual(START + 49_000);
    await world.advance(1_000);
    expect(synchronizer.signingTime()).toBeLessThanOrEqual(START + 50_000);
    const nowMs = clock.monotonic();
    synchronizer.addSample({ serverTimeMs: START + 60_000, sentMonotonicMs: nowMs, receivedMonotonicMs: nowMs });
    expect(synchronizer.signingTime()).toBe(START + 60_000);
  });

  test("is the venue's own where a refusal names it", () => {
    const { synchronizer } = scene();
    synchronizer.addSample({ serverTimeMs: START + 90_000, sentMonotonicMs: 0, receivedMonotonicMs: 0 });
    synchronizer.refused({
      serverTimeMs: START + 50_000,
      signedTimeMs: START + 90_000,
      sentMonotonicMs: 0,
      receivedMonotonicMs: 0,
    });
    expect(synchronizer.signingTime()).toBe(START + 50_000);
  });

  test("stays as it was where a refusal names a time that is none", () => {
    const { synchronizer } = scene();
    synchronizer.addSample({ serverTimeMs: START, sentMonotonicMs: 0, receivedMonotonicMs: 0 });
    synchronizer.refused({ serverTimeMs: 0, signedTimeMs: START, sentMonotonicMs: 0, receivedMonotonicMs: 0 });
    expect(synchronizer.signingTime()).toBe(START);
  });

  test("forgets samples that a refusal for being too old proves wrong: the machine slept", () => {
    const { synchronizer } = scene();
    synchronizer.addSample({ serverTimeMs: START + 50_000, sentMonotonicMs: 0, receivedMonotonicMs: 0 });
    synchronizer.refused({
      behindMs: 5_000,
      signedTimeMs: START + 50_000,
      sentMonotonicMs: 0,
      receivedMonotonicMs: 20,
    });
    expect(synchronizer.isSynchronized).toBe(false);
  });

  test("of a venue that does not tell its time: steps of the wall clock change nothing until it is asked for", () => {
    const { world, clock, synchronizer } = scene();
    const before = clock.now();
    world.setClockSkew("client", 3_600_000);
    expect(synchronizer.signingTime()).toBe(before);
    synchronizer.resetToWallClock();
    expect(synchronizer.signingTime()).toBe(before + 3_600_000);
    expect(() => synchronizer.resetToWallClock()).toThrow(ConfigError);
  });
});

test("a machine that slept takes its wall clock where a message of the venue is of later, and it is nearer", async () => {
  const world = new SimulatedWorld({ seed: 1 });
  const { clock } = world.runtime("client");
  const synchronizer = new TimeSynchronizer({ clock });
  world.pauseFor("client", 6_000, "machine");
  await world.advance(7_000);
  const behindMs = () => Math.round(world.now() - synchronizer.time());
  expect(behindMs()).toBe(6_000);
  synchronizer.noteVenueTime(world.now() - 5_500);
  synchronizer.noteVenueTime(Number.NaN);
  expect(behindMs()).toBe(6_000);
  synchronizer.noteVenueTime(world.now() - 20);
  expect(behindMs()).toBe(0);
  // A message that is of no time that can be: the wall clock is no nearer.
  synchronizer.noteVenueTime(world.now() + 86_400_000);
  expect(behindMs()).toBe(0);
});

describe("the receive window", () => {
  const window = (uncertaintyMs: number) =>
    receiveWindowMs(5_000, { now: () => 0, uncertaintyMs: () => uncertaintyMs });

  test("is wider by what a signed time may be too early, up to four seconds", () => {
    expect([window(20), window(125), window(600), window(1_500), window(60_000)]).toEqual([
      5_000, 5_000, 6_200, 8_000, 9_000,
    ]);
    expect(receiveWindowMs(5_000, { now: () => 0 })).toBe(5_000);
  });
});
