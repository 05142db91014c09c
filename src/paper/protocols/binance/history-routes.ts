import type { FillView } from "../../engine/types.ts";
import { type PrivateCall, type Route, signedRoute } from "./context.ts";
import { invalidParameter, refused } from "./errors.ts";
import { readReference } from "./order-calls.ts";
import { orderRow } from "./order-objects.ts";
import { isWithin, type Times, timesOf } from "./paging.ts";
import { ACCOUNT_ASSET, type ListedSymbol, priceText, quantityText } from "./symbols.ts";
import { money, notionalOf, type WireObject, type WireValue, wireTime } from "./wire.ts";

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** Retention of income rows. */
const INCOME_KEPT_MS = 90 * DAY_MS;
/** Retention of fills: three months since August 2026. */
const FILLS_KEPT_MS = 90 * DAY_MS;

export const historyRoutes: readonly Route[] = [
  signedRoute("GET", "/fapi/v1/order", 1, queryOrder),
  signedRoute("GET", "/fapi/v1/openOrder", 1, queryOpenOrder),
  signedRoute(
    "GET",
    "/fapi/v1/openOrders",
    (parameters) => (parameters.text("symbol") === undefined ? 40 : 1),
    openOrders,
  ),
  signedRoute("GET", "/fapi/v1/allOrders", 5, allOrders),
  signedRoute(
    "GET",
    "/fapi/v1/forceOrders",
    (parameters) => (parameters.text("symbol") === undefined ? 50 : 20),
    forceOrders,
  ),
  signedRoute("GET", "/fapi/v1/orderAmendment", 1, orderAmendments),
  signedRoute("GET", "/fapi/v1/userTrades", 5, userTrades),
  signedRoute("GET", "/fapi/v1/income", 30, income),
];

function queryOrder({ context, login, parameters }: PrivateCall): WireValue {
  const { market } = context.symbols.ever.required(parameters).spec;
  const order = context.orderNames.find(login.accountId, market, readReference(parameters), context.now());
  if (order === undefined) throw refused(-2013);
  return orderRow(context, order);
}

function queryOpenOrder({ context, login, parameters }: PrivateCall): WireValue {
  const { market } = context.symbols.ever.required(parameters).spec;
  const order = context.orderNames.find(login.accountId, market, readReference(parameters), context.now());
  if (order?.status !== "open") throw refused(-2013);
  return orderRow(context, order);
}

function openOrders({ context, login, parameters }: PrivateCall): WireValue {
  const symbol = parameters.text("symbol");
  const market = symbol === undefined ? undefined : context.symbols.ever.require(symbol).spec.market;
  const orders = context.orderNames.open(login.accountId, market);
  return orders.toSorted((left, right) => left.orderId - right.orderId).map((order) => orderRow(context, order));
}

/**
 * Lists orders from an id on, or within a time range of a week at most; by default the last week's newest. They are of
 * one symbol or, since August 2026, of all.
 */
function allOrders({ context, login, parameters }: PrivateCall): WireValue {
  const limit = parameters.limit(500, 1_000);
  const fromId = parameters.integer("orderId");
  const orders = context.symbols.ever
    .wanted(parameters)
    .flatMap(({ spec }) => context.orderNames.all(login.accountId, spec.market, context.now()))
    .sort((left, right) => left.orderId - right.orderId);
  const page = pageOf(orders, {
    limit,
    fromId,
    times: weekOf(timesOf(parameters), context.now()),
    isOpenEnded: parameters.text("startTime") === undefined,
    idOf: ({ orderId }) => context.orderNames.orderId(orderId),
    timeOf: ({ createdMs }) => createdMs,
  });
  return page.map((order) => orderRow(context, order));
}

/** Changes of one order, newest first. */
function orderAmendments({ context, login, parameters }: PrivateCall): WireValue {
  const listed = context.symbols.ever.required(parameters);
  const limit = parameters.limit(50, 100);
  const { startTime, endTime } = timesOf(parameters);
  const reference = readReference(parameters);
  const order = context.orderNames.find(login.accountId, listed.spec.market, reference, context.now());
  if (order === undefined) throw refused(-2013);
  const rows = context.orderNames.amendmentsOf(order).map(({ amendmentId, before, after, timeMs }, index) => ({
    amendmentId,
    symbol: listed.symbol,
    pair: listed.symbol,
    orderId: context.orderNames.orderId(order.orderId),
    clientOrderId: context.orderNames.clientOrderId(order),
    time: wireTime(timeMs),
    amendment: {
      price: { before: priceText(listed, before.price ?? 0n), after: priceText(listed, after.price ?? 0n) },
      origQty: { before: quantityText(listed, before.size), after: quantityText(listed, after.size) },
      count: index + 1,
    },
    priceMatch: context.orderNames.priceMatchOf(order.orderId),
  }));
  return rows
    .filter(({ time }) => isWithin(time, startTime, endTime))
    .toReversed()
    .slice(0, limit);
}

interface PageOptions<T> {
  readonly limit: number;
  readonly fromId: number | undefined;
  readonly times: Times;
  /** True for a range without a start: the newest rows count. */
  readonly isOpenEnded: boolean;
  idOf(row: T): number;
  timeOf(row: T): number;
}

/** Oldest first. A page that starts somewhere has the oldest rows from there on. */
function pageOf<T>(rows: readonly T[], options: PageOptions<T>): readonly T[] {
  const { limit, fromId, times, isOpenEnded, idOf, timeOf } = options;
  if (fromId !== undefined) return rows.filter((row) => idOf(row) >= fromId).slice(0, limit);
  const wanted = rows.filter((row) => isWithin(timeOf(row), times.startTime, times.endTime));
  return isOpenEnded ? wanted.slice(-limit) : wanted.slice(0, limit);
}

/** A week from the start, or up to the end; the last one when neither is told. */
function weekOf({ startTime, endTime }: Times, nowMs: number): Times {
  if (startTime !== undefined && endTime !== undefined && endTime - startTime > WEEK_MS) throw refused(-4165);
  if (startTime !== undefined) return { startTime, endTime: endTime ?? startTime + WEEK_MS };
  const end = endTime ?? wireTime(nowMs);
  return { startTime: end - WEEK_MS, endTime: end };
}

/** Orders of the venue itself on the account: its liquidations, and the auto-deleveragings of its positions. */
function forceOrders({ context, login, parameters }: PrivateCall): WireValue {
  const symbols = context.symbols.ever.wanted(parameters);
  const type = parameters.oneOf("autoCloseType", ["LIQUIDATION", "ADL"] as const);
  const { startTime, endTime } = weekOf(timesOf(parameters), context.now());
  const limit = parameters.limit(50, 100);
  return symbols
    .flatMap(({ spec }) => context.orderNames.all(login.accountId, spec.market, context.now()))
    .filter(({ liquidation, adl }) => (type !== "ADL" && liquidation) || (type !== "LIQUIDATION" && adl))
    .filter(({ createdMs }) => isWithin(createdMs, startTime, endTime))
    .slice(-limit)
    .map((order) => forceOrderRow(orderRow(context, order)));
}

function forceOrderRow(row: WireObject): WireObject {
  const { priceProtect: _p, priceMatch: _m, selfTradePreventionMode: _s, goodTillDate: _g, ...kept } = row;
  return kept;
}

function userTrades({ context, login, parameters }: PrivateCall): WireValue {
  const listed = context.symbols.ever.required(parameters);
  const limit = parameters.limit(500, 1_000);
  const fromId = parameters.integer("fromId");
  const orderId = parameters.integer("orderId");
  const times = timesOf(parameters);
  if (fromId !== undefined && (times.startTime ?? times.endTime) !== undefined) throw refused(-1128);
  const fills = context.engine
    .fills(login.accountId)
    .filter(({ market, timeMs }) => market === listed.spec.market && context.now() - timeMs <= FILLS_KEPT_MS)
    .filter((fill) => orderId === undefined || context.orderNames.orderId(fill.orderId) === orderId);
  const page = pageOf(fills, {
    limit,
    fromId,
    times: weekOf(times, context.now()),
    isOpenEnded: times.startTime === undefined,
    idOf: ({ tradeId }) => context.ids.trade(tradeId),
    timeOf: ({ timeMs }) => timeMs,
  });
  return page.map((fill) => fillRow(context, listed, fill));
}

function fillRow({ ids }: PrivateCall["context"], listed: ListedSymbol, fill: FillView): WireObject {
  return {
    symbol: listed.symbol,
    id: ids.trade(fill.tradeId),
    orderId: ids.order(fill.orderId),
    side: fill.side === "buy" ? "BUY" : "SELL",
    price: priceText(listed, fill.price),
    qty: quantityText(listed, fill.size),
    realizedPnl: money(fill.realized),
    quoteQty: money(notionalOf(fill.price, fill.size)),
    commission: money(fill.fee),
    commissionAsset: listed.quote,
    time: wireTime(fill.timeMs),
    positionSide: fill.positionSide.toUpperCase(),
    maker: fill.isMaker,
    buyer: fill.side === "buy",
  };
}

const INCOME_TYPES = ["FUNDING_FEE", "COMMISSION", "REALIZED_PNL"] as const;
/** Types that Binance has and the paper venue never books. */
const OTHER_INCOME_TYPES: ReadonlySet<string> = new Set([
  ...["TRANSFER", "WELCOME_BONUS", "INSURANCE_CLEAR", "REFERRAL_KICKBACK", "COMMISSION_REBATE", "API_REBATE"],
  ...["CONTEST_REWARD", "CROSS_COLLATERAL_TRANSFER", "OPTIONS_PREMIUM_FEE", "OPTIONS_SETTLE_PROFIT"],
  ...["INTERNAL_TRANSFER", "AUTO_EXCHANGE", "DELIVERED_SETTELMENT", "COIN_SWAP_DEPOSIT", "COIN_SWAP_WITHDRAW"],
  ...["POSITION_LIMIT_INCREASE_FEE", "STRATEGY_UMFUTURES_TRANSFER", "FEE_RETURN", "BFUSD_REWARD"],
  ...["SPECIAL_FUNDING_FEE"],
]);

interface IncomeRow {
  readonly market: string;
  readonly incomeType: (typeof INCOME_TYPES)[number];
  readonly amount: bigint;
  readonly timeMs: number;
  readonly tranId: number;
  readonly tradeId: string;
}

/** The oldest of a time range: the next rows are those from the last one's time on, for pages have no numbers any more. */
function income({ context, login, parameters }: PrivateCall): WireValue {
  const wanted = parameters.text("incomeType");
  if (wanted !== undefined && !INCOME_TYPES.some((type) => type === wanted)) {
    if (OTHER_INCOME_TYPES.has(wanted)) return [];
    throw invalidParameter("incomeType");
  }
  const symbol = parameters.text("symbol");
  const market = symbol === undefined ? undefined : context.symbols.ever.require(symbol).spec.market;
  const { startTime, endTime } = incomeTimes(timesOf(parameters), context.now());
  const limit = parameters.limit(100, 1_000);
  const rows = [...fundingRows(context, login.accountId), ...fillIncome(context, login.accountId)]
    .filter((row) => wanted === undefined || row.incomeType === wanted)
    .filter((row) => market === undefined || row.market === market)
    .filter((row) => isWithin(row.timeMs, startTime, endTime))
    .sort((left, right) => left.timeMs - right.timeMs);
  return rows.slice(0, limit).map((row) => incomeObject(context, row));
}

/** Chooses the range of income: the last week by default; nothing older than three months. */
function incomeTimes({ startTime, endTime }: Times, nowMs: number): Times {
  const oldest = wireTime(nowMs - INCOME_KEPT_MS);
  return { startTime: Math.max(startTime ?? wireTime(nowMs - WEEK_MS), oldest), endTime };
}

function fundingRows({ engine, firstId }: PrivateCall["context"], accountId: string): readonly IncomeRow[] {
  return engine.fundingPayments(accountId).map(({ market, amount, timeMs, paymentId }) => {
    return { market, incomeType: "FUNDING_FEE", amount, timeMs, tranId: firstId + paymentId, tradeId: "" };
  });
}

function fillIncome({ engine, firstId, ids }: PrivateCall["context"], accountId: string): readonly IncomeRow[] {
  return engine.fills(accountId).flatMap(({ market, fee, realized, timeMs, fillId, tradeId }) => {
    const common = { market, timeMs, tranId: firstId + fillId, tradeId: String(ids.trade(tradeId)) };
    const rows: IncomeRow[] = [];
    if (fee !== 0n) rows.push({ ...common, incomeType: "COMMISSION", amount: -fee });
    if (realized !== 0n) rows.push({ ...common, incomeType: "REALIZED_PNL", amount: realized });
    return rows;
  });
}

function incomeObject(context: PrivateCall["context"], row: IncomeRow): WireObject {
  return {
    symbol: context.symbols.ofMarket(row.market).symbol,
    incomeType: row.incomeType,
    income: money(row.amount),
    asset: ACCOUNT_ASSET,
    time: wireTime(row.timeMs),
    info: row.incomeType === "FUNDING_FEE" ? "FUNDING_FEE" : row.tradeId,
    tranId: row.tranId,
    tradeId: row.tradeId,
  };
}
