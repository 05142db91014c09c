import type { Decimal } from "../../../../../src/model/decimal.ts";
import { wireDecimal } from "../../../../../src/net/wire.ts";

const positive = wireDecimal.refine((value) => value.gt(0), "must be positive");

export const fields = {
  // <contract-size-field>
  contractSize: positive,
  // </contract-size-field>
};

interface WireSizes {
  readonly contractSize: Decimal;
  readonly minSize: Decimal;
  readonly maxSize?: Decimal | undefined;
  readonly stepSize: Decimal;
}

export function sizesOf(row: WireSizes) {
  return {
    // <sizes>
    // Sizes are contracts, and base units everywhere outside of this folder. CHECK: where a contract's size is told.
    minOrderSize: row.minSize.times(row.contractSize),
    maxOrderSize: row.maxSize?.times(row.contractSize),
    minBaseAmountIncrement: row.stepSize.times(row.contractSize),
    contractSize: row.contractSize,
    // </sizes>
  };
}
