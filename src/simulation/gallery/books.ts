import { BookWatch } from "../book-watch.ts";
import type { BoxConnector } from "../box-protocols.ts";
import { Findings } from "../findings.ts";
import { ALL_CONNECTORS, DIFF_CONNECTORS, type Scenario } from "./scenario.ts";
import { BTC, type Stage } from "./stage.ts";

/** Pattern of a frame with a changed book. */
const BOOK_FRAME: Readonly<Record<BoxConnector, RegExp>> = {
  ftx_perpetual:
    /"channel":\s*"orderbook".*"action":\s*"update"|"type":\s*"update".*"channel":\s*"orderbook"|orderbook.*"update"/,
  bybit_perpetual: /"topic":\s*"orderbook\.\d+\.BTC.*"type":\s*"delta"|"type":\s*"delta".*orderbook/,
  binance_perpetual: /"depthUpdate".*BTCUSDT|BTCUSDT.*"depthUpdate"/,
  okx_perpetual: /"channel":\s*"books.*BTC-USDT-SWAP.*"action":\s*"update"|"action":\s*"update".*"channel":\s*"books/,
  gate_io_perpetual: /"channel":\s*"futures\.order_book_update".*BTC_USDT/,
  hyperliquid_perpetual: /"channel":\s*"l2Book".*"coin":\s*"BTC"|"coin":\s*"BTC".*"l2Book"/,
};

/** Channel of the book, as `deadChannel` names it. */
const BOOK_CHANNEL: Readonly<Record<BoxConnector, string>> = {
  ftx_perpetual: "orderbook",
  bybit_perpetual: "orderbook",
  binance_perpetual: "depth",
  okx_perpetual: "books",
  gate_io_perpetual: "order_book_update",
  hyperliquid_perpetual: "l2Book",
};

/** Time that a book may be silent before it is asked for anew, milliseconds. */
const SILENCE_MS: Readonly<Record<BoxConnector, number>> = {
  ftx_perpetual: 30_000,
  bybit_perpetual: 30_000,
  binance_perpetual: 60_000,
  okx_perpetual: 75_000,
  gate_io_perpetual: 30_000,
  hyperliquid_perpetual: 20_000,
};

/** A level of BTC's book comes and goes; `round` says which. */
function change(stage: Stage, round: number): void {
  const price = 19_990 - (round % 7);
  stage.trade("buy", `0.${1 + (round % 9)}`, String(price));
}

/** Looks at the books ten times a second while they change. */
async function watch(stage: Stage, seconds: number, look: () => void, from = 0): Promise<void> {
  for (let round = from; round < from + seconds * 10; round += 1) {
    change(stage, round);
    await stage.pass(100);
    look();
  }
}

export const lostDiff: Scenario = {
  name: "lost-diff",
  issue: "hummingbot PR #8291",
  url: "https://github.com/hummingbot/hummingbot/pull/8291",
  title: "A book update is lost and those after it are applied",
  story:
    "An audit of the Binance connector in June 2026 found that updates of the order book were applied without a look at the " +
    "ids that chain them. One lost message left the local book wrong until the hourly snapshot replaced it.",
  original: "Nothing was noticed until the snapshot came.",
  limits:
    "Hyperliquid sends whole books: a lost one is made up for by the next, half a second later, and breaks nothing.",
  connectors: DIFF_CONNECTORS,
  play: async (stage) => {
    stage.quote();
    const bot = await stage.connect();
    const findings = new Findings(() => stage.world.elapsedMs());
    const books = new BookWatch(stage.world, findings);
    const look = () => books.check("bot", bot);
    const healed: number[] = [];
    bot.on("bookHealed", ({ healMs }) => healed.push(healMs));
    await watch(stage, 2, look);
    const lost = stage.loseFrames(1, (text) => BOOK_FRAME[stage.world.connectorName].test(text));
    await watch(stage, 10, look, 20);
    stage.equal("updates lost", lost(), 1);
    stage.equal("times that the book was called invalid", stage.ledgers[0]?.counters.booksInvalid ?? 0, 1);
    stage.equal("looks at a readable book that the venue never had", findings.all.length, 0);
    stage.atMost("ms until it was whole again", healed[0] ?? Number.POSITIVE_INFINITY, 5_000);
    await stage.until(() => stage.bookDifferences(bot) === 0, 1_000);
    stage.equal("levels that differ at the end", stage.bookDifferences(bot), 0);
  },
};

export const ghostLevels: Scenario = {
  name: "ghost-levels",
  issue: "ccxt#29210",
  url: "https://github.com/ccxt/ccxt/issues/29210",
  title: "The snapshot after a reconnect is merged into the book from before it",
  story:
    "A user who watched Gemini's book over a weekend in July 2026, with ordinary reconnects and a price that moved by two " +
    "percent, found levels in it that had long been gone at the venue.",
  original:
    "The book object outlived the connection, and the new connection's snapshot was applied to it as if it were changes: what " +
    "the snapshot did not name stayed for good.",
  connectors: ALL_CONNECTORS,
  play: async (stage) => {
    const { network } = stage.world.machines;
    stage.quote(BTC, 10);
    const bot = await stage.connect();
    await stage.until(() => stage.bookDifferences(bot) === 0, 5_000);
    network.faults = { onConnect: () => "refuse" };
    network.resetConnections("bot");
    stage.world.venue.trader.cancelAll(BTC);
    for (let level = 1; level <= 10; level += 1) {
      stage.trade("buy", "1", String(19_800 - level));
      stage.trade("sell", "1", String(19_800 + level));
    }
    await stage.pass(3_000);
    stage.equal("book readable while it is disconnected", bot.orderBook(stage.pair).isValid, false);
    network.faults = {};
    await stage.until(() => bot.orderBook(stage.pair).isValid, 60_000);
    const book = bot.orderBook(stage.pair);
    const ghosts = [...book.bids(50), ...book.asks(50)].filter(({ price }) => price.gt(19_900)).length;
    stage.equal("levels from before the disconnect", ghosts, 0);
    stage.equal("levels that differ from the venue's", stage.bookDifferences(bot), 0);
    stage.equal("best bid below best ask", book.bestBid?.price.lt(book.bestAsk?.price ?? 0) ?? false, true);
  },
};

export const deadChannel: Scenario = {
  name: "dead-channel",
  issue: "nautilus_trader#4298",
  url: "https://github.com/nautechsystems/nautilus_trader/issues/4298",
  title: "The book's channel falls silent on a socket that lives",
  story:
    "In June 2026 a client of Hyperliquid stayed connected and in the state of running while its book stood still for seconds, " +
    "or came seconds late. Another venue's data went on meanwhile, and nothing was told: no error, no reconnect.",
  original: "The connection was alive, so the book was taken for current.",
  limits:
    "A market in which nobody quotes says nothing either. Silence is checked by asking for the book anew after 30 s (FTX, " +
    "Bybit), 60 s (Binance) and 75 s (OKX, which repeats itself): until then the old book can be read.",
  connectors: ALL_CONNECTORS,
  play: async (stage) => {
    const { venue } = stage.world;
    stage.quote();
    const bot = await stage.connect();
    await watch(stage, 5, () => undefined);
    venue.faults.set({ deadChannel: { channel: BOOK_CHANNEL[stage.world.connectorName] } });
    const mostMs = SILENCE_MS[stage.world.connectorName] * 1.25;
    let staleMs = 0;
    let wrongSinceMs: number | undefined;
    const look = () => {
      const nowMs = stage.world.elapsedMs();
      const isWrong = bot.orderBook(stage.pair).isValid && stage.bookDifferences(bot) > 0;
      wrongSinceMs = isWrong ? (wrongSinceMs ?? nowMs) : undefined;
      staleMs = Math.max(staleMs, nowMs - (wrongSinceMs ?? nowMs));
    };
    await watch(stage, mostMs / 1_000 + 10, look, 50);
    stage.atLeast("ms for which the book was stale", staleMs, 1_000);
    stage.atMost("ms for which a stale book could be read", staleMs, mostMs);
    await stage.until(() => stage.bookDifferences(bot) === 0, 1_000);
    stage.equal("levels that differ at the end", stage.bookDifferences(bot), 0);
  },
};
