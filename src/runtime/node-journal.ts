import { chmodSync, closeSync, existsSync, mkdirSync, openSync, realpathSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { JournalError } from "../model/error.ts";
import { DISK_FULL } from "./disk-full.ts";
import { journalLocked } from "./journal-locked.ts";
import { type JournalRows, JournalTransaction, rowsOf } from "./journal-writes.ts";
import { MemoryJournalStore } from "./memory-journal.ts";
import { JournalLog, LOG_TABLE } from "./node-journal-log.ts";
import { copiedJournal, type JournalContents, viewOf } from "./node-journal-view.ts";
import type { JournalStore, JournalStores, JournalView, JournalWrite } from "./runtime.ts";

/** Primary result codes of SQLite (sqlite.org/rescode.html); extended codes hold them in their low byte. */
const FAILURES: Readonly<Record<number, { readonly reason: string; readonly hint: string }>> = {
  8: { reason: "it is read-only", hint: "make the file and its folder writable" },
  10: { reason: "the disk failed", hint: "check the disk and its free space" },
  11: { reason: "the file is damaged", hint: "restore it from a copy, or move it away to start a new one" },
  13: DISK_FULL,
  14: { reason: "the file cannot be opened", hint: "check the path and its permissions" },
  26: { reason: "the file is not a journal", hint: "check the path, or move the file away to start a new one" },
};
/** The write-ahead log is cut to this after a checkpoint, however large a burst of writes made it. */
const WAL_KEPT_BYTES = 4_194_304;
/** A value of `auto_vacuum` (sqlite.org/pragma.html). */
const INCREMENTAL = 2;
const PAGES_AT_A_TIME = 128;
/** Free pages that are not worth the rewriting of a file. */
const FREE_PAGES_BORNE = 1_024;
/** Suffixes that SQLite adds to the name of a database for the files beside it. */
const SQLITE_SUFFIXES = ["", "-wal", "-shm"] as const;
const PRIVATE_FILE_MODE = 0o600;
const PRIVATE_FOLDER_MODE = 0o700;
const BUSY_CODES: readonly number[] = [5, 6];

/** Files that this process has open; SQLite does not tell who holds a lock. */
const openHere = new Map<string, NodeJournalStore>();

export class NodeJournalStores implements JournalStores {
  open(path: string, options: { readonly durability?: "process" | "power" } = {}): JournalStore {
    if (path === ":memory:") return new MemoryJournalStore();
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
    let database: DatabaseSync | undefined;
    try {
      makePrivate(path);
      database = new DatabaseSync(path, { timeout: 0 });
      // Exclusive mode: the first write takes the lock of the file and keeps it until the database is closed.
      database.exec("PRAGMA locking_mode = EXCLUSIVE");
      // Effective only before the first table; an older file is turned into one by a VACUUM.
      database.exec("PRAGMA auto_vacuum = INCREMENTAL");
      database.exec("PRAGMA journal_mode = WAL");
      database.exec(`PRAGMA journal_size_limit = ${WAL_KEPT_BYTES}`);
      database.exec(`PRAGMA synchronous = ${options.durability === "power" ? "FULL" : "NORMAL"}`);
      database.exec("BEGIN EXCLUSIVE");
      database.exec(
        "CREATE TABLE IF NOT EXISTS entries (tbl TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (tbl, key)) STRICT, WITHOUT ROWID",
      );
      database.exec(LOG_TABLE);
      database.exec("COMMIT");
      if (numberOf(database, "auto_vacuum") !== INCREMENTAL || isMostlyFree(database)) {
        database.exec("PRAGMA auto_vacuum = INCREMENTAL");
        database.exec("VACUUM");
      }
      return new NodeJournalStore(path, database);
    } catch (error) {
      if (database?.isOpen === true) database.close();
      throw journalError("open", path, error);
    }
  }

  view(path: string): JournalView {
    // POSIX takes a process's locks of a file when it closes any descriptor of it: one that is open here is not copied.
    const own = openHere.get(fileOf(path));
    if (own !== undefined) return { ...viewOf(own.database, own.unfolded), close: () => undefined };
    if (!existsSync(path)) {
      throw new JournalError(`there is no journal ${path}`, { code: "JOURNAL_NOT_FOUND", retry: "never" });
    }
    try {
      return copiedJournal(path);
    } catch (error) {
      throw journalError("read", path, error);
    }
  }

  remove(path: string): void {
    try {
      for (const suffix of SQLITE_SUFFIXES) rmSync(`${path}${suffix}`, { force: true });
    } catch (error) {
      throw journalError("remove", path, error);
    }
  }
}

/**
 * A journal on disk. Each transaction is one row of the log; now and then what is in the log goes to its own rows, each
 * once however often it was written.
 */
class NodeJournalStore implements JournalStore {
  readonly #path: string;
  readonly #file: string;
  readonly database: DatabaseSync;
  readonly #log: JournalLog;
  /** Rows that are in the log and not in their table. */
  readonly unfolded: JournalRows;
  readonly #transaction: JournalTransaction;
  readonly #view: JournalContents;
  readonly #get: StatementSync;
  #folding: NodeJS.Immediate | undefined;

  /** Throws a `RangeError` where the log is broken. */
  constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#file = fileOf(path);
    this.database = database;
    this.#log = new JournalLog(database);
    this.unfolded = this.#log.read();
    this.#transaction = new JournalTransaction(this.unfolded);
    this.#view = viewOf(database, this.unfolded);
    this.#get = database.prepare("SELECT value FROM entries WHERE tbl = ? AND key = ?");
    openHere.set(this.#file, this);
  }

  put(table: string, key: string, value: string): void {
    this.#write({ table, key, value });
  }

  get(table: string, key: string): string | undefined {
    this.#assertOpen();
    const rows = this.unfolded.get(table);
    const value = rows?.get(key);
    if (value !== undefined || rows?.has(key) === true) return value;
    const row = this.#attempt("read", () => this.#get.get(table, key));
    return row === undefined ? undefined : String(row.value);
  }

  delete(table: string, key: string): void {
    this.#write({ table, key, value: undefined });
  }

  entries(table: string): readonly (readonly [key: string, value: string])[] {
    return this.#attempt("read", () => this.#view.entries(table));
  }

  page(table: string, after: string, limit: number): readonly (readonly [key: string, value: string])[] {
    return this.#attempt("read", () => this.#view.page(table, after, limit));
  }

  compact(): boolean {
    return this.#attempt("write", () => {
      this.#log.fold(this.unfolded);
      this.database.exec(`PRAGMA incremental_vacuum(${PAGES_AT_A_TIME})`);
      return numberOf(this.database, "freelist_count") > 0;
    });
  }

  transaction<T>(work: () => T, options: { readonly forOlderPrograms?: boolean } = {}): T {
    this.#assertOpen();
    return this.#transaction.run(work, (writes) => this.#commitNoted(writes, options.forOlderPrograms === true));
  }

  commit(writes: readonly JournalWrite[]): void {
    this.#assertOpen();
    if (this.#log.isTooLong(writes)) {
      this.transaction(() => {
        for (const write of writes) this.#transaction.note(write);
      });
      return;
    }
    this.#attempt("write", () => this.#log.append(writes));
    for (const write of writes) this.#keep(write);
    this.#foldWhenDue();
  }

  close(): void {
    if (!this.database.isOpen) return;
    clearImmediate(this.#folding);
    this.#transaction.takeBack(0);
    this.#tryToFold();
    this.#attempt("close", () => this.database.close());
    openHere.delete(this.#file);
  }

  /** A row that came and went within the log is forgotten: most news is told before the log is folded. */
  #keep({ table, key, value, isNew }: JournalWrite): void {
    const rows = rowsOf(this.unfolded, table);
    if (value === undefined && this.#log.forgetNew(table, key)) {
      rows.delete(key);
      return;
    }
    if (isNew === true && !rows.has(key)) this.#log.noteNew(table, key);
    rows.set(key, value);
  }

  #write(write: JournalWrite): void {
    this.#assertOpen();
    if (this.#transaction.isUnderWay) this.#transaction.note(write);
    else this.commit([write]);
  }

  #commitNoted(writes: readonly JournalWrite[], isForOlderPrograms: boolean): void {
    if (isForOlderPrograms || this.#log.isTooLong(writes)) {
      this.#attempt("write", () => this.#log.fold(this.unfolded));
      return;
    }
    this.#attempt("write", () => this.#log.append(writes));
    this.#foldWhenDue();
  }

  #foldWhenDue(): void {
    const due = this.#log.foldDue;
    if (due === "now") this.#tryToFold();
    if (due !== "soon" || this.#folding !== undefined) return;
    this.#folding = setImmediate(() => {
      this.#folding = undefined;
      if (this.#log.foldDue !== undefined) this.#tryToFold();
    });
  }

  /** The log has it all: where it cannot be folded, as on a full disk, it grows. */
  #tryToFold(): void {
    try {
      this.#log.fold(this.unfolded);
    } catch {
      this.#log.foldLater();
    }
  }

  #attempt<T>(action: string, work: () => T): T {
    this.#assertOpen();
    try {
      return work();
    } catch (error) {
      throw journalError(action, this.#path, error);
    }
  }

  #assertOpen(): void {
    if (!this.database.isOpen) throw new JournalError(`the journal ${this.#path} is closed`);
  }
}

/**
 * Orders, fills and payments are nobody else's business: the file is made before SQLite makes one for everybody, and what
 * others could read so far is theirs no more. SQLite gives the files beside it the mode of the database.
 */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: PRIVATE_FOLDER_MODE });
  // Files are opened only where they are new: POSIX takes a process's locks of a file when it closes any descriptor of
  // it.
  if (!existsSync(path)) unless("EEXIST", () => closeSync(openSync(path, "ax", PRIVATE_FILE_MODE)));
  for (const suffix of SQLITE_SUFFIXES) {
    const file = `${path}${suffix}`;
    const isOpenToOthers = existsSync(file) && (statSync(file).mode & 0o077) !== 0;
    // Somebody else's file stays as its owner has it.
    if (isOpenToOthers) unless("EPERM", () => chmodSync(file, PRIVATE_FILE_MODE));
  }
}

function unless(code: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === code)) throw error;
  }
}

/** Name of a file, the same whichever way a path leads to it. */
function fileOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

function numberOf(database: DatabaseSync, pragma: "auto_vacuum" | "freelist_count" | "page_count"): number {
  return Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
}

function isMostlyFree(database: DatabaseSync): boolean {
  const free = numberOf(database, "freelist_count");
  return free > FREE_PAGES_BORNE && free * 2 > numberOf(database, "page_count");
}

function journalError(action: string, path: string, error: unknown): JournalError {
  const resultCode = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
  if (BUSY_CODES.includes(resultCode)) {
    return journalLocked(path, openHere.has(fileOf(path)) ? "here" : "elsewhere", error);
  }
  const failure = FAILURES[resultCode];
  const reason = failure?.reason ?? (error instanceof Error ? error.message : String(error));
  return new JournalError(`cannot ${action} the journal ${path}: ${reason}`, { hint: failure?.hint, cause: error });
}
