import { describe, expect, test } from "vitest";
import { createConnector } from "../../src/connect.ts";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import { NotFoundError } from "../../src/model/error.ts";
import { createPaperVenue, type PaperVenue } from "../../src/paper/index.ts";
import { PAPER_MARKETS } from "../../src/paper/market/markets.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { RecordingLogger } from "../../src/testing/kit/recording.ts";

const ACCOUNT = { apiKey: "k".repeat(20), apiSecret: "s".repeat(32), passphrase: "Pass-1" };
const MARKETS = PAPER_MARKETS.map((market) => ({ ...market, lot: market.minMakerSize, minSize: market.minMakerSize }));
const WITHOUT_SOL = MARKETS.filter(({ base }) => base !== "SOL");
const VENUES = [
  ["ftx", "USD"],
  ["bybit", "USDT"],
  ["binance", "USDT"],
  ["okx", "USDT"],
] as const;

async function stageOf(api: (typeof VENUES)[number][0], quote: string) {
  const world = new SimulatedWorld({ seed: 7 });
  const logger = new RecordingLogger();
  const [btc, eth, sol] = ["BTC", "ETH", "SOL"].map((base) => `${base}-${quote}`) as [string, string, string];
  let venue: PaperVenue | undefined;
  const openVenue = async (markets: typeof MARKETS) => {
    const options = {
      api,
      seed: 7,
      host: "venue",
      port: 4000,
      accounts: [ACCOUNT],
      rateLimits: "off",
      markets,
    } as const;
    venue = await world.run(createPaperVenue(options, world.runtime("venue")));
    return venue;
  };
  const connector = async (
    tradingPairs: readonly string[],
    journalPath = "journal.db",
    timings: { tradingRulesPollIntervalMs?: number } = {},
  ): Promise<PerpetualConnector> => {
    const urls = { restUrl: venue?.rest, webSocketUrl: venue?.ws };
    const runtime = world.runtime("bot");
    const options = { runtime, tradingPairs, credentials: ACCOUNT, logger, journalPath, timings, ...urls };
    return world.run(createConnector(`${api}_perpetual`, options));
  };
  const until = async (what: string, isSo: () => boolean, limitMs = 60_000) => {
    for (let waitedMs = 0; !isSo(); waitedMs += 50) {
      if (waitedMs > limitMs) throw new Error(`not within ${limitMs} ms: ${what}\n${logger.text.slice(-3_000)}`);
      await world.advance(50);
    }
  };
  const replaceVenue = async (markets: typeof MARKETS) => {
    if (venue !== undefined) await world.run(venue.stop());
    await world.advance(2_000);
    return openVenue(markets);
  };
  return { world, openVenue, replaceVenue, connector, until, btc, eth, sol };
}

describe.each(VENUES)("a market that is gone at %s", (api, quote) => {
  test("holds up neither the catch-up nor the fills of the others", async () => {
    const { world, openVenue, replaceVenue, connector, until, btc, eth, sol } = await stageOf(api, quote);
    await openVenue(MARKETS);
    const ours = await connector([btc, eth, sol]);
    const unavailable: string[] = [];
    ours.on("marketUnavailable", ({ tradingPair }) => unavailable.push(tradingPair));
    await world.run(ours.start());
    await world.run(ours.waitUntilReady());
    const venue = await replaceVenue(WITHOUT_SOL);
    await until("the catch-up is whole", () => ours.status().ordersCaughtUp === true, 120_000);
    await until("the book of BTC is valid", () => ours.orderBook(btc).isValid);
    const order = ours.buy(btc, { amount: "0.01", type: "market", position: "open" });
    await until("the order is filled", () => order.state === "filled");
    await world.run(ours.refresh());
    expect(ours.status().ordersCaughtUp).toBe(true);
    expect(unavailable.filter((pair) => pair !== sol)).toEqual([]);
    await world.run(ours.stop());
    await world.run(venue.stop());
  });

  test("is left out and named by the next process, which starts with the others", async () => {
    const { world, openVenue, replaceVenue, connector, until, btc, eth, sol } = await stageOf(api, quote);
    await openVenue(MARKETS);
    const first = await connector([btc, eth, sol]);
    await world.run(first.start());
    await world.run(first.waitUntilReady());
    const { bestBid } = first.orderBook(sol);
    const resting = first.buy(sol, {
      amount: "1",
      price: bestBid?.price.times("0.9").toFixed(1) ?? "",
      position: "open",
    });
    await world.run(resting.accepted);
    await world.run(first.stop());

    const venue = await replaceVenue(WITHOUT_SOL);
    const second = await connector([btc, eth, sol]);
    await world.run(second.start());
    expect(second.goneTradingPairs).toEqual([sol]);
    await until("the catch-up is whole", () => second.status().ordersCaughtUp === true);
    await until("the book of BTC is valid", () => second.orderBook(btc).isValid);
    expect(second.order(resting.clientOrderId)?.tradingPair).toBe(sol);
    expect(() => second.buy(sol, { amount: "1", price: "20", position: "open" })).toThrow(/no longer lists/);
    const order = second.buy(btc, { amount: "0.01", type: "market", position: "open" });
    await until("the order is filled", () => order.state === "filled");
    await world.run(second.stop());
    await world.run(venue.stop());
  });

  test("and one that nobody ever listed is an error at the start", async () => {
    const { world, openVenue, connector, btc, sol } = await stageOf(api, quote);
    const venue = await openVenue(WITHOUT_SOL);
    const ours = await connector([btc, sol]);
    await expect(world.run(ours.start())).rejects.toThrow(NotFoundError);
    await world.run(venue.stop());
  });
});
