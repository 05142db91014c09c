import type { AccountUpdate, OrderUpdate, PositionAdjustment, TradeUpdate } from "./account-update.ts";
import type { Decimal } from "./decimal.ts";
import type { FundingInfoUpdate } from "./funding.ts";
import type { PublicTrade } from "./market.ts";
import { isTerminal, type VenueOrder } from "./order.ts";
import { LATEST_TIME_MS } from "./time.ts";

/** No price and no amount of a market has more digits before its point, or zeros after it. */
const MAX_MAGNITUDE = 30;

const isMagnitude = (value: Decimal): boolean =>
  value.isFinite() && (value.isZero() || Math.abs(value.e) <= MAX_MAGNITUDE);
const isPositive = (value: Decimal): boolean => value.gt(0) && isMagnitude(value);
const isTime = (timestampMs: number): boolean => timestampMs >= 0 && timestampMs <= LATEST_TIME_MS;
const shown = (value: Decimal): string => (isMagnitude(value) ? value.toFixed() : "beyond all measure");

/**
 * Reason why something that the venue told of the account cannot be true, although it can be read; undefined where it
 * can. A balance may be negative: coins are borrowed on every venue that shares one collateral among them.
 */
export function absurdityOf(update: AccountUpdate | VenueOrder): string | undefined {
  switch (update.type) {
    case "trade":
      return absurdityOfTrade(update);
    case "positionAdjustment":
      return absurdityOfAdjustment(update);
    case "order":
      return absurdityOfUpdate(update);
    case "externalOrder":
      return absurdityOfOrder(update.order);
    case "fundingPayment":
      return timeOrMagnitude(update.payment.timestampMs, update.payment.amount);
    case "balance":
      return timeOrMagnitude(update.timestampMs, update.total, update.available);
    case "position":
      return timeOrMagnitude(update.timestampMs, update.amount, update.entryPrice, update.markPrice);
    case "margin":
    case "settings":
    case "fundingDue":
    case "gap":
      return isTime(update.timestampMs) ? undefined : `a time of ${update.timestampMs}`;
    case "limit":
    case "limitMaker":
    case "market":
      return absurdityOfOrder(update);
    default:
      return undefined;
  }
}

function timeOrMagnitude(timestampMs: number, ...values: readonly (Decimal | undefined)[]): string | undefined {
  if (!isTime(timestampMs)) return `a time of ${timestampMs}`;
  return values.every((value) => value === undefined || isMagnitude(value)) ? undefined : "a figure beyond all measure";
}

function absurdityOfTrade({ price, amount, timestampMs }: TradeUpdate): string | undefined {
  if (!isPositive(price)) return `a fill at a price of ${shown(price)}`;
  if (!isPositive(amount)) return `a fill of ${shown(amount)}`;
  return isTime(timestampMs) ? undefined : `a fill at a time of ${timestampMs}`;
}

/** Names an impossible adjustment. A price of zero is possible: a market that became worthless settles at it. */
function absurdityOfAdjustment({ price, amount, timestampMs }: PositionAdjustment): string | undefined {
  if (price.lt(0) || !isMagnitude(price)) return `an adjustment at a price of ${shown(price)}`;
  if (amount.isZero() || !isMagnitude(amount)) return `an adjustment of ${shown(amount)}`;
  return isTime(timestampMs) ? undefined : `an adjustment at a time of ${timestampMs}`;
}

function absurdityOfUpdate({ executedAmount, averagePrice, timestampMs, order }: OrderUpdate): string | undefined {
  if (executedAmount !== undefined && (executedAmount.lt(0) || !isMagnitude(executedAmount)))
    return `an order that executed ${shown(executedAmount)}`;
  if (averagePrice !== undefined && (averagePrice.lt(0) || !isMagnitude(averagePrice)))
    return `an order that traded at ${shown(averagePrice)} on average`;
  if (!isTime(timestampMs)) return `an order at a time of ${timestampMs}`;
  return order === undefined ? undefined : absurdityOfOrder(order);
}

function absurdityOfOrder(order: VenueOrder): string | undefined {
  const { amount, price, executedAmount, averagePrice, timestampMs } = order;
  if (amount.lt(0) || !isMagnitude(amount)) return `an order of ${shown(amount)}`;
  if (price !== undefined && (price.lt(0) || !isMagnitude(price))) return `an order at a price of ${shown(price)}`;
  if (executedAmount.lt(0) || !isMagnitude(executedAmount)) return `an order that executed ${shown(executedAmount)}`;
  // An order that closes a whole position has no amount of its own, and one that is amended to no more than it has
  // filled ends with an amount below it (OKX, Amend-order).
  if (amount.gt(0) && executedAmount.gt(amount) && !isTerminal(order.state))
    return `an order of ${shown(amount)} that executed ${shown(executedAmount)}`;
  if (averagePrice !== undefined && (averagePrice.lt(0) || !isMagnitude(averagePrice)))
    return `an order that traded at ${shown(averagePrice)} on average`;
  return isTime(timestampMs) ? undefined : `an order at a time of ${timestampMs}`;
}

/** Reason why a public trade cannot be true; undefined where it can. */
export function absurdityOfPublicTrade({ price, amount, timestampMs }: PublicTrade): string | undefined {
  if (!isPositive(price)) return `a trade at a price of ${shown(price)}`;
  if (!isPositive(amount)) return `a trade of ${shown(amount)}`;
  return isTime(timestampMs) ? undefined : `a trade at a time of ${timestampMs}`;
}

/** Reason why what was told of a market's funding cannot be true; undefined where it can. */
export function absurdityOfFundingInfo(update: FundingInfoUpdate): string | undefined {
  const { markPrice, indexPrice, rate, nextFundingTimestampMs, timestampMs } = update;
  if (markPrice !== undefined && !isPositive(markPrice)) return `a mark price of ${shown(markPrice)}`;
  if (indexPrice !== undefined && !isPositive(indexPrice)) return `an index price of ${shown(indexPrice)}`;
  if (rate?.abs().gte(1) === true) return `a funding rate of ${shown(rate)}`;
  if (nextFundingTimestampMs !== undefined && !isTime(nextFundingTimestampMs))
    return `a settlement at a time of ${nextFundingTimestampMs}`;
  return isTime(timestampMs) ? undefined : `a funding rate at a time of ${timestampMs}`;
}
