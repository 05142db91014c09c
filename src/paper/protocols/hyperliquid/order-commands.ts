import { type Placement, UNIT } from "../../engine/types.ts";
import { isClosed } from "../order-intake.ts";
import type { HyperliquidContext } from "./context.ts";
import { neverPlaced, OrderRefusal, refusalText } from "./errors.ts";
import type { HyperliquidOrder, TriggerOrder, TriggerTerms } from "./orders.ts";
import type { TriggerRequest } from "./triggers.ts";
import type { Asset } from "./universe.ts";
import { averageOf, decimalText, type WireObject, type WireValue } from "./wire.ts";
import type { Wish } from "./wishes.ts";

/** Open orders of an account: a thousand, and one more for each five million USDC traded, up to five thousand. */
const OPEN_ORDERS = { least: 1_000, most: 5_000, volumeEach: 5_000_000n * UNIT };

/** Result of one order: `resting`, `filled`, an `error`, or a word for one that waits. */
export type OrderStatus = WireObject | string;

/** Sends an order to the matching engine, or keeps it until the mark price is there. */
export function place(context: HyperliquidContext, wish: Wish): Promise<OrderStatus> {
  return context.turns.take(() => placeNow(context, wish));
}

export function placeNow(context: HyperliquidContext, wish: Wish): OrderStatus {
  const { asset, placement, trigger } = wish;
  const { status } = context.universe.view(asset);
  if (status !== "trading") throw failure(context, asset, status === "halted" ? "marketHalted" : "noSuchMarket");
  checkCount(context, wish);
  if (isTaken(context, placement)) throw failure(context, asset, "duplicateClientId");
  if (trigger !== undefined) {
    checkTrigger(context, wish, trigger);
    const { oid } = context.triggers.add(
      triggerRequest(context, wish, trigger, { parent: undefined, group: undefined }),
    );
    return { resting: { oid, ...cloidField(placement) } };
  }
  return statusOf(context, asset, introduce(context, wish));
}

/** The order as the matching engine took it, in its turn. */
export function introduce(context: HyperliquidContext, { placement, tif }: Wish): HyperliquidOrder {
  const oid = context.ids.nextOrder();
  context.details.set(oid, { tif });
  return context.orders.placeNow(placement, oid);
}

export function checkTrigger(context: HyperliquidContext, { asset, placement }: Wish, terms: TriggerTerms): void {
  const { market, side } = placement;
  if (context.triggers.isReached({ market, side, ...terms })) {
    throw new OrderRefusal(`Invalid TP/SL price. asset=${asset.index}`);
  }
}

export function triggerRequest(
  context: HyperliquidContext,
  { placement }: Wish,
  terms: TriggerTerms,
  { parent, group }: Pick<TriggerOrder, "parent" | "group">,
): TriggerRequest {
  const { accountId, market, side, price, size, reduceOnly, clientId } = placement;
  return {
    ...terms,
    ...{ oid: context.ids.nextOrder(), accountId, market, side, price: price ?? 0n, size, reduceOnly },
    ...{ cloid: clientId, parent, group, status: parent === undefined ? "open" : "waiting" },
  };
}

/** A cloid is free again once its order is over. */
function isTaken({ orders, triggers }: HyperliquidContext, { accountId, clientId }: Placement): boolean {
  if (clientId === null) return false;
  const order = orders.byClientId(accountId, clientId);
  return (order !== undefined && !isClosed(order)) || triggers.open(accountId).some(({ cloid }) => cloid === clientId);
}

/**
 * Checks the number of orders. From a thousand open ones on, reduce-only and trigger orders are refused; others have
 * the account's own limit.
 */
function checkCount({ orders, triggers, facts }: HyperliquidContext, { placement, trigger, asset }: Wish): void {
  const { accountId, reduceOnly, timeInForce } = placement;
  const open = orders.open(accountId).length + triggers.open(accountId).length;
  if (open < OPEN_ORDERS.least) return;
  const extra = Number(facts.volume(accountId) / OPEN_ORDERS.volumeEach);
  const most = Math.min(OPEN_ORDERS.most, OPEN_ORDERS.least + extra);
  const isRefused = reduceOnly || trigger !== undefined || (timeInForce === "GTC" && open >= most);
  if (isRefused) throw new OrderRefusal(`${refusalText("tooManyOrders")} asset=${asset.index}`);
}

function failure(
  { universe }: HyperliquidContext,
  asset: Asset,
  code: Parameters<typeof refusalText>[0],
): OrderRefusal {
  return new OrderRefusal(`${refusalText(code, universe.view(asset))} asset=${asset.index}`);
}

/** Reads what the matching engine made of an order; throws where that is an error. */
export function statusOf(context: HyperliquidContext, asset: Asset, order: HyperliquidOrder): OrderStatus {
  const { view, refusedFor, request, orderId: oid } = order;
  if (view === null) throw failure(context, asset, refusedFor ?? "noSuchOrder");
  const cloid = cloidField(request);
  if (view.closeReason === "postOnly") {
    const { bestBid, bestAsk } = context.universe.view(asset);
    const price = (amount: bigint | null) => decimalText(amount ?? 0n).replace(/\.0$/, "");
    const bbo = `${price(bestBid)}@${price(bestAsk)}`;
    throw new OrderRefusal(`Post only order would have immediately matched, bbo was ${bbo}. asset=${asset.index}`);
  }
  if (view.status === "open") return { resting: { oid, ...cloid } };
  if (view.filled > 0n) {
    const avgPx = decimalText(averageOf(view.filledCost, view.filled));
    return { filled: { totalSz: decimalText(view.filled), avgPx, oid, ...cloid } };
  }
  const isMarket = context.details.get(oid)?.tif === "FrontendMarket";
  const text = isMarket
    ? "No liquidity available for market order."
    : "Order could not immediately match against any resting orders.";
  throw new OrderRefusal(`${text} asset=${asset.index}`);
}

function cloidField({ clientId }: { readonly clientId: string | null }): WireObject {
  return clientId === null ? {} : { cloid: clientId };
}

/** Cancels by `oid` or by `cloid` an order or one that waits for the mark price; throws where none is open. */
export function cancel(
  context: HyperliquidContext,
  accountId: string,
  id: number | string,
  asset: number,
): Promise<WireValue> {
  return context.turns.take(() => {
    const market = context.universe.assets[asset]?.market;
    const trigger = context.triggers.find(accountId, id);
    if (trigger !== undefined && trigger.market === market && context.triggers.cancel(trigger.oid)) return "success";
    const order = findOrder(context, accountId, id);
    if (order?.request.market !== market || order === undefined || !context.orders.cancelNow(order)) {
      throw neverPlaced(asset);
    }
    return "success";
  });
}

function findOrder(
  { orders }: HyperliquidContext,
  accountId: string,
  id: number | string,
): HyperliquidOrder | undefined {
  return typeof id === "number" ? orders.find(accountId, id) : orders.byClientId(accountId, id);
}

/** Cancels an order and places another with an `oid` of its own in the same turn; where that is refused, both are gone. */
export function modify(
  context: HyperliquidContext,
  accountId: string,
  id: number | string,
  wish: Wish,
): Promise<OrderStatus> {
  const cannot = () => new OrderRefusal("Cannot modify canceled or filled order.");
  const during = (error: unknown) =>
    error instanceof OrderRefusal ? new OrderRefusal(`Error placing new order during modify: ${error.message}`) : error;
  return context.turns.take(() => {
    if (context.faults.happens("refuseAmend")) throw cannot();
    const trigger = context.triggers.find(accountId, id);
    if (trigger !== undefined && context.triggers.cancel(trigger.oid)) return attempt(context, wish, during);
    const order = findOrder(context, accountId, id);
    if (order?.view === null || order === undefined || isClosed(order)) throw cannot();
    if (order.request.market !== wish.placement.market) throw cannot();
    const { status } = context.universe.view(wish.asset);
    if (status === "halted") throw during(failure(context, wish.asset, "marketHalted"));
    context.orders.cancelNow(order);
    return attempt(context, wish, during);
  });
}

function attempt(context: HyperliquidContext, wish: Wish, during: (error: unknown) => unknown): OrderStatus {
  try {
    return placeNow(context, wish);
  } catch (error) {
    throw during(error);
  }
}
