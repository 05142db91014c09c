import { describe, expect, it } from "vitest";
import type { CashFlow } from "../../src/model/cash-flow.ts";
import { derivative as binance } from "../../src/venues/binance/derivative.ts";
import { derivative as bybit } from "../../src/venues/bybit/derivative.ts";
import { derivative as ftx } from "../../src/venues/ftx/derivative.ts";
import { derivative as okx } from "../../src/venues/okx/derivative.ts";
import { contextOf as binanceContext, TIME } from "./binance/wire.ts";
import { NOW as BYBIT_NOW, contextOf as bybitContext } from "./bybit/wire.ts";
import { NOW as OKX_NOW, contextOf as okxContext } from "./okx/wire.ts";

const shown = (flows: readonly CashFlow[] | undefined) =>
  flows?.map(({ kind, tradingPair, asset, amount, sourceId }) => [
    kind,
    tradingPair,
    asset,
    amount.toFixed(),
    sourceId,
  ]);

describe("the cash flows of Binance", () => {
  const income = (incomeType: string, amount: string, changes: object = {}) => ({
    ...{ symbol: "BTCUSDT", incomeType, income: amount, asset: "USDT", time: TIME - 1_000, info: "" },
    ...{ tranId: "9689322392", tradeId: "2059192", ...changes },
  });
  const read = (rows: readonly object[]) => binance.fetchCashFlows?.(binanceContext(() => rows).context, TIME - 10_000);

  it("are profit, fees, funding and what the insurance fund took, by the fill or payment that they are of", async () => {
    const rows = [
      income("REALIZED_PNL", "-12.5"),
      income("COMMISSION", "-0.3", { asset: "BNB" }),
      income("FUNDING_FEE", "0.2", { tradeId: "" }),
      income("INSURANCE_CLEAR", "-4", { tradeId: "" }),
    ];
    expect(shown(await read(rows))).toEqual([
      ["realizedPnl", "BTC-USDT", "USDT", "-12.5", "2059192"],
      ["fee", "BTC-USDT", "BNB", "-0.3", "2059192"],
      ["funding", "BTC-USDT", "USDT", "0.2", "9689322392:BTCUSDT"],
      ["other", "BTC-USDT", "USDT", "-4", ""],
    ]);
  });

  it("are no transfers, conversions or gifts, and also those of markets that are not known", async () => {
    const others = ["TRANSFER", "INTERNAL_TRANSFER", "AUTO_EXCHANGE", "WELCOME_BONUS", "COIN_SWAP_DEPOSIT"];
    const rows = others.map((type, index) => income(type, "-500", { symbol: "", tranId: String(index) }));
    const flows = await read([...rows, income("COMMISSION", "-1", { symbol: "NEWUSDT" })]);
    expect(shown(flows)).toEqual([["fee", undefined, "USDT", "-1", "2059192"]]);
  });

  it("have an id of their own each, though one transaction books several", async () => {
    const flows = await read([income("REALIZED_PNL", "-1"), income("COMMISSION", "-1"), income("COMMISSION", "-1")]);
    expect(flows).toHaveLength(2);
    expect(new Set(flows?.map(({ cashFlowId }) => cashFlowId)).size).toBe(2);
  });
});

describe("the cash flows of Bybit", () => {
  const entry = (type: string, changes: object = {}) => ({
    ...{ id: "592324_BTCUSDT_1", type, symbol: "BTCUSDT", category: "linear", side: "Sell", currency: "USDT" },
    ...{ cashFlow: "0", funding: "", fee: "0", tradeId: "e-1", transactionTime: String(BYBIT_NOW), ...changes },
  });
  const read = (rows: readonly object[]) => {
    const context = bybitContext(() => ({ list: rows, nextPageCursor: "" }));
    return bybit.fetchCashFlows?.(context, BYBIT_NOW - 10_000);
  };

  it("are profit and fee of a trade, and what a settlement paid, whose entries share an id", async () => {
    const rows = [
      entry("TRADE", { cashFlow: "-12.5", fee: "0.3" }),
      entry("SETTLEMENT", { funding: "-0.4", tradeId: "f-1" }),
    ];
    const flows = await read(rows);
    expect(shown(flows)).toEqual([
      ["realizedPnl", "BTC-USDT", "USDT", "-12.5", "e-1"],
      ["fee", "BTC-USDT", "USDT", "-0.3", "e-1"],
      ["funding", "BTC-USDT", "USDT", "-0.4", "592324_BTCUSDT_1:Sell:f-1"],
    ]);
    expect(new Set(flows?.map(({ cashFlowId }) => cashFlowId)).size).toBe(3);
  });

  it.each(["LIQUIDATION", "ADL", "DELIVERY"])("are what %s cost", async (type) => {
    expect(shown(await read([entry(type, { cashFlow: "-7" })]))).toEqual([
      ["realizedPnl", "BTC-USDT", "USDT", "-7", "e-1"],
      ["fee", "BTC-USDT", "USDT", "0", "e-1"],
    ]);
  });

  it("say of a trade that opened without a fee that it realised nothing and cost nothing", async () => {
    const flows = await read([entry("TRADE")]);
    expect(flows?.map(({ kind, amount }) => [kind, amount.toFixed()])).toEqual([
      ["realizedPnl", "0"],
      ["fee", "0"],
    ]);
  });

  it.each([
    ["in the change", "-0.35", "-0.35"],
    ["not in the change", "-0.3", "-0.3"],
  ])("are, of a trade that is taxed, what has moved: the tax is %s", async (_, change, fee) => {
    const extraFees = [{ feeCoin: "USDT", feeType: "GST", subFeeType: "IND_GST", feeRate: "0.1", fee: "0.05" }];
    const flows = await read([entry("TRADE", { fee: "0.3", change, extraFees })]);
    expect(flows?.map(({ amount }) => amount.toFixed())).toEqual(["0", fee]);
  });

  it("are markets profit and funding of a USDC market, told in one entry", async () => {
    const flows = await read([entry("SETTLEMENT", { cashFlow: "-3", funding: "-0.1", currency: "USDC" })]);
    expect(flows?.map(({ amount }) => amount.toFixed())).toEqual(["-3", "-0.1"]);
  });

  it("are no transfers, bonuses, loans or conversions", async () => {
    const types = ["TRANSFER_IN", "TRANSFER_OUT", "BONUS", "BORROW", "REPAY", "CONVERT", "CURRENCY_SELL", "AIRDROP"];
    expect(await read(types.map((type) => entry(type, { cashFlow: "-500", symbol: "", side: "None" })))).toEqual([]);
  });
});

describe("the cash flows of OKX", () => {
  const bill = (type: string, changes: object = {}) => ({
    ...{ billId: "1", type, subType: "1", ccy: "USDT", instType: "SWAP", instId: "BTC-USDT-SWAP", ordId: "7" },
    ...{ tradeId: "55", pnl: "0", fee: "0", balChg: "0", posBalChg: "0", ts: String(OKX_NOW), ...changes },
  });
  const read = (rows: readonly object[]) =>
    okx.fetchCashFlows?.(
      okxContext(() => rows),
      OKX_NOW - 10_000,
    );

  it("are profit and fee of a trade, and a payment of cross and of isolated margin", async () => {
    const flows = await read([
      bill("2", { pnl: "-12.5", fee: "-0.3", balChg: "-12.8" }),
      bill("8", { billId: "2", tradeId: "0", pnl: "-0.25", posBalChg: "-0.25" }),
      bill("8", { billId: "3", tradeId: "0", pnl: "0.1", balChg: "0.1" }),
    ]);
    expect(shown(flows)).toEqual([
      ["realizedPnl", "BTC-USDT", "USDT", "-12.5", "55"],
      ["fee", "BTC-USDT", "USDT", "-0.3", "55"],
      ["funding", "BTC-USDT", "USDT", "-0.25", "2"],
      ["funding", "BTC-USDT", "USDT", "0.1", "3"],
    ]);
  });

  it("are what liquidation, ADL, clawback and interest cost", async () => {
    const flows = await read([
      bill("5", { tradeId: "0", pnl: "-9", fee: "-1" }),
      bill("5", { billId: "2", subType: "111", tradeId: "", balChg: "-2" }),
      bill("9", { billId: "3", pnl: "-3" }),
      bill("10", { billId: "4", balChg: "-1.5" }),
      bill("7", { billId: "5", balChg: "-0.01", instId: "", instType: "" }),
    ]);
    expect(flows?.map(({ kind, amount }) => [kind, amount.toFixed()])).toEqual([
      ["realizedPnl", "-9"],
      ["fee", "-1"],
      ["other", "-2"],
      ["realizedPnl", "-3"],
      ["fee", "0"],
      ["other", "-1.5"],
      ["other", "-0.01"],
    ]);
  });

  it("are no transfers, no margin that moved and no spot trades", async () => {
    const moved = { balChg: "-500", posBalChg: "500" };
    const spot = bill("2", { instType: "SPOT", instId: "BTC-USDT", balChg: "-60000", fee: "-0.001" });
    const rows = [bill("1", { balChg: "-500" }), bill("6", moved), bill("27", moved), spot];
    expect(await read(rows)).toEqual([]);
  });

  it("say of a trade that moved margin alone that it realised nothing and cost nothing", async () => {
    const flows = await read([bill("2", { billId: "3", balChg: "-500", posBalChg: "500" })]);
    expect(shown(flows)).toEqual([
      ["realizedPnl", "BTC-USDT", "USDT", "0", "55"],
      ["fee", "BTC-USDT", "USDT", "0", "55"],
    ]);
  });

  it("name a trade of the venue itself by its order and time, because its trade ids differ from list to list", async () => {
    const flows = await read([bill("5", { tradeId: "-3", pnl: "-9", fillTime: String(OKX_NOW - 4) })]);
    expect(flows?.map(({ sourceId }) => sourceId)).toEqual([`7:${OKX_NOW - 4}`, `7:${OKX_NOW - 4}`]);
  });
});

describe("the cash flows of FTX", () => {
  it("are not told by the venue: fills and funding payments make the day's result", () => {
    expect(ftx).not.toHaveProperty("fetchCashFlows");
  });
});
