import type { OrderOptions } from "../../../../src/connector/order-request.ts";
import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import { Decimal, ZERO } from "../../../../src/model/decimal.ts";
import { PerpwireError } from "../../../../src/model/error.ts";
import type { TradingRule } from "../../../../src/model/market.ts";
import type { OrderSide } from "../../../../src/model/order.ts";
import type { Random, Runtime } from "../../../../src/runtime/runtime.ts";
import type { ToldLedger } from "../../../../src/simulation/ledger.ts";
import type { InFlightOrder } from "../../../../src/trading/in-flight-order.ts";

/** Sizes in base units. */
export interface DemoMarket {
  readonly tradingPair: string;
  /** The most of one quote; the least is a quarter of it. */
  readonly quoteAmount: Decimal;
  /** A position, or leg, beyond this is only reduced. */
  readonly maxPosition: Decimal;
}

/** Markets that the demo trades, with the asset that their prices are in. */
export function demoMarkets(quote: string): readonly DemoMarket[] {
  return [
    { tradingPair: `BTC-${quote}`, quoteAmount: new Decimal("0.08"), maxPosition: new Decimal("0.5") },
    { tradingPair: `ETH-${quote}`, quoteAmount: new Decimal("1"), maxPosition: new Decimal("6") },
  ];
}

export interface QuoterOptions {
  readonly connector: PerpetualConnector;
  readonly ledger: ToldLedger;
  readonly market: DemoMarket;
  readonly random: Random;
  readonly clock: Runtime["clock"];
  /** Amends its quotes again and again without waiting for an answer, and cancels at random. */
  readonly isRestless: boolean;
}

/** The longest distance of a new quote from the best price of its side, in ticks. */
const MAX_DISTANCE_TICKS = 3;
/** A quote is moved when the best price has left it further behind than this, in ticks. */
const TOLERANCE_TICKS = 5;
const MEAN_TAKE_MS = 2_500;
const STALE_QUOTE_MS = 8_000;

/**
 * Quotes both sides of one market with post-only orders near the best prices, moves them as the market moves, and takes
 * now and then. It is a show, not a way to earn money: everything it does is there to make orders, fills and funding.
 */
export class Quoter {
  readonly #options: QuoterOptions;
  readonly #quotes = new Map<OrderSide, InFlightOrder>();
  #takeDueMs: number;

  constructor(options: QuoterOptions) {
    this.#options = options;
    this.#takeDueMs = options.clock.monotonic() + this.#waitToTake();
  }

  /** One look at the market; sends what it leads to and waits for nothing. */
  step(): void {
    const { connector, market } = this.#options;
    const book = connector.orderBook(market.tradingPair);
    if (!book.isValid) return;
    const [bid, ask] = [book.bestBid?.price, book.bestAsk?.price];
    if (bid === undefined || ask === undefined) return;
    this.#quote("buy", bid, connector.tradingRule(market.tradingPair));
    this.#quote("sell", ask, connector.tradingRule(market.tradingPair));
    this.#takeWhenDue(bid, ask);
  }

  #quote(side: OrderSide, best: Decimal, rule: TradingRule): void {
    const { connector, clock } = this.#options;
    const quote = this.#quotes.get(side);
    if (quote === undefined || quote.isDone || quote.state === "lost") {
      if (this.#mayAdd(side)) this.#placeQuote(side, best, rule);
      return;
    }
    if (this.#options.isRestless) this.#disturb(quote, best, rule);
    if (quote.state !== "open" && quote.state !== "partiallyFilled") return;
    const behind = best.minus(quote.price ?? best).times(side === "buy" ? 1 : -1);
    const isStale = clock.now() - quote.createdAtMs > STALE_QUOTE_MS;
    if (!this.#mayAdd(side) || isStale || behind.gt(rule.minPriceIncrement.times(TOLERANCE_TICKS))) {
      void connector.cancel(quote.clientOrderId);
    }
  }

  #placeQuote(side: OrderSide, best: Decimal, rule: TradingRule): void {
    const { market, random } = this.#options;
    const ticks = random.integer(MAX_DISTANCE_TICKS + 1);
    const distance = rule.minPriceIncrement.times(side === "buy" ? -ticks : ticks);
    const quarters = 1 + random.integer(4);
    const order = this.#send(side, {
      ...this.#intent(side, this.#lots(market.quoteAmount.times(quarters).div(4), rule)),
      price: best.plus(distance),
      type: "limitMaker",
    });
    if (order !== undefined) this.#quotes.set(side, order);
  }

  /** Acts as a careless bot: amends on top of amends, whatever the order's state, and a cancel now and then. */
  #disturb(quote: InFlightOrder, best: Decimal, rule: TradingRule): void {
    const { connector, market, random, ledger } = this.#options;
    const roll = random.integer(10);
    if (roll === 9) void connector.cancel(quote.clientOrderId);
    if (roll > 5) return;
    const ticks = random.integer(MAX_DISTANCE_TICKS + 1);
    const price = best.plus(rule.minPriceIncrement.times(quote.side === "buy" ? -ticks : ticks));
    const amount = this.#lots(market.quoteAmount.times(1 + random.integer(4)).div(4), rule);
    const change = roll < 3 ? { price } : roll < 5 ? { price, amount } : { amount };
    ledger.counters.amendsAsked += 1;
    connector.amend(quote.clientOrderId, change).catch((error: unknown) => {
      if (!(error instanceof PerpwireError)) throw error;
      ledger.counters.amendsFailed += 1;
    });
  }

  /** Every other one is a market order, the others are limit orders that are filled at once or not at all. */
  #takeWhenDue(bid: Decimal, ask: Decimal): void {
    const { connector, market, random, clock } = this.#options;
    if (clock.monotonic() < this.#takeDueMs) return;
    this.#takeDueMs = clock.monotonic() + this.#waitToTake();
    const wanted: OrderSide = random.integer(2) === 0 ? "buy" : "sell";
    const side = this.#mayAdd(wanted) ? wanted : opposite(wanted);
    const rule = connector.tradingRule(market.tradingPair);
    const amount = this.#lots(market.quoteAmount.times(1 + random.integer(6)).div(2), rule);
    const intent = this.#intent(side, amount);
    if (random.integer(2) === 0) this.#send(side, { ...intent, type: "market" });
    else this.#send(side, { ...intent, price: side === "buy" ? ask : bid, timeInForce: "IOC" });
  }

  #send(side: OrderSide, options: OrderOptions): InFlightOrder | undefined {
    const { connector, ledger, market } = this.#options;
    try {
      const { tradingPair } = market;
      const order = side === "buy" ? connector.buy(tradingPair, options) : connector.sell(tradingPair, options);
      ledger.add(order);
      return order;
    } catch (error) {
      if (!(error instanceof PerpwireError)) throw error;
      ledger.counters.ordersRefusedLocally += 1;
      return undefined;
    }
  }

  /**
   * Chooses the intent of an order. In hedge mode every other order reduces the leg that its side closes, as far as it
   * can.
   */
  #intent(side: OrderSide, amount: Decimal): Pick<OrderOptions, "amount" | "position"> {
    const { connector, market, random } = this.#options;
    if (connector.positionMode === "oneWay") return { amount, position: "open" };
    const leg = connector.position(market.tradingPair, side === "buy" ? "short" : "long")?.amount.abs() ?? ZERO;
    if (leg.isZero() || random.integer(2) === 0) return { amount, position: "open" };
    return { amount: Decimal.min(leg, amount), position: "close" };
  }

  #mayAdd(side: OrderSide): boolean {
    const { connector, market } = this.#options;
    if (connector.positionMode === "hedge") {
      const leg = connector.position(market.tradingPair, side === "buy" ? "long" : "short")?.amount.abs() ?? ZERO;
      return leg.lt(market.maxPosition);
    }
    const held = connector.position(market.tradingPair)?.amount ?? ZERO;
    return side === "buy" ? held.lt(market.maxPosition) : held.gt(market.maxPosition.neg());
  }

  #lots(amount: Decimal, rule: TradingRule): Decimal {
    return this.#options.connector.quantizeOrderAmount(rule.tradingPair, amount);
  }

  #waitToTake(): number {
    return MEAN_TAKE_MS * (0.4 + 1.2 * this.#options.random.float());
  }
}

function opposite(side: OrderSide): OrderSide {
  return side === "buy" ? "sell" : "buy";
}
