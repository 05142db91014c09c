import { type Fields, isObject, JsonFields } from "../json-fields.ts";
import { malformedBody, missingParameter, parameterError } from "./errors.ts";

/** The fields of a query or of a JSON body, or the rows of a body that is a list. */
export class Parameters extends JsonFields {
  readonly #rows: readonly Parameters[] | undefined;

  constructor(fields: Fields, rows?: readonly Parameters[]) {
    super(fields, { invalid: parameterError, missing: missingParameter });
    this.#rows = rows;
  }

  static ofQuery(query: string): Parameters {
    return new Parameters(Object.fromEntries(new URLSearchParams(query)));
  }

  static ofBody(body: string): Parameters {
    if (body === "") return new Parameters({});
    let content: unknown;
    try {
      content = JSON.parse(body);
    } catch {
      throw malformedBody();
    }
    return Parameters.ofValue(content);
  }

  /** Reads an object, or a list of objects. */
  static ofValue(content: unknown): Parameters {
    if (Array.isArray(content)) return Parameters.ofList(content);
    if (!isObject(content)) throw malformedBody();
    return new Parameters(content);
  }

  static ofList(content: readonly unknown[]): Parameters {
    const rows = content.map((row) => {
      if (!isObject(row)) throw malformedBody();
      return new Parameters(row);
    });
    return new Parameters({}, rows);
  }

  /** The rows of a body that is a list; undefined when it is an object. */
  get rows(): readonly Parameters[] | undefined {
    return this.#rows;
  }

  /** The same fields, and this one. */
  with(name: string, value: string): Parameters {
    return new Parameters({ ...this.fields, [name]: value });
  }

  /** Tells that a list or an object is present, as `attachAlgoOrds` may be. */
  hasContent(name: string): boolean {
    const value = this.fields[name];
    return Array.isArray(value) ? value.length > 0 : isObject(value);
  }
}
