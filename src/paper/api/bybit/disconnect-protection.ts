import type { Timer, Timers } from "../../../runtime/runtime.ts";

/** Cancels an account's orders when the last connection that listens to `dcp.future` has been gone for long enough. */
export class DisconnectProtection {
  readonly #timers: Timers;
  readonly #cancelAll: (accountId: string) => void;
  readonly #windowSeconds = new Map<string, number>();
  readonly #connections = new Map<string, number>();
  readonly #pending = new Map<string, Timer>();

  constructor(timers: Timers, cancelAll: (accountId: string) => void) {
    this.#timers = timers;
    this.#cancelAll = cancelAll;
  }

  set(accountId: string, seconds: number): void {
    this.#windowSeconds.set(accountId, seconds);
  }

  /** Undefined when the account is not protected. */
  windowSeconds(accountId: string): number | undefined {
    return this.#windowSeconds.get(accountId);
  }

  attach(accountId: string): void {
    this.#connections.set(accountId, (this.#connections.get(accountId) ?? 0) + 1);
    this.#pending.get(accountId)?.cancel();
    this.#pending.delete(accountId);
  }

  detach(accountId: string): void {
    const left = (this.#connections.get(accountId) ?? 1) - 1;
    this.#connections.set(accountId, left);
    const seconds = this.#windowSeconds.get(accountId);
    if (left > 0 || seconds === undefined) return;
    const run = () => {
      this.#pending.delete(accountId);
      this.#cancelAll(accountId);
    };
    this.#pending.set(accountId, this.#timers.after(seconds * 1_000, run, { background: true }));
  }

  stop(): void {
    for (const timer of this.#pending.values()) timer.cancel();
    this.#pending.clear();
  }
}
