import { ZERO } from "../../../model/decimal.ts";
import { assert } from "../assertion.ts";
import { type Kit, OPEN_ORDER } from "../register.ts";
import type { FixtureOrder } from "../scene.ts";
import { assertFilledOnce, assertNames, FILL } from "./facts.ts";
import { hedgeScene } from "./order-requests.ts";
import { privateFrameTests } from "./private-frames.ts";

/** Time for which an order of ours may be on its way that a fill belongs to. */
const UNCLAIMED_MS = 15_000;

export function userStreamEventTests(kit: Kit): void {
  orderEventTests(kit);
  foreignFillTest(kit);
  fillEventTests(kit);
  positionTests(kit);
  hedgeFillTests(kit);
  privateFrameTests(kit);
}

function orderEventTests({ test }: Kit): void {
  test(
    "user stream update for order failure",
    { needs: [...OPEN_ORDER, "orderEventForFailedOrderWebsocketUpdate", "expectedEventAfterOrderFailure"] },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.send(f.orderEventForFailedOrderWebsocketUpdate, fixture);
      await scene.until("done", () => order.isDone);
      const told = scene.named(f.expectedEventAfterOrderFailure);
      assertNames(told, order, fixture);
      assert.equal(order.executedAmount.isZero(), true, "whether nothing of the order was executed");
      assert.equal(scene.connector.inFlightOrders.size, 0, "the number of orders in flight");
    },
  );

  test(
    "user stream update for new order",
    { needs: [...OPEN_ORDER, "orderEventForNewOrderWebsocketUpdate"] },
    async (scene, f) => {
      const order = scene.order();
      const fixture = scene.fixture(order);
      const [creation] = scene.fill(f.orderCreationRequestSuccessfulMockResponse, fixture);
      scene.server.on(creation?.method ?? "POST", creation?.path ?? "", "silence");
      scene.send(f.orderEventForNewOrderWebsocketUpdate, fixture);
      const accepted = await scene.run(order.accepted);
      assert.equal(
        accepted.ok && accepted.exchangeOrderId,
        f.expectedExchangeOrderId,
        "the exchange order id of the order that the frame told",
      );
      assert.equal(order.state, "open", "the state of the order");
      assert.equal(scene.named("orderCreated").length, 1, "the number of orderCreated events");
      assert.equal(scene.named("externalOrder").length, 0, "it is ours");
    },
  );

  test(
    "user stream update for canceled order",
    { needs: [...OPEN_ORDER, "orderEventForCanceledOrderWebsocketUpdate"] },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.send(f.orderEventForCanceledOrderWebsocketUpdate, fixture);
      await scene.until("done", () => order.isDone);
      assert.equal(order.state, "canceled", "the state of the order");
      assert.equal(order.reason, "venue", "the reason of the order");
      assert.equal(scene.named("orderCanceled").length, 1, "the number of orderCanceled events");
      assert.equal(scene.named("orderFilled").length, 0, "the number of orderFilled events");
      assert.equal(scene.named("orderFailed").length, 0, "the number of orderFailed events");
    },
  );

  test(
    "user stream update for an order that is not ours is external, and changes none of ours",
    { needs: [...OPEN_ORDER, "orderEventForNewOrderWebsocketUpdate", "expectedExchangeOrderIds"] },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      const clientOrderId = scene.foreignClientOrderId("by-hand-1");
      const other = { ...fixture, clientOrderId, exchangeOrderId: f.expectedExchangeOrderIds[1] };
      scene.send(f.orderEventForNewOrderWebsocketUpdate, { ...other, side: "sell", amount: "0.5" });
      await scene.until("the external order", () => scene.named("externalOrder").length > 0);
      const told = scene.named("externalOrder").map((event) => {
        const { side, amount, price, exchangeOrderId, clientOrderId, state } = event.order;
        return [side, amount.toFixed(), price?.toFixed(), exchangeOrderId, clientOrderId, state];
      });
      assert.deepEqual(
        told,
        [["sell", "0.5", "5000", other.exchangeOrderId, other.clientOrderId, "open"]],
        "what was told",
      );
      assert.equal(order.state, "open", "the state of the order");
      assert.equal(scene.named("orderCreated").length, 1, "the number of orderCreated events");
    },
  );
}

function foreignFillTest({ test }: Kit): void {
  test(
    "user stream update for a fill of an order that is not tracked is no fill of ours",
    {
      needs: [
        ...OPEN_ORDER,
        "tradeEventForFullFillWebsocketUpdate",
        "configureOpenOrderStatusResponse",
        "configureCompletelyFilledOrderStatusResponse",
        "configureFullFillTradeResponse",
        "expectedExchangeOrderIds",
      ],
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      const [, exchangeOrderId] = f.expectedExchangeOrderIds;
      const other: FixtureOrder = { ...fixture, clientOrderId: "by-hand-1", exchangeOrderId, side: "sell" };
      scene.send(f.tradeEventForFullFillWebsocketUpdate, other);
      await scene.world.advance(UNCLAIMED_MS);
      // The account's list of fills tells it as well; some venues have to be asked whose order it was.
      scene.route(f.configureCompletelyFilledOrderStatusResponse, other);
      scene.route(f.configureOpenOrderStatusResponse, fixture);
      scene.route(f.configureFullFillTradeResponse, other);
      await scene.run(scene.connector.refresh());
      assert.deepEqual(scene.named("orderFilled"), [], "orderFilled events");
      assert.deepEqual(scene.named("error"), [], "error events");
      assert.deepEqual(
        [order.state, order.executedAmount.toFixed()],
        ["open", "0"],
        "the state of the order and executed amount of the order",
      );
      assert.equal(scene.connector.ready, true, "whether the connector is ready");
    },
  );
}

function fillEventTests({ test }: Kit): void {
  for (const side of ["buy", "sell"] as const) {
    test(
      side === "buy" ? "user stream update for order full fill" : "user stream update for sell order full fill",
      {
        needs: [...OPEN_ORDER, ...FILL, "orderEventForFullFillWebsocketUpdate", "tradeEventForFullFillWebsocketUpdate"],
        uses: ["positionEventForFullFillWebsocketUpdate"],
      },
      async (scene, f) => {
        const { order, fixture } = await scene.openOrder({ side });
        scene.send(f.orderEventForFullFillWebsocketUpdate, fixture);
        scene.send(f.tradeEventForFullFillWebsocketUpdate, fixture);
        const { positionEventForFullFillWebsocketUpdate: position } = f;
        if (position !== undefined) scene.send(position, fixture);
        await scene.until("done", () => order.isDone);
        assert.equal(order.state, "filled", "the state of the order");
        assertFilledOnce(scene, f, fixture);
        const completed = scene.named("orderCompleted").map((event) => [event.executedAmount.toFixed(), event.side]);
        assert.deepEqual(completed, [["1", side]], "the orderCompleted events");
        assert.equal(order.averagePrice?.toFixed(), f.expectedPartialFillPrice, "the average price of the order");
        const [first] = scene.named("position");
        assert.equal(first?.amount.toFixed(), side === "buy" ? "1" : "-1", "the amount of the first");
        assert.equal(first?.side, "both", "the side of the first");
      },
    );
  }

  test(
    "user stream update for order partial fill, and then the rest",
    {
      needs: [
        ...OPEN_ORDER,
        ...FILL,
        "expectedPartialFillAmount",
        "orderEventForPartialFillWebsocketUpdate",
        "tradeEventForPartialFillWebsocketUpdate",
        "tradeEventForRemainingFillWebsocketUpdate",
        "orderEventForFullFillWebsocketUpdate",
      ],
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder({ side: "sell" });
      scene.send(f.orderEventForPartialFillWebsocketUpdate, fixture);
      scene.send(f.tradeEventForPartialFillWebsocketUpdate, fixture);
      await scene.until("the fill", () => order.executedAmount.gt(0));
      assertFilledOnce(scene, f, { side: "sell", amount: f.expectedPartialFillAmount });
      assert.equal(order.executedAmount.toFixed(), f.expectedPartialFillAmount, "the executed amount of the order");
      assert.equal(order.state, "partiallyFilled", "the state of the order");
      assert.equal(order.isDone, false, "whether the order has ended");
      assert.equal(scene.named("orderCompleted").length, 0, "the number of orderCompleted events");
      scene.send(f.tradeEventForRemainingFillWebsocketUpdate, fixture);
      scene.send(f.orderEventForFullFillWebsocketUpdate, fixture);
      await scene.until("done", () => order.isDone);
      const fills = scene.named("orderFilled");
      const [first, second] = fills;
      assert.equal(fills.length, 2, "the number of fills");
      assert.notEqual(second?.fillId, first?.fillId, "the fill id of the second");
      assert.equal(
        second?.amount.toFixed(),
        order.amount.minus(f.expectedPartialFillAmount).toFixed(),
        "the amount of the second",
      );
      assert.deepEqual(
        [order.state, order.executedAmount.toFixed()],
        ["filled", "1"],
        "the state of the order and executed amount of the order",
      );
      assert.equal(order.averagePrice?.toFixed(), f.expectedPartialFillPrice, "the average price of the order");
      const paid = fills.flatMap(({ fee }) => fee.flatFees).reduce((sum, { amount }) => sum.plus(amount), ZERO);
      assert.equal(order.fees.get(f.expectedFillFee.token)?.toFixed(), paid.toFixed(), "the fees of both fills");
      assert.equal(scene.named("orderCompleted").length, 1, "the number of orderCompleted events");
    },
  );
}

function positionTests({ test, fixtures: { tradingPair } }: Kit): void {
  for (const side of ["buy", "sell"] as const) {
    test(
      `user stream update of the position after an order to ${side}`,
      { needs: ["positionEventForFullFillWebsocketUpdate", "expectedExchangeOrderId", "expectedPartialFillPrice"] },
      async (scene, f) => {
        const clientOrderId = scene.foreignClientOrderId("1");
        const fixture = { clientOrderId, exchangeOrderId: f.expectedExchangeOrderId, side };
        scene.send(f.positionEventForFullFillWebsocketUpdate, { ...fixture, amount: "1", price: "5000" });
        await scene.until("the position", () => scene.connector.position(tradingPair) !== undefined);
        const position = scene.connector.position(tradingPair);
        assert.equal(position?.amount.toFixed(), side === "buy" ? "1" : "-1", "the amount of the position");
        assert.equal(position?.entryPrice.toFixed(), f.expectedPartialFillPrice, "the entry price of the position");
      },
    );
  }
}

function hedgeFillTests({ test, fixtures }: Kit): void {
  const { tradingPair } = fixtures;
  for (const side of ["buy", "sell"] as const) {
    const which = side === "buy" ? "long" : "short";
    test(
      `user stream update for a fill in hedge mode opens the ${which} position and leaves the other`,
      {
        needs: [
          ...OPEN_ORDER,
          "configureSuccessfulSetPositionMode",
          "configurePositionModeResponse",
          "tradeEventForFullFillWebsocketUpdate",
        ],
        scene: (f) => hedgeScene(fixtures, f),
      },
      async (scene, f) => {
        const { fixture } = await scene.openOrder({ side, position: "open" });
        scene.send(f.tradeEventForFullFillWebsocketUpdate, fixture);
        await scene.until("the fill", () => scene.named("orderFilled").length > 0);
        assert.equal(scene.named("orderFilled")[0]?.side, side, "the side of the first orderFilled event");
        const [first] = scene.named("position");
        assert.deepEqual(
          [first?.side, first?.amount.toFixed()],
          [which, side === "buy" ? "1" : "-1"],
          "the side of the first and amount of the first",
        );
        assert.equal(scene.connector.position(tradingPair), undefined, "the position");
        assert.equal(
          scene.connector.position(tradingPair, which === "long" ? "short" : "long"),
          undefined,
          "the position",
        );
      },
    );
  }
}
