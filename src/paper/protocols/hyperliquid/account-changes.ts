import { divideRound } from "../../engine/arithmetic.ts";
import { type EngineEvent, type FillView, type FundingPaymentView, type OrderView, UNIT } from "../../engine/types.ts";
import type { HyperliquidContext } from "./context.ts";
import { asOpened, type ToldOrder, toldOrder } from "./order-objects.ts";
import { isForcedCancel, isRejection } from "./orders.ts";
import { decimalText, type WireObject } from "./wire.ts";

/** Changes of one command of the engine to an account. */
export interface AccountChanges {
  /** One for each status that an order came to, in the order in which they happened. */
  readonly orders: ToldOrder[];
  readonly fills: FillView[];
  readonly payments: FundingPaymentView[];
  readonly liquidations: WireObject[];
  /** Orders that ended without the account's doing. */
  readonly canceled: WireObject[];
  /** Orders that have just come to be. */
  readonly fresh: Set<number>;
}

/** Sums up the events of one account. */
export function changesOf(context: HyperliquidContext, events: readonly EngineEvent[]): AccountChanges {
  const changes: AccountChanges = {
    ...{ orders: [], fills: [], payments: [], liquidations: [], canceled: [], fresh: new Set() },
  };
  for (const event of events) collect(context, changes, event);
  return changes;
}

function collect(context: HyperliquidContext, changes: AccountChanges, event: EngineEvent): void {
  switch (event.type) {
    case "orderAccepted":
      changes.fresh.add(event.order.orderId);
      return;
    case "orderOpened":
    case "orderAmended":
    case "orderClosed":
      collectOrder(context, changes, event.order, event.type === "orderAmended");
      return;
    case "orderChanged":
      collectResized(context, changes, event.order);
      return;
    case "fill":
      changes.fills.push(event.fill);
      return;
    case "fundingPaid":
      changes.payments.push(event.payment);
      return;
    case "liquidated":
      changes.liquidations.push(liquidationObject(context, event));
  }
}

/** One that trades as it comes was open first; one that is rejected never was. */
function collectOrder(context: HyperliquidContext, changes: AccountChanges, view: OrderView, isAmended: boolean): void {
  const order = context.orders.byEngineId(view.orderId);
  if (order === undefined) return;
  const told = toldOrder(context, order, view);
  const isFresh = changes.fresh.delete(view.orderId);
  if (isFresh && !isRejection(told.status)) changes.orders.push(asOpened(told));
  if (isAmended || told.status !== "open") changes.orders.push(told);
  if (isForcedCancel(told.status)) {
    changes.canceled.push({ coin: context.universe.ofMarket(view.market).coin, oid: told.oid });
  }
}

/** A fill tells of itself; a reduce-only order that shrank with its position is open with another size. */
function collectResized(context: HyperliquidContext, changes: AccountChanges, view: OrderView): void {
  const order = context.orders.byEngineId(view.orderId);
  if (order === undefined) return;
  if (changes.fresh.has(view.orderId) || changes.fills.some(({ orderId }) => orderId === view.orderId)) return;
  changes.orders.push(toldOrder(context, order, view));
}

function liquidationObject(
  { addresses, engine }: HyperliquidContext,
  { accountId, size, price, orderId }: Extract<EngineEvent, { type: "liquidated" }>,
): WireObject {
  const notional = divideRound((size < 0n ? -size : size) * price, UNIT);
  return {
    lid: orderId,
    liquidator: `0x${"0".repeat(40)}`,
    liquidated_user: addresses.addressOf(accountId),
    liquidated_ntl_pos: decimalText(notional),
    liquidated_account_value: decimalText(engine.account(accountId)?.equity ?? 0n),
  };
}
