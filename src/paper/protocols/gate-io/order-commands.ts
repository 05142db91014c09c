import { formatAmount } from "../../engine/amount.ts";
import { absolute } from "../../engine/arithmetic.ts";
import type { EngineEvent, MarketView, OrderView, Placement, PositionSide, Side } from "../../engine/types.ts";
import type { GateContext, PrivateCall } from "./context.ts";
import { amountOfSize, marketOf, requireListed, type SizeForm } from "./contracts.ts";
import {
  fokUnfilled,
  GateError,
  invalidParameter,
  notHere,
  orderFinished,
  orderNotFound,
  pocImmediate,
  positionEmpty,
  refusal,
  serverError,
} from "./errors.ts";
import { MAX_OPEN_ORDERS } from "./market-objects.ts";
import type { Parameters } from "./parameters.ts";

const TEXT = /^t-[0-9A-Za-z_.-]{1,28}$/;
/** Texts that say where an order comes from. */
const PLACES: readonly string[] = ["api", "web", "app", "apiv4-ws"];

export interface OrderWish {
  readonly placement: Placement;
  /** Text that is no id of the client's. */
  readonly text: string | undefined;
  readonly isClose: boolean;
}

/** Parts of a call that one order of a batch needs. */
export type OrderCall = Pick<PrivateCall, "context" | "login" | "parameters" | "form" | "isSocket">;

/**
 * Reads what an order asks for. Throws Gate's refusal, also of what this venue cannot do: nothing is left out in
 * silence.
 */
export function readWish({ context, parameters, login, form, isSocket }: OrderCall): OrderWish {
  const { engine } = context;
  const market = requireListed(engine, parameters.required("contract"));
  refuseWhatIsNotHere(parameters);
  const isHedged = engine.settings(login.accountId, market.spec.market)?.positionMode === "hedge";
  const closing = readClosing(context, login.accountId, market, parameters, isHedged);
  const signed = closing?.size ?? amountOfSize(parameters.required("size"), market, form);
  if (signed === 0n) throw invalidParameter("size");
  const side: Side = signed > 0n ? "buy" : "sell";
  const reduceOnly = parameters.flag("reduce_only") || closing !== undefined;
  const tif = parameters.oneOf("tif", ["gtc", "ioc", "poc", "fok"]) ?? "gtc";
  const price = parameters.amount("price") ?? 0n;
  if (price < 0n || (price === 0n && tif !== "ioc" && tif !== "fok")) throw invalidParameter("price");
  const text = readText(parameters, isSocket);
  const placement: Placement = {
    ...{ type: "placeOrder", accountId: login.accountId, market: market.spec.market, side },
    positionSide: closing?.leg ?? legOf(isHedged, side, reduceOnly),
    orderType: price === 0n ? "market" : "limit",
    price: price === 0n ? null : price,
    size: absolute(signed),
    timeInForce: tif === "ioc" ? "IOC" : tif === "fok" ? "FOK" : "GTC",
    postOnly: tif === "poc",
    reduceOnly,
    clientId: PLACES.includes(text) ? null : text,
  };
  return { placement, text, isClose: closing !== undefined };
}

/** Reads the text of an order; one without is named by where it came from. */
function readText(parameters: Parameters, isSocket: boolean): string {
  const text = parameters.text("text") ?? (isSocket ? "apiv4-ws" : "api");
  if (!PLACES.includes(text) && !TEXT.test(text)) throw invalidParameter("text");
  return text;
}

/** The sign is the trade's, and `reduce_only` picks the leg. */
function legOf(isHedged: boolean, side: Side, reduceOnly: boolean): PositionSide {
  if (!isHedged) return "both";
  return (side === "buy") !== reduceOnly ? "long" : "short";
}

interface Closing {
  readonly leg: PositionSide;
  /** Size of the trade, signed. */
  readonly size: bigint;
}

/**
 * Reads the wish to close all of a position: `close` in one-way mode, `auto_size` of a leg in hedge mode; `size` is 0
 * in both.
 */
function readClosing(
  { engine }: GateContext,
  accountId: string,
  { spec }: MarketView,
  parameters: Parameters,
  isHedged: boolean,
): Closing | undefined {
  const auto = parameters.oneOf("auto_size", ["close_long", "close_short"]);
  const isClose = parameters.flag("close");
  if (auto === undefined && !isClose) return undefined;
  if ((auto !== undefined) !== isHedged) throw refusal("positionSideMismatch");
  if (parameters.hasContent("size")) throw invalidParameter("size");
  if (auto !== undefined && !parameters.flag("reduce_only")) throw invalidParameter("reduce_only");
  const leg = auto === undefined ? "both" : auto === "close_long" ? "long" : "short";
  const size = engine.positions(accountId, spec.market).find(({ side }) => side === leg)?.size ?? 0n;
  if (size === 0n) throw positionEmpty();
  return { leg, size: -size };
}

const NOT_HERE = ["iceberg", "stp_act", "stp_id", "market_order_slip_ratio", "tpsl_tp_trigger_price", "limit_vip"];

function refuseWhatIsNotHere(parameters: Parameters): void {
  const names = [...NOT_HERE, "tpsl_sl_trigger_price", "tpsl_sl_order_price", "tpsl_tp_order_price"];
  for (const name of names) if (parameters.hasContent(name)) throw notHere(name);
  parameters.oneOf("action_mode", ["ACK", "RESULT", "FULL"]);
}

export const refusalIn = (events: readonly EngineEvent[]): GateError | undefined => {
  const refused = events.find((event) => event.type === "refused");
  return refused === undefined ? undefined : refusal(refused.code);
};

/** The order after matching: what is taken at once is in it. */
export function createOrder(call: OrderCall): Promise<OrderView> {
  const { context } = call;
  return context.submit(() => place(context, readWish(call)));
}

/** A post-only order that would take and a fill-or-kill order that cannot fill are no orders at all. */
export function place(context: GateContext, { placement, text, isClose }: OrderWish): OrderView {
  const { engine, notes } = context;
  const { accountId, market } = placement;
  const mayRest = placement.orderType === "limit" && placement.timeInForce === "GTC";
  if (mayRest && engine.openOrders(accountId, market).length >= MAX_OPEN_ORDERS) throw refusal("tooManyOrders");
  const events = context.apply(placement);
  const accepted = events.find((event) => event.type === "orderAccepted");
  const order = accepted === undefined ? undefined : engine.order(accountId, accepted.order.orderId);
  const refused = order === undefined || order.filled > 0n ? undefined : refusedAtOnce(context, order);
  if (order !== undefined) notes.note(order.orderId, { ...(text === undefined ? {} : { text }), isClose });
  if (order !== undefined && refused !== undefined) notes.hide(order.orderId);
  context.publish(events);
  if (refused !== undefined) throw refused;
  if (order === undefined) throw refusalIn(events) ?? serverError();
  return order;
}

function refusedAtOnce({ engine }: GateContext, order: OrderView): GateError | undefined {
  if (order.closeReason === "fokUnfilled") return fokUnfilled();
  if (order.closeReason !== "postOnly") return undefined;
  const { bestAsk, bestBid } = marketOf(engine, order.market);
  const counter = order.side === "buy" ? bestAsk : bestBid;
  return pocImmediate(formatAmount(order.price ?? 0n), formatAmount(counter ?? 0n));
}

/** The account's open order of an id or a text. Throws what Gate answers where there is none. */
function requireOpen(context: GateContext, accountId: string, reference: string): OrderView {
  const order = context.notes.find(accountId, reference, context.now());
  if (order === undefined) throw orderNotFound();
  if (order.status !== "open") throw orderFinished();
  return order;
}

export function cancelOrder({ context, login }: OrderCall, reference: string): Promise<OrderView> {
  return context.submit(() => cancel(context, requireOpen(context, login.accountId, reference)));
}

function cancel(context: GateContext, { accountId, orderId }: OrderView): OrderView {
  context.execute({ type: "cancelOrder", accountId, orderId });
  const order = context.engine.order(accountId, orderId);
  if (order === undefined) throw orderNotFound();
  return order;
}

export interface CancelFilter {
  readonly market?: string | undefined;
  readonly side?: Side | undefined;
  readonly sparesReduceOnly?: boolean;
}

export function cancelOrders({ context, login }: OrderCall, filter: CancelFilter): Promise<readonly OrderView[]> {
  const { market, side, sparesReduceOnly = false } = filter;
  return context.submit(() =>
    context.engine
      .openOrders(login.accountId, market)
      .filter((order) => (side === undefined || order.side === side) && !(sparesReduceOnly && order.reduceOnly))
      .map((order) => cancel(context, order)),
  );
}

interface Change {
  readonly price: bigint | null;
  readonly size: bigint | null;
  readonly amendText: string | undefined;
}

/** The size has what is filled in it, and one of no more than that cancels the order. */
export function amendOrder(call: OrderCall, reference: string): Promise<OrderView> {
  const { context, login } = call;
  return context.submit(() => {
    const order = requireOpen(context, login.accountId, reference);
    const change = readChange(call.parameters, order, marketOf(context.engine, order.market), call.form);
    if (context.faults.happens("refuseAmend")) throw new GateError(400, "RISK_LIMIT_EXCEEDED", "risk limit exceeded");
    return amend(context, order, change);
  });
}

function readChange(parameters: Parameters, order: OrderView, market: MarketView, form: SizeForm): Change {
  const price = parameters.hasContent("price") ? (parameters.amount("price") ?? null) : null;
  const sizeText = parameters.hasContent("size") ? parameters.text("size") : undefined;
  const signed = sizeText === undefined ? null : amountOfSize(sizeText, market, form);
  if (signed !== null && signed > 0n !== (order.side === "buy")) throw invalidParameter("size");
  if (price !== null && price < 0n) throw invalidParameter("price");
  return { price, size: signed === null ? null : absolute(signed), amendText: parameters.text("amend_text") };
}

function amend(context: GateContext, order: OrderView, { price, size, amendText }: Change): OrderView {
  const { accountId, orderId } = order;
  if (size !== null && size <= order.filled) return cancel(context, order);
  const events = context.apply({ type: "amendOrder", accountId, orderId, price, size });
  const refused = refusalIn(events);
  if (refused !== undefined) throw refused;
  if (amendText !== undefined) context.notes.note(orderId, { amendText });
  context.publish(events);
  const amended = context.engine.order(accountId, orderId);
  if (amended === undefined) throw orderNotFound();
  return amended;
}
