import { MAX_NUMBER_LENGTH } from "../../../model/decimal.ts";
import { SCALE_DIGITS } from "../../engine/types.ts";
import { badRequest, invalidParameter, missingParameter } from "./errors.ts";

/** Query texts that clients in several languages send for "nothing": `market=undefined`, `market=None`. */
const EMPTY_QUERY_VALUES: ReadonlySet<string> = new Set(["", "undefined", "null", "None"]);
const AMOUNT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,2}))?$/;

/** The exact amount in 1e-8 that a JSON number or decimal text says; undefined when it is none or too fine. */
export function parseAmount(value: unknown): bigint | undefined {
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  const match = text.length > MAX_NUMBER_LENGTH ? null : AMOUNT.exec(text.trim());
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return undefined;
  const digits = BigInt(`${whole}${fraction}`);
  const shift = SCALE_DIGITS + Number(exponent) - fraction.length;
  const divisor = 10n ** BigInt(Math.max(0, -shift));
  if (digits % divisor !== 0n) return undefined;
  const magnitude = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / divisor;
  return sign === "-" ? -magnitude : magnitude;
}

/** The parameters of a call. A null is an absent value, whose key is yet there; unknown keys are nobody's business. */
export class Parameters {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: Iterable<readonly [string, unknown]>) {
    this.#values = new Map(values);
  }

  /** Reads the query, overlaid with a JSON body: Nautilus puts a body on GETs, ccxt puts `{}` on DELETEs. */
  static read(query: string, body: string): Parameters {
    const fromQuery = [...new URLSearchParams(query)].filter(([, value]) => !EMPTY_QUERY_VALUES.has(value));
    return new Parameters([...fromQuery, ...bodyEntries(body)]);
  }

  isPresent(name: string): boolean {
    return this.#values.has(name);
  }

  raw(name: string): unknown {
    return this.#values.get(name) ?? undefined;
  }

  text(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === "string") return value;
    if (typeof value === "number") return String(value);
    throw invalidParameter(name);
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === "") throw missingParameter(name);
    return value;
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const known = values.find((value) => value === text);
    if (known === undefined) throw invalidParameter(name);
    return known;
  }

  amount(name: string): bigint | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const amount = parseAmount(value);
    if (amount === undefined) throw name === "price" ? badRequest("Invalid price") : invalidParameter(name);
    return amount;
  }

  requiredAmount(name: string): bigint {
    const amount = this.amount(name);
    if (amount === undefined) throw missingParameter(name);
    return amount;
  }

  flag(name: string): boolean {
    const value = this.raw(name);
    if (value === undefined || value === false || value === "false" || value === "False") return false;
    if (value === true || value === "true" || value === "True") return true;
    throw invalidParameter(name);
  }

  number(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number !== "number" || !Number.isFinite(number)) throw invalidParameter(name);
    return number;
  }

  list(name: string): readonly unknown[] {
    const value = this.raw(name);
    if (value === undefined) throw missingParameter(name);
    if (!Array.isArray(value)) throw invalidParameter(name);
    return value;
  }
}

function bodyEntries(body: string): readonly (readonly [string, unknown])[] {
  if (body.trim() === "") return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw badRequest("Invalid JSON");
  }
  if (parsed === null) return [];
  if (typeof parsed !== "object" || Array.isArray(parsed)) throw badRequest("Invalid JSON");
  return Object.entries(parsed);
}
