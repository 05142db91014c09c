import { z } from "zod";
import { type Decimal, decimal, decimalOfWireNumber } from "../model/decimal.ts";
import { ProtocolError } from "../model/error.ts";
import { parseIsoTime } from "../model/time.ts";

/** Shapes that REST payloads of many venues share. Unknown keys are ignored everywhere: venues add them at will. */

/** A JSON number or decimal text. */
export const wireDecimal = z.union([z.number(), z.string()]).transform((value, context): Decimal => {
  try {
    return typeof value === "number" ? decimalOfWireNumber(value) : decimal(value);
  } catch {
    context.addIssue({ code: "custom", message: "not a decimal number" });
    return z.NEVER;
  }
});

/** Absent, null and "" all mean that the venue did not say. */
export const optionalWireDecimal = z
  .union([z.literal("").transform(() => undefined), wireDecimal, z.null().transform(() => undefined)])
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

/** An id as text, whatever it is on the wire; integers from 2^53 up arrive as text already. */
export const wireId = z.union([z.string(), z.number()]).transform((value) => String(value));

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
  throw new ProtocolError(
    `${what} of ${venue} does not have the documented shape${place}: ${issue?.message ?? "unknown"}`,
    {
      venue,
    },
  );
}
