import type { TradingPair } from "../model/market.ts";
import type { RowSubject, UnreadableRow } from "../net/rows.ts";
import type { VenueContext } from "../net/venue-api.ts";

/** A context for one question, and whether its answer was read whole: no row and no market was left out. */
export function wholeReading(context: VenueContext, signal: AbortSignal) {
  let isWhole = true;
  const asked: VenueContext = {
    ...context,
    signal,
    onUnreadable: (row) => {
      context.onUnreadable?.(row);
      isWhole = false;
    },
    onMarketFailure: (tradingPair, error) => {
      context.onMarketFailure?.(tradingPair, error);
      isWhole = false;
    },
  };
  return { context: asked, isWhole: () => isWhole };
}

/** One question to the venue about the account, and what its answer left out: rows, and markets. */
export class AccountReading {
  readonly context: VenueContext;
  readonly failures = new Map<TradingPair, unknown>();
  readonly #unread: UnreadableRow[] = [];

  constructor(context: VenueContext, signal: AbortSignal) {
    this.context = {
      ...context,
      signal,
      onUnreadable: (row) => {
        context.onUnreadable?.(row);
        this.#unread.push(row);
      },
      onMarketFailure: (tradingPair, error) => this.failures.set(tradingPair, error),
    };
  }

  unread(...subjects: readonly RowSubject[]): readonly UnreadableRow[] {
    return this.#unread.filter(({ subject }) => subject !== undefined && subjects.includes(subject));
  }

  unreadInWords(subject: RowSubject): readonly string[] {
    return this.unread(subject).map(({ what, reason }) => `${what}: ${reason}`);
  }

  /**
   * True when the answer is silent about a market because it failed, or because a row that may be of it was unreadable.
   */
  isSilentAbout(tradingPair: TradingPair, subject: RowSubject): boolean {
    if (this.failures.has(tradingPair)) return true;
    const { bySymbol } = this.context.markets;
    return this.unread(subject).some(({ symbol }) => {
      return symbol == null || bySymbol.get(symbol)?.tradingPair === tradingPair;
    });
  }
}
