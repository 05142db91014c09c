import { type Decimal, type DecimalInput, decimal } from "../model/decimal.ts";
import { ConfigError } from "../model/error.ts";
import type { TradeFeeSchema } from "../model/fee.ts";
import { checkOptionNames } from "../model/names.ts";

/**
 * Fees that the user knows better than the venue tells them, as fractions: "0.0002" is 2 basis points, a rebate is negative.
 * They stand for what an order is expected to pay, on every market; what a fill did pay is the venue's word.
 */
export interface FeeOverrides {
  readonly makerPercentFee?: DecimalInput | undefined;
  readonly takerPercentFee?: DecimalInput | undefined;
}

const NAMES: Readonly<Record<keyof FeeOverrides, true>> = { makerPercentFee: true, takerPercentFee: true };

/** Throws `ConfigError` for a fee that does not exist or is no fraction. */
export function withFeeOverrides(overrides: FeeOverrides): (schema: TradeFeeSchema) => TradeFeeSchema {
  checkOptionNames(overrides, NAMES, "fee override");
  const maker = fractionOf("makerPercentFee", overrides.makerPercentFee);
  const taker = fractionOf("takerPercentFee", overrides.takerPercentFee);
  return (schema) => ({
    ...schema,
    makerPercentFee: maker ?? schema.makerPercentFee,
    takerPercentFee: taker ?? schema.takerPercentFee,
  });
}

function fractionOf(name: keyof FeeOverrides, value: DecimalInput | undefined): Decimal | undefined {
  if (value === undefined) return undefined;
  let fraction: Decimal;
  try {
    fraction = decimal(value);
  } catch (cause) {
    throw new ConfigError(`fee override ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  if (fraction.abs().lt(1)) return fraction;
  throw new ConfigError(`fee override ${name} is ${fraction.toFixed()}`, {
    hint: "it is a fraction: 0.0002 is 2 basis points",
  });
}
