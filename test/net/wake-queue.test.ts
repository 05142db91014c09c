import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Sleeper, WakeQueue } from "../../src/net/wake-queue.ts";

const sleeper = (): Sleeper => ({ wakeMs: Number.POSITIVE_INFINITY });

describe("a wake queue", () => {
  test("wakes in order of time, whatever the order of scheduling", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 600 }), (times) => {
        const queue = new WakeQueue<Sleeper>();
        for (const atMs of times) queue.schedule(sleeper(), atMs);
        const woken: number[] = [];
        while (queue.nextMs !== Number.POSITIVE_INFINITY) {
          woken.push(queue.nextMs);
          queue.takeDue(queue.nextMs);
        }
        expect(woken).toEqual([...times].sort((left, right) => left - right));
      }),
    );
  });

  test("wakes a sleeper once, at its earliest time", () => {
    const queue = new WakeQueue<Sleeper>();
    const one = sleeper();
    for (const atMs of [50, 30, 40]) queue.schedule(one, atMs);
    expect(queue.takeDue(29)).toBeUndefined();
    expect(queue.takeDue(30)).toBe(one);
    expect(queue.takeDue(1_000)).toBeUndefined();
  });

  test("forgets one that no longer sleeps", () => {
    const queue = new WakeQueue<Sleeper>();
    const one = sleeper();
    for (let index = 0; index < 10_000; index += 1) {
      queue.schedule(one, 1_000_000);
      one.wakeMs = Number.POSITIVE_INFINITY;
    }
    expect(queue.nextMs).toBe(Number.POSITIVE_INFINITY);
  });
});
