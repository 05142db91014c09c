import type { FundingInfoTracker } from "../market-data/funding-info.ts";
import type { OrderBookTracker } from "../market-data/order-book-tracker.ts";
import type { Decimal } from "../model/decimal.ts";
import type { TradingPair } from "../model/market.ts";

/** Prices of the markets that are followed, from their books and mark prices. */
export class MarketPrices {
  readonly #books: OrderBookTracker;
  readonly #funding: FundingInfoTracker;
  readonly #tradingPairs: ReadonlySet<TradingPair>;

  constructor(books: OrderBookTracker, funding: FundingInfoTracker, tradingPairs: ReadonlySet<TradingPair>) {
    this.#books = books;
    this.#funding = funding;
    this.#tradingPairs = tradingPairs;
  }

  /** Price that an order which takes would trade at now, where the book can tell. */
  takerPrice(tradingPair: TradingPair, isBuy: boolean): Decimal | undefined {
    if (!this.#tradingPairs.has(tradingPair)) return undefined;
    const book = this.#books.orderBook(tradingPair);
    return book.isValid ? book.getPrice(isBuy) : undefined;
  }

  /** True when the book can be read and nobody quotes that price or a better one: no order rests there. */
  isPassed(tradingPair: TradingPair, isBuy: boolean, price: Decimal): boolean {
    if (!this.#tradingPairs.has(tradingPair)) return false;
    const book = this.#books.orderBook(tradingPair);
    if (!book.isValid) return false;
    const best = book.getPrice(!isBuy);
    return best === undefined || (isBuy ? best.lt(price) : best.gt(price));
  }

  /**
   * Mark price, or half way between the best bid and ask where the mark price is older than its cadence allows;
   * undefined while neither is known.
   */
  fairPrice(tradingPair: TradingPair): Decimal | undefined {
    if (!this.#tradingPairs.has(tradingPair)) return undefined;
    const isKnown = this.#funding.ready(tradingPair) && this.#books.isFundingInfoFresh(tradingPair, "markPrice");
    if (isKnown) return this.#funding.fundingInfo(tradingPair).markPrice;
    const book = this.#books.orderBook(tradingPair);
    return book.isValid ? book.midPrice() : undefined;
  }
}
