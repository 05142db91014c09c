import { ConfigError } from "../model/error.ts";
import type { TradingPair } from "../model/market.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import type { BackoffOptions } from "../net/backoff.ts";
import type { SubscriptionAnswer, SubscriptionOperation } from "../net/subscriptions.ts";
import type { WsAssistant } from "../net/ws-assistant.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Runtime, Timer } from "../runtime/runtime.ts";
import { type BoardChannel, ChannelBoard, type ChannelStatus } from "./channel-board.ts";
import { type ConnectionLimits, channelKey, PublicSocket } from "./public-socket.ts";
import { Slots } from "./shards.ts";
import { untilAborted } from "./sink-set.ts";
import type {
  NamedChannel,
  PublicChannel,
  PublicChannelName,
  VenueOrderBookDataSource,
} from "./venue-order-book-data-source.ts";

/** A connection of the public stream came up with these channels on it, or they went down. */
export interface SocketChange {
  readonly socket: string;
  readonly isLive: boolean;
  readonly reason: string;
  readonly channels: readonly PublicChannel[];
}

export interface PublicChannelsOptions {
  readonly runtime: Pick<Runtime, "clock" | "timers" | "random">;
  readonly logger: Logger;
  readonly venue: VenueOrderBookDataSource;
  readonly tradingPairs: readonly TradingPair[];
  readonly limits: ConnectionLimits;
  readonly backoff: BackoffOptions;
  /** Waits before a refused channel is asked for again. */
  readonly refusalBackoff: BackoffOptions;
  readonly answerTimeoutMs: number;
  markets(): VenueMarkets;
  /** False for a market that the venue has taken off its list: it is not subscribed. */
  isListed(tradingPair: TradingPair): boolean;
  connect(socket: string, signal: AbortSignal): Promise<WsAssistant>;
  send(
    assistant: WsAssistant,
    operation: SubscriptionOperation,
    channels: readonly PublicChannel[],
    requestId: number,
  ): void;
  process(assistant: WsAssistant): Promise<string>;
  onChange(change: SocketChange): void;
  /** Channels were subscribed anew. */
  onRenewed(channels: readonly PublicChannel[]): void;
  onRefused(status: ChannelStatus, isAgain: boolean): void;
  onSilent(status: ChannelStatus): void;
  onRestored(status: ChannelStatus): void;
}

interface Running {
  readonly socket: PublicSocket;
  readonly stop: AbortController;
}

/**
 * The wire channels of all markets on as many connections as the venue's limits ask for. Each channel is acknowledged
 * by itself: one that the venue refuses is left out of the others' requests and asked for again alone.
 */
export class PublicChannels {
  readonly board: ChannelBoard;
  readonly #options: PublicChannelsOptions;
  readonly #slots = new Slots();
  readonly #tradingPairs = new Set<TradingPair>();
  readonly #unlisted = new Set<TradingPair>();
  readonly #sockets = new Map<string, Running>();
  readonly #retries = new Map<string, Timer>();
  #listening: { readonly signal: AbortSignal; readonly loops: Set<Promise<unknown>> } | undefined;

  constructor(options: PublicChannelsOptions) {
    this.#options = options;
    const { runtime, refusalBackoff } = options;
    const { clock, random } = runtime;
    this.board = new ChannelBoard({
      clock,
      random,
      refusalBackoff,
      onRefused: (status, isAgain) => options.onRefused(status, isAgain),
      onSilent: (status) => options.onSilent(status),
      onRestored: (status) => options.onRestored(status),
    });
    for (const tradingPair of options.tradingPairs) this.#follow(tradingPair);
  }

  get tradingPairs(): readonly TradingPair[] {
    return [...this.#tradingPairs];
  }

  /**
   * Every channel of a market, or of all that are followed, refused ones and those of markets that are gone included.
   */
  channels(tradingPair?: TradingPair): readonly PublicChannel[] {
    const { venue, markets } = this.#options;
    const now = markets();
    const pairs = tradingPair === undefined ? this.#tradingPairs : [tradingPair];
    return [...pairs].flatMap((pair) => [...venue.channels(now, pair, this.#slots.slotOf(pair))]);
  }

  /** Keeps the connections until the signal fires. */
  async listen(signal: AbortSignal): Promise<never> {
    if (this.#listening !== undefined) throw new ConfigError("the public streams are being listened to already");
    const loops = new Set<Promise<unknown>>();
    this.#listening = { signal, loops };
    try {
      this.updateListed();
      this.#startSockets();
      return await untilAborted(signal);
    } finally {
      this.#listening = undefined;
      for (const timer of this.#retries.values()) timer.cancel();
      this.#retries.clear();
      await Promise.allSettled(loops);
      this.#sockets.clear();
    }
  }

  /** Follows one more market, on the live connection where there is one. */
  add(tradingPair: TradingPair): void {
    if (this.#tradingPairs.has(tradingPair)) return;
    this.#follow(tradingPair);
    this.#subscribe(tradingPair, "added");
    this.#startSockets();
  }

  remove(tradingPair: TradingPair): void {
    if (!this.#tradingPairs.has(tradingPair)) return;
    this.#unsubscribe(tradingPair);
    this.#tradingPairs.delete(tradingPair);
    this.#unlisted.delete(tradingPair);
    this.#slots.release(tradingPair);
    this.#stopIdleSockets();
  }

  /**
   * Takes over the venue's list of markets after it was read: markets that are gone are let go, those that are back are
   * taken up.
   */
  updateListed(): void {
    const { isListed, onChange } = this.#options;
    for (const tradingPair of this.#tradingPairs) {
      const isGone = !isListed(tradingPair);
      if (isGone === this.#unlisted.has(tradingPair)) continue;
      if (isGone) {
        const channels = this.channels(tradingPair);
        this.#unsubscribe(tradingPair);
        this.#unlisted.add(tradingPair);
        onChange({ socket: channels[0]?.socket ?? "", isLive: false, reason: "no longer listed", channels });
      } else {
        this.#unlisted.delete(tradingPair);
        this.board.add(this.channels(tradingPair));
        this.#subscribe(tradingPair, "listed again");
      }
    }
    this.#stopIdleSockets();
    this.#startSockets();
  }

  /** Subscribes one channel anew; false where its connection is down, or the venue refuses it. */
  renew(channel: PublicChannel): boolean {
    const own = this.board.channel(channel);
    if (own === undefined || own.state === "refused") return false;
    return this.#sockets.get(own.socket)?.socket.renew(channel) === true;
  }

  /** True when the connection that a channel lives on is up, and carries it. */
  isLive(channel: PublicChannel): boolean {
    const own = this.board.channel(channel);
    return own !== undefined && own.state !== "refused" && this.#sockets.get(own.socket)?.socket.isLive === true;
  }

  /** True when the request that subscribes a channel waits for its answer. */
  isPending(channel: NamedChannel): boolean {
    const own = this.board.channel(channel);
    return own !== undefined && this.#sockets.get(own.socket)?.socket.isPending(own) === true;
  }

  /** Data of a channel came: now, where no time is told. */
  seen(tradingPair: TradingPair, name: PublicChannelName, monotonicMs = Number.NaN): void {
    const channel = this.board.seen(tradingPair, name, monotonicMs);
    if (channel !== undefined) this.#sockets.get(channel.socket)?.socket.seen(channel);
  }

  answer(socket: string, answer: SubscriptionAnswer<NamedChannel>): void {
    this.#sockets.get(socket)?.socket.answer(answer);
  }

  reconnect(socket: string): void {
    this.#sockets.get(socket)?.socket.reconnect();
  }

  #follow(tradingPair: TradingPair): void {
    this.#tradingPairs.add(tradingPair);
    this.#slots.take(tradingPair);
    this.board.add(this.channels(tradingPair));
  }

  #subscribe(tradingPair: TradingPair, reason: string): void {
    for (const [socket, channels] of bySocket(this.board.of(tradingPair))) {
      const isLive = this.#sockets.get(socket)?.socket.subscribe(channels) === true;
      if (isLive) this.#options.onChange({ socket, isLive, reason, channels });
    }
  }

  #unsubscribe(tradingPair: TradingPair): void {
    for (const [socket, channels] of bySocket(this.board.of(tradingPair))) {
      for (const channel of channels) this.#forgetRetry(channel);
      this.#sockets.get(socket)?.socket.unsubscribe(channels.filter(({ state }) => state !== "refused"));
    }
    this.board.remove(tradingPair);
  }

  #startSockets(): void {
    if (this.#listening === undefined) return;
    const { signal, loops } = this.#listening;
    for (const name of bySocket(this.board.all()).keys()) {
      if (this.#sockets.has(name)) continue;
      const stop = new AbortController();
      const running: Running = { socket: this.#createSocket(name), stop };
      this.#sockets.set(name, running);
      const loop: Promise<unknown> = running.socket
        .run(AbortSignal.any([signal, stop.signal]))
        .catch(() => undefined)
        .finally(() => loops.delete(loop));
      loops.add(loop);
    }
  }

  /** A connection without subscriptions is closed by some venues, and would be opened again for nothing. */
  #stopIdleSockets(): void {
    const used = bySocket(this.board.all());
    for (const [name, { stop }] of [...this.#sockets]) {
      if (used.has(name)) continue;
      this.#sockets.delete(name);
      stop.abort();
    }
  }

  #createSocket(socket: string): PublicSocket {
    const { runtime, logger, venue, backoff, limits, answerTimeoutMs, connect, send, process } = this.#options;
    const { clock, timers, random } = runtime;
    const channels = (): readonly BoardChannel[] =>
      [...this.board.all()].filter((channel) => channel.socket === socket && channel.state !== "refused");
    return new PublicSocket({
      ...{ socket, clock, timers, random, logger, backoff, limits, channels, send, process },
      answerTimeoutMs: venue.subscriptionAnswer === undefined ? undefined : answerTimeoutMs,
      connect: (signal) => connect(socket, signal),
      onRenewed: (renewed) => this.#options.onRenewed(renewed),
      onChange: (isLive, reason) => this.#onConnection(socket, isLive, reason, channels()),
      onConfirmed: (channel) => this.#onConfirmed(channel),
      onRefused: (channel, reason) => this.#onRefused(channel, reason),
      onUnanswered: (channel, times) => this.#onUnanswered(channel, times),
    });
  }

  #onConnection(socket: string, isLive: boolean, reason: string, channels: readonly BoardChannel[]): void {
    if (!isLive) for (const channel of channels) this.board.disconnected(channel);
    this.#options.onChange({ socket, isLive, reason, channels });
    if (!isLive) return;
    for (const channel of this.board.all()) {
      const isDue = channel.socket === socket && channel.state === "refused" && !this.#retries.has(channelKey(channel));
      if (isDue) this.#askAgain(channel);
    }
  }

  #onConfirmed(named: NamedChannel): void {
    const channel = this.board.channel(named);
    if (channel === undefined) return;
    const wasRefused = channel.state === "refused";
    this.#forgetRetry(channel);
    this.board.confirmed(channel);
    const { socket } = channel;
    if (wasRefused) this.#options.onChange({ socket, isLive: true, reason: "restored", channels: [channel] });
  }

  #onRefused(named: NamedChannel, reason: string): void {
    const channel = this.board.channel(named);
    if (channel === undefined) return;
    this.#forgetRetry(channel);
    const waitMs = this.board.refused(channel, reason);
    const key = channelKey(channel);
    const retry = (): void => {
      this.#retries.delete(key);
      this.#askAgain(channel);
    };
    if (this.#listening !== undefined) this.#retries.set(key, this.#options.runtime.timers.after(waitMs, retry));
  }

  /** Alone, so that another refusal is nobody else's. Without a connection it is due when there is one. */
  #askAgain(channel: BoardChannel): void {
    this.#sockets.get(channel.socket)?.socket.subscribe([channel]);
  }

  #onUnanswered(named: NamedChannel, times: number): void {
    const channel = this.board.channel(named);
    if (channel === undefined) return;
    this.#options.logger.warn("a public subscription is not answered and is sent again", { ...named, times });
    if (times >= SILENT_AFTER_REQUESTS) this.board.silent(channel, "the subscription is not answered");
  }

  #forgetRetry(channel: NamedChannel): void {
    const key = channelKey(channel);
    this.#retries.get(key)?.cancel();
    this.#retries.delete(key);
  }
}

/** A channel that so many requests in a row did not bring an answer for is told to be silent. */
const SILENT_AFTER_REQUESTS = 4;

function bySocket<Channel extends PublicChannel>(channels: Iterable<Channel>): ReadonlyMap<string, readonly Channel[]> {
  return Map.groupBy(channels, (channel) => channel.socket);
}
