import { JournalError } from "../model/error.ts";
import type { SimulatedJournalStore } from "./simulated-journal.ts";

export type Tables = Map<string, Map<string, string>>;

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
