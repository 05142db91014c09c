import { describe, expect, it } from "vitest";
import { Decimal } from "../../../src/model/decimal.ts";
import { ConfigError, NotFoundError, VenueUnavailableError } from "../../../src/model/error.ts";
import type { OrderToPlace } from "../../../src/model/order.ts";
import type { RestRequest } from "../../../src/net/venue-api.ts";
import { ClientOrderIdFactory } from "../../../src/trading/client-order-id.ts";
import { derivative, venueModule } from "../../../src/venues/bybit/derivative.ts";
import { manifest } from "../../../src/venues/bybit/manifest.ts";
import {
  contextOf,
  flatPosition,
  instrument,
  markets,
  NOW,
  orderToPlace,
  reference,
  wireExecution,
  wireFundingExecution,
  wireOrder,
  wirePosition,
  wireSettlement,
  wireWallet,
} from "./wire.ts";

const DAY_MS = 86_400_000;
const ACK = { result: { orderId: "o-1", orderLinkId: "pw-1" }, retExtInfo: {}, time: NOW };
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const sent = (request: RestRequest | undefined): unknown => plain(request?.data ?? request?.params);
const params = (request: RestRequest) => request.params ?? {};

/** A list in pages of `size`, newest first, with cursors as Bybit makes them. */
const paged = (rows: readonly unknown[], size: number, request: RestRequest) => {
  const start = Number(String(params(request).cursor ?? "page:0,0").split(/[:,]/)[1]);
  const list = rows.slice(start, start + size);
  const next = start + size < rows.length ? encodeURIComponent(`page:${start + size},0`) : "";
  return { list, nextPageCursor: next };
};

describe("markets", () => {
  it("are the linear perpetuals that trade", () => {
    const { markets, skipped } = derivative.parseExchangeInfo({
      list: [
        instrument("BTC"),
        instrument("BTC", "USDC"),
        instrument("ETH", "USDT", { contractType: "LinearFutures", symbol: "ETHUSDT-26DEC26" }),
        instrument("BIO", "USDT", { status: "PreLaunch" }),
        instrument("BAD", "USDT", { priceFilter: { minPrice: "1", maxPrice: "2", tickSize: "0" } }),
      ],
    });
    expect(markets.map(({ tradingPair, symbol }) => [tradingPair, symbol])).toEqual([
      ["BTC-USDT", "BTCUSDT"],
      ["BTC-USDC", "BTCPERP"],
    ]);
    expect(skipped.map(({ symbol }) => symbol)).toEqual(["BADUSDT"]);
    expect(markets[0]?.fundingIntervalMs).toBe(8 * 3_600_000);
    expect(plain(markets[0]?.rule)).toEqual({
      tradingPair: "BTC-USDT",
      minOrderSize: "0.001",
      maxOrderSize: "1190",
      maxMarketOrderSize: "500",
      minPriceIncrement: "0.1",
      minBaseAmountIncrement: "0.001",
      minNotionalSize: "5",
      minPrice: "0.1",
      maxPrice: "1999999.8",
      contractSize: "1",
      contractKind: "linear",
      buyOrderCollateralToken: "USDT",
      sellOrderCollateralToken: "USDT",
      supportsMarketOrders: true,
    });
  });

  it("beyond the first page are read too, and the cursor is sent back encoded once", async () => {
    const all = Array.from({ length: 1_203 }, (_, index) => instrument(`C${index}`));
    const context = contextOf((request) => paged(all, 500, request));
    const info = await derivative.requestExchangeInfo(context);
    const { markets: listed } = derivative.parseExchangeInfo(info);
    expect(listed).toHaveLength(1_203);
    expect(listed.find(({ symbol }) => symbol === "C1202USDT")?.tradingPair).toBe("C1202-USDT");
    expect(context.requests.map(({ params: sentParams }) => sentParams?.cursor)).toEqual([
      undefined,
      "page:500,0",
      "page:1000,0",
    ]);
    expect(context.requests[0]).toMatchObject({ isAuthRequired: false, params: { category: "linear", limit: 1_000 } });
  });
});

describe("the request for an order", () => {
  const body = (changes: Partial<OrderToPlace>) => sent(derivative.placeOrder(markets, orderToPlace(changes)).request);
  const base = { category: "linear", symbol: "BTCUSDT", qty: "0.01", orderLinkId: "pw-1" };

  it("has every field as text, in plain digits", () => {
    const { request } = derivative.placeOrder(markets, orderToPlace({ amount: new Decimal("1e-7") }));
    expect(request).toMatchObject({ method: "POST", path: "/v5/order/create", isAuthRequired: true, lane: "create" });
    expect(sent(request)).toEqual({
      ...base,
      qty: "0.0000001",
      side: "Buy",
      orderType: "Limit",
      price: "60000",
      timeInForce: "GTC",
      positionIdx: 0,
      reduceOnly: false,
    });
  });

  it.each([
    ["oneWay", "buy", "open", false, 0, false],
    ["oneWay", "sell", "open", false, 0, false],
    // A one-way order that is larger than the position flips it.
    ["oneWay", "sell", "close", false, 0, false],
    ["oneWay", "sell", "close", true, 0, true],
    ["oneWay", "buy", "close", true, 0, true],
    ["hedge", "buy", "open", false, 1, false],
    ["hedge", "sell", "close", false, 1, true],
    ["hedge", "sell", "open", false, 2, false],
    ["hedge", "buy", "close", false, 2, true],
  ] as const)("in %s mode, %s to %s (reduce-only %s) is for position %i", (...row) => {
    const [positionMode, side, positionAction, reduceOnly, positionIdx, sentReduceOnly] = row;
    const expected = { positionIdx, reduceOnly: sentReduceOnly, side: side === "buy" ? "Buy" : "Sell" };
    expect(body({ positionMode, side, positionAction, reduceOnly })).toMatchObject(expected);
  });

  it("on a USDC market is one-way in hedge mode too", () => {
    const changes = { tradingPair: "BTC-USDC", positionMode: "hedge", side: "sell", positionAction: "open" } as const;
    expect(body(changes)).toMatchObject({ symbol: "BTCPERP", positionIdx: 0, reduceOnly: false });
  });

  it("has a client id that fits the venue's rule", () => {
    const { clientOrderId: rule } = manifest;
    const ids = new ClientOrderIdFactory({ rule, instanceId: "ffffffffffffffff", nextCounter: () => 2 ** 52 });
    expect(ids.next()).toMatch(/^[A-Za-z0-9_-]{1,36}$/);
  });
});

describe("a cancel", () => {
  it("names the exchange's id where it is known, else the client's, and its answer is no end", () => {
    const known = derivative.placeCancel(markets, reference({ exchangeOrderId: "o-1" }));
    expect(sent(known.request)).toEqual({ category: "linear", symbol: "BTCUSDT", orderId: "o-1" });
    expect(known.request).toMatchObject({ path: "/v5/order/cancel", lane: "cancel" });
    const { request, parse } = derivative.placeCancel(markets, reference());
    expect(sent(request)).toEqual({ category: "linear", symbol: "BTCUSDT", orderLinkId: "pw-1" });
    expect(parse(ACK)).toBeUndefined();
  });
});

it("an amend keeps the order's ids and sends what it is to be", () => {
  const amend = {
    price: new Decimal("61000.5"),
    amount: undefined,
    executedAmount: new Decimal(0),
    clientOrderId: "pw-1-2",
  };
  const request = derivative.amendOrder?.(markets, reference({ exchangeOrderId: "o-1" }), amend);
  expect(request?.request.path).toBe("/v5/order/amend");
  expect(sent(request?.request)).toEqual({ category: "linear", symbol: "BTCUSDT", orderId: "o-1", price: "61000.5" });
  expect(request?.parse(ACK)).toMatchObject({ exchangeOrderId: "o-1" });
});

describe("a batch", () => {
  const rowOf = (code: number, index: number) =>
    code === 0 ? { orderId: `o-${index}`, orderLinkId: `pw-${index + 1}` } : { orderId: "", orderLinkId: "" };
  const answer = (codes: readonly number[], list: readonly object[] = codes.map(rowOf)) => ({
    result: { list },
    retExtInfo: { list: codes.map((code) => ({ code, msg: code === 0 ? "OK" : "no" })) },
    time: NOW,
  });

  it("of orders has an answer for each row, with the order that it names", () => {
    const orders = [orderToPlace(), orderToPlace({ clientOrderId: "pw-2", tradingPair: "ETH-USDT" })];
    const batch = derivative.placeOrders?.(markets, orders);
    expect(batch?.request).toMatchObject({
      path: "/v5/order/create-batch",
      weight: 2,
      limitId: "/v5/order/create-batch",
    });
    expect(sent(batch?.request)).toMatchObject({
      category: "linear",
      request: [
        { symbol: "BTCUSDT", orderLinkId: "pw-1" },
        { symbol: "ETHUSDT", orderLinkId: "pw-2" },
      ],
    });
    const [first, second] = batch?.parse(answer([0, 110007])) ?? [];
    const id = { clientOrderId: "pw-1", exchangeOrderId: "o-0" };
    expect(first).toEqual({ id, ok: true, value: { exchangeOrderId: "o-0", timestampMs: NOW } });
    const error = { name: "InsufficientMarginError", venueCode: "110007" };
    expect(second).toMatchObject({ id: undefined, ok: false, error });
  });

  it("of cancels tells which orders had ended", () => {
    const batch = derivative.placeCancels?.(markets, [reference(), reference({ exchangeOrderId: "o-9" })]);
    expect(sent(batch?.request)).toEqual({
      category: "linear",
      request: [
        { symbol: "BTCUSDT", orderLinkId: "pw-1" },
        { symbol: "BTCUSDT", orderId: "o-9" },
      ],
    });
    const rows = [
      { orderId: "o-1", orderLinkId: "pw-1" },
      { orderId: "o-9", orderLinkId: "" },
    ];
    const [first, second] = batch?.parse(answer([0, 110001], rows)) ?? [];
    expect(first).toMatchObject({ id: { clientOrderId: "pw-1" }, ok: true, value: undefined });
    expect(second?.id).toEqual({ clientOrderId: undefined, exchangeOrderId: "o-9" });
    const venue = venueModule.createVenue({ domain: "bybit_perpetual" });
    expect(second?.ok === false && venue.isOrderNotFoundDuringCancelationError(second.error)).toBe(true);
  });

  it.each([
    ["as many codes as rows", answer([0], [rowOf(0, 0), rowOf(0, 1)])],
    ["an id with a refusal, or none without", answer([110007, 0], [rowOf(0, 0), rowOf(1, 1)])],
  ])("that does not have %s leaves its rows unknown", (_, payload) => {
    const batch = derivative.placeOrders?.(markets, [orderToPlace(), orderToPlace()]);
    const rows = batch?.parse(payload) ?? [];
    expect(rows.map((row) => row.ok || row.error.outcome)).toEqual(["unknown", "unknown"]);
  });

  it("that is longer than the venue takes is refused here", () => {
    const orders = Array.from({ length: 11 }, () => orderToPlace());
    expect(() => derivative.placeOrders?.(markets, orders)).toThrow(ConfigError);
    expect(manifest.batchSizes).toEqual({ create: 10, cancel: 10 });
  });
});

describe("the status of an order", () => {
  it("comes from the open and lately closed orders, and the row must be the order's", async () => {
    const context = contextOf(() => [wireOrder({ orderId: "o-0", orderLinkId: "" }), wireOrder()]);
    const update = await derivative.requestOrderStatus(context, reference());
    expect(update).toMatchObject({ exchangeOrderId: "o-1", state: "open" });
    expect(context.requests.map(({ path }) => path)).toEqual(["/v5/order/realtime"]);
    expect(sent(context.requests[0])).toEqual({ category: "linear", symbol: "BTCUSDT", orderLinkId: "pw-1" });
  });

  it("is 'not found' only after both lists were empty", async () => {
    const context = contextOf(() => []);
    const error = await derivative.requestOrderStatus(context, reference()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NotFoundError);
    expect(context.requests.map(({ path }) => path)).toEqual(["/v5/order/realtime", "/v5/order/history"]);
    const venue = venueModule.createVenue({ domain: "bybit_perpetual" });
    expect(venue.isOrderNotFoundDuringStatusUpdateError(error)).toBe(true);
  });
});

it("open orders are those of both settle coins, paged", async () => {
  const usdt = Array.from({ length: 120 }, (_, index) => wireOrder({ orderId: `o-${index}`, orderLinkId: "" }));
  const usdc = [wireOrder({ orderId: "c-1", symbol: "BTCPERP" }), wireOrder({ orderId: "d-1", symbol: "BTC-26DEC26" })];
  const context = contextOf((request) => paged(params(request).settleCoin === "USDT" ? usdt : usdc, 50, request));
  const orders = await derivative.fetchOpenOrders(context);
  expect(orders).toHaveLength(121);
  expect(new Set(orders.map(({ tradingPair }) => tradingPair))).toEqual(new Set(["BTC-USDT", "BTC-USDC"]));
  expect(context.requests).toHaveLength(4);
});

describe("fills", () => {
  it("of one order are asked for by its id alone, and paged", async () => {
    const rows = [3, 2, 1].map((at) => wireExecution({ execId: `e-${at}`, execTime: String(NOW + at) }));
    const context = contextOf((request) => paged([...rows, wireFundingExecution()], 2, request));
    const trades = await derivative.allTradeUpdatesForOrder(context, reference({ exchangeOrderId: "o-1" }));
    expect(trades.map(({ fillId, clientOrderId }) => [fillId, clientOrderId])).toEqual([
      ["e-1", "pw-1"],
      ["e-2", "pw-1"],
      ["e-3", "pw-1"],
    ]);
    expect(sent(context.requests[0])).toEqual({ category: "linear", orderId: "o-1", limit: 100 });
    await derivative.allTradeUpdatesForOrder(context, reference());
    expect(sent(context.requests.at(-1))).toMatchObject({ orderLinkId: "pw-1" });
  });

  it("since a time are read in windows of seven days, every page of them, oldest first", async () => {
    const all = Array.from({ length: 230 }, (_, index) => {
      const execTime = String(NOW - ((index + 0.5) * (16 * DAY_MS)) / 230);
      return wireExecution({ execId: `e-${index}`, execTime: String(Math.floor(Number(execTime))) });
    });
    const context = contextOf((request) => {
      const { startTime, endTime } = params(request) as { startTime: number; endTime: number };
      expect(endTime - startTime).toBeLessThanOrEqual(7 * DAY_MS);
      const inside = all.filter(({ execTime }) => Number(execTime) >= startTime && Number(execTime) <= endTime);
      return paged(inside, 100, request);
    });
    const trades = await derivative.tradesSince(context, NOW - 16 * DAY_MS, ["BTC-USDT"]);
    expect(trades).toHaveLength(230);
    const times = trades.map(({ timestampMs }) => timestampMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("since a time bring the venue's own trades along, and no settlements", async () => {
    // Newest first, as the venue lists them, also within one moment.
    const rows = [
      wireFundingExecution(),
      wireExecution({ execId: "a-1", execType: "AdlTrade", side: "Sell" }),
      wireExecution(),
    ];
    const context = contextOf(() => rows);
    const updates = await derivative.tradesSince(context, NOW - 60_000, ["BTC-USDT"]);
    expect(updates.map(({ type }) => type)).toEqual(["trade", "positionAdjustment"]);
  });

  it("since the beginning of time ask two years back at most", async () => {
    const context = contextOf(() => []);
    await derivative.tradesSince(context, 0, []);
    expect(context.requests).toHaveLength(105);
    expect(context.requests[0]?.params?.startTime).toBeGreaterThan(NOW - 731 * DAY_MS);
  });

  it("a cursor that does not move ends the list", async () => {
    const context = contextOf(() => ({ list: [wireExecution()], nextPageCursor: "same" }));
    await derivative.allTradeUpdatesForOrder(context, reference());
    expect(context.requests).toHaveLength(2);
  });
});

describe("funding payments", () => {
  const logged = async (rows: readonly unknown[], pairs = ["BTC-USDT"]) =>
    derivative.fetchFundingPayments(
      contextOf(() => [...rows]),
      NOW - DAY_MS,
      pairs,
    );

  it.each([
    ["a long position that paid", {}, "-0.061005"],
    ["a short one that received", { side: "Sell", funding: "0.061005", feeRate: "-0.0001" }, "0.061005"],
  ])("have the log's own ids, the amount received and the rate of the market: %s", async (_, settlement, amount) => {
    const [payment] = await logged([wireSettlement(settlement)]);
    const side = "side" in settlement ? settlement.side : "Buy";
    expect(payment?.paymentId).toBe(`592324_BTCUSDT_161440249321:${side}:t-1`);
    expect(payment?.amount.toFixed()).toBe(amount);
    expect(payment?.rate?.toFixed()).toBe("0.0001");
  });

  it("of both sides of a hedged market, of two markets and of two settlements are different ones", async () => {
    const rows = [
      wireSettlement(),
      wireSettlement({ id: "2", side: "Sell", funding: "0.02" }),
      wireSettlement({ id: "3", symbol: "ETHUSDT" }),
      wireSettlement({ id: "4", transactionTime: String(Date.UTC(2026, 8, 20, 8)) }),
    ];
    const payments = await logged(rows, ["BTC-USDT", "ETH-USDT"]);
    expect(new Set(payments.map(({ paymentId }) => paymentId)).size).toBe(4);
    expect(payments[0]?.timestampMs).toBe(Date.UTC(2026, 8, 20, 8));
  });

  it.each([
    ["have trade ids", { tradeId: "t-1" }, { tradeId: "t-2" }],
    ["have no trade ids", { tradeId: "" }, { tradeId: "" }],
  ])("of both legs of a hedge, which share an id, are two where they %s", async (_, long, short) => {
    const legs = [
      wireSettlement({ ...long, side: "Buy", funding: "-0.06" }),
      wireSettlement({ ...short, side: "Sell", funding: "0.03" }),
    ];
    const payments = await logged(legs);
    expect(new Set(payments.map(({ paymentId }) => paymentId)).size).toBe(2);
  });

  it("are not read from a row without the field of the trade id, by which they are known", async () => {
    await expect(logged([wireSettlement({ tradeId: undefined })])).rejects.toThrow("tradeId");
  });

  it("are those of the markets asked for, and no cash settlement of a USDC market is among them", async () => {
    const usdc = { symbol: "BTCPERP", currency: "USDC" };
    const rows = [
      wireSettlement({ symbol: "ETHUSDT" }),
      wireSettlement({ ...usdc, funding: "", cashFlow: "3.5" }),
      wireSettlement({ ...usdc, funding: "0", cashFlow: "-1.5" }),
      wireSettlement({ ...usdc, funding: "0.25" }),
    ];
    const payments = await logged(rows, ["BTC-USDC"]);
    expect(payments.map(({ tradingPair, asset, amount }) => [tradingPair, asset, amount.toFixed()])).toEqual([
      ["BTC-USDC", "USDC", "0.25"],
    ]);
  });

  it("are back-filled from a cursor in windows of seven days and pages of fifty", async () => {
    const HOUR = 3_600_000;
    const all = Array.from({ length: 480 }, (_, index) =>
      wireSettlement({ id: `row-${index}`, transactionTime: String(NOW - (NOW % HOUR) - index * HOUR) }),
    );
    const context = contextOf((request) => {
      const { startTime, endTime, limit } = params(request) as { startTime: number; endTime: number; limit: number };
      expect([endTime - startTime <= 7 * DAY_MS, limit]).toEqual([true, 50]);
      const inside = all.filter(({ transactionTime: at }) => Number(at) >= startTime && Number(at) <= endTime);
      return paged(inside, 50, request);
    });
    const payments = await derivative.fetchFundingPayments(context, NOW - 20 * DAY_MS, ["BTC-USDT"]);
    expect(new Set(payments.map(({ paymentId }) => paymentId)).size).toBe(480);
    expect(sent(context.requests[0])).toMatchObject({ accountType: "UNIFIED", category: "linear", type: "SETTLEMENT" });
  });

  it("have a last one, or none", async () => {
    const rows = [wireSettlement({ transactionTime: String(NOW - 9 * 3_600_000), funding: "1" }), wireSettlement()];
    const last = await derivative.fetchLastFeePayment(
      contextOf(() => rows),
      "BTC-USDT",
    );
    expect(last?.amount.toFixed()).toBe("-0.061005");
    expect(
      await derivative.fetchLastFeePayment(
        contextOf(() => rows),
        "ETH-USDT",
      ),
    ).toBeUndefined();
  });
});

describe("positions", () => {
  it("are those of both settle coins, with the flat ones of the markets that are followed", async () => {
    const context = contextOf((request) => {
      const { settleCoin, symbol } = params(request);
      if (settleCoin === "USDT") return [wirePosition({ symbol: "ETHUSDT", side: "Sell" })];
      if (settleCoin === "USDC") return [wirePosition({ symbol: "BTCPERP" })];
      return symbol === "BTCUSDT" ? [flatPosition({ leverage: "25" })] : [];
    });
    const updates = await derivative.fetchPositions(context, ["BTC-USDT"]);
    expect(plain(updates)).toMatchObject([
      { tradingPair: "ETH-USDT", side: "both", amount: "-0.01" },
      { tradingPair: "BTC-USDC", side: "both", amount: "0.01" },
      { tradingPair: "BTC-USDT", side: "both", amount: "0", leverage: "25" },
    ]);
  });

  it.each([
    ["ISOLATED_MARGIN", "isolated"],
    ["REGULAR_MARGIN", "cross"],
    ["PORTFOLIO_MARGIN", undefined],
  ])("have the account's margin mode, which their rows do not tell: %s", async (marginMode, told) => {
    const context = contextOf(({ path }) =>
      path === "/v5/account/info" ? { marginMode } : [wirePosition({ tradeMode: 0 })],
    );
    const [position] = await derivative.fetchPositions(context, []);
    expect(position).toMatchObject({ marginMode: told });
  });

  it("are told without it where the account cannot be asked for", async () => {
    const context = contextOf(({ path }) => {
      if (path === "/v5/account/info") throw new VenueUnavailableError("busy");
      return [wirePosition()];
    });
    expect(await derivative.fetchPositions(context, [])).toHaveLength(1);
  });

  it("of a hedged market keep both legs, whichever row is first", async () => {
    const rows = [flatPosition({ positionIdx: 1 }), wirePosition({ positionIdx: 2, side: "Sell", size: "0.3" })];
    const context = contextOf((request) =>
      params(request).settleCoin === "USDT" ? rows.slice(1) : params(request).symbol ? rows : [],
    );
    const updates = await derivative.fetchPositions(context, ["BTC-USDT"]);
    const legs = plain(updates) as { side: string; amount: string }[];
    expect(legs.map(({ side, amount }) => [side, amount]).toSorted()).toEqual([
      ["long", "0"],
      ["short", "-0.3"],
    ]);
  });

  it("come in pages", async () => {
    const rows = Array.from({ length: 3 }, (_, index) =>
      wirePosition({ symbol: ["BTCUSDT", "ETHUSDT", "XRPUSDT"][index] }),
    );
    const context = contextOf((request) => (params(request).settleCoin === "USDT" ? paged(rows, 1, request) : []));
    expect(await derivative.fetchPositions(context, [])).toHaveLength(3);
  });
});

describe("the account", () => {
  it("is the unified one, told as of the moment of asking", async () => {
    const context = contextOf(() => ({ list: [wireWallet()] }));
    const updates = await derivative.fetchBalances(context);
    expect(updates.map(({ type }) => type)).toEqual(["balance", "balance", "margin"]);
    expect(sent(context.requests[0])).toEqual({ accountType: "UNIFIED" });
  });

  it("is no older than the answer's time less what it took", async () => {
    const context = contextOf(() => ({ list: [wireWallet()], time: "1700000000500" }));
    let nowMs = 1_700_000_009_000;
    const slow = { ...context, now: () => (nowMs += 20) };
    const [balance] = await derivative.fetchBalances(slow);
    expect(balance).toMatchObject({ timestampMs: 1_700_000_009_020, noOlderThanMs: 1_700_000_000_480 });
  });

  it("has its own fees by market", async () => {
    const rows = [
      { symbol: "BTCUSDT", takerFeeRate: "0.0006", makerFeeRate: "0.0001" },
      { symbol: "BTCPERP", takerFeeRate: "0.0005", makerFeeRate: "-0.0001" },
      { symbol: "NEWUSDT", takerFeeRate: "1", makerFeeRate: "1" },
    ];
    const fees = await derivative.tradingFees(
      contextOf(() => ({ list: rows })),
      ["BTC-USDT"],
    );
    expect(fees instanceof Map && plain([...fees])).toMatchObject([
      ["BTC-USDT", { makerPercentFee: "0.0001", takerPercentFee: "0.0006", percentFeeToken: "USDT" }],
      ["BTC-USDC", { makerPercentFee: "-0.0001", percentFeeToken: "USDC" }],
    ]);
  });

  it("tells the last price of a market, and that there is none", async () => {
    const price = await derivative.fetchLastTradedPrice(
      contextOf(() => [{ symbol: "BTCUSDT", lastPrice: "61003.40" }]),
      "BTC-USDT",
    );
    expect(price.toFixed()).toBe("61003.4");
    await expect(
      derivative.fetchLastTradedPrice(
        contextOf(() => []),
        "BTC-USDT",
      ),
    ).rejects.toThrow(NotFoundError);
  });
});

it("every request of the venue has a rate limit", async () => {
  const venue = venueModule.createVenue({ domain: "bybit_perpetual" });
  const limits = new Map(venue.rateLimits.map((limit) => [limit.limitId, limit]));
  expect(limits.get("/v5/order/create")).toMatchObject({ limit: 10, linkedLimits: [{ limitId: "ip", weight: 1 }] });
  expect(limits.get("ip")).toMatchObject({ limit: 600, timeIntervalMs: 5_000 });
  const context = contextOf(({ path, method }) =>
    path === "/v5/market/time" ? { timeNano: "1" } : method === "POST" ? ACK : [],
  );
  const pairs = ["BTC-USDT"];
  await derivative.checkNetwork(context);
  await derivative.requestOrderStatus(context, reference()).catch(() => undefined);
  await Promise.all([
    derivative.requestExchangeInfo(context),
    derivative.tradesSince(context, NOW, pairs),
    derivative.fetchOpenOrders(context),
    derivative.fetchBalances(context),
    derivative.fetchPositions(context, pairs),
    derivative.fetchFundingPayments(context, NOW, pairs),
    derivative.setTradingPairLeverage(context, "BTC-USDT", new Decimal(1)),
    derivative.setPositionMode?.(context, "hedge", pairs),
    derivative.tradingFees(context, pairs),
  ]);
  const requests = [
    ...context.requests,
    derivative.placeOrder(markets, orderToPlace()).request,
    derivative.placeCancel(markets, reference()).request,
    derivative.placeOrders?.(markets, [orderToPlace()]).request,
    derivative.placeCancels?.(markets, [reference()]).request,
    derivative.amendOrder?.(markets, reference(), { clientOrderId: "x", executedAmount: new Decimal(0) }).request,
  ];
  expect(requests.filter((request) => !limits.has(request?.limitId ?? ""))).toEqual([]);
  // One more is of new connections.
  expect(new Set(requests.map((request) => request?.limitId)).size).toBe(limits.size - 1);
});
