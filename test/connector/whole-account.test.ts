import { describe, expect, it } from "vitest";
import { type ConnectOptions, createConnector } from "../../src/connect.ts";
import { ConnectorNetwork } from "../../src/connector/connector-network.ts";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import type { Position } from "../../src/model/position.ts";
import { createPaperVenue } from "../../src/paper/index.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { RecordingLogger, recordEvents } from "../../src/testing/kit/recording.ts";
import { venueModule } from "../../src/venues/ftx/derivative.ts";

const APIS = ["ftx", "bybit", "binance", "okx"] as const;
type Api = (typeof APIS)[number];
const HEDGEABLE = ["bybit", "binance", "okx"] as const;
/** Market of the box. */
const BTC = "BTC-USD";

async function begin(api: Api) {
  const world = new SimulatedWorld({ seed: 1 });
  const logger = new RecordingLogger();
  const settings = { api, seed: 1, quiet: true, rateLimits: "off" } as const;
  const venue = await world.run(createPaperVenue(settings, world.runtime("venue")));
  const quote = api === "ftx" ? "USD" : "USDT";
  const create = (host: string, options: Partial<ConnectOptions> = {}): Promise<PerpetualConnector> =>
    world.run(
      createConnector(`${api}_perpetual`, {
        tradingPairs: [`BTC-${quote}`],
        credentials: venue.credentials(),
        restUrl: venue.rest,
        webSocketUrl: venue.ws,
        runtime: world.runtime(host),
        journalPath: `${host}.db`,
        logger,
        ...options,
      }),
    );
  const start = async (connector: PerpetualConnector) => {
    await world.run(connector.start());
    await world.run(connector.waitUntilReady());
    return connector;
  };
  const until = async (what: string, condition: () => boolean) => {
    for (let waited = 0; !condition(); waited += 10) {
      if (waited > 60_000) throw new Error(`not within a minute: ${what}\n${logger.text.slice(-1_000)}`);
      await world.advance(10);
    }
  };
  const end = async (...connectors: readonly PerpetualConnector[]) => {
    for (const connector of connectors) await world.run(connector.stop());
    await world.run(venue.stop());
  };
  return { world, venue, btc: `BTC-${quote}`, eth: `ETH-${quote}`, create, start, until, end };
}

const market = (amount: string) => ({ amount, type: "market", position: "open" }) as const;

function shown(positions: readonly Position[]): string[] {
  return positions.map(({ tradingPair, side, amount }) => `${tradingPair} ${side} ${amount.toFixed()}`).toSorted();
}

describe.each(APIS)("the account at %s", (api) => {
  it("shows no position that never was when fills of a process that died are caught up", async () => {
    const { world, venue, btc, create, start, until, end } = await begin(api);
    const first = await start(await create("bot"));
    await world.run(first.buy(btc, market("0.1")).done);
    await until("long", () => first.position(btc)?.amount.toFixed() === "0.1");
    const { bestAsk, bestBid } = first.orderBook(btc);
    const { minPriceIncrement: tick } = first.tradingRule(btc);
    if (bestAsk === undefined || bestBid === undefined) throw new Error("the book is empty");
    const inside = bestAsk.price.minus(tick);
    const price = inside.gt(bestBid.price) ? inside : bestAsk.price;
    await world.run(first.sell(btc, { amount: "0.1", price, position: "close" }).accepted);
    await world.advance(500);
    world.kill("bot");
    venue.trader.order({ market: BTC, side: "buy", size: "30" });
    await world.advance(5_000);
    const second = await create("bot");
    const told: Position[] = [];
    second.on("position", (position) => void told.push(position));
    await start(second);
    await world.advance(2_000);
    expect(told.map(({ amount }) => amount.toFixed()).filter((amount) => amount.startsWith("-"))).toEqual([]);
    expect(second.positions()).toEqual([]);
    await end(second);
  });

  it("lets a position on a market that is not followed go when another hand has closed it", async () => {
    const { world, eth, create, start, end } = await begin(api);
    const connector = await start(await create("bot"));
    const hand = await start(await create("hand", { tradingPairs: [eth] }));
    await world.run(hand.buy(eth, market("0.5")).done);
    await world.run(connector.refresh());
    expect(shown(connector.positions())).toEqual([`${eth} both 0.5`]);
    await world.run(hand.sell(eth, { amount: "0.5", type: "market", position: "close" }).done);
    await world.run(connector.refresh());
    expect(connector.positions()).toEqual([]);
    await end(hand, connector);
  });

  it("keeps the position of a pair that is let go as long as the venue lists it, and no longer", async () => {
    const { world, btc, eth, create, start, end } = await begin(api);
    const connector = await start(await create("bot", { tradingPairs: [btc, eth] }));
    const hand = await start(await create("hand", { tradingPairs: [eth] }));
    await world.run(connector.sell(eth, market("0.5")).done);
    connector.removeTradingPair(eth);
    await world.run(connector.refresh());
    expect(shown(connector.positions())).toEqual([`${eth} both -0.5`]);
    await world.run(hand.buy(eth, { amount: "0.5", type: "market", position: "close" }).done);
    await world.run(connector.refresh());
    expect(connector.positions()).toEqual([]);
    await end(hand, connector);
  });
});

describe.each(HEDGEABLE)("a position mode that is changed by hand at %s", (api) => {
  it("is read again at the refusal that it causes, and told: the next order works", async () => {
    const { world, venue, btc, create, start, end } = await begin(api);
    const connector = await start(await create("bot"));
    const events = recordEvents(connector);
    venue.execute({ type: "setPositionMode", accountId: venue.accountId, mode: "hedge" });
    const refused = connector.buy(btc, market("0.1"));
    const result = await world.run(refused.done);
    expect(result).toMatchObject({ ok: false, error: { code: "POSITION_MODE_MISMATCH", outcome: "definite" } });
    await world.advance(1_000);
    expect([connector.positionMode, connector.positionModeOf(btc)]).toEqual(["hedge", "hedge"]);
    const told = events.filter(({ name }) => name === "positionModeChanged").map(({ event }) => event);
    expect(told).toMatchObject([{ positionMode: "hedge" }]);
    expect((await world.run(connector.buy(btc, market("0.1")).done)).state).toBe("filled");
    await world.advance(1_000);
    expect(shown(connector.positions())).toEqual([`${btc} long 0.1`]);
    await end(connector);
  });

  it("is read again with every catch-up", async () => {
    const { world, venue, create, start, end } = await begin(api);
    const connector = await start(await create("bot"));
    venue.execute({ type: "setPositionMode", accountId: venue.accountId, mode: "hedge" });
    await world.run(connector.refresh());
    expect(connector.positionMode).toBe("hedge");
    await end(connector);
  });

  it("does not keep flatten from closing both sides", async () => {
    const { world, venue, btc, create, start, end } = await begin(api);
    const connector = await start(await create("bot"));
    venue.execute({ type: "setPositionMode", accountId: venue.accountId, mode: "hedge" });
    const hand = await start(await create("hand"));
    await world.run(hand.buy(btc, market("0.2")).done);
    await world.run(hand.sell(btc, market("0.1")).done);
    const report = await world.run(connector.flatten());
    expect(report).toMatchObject({ isFlat: true, problems: [], unseen: [], elsewhere: [], positions: [] });
    expect(report.closings.map(({ position, problem }) => [position.side, problem]).toSorted()).toEqual([
      ["long", undefined],
      ["short", undefined],
    ]);
    expect(venue.truth().positions.filter(({ size }) => Number(size) !== 0)).toEqual([]);
    await end(hand, connector);
  });
});

describe("markets in different position modes at bybit", () => {
  it("are each traded and shown in their own, and told one by one", async () => {
    const { world, venue, btc, eth, create, start, end } = await begin("bybit");
    venue.execute({ type: "setPositionMode", accountId: venue.accountId, mode: "hedge", market: BTC });
    const connector = await create("bot", { tradingPairs: [btc, eth] });
    const events = recordEvents(connector);
    await start(connector);
    expect([connector.positionModeOf(btc), connector.positionModeOf(eth)]).toEqual(["hedge", "oneWay"]);
    // One that is hedged makes the connector's own mode that.
    expect(connector.positionMode).toBe("hedge");
    await world.run(connector.buy(btc, market("0.1")).done);
    await world.run(connector.buy(eth, market("0.5")).done);
    await world.advance(1_000);
    expect(shown(connector.positions())).toEqual([`${btc} long 0.1`, `${eth} both 0.5`]);
    const told = events.filter(({ name }) => name === "positionModeChanged").map(({ event }) => event);
    expect(told).toEqual([{ tradingPair: btc, positionMode: "hedge" }]);
    expect(await world.run(connector.flatten())).toMatchObject({ isFlat: true, problems: [] });
    await end(connector);
  });
});

describe.each(HEDGEABLE)("an isolated position that was opened by hand at %s", (api) => {
  it("is shown as such, counts for the limits and is closed by flatten", async () => {
    const { world, venue, btc, create, start, until, end } = await begin(api);
    const connector = await start(await create("bot", { riskLimits: { maxPosition: { "BTC-USDT": "0.5" } } }));
    const { accountId } = venue;
    venue.execute({ type: "setMarginMode", accountId, market: BTC, mode: "isolated" });
    venue.execute({
      ...{ type: "placeOrder", accountId, market: BTC, side: "buy", orderType: "market", price: null },
      ...{ size: 100_000_000n, timeInForce: "IOC", postOnly: false, reduceOnly: false, clientId: null },
    });
    await until("shown", () => connector.position(btc) !== undefined);
    await world.run(connector.refresh());
    expect(connector.positions()).toMatchObject([{ tradingPair: btc, marginMode: "isolated" }]);
    expect(() => connector.buy(btc, { amount: "0.1", price: "15000", position: "open" })).toThrow("maxPosition");
    expect(await world.run(connector.flatten())).toMatchObject({ isFlat: true, problems: [] });
    expect(venue.truth().positions.filter(({ size }) => Number(size) !== 0)).toEqual([]);
    await world.advance(1_000);
    expect(connector.positions()).toEqual([]);
    await end(connector);
  });
});

describe("a stop that was placed by hand at ftx", () => {
  it("is canceled by flatten, which no list of open orders shows", async () => {
    const { world, venue, btc, create, start, end } = await begin("ftx");
    const connector = await start(await create("bot"));
    const hand = new ConnectorNetwork({
      venue: venueModule.createVenue({ domain: "ftx_perpetual", restUrl: venue.rest, webSocketUrl: venue.ws }),
      runtime: world.runtime("hand"),
      credentials: { apiKey: venue.apiKey, apiSecret: venue.apiSecret },
      logger: new RecordingLogger(),
      requestTimeoutMs: 10_000,
      sharePercentage: undefined,
      sharedRateLimits: undefined,
      orderEntry: undefined,
    });
    const common = { path: "/conditional_orders", isAuthRequired: true, limitId: "requests" } as const;
    const data = { market: "BTC-PERP", side: "buy", size: "0.1", type: "stop", triggerPrice: "30000" };
    await world.run(hand.api.send({ ...common, method: "POST", data }));
    expect(await world.run(connector.fetchOpenOrders([]))).toEqual([]);
    const report = await world.run(connector.flatten());
    expect(report).toMatchObject({ isFlat: true, canceledOrders: 1, conditionalOrders: [] });
    expect(await world.run(hand.api.send({ ...common, method: "GET" }))).toEqual([]);
    expect(connector.position(btc)).toBeUndefined();
    await end(connector);
  });
});
