import { type Decimal, larger, plus, ZERO } from "../model/decimal.ts";
import type { TradingPair } from "../model/market.ts";
import type { OrderSide } from "../model/order.ts";

/** An order of ours that is open, as far as risk and collateral are concerned. */
export interface OpenOrderRisk {
  readonly clientOrderId: string;
  readonly tradingPair: TradingPair;
  readonly side: OrderSide;
  /** Amount of it that is not filled, base units; never below zero. */
  readonly remaining: Decimal;
  /** Undefined for market orders. */
  readonly price: Decimal | undefined;
  readonly reducesOnly: boolean;
  /** True when it opens a position, and so locks margin. Default false. */
  readonly opens?: boolean | undefined;
}

/** Sums over the open orders of one side of a market. */
export interface SideExposure {
  /** Amount of orders that do not only reduce, base units. */
  readonly remaining: Decimal;
  /** Value of those orders that have a price, quote units. */
  readonly notional: Decimal;
  /** Amount of those orders that have no price, base units. */
  readonly unpriced: Decimal;
  /** Value of the priced orders that open, quote units. */
  readonly opening: Decimal;
}

export interface MarketExposure {
  readonly orders: number;
  readonly buy: SideExposure;
  readonly sell: SideExposure;
}

const NOTHING: SideExposure = { remaining: ZERO, notional: ZERO, unpriced: ZERO, opening: ZERO };
const EMPTY: MarketExposure = { orders: 0, buy: NOTHING, sell: NOTHING };

/** Share that one order adds to its side. */
export function exposureOf({ remaining, price, reducesOnly, opens = false }: OpenOrderRisk): SideExposure {
  const left = larger(ZERO, remaining);
  const notional = price === undefined ? ZERO : left.times(price);
  const counts = !reducesOnly;
  return {
    remaining: counts ? left : ZERO,
    notional: counts ? notional : ZERO,
    unpriced: counts && price === undefined ? left : ZERO,
    opening: opens ? notional : ZERO,
  };
}

/** The sums with another part, or without it. */
export function combined(sums: SideExposure, part: SideExposure, sign: 1 | -1): SideExposure {
  return {
    remaining: added(sums.remaining, part.remaining, sign),
    notional: added(sums.notional, part.notional, sign),
    unpriced: added(sums.unpriced, part.unpriced, sign),
    opening: added(sums.opening, part.opening, sign),
  };
}

const added = (sum: Decimal, more: Decimal, sign: 1 | -1): Decimal =>
  sign === 1 ? plus(sum, more) : more.isZero() ? sum : sum.minus(more);

/** The sums with one part in the place of another. */
function replaced(sums: SideExposure, before: SideExposure, now: SideExposure): SideExposure {
  return {
    remaining: exchanged(sums.remaining, before.remaining, now.remaining),
    notional: exchanged(sums.notional, before.notional, now.notional),
    unpriced: exchanged(sums.unpriced, before.unpriced, now.unpriced),
    opening: exchanged(sums.opening, before.opening, now.opening),
  };
}

const exchanged = (sum: Decimal, before: Decimal, now: Decimal): Decimal =>
  before === now ? sum : plus(sum, now.minus(before));

/** Sums over open orders, kept up to date order by order, so that no question costs more the more orders are open. */
export class OpenExposure {
  readonly #orders = new Map<string, { readonly order: OpenOrderRisk; readonly part: SideExposure }>();
  readonly #markets = new Map<TradingPair, MarketExposure>();

  get count(): number {
    return this.#orders.size;
  }

  find(clientOrderId: string): OpenOrderRisk | undefined {
    return this.#orders.get(clientOrderId)?.order;
  }

  of(tradingPair: TradingPair): MarketExposure {
    return this.#markets.get(tradingPair) ?? EMPTY;
  }

  /** Markets with open orders. */
  markets(): Iterable<readonly [TradingPair, MarketExposure]> {
    return this.#markets;
  }

  /** Adds an order, or puts it in the place of what was known of it. */
  set(order: OpenOrderRisk): void {
    const known = this.#orders.get(order.clientOrderId);
    if (known !== undefined && isSameRisk(known.order, order)) return;
    const part = exposureOf(order);
    this.#orders.set(order.clientOrderId, { order, part });
    if (known?.order.tradingPair === order.tradingPair && known.order.side === order.side) {
      const market = this.of(order.tradingPair);
      this.#setSide(order, market, market.orders, replaced(market[order.side], known.part, part));
      return;
    }
    if (known !== undefined) this.#add(known.order, known.part, -1);
    this.#add(order, part, 1);
  }

  delete(clientOrderId: string): void {
    const known = this.#orders.get(clientOrderId);
    if (known === undefined) return;
    this.#orders.delete(clientOrderId);
    this.#add(known.order, known.part, -1);
  }

  #add(order: OpenOrderRisk, part: SideExposure, sign: 1 | -1): void {
    const market = this.of(order.tradingPair);
    const orders = market.orders + sign;
    if (orders === 0) {
      this.#markets.delete(order.tradingPair);
      return;
    }
    const changed = combined(market[order.side], part, sign);
    this.#setSide(order, market, orders, changed);
  }

  #setSide({ tradingPair, side }: OpenOrderRisk, market: MarketExposure, orders: number, changed: SideExposure): void {
    const { buy, sell } = market;
    const isBuy = side === "buy";
    this.#markets.set(tradingPair, { orders, buy: isBuy ? changed : buy, sell: isBuy ? sell : changed });
  }
}

function isSameRisk(left: OpenOrderRisk, right: OpenOrderRisk): boolean {
  const { tradingPair, side, remaining, price, reducesOnly, opens } = right;
  if (left.tradingPair !== tradingPair || left.side !== side || left.opens !== opens) return false;
  const isSamePrice = left.price === undefined || price === undefined ? left.price === price : left.price.eq(price);
  return isSamePrice && left.reducesOnly === reducesOnly && left.remaining.eq(remaining);
}
