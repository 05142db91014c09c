import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { inOrder, type JournalRows } from "./journal-writes.ts";
import { JournalLog, LOG_TABLE } from "./node-journal-log.ts";
import type { JournalView } from "./runtime.ts";

const ATTEMPTS = 10;
/**
 * Header of a write-ahead log: the number of its checkpoint and the salts, which change when it begins anew
 * (sqlite.org/fileformat2.html).
 */
const WAL_HEADER_BYTES = 32;

/**
 * A copy of a journal, which nobody else has. Another process may hold the file with an exclusive lock and write to it: what
 * a checkpoint moves into the database meanwhile is in the log as well, until that begins anew. A copy that this overtook is
 * taken again.
 */
export function copiedJournal(path: string): JournalView {
  const folder = mkdtempSync(join(tmpdir(), "perpwire-journal-"));
  try {
    const copy = join(folder, "journal");
    for (let attempt = 1; !takeCopy(path, copy); attempt += 1) {
      if (attempt === ATTEMPTS) throw new Error("it is written to faster than it can be copied; try again later");
    }
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
    const database = new DatabaseSync(copy);
    database.exec(LOG_TABLE);
    const view = viewOf(database, new JournalLog(database).read());
    return {
      ...view,
      close: () => {
        if (database.isOpen) database.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function takeCopy(path: string, copy: string): boolean {
  if (statSync(path).isDirectory()) throw new Error("it is a folder, and a journal is a file");
  const before = walHeader(path);
  copyFileSync(path, copy, constants.COPYFILE_FICLONE);
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`, constants.COPYFILE_FICLONE);
  return walHeader(copy).equals(before);
}

/** Empty where there is no log, or nothing in it. */
function walHeader(path: string): Buffer {
  if (!existsSync(`${path}-wal`)) return Buffer.alloc(0);
  const file = openSync(`${path}-wal`, "r");
  try {
    const header = Buffer.alloc(WAL_HEADER_BYTES);
    return header.subarray(0, readSync(file, header, 0, WAL_HEADER_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

export interface JournalContents extends Omit<JournalView, "close"> {
  /** Works as `JournalStore.entries`. */
  entries(table: string): readonly (readonly [key: string, value: string])[];
}

/** `unfolded` has the rows that are in the log and not in their table. Throws where it is no journal. */
export function viewOf(database: DatabaseSync, unfolded: JournalRows): JournalContents {
  const get = database.prepare("SELECT value FROM entries WHERE tbl = ? AND key = ?");
  const all = database.prepare("SELECT key, value FROM entries WHERE tbl = ? ORDER BY key");
  const page = database.prepare("SELECT key, value FROM entries WHERE tbl = ? AND key > ? ORDER BY key LIMIT ?");
  // One look-up a table: a list of distinct names reads every row.
  const next = database.prepare("SELECT MIN(tbl) AS tbl FROM entries WHERE tbl > ?");
  const after = (table: string): string | undefined => {
    const name = next.get(table)?.tbl;
    return name == null ? undefined : String(name);
  };
  const contents: JournalContents = {
    tables: () => {
      const names = new Set<string>();
      for (let name = after(""); name !== undefined; name = after(name)) names.add(name);
      for (const name of unfolded.keys()) {
        // No key comes before the first of a page but the empty one.
        if (contents.get(name, "") !== undefined || contents.page(name, "", 1).length > 0) names.add(name);
        else names.delete(name);
      }
      return [...names].sort(inOrder);
    },
    get: (table, key) => {
      const rows = unfolded.get(table);
      if (rows?.has(key) === true) return rows.get(key);
      const row = get.get(table, key);
      return row === undefined ? undefined : String(row.value);
    },
    entries: (table) => withUnfolded(textsOf(all.all(table)), unfolded.get(table)),
    page: (table, from, limit) => {
      const rows = unfolded.get(table);
      // Rows that are deleted in the log, or there already, may be among those of the table.
      const texts = textsOf(page.all(table, from, limit + (rows?.size ?? 0)));
      return withUnfolded(texts, rows, from).slice(0, limit);
    },
  };
  return contents;
}

function textsOf(rows: readonly Readonly<Record<string, unknown>>[]): (readonly [key: string, value: string])[] {
  return rows.map((row) => [String(row.key), String(row.value)] as const);
}

function withUnfolded(
  rows: readonly (readonly [key: string, value: string])[],
  unfolded: ReadonlyMap<string, string | undefined> | undefined,
  after?: string,
): readonly (readonly [key: string, value: string])[] {
  if (unfolded === undefined || unfolded.size === 0) return rows;
  const merged = new Map(rows);
  for (const [key, value] of unfolded) {
    if (value === undefined) merged.delete(key);
    else if (after === undefined || inOrder(key, after) > 0) merged.set(key, value);
  }
  return [...merged].sort(([left], [right]) => inOrder(left, right));
}
