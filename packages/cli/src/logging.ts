import { Option } from "commander";
import { formatIsoTime } from "../../../src/model/time.ts";
import type { Logger } from "../../../src/runtime/logger.ts";
import { realWork } from "../../../src/runtime/real-work.ts";
import type { Cli } from "./cli.ts";
import { printable } from "./printable.ts";
import { withoutSecrets } from "./secrets.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const LOG_FORMATS = ["text", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export function logFormatOption(): Option {
  return new Option("--log-format <format>", "of log lines; text on a terminal, else json").choices(LOG_FORMATS);
}

/**
 * Lines on standard error: for people where that is a terminal, else JSON, unless `format` says which. What is in
 * `cli.secrets` is taken out of every line.
 */
export async function createLogger(cli: Cli, level: LogLevel, format?: LogFormat): Promise<Logger> {
  const write = (line: string): void => cli.process.writeError(printable(withoutSecrets(cli, line)));
  const { clock } = await cli.runtime();
  const isText = format === undefined ? cli.process.isErrorTerminal : format === "text";
  return isText ? textLogger(level, () => clock.now(), write) : jsonLogger(level, () => clock.now(), write);
}

async function jsonLogger(level: LogLevel, now: () => number, write: (line: string) => void): Promise<Logger> {
  const { pino } = await realWork(import("pino"));
  const timestamp = () => `,"time":${Math.round(now())}`;
  const log = pino({ level, base: null, timestamp }, { write });
  return {
    debug: (message, fields) => log.debug({ ...fields }, message),
    info: (message, fields) => log.info({ ...fields }, message),
    warn: (message, fields) => log.warn({ ...fields }, message),
    error: (message, fields) => log.error({ ...fields }, message),
  };
}

/** `12:30:05.250 warn   the start failed, trying again  error: ...` */
function textLogger(level: LogLevel, now: () => number, write: (line: string) => void): Logger {
  const line =
    (name: LogLevel) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      if (LOG_LEVELS.indexOf(name) < LOG_LEVELS.indexOf(level)) return;
      const shown = Object.entries(fields).map(([field, value]) => `  ${field}: ${fieldText(value)}`);
      const time = formatIsoTime(now()).slice(11, 23);
      write(`${`${time} ${name.padEnd(5)}  ${message}${shown.join("")}`.replaceAll(/\s*\n\s*/g, " ")}\n`);
    };
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

function fieldText(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    // A BigInt or a circle: its kind is better than an error out of a log call.
    return String(value);
  }
}
