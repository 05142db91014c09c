import { beforeAll, describe, it } from "vitest";
import type { AccountUpdate } from "../../../src/model/account-update.ts";
import { ONE } from "../../../src/model/decimal.ts";
import type { OrderReference, OrderToPlace } from "../../../src/model/order.ts";
import { createVenueMarkets } from "../../../src/model/venue-markets.ts";
import type { VenueContext } from "../../../src/net/venue-api.ts";
import { derivative } from "../../../src/venues/bybit/derivative.ts";
import { orderBookDataSource } from "../../../src/venues/bybit/order-book-data-source.ts";
import { userStreamDataSource } from "../../../src/venues/bybit/user-stream-data-source.ts";
import { getCurrentServerTime, unwrapResponse } from "../../../src/venues/bybit/web-utils.ts";
import { JUSTIFIED } from "./bybit-differences.ts";
import { examplesAreHere, examplesOf, type Payload, withValues } from "./examples.ts";
import * as facts from "./facts.ts";
import { type Ccxt, OfflineCcxt, tradingPairOf } from "./offline-ccxt.ts";

const PUBLIC_URL = "wss://stream.bybit.com/v5/public/linear";
const PRIVATE_URL = "wss://stream.bybit.com/v5/private";
const BTC = "BTC/USDT:USDT";
const NOW_MS = 1_746_270_400_355;

/** Examples of other products have the same rows, but for their symbols. */
const LINEAR_SYMBOLS: Readonly<Record<string, string>> = { BTCUSD: "BTCUSDT", "ETH-30DEC22-1400-C": "ETHUSDT" };

function asLinear(payload: Payload): Payload {
  return withValues(payload, (key, value) => {
    if (key === "category") return "linear";
    return key === "symbol" ? (LINEAR_SYMBOLS[value] ?? value) : value;
  });
}

/** The example of a page, as one of a linear perpetual. */
const example = (page: string, index = 0): Payload => asLinear(examplesOf("bybit-v5", page)[index]);
const pushed = (page: string): Payload => asLinear(examplesOf("bybit-v5", page).find((each) => "topic" in each));

/** The documented instrument, and others like it for the symbols of other examples. */
function instruments(): Payload {
  const [documented] = examplesOf("bybit-v5", "market_instrument");
  const [btc] = documented.result.list;
  const like = (symbol: string, baseCoin: string, coin: string) => {
    return { ...btc, symbol, baseCoin, quoteCoin: coin, settleCoin: coin };
  };
  const others = [like("ETHUSDT", "ETH", "USDT"), like("XRPUSDT", "XRP", "USDT"), like("ETHPERP", "ETH", "USDC")];
  return { ...documented, result: { ...documented.result, list: [btc, ...others] } };
}

const listed = examplesAreHere ? derivative.parseExchangeInfo(instruments().result).markets : [];
const markets = createVenueMarkets("bybit_perpetual", "bybit_perpetual", listed);
const tradingPairs = listed.map(({ tradingPair }) => tradingPair);

/** Our connector's context whose first request is answered with an example; further pages are empty. */
function answeredWith(payload: Payload): VenueContext {
  let asked = 0;
  return {
    markets,
    now: () => NOW_MS,
    api: {
      send: async (request) => {
        asked += 1;
        const text = JSON.stringify(asked === 1 ? payload : { retCode: 0, result: { list: [] } });
        return unwrapResponse({ status: 200, headers: {}, text }, request);
      },
    },
  };
}

const isOf =
  <Type extends AccountUpdate["type"]>(type: Type) =>
  (update: AccountUpdate): update is Extract<AccountUpdate, { type: Type }> =>
    update.type === type;
const ourUpdates = (message: Payload) => userStreamDataSource.parseUserStreamMessage(markets, message);

const ORDER: OrderReference & OrderToPlace = {
  clientOrderId: "linear-004",
  tradingPair: "BTC-USDT",
  side: "buy",
  type: "limit",
  amount: ONE,
  price: ONE,
  timeInForce: "GTC",
  reduceOnly: false,
  positionAction: "open",
  positionMode: "oneWay",
  createdAtMs: 0,
};

let ccxt: OfflineCcxt;

const READINGS: Readonly<Record<string, () => Promise<facts.Reading> | facts.Reading>> = {
  "market_instrument, of listed that trade": () => ({
    ours: listed.map(facts.ourMarket),
    ccxts: Object.values<Ccxt>(ccxt.exchange.markets).map(facts.ccxtMarket),
  }),
  market_time: async () => {
    const payload = example("market_time");
    const serverTimeMs = await ccxt.answered(payload, (exchange) => exchange.fetchTime());
    return { ours: [{ serverTimeMs: await getCurrentServerTime(answeredWith(payload)) }], ccxts: [{ serverTimeMs }] };
  },
  market_orderbook: async () => {
    const payload = example("market_orderbook");
    const told = await ccxt.answered(payload, (exchange) => exchange.fetchOrderBook(BTC));
    return {
      ours: await facts.ourBook((frame) =>
        orderBookDataSource.requestOrderBookSnapshot(answeredWith(payload), "BTC-USDT", frame),
      ),
      ccxts: facts.ccxtBook(told),
    };
  },
  "market_tickers, of a perpetual": async () => {
    const payload = example("market_tickers");
    const funding = await orderBookDataSource.fetchFundingInfo(answeredWith(payload), "BTC-USDT");
    const prices = await orderBookDataSource.fetchLastTradedPrices(answeredWith(payload), ["BTC-USDT"]);
    const ccxtFunding = await ccxt.answered(payload, (exchange) => exchange.fetchFundingRate(BTC));
    const { last } = await ccxt.answered(payload, (exchange) => exchange.fetchTicker(BTC));
    return {
      ours: [
        {
          markPrice: funding.markPrice.toNumber(),
          indexPrice: funding.indexPrice.toNumber(),
          rate: funding.rate.toNumber(),
          nextFundingMs: funding.nextFundingTimestampMs,
          last: Number(prices.get("BTC-USDT")),
        },
      ],
      ccxts: [
        {
          markPrice: ccxtFunding.markPrice,
          indexPrice: ccxtFunding.indexPrice,
          rate: ccxtFunding.fundingRate,
          nextFundingMs: ccxtFunding.fundingTimestamp,
          last,
        },
      ],
    };
  },
  "account_fee-rate": async () => {
    const payload = example("account_fee-rate");
    const fees = await derivative.tradingFees(answeredWith(payload), tradingPairs);
    if (!(fees instanceof Map)) throw new Error("there are no fees by market");
    const ccxtFees: Ccxt[] = Object.values(
      await ccxt.answered(payload, (exchange) => exchange.fetchTradingFees({ type: "swap" })),
    );
    return {
      ours: [...fees].map(([tradingPair, { makerPercentFee, takerPercentFee }]) => {
        return { tradingPair, maker: makerPercentFee.toNumber(), taker: takerPercentFee.toNumber() };
      }),
      ccxts: ccxtFees.map(({ symbol, maker, taker }) => ({ tradingPair: tradingPairOf(symbol), maker, taker })),
    };
  },
  "account_wallet-balance": async () => {
    const payload = example("account_wallet-balance");
    return {
      ours: facts.ourBalances(await derivative.fetchBalances(answeredWith(payload))),
      ccxts: facts.ccxtBalances(ccxt.exchange.parseBalance(payload)),
    };
  },
  "account_transaction-log": async () => {
    const payload = example("account_transaction-log");
    const payments = await derivative.fetchFundingPayments(answeredWith(payload), NOW_MS - 1_000, tradingPairs);
    const settlements = payload.result.list.filter(({ type }: Payload) => type === "SETTLEMENT");
    return {
      ours: payments.map((payment) => ({ ...facts.ourPayment(payment), tradingPair: undefined })),
      ccxts: ccxt.exchange.parseLedger(settlements).map(({ currency, amount, timestamp, direction }: Ccxt) => ({
        tradingPair: undefined,
        asset: currency,
        amount: direction === "out" ? -amount : amount,
        timestampMs: timestamp,
      })),
    };
  },
  "order_create-order, order_amend-order and order_cancel-order": async () => {
    const pages = ["order_create-order", "order_amend-order", "order_cancel-order"];
    const calls: ((exchange: Ccxt) => Promise<Ccxt>)[] = [
      (exchange) => exchange.createOrder(BTC, "limit", "buy", 0.1, 20_000),
      (exchange) => exchange.editOrder("any", BTC, "limit", "buy", 0.1, 20_000),
      (exchange) => exchange.cancelOrder("any", BTC),
    ];
    const { parse } = derivative.placeOrder(markets, ORDER);
    const told: Ccxt[] = [];
    for (const [index, page] of pages.entries()) told.push(await ccxt.answered(example(page), calls[index]!));
    return {
      ours: pages.map((page) => {
        const text = JSON.stringify(example(page));
        return {
          orderId: parse(unwrapResponse({ status: 200, headers: {}, text }, { method: "POST", path: "" }))
            .exchangeOrderId,
        };
      }),
      ccxts: told.map(({ id }) => ({ orderId: id })),
    };
  },
  "order_batch-place and order_batch-cancel": async () => {
    const text = (page: string) => JSON.stringify(example(page));
    const envelope = (page: string) =>
      unwrapResponse({ status: 200, headers: {}, text: text(page) }, { method: "POST", path: "" });
    const placed = derivative.placeOrders?.(markets, [ORDER, ORDER]).parse(envelope("order_batch-place")) ?? [];
    const canceled = derivative.placeCancels?.(markets, [ORDER, ORDER]).parse(envelope("order_batch-cancel")) ?? [];
    const row = { symbol: BTC, type: "limit", side: "buy", amount: 0.1, price: 20_000 };
    const ccxtPlaced = await ccxt.answered(example("order_batch-place"), (exchange) =>
      exchange.createOrders([row, row]),
    );
    const ccxtCanceled = await ccxt.answered(example("order_batch-cancel"), (exchange) =>
      exchange.cancelOrders(["1", "2"], BTC),
    );
    return {
      ours: [
        ...placed.map((each) => ({ isDone: each.ok, orderId: each.ok ? each.value.exchangeOrderId : undefined })),
        ...canceled.map((each) => ({ isDone: each.ok, orderId: undefined })),
      ],
      ccxts: [
        ...ccxtPlaced.map(({ id }: Ccxt) => ({ isDone: true, orderId: id })),
        ...ccxtCanceled.map(() => ({ isDone: true, orderId: undefined })),
      ],
    };
  },
  "order_open-order": async () => {
    const payload = example("order_open-order");
    const orders = await derivative.fetchOpenOrders(answeredWith(payload));
    const told = await ccxt.answered(payload, (exchange) => exchange.fetchOpenOrders("ETH/USDT:USDT"));
    return { ours: orders.map((order) => facts.ourOrder(order)), ccxts: told.map(facts.ccxtListedOrder) };
  },
  "order_order-list": async () => {
    const payload = example("order_order-list");
    const exchangeOrderId = "14bad3a1-6454-43d8-bcf2-5345896cf74d";
    const update = await derivative.requestOrderStatus(answeredWith(payload), { ...ORDER, exchangeOrderId });
    const told = await ccxt.answered(payload, (exchange) => exchange.fetchClosedOrder(exchangeOrderId, BTC));
    return { ours: [facts.ourOrderUpdate(update)], ccxts: [facts.ccxtOrder(told)] };
  },
  order_execution: async () => {
    const payload = example("order_execution");
    const fills = await derivative.tradesSince(answeredWith(payload), NOW_MS - 1_000, tradingPairs);
    const told = await ccxt.answered(payload, (exchange) => exchange.fetchMyTrades("ETH/USDC:USDC"));
    return {
      ours: fills.filter(isOf("trade")).map(facts.ourFill),
      ccxts: told.map(facts.ccxtFill),
    };
  },
  position_position: async () => {
    const payload = example("position_position");
    const updates = await derivative.fetchPositions(answeredWith(payload), []);
    const told = await ccxt.answered(payload, (exchange) => exchange.fetchPositions([BTC]));
    return { ours: updates.filter(isOf("position")).map(facts.ourPosition), ccxts: told.map(facts.ccxtPosition) };
  },
  websocket_private_order: () => {
    const message = pushed("websocket_private_order");
    const told = ccxt.hear(PRIVATE_URL, message).orders;
    return {
      ours: ourUpdates(message).filter(isOf("order")).map(facts.ourOrderUpdate),
      ccxts: told.map(facts.ccxtOrder),
    };
  },
  websocket_private_execution: () => {
    const message = pushed("websocket_private_execution");
    const told = ccxt.hear(PRIVATE_URL, message).myTrades;
    return { ours: ourUpdates(message).filter(isOf("trade")).map(facts.ourFill), ccxts: told.map(facts.ccxtFill) };
  },
  websocket_private_position: () => {
    const message = pushed("websocket_private_position");
    const told = ccxt.hear(PRIVATE_URL, message).positions;
    return {
      ours: ourUpdates(message).filter(isOf("position")).map(facts.ourPosition),
      ccxts: told.map(facts.ccxtPosition),
    };
  },
  websocket_private_wallet: () => {
    const message = pushed("websocket_private_wallet");
    const told = ccxt.hear(PRIVATE_URL, message)["balances:unified"];
    return { ours: facts.ourBalances(ourUpdates(message)), ccxts: facts.ccxtBalances(told) };
  },
  websocket_public_orderbook: async () => {
    const [snapshot, delta] = examplesOf("bybit-v5", "websocket_public_orderbook");
    // The two are months apart: only prices near the snapshot's leave a book that is not crossed.
    const near = withValues(delta, (key, value) =>
      key === "b" || key === "a"
        ? value.map(([price, size]: string[]) => [String(Number(price) - 13_700), size])
        : value,
    );
    ccxt.hear(PUBLIC_URL, snapshot);
    const told = ccxt.hear(PUBLIC_URL, near)[`orderbook:${BTC}`];
    return {
      ours: await facts.ourBook(
        (frame) => orderBookDataSource.parseOrderBookSnapshotMessage(markets, snapshot, frame),
        (frame) => orderBookDataSource.parseOrderBookDiffMessage(markets, near, frame),
      ),
      ccxts: facts.ccxtBook(told),
    };
  },
  websocket_public_trade: () => {
    const message = pushed("websocket_public_trade");
    const told = ccxt.hear(PUBLIC_URL, message)[`trade:${BTC}`];
    return {
      ours: orderBookDataSource.parseTradeMessage(markets, message).map(facts.ourTrade),
      ccxts: told.map(facts.ccxtTrade),
    };
  },
};

/** The examples lack these, so they are our own, in the shape that the documents give them. */
const PARTLY_CANCELLED = () => {
  const [row] = example("order_order-list").result.list;
  const filled = { qty: "0.003", cumExecQty: "0.001", avgPrice: "26864.40", leavesQty: "0.000", reduceOnly: true };
  return { ...row, ...filled, side: "Sell", rejectReason: "EC_NoError", cancelType: "CancelByUser" };
};
/** A settlement as the transaction log tells it, which we read, and as an execution, which ccxt reads. */
const SETTLEMENT = (side: string, paid: string) => {
  const [logged] = example("account_transaction-log").result.list;
  const [execution] = example("order_execution").result.list;
  return {
    logged: { ...logged, symbol: "BTCUSDT", side, funding: String(-Number(paid)) },
    execution: {
      ...execution,
      symbol: "BTCUSDT",
      side,
      execType: "Funding",
      execFee: paid,
      execTime: logged.transactionTime,
    },
  };
};

const OWN_ROWS: Readonly<Record<string, () => Promise<facts.Reading> | facts.Reading>> = {
  "an order that is cancelled after a part was filled": async () => {
    const row = PARTLY_CANCELLED();
    const payload = { retCode: 0, result: { list: [row], category: "linear" } };
    const update = await derivative.requestOrderStatus(answeredWith(payload), {
      ...ORDER,
      exchangeOrderId: row.orderId,
    });
    return { ours: [facts.ourOrderUpdate(update)], ccxts: [facts.ccxtOrder(ccxt.exchange.parseOrder(row))] };
  },
  "funding that is paid and received": async () => {
    const settlements = [SETTLEMENT("Buy", "0.071409"), SETTLEMENT("Sell", "-0.05")];
    const payload = { retCode: 0, result: { list: settlements.map(({ logged }) => logged) } };
    const payments = await derivative.fetchFundingPayments(answeredWith(payload), NOW_MS - 1_000, tradingPairs);
    return {
      ours: payments.map(facts.ourPayment),
      ccxts: settlements.map(({ execution }) => facts.ccxtPayment(ccxt.exchange.parseIncome(execution))),
    };
  },
};

describe.skipIf(!examplesAreHere)("our connector and ccxt read the same in Bybit's", () => {
  beforeAll(async () => {
    const none = { retCode: 0, result: { list: [] } };
    const answer = (_: string, { status }: Payload) => (status === undefined ? instruments() : none);
    ccxt = await OfflineCcxt.create("bybit", answer, {
      defaultType: "swap",
      fetchMarkets: { types: ["linear"] },
      enableUnifiedAccount: true,
      enableUnifiedMargin: false,
    });
  });

  it.each(Object.entries(READINGS))("documented example of %s", async (name, read) => {
    facts.expectAgreement(await read(), JUSTIFIED[name]);
  });

  it.each(Object.entries(OWN_ROWS))("rows of %s", async (name, read) => {
    facts.expectAgreement(await read(), JUSTIFIED[name]);
  });
});
