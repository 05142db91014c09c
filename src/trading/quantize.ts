import { Decimal, isMultipleOf } from "../model/decimal.ts";
import { OrderRejectedError } from "../model/error.ts";
import type { TradingRule } from "../model/market.ts";
import type { OrderSide, OrderType } from "../model/order.ts";

/** Terms that `validateOrder` checks. */
export interface OrderToValidate {
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly amount: Decimal;
  /** Price; absent for market orders. */
  readonly price?: Decimal | undefined;
  /** Price that a market order is expected to trade at; without it its notional is not checked. */
  readonly referencePrice?: Decimal | undefined;
  readonly reduceOnly?: boolean | undefined;
  /** True when the venue knows that it only closes: reduce-only, or closing by position side in hedge mode. */
  readonly closes?: boolean | undefined;
}

/** Limits of one order of a type, base units. */
export interface OrderSizeRule {
  readonly min: Decimal;
  readonly max: Decimal | undefined;
  readonly step: Decimal;
}

export interface ValidateOrderOptions {
  /** Refuse a price off the tick or an amount off the step instead of expecting them to be quantised. Default true. */
  readonly strict?: boolean | undefined;
}

/** Distance of allowed prices at `price`: the tick, or up to 1 where significant digits are limited. */
export function priceQuantum(rule: TradingRule, price: Decimal): Decimal {
  const digits = rule.maxPriceSignificantDigits;
  if (digits === undefined || price.isZero()) return rule.minPriceIncrement;
  // "Integer prices are always allowed" (Hyperliquid docs, tick and lot size).
  const digitQuantum = new Decimal(10).pow(Math.min(0, price.abs().e - digits + 1));
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

/** Rounds an amount down to the step of its type: never more than was asked for. */
export function quantizeOrderAmount(rule: TradingRule, amount: Decimal, type: OrderType = "limit"): Decimal {
  return toMultiple(amount, orderSizeRule(rule, type).step, Decimal.ROUND_DOWN);
}

/** Smallest, largest and step of an order: those of market orders are often others than those of limit orders. */
function orderSizeRule(rule: TradingRule, type: OrderType): OrderSizeRule {
  const { minOrderSize, maxOrderSize, minBaseAmountIncrement } = rule;
  if (type !== "market") return { min: minOrderSize, max: maxOrderSize, step: minBaseAmountIncrement };
  return {
    min: rule.minMarketOrderSize ?? minOrderSize,
    max: rule.maxMarketOrderSize ?? maxOrderSize,
    step: rule.minMarketBaseAmountIncrement ?? minBaseAmountIncrement,
  };
}

/** Part of the largest value that an order of a split one has: prices move until it arrives, and bounds are further off. */
const SPLIT_VALUE = 0.9;

/** Most of one order, by its size and, where the price is known, by its value. */
function mostOf(rule: TradingRule, type: OrderType, price: Decimal | undefined): Decimal | undefined {
  const { max } = orderSizeRule(rule, type);
  const maxValue = type === "market" ? rule.maxMarketNotionalSize : rule.maxNotionalSize;
  if (maxValue === undefined || price === undefined || price.lte(0)) return max;
  const byValue = maxValue.times(SPLIT_VALUE).div(price);
  return max === undefined ? byValue : Decimal.min(max, byValue);
}

/**
 * Splits an amount into orders that each keep the rules of their size, and of their value where the price is known: none
 * above the largest, none below the smallest, all whole steps. Their sum is the amount as far as it can be sent; empty
 * when nothing of it can.
 */
export function splitAmount(rule: TradingRule, type: OrderType, amount: Decimal, price?: Decimal): readonly Decimal[] {
  const { min, step } = orderSizeRule(rule, type);
  const max = mostOf(rule, type, price);
  const inSteps = (value: Decimal, rounding: 2 | 3): Decimal =>
    step.isZero() ? value : toMultiple(value, step, rounding);
  const whole = inSteps(amount, Decimal.ROUND_FLOOR);
  const least = inSteps(min, Decimal.ROUND_CEIL);
  if (whole.lte(0) || whole.lt(least)) return [];
  const most = max === undefined ? whole : inSteps(max, Decimal.ROUND_FLOOR);
  if (whole.lte(most)) return [whole];
  if (most.lte(0) || most.lt(least)) return [];
  const full = whole.div(most).toDecimalPlaces(0, Decimal.ROUND_FLOOR).toNumber();
  const slices = Array.from({ length: full }, () => most);
  const rest = whole.minus(most.times(full));
  if (rest.isZero()) return slices;
  if (rest.gte(least)) return [...slices, rest];
  // The slice before gives what the last one lacks, where it stays legal itself; else the rest cannot be sent.
  const before = most.minus(least.minus(rest));
  return before.lt(least) ? slices : [...slices.slice(0, -1), before, least];
}

function toMultiple(value: Decimal, quantum: Decimal, rounding: 1 | 2 | 3 | 6): Decimal {
  return quantum.isZero() ? value : value.div(quantum).toDecimalPlaces(0, rounding).times(quantum);
}

function isMultiple(value: Decimal, quantum: Decimal): boolean {
  return quantum.isZero() || isMultipleOf(value, quantum);
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
  const { min, max, step } = orderSizeRule(rule, order.type);
  const what = order.type === "market" ? "market order" : "order";
  if (order.amount.lte(0)) {
    return { message: `amount ${amount} is not above zero`, hint: `${min.toFixed()} is the least` };
  }
  if (order.amount.lt(min)) {
    return {
      message: `amount ${amount} is below the smallest ${what}, ${min.toFixed()}`,
      hint: `${min.toFixed()} is the least`,
    };
  }
  if (max !== undefined && order.amount.gt(max)) {
    return {
      message: `amount ${amount} is above the largest ${what}, ${max.toFixed()}`,
      hint: `${quantizeOrderAmount(rule, max, order.type).toFixed()} is the most of one; send several`,
    };
  }
  if (order.type === "limitMaker" && rule.minMakerSize !== undefined && order.amount.lt(rule.minMakerSize)) {
    return { message: `amount ${amount} is below the smallest that may rest, ${rule.minMakerSize.toFixed()}` };
  }
  if (strict && !isMultiple(order.amount, step)) {
    return {
      message: `amount ${amount} is not a multiple of the step ${step.toFixed()}`,
      hint: `${quantizeOrderAmount(rule, order.amount, order.type).toFixed()} is`,
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
  const shown = () => `price ${price.toFixed()}`;
  if (price.lte(0)) return { message: `${shown()} is not above zero` };
  if (rule.minPrice !== undefined && price.lt(rule.minPrice))
    return { message: `${shown()} is below the lowest allowed, ${rule.minPrice.toFixed()}` };
  if (rule.maxPrice !== undefined && price.gt(rule.maxPrice))
    return { message: `${shown()} is above the highest allowed, ${rule.maxPrice.toFixed()}` };
  if (!strict) return undefined;
  if (!isMultiple(price, rule.minPriceIncrement)) {
    return {
      message: `${shown()} is not a multiple of the tick ${rule.minPriceIncrement.toFixed()}`,
      hint: `${quantizeOrderPrice(rule, price).toFixed()} is`,
    };
  }
  if (rule.maxPriceSignificantDigits === undefined) return undefined;
  const nearest = quantizeOrderPrice(rule, price);
  if (nearest.eq(price)) return undefined;
  return {
    message: `${shown()} has more than ${rule.maxPriceSignificantDigits} significant digits`,
    hint: `${nearest.toFixed()} fits`,
  };
}

function brokenNotionalRule(rule: TradingRule, order: OrderToValidate) {
  const price = order.price ?? order.referencePrice;
  if (price === undefined) return undefined;
  const notional = order.amount.times(price);
  const max = order.type === "market" ? rule.maxMarketNotionalSize : rule.maxNotionalSize;
  if (max?.lt(notional) === true) {
    const most = quantizeOrderAmount(rule, max.div(price), order.type);
    return {
      message: `notional ${notional.toFixed()} is above the largest, ${max.toFixed()}`,
      hint: `at ${price.toFixed()}, ${most.toFixed()} is the most of one order`,
    };
  }
  // Venues let a position of any size be closed.
  if (order.reduceOnly === true || order.closes === true || notional.gte(rule.minNotionalSize)) return undefined;
  const { step } = orderSizeRule(rule, order.type);
  const least = step.isZero()
    ? rule.minNotionalSize.div(price)
    : toMultiple(rule.minNotionalSize.div(price), step, Decimal.ROUND_CEIL);
  return {
    message: `notional ${notional.toFixed()} is below the smallest, ${rule.minNotionalSize.toFixed()}`,
    hint: `at ${price.toFixed()}, ${least.toFixed()} is the least`,
  };
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
