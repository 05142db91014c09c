import { MAX_NUMBER_LENGTH } from "../../model/decimal.ts";
import { absolute } from "./arithmetic.ts";
import { SCALE_DIGITS } from "./types.ts";

const PLAIN = /^([+-]?)(\d+)(?:\.(\d+))?$/;

/** `"20000.5"` in units of 1e-8. Throws `TypeError` for other text and for digits beyond the eighth. */
export function parseAmount(text: string): bigint {
  const match = text.length > MAX_NUMBER_LENGTH ? null : PLAIN.exec(text);
  if (match === null) throw new TypeError(`"${text.slice(0, 40)}" is not a plain decimal number`);
  const [, sign, whole, fraction = ""] = match;
  const kept = fraction.slice(0, SCALE_DIGITS);
  if (/[1-9]/.test(fraction.slice(SCALE_DIGITS))) {
    throw new TypeError(`"${text.slice(0, 40)}" has more than ${SCALE_DIGITS} decimal places`);
  }
  const amount = BigInt(`${whole}${kept.padEnd(SCALE_DIGITS, "0")}`);
  return sign === "-" ? -amount : amount;
}

/** An amount as people write it: no exponent, no trailing zeros. */
export function formatAmount(amount: bigint): string {
  const digits = absolute(amount)
    .toString()
    .padStart(SCALE_DIGITS + 1, "0");
  const fraction = digits.slice(-SCALE_DIGITS).replace(/0+$/, "");
  const whole = digits.slice(0, -SCALE_DIGITS);
  return `${amount < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
