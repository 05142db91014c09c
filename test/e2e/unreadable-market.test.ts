import { describe, expect, onTestFinished, test } from "vitest";
import { createConnector } from "../../src/connect.ts";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { BOX_PROTOCOLS, type BoxConnector } from "../../src/simulation/box-protocols.ts";
import { World } from "../../src/simulation/world.ts";

// FTX, hell, seed 517: one bad row was taken for a delisting, and the connector was ready without the market's book.
describe.each(Object.keys(BOX_PROTOCOLS) as BoxConnector[])(
  "a row of the markets of %s that cannot be read",
  (name) => {
    test("proves nothing of a market, neither to a process that runs nor to one that starts", async () => {
      const world = await World.open({ connector: name, seed: 3 });
      onTestFinished(() => world.close());
      const unlisted = new Set<string>();
      const start = (readyTimeoutMs?: number) =>
        world.connect({
          readyTimeoutMs,
          timings: { tradingRulesPollIntervalMs: 1_000 },
          onCreated: (created) => void created.on("marketUnavailable", ({ reason }) => unlisted.add(reason)),
        });
      const first = await start();
      // Of every answer: positions and orders too, of which a row that cannot be read is told.
      world.venue.faults.set({ unreadableRow: 0.7 });
      await world.advance(30_000);
      world.kill();
      world.venue.faults.set({ unreadableRow: 0.3 });
      const second = await start(0);
      world.venue.faults.clear();
      await world.advance(30_000);
      expect([...unlisted]).toEqual([]);
      expect([first, second].map(({ tradingPairs }) => tradingPairs.length)).toEqual([2, 2]);
      expect(second.ready).toBe(true);
      await world.run(assertTraded(second, second.tradingPairs));
    });

    test("and is of a market that an earlier process followed: it is traded as soon as the row can be read", async () => {
      const world = await World.open({ connector: name, seed: 3 });
      onTestFinished(() => world.close());
      await world.connect();
      world.kill();
      const { rest: restUrl, ws: webSocketUrl } = world.venue;
      const spoilt = { isOn: true };
      const second = await world.run(
        createConnector(name, {
          ...{ restUrl, webSocketUrl, tradingPairs: world.tradingPairs, journalPath: "journal.db" },
          credentials: world.venue.credentials(),
          runtime: withoutTickOfEth(world.runtime(), spoilt),
        }),
      );
      const reasons = new Set<string>();
      second.on("marketUnavailable", ({ reason }) => reasons.add(reason));
      await world.run(second.start());
      await world.advance(1_000);
      expect([...reasons]).toEqual(["its row among the markets cannot be read"]);
      spoilt.isOn = false;
      await world.advance(15_000);
      expect([second.ready, second.goneTradingPairs]).toEqual([true, []]);
      await world.run(assertTraded(second, second.tradingPairs));
      await world.run(second.stop());
    });
  },
);

/** The venue takes an order a little below the market. */
async function assertTraded(connector: PerpetualConnector, tradingPairs: readonly string[]): Promise<void> {
  for (const pair of tradingPairs) {
    const price = connector.orderBook(pair).bestBid?.price.times("0.98").toFixed(0) ?? "";
    const { accepted } = connector.buy(pair, { amount: "0.1", price, position: "open" });
    expect(await accepted).toMatchObject({ ok: true });
  }
}

/** A tick, or the decimals that give it, that is no number, in every row that names ETH. */
function withoutTickOfEth(runtime: Runtime, spoilt: { readonly isOn: boolean }): Runtime {
  const TICK = /"(priceIncrement|tickSize|tickSz|order_price_round|szDecimals)":("[^"]*"|[\d.e-]+)/g;
  const isOfEth = (value: unknown): value is object =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(value).some(([field, text]) => /^(name|symbol|instId)$/.test(field) && `${text}`.startsWith("ETH"));
  const spoiled = (_: string, value: unknown): unknown =>
    isOfEth(value) ? JSON.parse(JSON.stringify(value).replace(TICK, '"$1":"?"')) : value;
  return {
    ...runtime,
    http: {
      close: () => runtime.http.close(),
      async request(request) {
        const answer = await runtime.http.request(request);
        return spoilt.isOn ? { ...answer, text: JSON.stringify(JSON.parse(answer.text, spoiled)) } : answer;
      },
    },
  };
}
