import { expect, test } from "vitest";
import { MatchingQueue } from "../../../src/paper/protocols/matching-queue.ts";
import { SimulatedWorld } from "../../../src/runtime/simulated.ts";

test("work is done in the order in which it came, each piece within its delay of the last", async () => {
  const world = new SimulatedWorld({ seed: 5 });
  const queue = new MatchingQueue(world.runtime(), [1, 5]);
  const done: number[] = [];
  for (let count = 0; count < 200; count += 1) {
    queue.push(() => done.push(count));
    if (count % 7 === 0) await world.advance(0.3);
  }
  await world.advance(10);
  expect(done).toEqual(Array.from({ length: 200 }, (_, index) => index));
});

test("work that begets work does not lose it", async () => {
  const world = new SimulatedWorld({ seed: 5 });
  const queue = new MatchingQueue(world.runtime(), [0, 0]);
  const done: string[] = [];
  queue.push(() => {
    done.push("first");
    queue.push(() => done.push("second"));
  });
  await world.advance(1);
  expect(done).toEqual(["first", "second"]);
});

test("nothing is done once it has stopped", async () => {
  const world = new SimulatedWorld({ seed: 5 });
  const queue = new MatchingQueue(world.runtime(), [1, 5]);
  queue.push(() => {
    throw new Error("still running");
  });
  queue.stop();
  await world.advance(100);
});
