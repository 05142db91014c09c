import type { Timer, Timers } from "../../../runtime/runtime.ts";

export const PROTECTED_PRODUCTS = ["OPTIONS", "DERIVATIVES", "SPOT"] as const;

export type ProtectedProduct = (typeof PROTECTED_PRODUCTS)[number];

/**
 * Cancels an account's orders when the last connection that listens to `dcp.future` has been gone for long enough. Each
 * product has a window of its own (docs v5, set-dcp); there are orders of derivatives only.
 */
export class DisconnectProtection {
  readonly #timers: Timers;
  readonly #cancelAll: (accountId: string) => void;
  readonly #windows = new Map<string, Map<ProtectedProduct, number>>();
  readonly #connections = new Map<string, number>();
  readonly #pending = new Map<string, Timer>();

  constructor(timers: Timers, cancelAll: (accountId: string) => void) {
    this.#timers = timers;
    this.#cancelAll = cancelAll;
  }

  set(accountId: string, product: ProtectedProduct, seconds: number): void {
    const windows = this.#windows.get(accountId) ?? new Map<ProtectedProduct, number>();
    this.#windows.set(accountId, windows.set(product, seconds));
  }

  /** Windows in seconds, of the products that are protected. */
  windows(accountId: string): readonly (readonly [product: ProtectedProduct, seconds: number])[] {
    return [...(this.#windows.get(accountId) ?? [])];
  }

  attach(accountId: string): void {
    this.#connections.set(accountId, (this.#connections.get(accountId) ?? 0) + 1);
    this.#pending.get(accountId)?.cancel();
    this.#pending.delete(accountId);
  }

  detach(accountId: string): void {
    const left = (this.#connections.get(accountId) ?? 1) - 1;
    this.#connections.set(accountId, left);
    const seconds = this.#windows.get(accountId)?.get("DERIVATIVES");
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
