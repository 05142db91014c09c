import type { TradingPair } from "../model/market.ts";
import type { BookFrameBuffer } from "./book-frame-buffer.ts";
import type { Sides } from "./book-sides.ts";
import {
  type ContinuityRule,
  describeGap,
  isJoinedOverRest,
  isStaleSnapshot,
  judgeDiff,
  snapshotSourceOf,
} from "./continuity.ts";
import { type BookProblem, OrderBook } from "./order-book.ts";

/** Counts of the messages of one book, or of all books together, by their fate. */
export interface BookCounters {
  /** Messages that came, replayed ones counted once. */
  frames: number;
  /** Messages that became part of the book. */
  applied: number;
  snapshots: number;
  /** Older than the book, or before its first snapshot. */
  dropped: number;
  /** Number of diffs kept until a REST snapshot came. */
  buffered: number;
  /** Pushed out of a full buffer. */
  overflowed: number;
  gaps: number;
  checksumFailures: number;
  /** Malformed, unsorted or crossed. */
  rejected: number;
  /** The price left the levels that the venue told before a new snapshot came. */
  exhausted: number;
}

export function noBookCounters(): BookCounters {
  return {
    frames: 0,
    applied: 0,
    snapshots: 0,
    dropped: 0,
    buffered: 0,
    overflowed: 0,
    gaps: 0,
    checksumFailures: 0,
    rejected: 0,
    exhausted: 0,
  };
}

export function addCounters(total: BookCounters, counters: Readonly<BookCounters>): void {
  for (const name of Object.keys(total) as (keyof BookCounters)[]) total[name] += counters[name];
}

const REASONS: Partial<Record<BookProblem, string>> = {
  checksum: "checksum mismatch",
  exhausted: "the price left the levels that the venue told",
};

/** `broken`: the book has just become invalid, `book.invalidReason` says why. */
export type BookStep = "applied" | "buffered" | "dropped" | "broken";

export interface BookAssemblerOptions {
  readonly tradingPair: TradingPair;
  readonly rule: ContinuityRule;
  /** Diffs kept while a snapshot is awaited over REST; beyond it the oldest go. Default 1,000. */
  readonly maxBufferedDiffs?: number | undefined;
  readonly maxLevels?: number | undefined;
  readonly onListenerError?: ((error: unknown) => void) | undefined;
  readonly isEnded?: (() => boolean) | undefined;
  readonly onChanged?: (() => void) | undefined;
  /** Sides of a book that another thread keeps. */
  readonly sides?: Sides | undefined;
}

/**
 * Keeps one book equal to the venue's: joins snapshots and diffs by the continuity rule, and breaks the book as soon as
 * that cannot be proven. It knows nothing of sockets: live streams and recordings take the same path.
 */
export class BookAssembler {
  readonly book: OrderBook;
  readonly counters = noBookCounters();
  readonly #rule: ContinuityRule;
  readonly #maxBufferedDiffs: number;
  /** No snapshot is in the book, so diffs cannot be applied. */
  #isWaiting = true;
  /** A REST snapshot is in the book and no diff after it yet. */
  #isJoining = false;
  /** The book is valid and its diffs are kept as well, to join them with a snapshot that is on its way. */
  #isRecording = false;
  /** Diffs in their order: those that came since the book began to wait, or to record. */
  #buffer: BookFrameBuffer[] = [];

  constructor(options: BookAssemblerOptions) {
    const { tradingPair, rule, maxLevels, onListenerError, isEnded, onChanged, sides } = options;
    this.#rule = rule;
    this.#maxBufferedDiffs = options.maxBufferedDiffs ?? 1_000;
    const checksum = rule.kind === "checksum" ? rule.createChecksum() : undefined;
    const { depth } = rule;
    const follows = rule.kind === "checksum" ? "window" : rule.kind === "sequence" ? rule.follows : "book";
    const listening = { onListenerError, isEnded, onChanged };
    this.book = new OrderBook(tradingPair, { checksum, depth, follows, maxLevels, sides, ...listening });
  }

  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** True while diffs wait for a snapshot. */
  get holdsDiffs(): boolean {
    return this.#isWaiting && this.#buffer.length > 0;
  }

  handle(frame: BookFrameBuffer, receivedAtMs: number): BookStep {
    this.counters.frames += 1;
    return frame.kind === "snapshot"
      ? this.#handleSnapshot(frame, receivedAtMs)
      : this.#handleDiff(frame, receivedAtMs);
  }

  /** Makes the book unreadable until the next snapshot. `forget` also drops the diffs kept for one. */
  invalidate(reason: string, options: { readonly forget: boolean } = { forget: false }): void {
    this.#isWaiting = true;
    this.#isJoining = false;
    this.#isRecording = false;
    if (options.forget) this.#buffer = [];
    this.book.invalidate(reason);
  }

  /**
   * Call it before a snapshot of a valid book is asked for over REST. The book goes on, and its diffs are kept until the
   * snapshot comes: it is older than the book by then, and replaces it together with what came after it.
   */
  prepareRenewal(): void {
    if (!this.#isWaiting && snapshotSourceOf(this.#rule) === "rest") this.#isRecording = true;
  }

  #handleSnapshot(frame: BookFrameBuffer, receivedAtMs: number): BookStep {
    const isFromRest = this.#isFromRest(frame);
    if (isFromRest && !this.#isWaiting) return this.#renew(frame, receivedAtMs);
    if (!this.#isWaiting && isStaleSnapshot(this.#rule, this.book, frame)) return this.#drop();
    // A snapshot of the stream goes before the diffs that follow it: those that came earlier are of before it.
    if (!isFromRest) this.#buffer = [];
    // Listeners hear of the snapshot together with the diffs after it: alone it is a state that is over.
    if (this.#apply(frame, receivedAtMs, true) === "broken") return "broken";
    this.counters.snapshots += 1;
    this.#isWaiting = false;
    this.#isJoining = isFromRest;
    return this.#replay(receivedAtMs);
  }

  #isFromRest(snapshot: BookFrameBuffer): boolean {
    if (snapshotSourceOf(this.#rule) === "rest") return true;
    return isJoinedOverRest(this.#rule) && Number.isNaN(snapshot.previousUpdateId);
  }

  #replay(receivedAtMs: number): BookStep {
    const kept = this.#buffer;
    this.#buffer = [];
    for (const [index, frame] of kept.entries()) {
      if (this.#handleDiff(frame, receivedAtMs, true) !== "broken") continue;
      this.#buffer.push(...kept.slice(index + 1));
      return "broken";
    }
    this.book.announce();
    return "applied";
  }

  /** A snapshot for a book that is valid: it is taken when the diffs from it to the present are at hand. */
  #renew(frame: BookFrameBuffer, receivedAtMs: number): BookStep {
    const { book } = this;
    const later = this.#recordedAfter(frame);
    if (later === undefined) {
      // One that was asked for before the book healed would take it back in time.
      if (!book.isNearHorizon && !book.isShallow) this.#stopRecording();
      return this.#drop();
    }
    const lastReceivedAtMs = later.length === 0 ? receivedAtMs : book.receivedAtMs;
    this.#stopRecording();
    if (this.#apply(frame, lastReceivedAtMs, true) === "broken") return "broken";
    this.counters.snapshots += 1;
    this.#isJoining = later.length === 0;
    for (const [index, each] of later.entries()) {
      const problem = book.apply(each, lastReceivedAtMs, false, true);
      if (problem === undefined) continue;
      this.#broken(problem, each);
      if (problem === "exhausted") this.#buffer.push(...later.slice(index + 1));
      return "broken";
    }
    book.announce();
    return "applied";
  }

  /** The diffs from a snapshot to the present; undefined when one of them is missing. */
  #recordedAfter(snapshot: BookFrameBuffer): readonly BookFrameBuffer[] | undefined {
    if (snapshot.updateId > this.book.updateId) return [];
    if (!this.#isRecording) return undefined;
    if (snapshot.updateId === this.book.updateId) return [];
    const verdictOn = (diff: BookFrameBuffer) => judgeDiff(this.#rule, snapshot, diff, true);
    const from = this.#buffer.findIndex((diff) => verdictOn(diff) !== "drop");
    const first = this.#buffer[from];
    return first !== undefined && verdictOn(first) === "apply" ? this.#buffer.slice(from) : undefined;
  }

  #stopRecording(): void {
    if (this.#isRecording) this.#buffer = [];
    this.#isRecording = false;
  }

  #handleDiff(frame: BookFrameBuffer, receivedAtMs: number, isQuiet = false): BookStep {
    const verdict = judgeDiff(this.#rule, this.book, frame, this.#isJoining);
    if (verdict === "restart") {
      this.#isWaiting = false;
      this.#isJoining = false;
      this.#isRecording = false;
      this.#buffer = [];
      return this.#apply(frame, receivedAtMs, true, isQuiet);
    }
    if (this.#isWaiting) return this.#keep(frame);
    if (verdict === "drop") return this.#drop();
    if (verdict === "apply") {
      this.#isJoining = false;
      if (this.#isRecording) this.#store(frame);
      return this.#apply(frame, receivedAtMs, false, isQuiet);
    }
    this.counters.gaps += 1;
    // Nothing before the gap can be joined with what comes after it.
    this.#stopRecording();
    this.invalidate(describeGap(this.#rule, this.book, frame));
    this.#keep(frame);
    return "broken";
  }

  #apply(frame: BookFrameBuffer, receivedAtMs: number, asSnapshot: boolean, isQuiet = asSnapshot): BookStep {
    const problem = this.book.apply(frame, receivedAtMs, asSnapshot, isQuiet);
    if (problem !== undefined) return this.#broken(problem, frame);
    this.counters.applied += 1;
    return "applied";
  }

  #broken(problem: BookProblem, frame: BookFrameBuffer): BookStep {
    if (problem === "checksum") this.counters.checksumFailures += 1;
    else if (problem === "exhausted") this.counters.exhausted += 1;
    else this.counters.rejected += 1;
    const isExhausted = problem === "exhausted";
    // The diff that took the last level is sound: the next snapshot may be older than it.
    const isToKeep = isExhausted && frame.kind === "diff" && !this.#isRecording;
    if (!isExhausted) this.#stopRecording();
    this.invalidate(REASONS[problem] ?? `${problem} ${frame.kind}`);
    if (isToKeep && snapshotSourceOf(this.#rule) === "rest") this.#store(frame);
    return "broken";
  }

  #keep(frame: BookFrameBuffer): BookStep {
    if (!isJoinedOverRest(this.#rule)) return this.#drop();
    this.#store(frame);
    this.counters.buffered += 1;
    return "buffered";
  }

  #store(frame: BookFrameBuffer): void {
    if (this.#buffer.length >= this.#maxBufferedDiffs) {
      this.#buffer.shift();
      this.counters.overflowed += 1;
    }
    this.#buffer.push(frame.clone());
  }

  #drop(): BookStep {
    this.counters.dropped += 1;
    return "dropped";
  }
}
