import type { Intent } from "../net/intent.ts";

/** A place in the line of an order's amends. */
export interface AmendTurn {
  /** Resolves when it is this amend's turn; rejects with why it was called back before that. */
  readonly come: Promise<void>;
  leave(): void;
}

interface Waiting {
  readonly intent: Intent;
  readonly left: Promise<void>;
}

/**
 * The amends of each order that have not been answered. Where an amend replaces the order, each waits for the one before:
 * it must name the order that the other made.
 */
export class AmendQueue {
  readonly #byOrder = new Map<string, Waiting[]>();

  enter(clientOrderId: string, intent: Intent, waits: boolean): AmendTurn {
    const line = this.#byOrder.get(clientOrderId) ?? [];
    const before = line.at(-1);
    const { promise, resolve } = Promise.withResolvers<void>();
    const own: Waiting = { intent, left: promise };
    this.#byOrder.set(clientOrderId, [...line, own]);
    const leave = (): void => {
      resolve();
      const left = (this.#byOrder.get(clientOrderId) ?? []).filter((waiting) => waiting !== own);
      if (left.length === 0) this.#byOrder.delete(clientOrderId);
      else this.#byOrder.set(clientOrderId, left);
    };
    return { come: waits && before !== undefined ? turnOf(intent, before.left) : Promise.resolve(), leave };
  }

  /** Calls back every amend of the order that has not left. */
  withdraw(clientOrderId: string): void {
    for (const { intent } of this.#byOrder.get(clientOrderId) ?? []) intent.withdraw();
  }

  withdrawAll(): void {
    for (const clientOrderId of [...this.#byOrder.keys()]) this.withdraw(clientOrderId);
  }
}

async function turnOf(intent: Intent, before: Promise<void>): Promise<void> {
  const withdrawn = Promise.withResolvers<void>();
  const onAbort = (): void => withdrawn.resolve();
  intent.signal.addEventListener("abort", onAbort, { once: true });
  await Promise.race([before, withdrawn.promise]);
  intent.signal.removeEventListener("abort", onAbort);
  intent.assertWanted();
}
