import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { assertLogged, COMPONENTS, type Kit, OPEN_ORDER } from "../register.ts";
import { assertAuthenticated, assertRequest } from "../request-shape.ts";
import { assertFill, assertFilledOnce, assertIds, FILL } from "./facts.ts";
import { orderStatusTests } from "./order-status.ts";
import { userStreamEventTests } from "./user-stream-events.ts";

const TIMINGS = { timings: { missingFillsMs: 200 } };

export function orderUpdateTests(kit: Kit): void {
  kit.describe("update order fills", () => fillTests(kit));
  kit.describe("update order status", () => orderStatusTests(kit));
  kit.describe("user stream event listener", () => userStreamEventTests(kit));
}

function fillTests(kit: Kit): void {
  triggerTests(kit);
  idTest(kit);
  requestTests(kit);
  repetitionTests(kit);
}

function triggerTests({ test, fixtures: { tradingPair } }: Kit): void {
  for (const side of ["buy", "sell"] as const) {
    test(
      side === "buy"
        ? "update order fills from trades triggers filled event"
        : "update order fills from trades of a sell order triggers filled event",
      {
        needs: [
          ...OPEN_ORDER,
          ...FILL,
          "configurePartialFillTradeResponse",
          "configurePartiallyFilledOrderStatusResponse",
          "expectedPartialFillAmount",
        ],
      },
      async (scene, f) => {
        const { order, fixture } = await scene.openOrder({ side });
        scene.route(f.configurePartialFillTradeResponse, fixture);
        scene.route(f.configurePartiallyFilledOrderStatusResponse, fixture);
        await scene.run(scene.connector.refresh());
        assertFilledOnce(scene, f, { side, amount: f.expectedPartialFillAmount });
        assert.equal(
          scene.named("orderFilled")[0]?.clientOrderId,
          order.clientOrderId,
          "the client order id of the first orderFilled event",
        );
        assert.equal(order.executedAmount.toFixed(), f.expectedPartialFillAmount, "the executed amount of the order");
        assert.equal(order.state, "partiallyFilled", "the state of the order");
        assert.equal(order.isDone, false, "whether the order has ended");
        assert.equal(scene.named("orderCompleted").length, 0, "the number of orderCompleted events");
      },
    );
  }

  test(
    "the fills of an order and those of the account tell the same",
    { needs: [...COMPONENTS, ...OPEN_ORDER, ...FILL, "configureFullFillTradeResponse"] },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder({ side: "sell" });
      scene.route(f.configureFullFillTradeResponse, fixture);
      const { context } = createComponents(scene);
      const { derivative } = scene.venue;
      const ofOrder = await scene.run(derivative.allTradeUpdatesForOrder(context(), order.reference()));
      const sinceMs = scene.fixtures.startMs - 3_600_000;
      const ofAccount = await scene.run(derivative.tradesSince(context(), sinceMs, [tradingPair]));
      const told = [ofOrder, ofAccount].map((updates) =>
        updates.flatMap((each) => (each.type === "trade" ? [each] : [])),
      );
      for (const trades of told) {
        assert.equal(trades.length, 1, "the number of fills");
        assertFill(trades[0], f, { side: "sell", amount: fixture.amount, tradingPair });
        assert.equal(trades[0]?.exchangeOrderId, fixture.exchangeOrderId, "the exchange order id of the fill");
      }
      assert.equal(
        told[0]?.[0]?.clientOrderId ?? order.clientOrderId,
        order.clientOrderId,
        "the client order id that was told",
      );
    },
  );
}

function idTest({ test, fixtures: { venueModule } }: Kit): void {
  if (!venueModule.manifest.clientOrderId.isQueryable) return;
  test(
    "the fills of an order are found while the exchange's id of it is not known",
    {
      needs: [
        ...COMPONENTS,
        ...OPEN_ORDER,
        "expectedFillTradeId",
        "configureFullFillTradeResponse",
        "configureCompletelyFilledOrderStatusResponse",
      ],
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureCompletelyFilledOrderStatusResponse, fixture);
      scene.route(f.configureFullFillTradeResponse, fixture);
      const { context } = createComponents(scene);
      const reference = { ...order.reference(), exchangeOrderId: undefined };
      const updates = await scene.run(scene.venue.derivative.allTradeUpdatesForOrder(context(), reference));
      const ids = updates.flatMap((update) => (update.type === "trade" ? [update.fillId] : []));
      assert.deepEqual(ids, [f.expectedFillTradeId], "the fills of an order of which only the client's id is known");
    },
  );
}

function requestTests({ test }: Kit): void {
  test(
    "update order fills request parameters",
    {
      needs: [
        ...OPEN_ORDER,
        "auth",
        "tradesRequest",
        "configureCompletelyFilledOrderStatusResponse",
        "configureErroneousHttpFillTradeResponse",
        "configureFullFillTradeResponse",
        "orderEventForFullFillWebsocketUpdate",
        "isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing",
      ],
      scene: TIMINGS,
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureCompletelyFilledOrderStatusResponse, fixture);
      scene.route(f.configureErroneousHttpFillTradeResponse, fixture);
      scene.send(f.orderEventForFullFillWebsocketUpdate, fixture);
      const answers = scene.fill(f.configureFullFillTradeResponse, fixture);
      const asked = () => scene.server.requestsOf(answers);
      const before = asked().length;
      await scene.world.advance(100);
      const isAskedAtOnce = asked().length > before;
      assert.equal(
        isAskedAtOnce,
        f.isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing,
        "whether the fills are asked for at once",
      );
      await scene.until("the request for its fills", () => asked().length > before);
      const request = asked().at(-1);
      assertRequest(scene, request, f.tradesRequest, { order: fixture, auth: f.auth });
      assertAuthenticated(scene, request, f.auth);
      await scene.world.advance(100);
      assert.equal(order.isDone, false, "it waits for its fills");
      assertLogged(scene, /the fills of an order could not be fetched/);
      scene.route(answers);
      await scene.until("done", () => order.isDone);
      assert.equal(order.state, "filled", "the state of the order");
    },
  );

  test("update order fills pages to the end", { needs: [...COMPONENTS, "fillPages", "auth"] }, async (scene, f) => {
    const { routes, request, expectedIds } = f.fillPages;
    const sinceMs = scene.fixtures.startMs - 3_600_000;
    scene.route(routes, undefined, { sinceMs });
    const before = scene.server.requests.length;
    const { context } = createComponents(scene);
    const updates = await scene.run(
      scene.venue.derivative.tradesSince(context(), sinceMs, [scene.fixtures.tradingPair]),
    );
    const ids = updates.flatMap((update) => (update.type === "trade" ? [update.fillId] : []));
    assertIds(ids, expectedIds);
    const [first] = scene.server.requests.slice(before);
    if (request !== undefined) assertRequest(scene, first, request, { auth: f.auth, more: { sinceMs } });
  });
}

function repetitionTests({ test, fixtures: { tradingPair } }: Kit): void {
  const needs = [
    ...OPEN_ORDER,
    ...FILL,
    "tradeEventForFullFillWebsocketUpdate",
    "orderEventForFullFillWebsocketUpdate",
    "configureFullFillTradeResponse",
    "configureCompletelyFilledOrderStatusResponse",
  ] as const;

  test("update order fills from trades with repeated fill triggers only one event", { needs }, async (scene, f) => {
    const { order, fixture } = await scene.openOrder();
    scene.send(f.tradeEventForFullFillWebsocketUpdate, fixture);
    scene.send(f.tradeEventForFullFillWebsocketUpdate, fixture);
    scene.route(f.configureFullFillTradeResponse, fixture);
    scene.route(f.configureCompletelyFilledOrderStatusResponse, fixture);
    await scene.run(scene.connector.refresh());
    await scene.run(scene.connector.refresh());
    scene.send(f.tradeEventForFullFillWebsocketUpdate, fixture);
    scene.send(f.orderEventForFullFillWebsocketUpdate, fixture);
    scene.send(f.tradeEventForFullFillWebsocketUpdate, fixture);
    await scene.until("done", () => order.isDone);
    await scene.world.advance(1_000);
    assertFilledOnce(scene, f, fixture);
    assert.equal(order.executedAmount.toFixed(), "1", "the executed amount of the order");
    assert.equal(order.fees.get(f.expectedFillFee.token)?.toFixed(), f.expectedFillFee.amount, "the fees of the order");
    assert.equal(scene.named("orderCompleted").length, 1, "the number of orderCompleted events");
    const position = scene.connector.position(tradingPair)?.amount.toFixed() ?? "0";
    assert.equal(position, "0", "the venue's word counts");
  });

  test("a fill that comes on two streams at once counts once", { needs }, async (scene, f) => {
    const { order, fixture } = await scene.openOrder();
    // The old connection is still there when the new one has opened.
    const [old] = scene.server.openConnections(true);
    scene.send(f.tradeEventForFullFillWebsocketUpdate, fixture);
    scene.world.network.resetConnections("connector");
    await scene.until("a new stream", () => scene.server.openConnections(true).some((each) => each !== old));
    scene.send(f.tradeEventForFullFillWebsocketUpdate, fixture);
    scene.send(f.orderEventForFullFillWebsocketUpdate, fixture);
    scene.route(f.configureFullFillTradeResponse, fixture);
    scene.route(f.configureCompletelyFilledOrderStatusResponse, fixture);
    await scene.until("done", () => order.isDone);
    await scene.until("ready", () => scene.connector.ready);
    assertFilledOnce(scene, f, fixture);
    assert.equal(scene.named("orderCompleted").length, 1, "the number of orderCompleted events");
  });

  test("a fill that was counted is not counted again after a restart", { needs }, async (scene, f) => {
    const { order, fixture } = await scene.openOrder();
    scene.send(f.tradeEventForFullFillWebsocketUpdate, fixture);
    scene.send(f.orderEventForFullFillWebsocketUpdate, fixture);
    await scene.until("done", () => order.isDone);
    assertFilledOnce(scene, f, fixture);
    await scene.run(scene.connector.stop());
    scene.route(f.configureFullFillTradeResponse, fixture);
    scene.route(f.configureCompletelyFilledOrderStatusResponse, fixture);
    scene.restart();
    await scene.start();
    await scene.run(scene.connector.refresh());
    scene.send(f.tradeEventForFullFillWebsocketUpdate, fixture);
    await scene.world.advance(1_000);
    assert.deepEqual(scene.named("orderFilled"), [], "orderFilled events");
  });
}
