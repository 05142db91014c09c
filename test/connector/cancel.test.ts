import { describe, expect, it } from "vitest";
import { openScene } from "../../src/testing/kit/scene.ts";
import { ftxFixtures as fixtures } from "../venues/ftx/fixtures.ts";

const deletes = (scene: { server: { requestsTo(method: string, path: RegExp): unknown[] } }) =>
  scene.server.requestsTo("DELETE", /^\/orders/).length;

describe("a cancel", () => {
  it("of an order whose fate is unknown is remembered and sent when the order appears", async () => {
    await using scene = await openScene(fixtures);
    scene.server.on("POST", "/orders", "silence");
    const order = scene.order();
    const fixture = scene.fixture(order);
    scene.server.route(
      ...scene.fill(fixtures.configureOrderNotFoundResponse, fixture),
      ...scene.fill(fixtures.configureSuccessfulCancelationResponse, fixture),
    );
    await scene.world.advance(20);
    void scene.connector.cancel(order.clientOrderId);
    await scene.world.advance(1_000);
    expect(deletes(scene)).toBe(0);
    scene.server.sendPrivate(scene.fill(fixtures.orderEventForNewOrderWebsocketUpdate, fixture));
    await scene.until("the cancel", () => deletes(scene) === 1);
    expect(order.state).toBe("pendingCancel");
    scene.server.sendPrivate(scene.fill(fixtures.orderEventForCanceledOrderWebsocketUpdate, fixture));
    await scene.until("done", () => order.isDone);
    expect(order.reason).toBe("user");
  });

  it("of an unknown order that is not found keeps being tried until the order shows", async () => {
    await using scene = await openScene(fixtures);
    scene.server.on("POST", "/orders", "reset");
    const order = scene.order();
    const fixture = scene.fixture(order);
    scene.server.route(...scene.fill(fixtures.configureOrderNotFoundResponse, fixture));
    await scene.until("unknown", () => order.state === "unknown");
    scene.server.on("DELETE", /^\/orders/, { status: 404, body: { success: false, error: "Order not found" } });
    void scene.connector.cancel(order.clientOrderId);
    await scene.world.advance(3_000);
    expect(deletes(scene)).toBeGreaterThanOrEqual(1);
    expect(order.state).toBe("unknown");
    scene.server.route(
      ...scene.fill(fixtures.configureSuccessfulCancelationResponse, fixture),
      ...scene.fill(fixtures.configureOpenOrderStatusResponse, fixture),
    );
    const before = deletes(scene);
    await scene.until("the cancel that counts", () => deletes(scene) > before);
    scene.server.route(...scene.fill(fixtures.configureCanceledOrderStatusResponse, fixture));
    await scene.until("canceled", () => order.state === "canceled");
  });

  it("that the venue does not carry out for long leaves the order known, also when a look at it fails then", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    scene.server.route(
      ...scene.fill(fixtures.configureSuccessfulCancelationResponse, fixture),
      ...scene.fill(fixtures.configureOpenOrderStatusResponse, fixture),
    );
    void scene.connector.cancel(order.clientOrderId);
    await scene.world.advance(400_000);
    expect(deletes(scene)).toBeGreaterThan(5);
    scene.server.route(...scene.fill(fixtures.configureHttpErrorOrderStatusResponse, fixture));
    await scene.world.advance(30_000);
    expect(scene.logger.text).toContain("the status of an order could not be asked for");
    expect(order.state).toBe("pendingCancel");
    expect(scene.named("orderUnknown")).toEqual([]);
    scene.server.route(...scene.fill(fixtures.configureCanceledOrderStatusResponse, fixture));
    await scene.until("canceled", () => order.state === "canceled");
  });

  it("that is refused leaves the order as it was", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    scene.server.route(
      ...scene.fill(fixtures.configureErroneousCancelationResponse, fixture),
      ...scene.fill(fixtures.configureOpenOrderStatusResponse, fixture),
    );
    void scene.connector.cancel(order.clientOrderId);
    await scene.until("sent", () => deletes(scene) === 1);
    await scene.until("open again", () => order.state === "open");
    scene.server.route(...scene.fill(fixtures.configureSuccessfulCancelationResponse, fixture));
    void scene.connector.cancel(order.clientOrderId);
    await scene.until("it can be canceled again", () => deletes(scene) === 2);
  });

  it("whose answer was lost is looked up and sent again", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    scene.server.on("DELETE", /^\/orders/, "reset", { body: { success: true, result: "Order queued" } });
    scene.server.route(...scene.fill(fixtures.configureOpenOrderStatusResponse, fixture));
    void scene.connector.cancel(order.clientOrderId);
    await scene.until("the second", () => deletes(scene) === 2);
    expect(order.state).toBe("pendingCancel");
    scene.server.route(...scene.fill(fixtures.configureCanceledOrderStatusResponse, fixture));
    await scene.until("canceled", () => order.state === "canceled");
    expect(order.reason).toBe("user");
  });

  it("that is queued and never confirmed is looked up: the lost frame changes nothing", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    scene.server.route(
      ...scene.fill(fixtures.configureSuccessfulCancelationResponse, fixture),
      ...scene.fill(fixtures.configureCanceledOrderStatusResponse, fixture),
    );
    const canceling = scene.connector.cancel(order.clientOrderId);
    expect(await scene.run(canceling)).toEqual({ clientOrderId: order.clientOrderId, success: true });
    expect(scene.named("orderCanceled")).toHaveLength(1);
  });

  it("of an order that has just been filled ends with the fill", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    scene.server.on("DELETE", /^\/orders/, { status: 400, body: { success: false, error: "Order already closed" } });
    scene.server.route(
      ...scene.fill(fixtures.configureCompletelyFilledOrderStatusResponse, fixture),
      ...scene.fill(fixtures.configureFullFillTradeResponse, fixture),
    );
    const result = await scene.run(scene.connector.cancel(order.clientOrderId));
    expect(result.success).toBe(true);
    expect(order.state).toBe("filled");
    expect(scene.named("orderFilled")).toHaveLength(1);
    expect(scene.named("orderCanceled")).toHaveLength(0);
  });

  it("of an order that nobody knows says so and sends nothing", async () => {
    await using scene = await openScene(fixtures);
    const result = await scene.run(scene.connector.cancel("pw-nobody"));
    expect(result).toMatchObject({ success: false, error: { code: "NOT_FOUND" } });
    expect(deletes(scene)).toBe(0);
  });

  it("twice is sent once", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    scene.server.route(...scene.fill(fixtures.configureSuccessfulCancelationResponse, fixture));
    void scene.connector.cancel(order.clientOrderId);
    void scene.connector.cancel(order.clientOrderId);
    await scene.world.advance(500);
    expect(deletes(scene)).toBe(1);
  });

  it.each([
    ["was refused a connection", () => "refuse" as const],
    ["was one too many", () => "limited" as const],
  ])("that %s is not forgotten", async (_, kind) => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    scene.server.route(
      ...scene.fill(fixtures.configureSuccessfulCancelationResponse, fixture),
      ...scene.fill(fixtures.configureOpenOrderStatusResponse, fixture),
    );
    let failures = 1;
    const slowDown = { status: 429, headers: {}, text: JSON.stringify({ success: false, error: "Slow down" }) };
    scene.world.network.faults.onHttpRequest = ({ method }) => {
      if (method !== "DELETE" || failures-- <= 0) return undefined;
      return kind() === "refuse" ? { kind: "refuse" } : { kind: "respond", response: slowDown };
    };
    void scene.connector.cancel(order.clientOrderId);
    await scene.until("sent again", () => deletes(scene) === 1);
    expect(order.state).toBe("pendingCancel");
  });
});
