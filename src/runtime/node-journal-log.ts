import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type JournalRows, readWrites, rowsOf, writesText } from "./journal-writes.ts";
import type { JournalWrite } from "./runtime.ts";

/**
 * Rows of the log are overwritten in place: what a transaction of six rows cost SQLite on disk, 97 us, one row of all of
 * them costs a twelfth of. Those of generations before that of slot -1 are in their tables already.
 */
export const LOG_TABLE =
  "CREATE TABLE IF NOT EXISTS log (slot INTEGER PRIMARY KEY, generation INTEGER NOT NULL, writes TEXT NOT NULL) STRICT";

const GENERATION_SLOT = -1;
/** Transactions and writes after which the log is folded when nothing else is to do: it takes a millisecond or two. */
const SLOTS_AT_A_TIME = 64;
const WRITES_AT_A_TIME = 512;
/** The log is folded at once when it is so many times as long: its user has not let go for that long. */
const MAX_TIMES = 16;
/** A longer transaction, as of pruning, goes to the tables at once. */
const MAX_WRITES_OF_ONE = 128;

/** The log of a journal: transactions that have not gone to the rows of their tables. */
export class JournalLog {
  readonly #append: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #database: DatabaseSync;
  #generation: number;
  /** Rows of the log, and writes in them. */
  #slots = 0;
  #writes = 0;
  /** Length, in parts that are folded at a time, at which it was last tried in vain. */
  #triedAt = 0;
  /** Keys of rows that no table has. */
  readonly #new = new Map<string, Set<string>>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#append = database.prepare(
      "INSERT INTO log (slot, generation, writes) VALUES (?, ?, ?) ON CONFLICT (slot) DO UPDATE SET generation = excluded.generation, writes = excluded.writes",
    );
    this.#put = database.prepare(
      "INSERT INTO entries (tbl, key, value) VALUES (?, ?, ?) ON CONFLICT (tbl, key) DO UPDATE SET value = excluded.value",
    );
    this.#delete = database.prepare("DELETE FROM entries WHERE tbl = ? AND key = ?");
    this.#begin = database.prepare("BEGIN");
    this.#commit = database.prepare("COMMIT");
    const row = database.prepare("SELECT generation FROM log WHERE slot = ?").get(GENERATION_SLOT);
    this.#generation = Number(row?.generation ?? 0);
  }

  /** Reads what an earlier process has not folded. Throws a `RangeError` where that is broken. */
  read(): JournalRows {
    const unfolded: JournalRows = new Map();
    const rows = this.#database.prepare(
      "SELECT slot, writes FROM log WHERE slot >= 0 AND generation = ? ORDER BY slot",
    );
    for (const { slot, writes } of rows.all(this.#generation)) {
      const all = readWrites(String(writes));
      for (const { table, key, value } of all) rowsOf(unfolded, table).set(key, value);
      this.#slots = Number(slot) + 1;
      this.#writes += all.length;
    }
    return unfolded;
  }

  /** A transaction of its own; on disk when it returns. */
  append(writes: readonly JournalWrite[]): void {
    this.#append.run(this.#slots, this.#generation, writesText(writes));
    this.#slots += 1;
    this.#writes += writes.length;
  }

  noteNew(table: string, key: string): void {
    const keys = this.#new.get(table);
    if (keys === undefined) this.#new.set(table, new Set([key]));
    else keys.add(key);
  }

  /** The row is deleted. Returns whether it is in the log alone. */
  forgetNew(table: string, key: string): boolean {
    return this.#new.get(table)?.delete(key) === true;
  }

  /** "now" where the log must not grow any more. */
  get foldDue(): "now" | "soon" | undefined {
    const times = this.#times - this.#triedAt;
    return times >= MAX_TIMES ? "now" : times >= 1 ? "soon" : undefined;
  }

  get #times(): number {
    return Math.max(this.#slots / SLOTS_AT_A_TIME, this.#writes / WRITES_AT_A_TIME);
  }

  isTooLong(writes: readonly JournalWrite[]): boolean {
    return writes.length > MAX_WRITES_OF_ONE;
  }

  /** Puts rows into their tables, with all that is in the log, in one transaction; none of them is left over. */
  fold(unfolded: JournalRows): void {
    if (unfolded.size === 0) return;
    this.#begin.run();
    try {
      for (const [table, rows] of unfolded) {
        for (const [key, value] of rows) {
          if (value === undefined) this.#delete.run(table, key);
          else this.#put.run(table, key, value);
        }
      }
      this.#append.run(GENERATION_SLOT, this.#generation + 1, "");
      this.#commit.run();
    } catch (error) {
      // SQLite has already undone everything itself after a full disk.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
    this.#generation += 1;
    this.#slots = 0;
    this.#writes = 0;
    this.#triedAt = 0;
    for (const rows of unfolded.values()) rows.clear();
    for (const keys of this.#new.values()) keys.clear();
  }

  /** It could not be folded: it is tried again when as much more has come. */
  foldLater(): void {
    this.#triedAt = this.#times;
  }
}
