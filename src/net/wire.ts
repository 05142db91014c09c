import { z } from "zod";
import { type Decimal, decimal, decimalOfWireNumber } from "../model/decimal.ts";
import { PerpwireError } from "../model/error.ts";
import { LATEST_TIME_MS, parseIsoTime } from "../model/time.ts";
import { excerpt } from "./json.ts";
import { readPayload, wireText } from "./payload.ts";
import { noteOddField } from "./rows.ts";

export { type FillSource, readFee, readPayload, toldFee, wireText } from "./payload.ts";

/** Ids of the venues have 36 characters at most, and so have those that they take from clients; FTX took 64. */
const MAX_ID_LENGTH = 128;
/**
 * Pattern of an id. Blanks are no id. Half a surrogate pair cannot be written into a URL, so that a request about such
 * an order would throw. U+FFFD replaces bytes that were not UTF-8.
 */
const ID = /^[^\s\p{Cc}\p{Cs}\ufffd]+$/u;
/** Words that programs print in the place of a text that they do not have. */
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

/** Schema of an optional value: absent, null and "" all mean that the venue did not say. */
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

/** Schema of an optional value: absent, null and "" all mean that the venue did not say. */
export const optionalWireCoin = z.union([z.literal("").transform(() => undefined), wireCoin]).nullish();
