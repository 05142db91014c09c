import type { OrderBook } from "../market-data/order-book.ts";
import { type Decimal, type DecimalInput, decimal } from "../model/decimal.ts";
import { ConfigError } from "../model/error.ts";
import type { FundingInfo } from "../model/funding.ts";
import type { Market, TradingPair, TradingRule } from "../model/market.ts";
import { quantizeOrderAmount, quantizeOrderPrice } from "../trading/quantize.ts";
import { assertList } from "./call-arguments.ts";
import type { ConnectorParts } from "./connector-parts.ts";
import { ConnectorState } from "./connector-state.ts";

/** Members of a connector that are about markets: their rules, books, funding and prices. */
export class ConnectorMarkets extends ConnectorState {
  readonly #parts: ConnectorParts;

  constructor(parts: ConnectorParts) {
    super(parts);
    this.#parts = parts;
  }

  /** Every market of the venue that this connector can trade. */
  markets(): readonly Market[] {
    return [...this.#parts.market.markets.byPair.values()];
  }

  /** A market of the venue. Throws `NotFoundError` for one that it does not have. */
  market(tradingPair: TradingPair): Market {
    return this.#parts.market.market(tradingPair);
  }

  /** Requirements for an order: steps in the quote unit (price) and in base units (amount). Throws as `market` does. */
  tradingRule(tradingPair: TradingPair): TradingRule {
    return this.market(tradingPair).rule;
  }

  /**
   * Asks the venue for its markets and resolves with the rules of all of them when they are in force: the next order is
   * held against them. Rejects with why they could not be read, and then the known ones stay. The rules are also read
   * again by themselves every half hour, and at once when the venue refuses an order for a rule that it kept here.
   */
  async fetchTradingRules(): Promise<ReadonlyMap<TradingPair, TradingRule>> {
    await this.#parts.market.updateTradingRules(this.#parts.tasks.signal);
    return this.#parts.market.formatTradingRules();
  }

  /** The live book; reading it while it is not equal to the venue's throws `BookInvalidError`. */
  orderBook(tradingPair: TradingPair): OrderBook {
    return this.#parts.market.orderBook(tradingPair);
  }

  /** The venue's book as it stands now, asked for over REST: a copy that nothing keeps up to date. */
  fetchOrderBook(tradingPair: TradingPair): Promise<OrderBook> {
    return this.#parts.market.dataSource.fetchOrderBook(tradingPair, this.#parts.tasks.signal);
  }

  /** The market's rate, mark and index price and next settlement (epoch milliseconds), as last told by the venue. */
  fundingInfo(tradingPair: TradingPair): FundingInfo {
    return this.#parts.market.fundingInfo(tradingPair);
  }

  /** Asks the venue for the price of a market's last trade, in quote units. */
  async fetchLastTradedPrice(tradingPair: TradingPair): Promise<Decimal> {
    return this.#parts.venue.derivative.fetchLastTradedPrice(this.#parts.context(), tradingPair);
  }

  /**
   * The same of many markets, of all that are followed by default, in as few questions as the venue takes. A market that
   * has no price, because it is gone or was never traded, is left out.
   */
  fetchLastTradedPrices(
    tradingPairs: readonly TradingPair[] = this.tradingPairs,
  ): Promise<ReadonlyMap<TradingPair, Decimal>> {
    assertList(tradingPairs, "trading pairs", '["BTC-USDT"]');
    return this.#parts.market.dataSource.fetchLastTradedPrices(tradingPairs, this.#parts.tasks.signal);
  }

  /** The token that pays for a buy order on the market. */
  buyCollateralToken(tradingPair: TradingPair): string {
    return this.tradingRule(tradingPair).buyOrderCollateralToken;
  }

  /** The token that pays for a sell order on the market. */
  sellCollateralToken(tradingPair: TradingPair): string {
    return this.tradingRule(tradingPair).sellOrderCollateralToken;
  }

  /** A price rounded to the nearest tick of the market, half to even. */
  quantizeOrderPrice(tradingPair: TradingPair, price: DecimalInput): Decimal {
    return quantizeOrderPrice(this.tradingRule(tradingPair), decimal(price));
  }

  /** An amount in base units, rounded down to the market's step. */
  quantizeOrderAmount(tradingPair: TradingPair, amount: DecimalInput): Decimal {
    return quantizeOrderAmount(this.tradingRule(tradingPair), decimal(amount));
  }

  /** Follows one more market; it becomes ready with its first snapshot. */
  addTradingPair(tradingPair: TradingPair): void {
    this.#parts.market.addTradingPair(tradingPair);
    this.#parts.trading?.rememberMarkets();
    this.#parts.trading?.sync.requestCatchUp();
  }

  /** Lets a market go; refused while an order of ours is open on it. */
  removeTradingPair(tradingPair: TradingPair): void {
    const open =
      this.#parts.trading?.tracker.activeOrders.filter((order) => order.tradingPair === tradingPair).length ?? 0;
    if (open > 0) {
      throw new ConfigError(`${tradingPair} has ${open} open orders`, { hint: "cancel them before removing the pair" });
    }
    this.#parts.market.removeTradingPair(tradingPair);
    this.#parts.trading?.externalOrders.removeTradingPair(tradingPair);
  }
}
