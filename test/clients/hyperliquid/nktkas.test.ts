import { ApiRequestError } from "@nktkas/hyperliquid";
import { describe, expect, it } from "vitest";
import { nktkas } from "../support/nktkas-hyperliquid.ts";
import { accountOf, amount, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

const connect = async (options: Parameters<typeof openVenue>[0] = {}) => {
  const venue = await openVenue({ api: "hyperliquid", ...options });
  return { venue, ...nktkas(venue) };
};
const limit = (fields: object = {}) => ({
  ...{ a: 0, b: true, p: "19000", s: "0.01", r: false, t: { limit: { tif: "Gtc" as const } } },
  ...fields,
});
const CLOID = `0x${"ab".repeat(16)}` as const;

describe("@nktkas/hyperliquid reads", () => {
  it("what it asks of the market, each in the shape that it checks", async () => {
    const { venue, info } = await connect({ emptyBooks: false, quiet: true });
    const [meta, contexts] = await info.metaAndAssetCtxs();
    expect(meta.universe.map(({ name }) => name)).toEqual(["BTC", "ETH", "SOL", "DOGE"]);
    expect(Number(contexts[0]?.oraclePx)).toBe(amount(venue.engine.market("BTC-USD")!.index));
    const book = await info.l2Book({ coin: "BTC" });
    expect(book?.levels.map((side) => side.length)).toEqual([20, 20]);
    expect(Object.keys(await info.allMids())).toEqual(["BTC", "ETH", "SOL", "DOGE"]);
    expect(await info.perpDexs()).toEqual([null]);
    const candles = await info.candleSnapshot({ coin: "BTC", interval: "1h", startTime: Date.now() - 86_400_000 });
    expect(candles.length).toBeGreaterThan(20);
    expect(await info.recentTrades({ coin: "BTC" })).toEqual(expect.any(Array));
    expect((await info.predictedFundings())[0]?.[0]).toBe("BTC");
    expect(await info.l2Book({ coin: "NOPE" })).toBe(null);
  });

  it("what it asks of an account", async () => {
    const { venue, info, user } = await connect();
    const state = await info.clearinghouseState({ user });
    expect(Number(state.marginSummary.accountValue)).toBe(amount(accountOf(venue).equity));
    expect(await info.openOrders({ user })).toEqual([]);
    expect(await info.userRole({ user })).toMatchObject({ role: "user" });
    expect((await info.userRateLimit({ user })).nRequestsCap).toBe(10_000);
    expect(Number((await info.userFees({ user })).userCrossRate)).toBe(0.000_45);
    expect(await info.activeAssetData({ user, coin: "BTC" })).toMatchObject({ leverage: { type: "cross", value: 10 } });
    expect(await info.subAccounts({ user })).toMatchObject([{ name: "hedge" }]);
    expect(await info.extraAgents({ user })).toEqual([]);
  });
});

describe("@nktkas/hyperliquid trades", () => {
  it("places, modifies and cancels by both ids", async () => {
    const { venue, exchange, info, user } = await connect();
    const placed = await exchange.order({ orders: [limit({ c: CLOID })], grouping: "na" });
    const [status] = placed.response.data.statuses;
    expect(status).toEqual({ resting: { oid: expect.any(Number), cloid: CLOID } });
    await exchange.modify({ oid: CLOID, order: limit({ p: "19001", c: CLOID }) });
    const [row] = await info.frontendOpenOrders({ user });
    expect(row).toMatchObject({ limitPx: "19001.0", cloid: CLOID, tif: "Gtc" });
    expect(await info.orderStatus({ user, oid: CLOID })).toMatchObject({ status: "order", order: { status: "open" } });
    await exchange.cancel({ cancels: [{ a: 0, o: row!.oid }] });
    await exchange.order({ orders: [limit({ c: CLOID })], grouping: "na" });
    await exchange.cancelByCloid({ cancels: [{ asset: 0, cloid: CLOID }] });
    expect(venue.truth().orders.map(({ reason }) => reason)).toEqual(["user", "user", "user"]);
    const history = await info.historicalOrders({ user });
    expect(history.filter((each) => each.status === "canceled")).toHaveLength(3);
  });

  it("takes, is told of its fills, and sets leverage and margin", async () => {
    const { venue, exchange, info, user } = await connect();
    await exchange.updateLeverage({ asset: 0, isCross: false, leverage: 5 });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.1" });
    const { response } = await exchange.order({
      orders: [limit({ p: "20100", s: "0.1", t: { limit: { tif: "Ioc" } } })],
      grouping: "na",
    });
    expect(response.data.statuses).toEqual([{ filled: { totalSz: "0.1", avgPx: "20000.0", oid: expect.any(Number) } }]);
    const fills = await info.userFills({ user });
    const [known] = venue.truth().fills;
    expect(fills).toMatchObject([{ tid: known?.tradeId, oid: known?.orderId, px: "20000.0", dir: "Open Long" }]);
    expect(Number(fills[0]?.fee)).toBe(Number(known?.fee));
    await exchange.updateIsolatedMargin({ asset: 0, isBuy: true, ntli: 50_000_000 });
    const [position] = (await info.clearinghouseState({ user })).assetPositions;
    expect(position?.position).toMatchObject({
      szi: "0.1",
      marginUsed: "449.1",
      leverage: { type: "isolated", value: 5 },
    });
  });

  it("throws what the venue refuses, of the action and of an order in it", async () => {
    const { exchange } = await connect();
    await expect(exchange.order({ orders: [limit({ s: "0.0001" })], grouping: "na" })).rejects.toThrow(
      "Order must have minimum value of $10.",
    );
    await expect(exchange.cancel({ cancels: [{ a: 0, o: 1 }] })).rejects.toThrow(ApiRequestError);
    await expect(exchange.updateLeverage({ asset: 0, isCross: true, leverage: 99 })).rejects.toThrow(ApiRequestError);
  });

  it("approves an API wallet that trades for it, and sends money", async () => {
    const { venue, exchange, info, user } = await connect();
    const rival = nktkas(venue, "rival-key");
    await exchange.usdSend({ destination: rival.user, amount: "10" });
    expect(amount(accountOf(venue, "rival@example.com").cash)).toBe(100_010);
    await exchange.usdClassTransfer({ amount: "25", toPerp: false });
    expect((await info.spotClearinghouseState({ user })).balances).toMatchObject([{ coin: "USDC", total: "25.0" }]);
    const updates = await info.userNonFundingLedgerUpdates({ user, startTime: 0 });
    expect(updates.map(({ delta }) => delta.type)).toEqual(["deposit", "internalTransfer", "accountClassTransfer"]);
    await exchange.approveAgent({ agentAddress: `0x${"77".repeat(20)}`, agentName: "bot" });
    expect(await info.extraAgents({ user })).toMatchObject([{ name: "bot", address: `0x${"77".repeat(20)}` }]);
  });
});

describe("@nktkas/hyperliquid listens", () => {
  it("to the market, by acknowledgements that say what it asked for", async () => {
    const { venue, streams } = await connect();
    const seen: Record<string, unknown[]> = { l2Book: [], bbo: [], trades: [], candle: [], allMids: [], ctx: [] };
    await Promise.all([
      streams.l2Book({ coin: "BTC" }, (data) => void seen.l2Book!.push(data)),
      streams.bbo({ coin: "BTC" }, (data) => void seen.bbo!.push(data)),
      streams.trades({ coin: "BTC" }, (data) => void seen.trades!.push(...data)),
      streams.candle({ coin: "BTC", interval: "1m" }, (data) => void seen.candle!.push(data)),
      streams.allMids((data) => void seen.allMids!.push(data)),
      streams.activeAssetCtx({ coin: "BTC" }, (data) => void seen.ctx!.push(data)),
    ]);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "1" });
    venue.execute({
      ...({ type: "placeOrder", accountId: venue.accountId, market: "BTC-USD", side: "buy" } as const),
      ...({ orderType: "limit", price: 2_000_000_000_000n, size: 50_000_000n, timeInForce: "IOC" } as const),
      ...{ postOnly: false, reduceOnly: false, clientId: null },
    });
    await until("all of them", () => (Object.values(seen).every((data) => data.length > 0) ? true : undefined));
    expect(seen.trades).toMatchObject([{ px: "20000.0", sz: "0.5", side: "B" }]);
    await until("the book with what is left", () =>
      JSON.stringify(seen.l2Book!.at(-1)).includes('"sz":"0.5"') ? true : undefined,
    );
  });

  it("to an account, and acts and asks over the same socket", async () => {
    const { venue, streams, user, socketExchange, socketInfo } = await connect();
    const seen: Record<string, unknown[]> = { orders: [], fills: [], events: [], state: [], open: [] };
    await Promise.all([
      streams.orderUpdates({ user }, (data) => void seen.orders!.push(...data)),
      streams.userFills({ user }, ({ isSnapshot, fills }) => void (isSnapshot === true || seen.fills!.push(...fills))),
      streams.userEvents({ user }, (data) => void seen.events!.push(data)),
      streams.clearinghouseState({ user }, (data) => void seen.state!.push(data)),
      streams.openOrders({ user }, (data) => void seen.open!.push(data)),
    ]);
    await socketExchange.order({ orders: [limit({ c: CLOID })], grouping: "na" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "19000", size: "0.01" });
    await until("the fill", () => (seen.fills!.length > 0 && seen.events!.length > 0 ? true : undefined));
    expect(seen.orders).toMatchObject([
      { order: { cloid: CLOID, sz: "0.01" }, status: "open" },
      { order: { cloid: CLOID, sz: "0.0" }, status: "filled" },
    ]);
    const [known] = venue.truth().fills;
    expect(seen.fills).toMatchObject([{ tid: known?.tradeId, oid: known?.orderId, crossed: false, dir: "Open Long" }]);
    await until("the position in the state", () =>
      JSON.stringify(seen.state!.at(-1)).includes('"szi":"0.01"') ? true : undefined,
    );
    expect(await socketInfo.openOrders({ user })).toEqual([]);
    await expect(socketExchange.cancelByCloid({ cancels: [{ asset: 0, cloid: CLOID }] })).rejects.toThrow(
      "Order was never placed, already canceled, or filled.",
    );
  });
});
