import { ABSURD_FACT, AbortError, describeError, PerpwireError, ProtocolError } from "../model/error.ts";
import { absurdityOf } from "../model/fact-checks.ts";
import type { OnUnreadable, RowField, RowKind, UnreadableRow } from "./unreadable-row.ts";
import type { VenueContext } from "./venue-api.ts";

export type { OnUnreadable, RowField, RowKind, RowSubject, UnreadableRow } from "./unreadable-row.ts";

/**
 * Reads the rows of a list one by one. A row that cannot be read, or cannot be true, is reported and left out; the
 * others are kept. Without `onUnreadable` the first such row is thrown.
 */
export function readRows<Row, T>(
  what: string,
  rows: readonly Row[],
  parse: (row: Row) => T | readonly T[] | undefined,
  onUnreadable: OnUnreadable | undefined,
  kind: RowKind = { subject: "other" },
): T[] {
  const values: T[] = [];
  for (const row of rows) {
    try {
      oddFields.length = 0;
      const value = parse(row);
      const read = Array.isArray(value) ? (value as readonly T[]) : value === undefined ? [] : [value as T];
      for (const each of read) assertPossible(each);
      values.push(...read);
      for (const reason of oddFields) onUnreadable?.({ what: `a field of ${what}`, reason, row });
    } catch (error) {
      if (onUnreadable === undefined || error instanceof AbortError) throw error;
      onUnreadable(unreadableRow(what, error, row, kind));
    }
  }
  return values;
}

/** Rows of a long list that are read before everything else that waits has its turn. */
const SLICE = 50;

/**
 * Reads as `readRows` does, for a list that may be long: it is read in slices, with a pause in between where `context`
 * has one.
 */
export async function readList<Row, T>(
  what: string,
  rows: readonly Row[],
  parse: (row: Row) => T | readonly T[] | undefined,
  { onUnreadable, pause }: Pick<VenueContext, "onUnreadable" | "pause">,
  kind: RowKind = { subject: "other" },
): Promise<T[]> {
  if (rows.length <= SLICE) return readRows(what, rows, parse, onUnreadable, kind);
  const values: T[] = [];
  for (let from = 0; from < rows.length; from += SLICE) {
    if (from > 0) await pause?.();
    for (const value of readRows(what, rows.slice(from, from + SLICE), parse, onUnreadable, kind)) values.push(value);
  }
  return values;
}

/** Fields of the row that is being read which say little and could not be read: reading is synchronous. */
const oddFields: string[] = [];

/** Names a field that was left out of the row that is being read. */
export function noteOddField(reason: string): void {
  oddFields.push(reason);
}

/** Throws `ProtocolError` for a fact of the account that cannot be true. */
function assertPossible(value: unknown): void {
  if (typeof value !== "object" || value === null || !("type" in value)) return;
  // Rows of other kinds may have a `type` of the venue's.
  if (!("timestampMs" in value || "payment" in value || "order" in value)) return;
  const fact = value as Parameters<typeof absurdityOf>[0];
  const absurdity = absurdityOf(fact);
  if (absurdity !== undefined) throw new ProtocolError(absurdity, { code: ABSURD_FACT });
  // Its result would be worked out from an entry at zero: equity was wrong by the whole of it, and no loss was seen.
  const isOpen = fact.type === "position" && !fact.amount.isZero();
  if (isOpen && fact.entryPrice?.gt(0) !== true) throw new ProtocolError("a position that was entered at no price");
}

/**
 * Finds the row that names an order, even if the rest of it cannot be read. Throws `ProtocolError` where no row names
 * it and a row has no readable owner: the order may be in that row.
 */
export function rowOfOrder<Row>(
  what: string,
  rows: readonly Row[],
  kind: RowKind,
  order: { readonly exchangeOrderId?: string | undefined; readonly clientOrderId: string },
): Row | undefined {
  const named = rows.map((row) => ({
    row,
    exchangeOrderId: fieldOf(row, kind.exchangeOrderId),
    clientOrderId: fieldOf(row, kind.clientOrderId),
  }));
  const found = named.find(({ exchangeOrderId, clientOrderId }) => {
    if (order.exchangeOrderId !== undefined && exchangeOrderId === order.exchangeOrderId) return true;
    return clientOrderId === order.clientOrderId;
  });
  if (found !== undefined) return found.row;
  const isNameless = named.some(
    ({ exchangeOrderId, clientOrderId }) => exchangeOrderId == null && clientOrderId == null,
  );
  if (isNameless) throw new ProtocolError(`${what} does not say which order it is of`);
  return undefined;
}

/**
 * Throws `ProtocolError`, whose outcome is unknown, where an acknowledgement of a cancel or an amend names another order
 * than the one that was asked about.
 */
export function assertAcknowledges(
  venue: string,
  order: { readonly exchangeOrderId?: string | undefined; readonly clientOrderId: string },
  answer: { readonly exchangeOrderId?: string | undefined; readonly clientOrderId?: string | undefined },
): void {
  const { exchangeOrderId = answer.exchangeOrderId } = order;
  const { clientOrderId = order.clientOrderId } = answer;
  // An order of another hand is canceled by its exchange id alone: its client id is not known here, but to the venue.
  const isSameClientId = order.clientOrderId === "" || clientOrderId === order.clientOrderId;
  if (exchangeOrderId === (answer.exchangeOrderId ?? exchangeOrderId) && isSameClientId) return;
  throw new ProtocolError(`an acknowledgement of order ${order.clientOrderId} names another order`, { venue });
}

/** Ids by which a row of a batch's answer names its order: one of them at least. */
export interface BatchRowId {
  readonly clientOrderId?: string | undefined;
  readonly exchangeOrderId?: string | undefined;
}

/**
 * Reads one row of a batch's answer, with the order that it names. An unreadable row proves nothing about its order,
 * and the other rows still count.
 */
export function readBatchRow<T>(row: unknown, kind: RowKind, read: () => T) {
  const clientOrderId = fieldOf(row, kind.clientOrderId) ?? undefined;
  const exchangeOrderId = fieldOf(row, kind.exchangeOrderId) ?? undefined;
  const isNamed = clientOrderId !== undefined || exchangeOrderId !== undefined;
  const id: BatchRowId | undefined = isNamed ? { clientOrderId, exchangeOrderId } : undefined;
  try {
    return { id, ok: true as const, value: read() };
  } catch (error) {
    if (error instanceof PerpwireError && !(error instanceof AbortError)) return { id, ok: false as const, error };
    throw error;
  }
}

export function unreadableRow(what: string, error: unknown, row: unknown, kind: RowKind): UnreadableRow {
  const { subject, clientOrderId, exchangeOrderId, symbol, asset } = kind;
  return {
    what,
    reason: describeError(error),
    row,
    ...(error instanceof PerpwireError && error.code === ABSURD_FACT ? { isAbsurd: true } : {}),
    subject,
    clientOrderId: fieldOf(row, clientOrderId),
    exchangeOrderId: fieldOf(row, exchangeOrderId),
    symbol: fieldOf(row, symbol),
    asset: fieldOf(row, asset),
  };
}

function fieldOf(row: unknown, name: string | undefined): RowField {
  if (name === undefined || typeof row !== "object" || row === null) return undefined;
  const value: unknown = Reflect.get(row, name);
  if (value === null || value === "") return null;
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** Rows of a list in the order of their times. */
export function oldestFirst<Row extends { readonly timestampMs: number }>(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => a.timestampMs - b.timestampMs);
}
