import type { TradingPair } from "../model/market.ts";
import { Backoff, type BackoffOptions } from "../net/backoff.ts";
import type { Clock, Random } from "../runtime/runtime.ts";
import type { NamedChannel, PublicChannel, PublicChannelName } from "./venue-order-book-data-source.ts";

/**
 * `requested`: no answer yet, or its connection is down; `confirmed`: the venue has taken the subscription; `live`:
 * data came; `refused`: the venue does not have it, it is asked for again alone; `silent`: subscribed anew without
 * effect.
 */
export type ChannelState = "requested" | "confirmed" | "live" | "refused" | "silent";

/** Status of a wire channel. Times are the monotonic clock's. */
export interface ChannelStatus extends PublicChannel {
  readonly state: ChannelState;
  readonly sinceMonotonicMs: number;
  /** Time when data last came; NaN before the first. */
  readonly seenMonotonicMs: number;
  /** Reason of a refusal or a silence. */
  readonly reason: string | undefined;
}

export interface ChannelBoardOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly refusalBackoff: BackoffOptions;
  /** `isAgain`: it was refused before. */
  onRefused(status: ChannelStatus, isAgain: boolean): void;
  onSilent(status: ChannelStatus): void;
  /** A channel that was refused or silent lives again. */
  onRestored(status: ChannelStatus): void;
}

/** One channel of the board. */
export class BoardChannel implements ChannelStatus {
  readonly name: PublicChannelName;
  readonly tradingPair: TradingPair;
  readonly socket: string;
  readonly refusals: Backoff;
  state: ChannelState = "requested";
  sinceMonotonicMs: number;
  seenMonotonicMs = Number.NaN;
  reason: string | undefined;

  constructor({ name, tradingPair, socket }: PublicChannel, refusals: Backoff, nowMs: number) {
    this.name = name;
    this.tradingPair = tradingPair;
    this.socket = socket;
    this.refusals = refusals;
    this.sinceMonotonicMs = nowMs;
  }
}

/** The state of every wire channel that is wanted. */
export class ChannelBoard {
  readonly #options: ChannelBoardOptions;
  readonly #channels = new Map<TradingPair, Map<PublicChannelName, BoardChannel>>();
  readonly #unwell = new Set<BoardChannel>();

  constructor(options: ChannelBoardOptions) {
    this.#options = options;
  }

  add(channels: readonly PublicChannel[]): void {
    const { clock, random, refusalBackoff } = this.#options;
    for (const channel of channels) {
      const own = this.#channels.get(channel.tradingPair) ?? new Map<PublicChannelName, BoardChannel>();
      this.#channels.set(channel.tradingPair, own);
      if (own.has(channel.name)) continue;
      const added = new BoardChannel(channel, new Backoff(refusalBackoff, random), clock.monotonic());
      own.set(channel.name, added);
    }
  }

  /** Channels that are refused or silent. */
  get unwell(): ReadonlySet<BoardChannel> {
    return this.#unwell;
  }

  remove(tradingPair: TradingPair): void {
    for (const channel of this.of(tradingPair)) this.#unwell.delete(channel);
    this.#channels.delete(tradingPair);
  }

  *all(): Iterable<BoardChannel> {
    for (const own of this.#channels.values()) yield* own.values();
  }

  of(tradingPair: TradingPair): readonly BoardChannel[] {
    return [...(this.#channels.get(tradingPair)?.values() ?? [])];
  }

  channel({ name, tradingPair }: NamedChannel): BoardChannel | undefined {
    return this.#channels.get(tradingPair)?.get(name);
  }

  /** Data came: now, where the time is NaN. */
  seen(tradingPair: TradingPair, name: PublicChannelName, monotonicMs: number): BoardChannel | undefined {
    const channel = this.#channels.get(tradingPair)?.get(name);
    if (channel === undefined) return undefined;
    channel.seenMonotonicMs = Number.isNaN(monotonicMs) ? this.#options.clock.monotonic() : monotonicMs;
    if (channel.state !== "live") this.#change(channel, "live");
    return channel;
  }

  confirmed(channel: BoardChannel): void {
    channel.refusals.reset();
    // A silent channel is confirmed as well when it is subscribed anew: only data ends its silence.
    if (channel.state === "requested" || channel.state === "refused") this.#change(channel, "confirmed");
  }

  /** Returns the wait before it is to be asked for again. */
  refused(channel: BoardChannel, reason: string): number {
    const wasRefused = channel.state === "refused";
    this.#change(channel, "refused", reason);
    this.#options.onRefused(channel, wasRefused);
    return channel.refusals.nextMs();
  }

  silent(channel: BoardChannel, reason: string): void {
    if (channel.state === "silent" || channel.state === "refused") return;
    this.#change(channel, "silent", reason);
    this.#options.onSilent(channel);
  }

  /**
   * Notes that a channel's connection is gone: it has to be asked for again. A refusal stays one until it is lifted.
   */
  disconnected(channel: BoardChannel): void {
    if (channel.state !== "refused" && channel.state !== "requested") this.#change(channel, "requested");
  }

  #change(channel: BoardChannel, state: ChannelState, reason?: string): void {
    const before = channel.state;
    channel.state = state;
    channel.reason = reason;
    channel.sinceMonotonicMs = this.#options.clock.monotonic();
    if (state === "refused" || state === "silent") this.#unwell.add(channel);
    else this.#unwell.delete(channel);
    const isGood = state === "live" || state === "confirmed";
    if (before === "refused" && isGood) this.#options.onRestored(channel);
    if (before === "silent" && state === "live") this.#options.onRestored(channel);
  }
}
