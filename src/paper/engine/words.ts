/**
 * Every amount of the engine is a bigint in units of 1e-8 (`UNIT`): prices, sizes, cash, rates and leverages (10x is
 * `10n * UNIT`) alike. A product of two is exact at 1e-16; only a cash posting is rounded, once, to a unit, and what
 * the rounding leaves goes to the house account.
 */
export const SCALE_DIGITS = 8;
export const UNIT: bigint = 100_000_000n;

export type Side = "buy" | "sell";

/** `oneWay`: one net position a market, of side `both`. `hedge`: a long and a short leg a market, side by side. */
export type PositionMode = "oneWay" | "hedge";
export type PositionSide = "both" | "long" | "short";

/**
 * `cross`: positions share the account's cash. `isolated`: a position holds margin of its own, taken out of what the
 * rest of the account may use, and cannot lose more than that.
 */
export type MarginMode = "cross" | "isolated";

export type TimeInForce = "GTC" | "IOC" | "FOK";

/** A halted market takes no orders and no amends; cancels, funding and liquidations go on. A delisted one is over. */
export type MarketStatus = "trading" | "halted" | "delisted";
