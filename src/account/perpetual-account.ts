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
import type { MarginMode, PositionMode } from "../model/order.ts";
import { fitsMode, type Position } from "../model/position.ts";
import { feeAmounts } from "../trading/fees.ts";
import { PositionBook, type ReportOrigin, type ToldPosition } from "./position-book.ts";
import { positionSideOf } from "./position-estimate.ts";

export type { ReportOrigin } from "./position-book.ts";

/** Orders that were sent, and that the venue's last balance may not know of. */
export interface OrdersUnderWay {
  /** Amount to be taken off the available balance. */
  held(asset: string): Decimal;
  /** Share of `lockedCollateral` that is of orders which the last balance knows of. */
  lockedReported(asset: string): Decimal;
  /**
   * The venue told what is available, at that time by its clock or, in a poll, by ours; it knows of the orders that were
   * among the first `takenWhenAsked` in any case.
   */
  reported(asset: string, origin: ReportOrigin, timestampMs: number, takenWhenAsked: number): void;
  /** Number of orders that the venue was heard to have taken. */
  readonly taken: number;
}

/** Messages heard when a question was asked: its answer includes all of them, whatever clocks say. */
export interface Heard {
  /** Pushes of balances, and trades. */
  readonly facts: number;
  /** Orders that the venue had taken. */
  readonly orders: number;
}

const NOTHING_HEARD: Heard = { facts: -1, orders: 0 };

export interface PerpetualAccountOptions {
  /**
   * True where the venue pushes or reports available balances as they change. False: between two reports they are
   * estimated from our own orders and fills.
   */
  readonly isRealTimeBalance: boolean;
  /** Collateral that our live orders lock now, by asset, on one market or on all; used for the estimate. */
  lockedCollateral(asset: string, tradingPair?: TradingPair): Decimal;
  /** Part of our orders that no balance knows of yet. */
  readonly orders?: OrdersUnderWay | undefined;
  /** The asset that a market's profit, loss and margin are in. */
  collateralTokenOf(tradingPair: TradingPair): string;
  /** Inverse positions are not estimated: they wait for the venue's word. */
  isLinear(tradingPair: TradingPair): boolean;
  /** True where a market can have a cross and an isolated position of one side at the same time. Default false. */
  readonly marginModesSideBySide?: boolean | undefined;
  /** Before the venue has said it. Default 1. */
  readonly defaultLeverage?: Decimal | undefined;
  /** Default `oneWay`. */
  readonly defaultPositionMode?: PositionMode | undefined;
}

/** Change that a fill made to a balance before the venue reported it. */
interface Adjustment {
  readonly total: Decimal;
  readonly available: Decimal;
  readonly timestampMs: number;
  /** Among what was heard, see `Heard`. */
  readonly number: number;
}

interface AssetState {
  /** The balance as the venue last reported it. */
  readonly total: Decimal;
  readonly available: Decimal;
  readonly isAvailableUnknown: boolean;
  /** Locked by our orders when it did. */
  readonly lockedThen: Decimal;
  readonly timestampMs: number;
  /** The venue's time of the last balance that was pushed. */
  readonly streamedAtMs: number;
  /** Number of the last push among the messages heard; 0 before the first. */
  readonly pushNumber: number;
  /** The venue's time that the last answer is no older than, where it told one. */
  readonly polledAtMs: number;
  /** Changes by fills since `timestampMs`, oldest first. */
  readonly adjustments: Adjustment[];
}

/** The account's own margin figures, where the venue tells them. */
export type AccountMargin = MarginUpdate & { readonly collateral: Decimal; readonly freeCollateral: Decimal };

/** Effect of a trade on positions: the one that changed, or that the venue must be asked. */
export interface FillEffect {
  readonly position?: Position | undefined;
  readonly isDoubtful: boolean;
}

interface ModeSetting {
  readonly mode: PositionMode;
  readonly timestampMs: number;
}

const MAX_DECIMAL_PLACES = 16;
const MAX_ADJUSTMENT_IDS = 10_000;
/** More fills than this between two reports are kept as one, with the time of the last. */
const MAX_ADJUSTMENTS = 1_000;

/** Balances, margin, positions and settings as last known. Updates older than what is known are ignored. */
export class PerpetualAccount {
  readonly #options: PerpetualAccountOptions;
  readonly #assets = new Map<string, AssetState>();
  readonly #positions: PositionBook;
  readonly #leverages = new Map<
    TradingPair | undefined,
    { readonly leverage: Decimal; readonly timestampMs: number }
  >();
  readonly #adjustmentIds = new Set<string>();
  /** Position modes by market, and under `undefined` that of the whole account. */
  readonly #positionModes = new Map<TradingPair | undefined, ModeSetting>();
  #margin: MarginUpdate | undefined;
  #heard = 0;
  #areBalancesListed = false;

  constructor(options: PerpetualAccountOptions) {
    this.#options = options;
    this.#positions = new PositionBook({
      marginModesSideBySide: options.marginModesSideBySide === true,
      leverage: (tradingPair) => this.leverage(tradingPair),
    });
  }

  /** Undefined for an asset that the venue has not reported. */
  balance(asset: string): Balance | undefined {
    const state = this.#assets.get(asset);
    if (state === undefined) return undefined;
    const total = state.total.plus(sum(state.adjustments.map((adjustment) => adjustment.total)));
    const adjusted = state.available.plus(sum(state.adjustments.map((adjustment) => adjustment.available)));
    const available = adjusted.minus(this.#held(asset));
    if (this.#options.isRealTimeBalance) return { asset, total, available, timestampMs: state.timestampMs };
    // Collateral that our orders locked since the report is not available any more; what they released since is again.
    const lockedSince = this.#options.lockedCollateral(asset).minus(state.lockedThen);
    // Shares of a leverage such as 3 leave digits that mean nothing, also where they add up to nothing.
    const free = available.minus(lockedSince).toDecimalPlaces(MAX_DECIMAL_PLACES);
    return { asset, total, available: free, timestampMs: state.timestampMs };
  }

  /** True where orders or fills changed since the venue told a balance, and what is shown is estimated from them. */
  get isEstimated(): boolean {
    const { isRealTimeBalance, lockedCollateral, orders } = this.#options;
    if (isRealTimeBalance) return false;
    return [...this.#assets].some(([asset, { adjustments, lockedThen }]) => {
      const locked = orders?.lockedReported(asset) ?? lockedCollateral(asset);
      return adjustments.length > 0 || !locked.eq(lockedThen);
    });
  }

  /**
   * A position that the venue reports changes what orders lock, and the balance that it goes with may have come before or
   * come after it: a trade by hand seemed to free what the same orders had never locked. Only our own fills are estimated.
   */
  #keepingEstimates<T>(report: () => T, tradingPair?: TradingPair): T {
    const { isRealTimeBalance, lockedCollateral } = this.#options;
    if (isRealTimeBalance) return report();
    const before = [...this.#assets.keys()].map((asset) => [asset, lockedCollateral(asset, tradingPair)] as const);
    const result = report();
    for (const [asset, locked] of before) {
      const state = this.#assets.get(asset);
      const change = lockedCollateral(asset, tradingPair).minus(locked);
      if (state === undefined || change.isZero()) continue;
      this.#assets.set(asset, { ...state, lockedThen: state.lockedThen.plus(change) });
    }
    return result;
  }

  #held(asset: string): Decimal {
    return this.#options.orders?.held(asset) ?? ZERO;
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

  /**
   * Collateral free for new orders margined in `asset`; undefined where the venue has not said it: nothing is guessed.
   */
  availableCollateral(asset: string): Decimal | undefined {
    const state = this.#assets.get(asset);
    if (state === undefined) return this.#areBalancesListed ? ZERO : undefined;
    return state.isAvailableUnknown ? undefined : this.getAvailableBalance(asset);
  }

  /** The venue has listed every balance: what it did not name, the account does not hold. */
  balancesListed(): void {
    this.#areBalancesListed = true;
  }

  /** Undefined where the venue does not tell them, as for an account in isolated margin. */
  get margin(): AccountMargin | undefined {
    const { collateral, freeCollateral } = this.#margin ?? {};
    if (this.#margin === undefined || collateral === undefined || freeCollateral === undefined) return undefined;
    return { ...this.#margin, collateral, freeCollateral };
  }

  /** Open positions. */
  get positions(): readonly Position[] {
    return this.#positions.open;
  }

  /**
   * The position of one side; in one-way mode, the market's one position. Undefined when flat. Where a cross and an
   * isolated one are open side by side, the cross one unless `marginMode` says which.
   */
  position(tradingPair: TradingPair, side: Position["side"] = "both", marginMode?: MarginMode): Position | undefined {
    const position = this.#positions.find(tradingPair, side, marginMode);
    return position?.amount.isZero() === false ? position : undefined;
  }

  /** The last word on a position, also when it is flat; undefined when it was never told nor left out of a whole list. */
  toldPosition(tradingPair: TradingPair, side: Position["side"]): ToldPosition | undefined {
    return this.#positions.told(tradingPair, side);
  }

  /** Time when the whole account was listed last. */
  get listedAtMs(): number | undefined {
    return this.#positions.listedAtMs;
  }

  leverage(tradingPair: TradingPair): Decimal {
    const setting = this.#leverages.get(tradingPair) ?? this.#leverages.get(undefined);
    return setting?.leverage ?? this.#options.defaultLeverage ?? ONE;
  }

  /** Position mode of the whole account. */
  get positionMode(): PositionMode {
    return this.#positionModes.get(undefined)?.mode ?? this.#options.defaultPositionMode ?? "oneWay";
  }

  /** Position mode of one market, on venues where each has its own; else that of the account. */
  positionModeOf(tradingPair: TradingPair): PositionMode {
    return this.#positionModes.get(tradingPair)?.mode ?? this.positionMode;
  }

  /** Messages heard so far. */
  get heard(): Heard {
    return { facts: this.#heard, orders: this.#options.orders?.taken ?? 0 };
  }

  /**
   * Returns the balance when it changed. What is pushed is held against what was pushed before and against a poll that
   * tells the venue's own time: our clock may be ahead of it, and then a push would seem older than a poll that it follows.
   * A poll is held against what was pushed since it was asked, for our clock may be set back or behind; polls come in the
   * order in which they were asked.
   * `heardWhenAsked`: `heard` as it was then.
   */
  applyBalance(
    update: BalanceUpdate,
    origin: ReportOrigin = "stream",
    heardWhenAsked: Heard = NOTHING_HEARD,
  ): Balance | undefined {
    const { asset, timestampMs, isAvailableUnknown = false } = update;
    const known = this.#assets.get(asset);
    const isOvertaken = origin === "stream" && known !== undefined && timestampMs < known.polledAtMs;
    const isNewer =
      known === undefined || known.pushNumber <= heardWhenAsked.facts || timestampMs >= known.streamedAtMs;
    if (!isNewer || isOvertaken) return undefined;
    if (origin === "stream") this.#heard += 1;
    const pushNumber = origin === "stream" ? this.#heard : (known?.pushNumber ?? 0);
    const streamedAtMs = origin === "stream" ? timestampMs : (known?.streamedAtMs ?? Number.NEGATIVE_INFINITY);
    const toldMs = origin === "stream" ? known?.polledAtMs : update.noOlderThanMs;
    const seen = { timestampMs, streamedAtMs, pushNumber, polledAtMs: toldMs ?? Number.NEGATIVE_INFINITY };
    const before = this.balance(asset);
    const total = update.total ?? before?.total ?? ZERO;
    const isMissing = (trade: Adjustment) => trade.number > heardWhenAsked.facts && trade.timestampMs > timestampMs;
    const adjustments = known?.adjustments.filter(isMissing) ?? [];
    if (update.available === undefined && before !== undefined && known !== undefined) {
      // A push without `available`: what the total gained or lost since it was last known is available or missing.
      const available = before.available.plus(this.#held(asset)).plus(total.minus(before.total));
      const lockedThen = this.#options.lockedCollateral(asset);
      const reported = { total, available, isAvailableUnknown: known.isAvailableUnknown, lockedThen };
      this.#assets.set(asset, { ...reported, adjustments: [], ...seen });
    } else {
      const { lockedCollateral, orders } = this.#options;
      orders?.reported(asset, origin, timestampMs, heardWhenAsked.orders);
      const lockedThen = orders?.lockedReported(asset) ?? lockedCollateral(asset);
      const available = update.available ?? total;
      const reported = { total, available, isAvailableUnknown, lockedThen };
      this.#assets.set(asset, { ...reported, adjustments, ...seen });
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
   * against pushes and fills only; whether a poll's answer is still news its caller knows, and when it came.
   */
  applyPosition(update: PositionUpdate, origin: ReportOrigin = "stream", heardAtMs?: number): Position | undefined {
    const { tradingPair } = update;
    const changed = this.#keepingEstimates(() => this.#positions.report(update, origin, heardAtMs), tradingPair);
    // An isolated position beside the cross one has a leverage of its own, which orders that open do not use.
    const isBeside = this.#options.marginModesSideBySide === true && update.marginMode === "isolated";
    if (update.leverage !== undefined && !isBeside) {
      this.#setLeverage(update.tradingPair, update.leverage, update.timestampMs);
    }
    return changed;
  }

  /** The whole account was listed, except what `unsure` names: everything that has not been reported is flat. */
  positionsListed(askedAtMs: number, heardAtMs: number, unsure: ReadonlySet<TradingPair> = new Set()): void {
    this.#keepingEstimates(() => this.#positions.listed(askedAtMs, heardAtMs, unsure));
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

  /** Returns whether the leverage is news. */
  applySettings({ tradingPair, leverage, timestampMs }: SettingsUpdate): boolean {
    return leverage !== undefined && this.#setLeverage(tradingPair, leverage, timestampMs);
  }

  /**
   * Returns, where the mode of the market (of the account without one) is another than before, the positions that went
   * with it: those of sides that it does not have.
   */
  applyPositionMode(mode: PositionMode, tradingPair: TradingPair | undefined, atMs: number): Position[] | undefined {
    const known = this.#positionModes.get(tradingPair);
    if (known !== undefined && atMs < known.timestampMs) return undefined;
    const before = tradingPair === undefined ? this.positionMode : this.positionModeOf(tradingPair);
    this.#positionModes.set(tradingPair, { mode, timestampMs: atMs });
    if (mode === before) return undefined;
    const isMeant = (pair: TradingPair) =>
      tradingPair === undefined ? !this.#positionModes.has(pair) : pair === tradingPair;
    return this.#keepingEstimates(() => this.#positions.dropSides(mode, atMs, isMeant));
  }

  /**
   * A new fill of ours: the position is up to date at once, and so is an estimated balance. Without effect on what the
   * venue reported later than the fill, and on what it has not reported at all. `modes` are those of the fill's order.
   */
  applyFill(
    fill: Fill,
    modes: { readonly positionMode?: PositionMode | undefined; readonly marginMode?: MarginMode | undefined } = {},
  ): FillEffect {
    const positionMode = this.positionModeOf(fill.tradingPair);
    const side = positionSideOf(modes.positionMode ?? positionMode, fill.side, fill.positionAction);
    const signedAmount = fill.side === "buy" ? fill.amount : fill.amount.neg();
    return this.#trade(side, { ...fill, signedAmount, marginMode: modes.marginMode });
  }

  #trade(
    side: Position["side"],
    trade: Pick<Fill, "tradingPair" | "price" | "timestampMs"> & {
      readonly signedAmount: Decimal;
      readonly marginMode?: MarginMode | undefined;
      readonly fee?: Fill["fee"] | undefined;
    },
  ): FillEffect {
    const { tradingPair, price, signedAmount, marginMode, fee, timestampMs } = trade;
    this.#heard += 1;
    if (fee !== undefined) {
      for (const [token, paid] of feeAmounts(fee, { tradingPair, price, amount: signedAmount.abs() })) {
        this.#adjust(token, paid.neg(), paid.neg(), timestampMs);
      }
    }
    if (!this.#options.isLinear(tradingPair)) return { isDoubtful: true };
    // A trade of an order of the other mode: the market has been changed since, or the change is not known yet.
    if (!fitsMode(side, this.positionModeOf(tradingPair))) return { isDoubtful: true };
    const open = this.position(tradingPair, side, marginMode);
    const leverage = open?.leverage ?? this.leverage(tradingPair);
    const traded = this.#positions.trade({ tradingPair, side, marginMode, price, signedAmount, timestampMs, leverage });
    if (typeof traded === "string") return { isDoubtful: traded === "doubtful" };
    const available = traded.realizedPnl.minus(traded.marginChange);
    this.#adjust(this.#options.collateralTokenOf(tradingPair), traded.realizedPnl, available, timestampMs);
    return { position: traded.position, isDoubtful: false };
  }

  #setLeverage(tradingPair: TradingPair | undefined, leverage: Decimal, timestampMs: number): boolean {
    const known = this.#leverages.get(tradingPair);
    if (known !== undefined && timestampMs < known.timestampMs) return false;
    this.#leverages.set(tradingPair, { leverage, timestampMs });
    this.#positions.leverageSet(tradingPair);
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
      number: this.#heard,
    });
  }
}
