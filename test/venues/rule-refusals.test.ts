import { describe, expect, it } from "vitest";
import type { PerpwireError } from "../../src/model/error.ts";
import { errorOf as binance } from "../../src/venues/binance/errors.ts";
import { errorOf as bybit } from "../../src/venues/bybit/errors.ts";
import { errorOf as ftx } from "../../src/venues/ftx/errors.ts";
import { errorOf as okx } from "../../src/venues/okx/errors.ts";

const rows: readonly (readonly [what: string, error: PerpwireError])[] = [
  ...[-1111, -4002, -4004, -4005, -4013, -4014, -4023, -4164].map(
    (code) => [`Binance ${code}`, binance(400, code, "")] as const,
  ),
  ...["Qty invalid", "Price invalid", "params error: qty invalid"].map(
    (text) => [`Bybit 10001 ${text}`, bybit(200, 10001, text)] as const,
  ),
  [
    "Bybit 10001 too large",
    bybit(200, 10001, "The number of contracts exceeds maximum limit allowed: too large, order_qty:1 > max_qty:0"),
  ],
  ["Bybit 110094", bybit(200, 110094, "Order does not meet minimum order value 5USDT")],
  ...["51006", "51020", "51101", "51121", "51202"].map((code) => [`OKX ${code}`, okx(200, code, "")] as const),
  ["OKX 51000 px", okx(200, "51000", "Parameter px error")],
  ["OKX 51000 newSz", okx(200, "51000", "Parameter newSz error")],
  ...["Size too small", "Size too small for provide", "Size too large", "Invalid price"].map(
    (text) => [`FTX ${text}`, ftx(400, text)] as const,
  ),
];

describe("a refusal that names a rule of the market", () => {
  it.each(rows)("%s is a definite TRADING_RULE", (_, error) => {
    expect(error).toMatchObject({ name: "OrderRejectedError", code: "TRADING_RULE", outcome: "definite" });
  });
});

describe("a refusal for another reason", () => {
  it.each([
    ["Binance -2019", binance(400, -2019, "Margin is insufficient.")],
    ["Binance -4061", binance(400, -4061, "")],
    ["Bybit 10001 about the position side", bybit(200, 10001, "position idx not match position mode")],
    ["Bybit 10001 about the filled amount", bybit(200, 10001, "The qty must be larger than the filled qty")],
    ["Bybit 110007", bybit(200, 110007, "ab not enough for new order")],
    ["OKX 51000 about the position side", okx(200, "51000", "Parameter posSide error")],
    ["OKX 51008", okx(200, "51008", "Order failed. Insufficient USDT margin in account")],
    ["FTX reduce-only", ftx(400, "Invalid reduce-only order")],
    ["FTX signature", ftx(401, "Invalid Signature")],
  ] as const)("%s is none", (_, error) => {
    expect(error.code).not.toBe("TRADING_RULE");
  });
});
