import { describeError, isAbort } from "../model/error.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Timers } from "../runtime/runtime.ts";
import type { OrderJournal } from "./order-journal.ts";

export interface JournalUpkeepOptions {
  readonly journal: Pick<
    OrderJournal,
    "pruneFills" | "pruneFunding" | "pruneOrderChanges" | "flushSettled" | "compact"
  >;
  readonly timers: Timers;
  readonly logger: Logger;
  /** The earliest time that the venue is asked for. */
  readonly horizonMs: () => number;
}

/** Note of what was told goes to disk with the next write; where none comes, this long after all the same. */
const SETTLED_MS = 1_000;
const FIRST_PRUNE_MS = 60_000;
const PRUNE_INTERVAL_MS = 6 * 3_600_000;
/** Pause between two pieces of work, so that orders and messages come first. */
const PAUSE_MS = 20;
const ROWS_AT_A_TIME = 500;
/** Rows that are a little older than anything that is asked for are kept: venues' clocks and pages are not exact. */
const MARGIN_MS = 86_400_000;

/** Keeps the journal small: what the venue cannot tell again is forgotten, in small pieces, and its room given back. */
export class JournalUpkeep {
  readonly #options: JournalUpkeepOptions;

  constructor(options: JournalUpkeepOptions) {
    this.#options = options;
  }

  /** The loops; run until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#settledLoop(signal), this.#pruneLoop(signal)]);
  }

  async #settledLoop(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#options.timers.sleep(SETTLED_MS, signal);
      this.#options.journal.flushSettled();
    }
  }

  async #pruneLoop(signal: AbortSignal): Promise<void> {
    const { timers, logger } = this.#options;
    await timers.sleep(FIRST_PRUNE_MS, signal);
    for (;;) {
      try {
        await this.prune(signal);
      } catch (error) {
        if (isAbort(error)) throw error;
        logger.warn("the journal could not be pruned", { error: describeError(error) });
      }
      await timers.sleep(PRUNE_INTERVAL_MS, signal);
    }
  }

  /** One turn over the whole journal. */
  async prune(signal: AbortSignal): Promise<void> {
    const { journal, horizonMs } = this.#options;
    const beforeMs = horizonMs() - MARGIN_MS;
    await this.#pieces(signal, (after) => journal.pruneFills(beforeMs, after, ROWS_AT_A_TIME));
    await this.#pieces(signal, (after) => journal.pruneFunding(beforeMs, after, ROWS_AT_A_TIME));
    await this.#pieces(signal, () => (journal.pruneOrderChanges(beforeMs, ROWS_AT_A_TIME) ? "" : undefined));
    await this.#pieces(signal, () => (journal.compact() ? "" : undefined));
  }

  /** `work` returns where the next piece begins, or undefined at the end. */
  async #pieces(signal: AbortSignal, work: (after: string) => string | undefined): Promise<void> {
    for (let after: string | undefined = ""; after !== undefined; ) {
      await this.#options.timers.sleep(PAUSE_MS, signal);
      after = work(after);
    }
  }
}
