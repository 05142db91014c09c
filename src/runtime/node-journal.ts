import { chmodSync, closeSync, existsSync, mkdirSync, openSync, realpathSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { JournalError } from "../model/error.ts";
import { DISK_FULL } from "./disk-full.ts";
import { journalLocked } from "./journal-locked.ts";
import { copiedJournal, viewOf } from "./node-journal-view.ts";
import type { JournalStore, JournalStores, JournalView } from "./runtime.ts";

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
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
    let database: DatabaseSync | undefined;
    try {
      if (path !== ":memory:") makePrivate(path);
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
    if (own !== undefined) return { ...viewOf(own.database), close: () => undefined };
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

class NodeJournalStore implements JournalStore {
  readonly #path: string;
  readonly #file: string;
  readonly database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #delete: StatementSync;
  readonly #entries: StatementSync;
  readonly #page: StatementSync;
  #depth = 0;

  constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#file = fileOf(path);
    this.database = database;
    this.#put = database.prepare(
      "INSERT INTO entries (tbl, key, value) VALUES (?, ?, ?) ON CONFLICT (tbl, key) DO UPDATE SET value = excluded.value",
    );
    this.#get = database.prepare("SELECT value FROM entries WHERE tbl = ? AND key = ?");
    this.#delete = database.prepare("DELETE FROM entries WHERE tbl = ? AND key = ?");
    this.#entries = database.prepare("SELECT key, value FROM entries WHERE tbl = ? ORDER BY key");
    this.#page = database.prepare("SELECT key, value FROM entries WHERE tbl = ? AND key > ? ORDER BY key LIMIT ?");
    openHere.set(this.#file, this);
  }

  put(table: string, key: string, value: string): void {
    this.#attempt("write", () => this.#put.run(table, key, value));
  }

  get(table: string, key: string): string | undefined {
    const row = this.#attempt("read", () => this.#get.get(table, key));
    return row === undefined ? undefined : String(row.value);
  }

  delete(table: string, key: string): void {
    this.#attempt("write", () => this.#delete.run(table, key));
  }

  entries(table: string): readonly (readonly [key: string, value: string])[] {
    const rows = this.#attempt("read", () => this.#entries.all(table));
    return rows.map((row) => [String(row.key), String(row.value)] as const);
  }

  page(table: string, after: string, limit: number): readonly (readonly [key: string, value: string])[] {
    const rows = this.#attempt("read", () => this.#page.all(table, after, limit));
    return rows.map((row) => [String(row.key), String(row.value)] as const);
  }

  compact(): boolean {
    return this.#attempt("write", () => {
      this.database.exec(`PRAGMA incremental_vacuum(${PAGES_AT_A_TIME})`);
      return numberOf(this.database, "freelist_count") > 0;
    });
  }

  transaction<T>(work: () => T): T {
    const savepoint = `level${this.#depth}`;
    this.#attempt("write", () => this.database.exec(`SAVEPOINT ${savepoint}`));
    this.#depth += 1;
    try {
      const result = work();
      this.#attempt("write", () => this.database.exec(`RELEASE ${savepoint}`));
      return result;
    } catch (error) {
      this.#rollBack(savepoint);
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  close(): void {
    if (!this.database.isOpen) return;
    this.#attempt("close", () => this.database.close());
    openHere.delete(this.#file);
  }

  #rollBack(savepoint: string): void {
    // SQLite has already undone everything itself after a full disk.
    if (!this.database.isOpen || !this.database.isTransaction) return;
    this.#attempt("write", () => this.database.exec(`ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`));
  }

  #attempt<T>(action: string, work: () => T): T {
    if (!this.database.isOpen) throw new JournalError(`the journal ${this.#path} is closed`);
    if (this.#depth > 0 && !this.database.isTransaction) {
      throw new JournalError(`cannot ${action} the journal ${this.#path}: the transaction was rolled back`);
    }
    try {
      return work();
    } catch (error) {
      throw journalError(action, this.#path, error);
    }
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
