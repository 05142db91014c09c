import { describe, expect, it } from "vitest";
import { realWork } from "../../src/runtime/real-work.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

/** Takes as long as it takes, as the loading of a module does. */
function slowly<T>(value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(() => resolve(value), 30));
}

/** A world in which something happens every millisecond for ever. */
function busyWorld() {
  const world = new SimulatedWorld({ seed: 1 });
  const { timers } = world.runtime();
  const tick = (): void => void timers.after(1, tick);
  tick();
  return world;
}

describe("virtual time", () => {
  it("stands still while a module is being loaded, however long that takes and whatever else is due", async () => {
    const world = busyWorld();
    const loading = async () => (await realWork(slowly("first"))) + (await realWork(slowly(" and second")));
    expect(await world.run(loading(), { limitMs: 20 })).toBe("first and second");
    expect(world.elapsedMs()).toBe(0);
  });

  it("waits for a load that an event began before it moves on", async () => {
    const world = busyWorld();
    const at: number[] = [];
    world.runtime().timers.after(5, () => void realWork(slowly(0)).then(() => at.push(world.elapsedMs())));
    await world.advance(100);
    expect(at).toEqual([5]);
  });

  it("goes on when a load fails", async () => {
    const world = busyWorld();
    const failing = realWork(slowly(0).then(() => Promise.reject(new Error("no such module"))));
    await expect(world.run(failing)).rejects.toThrow("no such module");
    await world.advance(10);
    expect(world.elapsedMs()).toBe(10);
  });
});

describe("the standard error of a simulated host", () => {
  it("holds what its processes wrote, and nothing of a process that is dead", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const first = world.runtime("bot");
    first.standardError.write("one\n");
    world.kill("bot");
    first.standardError.write("a ghost\n");
    world.runtime("bot").standardError.write("two\n");
    expect(world.standardError("bot")).toBe("one\ntwo\n");
  });
});
