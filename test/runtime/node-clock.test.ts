import { expect, it } from "vitest";
import { NodeClock } from "../../src/runtime/node-clock.ts";

/** Time that a test machine may take between two readings of a clock. */
const SLACK_MS = 1_000;

it("the wall clock at a moment before a pause is that of the moment, and moves no later one", () => {
  const clock = new NodeClock();
  const agoMs = 60_000;
  const wallMs = Date.now();
  const before = clock.epochOf(performance.now() - agoMs);
  expect(Math.abs(before - (wallMs - agoMs))).toBeLessThan(SLACK_MS);
  expect(Math.abs(clock.now() - wallMs)).toBeLessThan(SLACK_MS);
});
