import type { JournalWrite } from "./runtime.ts";

/** Rows by table and key. */
export type JournalRows = Map<string, Map<string, string | undefined>>;

export function rowsOf(tables: JournalRows, table: string): Map<string, string | undefined> {
  const known = tables.get(table);
  if (known !== undefined) return known;
  const rows = new Map<string, string | undefined>();
  tables.set(table, rows);
  return rows;
}

/** Order of keys in SQLite, that of their UTF-8: halves of surrogate pairs come after all other characters. */
export function inOrder(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a !== b) return a >= 0xd800 && b >= 0xd800 ? afterSurrogates(a) - afterSurrogates(b) : a - b;
  }
  return left.length - right.length;
}

const afterSurrogates = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit + 0x2000);

/**
 * Writes of transactions as one text: of each its lengths, then table, key and value. Values are JSON most often, whose
 * quotes would each have to be escaped in JSON.
 */
export function writesText(writes: readonly JournalWrite[]): string {
  let text = "";
  for (const { table, key, value } of writes) {
    text += `${table.length},${key.length},${value === undefined ? -1 : value.length}:${table}${key}${value ?? ""}`;
  }
  return text;
}

const LENGTHS = /(\d{1,9}),(\d{1,9}),(-1|\d{1,9}):/y;

/** Throws a `RangeError` for what `writesText` did not write. */
export function readWrites(text: string): JournalWrite[] {
  const writes: JournalWrite[] = [];
  for (let at = 0; at < text.length; ) {
    LENGTHS.lastIndex = at;
    const [head, ofTable, ofKey, ofValue] = LENGTHS.exec(text) ?? [];
    if (head === undefined) throw new RangeError(`no lengths of a write at ${at}`);
    const keyAt = at + head.length + Number(ofTable);
    const valueAt = keyAt + Number(ofKey);
    at = valueAt + Math.max(0, Number(ofValue));
    if (at > text.length) throw new RangeError("the last write is cut off");
    const value = ofValue === "-1" ? undefined : text.slice(valueAt, at);
    writes.push({ table: text.slice(keyAt - Number(ofTable), keyAt), key: text.slice(keyAt, valueAt), value });
  }
  return writes;
}

/** Writes of a transaction under way, and what takes them back. */
export class JournalTransaction {
  readonly #rows: JournalRows;
  readonly #writes: JournalWrite[] = [];
  /** Rows that the writes replaced, the write's own place in a list; `isNew` where there was none. */
  readonly #before: { readonly value: string | undefined; readonly isNew: boolean }[] = [];
  #depth = 0;

  constructor(rows: JournalRows) {
    this.#rows = rows;
  }

  get isUnderWay(): boolean {
    return this.#depth > 0;
  }

  note(write: JournalWrite): void {
    const rows = rowsOf(this.#rows, write.table);
    this.#before.push({ value: rows.get(write.key), isNew: !rows.has(write.key) });
    this.#writes.push(write);
    rows.set(write.key, write.value);
  }

  /** Runs `work`; the writes of the outermost transaction go to `commit`, and are taken back where either throws. */
  run<T>(work: () => T, commit: (writes: readonly JournalWrite[]) => void): T {
    const start = this.#writes.length;
    this.#depth += 1;
    try {
      const result = work();
      if (this.#depth > 1) return result;
      if (this.#writes.length > 0) commit(this.#writes);
      this.#writes.length = 0;
      this.#before.length = 0;
      return result;
    } catch (error) {
      this.takeBack(start);
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  /** Takes back the writes from this one on. */
  takeBack(start: number): void {
    for (let at = this.#writes.length - 1; at >= start; at -= 1) {
      const [write, before] = [this.#writes[at], this.#before[at]];
      if (write === undefined || before === undefined) continue;
      const rows = rowsOf(this.#rows, write.table);
      if (before.isNew) rows.delete(write.key);
      else rows.set(write.key, before.value);
    }
    this.#writes.length = start;
    this.#before.length = start;
  }
}
