import type { EngineEvent, FillView, FundingPaymentView, OrderView, PositionView } from "../../engine/types.ts";
import { breakEvenPrice, entryPrice } from "./account-objects.ts";
import type { ProtocolContext } from "./context.ts";
import { closeMessage, executionMessage, lifeMessage, tradeLiteMessage } from "./order-messages.ts";
import { ACCOUNT_ASSET, quantityText } from "./symbols.ts";
import { fixed, money, type WireObject, wireTime } from "./wire.ts";

/** Messages of the account's user stream about a batch of events, in order. */
export function userMessages(
  context: ProtocolContext,
  accountId: string,
  events: readonly EngineEvent[],
): readonly WireObject[] {
  const filled = new Set(ownFills(accountId, events).map(({ orderId }) => orderId));
  const messages = events.flatMap((event) => messagesOf(context, accountId, event, filled));
  return filled.size === 0 ? messages : [...messages, tradeUpdate(context, accountId, events)];
}

function ownFills(accountId: string, events: readonly EngineEvent[]): readonly FillView[] {
  return events.flatMap((event) => (event.type === "fill" && event.fill.accountId === accountId ? [event.fill] : []));
}

function messagesOf(
  context: ProtocolContext,
  accountId: string,
  event: EngineEvent,
  filled: ReadonlySet<number>,
): readonly WireObject[] {
  switch (event.type) {
    case "orderAccepted":
    case "orderAmended":
    case "orderChanged":
    case "orderClosed":
      return event.order.accountId === accountId ? orderMessages(context, event, filled) : [];
    case "fill":
      return event.fill.accountId === accountId ? fillMessages(context, event.fill) : [];
    case "fundingPaid":
      return event.payment.accountId === accountId ? [fundingUpdate(context, event.payment)] : [];
    case "leverageChanged":
      return event.accountId === accountId ? leverageMessages(context, event) : [];
    case "marginModeChanged":
      return event.accountId === accountId ? marginTypeUpdates(context, event) : [];
    case "isolatedMarginAdjusted":
      return event.accountId === accountId ? [marginUpdate(context, event)] : [];
    case "cashChanged":
      return event.accountId === accountId && event.reason === "deposit" ? [depositUpdate(context, event)] : [];
    default:
      return [];
  }
}

/** A resting order that is resized without a fill was made to fit its position. */
function orderMessages(
  context: ProtocolContext,
  { type, order }: { readonly type: string; readonly order: OrderView },
  filled: ReadonlySet<number>,
): readonly WireObject[] {
  if (context.orderNames.isHidden(order.orderId)) return [];
  switch (type) {
    case "orderAccepted":
      return [lifeMessage(context, order, "NEW")];
    case "orderAmended":
      return [lifeMessage(context, order, "AMENDMENT")];
    case "orderChanged":
      return filled.has(order.orderId) ? [] : [lifeMessage(context, order, "AMENDMENT")];
    default:
      return closeMessage(context, order);
  }
}

function fillMessages(context: ProtocolContext, fill: FillView): readonly WireObject[] {
  const order = context.engine.order(fill.accountId, fill.orderId);
  if (order === undefined) return [];
  const execution = executionMessage(context, order, fill);
  return fill.takeover ? [execution] : [tradeLiteMessage(context, order, fill), execution];
}

function accountUpdate(
  context: ProtocolContext,
  timeMs: number,
  reason: string,
  balances: readonly WireObject[],
  positions: readonly PositionView[],
  symbol?: string,
): WireObject {
  return {
    e: "ACCOUNT_UPDATE",
    E: wireTime(context.now()),
    T: wireTime(timeMs),
    a: {
      m: reason,
      ...(symbol === undefined ? {} : { S: symbol }),
      B: balances,
      P: positions.map((position) => positionObject(context, position)),
    },
  };
}

/** `change` is what neither profit nor commission explains. */
function balanceObject(context: ProtocolContext, accountId: string, cash: bigint, change: bigint): WireObject {
  const account = context.engine.account(accountId);
  const crossCash = cash - (account?.isolatedMargin ?? 0n);
  return { a: ACCOUNT_ASSET, wb: money(cash), cw: money(crossCash), bc: money(change) };
}

function positionObject(context: ProtocolContext, position: PositionView): WireObject {
  const listed = context.symbols.ofMarket(position.market);
  return {
    s: listed.symbol,
    pa: quantityText(listed, position.size),
    ep: fixed(entryPrice(position), 8),
    bep: fixed(breakEvenPrice(position), 8),
    cr: money(position.realized),
    up: money(position.unrealized),
    mt: position.marginMode,
    iw: money(position.marginMode === "isolated" ? position.isolatedMargin : 0n),
    ps: position.side.toUpperCase(),
  };
}

/** Tells only changes: the balance where the cash changed, and the positions that traded. */
function tradeUpdate(context: ProtocolContext, accountId: string, events: readonly EngineEvent[]): WireObject {
  const isOwn = (event: EngineEvent) => "accountId" in event && event.accountId === accountId;
  const cash = events.findLast((event) => event.type === "cashChanged" && isOwn(event));
  const positions = events.flatMap((event) => {
    return event.type === "positionChanged" && isOwn(event) ? [event.position] : [];
  });
  const balances = cash?.type === "cashChanged" ? [balanceObject(context, accountId, cash.cash, 0n)] : [];
  return accountUpdate(context, context.now(), "ORDER", balances, positions);
}

/**
 * Message of a funding payment: in cross the balance alone; in isolated the position as well. The symbol is told since
 * 2026.
 */
function fundingUpdate(context: ProtocolContext, payment: FundingPaymentView): WireObject {
  const { accountId, market, positionSide, cash, amount, timeMs } = payment;
  const isolated = context.engine
    .positions(accountId, market)
    .filter(({ side, marginMode }) => side === positionSide && marginMode === "isolated");
  const balances = [balanceObject(context, accountId, cash, amount)];
  const { symbol } = context.symbols.ofMarket(market);
  return accountUpdate(context, timeMs, "FUNDING_FEE", balances, isolated, symbol);
}

/** Messages for the positions of one symbol, or of all that have no margin type of their own. */
function marginTypeUpdates(
  context: ProtocolContext,
  { accountId, market }: Extract<EngineEvent, { type: "marginModeChanged" }>,
): readonly WireObject[] {
  const markets = market === undefined ? context.symbols.all().map(({ spec }) => spec.market) : [market];
  return markets.map((name) => {
    const positions = context.engine.positions(accountId, name);
    return accountUpdate(context, context.now(), "MARGIN_TYPE_CHANGE", [], positions);
  });
}

function marginUpdate(
  context: ProtocolContext,
  event: Extract<EngineEvent, { type: "isolatedMarginAdjusted" }>,
): WireObject {
  const { accountId, market, positionSide, amount } = event;
  const positions = context.engine.positions(accountId, market).filter(({ side }) => side === positionSide);
  const cash = context.engine.account(accountId)?.cash ?? 0n;
  return accountUpdate(
    context,
    context.now(),
    "MARGIN_TRANSFER",
    [balanceObject(context, accountId, cash, amount)],
    positions,
  );
}

function depositUpdate(context: ProtocolContext, event: Extract<EngineEvent, { type: "cashChanged" }>): WireObject {
  const { accountId, cash, change } = event;
  return accountUpdate(context, context.now(), "DEPOSIT", [balanceObject(context, accountId, cash, change)], []);
}

/** Messages for one symbol, or for all that have no leverage of their own. */
function leverageMessages(
  context: ProtocolContext,
  { accountId, market }: Extract<EngineEvent, { type: "leverageChanged" }>,
): readonly WireObject[] {
  const symbols = market === undefined ? context.symbols.all() : [context.symbols.ofMarket(market)];
  const time = wireTime(context.now());
  return symbols.map(({ symbol, spec }) => ({
    e: "ACCOUNT_CONFIG_UPDATE",
    E: time,
    T: time,
    ac: { s: symbol, l: Number(fixed(context.engine.settings(accountId, spec.market)?.leverage ?? 0n, 0)) },
  }));
}

export function listenKeyExpired(listenKey: string, nowMs: number): WireObject {
  return { e: "listenKeyExpired", E: wireTime(nowMs), listenKey };
}
