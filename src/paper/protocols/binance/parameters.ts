import { parseAmount } from "../../engine/amount.ts";
import { SCALE_DIGITS } from "../../engine/types.ts";
import { textOf } from "../json-fields.ts";
import { illegalCharacters, invalidParameter, missingParameter, refused } from "./errors.ts";

const AMOUNT_RANGE = "^([0-9]{1,20})(\\.[0-9]{1,20})?$";
const AMOUNT = new RegExp(AMOUNT_RANGE);
const INTEGER_RANGE = "^[0-9]{1,20}$";
const INTEGER = new RegExp(INTEGER_RANGE);

/** The parameters of a call, from the query and the form body alike; the query's win. */
export class Parameters {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: Iterable<readonly [string, string]>) {
    this.#values = new Map(values);
  }

  static read(query: string, body: string): Parameters {
    return new Parameters([...new URLSearchParams(body), ...new URLSearchParams(query)]);
  }

  /** Reads the parameters of an order within a batch, where numbers may be JSON numbers. */
  static ofObject(fields: Readonly<Record<string, unknown>>): Parameters {
    const known = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
    return new Parameters(known.map(([name, value]) => [name, textOf(value)]));
  }

  /** Undefined when it was not sent or is empty. */
  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === "" ? undefined : value;
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw missingParameter(name);
    return value;
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const known = values.find((value) => value === text);
    if (known === undefined) throw invalidParameter(name);
    return known;
  }

  /** An amount in 1e-8; throws -1111 when it has more than `decimals` places that say something. */
  amount(name: string, decimals: number = SCALE_DIGITS): bigint | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const match = AMOUNT.exec(text);
    if (match === null) throw illegalCharacters(name, AMOUNT_RANGE);
    const places = (match[2] ?? "").replace(/0+$/, "").length - 1;
    if (places > decimals) throw refused(-1111);
    return parseAmount(text);
  }

  integer(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!INTEGER.test(text)) throw illegalCharacters(name, INTEGER_RANGE);
    return Number(text);
  }

  requiredInteger(name: string): number {
    const value = this.integer(name);
    if (value === undefined) throw missingParameter(name);
    return value;
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined) return undefined;
    if (text !== "true" && text !== "false") throw invalidParameter(name);
    return text === "true";
  }

  /** Reads a limit of at most `most`; anything else that is no positive number is refused with -1130. */
  limit(usual: number, most: number): number {
    const limit = this.integer("limit") ?? usual;
    if (limit < 1) throw invalidParameter("limit");
    return Math.min(limit, most);
  }

  /** A list that came as JSON text. */
  list(name: string): readonly unknown[] {
    let value: unknown;
    try {
      value = JSON.parse(this.requiredText(name));
    } catch (error) {
      if (error instanceof SyntaxError) throw invalidParameter(name);
      throw error;
    }
    if (!Array.isArray(value) || value.length === 0) throw invalidParameter(name);
    return value;
  }
}
