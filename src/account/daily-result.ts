import { Decimal, ZERO } from "../model/decimal.ts";
import type { Fill } from "../model/fill.ts";
import type { FundingPayment } from "../model/funding.ts";
import { splitTradingPair } from "../model/market.ts";
import type { PositionMode } from "../model/order.ts";
import { type Position, positionKey } from "../model/position.ts";
import { feeAmounts } from "../trading/fees.ts";
import type { OrderJournal } from "../trading/order-journal.ts";
import { positionSideOf, tradePosition } from "./position-estimate.ts";

export interface DailyResultOptions {
  readonly journal: Pick<OrderJournal, "cursor" | "setCursor">;
  /** The position as the account knows it, also when that is flat; undefined when it never heard of one. */
  position(key: Pick<Position, "tradingPair" | "side">): Position | undefined;
}

const CURSOR = "dailyResult";
const DAY_MS = 86_400_000;

/**
 * What the running UTC day has brought: realised profit and loss, fees and funding, in quote units; stable quotes of one
 * currency are added up as one. Kept in the journal, so that a restart does not forget a loss.
 */
export class DailyResult {
  readonly #options: DailyResultOptions;
  readonly #positions = new Map<string, Position>();
  #day: number;
  #result: Decimal;

  constructor(options: DailyResultOptions) {
    this.#options = options;
    const [day, result] = (options.journal.cursor(CURSOR) ?? "").split(" ");
    this.#day = Number(day ?? 0) || 0;
    this.#result = result === undefined ? ZERO : new Decimal(result);
  }

  /** Negative for a loss. Unrealised profit and loss is the caller's to add. */
  resultAt(nowMs: number): Decimal {
    return dayOf(nowMs) === this.#day ? this.#result : ZERO;
  }

  /** A new fill, once, before the account's position knows of it. */
  applyFill(fill: Fill, mode: PositionMode): void {
    const { tradingPair, price, timestampMs } = fill;
    const side = positionSideOf(mode, fill.side, fill.positionAction);
    const key = positionKey(tradingPair, side);
    const known = this.#before(key, this.#options.position({ tradingPair, side }), timestampMs);
    const signedAmount = fill.side === "buy" ? fill.amount : fill.amount.neg();
    const leverage = known?.leverage ?? new Decimal(1);
    const traded = tradePosition(known, { tradingPair, side, price, signedAmount, leverage, timestampMs });
    this.#positions.set(key, traded.position);
    let change = traded.realizedPnl;
    const [baseAsset, quoteAsset] = splitTradingPair(tradingPair);
    for (const [token, paid] of feeAmounts(fill.fee, fill)) {
      if (token === quoteAsset) change = change.minus(paid);
      // What a fee in a third token (a venue's own coin) is worth is not known here.
      else if (token === baseAsset) change = change.minus(paid.times(price));
    }
    this.#book(change, timestampMs);
  }

  /** The position that a fill changes: the account's, unless it is older than what was followed here or has the fill. */
  #before(key: string, reported: Position | undefined, fillMs: number): Position | undefined {
    const followed = this.#positions.get(key);
    if (reported === undefined || followed === undefined) return followed ?? reported;
    return reported.timestampMs < fillMs && reported.timestampMs > followed.timestampMs ? reported : followed;
  }

  /** A new payment, once. */
  applyFunding(payment: FundingPayment): void {
    this.#book(payment.amount, payment.timestampMs);
  }

  #book(change: Decimal, timestampMs: number): void {
    const day = dayOf(timestampMs);
    // What belongs to a day that is over does not count against the running one.
    if (day < this.#day) return;
    if (day > this.#day) this.#result = ZERO;
    this.#day = day;
    this.#result = this.#result.plus(change);
    this.#options.journal.setCursor(CURSOR, `${day} ${this.#result.toFixed()}`);
  }
}

function dayOf(timestampMs: number): number {
  return Math.floor(timestampMs / DAY_MS);
}
