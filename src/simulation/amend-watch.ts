import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import type { Decimal } from "../model/decimal.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";

interface Asked {
  readonly price: Decimal;
  isTaken: boolean;
}

/** What a process was told of the last amend of each order. */
export class AmendWatch {
  readonly #asked = new Map<string, Asked>();

  constructor(connector: PerpetualConnector) {
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
    const asked = { price, isTaken: false };
    this.#asked.set(clientOrderId, asked);
    const taken = () => {
      asked.isTaken = true;
    };
    answer.then(taken, () => {});
  }

  /** Prices that orders were to have by amends that were taken, and of which nobody said that they were not done. */
  *taken(): Iterable<readonly [clientOrderId: string, price: Decimal]> {
    for (const [id, { price, isTaken }] of this.#asked) if (isTaken) yield [id, price];
  }
}
