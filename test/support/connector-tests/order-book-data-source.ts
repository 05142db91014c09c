import assert from "node:assert/strict";
import type { BookFrameBuffer } from "../../../src/market-data/book-frame-buffer.ts";
import { AbortError, isAbort, ProtocolError } from "../../../src/model/error.ts";
import type { PublicTrade } from "../../../src/model/market.ts";
import type { WsAssistant } from "../../../src/net/ws-assistant.ts";
import { createComponents } from "../components.ts";
import type { ConnectorFixtures } from "../connector-fixtures.ts";
import type { Scene } from "../scene.ts";
import { assertEndsWithAbort, assertLogged, rejection, sceneTests, type TestApi } from "./kit.ts";

const UNSTARTED = { ready: false };

/** The data source with its connection up. */
async function connected(scene: Scene) {
  const { orderBookDataSource } = createComponents(scene);
  const stop = new AbortController();
  const loop = orderBookDataSource.listenForSubscriptions(stop.signal);
  loop.catch(() => undefined);
  const expected = scene.fixtures.expectedSubscriptions.length;
  const received = () => scene.server.connections.flatMap((connection) => connection.received);
  await scene.until("subscribed", () => received().length >= expected);
  await scene.world.advance(20);
  return { source: orderBookDataSource, stop, loop, received };
}

export function orderBookDataSourceTests(fixtures: ConnectorFixtures, api: TestApi): void {
  api.describe("order book data source", () => {
    restTests(fixtures, api);
    api.describe("listen for subscriptions", () => subscriptionTests(fixtures, api));
    api.describe("listen for trades", () => tradeTests(fixtures, api));
    api.describe("listen for order book diffs", () => diffTests(fixtures, api));
    api.describe("listen for order book snapshots", () => snapshotTests(fixtures, api));
    api.describe("listen for funding info", () => fundingInfoTests(fixtures, api));
  });
}

function restTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);

  test("get new order book successful", UNSTARTED, async (scene) => {
    scene.server.route(fixtures.orderBookSnapshotMockResponse);
    const book = await scene.run(createComponents(scene).orderBookDataSource.getNewOrderBook(fixtures.tradingPair));
    assert.equal(book.bestBid?.price.toFixed(), fixtures.expectedBook.bestBid);
    assert.equal(book.bestAsk?.price.toFixed(), fixtures.expectedBook.bestAsk);
  });

  test("get new order book raises exception", UNSTARTED, async (scene) => {
    const { orderBookDataSource } = createComponents(scene);
    scene.server.route({ ...fixtures.orderBookSnapshotMockResponse, status: 400 });
    await rejection(scene, orderBookDataSource.getNewOrderBook(fixtures.tradingPair));
    scene.server.route(fixtures.malformedSnapshotMockResponse);
    const error = await rejection(scene, orderBookDataSource.getNewOrderBook(fixtures.tradingPair));
    assert.ok(error instanceof ProtocolError, String(error));
  });

  test("get funding info", UNSTARTED, async (scene) => {
    scene.server.route(...fixtures.fundingInfoMockResponse);
    const info = await scene.run(createComponents(scene).orderBookDataSource.getFundingInfo(fixtures.tradingPair));
    const { expectedFundingInfo: expected } = fixtures;
    assert.equal(info.indexPrice.toFixed(), expected.indexPrice);
    assert.equal(info.markPrice.toFixed(), expected.markPrice);
    assert.equal(info.rate.toFixed(), expected.rate);
    assert.equal(info.nextFundingTimestampMs, expected.nextFundingTimestampMs);
    assert.ok(scene.server.requestsTo("GET", fixtures.fundingInfoUrl).length > 0);
  });
}

function subscriptionTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);

  test("listen for subscriptions subscribes to trades and order diffs and funding info", UNSTARTED, async (scene) => {
    const { received, stop, loop } = await connected(scene);
    assert.deepEqual(received(), fixtures.expectedSubscriptions);
    await assertEndsWithAbort(scene, loop, stop);
  });

  test("listen for subscriptions raises cancel exception", UNSTARTED, async (scene) => {
    const { orderBookDataSource } = createComponents(scene);
    const aborted = new AbortController();
    await assertEndsWithAbort(scene, orderBookDataSource.listenForSubscriptions(AbortSignal.abort()), aborted);
    const whileConnecting = new AbortController();
    const loop = orderBookDataSource.listenForSubscriptions(whileConnecting.signal);
    await assertEndsWithAbort(scene, loop, whileConnecting);
    const { stop, loop: live } = await connected(scene);
    await assertEndsWithAbort(scene, live, stop);
    await scene.world.advance(100);
    assert.equal(scene.server.openConnections(false).length, 0);
  });

  test("listen for subscriptions logs exception details", UNSTARTED, async (scene) => {
    let refusals = 2;
    scene.world.network.faults.onConnect = () => (refusals-- > 0 ? "refuse" : undefined);
    const { received } = await connected(scene);
    assertLogged(scene, /unexpected error when listening to public streams.*connection refused/);
    assert.deepEqual(received(), fixtures.expectedSubscriptions);
  });

  test("subscribe channels raises cancel exception", UNSTARTED, async (scene) => {
    const { source } = await connected(scene);
    const assistant = await scene.run(source.connectedWebsocketAssistant(source.channels()[0]?.socket ?? ""));
    const send = () => {
      throw new AbortError();
    };
    const aborted: WsAssistant = Object.create(assistant, { send: { value: send } });
    assert.throws(() => source.subscribeChannels(aborted, source.channels()), isAbort);
    assert.deepEqual(scene.logger.at("error"), []);
    await scene.run(assistant.disconnect());
  });

  test("subscribe channels raises exception and logs error", UNSTARTED, async (scene) => {
    const { source } = await connected(scene);
    const assistant = await scene.run(source.connectedWebsocketAssistant(source.channels()[0]?.socket ?? ""));
    await scene.run(assistant.disconnect());
    assert.throws(() => source.subscribeChannels(assistant, source.channels()));
    assertLogged(scene, /unexpected error when subscribing to public streams/);
  });
}

function tradeTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);

  test("listen for trades successful", UNSTARTED, async (scene) => {
    const { source, stop } = await connected(scene);
    const trades: PublicTrade[] = [];
    source.listenForTrades(stop.signal, (trade) => trades.push(trade)).catch(() => undefined);
    scene.server.sendPublic(fixtures.tradeEvent);
    await scene.until("a trade", () => trades.length > 0);
    const [trade] = trades;
    assert.equal(trade?.tradingPair, fixtures.tradingPair);
    assert.equal(trade?.tradeId, fixtures.expectedTrade.tradeId);
    assert.equal(trade?.price.toFixed(), fixtures.expectedTrade.price);
    assert.equal(trade?.amount.toFixed(), fixtures.expectedTrade.amount);
  });

  test("listen for trades cancelled when listening", UNSTARTED, async (scene) => {
    const { source } = await connected(scene);
    const stop = new AbortController();
    const trades: PublicTrade[] = [];
    const loop = source.listenForTrades(stop.signal, (trade) => trades.push(trade));
    await assertEndsWithAbort(scene, loop, stop);
    scene.server.sendPublic(fixtures.tradeEvent);
    await scene.world.advance(50);
    assert.equal(trades.length, 0);
  });

  test("listen for trades logs exception", UNSTARTED, async (scene) => {
    const { source, stop } = await connected(scene);
    const trades: PublicTrade[] = [];
    source.listenForTrades(stop.signal, (trade) => trades.push(trade)).catch(() => undefined);
    scene.server.sendPublic(fixtures.malformedTradeEvent, fixtures.tradeEvent);
    await scene.until("the trade behind the broken one", () => trades.length > 0);
    assertLogged(scene, /could not read a public message/);
    assert.equal(source.counters.malformed, 1);
  });
}

function diffTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);
  const asks = (frame: BookFrameBuffer) => frame.asks.count;

  test("listen for order book diffs successful", UNSTARTED, async (scene) => {
    const { source, stop } = await connected(scene);
    const diffs: { readonly pair: string; readonly asks: number }[] = [];
    const sink = (frame: BookFrameBuffer) => diffs.push({ pair: frame.tradingPair, asks: asks(frame) });
    source.listenForOrderBookDiffs(stop.signal, sink).catch(() => undefined);
    scene.server.sendPublic(fixtures.orderBookDiffEvent);
    await scene.until("a diff", () => diffs.length > 0);
    assert.equal(diffs[0]?.pair, fixtures.tradingPair);
    assert.ok((diffs[0]?.asks ?? 0) > 0);
  });

  test("listen for order book diffs cancelled", UNSTARTED, async (scene) => {
    const { source } = await connected(scene);
    const stop = new AbortController();
    let count = 0;
    const loop = source.listenForOrderBookDiffs(stop.signal, () => {
      count += 1;
    });
    await assertEndsWithAbort(scene, loop, stop);
    scene.server.sendPublic(fixtures.orderBookDiffEvent);
    await scene.world.advance(50);
    assert.equal(count, 0);
  });

  test("listen for order book diffs logs exception", UNSTARTED, async (scene) => {
    const { source, stop } = await connected(scene);
    let count = 0;
    const sink = () => {
      count += 1;
    };
    source.listenForOrderBookDiffs(stop.signal, sink).catch(() => undefined);
    scene.server.sendPublic(fixtures.malformedDiffEvent, fixtures.orderBookDiffEvent);
    await scene.until("the diff behind the broken one", () => count === 1);
    assertLogged(scene, /could not read a public message/);
  });
}

function snapshotTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);
  const path = fixtures.orderBookSnapshotMockResponse.path;

  test("listen for order book snapshots cancelled when fetching snapshot", UNSTARTED, async (scene) => {
    const { orderBookDataSource: source } = createComponents(scene);
    scene.server.on("GET", path, "silence");
    const stop = new AbortController();
    const loop = source.listenForOrderBookSnapshots(stop.signal, () => assert.fail("a snapshot came"));
    loop.catch(() => undefined);
    source.requestSnapshot(fixtures.tradingPair);
    await scene.until("the request", () => scene.server.requestsTo("GET", path).length === 1);
    await assertEndsWithAbort(scene, loop, stop);
  });

  test("listen for order book snapshots log exception", UNSTARTED, async (scene) => {
    const { orderBookDataSource: source } = createComponents(scene);
    scene.server.on(
      "GET",
      path,
      { status: 500, text: "<html>" },
      { body: fixtures.orderBookSnapshotMockResponse.body },
    );
    const stop = new AbortController();
    let count = 0;
    const sink = () => {
      count += 1;
    };
    source.listenForOrderBookSnapshots(stop.signal, sink).catch(() => undefined);
    source.requestSnapshot(fixtures.tradingPair);
    await scene.until("a snapshot", () => count === 1);
    assertLogged(scene, /unexpected error when fetching an order book snapshot/);
    stop.abort();
  });

  test("listen for order book snapshots successful", UNSTARTED, async (scene) => {
    const { source, stop } = await connected(scene);
    scene.server.route(fixtures.orderBookSnapshotMockResponse);
    const kinds: string[] = [];
    const sink = (frame: BookFrameBuffer) => kinds.push(`${frame.kind} ${frame.tradingPair}`);
    source.listenForOrderBookSnapshots(stop.signal, sink).catch(() => undefined);
    source.requestSnapshot(fixtures.tradingPair);
    if (fixtures.orderBookSnapshotEvent === undefined) {
      await scene.until("the snapshot over REST", () => kinds.length > 0);
    } else {
      // The one of the subscription was kept; one more comes over REST and one more on the stream.
      scene.server.sendPublic(fixtures.orderBookSnapshotEvent);
      await scene.until("three snapshots", () => kinds.length === 3);
    }
    assert.deepEqual(new Set(kinds), new Set([`snapshot ${fixtures.tradingPair}`]));
  });
}

function fundingInfoTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);

  const { fundingInfoEvent: event, fundingInfoEventForWebsocketUpdate: change } = fixtures;

  test("listen for funding info cancelled when listening", UNSTARTED, async (scene) => {
    const { source } = await connected(scene);
    scene.server.route(...fixtures.fundingInfoMockResponse);
    const stop = new AbortController();
    let count = 0;
    const loop = source.listenForFundingInfo(stop.signal, () => {
      count += 1;
    });
    loop.catch(() => undefined);
    if (event !== undefined) scene.server.sendPublic(event);
    await scene.until("funding info", () => count > 0);
    await assertEndsWithAbort(scene, loop, stop);
    const atTheEnd = count;
    if (change !== undefined) scene.server.sendPublic(change);
    await scene.world.advance(60_000);
    assert.equal(count, atTheEnd);
  });

  test("listen for funding info logs exception", UNSTARTED, async (scene) => {
    const { source } = await connected(scene);
    const [first, ...others] = fixtures.fundingInfoMockResponse;
    assert.ok(first !== undefined);
    scene.server.route(...others);
    scene.server.on("GET", first.path, { status: 500, text: "<html>" }, { body: first.body });
    const stop = new AbortController();
    let count = 0;
    const sink = () => {
      count += 1;
    };
    source.listenForFundingInfo(stop.signal, sink).catch(() => undefined);
    if (event !== undefined) scene.server.sendPublic(fixtures.malformedFundingInfoEvent, event);
    await scene.until("what follows the fault", () => count > 0);
    assertLogged(scene, event === undefined ? /funding info/ : /could not read a public message/);
    stop.abort();
  });

  test("listen for funding info successful", UNSTARTED, async (scene) => {
    const { source, stop } = await connected(scene);
    scene.server.route(...fixtures.fundingInfoMockResponse);
    const rates: string[] = [];
    source
      .listenForFundingInfo(stop.signal, ({ rate }) => {
        if (rate !== undefined) rates.push(rate.toFixed());
      })
      .catch(() => undefined);
    if (event !== undefined) scene.server.sendPublic(event);
    await scene.until("funding info", () => rates.length > 0);
    assert.equal(rates[0], fixtures.expectedFundingInfo.rate);
    scene.server.route(...fixtures.fundingInfoUpdate);
    if (change !== undefined) scene.server.sendPublic(change);
    await scene.until("the change", () => rates.at(-1) === fixtures.expectedUpdatedFundingRate);
  });
}
