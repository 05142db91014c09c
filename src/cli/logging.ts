import type { Logger } from "../net/logger.ts";
import { realWork } from "../runtime/real-work.ts";
import type { Cli } from "./cli.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** JSON lines on standard error. What is in `cli.secrets` is taken out of every line. */
export async function createLogger(cli: Cli, level: LogLevel): Promise<Logger> {
  const { pino } = await realWork(import("pino"));
  const { clock } = await cli.runtime();
  const destination = {
    write: (line: string): void => {
      let text = line;
      for (const secret of cli.secrets) text = text.replaceAll(secret, "[redacted]");
      cli.process.writeError(text);
    },
  };
  const timestamp = () => `,"time":${Math.round(clock.now())}`;
  const log = pino({ level, base: null, timestamp }, destination);
  return {
    debug: (message, fields) => log.debug({ ...fields }, message),
    info: (message, fields) => log.info({ ...fields }, message),
    warn: (message, fields) => log.warn({ ...fields }, message),
    error: (message, fields) => log.error({ ...fields }, message),
  };
}
