import type { Timer, Timers } from "../runtime/runtime.ts";
import { RECOVERY_GROWTH } from "./backoff.ts";

export type SubscriptionOperation = "subscribe" | "unsubscribe";

/** Answer of the venue about subscriptions. */
export interface SubscriptionAnswer<Channel> {
  readonly isAccepted: boolean;
  /** Operation that was requested, where the venue tells it. */
  readonly operation?: SubscriptionOperation | undefined;
  /** The id that the request was given, where the venue echoes it. */
  readonly requestId?: number | undefined;
  /** The channels that the answer names. Without any it is about the whole request. */
  readonly channels?: readonly Channel[] | undefined;
  /** A refusal is of the whole request because of the channels that it names: the others were good (Bybit). */
  readonly refusesAll?: boolean | undefined;
  /** The channels that it names are subscribed already, which is why the whole request was refused. */
  readonly isAlreadySo?: boolean | undefined;
  /** The connection takes no more requests or channels: no channel is at fault, and a new connection may take them. */
  readonly isLimit?: boolean | undefined;
  /** A subscription that was taken has been ended by the venue (OKX, too many connections on a channel). */
  readonly isRevoked?: boolean | undefined;
  /** The venue's words. */
  readonly reason?: string | undefined;
}

export interface SubscriptionsOptions<Channel> {
  readonly timers: Timers;
  /** Undefined: the venue's answers tell nothing, and none is waited for. */
  readonly answerTimeoutMs: number | undefined;
  /** Most channels of one request. */
  readonly channelsPerRequest: number;
  keyOf(channel: Channel): string;
  send(operation: SubscriptionOperation, channels: readonly Channel[], requestId: number): void;
  onConfirmed(channel: Channel): void;
  onRefused(channel: Channel, reason: string): void;
  /** The venue takes no more on this connection: the request was not done. */
  onLimit(reason: string): void;
  /** Nobody answered, for the `times`th time; it is asked for again. */
  onUnanswered(channel: Channel, times: number): void;
  /** A request could not be sent from a timer: the connection is closing. */
  onSendFailed(error: unknown): void;
}

interface OpenRequest<Channel> {
  readonly id: number;
  readonly operation: SubscriptionOperation;
  /** Requests without an answer, by key. */
  readonly channels: Map<string, Channel>;
  readonly attempt: number;
  timer: Timer | undefined;
}

/** An unanswered request is sent again after the time-out, then after ever longer, up to this many times as long. */
const MAX_WAIT = 8;
/** Requests in one go stand in line: Binance takes ten messages a second. */
const TURN_MS = 100;
/** Requests that were sent again are remembered, for their answers may only be late. */
const REMEMBERED = 100;

/**
 * The subscriptions of one connection, acknowledged channel by channel. A request that is refused as a whole is sent
 * again without the channels at fault, which are found by halving it where the venue does not name them; one that
 * nobody answers is sent again.
 */
export class Subscriptions<Channel> {
  readonly #options: SubscriptionsOptions<Channel>;
  readonly #open = new Set<OpenRequest<Channel>>();
  /** Channels of requests that were sent again without an answer, by id, the oldest first. */
  readonly #sentAgain = new Map<number, readonly Channel[]>();
  #lastId = 0;
  #isClosed = false;

  constructor(options: SubscriptionsOptions<Channel>) {
    this.#options = options;
  }

  /** Throws what `send` throws. */
  subscribe(channels: readonly Channel[]): void {
    this.#request("subscribe", channels, 1);
  }

  unsubscribe(channels: readonly Channel[]): void {
    for (const channel of channels) this.#settled(this.#options.keyOf(channel), "subscribe");
    this.#request("unsubscribe", channels, 1);
  }

  /** True when a request for this channel waits for its answer. */
  isPending(channel: Channel): boolean {
    const key = this.#options.keyOf(channel);
    return [...this.#open].some(({ operation, channels }) => operation === "subscribe" && channels.has(key));
  }

  /** Data of a channel is an answer too. */
  seen(channel: Channel): void {
    if (this.#open.size > 0) this.#settled(this.#options.keyOf(channel), "subscribe");
  }

  answer(answer: SubscriptionAnswer<Channel>): void {
    const { channels = [] } = answer;
    if (answer.isRevoked === true) {
      for (const channel of channels) {
        this.#settled(this.#options.keyOf(channel), "subscribe");
        this.#options.onRefused(channel, answer.reason ?? "revoked");
      }
      return;
    }
    const isOfChannels = channels.length > 0 && answer.refusesAll !== true && answer.isLimit !== true;
    if (isOfChannels) for (const channel of channels) this.#answerChannel(channel, answer);
    else this.#answerRequest(answer);
  }

  /** The connection has ended: nothing is waited for any more. */
  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#open) timer?.cancel();
    this.#open.clear();
  }

  #request(operation: SubscriptionOperation, channels: readonly Channel[], attempt: number): void {
    const { channelsPerRequest } = this.#options;
    for (let start = 0; start < channels.length; start += channelsPerRequest) {
      this.#send(operation, channels.slice(start, start + channelsPerRequest), attempt);
    }
  }

  #send(operation: SubscriptionOperation, channels: readonly Channel[], attempt: number): void {
    const { keyOf, timers, answerTimeoutMs, send } = this.#options;
    this.#lastId += 1;
    const id = this.#lastId;
    if (answerTimeoutMs !== undefined) {
      const byKey = new Map(channels.map((channel) => [keyOf(channel), channel]));
      const request: OpenRequest<Channel> = { id, operation, channels: byKey, attempt, timer: undefined };
      const growth = Math.min(RECOVERY_GROWTH ** (attempt - 1), MAX_WAIT);
      const waitMs = (answerTimeoutMs + TURN_MS * this.#open.size) * growth;
      request.timer = timers.after(waitMs, () => this.#unanswered(request));
      this.#open.add(request);
    }
    send(operation, channels, id);
  }

  /** Sends from a timer or an answer, where nobody can catch. */
  #sendLater(channels: readonly Channel[], attempt: number): void {
    if (this.#isClosed) return;
    try {
      this.#request("subscribe", channels, attempt);
    } catch (error) {
      this.#options.onSendFailed(error);
    }
  }

  #end(request: OpenRequest<Channel>): readonly Channel[] {
    request.timer?.cancel();
    this.#open.delete(request);
    return [...request.channels.values()];
  }

  #settled(key: string, operation: SubscriptionOperation): void {
    for (const request of this.#open) {
      if (request.operation !== operation || !request.channels.delete(key)) continue;
      if (request.channels.size === 0) this.#end(request);
    }
  }

  #unanswered(request: OpenRequest<Channel>): void {
    const channels = this.#end(request);
    // Data that goes on shows that it is still subscribed.
    if (request.operation === "unsubscribe") return;
    this.#sentAgain.set(request.id, channels);
    const [oldest] = this.#sentAgain.keys();
    if (this.#sentAgain.size > REMEMBERED && oldest !== undefined) this.#sentAgain.delete(oldest);
    for (const channel of channels) this.#options.onUnanswered(channel, request.attempt);
    this.#sendLater(channels, request.attempt + 1);
  }

  #answerChannel(channel: Channel, { isAccepted, operation, reason = "refused" }: SubscriptionAnswer<Channel>): void {
    const { keyOf, onConfirmed, onRefused } = this.#options;
    const key = keyOf(channel);
    const request = [...this.#open].find(
      (each) => (operation === undefined || each.operation === operation) && each.channels.has(key),
    );
    if (request === undefined) return;
    request.channels.delete(key);
    if (request.channels.size === 0) this.#end(request);
    if (request.operation === "unsubscribe") return;
    if (isAccepted) onConfirmed(channel);
    else onRefused(channel, reason);
  }

  #answerRequest(answer: SubscriptionAnswer<Channel>): void {
    if (answer.isLimit === true) {
      this.#options.onLimit(answer.reason ?? "too much");
      return;
    }
    const request = this.#requestOf(answer);
    if (request === undefined) {
      if (answer.isAccepted) this.#acceptedLate(answer.requestId);
      return;
    }
    const channels = this.#end(request);
    if (request.operation === "unsubscribe") return;
    if (answer.isAccepted) for (const channel of channels) this.#options.onConfirmed(channel);
    else this.#refused(channels, answer);
  }

  /**
   * Nothing is to be asked for again. Bybit refuses a request for one topic that is subscribed already, and the others were
   * asked for once more for each of them.
   */
  #acceptedLate(requestId: number | undefined): void {
    const channels = requestId === undefined ? undefined : this.#sentAgain.get(requestId);
    for (const channel of channels ?? []) {
      const key = this.#options.keyOf(channel);
      if (!this.isPending(channel)) continue;
      this.#settled(key, "subscribe");
      this.#options.onConfirmed(channel);
    }
  }

  /** Venues answer in the order in which they were asked, so without an id it is the oldest. */
  #requestOf({ requestId, operation, channels = [] }: SubscriptionAnswer<Channel>): OpenRequest<Channel> | undefined {
    const open = [...this.#open].filter((each) => operation === undefined || each.operation === operation);
    if (requestId !== undefined) return open.find(({ id }) => id === requestId);
    const [named] = channels.map((channel) => this.#options.keyOf(channel));
    return (named === undefined ? undefined : open.find((each) => each.channels.has(named))) ?? open[0];
  }

  #refused(channels: readonly Channel[], answer: SubscriptionAnswer<Channel>): void {
    const { keyOf, onConfirmed, onRefused } = this.#options;
    const named = new Set((answer.channels ?? []).map(keyOf));
    const atFault = channels.length === 1 ? channels : channels.filter((channel) => named.has(keyOf(channel)));
    for (const channel of atFault) {
      if (answer.isAlreadySo === true) onConfirmed(channel);
      else onRefused(channel, answer.reason ?? "refused");
    }
    const others = channels.filter((channel) => !atFault.includes(channel));
    if (others.length === 0) return;
    if (atFault.length > 0) {
      this.#sendLater(others, 1);
      return;
    }
    const half = Math.ceil(others.length / 2);
    this.#sendLater(others.slice(0, half), 1);
    this.#sendLater(others.slice(half), 1);
  }
}
