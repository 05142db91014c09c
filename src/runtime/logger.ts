import { formatIsoTime } from "../model/time.ts";
import type { Clock, TextOutput } from "./runtime.ts";

/** Structured log. `fields` never hold a secret, a signature or a request header. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

const ignore = (): void => undefined;

/** Drops every line. */
export const SILENT_LOGGER: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Warnings and errors as lines of text on standard error; what is used where the program gives no logger. */
export function standardErrorLogger(runtime: { readonly clock: Clock; readonly standardError: TextOutput }): Logger {
  const { clock, standardError } = runtime;
  const line =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      standardError.write(`${formatIsoTime(clock.now())} perpwire ${level} ${message}${textOf(fields)}\n`);
    };
  return { debug: ignore, info: ignore, warn: line("warn"), error: line("error") };
}

function textOf(fields: Readonly<Record<string, unknown>>): string {
  if (Object.keys(fields).length === 0) return "";
  try {
    return ` ${JSON.stringify(fields)}`;
  } catch {
    // A BigInt or a circle: the line without its fields is better than an error out of a log call.
    return "";
  }
}
