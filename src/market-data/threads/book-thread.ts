import type { TradingPair } from "../../model/market.ts";
import type { Thread } from "../../runtime/runtime.ts";
import type { BookCounters } from "../book-assembler.ts";
import type { ChannelStatus } from "../channel-board.ts";
import type { OrderBook } from "../order-book.ts";
import { CHANNEL_STATES, COUNTER_NAMES } from "./book-publisher.ts";
import type { CopiedSides, WideCopy } from "./copied-sides.ts";
import { Bell, FIELD, SharedBook } from "./shared-book.ts";

/** A book of the main thread, which another one keeps. */
export class FollowedBook {
  readonly book: OrderBook;
  readonly sides: CopiedSides;
  readonly counters: BookCounters;
  shared: SharedBook = SharedBook.for(0);
  socket = "";
  /** Reason of a refusal or a silence. */
  reason: string | undefined;
  /** Time since when its thread is gone. */
  lostSinceMs: number | undefined;
  /** Messages and counters of this thread that are in the book's own. */
  #messages = 0;
  readonly #counted = new Float64Array(COUNTER_NAMES.length);

  constructor(book: OrderBook, sides: CopiedSides, counters: BookCounters) {
    this.book = book;
    this.sides = sides;
    this.counters = counters;
  }

  get tradingPair(): TradingPair {
    return this.book.tradingPair;
  }

  /** Brings the counters up to date. */
  count(): void {
    for (const [at, name] of COUNTER_NAMES.entries()) {
      const count = this.shared.numbers[FIELD.counters + at] as number;
      this.counters[name] += count - (this.#counted[at] as number);
      this.#counted[at] = count;
    }
  }

  /** A new thread begins with a book that is empty. */
  startOver(): void {
    this.count();
    this.move(SharedBook.for(0));
    this.reason = undefined;
    this.#messages = 0;
    this.#counted.fill(0);
  }

  /** The book is in other memory from now on. */
  move(shared: SharedBook): void {
    this.shared = shared;
    this.sides.startOver();
  }

  /** Copies the book, and tells how many messages it has had since the last copy. */
  take(): number | "busy" | "wide" {
    const taken = this.sides.take(this.shared);
    return taken === "taken" ? this.#newMessages() : taken;
  }

  /** Takes over a wide book in the same way; undefined where that is an old one. */
  takeWide(copy: WideCopy): number | undefined {
    return this.sides.takeWide(copy) ? this.#newMessages() : undefined;
  }

  #newMessages(): number {
    const total = this.sides.numbers[FIELD.messages] as number;
    const messages = total - this.#messages;
    this.#messages = total;
    return messages;
  }

  /** True where the venue refuses its channel. */
  get isRefused(): boolean {
    return CHANNEL_STATES[this.shared.numbers[FIELD.channelState] as number] === "refused";
  }

  /** Status of its channel, as far as it is known here. */
  status(): ChannelStatus {
    const { numbers } = this.shared;
    const state = CHANNEL_STATES[numbers[FIELD.channelState] as number] ?? "requested";
    const { tradingPair, socket } = this;
    return {
      ...{ name: "orderBook", tradingPair, socket, state: this.lostSinceMs === undefined ? state : "requested" },
      sinceMonotonicMs: numbers[FIELD.channelSinceMs] as number,
      seenMonotonicMs: numbers[FIELD.channelSeenMs] as number,
      reason: this.reason,
    };
  }
}

/** A thread that is there to follow books, and its books by their slots. */
export class BookThread {
  readonly place: number;
  readonly slots: (FollowedBook | undefined)[] = [];
  bell = new Bell();
  figures = new Float64Array(new SharedArrayBuffer(FIGURES * 8));
  thread: Thread | undefined;
  startedMs = 0;
  /** Time when it last said something. */
  heardMs = 0;
  /** Looks in a row that found it silent. */
  silentLooks = 0;

  constructor(place: number) {
    this.place = place;
  }

  get count(): number {
    return this.slots.filter((followed) => followed !== undefined).length;
  }

  /** Gives the book the lowest slot that is free. */
  take(followed: FollowedBook): number {
    const free = this.slots.indexOf(undefined);
    const slot = free < 0 ? this.slots.length : free;
    this.slots[slot] = followed;
    return slot;
  }

  release(followed: FollowedBook): boolean {
    const slot = this.slots.indexOf(followed);
    if (slot < 0) return false;
    this.slots[slot] = undefined;
    return true;
  }

  get books(): readonly FollowedBook[] {
    return this.slots.filter((followed) => followed !== undefined);
  }
}

/** Counts of messages by kind, of those scanned, and of silences. */
export const FIGURES = 32;
export const SCANNED_AT = 30;
export const SILENCES_AT = 31;
