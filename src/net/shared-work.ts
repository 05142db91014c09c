import { AbortError } from "../model/error.ts";

/** Work that several wait for, which ends early when nobody does any more. */
export interface SharedWork<T> {
  readonly done: Promise<T>;
  readonly giveUp: AbortController;
  callers: number;
}

/**
 * Waits for shared work with the others. Who aborts leaves alone; when the last has left, `onAbandoned` hears of it, the work
 * is aborted, and its own error says how far it had come.
 */
export async function waitWith<T>(
  work: SharedWork<T>,
  signal: AbortSignal | undefined,
  onAbandoned: () => void,
): Promise<T> {
  work.callers += 1;
  const left = Promise.withResolvers<never>();
  const leave = (): void => {
    work.callers -= 1;
    if (work.callers > 0) {
      left.reject(new AbortError());
      return;
    }
    onAbandoned();
    work.giveUp.abort();
  };
  signal?.addEventListener("abort", leave, { once: true });
  try {
    return await Promise.race([work.done, left.promise]);
  } finally {
    signal?.removeEventListener("abort", leave);
  }
}
