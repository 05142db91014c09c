import { z } from "zod";
import type {
  CreateVenueOptions,
  ExchangeInfo,
  PerpetualVenue,
  PlacedOrder,
  VenueDerivative,
  VenueModule,
} from "../../connector/perpetual-venue.ts";
import type { AccountUpdate, OrderUpdate, TradeUpdate } from "../../model/account-update.ts";
import { type Decimal, ONE, ZERO } from "../../model/decimal.ts";
import { NotFoundError, OrderRejectedError, ProtocolError } from "../../model/error.ts";
import type { TradeFeeSchema } from "../../model/fee.ts";
import type { FundingPayment } from "../../model/funding.ts";
import type { Market } from "../../model/market.ts";
import type { OrderReference, OrderToPlace } from "../../model/order.ts";
import { parseIsoTime } from "../../model/time.ts";
import { marketOf, type VenueSession } from "../../model/venue-session.ts";
import type { QueryValue, RestRequest, VenueContext } from "../../net/venue-api.ts";
import { optionalWireDecimal, readPayload, wireDecimal, wireId } from "../../net/wire.ts";
import { createFtxAuth } from "./auth.ts";
import * as constants from "./constants.ts";
import { isOrderClosed, isOrderNotFound } from "./errors.ts";
import { DEFAULT_FEES, manifest } from "./manifest.ts";
import { orderBookDataSource } from "./order-book-data-source.ts";
import {
  parseFill,
  parseFundingPayment,
  parseOrder,
  parsePosition,
  userStreamDataSource,
} from "./user-stream-data-source.ts";
import { createWebUtils } from "./web-utils.ts";

const QUOTE = "USD";

const wireMarket = z.object({
  name: z.string(),
  type: z.literal("future"),
  underlying: z.string().min(1),
  enabled: z.boolean(),
  postOnly: z.boolean().optional(),
  priceIncrement: wireDecimal.refine((value) => value.gt(0), "must be positive"),
  sizeIncrement: wireDecimal.refine((value) => value.gt(0), "must be positive"),
  minProvideSize: optionalWireDecimal,
});
const wireBalance = z.object({ coin: z.string(), total: wireDecimal, free: wireDecimal });
const wireAccount = z.object({
  collateral: wireDecimal,
  freeCollateral: wireDecimal,
  marginFraction: optionalWireDecimal,
  maintenanceMarginRequirement: optionalWireDecimal,
  leverage: wireDecimal,
  makerFee: wireDecimal,
  takerFee: wireDecimal,
});
function get(path: string, params?: Readonly<Record<string, QueryValue>>): RestRequest {
  return { method: "GET", path, params, isAuthRequired: true, limitId: constants.REQUESTS_LIMIT_ID, lane: "poll" };
}

function read<Schema extends z.ZodType>(what: string, schema: Schema, payload: unknown): z.output<Schema> {
  return readPayload(manifest.name, what, schema, payload);
}

// ---- markets -------------------------------------------------------------------------------------------------------

function isPerpetual(row: unknown): row is Readonly<Record<string, unknown>> & { readonly name: string } {
  if (typeof row !== "object" || row === null || !("name" in row) || typeof row.name !== "string") return false;
  return row.name.endsWith("-PERP") && (!("enabled" in row) || row.enabled !== false);
}

function parseMarket(row: unknown): Market {
  const market = read("a row of GET /markets", wireMarket, row);
  const tradingPair = `${market.underlying}-${QUOTE}`;
  return {
    tradingPair,
    symbol: market.name,
    baseAsset: market.underlying,
    quoteAsset: QUOTE,
    fundingIntervalMs: constants.FUNDING_INTERVAL_MS,
    rule: {
      tradingPair,
      // `minProvideSize` is the least that may rest; an order that takes may be as small as one step.
      minOrderSize: market.sizeIncrement,
      minMakerSize: market.minProvideSize ?? market.sizeIncrement,
      minPriceIncrement: market.priceIncrement,
      minBaseAmountIncrement: market.sizeIncrement,
      // FTX had no minimum notional.
      minNotionalSize: ZERO,
      minPrice: market.priceIncrement,
      contractSize: ONE,
      contractKind: "linear",
      buyOrderCollateralToken: QUOTE,
      sellOrderCollateralToken: QUOTE,
      supportsMarketOrders: market.postOnly !== true,
    },
  };
}

function parseExchangeInfo(exchangeInfo: unknown): ExchangeInfo {
  const rows = read("GET /markets", z.array(z.unknown()), exchangeInfo);
  const markets: Market[] = [];
  const skipped: { symbol: string; reason: string }[] = [];
  for (const row of rows.filter(isPerpetual)) {
    try {
      markets.push(parseMarket(row));
    } catch (error) {
      skipped.push({ symbol: row.name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { markets, skipped };
}

// ---- orders and fills ----------------------------------------------------------------------------------------------

function orderRequest(market: Market, order: OrderToPlace): RestRequest {
  return {
    method: "POST",
    path: constants.ORDERS_PATH_URL,
    data: {
      market: market.symbol,
      side: order.side,
      // The key must be there for market orders too. Decimal text is accepted and loses no digit.
      price: order.type === "market" || order.price === undefined ? null : order.price.toFixed(),
      type: order.type === "market" ? "market" : "limit",
      size: order.amount.toFixed(),
      reduceOnly: order.reduceOnly,
      ioc: order.timeInForce === "IOC",
      postOnly: order.type === "limitMaker",
      clientId: order.clientOrderId,
    },
    isAuthRequired: true,
    limitId: constants.marketOrdersLimitId(market.symbol),
    lane: "create",
  };
}

function parsePlaced(session: VenueSession, payload: unknown): PlacedOrder {
  const update = parseOrder(session, payload);
  if (update?.exchangeOrderId === undefined) {
    throw new ProtocolError("FTX accepted an order on a market that is not known", { venue: manifest.name });
  }
  return { exchangeOrderId: update.exchangeOrderId, timestampMs: update.timestampMs, update };
}

function orderPath(order: OrderReference): string {
  return order.exchangeOrderId === undefined
    ? `${constants.ORDERS_BY_CLIENT_ID_PATH_URL}/${encodeURIComponent(order.clientOrderId)}`
    : `${constants.ORDERS_PATH_URL}/${order.exchangeOrderId}`;
}

/** The venue answers with a sentence: the cancel is queued, its end is seen on the `orders` channel. */
const queued = () => undefined;

async function requestOrderStatus(context: VenueContext, order: OrderReference): Promise<OrderUpdate> {
  const update = parseOrder(context.session, await context.api.send(get(orderPath(order)), context.signal));
  if (update === undefined) throw new NotFoundError("the order is on a market that is not a known perpetual");
  return update;
}

// ---- paging --------------------------------------------------------------------------------------------------------

const wireRow = z.object({ id: wireId, time: z.string() });

interface Row {
  readonly id: string;
  readonly timestampMs: number;
  readonly payload: unknown;
}

function rowsOf(path: string, page: unknown): readonly Row[] {
  return read(`GET ${path}`, z.array(z.unknown()), page).map((payload) => {
    const { id, time } = read(`a row of GET ${path}`, wireRow, payload);
    return { id, timestampMs: parseIsoTime(time), payload };
  });
}

/**
 * All rows from `sinceMs` on, oldest first. Pages come newest first: the next one ends where this one began, rows that
 * come twice are dropped by id, and a page without a new row is the last (docs, pagination).
 */
async function pagedSince(
  context: VenueContext,
  path: string,
  params: Readonly<Record<string, QueryValue>>,
  sinceMs: number,
): Promise<readonly unknown[]> {
  const rows = new Map<string, Row>();
  const startSeconds = Math.max(0, sinceMs / 1_000);
  // The venue's clock may run ahead of ours; a minute covers more than a signed request survives.
  let endSeconds = context.now() / 1_000 + 60;
  let largestPage = 0;
  for (;;) {
    const range = { start_time: startSeconds.toFixed(6), end_time: endSeconds.toFixed(6), limit: constants.PAGE_SIZE };
    const page = rowsOf(path, await context.api.send(get(path, { ...params, ...range }), context.signal));
    const fresh = page.filter((row) => !rows.has(row.id));
    largestPage = Math.max(largestPage, page.length);
    if (fresh.length === 0 && (page.length <= 1 || page.length < largestPage)) break;
    for (const row of fresh) rows.set(row.id, row);
    endSeconds = Math.min(...page.map((row) => row.timestampMs)) / 1_000;
    // A page full of rows of one instant: a sweep of the book can make them. The next page begins before it.
    if (fresh.length === 0) endSeconds -= 1e-6;
  }
  const oldestFirst = [...rows.values()].sort((a, b) => a.timestampMs - b.timestampMs || compareIds(a.id, b.id));
  return oldestFirst.map((row) => row.payload);
}

/** Ids are integers that only grow. */
function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

async function fillsSince(
  context: VenueContext,
  sinceMs: number,
  params: Readonly<Record<string, QueryValue>>,
): Promise<readonly TradeUpdate[]> {
  const rows = await pagedSince(context, constants.FILLS_PATH_URL, params, sinceMs);
  return rows.flatMap((row) => parseFill(context.session, row) ?? []);
}

// ---- account -------------------------------------------------------------------------------------------------------

async function fetchBalances(context: VenueContext): Promise<readonly AccountUpdate[]> {
  const [balances, account] = await Promise.all([
    context.api.send(get(constants.BALANCES_PATH_URL), context.signal),
    context.api.send(get(constants.ACCOUNT_PATH_URL), context.signal),
  ]);
  const timestampMs = context.now();
  const rows = read("GET /wallet/balances", z.array(wireBalance), balances);
  const summary = read("GET /account", wireAccount, account);
  return [
    ...rows.map((row) => ({
      type: "balance" as const,
      asset: row.coin,
      total: row.total,
      available: row.free,
      timestampMs,
    })),
    {
      type: "margin",
      collateral: summary.collateral,
      freeCollateral: summary.freeCollateral,
      marginFraction: summary.marginFraction,
      maintenanceMarginRequirement: summary.maintenanceMarginRequirement,
      timestampMs,
    },
    { type: "settings", leverage: summary.leverage, timestampMs },
  ];
}

async function fetchFundingPayments(
  context: VenueContext,
  sinceMs: number,
  params: Readonly<Record<string, QueryValue>>,
): Promise<readonly FundingPayment[]> {
  const rows = await pagedSince(context, constants.FUNDING_PAYMENTS_PATH_URL, params, sinceMs);
  return rows.flatMap((row) => parseFundingPayment(context.session, row) ?? []);
}

export const derivative: VenueDerivative = {
  requestExchangeInfo: ({ api, signal }) => {
    const request = { ...get(constants.MARKETS_PATH_URL), isAuthRequired: false };
    return api.send(request, signal);
  },
  parseExchangeInfo,
  formatTradingRules: (exchangeInfo) => parseExchangeInfo(exchangeInfo).markets.map((market) => market.rule),
  initializeTradingPairSymbolsFromExchangeInfo: (exchangeInfo) =>
    new Map(parseExchangeInfo(exchangeInfo).markets.map((market) => [market.symbol, market.tradingPair])),

  async checkNetwork({ api, signal }) {
    await api.send({ ...get(constants.PING_PATH_URL), isAuthRequired: false }, signal);
  },

  placeOrder(session, order) {
    const market = marketOf(session, order.tradingPair);
    return { kind: "rest", request: orderRequest(market, order), parse: (payload) => parsePlaced(session, payload) };
  },

  placeCancel(_session, order) {
    const request: RestRequest = {
      method: "DELETE",
      path: orderPath(order),
      isAuthRequired: true,
      limitId: constants.REQUESTS_LIMIT_ID,
      lane: "cancel",
    };
    return { kind: "rest", request, parse: queued };
  },

  amendOrder(session, order, amend) {
    const market = marketOf(session, order.tradingPair);
    // Cancel and replace: `size` is that of the new order, which starts with nothing filled.
    const size = amend.amount?.minus(amend.executedAmount);
    if (size?.lte(0) === true)
      throw new OrderRejectedError(`${order.tradingPair} order: all of it is executed already`);
    const request: RestRequest = {
      method: "POST",
      path: `${orderPath(order)}/modify`,
      data: { price: amend.price?.toFixed(), size: size?.toFixed(), clientId: amend.clientOrderId },
      isAuthRequired: true,
      limitId: constants.marketOrdersLimitId(market.symbol),
      lane: "create",
    };
    return { kind: "rest", request, parse: (payload) => parsePlaced(session, payload) };
  },

  cancelAllOrders(session, tradingPair) {
    const market = tradingPair === undefined ? undefined : marketOf(session, tradingPair).symbol;
    const request: RestRequest = {
      method: "DELETE",
      path: constants.ORDERS_PATH_URL,
      data: market === undefined ? {} : { market },
      isAuthRequired: true,
      limitId: constants.REQUESTS_LIMIT_ID,
      lane: "cancel",
    };
    return { kind: "rest", request, parse: () => undefined };
  },

  requestOrderStatus,

  async allTradeUpdatesForOrder(context, order) {
    // Fills are filtered by the exchange id only; where it is not known yet the status tells it.
    const orderId = order.exchangeOrderId ?? (await requestOrderStatus(context, order)).exchangeOrderId;
    const updates = await fillsSince(context, order.createdAtMs - 60_000, { orderId });
    return updates.map((update) => ({ ...update, clientOrderId: order.clientOrderId }));
  },

  tradesSince: (context, sinceMs) => fillsSince(context, sinceMs, {}),

  async openOrders(context) {
    const payload = await context.api.send(get(constants.ORDERS_PATH_URL), context.signal);
    const rows = read("GET /orders", z.array(z.unknown()), payload);
    return rows.flatMap((row) => parseOrder(context.session, row)?.order ?? []);
  },

  fetchBalances,

  async fetchPositions(context) {
    // The time of the request: a fill of which the stream tells while the answer is under way is newer.
    const timestampMs = context.now();
    const payload = await context.api.send(get(constants.POSITIONS_PATH_URL, { showAvgPrice: true }), context.signal);
    const rows = read("GET /positions", z.array(z.unknown()), payload);
    return rows.flatMap((row) => parsePosition(context.session, row, timestampMs) ?? []);
  },

  fetchFundingPayments: (context, sinceMs) => fetchFundingPayments(context, sinceMs, {}),

  async fetchLastFeePayment(context, tradingPair) {
    const future = marketOf(context.session, tradingPair).symbol;
    const payload = await context.api.send(get(constants.FUNDING_PAYMENTS_PATH_URL, { future }), context.signal);
    const newest = read("GET /funding_payments", z.array(z.unknown()), payload)[0];
    return newest === undefined ? undefined : parseFundingPayment(context.session, newest);
  },

  async getLastTradedPrice(context, tradingPair): Promise<Decimal> {
    const price = (await orderBookDataSource.getLastTradedPrices(context, [tradingPair])).get(tradingPair);
    if (price === undefined) throw new NotFoundError(`${tradingPair} has not traded yet`);
    return wireDecimal.parse(price);
  },

  /** Leverage is account-wide: setting it for one market sets it for all. */
  async setTradingPairLeverage({ api, signal }, _tradingPair, leverage) {
    const data = { leverage: leverage.toNumber() };
    await api.send({ ...get(constants.LEVERAGE_PATH_URL), method: "POST", data }, signal);
  },

  async tradingFees(context): Promise<TradeFeeSchema> {
    const payload = await context.api.send(get(constants.ACCOUNT_PATH_URL), context.signal);
    const { makerFee, takerFee } = read("GET /account", wireAccount, payload);
    return { ...DEFAULT_FEES, makerPercentFee: makerFee, takerPercentFee: takerFee };
  },
};

export function createVenue(options: CreateVenueOptions): PerpetualVenue {
  const headerPrefix = constants.HEADER_PREFIX[options.domain] ?? "FTX";
  return {
    manifest,
    domain: options.domain,
    paths: {
      tradingRulesRequestPath: constants.MARKETS_PATH_URL,
      tradingPairsRequestPath: constants.MARKETS_PATH_URL,
      checkNetworkRequestPath: constants.PING_PATH_URL,
    },
    webUtils: createWebUtils(options),
    orderBookDataSource,
    userStreamDataSource,
    derivative,
    rateLimits: constants.RATE_LIMITS,
    marketRateLimits: (session) =>
      [...session.markets.values()].map((market) => constants.marketOrdersLimit(market.symbol)),
    createAuthenticator: (credentials, now) => createFtxAuth({ credentials, headerPrefix, now }),
    // The venue's clock cannot be read, so a time error is never answered with a resynchronisation.
    isRequestExceptionRelatedToTimeSynchronizer: () => false,
    isOrderNotFoundDuringStatusUpdateError: isOrderNotFound,
    isOrderNotFoundDuringCancelationError: (error) => isOrderNotFound(error) || isOrderClosed(error),
  };
}

export const venueModule: VenueModule = { manifest, createVenue };
