import type { z } from "zod";
import type { Decimal } from "../model/decimal.ts";
import type { PayloadSchema } from "./payload.ts";
import * as wire from "./wire.ts";

/**
 * Members that zod asks for in a part of a schema, by its own names. The package brings its zod along and its types name none, so
 * that a program needs none; a venue's own zod, of another version maybe, takes these schemas into its objects and lists
 * all the same. A member that only zod reads is `never`, which fits whatever a version of it asks for.
 */
interface SchemaParts<Output> {
  readonly output: Output;
  readonly input: unknown;
  readonly optin?: "optional" | undefined;
  readonly optout?: "optional" | undefined;
  readonly version: never;
  readonly def: never;
  readonly deferred: never;
  readonly run: never;
  readonly parse: never;
  readonly traits: never;
  readonly pattern: never;
  readonly constr: never;
  readonly bag: never;
  readonly isst: never;
}

/** A schema of a value on the wire, to be a part of a venue's zod schemas. */
export interface WireSchema<Output> extends PayloadSchema<Output> {
  readonly _zod: SchemaParts<Output>;
  /** Throws zod's error where the value does not fit. */
  parse(value: unknown): Output;
  /** Adds a condition to the schema; `message` says what would be right. */
  refine(isRight: (value: Output) => boolean, message: string): WireSchema<Output>;
  nullable(): WireSchema<Output | null>;
  optional(): OptionalWireSchema<Output | undefined>;
  nullish(): OptionalWireSchema<Output | null | undefined>;
}

/** A schema of a field that may be left out. */
export interface OptionalWireSchema<Output> extends WireSchema<Output> {
  readonly _zod: SchemaParts<Output> & { readonly optin: "optional"; readonly optout: "optional" };
}

function published<Output>(schema: z.ZodOptional<z.ZodType<Output>>): OptionalWireSchema<Output | undefined>;
function published<Output>(schema: z.ZodType<Output>): WireSchema<Output>;
function published(schema: unknown): unknown {
  return schema;
}

/** A JSON number or decimal text, of at most 100 characters and without an exponent beyond 40. */
export const wireDecimal: WireSchema<Decimal> = published(wire.wireDecimal);

/** Reads a `wireDecimal` that may be missing: absent, null and "" all mean that the venue did not say. */
export const optionalWireDecimal: OptionalWireSchema<Decimal | undefined> = published(wire.optionalWireDecimal);

/** A figure that says little: where it cannot be read it is left out and named, and the rest of its row counts. */
export const secondaryWireDecimal: OptionalWireSchema<Decimal | undefined> = published(wire.secondaryWireDecimal);

/** ISO 8601 text, as epoch milliseconds. */
export const wireIsoTime: WireSchema<number> = published(wire.wireIsoTime);

/** Epoch milliseconds, as text or as a number, not before 1970 and not after the year 275760. */
export const wireTimeMs: WireSchema<number> = published(wire.wireTimeMs);

/** Epoch seconds with or without fractions, as text or as a number; they become epoch milliseconds. */
export const wireTimeSeconds: WireSchema<number> = published(wire.wireTimeSeconds);

/** The venue's name of a market; empty text is none. */
export const wireSymbol: WireSchema<string> = published(wire.wireSymbol);

/** An id as text, whatever it is on the wire; text that is empty, or has blanks or control characters in it, is none. */
export const wireId: WireSchema<string> = published(wire.wireId);

/** An id of a venue that counts: digits alone, as text or as a number. */
export const wireIntegerId: WireSchema<string> = published(wire.wireIntegerId);

/** Name of a coin: text of letters and digits that is no number. */
export const wireCoin: WireSchema<string> = published(wire.wireCoin);

/** Reads a `wireCoin` that may be missing: absent, null and "" all mean that the venue did not say. */
export const optionalWireCoin: OptionalWireSchema<string | null | undefined> = published(wire.optionalWireCoin);

/** Reads a number outside a schema; what is none is a `ProtocolError` with the code `INVALID_NUMBER`. */
export function readDecimal(venue: string, what: string, value: unknown): Decimal {
  return wire.readDecimal(venue, what, value);
}
