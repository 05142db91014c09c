import { beforeAll, describe, it } from "vitest";
import type { AccountUpdate } from "../../../src/model/account-update.ts";
import { ONE } from "../../../src/model/decimal.ts";
import type { OrderReference, OrderToPlace } from "../../../src/model/order.ts";
import { createVenueMarkets } from "../../../src/model/venue-markets.ts";
import type { VenueContext } from "../../../src/net/venue-api.ts";
import { derivative } from "../../../src/venues/binance/derivative.ts";
import { orderBookDataSource } from "../../../src/venues/binance/order-book-data-source.ts";
import { parseFill, parseOrder, userStreamDataSource } from "../../../src/venues/binance/user-stream-data-source.ts";
import { getCurrentServerTime } from "../../../src/venues/binance/web-utils.ts";
import { examplesAreHere, examplesOf, type Payload } from "./examples.ts";
import * as facts from "./facts.ts";
import { type Ccxt, OfflineCcxt, tradingPairOf } from "./offline-ccxt.ts";

const BTC = "BTC/USDT:USDT";
const PUBLIC_URL = "wss://fstream.binance.com/public/ws/0";
const MARKET_URL = "wss://fstream.binance.com/market/ws/1";
const PRIVATE_URL = "wss://fstream.binance.com/private/ws?listenKey=K";
const NOW_MS = 1_720_736_417_660;

function example(page: string, name: string): Payload {
  const found = examplesOf("binance-usdm", page).find((each) => each.describe === `${name}()`);
  if (found === undefined) throw new Error(`${page} has no ${name}()`);
  return found.body;
}
const market = (name: string): Payload => example("rest-api_MarketDataApiTest", name);
const account = (name: string): Payload => example("rest-api_AccountApiTest", name);
const trade = (name: string): Payload => example("rest-api_TradeApiTest", name);

const FILTER_TYPES = ["PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE", "MIN_NOTIONAL"];

/** The documented market, whose filters the example folds into one object, and others like it for other examples. */
function exchangeInfo(): Payload {
  const info = market("exchangeInformation");
  const [documented] = info.symbols;
  const [folded] = documented.filters;
  const filters = FILTER_TYPES.map((filterType) => ({ ...folded, filterType }));
  const symbols = ["BLZ", "BTC", "ETH", "ADA", "BNB"].map((baseAsset) => {
    const symbol = `${baseAsset}USDT`;
    return { ...documented, symbol, pair: symbol, baseAsset, filters };
  });
  return { ...info, symbols };
}

const { markets: listed } = examplesAreHere ? derivative.parseExchangeInfo(exchangeInfo()) : { markets: [] };
const markets = createVenueMarkets("binance_perpetual", "binance_perpetual", listed);

/** Our connector's context whose requests are answered with an example, or with another one by their path. */
function answeredWith(payload: Payload, byPath: Readonly<Record<string, Payload>> = {}): VenueContext {
  return { markets, now: () => NOW_MS, api: { send: async ({ path }) => byPath[path] ?? payload } };
}

const isOf =
  <Type extends AccountUpdate["type"]>(type: Type) =>
  (update: AccountUpdate): update is Extract<AccountUpdate, { type: Type }> =>
    update.type === type;
const ourUpdates = (message: Payload) => userStreamDataSource.parseUserStreamMessage(markets, message);

const ORDER: OrderReference & OrderToPlace = {
  clientOrderId: "testOrder",
  tradingPair: "BTC-USDT",
  side: "sell",
  type: "limit",
  amount: ONE,
  price: ONE,
  timeInForce: "GTC",
  reduceOnly: false,
  positionAction: "open",
  positionMode: "oneWay",
  createdAtMs: 0,
};

/** Orders of examples, by the call that gets them. */
const ORDERS: Readonly<Record<string, (exchange: Ccxt) => Promise<Ccxt>>> = {
  newOrder: (exchange) => exchange.createOrder(BTC, "limit", "sell", 1, 1),
  modifyOrder: (exchange) => exchange.editContractOrder("1", BTC, "limit", "buy", 1, 1),
  cancelOrder: (exchange) => exchange.cancelOrder("1", BTC),
  queryOrder: (exchange) => exchange.fetchOrder("1", BTC),
  allOrders: async (exchange) => (await exchange.fetchOrders(BTC))[0],
  currentAllOpenOrders: async (exchange) => (await exchange.fetchOpenOrders(BTC))[0],
  queryCurrentOpenOrder: (exchange) => exchange.fetchOpenOrder("1", BTC),
  usersForceOrders: async (exchange) => exchange.parseOrders(trade("usersForceOrders"))[0],
};

let ccxt: OfflineCcxt;

const READINGS: Readonly<Record<string, () => Promise<facts.Reading> | facts.Reading>> = {
  "exchangeInformation, with its filters unfolded": () => ({
    ours: listed.map(facts.ourMarket),
    ccxts: Object.values<Ccxt>(ccxt.exchange.markets).map(facts.ccxtMarket),
  }),
  checkServerTime: async () => {
    const payload = market("checkServerTime");
    const serverTimeMs = await ccxt.answered(payload, (exchange) => exchange.fetchTime());
    return { ours: [{ serverTimeMs: await getCurrentServerTime(answeredWith(payload)) }], ccxts: [{ serverTimeMs }] };
  },
  orderBook: async () => {
    const payload = market("orderBook");
    const told = await ccxt.answered(payload, (exchange) => exchange.fetchOrderBook(BTC));
    const book = await facts.ourBook((frame) =>
      orderBookDataSource.requestOrderBookSnapshot(answeredWith(payload), "BTC-USDT", frame),
    );
    return { ours: book, ccxts: facts.ccxtBook(told) };
  },
  "markPrice and symbolPriceTickerV2": async () => {
    const funding = await orderBookDataSource.fetchFundingInfo(answeredWith(market("markPrice")), "BTC-USDT");
    const prices = await orderBookDataSource.fetchLastTradedPrices(answeredWith(market("symbolPriceTickerV2")), [
      "BTC-USDT",
    ]);
    const told = await ccxt.answered(market("markPrice"), (exchange) => exchange.fetchFundingRate(BTC));
    const last = await ccxt.answered([market("symbolPriceTickerV2")], (exchange) => exchange.fetchLastPrices([BTC]));
    return {
      ours: [
        {
          markPrice: funding.markPrice.toNumber(),
          indexPrice: funding.indexPrice.toNumber(),
          rate: funding.rate.toNumber(),
          nextFundingMs: funding.nextFundingTimestampMs,
          timestampMs: funding.timestampMs,
          last: Number(prices.get("BTC-USDT")),
        },
      ],
      ccxts: [
        {
          markPrice: told.markPrice,
          indexPrice: told.indexPrice,
          rate: told.fundingRate,
          nextFundingMs: told.fundingTimestamp,
          timestampMs: told.timestamp,
          last: last[BTC].price,
        },
      ],
    };
  },
  userCommissionRate: async () => {
    const payload = account("userCommissionRate");
    const fees = await derivative.tradingFees(answeredWith(payload), ["BTC-USDT"]);
    if (!(fees instanceof Map)) throw new Error("there are no fees by market");
    const told = await ccxt.answered(payload, (exchange) => exchange.fetchTradingFee(BTC));
    return {
      ours: [...fees].map(([tradingPair, { makerPercentFee, takerPercentFee }]) => {
        return { tradingPair, maker: makerPercentFee.toNumber(), taker: takerPercentFee.toNumber() };
      }),
      ccxts: [{ tradingPair: tradingPairOf(told.symbol), maker: told.maker, taker: told.taker }],
    };
  },
  accountInformationV3: async () => {
    const payload = account("accountInformationV3");
    const told = await ccxt.answered(payload, (exchange) => exchange.fetchBalance());
    return {
      ours: facts
        .ourBalances(await derivative.fetchBalances(answeredWith(payload)))
        .filter(({ asset }) => asset === "USDT"),
      ccxts: facts.ccxtBalances(told),
    };
  },
  "positionInformationV3 and symbolConfiguration": async () => {
    const payload = trade("positionInformationV3");
    const context = answeredWith(payload, { "/fapi/v1/symbolConfig": account("symbolConfiguration") });
    const updates = await derivative.fetchPositions(context, []);
    const told = payload.map((row: Payload) => ccxt.exchange.parsePositionRisk(row));
    return { ours: updates.filter(isOf("position")).map(facts.ourPosition), ccxts: told.map(facts.ccxtPosition) };
  },
  accountTradeList: async () => {
    const payload = trade("accountTradeList");
    const fills = payload.flatMap((row: Payload) => parseFill(markets, row) ?? []);
    const told = await ccxt.answered(payload, (exchange) => exchange.fetchMyTrades(BTC));
    return { ours: fills.map(facts.ourFill), ccxts: told.map(facts.ccxtFill) };
  },
  "getIncomeHistory, of a market's funding": async () => {
    const payload = account("getIncomeHistory").map((row: Payload) => {
      return { ...row, symbol: "BTCUSDT", incomeType: "FUNDING_FEE" };
    });
    const payments = await derivative.fetchFundingPayments(answeredWith(payload), NOW_MS - 1_000, []);
    const told = await ccxt.answered(payload, (exchange) => exchange.fetchFundingHistory(BTC));
    return { ours: payments.map(facts.ourPayment), ccxts: told.map(facts.ccxtPayment) };
  },
  ...Object.fromEntries(
    Object.entries(ORDERS).map(([name, call]) => [
      name,
      async () => {
        const payload = trade(name);
        const [row] = [payload].flat();
        return {
          ours: [facts.ourOrderUpdate(parseOrder(markets, row))],
          ccxts: [facts.ccxtOrder(await ccxt.answered(payload, call))],
        };
      },
    ]),
  ),
  "placeMultipleOrders and cancelMultipleOrders, of refusals": async () => {
    const placed = trade("placeMultipleOrders").map(({ code, msg }: Payload) => ({ code, msg }));
    const canceled = trade("cancelMultipleOrders").map(({ code, msg }: Payload) => ({ code, msg }));
    const ours = [
      ...(derivative.placeOrders?.(markets, [ORDER]).parse(placed) ?? []),
      ...(derivative.placeCancels?.(markets, [ORDER]).parse(canceled) ?? []),
    ];
    const row = { symbol: BTC, type: "limit", side: "buy", amount: 1, price: 1 };
    const told = [
      ...(await ccxt.answered(placed, (exchange) => exchange.createOrders([row]))),
      ...(await ccxt.answered(canceled, (exchange) => exchange.cancelOrders(["1"], BTC))),
    ];
    return {
      ours: ours.map((each) => ({ code: each.ok ? undefined : each.error.venueCode })),
      ccxts: told.map(({ info }: Ccxt) => ({ code: String(info.code) })),
    };
  },
  "diffBookDepthStreams, with amounts": async () => {
    const event = example("websocket-streams_PublicApiTest", "diffBookDepthStreams");
    const diff = { ...event, b: [[event.b[0][0], "10"]], a: [[event.a[0][0], "100"]] };
    const snapshot = { lastUpdateId: event.pu, T: 1, bids: [["0.0023", "1"]], asks: [["0.0027", "2"]] };
    const { exchange } = ccxt;
    const symbol = "BNB/USDT:USDT";
    exchange.orderbooks[symbol] = exchange.orderBook(exchange.parseOrderBook(snapshot, symbol));
    exchange.orderbooks[symbol].nonce = snapshot.lastUpdateId;
    const told = ccxt.hear(PUBLIC_URL, diff)[`orderbook::${symbol}`];
    return {
      ours: await facts.ourBook(
        (frame) => {
          frame.kind = "snapshot";
          for (const [price = "", size = ""] of snapshot.bids) frame.bids.push(price, size);
          for (const [price = "", size = ""] of snapshot.asks) frame.asks.push(price, size);
        },
        (frame) => orderBookDataSource.parseOrderBookDiffMessage(markets, diff, frame),
      ),
      ccxts: facts.ccxtBook(told),
    };
  },
  aggregateTradeStreams: () => {
    const event = example("websocket-streams_MarketApiTest", "aggregateTradeStreams");
    const told = ccxt.hear(MARKET_URL, event)["trade::BNB/USDT:USDT"];
    return {
      ours: orderBookDataSource.parseTradeMessage(markets, event).map(facts.ourTrade),
      ccxts: told.map(facts.ccxtTrade),
    };
  },
  markPriceStream: () => {
    const event = example("websocket-streams_MarketApiTest", "markPriceStream");
    const told = ccxt.exchange.parseWsTicker(event, "swap");
    const [info] = [orderBookDataSource.parseFundingInfoMessage(markets, event) ?? []].flat();
    return {
      ours: [
        {
          tradingPair: info?.tradingPair,
          markPrice: info?.markPrice?.toNumber(),
          indexPrice: info?.indexPrice?.toNumber(),
          timestampMs: info?.timestampMs,
        },
      ],
      ccxts: [
        {
          tradingPair: tradingPairOf(told.symbol),
          markPrice: told.markPrice,
          indexPrice: told.indexPrice,
          timestampMs: told.timestamp,
        },
      ],
    };
  },
};

/** The examples have no events of the account, so these are our own, in the shape that the documents give them. */
const ORDER_EVENT = {
  ...{ s: "BTCUSDT", c: "cid-1", S: "SELL", o: "LIMIT", f: "GTX", q: "0.010", p: "60000", ap: "60000", sp: "0" },
  ...{ x: "TRADE", X: "PARTIALLY_FILLED", i: 91_000_001, l: "0.004", z: "0.006", L: "60000", N: "USDT", n: "0.048" },
  ...{ T: 1_790_000_000_101, t: 500_001, b: "0", a: "0", m: true, R: true, wt: "CONTRACT_PRICE", ot: "LIMIT" },
  ...{ ps: "BOTH", cp: false, pP: false, si: 0, ss: 0, rp: "-1.25", V: "EXPIRE_MAKER", pm: "NONE", gtd: 0, er: "0" },
};
const orderEvent = (changes: object = {}) => {
  return { e: "ORDER_TRADE_UPDATE", E: 1_790_000_000_103, T: 1_790_000_000_101, o: { ...ORDER_EVENT, ...changes } };
};
const NO_TRADE = { l: "0", L: "0", N: undefined, n: undefined, t: 0, m: false };

const ORDER_EVENTS: Readonly<Record<string, Payload>> = {
  "an order that rests": orderEvent({ ...NO_TRADE, x: "NEW", X: "NEW", z: "0", ap: "0", R: false }),
  "a part that is filled": orderEvent(),
  "the rest that is cancelled": orderEvent({ ...NO_TRADE, x: "CANCELED", X: "CANCELED" }),
  "an order that is filled": orderEvent({ X: "FILLED", l: "0.010", z: "0.010", S: "BUY", f: "GTC", n: "-0.048" }),
  "what a market order did not get": orderEvent({
    ...NO_TRADE,
    x: "EXPIRED",
    X: "EXPIRED",
    o: "MARKET",
    f: "IOC",
    p: "0",
    er: "2",
  }),
};

const ACCOUNT_EVENT = {
  e: "ACCOUNT_UPDATE",
  E: 1_790_000_000_104,
  T: 1_790_000_000_101,
  a: {
    m: "ORDER",
    B: [{ a: "USDT", wb: "9999.88", cw: "9999.88", bc: "0" }],
    P: [
      { s: "BTCUSDT", pa: "-0.010", ep: "60000", bep: "60012", cr: "0", up: "10.05", mt: "cross", iw: "0", ps: "BOTH" },
      { s: "ETHUSDT", pa: "2", ep: "3000.5", bep: "3001", cr: "0", up: "-1", mt: "cross", iw: "0", ps: "LONG" },
      { s: "ADAUSDT", pa: "-30", ep: "0.385", bep: "0.4", cr: "0", up: "0.5", mt: "cross", iw: "0", ps: "SHORT" },
    ],
  },
};

const EVENTS: Readonly<Record<string, () => facts.Reading>> = {
  ...Object.fromEntries(
    Object.entries(ORDER_EVENTS).map(([name, event]) => [
      name,
      () => {
        const told = ccxt.exchange.parseWsOrder(event.o);
        return {
          ours: ourUpdates(event).filter(isOf("order")).map(facts.ourOrderUpdate),
          ccxts: [facts.ccxtOrder(told)],
        };
      },
    ]),
  ),
  "the fill of a part": () => ({
    ours: ourUpdates(orderEvent()).filter(isOf("trade")).map(facts.ourFill),
    ccxts: [facts.ccxtFill(ccxt.exchange.parseWsTrade(orderEvent().o))],
  }),
  "positions that changed": () => ({
    ours: ourUpdates(ACCOUNT_EVENT).filter(isOf("position")).map(facts.ourPosition),
    ccxts: ACCOUNT_EVENT.a.P.map((row) => facts.ccxtPosition(ccxt.exchange.parseWsPosition(row))),
  }),
  "balances that changed": () => {
    const told = ccxt.hear(PRIVATE_URL, ACCOUNT_EVENT, { future: { type: "future" } });
    const [balance] = Object.entries(told).flatMap(([topic, value]) => (topic.endsWith("balance") ? [value] : []));
    return { ours: facts.ourBalances(ourUpdates(ACCOUNT_EVENT)), ccxts: facts.ccxtBalances(balance) };
  },
};

const UPDATED =
  "an event does not tell when the order was made: ours is the time of the change, ccxt has none for a fill";
const updated = { at: "0 createdMs", ours: ORDER_EVENT.T, ccxt: undefined, because: UPDATED };

/** Where the two differ, and why that is right. */
const JUSTIFIED: Readonly<Record<string, readonly facts.JustifiedDifference[]>> = {
  accountInformationV3: [
    {
      at: "0 available",
      ours: 126.72469206,
      ccxt: 23.72469206,
      because: "the account is in multi-assets mode: orders in USDT may use what USDT and BUSD have together",
    },
  ],
  "placeMultipleOrders and cancelMultipleOrders, of refusals": [
    { at: "1 code", ours: "-2011", ccxt: undefined, because: "ccxt makes an order of the refusal of a cancel" },
  ],
  "a part that is filled": [updated],
  "an order that is filled": [updated],
  "what a market order did not get": [
    {
      at: "0 price",
      ours: undefined,
      ccxt: 60_000,
      because: "ccxt takes the average for the price of an order that has none",
    },
    updated,
  ],
};

describe.skipIf(!examplesAreHere)("our connector and ccxt read the same in Binance's", () => {
  beforeAll(async () => {
    const answer = (path: string) => (path === "exchangeInfo" ? exchangeInfo() : []);
    ccxt = await OfflineCcxt.create("binanceusdm", answer);
  });

  it.each(Object.entries(READINGS))("documented example of %s", async (name, read) => {
    facts.expectAgreement(await read(), JUSTIFIED[name]);
  });

  it.each(Object.entries(EVENTS))("event of %s", (name, read) => {
    facts.expectAgreement(read(), JUSTIFIED[name]);
  });
});
