import type { PositionUpdate } from "../model/account-update.ts";
import { type Decimal, ZERO } from "../model/decimal.ts";
import type { TradingPair } from "../model/market.ts";
import type { MarginMode, PositionMode, PositionSide } from "../model/order.ts";
import { fitsMode, type Position, positionKey } from "../model/position.ts";
import { MAX_COPY_DELAY_MS } from "../model/time.ts";
import { type PositionTrade, type TradedPosition, tradePosition } from "./position-estimate.ts";

export interface PositionBookOptions {
  /** True where a market can have a cross and an isolated position of one side at the same time. */
  readonly marginModesSideBySide: boolean;
  leverage(tradingPair: TradingPair): Decimal;
}

/** Origin of a report: pushed by the venue, at its own time, or asked for, at ours. */
export type ReportOrigin = "stream" | "poll";

/** A position as the account knows it. Trades after its time and up to `untilMs` may or may not be in it. */
export interface ToldPosition extends Pick<Position, "amount" | "entryPrice" | "timestampMs"> {
  readonly untilMs?: number | undefined;
}

/** Scope of the venue's word. */
interface Coverage {
  /** A trade up to here is in it, also when other trades share its time. */
  readonly reportedAtMs: number;
  /** A trade after `reportedAtMs` and up to here may or may not be: the answer was under way. */
  readonly doubtUntilMs: number;
}

interface PositionState extends Coverage {
  readonly position: Position;
  /** Time of the last report that was pushed, or trade that counted, by the venue's clock. */
  readonly streamedAtMs: number;
  /** True from a trade on of which nobody knows whether the report includes it, until the next report. */
  readonly isInDoubt: boolean;
}

/** Amount that a position had up to a change that the venue pushed. */
interface PastAmount {
  readonly amount: Decimal;
  readonly untilMs: number;
}

const MAX_PAST_AMOUNTS = 100;

/** Effect of a trade: the position after it, or why the next report must tell. */
export type TradeEffect = TradedPosition | "known" | "doubtful";

/**
 * Positions as the venue reported them, updated by trades until its next report. A trade moves only a position that was
 * reported. While it is unclear whether a report includes a trade, the next report is waited for, so that every
 * position that is shown existed at the venue.
 */
export class PositionBook {
  readonly #options: PositionBookOptions;
  readonly #states = new Map<string, PositionState>();
  readonly #past = new Map<string, readonly PastAmount[]>();
  /** Time of the last list of the whole account: what it left out is flat. */
  #listed: Coverage | undefined;
  /** Markets of which that list says nothing sure. */
  readonly #notListed = new Set<TradingPair>();

  constructor(options: PositionBookOptions) {
    this.#options = options;
  }

  /** Open positions. */
  get open(): readonly Position[] {
    return [...this.#states.values()].map((state) => state.position).filter((position) => !position.amount.isZero());
  }

  /** The one of a margin mode; without one, the cross position, or the isolated one where only that is open. */
  find(tradingPair: TradingPair, side: PositionSide, marginMode?: MarginMode): Position | undefined {
    return this.#states.get(this.#keyOf(tradingPair, side, marginMode ?? this.#openMode(tradingPair, side)))?.position;
  }

  /**
   * Finds a position as `find` does, with the time up to which trades may be in it already; flat where a list left it
   * out.
   */
  told(tradingPair: TradingPair, side: PositionSide): ToldPosition | undefined {
    const state = this.#states.get(this.#keyOf(tradingPair, side, this.#openMode(tradingPair, side)));
    if (state === undefined) {
      const listed = this.#listed;
      if (listed === undefined || this.#notListed.has(tradingPair)) return undefined;
      return { amount: ZERO, entryPrice: ZERO, timestampMs: listed.reportedAtMs, untilMs: listed.doubtUntilMs };
    }
    const { amount, entryPrice, timestampMs } = state.position;
    return { amount, entryPrice, timestampMs, untilMs: Math.max(timestampMs, state.doubtUntilMs) };
  }

  /** Time when the whole account was listed last; undefined where that was never done. */
  get listedAtMs(): number | undefined {
    return this.#listed?.reportedAtMs;
  }

  #keyOf(tradingPair: TradingPair, side: PositionSide, marginMode: MarginMode | undefined): string {
    return positionKey(tradingPair, side, this.#options.marginModesSideBySide ? marginMode : "cross");
  }

  #isOpen(tradingPair: TradingPair, side: PositionSide, mode: MarginMode): boolean {
    return this.#states.get(this.#keyOf(tradingPair, side, mode))?.position.amount.isZero() === false;
  }

  #openMode(tradingPair: TradingPair, side: PositionSide): MarginMode {
    if (!this.#options.marginModesSideBySide) return "cross";
    const isIsolated = this.#isOpen(tradingPair, side, "isolated") && !this.#isOpen(tradingPair, side, "cross");
    return isIsolated ? "isolated" : "cross";
  }

  #areBothOpen(tradingPair: TradingPair, side: PositionSide): boolean {
    if (!this.#options.marginModesSideBySide) return false;
    return this.#isOpen(tradingPair, side, "cross") && this.#isOpen(tradingPair, side, "isolated");
  }

  /**
   * The venue's word replaces every estimate. Returns the position when it changed. A push is held against pushes and
   * trades only; whether the answer to a poll is still news its caller knows. `heardAtMs` is when the answer came.
   */
  report(update: PositionUpdate, origin: ReportOrigin, heardAtMs = update.timestampMs): Position | undefined {
    const { tradingPair, side, amount, timestampMs } = update;
    const key = this.#keyOf(tradingPair, side, update.marginMode);
    const state = this.#states.get(key);
    const known = state?.position;
    const knownMs = state?.streamedAtMs ?? Number.NEGATIVE_INFINITY;
    if (origin === "stream" && timestampMs < knownMs) return undefined;
    const position: Position = {
      tradingPair,
      side,
      marginMode: update.marginMode ?? known?.marginMode ?? "cross",
      amount,
      entryPrice: amount.isZero() ? ZERO : (update.entryPrice ?? known?.entryPrice ?? ZERO),
      unrealizedPnl: amount.isZero() ? ZERO : (update.unrealizedPnl ?? known?.unrealizedPnl ?? ZERO),
      leverage: update.leverage ?? this.#leverageOf(tradingPair, known),
      liquidationPrice: amount.isZero() ? undefined : (update.liquidationPrice ?? known?.liquidationPrice),
      markPrice: update.markPrice ?? known?.markPrice,
      timestampMs,
    };
    const streamedAtMs = origin === "stream" ? timestampMs : knownMs;
    if (origin === "stream") this.#noteChange(key, amount, timestampMs);
    const doubtUntilMs = Math.max(heardAtMs, timestampMs);
    this.#states.set(key, { position, reportedAtMs: timestampMs, doubtUntilMs, streamedAtMs, isInDoubt: false });
    return isSamePosition(known, position) ? undefined : position;
  }

  /**
   * Tells that an answer to a question of `askedMs` has the amount of a moment ago and not the present one: it may come from
   * a copy that is behind. While it is not known what the present one is, no answer is.
   */
  isOutdated({ tradingPair, side, marginMode, amount }: PositionUpdate, askedMs: number): boolean {
    const key = this.#keyOf(tradingPair, side, marginMode);
    const state = this.#states.get(key);
    if (state === undefined || state.isInDoubt || state.position.amount.eq(amount)) return false;
    const past = this.#past.get(key) ?? [];
    return past.some((each) => each.amount.eq(amount) && each.untilMs > askedMs - MAX_COPY_DELAY_MS);
  }

  #noteChange(key: string, amount: Decimal, timestampMs: number): void {
    const before = this.#states.get(key)?.position.amount ?? ZERO;
    if (before.eq(amount)) return;
    const recent = (this.#past.get(key) ?? []).filter(({ untilMs }) => untilMs > timestampMs - MAX_COPY_DELAY_MS);
    this.#past.set(key, [...recent, { amount: before, untilMs: timestampMs }].slice(-MAX_PAST_AMOUNTS));
  }

  /** The leverage of a market, or of all, was set: it is that of its positions as well. Returns those that have another. */
  leverageSet(tradingPair: TradingPair | undefined): readonly Position[] {
    const changed: Position[] = [];
    for (const [key, state] of this.#states) {
      const { position } = state;
      if (tradingPair !== undefined && position.tradingPair !== tradingPair) continue;
      const leverage = this.#leverageOf(position.tradingPair, position);
      if (leverage.eq(position.leverage)) continue;
      const restated = { ...position, leverage };
      this.#states.set(key, { ...state, position: restated });
      if (!restated.amount.isZero()) changed.push(restated);
    }
    return changed;
  }

  /** An isolated position beside the cross one has a leverage of its own; any other that of its market's setting. */
  #leverageOf(tradingPair: TradingPair, known: Position | undefined): Decimal {
    const { marginModesSideBySide, leverage } = this.#options;
    return marginModesSideBySide && known?.marginMode === "isolated" ? known.leverage : leverage(tradingPair);
  }

  /** The whole account was listed, except what `unsure` names: everything that has not been reported is flat. */
  listed(askedAtMs: number, heardAtMs: number, unsure: ReadonlySet<TradingPair>): void {
    this.#listed = { reportedAtMs: askedAtMs, doubtUntilMs: heardAtMs };
    this.#notListed.clear();
    for (const tradingPair of unsure) this.#notListed.add(tradingPair);
  }

  trade(trade: PositionTrade): TradeEffect {
    const { tradingPair, side, timestampMs } = trade;
    if (trade.marginMode === undefined && this.#areBothOpen(tradingPair, side)) return "doubtful";
    const mode = trade.marginMode ?? this.#openMode(tradingPair, side);
    const key = this.#keyOf(tradingPair, side, mode);
    const state = this.#states.get(key);
    const covered = state ?? (this.#notListed.has(tradingPair) ? undefined : this.#listed);
    if (covered === undefined || state?.isInDoubt === true) return "doubtful";
    if (timestampMs <= covered.reportedAtMs) return "known";
    if (timestampMs <= covered.doubtUntilMs) {
      if (state === undefined) this.#notListed.add(tradingPair);
      else this.#states.set(key, { ...state, isInDoubt: true });
      return "doubtful";
    }
    const traded = tradePosition(state?.position, { ...trade, marginMode: mode });
    this.#noteChange(key, traded.position.amount, timestampMs);
    const { reportedAtMs, doubtUntilMs } = covered;
    const streamedAtMs = Math.max(timestampMs, state?.streamedAtMs ?? timestampMs);
    this.#states.set(key, { position: traded.position, reportedAtMs, doubtUntilMs, streamedAtMs, isInDoubt: false });
    return traded;
  }

  /**
   * Venues change the mode of flat markets only: what was open on a side that is no more is gone. Returns what went.
   */
  dropSides(mode: PositionMode, timestampMs: number, isMeant: (tradingPair: TradingPair) => boolean): Position[] {
    const gone: Position[] = [];
    for (const { position } of [...this.#states.values()]) {
      const { tradingPair, side, marginMode } = position;
      if (position.amount.isZero() || fitsMode(side, mode) || !isMeant(tradingPair)) continue;
      const atMs = Math.max(timestampMs, position.timestampMs);
      const flat = this.report(
        { type: "position", tradingPair, side, marginMode, amount: ZERO, timestampMs: atMs },
        "poll",
      );
      if (flat !== undefined) gone.push(flat);
    }
    return gone;
  }
}

/** True when a report said anything new; a position that was never open and is flat is no news either. */
function isSamePosition(known: Position | undefined, position: Position): boolean {
  if (known === undefined) return position.amount.isZero();
  const same = (a: Decimal | undefined, b: Decimal | undefined): boolean =>
    a === undefined || b === undefined ? a === b : a.eq(b);
  if (known.amount.isZero() && position.amount.isZero()) return true;
  return (
    known.amount.eq(position.amount) &&
    known.marginMode === position.marginMode &&
    known.entryPrice.eq(position.entryPrice) &&
    known.unrealizedPnl.eq(position.unrealizedPnl) &&
    known.leverage.eq(position.leverage) &&
    same(known.liquidationPrice, position.liquidationPrice) &&
    same(known.markPrice, position.markPrice)
  );
}
