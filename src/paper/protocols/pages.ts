export interface PageRules<Item> {
  readonly limit: number;
  /** Number of items from the oldest on among which it looks; all by default. */
  readonly among?: number;
  isWanted(item: Item): boolean;
  /** Tells that no item from this one on, and none older, is wanted. */
  isTooOld?(item: Item): boolean;
}

export interface Page<Item> {
  /** Newest first. */
  readonly rows: readonly Item[];
  /** Number of items from the oldest on among which the next page is; undefined where this is the last one. */
  readonly rest: number | undefined;
}

/** The newest items of those that are wanted. `items` are oldest first, and only grow at their end. */
export function newestRows<Item>(
  items: readonly Item[],
  { limit, among = items.length, isWanted, isTooOld }: PageRules<Item>,
): Page<Item> {
  const rows: Item[] = [];
  // A cursor that a client made up, far beyond the end, kept the box counting down for ever.
  const start = Math.min(among, items.length);
  let rest = start;
  for (let index = start; index > 0; index -= 1) {
    const item = items[index - 1];
    if (item === undefined) continue;
    if (isTooOld?.(item) === true) break;
    if (!isWanted(item)) continue;
    if (rows.length === limit) return { rows, rest };
    rows.push(item);
    rest = index - 1;
  }
  return { rows, rest: undefined };
}
