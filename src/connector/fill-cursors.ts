import type { TradingPair } from "../model/market.ts";
import type { OrderJournal } from "../trading/order-journal.ts";

const TRADES_CURSOR = "trades";

/**
 * How far the account's fills are known, in the journal: one cursor for all markets, and one of its own for a market
 * that stayed behind, from which it is asked for alone until it has caught up.
 */
export class FillCursors {
  readonly #journal: Pick<OrderJournal, "cursor" | "setCursor" | "clearCursor" | "batch">;

  constructor(journal: Pick<OrderJournal, "cursor" | "setCursor" | "clearCursor" | "batch">) {
    this.#journal = journal;
  }

  /** Undefined before the first catch-up. */
  get sinceMs(): number | undefined {
    return this.#timeOf(TRADES_CURSOR);
  }

  /** Cursor of a market that is behind the others. */
  sinceMsOf(tradingPair: TradingPair): number | undefined {
    return this.#timeOf(cursorOf(tradingPair));
  }

  /** Everything up to then is known, except of the markets that stay where they are. */
  advance(fromMs: number, toMs: number, behind: Iterable<TradingPair>): void {
    this.#journal.batch(() => {
      for (const tradingPair of behind) {
        if (this.sinceMsOf(tradingPair) === undefined) this.#journal.setCursor(cursorOf(tradingPair), String(fromMs));
      }
      this.#journal.setCursor(TRADES_CURSOR, String(toMs));
    });
  }

  caughtUp(tradingPair: TradingPair): void {
    this.#journal.clearCursor(cursorOf(tradingPair));
  }

  #timeOf(name: string): number | undefined {
    const text = this.#journal.cursor(name);
    return text === undefined ? undefined : Number(text);
  }
}

const cursorOf = (tradingPair: TradingPair): string => `${TRADES_CURSOR}|${tradingPair}`;
