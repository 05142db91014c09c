import { describeError, JournalError } from "../model/error.ts";
import { type JournalRows, rowsOf } from "../runtime/journal-writes.ts";
import type { Logger } from "../runtime/logger.ts";
import type { JournalStore, JournalWrite } from "../runtime/runtime.ts";
import { JsonFields } from "./json-fields.ts";

export type JournalTable =
  | "meta"
  | "orders"
  | "orderChanges"
  | "processes"
  | "fills"
  | "fillKeys"
  | "cursors"
  | "funding"
  | "fundingTotals"
  | "untold"
  | "accountFacts";

export interface JournalTablesOptions {
  readonly store: JournalStore;
  readonly connectorName: string;
  readonly accountKey: string;
  readonly logger: Logger;
  /** The store stopped taking writes: they are kept in memory and tried again before every later write. */
  onFailure?(error: JournalError): void;
}

/** Reads a record's text; what it throws says what is wrong with it. */
export type DecodeText<T> = (text: string, key: string) => T;
/** Reads a record that is a JSON object; what it throws says what is wrong with it. */
export type DecodeFields<T> = (fields: JsonFields, key: string) => T;

const HINT = "look up at the venue what the record tells, then correct or delete it";
const CURSOR_HINT =
  "correct it: a time that is too early does no harm, for what is known is not counted again; without it, what came since may be missed";

/**
 * One account's tables in a store. A write that fails is kept and comes before all later ones; what is read has it
 * already. A record that cannot be decoded is a `JournalError` that names it.
 */
export class JournalTables {
  readonly #options: JournalTablesOptions;
  /** Writes since the last commit, in order. */
  readonly #queue: JournalWrite[] = [];
  /** Writes that the store did not take: rows by name of table and key. They come before the queue. */
  readonly #kept: JournalRows = new Map();
  /** Rows that the next write deletes, for which nobody has to wait. */
  readonly #outdated: JournalWrite[] = [];
  /** Names of the tables in the store. */
  readonly #names = new Map<JournalTable, string>();
  #batchDepth = 0;
  #failure: JournalError | undefined;

  constructor(options: JournalTablesOptions) {
    this.#options = options;
  }

  /** Reason why the store cannot be written; undefined while all is well. */
  get failure(): JournalError | undefined {
    return this.#failure;
  }

  get(table: JournalTable, key: string): string | undefined {
    const name = this.#nameOf(table);
    const pending = this.#pendingOf(name, key);
    return pending === undefined ? this.#options.store.get(name, key) : pending.value;
  }

  /** The last write of a row that is not in the store yet. */
  #pendingOf(name: string, key: string): { readonly value: string | undefined } | undefined {
    const queue = this.#queue;
    for (let at = queue.length - 1; at >= 0; at -= 1) {
      const write = queue[at] as JournalWrite;
      if (write.table === name && write.key === key) return write;
    }
    const kept = this.#kept.get(name);
    return kept?.has(key) === true ? { value: kept.get(key) } : undefined;
  }

  /** Undefined where there is no such record. */
  read<T>(table: JournalTable, key: string, decode: DecodeText<T>): T | undefined {
    const text = this.get(table, key);
    return text === undefined ? undefined : this.decode(table, key, text, decode);
  }

  /** Records whose keys begin with `prefix`. */
  readAll<T>(table: JournalTable, prefix: string, decode: DecodeText<T>): T[] {
    const name = this.#nameOf(table);
    const rows = new Map(this.#options.store.entries(name));
    const put = (key: string, value: string | undefined): void => {
      if (value === undefined) rows.delete(key);
      else rows.set(key, value);
    };
    for (const [key, value] of this.#kept.get(name) ?? []) put(key, value);
    for (const write of this.#queue) if (write.table === name) put(write.key, write.value);
    return [...rows]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => this.decode(table, key, text, decode));
  }

  /** Lists at most `limit` records of the store whose keys come after `after`. */
  page(table: JournalTable, after: string, limit: number): readonly (readonly [key: string, text: string])[] {
    return this.#options.store.page(this.#nameOf(table), after, limit);
  }

  decode<T>(table: JournalTable, key: string, text: string, decode: DecodeText<T>): T {
    try {
      return decode(text, key);
    } catch (error) {
      throw new JournalError(`journal record "${key}" of ${this.#nameOf(table)} is broken: ${describeError(error)}`, {
        code: "JOURNAL_BROKEN",
        retry: "never",
        hint: table === "cursors" ? CURSOR_HINT : HINT,
        cause: error,
      });
    }
  }

  /** Undefined deletes; `isNew`: no row has this key so far. Never throws: a write that fails is kept. */
  write(table: JournalTable, key: string, value: string | undefined, isNew = false): void {
    this.#queue.push({ table: this.#nameOf(table), key, value, isNew });
    if (this.#batchDepth === 0) this.flush();
  }

  /** Writes a record, which is on disk when it returns. Throws `JournalError`, and then it was not written. */
  putNow(table: JournalTable, key: string, value: string): void {
    this.putAllNow(table, [[key, value]]);
  }

  /** All of them on disk when it returns. Throws `JournalError`, and then none of them was written. */
  putAllNow(table: JournalTable, rows: readonly (readonly [key: string, value: string])[]): void {
    const { store } = this.#options;
    const put = (): void => {
      for (const [key, value] of rows) store.put(this.#nameOf(table), key, value);
    };
    try {
      // A row alone is a transaction already, and takes less time.
      if (rows.length === 1) put();
      else store.transaction(put);
    } catch (error) {
      throw this.#fail(error);
    }
    if (!this.#isPending) this.#recover();
  }

  /** Deletes with the next write, or with `flushDeletions`: it costs no write of its own. */
  deleteLater(table: JournalTable, key: string): void {
    const name = this.#nameOf(table);
    if (this.#pendingOf(name, key) === undefined)
      this.#outdated.push({ table: name, key, value: undefined, isNew: false });
    else this.write(table, key, undefined);
  }

  flushDeletions(): void {
    if (this.#outdated.length > 0) this.#commit();
  }

  /** All of the writes in `work` go to disk together. */
  batch<T>(work: () => T): T {
    this.#batchDepth += 1;
    try {
      return work();
    } finally {
      this.#batchDepth -= 1;
      if (this.#batchDepth === 0) this.flush();
    }
  }

  get #isPending(): boolean {
    return this.#queue.length > 0 || this.#kept.size > 0;
  }

  /** Writes what is pending; false when the store does not take it. */
  flush(): boolean {
    if (!this.#isPending) return true;
    if (!this.#commit()) return false;
    this.#recover();
    return true;
  }

  #commit(): boolean {
    const queue = this.#queue;
    if (this.#kept.size > 0) queue.unshift(...keptWrites(this.#kept));
    for (const write of this.#outdated) queue.push(write);
    this.#outdated.length = 0;
    try {
      this.#options.store.commit(queue);
    } catch (error) {
      for (const { table, key, value } of queue) rowsOf(this.#kept, table).set(key, value);
      queue.length = 0;
      this.#fail(error);
      return false;
    }
    queue.length = 0;
    if (this.#kept.size > 0) this.#kept.clear();
    return true;
  }

  /** One text each: a name that was put together for each row had to be hashed for each. */
  #nameOf(table: JournalTable): string {
    const known = this.#names.get(table);
    if (known !== undefined) return known;
    const name = `${this.#options.connectorName}.${this.#options.accountKey}.${table}`;
    this.#names.set(table, name);
    return name;
  }

  #fail(cause: unknown): JournalError {
    const isNew = this.#failure === undefined;
    const failure = new JournalError(`the journal cannot be written: ${describeError(cause)}`, {
      cause,
      hint: "new orders stop until it can; free disk space or mend the journal file",
    });
    this.#failure = failure;
    if (!isNew) return failure;
    this.#options.logger.error(failure.message, { connector: this.#options.connectorName });
    this.#options.onFailure?.(failure);
    return failure;
  }

  #recover(): void {
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    this.#options.logger.info("the journal can be written again", { connector: this.#options.connectorName });
  }
}

/** A decoder of records that are JSON objects. */
export function ofFields<T>(decode: DecodeFields<T>): DecodeText<T> {
  return (text, key) => decode(JsonFields.parse(text), key);
}

function keptWrites(kept: JournalRows): readonly JournalWrite[] {
  return [...kept].flatMap(([table, rows]) => [...rows].map(([key, value]) => ({ table, key, value })));
}
