import type { OrderOptions } from "../../connector/order-request.ts";
import type { PerpetualConnector } from "../../connector/perpetual-connector.ts";
import { Decimal, ZERO } from "../../model/decimal.ts";
import type { OrderSide } from "../../model/order.ts";
import type { SeededRandom } from "../../runtime/simulated-random.ts";
import type { InFlightOrder } from "../../trading/in-flight-order.ts";
import { priceQuantum } from "../../trading/quantize.ts";
import type { BotProcess } from "../bot-process.ts";

/** Sizes by base asset: the smallest that is traded, and the position beyond which only the other side is opened. */
const SIZES: Readonly<Record<string, readonly [least: string, mostHeld: string]>> = {
  BTC: ["0.01", "1"],
  ETH: ["0.1", "10"],
};
const MAX_OPEN = 10;

/** View of a market that both strategies share, with their way of sending orders. */
export class StrategyMarket {
  readonly tradingPair: string;
  readonly #bot: BotProcess;
  readonly #connector: PerpetualConnector;
  readonly #random: SeededRandom;
  readonly #least: Decimal;
  readonly #mostHeld: Decimal;

  private constructor(bot: BotProcess, connector: PerpetualConnector, random: SeededRandom, tradingPair: string) {
    const [least, mostHeld] = SIZES[tradingPair.split("-")[0] ?? ""] ?? ["1", "100"];
    this.#bot = bot;
    this.#connector = connector;
    this.#random = random;
    this.tradingPair = tradingPair;
    this.#least = new Decimal(least);
    this.#mostHeld = new Decimal(mostHeld);
  }

  /** A market of the bot's, drawn at random; undefined while the bot is down. */
  static draw(bot: BotProcess, random: SeededRandom): StrategyMarket | undefined {
    const { connector } = bot;
    const pair = connector?.tradingPairs[random.integer(connector.tradingPairs.length)];
    return connector === undefined || pair === undefined ? undefined : new StrategyMarket(bot, connector, random, pair);
  }

  get openOrders(): readonly InFlightOrder[] {
    return [...this.#connector.inFlightOrders.values()].filter(({ tradingPair }) => tradingPair === this.tradingPair);
  }

  /** One of the orders in flight, in whatever state it is. */
  anyOrder(): InFlightOrder | undefined {
    const open = this.openOrders;
    return open[this.#random.integer(Math.max(1, open.length))];
  }

  get isFull(): boolean {
    return this.openOrders.length >= MAX_OPEN;
  }

  amount(): Decimal {
    return this.#least.times(1 + this.#random.integer(12));
  }

  /** The side that may be opened: as drawn, or the other one when enough is held. */
  side(): OrderSide {
    const drawn: OrderSide = this.#random.integer(2) === 0 ? "buy" : "sell";
    const held = this.#held();
    if (held.gt(this.#mostHeld)) return "sell";
    if (held.lt(this.#mostHeld.neg())) return "buy";
    return drawn;
  }

  #held(): Decimal {
    let held: Decimal = ZERO;
    for (const position of this.#connector.positions())
      if (position.tradingPair === this.tradingPair) held = held.plus(position.amount);
    return held;
  }

  /**
   * Price that lies `ticks` behind the best price of the side, or before it where negative; undefined without a valid
   * book.
   */
  price(side: OrderSide, ticks: number): Decimal | undefined {
    const book = this.#connector.orderBook(this.tradingPair);
    if (!book.isValid) return undefined;
    const best = (side === "buy" ? book.bestBid : book.bestAsk)?.price;
    if (best === undefined) return undefined;
    const tick = priceQuantum(this.#connector.tradingRule(this.tradingPair), best);
    return best.plus(tick.times(side === "buy" ? -ticks : ticks));
  }

  /** Chooses the intent of an order. In hedge mode a part of the orders reduces the leg of the other side. */
  intent(side: OrderSide, amount: Decimal): Pick<OrderOptions, "amount" | "position"> {
    if (this.#connector.positionModeOf(this.tradingPair) === "oneWay") return { amount, position: "open" };
    const leg = this.#connector.position(this.tradingPair, side === "buy" ? "short" : "long")?.amount.abs() ?? ZERO;
    if (leg.lt(this.#least) || this.#random.integer(2) === 0) return { amount, position: "open" };
    return { amount: Decimal.min(leg, amount), position: "close" };
  }

  send(side: OrderSide, options: OrderOptions): void {
    const place = (connector: PerpetualConnector) =>
      side === "buy" ? connector.buy(this.tradingPair, options) : connector.sell(this.tradingPair, options);
    this.#bot.add([this.#bot.attempt("an order", place)], [{ ...options, side }]);
  }
}
