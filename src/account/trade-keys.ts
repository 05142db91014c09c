import type { OrderJournal } from "../trading/order-journal.ts";

interface Key {
  readonly tradeKey: string;
  readonly timestampMs: number;
}

/** An order whose fate was not known for a while may claim trades of before. */
const KEPT_MS = 3_600_000;

/** Trades of others and of the venue itself that were counted, so that none is counted again after a restart. */
export class TradeKeys {
  readonly #journal: Pick<OrderJournal, "writeAccountFact">;
  readonly #prefix: string;
  readonly #times: Map<string, number>;
  #forgottenBeforeMs = Number.NEGATIVE_INFINITY;

  /** `name` keeps several sets of keys apart. */
  constructor(journal: Pick<OrderJournal, "accountFacts" | "writeAccountFact">, name: "trade" | "adjustment") {
    this.#journal = journal;
    this.#prefix = `${name}|`;
    this.#times = new Map(journal.accountFacts(this.#prefix, (fields, key) => [key, fields.number("timestampMs")]));
  }

  has({ tradeKey }: Key): boolean {
    return this.#times.has(tradeKey);
  }

  /** Too old to tell whether it was counted. */
  isForgotten({ timestampMs }: Key): boolean {
    return timestampMs < this.#forgottenBeforeMs;
  }

  add({ tradeKey, timestampMs }: Key): void {
    this.#times.set(tradeKey, timestampMs);
    this.#journal.writeAccountFact(`${this.#prefix}${tradeKey}`, { timestampMs });
  }

  /** Trades before this time are not listed again; their keys are kept for a while all the same. */
  forgetTradesBefore(timestampMs: number): void {
    this.#forgottenBeforeMs = timestampMs - KEPT_MS;
    for (const [key, countedMs] of this.#times) {
      if (countedMs >= this.#forgottenBeforeMs) continue;
      this.#times.delete(key);
      this.#journal.writeAccountFact(`${this.#prefix}${key}`, undefined);
    }
  }
}
