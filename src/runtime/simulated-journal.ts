import { JournalError } from "../model/error.ts";
import { journalLocked } from "./journal-locked.ts";
import type { JournalStore, JournalStores, JournalView, JournalWrite } from "./runtime.ts";
import {
  type RowBefore,
  type SimulatedDisk,
  SimulatedJournalFile,
  type SimulatedWriteFaults,
  type Tables,
  takeBack,
} from "./simulated-disk.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { SimulatedScheduler } from "./simulated-scheduler.ts";

export interface JournalContext {
  readonly process: SimulatedProcess;
  readonly disk: SimulatedDisk;
  /** Faults of the journals of all hosts. */
  readonly faults: SimulatedWriteFaults;
  readonly scheduler: SimulatedScheduler;
  readonly kill: () => void;
}

type Durability = "process" | "power";

export class SimulatedJournalStores implements JournalStores {
  readonly #context: JournalContext;

  constructor(context: JournalContext) {
    this.#context = context;
  }

  open(path: string, options: { readonly durability?: Durability } = {}): JournalStore {
    const { process, disk } = this.#context;
    const { durability = "process" } = options;
    // Code of a dead process writes where nobody reads.
    if (path === ":memory:" || !process.isAlive) {
      return new SimulatedJournalStore(path, new SimulatedJournalFile(), durability, this.#context);
    }
    // A host runs one process at a time.
    if (disk.open.has(path)) throw journalLocked(path, "here");
    const file = disk.journals.get(path) ?? this.#create(path);
    const store = new SimulatedJournalStore(path, file, durability, this.#context);
    disk.open.set(path, store);
    return store;
  }

  #create(path: string): SimulatedJournalFile {
    const { disk } = this.#context;
    const failure = disk.faults.take();
    if (failure !== undefined) {
      throw new JournalError(`cannot open the journal ${path}: ${failure.reason}`, { hint: failure.hint });
    }
    const file = new SimulatedJournalFile();
    disk.journals.set(path, file);
    return file;
  }

  view(path: string): JournalView {
    const file = this.#context.disk.journals.get(path);
    if (file === undefined)
      throw new JournalError(`there is no journal ${path}`, { code: "JOURNAL_NOT_FOUND", retry: "never" });
    const tables = new Map([...file.tables].map(([name, rows]) => [name, new Map(rows)]));
    return {
      tables: () => [...tables.keys()].sort(),
      get: (table, key) => tables.get(table)?.get(key),
      page: (table, after, limit) =>
        [...(tables.get(table) ?? [])]
          .filter(([key]) => key > after)
          .sort(([left], [right]) => (left < right ? -1 : 1))
          .slice(0, limit),
      close: () => undefined,
    };
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
class SimulatedJournalStore implements JournalStore {
  readonly #path: string;
  readonly #file: SimulatedJournalFile;
  readonly #durability: Durability;
  readonly #context: JournalContext;
  #tables: Tables;
  #isOpen = true;
  #depth = 0;
  /** Rows that the writes of the open transaction replaced. */
  #before: RowBefore[] = [];
  #isRolledBack = false;

  constructor(path: string, file: SimulatedJournalFile, durability: Durability, context: JournalContext) {
    this.#path = path;
    this.#file = file;
    this.#durability = durability;
    this.#context = context;
    this.#tables = file.tables;
  }

  put(table: string, key: string, value: string): void {
    this.#write(table, key, value);
  }

  delete(table: string, key: string): void {
    this.#write(table, key, undefined);
  }

  get(table: string, key: string): string | undefined {
    this.#assertUsable("read");
    return this.#tables.get(table)?.get(key);
  }

  entries(table: string): readonly (readonly [key: string, value: string])[] {
    this.#assertUsable("read");
    return [...(this.#tables.get(table) ?? [])].sort(([left], [right]) => (left < right ? -1 : 1));
  }

  page(table: string, after: string, limit: number): readonly (readonly [key: string, value: string])[] {
    return this.entries(table)
      .filter(([key]) => key > after)
      .slice(0, limit);
  }

  compact(): boolean {
    this.#assertUsable("write");
    return false;
  }

  transaction<T>(work: () => T): T {
    this.#assertUsable("write");
    const start = this.#before.length;
    this.#depth += 1;
    try {
      const result = work();
      this.#assertUsable("write");
      if (this.#depth === 1) this.#keep(this.#before.splice(0));
      return result;
    } catch (error) {
      this.#rollBack(start);
      throw error;
    } finally {
      this.#depth -= 1;
      if (this.#depth === 0) this.#isRolledBack = false;
    }
  }

  commit(writes: readonly JournalWrite[]): void {
    this.transaction(() => {
      for (const { table, key, value } of writes) this.#write(table, key, value);
    });
  }

  /** The last one to close a database moves its log into it. */
  close(): void {
    if (!this.#isOpen) return;
    this.#rollBack(0);
    this.#isOpen = false;
    if (this.#context.process.isAlive) this.#file.checkpoint();
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
    this.#assertUsable("write");
    const { process, disk, scheduler, kill } = this.#context;
    if (process.isAlive && disk.writesUntilKill <= 0) kill();
    if (process.isAlive) {
      disk.writesUntilKill -= 1;
      this.#assertRoom();
      scheduler.record(value === undefined ? `delete ${table} ${key}` : `put ${table} ${key} ${value}`);
    }
    const rows = this.#rows(table);
    const before = { table, key, value: rows.get(key) };
    if (value === undefined) rows.delete(key);
    else rows.set(key, value);
    if (this.#depth > 0) this.#before.push(before);
    else this.#keep([before]);
  }

  #keep(before: readonly RowBefore[]): void {
    if (this.#context.process.isAlive) this.#file.commit(before, this.#durability === "power");
  }

  /** SQLite rolls the whole transaction back by itself when the disk is full. */
  #assertRoom(): void {
    const { disk, faults, scheduler } = this.#context;
    const failure = faults.take() ?? (this.#path === ":memory:" ? undefined : disk.faults.take());
    if (failure === undefined) return;
    scheduler.record(`cannot write ${this.#path}`);
    this.#rollBack(0);
    this.#isRolledBack = this.#depth > 0;
    throw new JournalError(`cannot write the journal ${this.#path}: ${failure.reason}`, { hint: failure.hint });
  }

  #assertUsable(action: "read" | "write"): void {
    if (!this.#isOpen) throw new JournalError(`the journal ${this.#path} is closed`);
    if (this.#isRolledBack) {
      throw new JournalError(`cannot ${action} the journal ${this.#path}: the transaction was rolled back`);
    }
  }

  #rows(table: string): Map<string, string> {
    const rows = this.#tables.get(table) ?? new Map<string, string>();
    this.#tables.set(table, rows);
    return rows;
  }

  #rollBack(start: number): void {
    takeBack(this.#tables, this.#before.splice(start));
  }
}
