import type { FillView } from "../paper/index.ts";
import type { World } from "./world.ts";

/** Trades that the venue has made for the account by itself. */
export function forcedTrades({ venue }: World): readonly FillView[] {
  return venue.engine.fills(venue.accountId).filter((fill) => fill.liquidation || fill.adl || fill.settlement);
}
