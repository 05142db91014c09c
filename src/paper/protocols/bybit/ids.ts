import type { Random } from "../../../runtime/runtime.ts";

/**
 * Ids that look like Bybit's UUIDs: a number that grows, behind letters that tell kinds apart. They never repeat,
 * because the numbers of a later start are larger.
 */
export class WireIds {
  readonly #firstId: number;
  readonly #prefixes: Readonly<Record<"order" | "execution" | "trade" | "funding", string>>;
  #lastOrder = 0;
  #lastMessage = 0;

  constructor(firstId: number, random: Random) {
    this.#firstId = firstId;
    this.#prefixes = {
      order: prefix(random),
      execution: prefix(random),
      trade: prefix(random),
      funding: prefix(random),
    };
  }

  nextOrder(): string {
    this.#lastOrder += 1;
    return this.#uuid("order", this.#lastOrder);
  }

  execution(fillId: number): string {
    return this.#uuid("execution", fillId);
  }

  trade(tradeId: number): string {
    return this.#uuid("trade", tradeId);
  }

  funding(paymentId: number): string {
    return this.#uuid("funding", paymentId);
  }

  /** Bybit's cross sequence; below 2^53. */
  sequence(engineSequence: number): number {
    return this.#firstId + engineSequence;
  }

  /** Id of a row of the transaction log; trades and settlements count apart. */
  logEntry(account: number, symbol: string, kind: "trade" | "settlement", number: number): string {
    return `${account}_${symbol}_${this.#firstId + number}${kind === "trade" ? 0 : 1}`;
  }

  nextMessage(account: number): string {
    this.#lastMessage += 1;
    return `${account}-${(this.#firstId + this.#lastMessage).toString(16)}`;
  }

  connection(): string {
    this.#lastMessage += 1;
    return `c-${(this.#firstId + this.#lastMessage).toString(16)}`;
  }

  #uuid(kind: "order" | "execution" | "trade" | "funding", number: number): string {
    return `${this.#prefixes[kind]}-${(this.#firstId + number).toString(16).padStart(12, "0")}`;
  }
}

function prefix(random: Random): string {
  return `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-8${random.hex(3)}`;
}
