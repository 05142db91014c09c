import { parseExact } from "../../exact-json.ts";
import { type Fields, isObject, JsonFields } from "../json-fields.ts";
import { invalidParameter, malformedBody, missingParameter } from "./errors.ts";

/** The fields of a query or of a JSON body, or the rows of a body that is a list. */
export class Parameters extends JsonFields {
  readonly #rows: readonly unknown[] | undefined;

  constructor(fields: Fields, rows?: readonly unknown[]) {
    super(fields, { invalid: invalidParameter, missing: missingParameter });
    this.#rows = rows;
  }

  static ofQuery(query: string): Parameters {
    return new Parameters(Object.fromEntries(new URLSearchParams(query)));
  }

  static ofBody(body: string): Parameters {
    if (body === "") return new Parameters({});
    let content: unknown;
    try {
      // Ids may be numbers beyond 2^53, as the official clients send them.
      content = parseExact(body, (digits) => digits);
    } catch {
      throw malformedBody();
    }
    return Parameters.ofValue(content);
  }

  /** Parameters of an object, or of a list of objects or ids. */
  static ofValue(content: unknown): Parameters {
    if (Array.isArray(content)) return new Parameters({}, content);
    if (!isObject(content)) throw malformedBody();
    return new Parameters(content);
  }

  with(name: string, value: string): Parameters {
    return new Parameters({ ...this.fields, [name]: value }, this.#rows);
  }

  /** The same of an object in it. */
  object(name: string): Parameters {
    const value = this.fields[name];
    if (value === undefined) throw missingParameter(name);
    if (!isObject(value)) throw invalidParameter(name);
    return new Parameters(value);
  }

  /** Tells that anything but what stands for nothing is there. */
  hasContent(name: string): boolean {
    const value = this.fields[name];
    return !(value === undefined || value === null || ["", "0", 0, "-", false].some((nothing) => nothing === value));
  }

  /** Number of rows of the body; one where it is an object. */
  get rowCount(): number {
    return this.#rows?.length ?? 1;
  }

  /** The rows of a body that is a list, from one to so many. */
  list(most: number): readonly unknown[] {
    const rows = this.#rows;
    if (rows === undefined || rows.length === 0 || rows.length > most) throw malformedBody();
    return rows;
  }

  /** The same where each is an object. */
  objects(most: number): readonly Parameters[] {
    return this.list(most).map((row) => {
      if (!isObject(row)) throw malformedBody();
      return new Parameters(row);
    });
  }

  /** A time in seconds, with or without a fraction, in milliseconds. */
  timeMs(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^\d{1,15}(\.\d{1,9})?$/.test(text)) throw invalidParameter(name);
    return Number(text) * 1_000;
  }
}

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

export function readPage(parameters: Parameters, most = 1_000): Page {
  const limit = parameters.integer("limit") ?? 100;
  const offset = parameters.integer("offset") ?? 0;
  if (limit < 1) throw invalidParameter("limit");
  if (offset < 0) throw invalidParameter("offset");
  return { limit: Math.min(limit, most), offset };
}

export function pageOf<Row>(rows: readonly Row[], { limit, offset }: Page): readonly Row[] {
  return rows.slice(offset, offset + limit);
}

/** Reads `from` and `to`, both of which count. */
export function readSpan(parameters: Parameters): (timeMs: number) => boolean {
  const fromMs = parameters.timeMs("from") ?? Number.NEGATIVE_INFINITY;
  const toMs = parameters.timeMs("to") ?? Number.POSITIVE_INFINITY;
  if (fromMs > toMs) throw invalidParameter("to");
  return (timeMs) => Math.floor(timeMs / 1_000) * 1_000 >= fromMs && Math.floor(timeMs / 1_000) * 1_000 <= toMs;
}
