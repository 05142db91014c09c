import { describe, expect, test } from "vitest";
import { type RateLimitsUser, SharedRateLimits } from "../../src/net/shared-rate-limits.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

const RATE_LIMITS = [{ limitId: "orders", limit: 4, timeIntervalMs: 1_000 }];

function user(world: SimulatedWorld, host = "bot", servers = "venue https://venue.test"): RateLimitsUser {
  const { clock, timers } = world.runtime(host);
  return { servers, isClockSimulated: true, rateLimits: RATE_LIMITS, clock, timers };
}

describe("rate limits that connectors share", () => {
  test("are one throttler for the servers of a venue, another for those of another", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const limits = new SharedRateLimits();
    const first = limits.throttlerFor(user(world));
    expect(limits.throttlerFor(user(world))).toBe(first);
    expect(limits.throttlerFor(user(world, "bot", "venue https://testnet.venue.test"))).not.toBe(first);
    expect(new SharedRateLimits().throttlerFor(user(world))).not.toBe(first);
  });

  test("are apart for processes whose simulated clocks differ, and together for real clocks, which tell one time", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const limits = new SharedRateLimits();
    const first = limits.throttlerFor(user(world));
    expect(limits.throttlerFor(user(world, "another"))).not.toBe(first);
    const real = new SharedRateLimits();
    const ofReal = (host: string) => real.throttlerFor({ ...user(world, host), isClockSimulated: false });
    expect(ofReal("bot")).toBe(ofReal("another"));
  });

  test("have one share together", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const throttler = new SharedRateLimits({ sharePercentage: 50 }).throttlerFor(user(world));
    expect([1, 2, 3].map(() => throttler.takeNow("orders"))).toEqual([true, true, false]);
    for (const sharePercentage of [0, 101, Number.NaN, "50" as unknown as number]) {
      expect(() => new SharedRateLimits({ sharePercentage })).toThrow(`sharePercentage is ${sharePercentage}`);
    }
  });

  test("take the limits that a later connector knows besides, and go on counting", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const limits = new SharedRateLimits();
    const throttler = limits.throttlerFor(user(world));
    for (let count = 0; count < 3; count += 1) throttler.takeNow("orders");
    const more = { limitId: "books", limit: 1, timeIntervalMs: 1_000 };
    limits.throttlerFor({ ...user(world), rateLimits: [...RATE_LIMITS, more] });
    expect([throttler.takeNow("books"), throttler.takeNow("orders"), throttler.takeNow("orders")]).toEqual([
      ...[true, true, false],
    ]);
  });
});
