import { describe, expect, it } from "vitest";
import { AbortError } from "../../src/model/error.ts";
import { ConnectionAttempts } from "../../src/net/connection-attempts.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

const URL = "wss://venue.test/ws?token=1";

function attemptsOf() {
  const world = new SimulatedWorld({ seed: 1 });
  const attempts = new ConnectionAttempts(world.runtime());
  /** Times at which each of so many got its turn. */
  const wait = (count: number, url = URL) => {
    const turns: number[] = [];
    for (let index = 0; index < count; index += 1) {
      void attempts.turn(url, undefined)?.then(() => turns.push(world.elapsedMs()));
    }
    return turns;
  };
  return { world, attempts, wait };
}

describe("attempts to connect to one address", () => {
  it("are free before one has failed, and after one has succeeded", () => {
    const { attempts } = attemptsOf();
    expect([attempts.turn(URL, undefined), attempts.turn(URL, undefined)]).toEqual([undefined, undefined]);
    attempts.failed(URL);
    expect(attempts.turn(URL, undefined)).toBeInstanceOf(Promise);
    attempts.succeeded("wss://venue.test/ws?token=2");
    expect(attempts.turn(URL, undefined)).toBeUndefined();
  });

  it("are made one at a time while they fail, each later than the one before", async () => {
    const { world, attempts, wait } = attemptsOf();
    attempts.turn(URL, undefined);
    attempts.failed(URL);
    const turns = wait(3);
    await world.advance(550);
    expect(turns).toHaveLength(1);
    attempts.failed(URL);
    await world.advance(650);
    expect(turns).toHaveLength(2);
    expect((turns[1] ?? 0) - (turns[0] ?? 0)).toBeGreaterThanOrEqual(250);
  });

  it("follow at once when one has succeeded", async () => {
    const { world, attempts, wait } = attemptsOf();
    attempts.turn(URL, undefined);
    attempts.failed(URL);
    const turns = wait(3);
    await world.advance(550);
    attempts.succeeded(URL);
    const atMs = world.elapsedMs();
    await world.settle();
    expect(turns.slice(1)).toEqual([atMs, atMs]);
  });

  it("wait for one that hangs for a second and no longer", async () => {
    const { world, attempts, wait } = attemptsOf();
    attempts.turn(URL, undefined);
    attempts.failed(URL);
    const turns = wait(2);
    await world.advance(2_000);
    expect(turns).toHaveLength(2);
    expect((turns[1] ?? 0) - (turns[0] ?? 0)).toBe(1_000);
  });

  it("that failed together count once", async () => {
    const { world, attempts, wait } = attemptsOf();
    for (let index = 0; index < 20; index += 1) attempts.turn(URL, undefined);
    for (let index = 0; index < 20; index += 1) attempts.failed(URL);
    const turns = wait(1);
    await world.advance(500);
    expect(turns).toHaveLength(1);
  });

  it("say nothing of another address", () => {
    const { attempts } = attemptsOf();
    attempts.turn(URL, undefined);
    attempts.failed(URL);
    expect(attempts.turn("wss://venue.test/private", undefined)).toBeUndefined();
    expect(attempts.turn(undefined, undefined)).toBeUndefined();
  });

  it("are given up when the signal fires", async () => {
    const { world, attempts } = attemptsOf();
    attempts.turn(URL, undefined);
    attempts.failed(URL);
    const stop = new AbortController();
    const turn = attempts.turn(URL, stop.signal);
    stop.abort();
    await expect(turn).rejects.toBeInstanceOf(AbortError);
    await expect(world.run(new Promise(() => undefined))).rejects.toThrow("nothing is scheduled");
  });
});
