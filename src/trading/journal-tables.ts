import { describeError, JournalError } from "../model/error.ts";
import type { Logger } from "../runtime/logger.ts";
import type { JournalStore } from "../runtime/runtime.ts";
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

interface PendingWrite {
  readonly table: JournalTable;
  readonly key: string;
  /** Undefined deletes. */
  readonly value: string | undefined;
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
  readonly #pending = new Map<string, PendingWrite>();
  /** Rows that the next write deletes, for which nobody has to wait. */
  readonly #outdated = new Map<string, Pick<PendingWrite, "table" | "key">>();
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
    const pending = this.#pending.get(pendingKey(table, key));
    return pending === undefined ? this.#options.store.get(this.#nameOf(table), key) : pending.value;
  }

  /** Undefined where there is no such record. */
  read<T>(table: JournalTable, key: string, decode: DecodeText<T>): T | undefined {
    const text = this.get(table, key);
    return text === undefined ? undefined : this.decode(table, key, text, decode);
  }

  /** Records whose keys begin with `prefix`. */
  readAll<T>(table: JournalTable, prefix: string, decode: DecodeText<T>): T[] {
    const rows = new Map(this.#options.store.entries(this.#nameOf(table)));
    for (const { table: own, key, value } of this.#pending.values()) {
      if (own === table && value !== undefined) rows.set(key, value);
      else if (own === table) rows.delete(key);
    }
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

  /** Undefined deletes. Never throws: a write that fails is kept. */
  write(table: JournalTable, key: string, value: string | undefined): void {
    // Deleted first so that the writes stay in the order in which they were made.
    this.#pending.delete(pendingKey(table, key));
    this.#pending.set(pendingKey(table, key), { table, key, value });
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
    if (this.#pending.size === 0) this.#recover();
  }

  /** Deletes with the next write, or with `flushDeletions`: it costs no write of its own. */
  deleteLater(table: JournalTable, key: string): void {
    if (this.#pending.has(pendingKey(table, key))) this.write(table, key, undefined);
    else this.#outdated.set(pendingKey(table, key), { table, key });
  }

  flushDeletions(): void {
    if (this.#outdated.size > 0 && this.flush()) this.#commit([]);
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

  /** Writes what is pending; false when the store does not take it. */
  flush(): boolean {
    if (this.#pending.size === 0) return true;
    if (!this.#commit([...this.#pending.values()])) return false;
    this.#pending.clear();
    this.#recover();
    return true;
  }

  #commit(writes: readonly PendingWrite[]): boolean {
    const { store } = this.#options;
    const outdated = [...this.#outdated];
    try {
      store.transaction(() => {
        for (const { table, key, value } of writes) {
          if (value === undefined) store.delete(this.#nameOf(table), key);
          else store.put(this.#nameOf(table), key, value);
        }
        for (const [, { table, key }] of outdated) store.delete(this.#nameOf(table), key);
      });
    } catch (error) {
      this.#fail(error);
      return false;
    }
    for (const [id] of outdated) this.#outdated.delete(id);
    return true;
  }

  #nameOf(table: JournalTable): string {
    return `${this.#options.connectorName}.${this.#options.accountKey}.${table}`;
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

function pendingKey(table: JournalTable, key: string): string {
  return `${table}|${key}`;
}
