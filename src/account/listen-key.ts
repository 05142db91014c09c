import { describeError, isAbort, PerpwireError, throwIfAborted } from "../model/error.ts";
import { Backoff, type BackoffOptions, RECOVERY_GROWTH } from "../net/backoff.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Random, Timers } from "../runtime/runtime.ts";
import type { ListenKeyRequests } from "./venue-user-stream-data-source.ts";

/** `none` before the first key, `expired` after a loss until the next one is created. */
export type ListenKeyState = "none" | "created" | "keptAlive" | "expired";

export interface ListenKeyLeaseOptions {
  readonly requests: ListenKeyRequests;
  /** A context whose requests end with `signal`. */
  context(signal: AbortSignal): VenueContext;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  /** Waits after a failed request. Default 1 s up to 60 s. */
  readonly backoff?: BackoffOptions | undefined;
}

const DEFAULT_BACKOFF: BackoffOptions = { minMs: 1_000, maxMs: 60_000, growth: RECOVERY_GROWTH };

/** The life of a listen key: created on demand, kept alive in intervals, and reported when it is lost. */
export class ListenKeyLease {
  readonly #options: ListenKeyLeaseOptions;
  readonly #backoff: Backoff;
  readonly #lossListeners: ((reason: string) => void)[] = [];
  #state: ListenKeyState = "none";
  #listenKey: string | undefined;
  #validUntilMs = 0;
  #creating: Promise<string> | undefined;
  /** Fires when the present key is lost, and so ends the wait for its next keep-alive. */
  #lost = new AbortController();

  constructor(options: ListenKeyLeaseOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.backoff ?? DEFAULT_BACKOFF, options.random);
  }

  get state(): ListenKeyState {
    return this.#state;
  }

  /** The key while it is valid. */
  get listenKey(): string | undefined {
    return this.#listenKey;
  }

  /** Calls back whenever a key is lost: what happens from there on until the next one is missed. */
  onLost(listener: (reason: string) => void): void {
    this.#lossListeners.push(listener);
  }

  /** The present key, or a new one when there is none. Rejects with the venue's error, which is logged. */
  fetchListenKey(signal: AbortSignal): Promise<string> {
    if (this.#listenKey !== undefined && this.#options.clock.monotonic() < this.#validUntilMs) {
      return Promise.resolve(this.#listenKey);
    }
    this.expire("the listen key ran out");
    this.#creating ??= this.#create(signal).finally(() => {
      this.#creating = undefined;
    });
    return this.#creating;
  }

  /**
   * Keeps the key alive. Rejects with the venue's error, which is logged; one that says that the key is none is its loss.
   */
  async pingListenKey(signal: AbortSignal): Promise<void> {
    const { requests, context, clock, logger } = this.#options;
    const listenKey = this.#listenKey;
    if (listenKey === undefined) return;
    const sentMs = clock.monotonic();
    try {
      await requests.pingListenKey(context(signal), listenKey);
    } catch (error) {
      if (!isAbort(error)) logger.error("the listen key was not kept alive", { error: describeError(error) });
      const isLost = error instanceof PerpwireError && error.retry === "never" && !isAbort(error);
      if (isLost && this.#listenKey === listenKey) this.expire(describeError(error));
      throw error;
    }
    if (this.#listenKey !== listenKey) return;
    this.#state = "keptAlive";
    this.#validUntilMs = sentMs + requests.validForMs;
  }

  /** Creates keys and keeps them alive until aborted; it then ends with `AbortError`. */
  async manageListenKeyTaskLoop(signal: AbortSignal): Promise<never> {
    for (;;) {
      throwIfAborted(signal);
      try {
        await this.fetchListenKey(signal);
        this.#backoff.reset();
        await this.#keepAlive(signal);
      } catch (error) {
        throwIfAborted(signal);
        if (!isAbort(error)) await this.#options.timers.sleep(this.#backoff.nextMs(), signal);
      }
    }
  }

  /** The venue says, or time shows, that the key is no longer valid. Without effect when there is none. */
  expire(reason: string): void {
    if (this.#listenKey === undefined) return;
    this.#listenKey = undefined;
    this.#state = "expired";
    this.#lost.abort();
    this.#options.logger.warn("the listen key was lost", { reason });
    for (const listener of this.#lossListeners) listener(reason);
  }

  async #create(signal: AbortSignal): Promise<string> {
    const { requests, context, clock, logger } = this.#options;
    const sentMs = clock.monotonic();
    try {
      const listenKey = await requests.fetchListenKey(context(signal));
      this.#listenKey = listenKey;
      this.#state = "created";
      this.#validUntilMs = sentMs + requests.validForMs;
      this.#lost = new AbortController();
      return listenKey;
    } catch (error) {
      if (!isAbort(error)) logger.error("no listen key was created", { error: describeError(error) });
      throw error;
    }
  }

  /** Runs until the key is lost. A failed ping is repeated while the key may still be valid. */
  async #keepAlive(signal: AbortSignal): Promise<void> {
    const { requests, clock, timers } = this.#options;
    const ends = AbortSignal.any([signal, this.#lost.signal]);
    let waitMs = requests.keepAliveIntervalMs;
    for (;;) {
      await timers.sleep(waitMs, ends);
      try {
        await this.pingListenKey(signal);
        this.#backoff.reset();
        waitMs = requests.keepAliveIntervalMs;
      } catch {
        throwIfAborted(signal);
        waitMs = this.#backoff.nextMs();
        if (clock.monotonic() + waitMs >= this.#validUntilMs) this.expire("no keep-alive succeeded in time");
      }
    }
  }
}
