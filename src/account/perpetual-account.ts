import type {
  BalanceUpdate,
  MarginUpdate,
  PositionAdjustment,
  PositionUpdate,
  SettingsUpdate,
} from "../model/account-update.ts";
import type { Balance } from "../model/balance.ts";
import { type Decimal, ZERO } from "../model/decimal.ts";
import type { Fill } from "../model/fill.ts";
import type { TradingPair } from "../model/market.ts";
import type { MarginMode, PositionMode } from "../model/order.ts";
import { fitsMode, type Position } from "../model/position.ts";
import { feeAmounts } from "../trading/fees.ts";
import { AssetBalances } from "./asset-balances.ts";
import {
  type AccountMargin,
  type FillEffect,
  type Heard,
  NOTHING_HEARD,
  type PerpetualAccountOptions,
} from "./perpetual-account-options.ts";
import { PositionBook, type ReportOrigin, type ToldPosition } from "./position-book.ts";
import { positionSideOf } from "./position-estimate.ts";
import { ToldSettings } from "./told-settings.ts";

export type {
  AccountMargin,
  FillEffect,
  Heard,
  OrdersUnderWay,
  PerpetualAccountOptions,
} from "./perpetual-account-options.ts";
export type { ReportOrigin } from "./position-book.ts";

const MAX_ADJUSTMENT_IDS = 10_000;

/** Balances, margin, positions and settings as last known. Updates older than what is known are ignored. */
export class PerpetualAccount {
  readonly #options: PerpetualAccountOptions;
  readonly #balances: AssetBalances;
  readonly #settings: ToldSettings;
  readonly #positions: PositionBook;
  readonly #adjustmentIds = new Set<string>();
  #margin: MarginUpdate | undefined;
  #pushedBalances: SettingsUpdate["pushedBalances"];

  constructor(options: PerpetualAccountOptions) {
    this.#options = options;
    this.#balances = new AssetBalances(options);
    this.#settings = new ToldSettings(options);
    this.#positions = new PositionBook({
      marginModesSideBySide: options.marginModesSideBySide === true,
      leverage: (tradingPair) => this.leverage(tradingPair),
    });
  }

  /** Undefined for an asset that the venue has not reported. */
  balance(asset: string): Balance | undefined {
    return this.#balances.balance(asset);
  }

  /** True where orders or fills changed since the venue told a balance, and what is shown is estimated from them. */
  get isEstimated(): boolean {
    return this.#balances.isEstimated;
  }

  get balances(): readonly Balance[] {
    return this.#balances.all;
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
    return this.#balances.availableCollateral(asset);
  }

  /** The venue has listed every balance: what it did not name, the account does not hold. */
  balancesListed(): void {
    this.#balances.listed();
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
    return this.#settings.leverage(tradingPair);
  }

  /** Position mode of the whole account. */
  get positionMode(): PositionMode {
    return this.#settings.positionMode;
  }

  /** Position mode of one market, on venues where each has its own; else that of the account. */
  positionModeOf(tradingPair: TradingPair): PositionMode {
    return this.#settings.positionModeOf(tradingPair);
  }

  /** Messages heard so far. */
  get heard(): Heard {
    return { facts: this.#balances.heard, orders: this.#options.orders?.taken ?? 0 };
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
    return this.#balances.apply(update, origin, heardWhenAsked);
  }

  /**
   * Tells that a pushed balance can be taken. One without `available` cannot before the account was listed, which also says
   * of what it is pushed.
   */
  believesPushed({ asset, available }: BalanceUpdate): boolean {
    if (this.#pushedBalances === "other") return false;
    return available !== undefined || this.#balances.isKnown(asset);
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
    const changed = this.#balances.keepingEstimates(
      () => this.#positions.report(update, origin, heardAtMs),
      tradingPair,
    );
    // An isolated position beside the cross one has a leverage of its own, which orders that open do not use.
    const isBeside = this.#options.marginModesSideBySide === true && update.marginMode === "isolated";
    if (update.leverage !== undefined && !isBeside) {
      this.#setLeverage(update.tradingPair, update.leverage, update.timestampMs);
    }
    return changed;
  }

  /** Tells that an answer about a position may come from a copy of the venue's books that is behind. */
  isOutdated(update: PositionUpdate, askedMs: number): boolean {
    return this.#positions.isOutdated(update, askedMs);
  }

  /** The whole account was listed, except what `unsure` names: everything that has not been reported is flat. */
  positionsListed(askedAtMs: number, heardAtMs: number, unsure: ReadonlySet<TradingPair> = new Set()): void {
    this.#balances.keepingEstimates(() => this.#positions.listed(askedAtMs, heardAtMs, unsure));
  }

  /** A trade that the venue made by itself. Undefined where it is known already. */
  applyPositionAdjustment(adjustment: PositionAdjustment): FillEffect | undefined {
    if (this.#adjustmentIds.has(adjustment.adjustmentId)) return undefined;
    this.#adjustmentIds.add(adjustment.adjustmentId);
    if (this.#adjustmentIds.size > MAX_ADJUSTMENT_IDS) {
      const [oldest] = this.#adjustmentIds;
      if (oldest !== undefined) this.#adjustmentIds.delete(oldest);
    }
    return this.#trade(adjustment.side, { ...adjustment, signedAmount: adjustment.amount });
  }

  /** Returns whether the leverage is news. */
  applySettings({ tradingPair, leverage, pushedBalances, timestampMs }: SettingsUpdate): boolean {
    this.#pushedBalances = pushedBalances ?? this.#pushedBalances;
    return leverage !== undefined && this.#setLeverage(tradingPair, leverage, timestampMs);
  }

  /**
   * Returns, where the mode of the market (of the account without one) is another than before, the positions that went
   * with it: those of sides that it does not have.
   */
  applyPositionMode(mode: PositionMode, tradingPair: TradingPair | undefined, atMs: number): Position[] | undefined {
    const isMeant = this.#settings.applyMode(mode, tradingPair, atMs);
    if (isMeant === undefined) return undefined;
    return this.#balances.keepingEstimates(() => this.#positions.dropSides(mode, atMs, isMeant));
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
    this.#balances.countTrade();
    if (fee !== undefined) {
      for (const [token, paid] of feeAmounts(fee, { tradingPair, price, amount: signedAmount.abs() })) {
        this.#balances.adjust(token, paid.neg(), paid.neg(), timestampMs);
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
    this.#balances.adjust(this.#options.collateralTokenOf(tradingPair), traded.realizedPnl, available, timestampMs);
    return { position: traded.position, isDoubtful: false };
  }

  #setLeverage(tradingPair: TradingPair | undefined, leverage: Decimal, timestampMs: number): boolean {
    const isNews = this.#settings.applyLeverage(tradingPair, leverage, timestampMs);
    if (isNews === undefined) return false;
    for (const position of this.#positions.leverageSet(tradingPair)) this.#options.onPositionRestated?.(position);
    return isNews;
  }
}
