import { formatAmount } from "../../engine/amount.ts";
import { absolute } from "../../engine/arithmetic.ts";
import { type FillView, UNIT } from "../../engine/types.ts";
import { type BybitContext, type PrivateCall, privateRoute, type Route } from "./context.ts";
import { marketOf, requireMarket, symbolOf } from "./market-names.ts";
import { isOtherCategory } from "./order-lists.ts";
import { execTypeOf, sideText } from "./order-objects.ts";
import { newestPage, pageObject, readWindow } from "./paging.ts";
import { averageText, productText, stepText, timeText, type WireObject } from "./wire.ts";

const ROWS = { usual: 50, most: 100 };

/** Part of a position that one order closed; fees are those of opening and closing it. */
interface Closing {
  readonly orderId: number;
  readonly market: string;
  closed: bigint;
  realized: bigint;
  /** Price times size of what was closed, at 1e-16. */
  exitValue: bigint;
  openFee: bigint;
  closeFee: bigint;
  fills: number;
  last: FillView;
}

interface OpenFees {
  size: bigint;
  fees: bigint;
}

/** Oldest first, by the last fill. */
function closingsOf(context: BybitContext, accountId: string): readonly Closing[] {
  const closings = new Map<number, Closing>();
  const legs = new Map<string, OpenFees>();
  for (const execution of context.ledger.executions(accountId)) {
    if (execution.kind === "fill") book(execution.fill, legs, closings);
  }
  return [...closings.values()].toSorted((a, b) => a.last.timeMs - b.last.timeMs);
}

function book(fill: FillView, legs: Map<string, OpenFees>, closings: Map<number, Closing>): void {
  const { market, positionSide, size, closedSize, fee, price, realized, orderId } = fill;
  const name = `${market} ${positionSide}`;
  const leg = legs.get(name) ?? { size: 0n, fees: 0n };
  legs.set(name, leg);
  const closeFee = (fee * closedSize) / size;
  if (closedSize > 0n) {
    const openFee = leg.size === 0n ? 0n : (leg.fees * closedSize) / leg.size;
    leg.fees -= openFee;
    leg.size -= closedSize;
    const none = { closed: 0n, realized: 0n, exitValue: 0n, openFee: 0n, closeFee: 0n, fills: 0 };
    const closing = closings.get(orderId) ?? { orderId, market, ...none, last: fill };
    closing.closed += closedSize;
    closing.realized += realized;
    closing.exitValue += price * closedSize;
    closing.openFee += openFee;
    closing.closeFee += closeFee;
    closing.fills += 1;
    closing.last = fill;
    closings.set(orderId, closing);
  }
  leg.size += size - closedSize;
  leg.fees += fee - closeFee;
}

function closingObject(context: BybitContext, closing: Closing): WireObject {
  const { engine, orders } = context;
  const market = marketOf(engine, closing.market);
  const { tick, lot } = market.spec;
  const { last, closed, realized, exitValue, openFee, closeFee } = closing;
  const order = orders.byEngineId(closing.orderId);
  const profit = last.side === "sell" ? realized : -realized;
  const entryValue = exitValue - profit * UNIT;
  return {
    symbol: symbolOf(market),
    orderId: order?.orderId ?? "",
    side: sideText(last.side),
    qty: stepText(order?.view?.size ?? closed, lot),
    orderPrice: stepText(order?.view?.price ?? last.price, tick),
    orderType: order?.request.type === "limit" ? "Limit" : "Market",
    execType: execTypeOf(last),
    closedSize: stepText(closed, lot),
    openFee: formatAmount(openFee),
    closeFee: formatAmount(closeFee),
    cumEntryValue: productText(absolute(entryValue)),
    avgEntryPrice: averageText(entryValue, closed),
    cumExitValue: productText(exitValue),
    avgExitPrice: averageText(exitValue, closed),
    closedPnl: formatAmount(realized - openFee - closeFee),
    fillCount: String(closing.fills),
    leverage: formatAmount(engine.settings(last.accountId, closing.market)?.leverage ?? UNIT),
    createdTime: timeText(order?.createdMs ?? last.timeMs),
    updatedTime: timeText(last.timeMs),
  };
}

/** One row an order that closed something, newest first; a window of seven days. */
function closedPnl({ context, parameters, login }: PrivateCall): WireObject {
  if (isOtherCategory(parameters)) return pageObject({ rows: [], nextPageCursor: "" });
  const symbol = parameters.text("symbol");
  const wanted = symbol === undefined ? undefined : requireMarket(context.engine, symbol).spec.market;
  const { startMs, endMs } = readWindow(parameters, context.now());
  const page = newestPage(closingsOf(context, login.accountId), parameters, ROWS, ({ market, last }) => {
    return (wanted === undefined || market === wanted) && last.timeMs >= startMs && last.timeMs < endMs + 1;
  });
  return pageObject({ ...page, rows: page.rows.map((closing) => closingObject(context, closing)) });
}

export const closedPnlRoutes: readonly Route[] = [privateRoute("GET", "/v5/position/closed-pnl", 50, closedPnl)];
