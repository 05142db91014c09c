import { wordTable } from "../../../model/word-table.ts";
import type { Engine } from "../../engine/types.ts";
import type { ConditionalOrder, ConditionalRequest, ConditionalType } from "./conditional-desk.ts";
import { type Answer, type PrivateCall, privateRoute, type Route } from "./context.ts";
import { missingParameter, notFound } from "./errors.ts";
import { requireMarket } from "./market-names.ts";
import { marketNameOf } from "./order-objects.ts";
import { newestRows, ORDER_HISTORY_ROWS, readPage } from "./pagination.ts";
import type { Parameters } from "./parameters.ts";
import { isoText, type WireObject, type WireValue } from "./wire.ts";

const SIDES = ["buy", "sell"] as const;
/** Requests are in camel case, answers in snake case; both are understood as a filter. */
const TYPES: Readonly<Record<string, ConditionalType>> = wordTable({
  stop: "stop",
  trailingStop: "trailing_stop",
  trailing_stop: "trailing_stop",
  takeProfit: "take_profit",
  take_profit: "take_profit",
});

export const conditionalRoutes: readonly Route[] = [
  { method: "GET", pattern: /^\/conditional_orders\/history$/, access: "private", answer: history },
  privateRoute("GET", /^\/conditional_orders$/, open),
  privateRoute("POST", /^\/conditional_orders$/, place),
  privateRoute("GET", /^\/conditional_orders\/([^/]+)\/triggers$/, triggers),
  privateRoute("POST", /^\/conditional_orders\/([^/]+)\/modify$/, modify),
  privateRoute("DELETE", /^\/conditional_orders\/([^/]+)$/, cancel),
];

function place(call: PrivateCall): WireValue {
  const { context, login, parameters } = call;
  const market = requireMarket(context.engine, parameters.requiredText("market"));
  context.limiter.order(login.accountId, market.spec.market, context.now());
  const request = readRequest(parameters, login.accountId, market.spec.market);
  return conditionalObject(context.engine, context.conditionals.place(request));
}

function readRequest(parameters: Parameters, accountId: string, market: string): ConditionalRequest {
  const side = parameters.oneOf("side", SIDES);
  if (side === undefined) throw missingParameter("side");
  return {
    accountId,
    market,
    side,
    type: readType(parameters) ?? "stop",
    size: parameters.requiredAmount("size"),
    reduceOnly: parameters.flag("reduceOnly"),
    retryUntilFilled: parameters.raw("retryUntilFilled") === undefined || parameters.flag("retryUntilFilled"),
    triggerPrice: parameters.amount("triggerPrice") ?? null,
    orderPrice: parameters.amount("orderPrice") ?? null,
    trailValue: parameters.amount("trailValue") ?? null,
  };
}

function readType(parameters: Parameters): ConditionalType | undefined {
  const text = parameters.oneOf("type", Object.keys(TYPES));
  return text === undefined ? undefined : TYPES[text];
}

function wanted({ context, parameters }: PrivateCall): (order: ConditionalOrder) => boolean {
  const name = parameters.text("market");
  const market = name === undefined ? undefined : requireMarket(context.engine, name).spec.market;
  const type = readType(parameters);
  return (order) => (market === undefined || order.market === market) && (type === undefined || order.type === type);
}

function open(call: PrivateCall): WireValue {
  const { context, login } = call;
  const orders = context.conditionals.open(login.accountId).filter(wanted(call));
  return orders.toReversed().map((order) => conditionalObject(context.engine, order));
}

function history(call: PrivateCall): Answer {
  const { context, login, parameters } = call;
  const all = context.conditionals.all(login.accountId);
  const side = parameters.oneOf("side", SIDES);
  const orderType = parameters.oneOf("orderType", ["market", "limit"]);
  const isWanted = wanted(call);
  const page = newestRows(
    all,
    ({ createdMs }) => createdMs,
    readPage(parameters, ORDER_HISTORY_ROWS),
    (order) =>
      isWanted(order) &&
      (side === undefined || order.side === side) &&
      (orderType === undefined || orderTypeOf(order) === orderType),
  );
  return {
    result: page.rows.map((order) => conditionalObject(context.engine, order)),
    siblings: { hasMoreData: page.hasMoreData },
  };
}

function triggers(call: PrivateCall): WireValue {
  const { context, login } = call;
  const order = context.conditionals.order(login.accountId, idOf(call));
  if (order.triggeredMs === null) return [];
  // The order that was placed may be forgotten by now.
  const placed = context.orders.intake.all(login.accountId).find(({ orderId }) => orderId === order.orderId);
  return [
    {
      time: isoText(order.triggeredMs),
      orderId: order.orderId,
      error: order.error,
      orderSize: placed === undefined ? null : placed.request.size,
      filledSize: placed === undefined ? null : (placed.view?.filled ?? 0n),
    },
  ];
}

function modify(call: PrivateCall): WireValue {
  const { context, login, parameters } = call;
  const fields = ["triggerPrice", "orderPrice", "trailValue", "size"] as const;
  const change: Partial<ConditionalRequest> = Object.fromEntries(
    fields.flatMap((field) => {
      const amount = parameters.amount(field);
      return amount === undefined ? [] : [[field, amount]];
    }),
  );
  return conditionalObject(context.engine, context.conditionals.modify(login.accountId, idOf(call), change));
}

function cancel(call: PrivateCall): WireValue {
  call.context.conditionals.cancel(call.login.accountId, idOf(call));
  return "Order cancelled";
}

function idOf({ path: [text = ""] }: PrivateCall): number {
  if (!/^\d{1,15}$/.test(text)) throw notFound("Order not found");
  return Number(text);
}

const orderTypeOf = ({ orderPrice }: ConditionalOrder) => (orderPrice === null ? "market" : "limit");

function conditionalObject(engine: Engine, order: ConditionalOrder): WireObject {
  const market = marketNameOf(engine, order.market);
  return {
    id: order.id,
    market,
    future: market,
    side: order.side,
    type: order.type,
    orderPrice: order.orderPrice,
    triggerPrice: order.triggerPrice,
    size: order.size,
    status: order.status,
    createdAt: isoText(order.createdMs),
    triggeredAt: order.triggeredMs === null ? null : isoText(order.triggeredMs),
    orderId: order.orderId,
    error: order.error,
    reduceOnly: order.reduceOnly,
    trailValue: order.trailValue,
    trailStart: order.trailStart,
    cancelledAt: order.cancelledMs === null ? null : isoText(order.cancelledMs),
    cancelReason: order.cancelledMs === null ? null : "User cancelled",
    retryUntilFilled: order.retryUntilFilled,
    orderType: orderTypeOf(order),
  };
}
