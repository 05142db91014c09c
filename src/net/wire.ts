import { z } from "zod";
import { Decimal, decimal, decimalOfWireNumber } from "../model/decimal.ts";
import { PerpwireError } from "../model/error.ts";
import { LATEST_TIME_MS, parseIsoTime } from "../model/time.ts";
import { excerpt } from "./json.ts";
import { readPayload, wireText } from "./payload.ts";
import { ODD, type PlainReader, readPlainly } from "./plain-payload.ts";
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

const INTEGER_ID = /^\d{1,20}$/;
const MAX_COIN_LENGTH = 32;
const COIN = /^(?=.*\p{L})[\p{L}\p{N}][\p{L}\p{N}._-]*$/u;

/** Shapes that REST payloads of many venues share. Unknown keys are ignored everywhere: venues add them at will. */

/** Reports what a reader throws as an issue of the schema, with its code. */
function addIssue(context: z.RefinementCtx, error: unknown): never {
  const [message, code] = error instanceof PerpwireError ? [error.message, error.code] : ["unreadable", undefined];
  context.addIssue({ code: "custom", message, params: { code } });
  return z.NEVER;
}

const plainDecimal: PlainReader = (value) => {
  try {
    if (typeof value === "string") return decimal(value);
    return typeof value === "number" && Number.isFinite(value) ? decimalOfWireNumber(value) : ODD;
  } catch {
    return ODD;
  }
};

const plainOptionalDecimal: PlainReader = (value) => (isUnsaid(value) ? undefined : plainDecimal(value));

const isUnsaid = (value: unknown): boolean => value === undefined || value === null || value === "";

/** A JSON number or decimal text, of at most 100 characters and without an exponent beyond 40. */
export const wireDecimal = readPlainly(
  z.union([z.number(), z.string()]).transform((value, context): Decimal => {
    try {
      return typeof value === "number" ? decimalOfWireNumber(value) : decimal(value);
    } catch (error) {
      return addIssue(context, error);
    }
  }),
  plainDecimal,
);

/** Reads a number outside a schema; what is none is a `ProtocolError` with the code `INVALID_NUMBER`. */
export function readDecimal(venue: string, what: string, value: unknown): Decimal {
  return readPayload(venue, what, wireDecimal, value);
}

/** Schema of an optional value: absent, null and "" all mean that the venue did not say. */
export const optionalWireDecimal = readPlainly(
  z.union([z.literal("").transform(() => undefined), wireDecimal, z.null().transform(() => undefined)]).optional(),
  plainOptionalDecimal,
);

/** A figure that says little: where it cannot be read it is left out and named, and the rest of its row counts. */
export const secondaryWireDecimal = readPlainly(
  z
    .unknown()
    .transform((value): Decimal | undefined => {
      const result = optionalWireDecimal.safeParse(value);
      if (result.success) return result.data;
      noteOddField(`a figure that is no number was left out: ${excerpt(wireText(value) || typeof value)}`);
      return undefined;
    })
    .optional(),
  plainOptionalDecimal,
);

/** ISO 8601 text, as epoch milliseconds. */
export const wireIsoTime = readPlainly(
  z.string().transform((text, context): number => {
    try {
      return parseIsoTime(text);
    } catch {
      context.addIssue({ code: "custom", message: "not an ISO 8601 time" });
      return z.NEVER;
    }
  }),
  (value) => {
    try {
      return typeof value === "string" ? parseIsoTime(value) : ODD;
    } catch {
      return ODD;
    }
  },
);

/** Epoch milliseconds, as text or as a number, not before 1970 and not after the year 275760. */
export const wireTimeMs = readPlainly(
  z.union([z.string(), z.number()]).transform((value, context): number => {
    const timeMs = timeMsOf(value);
    if (isTimeMs(timeMs)) return timeMs;
    context.addIssue({ code: "custom", message: "not epoch milliseconds" });
    return z.NEVER;
  }),
  (value) => {
    const timeMs = typeof value === "number" || typeof value === "string" ? timeMsOf(value) : Number.NaN;
    return isTimeMs(timeMs) ? timeMs : ODD;
  },
);

function timeMsOf(value: number | string): number {
  return typeof value === "number" ? value : /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
}

const isTimeMs = (timeMs: number): boolean => timeMs >= 0 && timeMs <= LATEST_TIME_MS;

/** Epoch seconds with or without fractions, as text or as a number; they become epoch milliseconds. */
export const wireTimeSeconds = readPlainly(
  wireDecimal.transform((seconds, context): number => {
    const timeMs = Math.floor(seconds.times(1_000).toNumber());
    if (isTimeMs(timeMs)) return timeMs;
    context.addIssue({ code: "custom", message: "not epoch seconds" });
    return z.NEVER;
  }),
  (value) => {
    const seconds = plainDecimal(value);
    const timeMs = seconds instanceof Decimal ? Math.floor(seconds.times(1_000).toNumber()) : Number.NaN;
    return isTimeMs(timeMs) ? timeMs : ODD;
  },
);

const wireName = (message: string) =>
  readPlainly(
    z
      .string()
      .max(MAX_ID_LENGTH)
      .regex(ID, message)
      .refine((text) => !NO_TEXT.has(text), message),
    plainName,
  );

const PLAIN_NAME = /^[\w.:|-]{1,128}$/;
/** Ids and symbols are of these characters on all venues but for coins in other scripts. */
const plainName: PlainReader = (value) =>
  typeof value === "string" && PLAIN_NAME.test(value) && !NO_TEXT.has(value) ? value : ODD;

const plainId: PlainReader = (value) =>
  typeof value === "number" && Number.isSafeInteger(value) ? String(value) : plainName(value);

/** The venue's name of a market. Empty text is none: the row was taken for one of a market that is not traded here. */
export const wireSymbol = wireName("not a market");

/**
 * An id as text, whatever it is on the wire; integers from 2^53 up arrive as text already. Empty text is no id, nor is text
 * with blanks or control characters in it.
 */
export const wireId = readPlainly(
  z
    .union([wireName("not an id"), z.number().refine(Number.isSafeInteger, "not an id")])
    .transform((value) => String(value)),
  plainId,
);

/** An id of a venue that counts: digits alone, as text or as a number. */
export const wireIntegerId = readPlainly(
  wireId.refine((id) => INTEGER_ID.test(id), "not an id of digits"),
  (value) => {
    const id = plainId(value);
    return typeof id === "string" && INTEGER_ID.test(id) ? id : ODD;
  },
);

/** Capital letters alone are no number and no word of a program. */
const plainCoin: PlainReader = (value) => (typeof value === "string" && /^[A-Z]{2,12}$/.test(value) ? value : ODD);

/** Name of a coin: text of letters and digits that is no number ("1e-400"), for what is garbled would be a coin of its own. */
export const wireCoin = readPlainly(
  z
    .string()
    .max(MAX_COIN_LENGTH)
    .regex(COIN, "not a coin")
    .refine(
      (text) => text.length <= MAX_COIN_LENGTH && !NO_TEXT.has(text) && !/^[\d.]*[eE]?[\d-]+$/.test(text),
      "not a coin",
    ),
  plainCoin,
);

/** Schema of an optional value: absent, null and "" all mean that the venue did not say. */
export const optionalWireCoin = readPlainly(
  z.union([z.literal("").transform(() => undefined), wireCoin]).nullish(),
  (value) => (value === null ? null : isUnsaid(value) ? undefined : plainCoin(value)),
);
