import type { Decimal } from "./decimal.ts";

export interface Balance {
  readonly asset: string;
  /** Everything the account holds of it. */
  readonly total: Decimal;
  /** What is not locked as margin. */
  readonly available: Decimal;
  readonly timestampMs: number;
}
