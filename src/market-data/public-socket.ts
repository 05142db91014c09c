import { describeError, throwIfAborted } from "../model/error.ts";
import type { Logger } from "../net/logger.ts";
import type { WsAssistant } from "../net/ws-assistant.ts";
import type { Clock, Random, Timers } from "../runtime/runtime.ts";
import { Backoff, type BackoffOptions } from "./backoff.ts";
import type { PublicChannel } from "./venue-order-book-data-source.ts";

export interface PublicSocketOptions {
  readonly socket: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly backoff: BackoffOptions;
  connect(signal: AbortSignal): Promise<WsAssistant>;
  /** The channels that belong on this socket now. */
  channels(): readonly PublicChannel[];
  subscribe(assistant: WsAssistant, channels: readonly PublicChannel[]): void;
  unsubscribe(assistant: WsAssistant, channels: readonly PublicChannel[]): void;
  process(assistant: WsAssistant): Promise<string>;
  /** The channels are subscribed; or the connection they lived on is gone. */
  onChange(isLive: boolean, reason: string): void;
}

/** Keeps one public connection alive: connect, subscribe, read until it ends, wait, again. */
export class PublicSocket {
  readonly #options: PublicSocketOptions;
  readonly #backoff: Backoff;
  #assistant: WsAssistant | undefined;

  constructor(options: PublicSocketOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.backoff, options.random);
  }

  get isLive(): boolean {
    return this.#assistant?.isOpen === true;
  }

  /** Runs until the signal fires, then rejects with `AbortError`. */
  async run(signal: AbortSignal): Promise<never> {
    const { clock, timers, logger, socket, backoff } = this.#options;
    for (;;) {
      throwIfAborted(signal);
      const startedMs = clock.monotonic();
      try {
        const reason = await this.#connectAndRead(signal);
        throwIfAborted(signal);
        logger.info("the public stream ended and is opened again", { socket, reason });
      } catch (error) {
        throwIfAborted(signal);
        logger.error("unexpected error when listening to public streams, trying again", {
          socket,
          error: describeError(error),
        });
      }
      if (clock.monotonic() - startedMs >= backoff.maxMs) this.#backoff.reset();
      await timers.sleep(this.#backoff.nextMs(), signal);
    }
  }

  /** Subscribes more channels on the live connection; false when there is none: they come with the next one. */
  subscribe(channels: readonly PublicChannel[]): boolean {
    return this.#send((assistant) => this.#options.subscribe(assistant, channels));
  }

  unsubscribe(channels: readonly PublicChannel[]): boolean {
    return this.#send((assistant) => this.#options.unsubscribe(assistant, channels));
  }

  /** Ends the connection; the loop opens a new one. */
  reconnect(): void {
    void this.#assistant?.disconnect();
  }

  async #connectAndRead(signal: AbortSignal): Promise<string> {
    const { connect, channels, subscribe, process, onChange } = this.#options;
    const assistant = await connect(signal);
    let reason = "subscribing failed";
    try {
      subscribe(assistant, channels());
      this.#assistant = assistant;
      onChange(true, "connected");
      reason = await process(assistant);
      return reason;
    } finally {
      const wasLive = this.#assistant !== undefined;
      this.#assistant = undefined;
      if (wasLive) onChange(false, reason);
      await assistant.disconnect();
    }
  }

  #send(send: (assistant: WsAssistant) => void): boolean {
    const assistant = this.#assistant;
    if (assistant?.isOpen !== true) return false;
    try {
      send(assistant);
      return true;
    } catch (error) {
      this.#options.logger.warn("could not change a subscription", { error: describeError(error) });
      return false;
    }
  }
}
