import fc from "fast-check";
import { expect, test } from "vitest";
import { LatencyHistogram } from "../../src/market-data/latency-histogram.ts";
import { Backoff, RECOVERY_GROWTH } from "../../src/net/backoff.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

test("percentiles are within about 3 % of the sorted durations'", () => {
  const durations = fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
      const histogram = new LatencyHistogram();
      for (const value of values) histogram.record(value);
      const sorted = values.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? Number.NaN;
      const found = histogram.percentileMs(share);
      expect(found).toBeGreaterThanOrEqual(exact * 0.99 - 0.001);
      expect(found).toBeLessThanOrEqual(exact * 1.04 + 0.001);
    }),
  );
});

test("clocks that disagree count as no delay, and absurd delays as half an hour", () => {
  const histogram = new LatencyHistogram();
  expect(histogram.percentileMs(0.5)).toBeNaN();
  histogram.record(-5);
  expect(histogram.percentileMs(1)).toBe(0);
  histogram.record(10 ** 12);
  expect(histogram.percentileMs(1)).toBeGreaterThan(2_000_000);
  expect([histogram.count, histogram.maxMs]).toEqual([2, 10 ** 12]);
  histogram.reset();
  expect([histogram.count, histogram.maxMs]).toEqual([0, 0]);
});

test("a back-off doubles with jitter, never passes its limit, and starts anew when reset", () => {
  const backoff = new Backoff({ minMs: 100, maxMs: 1_000 }, new SimulatedWorld({ seed: 3 }).runtime().random);
  for (const step of [100, 200, 400, 800, 1_000, 1_000]) {
    const delay = backoff.nextMs();
    expect(delay).toBeGreaterThanOrEqual(step / 2);
    expect(delay).toBeLessThanOrEqual(step);
  }
  for (let attempt = 0; attempt < 2_000; attempt += 1) expect(backoff.nextMs()).toBeLessThanOrEqual(1_000);
  backoff.reset();
  expect(backoff.nextMs()).toBeLessThanOrEqual(100);
});

test("a back-off of what has to recover waits a fifth of what it has waited", () => {
  const { random } = new SimulatedWorld({ seed: 3 }).runtime();
  const backoff = new Backoff({ minMs: 500, maxMs: 30_000, growth: RECOVERY_GROWTH }, random);
  let waitedMs = 0;
  let lastMs = 0;
  while (waitedMs < 60_000) {
    lastMs = backoff.nextMs();
    waitedMs += lastMs;
  }
  expect(lastMs).toBeLessThan(60_000 / 4);
  while (waitedMs < 300_000) waitedMs += backoff.nextMs();
  expect(backoff.attempts).toBeGreaterThan(18);
  expect(backoff.attempts).toBeLessThan(35);
});

test("a back-off begins anew after what went well for ten times its last step, or for its longest", () => {
  const backoff = new Backoff({ minMs: 100, maxMs: 1_000 }, new SimulatedWorld({ seed: 3 }).runtime().random);
  backoff.nextMs();
  backoff.nextMs();
  backoff.wentWell(999);
  expect(backoff.attempts).toBe(2);
  backoff.wentWell(1_000);
  expect(backoff.attempts).toBe(0);
  for (let attempt = 0; attempt < 9; attempt += 1) backoff.nextMs();
  backoff.wentWell(1_000);
  expect(backoff.attempts).toBe(0);
});
