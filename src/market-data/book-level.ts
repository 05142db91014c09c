import type { Decimal } from "../model/decimal.ts";

export interface BookLevel {
  readonly price: Decimal;
  /** Base units. */
  readonly amount: Decimal;
}
