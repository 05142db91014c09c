import { InvalidArgumentError } from "commander";
import { describe, expect, test } from "vitest";
import { secondsToMs } from "../../packages/cli/src/arguments.ts";
import { errorOf as bybitErrorOf } from "../../src/venues/bybit/errors.ts";
import { readWithTexts } from "../support/fuzz/parser-fuzz.ts";
import { FUZZ_VENUES } from "../support/fuzz/venues.ts";

const KINDS = ["0", "9", "1e", ".", "-", " ", "a", ":", "/", "%", "\\", "é", "\ud800", "\u0000"];
const RUNS = [...KINDS.map((kind) => kind.repeat(5_000)), `0.${"0".repeat(5_000)}1`];
const LENGTH = 100_000;
/** What fails only at its end: a pattern that is not linear tries it again from each place before. */
const FAILING_RUNS = ["0", ".", " ", "a"].map((kind) => `${kind.repeat(LENGTH)}\u0000`);
const TEXTS = [...RUNS, ...FAILING_RUNS];

/** What takes a time that grows with the square of the length runs into the limit: ten thousand million steps a field. */
const LIMIT_MS = 30_000;

describe("a field that is one long run", () => {
  test.each(FUZZ_VENUES)(
    "of $venue.manifest.name is refused or told as it was sent, in a time that grows with its length",
    async (one) => {
      const { faults, payloads } = await readWithTexts(one, TEXTS);
      expect(faults).toEqual([]);
      expect(payloads).toBeGreaterThan(TEXTS.length * 20);
    },
    LIMIT_MS,
  );
});

test("a refusal of Bybit's that repeats itself is read in a time that grows with its length", () => {
  const text = "position idx ".repeat(LENGTH);
  expect(bybitErrorOf(200, 10001, text)).toMatchObject({ venueCode: "10001" });
  expect(bybitErrorOf(200, 10001, `${text}not match position mode`)).toMatchObject({ code: "POSITION_MODE_MISMATCH" });
});

test("a number of the command line that is a long run is refused", () => {
  expect(() => secondsToMs(`${"0".repeat(LENGTH)}x`)).toThrow(InvalidArgumentError);
});
