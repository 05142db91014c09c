import { describe, expect, test } from "vitest";
import { PROTOCOL_NAMES } from "../../src/paper/protocols/protocols.ts";
import { fuzzBox } from "../support/fuzz/box-fuzz.ts";

/** Requests to each protocol; `npm run proof` makes 20,000. */
const REQUESTS = 1_200;

describe("random calls of every route", () => {
  test.each(PROTOCOL_NAMES)(
    "of %s break nothing: refusals have the protocol's code, orders that were taken are there, money adds up",
    async (api) => {
      // Each action of Hyperliquid is signed and recovered, which takes milliseconds.
      const requests = api === "hyperliquid" ? REQUESTS / 2 : REQUESTS;
      const { faults, succeeded, changed, refused } = await fuzzBox(api, 1, requests);
      expect(faults).toEqual([]);
      expect(Math.min(succeeded, changed, refused)).toBeGreaterThan(20);
    },
    60_000,
  );
});
