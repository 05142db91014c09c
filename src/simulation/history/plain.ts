import { Decimal } from "../../model/decimal.ts";
import { PerpwireError } from "../../model/error.ts";

/** A value as a history holds it: amounts as plain decimal text, errors by their code, no functions. */
export function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return typeof value === "bigint" ? String(value) : value;
  if (value instanceof Decimal) return value.toFixed();
  if (value instanceof PerpwireError) return { code: value.code, outcome: value.outcome, message: value.message };
  if (value instanceof Error) return { code: value.name, message: value.message };
  if (Array.isArray(value)) return value.map(plain);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.filter(([, field]) => isData(field)).map(([name, field]) => [name, plain(field)]));
}

function isData(value: unknown): boolean {
  return value !== undefined && typeof value !== "function" && !(value instanceof AbortSignal);
}
