import { DISK_FULL } from "./disk-full.ts";
import type { Random } from "./runtime.ts";
import { assertWrites } from "./simulated-checks.ts";

export type Tables = Map<string, Map<string, string>>;

/** A row before it was written; `undefined`: there was none. */
export interface RowBefore {
  readonly table: string;
  readonly key: string;
  readonly value: string | undefined;
}

/**
 * Writes after which SQLite syncs its write-ahead log and moves it into the database: `wal_autocheckpoint` is 1,000 pages,
 * and a row makes about one of them new.
 */
const CHECKPOINT_WRITES = 1_000;

/** A journal as it lies on the disk, and which of its transactions the disk may not have yet. */
export class SimulatedJournalFile {
  readonly tables: Tables = new Map();
  /** Committed and not synced, oldest first: what each took the place of. */
  #tail: (readonly RowBefore[])[] = [];
  #tailWrites = 0;

  commit(before: readonly RowBefore[], isSynced: boolean): void {
    this.#tail.push(before);
    this.#tailWrites += before.length;
    if (isSynced || this.#tailWrites >= CHECKPOINT_WRITES) this.checkpoint();
  }

  checkpoint(): void {
    this.#tail = [];
    this.#tailWrites = 0;
  }

  /** Loses power: any number of the last transactions that were not synced are gone, each of them whole. */
  losePower(random: Random): void {
    const kept = random.integer(this.#tail.length + 1);
    for (const before of this.#tail.splice(kept).reverse()) takeBack(this.tables, before);
    this.checkpoint();
  }
}

export function takeBack(tables: Tables, before: readonly RowBefore[]): void {
  for (const { table, key, value } of before.toReversed()) {
    if (value === undefined) tables.get(table)?.delete(key);
    else tables.get(table)?.set(key, value);
  }
}

/** A journal that a process has open. */
interface OpenJournal {
  processEnded(): void;
}

/** Data that a host keeps across restarts. */
export class SimulatedDisk {
  readonly files = new Map<string, string>();
  readonly modes = new Map<string, number>();
  readonly journals = new Map<string, SimulatedJournalFile>();
  /** The open journals by path. */
  readonly open = new Map<string, OpenJournal>();
  readonly faults = new SimulatedWriteFaults();
  writesUntilKill = Number.POSITIVE_INFINITY;

  losePower(random: Random): void {
    for (const file of this.journals.values()) file.losePower(random);
  }
}

/** Writes that fail; what is there can be read all the same. */
export class SimulatedWriteFaults {
  #writesLeft = Number.POSITIVE_INFINITY;
  #reason = "";

  /** The next `writes` writes succeed, those after them fail, as on a full disk unless `reason` says why. */
  failAfter(writes: number, reason: string = DISK_FULL.reason): void {
    assertWrites(writes);
    this.#writesLeft = writes;
    this.#reason = reason;
  }

  /** Every write fails from now on. */
  failWrites(reason?: string): void {
    this.failAfter(0, reason);
  }

  /** Writes succeed again. */
  repair(): void {
    this.#writesLeft = Number.POSITIVE_INFINITY;
  }

  /** @internal Counts a write; why it fails, `undefined` when it does not. */
  take(): { readonly reason: string; readonly hint: string | undefined } | undefined {
    if (this.#writesLeft > 0) {
      this.#writesLeft -= 1;
      return undefined;
    }
    return { reason: this.#reason, hint: this.#reason === DISK_FULL.reason ? DISK_FULL.hint : undefined };
  }
}
