import { formatIsoTime } from "./time.ts";

/** The method by which Node.js asks an object how `console.log` shows it. */
export const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom") as typeof INSPECT;

/**
 * Signature of Node.js's custom inspect method; typed here, so that a program without the types of Node.js compiles.
 */
export type Inspect = (value: unknown, options?: object) => string;

/** `Name { field: value, ... }` without the fields that are undefined; deep inside something else `[Name]`. */
export function inspected(
  name: string,
  fields: Readonly<Record<string, unknown>>,
  depth: number,
  options: object,
  inspect: Inspect,
): string {
  if (depth < 0) return `[${name}]`;
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined);
  return `${name} ${inspect(Object.fromEntries(shown), options)}`;
}

/** A time as people read it; undefined where there is none. */
export function timeShown(timestampMs: number): string | undefined {
  return Number.isFinite(timestampMs) && timestampMs > 0 ? formatIsoTime(timestampMs) : undefined;
}
