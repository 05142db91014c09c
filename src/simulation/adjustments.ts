import { decimal, sum, ZERO } from "../model/decimal.ts";
import { type FillView, formatAmount } from "../paper/index.ts";
import { forcedTrades } from "./forced-trades.ts";
import type { ToldLedger } from "./ledger.ts";
import type { World } from "./world.ts";

/**
 * Compares the trades that the venue made for the account by itself, market by market, with those that the bot's
 * processes reported.
 */
export function adjustmentDifferences(world: World, ledgers: readonly ToldLedger[]): readonly string[] {
  const { protocol } = world;
  const isTold = (fill: FillView) => fill.liquidation || protocol.tellsDeleveraging;
  const forced = forcedTrades(world).filter(isTold);
  const told = new Map(
    ledgers.flatMap(({ adjustments }) => adjustments.map((row) => [row.adjustmentId, row] as const)),
  );
  const markets = new Set([
    ...forced.map(({ market }) => world.pairOf(market)),
    ...[...told.values()].map((row) => row.tradingPair),
  ]);
  const repeated = ledgers.flatMap(({ adjustments }) => {
    const ids = adjustments.map(({ adjustmentId }) => adjustmentId);
    return ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `was told twice of ${id} by one process`);
  });
  const differing = [...markets].flatMap((pair) => {
    const ours = sum([...told.values()].filter((row) => row.tradingPair === pair).map(({ amount }) => amount));
    const theirs = sum(
      forced
        .filter(({ market }) => world.pairOf(market) === pair)
        .map(({ side, size }) => (side === "buy" ? decimal(formatAmount(size)) : ZERO.minus(formatAmount(size)))),
    );
    return ours.eq(theirs) ? [] : [`was told of ${ours.toFixed()} ${pair}; the venue traded ${theirs.toFixed()}`];
  });
  return [...repeated, ...differing];
}
