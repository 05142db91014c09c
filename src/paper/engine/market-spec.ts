export interface MarketSpec {
  /** Base asset, for example `BTC`; the engine's name of the market is `BTC-USD`. */
  readonly base: string;
  readonly quote: string;
  readonly market: string;
  readonly tick: bigint;
  /** Step of the synthetic market's prices, a multiple of `tick`; `tick` itself by default. */
  readonly quoteTick?: bigint;
  readonly lot: bigint;
  readonly minSize: bigint;
  /** The smallest size that may rest in the book. */
  readonly minMakerSize: bigint;
  readonly maxSize: bigint;
  /** Largest market order where a venue has one; an eighth of `maxSize` by default. */
  readonly maxMarketSize?: bigint;
  /** Smallest price times size. Orders that only reduce are exempt. */
  readonly minNotional: bigint;
  /** Orders further than this fraction from mark are refused. */
  readonly priceBand: bigint;
  /** Maintenance margin as a fraction of notional. */
  readonly maintenanceFraction: bigint;
  readonly maxLeverage: bigint;
  readonly fundingIntervalMs: number;
  readonly initialPrice: bigint;
  /** Most orders that an account may have open on this market; no limit by default. */
  readonly maxOpenOrders?: number;
}
