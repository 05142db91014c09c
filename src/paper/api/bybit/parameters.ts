import { parseAmount } from "../../engine/amount.ts";
import { invalidParameter, missingParameter, parameterError } from "./errors.ts";
import { isObject } from "./wire.ts";

/** The fields of a query or of a JSON body. */
export class Parameters {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.#fields = fields;
  }

  static ofQuery(query: string): Parameters {
    return new Parameters(Object.fromEntries(new URLSearchParams(query)));
  }

  static ofBody(body: string): Parameters {
    if (body === "") return new Parameters({});
    let fields: unknown;
    try {
      fields = JSON.parse(body);
    } catch {
      throw parameterError("params error: the body is not JSON");
    }
    if (!isObject(fields)) throw parameterError("params error: the body is not a JSON object");
    return new Parameters(fields);
  }

  /** Undefined when absent or empty. Numbers are taken as their text. */
  text(name: string): string | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value === "string") return value;
    if (typeof value === "number") return String(value);
    throw invalidParameter(name);
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw missingParameter(name);
    return value;
  }

  oneOf<Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const found = values.find((value) => value === text);
    if (found === undefined) throw invalidParameter(name);
    return found;
  }

  integer(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^-?\d{1,15}$/.test(text)) throw invalidParameter(name);
    return Number(text);
  }

  amount(name: string): bigint | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    try {
      return parseAmount(text);
    } catch {
      throw invalidParameter(name);
    }
  }

  flag(name: string): boolean {
    const value = this.#fields[name];
    if (value === undefined || value === null || value === "" || value === false || value === "false") return false;
    if (value === true || value === "true") return true;
    throw invalidParameter(name);
  }

  with(name: string, value: string): Parameters {
    return new Parameters({ ...this.#fields, [name]: value });
  }

  /** A list of objects, such as the orders of a batch. */
  list(name: string): readonly Parameters[] {
    const value = this.#fields[name];
    if (!Array.isArray(value)) throw missingParameter(name);
    return value.map((row: unknown) => {
      if (!isObject(row)) throw invalidParameter(name);
      return new Parameters(row);
    });
  }
}
