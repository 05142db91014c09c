import type { FillView, FundingPaymentView } from "../../engine/types.ts";
import type { EngineIds } from "../symbol-ids.ts";

/** Ids grow and never repeat, because the numbers of a later start are larger. All of them fit a double. */
export class WireIds {
  readonly #firstId: number;
  readonly #engineIds: EngineIds;
  #lastOrder = 0;

  constructor(firstId: number, engineIds: EngineIds) {
    this.#firstId = firstId;
    this.#engineIds = engineIds;
  }

  nextOrder(): number {
    this.#lastOrder += 1;
    return this.#firstId + this.#lastOrder;
  }

  /** Id of a match, which both sides share. */
  trade(tradeId: number): number {
    return this.#engineIds.trade(tradeId);
  }

  /** Trade ids of the venue repeat: a fill is told apart by its time beside (docs, fills). */
  fill({ tradeId, timeMs }: FillView): string {
    return `${this.trade(tradeId)}:${Math.floor(timeMs)}`;
  }

  /** Payments have no id: there is one an hour and coin. */
  payment({ timeMs }: FundingPaymentView, coin: string): string {
    return `${coin}:${Math.floor(timeMs)}`;
  }
}
