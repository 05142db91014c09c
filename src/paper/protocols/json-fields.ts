import { parseAmount } from "../engine/amount.ts";

export type Fields = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Renders the value that a client sent in the place of a text. An object may have a `toString` that is no function, and
 * a list may be too deep to be joined: `String()` throws for both.
 */
export function textOf(value: unknown): string {
  return typeof value === "object" ? Object.prototype.toString.call(value) : String(value);
}

/** Refusals of a field by its name; `wanted` says in words what it has to be. */
export interface FieldRefusals {
  invalid(name: string, wanted: string): Error;
  missing(name: string): Error;
}

/** The fields of a query or of a JSON object, for protocols that take a number or a flag as text as well. */
export class JsonFields {
  protected readonly fields: Fields;
  readonly #refusals: FieldRefusals;

  constructor(fields: Fields, refusals: FieldRefusals) {
    this.fields = fields;
    this.#refusals = refusals;
  }

  /** Undefined when absent or empty. Numbers are taken as their text. */
  text(name: string): string | undefined {
    const value = this.fields[name];
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value === "string") return value;
    if (typeof value === "number") return String(value);
    throw this.#refusals.invalid(name, "text");
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw this.#refusals.missing(name);
    return value;
  }

  oneOf<Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const found = values.find((value) => value === text);
    if (found === undefined) throw this.#refusals.invalid(name, values.join(" or "));
    return found;
  }

  integer(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^-?\d{1,15}$/.test(text)) throw this.#refusals.invalid(name, "a whole number");
    return Number(text);
  }

  /** Number of rows that is asked for, from one on and at most so many. */
  limit(usual: number, most: number): number {
    const limit = this.integer("limit") ?? usual;
    if (limit < 1) throw this.#refusals.invalid("limit", "a whole number above zero");
    return Math.min(limit, most);
  }

  amount(name: string): bigint | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    try {
      return parseAmount(text);
    } catch {
      throw this.#refusals.invalid(name, "a decimal number with at most 8 places");
    }
  }

  flag(name: string): boolean {
    const value = this.fields[name];
    if (value === undefined || value === null || value === "" || value === false || value === "false") return false;
    if (value === true || value === "true") return true;
    throw this.#refusals.invalid(name, "true or false");
  }
}
