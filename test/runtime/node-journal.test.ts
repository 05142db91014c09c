import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JournalError } from "../../src/model/error.ts";
import { readWrites, writesText } from "../../src/runtime/journal-writes.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { NodeJournalStores } from "../../src/runtime/node-journal.ts";
import type { JournalStore } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { OrderJournal } from "../../src/trading/order-journal.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "perpwire-log-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const stores = new NodeJournalStores();
const databaseOf = (store: JournalStore): DatabaseSync => (store as unknown as { database: DatabaseSync }).database;

/** The files of a journal as a kill at this moment leaves them. */
function copied(path: string): string {
  const copy = `${path}.${killedCount++}`;
  copyFileSync(path, copy);
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
  return copy;
}

/** The journal as a kill at this moment leaves it: its files, without the process that has them open. */
function killed(path: string): JournalStore {
  return stores.open(copied(path));
}
let killedCount = 0;

/** What a journal should hold. */
type Model = Map<string, Map<string, string>>;

function expectSame(store: Pick<JournalStore, "get" | "entries" | "page">, model: Model): void {
  for (const table of TABLES) {
    const rows = [...(model.get(table) ?? [])].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(store.entries(table)).toEqual(rows);
    for (const key of KEYS) expect(store.get(table, key)).toBe(model.get(table)?.get(key));
    for (const [after, limit] of [
      ["", 2],
      ["b", 3],
    ] as const) {
      const page = rows.filter(([key]) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0).slice(0, limit);
      expect(store.page(table, after, limit)).toEqual(page);
    }
  }
}

const TABLES = ["t", "u.v", "über"];
const KEYS = ["", "a", "b", "ba", "c|1", "ключ", "\u{1f600}", "\uffee", "z"];

const write = fc.record({
  table: fc.constantFrom(...TABLES),
  key: fc.constantFrom(...KEYS),
  value: fc.option(fc.string({ unit: "grapheme", maxLength: 30 }), { nil: undefined }),
});
type Write = typeof write extends fc.Arbitrary<infer T> ? T : never;
const steps = fc.array(
  fc.oneof(
    write.map((only) => ({ kind: "write", writes: [only] }) as const),
    fc.array(write, { maxLength: 12 }).map((writes) => ({ kind: "transaction", writes }) as const),
    fc.array(write, { maxLength: 12 }).map((writes) => ({ kind: "commit", writes }) as const),
    fc.array(write, { minLength: 130, maxLength: 140 }).map((writes) => ({ kind: "commit", writes }) as const),
    fc.array(write, { maxLength: 6 }).map((writes) => ({ kind: "failing", writes }) as const),
    fc.array(write, { maxLength: 6 }).map((writes) => ({ kind: "nested", writes }) as const),
    fc.array(write, { minLength: 130, maxLength: 140 }).map((writes) => ({ kind: "transaction", writes }) as const),
    fc.constant({ kind: "turn", writes: [] as Write[] } as const),
    fc.constant({ kind: "compact", writes: [] as Write[] } as const),
  ),
  { maxLength: 40, size: "max" },
);

function put(store: JournalStore, writes: readonly Write[]): void {
  for (const { table, key, value } of writes) {
    if (value === undefined) store.delete(table, key);
    else store.put(table, key, value);
  }
}

function note(model: Model, writes: readonly Write[]): void {
  for (const { table, key, value } of writes) {
    const rows = model.get(table) ?? new Map<string, string>();
    model.set(table, rows);
    if (value === undefined) rows.delete(key);
    else rows.set(key, value);
  }
}

/** The writes at once, each of a row that is not there as one of a new row. */
function commit(store: JournalStore, model: Model, writes: readonly Write[]): void {
  const told = writes.map((each) => {
    const isNew = each.value !== undefined && model.get(each.table)?.has(each.key) !== true;
    note(model, [each]);
    return { ...each, isNew };
  });
  store.commit(told);
}

function fails(store: JournalStore, writes: readonly Write[]): void {
  const failing = () =>
    store.transaction(() => {
      put(store, writes);
      throw new Error("changed my mind");
    });
  expect(failing).toThrow("changed my mind");
}

describe.each(["disk", "memory"] as const)("a journal in %s", (where) => {
  it("holds what was written whatever is in its log, and after a kill at any time", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const path = where === "memory" ? ":memory:" : join(folder, `journal.${killedCount++}`);
        const store = stores.open(path);
        const model: Model = new Map();
        for (const { kind, writes } of all) {
          if (kind === "write") put(store, writes);
          if (kind === "transaction") store.transaction(() => put(store, writes));
          if (kind === "commit") commit(store, model, writes);
          if (kind === "failing") fails(store, writes);
          if (kind === "nested") {
            store.transaction(() => {
              put(store, writes.slice(0, 3));
              fails(store, writes);
              note(model, writes.slice(0, 3));
              expectSame(store, model);
              store.transaction(() => put(store, writes.slice(3)));
            });
            note(model, writes.slice(3));
          }
          if (kind === "compact") store.compact();
          if (kind === "turn") await turn();
          if (kind === "write" || kind === "transaction") note(model, writes);
          expectSame(store, model);
        }
        if (where === "disk") {
          const next = killed(path);
          expectSame(next, model);
          put(next, [{ table: "t", key: "a", value: "of the next process" }]);
          next.close();
          const view = stores.view(path);
          for (const key of KEYS) expect(view.get("t", key)).toBe(model.get("t")?.get(key));
          const filled = [...model].filter(([, rows]) => rows.size > 0).map(([table]) => table);
          expect([...view.tables()].sort()).toEqual(filled.sort());
          view.close();
        }
        store.close();
        if (where === "disk") expectSame(stores.open(path), model);
      }),
      { numRuns: 40 },
    );
  });

  it("keeps nothing of a transaction that it was closed in", () => {
    const path = where === "memory" ? ":memory:" : join(folder, "journal");
    const store = stores.open(path);
    store.put("t", "a", "1");
    expect(() =>
      store.transaction(() => {
        store.put("t", "a", "2");
        store.close();
        store.put("t", "a", "3");
      }),
    ).toThrow(JournalError);
    if (where === "disk") expect(stores.open(path).entries("t")).toEqual([["a", "1"]]);
  });
});

/** Writes each number in a transaction of three rows, says so, and goes on: now in one turn, now in many. */
const WRITER = `
const { NodeJournalStores } = await import(process.argv[1]);
const store = new NodeJournalStores().open(process.argv[2]);
const { writeSync } = await import("node:fs");
for (let number = 0; ; number += 1) {
  store.transaction(() => {
    store.put("rows", String(number), "x".repeat(900));
    store.put("last", "number", String(number));
    if (number > 0) store.delete("owed", String(number - 1));
    store.put("owed", String(number), "1");
  });
  writeSync(1, number + "\\n");
  if (number % 3_000 > 1_500) await new Promise((resolve) => setImmediate(resolve));
}
`;

describe("the log of a journal", () => {
  it("has all that was acknowledged when its process is killed", { timeout: 60_000 }, async () => {
    const module = resolve(import.meta.dirname, "../../src/runtime/node-journal.ts");
    for (const enough of [1, 70, 1_100, 2_900]) {
      const path = join(folder, `bot.${enough}`);
      const writer = spawn(process.execPath, ["--input-type=module", "-e", WRITER, module, path], { stdio: "pipe" });
      let said = "";
      for await (const chunk of writer.stdout) {
        said += String(chunk);
        if (said.split("\n").length > enough && !writer.killed) writer.kill("SIGKILL");
      }
      if (writer.exitCode === null && writer.signalCode === null) await once(writer, "exit");
      const acknowledged = Number(said.slice(0, said.lastIndexOf("\n")).split("\n").at(-1));
      const store = stores.open(path);
      const last = Number(store.get("last", "number"));
      expect(last).toBeGreaterThanOrEqual(acknowledged);
      expect(store.entries("rows")).toHaveLength(last + 1);
      expect(store.entries("owed")).toEqual([[String(last), "1"]]);
      store.close();
    }
  });

  it("grows where it cannot be folded on a full disk, and loses nothing that was written", async () => {
    const path = join(folder, "full");
    const store = stores.open(path);
    const pages = Number(Object.values(databaseOf(store).prepare("PRAGMA page_count").get() ?? {})[0]);
    databaseOf(store).exec(`PRAGMA max_page_count = ${pages + 40}`);
    const written: string[] = [];
    const fill = () => {
      for (let number = 0; number < 1_000; number += 1) {
        const key = String(written.length).padStart(6, "0");
        store.put("t", key, "x".repeat(600));
        written.push(key);
      }
    };
    expect(fill).toThrow("full");
    await turn();
    const keys = () => store.entries("t").map(([key]) => key);
    expect(written.length).toBeGreaterThan(20);
    expect(keys()).toEqual(written);
    expect(() => store.transaction(() => store.put("t", "more", "x".repeat(9_000)))).toThrow(JournalError);
    expect(keys()).toEqual(written);
    const next = killed(path);
    expect(next.entries("t").map(([key]) => key)).toEqual(written);
    next.close();
    databaseOf(store).exec("PRAGMA max_page_count = 100000");
    fill();
    expect(keys()).toEqual(written);
    store.close();
    expect(stores.open(path).entries("t")).toHaveLength(written.length);
  });

  it.each([
    ["new", undefined],
    ["of the third format", "3"],
  ])(
    "holds no order before a program that reads no log would refuse the journal, one that was %s",
    (_, versionBefore) => {
      const path = join(folder, "older");
      const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
      const store = stores.open(path);
      if (versionBefore !== undefined) {
        store.put("test.a1.meta", "version", versionBefore);
        store.compact();
      }
      const journal = new OrderJournal({
        ...{ store, connectorName: "test", accountKey: "a1", random: new SimulatedWorld({ seed: 1 }).runtime().random },
        logger: SILENT_LOGGER,
      });
      journal.nextCounter();
      const reader = new DatabaseSync(copied(path));
      const rows = reader.prepare("SELECT key, value FROM entries WHERE tbl = 'test.a1.meta'").all();
      reader.close();
      expect(rows.map(({ key, value }) => [key, value])).toEqual([["version", "5"]]);
      expect(killed(path).get("test.a1.meta", "counter")).toBe("64");
      store.close();
    },
  );

  it("is refused where it is broken, with the name of the journal", () => {
    const path = join(folder, "broken");
    const store = stores.open(path);
    store.put("t", "a", "1");
    databaseOf(store).exec("UPDATE log SET writes = '1,1,9:ta1' WHERE slot = 0");
    expect(() => killed(path)).toThrow(/cannot open the journal .*broken.*: the last write is cut off/);
  });

  it("is read back as it was written", () => {
    fc.assert(
      fc.property(fc.array(write), (writes) => {
        expect(readWrites(writesText(writes))).toEqual(writes);
      }),
    );
    for (const text of ["x", "1,1:", "1,2,3", "1,1,1:ab", "-1,1,1:ab"])
      expect(() => readWrites(text)).toThrow(RangeError);
  });
});
