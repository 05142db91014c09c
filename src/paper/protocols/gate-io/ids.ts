import type { RawNumber } from "../../exact-json.ts";
import { rawNumber } from "../../exact-json.ts";
import type { EngineIds } from "../symbol-ids.ts";

/** Ids of orders are int64 and no double holds them: a counter in steps of 256, and some low bits. */
const STRIDE = 256n;
const LOW_BITS = 77n;
/** Rows of the account book are counted by what they are of. */
const BOOK_KINDS = ["fund", "pnl", "fee", "dnw"] as const;

export type BookKind = (typeof BOOK_KINDS)[number];

/** Ids grow and never repeat, because the numbers of a later start are larger. */
export class WireIds {
  readonly #firstId: number;
  readonly #engineIds: EngineIds;
  #last = 0;

  constructor(firstId: number, engineIds: EngineIds) {
    this.#firstId = firstId;
    this.#engineIds = engineIds;
  }

  order(engineOrderId: number): string {
    return String(BigInt(this.#firstId + engineOrderId) * STRIDE + LOW_BITS);
  }

  orderNumber(engineOrderId: number): RawNumber {
    return rawNumber(this.order(engineOrderId));
  }

  /** The engine's number of the order with this id; -1 where there can be none. */
  engineOrder(orderId: string): number {
    if (!/^\d{1,19}$/.test(orderId)) return -1;
    const rest = BigInt(orderId) - LOW_BITS;
    return rest % STRIDE === 0n ? Number(rest / STRIDE) - this.#firstId : -1;
  }

  /** Id of a trade, which both sides of a match share. */
  trade(tradeId: number): number {
    return this.#engineIds.trade(tradeId);
  }

  bookRow(kind: BookKind, number: number): string {
    return String((this.#firstId + number) * BOOK_KINDS.length + BOOK_KINDS.indexOf(kind));
  }

  /** Id of a book that has changed so often. */
  bookUpdate(changes: number): number {
    return this.#firstId + changes;
  }

  nextPriceOrder(): number {
    this.#last += 1;
    return this.#firstId + this.#last;
  }

  connection(): string {
    this.#last += 1;
    return (this.#firstId + this.#last).toString(16);
  }
}
