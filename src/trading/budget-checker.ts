import { Decimal, ONE, plus, ZERO } from "../model/decimal.ts";
import { feeAmountInToken, type TradeFee, type TradeFeeSchema } from "../model/fee.ts";
import { splitTradingPair, type TradingPair, type TradingRule } from "../model/market.ts";
import type { OrderSide, OrderType, PositionAction } from "../model/order.ts";
import { expectedPerpetualFee } from "./fees.ts";
import { quantizeOrderAmount } from "./quantize.ts";

/** An order that is being thought about. */
export interface OrderCandidate {
  readonly tradingPair: TradingPair;
  readonly side: OrderSide;
  readonly type: OrderType;
  /** Base units. */
  readonly amount: Decimal;
  /** Price; for a market order the one that it is expected to trade at. */
  readonly price: Decimal;
  readonly leverage: Decimal;
  readonly positionAction: PositionAction;
  readonly isMaker: boolean;
}

export interface TokenAmount {
  readonly token: string;
  readonly amount: Decimal;
}

/** A candidate with what it takes and gives. */
export interface PopulatedOrderCandidate extends OrderCandidate {
  readonly fee: TradeFee;
  /** Margin that it locks; absent when it closes a position, for the position is the collateral. */
  readonly orderCollateral?: TokenAmount | undefined;
  /** A percent fee that is paid on top. */
  readonly percentFeeCollateral?: TokenAmount | undefined;
  /** Value of the percent fee, whichever way it is paid. */
  readonly percentFeeValue: TokenAmount;
  readonly fixedFeeCollaterals: readonly TokenAmount[];
  /** Margin that a close releases at its price, less a fee that is deducted from it. */
  readonly potentialReturns?: TokenAmount | undefined;
  /** All collateral by token. */
  readonly collateral: ReadonlyMap<string, Decimal>;
  /** True where the amount was cut to fit the balances. */
  readonly resized: boolean;
}

/** Source of the checker's markets, fees and balances. */
export interface BudgetSource {
  /** Undefined where nobody has said what is free: then the venue decides, nothing is refused here. */
  availableBalance(token: string): Decimal | undefined;
  buyCollateralToken(tradingPair: TradingPair): string;
  sellCollateralToken(tradingPair: TradingPair): string;
  feeSchema(tradingPair: TradingPair): TradeFeeSchema;
  tradingRule(tradingPair: TradingPair): TradingRule;
}

/** Cuts orders down to what the balances can carry, one by one or as a batch that shares them. */
export class PerpetualBudgetChecker {
  readonly #source: BudgetSource;
  readonly #locked = new Map<string, Decimal>();

  constructor(source: BudgetSource) {
    this.#source = source;
  }

  /** Fills in collateral, fees and returns, without looking at balances. */
  populateCollateralEntries(candidate: OrderCandidate): PopulatedOrderCandidate {
    return this.#populate(candidate, false);
  }

  /** Cuts the amount to what is available and not locked; with `allOrNone` to zero when not all of it is. */
  adjustCandidate(candidate: OrderCandidate, allOrNone: boolean): PopulatedOrderCandidate {
    const wanted = this.#populate(candidate, false);
    const affordable = this.#affordableAmount(wanted);
    if (affordable.gte(candidate.amount)) return wanted;
    const rule = this.#source.tradingRule(candidate.tradingPair);
    const cut = allOrNone ? ZERO : quantizeOrderAmount(rule, affordable);
    return this.#populate({ ...candidate, amount: cut.lt(rule.minOrderSize) ? ZERO : cut }, true);
  }

  /** Works like `adjustCandidate`, and keeps the collateral for it until `resetLockedCollateral`. */
  adjustCandidateAndLockAvailableCollateral(candidate: OrderCandidate, allOrNone: boolean): PopulatedOrderCandidate {
    const adjusted = this.adjustCandidate(candidate, allOrNone);
    for (const [token, amount] of adjusted.collateral) this.#locked.set(token, this.#lockedOf(token).plus(amount));
    return adjusted;
  }

  /**
   * Tells that all of the amount fits what is available and not locked, and keeps its collateral then, as
   * `adjustCandidateAndLockAvailableCollateral` does; without the details of what it takes and gives.
   */
  lockWhole(candidate: OrderCandidate): boolean {
    const { side, tradingPair, amount, price, leverage, positionAction, isMaker } = candidate;
    const schema = this.#source.feeSchema(tradingPair);
    const token = this.#collateralToken(tradingPair, side);
    const { percentFeeToken = token } = schema;
    const flatFees = isMaker ? schema.makerFixedFees : schema.takerFixedFees;
    if (percentFeeToken !== token || flatFees.length > 0 || amount.isZero()) {
      return this.adjustCandidateAndLockAvailableCollateral(candidate, true).amount.eq(amount);
    }
    if (positionAction !== "open") return true;
    const size = token === splitTradingPair(tradingPair)[0] ? amount : amount.times(price);
    const percent = isMaker ? schema.makerPercentFee : schema.takerPercentFee;
    const margin = size.div(leverage);
    const needed = percent.gt(0) ? margin.plus(percent.times(size)) : margin;
    const available = this.#source.availableBalance(token);
    const locked = this.#lockedOf(token);
    if (available?.lt(plus(needed, locked)) === true) return false;
    this.#locked.set(token, plus(locked, needed));
    return true;
  }

  #collateralToken(tradingPair: TradingPair, side: OrderSide): string {
    return side === "buy"
      ? this.#source.buyCollateralToken(tradingPair)
      : this.#source.sellCollateralToken(tradingPair);
  }

  /** Amount of each token that is available and not locked, where it is known. */
  unlockedCollateral(tokens: Iterable<string>): ReadonlyMap<string, Decimal> {
    const unlocked = new Map<string, Decimal>();
    for (const token of tokens) {
      const available = this.#source.availableBalance(token);
      if (available !== undefined) unlocked.set(token, available.minus(this.#lockedOf(token)));
    }
    return unlocked;
  }

  resetLockedCollateral(): void {
    if (this.#locked.size > 0) this.#locked.clear();
  }

  #lockedOf(token: string): Decimal {
    return this.#locked.get(token) ?? ZERO;
  }

  #populate(candidate: OrderCandidate, resized: boolean): PopulatedOrderCandidate {
    const { side, tradingPair, amount, price } = candidate;
    const token = this.#collateralToken(tradingPair, side);
    const fee = expectedPerpetualFee(this.#source.feeSchema(tradingPair), candidate, token);
    const isOpening = candidate.positionAction === "open";
    // Collateral in the base asset backs an inverse contract: the position's size is counted in it.
    const size = token === splitTradingPair(tradingPair)[0] ? amount : amount.times(price);
    const margin: TokenAmount = { token, amount: size.div(candidate.leverage) };
    const percentFeeValue: TokenAmount = { token: fee.percentToken ?? token, amount: fee.percent.times(size) };
    // A rebate comes after the trade: it cannot pay for it.
    const isPaidOnTop = fee.kind === "addedToCost" && fee.percent.gt(0);
    const percentFeeCollateral = isPaidOnTop ? percentFeeValue : undefined;
    const fixedFeeCollaterals = amount.isZero() ? [] : fee.flatFees.filter((flat) => flat.amount.gt(0));
    const deducted =
      fee.kind === "deductedFromReturns" ? feeAmountInToken({ ...fee, flatFees: [] }, size, token) : ZERO;
    const orderCollateral = isOpening ? margin : undefined;
    return {
      ...candidate,
      fee,
      orderCollateral,
      percentFeeCollateral,
      percentFeeValue,
      fixedFeeCollaterals,
      potentialReturns: isOpening ? undefined : { token, amount: margin.amount.minus(deducted) },
      collateral: sumByToken([orderCollateral, percentFeeCollateral, ...fixedFeeCollaterals]),
      resized,
    };
  }

  /** The largest amount up to the candidate's whose collateral is available. */
  #affordableAmount(candidate: PopulatedOrderCandidate): Decimal {
    if (candidate.amount.isZero()) return ZERO;
    const fixed = sumByToken(candidate.fixedFeeCollaterals);
    let share: Decimal = ONE;
    for (const [token, needed] of candidate.collateral) {
      const available = this.#source.availableBalance(token)?.minus(this.#lockedOf(token));
      if (available === undefined || available.gte(needed)) continue;
      const fixedPart = fixed.get(token) ?? ZERO;
      const growing = needed.minus(fixedPart);
      if (growing.lte(0)) return ZERO;
      share = Decimal.min(share, Decimal.max(ZERO, available.minus(fixedPart)).div(growing));
    }
    return candidate.amount.times(share);
  }
}

function sumByToken(amounts: readonly (TokenAmount | undefined)[]): ReadonlyMap<string, Decimal> {
  const sums = new Map<string, Decimal>();
  for (const entry of amounts) {
    if (entry === undefined) continue;
    const total = (sums.get(entry.token) ?? ZERO).plus(entry.amount);
    sums.set(entry.token, total);
  }
  return sums;
}
