import { isAbort, throwIfAborted } from "../model/error.ts";
import type { Clock } from "../runtime/runtime.ts";

/** Progress of the look-up of one thing. Monotonic times. */
export interface Inquiry {
  readonly sinceMs: number;
  /** Time when the last look began; minus infinity before the first. */
  askedMs: number;
  /**
   * Time when the first of the looks ended that have found nothing since; undefined after a look that found something.
   */
  fruitlessSinceMs: number | undefined;
  /** Looks that brought no answer. */
  failures: number;
}

export interface WantedLookUp {
  readonly key: string;
  /** Goes before what is not. */
  readonly isUrgent: boolean;
  /** Delay before the first look. */
  readonly delayMs: number;
  /** Wait between two looks: the first one, which doubles up to the longest. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** Resolves to whether the venue answered. */
  work(inquiry: Inquiry, signal: AbortSignal): Promise<boolean>;
}

interface Entry {
  readonly inquiry: Inquiry;
  wanted: WantedLookUp | undefined;
  nextMs: number;
  waitMs: number;
  running: Promise<boolean> | undefined;
  /** True where the venue answered the last look; undefined while that runs, and where it was broken off. */
  wasAnswered: boolean | undefined;
}

export interface LookUpsOptions {
  readonly clock: Clock;
  /** A look-up has ended, so that another may begin. */
  onFree(): void;
}

/** Look-ups at a time; what has been answered before goes first, so that those which hang do not hold up the others. */
const SLOTS = 8;

/** Looks things up again and again, each with a back-off of its own, none of them twice at a time. */
export class LookUps {
  readonly #options: LookUpsOptions;
  readonly #entries = new Map<string, Entry>();
  #running = 0;

  constructor(options: LookUpsOptions) {
    this.#options = options;
  }

  /**
   * Wants a thing looked up, from now on until `keep` leaves it out. A look-up that becomes urgent starts its back-off
   * anew: what it was backing off from is another reason.
   */
  want(wanted: WantedLookUp): void {
    const entry = this.#entryOf(wanted.key);
    const nowMs = this.#options.clock.monotonic();
    const isMoreUrgent = wanted.isUrgent && entry.wanted?.isUrgent === false;
    if (entry.wanted === undefined || isMoreUrgent) {
      const dueMs = nowMs + wanted.delayMs;
      entry.nextMs = isMoreUrgent ? Math.min(entry.nextMs, dueMs) : dueMs;
      entry.waitMs = Math.max(wanted.firstMs, wanted.delayMs);
    }
    entry.wanted = wanted;
  }

  /** Lets go what is no longer wanted. */
  keep(wanted: ReadonlySet<string>): void {
    for (const [key, entry] of this.#entries) {
      if (wanted.has(key)) continue;
      entry.wanted = undefined;
      if (entry.running === undefined) this.#entries.delete(key);
    }
  }

  /** Begins what is due, as far as there are places: urgent ones first, then those that have hung least. */
  startDue(signal: AbortSignal): void {
    const nowMs = this.#options.clock.monotonic();
    if (this.#running >= SLOTS) return;
    const due = [...this.#entries.values()].filter(
      ({ wanted, nextMs, running }) => wanted !== undefined && running === undefined && nextMs <= nowMs,
    );
    due.sort(
      (a, b) =>
        Number(b.wanted?.isUrgent) - Number(a.wanted?.isUrgent) ||
        a.inquiry.failures - b.inquiry.failures ||
        a.nextMs - b.nextMs,
    );
    for (const entry of due.slice(0, SLOTS - this.#running)) {
      const { wanted } = entry;
      if (wanted === undefined) continue;
      entry.nextMs = nowMs + entry.waitMs;
      entry.waitMs = Math.min(entry.waitMs * 2, wanted.maxMs);
      void this.#start(wanted.key, entry, () => wanted.work(entry.inquiry, signal)).catch(() => undefined);
    }
  }

  /**
   * Looks a thing up at once, unless a look began at or after `sinceMs`: then its answer counts. Resolves to whether the
   * venue answered. Whoever waits for the look of another looks again where that is broken off.
   */
  async now(
    key: string,
    sinceMs: number,
    signal: AbortSignal,
    work: (inquiry: Inquiry) => Promise<boolean>,
  ): Promise<boolean> {
    for (;;) {
      throwIfAborted(signal);
      const entry = this.#entryOf(key);
      const isRecent = entry.inquiry.askedMs >= sinceMs;
      if (entry.running === undefined) {
        if (isRecent && entry.wasAnswered !== undefined) return entry.wasAnswered;
        return this.#start(key, entry, () => work(entry.inquiry));
      }
      const answer = await entry.running.catch((error: unknown) => {
        if (isRecent && !isAbort(error)) throw error;
      });
      if (isRecent && answer !== undefined) return answer;
    }
  }

  /** Computes the time until something is due, at most `idleMs` and at least a millisecond. */
  untilNextMs(idleMs: number): number {
    const nowMs = this.#options.clock.monotonic();
    let nextMs = nowMs + idleMs;
    // Places are all taken: only the end of a look-up makes room.
    if (this.#running >= SLOTS) return idleMs;
    for (const { wanted, nextMs: ownMs, running } of this.#entries.values()) {
      if (wanted !== undefined && running === undefined) nextMs = Math.min(nextMs, ownMs);
    }
    return Math.max(1, nextMs - nowMs);
  }

  #entryOf(key: string): Entry {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const sinceMs = this.#options.clock.monotonic();
    const inquiry = { sinceMs, askedMs: Number.NEGATIVE_INFINITY, fruitlessSinceMs: undefined, failures: 0 };
    const entry: Entry = {
      inquiry,
      wanted: undefined,
      nextMs: sinceMs,
      waitMs: 1,
      running: undefined,
      wasAnswered: undefined,
    };
    this.#entries.set(key, entry);
    return entry;
  }

  #start(key: string, entry: Entry, work: () => Promise<boolean>): Promise<boolean> {
    entry.inquiry.askedMs = this.#options.clock.monotonic();
    entry.wasAnswered = undefined;
    this.#running += 1;
    const running = this.#watch(entry, work()).finally(() => {
      this.#running -= 1;
      entry.running = undefined;
      if (entry.wanted === undefined && this.#entries.get(key) === entry) this.#entries.delete(key);
      this.#options.onFree();
    });
    entry.running = running;
    // A failure is its caller's to hear, where there is one.
    running.catch(() => undefined);
    return running;
  }

  async #watch(entry: Entry, work: Promise<boolean>): Promise<boolean> {
    const wasAnswered = await work;
    entry.wasAnswered = wasAnswered;
    if (!wasAnswered) entry.inquiry.failures += 1;
    return wasAnswered;
  }
}
