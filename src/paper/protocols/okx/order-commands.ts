import type { MarginMode, MarketView, OrderView, Placement, PositionSide } from "../../engine/types.ts";
import { UNIT } from "../../engine/types.ts";
import { maxMarketSizeOf } from "../market-rules.ts";
import { isClosed } from "../order-intake.ts";
import type { OkxContext, PrivateCall } from "./context.ts";
import {
  isBeingCanceled,
  marketOrderTooLarge,
  missingParameter,
  notOpen,
  OkxError,
  parameterError,
  refusal,
  tooManyAmends,
} from "./errors.ts";
import { amountOfContracts, findInstrument, marketOf, minimumSize, requireInstrument } from "./instruments.ts";
import type { OkxOrder, OrderDetails } from "./orders.ts";
import type { Parameters } from "./parameters.ts";

const CLIENT_ID = /^[A-Za-z0-9]{1,32}$/;
const TAG = /^[A-Za-z0-9]{0,16}$/;
const MAX_ORDERS = 500;
/** Amends of one order that may wait at once: OKX refuses a further one with 51513 (docs v5, amend order). */
const MAX_AMENDS_WAITING = 3;
const TYPES = ["market", "limit", "post_only", "fok", "ioc", "optimal_limit_ioc"] as const;
type OrdType = (typeof TYPES)[number];

interface Wish {
  readonly placement: Placement;
  readonly details: OrderDetails;
}

/** Accepts an order; what the matching engine makes of it comes over the stream. */
export function placeOrder(call: PrivateCall): OkxOrder {
  const { context, login } = call;
  const { orders, engine } = context;
  const { placement, details } = readWish(call);
  if (placement.clientId !== null && orders.byClientId(login.accountId, placement.clientId) !== undefined) {
    throw refusal("duplicateClientId");
  }
  if (orders.openCount(login.accountId, placement.market) >= MAX_ORDERS) throw refusal("tooManyOrders");
  useMarginMode(call, placement.market, details.tdMode);
  const waiting = orders.waitingPlacements(login.accountId);
  const maxMarketSize = maxMarketSizeOf(engine, placement.market);
  const code = engine.check(placement, { waiting, maxMarketSize });
  if (code === "sizeTooLarge" && placement.orderType === "market") throw marketOrderTooLarge();
  if (code !== null) throw refusal(code);
  const order = orders.place(placement);
  context.details.set(order.orderId, details);
  return order;
}

function readWish({ context, parameters, login }: PrivateCall): Wish {
  const market = requireInstrument(context.engine, parameters);
  const tdMode = parameters.oneOf("tdMode", ["cross", "isolated"]);
  const side = parameters.oneOf("side", ["buy", "sell"]);
  const ordType = parameters.oneOf("ordType", TYPES);
  if (tdMode === undefined) throw missingParameter("tdMode");
  if (side === undefined) throw missingParameter("side");
  if (ordType === undefined) throw missingParameter("ordType");
  const isMarket = ordType === "market" || ordType === "optimal_limit_ioc";
  const price = isMarket ? undefined : parameters.amount("px");
  if (!isMarket && price === undefined) throw missingParameter("px");
  const { clientId, tag } = readNames(parameters);
  refuseAlgo(parameters);
  const reduceOnly = parameters.flag("reduceOnly");
  const placement = {
    type: "placeOrder",
    accountId: login.accountId,
    market: market.spec.market,
    side,
    positionSide: readPosSide(context, parameters, login.accountId),
    orderType: isMarket ? "market" : "limit",
    price: price ?? null,
    size: readSize(market, parameters, reduceOnly),
    timeInForce: timeInForceOf(ordType),
    postOnly: ordType === "post_only",
    reduceOnly,
    clientId,
  } as const;
  return { placement, details: { tag, tdMode, ordType, reqId: "" } };
}

/** Names that a client gives an order: its own id and a tag. */
export function readNames(parameters: Parameters): { readonly clientId: string | null; readonly tag: string } {
  const clientId = parameters.text("clOrdId") ?? null;
  if (clientId !== null && !CLIENT_ID.test(clientId)) throw parameterError("clOrdId");
  const tag = parameters.text("tag") ?? "";
  if (!TAG.test(tag)) throw parameterError("tag");
  return { clientId, tag };
}

function timeInForceOf(ordType: OrdType): "GTC" | "IOC" | "FOK" {
  if (ordType === "fok") return "FOK";
  return ordType === "limit" || ordType === "post_only" ? "GTC" : "IOC";
}

/** `net`, the default in net mode, is refused in long/short mode, and `long` and `short` are refused in net mode. */
function readPosSide({ engine }: OkxContext, parameters: Parameters, accountId: string): PositionSide {
  const posSide = parameters.oneOf("posSide", ["net", "long", "short"]);
  const isHedged = engine.account(accountId)?.positionMode === "hedge";
  const isLeg = posSide === "long" || posSide === "short";
  if (isHedged !== isLeg) throw parameterError("posSide");
  return isLeg ? posSide : "both";
}

function readSize(market: MarketView, parameters: Parameters, reduceOnly: boolean): bigint {
  const contracts = parameters.amount("sz");
  if (contracts === undefined) throw missingParameter("sz");
  if (contracts <= 0n) throw parameterError("sz");
  const size = amountOfContracts(contracts, market);
  if (size === undefined || size % market.spec.lot !== 0n) throw refusal("invalidSize");
  if (size < minimumSize(market) && !reduceOnly) throw refusal("sizeTooSmall");
  return size;
}

function refuseAll(parameters: Parameters, names: readonly string[]): void {
  for (const name of names) if (parameters.text(name) !== undefined) throw parameterError(name);
}

/** Take profit and stop loss are not on this venue; taking such an order would be worse. */
function refuseAlgo(parameters: Parameters): void {
  refuseAll(parameters, ["tpTriggerPx", "slTriggerPx", "tpOrdPx", "slOrdPx", "pxUsd", "pxVol"]);
  if (parameters.hasContent("attachAlgoOrds")) throw parameterError("attachAlgoOrds");
  // Self-trades cancel the resting order of the two here, and no price is moved to where it may be.
  parameters.oneOf("stpMode", ["cancel_maker"]);
  parameters.oneOf("pxAmendType", ["0"]);
}

/** A market has one margin mode at a time here: an order may change it only while the market has nothing else. */
function useMarginMode({ context, login }: PrivateCall, market: string, mode: MarginMode): void {
  const { accountId } = login;
  if (context.engine.settings(accountId, market)?.marginMode === mode) return;
  const isWaiting = context.orders.waiting(accountId).some(({ request }) => request.market === market);
  const events = isWaiting ? [] : context.execute({ type: "setMarginMode", accountId, market, mode });
  if (isWaiting || events.some(({ type }) => type === "refused")) throw parameterError("tdMode");
}

/** Finds the order of the call's id; `ordId` wins when both are given. Undefined when it is not found. */
export function findOrder({ context, parameters, login }: PrivateCall): OkxOrder | undefined {
  const ordId = parameters.text("ordId");
  const clOrdId = parameters.text("clOrdId");
  if (ordId === undefined && clOrdId === undefined) {
    throw new OkxError("51003", "Either order ID or client order ID is required.");
  }
  const { orders } = context;
  const { accountId } = login;
  const market = requireInstrument(context.engine, parameters, findInstrument);
  const order = ordId === undefined ? orders.byClientId(accountId, clOrdId ?? "") : orders.find(accountId, ordId);
  return order?.request.market === market.spec.market ? order : undefined;
}

function requireOpenOrder(call: PrivateCall, what: "cancel" | "amend"): OkxOrder {
  const order = findOrder(call);
  if (order === undefined || isClosed(order)) throw notOpen(what);
  return order;
}

export function cancelOrder(call: PrivateCall): OkxOrder {
  const order = requireOpenOrder(call, "cancel");
  if (call.context.canceling.has(order)) throw isBeingCanceled();
  cancel(call.context, order);
  return order;
}

export function cancel({ orders, canceling }: OkxContext, order: OkxOrder): void {
  canceling.add(order);
  orders.cancel(order);
}

/** Amends an order. With `cxlOnFail` an order whose amendment is refused, now or later, is canceled. */
export function amendOrder(call: PrivateCall): OkxOrder {
  const { context, parameters } = call;
  const order = requireOpenOrder(call, "amend");
  const cancelsOnFailure = parameters.flag("cxlOnFail");
  try {
    return amend(call, order, cancelsOnFailure);
  } catch (error) {
    if (error instanceof OkxError && cancelsOnFailure) cancel(context, order);
    throw error;
  }
}

const AMENDED_ALGO = ["newTpTriggerPx", "newTpOrdPx", "newSlTriggerPx", "newSlOrdPx", "newPxUsd", "newPxVol"];

function amend({ context, parameters }: PrivateCall, order: OkxOrder, cancelsOnFailure: boolean): OkxOrder {
  refuseAll(parameters, AMENDED_ALGO);
  if (parameters.hasContent("attachAlgoOrds")) throw parameterError("attachAlgoOrds");
  parameters.oneOf("pxAmendType", ["0"]);
  const market = marketOf(context.engine, order.request.market);
  const price = parameters.amount("newPx") ?? null;
  const contracts = parameters.amount("newSz");
  if (price === null && contracts === undefined) {
    throw new OkxError("51500", "You must enter a price, quantity, or TP/SL.");
  }
  const size = contracts === undefined ? null : amountOfContracts(contracts, market);
  if (size === undefined) throw refusal("invalidSize");
  checkAmendment(market, order, price, size);
  if (context.orders.amendsWaiting(order) >= MAX_AMENDS_WAITING) throw tooManyAmends();
  const own = { ...context.details.get(order.orderId), reqId: parameters.text("reqId") ?? "" };
  const setDetails = (changes: Partial<OrderDetails>): void => {
    const { tag = "", tdMode = "cross", ordType = "limit" } = own;
    context.details.set(order.orderId, { ...own, tag, tdMode, ordType, ...changes });
  };
  setDetails({});
  context.orders.amend(order, { price, size, endsWhenFilled: true }, () => {
    const { view } = order;
    if (view !== null && !isClosed(order) && isSo(view, price, size)) {
      context.pushOrder(order, { kind: "amended", view });
    } else if (cancelsOnFailure && !isClosed(order)) {
      setDetails({ isCanceledForAmend: true });
      cancel(context, order);
    } else {
      context.pushOrder(order, { kind: "notAmended" });
    }
  });
  return order;
}

/** An amendment to what the order is already changes nothing, and is told as done. */
function isSo(view: Pick<OrderView, "price" | "size">, price: bigint | null, size: bigint | null): boolean {
  return (price === null || price === view.price) && (size === null || size === view.size);
}

/** A size of what is filled already, or less, ends the order as filled. */
function checkAmendment(market: MarketView, order: OkxOrder, price: bigint | null, size: bigint | null): void {
  const { spec, mark, status } = market;
  if (status === "halted") throw refusal("marketHalted");
  if (price !== null) {
    if (order.request.type === "market" || price <= 0n || price % spec.tick !== 0n) throw parameterError("newPx");
    const distance = price > mark ? price - mark : mark - price;
    if (distance * UNIT > spec.priceBand * mark) throw refusal("priceOutOfBand");
  }
  if (size === null) return;
  if (size <= 0n || size % spec.lot !== 0n) throw refusal("invalidSize");
  if (size > spec.maxSize) throw refusal("sizeTooLarge");
}

/** Cancels orders for cancel-all-after when nobody called it off. */
export function cancelAfterSilence(context: OkxContext, accountId: string, tag: string | undefined): void {
  for (const order of context.orders.open(accountId)) {
    const details = context.details.get(order.orderId);
    if (tag !== undefined && details?.tag !== tag) continue;
    if (details !== undefined) context.details.set(order.orderId, { ...details, cancelSource: "20" });
    cancel(context, order);
  }
}
