import { describe, expect, test } from "vitest";
import { createConnector } from "../../src/connect.ts";
import { createPaperVenue } from "../../src/paper/index.ts";
import { PAPER_MARKETS } from "../../src/paper/market/markets.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

const ACCOUNT = { apiKey: "k".repeat(20), apiSecret: "s".repeat(32), passphrase: "Pass-1" };
const VENUES = [
  ["ftx_perpetual", "ftx", "USD"],
  ["bybit_perpetual", "bybit", "USDT"],
  ["binance_perpetual", "binance", "USDT"],
  ["okx_perpetual", "okx", "USDT"],
  ["gate_io_perpetual", "gate_io", "USDT"],
] as const;
const BASES = ["币安人生", "ÅÖ", "O'N(1)!*"];

describe("a symbol of any text", () => {
  test.each(VENUES.flatMap(([name, api, quote]) => BASES.map((base) => [name, base, api, quote] as const)))(
    "%s: %s is listed, followed, traded, amended and canceled",
    async (name, base, api, quote) => {
      const world = new SimulatedWorld({ seed: 7 });
      const [btc] = PAPER_MARKETS;
      if (btc === undefined) throw new Error("the box has no market");
      const markets = [btc, { ...btc, base, market: `${base}-USD` }].map((market) => ({
        ...market,
        lot: btc.minMakerSize,
        minSize: btc.minMakerSize,
      }));
      const settings = { api, seed: 7, host: "venue", port: 4000, accounts: [ACCOUNT], markets, emptyBooks: true };
      const venue = await world.run(createPaperVenue(settings, world.runtime("venue")));
      for (const { market } of markets) {
        venue.trader.order({ market, side: "buy", size: "5", price: "19990" });
        venue.trader.order({ market, side: "sell", size: "5", price: "20010" });
      }
      const targets: string[] = [];
      const runtime = world.runtime("bot");
      const pair = `${base}-${quote}`;
      const connector = await world.run(
        createConnector(name, {
          runtime: {
            ...runtime,
            http: {
              request: (request) => {
                targets.push(request.url);
                return runtime.http.request(request);
              },
              close: () => runtime.http.close(),
            },
          },
          tradingPairs: [pair],
          credentials: venue.credentials(),
          restUrl: venue.rest,
          webSocketUrl: venue.ws,
          journalPath: "j.db",
        }),
      );
      await world.run(connector.start());
      await world.run(connector.waitUntilReady({ timeoutMs: 30_000 }));
      expect(connector.orderBook(pair).bestBid?.price.toFixed()).toBe("19990");
      await world.run(connector.setLeverage(pair, 5));
      const taken = connector.buy(pair, { amount: "0.01", type: "market", position: "open" });
      await world.run(taken.done);
      expect(taken.state).toBe("filled");
      const resting = connector.buy(pair, { amount: "0.01", price: "19000", position: "open" });
      await world.run(resting.accepted);
      await world.run(connector.amend(resting.clientOrderId, { price: "19050" }));
      await world.advance(1_000);
      expect(await world.run(connector.cancel(resting.clientOrderId))).toMatchObject({ success: true });
      expect(connector.position(pair)?.amount.toFixed()).toBe("0.01");
      expect(connector.fundingInfo(pair).markPrice.gt(0)).toBe(true);
      // A real HTTP client takes nothing else in a target.
      for (const target of targets) expect(target).toMatch(/^[\x21-\x7e]+$/);
      await world.run(connector.stop());
      await world.run(venue.stop());
    },
  );
});
