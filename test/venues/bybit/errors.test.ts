import { describe, expect, it } from "vitest";
import { RateLimitError } from "../../../src/model/error.ts";
import { venueModule } from "../../../src/venues/bybit/derivative.ts";
import { ALREADY_SO, ERROR_TABLE, errorOf, isOrderNotFound, orderNotFound } from "../../../src/venues/bybit/errors.ts";

const REJECTED = [
  10001, 10017, 10029, 30228, 110003, 110005, 110009, 110011, 110013, 110015, 110016, 110017, 110018, 110019, 110020,
  110021, 110022, 110023, 110024, 110028, 110029, 110032, 110034, 110036, 110038, 110040, 110042, 110046, 110062,
  110063, 110065, 110074, 110094,
];
/** All numbers from the first to the last. */
const span = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
/** What the error page documents besides: the order was not taken. */
const DOCUMENTED = [
  ...[34040, 100028, 110026, 110027, 110031, 110033, 110035, 110037, 110039, 110041, 110048, 110049, 110050],
  ...[...span(110054, 110061), 110064, ...span(110066, 110071), 110073, ...span(110076, 110078), 110080, 110082],
  ...[110083, ...span(110085, 110090), 110092, 110093, ...span(110095, 110113), ...span(110115, 110121)],
  ...[...span(110123, 110125), 110131, 110132, ...span(110135, 110137), ...span(30133, 30136), 30208, 30209],
  ...[110075, 170346, 3100197, 3200320, 3200403, 3400045, 3400139],
];
const MARGIN = [110004, 110006, 110007, 110012, 110014, 110044, 110045, 110047, 110051, 110052, 110053];

/** `retCode`s, class, outcome, retry. */
const CASES = [
  [[10002, -1], "TimeSyncError", "definite", "now"],
  [[10003, 10004, 10005, 10007, 10008, 10009, 10010, 10024, 10027, 10028, 33004], "AuthError", "definite", "never"],
  [[10006, 10018, 10403, 10429], "RateLimitError", "definite", "later"],
  [[10019], "VenueUnavailableError", "definite", "later"],
  [[10000, 10016, 429, 110079, 110114], "VenueUnavailableError", "unknown", "later"],
  [[110001, 110008, 110010, 170213], "NotFoundError", "definite", "never"],
  [MARGIN, "InsufficientMarginError", "definite", "never"],
  [REJECTED, "OrderRejectedError", "definite", "never"],
  [[10404], "OrderRejectedError", "definite", "never"],
  [DOCUMENTED, "OrderRejectedError", "definite", "never"],
  [[10014, 40004, 110030, 110072], "OrderRejectedError", "unknown", "never"],
] as const;
const FLAT = CASES.flatMap(([codes, ...rest]) => codes.map((code) => [code, ...rest] as const));

describe("what a retCode means", () => {
  it.each(FLAT)("%i is %s, %s, %s", (retCode, name, outcome, retry) => {
    const error = errorOf(200, retCode, "the venue's words");
    expect(error).toMatchObject({ name, outcome, retry, venue: "bybit_perpetual", venueCode: String(retCode) });
    expect(error.message).toBe(`Bybit answered ${retCode}: the venue's words`);
  });

  it("every code of the table is among them, and none twice", () => {
    const table = ERROR_TABLE.flatMap(({ codes }) => codes);
    expect(new Set(table).size).toBe(table.length);
    expect(table.toSorted()).toEqual(FLAT.map(([code]) => code).toSorted());
    for (const code of ALREADY_SO) expect(table).not.toContain(code);
  });

  it("a code that the table lacks proves nothing", () => {
    expect(errorOf(200, 123456, "new")).toMatchObject({ name: "OrderRejectedError", outcome: "unknown" });
    expect(errorOf(502, 123456, "new")).toMatchObject({ name: "VenueUnavailableError", outcome: "unknown" });
  });
});

describe("what an HTTP status means where there is no retCode", () => {
  it.each([
    [400, "OrderRejectedError", "definite", "never"],
    [401, "AuthError", "definite", "never"],
    [403, "AuthError", "definite", "never"],
    [404, "NotFoundError", "definite", "never"],
    [429, "RateLimitError", "definite", "later"],
    [500, "VenueUnavailableError", "unknown", "later"],
    [503, "VenueUnavailableError", "unknown", "later"],
  ] as const)("%i is %s, %s, %s", (status, name, outcome, retry) => {
    expect(errorOf(status, undefined, "text")).toMatchObject({ name, outcome, retry, venueCode: String(status) });
  });

  it("403 with the address's limit is a rate limit with the ban's ten minutes", () => {
    const error = errorOf(403, undefined, "403, access too frequent");
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ retryAfterMs: 600_000 });
  });
});

describe("an order that is not found", () => {
  it("is what empty lists say, and not a missing path or market", () => {
    expect(isOrderNotFound(orderNotFound("pw-1"))).toBe(true);
    expect(isOrderNotFound(errorOf(404, undefined, "path"))).toBe(false);
    expect(isOrderNotFound(new Error("110001"))).toBe(false);
  });

  it("only 10002 and -1, a request that has expired, are about the clock", () => {
    const venue = venueModule.createVenue({ domain: "bybit_perpetual" });
    const isClock = (code: number) =>
      venue.webUtils.isRequestExceptionRelatedToTimeSynchronizer(errorOf(200, code, ""));
    expect(FLAT.map(([code]) => code).filter(isClock)).toEqual([10002, -1]);
  });
});
