import { expect, test } from "vitest";
import { BOX_PROTOCOLS } from "../../src/simulation/box-protocols.ts";
import { fuzzConnector } from "../support/fuzz/connector-fuzz.ts";

/** Of each venue; `npm run fuzz` sends 200,000. */
const FRAMES = 2_000;
const NAMES = Object.keys(BOX_PROTOCOLS) as (keyof typeof BOX_PROTOCOLS)[];

test.each(NAMES)(
  "a connector of %s that trades throws nothing for mutated frames and answers, and is well again afterwards",
  async (name) => {
    const { frames, answers, faults, healedMs } = await fuzzConnector(name, 1, FRAMES);
    expect(faults).toEqual([]);
    expect(frames).toBe(FRAMES);
    expect(answers).toBeGreaterThan(0);
    expect(healedMs).toBeLessThan(180_000);
  },
  60_000,
);
