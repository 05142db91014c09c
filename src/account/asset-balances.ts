import type { BalanceUpdate } from "../model/account-update.ts";
import type { Balance } from "../model/balance.ts";
import { type Decimal, sum, ZERO } from "../model/decimal.ts";
import type { TradingPair } from "../model/market.ts";
import { type Heard, NOTHING_HEARD, type PerpetualAccountOptions } from "./perpetual-account-options.ts";
import type { ReportOrigin } from "./position-book.ts";

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

const MAX_DECIMAL_PLACES = 16;
/** Most fills that are kept between two reports; further ones are joined, with the time of the last. */
const MAX_ADJUSTMENTS = 1_000;

/** Balances as last told, with what our own orders and fills have changed since. */
export class AssetBalances {
  readonly #options: PerpetualAccountOptions;
  readonly #assets = new Map<string, AssetState>();
  /** Balances as last returned for news: an estimate is shown and not told, and the venue's word may equal it. */
  readonly #told = new Map<string, Balance>();
  #heard = 0;
  #areListed = false;

  constructor(options: PerpetualAccountOptions) {
    this.#options = options;
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
  keepingEstimates<T>(report: () => T, tradingPair?: TradingPair): T {
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

  get all(): readonly Balance[] {
    return [...this.#assets.keys()].map((asset) => this.balance(asset)).filter((balance) => balance !== undefined);
  }

  /**
   * Collateral free for new orders margined in `asset`; undefined where the venue has not said it: nothing is guessed.
   */
  availableCollateral(asset: string): Decimal | undefined {
    const state = this.#assets.get(asset);
    if (state === undefined) return this.#areListed ? ZERO : undefined;
    return state.isAvailableUnknown ? undefined : (this.balance(asset)?.available ?? ZERO);
  }

  /** Tells that the venue has told this balance, or has listed all others. */
  isKnown(asset: string): boolean {
    return this.#areListed || this.#assets.has(asset);
  }

  /** The venue has listed every balance: what it did not name, the account does not hold. */
  listed(): void {
    this.#areListed = true;
  }

  /** Pushes of balances and trades so far. */
  get heard(): number {
    return this.#heard;
  }

  countTrade(): void {
    this.#heard += 1;
  }

  /**
   * Returns the balance when it is another than was last returned. What is pushed is held against what was pushed before
   * and against a poll that tells the venue's own time: our clock may be ahead of it, and then a push would seem older than
   * a poll that it follows. A poll is held against what was pushed since it was asked, for our clock may be set back or
   * behind; polls come in the order in which they were asked.
   * `heardWhenAsked`: `heard` as it was then.
   */
  apply(
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
    if (after === undefined) return undefined;
    const told = this.#told.get(asset);
    if (told?.total.eq(after.total) === true && told.available.eq(after.available)) return undefined;
    this.#told.set(asset, after);
    return after;
  }

  /** A trade changed a balance that the venue has not told since. */
  adjust(asset: string, total: Decimal, available: Decimal, timestampMs: number): void {
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
