import { describe, expect, test } from "vitest";
import { decimal } from "../../../src/model/decimal.ts";
import { ConfigError, NotFoundError, OrderRejectedError } from "../../../src/model/error.ts";
import { prepareRequest } from "../../../src/net/rest-encoding.ts";
import type { RestRequest } from "../../../src/net/venue-api.ts";
import { derivative } from "../../../src/venues/binance/derivative.ts";
import {
  contextOf,
  EXCHANGE_INFO,
  FUNDING_INTERVALS,
  fillRow,
  markets,
  orderRow,
  orderToPlace,
  plain,
  reference,
  symbolRow,
  TIME,
} from "./wire.ts";

const DAY = 86_400_000;
const path = (request: RestRequest | undefined) => `${request?.method} ${request?.path}`;

describe("markets", () => {
  const { markets, skipped } = derivative.parseExchangeInfo({ ...EXCHANGE_INFO, fundingInfo: FUNDING_INTERVALS });

  test("are the perpetuals that trade, by symbol, with digits and characters of any alphabet", () => {
    expect(markets.map(({ symbol, tradingPair }) => [symbol, tradingPair])).toEqual([
      ["BTCUSDT", "BTC-USDT"],
      ["1000SHIBUSDT", "1000SHIB-USDT"],
      ["币安人生USDT", "币安人生-USDT"],
    ]);
    expect(skipped.map(({ symbol }) => symbol)).toEqual(["BROKENUSDT"]);
  });

  test("have the rules of their filters, not of the precisions", () => {
    expect(plain(markets[0]?.rule)).toEqual({
      tradingPair: "BTC-USDT",
      minOrderSize: "0.001",
      maxOrderSize: "1000",
      maxMarketOrderSize: "120",
      minPriceIncrement: "0.1",
      minBaseAmountIncrement: "0.001",
      minNotionalSize: "100",
      minPrice: "556.8",
      maxPrice: "4529764",
      contractSize: "1",
      contractKind: "linear",
      buyOrderCollateralToken: "USDT",
      sellOrderCollateralToken: "USDT",
      supportsMarketOrders: true,
    });
  });

  test("have rules of their own for market orders where those are set and differ, and a most of open orders", () => {
    const rowWith = (...changes: readonly Record<string, unknown>[]) => {
      const row = symbolRow("BTC");
      const changed = new Set(changes.map(({ filterType }) => filterType));
      return { ...row, filters: [...row.filters.filter(({ filterType }) => !changed.has(filterType)), ...changes] };
    };
    const ruleOf = (...changes: readonly Record<string, unknown>[]) =>
      derivative.parseExchangeInfo({ symbols: [rowWith(...changes)] }).markets[0]!.rule;
    const own = { filterType: "MARKET_LOT_SIZE", minQty: "0.01", maxQty: "120", stepSize: "0.01" };
    expect(plain(ruleOf(own, { filterType: "MAX_NUM_ORDERS", limit: 200 }))).toMatchObject({
      minMarketOrderSize: "0.01",
      maxMarketOrderSize: "120",
      minMarketBaseAmountIncrement: "0.01",
      maxOpenOrders: 200,
    });
    const unset = ruleOf({ filterType: "MARKET_LOT_SIZE", minQty: "0", maxQty: "0", stepSize: "0" });
    expect([unset.minMarketOrderSize, unset.maxMarketOrderSize, unset.minMarketBaseAmountIncrement]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("are no COIN-M contracts, wherever those are listed", () => {
    const coin = symbolRow("ETH", { symbol: "ETHUSD_PERP", quoteAsset: "USD", marginAsset: "ETH" });
    expect(derivative.parseExchangeInfo({ symbols: [coin] })).toEqual({ markets: [], closed: [], skipped: [] });
  });

  test("settle funding every eight hours, except where the venue says otherwise", () => {
    expect(markets.map((market) => market.fundingIntervalMs / 3_600_000)).toEqual([8, 4, 8]);
  });

  test("are asked for together with the funding intervals", async () => {
    const { context, requests } = contextOf((request) =>
      request.path.endsWith("fundingInfo") ? FUNDING_INTERVALS : EXCHANGE_INFO,
    );
    const info = await derivative.requestExchangeInfo(context);
    expect(requests.map(path)).toEqual(["GET /fapi/v1/exchangeInfo", "GET /fapi/v1/fundingInfo"]);
    const { markets: listed } = derivative.parseExchangeInfo(info);
    expect(listed).toHaveLength(3);
    expect(listed.find(({ symbol }) => symbol === "BTCUSDT")?.tradingPair).toBe("BTC-USDT");
  });
});

describe("an order to place", () => {
  test("is sent as a form, with small amounts in full and any alphabet encoded", () => {
    const order = orderToPlace({ tradingPair: "币安人生-USDT", amount: decimal("1e-7") });
    const { body, url } = prepareRequest(derivative.placeOrder(markets, order).request, "http://host/fapi/v1/order");
    expect(url).toBe("http://host/fapi/v1/order");
    expect(body).toContain("symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&side=BUY");
    expect(body).toContain("quantity=0.0000001");
  });

  test("is answered without average price since 2026, and an immediate one with its end", () => {
    const { parse } = derivative.placeOrder(markets, orderToPlace());
    expect(parse(orderRow())).toMatchObject({ exchangeOrderId: "91000001", update: { state: "open" } });
    const filled = parse(orderRow({ status: "FILLED", executedQty: "0.010", avgPrice: "59999.50" }));
    expect(plain(filled.update)).toMatchObject({ state: "filled", executedAmount: "0.01", averagePrice: "59999.5" });
  });

  test("keeps ids beyond 2^53 as they were printed", () => {
    const { parse } = derivative.placeOrder(markets, orderToPlace());
    expect(parse(orderRow({ orderId: "90071992547409931" })).exchangeOrderId).toBe("90071992547409931");
  });
});

describe("orders that are there", () => {
  test("are canceled by the venue's id, or by ours where that is not known; the answer is the end", () => {
    const { request, parse } = derivative.placeCancel(markets, reference());
    expect(request).toMatchObject({
      method: "DELETE",
      params: { symbol: "BTCUSDT", orderId: "91000001" },
      lane: "cancel",
    });
    const byOurs = derivative.placeCancel(markets, reference({ exchangeOrderId: undefined }));
    expect(byOurs.request.params).toEqual({ symbol: "BTCUSDT", origClientOrderId: "pw-1" });
    expect(parse(orderRow({ status: "CANCELED" }))).toMatchObject({ state: "canceled" });
  });

  test("are amended in place, both price and amount being sent", () => {
    const terms = { price: decimal("59000"), amount: decimal("0.02") };
    const change = { ...terms, executedAmount: decimal("0"), clientOrderId: "pw-1-a1" };
    const amend = derivative.amendOrder?.(markets, reference(), change);
    expect(path(amend?.request)).toBe("PUT /fapi/v1/order");
    expect(amend?.request.form).toEqual({
      symbol: "BTCUSDT",
      orderId: "91000001",
      side: "BUY",
      quantity: "0.02",
      price: "59000",
    });
    const market = reference({ type: "market", price: undefined });
    expect(() => derivative.amendOrder?.(markets, market, { ...change, price: undefined })).toThrow(OrderRejectedError);
  });

  test("are looked up by either id, and one on no known market is not found", async () => {
    const { context, requests } = contextOf(() =>
      orderRow({ status: "EXPIRED", timeInForce: "IOC", executedQty: "0.004" }),
    );
    const update = await derivative.requestOrderStatus(context, reference({ exchangeOrderId: undefined }));
    expect(requests[0]?.params).toEqual({ symbol: "BTCUSDT", origClientOrderId: "pw-1" });
    expect(plain(update)).toMatchObject({ state: "expired", executedAmount: "0.004", inferredReason: "iocRemainder" });
    const { context: other } = contextOf(() => orderRow({ symbol: "BTCUSDT_270326" }));
    await expect(derivative.requestOrderStatus(other, reference())).rejects.toThrow(NotFoundError);
  });

  test.each([
    [
      { status: "EXPIRED_IN_MATCH", executedQty: "0.004" },
      { state: "expired", reason: "selfTrade" },
    ],
    [
      { status: "EXPIRED", timeInForce: "GTX" },
      { state: "expired", inferredReason: "postOnly" },
    ],
    [
      { status: "EXPIRED", timeInForce: "FOK" },
      { state: "expired", inferredReason: "iocRemainder" },
    ],
    [
      { status: "EXPIRED", type: "MARKET", price: "0" },
      { state: "expired", inferredReason: "iocRemainder" },
    ],
    [{ status: "PARTIALLY_FILLED", executedQty: "0.004" }, { state: "partiallyFilled" }],
    [{ status: "REJECTED" }, { state: "failed" }],
  ])("%o", async (changes, expected) => {
    const { context } = contextOf(() => orderRow(changes));
    expect(await derivative.requestOrderStatus(context, reference())).toMatchObject(expected);
  });

  test("are as old as they are: when they last changed is told apart", async () => {
    const { context } = contextOf(() => [orderRow({ time: TIME - 60_000 }), orderRow()]);
    const update = await derivative.requestOrderStatus(
      contextOf(() => orderRow({ time: TIME - 60_000 })).context,
      reference(),
    );
    expect(update).toMatchObject({ timestampMs: TIME, order: { timestampMs: TIME - 60_000 } });
    const orders = await derivative.fetchOpenOrders(context, ["BTC-USDT"]);
    expect(orders.map(({ timestampMs }) => timestampMs)).toEqual([TIME - 60_000, TIME]);
  });

  test("are listed by market while that is cheaper than all at once", async () => {
    const { context, requests } = contextOf(() => [orderRow(), orderRow({ symbol: "ELSEUSDT" })]);
    expect(await derivative.fetchOpenOrders(context, ["BTC-USDT", "1000SHIB-USDT"])).toHaveLength(2);
    expect(requests.map(({ params, weight }) => [params?.symbol, weight])).toEqual([
      ["BTCUSDT", 1],
      ["1000SHIBUSDT", 1],
    ]);
    await derivative.fetchOpenOrders(context, []);
    expect(requests[2]).toMatchObject({ weight: 40 });
    expect(requests[2]?.params?.symbol).toBeUndefined();
  });
});

test("an amend says that its order is reduce-only, which lifts the minimum notional, and says so of no other", () => {
  const change = {
    price: decimal("59000"),
    amount: decimal("0.001"),
    executedAmount: decimal("0"),
    clientOrderId: "pw-1-a1",
  };
  const flagOf = (changes: Parameters<typeof reference>[0]) =>
    derivative.amendOrder?.(markets, reference(changes), change).request.form?.reduceOnly;
  expect(flagOf({ reduceOnly: true, positionMode: "oneWay" })).toBe("true");
  expect(flagOf({ reduceOnly: true, positionMode: "hedge" })).toBeUndefined();
  expect(flagOf({ reduceOnly: false, positionMode: "oneWay" })).toBeUndefined();
});

describe("batches", () => {
  test("of creates are one request; each row is an order or its refusal", () => {
    const orders = [orderToPlace(), orderToPlace({ clientOrderId: "pw-2", type: "market", price: undefined })];
    const batch = derivative.placeOrders?.(markets, orders);
    expect(batch?.request).toMatchObject({ path: "/fapi/v1/batchOrders", limitId: "ORDER_BATCHES", weight: 5 });
    const sent: unknown = JSON.parse(String(batch?.request.form?.batchOrders));
    expect(sent).toMatchObject([
      { newClientOrderId: "pw-1", price: "60000" },
      { newClientOrderId: "pw-2", type: "MARKET" },
    ]);
    const rows = batch?.parse([orderRow(), { code: -2019, msg: "Margin is insufficient." }]);
    expect(rows).toMatchObject([
      { id: { clientOrderId: "pw-1" }, ok: true, value: { exchangeOrderId: "91000001" } },
      { id: undefined, ok: false, error: { venueCode: "-2019" } },
    ]);
  });

  test("of cancels name ids without losing a digit, or client ids where one is not known", () => {
    const long = reference({ exchangeOrderId: "90071992547409931" });
    const byId = derivative.placeCancels?.(markets, [reference(), long]);
    expect(byId?.request.params).toEqual({ symbol: "BTCUSDT", orderIdList: "[91000001,90071992547409931]" });
    const byOurs = derivative.placeCancels?.(markets, [
      reference(),
      reference({ clientOrderId: "pw-2", exchangeOrderId: undefined }),
    ]);
    expect(byOurs?.request.params).toEqual({ symbol: "BTCUSDT", origClientOrderIdList: '["pw-1","pw-2"]' });
    expect(byId?.parse([orderRow({ status: "CANCELED" }), { code: -2011, msg: "Unknown order sent." }])).toMatchObject([
      { id: { exchangeOrderId: "91000001" }, ok: true, value: { state: "canceled" } },
      { ok: false, error: { venueCode: "-2011" } },
    ]);
    const other = reference({ tradingPair: "1000SHIB-USDT" });
    expect(() => derivative.placeCancels?.(markets, [reference(), other])).toThrow(ConfigError);
  });

  test("cancel everything of one market when nothing is heard for a while", () => {
    const later = derivative.cancelAllAfter?.(markets, 120_000, "BTC-USDT");
    expect(later?.request).toMatchObject({ weight: 10, form: { symbol: "BTCUSDT", countdownTime: 120_000 } });
  });
});

describe("fills", () => {
  test("are read in ranges of seven days, and on by id from a full page", async () => {
    const full = Array.from({ length: 1_000 }, (_, index) => fillRow(index + 1));
    const { context, requests } = contextOf(
      ({ params }) => {
        if (params?.fromId === "1001") return [fillRow(1_001)];
        if (params?.symbol === undefined) return [];
        return requests.length === 1 ? [] : full;
      },
      TIME + 20 * DAY,
    );
    const trades = await derivative.tradesSince(context, TIME, ["BTC-USDT"]);
    expect(trades).toHaveLength(1_001);
    expect(requests.slice(0, 3).map(({ params }) => params)).toMatchObject([
      { symbol: "BTCUSDT", startTime: TIME, endTime: TIME + 7 * DAY - 1, limit: 1_000 },
      { startTime: TIME + 7 * DAY, endTime: TIME + 14 * DAY - 1 },
      { fromId: "1001", limit: 1_000 },
    ]);
    expect(requests[2]?.params).not.toHaveProperty("startTime");
  });

  test("go back no further than the three months that the venue keeps", async () => {
    const { context, requests } = contextOf(() => [], TIME);
    await derivative.allTradeUpdatesForOrder(context, reference({ createdAtMs: TIME - 200 * DAY }));
    expect(requests[0]?.params).toMatchObject({ startTime: TIME - 89 * DAY });
    expect(requests).toHaveLength(13);
  });

  test("of several markets come in the order of time", async () => {
    const { context } = contextOf(({ params }) =>
      params?.symbol === "BTCUSDT" ? [fillRow(5)] : [fillRow(3, { symbol: "1000SHIBUSDT" })],
    );
    const trades = await derivative.tradesSince(context, TIME, ["BTC-USDT", "1000SHIB-USDT"]);
    expect(trades).toMatchObject([{ fillId: "3", tradingPair: "1000SHIB-USDT" }, { fillId: "5" }]);
  });

  test("carry commission as their fee, not the realised profit, and close nothing by themselves", async () => {
    const { context } = contextOf(() => [fillRow(1), fillRow(2, { side: "SELL", positionSide: "LONG" })]);
    const [oneWay, hedge] = await derivative.tradesSince(context, TIME, ["BTC-USDT"]);
    expect(plain(oneWay)).toMatchObject({
      fee: { flatFees: [{ token: "USDT", amount: "0.12" }] },
      isMaker: true,
      exchangeOrderId: "91000001",
    });
    expect(oneWay).toHaveProperty("positionAction", undefined);
    expect(hedge).toHaveProperty("positionAction", "close");
  });

  test("of one order are found by the venue's id, which is looked up where it is not known", async () => {
    const { context, requests } = contextOf((request) =>
      request.path.endsWith("/order") ? orderRow() : [fillRow(1), fillRow(2, { orderId: 5 })],
    );
    const order = reference({ exchangeOrderId: undefined });
    const trades = await derivative.allTradeUpdatesForOrder(context, order);
    expect(trades).toMatchObject([{ fillId: "1", clientOrderId: "pw-1" }]);
    expect(requests[1]?.params).toMatchObject({ orderId: "91000001", startTime: TIME - 60_000 });
  });
});

describe("funding payments", () => {
  const income = (tranId: number, changes = {}) => ({
    symbol: "BTCUSDT",
    incomeType: "FUNDING_FEE",
    income: "-0.06100500",
    asset: "USDT",
    time: TIME + tranId,
    info: "FUNDING_FEE",
    tranId,
    tradeId: "",
    ...changes,
  });

  test("are read on by time in ranges of seven days; a row that comes twice counts once", async () => {
    const full = Array.from({ length: 1_000 }, (_, index) => income(index + 1));
    const { context, requests } = contextOf(
      ({ params }) => {
        if (params?.startTime === TIME) return full;
        if (params?.startTime !== TIME + 1_000) return [];
        return [income(1_000), income(1_000, { symbol: "1000SHIBUSDT" }), income(1_001)];
      },
      TIME + 8 * DAY,
    );
    const payments = await derivative.fetchFundingPayments(context, TIME, []);
    expect(payments).toHaveLength(1_002);
    expect(requests.map(({ params }) => params?.startTime)).toEqual([TIME, TIME + 1_000, TIME + 7 * DAY]);
    expect(requests[0]?.params).not.toHaveProperty("page");
    expect(plain(payments[0])).toEqual({
      paymentId: "1:BTCUSDT",
      tradingPair: "BTC-USDT",
      asset: "USDT",
      amount: "-0.061005",
      timestampMs: TIME + 1,
    });
    expect(requests[0]?.weight).toBe(30);
  });

  test("of one moment that fill a page do not keep the reading from going on", async () => {
    const moment = Array.from({ length: 1_000 }, (_, index) => income(index + 1, { time: TIME + 5 }));
    const { context, requests } = contextOf(
      ({ params }) => (Number(params?.startTime) <= TIME + 5 ? moment : [income(2_000)]),
      TIME + DAY,
    );
    expect(await derivative.fetchFundingPayments(context, TIME, [])).toHaveLength(1_001);
    expect(requests.map(({ params }) => params?.startTime)).toEqual([TIME, TIME + 5, TIME + 6]);
  });

  test("go back no further than the venue remembers", async () => {
    const { context, requests } = contextOf(() => [], TIME);
    await derivative.fetchFundingPayments(context, 0, []);
    expect(requests[0]?.params?.startTime).toBe(TIME - 90 * DAY);
    expect(requests).toHaveLength(13);
  });

  test("the last one has the rate of its settlement; a payment of zero is one", async () => {
    const { context, requests } = contextOf((request) => {
      if (request.path.endsWith("fundingRate"))
        return [{ symbol: "BTCUSDT", fundingRate: "0.00010000", fundingTime: TIME }];
      return [income(1), income(2, { income: "0" })];
    });
    const last = await derivative.fetchLastFeePayment(context, "BTC-USDT");
    expect(plain(last)).toMatchObject({ paymentId: "2:BTCUSDT", amount: "0", rate: "0.0001" });
    expect(requests.at(-1)?.limitId).toBe("FUNDING_REQUESTS");
    const { context: none } = contextOf(() => []);
    expect(await derivative.fetchLastFeePayment(none, "BTC-USDT")).toBeUndefined();
  });
});
