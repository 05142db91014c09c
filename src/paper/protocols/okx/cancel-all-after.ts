import type { Timer, Timers } from "../../../runtime/runtime.ts";

/** Cancels an account's orders when it has not called again in time; with a tag, those that carry it. */
export class CancelAllAfter {
  readonly #timers: Timers;
  readonly #cancel: (accountId: string, tag: string | undefined) => void;
  readonly #pending = new Map<string, Timer>();

  constructor(timers: Timers, cancel: (accountId: string, tag: string | undefined) => void) {
    this.#timers = timers;
    this.#cancel = cancel;
  }

  /** 0 seconds calls it off. */
  set(accountId: string, tag: string | undefined, seconds: number): void {
    const name = `${accountId} ${tag ?? ""}`;
    this.#pending.get(name)?.cancel();
    this.#pending.delete(name);
    if (seconds === 0) return;
    const run = () => {
      this.#pending.delete(name);
      this.#cancel(accountId, tag);
    };
    this.#pending.set(name, this.#timers.after(seconds * 1_000, run, { background: true }));
  }

  stop(): void {
    for (const timer of this.#pending.values()) timer.cancel();
    this.#pending.clear();
  }
}
