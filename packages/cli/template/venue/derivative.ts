import { z } from "zod";
import { defineVenue } from "../../../../src/connector/define-venue.ts";
import type { VenueDerivative, VenueModule } from "../../../../src/connector/perpetual-venue.ts";
import type { OrderUpdate } from "../../../../src/model/account-update.ts";
import { ZERO } from "../../../../src/model/decimal.ts";
import { NotFoundError } from "../../../../src/model/error.ts";
import type { FundingPayment } from "../../../../src/model/funding.ts";
import type { OrderReference, OrderToPlace } from "../../../../src/model/order.ts";
import { marketOf, type VenueMarkets } from "../../../../src/model/venue-markets.ts";
import { type RowKind, readList } from "../../../../src/net/rows.ts";
import type { RestRequest, VenueContext } from "../../../../src/net/venue-api.ts";
import { optionalWireDecimal, wireDecimal, wireId, wireTimeMs } from "../../../../src/net/wire.ts";
import { createAuth } from "./auth.ts";
import * as constants from "./constants.ts";
import { isOrderNotFound } from "./errors.ts";
import { DEFAULT_FEES, manifest } from "./manifest.ts";
import { parseExchangeInfo } from "./markets.ts";
import { orderBookDataSource } from "./order-book-data-source.ts";
import { get, listOf, type Params, post, rowsSince } from "./requests.ts";
import {
  parseBalance,
  parseFill,
  parseOrder,
  parsePosition,
  ROWS,
  rowMarket,
  userStreamDataSource,
} from "./user-stream-data-source.ts";
import { createWebUtils, getCurrentServerTime, publicRequest, read } from "./web-utils.ts";

// CHECK: the fields of every payload.
const wirePlaced = z.object({ orderId: wireId, timestamp: wireTimeMs });
/** Negative was paid. */
const wirePayment = z.object({
  id: wireId,
  asset: z.string().min(1),
  amount: wireDecimal,
  rate: optionalWireDecimal,
  timestamp: wireTimeMs,
});
const wireFees = z.object({ makerFeeRate: wireDecimal, takerFeeRate: wireDecimal });
// <wire-position-mode>
// </wire-position-mode>

// CHECK: the fields of an order, and the words for its terms.
function orderRow(markets: VenueMarkets, order: OrderToPlace) {
  const isMarket = order.type === "market";
  const market = marketOf(markets, order.tradingPair);
  // <position-side>
  // </position-side>
  return {
    symbol: market.symbol,
    // <order-side>
    side: order.side,
    // </order-side>
    type: isMarket ? "market" : "limit",
    // <order-size>
    size: order.amount.toFixed(),
    // </order-size>
    price: isMarket ? undefined : order.price?.toFixed(),
    timeInForce: isMarket ? undefined : order.timeInForce,
    postOnly: order.type === "limitMaker",
    // <closing>
    reduceOnly: order.reduceOnly,
    // </closing>
    clientOrderId: order.clientOrderId,
  };
}

/** The exchange's id where it is known, else the client's. */
function idsOf(markets: VenueMarkets, { tradingPair, exchangeOrderId: orderId, clientOrderId }: OrderReference) {
  const { symbol } = marketOf(markets, tradingPair);
  return orderId === undefined ? { symbol, clientOrderId } : { symbol, orderId };
}

function parsePlaced(payload: unknown) {
  const { orderId: exchangeOrderId, timestamp: timestampMs } = read("an accepted order", wirePlaced, payload);
  return { exchangeOrderId, timestampMs };
}

async function requestOrderStatus(context: VenueContext, order: OrderReference): Promise<OrderUpdate> {
  const request = get(constants.ORDERS_PATH_URL, idsOf(context.markets, order));
  const update = parseOrder(context.markets, await context.api.send(request, context.signal));
  if (update === undefined) throw new NotFoundError("the order is on a market that is not a known perpetual");
  return update;
}

function parsePayment(markets: VenueMarkets, payload: unknown): FundingPayment | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("a funding payment", wirePayment, payload);
  const { id: paymentId, asset, amount, rate, timestamp: timestampMs } = row;
  return { paymentId, tradingPair: market.tradingPair, asset, amount, rate, timestampMs };
}

const PAYMENT_ROW: RowKind = { subject: "fundingPayment", symbol: "symbol" };

async function fundingPaymentsSince(context: VenueContext, sinceMs: number, symbol?: string) {
  const { markets } = context;
  const rows = await rowsSince(context, constants.FUNDING_PAYMENTS_PATH_URL, { symbol }, sinceMs, PAYMENT_ROW);
  return readList("a funding payment", rows, (row) => parsePayment(markets, row), context, PAYMENT_ROW);
}

async function fillsSince(context: VenueContext, params: Params, sinceMs: number) {
  const { markets } = context;
  const rows = await rowsSince(context, constants.FILLS_PATH_URL, params, sinceMs, ROWS.fills);
  return readList("a fill", rows, (row) => parseFill(markets, row), context, ROWS.fills);
}

async function send(context: VenueContext, path: string, data: object): Promise<void> {
  await context.api.send(post(path, data, "create"), context.signal);
}

export const derivative: VenueDerivative = {
  requestExchangeInfo: ({ api, signal }) => api.send(publicRequest(constants.INSTRUMENTS_PATH_URL), signal),
  parseExchangeInfo,

  // <check-network>
  async checkNetwork(context) {
    await getCurrentServerTime(context);
  },
  // </check-network>

  placeOrder(markets, order) {
    const row = orderRow(markets, order);
    const request = post(constants.ORDERS_PATH_URL, row, "create", constants.ORDERS_LIMIT_ID);
    return { kind: "rest", request, parse: parsePlaced };
  },

  // CHECK: whether the answer confirms the end of the order; `cancelsAreSynchronous` in the manifest says the same.
  placeCancel(markets, order) {
    const params = idsOf(markets, order);
    const request: RestRequest = { ...get(constants.ORDERS_PATH_URL, params), method: "DELETE", lane: "cancel" };
    return { kind: "rest", request, parse: () => undefined };
  },

  requestOrderStatus,

  async allTradeUpdatesForOrder(context, order) {
    // CHECK: by which ids fills can be asked for; here by the exchange's, which the status tells where it is not known.
    const orderId = order.exchangeOrderId ?? (await requestOrderStatus(context, order)).exchangeOrderId;
    const params = { symbol: marketOf(context.markets, order.tradingPair).symbol, orderId };
    const fills = await fillsSince(context, params, order.createdAtMs - 60_000);
    const { clientOrderId } = order;
    return fills.flatMap((fill) => (fill.type === "trade" ? [{ ...fill, clientOrderId }] : []));
  },

  // CHECK: whether one question answers for all markets; where each is asked for by itself, `settleEach` does it.
  tradesSince: (context, sinceMs) => fillsSince(context, {}, sinceMs),

  async fetchOpenOrders(context) {
    const rows = await listOf(context, constants.OPEN_ORDERS_PATH_URL);
    const { markets } = context;
    return readList("an open order", rows, (row) => parseOrder(markets, row)?.order, context, ROWS.orders);
  },

  async fetchBalances(context) {
    // The time of the question: an event with a later time may not be in the answer.
    const timestampMs = context.now();
    const rows = await listOf(context, constants.BALANCES_PATH_URL);
    const parse = (row: unknown) => parseBalance(row, timestampMs);
    const balances = await readList("a balance", rows, parse, context, ROWS.balances);
    const told = new Set(balances.map(({ asset }) => asset));
    // Assets that the account does not hold may be left out of the answer; collateral is known to be zero then, if all
    // was read.
    const isWhole = balances.length === rows.length;
    const empty = isWhole ? manifest.collateralTokens.filter((asset) => !told.has(asset)) : [];
    const zero = { type: "balance", total: ZERO, available: ZERO, timestampMs } as const;
    return [...balances, ...empty.map((asset) => ({ ...zero, asset }))];
  },

  async fetchPositions(context) {
    const timestampMs = context.now();
    const rows = await listOf(context, constants.POSITIONS_PATH_URL);
    const { markets } = context;
    const parse = (row: unknown) => parsePosition(markets, row, timestampMs);
    return readList("a position", rows, parse, context, ROWS.positions);
  },

  fetchFundingPayments: (context, sinceMs) => fundingPaymentsSince(context, sinceMs),

  async fetchLastFeePayment(context, tradingPair) {
    const { symbol, fundingIntervalMs } = marketOf(context.markets, tradingPair);
    return (await fundingPaymentsSince(context, context.now() - 2 * fundingIntervalMs, symbol)).at(-1);
  },

  fetchLastTradedPrice: async (context, tradingPair) =>
    wireDecimal.parse((await orderBookDataSource.fetchLastTradedPrices(context, [tradingPair])).get(tradingPair)),

  async setTradingPairLeverage(context, tradingPair, leverage) {
    const { symbol } = marketOf(context.markets, tradingPair);
    await send(context, constants.LEVERAGE_PATH_URL, { symbol, leverage: leverage.toFixed() });
  },

  // <position-mode>
  // </position-mode>

  async tradingFees({ api, signal }) {
    const payload = await api.send(get(constants.FEES_PATH_URL), signal);
    const { makerFeeRate: makerPercentFee, takerFeeRate: takerPercentFee } = read("the fees", wireFees, payload);
    return { ...DEFAULT_FEES, makerPercentFee, takerPercentFee };
  },
};

export const venueModule: VenueModule = defineVenue({
  manifest,
  paths: {
    tradingRulesRequestPath: constants.INSTRUMENTS_PATH_URL,
    // <check-network-path>
    checkNetworkRequestPath: constants.SERVER_TIME_PATH_URL,
    // </check-network-path>
  },
  createWebUtils,
  orderBookDataSource,
  userStreamDataSource,
  derivative,
  rateLimits: constants.RATE_LIMITS,
  createAuthenticator: createAuth,
  errors: { isOrderNotFoundDuringStatusUpdateError: isOrderNotFound },
});
