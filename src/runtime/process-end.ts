import type { Logger } from "./logger.ts";
import type { Runtime } from "./runtime.ts";

type Life = Pick<Runtime, "isEnded">;

/** A promise of a dead process: nothing that waits for it ever runs. */
export function never<T>(): Promise<T> {
  return new Promise<T>(() => {});
}

/** Logs until the process ends. */
export function loggerUntilEnd(logger: Logger, { isEnded }: Life): Logger {
  if (isEnded === undefined) return logger;
  const line =
    (level: keyof Logger): Logger["info"] =>
    (message, fields) => {
      if (!isEnded()) logger[level](message, fields);
    };
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

/** Settles as `result` does, but never once the process has ended. */
export function resultUntilEnd<T>(result: Promise<T>, { isEnded }: Life): Promise<T> {
  if (isEnded === undefined) return result;
  return result.then(
    (value) => (isEnded() ? never<T>() : value),
    (error: unknown) => (isEnded() ? never<T>() : Promise.reject(error)),
  );
}
