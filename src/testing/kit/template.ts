import { Decimal } from "../../model/decimal.ts";
import { formatIsoTime } from "../../model/time.ts";

/**
 * Templates: JSON data whose texts may hold placeholders.
 *
 * - `{name}` is replaced in place. Names of an order: `clientOrderId`, `exchangeOrderId`, `side`, `positionSide`
 *   (`both`, `long`, `short`), `orderType`, `timeInForce`, `amount`, `signedAmount` (negative for a sale), `contracts`, `signedContracts`
 *   (amount by contract size), `price`, `symbol`, `tradingPair`, `base`, `quote`; `leverage` and `positionMode` where
 *   one is set; those of a second order begin with `other.`; `startMs` (when the scene started), `nowMs` (when the answer is sent) and `webSocketUrl` (the scene's,
 *   for a venue that hands out the URLs of its sockets) everywhere; `request.x`, `frame.x`, `each.x` in answers. The fixtures' `words` translate values (`{side}` becomes `BUY`).
 * - `{startMs+1000}`, `{startMs-60000*index}`: sums of names, numbers and number-times-name.
 * - A text that is one placeholder becomes the value itself: `"{amount:number}"` a number, `"{frame.args}"` the list.
 * - Formats: `:number`, `:text`, `:upper`, `:lower`, and of milliseconds `:iso` (`2022-09-14T10:15:03.114Z`),
 *   `:seconds` (a number), `:ns` (text).
 * - `repeated(100, row)` in a list becomes 100 rows, in which `{index}` counts from 0.
 */
export type Values = Readonly<Record<string, unknown>>;
type Words = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const REPEATED = "repeated rows";

/** Repeats a row of a list: `count` rows that differ by `{index}`. */
export function repeated(count: number, row: unknown): unknown {
  return { [REPEATED]: count, row };
}

const NAME = "[A-Za-z][A-Za-z0-9_.]*";
const TERM = String.raw`(?:\d+\*)?${NAME}|\d+`;
const PLACEHOLDER = new RegExp(String.raw`\{((?:${TERM})(?:[+-](?:${TERM}))*)(?::([a-z]+))?\}`, "g");

/** A placeholder that has no value (yet). */
const NONE = Symbol("none");

/** Fills what has a value, and leaves the other placeholders as they are. */
export function fill<T>(template: T, values: Values, words: Words = {}): T {
  return fillAny(template, values, words) as T;
}

function fillAny(template: unknown, values: Values, words: Words): unknown {
  if (typeof template === "string") return fillText(template, values, words);
  if (Array.isArray(template)) return template.flatMap((item) => fillItem(item, values, words));
  if (typeof template !== "object" || template === null) return template;
  const filled: [string, unknown][] = [];
  for (const [key, value] of Object.entries(template)) {
    filled.push([String(fillText(key, values, words)), fillAny(value, values, words)]);
  }
  return Object.fromEntries(filled);
}

function fillItem(item: unknown, values: Values, words: Words): readonly unknown[] {
  if (typeof item !== "object" || item === null || !(REPEATED in item)) return [fillAny(item, values, words)];
  const { [REPEATED]: count, row } = item as { readonly [REPEATED]: number; readonly row: unknown };
  return Array.from({ length: count }, (_, index) => fillAny(row, { ...values, index }, words));
}

function fillText(text: string, values: Values, words: Words): unknown {
  const [whole] = text.matchAll(PLACEHOLDER);
  if (whole !== undefined && whole[0] === text) {
    const value = placeholderValue(whole[1] ?? "", whole[2], values, words);
    return value === NONE ? text : value;
  }
  return text.replace(PLACEHOLDER, (placeholder, expression: string, format: string | undefined) => {
    const value = placeholderValue(expression, format, values, words);
    return value === NONE ? placeholder : typeof value === "object" ? JSON.stringify(value) : String(value);
  });
}

function placeholderValue(expression: string, format: string | undefined, values: Values, words: Words): unknown {
  const terms = expression.match(new RegExp(`[+-]?(?:${TERM})`, "g")) ?? [];
  if (terms.length === 1 && /^[A-Za-z]/.test(expression)) {
    const value = wordOf(expression, values, words);
    return value === NONE ? NONE : formatted(value, format);
  }
  let sum = new Decimal(0);
  for (const term of terms) {
    const [, sign, factor = "1", name = ""] = /^([+-]?)(?:(\d+)\*)?(.+)$/.exec(term) ?? [];
    const value = /^\d/.test(name) ? name : lookUp(name, values);
    if (value === NONE) return NONE;
    const product = new Decimal(String(value)).times(factor);
    sum = sign === "-" ? sum.minus(product) : sum.plus(product);
  }
  return formatted(sum.toFixed(), format);
}

/** Prefix of the placeholders of a second order: `{other.side}` has the words of `{side}`. */
const OTHER = "other.";

function wordOf(name: string, values: Values, words: Words): unknown {
  const prefix = name.startsWith(OTHER) ? OTHER : "";
  const table = words[name.slice(prefix.length)];
  const value = lookUp(typeof table?.of === "string" ? `${prefix}${table.of}` : name, values);
  if (value === NONE || table === undefined) return value;
  return String(value) in table ? table[String(value)] : value;
}

/** `a.b.c` within the values; a name with dots may also be a key of its own. */
export function lookUp(name: string, values: Values): unknown {
  if (Object.hasOwn(values, name)) return values[name] ?? NONE;
  let value: unknown = values;
  for (const part of name.split(".")) {
    if (typeof value !== "object" || value === null || !(part in value)) return NONE;
    value = (value as Values)[part];
  }
  return value ?? NONE;
}

function formatted(value: unknown, format: string | undefined): unknown {
  switch (format) {
    case undefined:
      return value;
    case "number":
      return Number(value);
    case "text":
      return String(value);
    case "upper":
      return String(value).toUpperCase();
    case "lower":
      return String(value).toLowerCase();
    case "iso":
      return formatIsoTime(Math.floor(Number(value)));
    case "seconds":
      return Number(value) / 1_000;
    case "ns":
      return `${Math.floor(Number(value))}000000`;
    default:
      throw new TypeError(`a placeholder has no format ":${format}"`);
  }
}

/** The placeholders that are left in a template: a fixture that reaches the wire must have none. */
export function placeholdersIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [...value.matchAll(PLACEHOLDER)].map(([placeholder]) => placeholder);
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(placeholdersIn);
}

/** Tells that `actual` has everything that `part` names: see `SocketAnswer.to`. */
export function isLike(part: unknown, actual: unknown): boolean {
  if (typeof part === "string") return (typeof actual === "string" || part === "*") && likeText(part, actual);
  if (Array.isArray(part)) {
    return Array.isArray(actual) && part.every((item) => actual.some((candidate) => isLike(item, candidate)));
  }
  if (typeof part !== "object" || part === null) return Object.is(part, actual);
  if (typeof actual !== "object" || actual === null || Array.isArray(actual)) return false;
  return Object.entries(part).every(([key, value]) => isLike(value, (actual as Values)[key]));
}

function likeText(pattern: string, actual: unknown): boolean {
  if (pattern === "*") return actual !== undefined;
  const parts = pattern.split("*").map((part) => part.replace(/[.\\+?^${}()|[\]]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join("[^]*")}$`).test(String(actual));
}

/**
 * Describes where `actual` differs from `expected`; empty where they are equal. Fields that are undefined must be
 * absent.
 */
export function differences(expected: unknown, actual: unknown, further = false, at = ""): readonly string[] {
  const here = at === "" ? "it" : at;
  if (typeof expected === "string" && typeof actual === "string" && likeText(expected, actual)) return [];
  if (expected === "*" && actual !== undefined) return [];
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((item, index) => differences(item, actual[index], further, `${at}[${index}]`));
  }
  if (isRecord(expected) && isRecord(actual)) {
    const keys = new Set([...Object.keys(expected), ...(further ? [] : Object.keys(actual))]);
    return [...keys].flatMap((key) =>
      differences(expected[key], actual[key], further, at === "" ? key : `${at}.${key}`),
    );
  }
  if (Object.is(expected, actual)) return [];
  return [`${here} is ${shown(actual)}, expected ${shown(expected)}`];
}

function shown(value: unknown): string {
  return value === undefined ? "not there" : JSON.stringify(value);
}

export function isRecord(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
