import type { AccountUpdate } from "../model/account-update.ts";
import { isAbort } from "../model/error.ts";
import type { TradingPair } from "../model/market.ts";
import type { UnreadableRow } from "../net/rows.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { Timers } from "../runtime/runtime.ts";
import type { OrderJournal } from "../trading/order-journal.ts";
import { AccountReading } from "./account-reading.ts";
import { FillCursors } from "./fill-cursors.ts";
import { inSlices } from "./in-slices.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";

export interface FillCatchUpOptions {
  readonly venue: PerpetualVenue;
  readonly journal: OrderJournal;
  readonly context: () => VenueContext;
  readonly tradingPairs: () => readonly TradingPair[];
  /** Time before its cursor at which it starts. */
  readonly overlapMs: number;
  /** Reach of the search where no cursor can be believed. */
  readonly lookBackMs: number;
  /** The venue's time as far as known, which no step of our clock moves forward. */
  readonly askedAtMs: () => number;
  /** The earliest time that may be asked for: fills from before it may have been forgotten. */
  readonly horizonMs: () => number;
  readonly apply: (update: AccountUpdate) => void;
  /** Runs `work` as one unit of the journal. */
  readonly inUnit: (work: () => void) => void;
  readonly timers: Timers;
  /** True when a market's failure concerns that market alone, for as long as the venue says so. It is told then. */
  readonly isLeftOut: (tradingPair: TradingPair, error: unknown) => boolean;
  /** Trades from before this time are not listed again; those of markets that are behind, from before their own. */
  readonly forgetBefore: (timestampMs: number, behind: ReadonlyMap<TradingPair, number>) => void;
  /** The error to wait with, while a fill that cannot be read may still become known. */
  readonly heldBy: (rows: readonly UnreadableRow[], signal: AbortSignal) => Promise<unknown>;
}

const CLOCK_TOLERANCE_MS = 60_000;

/**
 * All fills of the account since the cursor, which moves on only when they were all applied. A market that fails keeps
 * a cursor of its own, so that it holds up no other; a fill that may be ours and cannot be read holds it for a while.
 */
export class FillCatchUp {
  readonly #options: FillCatchUpOptions;
  readonly #cursors: FillCursors;

  constructor(options: FillCatchUpOptions) {
    this.#options = options;
    this.#cursors = new FillCursors(options.journal);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { tradingPairs, forgetBefore } = this.#options;
    const askedAtMs = this.#options.askedAtMs();
    const sinceMs = this.#since(askedAtMs, this.#cursors.sinceMs ?? askedAtMs);
    const pairs = tradingPairs();
    const behind = pairs.filter((pair) => this.#cursors.sinceMsOf(pair) !== undefined);
    const { reading, held } = await this.#ask(
      sinceMs,
      pairs.filter((pair) => !behind.includes(pair)),
      signal,
    );
    const failures: unknown[] = held === undefined ? [] : [held];
    if (held === undefined) this.#cursors.advance(sinceMs, askedAtMs, reading.failures.keys());
    for (const [pair, error] of reading.failures) if (!this.#options.isLeftOut(pair, error)) failures.push(error);
    for (const pair of behind) failures.push(...(await this.#askOfOne(pair, signal)));
    // A market that is behind may stay so for good: it must not keep what is known of all others.
    const stillBehind = [...this.#cursors.behind].map(([pair, cursorMs]) => [pair, this.#fromMs(cursorMs)] as const);
    forgetBefore(this.#fromMs(sinceMs), new Map(stillBehind));
    if (failures.length > 0) throw failures[0];
  }

  /** A cursor that lies in the future was set by a clock that was wrong: it proves nothing. */
  #since(nowMs: number, cursorMs: number): number {
    return cursorMs > nowMs + CLOCK_TOLERANCE_MS ? nowMs - this.#options.lookBackMs : cursorMs;
  }

  #fromMs(cursorMs: number): number {
    const { overlapMs, horizonMs } = this.#options;
    return Math.max(cursorMs - overlapMs, horizonMs());
  }

  async #ask(sinceMs: number, pairs: readonly TradingPair[], signal: AbortSignal) {
    const { venue, context, apply, inUnit, timers, heldBy } = this.#options;
    const reading = new AccountReading(context(), signal);
    const trades = await venue.derivative.tradesSince(reading.context, this.#fromMs(sinceMs), pairs);
    const applyAll = (slice: typeof trades): void => {
      for (const trade of slice) apply(trade);
    };
    const pause = () => timers.sleep(0, signal);
    await inSlices(trades, pause, (slice) => inUnit(() => applyAll(slice)));
    return { reading, held: await heldBy(reading.unread("fill"), signal) };
  }

  /** One market that is behind, from where it is. */
  async #askOfOne(tradingPair: TradingPair, signal: AbortSignal): Promise<readonly unknown[]> {
    const { isLeftOut } = this.#options;
    const sinceMs = this.#since(this.#options.askedAtMs(), this.#cursors.sinceMsOf(tradingPair) ?? 0);
    try {
      const { reading, held } = await this.#ask(sinceMs, [tradingPair], signal);
      if (held !== undefined) return [held];
      const [error] = reading.failures.values();
      if (error === undefined) this.#cursors.caughtUp(tradingPair);
      return error === undefined || isLeftOut(tradingPair, error) ? [] : [error];
    } catch (error) {
      if (isAbort(error)) throw error;
      return isLeftOut(tradingPair, error) ? [] : [error];
    }
  }
}
