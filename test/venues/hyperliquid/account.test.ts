import { describe, expect, it } from "vitest";
import type { AccountUpdate } from "../../../src/model/account-update.ts";
import { Decimal } from "../../../src/model/decimal.ts";
import { AuthError, ConfigError } from "../../../src/model/error.ts";
import { derivative } from "../../../src/venues/hyperliquid/derivative.ts";
import { errorOf } from "../../../src/venues/hyperliquid/errors.ts";
import { contextOf, FILL, marketsOf, NOW, ORDER, OTHER, USER, VAULT } from "./wire.ts";

const POSITION = {
  ...{ coin: "BTC", szi: "0.01", leverage: { type: "cross", value: 10 }, entryPx: "59900.0", positionValue: "600.03" },
  ...{ unrealizedPnl: "1.03", liquidationPx: null },
};
const STATE = {
  marginSummary: { accountValue: "10001.05", totalNtlPos: "600.03", totalRawUsd: "9401.02", totalMarginUsed: "60.003" },
  ...{ crossMaintenanceMarginUsed: "7.500375", withdrawable: "9941.047", time: NOW + 200 },
  assetPositions: [{ type: "oneWay", position: POSITION }],
};
const EMPTY = { ...STATE, marginSummary: { accountValue: "0.0" }, withdrawable: "0.0", assetPositions: [] };
const activeAssetData = ({ coin }: { readonly coin: string }) => ({
  leverage: coin === "ETH" ? { type: "isolated", value: 7, rawUsd: "1.0" } : { type: "cross", value: 20 },
});

const shown = (updates: readonly AccountUpdate[]) =>
  updates.map((update) => {
    if (update.type === "balance") return [update.asset, update.total?.toFixed(), update.available?.toFixed()];
    if (update.type === "settings") return [update.tradingPair, update.leverage?.toFixed()];
    return update.type === "position"
      ? [update.tradingPair, update.amount.toFixed(), update.leverage?.toFixed()]
      : update.type;
  });

describe("balances", () => {
  it("of an account of the usual kind are its value, with the profit of its positions, and what may be withdrawn", async () => {
    const { context } = contextOf({ clearinghouseState: STATE, userAbstraction: "default" });
    expect(shown(await derivative.fetchBalances(context))).toEqual([["USDC", "10001.05", "9941.047"], "margin"]);
  });

  it("of a unified account are its spot balances: the figures of its perpetual account mean nothing", async () => {
    const balances = [
      { coin: "USDC", total: "14.5", hold: "2.5" },
      { coin: "HYPE", total: "3.0", hold: "0.0" },
    ];
    for (const userAbstraction of ["unifiedAccount", "portfolioMargin"]) {
      const { context } = contextOf({
        clearinghouseState: EMPTY,
        userAbstraction,
        spotClearinghouseState: { balances },
      });
      expect(shown(await derivative.fetchBalances(context))).toEqual([
        ["USDC", "14.5", "12"],
        ["HYPE", "3", "3"],
      ]);
    }
  });

  it("of a venue that does not know the kinds of accounts are those of the usual kind; another failure proves nothing", async () => {
    const unread = errorOf(422, "Failed to deserialize the JSON body into the target type");
    const { context } = contextOf({ clearinghouseState: STATE, userAbstraction: unread });
    expect(shown(await derivative.fetchBalances(context))).toContain("margin");
    const failing = contextOf({ clearinghouseState: STATE, userAbstraction: errorOf(500, "null") });
    await expect(derivative.fetchBalances(failing.context)).rejects.toThrow("500");
  });

  it("of the address of an API wallet are refused: that it has none is no account that is flat", async () => {
    const answers = { clearinghouseState: EMPTY, userAbstraction: "default" };
    const agent = contextOf({ ...answers, userRole: { role: "agent", data: { user: OTHER } } });
    await expect(derivative.fetchBalances(agent.context)).rejects.toThrow(AuthError);
    const missing = contextOf({ ...answers, userRole: { role: "missing" } });
    await expect(derivative.fetchBalances(missing.context)).rejects.toThrow(/knows no account/);
    for (const role of ["user", "subAccount", "vault"]) {
      const { context } = contextOf({ ...answers, userRole: { role } });
      expect(shown(await derivative.fetchBalances(context))).toEqual([["USDC", "0", "0"], "margin"]);
    }
  });

  it("are those of the sub-account or vault where one is given, whatever the case of its letters", async () => {
    const account = { accountAddress: USER, vaultAddress: VAULT.replace("ea", "EA") };
    const { context, asked } = contextOf({ clearinghouseState: STATE, userAbstraction: "default" }, marketsOf(account));
    await derivative.fetchBalances(context);
    expect(new Set(asked.map((body) => body.user))).toEqual(new Set([VAULT]));
    const nobody = contextOf({}, marketsOf({}));
    await expect(derivative.fetchBalances(nobody.context)).rejects.toThrow(AuthError);
  });
});

describe("positions", () => {
  it("have their leverage with them; that of flat markets is asked for, and remembered for a while", async () => {
    const { context, requests } = contextOf({ clearinghouseState: STATE, activeAssetData });
    const updates = await derivative.fetchPositions(context, ["BTC-USD", "ETH-USD", "kPEPE-USD"]);
    expect(shown(updates)).toEqual([
      ["ETH-USD", "7"],
      ["kPEPE-USD", "20"],
      ["BTC-USD", "0.01", "10"],
    ]);
    const asked = requests.filter(({ freshForMs }) => freshForMs !== undefined);
    expect(asked.map(({ weight, freshForMs }) => [weight, freshForMs])).toEqual([
      [20, 60_000],
      [20, 60_000],
    ]);
  });

  it("are told without the leverage of a market that cannot be had", async () => {
    const { context, unreadable } = contextOf({ clearinghouseState: STATE, activeAssetData: errorOf(500, "null") });
    expect(shown(await derivative.fetchPositions(context, ["ETH-USD"]))).toEqual([["BTC-USD", "0.01", "10"]]);
    expect(unreadable).toHaveLength(1);
  });
});

describe("leverage", () => {
  it.each([
    ["BTC-USD", 0, true],
    ["ETH-USD", 2, false],
    ["ISO-USD", 4, false],
  ])("of %s is set with the margin mode that it has", async (tradingPair, asset, isCross) => {
    const { context, asked, requests } = contextOf({ activeAssetData, updateLeverage: [] });
    await derivative.setTradingPairLeverage(context, tradingPair, new Decimal(3));
    expect(asked.at(-1)).toMatchObject({ action: { type: "updateLeverage", asset, isCross, leverage: 3 } });
    expect(requests.at(-1)?.outdatesAnswers).toBe(true);
  });

  it("is whole", async () => {
    const { context, asked } = contextOf({ activeAssetData });
    await expect(derivative.setTradingPairLeverage(context, "BTC-USD", new Decimal("2.5"))).rejects.toThrow(
      ConfigError,
    );
    expect(asked).toEqual([]);
  });
});

describe("what an account holds besides", () => {
  const CONDITIONAL = {
    ...ORDER,
    oid: 7,
    side: "A",
    isTrigger: true,
    triggerPx: "57000.0",
    orderType: "Stop Market",
    tif: null,
  };

  it("are conditional orders, which are no open orders and are canceled by their id", async () => {
    const { context } = contextOf({
      frontendOpenOrders: [ORDER, CONDITIONAL],
      perpDexs: [null],
      clearinghouseState: STATE,
    });
    const open = await derivative.fetchOpenOrders(context);
    expect(open.map(({ exchangeOrderId }) => exchangeOrderId)).toEqual([String(ORDER.oid)]);
    const remainder = await derivative.fetchRemainder?.(context);
    expect(remainder).toMatchObject({
      conditionalOrders: [{ conditionalOrderId: "7", tradingPair: "BTC-USD" }],
      elsewhere: [],
    });
    const [order] = remainder?.conditionalOrders ?? [];
    const cancel = order && derivative.cancelConditionalOrder?.(context.markets, order);
    expect(cancel?.request.data).toMatchObject({ action: { type: "cancel", cancels: [{ a: 0, o: 7 }] } });
    expect(() => cancel?.parse([{ error: "Order was never placed, already canceled, or filled." }])).toThrow(
      "never placed",
    );
  });

  it("is asked for once, and an order that cannot be read is named once", async () => {
    const { context, asked } = contextOf({
      frontendOpenOrders: [ORDER, CONDITIONAL, { ...CONDITIONAL, coin: 5 }],
      perpDexs: [null],
      clearinghouseState: STATE,
    });
    const remainder = await derivative.fetchRemainder?.(context);
    expect([remainder?.conditionalOrders.length, remainder?.unseen.length]).toEqual([1, 1]);
    expect(asked.filter((each) => JSON.stringify(each).includes("frontendOpenOrders"))).toHaveLength(1);
  });

  it("stands on other exchanges of the venue, and one that cannot be looked at is named", async () => {
    const elsewhere = { position: { ...POSITION, coin: "test:ABC", szi: "-2.0" } };
    const { context } = contextOf({
      perpDexs: [null, { name: "test" }, { name: "dead" }],
      frontendOpenOrders: ({ dex }: { readonly dex?: string }) => (dex === "dead" ? errorOf(500, "null") : []),
      clearinghouseState: ({ dex }: { readonly dex?: string }) =>
        dex === "test" ? { ...STATE, assetPositions: [elsewhere] } : EMPTY,
    });
    const remainder = await derivative.fetchRemainder?.(context);
    expect(remainder?.elsewhere).toEqual(["a position of -2 on test:ABC"]);
    expect(remainder?.unseen).toEqual([expect.stringContaining("orders on dead")]);
  });
});

describe("cash", () => {
  it("is told of fills and payments, under the ids that these have, of the main exchange's markets alone", async () => {
    const delta = {
      type: "funding",
      coin: "ETH",
      usdc: "0.0375",
      szi: "-1.0",
      fundingRate: "0.0000125",
      nSamples: null,
    };
    const spot = { ...FILL, coin: "@107", tid: 2, feeToken: "HYPE" };
    const { context } = contextOf({
      userFillsByTime: [{ ...FILL, closedPnl: "-0.04558" }, spot, { ...FILL, coin: "test:ABC", tid: 3 }],
      userFunding: [{ time: NOW + 46, hash: "0x0", delta }],
    });
    const flows = (await derivative.fetchCashFlows?.(context, NOW)) ?? [];
    expect(flows.map(({ kind, amount, tradingPair }) => [kind, amount.toFixed(), tradingPair])).toEqual([
      ["funding", "0.0375", "ETH-USD"],
      ["realizedPnl", "-0.04558", "BTC-USD"],
      ["fee", "-0.0354", "BTC-USD"],
    ]);
    const [payment] = await derivative.fetchFundingPayments(context, NOW, []);
    const [fill] = await derivative.tradesSince(context, NOW, []);
    expect(flows[0]?.sourceId).toBe(payment?.paymentId);
    expect(fill?.type === "trade" && fill.fillId).toBe(flows[1]?.sourceId);
    expect(new Set(flows.map(({ cashFlowId }) => cashFlowId)).size).toBe(3);
  });

  it("of funding are named by market and time, which every list tells alike, and two of one time are two", async () => {
    const payment = (coin: string, usdc: string, time = NOW) => ({
      ...{ time, hash: "0x0", delta: { type: "funding", coin, usdc, szi: "-1", fundingRate: "0.00001" } },
    });
    const rows = [payment("ETH", "0.5"), payment("BTC", "1"), payment("BTC", "-2"), payment("BTC", "3", NOW + 1)];
    const { context } = contextOf({ userFunding: rows, userFillsByTime: [] });
    const payments = await derivative.fetchFundingPayments(context, NOW, []);
    expect(payments.map(({ paymentId, amount }) => [paymentId, amount.toFixed()])).toEqual([
      ...[
        [`ETH:${NOW}`, "0.5"],
        [`BTC:${NOW}`, "1"],
        [`BTC:${NOW}:2`, "-2"],
        [`BTC:${NOW + 1}`, "3"],
      ],
    ]);
    const flows = (await derivative.fetchCashFlows?.(context, NOW)) ?? [];
    expect(flows.map(({ sourceId }) => sourceId)).toEqual(payments.map(({ paymentId }) => paymentId));
    const twice = contextOf({ userFunding: [rows[1], rows[1]] }).context;
    expect(await derivative.fetchFundingPayments(twice, NOW, [])).toHaveLength(1);
  });
});
