import type { SeededRandom } from "../../runtime/simulated-random.ts";
import type { InFlightOrder } from "../../trading/in-flight-order.ts";
import type { BotProcess } from "../bot-process.ts";
import { StrategyMarket } from "./strategy.ts";

/** Orders that are sent in one turn, more than some venues take in a second. */
const BURST = 12;

/** A careless market maker: it amends without waiting, cancels what it has just amended, and sends batches. */
export function quote(bot: BotProcess, kind: string, random: SeededRandom): void {
  const market = StrategyMarket.draw(bot, random);
  if (market === undefined) return;
  const order = market.anyOrder();
  switch (kind) {
    case "quote":
      place(market, random);
      return;
    case "burst":
      for (let sent = 0; sent < BURST; sent += 1) placeAt(market, random, 20 + random.integer(20));
      return;
    case "batch":
      placeBatch(bot, market, random);
      return;
    case "cancel":
      if (order !== undefined) bot.attempt("a cancel", (connector) => connector.cancel(order.clientOrderId));
      return;
    case "cancelBatch": {
      const ids = market.openOrders.slice(0, 4).map(({ clientOrderId }) => clientOrderId);
      bot.attempt("a batch of cancels", (connector) => connector.batchOrderCancel(ids));
      return;
    }
    default: {
      if (order === undefined) return;
      amend(bot, market, order, random);
      if (kind === "amendAgain") amend(bot, market, order, random);
      if (kind === "cancelAmended") bot.attempt("a cancel", (connector) => connector.cancel(order.clientOrderId));
    }
  }
}

function place(market: StrategyMarket, random: SeededRandom): void {
  if (!market.isFull) placeAt(market, random, random.integer(8) - 1);
}

function placeAt(market: StrategyMarket, random: SeededRandom, ticks: number): void {
  const side = market.side();
  const price = market.price(side, ticks);
  if (price === undefined) return;
  const type = random.integer(3) === 0 ? ("limit" as const) : ("limitMaker" as const);
  market.send(side, { ...market.intent(side, market.amount()), price, type });
}

function placeBatch(bot: BotProcess, market: StrategyMarket, random: SeededRandom): void {
  if (market.isFull) return;
  const side = market.side();
  const { tradingPair } = market;
  const type = random.integer(2) === 0 ? ("limit" as const) : ("limitMaker" as const);
  // The first may be before the best price of its side: a venue may refuse one order of a batch alone.
  const orders = [-4, 2, 3].flatMap((ticks) => {
    const price = market.price(side, ticks + random.integer(5));
    return price === undefined ? [] : [{ tradingPair, side, price, type, ...market.intent(side, market.amount()) }];
  });
  const results = bot.attempt("a batch of orders", (connector) => connector.batchOrderCreate(orders)) ?? [];
  bot.add(results, orders);
}

function amend(bot: BotProcess, market: StrategyMarket, order: InFlightOrder, random: SeededRandom): void {
  const price = market.price(order.side, random.integer(8) - 1);
  const amount = market.amount();
  const roll = random.integer(6);
  const change = roll < 3 ? { price } : roll < 5 ? { price, amount } : { amount };
  bot.amend(order, change);
}
