import { type Decimal, ZERO } from "../model/decimal.ts";
import type { FundingPayment } from "../model/funding.ts";
import type { TradingPair } from "../model/market.ts";
import type { Clock } from "../runtime/runtime.ts";
import type { OrderJournal } from "../trading/order-journal.ts";

export interface FundingLedgerOptions {
  readonly journal: Pick<
    OrderJournal,
    "fundingPayment" | "writeFundingPayment" | "fundingPayments" | "cursor" | "setCursor" | "batch"
  >;
  readonly clock: Clock;
  /** How far before its cursor a back-fill starts, for rows that the venue books late. Default 2 hours. */
  readonly overlapMs?: number | undefined;
  /** How far back the first back-fill of a market goes. Default 24 hours. */
  readonly historyMs?: number | undefined;
}

const DEFAULT_OVERLAP_MS = 2 * 3_600_000;
const DEFAULT_HISTORY_MS = 24 * 3_600_000;

/** What a payment that was told is to the ledger. */
export type RecordedPayment =
  | { readonly kind: "new" }
  | { readonly kind: "known" }
  /** The venue had told another amount under the same id: that one no longer counts. */
  | { readonly kind: "corrected"; readonly previous: FundingPayment };

/** Every funding payment exactly once, across streams, polls and restarts. */
export class FundingLedger {
  readonly #options: FundingLedgerOptions;
  readonly #totals = new Map<string, Decimal>();
  readonly #last = new Map<TradingPair, FundingPayment>();

  /** Counts what the journal holds. */
  constructor(options: FundingLedgerOptions) {
    this.#options = options;
    for (const payment of options.journal.fundingPayments()) this.#count(payment);
  }

  /** Changes nothing when the payment was recorded before with the same amount. */
  record(payment: FundingPayment): RecordedPayment {
    const { journal } = this.#options;
    const previous = journal.fundingPayment(payment.paymentId);
    const { asset, amount } = payment;
    if (previous !== undefined && previous.asset === asset && previous.amount.eq(amount)) return { kind: "known" };
    journal.writeFundingPayment(payment);
    if (previous !== undefined) this.#count({ ...previous, amount: previous.amount.neg() });
    this.#count(payment);
    return previous === undefined ? { kind: "new" } : { kind: "corrected", previous };
  }

  /** From when on to ask for payments of these markets: the earliest of their cursors, less the overlap. */
  backfillSince(tradingPairs: Iterable<TradingPair>): number {
    const { clock, overlapMs, historyMs } = this.#options;
    const firstMs = clock.now() - (historyMs ?? DEFAULT_HISTORY_MS);
    let sinceMs = Number.POSITIVE_INFINITY;
    for (const tradingPair of tradingPairs) {
      const cursorMs = this.#cursorOf(tradingPair);
      sinceMs = Math.min(sinceMs, cursorMs === undefined ? firstMs : cursorMs - (overlapMs ?? DEFAULT_OVERLAP_MS));
    }
    return Number.isFinite(sinceMs) ? sinceMs : firstMs;
  }

  /** A back-fill of these markets that was asked for at `untilMs` is complete and recorded. */
  backfilled(tradingPairs: Iterable<TradingPair>, untilMs: number): void {
    const { journal } = this.#options;
    journal.batch(() => {
      for (const tradingPair of tradingPairs) {
        const cursorMs = this.#cursorOf(tradingPair);
        if (cursorMs === undefined || cursorMs < untilMs) journal.setCursor(cursorName(tradingPair), String(untilMs));
      }
    });
  }

  /** What came in, less what was paid. */
  total(tradingPair: TradingPair, asset: string): Decimal {
    return this.#totals.get(totalKey(tradingPair, asset)) ?? ZERO;
  }

  lastPayment(tradingPair: TradingPair): FundingPayment | undefined {
    return this.#last.get(tradingPair);
  }

  #cursorOf(tradingPair: TradingPair): number | undefined {
    const text = this.#options.journal.cursor(cursorName(tradingPair));
    return text === undefined ? undefined : Number(text);
  }

  #count(payment: FundingPayment): void {
    const key = totalKey(payment.tradingPair, payment.asset);
    this.#totals.set(key, (this.#totals.get(key) ?? ZERO).plus(payment.amount));
    const last = this.#last.get(payment.tradingPair);
    if (last === undefined || last.timestampMs <= payment.timestampMs) this.#last.set(payment.tradingPair, payment);
  }
}

function cursorName(tradingPair: TradingPair): string {
  return `funding|${tradingPair}`;
}

function totalKey(tradingPair: TradingPair, asset: string): string {
  return `${tradingPair}|${asset}`;
}
