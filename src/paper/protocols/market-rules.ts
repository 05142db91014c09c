import type { Engine, MarketSpec } from "../engine/types.ts";

/** The largest market order. Venues take far less at market than as a limit order; FTX made no difference. */
export function marketMaxSize({ maxSize, maxMarketSize, lot }: MarketSpec): bigint {
  const most = maxMarketSize ?? maxSize / 8n;
  return most - (most % lot);
}

/** The same by the engine's name of a market; undefined for a name that there never was. */
export function maxMarketSizeOf(engine: Engine, market: string): bigint | undefined {
  const spec = engine.market(market)?.spec;
  return spec === undefined ? undefined : marketMaxSize(spec);
}
