import type { LogEntry } from "../account-ledger.ts";
import type { EngineIds } from "../symbol-ids.ts";

/** Bits below a counter, as in the ids of OKX: these have 18 digits, more than a double holds. */
const STRIDE = 4_096n;

/** Ids grow and never repeat, because the numbers of a later start are larger. */
export class WireIds {
  readonly #firstId: number;
  readonly #engineIds: EngineIds;
  #lastOrder = 0;
  #lastConnection = 0;

  constructor(firstId: number, engineIds: EngineIds) {
    this.#firstId = firstId;
    this.#engineIds = engineIds;
  }

  nextOrder(): string {
    this.#lastOrder += 1;
    return this.#wide(this.#lastOrder, 0);
  }

  /** Id of a match, which both sides share. */
  trade(tradeId: number): string {
    return String(this.#engineIds.trade(tradeId));
  }

  /** Id of a row of an account's bills, which only grow. */
  bill(account: number, index: number): string {
    return this.#wide(index + 1, account);
  }

  position(account: number, market: number, leg: number): string {
    return this.#wide(market * 3 + leg + 1, account);
  }

  /** Id of a public trade. */
  sequence(engineSequence: number): number {
    return this.#firstId + engineSequence;
  }

  connection(): string {
    this.#lastConnection += 1;
    return (this.#firstId + this.#lastConnection).toString(16).slice(-8);
  }

  #wide(number: number, low: number): string {
    return String(BigInt(this.#firstId + number) * STRIDE + (BigInt(low) % STRIDE));
  }
}

/** The payment's place among an account's bills; -1 when it is not there. */
export function indexOfPayment(log: readonly LogEntry[], paymentId: number): number {
  return log.findIndex((entry) => entry.kind === "settlement" && entry.payment.paymentId === paymentId);
}
