import type { RateLimit } from "../../src/net/rate-limit.ts";
import { Throttler } from "../../src/net/throttler.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { type Cost, microsecondsOf, workedUs } from "./cost.ts";

const REPEATS = 200;

/** Limits that all draw on one pool, each with a request that waits for it. */
const waiting: Cost = {
  what: "throttler: join the queue and leave it, limits with waiters",
  unit: "us a request",
  sizes: [10, 100, 1_000, 5_000],
  prepare(size) {
    const { clock, timers } = new SimulatedWorld({ seed: 1 }).runtime();
    const limits = Array.from({ length: size }, (_, index): RateLimit => {
      return { limitId: `l${index}`, limit: 10, timeIntervalMs: 1_000, linkedLimits: [{ limitId: "all", weight: 1 }] };
    });
    const all: RateLimit = { limitId: "all", limit: 10, timeIntervalMs: 1_000 };
    const throttler = new Throttler({ rateLimits: [all, ...limits], clock, timers });
    for (let taken = 0; taken < 10; taken += 1) throttler.acquire("all");
    for (const { limitId } of limits) void throttler.acquire(limitId);
    const measure = () =>
      microsecondsOf(REPEATS, () => {
        for (let repeat = 0; repeat < REPEATS; repeat += 1) {
          const leave = new AbortController();
          throttler.acquire(`l${repeat % size}`, { signal: leave.signal })?.catch(() => undefined);
          leave.abort();
        }
      });
    return { measure };
  },
};

/** Limits of their own, each full and with a request that waits, answered as responses are. */
const answers: Cost = {
  what: "throttler: a request is answered, limits with waiters",
  unit: "us an answer",
  sizes: [10, 100, 1_000, 5_000],
  prepare(size) {
    const { clock, timers } = new SimulatedWorld({ seed: 1 }).runtime();
    const limits = Array.from({ length: size }, (_, index): RateLimit => {
      return { limitId: `l${index}`, limit: 1, timeIntervalMs: 1_000 };
    });
    const throttler = new Throttler({
      rateLimits: [...limits, { limitId: "free", limit: 1e6, timeIntervalMs: 1 }],
      clock,
      timers,
    });
    for (const { limitId } of limits) for (let taken = 0; taken < 2; taken += 1) void throttler.acquire(limitId);
    const measure = () =>
      microsecondsOf(REPEATS, () => {
        for (let repeat = 0; repeat < REPEATS; repeat += 1) {
          throttler.acquire("free");
          throttler.answered("free", clock.monotonic());
        }
      });
    return { measure };
  },
};

/** The window of the shared pool goes by again and again: each time ten of those that wait may go. */
const granted: Cost = {
  what: "throttler: a window goes by and ten may go, limits with waiters",
  unit: "us a request",
  sizes: [100, 1_000, 5_000],
  prepare(size) {
    const measure = async (): Promise<number> => {
      const world = new SimulatedWorld({ seed: 1 });
      const { clock, timers } = world.runtime();
      const limits = Array.from({ length: size }, (_, index): RateLimit => {
        return {
          limitId: `l${index}`,
          limit: 10,
          timeIntervalMs: 1_000,
          linkedLimits: [{ limitId: "all", weight: 1 }],
        };
      });
      const all: RateLimit = { limitId: "all", limit: 10, timeIntervalMs: 1_000 };
      const throttler = new Throttler({ rateLimits: [all, ...limits], clock, timers });
      for (const { limitId } of limits) void throttler.acquire(limitId);
      const startUs = workedUs();
      await world.advance(5_500);
      return (workedUs() - startUs) / 50;
    };
    return { measure };
  },
};

export const throttlerCosts: readonly Cost[] = [waiting, answers, granted];
