import { describe, expect, test } from "vitest";
import { type RateLimitsClient, SharedRateLimits } from "../../src/net/shared-rate-limits.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

const RATE_LIMITS = [{ limitId: "orders", limit: 2, timeIntervalMs: 1_000 }];

function client(world: SimulatedWorld, host = "bot", servers = "wss://venue.test"): RateLimitsClient {
  const { clock, timers } = world.runtime(host);
  return { servers, isClockSimulated: true, rateLimits: RATE_LIMITS, clock, timers };
}

describe("rate limits that connectors share", () => {
  test("are one throttler for the servers of a venue, another for those of another", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const limits = new SharedRateLimits();
    const first = limits.throttlerFor(client(world));
    expect(limits.throttlerFor(client(world))).toBe(first);
    expect(limits.throttlerFor(client(world, "bot", "wss://testnet.venue.test"))).not.toBe(first);
    expect(new SharedRateLimits().throttlerFor(client(world))).not.toBe(first);
  });

  test("are apart for processes whose simulated clocks differ, and together for real clocks, which tell one time", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const limits = new SharedRateLimits();
    const first = limits.throttlerFor(client(world));
    expect(limits.throttlerFor(client(world, "another"))).not.toBe(first);
    const real = new SharedRateLimits();
    const ofReal = (host: string) => real.throttlerFor({ ...client(world, host), isClockSimulated: false });
    expect(ofReal("bot")).toBe(ofReal("another"));
  });

  test("have one share: a connector with another one is refused by name and number", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const limits = new SharedRateLimits();
    limits.throttlerFor({ ...client(world), sharePercentage: 50 });
    expect(() => limits.throttlerFor(client(world))).toThrow(
      "rateLimitsSharePercentage is 100, and 50 on another connector",
    );
    expect(() => limits.throttlerFor({ ...client(world), sharePercentage: 50 })).not.toThrow();
  });
});
