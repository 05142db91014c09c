import type { AccountUpdate } from "../model/account-update.ts";
import { Backoff } from "../net/backoff.ts";
import { type SubscriptionAnswer, type SubscriptionOperation, Subscriptions } from "../net/subscriptions.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Random, Timer, Timers } from "../runtime/runtime.ts";
import type { PrivateChannel } from "./venue-user-stream-data-source.ts";

export interface PrivateChannelsOptions {
  readonly channels: readonly PrivateChannel[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly answerTimeoutMs: number;
  /** False: the venue says nothing of subscriptions, all are there from the beginning (a stream with a listen key). */
  readonly areAcknowledged: boolean;
  /** False: a dead channel takes the connection with it. */
  readonly canResubscribe: boolean;
  send(operation: SubscriptionOperation, channels: readonly string[], requestId: number): void;
  /** The last channel was confirmed: from now on nothing is missed. */
  onAllConfirmed(): void;
  /** Something may have been missed. */
  onGap(reason: string): void;
  /** The venue refused a channel, or has taken it. */
  onAnswered?(name: string, refusal: string | undefined): void;
  /** The connection is of no more use. */
  onUseless(reason: string): void;
}

/** Time after a sign of a fill within which a channel that follows fills has to say something. */
const ECHO_MS = 5_000;
/** A channel that spoke shortly before the sign spoke of the same fill. */
const BEFORE_MS = 300;
const REFUSAL_BACKOFF = { minMs: 5_000, maxMs: 60_000 };

interface Channel {
  readonly name: string;
  readonly followsFills: boolean;
  readonly refusals: Backoff;
  isConfirmed: boolean;
  seenMs: number;
  messages: number;
  retry: Timer | undefined;
  /** Runs from a sign of a fill until the channel says something. */
  echo: Timer | undefined;
  /** Times it was subscribed anew since it last said something. */
  renewals: number;
}

/**
 * The private channels of one connection. Each is acknowledged by itself: while one is refused the stream is not live,
 * the others go on and it is asked for again alone. After every sign of a fill, on whatever channel or in a poll, each
 * channel that follows fills has to say something: one that does not is dead, and is subscribed anew.
 */
export class PrivateChannels {
  readonly #options: PrivateChannelsOptions;
  readonly #channels: ReadonlyMap<string, Channel>;
  readonly #subscriptions: Subscriptions<string>;
  readonly #amounts = new Map<string, string>();
  /** Time when the last channel was confirmed. */
  #confirmedMs = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(options: PrivateChannelsOptions) {
    this.#options = options;
    const { timers, answerTimeoutMs, areAcknowledged, send, onUseless, logger } = options;
    this.#channels = new Map(options.channels.map((channel) => [channel.name, this.#create(channel)]));
    this.#subscriptions = new Subscriptions<string>({
      timers,
      answerTimeoutMs: areAcknowledged ? answerTimeoutMs : undefined,
      channelsPerRequest: Number.POSITIVE_INFINITY,
      keyOf: (name) => name,
      send,
      onConfirmed: (name) => this.#confirmed(name),
      onRefused: (name, reason) => this.#refused(name, reason),
      onLimit: (reason) => onUseless(`the venue takes no more subscriptions: ${reason}`),
      onUnanswered: (name, times) => logger.warn("a private subscription is not answered", { channel: name, times }),
      onSendFailed: () => undefined,
    });
  }

  get areConfirmed(): boolean {
    return [...this.#channels.values()].every(({ isConfirmed }) => isConfirmed);
  }

  /** Each channel was confirmed, or refused and is asked for again alone. */
  get areAnswered(): boolean {
    return [...this.#channels.values()].every(({ isConfirmed, refusals }) => isConfirmed || refusals.attempts > 0);
  }

  subscribe(): void {
    const { areAcknowledged, onAllConfirmed } = this.#options;
    this.#subscriptions.subscribe([...this.#channels.keys()]);
    if (areAcknowledged) return;
    for (const channel of this.#channels.values()) channel.isConfirmed = true;
    this.#confirmedMs = this.#options.clock.monotonic();
    onAllConfirmed();
  }

  answer(answer: SubscriptionAnswer<string>): void {
    this.#subscriptions.answer(answer);
  }

  /** A message of a channel came, whether or not it can be read. */
  seen(name: string): void {
    const channel = this.#channels.get(name);
    if (channel === undefined) return;
    channel.seenMs = this.#options.clock.monotonic();
    channel.messages += 1;
    channel.renewals = 0;
    channel.echo?.cancel();
    channel.echo = undefined;
    this.#subscriptions.seen(name);
    if (!channel.isConfirmed) this.#confirmed(name);
  }

  /** Takes note of a message and of the updates in it. */
  told(name: string, updates: readonly AccountUpdate[]): void {
    const isFirst = (this.#channels.get(name)?.messages ?? 0) <= 1;
    if (this.#isSignOfFill(updates, isFirst)) this.noteFill(this.#options.clock.monotonic());
  }

  /** Notes a fill at this time (monotonic): every channel that follows fills has to report it. */
  noteFill(atMs: number): void {
    const { timers } = this.#options;
    for (const channel of this.#channels.values()) {
      const isExpected = channel.followsFills && channel.isConfirmed && channel.echo === undefined;
      if (!isExpected || channel.seenMs >= atMs - BEFORE_MS) continue;
      channel.echo = timers.after(ECHO_MS, () => this.#isDead(channel));
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#subscriptions.close();
    for (const { retry, echo } of this.#channels.values()) {
      retry?.cancel();
      echo?.cancel();
    }
  }

  #create({ name, followsFills }: PrivateChannel): Channel {
    const refusals = new Backoff(REFUSAL_BACKOFF, this.#options.random);
    const timers = { retry: undefined, echo: undefined };
    return {
      name,
      followsFills,
      refusals,
      isConfirmed: false,
      seenMs: Number.NEGATIVE_INFINITY,
      messages: 0,
      renewals: 0,
      ...timers,
    };
  }

  get #hasSettled(): boolean {
    return this.#options.clock.monotonic() - this.#confirmedMs > 1_000;
  }

  /** A fill, an order that is filled, or a position of another size. */
  #isSignOfFill(updates: readonly AccountUpdate[], isFirst: boolean): boolean {
    let isSign = false;
    for (const update of updates) {
      if (update.type === "trade" || (update.type === "order" && update.state === "filled")) isSign = true;
      if (update.type !== "position") continue;
      const key = `${update.tradingPair} ${update.side}`;
      const [before, now] = [this.#amounts.get(key), update.amount.toFixed()];
      this.#amounts.set(key, now);
      // Orders that were open already come with the subscription.
      const isNew = before === undefined && now !== "0" && (!isFirst || this.#hasSettled);
      if (isNew || (before !== undefined && before !== now)) isSign = true;
    }
    return isSign;
  }

  #confirmed(name: string): void {
    const channel = this.#channels.get(name);
    if (channel === undefined || this.#isClosed) return;
    channel.retry?.cancel();
    channel.retry = undefined;
    channel.refusals.reset();
    const wasConfirmed = channel.isConfirmed;
    channel.isConfirmed = true;
    this.#options.onAnswered?.(name, undefined);
    if (!wasConfirmed) this.#confirmedMs = this.#options.clock.monotonic();
    if (!wasConfirmed && this.areConfirmed) this.#options.onAllConfirmed();
    // News that it did not tell before it was subscribed anew is asked for.
    else if (channel.renewals > 0) this.#options.onGap(`the private channel ${name} was subscribed anew`);
  }

  #refused(name: string, reason: string): void {
    const channel = this.#channels.get(name);
    if (channel === undefined || this.#isClosed) return;
    const { logger, timers, onGap, onUseless } = this.#options;
    const isNews = channel.refusals.attempts === 0;
    channel.isConfirmed = false;
    channel.retry?.cancel();
    const again = (): void => {
      if (!this.#isClosed) this.#subscriptions.subscribe([name]);
    };
    channel.retry = timers.after(channel.refusals.nextMs(), again);
    this.#options.onAnswered?.(name, reason);
    if (isNews) {
      logger.error("the venue refuses a private channel: the stream is not live", { channel: name, reason });
      onGap(`the private channel ${name} was refused: ${reason}`);
    }
    const isNoneLeft = [...this.#channels.values()].every((each) => !each.isConfirmed && each.refusals.attempts > 0);
    if (isNoneLeft) onUseless(`every private channel was refused: ${reason}`);
  }

  #isDead(channel: Channel): void {
    channel.echo = undefined;
    if (this.#isClosed) return;
    const { logger, canResubscribe, onGap, onUseless } = this.#options;
    const { name } = channel;
    const reason = `nothing came on the private channel ${name} after a fill`;
    logger.warn("a private channel is silent", { channel: name });
    channel.renewals += 1;
    if (!canResubscribe || channel.renewals > 1) {
      onUseless(reason);
      return;
    }
    onGap(reason);
    this.#subscriptions.unsubscribe([name]);
    this.#subscriptions.subscribe([name]);
  }
}
