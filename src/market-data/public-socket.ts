import { describeError, throwIfAborted } from "../model/error.ts";
import { Backoff, type BackoffOptions, RECOVERY_GROWTH } from "../net/backoff.ts";
import { type SubscriptionAnswer, type SubscriptionOperation, Subscriptions } from "../net/subscriptions.ts";
import type { WsAssistant } from "../net/ws-assistant.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Random, Timer, Timers } from "../runtime/runtime.ts";
import type { NamedChannel, PublicChannel } from "./venue-order-book-data-source.ts";

/** Limits of one connection. */
export interface ConnectionLimits {
  /** Most channels of one request. Default: all of them. */
  readonly channelsPerRequest?: number | undefined;
  /** Requests that one connection takes in a time; before the next one a new connection is made (OKX). */
  readonly requestsPerConnection?: { readonly limit: number; readonly timeIntervalMs: number } | undefined;
}

export interface PublicSocketOptions {
  readonly socket: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly backoff: BackoffOptions;
  readonly limits: ConnectionLimits;
  /** Undefined: answers are not waited for. */
  readonly answerTimeoutMs: number | undefined;
  connect(signal: AbortSignal): Promise<WsAssistant>;
  /** The channels to begin with on a new connection. */
  channels(): readonly PublicChannel[];
  send(
    assistant: WsAssistant,
    operation: SubscriptionOperation,
    channels: readonly PublicChannel[],
    requestId: number,
  ): void;
  process(assistant: WsAssistant): Promise<string>;
  /** The channels are subscribed; or the connection they lived on is gone. */
  onChange(isLive: boolean, reason: string): void;
  /** Channels were subscribed anew. */
  onRenewed(channels: readonly PublicChannel[]): void;
  onConfirmed(channel: NamedChannel): void;
  onRefused(channel: NamedChannel, reason: string): void;
  onUnanswered(channel: NamedChannel, times: number): void;
}

interface Live {
  readonly assistant: WsAssistant;
  readonly subscriptions: Subscriptions<PublicChannel>;
}

export const channelKey = ({ name, tradingPair }: NamedChannel): string => `${name} ${tradingPair}`;

/** Keeps one public connection alive: connect, subscribe, read until it ends, wait, again. */
export class PublicSocket {
  readonly #options: PublicSocketOptions;
  readonly #backoff: Backoff;
  /** Channels to subscribe anew, all in one request, although they were found one by one. */
  readonly #toRenew = new Map<string, PublicChannel>();
  #renewal: Timer | undefined;
  #live: Live | undefined;

  constructor(options: PublicSocketOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ growth: RECOVERY_GROWTH, ...options.backoff }, options.random);
  }

  get isLive(): boolean {
    return this.#live?.assistant.isOpen === true;
  }

  /** Runs until the signal fires, then rejects with `AbortError`. */
  async run(signal: AbortSignal): Promise<never> {
    const { timers, logger, socket } = this.#options;
    for (;;) {
      throwIfAborted(signal);
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
      await timers.sleep(this.#backoff.nextMs(), signal);
    }
  }

  /** Subscribes more channels on the live connection; false when there is none: they come with the next one. */
  subscribe(channels: readonly PublicChannel[]): boolean {
    return this.#request(({ subscriptions }) => subscriptions.subscribe(channels));
  }

  unsubscribe(channels: readonly PublicChannel[]): boolean {
    for (const channel of channels) this.#toRenew.delete(channelKey(channel));
    return this.#request(({ subscriptions }) => subscriptions.unsubscribe(channels));
  }

  /** Subscribes a channel anew; those of one moment share a request. False when there is no live connection. */
  renew(channel: PublicChannel): boolean {
    if (!this.isLive) return false;
    this.#toRenew.set(channelKey(channel), channel);
    this.#renewal ??= this.#options.timers.after(0, () => this.#renew());
    return true;
  }

  answer(answer: SubscriptionAnswer<NamedChannel>): void {
    const { channels } = answer;
    const { socket } = this.#options;
    const named = channels?.map(({ name, tradingPair }) => ({ name, tradingPair, socket }));
    this.#live?.subscriptions.answer({ ...answer, channels: named });
  }

  /** True when the request that subscribes a channel waits for its answer, or has not been made yet. */
  isPending(channel: PublicChannel): boolean {
    return this.#toRenew.has(channelKey(channel)) || this.#live?.subscriptions.isPending(channel) === true;
  }

  /** Data of a channel is as good as an answer. */
  seen(channel: PublicChannel): void {
    this.#live?.subscriptions.seen(channel);
  }

  /** Ends the connection; the loop opens a new one. */
  reconnect(): void {
    void this.#live?.assistant.disconnect();
  }

  async #connectAndRead(signal: AbortSignal): Promise<string> {
    const { clock, connect, channels, process, onChange } = this.#options;
    const assistant = await connect(signal);
    const openedMs = clock.monotonic();
    const live: Live = { assistant, subscriptions: this.#createSubscriptions(assistant) };
    let reason = "subscribing failed";
    try {
      live.subscriptions.subscribe(channels());
      this.#live = live;
      onChange(true, "connected");
      reason = await process(assistant);
      return reason;
    } finally {
      this.#backoff.wentWell(clock.monotonic() - openedMs);
      const wasLive = this.#live !== undefined;
      this.#live = undefined;
      this.#toRenew.clear();
      live.subscriptions.close();
      if (wasLive) onChange(false, reason);
      await assistant.disconnect();
    }
  }

  #createSubscriptions(assistant: WsAssistant): Subscriptions<PublicChannel> {
    const { timers, answerTimeoutMs, limits, send, onConfirmed, onRefused, onUnanswered } = this.#options;
    const sentAtMs: number[] = [];
    return new Subscriptions<PublicChannel>({
      timers,
      answerTimeoutMs,
      channelsPerRequest: limits.channelsPerRequest ?? Number.POSITIVE_INFINITY,
      keyOf: channelKey,
      send: (operation, channels, requestId) => {
        if (this.#isExhausted(sentAtMs)) void assistant.disconnect();
        else send(assistant, operation, channels, requestId);
      },
      onConfirmed,
      onRefused,
      onUnanswered,
      onLimit: (reason) => {
        this.#options.logger.warn("a public connection is at its limit and is replaced", {
          socket: this.#options.socket,
          reason,
        });
        void assistant.disconnect();
      },
      onSendFailed: (error) => this.#couldNotSend(error),
    });
  }

  /** Counts a request; true when the connection takes no more of them for now. */
  #isExhausted(sentAtMs: number[]): boolean {
    const { limits, clock, logger, socket } = this.#options;
    const budget = limits.requestsPerConnection;
    if (budget === undefined) return false;
    const nowMs = clock.monotonic();
    while ((sentAtMs[0] ?? nowMs) <= nowMs - budget.timeIntervalMs) sentAtMs.shift();
    if (sentAtMs.length < budget.limit) {
      sentAtMs.push(nowMs);
      return false;
    }
    logger.warn("a public connection takes no more requests and is replaced", { socket, ...budget });
    return true;
  }

  #renew(): void {
    this.#renewal = undefined;
    const channels = [...this.#toRenew.values()];
    this.#toRenew.clear();
    if (channels.length === 0) return;
    this.#request(({ subscriptions }) => {
      subscriptions.unsubscribe(channels);
      subscriptions.subscribe(channels);
      this.#options.onRenewed(channels);
    });
  }

  #request(send: (live: Live) => void): boolean {
    const live = this.#live;
    if (live?.assistant.isOpen !== true) return false;
    try {
      send(live);
      return true;
    } catch (error) {
      this.#couldNotSend(error);
      return false;
    }
  }

  #couldNotSend(error: unknown): void {
    this.#options.logger.warn("could not change a subscription", { error: describeError(error) });
  }
}
