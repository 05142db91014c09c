import { Decimal } from "../../../src/model/decimal.ts";

/** A number of a text that is JSON as it is printed there; `isText`: between quotes. */
interface WireNumber {
  readonly value: Decimal;
  readonly isText: boolean;
}

/** The fields of one object, or the items of one array, of a payload. */
export interface WireRow {
  /** Name of the field that holds the row, or that holds the list which does, with its place in a list of lists. */
  readonly within: string;
  readonly numbers: ReadonlyMap<string, WireNumber>;
  readonly texts: ReadonlyMap<string, string>;
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const LONGEST = 100;
/** A double's text has 17 digits, and its shortest one may have fewer. */
const DOUBLE = new Decimal("1e-15");
/** What is smaller is read as zero. */
const LEAST = new Decimal(Number.MIN_VALUE);

/** A JSON number, kept as it is printed. */
class Printed {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
      typeof value === "number" ? new Printed(context?.source ?? String(value)) : value,
    );
  } catch {
    // Too deep for a reviver, or no JSON at all.
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }
}

/** Text of a number or a text; a number that was read without its text has that of the double. */
function sourceOf(value: unknown): string | undefined {
  if (value instanceof Printed) return value.source;
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** Name of the list that holds an item: Hyperliquid's bids and asks are two lists in one, which has no names for them. */
function withinOf(within: string, item: string, inner: unknown): string {
  return within === "levels" && Array.isArray(inner) ? `levels[${item}]` : within;
}

/** Every row of a text that is JSON, whatever its depth. */
export function wireRows(text: string): readonly WireRow[] {
  const rows: WireRow[] = [];
  const open: [value: unknown, within: string][] = [[parsed(text), ""]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, within] = next;
    if (typeof value !== "object" || value === null || value instanceof Printed) continue;
    const numbers = new Map<string, WireNumber>();
    const texts = new Map<string, string>();
    for (const [name, inner] of Object.entries(value)) {
      open.push([inner, Array.isArray(value) ? withinOf(within, name, inner) : name]);
      const source = sourceOf(inner);
      if (source !== undefined && source.length <= LONGEST && NUMBER.test(source))
        numbers.set(name, { value: new Decimal(source), isText: typeof inner === "string" });
      if (source !== undefined || typeof inner === "boolean")
        texts.set(name, (source ?? String(inner)).slice(0, LONGEST));
    }
    rows.push({ within, numbers, texts });
  }
  return rows;
}

/** Whether a figure is a number of the wire, exact where that is text, as a double has it where it is not. */
export function isNumber(figure: Decimal, { value, isText }: WireNumber, factor: Decimal): boolean {
  const product = value.times(factor);
  if (product.eq(figure)) return true;
  return !isText && product.minus(figure).abs().lte(product.abs().times(DOUBLE).plus(LEAST));
}
