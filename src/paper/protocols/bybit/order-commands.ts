import type { MarketView } from "../../engine/types.ts";
import { maxMarketSizeOf } from "../market-rules.ts";
import { isClosed } from "../order-intake.ts";
import type { BybitContext, PrivateCall } from "./context.ts";
import { orderNotFound, parameterError, refusal, tooManyOrders } from "./errors.ts";
import { CATEGORY, marketOf, requireMarket } from "./market-names.ts";
import { findOrder } from "./order-lists.ts";
import type { BybitOrder } from "./order-objects.ts";
import type { Parameters } from "./parameters.ts";
import { readPlacement, refuseConditional } from "./placement.ts";
import { heldPrice } from "./price-limits.ts";
import type { WireObject } from "./wire.ts";

const MAX_ORDERS = 500;

export function ackOf({ orderId, request }: BybitOrder): WireObject {
  return { orderId, orderLinkId: request.clientId ?? "" };
}

export function requireLinear(parameters: Parameters): void {
  if (parameters.required("category") !== CATEGORY) throw parameterError("Illegal category");
}

/** Accepts an order; what the matching engine makes of it comes over the stream. */
export function createOrder(call: PrivateCall): BybitOrder {
  const { context, parameters, login } = call;
  requireLinear(parameters);
  const placement = readPlacement(context, parameters, login.accountId);
  const { orders, engine } = context;
  if (placement.clientId !== null && orders.byClientId(login.accountId, placement.clientId) !== undefined) {
    throw refusal("duplicateClientId");
  }
  if (orders.openCount(login.accountId, placement.market) >= MAX_ORDERS) throw tooManyOrders(MAX_ORDERS);
  const waiting = orders.waitingPlacements(login.accountId);
  const maxMarketSize = maxMarketSizeOf(engine, placement.market);
  const code = engine.check(placement, { waiting, maxMarketSize });
  if (code !== null) throw refusal(code);
  return orders.place(placement);
}

/** The open order of the call's id; `orderId` wins when both are given. */
function requireOpenOrder(call: PrivateCall): BybitOrder {
  const { context, parameters } = call;
  requireLinear(parameters);
  const market = requireMarket(context.engine, parameters.required("symbol"));
  const order = findOrder(call);
  if (order === undefined) throw parameterError("params error: orderId or orderLinkId is required");
  if (order === null || order.request.market !== market.spec.market || isClosed(order)) throw orderNotFound();
  return order;
}

export function cancelOrder(call: PrivateCall): BybitOrder {
  const order = requireOpenOrder(call);
  cancelLater(call.context, order);
  return order;
}

/** A cancel that loses against a fill shows as a second `Filled` message (docs v5, websocket order). */
function cancelLater(context: BybitContext, order: BybitOrder): void {
  context.orders.cancel(order, () => {
    if (order.view === null || order.view.filled < order.view.size) return;
    context.sendOrderAgain(order, { cancelType: "CancelByUser", rejectReason: "EC_OrigClOrdIDDoesNotExist" });
  });
}

export function amendOrder(call: PrivateCall): BybitOrder {
  const { context, parameters } = call;
  const order = requireOpenOrder(call);
  refuseConditional(parameters);
  const { accountId, side, market: name } = order.request;
  const market = marketOf(context.engine, name);
  const asked = parameters.amount("price");
  const price = asked === undefined ? null : heldPrice(context, { accountId, market, side }, asked);
  const size = parameters.amount("qty") ?? null;
  checkAmendment(market, order, price, size);
  context.orders.amend(order, { price, size, isPriceBandKept: true });
  return order;
}

function checkAmendment(market: MarketView, order: BybitOrder, price: bigint | null, size: bigint | null): void {
  const { spec, status } = market;
  if (status === "halted") throw refusal("marketHalted");
  const old = order.view ?? order.request;
  const filled = order.view?.filled ?? 0n;
  if ((price === null || price === old.price) && (size === null || size === old.size)) throw refusal("unchanged");
  if (price !== null) {
    if (order.request.type === "market" || price <= 0n || price % spec.tick !== 0n) throw refusal("invalidPrice");
  }
  if (size === null) return;
  if (size <= 0n || size % spec.lot !== 0n) throw refusal("invalidSize");
  if (size > spec.maxSize) throw refusal("sizeTooLarge");
  if (size <= filled) throw refusal("sizeBelowFilled");
}

/** Cancels the orders that are open now; their ends come over the stream. */
export function cancelAll(
  context: BybitContext,
  accountId: string,
  isWanted: (order: BybitOrder) => boolean,
  most = Number.POSITIVE_INFINITY,
) {
  const wanted = context.orders.open(accountId).filter(isWanted).slice(0, most);
  for (const order of wanted) cancelLater(context, order);
  return wanted;
}
