import { ConfigError } from "../../model/error.ts";
import type { Market, TradingPair } from "../../model/market.ts";
import { Backoff, RECOVERY_GROWTH } from "../../net/backoff.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Runtime, Thread, ThreadHandlers } from "../../runtime/runtime.ts";
import type { BookCounters } from "../book-assembler.ts";
import type { BookCopy } from "../book-copy.ts";
import type { ChannelStatus } from "../channel-board.ts";
import type { OrderBook } from "../order-book.ts";
import { BookThread, FIGURES, FollowedBook, SCANNED_AT, SILENCES_AT } from "./book-thread.ts";
import type { CopiedSides } from "./copied-sides.ts";
import { errorOfText, textOfError } from "./error-text.ts";
import { textOfMarket } from "./market-text.ts";
import { Bell, FIELD, SharedBook } from "./shared-book.ts";
import type {
  ChannelNews,
  FromThread,
  MarketsOfThread,
  ThreadQuestion,
  ThreadSetup,
  ToThread,
  VenueState,
} from "./thread-messages.ts";

export interface BookThreadsOptions {
  readonly runtime: Pick<Runtime, "clock" | "timers" | "random">;
  readonly logger: Logger;
  /** Number of threads that the markets are dealt to. */
  readonly count: number;
  /** Tells a thread which venue it is to follow. */
  readonly venue: unknown;
  readonly requestTimeoutMs: number;
  start(data: ThreadSetup, handlers: ThreadHandlers): Thread;
  /** Metadata of a market; undefined where the venue does not have it. */
  market(tradingPair: TradingPair): Market | undefined;
  /** True where the venue has stopped listing a market. */
  isGone(tradingPair: TradingPair): boolean;
  /** Answers a thread: requests and limits are those of the connector. */
  answer(question: ThreadQuestion, signal: AbortSignal): Promise<unknown>;
  state(): VenueState;
  /** A thread tried to connect. */
  onAttempt(url: string, isOpen: boolean): void;
  onChannel(news: ChannelNews, status: ChannelStatus, isAgain: boolean): void;
  onMarketFailure(tradingPair: TradingPair, error: unknown): void;
}

/** The owner of the books hears of what threads do to them. */
export interface BookThreadsListener {
  onCopied(book: OrderBook, copy: BookCopy, receivedMonotonicMs: number): void;
  onInvalid(tradingPair: TradingPair, reason: string): void;
  onHealed(tradingPair: TradingPair, healMs: number): void;
  onEmpty(tradingPair: TradingPair): void;
}

const BACKOFF = { minMs: 500, maxMs: 30_000, growth: RECOVERY_GROWTH } as const;

/** A thread asks for the venue's time each second. */
const MAX_SILENCE_MS = 5_000;
/** Additional time for a thread that loads its modules. */
const START_MS = 20_000;
const LOOK_MS = 1_000;

/** Books that other threads follow: deals markets to threads, copies what they write, and starts a thread that ended anew. */
export class BookThreads {
  readonly #options: BookThreadsOptions;
  readonly #threads: readonly BookThread[];
  readonly #books = new Map<TradingPair, FollowedBook>();
  readonly #questions = new Map<string, AbortController>();
  /** Figures of threads that have ended. */
  readonly #past = new Float64Array(FIGURES);
  #running: { readonly signal: AbortSignal; readonly listener: BookThreadsListener } | undefined;

  constructor(options: BookThreadsOptions) {
    this.#options = options;
    this.#threads = Array.from({ length: options.count }, (_, place) => new BookThread(place));
  }

  /** Counts of messages by kind in the order of the dispatcher's, with those scanned and silences at their places. */
  figures(): Float64Array {
    const sum = this.#past.slice();
    for (const { figures } of this.#threads)
      for (const [at, count] of figures.entries()) sum[at] = (sum[at] ?? 0) + count;
    return sum;
  }

  /** Brings the counters of the books up to date. */
  count(): void {
    for (const followed of this.#books.values()) followed.count();
  }

  get scanned(): number {
    return this.figures()[SCANNED_AT] ?? 0;
  }

  get silences(): number {
    return this.figures()[SILENCES_AT] ?? 0;
  }

  /** Statuses of the channels of books, of one market or of all. */
  statuses(tradingPair?: TradingPair): readonly ChannelStatus[] {
    if (tradingPair === undefined) return [...this.#books.values()].map((followed) => followed.status());
    const followed = this.#books.get(tradingPair);
    return followed === undefined ? [] : [followed.status()];
  }

  /** True where the venue refuses the channel of a book. */
  get isAnyRefused(): boolean {
    for (const { isRefused } of this.#books.values()) if (isRefused) return true;
    return false;
  }

  follow(book: OrderBook, sides: CopiedSides, counters: BookCounters): void {
    const followed = new FollowedBook(book, sides, counters);
    this.#books.set(book.tradingPair, followed);
    const [least] = this.#threads.toSorted((a, b) => a.count - b.count);
    if (least === undefined || least.count >= Bell.SLOTS)
      throw new ConfigError("bookThreads have no room for a market more");
    const slot = least.take(followed);
    if (least.thread === undefined) return;
    const { tradingPair, shared } = followed;
    this.#post(least, { kind: "markets", ...this.#marketsOf(least) });
    this.#post(least, { kind: "follow", tradingPair, slot, buffer: shared.buffer });
  }

  leave(tradingPair: TradingPair): void {
    const followed = this.#books.get(tradingPair);
    if (followed === undefined) return;
    this.#books.delete(tradingPair);
    const thread = this.#threads.find((each) => each.release(followed));
    if (thread !== undefined) this.#post(thread, { kind: "leave", tradingPair });
  }

  /** The venue's list of markets was read. */
  updateListed(): void {
    for (const thread of this.#threads) this.#post(thread, { kind: "markets", ...this.#marketsOf(thread) });
  }

  /** Runs the threads until the signal fires; none is left then. */
  async run(signal: AbortSignal, listener: BookThreadsListener): Promise<never> {
    this.#running = { signal, listener };
    try {
      for (const thread of this.#threads) this.#start(thread);
      return await this.#watch(signal);
    } finally {
      this.#running = undefined;
      for (const question of this.#questions.values()) question.abort();
      await Promise.all(this.#threads.map((thread) => this.#end(thread)));
    }
  }

  async #end(thread: BookThread): Promise<void> {
    const ending = thread.thread;
    thread.thread = undefined;
    await ending?.end();
  }

  #start(thread: BookThread): void {
    const { clock } = this.#options.runtime;
    for (const [at, count] of thread.figures.entries()) this.#past[at] = (this.#past[at] ?? 0) + count;
    thread.bell = new Bell();
    thread.figures = new Float64Array(new SharedArrayBuffer(FIGURES * 8));
    thread.startedMs = clock.monotonic();
    thread.heardMs = thread.startedMs + START_MS;
    thread.silentLooks = 0;
    const followed = [...thread.slots.entries()].flatMap(([slot, each]) => {
      each?.startOver();
      return each === undefined ? [] : [{ tradingPair: each.tradingPair, slot, buffer: each.shared.buffer }];
    });
    const { venue, requestTimeoutMs } = this.#options;
    const setup: ThreadSetup = {
      ...{ venue, requestTimeoutMs, followed, state: this.#options.state(), ...this.#marketsOf(thread) },
      ...{ bell: thread.bell.buffer, figures: thread.figures.buffer as SharedArrayBuffer },
    };
    const started: Thread = this.#options.start(setup, {
      // The last words of a thread that has ended are about books that are invalid by now.
      onMessage: (message) => thread.thread === started && this.#onMessage(thread, message as FromThread),
      onEnd: (reason) => thread.thread === started && this.#ended(thread, reason),
    });
    thread.thread = started;
  }

  /** Runs until aborted. A thread says something each second; one that hangs leaves books that only look valid. */
  async #watch(signal: AbortSignal): Promise<never> {
    const { clock, timers } = this.#options.runtime;
    for (;;) {
      await timers.sleep(LOOK_MS, signal);
      for (const thread of this.#threads) {
        const isSilent = thread.thread !== undefined && clock.monotonic() - thread.heardMs > MAX_SILENCE_MS;
        thread.silentLooks = isSilent ? thread.silentLooks + 1 : 0;
        // After a pause of this thread the first look comes before the messages that wait.
        if (thread.silentLooks < 2) continue;
        const hanging = thread.thread;
        this.#ended(thread, "it said nothing for seconds");
        void hanging?.end();
      }
    }
  }

  /** Books of a thread that ended are invalid until another one has them again. */
  #ended(thread: BookThread, reason: string): void {
    const { runtime, logger } = this.#options;
    const { clock, timers } = runtime;
    thread.thread = undefined;
    logger.error("a thread of order books has ended and is started anew", { thread: thread.place + 1, reason });
    for (const [key, question] of this.#questions) if (key.startsWith(`${thread.place}/`)) question.abort();
    for (const followed of thread.books) {
      const wasValid = followed.book.isValid;
      followed.lostSinceMs ??= wasValid ? clock.monotonic() : undefined;
      followed.reason = undefined;
      const why = `the thread of the book has ended: ${reason}`;
      if (wasValid) this.#running?.listener.onInvalid(followed.tradingPair, why);
      else followed.book.invalidate(why);
    }
    const backoff = this.#backoffOf(thread);
    backoff.wentWell(clock.monotonic() - thread.startedMs);
    const running = this.#running;
    const startAgain = (): void => {
      if (running !== undefined && running === this.#running && thread.thread === undefined) this.#start(thread);
    };
    // A program that has stopped its connector ends at once.
    timers.after(backoff.nextMs(), startAgain, { background: true });
  }

  readonly #backoffs = new Map<BookThread, Backoff>();

  #backoffOf(thread: BookThread): Backoff {
    const backoff = this.#backoffs.get(thread) ?? new Backoff(BACKOFF, this.#options.runtime.random);
    this.#backoffs.set(thread, backoff);
    return backoff;
  }

  #marketsOf(thread: BookThread): MarketsOfThread {
    const { market, isGone } = this.#options;
    const pairs = thread.books.map(({ tradingPair }) => tradingPair);
    const markets = pairs.flatMap((pair) => market(pair) ?? []).map(textOfMarket);
    return { markets, gone: pairs.filter((pair) => isGone(pair) || market(pair) === undefined) };
  }

  #post(thread: BookThread, message: ToThread): void {
    thread.thread?.post(message);
  }

  #onMessage(thread: BookThread, message: FromThread): void {
    thread.heardMs = this.#options.runtime.clock.monotonic();
    if (this.#running === undefined) return;
    const { onChannel, onAttempt, onMarketFailure, logger } = this.#options;
    switch (message.kind) {
      case "ring":
        this.#answerBell(thread);
        break;
      case "log":
        logger[message.level](message.message, message.fields as Readonly<Record<string, unknown>>);
        break;
      case "ask":
        void this.#answer(thread, message.id, message.question);
        break;
      case "abort":
        this.#questions.get(`${thread.place}/${message.id}`)?.abort();
        break;
      case "attempt":
        onAttempt(message.url, message.isOpen);
        break;
      case "channel":
        this.#noteReason(message.status);
        onChannel(message.news, message.status, message.isAgain);
        break;
      case "failure":
        onMarketFailure(message.tradingPair, errorOfText(message.error));
        break;
      default:
        this.#onBook(message);
    }
  }

  #onBook(message: Extract<FromThread, { readonly tradingPair: TradingPair }>): void {
    const followed = this.#books.get(message.tradingPair);
    const { listener } = this.#running ?? {};
    if (followed === undefined || listener === undefined) return;
    switch (message.kind) {
      case "moved":
        followed.move(new SharedBook(message.buffer));
        this.#take(followed);
        break;
      case "wide":
        this.#tell(followed, followed.takeWide(message.copy));
        break;
      case "invalid":
        // It may be well again in the shared memory, which is told after this.
        listener.onInvalid(message.tradingPair, message.reason);
        break;
      case "healed":
        this.#take(followed);
        listener.onHealed(message.tradingPair, message.healMs);
        break;
      case "empty":
        listener.onEmpty(message.tradingPair);
        break;
      case "socket":
        followed.socket = message.socket;
        break;
    }
  }

  #noteReason({ tradingPair, state, reason }: ChannelStatus): void {
    const followed = this.#books.get(tradingPair);
    if (followed !== undefined) followed.reason = state === "refused" || state === "silent" ? reason : undefined;
  }

  #answerBell(thread: BookThread): void {
    if (thread.thread === undefined) return;
    thread.bell.answer((slot) => {
      const followed = thread.slots[slot];
      if (followed === undefined || this.#take(followed)) return;
      // Its writer stands still in the midst of it: there is something to copy when it goes on.
      thread.bell.mark(slot);
      if (thread.bell.ring()) this.#options.runtime.timers.after(1, () => this.#running && this.#answerBell(thread));
    });
  }

  /** Copies a book and tells its listeners. False where that is to be tried again. */
  #take(followed: FollowedBook): boolean {
    if (this.#running === undefined) return true;
    const messages = followed.take();
    if (typeof messages === "number") this.#tell(followed, messages);
    return messages !== "busy";
  }

  #tell(followed: FollowedBook, messages: number | undefined): void {
    const { listener } = this.#running ?? {};
    if (listener === undefined || messages === undefined) return;
    const { book, sides, tradingPair } = followed;
    listener.onCopied(book, sides.copyWith(messages), sides.numbers[FIELD.receivedMonotonicMs] ?? Number.NaN);
    if (followed.lostSinceMs !== undefined && book.isValid) {
      const healMs = this.#options.runtime.clock.monotonic() - followed.lostSinceMs;
      followed.lostSinceMs = undefined;
      listener.onHealed(tradingPair, healMs);
    }
  }

  async #answer(thread: BookThread, id: number, question: ThreadQuestion): Promise<void> {
    const asked = thread.thread;
    const key = `${thread.place}/${id}`;
    const stop = new AbortController();
    this.#questions.set(key, stop);
    const reply = (answer: { readonly value?: unknown } | { readonly error: ReturnType<typeof textOfError> }): void => {
      if (thread.thread === asked) this.#post(thread, { kind: "answer", id, ...answer });
    };
    try {
      reply({ value: await this.#options.answer(question, stop.signal) });
    } catch (error) {
      reply({ error: textOfError(error) });
    } finally {
      if (this.#questions.get(key) === stop) this.#questions.delete(key);
    }
  }
}
