import { z } from "zod";
import type * as contract from "../../connector/perpetual-venue.ts";
import type { OrderUpdate, PositionUpdate } from "../../model/account-update.ts";
import { ONE, ZERO } from "../../model/decimal.ts";
import { ConfigError, NotFoundError, ProtocolError, TimeSyncError } from "../../model/error.ts";
import type { TradeFeeSchema } from "../../model/fee.ts";
import type { FundingPayment } from "../../model/funding.ts";
import type { Market, TradingPair } from "../../model/market.ts";
import type { OrderReference, OrderToPlace, PositionMode } from "../../model/order.ts";
import { marketOf, type VenueSession } from "../../model/venue-session.ts";
import type { Lane, QueryValue, RestRequest, VenueContext } from "../../net/venue-api.ts";
import { optionalWireDecimal, wireDecimal } from "../../net/wire.ts";
import { createBybitAuth } from "./auth.ts";
import * as constants from "./constants.ts";
import { errorOf, isOrderNotFound, orderNotFound } from "./errors.ts";
import { DEFAULT_FEES, manifest } from "./manifest.ts";
import { orderBookDataSource, publicRequest } from "./order-book-data-source.ts";
import * as stream from "./user-stream-data-source.ts";
import { createWebUtils, each, getCurrentServerTime, read, wireTime } from "./web-utils.ts";

type Params = Readonly<Record<string, QueryValue>>;
type Asking = Pick<VenueContext, "api" | "signal">;

const name = z.string().min(1);
const positiveDecimal = wireDecimal.refine((value) => value.gt(0), "must be positive");
const wireInstrument = z.object({
  ...each(name, "symbol", "baseCoin", "quoteCoin", "settleCoin"),
  /** Minutes; hours in the tickers. */
  fundingInterval: z.number().positive(),
  priceFilter: z.object({ tickSize: positiveDecimal, ...each(wireDecimal, "minPrice", "maxPrice") }),
  lotSizeFilter: z.object({
    qtyStep: positiveDecimal,
    ...each(wireDecimal, "minOrderQty", "maxOrderQty"),
    minNotionalValue: optionalWireDecimal,
  }),
});
const wireList = z.object({ list: z.array(z.unknown()), nextPageCursor: z.string().nullish() });
const wireAck = z.object({ result: z.object({ orderId: name }), time: wireTime });
const wireBatch = z.object({
  result: z.object({ list: z.array(z.object({ orderId: z.string() })) }),
  retExtInfo: z.object({ list: z.array(z.object({ code: z.number(), msg: z.string() })) }),
  time: wireTime,
});
const wireFeeRate = z.object(each(wireDecimal, "takerFeeRate", "makerFeeRate"));
const wireSettlement = z.object({
  ...each(name, "id", "side", "currency"),
  ...each(optionalWireDecimal, "funding", "cashFlow", "feeRate"),
  transactionTime: wireTime,
});

function get(path: string, params: Params): RestRequest {
  const all = { category: constants.CATEGORY, ...params };
  return { method: "GET", path, params: all, isAuthRequired: true, limitId: path, lane: "poll" };
}

function post(path: string, data: object, lane: Lane, weight?: number): RestRequest {
  const all = { category: constants.CATEGORY, ...data };
  return { method: "POST", path, data: all, isAuthRequired: true, limitId: path, lane, weight };
}

/** Every row of a list, page by page. A cursor comes URL-encoded and is sent so, encoded once. */
async function allRows({ api, signal }: Asking, request: RestRequest): Promise<unknown[]> {
  const rows: unknown[] = [];
  for (let cursor: string | undefined; ; ) {
    const payload = await api.send({ ...request, params: { ...request.params, cursor } }, signal);
    const { list, nextPageCursor } = read(`GET ${request.path}`, wireList, payload);
    rows.push(...list);
    const next = decodeURIComponent(nextPageCursor ?? "");
    if (next === "" || next === cursor || list.length === 0) return rows;
    cursor = next;
  }
}

/** Every row from `sinceMs` on; a window may be seven days long and both of its ends count. */
async function rowsSince(context: VenueContext, path: string, params: Params, sinceMs: number): Promise<unknown[]> {
  const rows: unknown[] = [];
  const endMs = Math.ceil(context.now()) + 1_000;
  let startTime = Math.floor(Math.max(sinceMs, endMs - constants.HISTORY_MS));
  for (; startTime < endMs; startTime += constants.WINDOW_MS) {
    const endTime = Math.min(startTime + constants.WINDOW_MS, endMs);
    rows.push(...(await allRows(context, get(path, { ...params, startTime, endTime }))));
  }
  return rows;
}

function oldestFirst<Row extends { readonly timestampMs: number }>(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => a.timestampMs - b.timestampMs);
}

/** Dated futures and markets that do not trade (yet) are left out. */
function isPerpetual(row: unknown): row is Readonly<Record<string, unknown>> {
  if (typeof row !== "object" || row === null || !("contractType" in row) || !("status" in row)) return false;
  return row.contractType === "LinearPerpetual" && row.status === "Trading";
}

function parseMarket(payload: unknown): Market {
  const { symbol, baseCoin, quoteCoin, settleCoin, ...row } = read("an instrument", wireInstrument, payload);
  const tradingPair = `${baseCoin}-${quoteCoin}`;
  const fundingIntervalMs = row.fundingInterval * 60_000;
  const rule = {
    tradingPair,
    minOrderSize: row.lotSizeFilter.minOrderQty,
    maxOrderSize: row.lotSizeFilter.maxOrderQty,
    minPriceIncrement: row.priceFilter.tickSize,
    minBaseAmountIncrement: row.lotSizeFilter.qtyStep,
    minNotionalSize: row.lotSizeFilter.minNotionalValue ?? ZERO,
    minPrice: row.priceFilter.minPrice,
    maxPrice: row.priceFilter.maxPrice,
    contractSize: ONE,
    contractKind: "linear" as const,
    buyOrderCollateralToken: settleCoin,
    sellOrderCollateralToken: settleCoin,
    supportsMarketOrders: true,
  };
  return { tradingPair, symbol, baseAsset: baseCoin, quoteAsset: quoteCoin, fundingIntervalMs, rule };
}

function parseExchangeInfo(exchangeInfo: unknown): contract.ExchangeInfo {
  const markets: Market[] = [];
  const skipped: { symbol: string; reason: string }[] = [];
  for (const row of read("GET instruments-info", wireList, exchangeInfo).list.filter(isPerpetual)) {
    try {
      markets.push(parseMarket(row));
    } catch (error) {
      skipped.push({ symbol: String(row.symbol), reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { markets, skipped };
}

const canHedge = (market: Market): boolean => stream.settleCoinOf(market) === constants.HEDGE_SETTLE_COIN;

function orderRow(session: VenueSession, order: OrderToPlace) {
  const market = marketOf(session, order.tradingPair);
  const { side, type, positionAction } = order;
  const isHedged = order.positionMode === "hedge" && canHedge(market);
  return {
    symbol: market.symbol,
    side: side === "buy" ? "Buy" : "Sell",
    orderType: type === "market" ? "Market" : "Limit",
    qty: order.amount.toFixed(),
    price: type === "market" ? undefined : order.price?.toFixed(),
    timeInForce: type === "limitMaker" ? "PostOnly" : order.timeInForce,
    // 0 in one-way mode; 1 is the long position of hedge mode and 2 the short one (docs, enum positionIdx).
    positionIdx: !isHedged ? 0 : (side === "buy") === (positionAction === "open") ? 1 : 2,
    orderLinkId: order.clientOrderId,
    // "You must specify it as true when you are about to close/reduce the position" (docs, create-order).
    reduceOnly: order.reduceOnly || (order.positionMode === "hedge" && positionAction === "close"),
  };
}

/** The exchange's id where it is known, else the client's. */
function idOf({ exchangeOrderId, clientOrderId }: OrderReference) {
  return exchangeOrderId === undefined ? { orderLinkId: clientOrderId } : { orderId: exchangeOrderId };
}

function idsOf(session: VenueSession, order: OrderReference) {
  return { symbol: marketOf(session, order.tradingPair).symbol, ...idOf(order) };
}

/** An acknowledgement says that the request was taken, nothing more: the order's truth comes from the stream. */
function parseAck(payload: unknown): contract.PlacedOrder {
  const { result, time } = read("an acknowledgement", wireAck, payload);
  return { exchangeOrderId: result.orderId, timestampMs: time };
}

const unconfirmed = () => undefined;
/** A batch has one answer a row, in the order of the request: the ids in one list, the codes in another. */
function batch<T>(path: string, rows: readonly object[], lane: Lane, toValue: (placed: contract.PlacedOrder) => T) {
  if (rows.length > constants.BATCH_SIZE)
    throw new ConfigError(`a batch holds ${constants.BATCH_SIZE} orders at most, not ${rows.length}`);
  const parse = (payload: unknown): contract.BatchRow<T>[] => {
    const { result, retExtInfo, time } = read("a batch answer", wireBatch, payload);
    return rows.map((_, index) => {
      const { code, msg } = retExtInfo.list[index] ?? {};
      const exchangeOrderId = result.list[index]?.orderId;
      if (code === undefined || exchangeOrderId === undefined)
        return { ok: false, error: new ProtocolError(`row ${index} of a batch has no answer`) };
      if (code !== 0) return { ok: false, error: errorOf(200, code, msg ?? "no text") };
      return { ok: true, value: toValue({ exchangeOrderId, timestampMs: time }) };
    });
  };
  return { kind: "rest" as const, request: post(path, { request: rows }, lane, rows.length), parse };
}

/** Open and lately closed orders first; after a restart of the venue closed ones are in the history only. */
async function requestOrderStatus(context: VenueContext, order: OrderReference): Promise<OrderUpdate> {
  const { exchangeOrderId: id = order.clientOrderId } = order;
  for (const path of [constants.OPEN_ORDERS_PATH_URL, constants.ORDER_HISTORY_PATH_URL]) {
    const payload = await context.api.send(get(path, idsOf(context.session, order)), context.signal);
    const found = read(`GET ${path}`, wireList, payload).list.map((row) => stream.parseOrder(context.session, row));
    const update = found.find((row) => row?.exchangeOrderId === id || row?.clientOrderId === id);
    if (update !== undefined) return update;
  }
  throw orderNotFound(order.clientOrderId);
}

async function positions(context: VenueContext, params: Params, timestampMs: number): Promise<PositionUpdate[]> {
  const rows = await allRows(context, get(constants.POSITIONS_PATH_URL, { ...params, limit: 200 }));
  return rows.flatMap((row) => stream.parsePosition(context.session, row, timestampMs) ?? []);
}

/**
 * A list by settle coin leaves flat positions out, so the markets that are followed are asked for one by one: for flat
 * positions, both sides of hedged ones, and their leverage.
 */
async function fetchPositions(context: VenueContext, tradingPairs: readonly TradingPair[]) {
  // The time of the request: what the stream tells while the answer is under way is newer.
  const timestampMs = context.now();
  const scopes = [
    ...constants.SETTLE_COINS.map((settleCoin) => ({ settleCoin })),
    ...tradingPairs.map((pair) => ({ symbol: marketOf(context.session, pair).symbol })),
  ];
  const lists = await Promise.all(scopes.map((scope) => positions(context, scope, timestampMs)));
  return [...new Map(lists.flat().map((update) => [`${update.tradingPair} ${update.side}`, update])).values()];
}

const hedgeable = ({ session }: VenueContext, tradingPairs: readonly TradingPair[]): Market[] =>
  tradingPairs.map((pair) => marketOf(session, pair)).filter(canHedge);

/** There is nothing to ask for the mode: the positions of the USDT markets show it (docs, switch-mode). */
async function getPositionMode(context: VenueContext, tradingPairs: readonly TradingPair[]): Promise<PositionMode> {
  const listOf = ({ symbol }: Market) => positions(context, { symbol }, context.now());
  const rows = (await Promise.all(hedgeable(context, tradingPairs).map(listOf))).flat();
  const modes = new Set<PositionMode>(rows.map(({ side }) => (side === "both" ? "oneWay" : "hedge")));
  const [mode = "oneWay"] = modes;
  if (modes.size <= 1) return mode;
  const hint = `switch ${tradingPairs.join(", ")} to one position mode at the venue`;
  throw new ConfigError("Bybit's markets are in different position modes", { hint });
}

function parseSettlement(session: VenueSession, payload: unknown): FundingPayment | undefined {
  const market = stream.rowMarket(session, payload);
  if (market === undefined) return undefined;
  const { funding, cashFlow, feeRate, ...row } = read("a settlement", wireSettlement, payload);
  // A USDC perpetual's session settlement has this type too: it moves cash and has no funding.
  if (funding === undefined || (funding.isZero() && cashFlow?.isZero() === false)) return undefined;
  return {
    paymentId: row.id,
    tradingPair: market.tradingPair,
    asset: row.currency,
    amount: funding,
    // `feeRate` is that of the row's own side (docs, transaction-log).
    rate: row.side === "Sell" ? feeRate?.neg() : feeRate,
    timestampMs: row.transactionTime,
  };
}

/** The log cannot be asked for one symbol, so its rows are chosen here. */
async function fetchFundingPayments(context: VenueContext, sinceMs: number, tradingPairs: readonly TradingPair[]) {
  const params = { accountType: "UNIFIED", type: "SETTLEMENT", limit: 50 };
  const rows = await rowsSince(context, constants.TRANSACTION_LOG_PATH_URL, params, sinceMs);
  const payments = rows.flatMap((row) => parseSettlement(context.session, row) ?? []);
  const isAskedFor = (pair: TradingPair) => tradingPairs.length === 0 || tradingPairs.includes(pair);
  return oldestFirst(payments.filter(({ tradingPair }) => isAskedFor(tradingPair)));
}

async function send(context: VenueContext, path: string, data: object): Promise<void> {
  await context.api.send(post(path, data, "create"), context.signal);
}

export const derivative: contract.VenueDerivative = {
  async requestExchangeInfo(context) {
    return { list: await allRows(context, publicRequest(constants.INSTRUMENTS_PATH_URL, { limit: 1_000 })) };
  },
  parseExchangeInfo,
  formatTradingRules: (exchangeInfo) => parseExchangeInfo(exchangeInfo).markets.map((market) => market.rule),
  initializeTradingPairSymbolsFromExchangeInfo: (exchangeInfo) =>
    new Map(parseExchangeInfo(exchangeInfo).markets.map((market) => [market.symbol, market.tradingPair])),

  async checkNetwork(context) {
    await getCurrentServerTime(context);
  },

  placeOrder(session, order) {
    const request = post(constants.CREATE_ORDER_PATH_URL, orderRow(session, order), "create");
    return { kind: "rest", request, parse: parseAck };
  },

  placeCancel(session, order) {
    const request = post(constants.CANCEL_ORDER_PATH_URL, idsOf(session, order), "cancel");
    return { kind: "rest", request, parse: unconfirmed };
  },

  /** The order keeps both of its ids. */
  amendOrder(session, order, { price, amount }) {
    const data = { ...idsOf(session, order), price: price?.toFixed(), qty: amount?.toFixed() };
    return { kind: "rest", request: post(constants.AMEND_ORDER_PATH_URL, data, "create"), parse: parseAck };
  },

  placeOrders(session, orders) {
    const rows = orders.map((order) => orderRow(session, order));
    return batch(constants.CREATE_BATCH_PATH_URL, rows, "create", (placed) => placed);
  },

  placeCancels(session, orders) {
    const rows = orders.map((order) => idsOf(session, order));
    return batch(constants.CANCEL_BATCH_PATH_URL, rows, "cancel", unconfirmed);
  },

  cancelAllOrders(session, pair) {
    const { HEDGE_SETTLE_COIN: settleCoin, CANCEL_ALL_PATH_URL } = constants;
    const scope = pair === undefined ? { settleCoin } : { symbol: marketOf(session, pair).symbol };
    return { kind: "rest", request: post(CANCEL_ALL_PATH_URL, scope, "cancel"), parse: () => undefined };
  },

  requestOrderStatus,

  async allTradeUpdatesForOrder(context, order) {
    const rows = await allRows(context, get(constants.EXECUTIONS_PATH_URL, { ...idOf(order), limit: 100 }));
    const executions = rows.flatMap((row) => stream.parseExecution(context.session, row) ?? []);
    const { clientOrderId } = order;
    return oldestFirst(executions.filter((row) => row.type === "trade").map((row) => ({ ...row, clientOrderId })));
  },

  /** Without the settlements in between, which the transaction log tells. */
  async tradesSince(context, sinceMs) {
    const rows = await rowsSince(context, constants.EXECUTIONS_PATH_URL, { limit: 100 }, sinceMs);
    const executions = rows.flatMap((row) => stream.parseExecution(context.session, row) ?? []);
    return oldestFirst(executions.filter((row) => row.type !== "fundingDue"));
  },

  async openOrders(context) {
    const listOf = (settleCoin: string) =>
      allRows(context, get(constants.OPEN_ORDERS_PATH_URL, { settleCoin, limit: 50 }));
    const rows = (await Promise.all(constants.SETTLE_COINS.map(listOf))).flat();
    return rows.flatMap((row) => stream.parseOrder(context.session, row)?.order ?? []);
  },

  async fetchBalances(context) {
    const timestampMs = context.now();
    const request = { ...get(constants.BALANCES_PATH_URL, {}), params: { accountType: "UNIFIED" } };
    return (await allRows(context, request)).flatMap((row) => stream.parseWallet(row, timestampMs));
  },

  fetchPositions,
  fetchFundingPayments,

  fetchLastFeePayment: async (context, pair) =>
    (await fetchFundingPayments(context, context.now() - constants.WINDOW_MS, [pair])).at(-1),

  async getLastTradedPrice(context, tradingPair) {
    const price = (await orderBookDataSource.getLastTradedPrices(context, [tradingPair])).get(tradingPair);
    if (price === undefined) throw new NotFoundError(`${tradingPair} has not traded yet`);
    return wireDecimal.parse(price);
  },

  async setTradingPairLeverage(context, tradingPair, leverage) {
    const { symbol } = marketOf(context.session, tradingPair);
    const value = leverage.toFixed();
    await send(context, constants.LEVERAGE_PATH_URL, { symbol, buyLeverage: value, sellLeverage: value });
  },

  async setPositionMode(context, positionMode, tradingPairs) {
    const mode = positionMode === "hedge" ? 3 : 0;
    const symbols = hedgeable(context, tradingPairs).map(({ symbol }) => ({ symbol }));
    const scopes = symbols.length === 0 ? [{ coin: constants.HEDGE_SETTLE_COIN }] : symbols;
    for (const scope of scopes) await send(context, constants.POSITION_MODE_PATH_URL, { ...scope, mode });
  },

  getPositionMode,

  async tradingFees(context) {
    const fees = new Map<TradingPair, TradeFeeSchema>();
    for (const row of await allRows(context, get(constants.FEE_RATES_PATH_URL, {}))) {
      const market = stream.rowMarket(context.session, row);
      if (market === undefined) continue;
      const { makerFeeRate: makerPercentFee, takerFeeRate: takerPercentFee } = read("a fee rate", wireFeeRate, row);
      const percentFeeToken = stream.settleCoinOf(market);
      fees.set(market.tradingPair, { ...DEFAULT_FEES, makerPercentFee, takerPercentFee, percentFeeToken });
    }
    return fees;
  },
};

export const venueModule: contract.VenueModule = {
  manifest,
  createVenue: (options) => ({
    manifest,
    domain: options.domain,
    paths: {
      tradingRulesRequestPath: constants.INSTRUMENTS_PATH_URL,
      tradingPairsRequestPath: constants.INSTRUMENTS_PATH_URL,
      checkNetworkRequestPath: constants.SERVER_TIME_PATH_URL,
    },
    webUtils: createWebUtils(options),
    orderBookDataSource,
    userStreamDataSource: stream.userStreamDataSource,
    derivative,
    rateLimits: constants.RATE_LIMITS,
    // Every limit is the account's.
    marketRateLimits: () => [],
    createAuthenticator: createBybitAuth,
    isRequestExceptionRelatedToTimeSynchronizer: (error) => error instanceof TimeSyncError,
    isOrderNotFoundDuringStatusUpdateError: isOrderNotFound,
    isOrderNotFoundDuringCancelationError: isOrderNotFound,
  }),
};
