import { type Decimal, storedDecimal } from "../model/decimal.ts";

/** Text as JSON. Ids that need no escape, which are nearly all, cost a third of it. */
export function quoted(text: string): string {
  return /^[\w.:-]*$/.test(text) ? `"${text}"` : JSON.stringify(text);
}

const TIME_DIGITS = 13;

/**
 * Key of a row that begins with its time: what is written together lies together. Under keys that begin with an order's id
 * each fill of a hundred orders changed another page of the journal, at four times the cost.
 */
export function timedKey(timestampMs: number, key: string): string {
  return `${String(timestampMs).padStart(TIME_DIGITS, "0")}|${key}`;
}

/** The key without its time. */
export function untimedKey(key: string): string {
  return key.slice(key.indexOf("|") + 1);
}

/** Reads fields of a parsed JSON object and throws a `TypeError` that names the field that does not fit. */
export class JsonFields {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError("it is not an object");
    this.#fields = value as Readonly<Record<string, unknown>>;
  }

  static parse(text: string): JsonFields {
    return new JsonFields(JSON.parse(text));
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined && this.#fields[name] !== null;
  }

  object(name: string): JsonFields {
    return this.#read(name, (value) => new JsonFields(value));
  }

  list(name: string): readonly unknown[] {
    return this.#read(name, (value) => {
      if (!Array.isArray(value)) throw new TypeError("it is not a list");
      return value;
    });
  }

  text(name: string): string {
    return this.#read(name, (value) => {
      if (typeof value !== "string") throw new TypeError("it is not text");
      return value;
    });
  }

  oneOf<Word extends string>(name: string, words: readonly Word[]): Word {
    const text = this.text(name);
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new TypeError(`field "${name}": "${text}" is none of ${words.join(", ")}`);
    return word;
  }

  number(name: string): number {
    return this.#read(name, (value) => {
      if (typeof value !== "number") throw new TypeError("it is not a number");
      return value;
    });
  }

  flag(name: string): boolean {
    return this.#read(name, (value) => {
      if (typeof value !== "boolean") throw new TypeError("it is neither true nor false");
      return value;
    });
  }

  decimal(name: string): Decimal {
    return this.#read(name, (value) => storedDecimal(value as string));
  }

  optional<T>(name: string, read: (fields: JsonFields) => T): T | undefined {
    return this.has(name) ? read(this) : undefined;
  }

  /** The fields as text by name, for example totals by token. */
  decimals(name: string): Map<string, Decimal> {
    const fields = this.object(name);
    return new Map(Object.keys(fields.#fields).map((key) => [key, fields.decimal(key)]));
  }

  #read<T>(name: string, convert: (value: unknown) => T): T {
    try {
      return convert(this.#fields[name]);
    } catch (error) {
      throw new TypeError(`field "${name}": ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
