import { type PositionSide, UNIT } from "../../engine/types.ts";
import { checkPlacement, type Placement } from "../order-admission.ts";
import { isClosed } from "../order-intake.ts";
import type { BybitContext, PrivateCall } from "./context.ts";
import { invalidParameter, missingParameter, orderNotFound, parameterError, refusal, tooManyOrders } from "./errors.ts";
import { CATEGORY, marketOf, minimumSize, requireMarket } from "./market-names.ts";
import { findOrder } from "./order-lists.ts";
import type { BybitOrder } from "./order-objects.ts";
import type { Parameters } from "./parameters.ts";
import type { WireObject } from "./wire.ts";

const LINK_ID = /^[A-Za-z0-9_-]{1,36}$/;
const MOST_ORDERS = 500;
const LEGS: readonly PositionSide[] = ["both", "long", "short"];

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
  const active = orders.open(login.accountId).filter(({ request }) => request.market === placement.market);
  if (active.length >= MOST_ORDERS) throw tooManyOrders(MOST_ORDERS);
  const waiting = orders.waiting(login.accountId).map(({ request }): Placement => {
    const { type, ...rest } = request;
    return { ...rest, type: "placeOrder", orderType: type };
  });
  const code = checkPlacement(engine, placement, waiting);
  if (code !== null) throw refusal(code);
  return orders.place(placement);
}

function readPlacement(context: BybitContext, parameters: Parameters, accountId: string): Placement {
  const market = requireMarket(context.engine, parameters.required("symbol"));
  const side = parameters.oneOf("side", ["Buy", "Sell"]);
  const kind = parameters.oneOf("orderType", ["Limit", "Market"]);
  if (side === undefined) throw missingParameter("side");
  if (kind === undefined) throw missingParameter("orderType");
  const price = kind === "Limit" ? parameters.amount("price") : undefined;
  if (kind === "Limit" && price === undefined) throw missingParameter("price");
  const timeInForce = parameters.oneOf("timeInForce", ["GTC", "IOC", "FOK", "PostOnly", "RPI"]) ?? "GTC";
  const isMaker = timeInForce === "PostOnly" || timeInForce === "RPI";
  const clientId = parameters.text("orderLinkId") ?? null;
  if (clientId !== null && !LINK_ID.test(clientId)) throw parameterError("OrderLinkedID invalid");
  const positionSide = LEGS[parameters.integer("positionIdx") ?? 0];
  if (positionSide === undefined) throw invalidParameter("positionIdx");
  refuseConditional(parameters);
  const placement = {
    type: "placeOrder",
    accountId,
    market: market.spec.market,
    side: side === "Buy" ? "buy" : "sell",
    positionSide,
    orderType: kind === "Limit" ? "limit" : "market",
    price: price ?? null,
    timeInForce: kind === "Market" ? "IOC" : isMaker ? "GTC" : timeInForce,
    postOnly: kind === "Limit" && isMaker,
    reduceOnly: parameters.flag("reduceOnly"),
    clientId,
  } as const;
  const size = readSize(context, parameters, placement);
  if (size < minimumSize(market) && !placement.reduceOnly) throw refusal("sizeTooSmall");
  return { ...placement, size };
}

/** A quantity of 0 closes the whole position, when it is reduce-only and close-on-trigger (docs v5, create-order). */
function readSize({ engine }: BybitContext, parameters: Parameters, placement: Omit<Placement, "size">): bigint {
  const size = parameters.amount("qty");
  if (size === undefined) throw missingParameter("qty");
  if (size !== 0n || !placement.reduceOnly || !parameters.flag("closeOnTrigger")) return size;
  const leg = engine
    .positions(placement.accountId, placement.market)
    .find((position) => position.side === placement.positionSide);
  const open = leg?.size ?? 0n;
  if (open === 0n) throw refusal("invalidReduceOnly");
  return open < 0n ? -open : open;
}

/** Conditional orders and take profit or stop loss are not on this venue; taking such an order would be worse. */
function refuseConditional(parameters: Parameters): void {
  for (const name of ["triggerPrice", "takeProfit", "stopLoss"]) {
    const value = parameters.amount(name);
    if (value !== undefined && value !== 0n) throw parameterError(`${name} is not supported by the paper venue`);
  }
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
  const price = parameters.amount("price") ?? null;
  const size = parameters.amount("qty") ?? null;
  checkAmendment(context, order, price, size);
  context.orders.amend(order, { price, size });
  return order;
}

function checkAmendment(context: BybitContext, order: BybitOrder, price: bigint | null, size: bigint | null): void {
  const { spec, mark } = marketOf(context.engine, order.request.market);
  const old = order.view ?? order.request;
  const filled = order.view?.filled ?? 0n;
  if ((price === null || price === old.price) && (size === null || size === old.size)) throw refusal("unchanged");
  if (price !== null) {
    if (order.request.type === "market" || price <= 0n || price % spec.tick !== 0n) throw refusal("invalidPrice");
    const distance = price > mark ? price - mark : mark - price;
    if (distance * UNIT > spec.priceBand * mark) throw refusal("priceOutOfBand");
  }
  if (size === null) return;
  if (size <= 0n || size % spec.lot !== 0n) throw refusal("invalidSize");
  if (size > spec.maxSize) throw refusal("sizeTooLarge");
  if (size <= filled) throw refusal("sizeBelowFilled");
}

/** Those that are open now; what they become comes over the stream. */
export function cancelAll(context: BybitContext, accountId: string, isWanted: (order: BybitOrder) => boolean) {
  const wanted = context.orders.open(accountId).filter(isWanted);
  for (const order of wanted) cancelLater(context, order);
  return wanted;
}
