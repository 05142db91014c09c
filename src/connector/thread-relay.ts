import { errorOfText } from "../market-data/threads/error-text.ts";
import type {
  FromThread,
  LogLevel,
  ThreadQuestion,
  ToThread,
  VenueState,
} from "../market-data/threads/thread-messages.ts";
import { AbortError, isAbort, throwIfAborted } from "../model/error.ts";
import { Throttler } from "../net/throttler.ts";
import type { AcquireOptions } from "../net/throttler-options.ts";
import { TimeSynchronizer } from "../net/time-synchronizer.ts";
import type { VenueApi } from "../net/venue-api.ts";
import type { WebAssistantsFactory } from "../net/web-assistants-factory.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Runtime, WebSocketClient } from "../runtime/runtime.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";

export interface ThreadRelayOptions {
  readonly venue: PerpetualVenue;
  readonly runtime: Runtime;
  readonly state: VenueState;
  post(message: FromThread): void;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Limits of the main thread, which all threads share. */
class RelayedThrottler extends Throttler {
  readonly #acquire: (limitId: string, signal: AbortSignal | undefined) => Promise<void>;

  constructor(runtime: Runtime, acquire: (limitId: string, signal: AbortSignal | undefined) => Promise<void>) {
    super({ rateLimits: [], clock: runtime.clock, timers: runtime.timers });
    this.#acquire = acquire;
  }

  override acquire(limitId: string, options?: AcquireOptions): Promise<void> {
    return this.#acquire(limitId, options?.signal);
  }
}

/** The venue's time as far as the main thread knows it. */
class RelayedTime extends TimeSynchronizer {
  readonly #now: () => number;

  constructor(runtime: Runtime, now: () => number) {
    super({ clock: runtime.clock });
    this.#now = now;
  }

  override time(): number {
    return this.#now();
  }
}

/** Network of a thread: sockets of its own, while requests, limits, the venue's time and the log are the main thread's. */
export class ThreadRelay {
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly factory: WebAssistantsFactory;
  readonly api: VenueApi;
  readonly #post: (message: FromThread) => void;
  readonly #waiting = new Map<number, Waiting>();
  #state: VenueState;
  #lastId = 0;

  constructor({ venue, runtime, state, post }: ThreadRelayOptions) {
    this.#post = post;
    this.#state = state;
    this.runtime = { ...runtime, webSocket: this.#observed(runtime.webSocket) };
    this.logger = {
      debug: this.#log("debug"),
      info: this.#log("info"),
      warn: this.#log("warn"),
      error: this.#log("error"),
    };
    this.factory = venue.webUtils.buildApiFactoryWithoutTimeSynchronizerPreProcessor({
      runtime: this.runtime,
      logger: this.logger,
      throttler: new RelayedThrottler(runtime, async (limitId, signal) => {
        await this.#ask({ what: "message", limitId }, signal);
      }),
      timeSynchronizer: new RelayedTime(runtime, () => this.now()),
    });
    this.api = {
      send: (request, signal) => this.#ask({ what: "request", request }, signal),
      room: () => this.#state.room,
    };
  }

  /** The venue's time. */
  now(): number {
    return this.runtime.clock.now() + this.#state.aheadMs;
  }

  async connectionAllowed(url: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    await this.#ask({ what: "connection", url }, signal);
  }

  async updateState(): Promise<void> {
    this.#state = (await this.#ask({ what: "state" }, undefined)) as VenueState;
  }

  answered({ id, value, error }: Extract<ToThread, { readonly kind: "answer" }>): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(errorOfText(error));
  }

  #ask(question: ThreadQuestion, signal: AbortSignal | undefined): Promise<unknown> {
    if (signal?.aborted === true) return Promise.reject(new AbortError());
    this.#lastId += 1;
    const id = this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const onAbort = (): void => {
      this.#waiting.delete(id);
      this.#post({ kind: "abort", id });
      reject(new AbortError());
    };
    this.#waiting.set(id, { resolve, reject });
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#post({ kind: "ask", id, question });
    return promise.finally(() => signal?.removeEventListener("abort", onAbort));
  }

  /** The main thread paces the attempts of all threads, and hears how each ended. */
  #observed(client: WebSocketClient): WebSocketClient {
    return {
      connect: async (url, handlers, options) => {
        throwIfAborted(options.signal);
        try {
          const connection = await client.connect(url, handlers, options);
          this.#post({ kind: "attempt", url, isOpen: true });
          return connection;
        } catch (error) {
          if (!isAbort(error)) this.#post({ kind: "attempt", url, isOpen: false });
          throw error;
        }
      },
    };
  }

  #log(level: LogLevel): Logger["debug"] {
    return (message, fields = {}) => this.#post({ kind: "log", level, message, fields: cloneable(fields) });
  }
}

/** Fields of a line as messages carry them: objects come as JSON, or as text where there is none of them. */
function cloneable(fields: Readonly<Record<string, unknown>>): unknown {
  const plain = (value: unknown): unknown => {
    if (typeof value === "function" || typeof value === "symbol") return String(value);
    if (typeof value !== "object" || value === null) return value;
    try {
      return JSON.stringify(value);
    } catch {
      return String(value);
    }
  };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]));
}
