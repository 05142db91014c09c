import type { TradingPair } from "../../model/market.ts";
import { ALL_CONNECTORS, type Scenario } from "./scenario.ts";
import { BTC, ETH, type Stage } from "./stage.ts";

/** Counts the trades of each pair that are told from now on. */
function countTrades(bot: Awaited<ReturnType<Stage["connect"]>>): Map<TradingPair, number> {
  const counts = new Map<TradingPair, number>();
  bot.on("trade", ({ tradingPair }) => counts.set(tradingPair, (counts.get(tradingPair) ?? 0) + 1));
  return counts;
}

/** One trade of each market a second. */
async function tradeAll(stage: Stage, markets: readonly string[], seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    for (const market of markets) {
      stage.trade("buy", "0.01", undefined, market);
      stage.trade("sell", "0.01", undefined, market);
    }
    await stage.pass(1_000);
  }
}

export const delistedMarket: Scenario = {
  name: "delisted-market",
  issue: "ccxt#25294",
  url: "https://github.com/ccxt/ccxt/issues/25294",
  title: "One market is delisted and the streams of all others cannot be opened again",
  story:
    "In February 2025 Gate delisted a market that a running program followed together with others. When the connection was " +
    "lost and all were asked for again, the venue refused the request because of the one name, and no trades of any market " +
    "came any more.",
  original:
    "The call failed whole. The other markets had been noted as subscribed before it failed, so asking for them without " +
    "the delisted one did nothing.",
  connectors: ALL_CONNECTORS,
  play: async (stage) => {
    const { world } = stage;
    for (const market of [BTC, ETH]) stage.quote(market);
    const gone = `SOL-${world.quote}`;
    const bot = await stage.connect({ tradingPairs: [...world.tradingPairs, gone] });
    world.venue.delist("SOL-USD");
    await stage.pass(5_000);
    world.machines.network.resetConnections("bot");
    await stage.pass(20_000);
    const trades = countTrades(bot);
    await tradeAll(stage, [BTC, ETH], 5);
    stage.equal("trades of BTC told after the reconnect", trades.get(stage.pair) ?? 0, 10);
    stage.equal("trades of ETH told after the reconnect", trades.get(stage.otherPair) ?? 0, 10);
    const books = stage.bookDifferences(bot, BTC) + stage.bookDifferences(bot, ETH);
    stage.equal("levels of both books that differ", books, 0);
    const order = await stage.place(bot, "buy", "0.01", "19990");
    stage.equal("a new order on BTC", order.state, "open");
    stage.equal("private news is caught up", bot.status().ordersCaughtUp ?? false, true);
  },
};

export const poisonedBatch: Scenario = {
  name: "poisoned-batch",
  issue: "ccxt#30284",
  url: "https://github.com/ccxt/ccxt/issues/30284",
  title: "A market is added to those that are followed, and hears nothing",
  story:
    "Bybit refuses a whole subscription if one topic in it is subscribed already. In September 2026 a user told " +
    "that a program watched trades of one symbol and then of two: the second symbol never had any. It was told of " +
    "Go; a maintainer found the same in JavaScript, and that it lasts. Version 4.5.84 has it mended.",
  original:
    "Each call named all symbols, those that were subscribed included. The refusal was not looked at, and the new symbol " +
    "counted as subscribed.",
  connectors: ALL_CONNECTORS,
  play: async (stage) => {
    for (const market of [BTC, ETH]) stage.quote(market);
    const bot = await stage.connect({ tradingPairs: [stage.pair] });
    const trades = countTrades(bot);
    await tradeAll(stage, [BTC], 2);
    const before = trades.get(stage.pair) ?? 0;
    bot.addTradingPair(stage.otherPair);
    await stage.pass(5_000);
    await tradeAll(stage, [BTC, ETH], 5);
    stage.equal("trades of BTC told before", before, 4);
    stage.equal("trades of BTC told after", (trades.get(stage.pair) ?? 0) - before, 10);
    stage.equal("trades of ETH told after it was added", trades.get(stage.otherPair) ?? 0, 10);
    stage.equal("levels of ETH's book that differ", stage.bookDifferences(bot, ETH), 0);
  },
};

const DEEP = 1_100;
const SIZE = "0.01";
const HIGHEST_SMALL = 19_990;
/** The snapshot has the quote and 999 small bids below it. */
const LOWEST_TOLD = HIGHEST_SMALL - 998;

export const narrowSnapshot: Scenario = {
  name: "narrow-snapshot",
  issue: "cryptofeed#604",
  url: "https://github.com/bmoscon/cryptofeed/issues/604",
  title: "The price leaves the levels that the snapshot had",
  story:
    "Binance gives a snapshot of a limited depth and then only what changes. In August 2021 a user placed orders of his own far " +
    "away, waited until the price came near, and did not find them in the local book: they were outside of the snapshot and " +
    "had never changed since.",
  original: "The book knew nothing of a border: what it had not been told was taken for empty.",
  connectors: ["binance_perpetual"],
  play: async (stage) => {
    stage.quote(BTC, 1);
    for (let rank = 0; rank < DEEP; rank += 1) stage.trade("buy", SIZE, String(HIGHEST_SMALL - rank));
    const bot = await stage.connect();
    const book = bot.orderBook(stage.pair);
    stage.equal("bids told by the snapshot", book.bidCount, 1_000);
    let wrongLooks = 0;
    let unreadableLooks = 0;
    for (let step = 1; step <= 10; step += 1) {
      stage.trade("sell", "14", String(HIGHEST_SMALL - step * 108));
      for (let look = 0; look < 10; look += 1) {
        await stage.pass(50);
        if (!book.isValid) unreadableLooks += 1;
        else if (look > 3 && stage.bookDifferences(bot) > 0) wrongLooks += 1;
      }
    }
    stage.equal("looks at a readable book that lacked a level of the best 20", wrongLooks, 0);
    stage.atMost("looks of 100 at which it could not be read", unreadableLooks, 20);
    await stage.until(() => stage.bookDifferences(bot) === 0, 10_000);
    const outside = book.bids(20).filter(({ price }) => price.lt(LOWEST_TOLD)).length;
    stage.equal("best bids at the end that the first snapshot did not have", outside, book.bids(20).length);
    stage.equal("levels that differ at the end", stage.bookDifferences(bot), 0);
  },
};
