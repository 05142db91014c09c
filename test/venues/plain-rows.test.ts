import { expect, test, vi } from "vitest";
import type { PayloadSchema } from "../../src/net/payload.ts";
import type * as plainPayload from "../../src/net/plain-payload.ts";
import { fuzzParsers } from "../support/fuzz/parser-fuzz.ts";
import { FUZZ_VENUES } from "../support/fuzz/venues.ts";

const reads = { plain: 0, left: 0 };
const faults: string[] = [];

vi.mock("../../src/net/plain-payload.ts", async (original) => {
  const { plainReaderOf, ...others } = await original<typeof plainPayload>();
  return {
    ...others,
    plainReaderOf: (schema: object) => {
      const read = plainReaderOf(schema);
      return read && ((value: unknown) => compared(schema as PayloadSchema<unknown>, value, read(value), others.ODD));
    },
  };
});

function compared(schema: PayloadSchema<unknown>, payload: unknown, plain: unknown, odd: symbol): unknown {
  reads[plain === odd ? "left" : "plain"] += 1;
  if (plain === odd) return odd;
  const before = JSON.stringify(payload);
  const result = schema.safeParse(payload);
  if (!result.success) faults.push(`was taken: ${before}`);
  else if (!same(plain, result.data)) faults.push(`read as ${JSON.stringify(plain)}: ${before}`);
  return plain;
}

/** Strictly: with the same keys in the same order, and of the same kinds. */
function same(left: unknown, right: unknown): boolean {
  try {
    expect(left).toStrictEqual(right);
    return JSON.stringify(left) === JSON.stringify(right);
  } catch {
    return false;
  }
}

test.each(FUZZ_VENUES)(
  "rows of $venue.manifest.name that are read by hand are read as their schemas read them, and all others are left to these",
  { timeout: 120_000 },
  async (one) => {
    Object.assign(reads, { plain: 0, left: 0 });
    faults.length = 0;
    await fuzzParsers(one, 7, 2_000);
    expect(faults.slice(0, 5)).toEqual([]);
    expect(Math.min(reads.plain, reads.left)).toBeGreaterThan(500);
  },
);
