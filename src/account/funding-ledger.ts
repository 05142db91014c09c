import type { Decimal } from "../model/decimal.ts";
import type { FundingPayment } from "../model/funding.ts";
import type { TradingPair } from "../model/market.ts";
import type { OrderJournal } from "../trading/order-journal.ts";

export interface FundingLedgerOptions {
  readonly journal: Pick<
    OrderJournal,
    "fundingPayment" | "writeFundingPayment" | "fundingTotal" | "timeCursors" | "setCursor" | "batch"
  >;
  /** `now` in the venue's time as far as known. */
  readonly clock: { now(): number };
  /** Time before its cursor at which a back-fill starts, for rows that the venue books late. Default 2 hours. */
  readonly overlapMs?: number | undefined;
  /** Reach of the first back-fill of a market. Default 24 hours. */
  readonly historyMs?: number | undefined;
  /** The earliest time that may be asked for: payments from before it may have been forgotten. Default none. */
  readonly horizonMs?: (() => number) | undefined;
}

const CURSOR_PREFIX = "funding|";
const DEFAULT_OVERLAP_MS = 2 * 3_600_000;
const CLOCK_TOLERANCE_MS = 60_000;
const DEFAULT_HISTORY_MS = 24 * 3_600_000;

/** Standing of a payment that was told: new, known, or a correction of one that is known. */
export type RecordedPayment =
  | { readonly kind: "new" }
  | { readonly kind: "known" }
  /** The venue had told another amount under the same id: that one no longer counts. */
  | { readonly kind: "corrected"; readonly previous: FundingPayment };

/** Every funding payment exactly once, across streams, polls and restarts. */
export class FundingLedger {
  readonly #options: FundingLedgerOptions;
  /** Times when each market was last back-filled. */
  readonly #cursors: Map<TradingPair, number>;

  /** Throws `JournalError` that names a broken cursor. */
  constructor(options: FundingLedgerOptions) {
    this.#options = options;
    const cursors = options.journal.timeCursors(CURSOR_PREFIX);
    this.#cursors = new Map([...cursors].map(([name, ms]) => [name.slice(CURSOR_PREFIX.length), ms]));
  }

  /** Changes nothing when the payment was recorded before with the same amount. */
  record(payment: FundingPayment): RecordedPayment {
    const { journal } = this.#options;
    const previous = journal.fundingPayment(payment.paymentId);
    const { asset, amount } = payment;
    if (previous !== undefined && previous.asset === asset && previous.amount.eq(amount)) return { kind: "known" };
    journal.writeFundingPayment(payment, previous);
    return previous === undefined ? { kind: "new" } : { kind: "corrected", previous };
  }

  /**
   * Computes the time from which on to ask for payments of these markets: the earliest of their cursors, less the
   * overlap.
   */
  backfillSince(tradingPairs: Iterable<TradingPair>): number {
    const { clock, overlapMs, historyMs, horizonMs } = this.#options;
    const nowMs = clock.now();
    const firstMs = nowMs - (historyMs ?? DEFAULT_HISTORY_MS);
    let sinceMs = Number.POSITIVE_INFINITY;
    for (const tradingPair of tradingPairs) {
      const cursorMs = this.#cursors.get(tradingPair);
      // A cursor that lies in the future was set by a clock that was wrong: it proves nothing.
      const isKnown = cursorMs !== undefined && cursorMs <= nowMs + CLOCK_TOLERANCE_MS;
      sinceMs = Math.min(sinceMs, isKnown ? cursorMs - (overlapMs ?? DEFAULT_OVERLAP_MS) : firstMs);
    }
    return Math.max(Number.isFinite(sinceMs) ? sinceMs : firstMs, horizonMs?.() ?? Number.NEGATIVE_INFINITY);
  }

  /** A back-fill of these markets that was asked for at `untilMs` is complete and recorded. */
  backfilled(tradingPairs: Iterable<TradingPair>, untilMs: number): void {
    const { journal, clock } = this.#options;
    journal.batch(() => {
      for (const tradingPair of tradingPairs) {
        const cursorMs = this.#cursors.get(tradingPair);
        const isWrong = cursorMs !== undefined && cursorMs > clock.now() + CLOCK_TOLERANCE_MS;
        if (cursorMs !== undefined && cursorMs >= untilMs && !isWrong) continue;
        this.#cursors.set(tradingPair, untilMs);
        journal.setCursor(`${CURSOR_PREFIX}${tradingPair}`, String(untilMs));
      }
    });
  }

  /** Sums up payments received less payments made, by all that were ever recorded. */
  total(tradingPair: TradingPair, asset: string): Decimal {
    return this.#options.journal.fundingTotal(tradingPair, asset);
  }
}
