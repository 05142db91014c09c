import { JournalError } from "../model/error.ts";
import { inOrder, type JournalRows, JournalTransaction, rowsOf } from "./journal-writes.ts";
import type { JournalStore, JournalWrite } from "./runtime.ts";

/** A journal that is gone with its process. */
export class MemoryJournalStore implements JournalStore {
  readonly #rows: JournalRows = new Map();
  readonly #transaction = new JournalTransaction(this.#rows);
  /** Keys of tables in order, some of them deleted since; absent where a key has been added. */
  readonly #sortedKeys = new Map<string, readonly string[]>();
  #isOpen = true;

  put(table: string, key: string, value: string): void {
    this.#assertOpen();
    if (this.#sortedKeys.has(table) && !this.#has(table, key)) this.#sortedKeys.delete(table);
    if (this.#transaction.isUnderWay) this.#transaction.note({ table, key, value });
    else rowsOf(this.#rows, table).set(key, value);
  }

  get(table: string, key: string): string | undefined {
    this.#assertOpen();
    return this.#rows.get(table)?.get(key);
  }

  delete(table: string, key: string): void {
    this.#assertOpen();
    if (!this.#has(table, key)) return;
    if (this.#transaction.isUnderWay) this.#transaction.note({ table, key, value: undefined });
    else rowsOf(this.#rows, table).delete(key);
  }

  entries(table: string): readonly (readonly [key: string, value: string])[] {
    return this.#list(table, 0, Number.POSITIVE_INFINITY);
  }

  page(table: string, after: string, limit: number): readonly (readonly [key: string, value: string])[] {
    return this.#list(table, firstAfter(this.#keysOf(table), after), limit);
  }

  compact(): boolean {
    this.#assertOpen();
    return false;
  }

  transaction<T>(work: () => T): T {
    this.#assertOpen();
    return this.#transaction.run(work, (writes) => {
      for (const { table, key, value } of writes) {
        const rows = rowsOf(this.#rows, table);
        if (value === undefined && rows.get(key) === undefined) rows.delete(key);
      }
    });
  }

  commit(writes: readonly JournalWrite[]): void {
    this.#assertOpen();
    for (const { table, key, value } of writes) {
      const rows = rowsOf(this.#rows, table);
      if (value === undefined) rows.delete(key);
      else {
        if (this.#sortedKeys.size > 0 && !rows.has(key)) this.#sortedKeys.delete(table);
        rows.set(key, value);
      }
    }
  }

  close(): void {
    this.#isOpen = false;
  }

  #list(table: string, from: number, limit: number): readonly (readonly [key: string, value: string])[] {
    this.#assertOpen();
    const keys = this.#keysOf(table);
    const rows = rowsOf(this.#rows, table);
    const listed: (readonly [key: string, value: string])[] = [];
    for (let at = from; at < keys.length && listed.length < limit; at += 1) {
      const key = keys[at] ?? "";
      const value = rows.get(key);
      if (value !== undefined) listed.push([key, value]);
    }
    return listed;
  }

  #has(table: string, key: string): boolean {
    return this.#rows.get(table)?.get(key) !== undefined;
  }

  #keysOf(table: string): readonly string[] {
    const known = this.#sortedKeys.get(table);
    if (known !== undefined) return known;
    const keys = [...rowsOf(this.#rows, table).keys()].sort(inOrder);
    this.#sortedKeys.set(table, keys);
    return keys;
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new JournalError("the journal :memory: is closed");
  }
}

/** Index of the first key that comes after `after`. */
function firstAfter(keys: readonly string[], after: string): number {
  let [from, to] = [0, keys.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (inOrder(keys[middle] ?? "", after) <= 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
