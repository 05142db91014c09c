import { describe, expect, it } from "vitest";
import { PerpwireError, ProtocolError } from "../../../src/model/error.ts";
import { ERROR_TABLE, errorOf, isOrderClosed, isOrderNotFound } from "../../../src/venues/ftx/errors.ts";
import { unwrapResponse } from "../../../src/venues/ftx/web-utils.ts";

/** Status, text, class, outcome, retry. */
const CASES = [
  [401, "Not logged in", "AuthError", "definite", "never"],
  [401, "Not logged in: Invalid API key", "AuthError", "definite", "never"],
  [401, "Not logged in: Invalid signature", "AuthError", "definite", "never"],
  [401, "Invalid Signature", "AuthError", "definite", "never"],
  [401, "Not logged in: Timestamp too far from current time", "AuthError", "definite", "never"],
  [401, "Not logged in: IP not whitelisted", "AuthError", "definite", "never"],
  [403, "Only have permissions for subaccount desk", "AuthError", "definite", "never"],
  [400, "Not authorized for subaccount-specific access", "AuthError", "definite", "never"],
  [400, "No such subaccount", "AuthError", "definite", "never"],
  [400, "Account does not have enough margin for order", "InsufficientMarginError", "definite", "never"],
  [400, "Not enough balances", "InsufficientMarginError", "definite", "never"],
  [400, "Account does not have enough balances", "InsufficientMarginError", "definite", "never"],
  [400, "Size too small", "OrderRejectedError", "definite", "never"],
  [400, "Size too small for provide", "OrderRejectedError", "definite", "never"],
  [400, "Size too large", "OrderRejectedError", "definite", "never"],
  [400, "Invalid price", "OrderRejectedError", "definite", "never"],
  [400, "Invalid parameter size", "OrderRejectedError", "definite", "never"],
  [400, "Missing parameter price", "OrderRejectedError", "definite", "never"],
  [400, "Duplicate client order ID", "OrderRejectedError", "unknown", "never"],
  [400, "Invalid reduce-only order", "OrderRejectedError", "definite", "never"],
  [400, "Spot orders cannot be reduce-only", "OrderRejectedError", "definite", "never"],
  [400, "Can only place reduce-only orders on this future", "OrderRejectedError", "definite", "never"],
  [404, "Order not found", "NotFoundError", "definite", "never"],
  [400, "Order already closed", "OrderRejectedError", "definite", "never"],
  [400, "Order already queued for cancellation", "OrderRejectedError", "definite", "never"],
  [400, "Trigger price too high", "OrderRejectedError", "definite", "never"],
  [400, "Not approved to trade this product", "OrderRejectedError", "definite", "never"],
  [404, "No such market: BTC-PERPX", "NotFoundError", "definite", "never"],
  [404, "No such future: BTC-PERPX", "NotFoundError", "definite", "never"],
  [404, "No such coin: XYZ", "NotFoundError", "definite", "never"],
  [429, "Do not send more than 2 orders per 200ms", "RateLimitError", "definite", "later"],
  [429, "Slow down", "RateLimitError", "definite", "later"],
  [429, "Cannot send more than 1500 requests per minute", "RateLimitError", "definite", "later"],
  [429, "anything", "RateLimitError", "definite", "later"],
  [500, "Please retry request", "VenueUnavailableError", "unknown", "later"],
  [500, "Please try again", "VenueUnavailableError", "unknown", "later"],
  [500, "Try again", "VenueUnavailableError", "unknown", "later"],
  [500, "Internal Error", "VenueUnavailableError", "unknown", "later"],
  [200, "An unexpected error occurred, please try again later (ABCD).", "VenueUnavailableError", "unknown", "later"],
  [400, "Order took too long to process", "VenueUnavailableError", "unknown", "later"],
  [503, "nothing that the table knows", "VenueUnavailableError", "unknown", "later"],
  [404, "nothing that the table knows", "NotFoundError", "definite", "never"],
  [400, "nothing that the table knows", "OrderRejectedError", "unknown", "never"],
] as const;

describe("what a failure means", () => {
  it.each(CASES)("%i %s is %s, %s, %s", (status, text, name, outcome, retry) => {
    const error = errorOf(status, text);
    expect(error).toMatchObject({ name, outcome, retry, venue: "ftx_perpetual", venueCode: text });
    expect(error.message).toContain(text);
  });

  it("every row of the table is among them", () => {
    const untested = ERROR_TABLE.filter((row) => !CASES.some(([, text]) => row.text.test(text)));
    expect(untested.map((row) => String(row.text))).toEqual([]);
  });

  it("not found and closed are told apart", () => {
    expect(isOrderNotFound(errorOf(404, "Order not found"))).toBe(true);
    expect(isOrderNotFound(errorOf(404, "No such market: X"))).toBe(false);
    expect(isOrderNotFound(errorOf(404, "no envelope"))).toBe(false);
    expect(isOrderClosed(errorOf(400, "Order already closed"))).toBe(true);
    expect(isOrderClosed(errorOf(400, "Order already queued for cancellation"))).toBe(true);
    expect(isOrderClosed(errorOf(400, "Size too small"))).toBe(false);
  });
});

describe("unwrapping a response", () => {
  const unwrap = (status: number, text: string): unknown => {
    try {
      return unwrapResponse({ status, headers: {}, text });
    } catch (error) {
      return error;
    }
  };

  it("gives the result, whatever the order of the keys", () => {
    expect(unwrap(200, '{"success":true,"result":{"a":1}}')).toEqual({ a: 1 });
    expect(unwrap(200, '{"result":null,"success":true}')).toBeNull();
  });

  it.each([
    ["a 200 that says no success", 200, '{"success":false,"error":"Size too small"}', "OrderRejectedError"],
    ["a 200 with a success that is not true", 200, '{"success":"yes","result":1}', "OrderRejectedError"],
    ["success with a status that says otherwise", 500, '{"success":true,"result":1}', "VenueUnavailableError"],
    ["a proxy's 502 page", 502, "<html>bad gateway</html>", "VenueUnavailableError"],
    ["a 429 page", 429, "<html>slow</html>", "RateLimitError"],
    ["a 200 page", 200, "<html>hello</html>", "ProtocolError"],
    ["a 200 that was cut short", 200, '{"success":true,"resul', "ProtocolError"],
    ["a 200 without an envelope", 200, "[1,2]", "ProtocolError"],
    ["a 404 without an envelope", 404, "[]", "NotFoundError"],
  ])("%s is its error", (_, status, text, name) => {
    expect(unwrap(status, text)).toMatchObject({ name });
  });

  it("takes the words from `error`, and leaves the outcome open where it cannot tell", () => {
    const error = unwrap(400, '{"success":false,"error":"Invalid price","msg":"not this"}');
    expect(String(error)).toContain("Invalid price");
    expect(String(error)).not.toContain("not this");
    expect(unwrap(200, "<html>")).toMatchObject({ outcome: "unknown" });
    expect(unwrap(200, '{"success":false}')).toMatchObject({ outcome: "unknown" });
    expect(unwrap(200, "<html>")).toBeInstanceOf(ProtocolError);
    expect(unwrap(502, "<html>")).toBeInstanceOf(PerpwireError);
  });

  it("keeps integers from 2^53 up as text", () => {
    expect(unwrap(200, '{"success":true,"result":{"id":9007199254740993}}')).toEqual({ id: "9007199254740993" });
  });
});
