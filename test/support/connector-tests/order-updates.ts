import assert from "node:assert/strict";
import type { ConnectorFixtures } from "../connector-fixtures.ts";
import type { Scene } from "../scene.ts";
import { assertLogged, sceneTests, type TestApi } from "./kit.ts";

const TIMINGS = { timings: { missingFillsMs: 200 } };

function assertFilledOnce(scene: Scene): void {
  const { fixtures } = scene;
  const fills = scene.named("orderFilled");
  assert.equal(fills.length, 1);
  const [fill] = fills;
  assert.equal(fill?.fillId, fixtures.expectedFillTradeId);
  assert.equal(fill?.price.toFixed(), fixtures.expectedPartialFillPrice);
  const [fee] = fill?.fee.flatFees ?? [];
  assert.equal(fee?.token, fixtures.expectedFillFee.token);
  assert.equal(fee?.amount.toFixed(), fixtures.expectedFillFee.amount);
}

export function orderUpdateTests(fixtures: ConnectorFixtures, api: TestApi): void {
  api.describe("update order fills", () => fillTests(fixtures, api));
  api.describe("update order status", () => statusTests(fixtures, api));
  api.describe("user stream event listener", () => streamTests(fixtures, api));
}

function fillTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);

  test("update order fills from trades triggers filled event", {}, async (scene) => {
    const { order, fixture } = await scene.openOrder();
    scene.server.route(
      ...fixtures.configurePartialFillTradeResponse(fixture),
      ...fixtures.configurePartiallyFilledOrderStatusResponse(fixture),
    );
    await scene.run(scene.connector.refresh());
    assertFilledOnce(scene);
    assert.equal(order.executedAmount.toFixed(), fixtures.expectedPartialFillAmount);
    assert.equal(order.state, "partiallyFilled");
  });

  test("update order fills request parameters", TIMINGS, async (scene) => {
    const { order, fixture } = await scene.openOrder();
    scene.server.route(
      ...fixtures.configureCompletelyFilledOrderStatusResponse(fixture),
      ...fixtures.configureErroneousHttpFillTradeResponse(fixture),
    );
    scene.server.sendPrivate(fixtures.orderEventForFullFillWebsocketUpdate(fixture));
    const asked = () => scene.server.requestsOf(fixtures.configureFullFillTradeResponse(fixture));
    const before = asked().length;
    await scene.world.advance(100);
    const isAskedAtOnce = asked().length > before;
    assert.equal(isAskedAtOnce, fixtures.isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing);
    await scene.until("the request for its fills", () => asked().length > before);
    const request = asked().at(-1);
    assert.ok(request !== undefined);
    fixtures.validateTradesRequest(fixture, request);
    fixtures.validateAuthCredentialsPresent(request);
    await scene.world.advance(100);
    assert.equal(order.isDone, false, "it waits for its fills");
    assertLogged(scene, /the fills of an order could not be fetched/);
    scene.server.route(...fixtures.configureFullFillTradeResponse(fixture));
    await scene.until("done", () => order.isDone);
    assert.equal(order.state, "filled");
  });

  test("update order fills from trades with repeated fill triggers only one event", {}, async (scene) => {
    const { order, fixture } = await scene.openOrder();
    const fill = fixtures.tradeEventForFullFillWebsocketUpdate(fixture);
    scene.server.sendPrivate(fill, fill);
    scene.server.route(
      ...fixtures.configureFullFillTradeResponse(fixture),
      ...fixtures.configureCompletelyFilledOrderStatusResponse(fixture),
    );
    await scene.run(scene.connector.refresh());
    await scene.run(scene.connector.refresh());
    scene.server.sendPrivate(fill, fixtures.orderEventForFullFillWebsocketUpdate(fixture), fill);
    await scene.until("done", () => order.isDone);
    await scene.world.advance(1_000);
    assertFilledOnce(scene);
    assert.equal(order.executedAmount.toFixed(), "1");
    assert.equal(scene.named("orderCompleted").length, 1);
    assert.equal(
      scene.connector.position(fixtures.tradingPair)?.amount.toFixed() ?? "0",
      "0",
      "the venue's word counts",
    );
  });
}

function statusTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);

  test("update order status when failed", {}, async (scene) => {
    const { order, fixture } = await scene.openOrder();
    scene.server.route(...fixtures.configureFailedOrderStatusResponse(fixture));
    await scene.run(scene.connector.refresh());
    assert.equal(order.isDone, true);
    assert.equal(scene.named(fixtures.expectedEventAfterOrderFailure).length, 1);
    assert.equal(scene.named("orderFilled").length, 0);
    assert.equal(scene.connector.inFlightOrders.size, 0);
  });

  test("update order status when filled waits for the fill and completes once", TIMINGS, async (scene) => {
    const { order, fixture } = await scene.openOrder();
    scene.server.route(...fixtures.configureCompletelyFilledOrderStatusResponse(fixture));
    await scene.run(scene.connector.refresh());
    assert.equal(order.isAwaitingFills, true);
    scene.server.route(...fixtures.configureFullFillTradeResponse(fixture));
    await scene.until("done", () => order.isDone);
    const result = await scene.run(order.done);
    assert.equal(result.state, "filled");
    assert.equal(result.fees.get(fixtures.expectedFillFee.token)?.toFixed(), fixtures.expectedFillFee.amount);
    const statuses = scene.server.requestsOf(fixtures.configureCompletelyFilledOrderStatusResponse(fixture));
    const request = statuses.find(({ target }) => target.includes(fixture.exchangeOrderId));
    assert.ok(request !== undefined);
    fixtures.validateOrderStatusRequest(fixture, request);
    assertFilledOnce(scene);
  });

  test("update order status when canceled", {}, async (scene) => {
    const { order, fixture } = await scene.openOrder();
    scene.server.route(...fixtures.configureCanceledOrderStatusResponse(fixture));
    await scene.run(scene.connector.refresh());
    assert.equal(order.state, "canceled");
    assert.equal(scene.named("orderCanceled").length, 1);
  });

  test("update order status when open changes nothing", {}, async (scene) => {
    const { order, fixture } = await scene.openOrder();
    scene.server.route(...fixtures.configureOpenOrderStatusResponse(fixture));
    await scene.run(scene.connector.refresh());
    assert.equal(order.state, "open");
    assert.equal(scene.named("orderCreated").length, 1);
  });

  test("update order status when the request fails changes nothing", {}, async (scene) => {
    const { order, fixture } = await scene.openOrder();
    scene.server.route(...fixtures.configureHttpErrorOrderStatusResponse(fixture));
    scene.connector.refresh().catch(() => undefined);
    await scene.world.advance(5_000);
    assert.equal(order.state, "open");
  });

  test("an open order that the venue no longer knows is unknown, then lost, then found again", {}, async (scene) => {
    const { order, fixture } = await scene.openOrder();
    scene.server.route(...fixtures.configureOrderNotFoundResponse(fixture));
    await scene.run(scene.connector.refresh());
    assert.equal(order.state, "unknown");
    await scene.world.advance(330_000);
    assert.equal(order.state, "lost");
    assert.equal(scene.connector.lostOrders.length, 1);
    scene.server.route(...fixtures.configureCanceledOrderStatusResponse(fixture));
    await scene.world.advance(120_000);
    assert.equal(order.state, "canceled");
    assert.equal(scene.named("orderLost").length, 1);
    assert.equal(scene.named("orderFailed").length, 0);
  });
}

function streamTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);

  test("user stream update for order failure", {}, async (scene) => {
    const { order, fixture } = await scene.openOrder();
    scene.server.sendPrivate(fixtures.orderEventForFailedOrderWebsocketUpdate(fixture));
    await scene.until("done", () => order.isDone);
    assert.equal(scene.named(fixtures.expectedEventAfterOrderFailure).length, 1);
    assert.equal(order.executedAmount.isZero(), true);
    assert.equal(scene.connector.inFlightOrders.size, 0);
  });

  test("user stream update for new order", {}, async (scene) => {
    const order = scene.order();
    const [creation] = fixtures.orderCreationRequestSuccessfulMockResponse(scene.fixture(order));
    scene.server.on("POST", creation?.path ?? "", "silence");
    scene.server.sendPrivate(fixtures.orderEventForNewOrderWebsocketUpdate(scene.fixture(order)));
    const accepted = await scene.run(order.accepted);
    assert.equal(accepted.ok && accepted.exchangeOrderId, fixtures.expectedExchangeOrderId);
    assert.equal(order.state, "open");
    assert.equal(scene.named("orderCreated").length, 1);
  });

  test("user stream update for canceled order", {}, async (scene) => {
    const { order, fixture } = await scene.openOrder();
    scene.server.sendPrivate(fixtures.orderEventForCanceledOrderWebsocketUpdate(fixture));
    await scene.until("done", () => order.isDone);
    assert.equal(order.state, "canceled");
    assert.equal(order.reason, "venue");
    assert.equal(scene.named("orderCanceled").length, 1);
  });

  test("user stream update for order full fill", {}, async (scene) => {
    const { order, fixture } = await scene.openOrder();
    scene.server.sendPrivate(
      fixtures.orderEventForFullFillWebsocketUpdate(fixture),
      fixtures.tradeEventForFullFillWebsocketUpdate(fixture),
    );
    if (fixtures.positionEventForFullFillWebsocketUpdate !== undefined) {
      scene.server.sendPrivate(fixtures.positionEventForFullFillWebsocketUpdate(fixture));
    }
    await scene.until("done", () => order.isDone);
    assert.equal(order.state, "filled");
    assertFilledOnce(scene);
    assert.equal(scene.named("orderCompleted").length, 1);
    assert.equal(scene.named("position")[0]?.amount.toFixed(), "1");
  });
}
