import { AbortError, throwIfAborted } from "../model/error.ts";
import type { Timer, Timers } from "../runtime/runtime.ts";

/** A sleep that can be cut short: `wake()` ends the present one, or the next one at once. */
export class WakeUp {
  readonly #timers: Timers;
  #resolve: (() => void) | undefined;
  #isWoken = false;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  wake(): void {
    this.#isWoken = true;
    this.#resolve?.();
  }

  /** Resolves after `delayMs` or at `wake()`; rejects with `AbortError` when `signal` fires. */
  async sleep(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    throwIfAborted(signal);
    if (!this.#isWoken) await this.#wait(delayMs, signal);
    this.#isWoken = false;
  }

  #wait(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const end = (): void => {
        timer?.cancel();
        signal?.removeEventListener("abort", abort);
        this.#resolve = undefined;
      };
      const abort = (): void => {
        end();
        reject(new AbortError());
      };
      const wake = (): void => {
        end();
        resolve();
      };
      const timer: Timer | undefined = Number.isFinite(delayMs) ? this.#timers.after(delayMs, wake) : undefined;
      this.#resolve = wake;
      signal?.addEventListener("abort", abort, { once: true });
    });
  }
}
