import { describe, expect, test } from "vitest";
import { fuzzParsers } from "../support/fuzz/parser-fuzz.ts";
import { FUZZ_VENUES } from "../support/fuzz/venues.ts";

/** Of each venue; `npm run proof` reads 100,000. */
const PAYLOADS = 400;

describe("mutated payloads", () => {
  test.each(FUZZ_VENUES)(
    "of $venue.manifest.name fail as the project's own errors only, and tell no figure that was not sent",
    async (one) => {
      const { faults, taken, refused, unreadableRows } = await fuzzParsers(one, 1, PAYLOADS);
      expect(faults).toEqual([]);
      expect(Math.min(taken, refused, unreadableRows)).toBeGreaterThan(20);
    },
    60_000,
  );
});
