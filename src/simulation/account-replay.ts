import { Decimal, ZERO } from "../model/decimal.ts";
import type { FundingPayment } from "../model/funding.ts";
import type { OrderSide, PositionSide } from "../model/order.ts";
import { positionKey } from "../model/position.ts";
import { toUnit } from "./compare-rows.ts";

export interface ReplayedFill {
  readonly fillId: string;
  readonly tradingPair: string;
  readonly side: OrderSide;
  readonly positionSide: PositionSide;
  readonly price: Decimal;
  readonly amount: Decimal;
  readonly fee: Decimal;
}

export interface ReplayedPosition {
  /** A short is negative. */
  readonly size: Decimal;
  /** Signed sum of price times amount of what is open. */
  readonly cost: Decimal;
}

export interface ReplayedAccount {
  readonly cash: Decimal;
  readonly realizedPnl: Decimal;
  readonly fees: Decimal;
  readonly funding: Decimal;
  /** Replayed positions by `positionKey`. */
  readonly positions: ReadonlyMap<string, ReplayedPosition>;
}

const FLAT: ReplayedPosition = { size: ZERO, cost: ZERO };
/** A product of two amounts of eight decimals. */
const COST_DECIMALS = 16;

/**
 * Computes exactly what an account must hold after these fills and payments: the starting cash, plus profit realised,
 * less fees, plus funding. It follows the paper venue's house rule, so that the result is exact and not near: each
 * realised profit is posted rounded once to 1e-8, and a part that is closed takes its share of the cost, truncated at
 * 1e-16. Fills are taken in the order of the venue's ids, which grow on every protocol that it speaks.
 */
export function replayAccount(
  startingCash: Decimal,
  fills: readonly ReplayedFill[],
  payments: readonly Pick<FundingPayment, "amount">[],
): ReplayedAccount {
  const positions = new Map<string, ReplayedPosition>();
  let realizedPnl: Decimal = ZERO;
  let fees: Decimal = ZERO;
  for (const fill of fills.toSorted((a, b) => compareIds(a.fillId, b.fillId))) {
    const key = positionKey(fill.tradingPair, fill.positionSide);
    const traded = trade(positions.get(key) ?? FLAT, fill);
    positions.set(key, traded.position);
    realizedPnl = realizedPnl.plus(traded.posted);
    fees = fees.plus(fill.fee);
  }
  let funding: Decimal = ZERO;
  for (const payment of payments) funding = funding.plus(payment.amount);
  return { cash: startingCash.plus(realizedPnl).minus(fees).plus(funding), realizedPnl, fees, funding, positions };
}

/** Numbers by their value, and Bybit's ids, which are numbers behind a prefix, by their number. */
function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a === b ? 0 : 1;
}

function trade(
  before: ReplayedPosition,
  { side, price, amount }: ReplayedFill,
): { readonly position: ReplayedPosition; readonly posted: Decimal } {
  const signed = side === "buy" ? amount : amount.neg();
  const isOpposed = !before.size.isZero() && before.size.isNegative() !== signed.isNegative();
  const closing = isOpposed ? Decimal.min(before.size.abs(), amount) : ZERO;
  let { size, cost } = before;
  let posted: Decimal = ZERO;
  if (closing.gt(0)) {
    const released = cost.times(closing).div(size.abs()).toDecimalPlaces(COST_DECIMALS, Decimal.ROUND_DOWN);
    const signedClosing = side === "buy" ? closing : closing.neg();
    posted = toUnit(released.plus(price.times(signedClosing)).neg());
    size = size.plus(signedClosing);
    cost = cost.minus(released);
  }
  const opening = signed.minus(side === "buy" ? closing : closing.neg());
  return { position: { size: size.plus(opening), cost: cost.plus(price.times(opening)) }, posted };
}
