import { larger, smaller } from "../../engine/arithmetic.ts";
import { type MarketSpec, UNIT } from "../../engine/types.ts";
import type { ListedSymbol } from "./symbols.ts";
import { fixed, money } from "./wire.ts";

/** A twentieth, as for BTCUSDT; narrower where the engine's own band is. */
const PERCENT_BAND: bigint = UNIT / 20n;

/** Distance from mark within which PERCENT_PRICE lets an order trade. */
export function percentBand({ priceBand }: MarketSpec): bigint {
  return smaller(priceBand, PERCENT_BAND);
}

/** `100`, not `100.00000000`. */
export function plainNotional(amount: bigint): string {
  return amount % UNIT === 0n ? fixed(amount, 0) : money(amount);
}

/** Far above what the percent filter lets through. */
export function maxPrice({ spec }: ListedSymbol): bigint {
  return spec.initialPrice * 100n - ((spec.initialPrice * 100n) % spec.tick);
}

/** One rule for all orders: what may rest. */
export function minQuantity({ spec }: ListedSymbol): bigint {
  return larger(spec.minSize, spec.minMakerSize);
}
