import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { BookFrameBuffer } from "../../../src/market-data/book-frame-buffer.ts";
import type { AccountUpdate } from "../../../src/model/account-update.ts";
import { Decimal } from "../../../src/model/decimal.ts";
import { createVenueMarkets } from "../../../src/model/venue-markets.ts";
import type { RestRequest } from "../../../src/net/venue-api.ts";
import { derivative } from "../../../src/venues/bybit/derivative.ts";
import { orderBookDataSource } from "../../../src/venues/bybit/order-book-data-source.ts";
import { userStreamDataSource } from "../../../src/venues/bybit/user-stream-data-source.ts";
import { getCurrentServerTime, unwrapResponse } from "../../../src/venues/bybit/web-utils.ts";
import { RecordingApi, venueContext } from "../../support/recording-api.ts";
import { instrument, orderToPlace, reference } from "./wire.ts";

const FOLDER = resolve(import.meta.dirname, "../../../../shared/data/examples/bybit-v5");
const isHere = existsSync(FOLDER);
const examples = (name: string): Record<string, unknown>[] =>
  JSON.parse(readFileSync(resolve(FOLDER, `${name}.json`), "utf8")) as Record<string, unknown>[];

/** Every symbol that an example names is a linear perpetual here, so that no row is left out for that. */
function symbolsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    (key === "symbol" || key === "s") && typeof inner === "string" ? [inner] : symbolsIn(inner),
  );
}
function marketsOf(value: unknown) {
  const symbols = [...new Set(symbolsIn(value))].filter((symbol) => symbol !== "BTCUSDT");
  const rows = symbols.map((symbol, index) => instrument(`E${index}`, "USDT", { symbol }));
  return derivative.parseExchangeInfo({ list: [instrument("BTC"), ...rows] }).markets;
}

/** Drops the product from rows, so that examples of other products are read with their shape alone. */
function asLinear(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asLinear);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === "category" ? "linear" : asLinear(inner)]),
  );
}

/** A context that answers each request with the example, once; further pages are empty. */
function answering(example: unknown, nowMs = 1672132481405) {
  const body = asLinear(example);
  let asked = 0;
  const api = new RecordingApi((request) => {
    asked += 1;
    const unwrapped = unwrapResponse({ status: 200, headers: {}, text: JSON.stringify(body) }, request);
    return asked === 1 ? unwrapped : { list: [], nextPageCursor: "" };
  });
  return { ...venueContext(api, "bybit_perpetual", marketsOf(body), nowMs), asked: () => asked };
}
const only = (name: string) => {
  const [example] = examples(name);
  if (example === undefined) throw new Error(`no example of ${name}`);
  return example;
};
const posted = (example: unknown) => {
  const request: RestRequest = { method: "POST", path: "/", isAuthRequired: true, limitId: "" };
  return unwrapResponse({ status: 200, headers: {}, text: JSON.stringify(example) }, request);
};
/** The order that an acknowledgement names. */
const named = (answer: unknown) => {
  const { orderId: exchangeOrderId, orderLinkId } = (answer as { readonly result: Record<string, string> }).result;
  return reference({ exchangeOrderId, clientOrderId: orderLinkId || "pw-1" });
};
const markets = createVenueMarkets("bybit_perpetual", "bybit_perpetual", isHere ? marketsOf([]) : []);

/** What each documented example must give; those of endpoints that are not used are named in `UNUSED`. */
const CHECKS: Readonly<Record<string, () => Promise<void> | void>> = {
  "account_fee-rate": async () => {
    const fees = await derivative.tradingFees(answering(only("account_fee-rate")), []);
    expect(fees instanceof Map && [...fees.values()][0]?.takerPercentFee.toFixed()).toBe("0.0006");
  },
  "account_transaction-log": async () => {
    const context = answering(only("account_transaction-log"));
    const pairs = [...context.markets.byPair.keys()];
    const payments = await derivative.fetchFundingPayments(context, 1672132481405 - 60_000, pairs);
    expect(payments.map(({ amount, paymentId }) => [amount.toFixed(), paymentId])).toEqual([
      ["-0.003676", "592324_XRPUSDT_161440249321:Buy:534c0003-4bf7-486f-aa02-78cee36825e4"],
    ]);
  },
  "account_wallet-balance": async () => {
    const updates = await derivative.fetchBalances(answering(only("account_wallet-balance")));
    const usdt = updates.find((update) => update.type === "balance" && update.asset === "USDT");
    expect(usdt?.type === "balance" && usdt.available?.toFixed()).toBe("3.00326056");
  },
  market_instrument: () => {
    const [trading, preLaunch, option, spot] = examples("market_instrument").map((each) => each.result);
    expect(derivative.parseExchangeInfo(trading).markets.map(({ tradingPair }) => tradingPair)).toEqual(["BTC-USDT"]);
    for (const other of [preLaunch, option, spot]) {
      expect(derivative.parseExchangeInfo(other)).toMatchObject({ markets: [], skipped: [] });
    }
  },
  market_orderbook: async () => {
    const frame = new BookFrameBuffer();
    await orderBookDataSource.requestOrderBookSnapshot(answering(only("market_orderbook")), "BTC-USDT", frame);
    expect([frame.updateId, frame.bids.count, frame.asks.count]).toEqual([230704, 1, 1]);
  },
  market_tickers: async () => {
    const [inverse, option, spot] = examples("market_tickers");
    const context = answering(inverse);
    const pair = [...context.markets.byPair.keys()].find((each) => each !== "BTC-USDT") ?? "";
    expect((await orderBookDataSource.fetchFundingInfo(context, pair)).rate.toFixed()).toBe("0.0001");
    for (const other of [option, spot]) {
      const prices = await orderBookDataSource.fetchLastTradedPrices(answering(other), ["BTC-USDT"]);
      expect(prices.get("BTC-USDT")).toBe(other === spot ? "20533.13" : undefined);
    }
  },
  market_time: async () => {
    expect(await getCurrentServerTime(answering(only("market_time")))).toBe(1688639403423.213);
  },
  "order_amend-order": () => {
    const answer = posted(only("order_amend-order"));
    const amend = { clientOrderId: "x", executedAmount: new Decimal(0) };
    const placed = derivative.amendOrder?.(markets, named(answer), amend).parse(answer);
    expect(placed).toMatchObject({
      exchangeOrderId: "c6f055d9-7f21-4079-913d-e6523a9cfffa",
      timestampMs: 1672217093461,
    });
  },
  "order_batch-cancel": () => {
    const batch = derivative.placeCancels?.(markets, [reference(), reference()]);
    const rows = batch?.parse(posted(only("order_batch-cancel"))) ?? [];
    expect(rows.map((row) => row.ok || row.error.name)).toEqual([true, "NotFoundError"]);
  },
  "order_batch-place": () => {
    const batch = derivative.placeOrders?.(markets, [orderToPlace(), orderToPlace()]);
    const rows = batch?.parse(posted(only("order_batch-place"))) ?? [];
    expect(rows.map((row) => row.ok && row.value.exchangeOrderId)).toEqual([
      "1666800494330512128",
      "1666800494330512129",
    ]);
  },
  "order_cancel-all": () => {
    // Nothing is canceled wholesale here: the envelope is what is shared.
    expect(posted(only("order_cancel-all"))).toBeDefined();
  },
  "order_cancel-order": () => {
    const answer = posted(only("order_cancel-order"));
    expect(derivative.placeCancel(markets, named(answer)).parse(answer)).toBeUndefined();
  },
  "order_create-order": () => {
    const placed = derivative.placeOrder(markets, orderToPlace()).parse(posted(only("order_create-order")));
    expect(placed).toMatchObject({ exchangeOrderId: "1321003749386327552", timestampMs: 1672211918471 });
  },
  order_execution: async () => {
    const context = answering(only("order_execution"));
    const [trade] = await derivative.tradesSince(context, 1672132481405 - 60_000, []);
    expect(trade).toMatchObject({ type: "trade", fillId: "e0cbe81d-0f18-5866-9415-cf319b5dab3b", side: "buy" });
    expect(context.asked()).toBe(2);
  },
  "order_open-order": async () => {
    const [order] = await derivative.fetchOpenOrders(answering(only("order_open-order")));
    expect(order).toMatchObject({ clientOrderId: "test-000005", state: "open", side: "buy", averagePrice: undefined });
  },
  "order_order-list": async () => {
    const context = answering(only("order_order-list"));
    const order = reference({ exchangeOrderId: "14bad3a1-6454-43d8-bcf2-5345896cf74d" });
    const update = await derivative.requestOrderStatus(context, order);
    expect(update).toMatchObject({ state: "canceled", reason: "postOnly", clientOrderId: "YLxaWKMiHU" });
  },
  position_leverage: async () => {
    await derivative.setTradingPairLeverage(answering(only("position_leverage")), "BTC-USDT", new Decimal(6));
  },
  "position_position-mode": async () => {
    await derivative.setPositionMode?.(answering(only("position_position-mode")), "hedge", ["BTC-USDT"]);
  },
  position_position: async () => {
    const [position] = await derivative.fetchPositions(answering(only("position_position")), []);
    expect(position).toMatchObject({ type: "position", side: "both", liquidationPrice: undefined });
    expect(position?.type === "position" && position.amount.toFixed()).toBe("-300");
  },
  websocket_private_execution: () => void privateExample("websocket_private_execution", ["trade"]),
  websocket_private_order: () => void privateExample("websocket_private_order", ["order"]),
  websocket_private_position: () => void privateExample("websocket_private_position", ["position"]),
  websocket_private_wallet: () => {
    const updates = privateExample("websocket_private_wallet", ["balance", "balance", "balance", "margin"]);
    const told = updates.filter((update) => update.type === "balance");
    expect(told.map(({ asset, total, available }) => [asset, total?.toFixed(), available?.toFixed()])).toEqual([
      ["BTC", "0.00102964", "0.00102964"],
      // Coins that the push leaves out: nothing but what the account shares.
      ["USDT", undefined, "9556.6056555"],
      ["USDC", undefined, "9556.6056555"],
    ]);
  },
  websocket_public_orderbook: () => {
    const [snapshot, delta] = examples("websocket_public_orderbook");
    expect(orderBookDataSource.channelOriginatingMessage(snapshot)).toBe("orderBookSnapshot");
    expect(orderBookDataSource.channelOriginatingMessage(delta)).toBe("orderBookDiff");
    const frame = new BookFrameBuffer();
    expect(orderBookDataSource.parseOrderBookDiffMessage(markets, delta, frame)).toBe(true);
    expect([frame.updateId, frame.bids.count, frame.asks.count]).toEqual([177400507, 5, 7]);
  },
  websocket_public_ticker: () => {
    const [dated, option, spot] = examples("websocket_public_ticker");
    const kinds = [dated, option, spot].map((each) => orderBookDataSource.channelOriginatingMessage(each));
    expect(kinds).toEqual(["fundingInfo", "fundingInfo", "fundingInfoUnchanged"]);
    for (const other of [dated, option]) {
      expect(orderBookDataSource.parseFundingInfoMessage(markets, other)).toBeUndefined();
    }
  },
  websocket_public_trade: () => {
    const [trades] = examples("websocket_public_trade");
    expect(orderBookDataSource.channelOriginatingMessage(trades)).toBe("trade");
    expect(orderBookDataSource.parseTradeMessage(markets, trades)[0]).toMatchObject({ side: "buy" });
  },
  "websocket_wss-authentication": () => {
    const answers = examples("websocket_wss-authentication").filter((each) => "success" in each || each.op === "pong");
    expect(answers.map((each) => userStreamDataSource.channelOriginatingMessage(each))).toEqual([
      "authenticated",
      ...["pong", "pong", "pong", "pong"],
      ...["subscribed", "subscribed", "subscribed"],
      // The answer of the option stream, which is not used.
      "unknown",
    ]);
  },
};

function privateExample(name: string, types: readonly string[]): readonly AccountUpdate[] {
  const pushed = examples(name)
    .map(asLinear)
    .filter((each) => typeof each === "object" && each !== null && "topic" in each);
  const updates = pushed.flatMap((message) => {
    expect(userStreamDataSource.channelOriginatingMessage(message)).toBe("update");
    const own = createVenueMarkets("bybit_perpetual", "bybit_perpetual", marketsOf(message));
    return [...userStreamDataSource.parseUserStreamMessage(own, message)];
  });
  expect(updates.map(({ type }) => type)).toEqual(types);
  return updates;
}

const UNUSED = [
  "account_account-info",
  "market_history-fund-rate",
  "market_recent-trade",
  "order_dcp",
  "websocket_trade_guideline",
];

describe.skipIf(!isHere)("the documented example of", () => {
  it.each(Object.entries(CHECKS))("%s is read", async (_, check) => {
    await check();
  });

  it("every endpoint and topic is accounted for", () => {
    const names = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ""));
    expect(names.toSorted()).toEqual([...Object.keys(CHECKS), ...UNUSED].toSorted());
  });
});
