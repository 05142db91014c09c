import { describe, expect, it } from "vitest";
import { POSITION_MODE_MISMATCH } from "../../src/model/error.ts";
import { errorOf as binance } from "../../src/venues/binance/errors.ts";
import { errorOf as bybit } from "../../src/venues/bybit/errors.ts";
import { errorOf as okx } from "../../src/venues/okx/errors.ts";

describe("a refusal for the position mode", () => {
  it.each([
    ["binance", binance(400, -4061, "Order's position side does not match user's setting.")],
    ["binance", binance(400, -1106, "Parameter 'reduceonly' sent when not required.")],
    ["bybit", bybit(200, 10001, "position idx not match position mode")],
    ["okx", okx(200, "51000", "Parameter posSide error")],
  ])("says so, and is definite: %s, %s", (_venue, error) => {
    expect(error).toMatchObject({ name: "OrderRejectedError", code: POSITION_MODE_MISMATCH, outcome: "definite" });
  });

  it.each([
    ["binance", binance(400, -1106, "Parameter 'timeInForce' sent when not required.")],
    ["bybit", bybit(200, 10001, "params error: qty invalid")],
    ["okx", okx(200, "51000", "Parameter sz error")],
  ])("is told from others with the same code: %s, %s", (_venue, error) => {
    expect(error.code).not.toBe(POSITION_MODE_MISMATCH);
  });
});
