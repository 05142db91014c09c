export type BookLevel = readonly [price: bigint, size: bigint];

export interface BookSides {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** Changes from one view of a side to the next, size 0 where a level left it. Both lists are best first. */
export function changedLevels(
  before: readonly BookLevel[],
  after: readonly BookLevel[],
  isBetter: (left: bigint, right: bigint) => boolean,
): readonly BookLevel[] {
  const changes: BookLevel[] = [];
  let index = 0;
  for (const level of after) {
    let old = before[index];
    while (old !== undefined && isBetter(old[0], level[0])) {
      changes.push([old[0], 0n]);
      index += 1;
      old = before[index];
    }
    const isSamePrice = old !== undefined && old[0] === level[0];
    if (isSamePrice) index += 1;
    if (!isSamePrice || old?.[1] !== level[1]) changes.push(level);
  }
  for (const [price] of before.slice(index)) changes.push([price, 0n]);
  return changes;
}

/** The same of both sides of a book; undefined where nothing changed. */
export function changedSides(before: BookSides, after: BookSides): BookSides | undefined {
  const bids = changedLevels(before.bids, after.bids, (left, right) => left > right);
  const asks = changedLevels(before.asks, after.asks, (left, right) => left < right);
  return bids.length === 0 && asks.length === 0 ? undefined : { bids, asks };
}

/** A book, or a change of one, that has lost its last level: what a fault makes of it. */
export function withoutLastLevel({ bids, asks }: BookSides): BookSides {
  return asks.length > 0 ? { bids, asks: asks.slice(0, -1) } : { bids: bids.slice(0, -1), asks };
}
