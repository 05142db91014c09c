import { NO_LEVEL } from "../side-view.ts";

/** Places of the numbers of a shared book. */
export const FIELD = {
  messages: 0,
  updateId: 1,
  timestampMs: 2,
  receivedAtMs: 3,
  receivedMonotonicMs: 4,
  priceScale: 5,
  sizeScale: 6,
  isShallow: 7,
  isWide: 8,
  isValid: 9,
  bidCount: 10,
  askCount: 11,
  bidKnown: 12,
  askKnown: 13,
  bidHorizon: 14,
  askHorizon: 15,
  isWhole: 16,
  bidLow: 17,
  bidHigh: 18,
  askLow: 19,
  askHigh: 20,
  channelState: 21,
  channelSinceMs: 22,
  channelSeenMs: 23,
  counters: 24,
} as const;

export const NUMBERS = 40;
const LOCK_BYTES = 64;
/** Characters of a reason that are told, at most. */
export const REASON_LENGTH = 160;
const REASON_AT = LOCK_BYTES + NUMBERS * 8;
const LEVELS_AT = REASON_AT + 8 + REASON_LENGTH * 2;
const MIN_CAPACITY = 256;
const VERSION = 0;
const TAKEN = 1;
/** A writer is done within microseconds, unless its thread stands still: the reader keeps what it has then. */
const MAX_ATTEMPTS = 64;

const fence = new Int32Array(1);

/** Prices and sizes of one side, best first. */
export interface SharedLevels {
  readonly prices: Float64Array;
  readonly sizes: Float64Array;
}

/**
 * A book in memory that two threads share: one writes, one reads. Its version is odd while it is written, and a reader that
 * meets an odd one, or another than before, reads again.
 */
export class SharedBook {
  readonly buffer: SharedArrayBuffer;
  readonly capacity: number;
  /** Written between `begin()` and `end()`, and read by `read()` alone. */
  readonly numbers: Float64Array;
  readonly bids: SharedLevels;
  readonly asks: SharedLevels;
  readonly #lock: Int32Array;
  readonly #reason: Uint16Array;

  /** `buffer` is one of another thread's `SharedBook`. */
  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.capacity = (buffer.byteLength - LEVELS_AT) / 32;
    this.#lock = new Int32Array(buffer, 0, LOCK_BYTES / 4);
    this.numbers = new Float64Array(buffer, LOCK_BYTES, NUMBERS);
    this.#reason = new Uint16Array(buffer, REASON_AT, REASON_LENGTH + 1);
    const column = (place: number) => new Float64Array(buffer, LEVELS_AT + place * this.capacity * 8, this.capacity);
    this.bids = { prices: column(0), sizes: column(1) };
    this.asks = { prices: column(2), sizes: column(3) };
  }

  /** A new one with room for so many levels a side, and some more. */
  static for(levels: number): SharedBook {
    let capacity = MIN_CAPACITY;
    while (capacity < levels) capacity *= 2;
    const book = new SharedBook(new SharedArrayBuffer(LEVELS_AT + capacity * 32));
    book.numbers[FIELD.isWhole] = 1;
    book.reason = "no snapshot yet";
    return book;
  }

  get version(): number {
    return Atomics.load(this.#lock, VERSION);
  }

  /** True when a reader has the state that was written last: what changed since then begins anew. */
  get isTaken(): boolean {
    return Atomics.load(this.#lock, TAKEN) === Atomics.load(this.#lock, VERSION);
  }

  /** Why the book cannot be read. */
  get reason(): string {
    const [length = 0] = this.#reason;
    return String.fromCharCode(...this.#reason.subarray(1, 1 + Math.min(length, REASON_LENGTH)));
  }

  set reason(text: string) {
    const length = Math.min(text.length, REASON_LENGTH);
    this.#reason[0] = length;
    for (let at = 0; at < length; at += 1) this.#reason[1 + at] = text.charCodeAt(at);
  }

  begin(): void {
    Atomics.add(this.#lock, VERSION, 1);
  }

  end(): void {
    Atomics.add(this.#lock, VERSION, 1);
  }

  /**
   * Calls `copy` until nothing was written meanwhile. Returns the version that was copied; `NO_LEVEL` where the writer was
   * at it all the time, and what was copied is to be forgotten.
   */
  read(copy: () => void): number {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const version = Atomics.load(this.#lock, VERSION);
      if ((version & 1) === 1) continue;
      copy();
      // Reads from before it may not be moved behind it, which a plain load would allow on some processors.
      Atomics.add(fence, 0, 0);
      if (Atomics.load(this.#lock, VERSION) !== version) continue;
      Atomics.store(this.#lock, TAKEN, version);
      return version;
    }
    return NO_LEVEL;
  }
}

/** Words of a bell before its bits, a cache line: the first tells that the reader has been told. */
const WORDS_BEFORE = 16;

/** Bits of the books that were written since they were last looked for, and whether the reader has been told. */
export class Bell {
  static readonly SLOTS = 4_096;
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer = new SharedArrayBuffer(WORDS_BEFORE * 4 + Bell.SLOTS / 8)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  mark(slot: number): void {
    Atomics.or(this.#words, WORDS_BEFORE + (slot >> 5), 1 << (slot & 31));
  }

  /** True when nobody has rung since the reader came: it is to be told. */
  ring(): boolean {
    return Atomics.exchange(this.#words, 0, 1) === 0;
  }

  /** Calls back with each slot that was marked, each once. */
  answer(visit: (slot: number) => void): void {
    Atomics.store(this.#words, 0, 0);
    for (let word = WORDS_BEFORE; word < this.#words.length; word += 1) {
      if (this.#words[word] === 0) continue;
      let bits = Atomics.exchange(this.#words, word, 0);
      while (bits !== 0) {
        const place = 31 - Math.clz32(bits);
        bits &= ~(1 << place);
        visit((word - WORDS_BEFORE) * 32 + place);
      }
    }
  }
}
