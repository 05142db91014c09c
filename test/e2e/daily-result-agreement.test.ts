import { afterEach, describe, expect, test, vi } from "vitest";
import { BOX_PROTOCOLS, type BoxConnector } from "../../src/simulation/box-protocols.ts";
import { dailyResultRun } from "./daily-result-run.ts";

const CONNECTORS = Object.keys(BOX_PROTOCOLS) as BoxConnector[];
const [FIRST, COUNT] = (process.env.DAILY_RESULT_SEEDS ?? "1,4").split(",").map(Number) as [number, number];

describe.each(CONNECTORS)("at every fact that comes, the day's result on %s", (name) => {
  afterEach(() => vi.restoreAllMocks());

  test.each(Array.from({ length: COUNT }, (_, index) => FIRST + index))(
    "is what the venue's ledger says of what was told, each once (seed %d)",
    async (seed) => {
      const facts = await dailyResultRun(name, seed);
      expect(facts.violations[0]).toBeUndefined();
      expect(facts.checks).toBeGreaterThan(30);
    },
  );
});
