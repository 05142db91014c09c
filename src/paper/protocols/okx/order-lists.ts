import type { FillView } from "../../engine/types.ts";
import type { LogEntry } from "../account-ledger.ts";
import { isClosed } from "../order-intake.ts";
import { type PrivateCall, privateRoute, type Route } from "./context.ts";
import { missingParameter } from "./errors.ts";
import { fillObject, tradeSubType } from "./fill-objects.ts";
import { findInstrument, instrumentFilter, isOtherType, marketOf } from "./instruments.ts";
import { orderObject, stateOf } from "./order-objects.ts";
import type { OkxOrder } from "./orders.ts";
import { newestPage, type PageRules } from "./paging.ts";
import { per2s } from "./rate-limit.ts";
import type { WireObject } from "./wire.ts";

const MAX_ROWS = 100;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const QUARTER_DAYS = 90;

const ORDER_STATES = ["live", "partially_filled", "filled", "canceled", "mmp_canceled"] as const;

function closedMs({ refusedFor, refusedMs, view, createdMs }: OkxOrder): number {
  return refusedFor !== null ? refusedMs : (view?.updatedMs ?? createdMs);
}

/** Cancelled orders without fills are purged after two hours (docs v5, order history). */
export function isForgotten(order: OkxOrder, nowMs: number): boolean {
  const isEmpty = (order.view?.filled ?? 0n) === 0n;
  return isClosed(order) && isEmpty && closedMs(order) < nowMs - 2 * HOUR_MS;
}

/** Makes a page of the orders that pass the call's filters. Paging is by `ordId`, as ids grow with time. */
function orderPage(call: PrivateCall, orders: readonly OkxOrder[], isKept: (order: OkxOrder) => boolean) {
  const { context, parameters } = call;
  if (isOtherType(parameters)) return [];
  const filter = instrumentFilter(context.engine, parameters, findInstrument);
  const types = parameters.text("ordType")?.split(",");
  const state = parameters.oneOf("state", ORDER_STATES);
  const category = parameters.text("category");
  const rules = {
    most: MAX_ROWS,
    idOf: ({ orderId }: OkxOrder) => orderId,
    timeOf: ({ createdMs }: OkxOrder) => createdMs,
  };
  const toRow = (order: OkxOrder) => orderObject(context, order);
  const page = newestPage(orders, parameters, rules, (order) => {
    if (!isKept(order) || !filter(marketOf(context.engine, order.request.market))) return false;
    if (state !== undefined && stateOf(order) !== state) return false;
    if (types === undefined && category === undefined) return true;
    const row = toRow(order);
    return (
      (types === undefined || types.includes(String(row.ordType))) &&
      (category === undefined || row.category === category)
    );
  });
  return page.map(toRow);
}

function pending(call: PrivateCall): readonly WireObject[] {
  return orderPage(call, call.context.orders.open(call.login.accountId), () => true);
}

function history(days: number) {
  return (call: PrivateCall): readonly WireObject[] => {
    const { context, parameters, login } = call;
    if (parameters.text("instType") === undefined) throw missingParameter("instType");
    const nowMs = context.now();
    const closed = context.orders.all(login.accountId).filter(isClosed);
    return orderPage(call, closed, (order) => {
      return !isForgotten(order, nowMs) && closedMs(order) > nowMs - days * DAY_MS;
    });
  };
}

/** A row of an account's bills with its place, which its `billId` is made of. */
export interface Bill {
  readonly entry: LogEntry;
  readonly billId: string;
}

export function billsOf({ context, login }: PrivateCall): readonly Bill[] {
  const account = context.accounts.identifier(login.accountId);
  return context.ledger
    .log(login.accountId)
    .map((entry, index) => ({ entry, billId: context.ids.bill(account, index) }));
}

interface FillBill {
  readonly fill: FillView;
  readonly billId: string;
}

function fills(days: number, wantsType: boolean) {
  return (call: PrivateCall): readonly WireObject[] => {
    const { context, parameters } = call;
    if (wantsType && parameters.text("instType") === undefined) throw missingParameter("instType");
    if (isOtherType(parameters)) return [];
    const filter = instrumentFilter(context.engine, parameters, findInstrument);
    const ordId = parameters.text("ordId");
    const subType = parameters.text("subType");
    const oldestMs = context.now() - days * DAY_MS;
    const trades = billsOf(call).flatMap(({ entry, billId }) =>
      entry.kind === "trade" ? [{ fill: entry.fill, billId }] : [],
    );
    const rules: PageRules<FillBill> = {
      most: MAX_ROWS,
      idOf: ({ billId }) => billId,
      timeOf: ({ fill }) => fill.timeMs,
    };
    const page = newestPage(trades, parameters, rules, ({ fill }) => {
      if (fill.timeMs < oldestMs || !filter(marketOf(context.engine, fill.market))) return false;
      if (subType !== undefined && tradeSubType(fill) !== subType) return false;
      return ordId === undefined || context.orders.byEngineId(fill.orderId)?.orderId === ordId;
    });
    return page.map(({ fill, billId }) => fillObject(context, fill, billId));
  };
}

export const orderListRoutes: readonly Route[] = [
  privateRoute("GET", "/api/v5/trade/orders-pending", per2s(60), pending),
  privateRoute("GET", "/api/v5/trade/orders-history", per2s(40), history(7)),
  privateRoute("GET", "/api/v5/trade/orders-history-archive", per2s(20), history(QUARTER_DAYS)),
  privateRoute("GET", "/api/v5/trade/fills", per2s(60), fills(3, false)),
  privateRoute("GET", "/api/v5/trade/fills-history", per2s(10), fills(QUARTER_DAYS, true)),
];
