import type { OrderUpdate, TradeUpdate } from "../model/account-update.ts";
import { type Decimal, larger, plus, ZERO } from "../model/decimal.ts";
import { amendSequence } from "./order-ids.ts";
import { awaitsCreation, largestAmountEver, type OrderRecord } from "./order-record.ts";

/*
 * Reason why a report of the venue cannot be of the order that it names. Nothing true is ever refused: where what is known does not
 * decide, it is believed.
 */

/** An exchange order id that is not one of the order's, although the venue has named it. */
export function isUnknownLeg({ legs }: OrderRecord, exchangeOrderId: string | undefined): boolean {
  if (exchangeOrderId === undefined) return false;
  let isNamed = false;
  for (const leg of legs) {
    if (leg.exchangeOrderId === exchangeOrderId) return false;
    isNamed ||= leg.exchangeOrderId !== "";
  }
  return isNamed;
}

/**
 * Decides if a new leg that an update names can be of an order that amends replace. The update must be of the order's
 * market and side. It must also bear the client order id of an amend, or that of the order while an amend is at the
 * venue or the creation's leg is not known. Each amend makes one leg. Its own answer counts even after a wrong row took
 * its place, or the order that it made would rest unseen.
 */
export function canBeLeg(record: OrderRecord, update: OrderUpdate | TradeUpdate, isAnswer: boolean): boolean {
  const { order, legs, amends, amendCount } = record;
  const side = update.type === "trade" ? update.side : (update.order?.side ?? order.side);
  if (update.tradingPair !== order.tradingPair || side !== order.side) return false;
  if (update.clientOrderId === order.clientOrderId && awaitsCreation(record)) return true;
  if (!isAnswer && legs.length > amendCount) return false;
  const sequence = amendSequence(order.clientOrderId, update.clientOrderId);
  if (sequence !== undefined) return sequence >= 1 && sequence <= amendCount;
  return amends.some(({ replaces, progress }) => replaces && progress !== "queued");
}

/** Each leg of an order that amends replace has an amount of its own; the amount of any other order is that of all. */
export function overfillBy(
  record: OrderRecord,
  update: OrderUpdate | TradeUpdate,
  areLegsApart: boolean,
): string | undefined {
  const leg = areLegsApart ? record.legs.find((each) => each.exchangeOrderId === update.exchangeOrderId) : undefined;
  const most = leg?.amount ?? largestAmountEver(record);
  if (most === undefined) return undefined;
  if (update.type === "order") {
    const { executedAmount = ZERO } = update;
    const isOver = executedAmount.gt(larger(most, update.order?.amount ?? ZERO));
    return isOver ? `an order of ${most.toFixed()} that executed ${executedAmount.toFixed()}` : undefined;
  }
  const before: Decimal = areLegsApart ? (leg?.filled ?? ZERO) : record.executed.amount;
  const sum = plus(before, update.amount);
  return sum.lte(most) ? undefined : `a fill that brings an order of ${most.toFixed()} to ${sum.toFixed()}`;
}
