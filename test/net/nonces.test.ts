import { describe, expect, it } from "vitest";
import { Nonces, noncesOf } from "../../src/net/nonces.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

const NOW_MS = 1_790_000_000_000;

describe("nonces", () => {
  it("differ and grow while the clock stands still, is set back and goes on", () => {
    const nonces = new Nonces();
    const times = [...Array.from({ length: 200 }, () => NOW_MS + 0.5), NOW_MS - 3_600_000, NOW_MS + 10, NOW_MS + 5_000];
    const taken = times.map((nowMs) => nonces.next("key", nowMs));
    expect(new Set(taken).size).toBe(taken.length);
    expect(taken).toEqual(taken.toSorted((a, b) => a - b));
    expect(taken[0]).toBe(NOW_MS);
    expect(taken.at(-1)).toBe(NOW_MS + 5_000);
  });

  it("of another key are another series", () => {
    const nonces = new Nonces();
    expect([nonces.next("a", NOW_MS), nonces.next("b", NOW_MS), nonces.next("a", NOW_MS)]).toEqual([
      NOW_MS,
      NOW_MS,
      NOW_MS + 1,
    ]);
  });

  it("begin anew after a clock that was days ahead was put right, for the venue would refuse them until then", () => {
    const nonces = new Nonces();
    nonces.next("key", NOW_MS + 3 * 86_400_000);
    expect(nonces.next("key", NOW_MS)).toBe(NOW_MS);
  });

  it("are shared by all connectors of a real process, and by those of a simulated one alone", () => {
    expect(noncesOf(nodeRuntime())).toBe(noncesOf(nodeRuntime()));
    const world = new SimulatedWorld({ seed: 1, startMs: NOW_MS });
    const [one, other] = [world.runtime("one"), world.runtime("other")];
    expect(noncesOf(one)).toBe(noncesOf(one));
    expect(noncesOf(one)).not.toBe(noncesOf(nodeRuntime()));
    expect(noncesOf(new SimulatedWorld({ seed: 1, startMs: NOW_MS }).runtime("one"))).not.toBe(noncesOf(other));
  });
});
