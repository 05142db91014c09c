import { JournalError } from "../model/error.ts";
import { journalLocked } from "./journal-locked.ts";
import type { JournalStore, JournalStores } from "./runtime.ts";
import type { SimulatedDisk, SimulatedJournalFaults, Tables } from "./simulated-disk.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { SimulatedScheduler } from "./simulated-scheduler.ts";

export interface JournalContext {
  readonly process: SimulatedProcess;
  readonly disk: SimulatedDisk;
  readonly faults: SimulatedJournalFaults;
  readonly scheduler: SimulatedScheduler;
  readonly kill: () => void;
}

export class SimulatedJournalStores implements JournalStores {
  readonly #context: JournalContext;

  constructor(context: JournalContext) {
    this.#context = context;
  }

  open(path: string): JournalStore {
    const { process, disk } = this.#context;
    // Code of a dead process writes where nobody reads.
    if (path === ":memory:" || !process.isAlive) return new SimulatedJournalStore(path, new Map(), this.#context);
    // A host runs one process at a time.
    if (disk.open.has(path)) throw journalLocked(path, "here");
    const tables = disk.journals.get(path) ?? new Map();
    disk.journals.set(path, tables);
    const store = new SimulatedJournalStore(path, tables, this.#context);
    disk.open.set(path, store);
    return store;
  }

  remove(path: string): void {
    const { process, disk } = this.#context;
    if (process.isAlive) disk.journals.delete(path);
  }
}

/**
 * A journal. Code that runs on in a process that was killed goes on with a copy: it reads what it wrote, and nothing of
 * it is kept.
 */
export class SimulatedJournalStore implements JournalStore {
  readonly #path: string;
  readonly #context: JournalContext;
  #tables: Tables;
  #isOpen = true;
  #depth = 0;
  #undo: (() => void)[] = [];

  constructor(path: string, tables: Tables, context: JournalContext) {
    this.#path = path;
    this.#tables = tables;
    this.#context = context;
  }

  put(table: string, key: string, value: string): void {
    this.#write(table, key, value);
  }

  delete(table: string, key: string): void {
    this.#write(table, key, undefined);
  }

  get(table: string, key: string): string | undefined {
    this.#assertOpen();
    return this.#tables.get(table)?.get(key);
  }

  entries(table: string): readonly (readonly [key: string, value: string])[] {
    this.#assertOpen();
    return [...(this.#tables.get(table) ?? [])].sort(([left], [right]) => (left < right ? -1 : 1));
  }

  page(table: string, after: string, limit: number): readonly (readonly [key: string, value: string])[] {
    return this.entries(table)
      .filter(([key]) => key > after)
      .slice(0, limit);
  }

  compact(): boolean {
    this.#assertOpen();
    return false;
  }

  transaction<T>(work: () => T): T {
    this.#assertOpen();
    const start = this.#undo.length;
    this.#depth += 1;
    try {
      return work();
    } catch (error) {
      this.#rollBack(start);
      throw error;
    } finally {
      this.#depth -= 1;
      if (this.#depth === 0) this.#undo = [];
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#rollBack(0);
    this.#isOpen = false;
    this.#leave();
  }

  /** The process was killed: what the open transaction wrote is not kept. */
  processEnded(): void {
    const copy = new Map([...this.#tables].map(([table, rows]) => [table, new Map(rows)]));
    this.#rollBack(0);
    this.#tables = copy;
    this.#leave();
  }

  #leave(): void {
    const { disk } = this.#context;
    if (disk.open.get(this.#path) === this) disk.open.delete(this.#path);
  }

  #write(table: string, key: string, value: string | undefined): void {
    this.#assertOpen();
    const { process, disk, faults, kill, scheduler } = this.#context;
    if (process.isAlive && disk.writesUntilKill <= 0) kill();
    if (process.isAlive) {
      disk.writesUntilKill -= 1;
      faults.countWrite(this.#path);
      scheduler.record(value === undefined ? `delete ${table} ${key}` : `put ${table} ${key} ${value}`);
    }
    const rows = this.#rows(table);
    this.#rememberUndo(rows, key);
    if (value === undefined) rows.delete(key);
    else rows.set(key, value);
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new JournalError(`the journal ${this.#path} is closed`);
  }

  #rows(table: string): Map<string, string> {
    const rows = this.#tables.get(table) ?? new Map<string, string>();
    this.#tables.set(table, rows);
    return rows;
  }

  #rememberUndo(rows: Map<string, string>, key: string): void {
    if (this.#depth === 0) return;
    const previous = rows.get(key);
    this.#undo.push(() => (previous === undefined ? rows.delete(key) : rows.set(key, previous)));
  }

  #rollBack(start: number): void {
    for (const undo of this.#undo.splice(start).reverse()) undo();
  }
}
