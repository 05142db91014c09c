import { decimal, sum, ZERO } from "../model/decimal.ts";
import { formatAmount } from "../paper/index.ts";
import type { ToldLedger } from "./ledger.ts";
import type { World } from "./world.ts";

/** What the venue traded for the account by itself, market by market, against what the bot's processes told of it. */
export function adjustmentDifferences(
  { venue, token, dialect }: World,
  ledgers: readonly ToldLedger[],
): readonly string[] {
  const forced = venue.engine
    .fills(venue.accountId)
    .filter(({ liquidation, adl }) => liquidation || (adl && dialect.tellsDeleveraging));
  const told = new Map(
    ledgers.flatMap(({ adjustments }) => adjustments.map((row) => [row.adjustmentId, row] as const)),
  );
  const markets = new Set([
    ...forced.map(({ market }) => pairOf(market, token)),
    ...[...told.values()].map((row) => row.tradingPair),
  ]);
  return [...markets].flatMap((pair) => {
    const ours = sum([...told.values()].filter((row) => row.tradingPair === pair).map(({ amount }) => amount));
    const theirs = sum(
      forced
        .filter(({ market }) => pairOf(market, token) === pair)
        .map(({ side, size }) => (side === "buy" ? decimal(formatAmount(size)) : ZERO.minus(formatAmount(size)))),
    );
    return ours.eq(theirs) ? [] : [`was told of ${ours.toFixed()} ${pair}; the venue traded ${theirs.toFixed()}`];
  });
}

function pairOf(market: string, token: string): string {
  return market.replace(/-USD$/, `-${token}`);
}
