import type { PerpetualVenue } from "../../../src/connector/perpetual-venue.ts";
import { BookFrameBuffer } from "../../../src/market-data/book-frame-buffer.ts";
import { Decimal, ONE } from "../../../src/model/decimal.ts";
import type { RestRequest, VenueContext } from "../../../src/net/venue-api.ts";
import type { Seeds } from "./seeds.ts";

/** Something that asks the venue and reads its answers. Resolves with the facts, or with nothing where it tells none. */
export interface ParserCall {
  /** Function of the venue, as the report names it: `derivative.fetchOpenOrders`. */
  readonly name: string;
  run(context: VenueContext): unknown;
}

interface Described {
  readonly request: RestRequest;
  parse(payload: unknown): unknown;
}

const HOUR_MS = 3_600_000;

/** Everything that asks the venue, each by its answers. */
export function callsOf(venue: PerpetualVenue, { markets, nowMs }: Seeds): readonly ParserCall[] {
  const { derivative, orderBookDataSource: books, userStreamDataSource: stream, webUtils } = venue;
  const [tradingPair = ""] = markets.byPair.keys();
  const pairs = [...markets.byPair.keys()].slice(0, 2);
  const since = nowMs - HOUR_MS;
  const ids = { clientOrderId: "pw-1", exchangeOrderId: "91000001" };
  const terms = { type: "limit", price: new Decimal(5_000), timeInForce: "GTC", reduceOnly: false } as const;
  const made = { positionAction: "open", positionMode: "oneWay", side: "buy" } as const;
  const order = { ...ids, ...terms, ...made, tradingPair, amount: ONE, createdAtMs: nowMs };
  const unnamed = { ...order, exchangeOrderId: undefined };
  const amend = { price: new Decimal(5_001), amount: ONE, executedAmount: new Decimal(0), clientOrderId: "pw-1-2" };
  const symbol = markets.byPair.get(tradingPair)?.symbol ?? "";
  const conditional = { conditionalOrderId: "91000001", symbol, tradingPair };
  const calls: ParserCall[] = [];
  const ask = (name: string, run: (context: VenueContext) => unknown): void => {
    const [owner = "", member = ""] = name.split(".");
    if (typeof Reflect.get(Reflect.get(venue, owner), member) === "function") calls.push({ name, run });
  };
  const silent = (name: string, run: (context: VenueContext) => unknown): void =>
    ask(name, async (context) => void (await run(context)));
  const request = (name: string, describe: () => unknown): void =>
    ask(name, async ({ api }) => {
      const described = describe() as Described;
      return described.parse(await api.send(described.request));
    });

  ask("derivative.fetchOpenOrders", (context) => derivative.fetchOpenOrders(context, pairs));
  ask("derivative.fetchOpenOrders", (context) => derivative.fetchOpenOrders(context));
  ask("derivative.tradesSince", (context) => derivative.tradesSince(context, since, pairs));
  ask("derivative.fetchBalances", (context) => derivative.fetchBalances(context));
  ask("derivative.fetchPositions", (context) => derivative.fetchPositions(context, pairs));
  ask("derivative.fetchFundingPayments", (context) => derivative.fetchFundingPayments(context, since, pairs));
  ask("derivative.fetchLastFeePayment", (context) => derivative.fetchLastFeePayment(context, tradingPair));
  ask("derivative.fetchCashFlows", (context) => derivative.fetchCashFlows?.(context, since));
  ask("derivative.fetchRemainder", (context) => derivative.fetchRemainder?.(context));
  ask("derivative.tradingFees", (context) => derivative.tradingFees(context, pairs));
  ask("derivative.requestOrderStatus", (context) => derivative.requestOrderStatus(context, order));
  ask("derivative.requestOrderStatus", (context) => derivative.requestOrderStatus(context, unnamed));
  ask("derivative.allTradeUpdatesForOrder", (context) => derivative.allTradeUpdatesForOrder(context, order));
  ask("derivative.fetchPositionMode", (context) => derivative.fetchPositionMode?.(context, pairs));
  ask("derivative.fetchLastTradedPrice", async (context) => ({
    price: await derivative.fetchLastTradedPrice(context, tradingPair),
  }));
  ask("derivative.parseExchangeInfo", async (context) =>
    derivative.parseExchangeInfo(await derivative.requestExchangeInfo(context)),
  );
  silent("derivative.requestExchangeInfo", (context) => derivative.requestExchangeInfo(context));
  silent("derivative.checkNetwork", (context) => derivative.checkNetwork(context));
  silent("derivative.setTradingPairLeverage", (context) =>
    derivative.setTradingPairLeverage(context, tradingPair, new Decimal(5)),
  );
  silent("derivative.setPositionMode", (context) => derivative.setPositionMode?.(context, "hedge", pairs));
  request("derivative.placeOrder", () => derivative.placeOrder(markets, order));
  request("derivative.placeCancel", () => derivative.placeCancel(markets, order));
  request("derivative.amendOrder", () => derivative.amendOrder?.(markets, order, amend));
  request("derivative.placeOrders", () => derivative.placeOrders?.(markets, [order, { ...order, clientOrderId: "b" }]));
  request("derivative.placeCancels", () => derivative.placeCancels?.(markets, [order, unnamed]));
  request("derivative.cancelAllAfter", () => derivative.cancelAllAfter?.(markets, 60_000, tradingPair));
  request("derivative.cancelConditionalOrder", () => derivative.cancelConditionalOrder?.(markets, conditional));
  ask("orderBookDataSource.fetchFundingInfo", (context) => books.fetchFundingInfo(context, tradingPair));
  ask("orderBookDataSource.fetchLastTradedPrices", async (context) =>
    [...(await books.fetchLastTradedPrices(context, pairs)).values()].map((price) => ({ price: new Decimal(price) })),
  );
  ask("orderBookDataSource.requestOrderBookSnapshot", async (context) => {
    const frame = new BookFrameBuffer();
    await books.requestOrderBookSnapshot(context, tradingPair, frame, 1);
    return frame;
  });
  silent("webUtils.getCurrentServerTime", (context) => webUtils.getCurrentServerTime?.(context));
  const { listenKey } = stream;
  if (listenKey !== undefined) {
    const run = (context: VenueContext) => listenKey.fetchListenKey(context);
    calls.push({ name: "listenKey.fetchListenKey", run: async (context) => void (await run(context)) });
    calls.push({
      name: "listenKey.pingListenKey",
      run: (context) => listenKey.pingListenKey(context, "key-of-a-stream"),
    });
  }
  return calls;
}

/** Kinds of facts, as the table of told fields names them, of what has no `type` of its own. */
export const KIND_OF_CALL: Readonly<Record<string, string>> = {
  "derivative.fetchFundingPayments": "payment",
  "derivative.fetchLastFeePayment": "payment",
  "derivative.fetchCashFlows": "cashFlow",
  "derivative.tradingFees": "fees",
  "derivative.parseExchangeInfo": "rule",
  "derivative.fetchLastTradedPrice": "lastPrice",
  "orderBookDataSource.fetchLastTradedPrices": "lastPrice",
  "orderBookDataSource.fetchFundingInfo": "fundingInfo",
};
