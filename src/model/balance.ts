import type { Decimal } from "./decimal.ts";

export interface Balance {
  readonly asset: string;
  /**
   * Total by the venue's own definition: cash, and on FTX equity. `cash` and `equity` of an `AccountBalance` are the
   * same everywhere.
   */
  readonly total: Decimal;
  /** Balance that is not locked as margin. */
  readonly available: Decimal;
  readonly timestampMs: number;
}

/** A balance in words that mean the same on every venue. */
export interface AccountBalance extends Balance {
  /** Wallet balance, without unrealised profit and loss of open positions. */
  readonly cash: Decimal;
  /** Cash, and the unrealised profit and loss of the positions that are margined in the asset, at the mark price. */
  readonly equity: Decimal;
}
