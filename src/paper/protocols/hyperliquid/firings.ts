const DAY_MS = 86_400_000;

/** Counts of the clock's cancels of all orders of an account, by day. */
export class Firings {
  readonly #accounts = new Map<string, { readonly day: number; readonly count: number }>();

  ofDay(accountId: string, nowMs: number): number {
    const last = this.#accounts.get(accountId);
    return last?.day === Math.floor(nowMs / DAY_MS) ? last.count : 0;
  }

  count(accountId: string, nowMs: number): void {
    const day = Math.floor(nowMs / DAY_MS);
    this.#accounts.set(accountId, { day, count: this.ofDay(accountId, nowMs) + 1 });
  }
}
