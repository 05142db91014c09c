import { type Decimal, type DecimalInput, decimal } from "../model/decimal.ts";
import { describeError, OrderRejectedError } from "../model/error.ts";
import type { Market, TradingPair } from "../model/market.ts";
import { checkOptionNames } from "../model/names.ts";
import type {
  MarginMode,
  OrderSide,
  OrderToPlace,
  OrderType,
  PositionAction,
  PositionMode,
  TimeInForce,
} from "../model/order.ts";
import { validateOrder } from "../trading/quantize.ts";
import { reducesOnly } from "../trading/risk-limits.ts";
import type { VenueManifest } from "./perpetual-venue.ts";

/**
 * Terms of an order as the user asks for them. Amounts are base units; a price off the tick is refused, see
 * `quantizeOrderPrice`.
 */
export interface OrderOptions {
  readonly amount: DecimalInput;
  /** Needed for limit orders, refused for market orders. */
  readonly price?: DecimalInput | undefined;
  /** Default `limit`. */
  readonly type?: OrderType | undefined;
  /** Default `GTC`; market orders are `IOC`. */
  readonly timeInForce?: TimeInForce | undefined;
  /** Intent of the order: it opens or closes a position. Required, for a wrong guess costs money. */
  readonly position: PositionAction;
  /** Default: true for orders that close in one-way mode. */
  readonly reduceOnly?: boolean | undefined;
  /**
   * Margin mode of the position that an order closes, where the venue holds a cross and an isolated one side by side
   * (OKX). Default: the one that it can close, the cross one where it can close both. Orders that open are always in
   * the venue's own mode.
   */
  readonly marginMode?: MarginMode | undefined;
}

const OPTION_NAMES: Readonly<Record<keyof OrderOptions, true>> = {
  amount: true,
  price: true,
  type: true,
  timeInForce: true,
  position: true,
  reduceOnly: true,
  marginMode: true,
};

export interface OrderContext {
  readonly manifest: VenueManifest;
  readonly market: Market;
  readonly positionMode: PositionMode;
  /** Undefined where the venue has one margin mode for a market or for the account. */
  readonly marginMode: MarginMode | undefined;
  readonly leverage: Decimal | undefined;
  /** Price that a market order is expected to trade at, where a book tells. */
  readonly referencePrice: Decimal | undefined;
}

function refuse(tradingPair: TradingPair, what: string, hint?: string): never {
  throw new OrderRejectedError(`${tradingPair} order: ${what}`, { hint });
}

/** Throws `OrderRejectedError` for what is no decimal number. */
export function parseAmount(tradingPair: TradingPair, name: string, value: DecimalInput): Decimal {
  try {
    return decimal(value);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OrderRejectedError(`${tradingPair} order: ${name}: ${why}`, {
      cause,
      hint: 'give text, for example "0.01"',
    });
  }
}

function checkedTimeInForce(context: OrderContext, options: OrderOptions, type: OrderType): TimeInForce {
  const { manifest, market } = context;
  if (type === "market") {
    if (options.timeInForce === undefined || options.timeInForce === "IOC") return "IOC";
    return refuse(market.tradingPair, `a market order cannot be ${options.timeInForce}`, "leave timeInForce out");
  }
  const timeInForce = options.timeInForce ?? "GTC";
  if (type === "limitMaker" && timeInForce !== "GTC") {
    refuse(market.tradingPair, `a limitMaker order cannot be ${timeInForce}`, "leave timeInForce out");
  }
  if (manifest.timesInForce.includes(timeInForce)) return timeInForce;
  return refuse(
    market.tradingPair,
    `${manifest.name} has no time in force ${timeInForce}`,
    `it has ${manifest.timesInForce.join(", ")}`,
  );
}

function checkPositionAction(tradingPair: TradingPair, side: OrderSide, position: unknown): void {
  if (position === "open" || position === "close") return;
  const [opens, closes] = side === "buy" ? ["a long", "a short"] : ["a short", "a long"];
  const hint = `say position: "open" for a ${side} that opens ${opens}, position: "close" for one that closes ${closes}`;
  const what = position === undefined ? "the position action is missing" : `position is ${JSON.stringify(position)}`;
  refuse(tradingPair, what, hint);
}

/**
 * Checks a request against the venue's abilities and the market's rules; throws `OrderRejectedError` with the rule,
 * `ConfigError` for an option that there is not.
 */
export function orderToPlace(
  context: OrderContext,
  side: OrderSide,
  options: OrderOptions,
  clientOrderId: () => string,
): OrderToPlace {
  const { manifest, market, positionMode } = context;
  const { tradingPair } = market;
  checkOptionNames(options, OPTION_NAMES, "option of an order");
  const type = options.type ?? "limit";
  if (!manifest.orderTypes.includes(type)) {
    refuse(tradingPair, `${manifest.name} has no order type "${type}"`, `it has ${manifest.orderTypes.join(", ")}`);
  }
  checkPositionAction(tradingPair, side, options.position);
  if (options.reduceOnly !== undefined && typeof options.reduceOnly !== "boolean") {
    refuse(tradingPair, `reduceOnly is ${JSON.stringify(options.reduceOnly)}`, "it is true or false");
  }
  const amount = parseAmount(tradingPair, "amount", options.amount);
  const price = options.price === undefined ? undefined : parseAmount(tradingPair, "price", options.price);
  if (type === "market" && price !== undefined) refuse(tradingPair, "a market order has no price", "leave price out");
  const closesOneWay = options.position === "close" && positionMode === "oneWay";
  const reduceOnly = options.reduceOnly ?? closesOneWay;
  if (reduceOnly && options.position === "open") {
    refuse(tradingPair, "a reduce-only order cannot open a position", 'say position: "close"');
  }
  if (options.marginMode !== undefined && options.marginMode !== context.marginMode) {
    const hint = "it can only name a position to close, where the venue holds one of each margin mode";
    refuse(tradingPair, `the margin mode cannot be "${options.marginMode}"`, hint);
  }
  const timeInForce = checkedTimeInForce(context, options, type);
  const { referencePrice } = context;
  const isBounded = type === "market" && manifest.marketOrders === "bounded";
  if (isBounded && referencePrice === undefined) {
    const hint = "wait until its book is valid, or give a limit order with a price of your own and timeInForce IOC";
    refuse(tradingPair, "no price is known that a market order could be bounded by", hint);
  }
  const closes = reducesOnly({ positionAction: options.position, positionMode, reduceOnly });
  validateOrder(market.rule, { side, type, amount, price, referencePrice, reduceOnly, closes });
  const { leverage, marginMode } = context;
  const action = options.position;
  return {
    clientOrderId: clientOrderId(),
    tradingPair,
    side,
    type,
    amount,
    price,
    timeInForce,
    reduceOnly,
    positionAction: action,
    positionMode,
    marginMode,
    leverage,
    ...(isBounded ? { referencePrice } : {}),
  };
}

/** The user's leverage as a whole or decimal number above zero. */
export function parseLeverage(tradingPair: TradingPair, value: DecimalInput | number): Decimal {
  let leverage: Decimal;
  try {
    leverage = decimal(typeof value === "number" ? String(value) : value);
  } catch (cause) {
    const hint = "give a number or text, for example 5";
    throw new OrderRejectedError(`${tradingPair}: leverage: ${describeError(cause)}`, { cause, hint });
  }
  if (leverage.lte(0)) refuse(tradingPair, `leverage ${leverage.toFixed()} is not above zero`);
  return leverage;
}
