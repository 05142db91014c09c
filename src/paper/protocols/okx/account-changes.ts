import type { EngineEvent, FillView, OrderEvent } from "../../engine/types.ts";
import { concernedMarkets } from "../concerned-markets.ts";
import type { OkxContext } from "./context.ts";
import type { OkxOrder, OrderPush } from "./orders.ts";

/** Changes of one command of the engine to an account. */
export interface AccountChanges {
  /** Pushes of orders in the order in which they happened. */
  readonly orders: { readonly order: OkxOrder; readonly push: OrderPush }[];
  readonly fills: FillView[];
  /** Markets whose positions changed. */
  readonly markets: Set<string>;
  hasCash: boolean;
  touchesAccount: boolean;
  /** Reason that `balance_and_position` gives; undefined when it has nothing to tell. */
  reason: string | undefined;
}

const CASH_REASONS: Readonly<Record<string, string>> = {
  trade: "filled",
  fee: "filled",
  funding: "funding_fee",
  liquidation: "liquidation",
  deposit: "transferred",
  insurance: "claw_back",
};

/** Sums up the events of one account. */
export function changesOf(context: OkxContext, events: readonly EngineEvent[]): AccountChanges {
  const changes: AccountChanges = {
    ...{ orders: [], fills: [], markets: new Set(), hasCash: false, touchesAccount: false, reason: undefined },
  };
  for (const event of events) collect(context, changes, event);
  return changes;
}

function collect(context: OkxContext, changes: AccountChanges, event: EngineEvent): void {
  switch (event.type) {
    case "orderAccepted":
    case "orderOpened":
    case "orderChanged":
    case "orderAmended":
    case "orderClosed":
      collectOrder(context, changes, event);
      return;
    case "fill":
      collectFill(context, changes, event.fill);
      return;
    case "positionChanged":
      changes.markets.add(event.position.market);
      return;
    case "fundingPaid":
      changes.markets.add(event.payment.market);
      return;
    case "leverageChanged":
    case "positionModeChanged":
    case "marginModeChanged":
      changes.touchesAccount = true;
      for (const market of concernedMarkets(context.engine, event)) changes.markets.add(market);
      if (event.type === "leverageChanged") changes.reason ??= "set_leverage";
      return;
    case "cashChanged":
      changes.hasCash = true;
      changes.touchesAccount = true;
      changes.reason ??= CASH_REASONS[event.reason] ?? "filled";
  }
}

function collectOrder(context: OkxContext, changes: AccountChanges, { type, order: view }: OrderEvent): void {
  const order = context.orders.byEngineId(view.orderId);
  if (order === undefined) return;
  changes.touchesAccount = true;
  // A fill's own row says already what the order has become.
  const wasFilled = changes.fills.some(({ orderId }) => orderId === view.orderId);
  if (type === "orderAccepted" || type === "orderOpened") {
    // A reduce-only order that came to rest with less than it asked for was cut to what it can reduce by.
    const isCut = type === "orderOpened" && view.size < order.request.size;
    if (isCut) changes.orders.push({ order, push: { kind: "resized", view } });
    // A post-only order is told once it rests; one that would trade is told as canceled alone (since 2026-08-20).
    if ((type === "orderOpened") === view.postOnly) changes.orders.push({ order, push: { kind: "opened", view } });
  } else if (type === "orderAmended") changes.orders.push({ order, push: { kind: "amended", view } });
  else if (type === "orderChanged") {
    if (!wasFilled) changes.orders.push({ order, push: { kind: "resized", view } });
  } else if (!wasFilled || view.filled < view.size) {
    changes.orders.push({ order, push: { kind: "closed", view } });
  }
}

function collectFill(context: OkxContext, changes: AccountChanges, fill: FillView): void {
  changes.fills.push(fill);
  changes.markets.add(fill.market);
  changes.touchesAccount = true;
  changes.reason = fill.adl ? "adl" : fill.settlement ? "delivered" : fill.liquidation ? "liquidation" : "filled";
  const order = context.orders.byEngineId(fill.orderId);
  if (order !== undefined) changes.orders.push({ order, push: { kind: "fill", fill } });
}
