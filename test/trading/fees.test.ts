import { describe, expect, test } from "vitest";
import { decimal } from "../../src/model/decimal.ts";
import type { TradeFeeSchema } from "../../src/model/fee.ts";
import { expectedPerpetualFee, feeAmounts } from "../../src/trading/fees.ts";
import { PAIR } from "./scene.ts";

const SCHEMA: TradeFeeSchema = {
  makerPercentFee: decimal("0.0002"),
  takerPercentFee: decimal("0.0007"),
  makerFixedFees: [],
  takerFixedFees: [{ token: "FTT", amount: decimal("1") }],
  buyPercentFeeDeductedFromReturns: false,
};

describe("the expected fee of a perpetual order", () => {
  test("is paid on top when a position opens, and out of what is released when it closes, on either side", () => {
    const kind = (side: "buy" | "sell", positionAction: "open" | "close") =>
      expectedPerpetualFee(SCHEMA, { side, positionAction, isMaker: true }, "USD").kind;
    expect([kind("buy", "open"), kind("sell", "open")]).toEqual(["addedToCost", "addedToCost"]);
    expect([kind("buy", "close"), kind("sell", "close")]).toEqual(["deductedFromReturns", "deductedFromReturns"]);
  });

  test("is in the collateral token unless the schema fixes one, and differs for maker and taker", () => {
    const taker = expectedPerpetualFee(SCHEMA, { side: "buy", positionAction: "open", isMaker: false }, "USDT");
    expect(taker).toMatchObject({ percent: decimal("0.0007"), percentToken: "USDT" });
    expect(taker.flatFees).toEqual(SCHEMA.takerFixedFees);
    const fixed = { ...SCHEMA, percentFeeToken: "FTT" };
    expect(
      expectedPerpetualFee(fixed, { side: "buy", positionAction: "open", isMaker: true }, "USDT").percentToken,
    ).toBe("FTT");
  });

  test("amounts by token: percent of the notional in the quote by default, flat ones as they are", () => {
    const trade = { tradingPair: PAIR, price: decimal("100"), amount: decimal("2") };
    const fee = { kind: "addedToCost", percent: decimal("0.001"), flatFees: SCHEMA.takerFixedFees } as const;
    expect(feeAmounts(fee, trade).map(([token, amount]) => `${token} ${amount.toFixed()}`)).toEqual([
      "USD 0.2",
      "FTT 1",
    ]);
  });
});
