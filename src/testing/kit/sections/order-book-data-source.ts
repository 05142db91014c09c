import type { BookFrameBuffer } from "../../../market-data/book-frame-buffer.ts";
import { AbortError, isAbort, ProtocolError } from "../../../model/error.ts";
import type { PublicTrade } from "../../../model/market.ts";
import type { WsAssistant } from "../../../net/ws-assistant.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { A_MOMENT_MS, assertEndsWithAbort, assertLogged, COMPONENTS, type Kit, rejection } from "../register.ts";
import { differences } from "../template.ts";
import {
  assertTold,
  connected,
  expectedLevels,
  levelsOf,
  replayed,
  type ToldFrame,
  toldFrame,
  UNSTARTED,
} from "./books.ts";
import { fundingInfoListeningTests } from "./funding-info-listening.ts";
import { orderBookSnapshotTests } from "./order-book-snapshots.ts";

export function orderBookDataSourceTests(kit: Kit): void {
  kit.describe("order book data source", () => {
    restTests(kit);
    kit.describe("listen for subscriptions", () => subscriptionTests(kit));
    kit.describe("listen for trades", () => tradeTests(kit));
    kit.describe("listen for order book diffs", () => diffTests(kit));
    kit.describe("listen for order book snapshots", () => orderBookSnapshotTests(kit));
    kit.describe("listen for funding info", () => fundingInfoListeningTests(kit));
  });
}

function restTests({ test, fixtures: { tradingPair } }: Kit): void {
  test(
    "get new order book successful",
    { needs: [...COMPONENTS, "orderBookSnapshotMockResponse", "expectedBook"], scene: UNSTARTED },
    async (scene, f) => {
      scene.route(f.orderBookSnapshotMockResponse);
      const book = await scene.run(createComponents(scene).orderBookDataSource.fetchOrderBook(tradingPair));
      assert.deepEqual(levelsOf(book), expectedLevels(f.expectedBook), "the levels of the book");
    },
  );

  test(
    "get new order book raises exception",
    { needs: [...COMPONENTS, "orderBookSnapshotMockResponse", "malformedSnapshotMockResponse"], scene: UNSTARTED },
    async (scene, f) => {
      const { orderBookDataSource } = createComponents(scene);
      scene.route({ ...f.orderBookSnapshotMockResponse, status: 400 });
      await rejection(scene, orderBookDataSource.fetchOrderBook(tradingPair));
      scene.route(f.malformedSnapshotMockResponse);
      const error = await rejection(scene, orderBookDataSource.fetchOrderBook(tradingPair));
      assert.ok(error instanceof ProtocolError, String(error));
    },
  );

  test(
    "get funding info",
    {
      needs: [...COMPONENTS, "fundingInfoMockResponse", "fundingInfoUrl", "expectedFundingInfo"],
      scene: UNSTARTED,
    },
    async (scene, f) => {
      scene.route(f.fundingInfoMockResponse);
      const info = await scene.run(createComponents(scene).orderBookDataSource.fetchFundingInfo(tradingPair));
      const { indexPrice, markPrice, rate, nextFundingTimestampMs } = info;
      const told = { indexPrice: indexPrice.toFixed(), markPrice: markPrice.toFixed(), rate: rate.toFixed() };
      assert.deepEqual(
        { ...told, nextFundingTimestampMs },
        f.expectedFundingInfo,
        "the funding info of fundingInfoMockResponse",
      );
      assert.equal(info.tradingPair, tradingPair, "the trading pair of the info");
      assert.ok(
        scene.server.requestsTo("GET", scene.fill(f.fundingInfoUrl)).length > 0,
        `${f.fundingInfoUrl} (fundingInfoUrl) was not asked`,
      );
    },
  );
}

function subscriptionTests({ test }: Kit): void {
  const needs = [...COMPONENTS, "expectedSubscriptions"] as const;

  test(
    "listen for subscriptions subscribes to trades and order diffs and funding info",
    { needs, scene: UNSTARTED },
    async (scene, f) => {
      const { received, stop, loop } = await connected(scene, f.expectedSubscriptions.length);
      assert.deepEqual(differences(scene.fill(f.expectedSubscriptions), received()), [], "what differs");
      await assertEndsWithAbort(scene, loop, stop);
    },
  );

  test("listen for subscriptions raises cancel exception", { needs, scene: UNSTARTED }, async (scene, f) => {
    const { orderBookDataSource } = createComponents(scene);
    const aborted = new AbortController();
    await assertEndsWithAbort(scene, orderBookDataSource.listenForSubscriptions(AbortSignal.abort()), aborted);
    const whileConnecting = new AbortController();
    const loop = orderBookDataSource.listenForSubscriptions(whileConnecting.signal);
    await assertEndsWithAbort(scene, loop, whileConnecting);
    const { stop, loop: live } = await connected(scene, f.expectedSubscriptions.length);
    await assertEndsWithAbort(scene, live, stop);
    await scene.world.advance(A_MOMENT_MS);
    assert.equal(scene.server.openConnections(false).length, 0, "the number of open connections");
  });

  test("listen for subscriptions logs exception details", { needs, scene: UNSTARTED }, async (scene, f) => {
    let refusals = 2;
    scene.world.network.faults.onConnect = () => (refusals-- > 0 ? "refuse" : undefined);
    const { received } = await connected(scene, f.expectedSubscriptions.length);
    assertLogged(scene, /unexpected error when listening to public streams.*connection refused/);
    const expected = scene.fill(f.expectedSubscriptions);
    const isOf = (each: unknown) => received().some((frame) => differences(each, frame).length === 0);
    assert.equal(received().length, expected.length, "the number of frames that were received");
    assert.deepEqual(expected.filter((each) => !isOf(each)).map(asText), [], "it was not subscribed again");
  });

  test("subscribe channels raises cancel exception", { needs, scene: UNSTARTED }, async (scene, f) => {
    const { source } = await connected(scene, f.expectedSubscriptions.length);
    const assistant = await scene.run(source.connectedWebsocketAssistant(source.channels()[0]?.socket ?? ""));
    const send = () => {
      throw new AbortError();
    };
    const aborted: WsAssistant = Object.create(assistant, { send: { value: send } });
    assert.throws(
      () => source.subscribeChannels(aborted, source.channels()),
      isAbort,
      "a subscription that is aborted",
    );
    assert.deepEqual(scene.logger.at("error"), [], "faults in the log");
    await scene.run(assistant.disconnect());
  });

  test("subscribe channels raises exception and logs error", { needs, scene: UNSTARTED }, async (scene, f) => {
    const { source } = await connected(scene, f.expectedSubscriptions.length);
    const assistant = await scene.run(source.connectedWebsocketAssistant(source.channels()[0]?.socket ?? ""));
    await scene.run(assistant.disconnect());
    assert.throws(
      () => source.subscribeChannels(assistant, source.channels()),
      undefined,
      "a subscription on a closed connection",
    );
    assertLogged(scene, /unexpected error when subscribing to public streams/);
  });
}

const asText = (value: unknown): string => JSON.stringify(value);

function tradeTests({ test, fixtures: { tradingPair } }: Kit): void {
  test(
    "listen for trades successful",
    { needs: [...COMPONENTS, "tradeEvent", "expectedTrade"], scene: UNSTARTED },
    async (scene, f) => {
      const { source, stop } = await connected(scene);
      const trades: PublicTrade[] = [];
      source.listenForTrades(stop.signal, (trade) => trades.push(trade)).catch(() => undefined);
      scene.server.sendPublic(f.tradeEvent);
      await scene.until("a trade", () => trades.length > 0);
      const told = trades.map(({ tradeId, price, amount, side, timestampMs, tradingPair: pair }) => {
        return { tradeId, price: price.toFixed(), amount: amount.toFixed(), side, timestampMs, pair };
      });
      assert.deepEqual(told, [{ ...f.expectedTrade, pair: tradingPair }], "what was told");
    },
  );

  test(
    "listen for trades cancelled when listening",
    { needs: [...COMPONENTS, "tradeEvent"], scene: UNSTARTED },
    async (scene, f) => {
      const { source } = await connected(scene);
      const stop = new AbortController();
      const trades: PublicTrade[] = [];
      const loop = source.listenForTrades(stop.signal, (trade) => trades.push(trade));
      await assertEndsWithAbort(scene, loop, stop);
      scene.server.sendPublic(f.tradeEvent);
      await scene.world.advance(A_MOMENT_MS);
      assert.equal(trades.length, 0, "the number of fills");
    },
  );

  test(
    "listen for trades logs exception",
    { needs: [...COMPONENTS, "tradeEvent", "malformedTradeEvent"], scene: UNSTARTED },
    async (scene, f) => {
      const { source, stop } = await connected(scene);
      const trades: PublicTrade[] = [];
      source.listenForTrades(stop.signal, (trade) => trades.push(trade)).catch(() => undefined);
      scene.server.sendPublic(f.malformedTradeEvent, f.tradeEvent);
      await scene.until("the trade behind the broken one", () => trades.length > 0);
      assertLogged(scene, /could not read a public message/);
      assert.equal(source.counters.malformed, 1, "the number of malformed messages");
    },
  );
}

function diffTests({ test }: Kit): void {
  const needs = [...COMPONENTS, "orderBookDiffEvents"] as const;

  test(
    "listen for order book diffs successful",
    { needs: [...needs, "expectedBook", "expectedBookAfterDiffs"], scene: UNSTARTED },
    async (scene, f) => {
      const { source, stop } = await connected(scene);
      const diffs: ToldFrame[] = [];
      const sink = (frame: BookFrameBuffer) => diffs.push(toldFrame(frame));
      source.listenForOrderBookDiffs(stop.signal, sink).catch(() => undefined);
      scene.server.sendPublic(...f.orderBookDiffEvents);
      await scene.until("the diffs", () => diffs.length >= f.orderBookDiffEvents.length);
      assert.equal(diffs.length, f.orderBookDiffEvents.length, "the number of diffs");
      assertTold(scene, diffs, "diff");
      assert.deepEqual(
        replayed(f.expectedBook, diffs),
        expectedLevels(f.expectedBookAfterDiffs),
        "the book after the changes",
      );
    },
  );

  test("listen for order book diffs cancelled", { needs, scene: UNSTARTED }, async (scene, f) => {
    const { source } = await connected(scene);
    const stop = new AbortController();
    let count = 0;
    const loop = source.listenForOrderBookDiffs(stop.signal, () => {
      count += 1;
    });
    await assertEndsWithAbort(scene, loop, stop);
    scene.server.sendPublic(f.orderBookDiffEvents[0]);
    await scene.world.advance(A_MOMENT_MS);
    assert.equal(count, 0, "how many came");
  });

  test(
    "listen for order book diffs logs exception",
    { needs: [...needs, "malformedDiffEvent"], scene: UNSTARTED },
    async (scene, f) => {
      const { source, stop } = await connected(scene);
      let count = 0;
      const sink = () => {
        count += 1;
      };
      source.listenForOrderBookDiffs(stop.signal, sink).catch(() => undefined);
      scene.server.sendPublic(f.malformedDiffEvent, f.orderBookDiffEvents[0]);
      await scene.until("the diff behind the broken one", () => count === 1);
      assertLogged(scene, /could not read a public message/);
    },
  );
}
