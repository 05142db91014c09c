import { AbortError, describeError } from "../model/error.ts";

/** A row of a list, or of a frame with several, that could not be read and was left out. */
export interface UnreadableRow {
  /** What the row was to be: "a row of GET /orders". */
  readonly what: string;
  readonly reason: string;
  /** As the venue sent it. */
  readonly row: unknown;
}

/**
 * Reads the rows of a list one by one: one that cannot be read is reported and left out, for it says nothing about its
 * neighbours. Without `onUnreadable` the first one is thrown.
 */
export function readRows<Row, T>(
  what: string,
  rows: readonly Row[],
  parse: (row: Row) => T | readonly T[] | undefined,
  onUnreadable: ((row: UnreadableRow) => void) | undefined,
): T[] {
  const values: T[] = [];
  for (const row of rows) {
    try {
      const value = parse(row);
      if (Array.isArray(value)) values.push(...value);
      else if (value !== undefined) values.push(value as T);
    } catch (error) {
      if (onUnreadable === undefined || error instanceof AbortError) throw error;
      onUnreadable({ what, reason: describeError(error), row });
    }
  }
  return values;
}
