import { Decimal } from "../model/decimal.ts";
import { OrderRejectedError } from "../model/error.ts";
import type { TradingRule } from "../model/market.ts";
import type { OrderSide, OrderType } from "../model/order.ts";

/** What `validateOrder` looks at. */
export interface OrderToValidate {
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly amount: Decimal;
  /** Absent for market orders. */
  readonly price?: Decimal | undefined;
  /** What a market order is expected to trade at; without it its notional is not checked. */
  readonly referencePrice?: Decimal | undefined;
  readonly reduceOnly?: boolean | undefined;
}

export interface ValidateOrderOptions {
  /** Refuse a price off the tick or an amount off the step instead of expecting them to be quantised. Default true. */
  readonly strict?: boolean | undefined;
}

/** How far apart allowed prices are at `price`: the tick, or more where significant digits are limited. */
export function priceQuantum(rule: TradingRule, price: Decimal): Decimal {
  const digits = rule.maxPriceSignificantDigits;
  if (digits === undefined || price.isZero()) return rule.minPriceIncrement;
  const digitQuantum = new Decimal(10).pow(price.abs().e - digits + 1);
  return Decimal.max(rule.minPriceIncrement, digitQuantum);
}

/**
 * Rounds a price to the tick: to the nearest, half to even, or with `side` to the passive one (a buy down, a sell up).
 * Where the venue limits significant digits, to those as well.
 */
export function quantizeOrderPrice(rule: TradingRule, price: Decimal, side?: OrderSide): Decimal {
  const rounding =
    side === undefined ? Decimal.ROUND_HALF_EVEN : side === "buy" ? Decimal.ROUND_FLOOR : Decimal.ROUND_CEIL;
  return toMultiple(price, priceQuantum(rule, price), rounding);
}

/** Rounds an amount down to the step: never more than was asked for. */
export function quantizeOrderAmount(rule: TradingRule, amount: Decimal): Decimal {
  return toMultiple(amount, rule.minBaseAmountIncrement, Decimal.ROUND_DOWN);
}

function toMultiple(value: Decimal, quantum: Decimal, rounding: 1 | 2 | 3 | 6): Decimal {
  return quantum.isZero() ? value : value.div(quantum).toDecimalPlaces(0, rounding).times(quantum);
}

function isMultiple(value: Decimal, quantum: Decimal): boolean {
  return quantum.isZero() || value.mod(quantum).isZero();
}

/** The first rule that an order breaks, as a sentence; undefined when it keeps them all. */
export function brokenRule(
  rule: TradingRule,
  order: OrderToValidate,
  options: ValidateOrderOptions = {},
): { readonly message: string; readonly hint?: string } | undefined {
  const strict = options.strict ?? true;
  return (
    brokenAmountRule(rule, order, strict) ?? brokenPriceRule(rule, order, strict) ?? brokenNotionalRule(rule, order)
  );
}

function brokenAmountRule(rule: TradingRule, order: OrderToValidate, strict: boolean) {
  const amount = order.amount.toFixed();
  if (order.amount.lte(0)) return { message: `amount ${amount} is not above zero` };
  if (order.amount.lt(rule.minOrderSize))
    return { message: `amount ${amount} is below the smallest order, ${rule.minOrderSize.toFixed()}` };
  if (rule.maxOrderSize !== undefined && order.amount.gt(rule.maxOrderSize))
    return { message: `amount ${amount} is above the largest order, ${rule.maxOrderSize.toFixed()}` };
  if (order.type === "limitMaker" && rule.minMakerSize !== undefined && order.amount.lt(rule.minMakerSize)) {
    return { message: `amount ${amount} is below the smallest that may rest, ${rule.minMakerSize.toFixed()}` };
  }
  if (strict && !isMultiple(order.amount, rule.minBaseAmountIncrement)) {
    return {
      message: `amount ${amount} is not a multiple of the step ${rule.minBaseAmountIncrement.toFixed()}`,
      hint: `${quantizeOrderAmount(rule, order.amount).toFixed()} is`,
    };
  }
  return undefined;
}

function brokenPriceRule(rule: TradingRule, order: OrderToValidate, strict: boolean) {
  if (order.type === "market") {
    return rule.supportsMarketOrders
      ? undefined
      : { message: "the market takes no market orders", hint: "send a limit order with timeInForce IOC" };
  }
  const { price } = order;
  if (price === undefined) return { message: `a ${order.type} order needs a price` };
  const text = price.toFixed();
  if (price.lte(0)) return { message: `price ${text} is not above zero` };
  if (rule.minPrice !== undefined && price.lt(rule.minPrice))
    return { message: `price ${text} is below the lowest allowed, ${rule.minPrice.toFixed()}` };
  if (rule.maxPrice !== undefined && price.gt(rule.maxPrice))
    return { message: `price ${text} is above the highest allowed, ${rule.maxPrice.toFixed()}` };
  if (!strict) return undefined;
  const nearest = quantizeOrderPrice(rule, price);
  if (!isMultiple(price, rule.minPriceIncrement)) {
    return {
      message: `price ${text} is not a multiple of the tick ${rule.minPriceIncrement.toFixed()}`,
      hint: `${nearest.toFixed()} is`,
    };
  }
  if (rule.maxPriceSignificantDigits !== undefined && !nearest.eq(price)) {
    return {
      message: `price ${text} has more than ${rule.maxPriceSignificantDigits} significant digits`,
      hint: `${nearest.toFixed()} fits`,
    };
  }
  return undefined;
}

function brokenNotionalRule(rule: TradingRule, order: OrderToValidate) {
  const price = order.price ?? order.referencePrice;
  // Venues let a position of any size be closed.
  if (price === undefined || order.reduceOnly === true) return undefined;
  const notional = order.amount.times(price);
  if (notional.gte(rule.minNotionalSize)) return undefined;
  return { message: `notional ${notional.toFixed()} is below the smallest, ${rule.minNotionalSize.toFixed()}` };
}

/** Throws `OrderRejectedError` with the rule in its message when the order breaks a rule of its market. */
export function validateOrder(rule: TradingRule, order: OrderToValidate, options?: ValidateOrderOptions): void {
  const broken = brokenRule(rule, order, options);
  if (broken === undefined) return;
  throw new OrderRejectedError(`${rule.tradingPair} ${order.side} order: ${broken.message}`, {
    code: "TRADING_RULE",
    hint: broken.hint,
  });
}
