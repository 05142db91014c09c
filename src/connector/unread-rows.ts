import { ProtocolError } from "../model/error.ts";
import type { Market, TradingPair } from "../model/market.ts";
import type { ExchangeInfo } from "./perpetual-venue.ts";

/**
 * Rows of the list of markets that could not be read: they prove nothing of their markets. One bad row was
 * taken for a delisting, and the connector was ready without the market's book.
 */
export class UnreadRows {
  readonly #read: ReadonlySet<TradingPair>;
  readonly #symbols: ReadonlySet<string>;

  constructor({ markets, closed = [], skipped }: ExchangeInfo) {
    this.#read = new Set([...markets, ...closed].map(({ tradingPair }) => tradingPair));
    this.#symbols = new Set(skipped.map(({ symbol }) => symbol));
  }

  /** Throws `ProtocolError` where a row that does not say of which market it is may be of one of these. */
  assertNoneOf(tradingPairs: readonly TradingPair[], venue: string): void {
    const missing = tradingPairs.filter((tradingPair) => !this.#read.has(tradingPair)).join(", ");
    if (!this.#isOneUnnamed || missing === "") return;
    throw new ProtocolError(`a row of the markets does not say of which it is, and none is of ${missing}`, { venue });
  }

  /** Tells that one of them names this market, of which no other row was read. */
  isOneOf({ tradingPair, symbol }: Market): boolean {
    return !this.#read.has(tradingPair) && this.#symbols.has(symbol);
  }

  /** The same, or whether one that names none may be its. */
  mayBeOneOf(market: Market): boolean {
    return this.isOneOf(market) || (this.#isOneUnnamed && !this.#read.has(market.tradingPair));
  }

  /** Describes why it is absent from those that were read. */
  absenceOf(market: Market): string {
    return this.isOneOf(market) ? "its row among the markets cannot be read" : "it is not among the markets";
  }

  get #isOneUnnamed(): boolean {
    return this.#symbols.has("");
  }
}
