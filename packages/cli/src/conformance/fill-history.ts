import type { TradeUpdate } from "../../../../src/model/account-update.ts";
import { type Decimal, sum } from "../../../../src/model/decimal.ts";
import { feeAmountInToken, type TradeFee } from "../../../../src/model/fee.ts";
import type { Fill } from "../../../../src/model/fill.ts";
import type { InFlightOrder } from "../../../../src/trading/in-flight-order.ts";
import { check } from "./checks.ts";
import type { ConformanceContext } from "./context.ts";

/** Overlap for clocks that do not agree. */
const OVERLAP_MS = 60_000;

/** Part of the account's history about these orders, once it has everything that they executed. */
async function historyOf(
  context: ConformanceContext,
  orders: readonly InFlightOrder[],
): Promise<readonly TradeUpdate[]> {
  const ids = new Set(orders.flatMap((order) => order.exchangeOrderIds));
  const executed = sum(orders.map((order) => order.executedAmount));
  const sinceMs = Math.min(context.now(), ...orders.map((order) => order.createdAtMs)) - OVERLAP_MS;
  let rows: readonly TradeUpdate[] = [];
  // A history that lags is waited for; one that has more than we know of is not.
  const isThere = async () => {
    const trades = await context.connector.fetchTradeHistory(sinceMs, [context.tradingPair]);
    rows = trades.filter((trade): trade is TradeUpdate => trade.type === "trade" && ids.has(trade.exchangeOrderId));
    return sum(rows.map(({ amount }) => amount)).gte(executed);
  };
  await context.until(isThere, () => {
    const total = sum(rows.map(({ amount }) => amount)).toFixed();
    return `the venue's history has ${total} of our orders, we know of ${executed.toFixed()}`;
  });
  return rows;
}

/** Every fill is in the venue's history once, and the history has no other; each with the same figures. */
export async function fillsEqualHistory(
  context: ConformanceContext,
  orders: readonly InFlightOrder[],
): Promise<readonly Fill[]> {
  const history = await historyOf(context, orders);
  const names = new Set(orders.map(({ clientOrderId }) => clientOrderId));
  const fills = context.fills.filter(({ clientOrderId }) => names.has(clientOrderId));
  const byId = new Map(fills.map((fill) => [keyOf(fill), fill]));
  check(byId.size === fills.length, `${fills.length - byId.size} fills were told twice`);
  const missing = history.find((row) => !byId.has(keyOf(row)));
  check(missing === undefined, `fill ${missing?.fillId} of the history was never told`);
  const invented = fills.find((fill) => !history.some((row) => keyOf(row) === keyOf(fill)));
  check(invented === undefined, `fill ${invented?.fillId} is not in the history`);
  for (const row of history) {
    const fill = byId.get(keyOf(row));
    if (fill !== undefined) compare(fill, row);
  }
  for (const order of orders) {
    const asked = context.asked(order)?.amount;
    const isTooMuch = asked !== undefined && order.executedAmount.gt(asked);
    check(!isTooMuch, `${asked} was asked for, ${order.executedAmount.toFixed()} was executed`);
    const total = sum(fills.filter((fill) => fill.clientOrderId === order.clientOrderId).map(({ amount }) => amount));
    const isWhole = total.eq(order.executedAmount);
    check(
      isWhole,
      `the fills of an order add up to ${total.toFixed()}, it has ${order.executedAmount.toFixed()} executed`,
    );
  }
  return fills;
}

/** Venues number their fills by order or by market: the id alone may stand twice. */
function keyOf({ exchangeOrderId, fillId }: Pick<Fill, "exchangeOrderId" | "fillId">): string {
  return `${exchangeOrderId} ${fillId}`;
}

function compare(fill: Fill, row: TradeUpdate): void {
  const fields: readonly (readonly [name: string, told: string, history: string])[] = [
    ["price", fill.price.toFixed(), row.price.toFixed()],
    ["amount", fill.amount.toFixed(), row.amount.toFixed()],
    ["side", fill.side, row.side],
    ["fee", feeText(fill.fee), feeText(row.fee)],
    ["liquidity", liquidity(fill), liquidity(row)],
  ];
  for (const [name, told, history] of fields) {
    check(told === history, `fill ${fill.fillId}: ${name} ${told} was told, the history says ${history}`);
  }
}

function liquidity({ isMaker }: { readonly isMaker: boolean }): string {
  return isMaker ? "maker" : "taker";
}

function feeText({ percent, percentToken, flatFees }: TradeFee): string {
  const flat = flatFees.map(({ token, amount }) => `${amount.toFixed()} ${token}`);
  return [...(percent.isZero() ? [] : [`${percent.toFixed()} ${percentToken ?? ""}`]), ...flat].join(" + ") || "none";
}

/** Sums up the fees of fills, in one token; fees in another one do not count. */
export function feesOf(fills: readonly Fill[], token: string): Decimal {
  return sum(fills.map((fill) => feeAmountInToken(fill.fee, fill.price.times(fill.amount), token)));
}

export function notionalOf(fills: readonly Fill[]): Decimal {
  return sum(fills.map((fill) => fill.price.times(fill.amount)));
}

/** `0.01 at 20000 and 0.02 at 20001` */
export function fillsText(fills: readonly Fill[]): string {
  return fills.map((fill) => `${fill.amount.toFixed()} at ${fill.price.toFixed()}`).join(", ");
}
