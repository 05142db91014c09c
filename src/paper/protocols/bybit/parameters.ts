import { type Fields, isObject, JsonFields } from "../json-fields.ts";
import { invalidParameter, missingParameter, parameterError } from "./errors.ts";

/** The fields of a query or of a JSON body. */
export class Parameters extends JsonFields {
  constructor(fields: Fields) {
    super(fields, { invalid: invalidParameter, missing: missingParameter });
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

  has(name: string): boolean {
    return this.fields[name] !== undefined;
  }

  with(name: string, value: string): Parameters {
    return new Parameters({ ...this.fields, [name]: value });
  }

  /** A list of objects, such as the orders of a batch. */
  list(name: string): readonly Parameters[] {
    const value = this.fields[name];
    if (!Array.isArray(value)) throw missingParameter(name);
    return value.map((row: unknown) => {
      if (!isObject(row)) throw invalidParameter(name);
      return new Parameters(row);
    });
  }
}
