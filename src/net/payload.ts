import type { Decimal } from "../model/decimal.ts";
import { AbortError, describeError, INVALID_NUMBER, PerpwireError, ProtocolError } from "../model/error.ts";
import { flatFee, NO_FEE, type TradeFee } from "../model/fee.ts";
import { excerpt } from "./json.ts";
import { ODD, plainReaderOf } from "./plain-payload.ts";
import { noteOddField } from "./rows.ts";

/** A place of a payload that did not fit. */
export interface PayloadIssue {
  readonly message: string;
  readonly path: readonly PropertyKey[];
  readonly code?: string | undefined;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

/** A schema as reading a payload asks for it. The types name no package: schemas of the venues are made with zod. */
export interface PayloadSchema<Output> {
  safeParse(
    payload: unknown,
  ):
    | { readonly success: true; readonly data: Output }
    | { readonly success: false; readonly error: { readonly issues: readonly PayloadIssue[] } };
}

/** Source of a fill: pushed by a stream, or listed by the venue when it was asked. */
export type FillSource = "push" | "list";

/**
 * Reads the fee of a fill. One that cannot be read is thrown where the fill was pushed: it is asked for again. What the
 * venue lists is its last word, so that the fill counts without its fee there, which is named.
 */
export function readFee(source: FillSource, readIt: () => TradeFee): TradeFee {
  try {
    return readIt();
  } catch (error) {
    if (source === "push" || !(error instanceof PerpwireError) || error instanceof AbortError) throw error;
    noteOddField(`a fee that cannot be read was left out: ${describeError(error)}`);
    return NO_FEE;
  }
}

/** Fee of this coin. Coin and amount come together: one without the other is a fee that cannot be read. */
export function toldFee(coin: string | null | undefined, amount: Decimal | undefined): TradeFee {
  if (coin != null && amount !== undefined) return flatFee(coin, amount);
  if (coin == null && (amount === undefined || amount.isZero())) return NO_FEE;
  throw new ProtocolError(coin == null ? "a fee without its coin" : "a fee without an amount");
}

/** Text of a field that may hold anything; empty where it is neither text nor a number. */
export function wireText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/**
 * Reads a payload by its schema, one of zod's or any other that answers alike; what does not fit is a `ProtocolError` that
 * names the place.
 */
export function readPayload<Output>(
  venue: string,
  what: string,
  schema: PayloadSchema<Output>,
  payload: unknown,
): Output {
  const plain = plainReaderOf(schema)?.(payload) ?? ODD;
  if (plain !== ODD) return plain as Output;
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.map(String).join(".")}`;
  const reason = excerpt(`${issue?.message ?? "unknown"}`);
  const code = issue?.code === "custom" && issue.params?.code === INVALID_NUMBER ? INVALID_NUMBER : undefined;
  throw new ProtocolError(`${what} of ${venue} does not have the documented shape${place}: ${reason}`, { venue, code });
}

/** Several fields of one kind, for a schema. */
export function each<Name extends string, Kind>(kind: Kind, ...names: readonly Name[]): Record<Name, Kind> {
  return Object.fromEntries(names.map((name) => [name, kind])) as Record<Name, Kind>;
}
