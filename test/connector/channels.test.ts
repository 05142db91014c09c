// Loaded here so that no lazy import makes virtual time wait for the disk.
import "../../src/connector/perpetual-connector.ts";
import "../../src/venues/binance/derivative.ts";
import "../../src/venues/bybit/derivative.ts";
import "../../src/venues/ftx/derivative.ts";
import "../../src/venues/gate-io/derivative.ts";
import "../../src/venues/hyperliquid/derivative.ts";
import "../../src/venues/okx/derivative.ts";
import { describe, expect, test } from "vitest";
import { type ConnectOptions, createConnector } from "../../src/connect.ts";
import type { ConnectorEventName, ConnectorEvents } from "../../src/model/event.ts";
import { createPaperVenue, type PaperVenueOptions } from "../../src/paper/index.ts";
import { PAPER_MARKETS } from "../../src/paper/market/markets.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { BOX_PROTOCOLS, type BoxConnector } from "../../src/simulation/box-protocols.ts";
import { RecordingLogger } from "../../src/testing/kit/recording.ts";

const account = { apiKey: "k".repeat(20), apiSecret: "s".repeat(32), passphrase: "Pass-1" };
const MARKETS = PAPER_MARKETS.filter(({ base }) => ["BTC", "ETH", "SOL"].includes(base)).map((market) => ({
  ...market,
  lot: market.minMakerSize,
  minSize: market.minMakerSize,
}));
const NAMES = Object.keys(BOX_PROTOCOLS) as readonly BoxConnector[];

async function stage(name: BoxConnector, options: Partial<PaperVenueOptions> = {}, more: Partial<ConnectOptions> = {}) {
  const { name: api, quote } = BOX_PROTOCOLS[name];
  const world = new SimulatedWorld({ seed: 7 });
  const settings = { api, seed: 7, host: "venue", port: 4_000, accounts: [account], markets: MARKETS, ...options };
  let venue = await world.run(createPaperVenue(settings, world.runtime("venue")));
  const logger = new RecordingLogger();
  const pairs = (settings.markets ?? MARKETS).map(({ base }) => `${base}-${quote}`);
  const connector = await world.run(
    createConnector(name, {
      runtime: world.runtime("bot"),
      tradingPairs: pairs,
      ...{ credentials: venue.credentials(), restUrl: venue.rest, webSocketUrl: venue.ws, logger, journalPath: "j.db" },
      ...more,
    }),
  );
  const heard = <Name extends ConnectorEventName>(event: Name): ConnectorEvents[Name][] => {
    const list: ConnectorEvents[Name][] = [];
    connector.on(event, (each) => list.push(each));
    return list;
  };
  await world.run(connector.start());
  await world.run(connector.waitUntilReady());
  return {
    ...{ world, connector, logger, pairs, heard },
    get venue() {
      return venue;
    },
    /** The venue comes back after a maintenance, with these bases. */
    async restartWith(...bases: string[]) {
      await world.run(venue.stop());
      await world.advance(2_000);
      const markets = MARKETS.filter(({ base }) => bases.includes(base));
      venue = await world.run(createPaperVenue({ ...settings, markets }, world.runtime("venue")));
    },
    async close() {
      await world.run(connector.stop());
      await world.run(venue.stop());
    },
  };
}

describe.each(NAMES)("%s", (name) => {
  const { quote } = BOX_PROTOCOLS[name];

  test("a market that is gone after a maintenance silences no other, and does not hold up readiness", async () => {
    const { world, connector, heard, restartWith, close, pairs } = await stage(name);
    await restartWith("BTC", "ETH");
    await world.advance(100_000);
    const [trades, funding] = [heard("trade"), heard("fundingInfo")];
    await world.advance(60_000);
    for (const pair of [`BTC-${quote}`, `ETH-${quote}`]) {
      expect(connector.orderBook(pair).isValid).toBe(true);
      expect(trades.some(({ tradingPair }) => tradingPair === pair)).toBe(true);
      expect(funding.some(({ tradingPair }) => tradingPair === pair)).toBe(true);
    }
    const { orderBooksInitialized, publicChannels, fundingInfo } = connector.status();
    expect({ orderBooksInitialized, publicChannels, fundingInfo }).toEqual({
      orderBooksInitialized: true,
      publicChannels: true,
      fundingInfo: true,
    });
    expect(() => connector.orderBook(`SOL-${quote}`).bestBid).toThrow("no longer lists");
    expect(connector.channelStatuses(`SOL-${quote}`)).toEqual([]);
    expect(pairs).toHaveLength(3);
    await close();
  });

  test("a market that is listed again is taken up again", async () => {
    const own = await stage(name, {}, { timings: { tradingRulesPollIntervalMs: 20_000 } });
    await own.restartWith("BTC", "ETH");
    await own.world.advance(100_000);
    await own.restartWith("BTC", "ETH", "SOL");
    await own.world.advance(90_000);
    expect(own.connector.orderBook(`SOL-${quote}`).isValid).toBe(true);
    expect(own.connector.channelStatuses().filter(({ state }) => state === "refused" || state === "silent")).toEqual(
      [],
    );
    expect(own.connector.status()).toMatchObject({ orderBooksInitialized: true, publicChannels: true });
    await own.close();
  });

  test("trades that stop coming while the venue's price moves are subscribed anew, alone", async () => {
    const channel: Partial<Record<BoxConnector, string>> = {
      bybit_perpetual: "publicTrade",
      binance_perpetual: "aggTrade",
    };
    const own = await stage(name);
    const wire = channel[name] ?? "trades";
    const { symbol } = own.connector.market(`BTC-${quote}`);
    const invalid = own.heard("bookInvalid");
    own.venue.faults.set({ deadChannel: { channel: wire, market: symbol } });
    // The last trades of a market weigh much on Hyperliquid, and are asked for a third as often.
    await own.world.advance(name === "hyperliquid_perpetual" ? 360_000 : 120_000);
    const trades = own.heard("trade");
    await own.world.advance(20_000);
    expect(trades.some(({ tradingPair }) => tradingPair === `BTC-${quote}`)).toBe(true);
    expect(own.logger.text).toContain('"channel":"trades"');
    expect(invalid).toEqual([]);
    await own.close();
  });
});

const MARK_CHANNELS = [
  ["bybit_perpetual", "tickers", "fundingInfo"],
  ["binance_perpetual", "markPrice", "fundingInfo"],
  ["okx_perpetual", "mark-price", "markPrice"],
  ["gate_io_perpetual", "tickers", "fundingInfo"],
] as const;

describe.each(MARK_CHANNELS)("on %s", (name, wire, channel) => {
  test("a mark price that stops coming is told, and stops nobody who has no limits that read it", async () => {
    const own = await stage(name);
    const silent = own.heard("channelSilent");
    const { symbol } = own.connector.market("BTC-USDT");
    own.venue.faults.set({ deadChannel: { channel: wire, market: symbol, forMs: 120_000 } });
    await own.world.advance(110_000);
    expect(silent).toMatchObject([{ tradingPair: "BTC-USDT", channel }]);
    expect(own.connector.ready).toBe(true);
    await own.close();
  });

  test("a mark price that stops coming is not ready, is told, and heals alone when it comes again", async () => {
    const own = await stage(name, {}, { riskLimits: { priceCollar: "0.5" } });
    const { world, connector, venue } = own;
    const { symbol } = connector.market("BTC-USDT");
    const [silent, restored, invalid] = [
      own.heard("channelSilent"),
      own.heard("channelRestored"),
      own.heard("bookInvalid"),
    ];
    venue.faults.set({ deadChannel: { channel: wire, market: symbol, forMs: 120_000 } });
    await world.advance(60_000);
    expect(connector.status().fundingInfo).toBe(false);
    expect(connector.ready).toBe(false);
    await world.advance(50_000);
    expect(silent).toMatchObject([{ tradingPair: "BTC-USDT", channel }]);
    const states = connector.channelStatuses("BTC-USDT").filter(({ state }) => state !== "live");
    expect(states.map(({ name: own, state }) => [own, state])).toEqual([[channel, "silent"]]);
    await world.advance(60_000);
    expect(connector.status()).toMatchObject({ fundingInfo: true, publicChannels: true });
    expect(restored).toMatchObject([{ tradingPair: "BTC-USDT", channel }]);
    expect(invalid).toEqual([]);
    await own.close();
  });
});

/** The private channel that is dead, and what still tells that there was a fill. */
const PRIVATE = [
  ["ftx_perpetual", "fills"],
  ["ftx_perpetual", "orders"],
  ["bybit_perpetual", "execution"],
  ["bybit_perpetual", "order"],
  ["bybit_perpetual", "position"],
  ["okx_perpetual", "orders"],
  ["okx_perpetual", "positions"],
  ["gate_io_perpetual", "orders"],
  ["gate_io_perpetual", "usertrades"],
  ["gate_io_perpetual", "positions"],
  ["binance_perpetual", "userData"],
] as const;

test.each(PRIVATE)(
  "on %s the private channel %s, silent after a fill, is a gap and lives again",
  async (name, channel) => {
    const own = await stage(name);
    const { world, connector, venue } = own;
    const gaps = own.heard("gap");
    const pair = `BTC-${BOX_PROTOCOLS[name].quote}`;
    venue.faults.set({ deadChannel: { channel } });
    await world.advance(2_000);
    await world.run(connector.buy(pair, { amount: "0.01", type: "market", position: "open" }).done);
    await world.advance(20_000);
    expect(
      gaps.some(({ reason }) => reason.includes(`nothing came on the private channel ${channel} after a fill`)),
    ).toBe(true);
    expect(connector.status()).toMatchObject({ userStreamInitialized: true, ordersCaughtUp: true });
    const before = gaps.length;
    const order = connector.buy(pair, { amount: "0.01", type: "market", position: "open" });
    await world.run(order.done);
    expect(order.state).toBe("filled");
    await world.advance(20_000);
    expect(gaps).toHaveLength(before);
    await own.close();
  },
);
