import { z } from "zod";
import type * as contract from "../../connector/perpetual-venue.ts";
import type { AccountUpdate, OrderUpdate, SettingsUpdate } from "../../model/account-update.ts";
import { ZERO } from "../../model/decimal.ts";
import { ConfigError, NotFoundError, ProtocolError, TimeSyncError } from "../../model/error.ts";
import type { FundingPayment } from "../../model/funding.ts";
import { type Market, splitTradingPair, type TradingPair } from "../../model/market.ts";
import type { OrderReference, OrderToPlace } from "../../model/order.ts";
import { marketOf, type VenueSession } from "../../model/venue-session.ts";
import type { Lane, QueryValue, RestRequest, VenueContext } from "../../net/venue-api.ts";
import { optionalWireDecimal, wireDecimal } from "../../net/wire.ts";
import { createOkxAuth } from "./auth.ts";
import * as constants from "./constants.ts";
import { errorOf, isOrderNotFound } from "./errors.ts";
import { DEFAULT_FEES, manifest } from "./manifest.ts";
import { orderBookDataSource, publicRequest } from "./order-book-data-source.ts";
import * as stream from "./user-stream-data-source.ts";
import { createWebUtils, each, getCurrentServerTime, read, wireTime } from "./web-utils.ts";

type Params = Readonly<Record<string, QueryValue>>;

const name = z.string().min(1);
const positiveDecimal = wireDecimal.refine((value) => value.gt(0), "must be positive");
const wireInstrument = z.object({
  ...each(name, "instId", "uly", "ctValCcy", "settleCcy"),
  ...each(positiveDecimal, "ctVal", "ctMult", "lotSz", "minSz", "tickSz"),
  maxLmtSz: optionalWireDecimal,
  /** Of the row of its funding rate, which is added to it. */
  ...each(optionalWireDecimal, "fundingTime", "nextFundingTime"),
});
const wireRows = z.array(z.looseObject({}));
const wireAck = z.object({ ordId: name, ts: wireTime });
const wireBatchRow = z.object({ ordId: z.string(), sCode: name, sMsg: z.string().optional(), ts: wireTime.optional() });
const wireLeverage = z.object({ instId: z.string(), lever: optionalWireDecimal });
const wireConfig = z.object({ posMode: z.enum(["net_mode", "long_short_mode"]) });
const wireFeeRate = z.object(each(optionalWireDecimal, "maker", "taker", "makerU", "takerU"));
const wirePayment = z.object({ ...each(name, "billId", "ccy"), balChg: wireDecimal, ts: wireTime });

const DEFAULT_FUNDING_INTERVAL_MS = 8 * 3_600_000;
const instType = constants.INSTRUMENT_TYPE;
const tdMode = constants.MARGIN_MODE;

function get(path: string, params: Params, limitId = path): RestRequest {
  return { method: "GET", path, params, isAuthRequired: true, limitId, lane: "poll" };
}

function post(path: string, data: object, lane: Lane, limitId = path): RestRequest {
  return { method: "POST", path, data, isAuthRequired: true, limitId, lane };
}

async function rowsOf({ api, signal }: VenueContext, request: RestRequest) {
  return read(`${request.method} ${request.path}`, wireRows, await api.send(request, signal));
}

/** Every row of a list, page by page, newest first: the next page is of rows before `idField` of the last one. */
async function allRows(context: VenueContext, path: string, params: Params, idField: string) {
  const rows: Readonly<Record<string, unknown>>[] = [];
  for (let after: string | undefined; ; ) {
    const page = await rowsOf(context, get(path, { ...params, limit: constants.PAGE_SIZE, after }));
    rows.push(...page);
    const last = page.at(-1)?.[idField];
    if (page.length < constants.PAGE_SIZE || last === undefined || String(last) === after) return rows;
    after = String(last);
  }
}

/** The list that reaches back to `sinceMs`. */
function listSince(context: VenueContext, sinceMs: number, list: typeof constants.FILLS) {
  const nowMs = Math.floor(context.now());
  const begin = Math.floor(Math.max(sinceMs, nowMs - constants.HISTORY_MS));
  return { path: begin > nowMs - list.reachesMs ? list.path : list.long, begin };
}

function oldestFirst<Row extends { readonly timestampMs: number }>(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => a.timestampMs - b.timestampMs);
}

/** Inverse swaps, those that settle in another coin and markets that do not trade (yet) are left out. */
function isOffered(row: Readonly<Record<string, unknown>>): boolean {
  const wanted = { instType, ctType: "linear", settleCcy: constants.SETTLE_COIN, state: "live" };
  return Object.entries(wanted).every(([field, value]) => row[field] === value);
}

function parseMarket(payload: unknown): Market {
  const row = read("an instrument", wireInstrument, payload);
  const { instId: symbol, uly: tradingPair, settleCcy } = row;
  const [baseAsset, quoteAsset] = splitTradingPair(tradingPair);
  // The value of a contract is in base units on linear swaps; what differs is of a kind that is not known here.
  if (row.ctValCcy !== baseAsset || symbol !== `${tradingPair}-${instType}`)
    throw new ProtocolError(`a contract of ${symbol} is counted in ${row.ctValCcy}`, { venue: constants.VENUE });
  const contractSize = row.ctVal.times(row.ctMult);
  const sizes = { minOrderSize: row.minSz.times(contractSize), maxOrderSize: row.maxLmtSz?.times(contractSize) };
  const steps = { minPriceIncrement: row.tickSz, minBaseAmountIncrement: row.lotSz.times(contractSize) };
  const least = { minNotionalSize: ZERO, minPrice: row.tickSz };
  const kind = { contractSize, contractKind: "linear" as const, supportsMarketOrders: true };
  const collateral = { buyOrderCollateralToken: settleCcy, sellOrderCollateralToken: settleCcy };
  const rule = { tradingPair, ...sizes, ...steps, ...least, ...kind, ...collateral };
  const intervalMs = row.nextFundingTime?.minus(row.fundingTime ?? row.nextFundingTime).toNumber() ?? 0;
  const fundingIntervalMs = intervalMs > 0 ? intervalMs : DEFAULT_FUNDING_INTERVAL_MS;
  return { tradingPair, symbol, baseAsset, quoteAsset, fundingIntervalMs, rule };
}

function parseExchangeInfo(exchangeInfo: unknown): contract.ExchangeInfo {
  const markets: Market[] = [];
  const skipped: { symbol: string; reason: string }[] = [];
  for (const row of read("the instruments", wireRows, exchangeInfo).filter(isOffered)) {
    try {
      markets.push(parseMarket(row));
    } catch (error) {
      skipped.push({ symbol: String(row.instId), reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { markets, skipped };
}

function ordTypeOf({ type, timeInForce }: OrderToPlace): string {
  if (type !== "limit") return type === "market" ? "market" : "post_only";
  return timeInForce === "GTC" ? "limit" : timeInForce.toLowerCase();
}

function orderRow(session: VenueSession, order: OrderToPlace) {
  const { symbol: instId, rule } = marketOf(session, order.tradingPair);
  const { side, type } = order;
  const isHedged = order.positionMode === "hedge";
  const isLong = (side === "buy") === (order.positionAction === "open");
  const sz = order.amount.div(rule.contractSize).toFixed();
  const px = type === "market" ? undefined : order.price?.toFixed();
  const posSide = !isHedged ? "net" : isLong ? "long" : "short";
  // "Only applicable to ... FUTURES/SWAP orders in net mode" (docs, place order): a leg is closed by its side.
  const reduceOnly = isHedged ? undefined : order.reduceOnly;
  const ordType = ordTypeOf(order);
  return { instId, tdMode, clOrdId: order.clientOrderId, side, posSide, ordType, sz, px, reduceOnly };
}

function idsOf(session: VenueSession, { tradingPair, exchangeOrderId, clientOrderId }: OrderReference) {
  const instId = marketOf(session, tradingPair).symbol;
  return exchangeOrderId === undefined ? { instId, clOrdId: clientOrderId } : { instId, ordId: exchangeOrderId };
}

/** An acknowledgement says that the request was taken, nothing more: the order's truth comes from the stream. */
function parseAck(payload: unknown): contract.PlacedOrder {
  const [{ ordId, ts }] = read("an acknowledgement", z.tuple([wireAck]), payload);
  return { exchangeOrderId: ordId, timestampMs: ts };
}

const unconfirmed = () => undefined;

/** One request of one order, which has a limit for each instrument. */
function single<T>(path: string, data: { readonly instId: string }, lane: Lane, parse: (payload: unknown) => T) {
  const request = post(path, data, lane, constants.marketLimitId(path, data.instId));
  return { kind: "rest" as const, request, parse };
}

/** A batch has one answer a row, in the order of the request. */
function batch<T>(path: string, rows: readonly object[], lane: Lane, toValue: (placed: contract.PlacedOrder) => T) {
  if (rows.length > constants.BATCH_SIZE)
    throw new ConfigError(`a batch holds ${constants.BATCH_SIZE} orders at most, not ${rows.length}`);
  const parse = (payload: unknown): contract.BatchRow<T>[] => {
    const answers = read("a batch answer", z.array(wireBatchRow), payload);
    return rows.map((_, index) => {
      const { ordId: exchangeOrderId = "", sCode, sMsg = "no text", ts: timestampMs } = answers[index] ?? {};
      if (sCode !== undefined && sCode !== "0") return { ok: false, error: errorOf(200, sCode, sMsg) };
      if (sCode === undefined || timestampMs === undefined)
        return { ok: false, error: new ProtocolError(`row ${index} of a batch has no answer`) };
      return { ok: true, value: toValue({ exchangeOrderId, timestampMs }) };
    });
  };
  return { kind: "rest" as const, request: { ...post(path, rows, lane), weight: rows.length }, parse };
}

/** The order itself; an order that is not known so may still be among the closed ones of the last days. */
async function requestOrderStatus(context: VenueContext, order: OrderReference): Promise<OrderUpdate> {
  const { instId, ...id } = idsOf(context.session, order);
  const find = async (request: RestRequest): Promise<OrderUpdate | undefined> =>
    (await rowsOf(context, request))
      .flatMap((row) => stream.parseOrder(context.session, row) ?? [])
      .find((row) => row.exchangeOrderId === order.exchangeOrderId || row.clientOrderId === order.clientOrderId);
  const itself = find(get(constants.ORDER_PATH_URL, { instId, ...id }, constants.ORDER_STATUS_LIMIT_ID));
  const known = await itself.catch((error: unknown) => {
    if (!isOrderNotFound(error)) throw error;
  });
  const update = known ?? (await find(get(constants.ORDER_HISTORY_PATH_URL, { instType, instId, limit: 100 })));
  if (update === undefined) throw errorOf(200, "51603", "neither open nor closed");
  return update;
}

/** Leverage is a setting of the market, told also where there is no position. */
async function leverages(context: VenueContext, tradingPairs: readonly TradingPair[]): Promise<SettingsUpdate[]> {
  const timestampMs = context.now();
  const symbols = tradingPairs.map((pair) => marketOf(context.session, pair).symbol);
  const rows: unknown[] = [];
  while (symbols.length > 0) {
    const instId = symbols.splice(0, constants.LEVERAGE_BATCH_SIZE).join(",");
    rows.push(...(await rowsOf(context, get(constants.LEVERAGE_INFO_PATH_URL, { instId, mgnMode: tdMode }))));
  }
  return rows.flatMap((row) => {
    const { instId, lever: leverage } = read("a leverage", wireLeverage, row);
    const tradingPair = context.session.marketsBySymbol.get(instId)?.tradingPair;
    return tradingPair === undefined ? [] : { type: "settings", tradingPair, leverage, timestampMs };
  });
}

/** The list has open positions only. */
async function fetchPositions(context: VenueContext, tradingPairs: readonly TradingPair[]): Promise<AccountUpdate[]> {
  const asked = rowsOf(context, get(constants.POSITIONS_PATH_URL, { instType }));
  const [rows, settings] = await Promise.all([asked, leverages(context, tradingPairs)]);
  return [...settings, ...rows.flatMap((row) => stream.parsePosition(context.session, row) ?? [])];
}

async function fetchFundingPayments(context: VenueContext, sinceMs: number, tradingPairs: readonly TradingPair[]) {
  const { path, begin } = listSince(context, sinceMs, constants.BILLS);
  const rows = await allRows(context, path, { instType, type: constants.FUNDING_BILL_TYPE, begin }, "billId");
  const payments = rows.flatMap((row): FundingPayment[] => {
    const tradingPair = context.session.marketsBySymbol.get(String(row.instId))?.tradingPair;
    if (tradingPair === undefined || (tradingPairs.length > 0 && !tradingPairs.includes(tradingPair))) return [];
    const { billId, ccy, balChg: amount, ts } = read("a bill", wirePayment, row);
    return [{ paymentId: billId, tradingPair, asset: ccy, amount, timestampMs: ts }];
  });
  return oldestFirst(payments);
}

export const derivative: contract.VenueDerivative = {
  /** The instruments, each with the fields of its funding rate, which alone tell how often funding is settled. */
  async requestExchangeInfo({ api, signal }) {
    const ask = async (path: string, params: Params) =>
      read(`GET ${path}`, wireRows, await api.send(publicRequest(path, params), signal));
    const [instruments, rates] = await Promise.all([
      ask(constants.INSTRUMENTS_PATH_URL, { instType }),
      ask(constants.FUNDING_RATE_PATH_URL, { instId: "ANY" }),
    ]);
    const rateOf = new Map(rates.map((row) => [row.instId, row]));
    return instruments.map((row) => ({ ...rateOf.get(row.instId), ...row }));
  },
  parseExchangeInfo,
  formatTradingRules: (exchangeInfo) => parseExchangeInfo(exchangeInfo).markets.map((market) => market.rule),
  initializeTradingPairSymbolsFromExchangeInfo: (exchangeInfo) =>
    new Map(parseExchangeInfo(exchangeInfo).markets.map((market) => [market.symbol, market.tradingPair])),

  async checkNetwork(context) {
    await getCurrentServerTime(context);
  },

  placeOrder: (session, order) => single(constants.ORDER_PATH_URL, orderRow(session, order), "create", parseAck),
  placeCancel: (session, order) =>
    single(constants.CANCEL_ORDER_PATH_URL, idsOf(session, order), "cancel", unconfirmed),

  /** The order keeps both of its ids; the new size counts what is filled already (docs, amend order). */
  amendOrder(session, order, { price, amount }) {
    const { contractSize } = marketOf(session, order.tradingPair).rule;
    const terms = { newPx: price?.toFixed(), newSz: amount?.div(contractSize).toFixed() };
    return single(constants.AMEND_ORDER_PATH_URL, { ...idsOf(session, order), ...terms }, "create", parseAck);
  },

  placeOrders(session, orders) {
    const rows = orders.map((order) => orderRow(session, order));
    return batch(constants.CREATE_BATCH_PATH_URL, rows, "create", (placed) => placed);
  },

  placeCancels(session, orders) {
    const rows = orders.map((order) => idsOf(session, order));
    return batch(constants.CANCEL_BATCH_PATH_URL, rows, "cancel", unconfirmed);
  },

  cancelAllAfter(_session, timeoutMs) {
    const { least, most } = constants.CANCEL_ALL_AFTER_SECONDS;
    const seconds = Math.ceil(timeoutMs / 1_000);
    if (seconds !== 0 && (seconds < least || seconds > most))
      throw new ConfigError(`OKX cancels all after ${least} to ${most} seconds, or never (0), not ${seconds}`);
    const request = post(constants.CANCEL_ALL_AFTER_PATH_URL, { timeOut: String(seconds) }, "cancel");
    return { kind: "rest", request, parse: () => undefined };
  },

  requestOrderStatus,

  async allTradeUpdatesForOrder(context, order) {
    const { exchangeOrderId: ordId, clientOrderId } = order;
    // Fills are listed by the exchange's id only.
    if (ordId === undefined) return [];
    const { path } = listSince(context, order.createdAtMs, constants.FILLS);
    const rows = await allRows(context, path, { instType, ordId }, "billId");
    const fills = rows.flatMap((row) => stream.parseFill(context.session, row) ?? []);
    return oldestFirst(fills.filter((fill) => fill.type === "trade").map((fill) => ({ ...fill, clientOrderId })));
  },

  async tradesSince(context, sinceMs) {
    const { path, begin } = listSince(context, sinceMs, constants.FILLS);
    const rows = await allRows(context, path, { instType, begin }, "billId");
    return oldestFirst(rows.flatMap((row) => stream.parseFill(context.session, row) ?? []));
  },

  async openOrders(context) {
    const rows = await allRows(context, constants.OPEN_ORDERS_PATH_URL, { instType }, "ordId");
    return rows.flatMap((row) => stream.parseOrder(context.session, row)?.order ?? []);
  },

  fetchBalances: async (context) =>
    (await rowsOf(context, get(constants.BALANCES_PATH_URL, {}))).flatMap(stream.parseAccount),

  fetchPositions,
  fetchFundingPayments,

  fetchLastFeePayment: async (context, pair) =>
    (await fetchFundingPayments(context, context.now() - constants.BILLS.reachesMs / 2, [pair])).at(-1),

  async getLastTradedPrice(context, tradingPair) {
    const price = (await orderBookDataSource.getLastTradedPrices(context, [tradingPair])).get(tradingPair);
    if (price === undefined) throw new NotFoundError(`${tradingPair} has not traded yet`);
    return wireDecimal.parse(price);
  },

  async setTradingPairLeverage({ api, session, signal }, tradingPair, leverage) {
    const { symbol: instId } = marketOf(session, tradingPair);
    const data = { instId, lever: leverage.toFixed(), mgnMode: tdMode };
    await api.send(post(constants.LEVERAGE_PATH_URL, data, "create"), signal);
  },

  async setPositionMode({ api, signal }, mode) {
    const data = { posMode: mode === "hedge" ? "long_short_mode" : "net_mode" };
    await api.send(post(constants.POSITION_MODE_PATH_URL, data, "create"), signal);
  },

  async getPositionMode(context) {
    const rows = await rowsOf(context, get(constants.CONFIG_PATH_URL, {}));
    const [{ posMode }] = read("the account's settings", z.tuple([wireConfig]), rows);
    return posMode === "long_short_mode" ? "hedge" : "oneWay";
  },

  /** Negative is charged, positive a rebate; the `U` ones are of contracts in USDT (docs, trade fee). */
  async tradingFees(context) {
    const rows = await rowsOf(context, get(constants.FEE_RATES_PATH_URL, { instType }));
    const [row] = read("the fee rates", z.tuple([wireFeeRate], z.unknown()), rows);
    const maker = row.makerU ?? row.maker;
    const taker = row.takerU ?? row.taker;
    if (maker === undefined || taker === undefined)
      throw new ProtocolError("the fee rates are not whole", { venue: constants.VENUE });
    const percentFeeToken = constants.SETTLE_COIN;
    return { ...DEFAULT_FEES, makerPercentFee: maker.neg(), takerPercentFee: taker.neg(), percentFeeToken };
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
    marketRateLimits: constants.marketRateLimits,
    createAuthenticator: createOkxAuth,
    isRequestExceptionRelatedToTimeSynchronizer: (error) => error instanceof TimeSyncError,
    isOrderNotFoundDuringStatusUpdateError: isOrderNotFound,
    isOrderNotFoundDuringCancelationError: isOrderNotFound,
  }),
};
