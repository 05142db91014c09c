import { CommanderError } from "commander";
import {
  AuthError,
  BookInvalidError,
  ConfigError,
  describeError,
  InsufficientMarginError,
  isAbort,
  NotFoundError,
  OrderRejectedError,
  PerpwireError,
  ProtocolError,
  RateLimitError,
  RiskLimitError,
  TimeSyncError,
  TransportError,
  VenueUnavailableError,
} from "../../../src/model/error.ts";
import { redactError } from "../../../src/net/redaction.ts";
import type { StopSignal } from "../../../src/runtime/runtime.ts";
import type { Cli } from "./cli.ts";
import { printable } from "./printable.ts";
import { secretForms } from "./secrets.ts";

/**
 * Exit codes of the process. `failed`: the command ran and the answer is no (a check failed, an order was refused or
 * not found, the journal could not be opened). `usage`: what was asked for cannot be (an unknown command, option, pair,
 * connector or key, an order that breaks a rule): nothing was sent. `auth`: the venue does not accept the key.
 * `unavailable`: the venue or the network did not answer. `unknownFate`: an order was sent and nobody knows what became
 * of it. `SIGINT` and `SIGTERM`: stopped by the signal, cleanly.
 */
export const EXIT_CODES = {
  ok: 0,
  failed: 1,
  usage: 2,
  auth: 3,
  unavailable: 4,
  unknownFate: 5,
  SIGINT: 130,
  SIGTERM: 143,
} as const;

export const EXIT_CODES_HELP = `
Exit codes:
  0    done
  1    the command ran and the answer is no: a check failed, an order was refused or not found
  2    what was asked for cannot be: an unknown command, option, pair or key; nothing was sent
  3    the venue does not accept the key
  4    the venue or the network did not answer
  5    an order was sent and its fate is not known yet
  130  stopped by SIGINT (143: by SIGTERM), after a clean stop`;

/** The user ended the command with a signal. */
export class InterruptedError extends PerpwireError {
  static override readonly defaults = { code: "INTERRUPTED", retry: "never", outcome: "definite" } as const;
  readonly signal: StopSignal;
  constructor(signal: StopSignal) {
    super(`stopped by ${signal}`);
    this.signal = signal;
  }
}

const UNAVAILABLE = [
  VenueUnavailableError,
  TransportError,
  RateLimitError,
  TimeSyncError,
  BookInvalidError,
  ProtocolError,
] as const;

/** Code of the error about an order that a journal was asked for and does not have. */
export const NOT_IN_JOURNAL = "NOT_IN_JOURNAL";

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  if (error instanceof InterruptedError) return EXIT_CODES[error.signal];
  if (error instanceof ConfigError) return EXIT_CODES.usage;
  if (error instanceof AuthError) return EXIT_CODES.auth;
  if (error instanceof InsufficientMarginError || error instanceof RiskLimitError) return EXIT_CODES.failed;
  if (error instanceof NotFoundError && error.code === NOT_IN_JOURNAL) return EXIT_CODES.failed;
  // Refusals of the venue are of orders that were sent; our own refusals are of orders that were not.
  if (error instanceof OrderRejectedError || error instanceof NotFoundError) {
    return error.venue === undefined ? EXIT_CODES.usage : EXIT_CODES.failed;
  }
  return UNAVAILABLE.some((kind) => error instanceof kind) ? EXIT_CODES.unavailable : EXIT_CODES.failed;
}

/**
 * Writes the error as one line to standard error and, with `--json`, as one JSON line to standard output. `command` is the
 * one that was called, whose help has its options.
 */
export function reportError(cli: Cli, error: unknown, command?: string): void {
  if (error instanceof CommanderError && error.exitCode === 0) return;
  redactError(error, secretForms(cli));
  const { code, message, hint } = errorFields(error, command);
  cli.process.writeError(printable(`perpwire: ${hint === undefined ? message : `${message}; ${hint}`}\n`));
  // A stream of JSON lines that the user stops ends where it is.
  if (cli.process.args.includes("--json") && !(error instanceof InterruptedError)) {
    cli.process.writeOut(printable(`${JSON.stringify({ error: { code, message, hint: hint ?? null } })}\n`));
  }
}

export interface ErrorFields {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}

function errorFields(error: unknown, command: string | undefined): ErrorFields {
  if (error instanceof CommanderError) return usageFields(error, command);
  if (error instanceof PerpwireError) return { code: error.code, message: oneLine(error.message), hint: error.hint };
  if (isAbort(error)) return { code: "ABORT", message: oneLine(describeError(error)), hint: undefined };
  return { code: "INTERNAL", message: `unexpected error: ${oneLine(describeError(error))}`, hint: undefined };
}

/** Commander's text is `error: <what>`, then perhaps a line with what was meant. */
function usageFields(error: CommanderError, command: string | undefined): ErrorFields {
  const [first = "", meant] = error.message.split("\n").map((line) => line.trim());
  const hint =
    meant === undefined
      ? `see ${["perpwire", command, "--help"].filter(Boolean).join(" ")}`
      : meant.replace(/^\(|\)$/g, "").replace(/^Did/, "did");
  return { code: "USAGE", message: first.replace(/^error: /, "").replace(/\.$/, ""), hint };
}

function oneLine(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ");
}
