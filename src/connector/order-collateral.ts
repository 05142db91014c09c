import type { ReportOrigin } from "../account/perpetual-account.ts";
import { type Decimal, plus, ZERO } from "../model/decimal.ts";
import type { TradeFeeSchema } from "../model/fee.ts";
import type { TradingPair, TradingRule } from "../model/market.ts";
import { isTerminal, type OrderSide, type OrderState } from "../model/order.ts";
import { expectedFeeIn } from "../trading/fees.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { type MarketExposure, OpenExposure } from "../trading/open-exposure.ts";
import { reducesOnly } from "../trading/risk-limits.ts";

export interface OrderCollateralOptions {
  /** True when the venue reports what is available as it changes. */
  readonly isRealTimeBalance: boolean;
  /** True when polls carry the venue's time; else they carry ours. */
  readonly hasServerTime: boolean;
  /** Time of the clock that polls are dated with. */
  now(): number;
  /** Undefined for a market that the venue has taken off its list. */
  rule(tradingPair: TradingPair): TradingRule | undefined;
  leverage(tradingPair: TradingPair): Decimal;
  /** Value of a market's one position at its entry, negative for a short; undefined where it may have one of each side. */
  netNotional(tradingPair: TradingPair): Decimal | undefined;
  feeSchema(tradingPair: TradingPair): TradeFeeSchema;
  /** Price that a market order is expected to trade at. */
  takerPrice(tradingPair: TradingPair, isBuy: boolean): Decimal | undefined;
}

/** A third has no end: a sum of 80 digits kept a rest of it when it was taken off again. */
const PLACES = 30;

interface Opening {
  readonly side: OrderSide;
  readonly notional: Decimal;
}

/** Collateral of an order that no balance of the venue's knows of yet. */
interface Hold {
  readonly asset: string;
  readonly amount: Decimal;
  readonly isPriced: boolean;
  /**
   * Times when the venue took the order, as a push and as a poll would be dated, and its number among those taken;
   * undefined until then.
   */
  taken: { readonly pushMs: number; readonly pollMs: number; readonly number: number } | undefined;
}

/**
 * Collateral that our open orders lock. Between the sending of an order and the first balance that knows of it, its
 * collateral is held, so that orders in quick succession do not spend the same money; a balance counts it from then on.
 */
export class OrderCollateral {
  readonly exposure = new OpenExposure();
  /** Exposure of the orders that a balance knows of. */
  readonly #reported = new OpenExposure();
  readonly #options: OrderCollateralOptions;
  readonly #holds = new Map<string, Hold>();
  readonly #held = { priced: new Map<string, Decimal>(), unpriced: new Map<string, Decimal>() };
  readonly #pushedMs = new Map<string, number>();
  #taken = 0;

  constructor(options: OrderCollateralOptions) {
    this.#options = options;
  }

  /** An order is new or has changed. */
  note(order: InFlightOrder): void {
    const { clientOrderId, tradingPair, side, positionAction, state } = order;
    if (isTerminal(state)) {
      this.exposure.delete(clientOrderId);
      this.#reported.delete(clientOrderId);
    } else {
      this.exposure.set({
        clientOrderId,
        tradingPair,
        side,
        remaining: order.openAmount,
        price: order.targetPrice,
        reducesOnly: reducesOnly(order),
        // Closing orders that do not only reduce may open beyond the one position.
        opens: positionAction === "open" || (order.positionMode !== "hedge" && !reducesOnly(order)),
      });
    }
    this.#noteHold(order, state);
    this.#noteReported(clientOrderId);
  }

  #noteReported(clientOrderId: string): void {
    // Nobody asks what the last balance knows of where the venue tells each change of it.
    if (this.#options.isRealTimeBalance) return;
    const order = this.exposure.find(clientOrderId);
    if (order !== undefined && !this.#holds.has(clientOrderId)) this.#reported.set(order);
  }

  #noteHold(order: InFlightOrder, state: OrderState): void {
    const { clientOrderId } = order;
    const hold = this.#holds.get(clientOrderId);
    if (hold === undefined) {
      if (state === "pendingCreate" && order.positionAction === "open") this.#hold(order);
      return;
    }
    // The traded part is in the next balance; where balances are estimated, its fills are counted already.
    if (isTerminal(state) && (order.executedAmount.isZero() || !this.#options.isRealTimeBalance)) {
      this.#release(clientOrderId);
      return;
    }
    if (hold.taken !== undefined || state === "pendingCreate" || state === "unknown" || state === "lost") return;
    const pushMs = order.lastUpdateMs;
    this.#taken += 1;
    const pollMs = this.#options.hasServerTime ? pushMs : this.#options.now();
    hold.taken = { pushMs, pollMs, number: this.#taken };
    // The push that knows of it came before the answer.
    if ((this.#pushedMs.get(hold.asset) ?? Number.NEGATIVE_INFINITY) >= pushMs) this.#release(clientOrderId);
  }

  #hold(order: InFlightOrder): void {
    const { tradingPair, side, amount, type } = order;
    const price = order.price ?? this.#options.takerPrice(tradingPair, side === "buy");
    const rule = this.#options.rule(tradingPair);
    if (price === undefined || rule === undefined) return;
    const asset = tokenOf(rule, side);
    const locked = this.#lockedBy(tradingPair, amount.times(price), asset, type !== "market");
    const hold: Hold = { asset, amount: locked, isPriced: order.price !== undefined, taken: undefined };
    this.#holds.set(order.clientOrderId, hold);
    this.#count(hold, 1);
  }

  #release(clientOrderId: string): void {
    const hold = this.#holds.get(clientOrderId);
    if (hold === undefined) return;
    this.#holds.delete(clientOrderId);
    this.#count(hold, -1);
    this.#noteReported(clientOrderId);
  }

  #count({ asset, amount, isPriced }: Hold, sign: 1 | -1): void {
    const sums = isPriced ? this.#held.priced : this.#held.unpriced;
    const sum = sums.get(asset) ?? ZERO;
    sums.set(asset, sign === 1 ? plus(sum, amount) : sum.minus(amount));
  }

  /** Orders with collateral that the venue was heard to have taken. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * The venue told what is available: it knows of the orders that it had taken by then, and of those that it was heard to
   * have taken before it was asked.
   */
  reported(asset: string, origin: ReportOrigin, timestampMs: number, takenWhenAsked: number): void {
    if (origin === "stream") this.#pushedMs.set(asset, timestampMs);
    for (const [clientOrderId, hold] of this.#holds) {
      if (hold.asset !== asset || hold.taken === undefined) continue;
      const takenMs = origin === "stream" ? hold.taken.pushMs : hold.taken.pollMs;
      if (takenMs <= timestampMs || hold.taken.number <= takenWhenAsked) this.#release(clientOrderId);
    }
  }

  /** Collateral to take off the balance because neither the venue nor the estimate counts it. */
  held(asset: string): Decimal {
    const unpriced = this.#held.unpriced.get(asset) ?? ZERO;
    return this.#options.isRealTimeBalance ? plus(unpriced, this.#held.priced.get(asset) ?? ZERO) : unpriced;
  }

  /** Collateral that open orders with a price lock, on one market or on all, for what of them is not filled. */
  locked(asset: string, tradingPair?: TradingPair): Decimal {
    const { exposure } = this;
    return this.#lockedIn(
      tradingPair === undefined ? exposure.markets() : [[tradingPair, exposure.of(tradingPair)]],
      asset,
    );
  }

  /** The same, of the orders that the last balance knows of. */
  lockedReported(asset: string): Decimal {
    return this.#lockedIn(this.#reported.markets(), asset);
  }

  #lockedIn(markets: Iterable<readonly [TradingPair, MarketExposure]>, asset: string): Decimal {
    let locked: Decimal = ZERO;
    for (const [tradingPair, market] of markets) {
      // An order of an earlier process may be on a market that the venue has taken off its list since.
      const rule = this.#options.rule(tradingPair);
      if (rule === undefined) continue;
      for (const { side, notional } of this.#opening(tradingPair, rule, market)) {
        if (notional.lte(ZERO) || tokenOf(rule, side) !== asset) continue;
        locked = plus(locked, this.#lockedBy(tradingPair, notional, asset, true));
      }
    }
    return locked;
  }

  /**
   * Computes the sizes that orders may add to the position. With one position they lock the margin of the larger side,
   * and orders that would reduce the position lock none (docs of FTX, open size; of Binance, initial margin of open
   * orders). Each side was once counted in full: the amount given back for a canceled order had never been taken.
   */
  #opening(tradingPair: TradingPair, rule: TradingRule, { buy, sell }: MarketExposure): readonly Opening[] {
    const sides: readonly [Opening, Opening] = [
      { side: "buy", notional: buy.opening },
      { side: "sell", notional: sell.opening },
    ];
    const net = this.#options.netNotional(tradingPair);
    if (net === undefined || tokenOf(rule, "buy") !== tokenOf(rule, "sell")) return sides;
    const [further, back] = net.isNegative() ? [sides[1], sides[0]] : sides;
    const reversed = back.notional.minus(net.abs().times(2));
    return [further.notional.gte(reversed) ? further : { side: back.side, notional: reversed }];
  }

  #lockedBy(tradingPair: TradingPair, notional: Decimal, asset: string, isMaker: boolean): Decimal {
    const fee = expectedFeeIn(asset, this.#options.feeSchema(tradingPair), notional, isMaker);
    const margin = notional.div(this.#options.leverage(tradingPair));
    return plus(margin, fee).toDecimalPlaces(PLACES);
  }
}

function tokenOf(rule: TradingRule, side: OrderSide): string {
  return side === "buy" ? rule.buyOrderCollateralToken : rule.sellOrderCollateralToken;
}
