import { describe, expect, test } from "vitest";
import { derivative } from "../../../src/venues/binance/derivative.ts";
import { contextOf, plain, TIME } from "./wire.ts";

describe("the account", () => {
  test("has balances, and zero of a collateral that is not listed", async () => {
    const assets = [{ asset: "USDT", walletBalance: "10000.00", availableBalance: "9949.75" }];
    const totals = { totalMarginBalance: "10010.05", availableBalance: "9949.75", totalMaintMargin: "3.30" };
    const { context } = contextOf(() => ({ ...totals, assets }));
    expect(plain(await derivative.fetchBalances(context))).toMatchObject([
      { type: "balance", asset: "USDT", total: "10000", available: "9949.75" },
      { type: "balance", asset: "USDC", total: "0", available: "0" },
      { type: "margin", collateral: "10010.05", freeCollateral: "9949.75", maintenanceMarginRequirement: "3.3" },
    ]);
  });

  test("has balances that are no older than their last change", async () => {
    const row = { asset: "USDT", walletBalance: "10000", availableBalance: "9949", updateTime: 1_700_000_000_000 };
    const totals = { totalMarginBalance: "10010.05", availableBalance: "9949.75", totalMaintMargin: "3.30" };
    const { context } = contextOf(() => ({ ...totals, assets: [row] }));
    const [usdt, usdc] = await derivative.fetchBalances(context);
    expect(usdt).toMatchObject({ asset: "USDT", noOlderThanMs: 1_700_000_000_000 });
    expect(usdc).toMatchObject({ asset: "USDC", noOlderThanMs: undefined });
  });

  test("that was never funded has empty texts in place of amounts, which are zeros", async () => {
    const assets = [{ asset: "USDT", walletBalance: "", availableBalance: "" }];
    const { context } = contextOf(() => ({
      totalMarginBalance: "",
      availableBalance: "",
      totalMaintMargin: "",
      assets,
    }));
    expect(plain(await derivative.fetchBalances(context))).toMatchObject([
      { type: "balance", asset: "USDT", total: "0", available: "0" },
      { type: "balance", asset: "USDC", total: "0" },
      { type: "margin", collateral: "0", freeCollateral: "0" },
    ]);
  });

  test("has positions of either mode, negative when short, and the leverage of each market", async () => {
    const row = (positionSide: string, positionAmt: string) => ({
      symbol: "BTCUSDT",
      positionSide,
      positionAmt,
      entryPrice: "60000.0",
      markPrice: "61005.0",
      unRealizedProfit: "10.05",
      liquidationPrice: "0",
      updateTime: TIME,
    });
    const { context } = contextOf((request) =>
      request.path.endsWith("symbolConfig")
        ? [
            { symbol: "BTCUSDT", marginType: "CROSSED", leverage: 21 },
            { symbol: "ELSEUSDT", leverage: 5 },
          ]
        : [row("LONG", "0.010"), row("SHORT", "-0.020")],
    );
    expect(plain(await derivative.fetchPositions(context, ["BTC-USDT"]))).toMatchObject([
      { type: "settings", tradingPair: "BTC-USDT", leverage: "21" },
      { type: "position", side: "long", amount: "0.01", unrealizedPnl: "10.05", timestampMs: TIME },
      { type: "position", side: "short", amount: "-0.02" },
    ]);
  });
});
