import type { Decimal } from "./decimal.ts";
import type { TradingPair } from "./market.ts";

/**
 * A posting to the account's cash as the venue's own log has it (Binance income, Bybit transaction log, OKX bills), of
 * whatever made the account richer or poorer. Deposits, withdrawals, transfers and conversions are none.
 */
export interface CashFlow {
  /** The same posting, the same id, however often it is read; another amount under it is a correction. */
  readonly cashFlowId: string;
  /** `other` is what the venue books by itself, for example an insurance clearance. */
  readonly kind: "realizedPnl" | "fee" | "funding" | "other";
  /** Market of the posting; absent where it is of no market, or of one that is not known. */
  readonly tradingPair?: TradingPair | undefined;
  /** The token of `amount`. */
  readonly asset: string;
  /** Positive where the account received it, negative where it paid. */
  readonly amount: Decimal;
  /** The `fillId` of the fill that it is of, or the `paymentId` of a funding payment. */
  readonly sourceId?: string | undefined;
  /** The venue's time of the posting, epoch milliseconds. */
  readonly timestampMs: number;
}
