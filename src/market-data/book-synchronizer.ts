import type { TradingPair } from "../model/market.ts";
import type { BookFrameBuffer } from "./book-frame-buffer.ts";
import { type ContinuityRule, describeGap, judgeDiff, snapshotSourceOf } from "./continuity.ts";
import { OrderBook } from "./order-book.ts";

/** What became of the messages of one book, or of all books together. */
export interface BookCounters {
  /** Messages that came, replayed ones counted once. */
  frames: number;
  /** Messages that became part of the book. */
  applied: number;
  snapshots: number;
  /** Older than the book, or before its first snapshot. */
  dropped: number;
  /** Kept until a REST snapshot came. */
  buffered: number;
  /** Pushed out of a full buffer. */
  overflowed: number;
  gaps: number;
  checksumFailures: number;
  /** Malformed, unsorted or crossed. */
  rejected: number;
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
  };
}

/** `broken`: the book has just become invalid, `book.invalidReason` says why. */
export type BookStep = "applied" | "buffered" | "dropped" | "broken";

export interface BookSynchronizerOptions {
  readonly tradingPair: TradingPair;
  readonly rule: ContinuityRule;
  /** Diffs kept while a REST snapshot is awaited; beyond it the oldest go. Default 1,000. */
  readonly maxBufferedDiffs?: number | undefined;
  readonly maxLevels?: number | undefined;
  readonly onListenerError?: ((error: unknown) => void) | undefined;
}

/**
 * Keeps one book equal to the venue's: joins snapshots and diffs by the continuity rule, and breaks the book as soon as
 * that cannot be proven. It knows nothing of sockets: live streams and recordings take the same path.
 */
export class BookSynchronizer {
  readonly book: OrderBook;
  readonly counters = noBookCounters();
  readonly #rule: ContinuityRule;
  readonly #maxBufferedDiffs: number;
  /** No snapshot is in the book, so diffs cannot be applied. */
  #isWaiting = true;
  /** A REST snapshot is in the book and no diff after it yet. */
  #isJoining = false;
  #buffer: BookFrameBuffer[] = [];

  constructor(options: BookSynchronizerOptions) {
    const { tradingPair, rule, maxLevels, onListenerError } = options;
    this.#rule = rule;
    this.#maxBufferedDiffs = options.maxBufferedDiffs ?? 1_000;
    const checksumDepth = rule.kind === "checksum" ? rule.depth : undefined;
    this.book = new OrderBook(tradingPair, { checksumDepth, maxLevels, onListenerError });
  }

  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  get bufferedDiffs(): number {
    return this.#buffer.length;
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
    if (options.forget) this.#buffer = [];
    this.book.invalidate(reason);
  }

  #handleSnapshot(frame: BookFrameBuffer, receivedAtMs: number): BookStep {
    const isFromRest = snapshotSourceOf(this.#rule) === "rest";
    // A REST snapshot that was asked for before the book healed would take it back in time.
    if (isFromRest && !this.#isWaiting && frame.updateId <= this.book.updateId) return this.#drop();
    if (this.#apply(frame, receivedAtMs, true) === "broken") return "broken";
    this.counters.snapshots += 1;
    this.#isWaiting = false;
    this.#isJoining = isFromRest;
    return this.#replay(receivedAtMs);
  }

  #replay(receivedAtMs: number): BookStep {
    const kept = this.#buffer;
    this.#buffer = [];
    for (const [index, frame] of kept.entries()) {
      if (this.#handleDiff(frame, receivedAtMs) !== "broken") continue;
      this.#buffer.push(...kept.slice(index + 1));
      return "broken";
    }
    return "applied";
  }

  #handleDiff(frame: BookFrameBuffer, receivedAtMs: number): BookStep {
    const verdict = judgeDiff(this.#rule, this.book, frame, this.#isJoining);
    if (verdict === "restart") {
      this.#isWaiting = false;
      this.#isJoining = false;
      this.#buffer = [];
      return this.#apply(frame, receivedAtMs, true);
    }
    if (this.#isWaiting) return this.#keep(frame);
    if (verdict === "drop") return this.#drop();
    if (verdict === "apply") {
      this.#isJoining = false;
      return this.#apply(frame, receivedAtMs, false);
    }
    this.counters.gaps += 1;
    this.invalidate(describeGap(this.#rule, this.book, frame));
    this.#keep(frame);
    return "broken";
  }

  #apply(frame: BookFrameBuffer, receivedAtMs: number, asSnapshot: boolean): BookStep {
    const problem = this.book.apply(frame, receivedAtMs, asSnapshot);
    if (problem === undefined) {
      this.counters.applied += 1;
      return "applied";
    }
    if (problem === "checksum") this.counters.checksumFailures += 1;
    else this.counters.rejected += 1;
    this.invalidate(problem === "checksum" ? "checksum mismatch" : `${problem} ${frame.kind}`);
    return "broken";
  }

  #keep(frame: BookFrameBuffer): BookStep {
    if (snapshotSourceOf(this.#rule) === "stream") return this.#drop();
    if (this.#buffer.length >= this.#maxBufferedDiffs) {
      this.#buffer.shift();
      this.counters.overflowed += 1;
    }
    this.#buffer.push(frame.clone());
    this.counters.buffered += 1;
    return "buffered";
  }

  #drop(): BookStep {
    this.counters.dropped += 1;
    return "dropped";
  }
}
