import type { MarketSpec } from "../engine/types.ts";

/** The largest market order. Venues take far less at market than as a limit order; FTX made no difference. */
export function marketMaxSize({ maxSize, maxMarketSize, lot }: MarketSpec): bigint {
  const most = maxMarketSize ?? maxSize / 8n;
  return most - (most % lot);
}
