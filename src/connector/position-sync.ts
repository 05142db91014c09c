import type { PerpetualAccount } from "../account/perpetual-account.ts";
import type { ReportOrigin } from "../account/position-book.ts";
import type { AccountUpdate, PositionUpdate, SettingsUpdate } from "../model/account-update.ts";
import { ZERO } from "../model/decimal.ts";
import type { ConnectorEvents } from "../model/event.ts";
import type { TradingPair } from "../model/market.ts";
import type { PositionMode } from "../model/order.ts";
import { fitsMode, type Position, positionKey } from "../model/position.ts";
import { MAX_COPY_DELAY_MS } from "../model/time.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";
import type { UnreadableRow } from "../net/rows.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import { AccountReading } from "./account-reading.ts";
import { inSlices } from "./in-slices.ts";
import { OptionalRead } from "./optional-read.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import { Refresher } from "./refresher.ts";

export interface PositionSyncOptions {
  readonly venue: PerpetualVenue;
  readonly account: PerpetualAccount;
  readonly events: TypedEmitter<ConnectorEvents>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly context: () => VenueContext;
  readonly tradingPairs: () => readonly TradingPair[];
  readonly isGone: (tradingPair: TradingPair) => boolean;
  /** Updates that a list of positions tells beside them. */
  apply(update: AccountUpdate): void;
  /** Tells when the unit that is under way is on disk, after what was to be told before; at once where none is. */
  tell(news: () => void): void;
  /** Positions are read again soon. */
  requestRefresh(): void;
  /** Throws where a market was not answered for and that is not its own fault. */
  throwFailuresOf(reading: AccountReading): void;
}

/** Positions and position modes of the whole account, read whenever something says that they may have changed. */
export class PositionSync {
  readonly #options: PositionSyncOptions;
  readonly #modeRefresher: Refresher;
  readonly #optionalModes: OptionalRead;
  /** Fills and pushed positions by market, so that a poll knows whether one came while it was under way. */
  readonly #changes = new Map<TradingPair, number>();
  /** Markets that the latest answer was not taken for, because a fill or a position had overtaken it. */
  readonly #overtaken = new Set<TradingPair>();
  /** Monotonic times since when answers about a market have told what was so before. */
  readonly #outdatedSinceMs = new Map<TradingPair, number>();
  /** Numbers of questions: an answer to an earlier one than was answered last is old. */
  #asked = 0;
  #answered = 0;

  constructor(options: PositionSyncOptions) {
    this.#options = options;
    const { timers, logger } = options;
    this.#optionalModes = new OptionalRead("the position modes", logger);
    this.#modeRefresher = new Refresher({
      ...{ name: "the refresh of the position mode", delayMs: 0, firstRetryMs: 500, longestRetryMs: 30_000 },
      ...{ timers, logger },
      refresh: (signal) => this.updatePositionModes(signal),
    });
  }

  /** Runs until aborted. */
  run(signal: AbortSignal): Promise<void> {
    return this.#modeRefresher.run(signal);
  }

  get overtaken(): ReadonlySet<TradingPair> {
    return this.#overtaken;
  }

  /** A position of this market has changed by something else than the answer to a poll. */
  countChange(tradingPair: TradingPair): void {
    this.#changes.set(tradingPair, (this.#changes.get(tradingPair) ?? 0) + 1);
  }

  /** A position that the venue pushed. */
  applyPushed(update: PositionUpdate): void {
    this.countChange(update.tradingPair);
    // A flat position may be of a side that a change of the mode took away.
    if (!update.amount.isZero()) this.#heedMode(update);
    this.#report(update, "stream");
  }

  /** A position's row may be the first word of another leverage (Bybit, OKX). */
  #report(update: PositionUpdate, origin: ReportOrigin, heardAtMs?: number): void {
    const { account, events } = this.#options;
    const { tradingPair } = update;
    const before = account.leverage(tradingPair);
    const changed = account.applyPosition(update, origin, heardAtMs);
    const leverage = account.leverage(tradingPair);
    if (!leverage.eq(before)) events.emit("leverageChanged", { tradingPair, leverage });
    this.#tell(changed);
  }

  applySettings(update: SettingsUpdate): void {
    const { account, events } = this.#options;
    const { tradingPair, leverage, positionMode, timestampMs } = update;
    const isNewLeverage = account.applySettings(update);
    if (leverage !== undefined && isNewLeverage) events.emit("leverageChanged", { tradingPair, leverage });
    if (positionMode === undefined) return;
    const gone = account.applyPositionMode(positionMode, tradingPair, timestampMs);
    if (gone === undefined) return;
    events.emit("positionModeChanged", tradingPair === undefined ? { positionMode } : { tradingPair, positionMode });
    for (const position of gone) this.#tell(position);
  }

  /**
   * Heeds what the side of a position says of its market's mode. Where each market has its own, that is the mode; else
   * an open position of a side that the mode does not have tells that it was changed by hand.
   */
  #heedMode({ tradingPair, side, amount, timestampMs }: PositionUpdate): void {
    const { venue, account } = this.#options;
    if (venue.derivative.canHedge !== undefined) {
      const positionMode = side === "both" ? "oneWay" : "hedge";
      this.applySettings({ type: "settings", tradingPair, positionMode, timestampMs });
    } else if (!amount.isZero() && !fitsMode(side, account.positionModeOf(tradingPair))) {
      this.requestModes();
    }
  }

  /** The position mode may be another than is known, as a refusal says: it is asked for at once. */
  requestModes(): void {
    this.#modeRefresher.request();
  }

  /**
   * Updates the mode of the account or, where each market has its own, of every market that is followed. Where the
   * venue refuses to tell, the known mode stands: an order that it does not fit is refused, and asks again.
   */
  async updatePositionModes(signal: AbortSignal): Promise<void> {
    await this.#optionalModes.run(() => this.#readPositionModes(signal));
  }

  async #readPositionModes(signal: AbortSignal): Promise<void> {
    const { venue, context, tradingPairs, throwFailuresOf } = this.#options;
    const { fetchPositionMode } = venue.derivative;
    if (fetchPositionMode === undefined) return;
    const reading = new AccountReading(context(), signal);
    // Time of the question: a mode that was set while the answer was under way is newer.
    const timestampMs = reading.context.now();
    const modes = await fetchPositionMode(reading.context, tradingPairs());
    const settings: Iterable<readonly [TradingPair | undefined, PositionMode]> =
      typeof modes === "string" ? [[undefined, modes]] : modes;
    for (const [tradingPair, positionMode] of settings) {
      this.applySettings({ type: "settings", tradingPair, positionMode, timestampMs });
    }
    throwFailuresOf(reading);
  }

  /** Lists the pairs that are not delisted. For a delisted market a venue refuses each question about one market. */
  #listedPairs(): readonly TradingPair[] {
    const { tradingPairs, isGone } = this.#options;
    return tradingPairs().filter((tradingPair) => !isGone(tradingPair));
  }

  /**
   * The venue's word on the whole account replaces every estimate: what was shown and is not listed any more is flat,
   * whether its market is followed or not. Where a fill or a position came while the answer was under way, which may or
   * may not know of it, that market is asked for again, and so is one of which the answer tells what was so just before.
   * A row that cannot be read proves nothing of its market: resolves with those, in words.
   */
  async updatePositions(signal: AbortSignal): Promise<readonly string[]> {
    const { venue, account, timers, context, apply, requestRefresh, throwFailuresOf } = this.#options;
    const changesBefore = new Map(this.#changes);
    this.#asked += 1;
    const question = this.#asked;
    const reading = new AccountReading(context(), signal);
    const askedAtMs = reading.context.now();
    const updates = await venue.derivative.fetchPositions(reading.context, this.#listedPairs());
    const unreadInWords = reading.unreadInWords("position");
    if (question < this.#answered) return unreadInWords;
    this.#answered = question;
    const heardAtMs = reading.context.now();
    for (const update of updates) if (update.type !== "position") apply(update);
    const unread = marketsOf(reading, reading.unread("position"));
    const listed = updates.filter((update) => update.type === "position");
    const pause = () => timers.sleep(0, signal);
    const unlisted = unread.isComplete ? await this.#unlisted(listed, askedAtMs, pause) : [];
    if (question < this.#answered) return unreadInWords;
    const changed = [...this.#changedSince(changesBefore), ...this.#outdated([...listed, ...unlisted], askedAtMs)];
    this.#overtaken.clear();
    for (const tradingPair of changed) this.#overtaken.add(tradingPair);
    if (changed.length > 0) requestRefresh();
    const unsure = new Set([...changed, ...unread.tradingPairs]);
    const isOvertaken = ({ tradingPair }: PositionUpdate) =>
      this.#changes.get(tradingPair) !== changesBefore.get(tradingPair);
    await inSlices(listed, pause, (slice) => {
      for (const update of slice) if (!unsure.has(update.tradingPair) && !isOvertaken(update)) this.#heedMode(update);
    });
    const applyOne = (update: PositionUpdate): void => {
      const { tradingPair, side, marginMode } = update;
      if (unsure.has(tradingPair) || question < this.#answered) return;
      // Something came between two slices of the list, which may or may not know of it.
      if (isOvertaken(update)) return;
      // Answers count as at least as new as the known position, for the clocks of venue and machine need not agree.
      const knownMs = account.position(tradingPair, side, marginMode)?.timestampMs ?? 0;
      const polled = { ...update, timestampMs: Math.max(update.timestampMs, knownMs) };
      this.#report(polled, "poll", heardAtMs);
    };
    await inSlices([...listed, ...unlisted], pause, (slice) => {
      for (const update of slice) applyOne(update);
    });
    if (question < this.#answered) return unreadInWords;
    const late = this.#changedSince(changesBefore).filter((pair) => !unsure.has(pair));
    for (const tradingPair of late) this.#overtaken.add(tradingPair);
    if (late.length > 0) requestRefresh();
    // Last: until then a position that waits for its slice would be taken for flat.
    if (unread.isComplete) account.positionsListed(askedAtMs, heardAtMs, new Set([...unsure, ...late]));
    throwFailuresOf(reading);
    return unreadInWords;
  }

  #changedSince(before: ReadonlyMap<TradingPair, number>): readonly TradingPair[] {
    return [...this.#changes.keys()].filter((pair) => this.#changes.get(pair) !== before.get(pair));
  }

  /** Markets of which an answer may come from a copy of the venue's books that is behind, as none is for long. */
  #outdated(updates: readonly PositionUpdate[], askedAtMs: number): readonly TradingPair[] {
    const { account, clock } = this.#options;
    const nowMs = clock.monotonic();
    const suspects = new Set(
      updates.flatMap((update) => (account.isOutdated(update, askedAtMs) ? [update.tradingPair] : [])),
    );
    for (const tradingPair of this.#outdatedSinceMs.keys()) {
      if (!suspects.has(tradingPair)) this.#outdatedSinceMs.delete(tradingPair);
    }
    return [...suspects].filter((tradingPair) => {
      const sinceMs = this.#outdatedSinceMs.get(tradingPair) ?? nowMs;
      this.#outdatedSinceMs.set(tradingPair, sinceMs);
      return nowMs - sinceMs < MAX_COPY_DELAY_MS;
    });
  }

  /** Venues list open positions only: what is known as open and is not in the answer is flat. */
  async #unlisted(
    listed: readonly PositionUpdate[],
    timestampMs: number,
    pause: () => Promise<void>,
  ): Promise<readonly PositionUpdate[]> {
    const { account } = this.#options;
    const { positions } = account;
    const keyOf = ({ tradingPair, side, marginMode }: PositionUpdate | Position) => {
      const known = account.position(tradingPair, side, marginMode);
      return positionKey(tradingPair, side, known?.marginMode ?? marginMode);
    };
    const keys = new Set<string>();
    await inSlices(listed, pause, (slice) => {
      for (const update of slice) keys.add(keyOf(update));
    });
    const unlisted: PositionUpdate[] = [];
    await inSlices(positions, pause, (slice) => {
      for (const position of slice) {
        if (keys.has(keyOf(position))) continue;
        const { tradingPair, side, marginMode } = position;
        unlisted.push({ type: "position", tradingPair, side, marginMode, amount: ZERO, timestampMs });
      }
    });
    return unlisted;
  }

  /**
   * Tells in the order of the changes. A pushed row that made a position flat and told another leverage was told at once, and
   * the position as it was before, with that leverage, after it.
   */
  #tell(position: Position | undefined): void {
    const { events, tell } = this.#options;
    if (position !== undefined) tell(() => events.emit("position", position));
  }
}

/** Markets of rows; `isComplete` is false where one does not say of which market it is. */
function marketsOf({ context }: AccountReading, rows: readonly UnreadableRow[]) {
  const tradingPairs = rows.flatMap(({ symbol }) => {
    return symbol == null ? [] : (context.markets.bySymbol.get(symbol)?.tradingPair ?? []);
  });
  return { tradingPairs, isComplete: rows.every(({ symbol }) => symbol != null) };
}
