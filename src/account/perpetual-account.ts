import type {
  BalanceUpdate,
  MarginUpdate,
  PositionAdjustment,
  PositionUpdate,
  SettingsUpdate,
} from "../model/account-update.ts";
import type { Balance } from "../model/balance.ts";
import { type Decimal, ONE, sum, ZERO } from "../model/decimal.ts";
import type { Fill } from "../model/fill.ts";
import type { TradingPair } from "../model/market.ts";
import type { PositionMode } from "../model/order.ts";
import { type Position, positionKey } from "../model/position.ts";
import { feeAmounts } from "../trading/fees.ts";
import { positionSideOf, tradePosition } from "./position-estimate.ts";

export interface PerpetualAccountOptions {
  /**
   * True where the venue pushes or reports available balances as they change. False: between two reports they are
   * estimated from our own orders and fills.
   */
  readonly isRealTimeBalance: boolean;
  /** Collateral that our live orders lock now, by asset; used for the estimate. */
  lockedCollateral(asset: string): Decimal;
  /** The asset that a market's profit, loss and margin are in. */
  collateralTokenOf(tradingPair: TradingPair): string;
  /** Inverse positions are not estimated: they wait for the venue's word. */
  isLinear(tradingPair: TradingPair): boolean;
  /** Before the venue has said it. Default 1. */
  readonly defaultLeverage?: Decimal | undefined;
  /** Default `oneWay`. */
  readonly defaultPositionMode?: PositionMode | undefined;
}

/** What a fill did to a balance before the venue reported it. */
interface Adjustment {
  readonly total: Decimal;
  readonly available: Decimal;
  readonly timestampMs: number;
}

/** Where a report comes from: pushed by the venue, at its own time, or asked for, at ours. */
export type ReportOrigin = "stream" | "poll";

interface AssetState {
  /** As the venue reported them. */
  readonly total: Decimal;
  readonly available: Decimal;
  /** Locked by our orders when it did. */
  readonly lockedThen: Decimal;
  readonly timestampMs: number;
  /** Of the last one that was pushed. */
  readonly streamedAtMs: number;
  /** By fills since then, oldest first. */
  readonly adjustments: Adjustment[];
}

interface PositionState {
  readonly position: Position;
  /** When the venue last reported it. A fill after that is not in the report, also when other fills share its time. */
  readonly reportedAtMs: number;
  /** Of the last report that was pushed, or fill that counted, by the venue's clock. */
  readonly streamedAtMs: number;
}

const MAX_ADJUSTMENT_IDS = 10_000;
/** More fills than this between two reports are kept as one, with the time of the last. */
const MAX_ADJUSTMENTS = 1_000;

/** Balances, margin, positions and settings as last known. Updates older than what is known are ignored. */
export class PerpetualAccount {
  readonly #options: PerpetualAccountOptions;
  readonly #assets = new Map<string, AssetState>();
  readonly #positions = new Map<string, PositionState>();
  readonly #leverages = new Map<
    TradingPair | undefined,
    { readonly leverage: Decimal; readonly timestampMs: number }
  >();
  readonly #adjustmentIds = new Set<string>();
  #margin: MarginUpdate | undefined;
  #positionMode: { readonly mode: PositionMode; readonly timestampMs: number } | undefined;

  constructor(options: PerpetualAccountOptions) {
    this.#options = options;
  }

  /** Undefined for an asset that the venue has not reported. */
  balance(asset: string): Balance | undefined {
    const state = this.#assets.get(asset);
    if (state === undefined) return undefined;
    const total = state.total.plus(sum(state.adjustments.map((adjustment) => adjustment.total)));
    const available = state.available.plus(sum(state.adjustments.map((adjustment) => adjustment.available)));
    if (this.#options.isRealTimeBalance) return { asset, total, available, timestampMs: state.timestampMs };
    // What our orders have locked since the report is not available any more, what they have released since is again.
    const lockedSince = this.#options.lockedCollateral(asset).minus(state.lockedThen);
    return { asset, total, available: available.minus(lockedSince), timestampMs: state.timestampMs };
  }

  get balances(): readonly Balance[] {
    return [...this.#assets.keys()].map((asset) => this.balance(asset)).filter((balance) => balance !== undefined);
  }

  getBalance(asset: string): Decimal {
    return this.balance(asset)?.total ?? ZERO;
  }

  getAvailableBalance(asset: string): Decimal {
    return this.balance(asset)?.available ?? ZERO;
  }

  get margin(): MarginUpdate | undefined {
    return this.#margin;
  }

  /** Open positions. */
  get positions(): readonly Position[] {
    return [...this.#positions.values()].map((state) => state.position).filter((position) => !position.amount.isZero());
  }

  /** The position of one side; in one-way mode, the market's one position. Undefined when flat. */
  position(tradingPair: TradingPair, side: Position["side"] = "both"): Position | undefined {
    const position = this.#positions.get(positionKey(tradingPair, side))?.position;
    return position?.amount.isZero() === false ? position : undefined;
  }

  /** As `position`, and also where it is known to be flat. */
  lastKnownPosition(tradingPair: TradingPair, side: Position["side"] = "both"): Position | undefined {
    return this.#positions.get(positionKey(tradingPair, side))?.position;
  }

  getLeverage(tradingPair: TradingPair): Decimal {
    const setting = this.#leverages.get(tradingPair) ?? this.#leverages.get(undefined);
    return setting?.leverage ?? this.#options.defaultLeverage ?? ONE;
  }

  get positionMode(): PositionMode {
    return this.#positionMode?.mode ?? this.#options.defaultPositionMode ?? "oneWay";
  }

  /**
   * Returns the balance when it changed. What is pushed is held against what was pushed before only: our clock may be
   * ahead of the venue's, and then a push would seem older than a poll that it follows.
   */
  applyBalance(update: BalanceUpdate, origin: ReportOrigin = "stream"): Balance | undefined {
    const { asset, total, timestampMs } = update;
    const known = this.#assets.get(asset);
    if (known !== undefined && timestampMs < (origin === "stream" ? known.streamedAtMs : known.timestampMs)) {
      return undefined;
    }
    const streamedAtMs = origin === "stream" ? timestampMs : (known?.streamedAtMs ?? Number.NEGATIVE_INFINITY);
    const before = this.balance(asset);
    const adjustments = known?.adjustments.filter((adjustment) => adjustment.timestampMs > timestampMs) ?? [];
    if (update.available === undefined && before !== undefined && known !== undefined) {
      // What the total gained or lost since it was last known is available or missing.
      const available = before.available.plus(total.minus(before.total));
      const lockedThen = this.#options.lockedCollateral(asset);
      this.#assets.set(asset, { total, available, lockedThen, adjustments: [], timestampMs, streamedAtMs });
    } else {
      const lockedThen = this.#options.lockedCollateral(asset);
      const available = update.available ?? total;
      this.#assets.set(asset, { total, available, lockedThen, adjustments, timestampMs, streamedAtMs });
    }
    const after = this.balance(asset);
    const isSame =
      before !== undefined && after?.total.eq(before.total) === true && after.available.eq(before.available);
    return isSame ? undefined : after;
  }

  /** Returns whether it is news. */
  applyMargin(update: MarginUpdate): boolean {
    if (this.#margin !== undefined && update.timestampMs < this.#margin.timestampMs) return false;
    this.#margin = update;
    return true;
  }

  /**
   * The venue's word replaces every estimate. Returns the position when it changed. As with balances, a push is held
   * against pushes and fills only; whether a poll's answer is still news its caller knows.
   */
  applyPosition(update: PositionUpdate, origin: ReportOrigin = "stream"): Position | undefined {
    const { tradingPair, side, amount, timestampMs } = update;
    const key = positionKey(tradingPair, side);
    const state = this.#positions.get(key);
    const known = state?.position;
    const knownMs = state?.streamedAtMs ?? Number.NEGATIVE_INFINITY;
    if (origin === "stream" && timestampMs < knownMs) return undefined;
    const leverage = update.leverage ?? known?.leverage ?? this.getLeverage(tradingPair);
    const position: Position = {
      tradingPair,
      side,
      amount,
      entryPrice: amount.isZero() ? ZERO : (update.entryPrice ?? known?.entryPrice ?? ZERO),
      unrealizedPnl: amount.isZero() ? ZERO : (update.unrealizedPnl ?? known?.unrealizedPnl ?? ZERO),
      leverage,
      liquidationPrice: amount.isZero() ? undefined : (update.liquidationPrice ?? known?.liquidationPrice),
      markPrice: update.markPrice ?? known?.markPrice,
      timestampMs,
    };
    const streamedAtMs = origin === "stream" ? timestampMs : knownMs;
    this.#positions.set(key, { position, reportedAtMs: timestampMs, streamedAtMs });
    if (update.leverage !== undefined) this.#setLeverage(tradingPair, update.leverage, timestampMs);
    return isSamePosition(known, position) ? undefined : position;
  }

  /** A trade that the venue made by itself. Returns whether it is news. */
  applyPositionAdjustment(adjustment: PositionAdjustment): boolean {
    if (this.#adjustmentIds.has(adjustment.adjustmentId)) return false;
    this.#adjustmentIds.add(adjustment.adjustmentId);
    if (this.#adjustmentIds.size > MAX_ADJUSTMENT_IDS) {
      const [oldest] = this.#adjustmentIds;
      if (oldest !== undefined) this.#adjustmentIds.delete(oldest);
    }
    this.#trade(adjustment.side, { ...adjustment, signedAmount: adjustment.amount });
    return true;
  }

  /** Returns whether it is news. */
  applySettings(update: SettingsUpdate): boolean {
    const { tradingPair, leverage, positionMode, timestampMs } = update;
    let isNew = leverage !== undefined && this.#setLeverage(tradingPair, leverage, timestampMs);
    if (positionMode !== undefined && timestampMs >= (this.#positionMode?.timestampMs ?? timestampMs)) {
      isNew = this.#positionMode?.mode !== positionMode || isNew;
      this.#positionMode = { mode: positionMode, timestampMs };
    }
    return isNew;
  }

  /**
   * A new fill of ours: the position is up to date at once, and so is an estimated balance. Without effect on what the
   * venue reported later than the fill. Returns the position when it changed.
   */
  applyFill(fill: Fill): Position | undefined {
    const side = positionSideOf(this.positionMode, fill.side, fill.positionAction);
    return this.#trade(side, { ...fill, signedAmount: fill.side === "buy" ? fill.amount : fill.amount.neg() });
  }

  #trade(
    side: Position["side"],
    trade: Pick<Fill, "tradingPair" | "price" | "timestampMs"> & {
      readonly signedAmount: Decimal;
      readonly fee?: Fill["fee"] | undefined;
    },
  ): Position | undefined {
    const { tradingPair, price, signedAmount, fee, timestampMs } = trade;
    if (fee !== undefined) {
      for (const [token, paid] of feeAmounts(fee, { tradingPair, price, amount: signedAmount.abs() })) {
        this.#adjust(token, paid.neg(), paid.neg(), timestampMs);
      }
    }
    if (!this.#options.isLinear(tradingPair)) return undefined;
    const key = positionKey(tradingPair, side);
    const state = this.#positions.get(key);
    if (state !== undefined && timestampMs <= state.reportedAtMs) return undefined;
    const known = state?.position;
    const leverage = known === undefined || known.amount.isZero() ? this.getLeverage(tradingPair) : known.leverage;
    const traded = tradePosition(known, { tradingPair, side, price, signedAmount, timestampMs, leverage });
    this.#positions.set(key, {
      position: traded.position,
      reportedAtMs: state?.reportedAtMs ?? Number.NEGATIVE_INFINITY,
      streamedAtMs: Math.max(timestampMs, state?.streamedAtMs ?? timestampMs),
    });
    const available = traded.realizedPnl.minus(traded.marginChange);
    this.#adjust(this.#options.collateralTokenOf(tradingPair), traded.realizedPnl, available, timestampMs);
    return traded.position;
  }

  #setLeverage(tradingPair: TradingPair | undefined, leverage: Decimal, timestampMs: number): boolean {
    const known = this.#leverages.get(tradingPair);
    if (known !== undefined && timestampMs < known.timestampMs) return false;
    this.#leverages.set(tradingPair, { leverage, timestampMs });
    return known?.leverage.eq(leverage) !== true;
  }

  #adjust(asset: string, total: Decimal, available: Decimal, timestampMs: number): void {
    const state = this.#assets.get(asset);
    if (this.#options.isRealTimeBalance || state === undefined || timestampMs <= state.timestampMs) return;
    const { adjustments } = state;
    const last = adjustments.length < MAX_ADJUSTMENTS ? undefined : adjustments.pop();
    adjustments.push({
      total: total.plus(last?.total ?? ZERO),
      available: available.plus(last?.available ?? ZERO),
      timestampMs: Math.max(timestampMs, last?.timestampMs ?? timestampMs),
    });
  }
}

/** Whether a report said anything new; a position that was never open and is flat is no news either. */
function isSamePosition(known: Position | undefined, position: Position): boolean {
  if (known === undefined) return position.amount.isZero();
  const same = (a: Decimal | undefined, b: Decimal | undefined): boolean =>
    a === undefined || b === undefined ? a === b : a.eq(b);
  if (known.amount.isZero() && position.amount.isZero()) return true;
  return (
    known.amount.eq(position.amount) &&
    known.entryPrice.eq(position.entryPrice) &&
    known.unrealizedPnl.eq(position.unrealizedPnl) &&
    known.leverage.eq(position.leverage) &&
    same(known.liquidationPrice, position.liquidationPrice) &&
    same(known.markPrice, position.markPrice)
  );
}
