import { newestRows } from "../pages.ts";
import { parameterError } from "./errors.ts";
import type { Parameters } from "./parameters.ts";

export interface PageRules<Item> {
  readonly most: number;
  readonly usual?: number;
  /** The id that `after` (older than) and `before` (newer than) speak of. */
  idOf(item: Item): string;
  timeOf(item: Item): number;
}

/** Newest first. `items` are oldest first; `begin` and `end` are both included. */
export function newestPage<Item>(
  items: readonly Item[],
  parameters: Parameters,
  { most, usual = most, idOf, timeOf }: PageRules<Item>,
  isWanted: (item: Item) => boolean,
): readonly Item[] {
  const after = readId(parameters, "after");
  const before = readId(parameters, "before");
  const begin = parameters.integer("begin");
  const end = parameters.integer("end");
  const isInPage = (item: Item) => {
    if (!isWanted(item)) return false;
    const timeMs = Math.floor(timeOf(item));
    if ((begin !== undefined && timeMs < begin) || (end !== undefined && timeMs > end)) return false;
    const id = after === undefined && before === undefined ? 0n : BigInt(idOf(item));
    return (after === undefined || id < after) && (before === undefined || id > before);
  };
  return newestRows(items, { limit: parameters.limit(usual, most), isWanted: isInPage }).rows;
}

export function readId(parameters: Parameters, name: string): bigint | undefined {
  const text = parameters.text(name);
  if (text === undefined) return undefined;
  if (!/^\d{1,24}$/.test(text)) throw parameterError(name);
  return BigInt(text);
}
