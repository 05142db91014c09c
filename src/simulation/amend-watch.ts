import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import type { Decimal } from "../model/decimal.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";

/** The last amend of an order that changes its price. */
interface Asked {
  readonly price: Decimal;
  readonly askedMs: number;
  isTaken: boolean;
}

/** Watches what a process is told of the last amend of each order. */
export class AmendWatch {
  readonly #asked = new Map<string, Asked>();

  readonly #nowMs: () => number;

  /** `nowMs`: milliseconds of the world. */
  constructor(connector: PerpetualConnector, nowMs: () => number) {
    this.#nowMs = nowMs;
    connector.on("orderAmendFailed", ({ clientOrderId }) => void this.#asked.delete(clientOrderId));
  }

  /** `answer` resolves when the venue has taken the amend. */
  asked(
    { clientOrderId }: Pick<InFlightOrder, "clientOrderId">,
    price: Decimal | undefined,
    answer: Promise<unknown>,
  ): void {
    this.#asked.delete(clientOrderId);
    if (price === undefined) return;
    const asked = { price, askedMs: this.#nowMs(), isTaken: false };
    this.#asked.set(clientOrderId, asked);
    const taken = () => {
      asked.isTaken = true;
    };
    answer.then(taken, () => {});
  }

  /**
   * Prices that orders were to have by amends that were taken, of which nobody said that they were not done, and when they
   * were asked for.
   */
  *taken(): Iterable<readonly [clientOrderId: string, price: Decimal, askedMs: number]> {
    for (const [id, { price, askedMs, isTaken }] of this.#asked) if (isTaken) yield [id, price, askedMs];
  }
}
