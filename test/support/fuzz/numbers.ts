import { Decimal } from "../../../src/model/decimal.ts";

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** Every number of a text that is JSON, by its exact value, whether it is a number there or a text. */
export function numbersIn(text: string): readonly Decimal[] {
  const numbers: Decimal[] = [];
  const note = (source: string): void => {
    if (source.length <= 100 && NUMBER.test(source)) numbers.push(new Decimal(source));
  };
  try {
    JSON.parse(text, (_key: string, value: unknown, context?: { readonly source?: string }) => {
      if (typeof value === "number") note(context?.source ?? String(value));
      else if (typeof value === "string") note(value);
      return value;
    });
  } catch {
    // Too deep for a reviver, or no JSON at all.
    for (const [source] of text.matchAll(/-?\d{1,100}(?:\.\d{1,100})?(?:[eE][+-]?\d{1,3})?/g)) note(source);
  }
  return numbers;
}

/** A double's text has 17 digits, and its shortest one may have fewer. */
const DOUBLE = new Decimal("1e-15");

/** Whether a figure is one that was sent: as it is, with the other sign, or in contracts. */
export function isSent(figure: Decimal, sent: readonly Decimal[], contractSizes: readonly Decimal[]): boolean {
  const size = figure.abs();
  if (size.isZero()) return true;
  return sent.some((number) =>
    contractSizes.some((contractSize) => {
      const product = number.abs().times(contractSize);
      return product.eq(size) || product.minus(size).abs().lte(product.times(DOUBLE));
    }),
  );
}
