import { Decimal } from "../../../../src/model/decimal.ts";
import { compareWithSnapshot } from "./book-comparison.ts";
import { check } from "./checks.ts";
import type { ConformanceRow } from "./row.ts";

const readsMarkets: ConformanceRow = {
  id: "markets.rules",
  group: "market data",
  name: "every market has trading rules that can be kept, and quantising keeps them",
  does: "reads all markets and checks tick, step and smallest order of each",
  changesAccount: false,
  async run({ connector, tradingPair, rule }) {
    const markets = connector.markets();
    for (const market of markets) {
      const { minPriceIncrement: tick, minBaseAmountIncrement: step, minOrderSize } = market.rule;
      const isSound = tick.gt(0) && step.gt(0) && minOrderSize.gt(0);
      check(
        isSound,
        `${market.tradingPair}: tick ${tick.toFixed()}, step ${step.toFixed()}, least ${minOrderSize.toFixed()}`,
      );
    }
    const names = new Set(markets.map((market) => market.symbol));
    check(names.size === markets.length, "two markets have the same symbol");
    const { minPriceIncrement: tick, minBaseAmountIncrement: step } = rule;
    const [offTick, offStep] = [tick.times("12345.4"), step.times("7.9")];
    const price = connector.quantizeOrderPrice(tradingPair, offTick);
    const amount = connector.quantizeOrderAmount(tradingPair, offStep);
    check(price.mod(tick).isZero(), `${offTick.toFixed()} became the price ${price.toFixed()}, tick ${tick.toFixed()}`);
    check(amount.eq(step.times(7)), `${offStep.toFixed()} became the amount ${amount.toFixed()}, not rounded down`);
    return `${markets.length} markets; ${tradingPair}: tick ${tick.toFixed()}, step ${step.toFixed()}`;
  },
};

const COMPARISONS = 3;

const readsBook: ConformanceRow = {
  id: "markets.book",
  group: "market data",
  name: "the live book equals fresh REST snapshots, and goes on doing so",
  does: "fetches snapshots while the book changes; three must be states that the live book had, level by level",
  changesAccount: false,
  async run(context) {
    const reasons: string[] = [];
    const forget = context.connector.on("bookInvalid", ({ reason }) => reasons.push(reason));
    try {
      const evidence = await compareWithSnapshot(context, COMPARISONS);
      // A book that is fetched anew all the time equals every snapshot. A real line may break once.
      const isSteady = reasons.length <= (context.kind === "paper" ? 0 : 1);
      check(isSteady, `the book broke ${reasons.length} times meanwhile: ${reasons.join(", ")}`);
      return evidence;
    } finally {
      forget();
    }
  },
};

const MAX_FROM_MID = new Decimal("0.01");

const readsTicker: ConformanceRow = {
  id: "markets.ticker",
  group: "market data",
  name: "the last traded price fits the book, and trades arrive",
  does: "asks for the last traded price and waits for a public trade",
  changesAccount: false,
  async run(context) {
    const { connector, tradingPair } = context;
    const price = await connector.fetchLastTradedPrice(tradingPair);
    const { bid, ask } = await context.touch();
    const mid = bid.plus(ask).div(2);
    const distance = price.minus(mid).abs().div(mid);
    check(
      distance.lte(MAX_FROM_MID),
      `the last price is ${price.toFixed()}, ${distance.times(100).toFixed(2)} % from the middle of the book, ${mid.toFixed()}`,
    );
    const { indexPrice, markPrice } = connector.fundingInfo(tradingPair);
    const book = connector.orderBook(tradingPair);
    const isTraded = await context.comesTrue(() => book.lastTrade !== undefined);
    // A market on which nobody trades proves nothing; on a paper venue somebody does.
    check(isTraded || context.kind !== "paper", "no public trade arrived");
    const trade = isTraded ? `a trade at ${book.lastTradePrice?.toFixed()}` : "no trade in the meantime";
    return `last ${price.toFixed()}, book ${bid.toFixed()} / ${ask.toFixed()}, mark ${markPrice.toFixed()}, index ${indexPrice.toFixed()}, ${trade}`;
  },
};

/** Time for messages that were on their way when the market was let go. */
const IN_FLIGHT_MS = 500;
const SILENCE_MS = 1_000;

const unsubscribes: ConformanceRow = {
  id: "markets.unsubscribe",
  group: "market data",
  name: "a market that is let go falls silent and can be followed again",
  does: "unsubscribes the market, listens for a second, subscribes it again and compares the book",
  changesAccount: false,
  async run(context) {
    const { connector, tradingPair } = context;
    const messages = () => {
      const { orderBookDiff = 0, orderBookSnapshot = 0, trade = 0 } = connector.metrics().messages;
      return orderBookDiff + orderBookSnapshot + trade;
    };
    const before = messages();
    connector.removeTradingPair(tradingPair);
    try {
      check(!connector.tradingPairs.includes(tradingPair), "the market is still listed as followed");
      await context.sleep(IN_FLIGHT_MS);
      const silentFrom = messages();
      await context.sleep(SILENCE_MS);
      const more = messages() - silentFrom;
      check(more === 0, `${more} messages about the market came after it was unsubscribed`);
    } finally {
      connector.addTradingPair(tradingPair);
    }
    const evidence = await compareWithSnapshot(context);
    // A snapshot over REST may show the book before the first message of the stream.
    await context.until(() => messages() > before, "no message came after it was subscribed again");
    return `silent for ${SILENCE_MS} ms, then followed again: ${evidence}`;
  },
};

export const MARKET_ROWS: readonly ConformanceRow[] = [readsMarkets, readsBook, readsTicker, unsubscribes];
