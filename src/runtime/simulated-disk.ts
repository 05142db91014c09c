import { ConfigError, JournalError } from "../model/error.ts";
import { journalLocked } from "./journal-locked.ts";
import type { Files, JournalStore, JournalStores } from "./runtime.ts";
import { never } from "./simulated-http.ts";
import type { SimulatedProcess, SimulatedScheduler } from "./simulated-scheduler.ts";

type Tables = Map<string, Map<string, string>>;

/** What a host keeps across restarts. */
export class SimulatedDisk {
  readonly files = new Map<string, string>();
  readonly modes = new Map<string, number>();
  readonly journals = new Map<string, Tables>();
  /** The open journals by path. */
  readonly open = new Map<string, SimulatedJournalStore>();
  writesUntilKill = Number.POSITIVE_INFINITY;
}

/** Write failures, for every host of the world. */
export class SimulatedJournalFaults {
  #writesLeft = Number.POSITIVE_INFINITY;
  #message = "";

  /** The next `writes` writes succeed, those after them fail as on a full disk. */
  failAfter(writes: number, message = "database or disk is full"): void {
    this.#writesLeft = writes;
    this.#message = message;
  }

  /** Every write fails from now on. */
  failWrites(message = "database or disk is full"): void {
    this.failAfter(0, message);
  }

  /** Writes succeed again. */
  repair(): void {
    this.#writesLeft = Number.POSITIVE_INFINITY;
  }

  /** @internal */
  countWrite(path: string): void {
    if (this.#writesLeft <= 0) throw new JournalError(`cannot write the journal ${path}: ${this.#message}`);
    this.#writesLeft -= 1;
  }
}

interface JournalContext {
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
    if (!process.isAlive) throw new JournalError(`cannot open the journal ${path}: the process was killed`);
    if (path === ":memory:") return new SimulatedJournalStore(path, new Map(), this.#context);
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
    if (!process.isAlive) throw new JournalError(`cannot remove the journal ${path}: the process was killed`);
    disk.journals.delete(path);
  }
}

class SimulatedJournalStore implements JournalStore {
  readonly #path: string;
  readonly #tables: Tables;
  readonly #context: JournalContext;
  #isOpen = true;
  #depth = 0;
  #undo: (() => void)[] = [];

  constructor(path: string, tables: Tables, context: JournalContext) {
    this.#path = path;
    this.#tables = tables;
    this.#context = context;
  }

  put(table: string, key: string, value: string): void {
    this.#beforeWrite();
    const rows = this.#rows(table);
    this.#rememberUndo(rows, key);
    rows.set(key, value);
    this.#context.scheduler.record(`put ${table} ${key} ${value}`);
  }

  delete(table: string, key: string): void {
    this.#beforeWrite();
    const rows = this.#rows(table);
    this.#rememberUndo(rows, key);
    rows.delete(key);
    this.#context.scheduler.record(`delete ${table} ${key}`);
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
    const { disk } = this.#context;
    if (disk.open.get(this.#path) === this) disk.open.delete(this.#path);
  }

  #beforeWrite(): void {
    this.#assertOpen();
    const { disk, faults, kill } = this.#context;
    if (disk.writesUntilKill <= 0) {
      kill();
      throw new JournalError(`cannot write the journal ${this.#path}: the process was killed`);
    }
    disk.writesUntilKill -= 1;
    faults.countWrite(this.#path);
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

export class SimulatedFiles implements Files {
  readonly #process: SimulatedProcess;
  readonly #disk: SimulatedDisk;

  constructor(process: SimulatedProcess, disk: SimulatedDisk) {
    this.#process = process;
    this.#disk = disk;
  }

  async readText(path: string): Promise<string> {
    if (!this.#process.isAlive) return never();
    const text = this.#disk.files.get(path);
    if (text === undefined) throw new ConfigError(`cannot read ${path}: no such file`, { code: "FILE_NOT_FOUND" });
    return text;
  }

  async writeText(path: string, text: string, mode = 0o644): Promise<void> {
    if (!this.#process.isAlive) return never();
    this.#disk.files.set(path, text);
    this.#disk.modes.set(path, mode);
  }

  async mode(path: string): Promise<number> {
    await this.readText(path);
    return this.#disk.modes.get(path) ?? 0o644;
  }

  async exists(path: string): Promise<boolean> {
    return this.#process.isAlive ? this.#disk.files.has(path) : never();
  }

  async realPath(path: string): Promise<string> {
    return path;
  }

  async *lines(path: string): AsyncGenerator<string> {
    const lines = (await this.readText(path)).split(/\r?\n/);
    if (lines.at(-1) === "") lines.pop();
    yield* lines;
  }
}
