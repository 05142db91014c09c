import type { AmendOrder } from "../../connector/perpetual-venue.ts";
import { type Decimal, ONE } from "../../model/decimal.ts";
import { OrderRejectedError } from "../../model/error.ts";
import type { Market } from "../../model/market.ts";
import type { OrderReference, OrderToPlace } from "../../model/order.ts";
import { marketOf, type VenueMarkets } from "../../model/venue-markets.ts";
import { quantizeOrderPrice } from "../../trading/quantize.ts";
import { MAX_SLIPPAGE } from "./constants.ts";
import { assetOf } from "./markets.ts";
import type { Action, ActionFields } from "./signing.ts";

type Terms = Pick<OrderToPlace, "clientOrderId" | "side" | "type" | "timeInForce" | "reduceOnly">;

/** There are no market orders: one that trades at once, up to a bound, stands for one. */
function tifOf({ type, timeInForce }: Pick<Terms, "type" | "timeInForce">): string {
  if (type === "limitMaker") return "Alo";
  return type === "market" || timeInForce === "IOC" ? "Ioc" : "Gtc";
}

function refused(market: Market, reason: string, hint?: string): OrderRejectedError {
  return new OrderRejectedError(`${market.tradingPair} order: ${reason}`, { hint });
}

/** The price that a market order may trade up to, rounded to a legal one on the near side. */
function boundOf(market: Market, { side, referencePrice }: OrderToPlace): Decimal {
  if (referencePrice === undefined) throw refused(market, "no price is known that a market order could be bounded by");
  const factor = side === "buy" ? ONE.plus(MAX_SLIPPAGE) : ONE.minus(MAX_SLIPPAGE);
  return quantizeOrderPrice(market.rule, referencePrice.times(factor), side);
}

/** Texts have neither an exponent nor zeros at the end: the venue hashes them as it would write them. */
function wireTerms(market: Market, order: Terms, price: Decimal, size: Decimal): ActionFields {
  return {
    a: assetOf(market),
    b: order.side === "buy",
    p: price.toFixed(),
    s: size.toFixed(),
    r: order.reduceOnly,
    t: { limit: { tif: tifOf(order) } },
    c: order.clientOrderId,
  };
}

export function wireOrderOf(markets: VenueMarkets, order: OrderToPlace): ActionFields {
  const market = marketOf(markets, order.tradingPair);
  const price = order.type === "market" ? boundOf(market, order) : order.price;
  if (price === undefined) throw refused(market, "it has no price");
  return wireTerms(market, order, price, order.amount);
}

/**
 * Replaces an order by one with these terms, of which what is executed is taken off: the new one begins with nothing filled.
 * Without `a` one that could trade at once is refused, or only rests (docs, modify an order).
 */
export function modifiedOrder(markets: VenueMarkets, order: OrderReference, amend: AmendOrder): Action {
  const market = marketOf(markets, order.tradingPair);
  const { price = order.price, amount = order.amount, executedAmount, clientOrderId } = amend;
  const { reduceOnly, exchangeOrderId } = order;
  const size = amount.minus(executedAmount);
  if (size.lte(0)) throw refused(market, "all of it is executed already");
  if (price === undefined) throw refused(market, "it has no price to be changed");
  if (reduceOnly === undefined) {
    throw refused(market, "whether it only reduces is not known", "cancel it and place another one");
  }
  const oid = exchangeOrderId === undefined ? order.clientOrderId : Number(exchangeOrderId);
  const terms = wireTerms(market, { ...order, clientOrderId, reduceOnly }, price, size);
  const crosses = order.type === "limitMaker" ? {} : { a: true };
  return { type: "batchModify", modifies: [{ oid, order: terms }], ...crosses };
}
