import type { SeededRandom } from "../../runtime/simulated-random.ts";
import type { BotProcess } from "../bot-process.ts";
import { StrategyMarket } from "./strategy.ts";

/** Takes from the book: market orders, limit orders that trade at once or not at all, and orders that only reduce. */
export function take(bot: BotProcess, kind: string, random: SeededRandom): void {
  const market = StrategyMarket.draw(bot, random);
  if (market === undefined) return;
  if (kind === "reduce" || kind === "closeAll") {
    reduce(bot, market, kind === "closeAll");
    return;
  }
  const side = market.side();
  const intent = market.intent(side, market.amount());
  if (kind === "market") {
    market.send(side, { ...intent, type: "market" });
    return;
  }
  const price = market.price(side, -(1 + random.integer(6)));
  const timeInForce = random.integer(4) === 0 ? "FOK" : "IOC";
  if (price !== undefined) market.send(side, { ...intent, price, timeInForce });
}

function reduce(bot: BotProcess, market: StrategyMarket, isWhole: boolean): void {
  const positions = bot.connector?.positions() ?? [];
  for (const { tradingPair, amount, marginMode } of positions) {
    if (tradingPair !== market.tradingPair) continue;
    const least = market.amount();
    const size = isWhole || amount.abs().lt(least) ? amount.abs() : least;
    market.send(amount.isNegative() ? "buy" : "sell", {
      amount: size,
      type: "market",
      position: "close",
      ...(bot.connector?.manifest.name === "okx_perpetual" ? { marginMode } : {}),
    });
    if (!isWhole) return;
  }
}
