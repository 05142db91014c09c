import type { InFlightOrder } from "../../../trading/in-flight-order.ts";
import { assert } from "../assertion.ts";
import { type Kit, OPEN_ORDER } from "../register.ts";
import type { Scene } from "../scene.ts";
import type { ScriptedRequest } from "../scripted-venue.ts";
import { assertFilledOnce, FILL } from "./facts.ts";

/** Lost orders, and what a new process knows of the old one's orders. */
export function trackingTests(kit: Kit): void {
  kit.describe("lost orders", () => lostOrderTests(kit));
  kit.describe("restore tracking states", () => restoreTests(kit));
}

const LOST = [...OPEN_ORDER, "configureOrderNotFoundResponse"] as const;

/** An order of ours that the venue has forgotten for too long. */
async function lostOrder(scene: Scene, notFound: Parameters<Scene["route"]>[0]) {
  const { order, fixture } = await scene.openOrder();
  scene.route(notFound, fixture);
  await scene.run(scene.connector.refresh());
  await scene.until("lost", () => order.state === "lost", 400_000);
  return { order, fixture };
}

/** Tells that a request names the order, by either id. */
function isAbout({ target, rawBody }: ScriptedRequest, { clientOrderId, exchangeOrderId }: InFlightOrder): boolean {
  const ids = [clientOrderId, exchangeOrderId ?? clientOrderId];
  return ids.some((id) => `${target} ${rawBody}`.includes(id));
}

function lostOrderTests({ test }: Kit): void {
  test(
    "a lost order's late fill counts",
    { needs: [...LOST, ...FILL, "tradeEventForFullFillWebsocketUpdate", "orderEventForFullFillWebsocketUpdate"] },
    async (scene, f) => {
      const { order, fixture } = await lostOrder(scene, f.configureOrderNotFoundResponse);
      scene.send(f.tradeEventForFullFillWebsocketUpdate, fixture);
      scene.send(f.orderEventForFullFillWebsocketUpdate, fixture);
      await scene.until("filled", () => order.state === "filled");
      assertFilledOnce(scene, f, fixture);
      assert.equal(scene.connector.lostOrders.length, 0, "the number of lost orders");
    },
  );

  test(
    "a lost order is included in the update of fills, and not in that of the status",
    { needs: [...LOST, ...FILL, "configureFullFillTradeResponse", "configureCompletelyFilledOrderStatusResponse"] },
    async (scene, f) => {
      const { order, fixture } = await lostOrder(scene, f.configureOrderNotFoundResponse);
      scene.route(f.configureFullFillTradeResponse, fixture);
      const statuses = scene.fill(f.configureCompletelyFilledOrderStatusResponse, fixture);
      const asked = () => scene.server.requestsOf(statuses).filter((each) => isAbout(each, order)).length;
      const before = asked();
      await scene.run(scene.connector.refresh());
      assertFilledOnce(scene, f, fixture);
      assert.equal(asked(), before, "its status is looked up seldom, by itself");
      assert.equal(scene.named("orderCompleted").length, 0, "its end is the venue's to tell");
      scene.route(statuses);
      await scene.until("done", () => order.isDone, 180_000);
      assert.equal(order.state, "filled", "the state of the order");
      assertFilledOnce(scene, f, fixture);
    },
  );

  test("a lost order is not failed by one more answer that it is not found", { needs: LOST }, async (scene, f) => {
    const { order } = await lostOrder(scene, f.configureOrderNotFoundResponse);
    await scene.world.advance(300_000);
    assert.equal(order.state, "lost", "the state of the order");
    assert.equal(scene.named("orderLost").length, 1, "the number of orderLost events");
    assert.equal(
      scene.named("orderFailed").length + scene.named("orderCanceled").length,
      0,
      "the number of orderFailed and orderCanceled events",
    );
  });

  test(
    "a lost order is removed after the venue's frame says that it was canceled",
    { needs: [...LOST, "orderEventForCanceledOrderWebsocketUpdate"] },
    async (scene, f) => {
      const { order, fixture } = await lostOrder(scene, f.configureOrderNotFoundResponse);
      scene.send(f.orderEventForCanceledOrderWebsocketUpdate, fixture);
      await scene.until("canceled", () => order.state === "canceled");
      assert.equal(scene.connector.lostOrders.length, 0, "the number of lost orders");
    },
  );

  test(
    "cancel lost order successfully",
    {
      needs: [
        ...LOST,
        "configureSuccessfulCancelationResponse",
        "configureCanceledOrderStatusResponse",
        "configureOpenOrderStatusResponse",
      ],
    },
    async (scene, f) => {
      const { order, fixture } = await lostOrder(scene, f.configureOrderNotFoundResponse);
      const answers = scene.fill(f.configureSuccessfulCancelationResponse, fixture);
      scene.route(answers);
      void scene.connector.cancel(order.clientOrderId);
      await scene.until("the request", () => scene.server.requestsOf(answers).length > 0, 180_000);
      scene.route(f.configureCanceledOrderStatusResponse, fixture);
      await scene.until("canceled", () => order.state === "canceled", 180_000);
      assert.equal(scene.connector.lostOrders.length, 0, "the number of lost orders");
    },
  );

  test(
    "cancel lost order that the venue refuses leaves it lost",
    { needs: [...LOST, "configureErroneousCancelationResponse"] },
    async (scene, f) => {
      const { order, fixture } = await lostOrder(scene, f.configureOrderNotFoundResponse);
      scene.route(f.configureErroneousCancelationResponse, fixture);
      const result = await scene.run(scene.connector.cancel(order.clientOrderId, 1_000));
      assert.equal(result.success, false, "whether the cancel succeeded");
      assert.equal(order.isDone, false, "whether the order has ended");
      assert.equal(
        scene.named("orderCanceled").length + scene.named("orderFailed").length,
        0,
        "the number of orderCanceled and orderFailed events",
      );
    },
  );
}

function restoreTests({ test }: Kit): void {
  test(
    "restore tracking states only registers open orders",
    {
      needs: [
        ...OPEN_ORDER,
        "expectedExchangeOrderIds",
        "configureOpenOrderStatusResponse",
        "orderEventForCanceledOrderWebsocketUpdate",
      ],
    },
    async (scene, f) => {
      const [openId, canceledId] = f.expectedExchangeOrderIds;
      const canceled = await scene.openOrder({ exchangeOrderId: canceledId });
      scene.send(f.orderEventForCanceledOrderWebsocketUpdate, canceled.fixture);
      await scene.until("canceled", () => canceled.order.isDone);
      const open = await scene.openOrder({ exchangeOrderId: openId, side: "sell" });
      await scene.run(scene.connector.stop());
      scene.route(f.configureOpenOrderStatusResponse, open.fixture);
      scene.restart();
      await scene.start();
      assert.deepEqual([...scene.connector.inFlightOrders.keys()], [open.order.clientOrderId], "the orders in flight");
      const restored = scene.connector.order(open.order.clientOrderId);
      const { side, state, exchangeOrderId } = restored ?? assert.fail("the open order is not known");
      assert.deepEqual(
        { side, state, exchangeOrderId },
        { side: "sell", state: "open", exchangeOrderId: openId },
        "the order of the old process",
      );
      assert.equal(
        scene.named("orderCreated").length + scene.named("orderCanceled").length,
        0,
        "the number of orderCreated and orderCanceled events",
      );
    },
  );

  test(
    "what happened to an open order between two processes is caught up",
    {
      needs: [...OPEN_ORDER, ...FILL, "configureCompletelyFilledOrderStatusResponse", "configureFullFillTradeResponse"],
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder({ side: "sell" });
      await scene.run(scene.connector.stop());
      scene.route(f.configureCompletelyFilledOrderStatusResponse, fixture);
      scene.route(f.configureFullFillTradeResponse, fixture);
      scene.restart();
      await scene.start();
      await scene.until("the fill", () => scene.named("orderFilled").length > 0);
      assertFilledOnce(scene, f, fixture);
      assert.equal(
        scene.named("orderFilled")[0]?.clientOrderId,
        order.clientOrderId,
        "the client order id of the first orderFilled event",
      );
      assert.equal(scene.named("orderCompleted").length, 1, "the number of orderCompleted events");
      assert.equal(scene.connector.inFlightOrders.size, 0, "the number of orders in flight");
    },
  );

  test(
    "an order of a process that was killed while sending is looked up",
    { needs: [...OPEN_ORDER, "configureOpenOrderStatusResponse"] },
    async (scene, f) => {
      const order = scene.order();
      const fixture = scene.fixture(order);
      const [creation] = scene.fill(f.orderCreationRequestSuccessfulMockResponse, fixture);
      const { method, path } = creation ?? assert.fail("there is no answer to a new order");
      scene.server.on(method, path, "silence");
      const sent = () => scene.server.requestsTo(method, path).length;
      await scene.until("sent", () => sent() === 1);
      scene.world.kill("connector");
      scene.route(f.configureOpenOrderStatusResponse, fixture);
      scene.restart();
      await scene.start();
      const restored = () => scene.connector.order(order.clientOrderId);
      await scene.until("found", () => restored()?.state === "open");
      assert.equal(restored()?.exchangeOrderId, fixture.exchangeOrderId, "the exchange order id of the restored");
      assert.equal(restored()?.amount.toFixed(), "1", "the amount of the restored");
      assert.equal(sent(), 1, "it is not sent again");
    },
  );
}
