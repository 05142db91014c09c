import { z } from "zod";
import { type Decimal, decimal, decimalOfWireNumber } from "../model/decimal.ts";
import { AbortError, describeError, INVALID_NUMBER, PerpwireError, ProtocolError } from "../model/error.ts";
import { flatFee, NO_FEE, type TradeFee } from "../model/fee.ts";
import { LATEST_TIME_MS, parseIsoTime } from "../model/time.ts";
import { excerpt } from "./json.ts";
import { noteOddField } from "./rows.ts";

/** Ids of the venues have 36 characters at most, and so have those that they take from clients; FTX took 64. */
const MAX_ID_LENGTH = 128;
/**
 * Blanks are no id, half a surrogate pair cannot be written into a URL (asking about such an order would throw), and U+FFFD
 * stands for what was no UTF-8.
 */
const ID = /^[^\s\p{Cc}\p{Cs}\ufffd]+$/u;
/** What programs print in the place of a text that they do not have. */
const NO_TEXT = new Set(["null", "undefined", "NaN", "Infinity", "true", "false"]);

const MAX_COIN_LENGTH = 32;
const COIN = /^(?=.*\p{L})[\p{L}\p{N}][\p{L}\p{N}._-]*$/u;

/** Shapes that REST payloads of many venues share. Unknown keys are ignored everywhere: venues add them at will. */

/** Reports what a reader throws as an issue of the schema, with its code. */
function addIssue(context: z.RefinementCtx, error: unknown): never {
  const [message, code] = error instanceof PerpwireError ? [error.message, error.code] : ["unreadable", undefined];
  context.addIssue({ code: "custom", message, params: { code } });
  return z.NEVER;
}

/** A JSON number or decimal text, of at most 100 characters and without an exponent beyond 40. */
export const wireDecimal = z.union([z.number(), z.string()]).transform((value, context): Decimal => {
  try {
    return typeof value === "number" ? decimalOfWireNumber(value) : decimal(value);
  } catch (error) {
    return addIssue(context, error);
  }
});

/** Reads a number outside a schema; what is none is a `ProtocolError` with the code `INVALID_NUMBER`. */
export function readDecimal(venue: string, what: string, value: unknown): Decimal {
  return readPayload(venue, what, wireDecimal, value);
}

/** Absent, null and "" all mean that the venue did not say. */
export const optionalWireDecimal = z
  .union([z.literal("").transform(() => undefined), wireDecimal, z.null().transform(() => undefined)])
  .optional();

/** A figure that says little: where it cannot be read it is left out and named, and the rest of its row counts. */
export const secondaryWireDecimal = z
  .unknown()
  .transform((value): Decimal | undefined => {
    const result = optionalWireDecimal.safeParse(value);
    if (result.success) return result.data;
    noteOddField(`a figure that is no number was left out: ${excerpt(wireText(value) || typeof value)}`);
    return undefined;
  })
  .optional();

/** ISO 8601 text, as epoch milliseconds. */
export const wireIsoTime = z.string().transform((text, context): number => {
  try {
    return parseIsoTime(text);
  } catch {
    context.addIssue({ code: "custom", message: "not an ISO 8601 time" });
    return z.NEVER;
  }
});

/** Epoch milliseconds, as text or as a number, not before 1970 and not after the year 275760. */
export const wireTimeMs = z.union([z.string(), z.number()]).transform((value, context): number => {
  const timeMs = typeof value === "number" ? value : /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (timeMs >= 0 && timeMs <= LATEST_TIME_MS) return timeMs;
  context.addIssue({ code: "custom", message: "not epoch milliseconds" });
  return z.NEVER;
});

/** Epoch seconds with or without fractions, as text or as a number; they become epoch milliseconds. */
export const wireTimeSeconds = wireDecimal.transform((seconds, context): number => {
  const timeMs = Math.floor(seconds.times(1_000).toNumber());
  if (timeMs >= 0 && timeMs <= LATEST_TIME_MS) return timeMs;
  context.addIssue({ code: "custom", message: "not epoch seconds" });
  return z.NEVER;
});

const wireName = (message: string) =>
  z
    .string()
    .max(MAX_ID_LENGTH)
    .regex(ID, message)
    .refine((text) => !NO_TEXT.has(text), message);

/** The venue's name of a market. Empty text is none: the row was taken for one of a market that is not traded here. */
export const wireSymbol = wireName("not a market");

/**
 * An id as text, whatever it is on the wire; integers from 2^53 up arrive as text already. Empty text is no id, nor is text
 * with blanks or control characters in it.
 */
export const wireId = z
  .union([wireName("not an id"), z.number().refine(Number.isSafeInteger, "not an id")])
  .transform((value) => String(value));

/** An id of a venue that counts: digits alone, as text or as a number. */
export const wireIntegerId = wireId.refine((id) => /^\d{1,20}$/.test(id), "not an id of digits");

/** Name of a coin: text of letters and digits that is no number ("1e-400"), for what is garbled would be a coin of its own. */
export const wireCoin = z
  .string()
  .max(MAX_COIN_LENGTH)
  .regex(COIN, "not a coin")
  .refine(
    (text) => text.length <= MAX_COIN_LENGTH && !NO_TEXT.has(text) && !/^[\d.]*[eE]?[\d-]+$/.test(text),
    "not a coin",
  );

/** Absent, null and "" all mean that the venue did not say. */
export const optionalWireCoin = z.union([z.literal("").transform(() => undefined), wireCoin]).nullish();

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

/**
 * A fee of this coin. Both are told or neither: a coin without an amount, or an amount without its coin, is a fee that
 * cannot be read.
 */
export function toldFee(coin: string | null | undefined, amount: Decimal | undefined): TradeFee {
  if (coin != null && amount !== undefined) return flatFee(coin, amount);
  if (coin == null && (amount === undefined || amount.isZero())) return NO_FEE;
  throw new ProtocolError(coin == null ? "a fee without its coin" : "a fee without an amount");
}

/** Text of a field that may hold anything; empty where it is neither text nor a number. */
export function wireText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Reads a payload by its schema; what does not fit is a `ProtocolError` that names the place. */
export function readPayload<Schema extends z.ZodType>(
  venue: string,
  what: string,
  schema: Schema,
  payload: unknown,
): z.output<Schema> {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.map(String).join(".")}`;
  const reason = excerpt(`${issue?.message ?? "unknown"}`);
  const code = issue?.code === "custom" && issue.params?.code === INVALID_NUMBER ? INVALID_NUMBER : undefined;
  throw new ProtocolError(`${what} of ${venue} does not have the documented shape${place}: ${reason}`, { venue, code });
}
