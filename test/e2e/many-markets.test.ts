import { expect, onTestFinished, test } from "vitest";
import { type ManyMarketsConnector, manyMarkets, mostWithin, type Wire } from "./many-markets-scene.ts";

const COUNT = 550;

interface Expected {
  /** Public connections, and the markets whose books the last of them carries. */
  readonly publicConnections: number;
  readonly marketsOfLast: number;
  /** Longest times that a start may take, in the simulated world. */
  readonly startedWithinMs: number;
  readonly readyWithinMs: number;
  /** What the log says of a wait. */
  readonly told: readonly string[];
  /** What the request that subscribes a book has in it. */
  bookTopic(base: string): string;
  /** Throws where a connection carries more than the venue allows, or was told it faster. */
  check(wire: Wire): void;
  /** New connections of an address: so many in so long. */
  readonly connections: readonly [count: number, spanMs: number];
}

/** The most that a connection was subscribed to at one time, in the unit of `measure`. */
function mostSubscribed(wire: Wire, measure: (topics: readonly string[]) => number): number {
  const topics = new Set<string>();
  let most = 0;
  for (const { text } of wire.sent) {
    if (!text.startsWith("{")) continue;
    const { op, method = op, args = [], params = args } = JSON.parse(text);
    const isSubscribe = /^subscribe$/i.test(method);
    for (const topic of params) isSubscribe ? topics.add(String(topic)) : topics.delete(String(topic));
    most = Math.max(most, measure([...topics]));
  }
  return most;
}

const EXPECTED: Readonly<Record<ManyMarketsConnector, Expected>> = {
  binance_perpetual: {
    publicConnections: 4,
    marketsOfLast: 150,
    startedWithinMs: 1_000,
    readyWithinMs: 10_000,
    told: [],
    bookTopic: (base) => `"${base.toLowerCase()}usdt@depth@100ms"`,
    check(wire) {
      expect(mostSubscribed(wire, (streams) => streams.length)).toBeLessThanOrEqual(1_024);
      expect(
        mostWithin(
          1_000,
          wire.sent.map(({ atMs }) => atMs),
        ),
      ).toBeLessThanOrEqual(10);
    },
    connections: [300, 300_000],
  },
  okx_perpetual: {
    publicConnections: 19,
    marketsOfLast: 10,
    startedWithinMs: 1_000,
    readyWithinMs: 15_000,
    told: [],
    bookTopic: (base) => `{"channel":"books","instId":"${base}-USDT-SWAP"}`,
    check(wire) {
      for (const { text } of wire.sent) expect(text.length).toBeLessThanOrEqual(65_536);
      const requests = wire.sent.filter(({ text }) => text.startsWith("{"));
      expect(requests.length).toBeLessThanOrEqual(480);
    },
    connections: [3, 1_000],
  },
  bybit_perpetual: {
    publicConnections: 4,
    marketsOfLast: 100,
    startedWithinMs: 15_000,
    readyWithinMs: 30_000,
    told: [
      "the start is waiting for the venue: balances, fees and position modes of 550 markets",
      "the connector is not ready: ordersCaughtUp",
    ],
    bookTopic: (base) => `"orderbook.200.${base}USDT"`,
    check(wire) {
      expect(mostSubscribed(wire, (topics) => JSON.stringify(topics).length)).toBeLessThanOrEqual(21_000);
    },
    connections: [500, 300_000],
  },
};
const NAMES = Object.keys(EXPECTED) as readonly ManyMarketsConnector[];

/** A machine that is busy with other things needs several times what it takes alone. */
const TIMEOUT_MS = 120_000;

test.each(NAMES)(
  "%s follows 550 markets, trades the last and heals a broken connection alone",
  { timeout: TIMEOUT_MS },
  async (name) => {
    const expected = EXPECTED[name];
    const scene = await manyMarkets(name, COUNT);
    onTestFinished(() => scene[Symbol.asyncDispose]());
    const { world, venue, connector, logger, wires, asked, pairs } = scene;
    const [first = "", middle = "", last = ""] = [pairs[0], pairs[COUNT / 2], pairs.at(-1)];
    const traded = new Set<string>();
    const filled: string[] = [];
    const invalid = new Set<string>();
    const healed = new Set<string>();
    connector.on("trade", ({ tradingPair }) => traded.add(tradingPair));
    connector.on("orderFilled", ({ tradingPair }) => filled.push(tradingPair));
    connector.on("bookInvalid", ({ tradingPair }) => invalid.add(tradingPair));
    connector.on("bookHealed", ({ tradingPair }) => healed.add(tradingPair));

    const bornMs = world.elapsedMs();
    await world.run(connector.start());
    expect(world.elapsedMs() - bornMs).toBeLessThan(expected.startedWithinMs);
    await world.run(connector.waitUntilReady());
    expect(world.elapsedMs() - bornMs).toBeLessThan(expected.readyWithinMs);
    expect(scene.validBooks()).toBe(COUNT);
    const books = scene.bySocket("orderBook");
    const publicWires = wires.filter(({ path }) => !/private/.test(path));
    expect(publicWires).toHaveLength(expected.publicConnections);

    // Every poll that goes on has come once.
    await scene.pass(130_000);
    expect([connector.ready, scene.validBooks(), [...invalid]]).toEqual([true, COUNT, []]);
    for (const pair of pairs) expect(connector.fundingInfo(pair).markPrice.gt(0)).toBe(true);

    for (const pair of [first, middle, last]) {
      venue.trader.order({ market: scene.marketOf(pair), side: "buy", size: "0.01", price: "20010" });
    }
    await world.advance(1_000);
    expect(traded).toEqual(new Set([first, middle, last]));

    const order = connector.buy(last, { amount: "0.02", type: "market", position: "open" });
    await world.run(order.done);
    await world.advance(500);
    expect([order.state, filled, connector.position(last)?.amount.toFixed()]).toEqual(["filled", [last], "0.02"]);

    const own = [...books.values()].find((channels) => channels.some(({ tradingPair }) => tradingPair === last)) ?? [];
    expect(own).toHaveLength(expected.marketsOfLast);
    const topic = expected.bookTopic(last.split("-")[0] ?? "");
    const wire = wires.find(({ sent }) => sent.some(({ text }) => text.includes(topic)));
    wire?.connection.terminate();
    await world.advance(100);
    const pairsOfWire = own.map(({ tradingPair }) => tradingPair).toSorted();
    expect([...invalid].toSorted()).toEqual(pairsOfWire);
    expect(scene.validBooks()).toBe(COUNT - pairsOfWire.length);
    await scene.pass(15_000);
    expect([...healed].toSorted()).toEqual(pairsOfWire);
    expect([connector.ready, scene.validBooks(), invalid.size]).toEqual([true, COUNT, pairsOfWire.length]);

    for (const each of wires) expected.check(each);
    const [count, spanMs] = expected.connections;
    expect(
      mostWithin(
        spanMs,
        wires.map(({ openedMs }) => openedMs),
      ),
    ).toBeLessThanOrEqual(count);
    expect(asked.filter(({ status }) => status !== 200)).toEqual([]);
    expect(connector.channelStatuses().filter(({ state }) => state === "refused" || state === "silent")).toEqual([]);
    expect(logger.at("error")).toEqual([]);
  },
);

test("binance_perpetual starts many books with few levels, and deepens them while they can be read", {
  timeout: TIMEOUT_MS,
}, async () => {
  const scene = await manyMarkets("binance_perpetual", 70);
  onTestFinished(() => scene[Symbol.asyncDispose]());
  const { world, venue, connector, asked, pairs } = scene;
  const last = pairs.at(-1) ?? "";
  const market = scene.marketOf(last);
  for (let rank = 1; rank < 700; rank += 1) {
    venue.trader.order({ market, side: "buy", size: "0.01", price: String(19_990 - rank) });
    venue.trader.order({ market, side: "sell", size: "0.01", price: String(20_010 + rank) });
  }
  const invalid: string[] = [];
  connector.on("bookInvalid", ({ tradingPair }) => invalid.push(tradingPair));
  await world.run(connector.start());
  await world.run(connector.waitUntilReady());
  const limits = asked.filter(({ path }) => path.endsWith("/depth")).map(({ query }) => query.get("limit"));
  expect(new Set(limits)).toEqual(new Set(["100"]));
  const book = connector.orderBook(last);
  expect([book.bidCount, book.bidHorizon?.toFixed()]).toEqual([100, "19891"]);
  // A deep one weighs twenty times what the least does: they come when the minute of the many is over.
  await scene.pass(80_000);
  expect([book.bidCount, book.bidHorizon, invalid]).toEqual([700, undefined, []]);
});

test("binance_perpetual asks only markets that may have traded for the fills that a gap hid", async () => {
  const scene = await manyMarkets("binance_perpetual", 30);
  onTestFinished(() => scene[Symbol.asyncDispose]());
  const { world, venue, connector, asked, wires, pairs } = scene;
  const [, , bought = "", sold = ""] = pairs;
  await world.run(connector.start());
  await world.run(connector.waitUntilReady());
  // A resting order, and a position that is closed while nobody listens.
  const resting = connector.buy(bought, { amount: "0.02", price: "19995", position: "open" });
  const opened = connector.buy(sold, { amount: "0.02", type: "market", position: "open" });
  await world.run(Promise.all([resting.accepted, opened.done]));
  await world.run(connector.refresh());
  const closing = connector.sell(sold, { amount: "0.02", price: "20005", position: "close" });
  await world.run(closing.accepted);
  const before = asked.length;
  wires.find(({ path }) => path.startsWith("/private"))?.connection.terminate();
  await world.advance(1);
  venue.trader.order({ market: scene.marketOf(bought), side: "sell", size: "0.02", price: "19995" });
  venue.trader.order({ market: scene.marketOf(sold), side: "buy", size: "0.02", price: "20005" });
  await world.run(Promise.all([resting.done, closing.done]));
  await world.run(connector.waitUntilReady());
  expect([resting.state, closing.state]).toEqual(["filled", "filled"]);
  expect([connector.position(bought)?.amount.toFixed(), connector.position(sold)?.amount.toFixed()]).toEqual([
    "0.02",
    undefined,
  ]);
  const symbols = asked.slice(before).filter(({ path }) => path.endsWith("/userTrades"));
  const expectedSymbols = new Set([bought, sold].map((pair) => pair.replace("-", "")));
  expect(new Set(symbols.map(({ query }) => query.get("symbol")))).toEqual(expectedSymbols);
});

test("binance_perpetual starts without the fees of all markets, and reads the others one by one", async () => {
  const scene = await manyMarkets("binance_perpetual", 30);
  onTestFinished(() => scene[Symbol.asyncDispose]());
  const { world, connector, asked, pairs } = scene;
  const symbolsAsked = () =>
    asked.filter(({ path }) => path.endsWith("/commissionRate")).map(({ query }) => query.get("symbol"));
  await world.run(connector.start());
  const symbols = pairs.map((pair) => pair.replace("-", ""));
  expect(symbolsAsked()).toEqual(symbols.slice(0, 20));
  await scene.pass(60_000);
  expect(symbolsAsked()).toEqual(symbols);
});
