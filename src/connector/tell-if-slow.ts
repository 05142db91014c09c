import type { Logger } from "../runtime/logger.ts";
import type { Timer, Timers } from "../runtime/runtime.ts";

/** Silence before the first line about a wait, and between its lines. */
export const TELL_EVERY_MS = 10_000;

/** Does one step of the start; says in the log what is being waited for when it takes long. */
export async function tellIfSlow<T>(
  what: string,
  { timers, logger }: { readonly timers: Timers; readonly logger: Logger },
  step: Promise<T>,
): Promise<T> {
  let timer: Timer | undefined;
  const wait = (waitedMs: number): void => {
    timer = timers.after(
      TELL_EVERY_MS,
      () => {
        logger.warn("the start is waiting for the venue", { what, waitedMs: waitedMs + TELL_EVERY_MS });
        wait(waitedMs + TELL_EVERY_MS);
      },
      { background: true },
    );
  };
  wait(0);
  try {
    return await step;
  } finally {
    timer?.cancel();
  }
}
