import { describe, expect, it } from "vitest";
import { ERROR_TABLE, errorOf, isLoginError, isOrderNotFound } from "../../../src/venues/okx/errors.ts";

/** All numbers from the first to the last. */
const span = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

const REJECTED = [
  ...[50000, 50002, 50006, 50014, 50015, 50016, 50032, 50033, 50036, 50037, 50072, 50115, 51000, 51003, 51071],
  // Prices, sizes, reduce-only, counts.
  ...[51005, 51006, 51020, 51023, 51025, 51033, 51101, ...span(51102, 51107), 51111, 51112, 51115, 51116, 51117],
  ...[51120, 51121, 51122, ...span(51135, 51138), 51148, 51155, 51169, 51170, 51171, 51174, 51186, 51187],
  ...[...span(51201, 51206), 51406, 51500, 51501, 51511, 51521, 51522],
  // Account modes, settings.
  ...[51010, 51039, 51041, 59000, 59001, 59102, 59300, 59301],
  // What is frozen, and markets that do not trade.
  ...[...span(50017, 50023), 51021, 51022, ...span(51027, 51030)],
];

/** Codes as OKX documents them: class, outcome, retry. */
const CASES = [
  [[50102, 50112], "TimeSyncError", "definite", "now"],
  [[50100, 50101, ...span(50103, 50107), 50110, 50111, 50113, 50114], "AuthError", "definite", "never"],
  [[50030, 50035, 50119, 50120], "AuthError", "definite", "never"],
  [[50011, 50040, 50061, 51113], "RateLimitError", "definite", "later"],
  [[50001, 50004, 50013, 50026, 51054, 51149, 51412], "VenueUnavailableError", "unknown", "later"],
  [[50005], "VenueUnavailableError", "definite", "later"],
  [[51400, 51401, 51402, 51503, 51509, 51510, 51603], "NotFoundError", "definite", "never"],
  [[51001], "NotFoundError", "definite", "never"],
  [[51008, 51127, 51131, 51502, 59108, 59200], "InsufficientMarginError", "definite", "never"],
  [[50071, 51016, 51065], "OrderRejectedError", "unknown", "never"],
  [[51410, 51513], "OrderRejectedError", "definite", "later"],
  [REJECTED, "OrderRejectedError", "definite", "never"],
] as const;
const FLAT = CASES.flatMap(([codes, ...rest]) => codes.map((code) => [code, ...rest] as const));

describe("what a code means", () => {
  it.each(FLAT)("%i is %s, %s, %s", (code, name, outcome, retry) => {
    const error = errorOf(200, String(code), "the venue's words");
    expect(error).toMatchObject({ name, outcome, retry, venue: "okx_perpetual", venueCode: String(code) });
    expect(error.message).toBe(`OKX answered ${code}: the venue's words`);
  });

  it("is told once", () => {
    const table = ERROR_TABLE.flatMap(({ codes }) => codes);
    expect(table.filter((code, index) => table.indexOf(code) !== index)).toEqual([]);
  });

  it("is nothing where the table lacks it", () => {
    expect(errorOf(200, "59999", "new")).toMatchObject({ name: "OrderRejectedError", outcome: "unknown" });
    expect(errorOf(502, "59999", "new")).toMatchObject({ name: "VenueUnavailableError", outcome: "unknown" });
  });
});

describe("an order that is not found", () => {
  it("is told by its own codes, and not by those of a market", () => {
    const isNotFound = (code: number) => isOrderNotFound(errorOf(200, String(code), ""));
    expect([51400, 51503, 51603].every(isNotFound)).toBe(true);
    expect([51001, 51410, 51008].some(isNotFound)).toBe(false);
  });
});

describe("a refusal on the socket", () => {
  it.each([60004, 60005, 60006, 60007, 60009, 60024, 60027, 60032, 63999])("of the login is %i", (code) => {
    expect([isLoginError(code), isLoginError(String(code))]).toEqual([true, true]);
  });

  it.each([60008, 60011, 60012, 60013, 60014, 60018, 60019, 60023, 60026, 60028, 60029, 60030, 60031, 64000, 64008])(
    "of something else is %i",
    (code) => {
      expect(isLoginError(String(code))).toBe(false);
    },
  );
});
