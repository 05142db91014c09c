import type { Cli } from "./cli.ts";
import { EXIT_CODES, InterruptedError } from "./errors.ts";

/**
 * Runs `work` with a signal that fires at SIGINT and SIGTERM, and rejects with `InterruptedError` when it ended because
 * of one. Work that takes no signal is left by `stoppable`. A second signal ends the process at once.
 */
export async function withStopSignal<T>(cli: Cli, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const remove = cli.process.onStopSignal((name) => {
    if (controller.signal.aborted) cli.process.exit(EXIT_CODES[name]);
    controller.abort(new InterruptedError(name));
  });
  try {
    return await work(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) throw controller.signal.reason;
    throw error;
  } finally {
    remove();
  }
}

/** Resolves with `promise`, or rejects with the reason of `signal` as soon as it fires. */
export async function stoppable<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Resolves when `signal` fires. */
export function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}
