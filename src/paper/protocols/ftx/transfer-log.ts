import type { EngineEvent } from "../../engine/types.ts";

export interface Transfer {
  readonly id: number;
  /** Change of the balance; below zero where money went out. */
  readonly change: bigint;
  readonly timeMs: number;
}

/** The money that came into accounts and left them, oldest first. */
export class TransferLog {
  readonly #has: (accountId: string) => boolean;
  readonly #now: () => number;
  readonly #accounts = new Map<string, Transfer[]>();
  #nextId = 1;

  constructor(has: (accountId: string) => boolean, now: () => number) {
    this.#has = has;
    this.#now = now;
  }

  onEvent(event: EngineEvent): void {
    if (event.type !== "cashChanged" || event.reason !== "deposit" || !this.#has(event.accountId)) return;
    const transfer = { id: this.nextTransferId(), change: event.change, timeMs: this.#now() };
    const known = this.#accounts.get(event.accountId);
    if (known === undefined) this.#accounts.set(event.accountId, [transfer]);
    else known.push(transfer);
  }

  of(accountId: string): readonly Transfer[] {
    return this.#accounts.get(accountId) ?? [];
  }

  nextTransferId(): number {
    return this.#nextId++;
  }
}
