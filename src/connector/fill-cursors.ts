import type { TradingPair } from "../model/market.ts";
import type { OrderJournal } from "../trading/order-journal.ts";

type CursorJournal = Pick<OrderJournal, "timeCursors" | "setCursor" | "clearCursor" | "batch">;

const TRADES_CURSOR = "trades";

/**
 * Cursors of the account's known fills, in the journal: one cursor for all markets, and one of its own for a market
 * that stayed behind, from which it is asked for alone until it has caught up.
 */
export class FillCursors {
  readonly #journal: CursorJournal;
  readonly #times: Map<string, number>;

  /** Throws `JournalError` that names a broken cursor. */
  constructor(journal: CursorJournal) {
    this.#journal = journal;
    this.#times = journal.timeCursors(TRADES_CURSOR);
  }

  /** Undefined before the first catch-up. */
  get sinceMs(): number | undefined {
    return this.#times.get(TRADES_CURSOR);
  }

  /** Cursor of a market that is behind the others. */
  sinceMsOf(tradingPair: TradingPair): number | undefined {
    return this.#times.get(cursorOf(tradingPair));
  }

  /** The cursors of all markets that are behind, followed or not. */
  get behind(): ReadonlyMap<TradingPair, number> {
    const own = [...this.#times].filter(([name]) => name !== TRADES_CURSOR);
    return new Map(own.map(([name, timestampMs]) => [name.slice(cursorOf("").length), timestampMs]));
  }

  /** Everything up to then is known, except of the markets that stay where they are. */
  advance(fromMs: number, toMs: number, behind: Iterable<TradingPair>): void {
    this.#journal.batch(() => {
      for (const tradingPair of behind) {
        if (this.sinceMsOf(tradingPair) === undefined) this.#set(cursorOf(tradingPair), fromMs);
      }
      this.#set(TRADES_CURSOR, toMs);
    });
  }

  caughtUp(tradingPair: TradingPair): void {
    this.#times.delete(cursorOf(tradingPair));
    this.#journal.clearCursor(cursorOf(tradingPair));
  }

  #set(name: string, timestampMs: number): void {
    this.#times.set(name, timestampMs);
    this.#journal.setCursor(name, String(timestampMs));
  }
}

const cursorOf = (tradingPair: TradingPair): string => `${TRADES_CURSOR}|${tradingPair}`;
