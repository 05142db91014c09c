import { z } from "zod";
import type { VenueDerivative, VenueModule } from "../../connector/perpetual-venue.ts";
import type { AccountUpdate, OrderUpdate, TradeUpdate } from "../../model/account-update.ts";
import { ONE, ZERO } from "../../model/decimal.ts";
import { ConfigError, NotFoundError, OrderRejectedError, TimeSyncError } from "../../model/error.ts";
import type { TradeFeeSchema } from "../../model/fee.ts";
import type { FundingPayment } from "../../model/funding.ts";
import type { Market, TradingPair } from "../../model/market.ts";
import type { OrderReference, OrderToPlace } from "../../model/order.ts";
import { marketOf, type VenueSession } from "../../model/venue-session.ts";
import type { QueryValue, RestRequest, VenueContext, VenueRequest } from "../../net/venue-api.ts";
import { wireDecimal, wireId } from "../../net/wire.ts";
import { createBinanceAuth } from "./auth.ts";
import * as constants from "./constants.ts";
import { errorOf, isOrderNotFoundDuringCancelationError, isOrderNotFoundDuringStatusUpdateError } from "./errors.ts";
import { DEFAULT_FEES, manifest } from "./manifest.ts";
import { orderBookDataSource } from "./order-book-data-source.ts";
import { parseFill, parseOrder, parsePosition, userStreamDataSource } from "./user-stream-data-source.ts";
import { createWebUtils, failureCodeOf, isObject, publicRequest, read } from "./web-utils.ts";

type Params = Readonly<Record<string, QueryValue>>;

const positive = wireDecimal.refine((value) => value.gt(0), "must be positive");
const wireFilters = z.object({
  PRICE_FILTER: z.object({ tickSize: positive, minPrice: wireDecimal, maxPrice: wireDecimal }),
  LOT_SIZE: z.object({ stepSize: positive, minQty: wireDecimal, maxQty: wireDecimal }),
  MIN_NOTIONAL: z.object({ notional: wireDecimal }),
});
const text = z.string().min(1);
const assets = { baseAsset: text, quoteAsset: text, marginAsset: text };
const filters = z.array(z.looseObject({ filterType: text }));
const wireMarket = z.object({ symbol: text, ...assets, orderTypes: z.array(text), filters });
const wireIntervals = z.array(z.object({ symbol: text, fundingIntervalHours: z.number().positive() }));
const wireExchangeInfo = z.object({ symbols: z.array(z.unknown()), fundingInfo: wireIntervals.optional() });
const wireAssets = z.array(z.object({ asset: text, walletBalance: wireDecimal, availableBalance: wireDecimal }));
const margins = { totalMarginBalance: wireDecimal, availableBalance: wireDecimal, totalMaintMargin: wireDecimal };
const wireAccount = z.object({ ...margins, assets: wireAssets });
const wireSymbolConfigs = z.array(z.object({ symbol: z.string(), leverage: wireDecimal }));
const wireCommission = z.object({ makerCommissionRate: wireDecimal, takerCommissionRate: wireDecimal });
const income = { symbol: z.string(), income: wireDecimal, asset: z.string(), time: z.number(), tranId: wireId };
const wireIncome = z.array(z.object(income));
const wireMode = z.object({ dualSidePosition: z.boolean() });
const wireRates = z.array(z.object({ fundingRate: wireDecimal }));

const get = (path: string, weight: number, params?: Params): RestRequest => {
  return { ...publicRequest(path, weight, params), isAuthRequired: true };
};
const send = (method: "POST" | "PUT", path: string, form: Params, weight = 1): RestRequest => {
  return { ...get(path, weight), method, params: undefined, form, lane: "create" };
};
const sendOrder = (method: "POST" | "PUT", path: string, form: Params, count = 1): RestRequest => {
  return { ...send(method, path, form, count), limitId: constants.ORDERS_10SEC };
};
const sendCancel = (path: string, params: Params): RestRequest => {
  return { ...get(path, 1, params), method: "DELETE", lane: "cancel" };
};
const funding = (path: string, params?: Params): RestRequest => {
  return { ...publicRequest(path, 1, params), limitId: constants.FUNDING_REQUESTS };
};
const ignored = (): undefined => undefined;
const rowsOf = (what: string, payload: unknown) => read(what, z.array(z.unknown()), payload);
const symbolOf = (session: VenueSession, tradingPair: TradingPair): string => marketOf(session, tradingPair).symbol;

const rest = <T>(request: RestRequest, parse: (payload: unknown) => T): VenueRequest<T> => {
  return { kind: "rest", request, parse };
};

function isPerpetual(row: unknown): row is Readonly<Record<string, unknown>> {
  return isObject(row) && row.contractType === "PERPETUAL" && row.status === "TRADING";
}

/** Rules are those of the filters: `pricePrecision` and `quantityPrecision` are not steps (docs, Exchange-Information). */
function parseMarket(row: unknown, intervals: ReadonlyMap<string, number>): Market {
  const market = read("a symbol of GET /fapi/v1/exchangeInfo", wireMarket, row);
  const byType = Object.fromEntries(market.filters.map((filter) => [filter.filterType, filter]));
  const { PRICE_FILTER: price, LOT_SIZE: lot, MIN_NOTIONAL } = read("the filters of a symbol", wireFilters, byType);
  const tradingPair = `${market.baseAsset}-${market.quoteAsset}`;
  return {
    tradingPair,
    symbol: market.symbol,
    baseAsset: market.baseAsset,
    quoteAsset: market.quoteAsset,
    fundingIntervalMs: (intervals.get(market.symbol) ?? constants.FUNDING_INTERVAL_HOURS) * 3_600_000,
    rule: {
      tradingPair,
      minOrderSize: lot.minQty,
      maxOrderSize: lot.maxQty,
      minPriceIncrement: price.tickSize,
      minBaseAmountIncrement: lot.stepSize,
      minNotionalSize: MIN_NOTIONAL.notional,
      minPrice: price.minPrice,
      maxPrice: price.maxPrice,
      contractSize: ONE,
      contractKind: "linear",
      buyOrderCollateralToken: market.marginAsset,
      sellOrderCollateralToken: market.marginAsset,
      supportsMarketOrders: market.orderTypes.includes("MARKET"),
    },
  };
}

function parseExchangeInfo(exchangeInfo: unknown) {
  const info = read("GET /fapi/v1/exchangeInfo", wireExchangeInfo, exchangeInfo);
  const intervals = new Map(info.fundingInfo?.map((row) => [row.symbol, row.fundingIntervalHours]));
  const markets: Market[] = [];
  const skipped: { symbol: string; reason: string }[] = [];
  for (const row of info.symbols.filter(isPerpetual)) {
    try {
      markets.push(parseMarket(row, intervals));
    } catch (error) {
      skipped.push({ symbol: String(row.symbol), reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { markets, skipped };
}

function orderParams(session: VenueSession, order: OrderToPlace): Params {
  const isHedge = order.positionMode === "hedge";
  const isLong = (order.side === "buy") === (order.positionAction === "open");
  const isMarket = order.type === "market";
  return {
    symbol: symbolOf(session, order.tradingPair),
    side: order.side.toUpperCase(),
    // In hedge mode the position side says what closes, and `reduceOnly` is refused (-1106).
    positionSide: isHedge ? (isLong ? "LONG" : "SHORT") : undefined,
    type: isMarket ? "MARKET" : "LIMIT",
    timeInForce: isMarket ? undefined : order.type === "limitMaker" ? "GTX" : order.timeInForce,
    quantity: order.amount.toFixed(),
    price: isMarket ? undefined : order.price?.toFixed(),
    reduceOnly: order.reduceOnly && !isHedge ? "true" : undefined,
    newClientOrderId: order.clientOrderId,
    newOrderRespType: "RESULT",
  };
}

function orderIds(session: VenueSession, order: OrderReference): Params {
  const { exchangeOrderId: orderId, clientOrderId } = order;
  const symbol = symbolOf(session, order.tradingPair);
  return orderId === undefined ? { symbol, origClientOrderId: clientOrderId } : { symbol, orderId };
}

function parsePlaced(session: VenueSession, payload: unknown) {
  const update = parseOrder(session, payload);
  if (update === undefined) throw new NotFoundError("the order is on an unknown market", { outcome: "unknown" });
  return { exchangeOrderId: update.order.exchangeOrderId, timestampMs: update.timestampMs, update };
}

/** Each row is an order, or `{"code":-2022,"msg":"..."}`. */
function parseBatch<T>(payload: unknown, parse: (row: unknown) => T) {
  return rowsOf("a batch", payload).map((row) => {
    const code = failureCodeOf(row);
    if (code === undefined) return { ok: true as const, value: parse(row) };
    return { ok: false as const, error: errorOf(400, code, isObject(row) ? String(row.msg) : "") };
  });
}

async function requestOrderStatus(context: VenueContext, order: OrderReference): Promise<OrderUpdate> {
  const request = get(constants.ORDER_PATH_URL, 1, orderIds(context.session, order));
  const update = parseOrder(context.session, await context.api.send(request, context.signal));
  if (update === undefined) throw new NotFoundError("the order is on a market that is not a known perpetual");
  return update;
}

/** Time ranges of at most seven days from `sinceMs` to now; a minute more covers clocks that disagree. */
function* windowsSince(context: VenueContext, sinceMs: number) {
  const untilMs = context.now() + 60_000;
  for (let startTime = Math.max(0, Math.floor(sinceMs)); startTime <= untilMs; startTime += constants.WINDOW_MS) {
    yield { startTime, endTime: startTime + constants.WINDOW_MS - 1 };
  }
}

/**
 * The fills of one market from `sinceMs` on, oldest first. A range that does not fit one page is read on by `fromId`,
 * which excludes times and goes on to the newest (docs, Account-Trade-List).
 */
async function fillsSince(context: VenueContext, symbol: string, sinceMs: number, orderId?: string) {
  const fills: TradeUpdate[] = [];
  const page = async (params: Params): Promise<string | undefined> => {
    const request = get(constants.TRADES_PATH_URL, 5, { symbol, ...params, limit: constants.PAGE_SIZE });
    const rows = rowsOf("GET /fapi/v1/userTrades", await context.api.send(request, context.signal));
    fills.push(...rows.flatMap((row) => parseFill(context.session, row) ?? []));
    return rows.length < constants.PAGE_SIZE ? undefined : fills.at(-1)?.fillId;
  };
  for (const window of windowsSince(context, sinceMs)) {
    let lastId = await page({ orderId, ...window });
    if (lastId === undefined) continue;
    while (lastId !== undefined) lastId = await page({ fromId: String(BigInt(lastId) + 1n) });
    break;
  }
  return orderId === undefined ? fills : fills.filter((fill) => fill.exchangeOrderId === orderId);
}

/**
 * Settlements of the account or of one market. Their id is the venue's, with the market because one transaction may book
 * several; rows that come twice, because others were booked while the pages were read, are dropped by it.
 */
async function incomeSince(context: VenueContext, sinceMs: number, symbol?: string): Promise<FundingPayment[]> {
  const payments = new Map<string, FundingPayment>();
  for (const window of windowsSince(context, Math.max(sinceMs, context.now() - constants.INCOME_HISTORY_MS))) {
    for (let page = 1, isLast = false; !isLast; page += 1) {
      const params = { incomeType: "FUNDING_FEE", symbol, ...window, page, limit: constants.PAGE_SIZE };
      const payload = await context.api.send(get(constants.INCOME_PATH_URL, 30, params), context.signal);
      const rows = read("GET /fapi/v1/income", wireIncome, payload);
      for (const row of rows) {
        const tradingPair = context.session.marketsBySymbol.get(row.symbol)?.tradingPair;
        if (tradingPair === undefined) continue;
        const paymentId = `${row.tranId}:${row.symbol}`;
        const { asset, income: amount, time: timestampMs } = row;
        payments.set(paymentId, { paymentId, tradingPair, asset, amount, timestampMs });
      }
      isLast = rows.length < constants.PAGE_SIZE;
    }
  }
  return [...payments.values()].sort((a, b) => a.timestampMs - b.timestampMs);
}

async function fetchBalances(context: VenueContext): Promise<readonly AccountUpdate[]> {
  // The time of the question: an event with a later time may not be in the answer.
  const timestampMs = context.now();
  const payload = await context.api.send(get(constants.ACCOUNT_PATH_URL, 5), context.signal);
  const account = read("GET /fapi/v3/account", wireAccount, payload);
  // What the account does not hold is left out of the answer; collateral is known to be zero then.
  const held = new Map(manifest.collateralTokens.map((asset) => [asset, { total: ZERO, available: ZERO }]));
  for (const row of account.assets) held.set(row.asset, { total: row.walletBalance, available: row.availableBalance });
  const { totalMarginBalance: collateral, availableBalance: freeCollateral, totalMaintMargin } = account;
  const margin = { collateral, freeCollateral, maintenanceMarginRequirement: totalMaintMargin };
  const balances = [...held].map(([asset, amounts]) => ({ type: "balance" as const, asset, ...amounts, timestampMs }));
  return [...balances, { type: "margin", ...margin, timestampMs }];
}

/** Flat positions are left out of the answer, and leverage is told elsewhere. */
async function fetchPositions(context: VenueContext): Promise<readonly AccountUpdate[]> {
  const { api, session, signal } = context;
  const timestampMs = context.now();
  const [positions, configs] = await Promise.all([
    api.send(get(constants.POSITIONS_PATH_URL, 5), signal),
    api.send(get(constants.SYMBOL_CONFIG_PATH_URL, 5), signal),
  ]);
  const updates: AccountUpdate[] = [];
  for (const { symbol, leverage } of read("GET /fapi/v1/symbolConfig", wireSymbolConfigs, configs)) {
    const tradingPair = session.marketsBySymbol.get(symbol)?.tradingPair;
    if (tradingPair !== undefined) updates.push({ type: "settings", tradingPair, leverage, timestampMs });
  }
  const rows = rowsOf("GET /fapi/v3/positionRisk", positions);
  return [...updates, ...rows.flatMap((row) => parsePosition(session, row) ?? [])];
}

async function tradingFees({ api, session, signal }: VenueContext, tradingPairs: readonly TradingPair[]) {
  const fees = new Map<TradingPair, TradeFeeSchema>();
  for (const tradingPair of tradingPairs) {
    const request = get(constants.COMMISSION_RATE_PATH_URL, 20, { symbol: symbolOf(session, tradingPair) });
    const rates = read("GET /fapi/v1/commissionRate", wireCommission, await api.send(request, signal));
    const { makerCommissionRate: makerPercentFee, takerCommissionRate: takerPercentFee } = rates;
    fees.set(tradingPair, { ...DEFAULT_FEES, makerPercentFee, takerPercentFee });
  }
  return fees;
}

/** For more markets than this, one question for all of them, of weight 40, is cheaper. */
const OPEN_ORDERS_BY_MARKET = 20;

export const derivative: VenueDerivative = {
  async requestExchangeInfo({ api, signal }) {
    const [exchangeInfo, fundingInfo] = await Promise.all([
      api.send(publicRequest(constants.EXCHANGE_INFO_PATH_URL, 1), signal),
      api.send(funding(constants.FUNDING_INTERVALS_PATH_URL), signal),
    ]);
    return { ...(isObject(exchangeInfo) ? exchangeInfo : {}), fundingInfo };
  },
  parseExchangeInfo,
  formatTradingRules: (exchangeInfo) => parseExchangeInfo(exchangeInfo).markets.map((market) => market.rule),
  initializeTradingPairSymbolsFromExchangeInfo: (exchangeInfo) =>
    new Map(parseExchangeInfo(exchangeInfo).markets.map((market) => [market.symbol, market.tradingPair])),

  checkNetwork: async ({ api, signal }) => void (await api.send(publicRequest(constants.PING_PATH_URL, 1), signal)),

  placeOrder: (session, order) =>
    rest(sendOrder("POST", constants.ORDER_PATH_URL, orderParams(session, order)), (row) => parsePlaced(session, row)),
  placeCancel: (session, order) =>
    rest(sendCancel(constants.ORDER_PATH_URL, orderIds(session, order)), (row) => parseOrder(session, row)),

  /** The order keeps both of its ids, so that the client id of a replacement is not used. */
  amendOrder(session, order, amend) {
    const price = amend.price ?? order.price;
    if (price === undefined) throw new OrderRejectedError("only limit orders can be amended");
    const quantity = (amend.amount ?? order.amount).toFixed();
    const form = { ...orderIds(session, order), side: order.side.toUpperCase(), quantity, price: price.toFixed() };
    return rest(sendOrder("PUT", constants.ORDER_PATH_URL, form), (payload) => parsePlaced(session, payload));
  },

  placeOrders(session, orders) {
    const form = { batchOrders: JSON.stringify(orders.map((order) => orderParams(session, order))) };
    const request = sendOrder("POST", constants.BATCH_ORDERS_PATH_URL, form, orders.length);
    return rest(request, (payload) => parseBatch(payload, (row) => parsePlaced(session, row)));
  },

  /** Of one market. Ids are printed as they came: as numbers they could lose digits. */
  placeCancels(session, orders) {
    const [symbol, ...others] = new Set(orders.map((order) => symbolOf(session, order.tradingPair)));
    if (others.length > 0) throw new ConfigError("a batch of cancels is of one market");
    const ids = orders.flatMap((order) => order.exchangeOrderId ?? []);
    const list =
      ids.length === orders.length
        ? { orderIdList: `[${ids.join(",")}]` }
        : { origClientOrderIdList: JSON.stringify(orders.map((order) => order.clientOrderId)) };
    const request = sendCancel(constants.BATCH_ORDERS_PATH_URL, { symbol, ...list });
    return rest(request, (payload) => parseBatch(payload, (row) => parseOrder(session, row)));
  },

  cancelAllAfter(session, timeoutMs, tradingPair) {
    const form = { symbol: symbolOf(session, tradingPair), countdownTime: timeoutMs };
    return rest(send("POST", constants.COUNTDOWN_PATH_URL, form, 10), ignored);
  },

  cancelAllOrders(session, tradingPair) {
    if (tradingPair === undefined) throw new ConfigError("Binance cancels the orders of one market at a time");
    return rest(sendCancel(constants.ALL_OPEN_ORDERS_PATH_URL, { symbol: symbolOf(session, tradingPair) }), ignored);
  },

  requestOrderStatus,

  async allTradeUpdatesForOrder(context, order) {
    // Fills are filtered by the exchange id only; where it is not known yet the status tells it.
    const orderId = order.exchangeOrderId ?? (await requestOrderStatus(context, order)).exchangeOrderId;
    const symbol = symbolOf(context.session, order.tradingPair);
    const fills = await fillsSince(context, symbol, order.createdAtMs - 60_000, orderId);
    return fills.map((fill) => ({ ...fill, clientOrderId: order.clientOrderId }));
  },

  async tradesSince(context, sinceMs, tradingPairs) {
    const symbols = tradingPairs.map((tradingPair) => symbolOf(context.session, tradingPair));
    const fills = await Promise.all(symbols.map((symbol) => fillsSince(context, symbol, sinceMs)));
    return fills.flat().sort((a, b) => a.timestampMs - b.timestampMs);
  },

  async openOrders({ api, session, signal }, tradingPairs = []) {
    const isSplit = tradingPairs.length > 0 && tradingPairs.length <= OPEN_ORDERS_BY_MARKET;
    const requests = isSplit
      ? tradingPairs.map((pair) => get(constants.OPEN_ORDERS_PATH_URL, 1, { symbol: symbolOf(session, pair) }))
      : [get(constants.OPEN_ORDERS_PATH_URL, 40)];
    const pages = await Promise.all(requests.map((request) => api.send(request, signal)));
    const rows = pages.flatMap((page) => rowsOf("GET /fapi/v1/openOrders", page));
    return rows.flatMap((row) => parseOrder(session, row)?.order ?? []);
  },

  fetchBalances,
  fetchPositions,
  fetchFundingPayments: (context, sinceMs) => incomeSince(context, sinceMs),

  /** With its rate, which the income history lacks. */
  async fetchLastFeePayment(context, tradingPair) {
    const symbol = symbolOf(context.session, tradingPair);
    const last = (await incomeSince(context, context.now() - constants.WINDOW_MS + 60_000, symbol)).at(-1);
    if (last === undefined) return undefined;
    const around = { startTime: last.timestampMs - 60_000, endTime: last.timestampMs + 60_000 };
    const request = funding(constants.FUNDING_RATES_PATH_URL, { symbol, ...around });
    const rates = read("GET /fapi/v1/fundingRate", wireRates, await context.api.send(request, context.signal));
    return { ...last, rate: rates.at(-1)?.fundingRate };
  },

  getLastTradedPrice: async (context, tradingPair) =>
    wireDecimal.parse((await orderBookDataSource.getLastTradedPrices(context, [tradingPair])).get(tradingPair)),

  async setTradingPairLeverage({ api, session, signal }, tradingPair, leverage) {
    const form = { symbol: symbolOf(session, tradingPair), leverage: leverage.toFixed() };
    await api.send(send("POST", constants.LEVERAGE_PATH_URL, form), signal);
  },

  /** Account-wide: every market changes, those that the connector does not follow too. */
  async setPositionMode({ api, signal }, mode) {
    await api.send(send("POST", constants.POSITION_MODE_PATH_URL, { dualSidePosition: mode === "hedge" }), signal);
  },

  async getPositionMode({ api, signal }) {
    const payload = await api.send(get(constants.POSITION_MODE_PATH_URL, 30), signal);
    return read("GET /fapi/v1/positionSide/dual", wireMode, payload).dualSidePosition ? "hedge" : "oneWay";
  },

  tradingFees,
};

export const venueModule: VenueModule = {
  manifest,
  createVenue: (options) => ({
    manifest,
    domain: options.domain,
    paths: {
      tradingRulesRequestPath: constants.EXCHANGE_INFO_PATH_URL,
      tradingPairsRequestPath: constants.EXCHANGE_INFO_PATH_URL,
      checkNetworkRequestPath: constants.PING_PATH_URL,
    },
    webUtils: createWebUtils(options),
    orderBookDataSource,
    userStreamDataSource,
    derivative,
    rateLimits: constants.RATE_LIMITS,
    marketRateLimits: () => [],
    createAuthenticator: createBinanceAuth,
    isRequestExceptionRelatedToTimeSynchronizer: (error) => error instanceof TimeSyncError,
    isOrderNotFoundDuringStatusUpdateError,
    isOrderNotFoundDuringCancelationError,
  }),
};
