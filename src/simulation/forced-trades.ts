import type { FillView } from "../paper/index.ts";
import type { World } from "./world.ts";

/** Trades that the venue has made for the account by itself. */
export function forcedTrades({ venue }: World): readonly FillView[] {
  return venue.engine.fills(venue.accountId).filter((fill) => fill.liquidation || fill.adl || isSettlement(fill));
}

/** What was left when its market was delisted: alone of all trades it costs no fee and was asked for by nobody. */
function isSettlement({ clientId, feeRate, liquidation, adl }: FillView): boolean {
  return clientId === null && feeRate === 0n && !liquidation && !adl;
}
