import { describe, expect, it } from "vitest";
import { OrderRejectedError } from "../../src/model/error.ts";
import { openScene, type Scene } from "../../src/testing/kit/scene.ts";
import { ftxFixtures as fixtures } from "../venues/ftx/fixtures.ts";
import { fillsFrame, ordersFrame, wireFill, wireOrder } from "../venues/ftx/wire.ts";

const NEW_ID = "181542119100";
const CLOSED = { status: "closed", remainingSize: 0 };
const modified = /^\/orders\/\d+\/modify$/;

async function amendable(scene: Scene) {
  const { order, fixture } = await scene.openOrder();
  const replacement = {
    ...fixture,
    exchangeOrderId: NEW_ID,
    clientOrderId: `${fixture.clientOrderId}-a1`,
    price: "4990",
  };
  return { order, fixture, replacement };
}

describe("an amend", () => {
  it("replaces the order at the venue and stays one order here", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture, replacement } = await amendable(scene);
    scene.server.on("POST", modified, { body: { success: true, result: wireOrder(replacement, { status: "new" }) } });
    const amending = scene.connector.amend(order.clientOrderId, { price: "4990" });
    expect([order.price?.toFixed(), order.targetPrice?.toFixed()]).toEqual(["5000", "4990"]);
    scene.server.sendPrivate(
      ordersFrame(wireOrder(fixture, CLOSED)),
      ordersFrame(wireOrder(replacement, { status: "new" })),
    );
    await scene.run(amending);
    await scene.world.advance(100);
    expect(order.state).toBe("open");
    expect(order.exchangeOrderIds).toEqual([fixture.exchangeOrderId, NEW_ID]);
    expect(order.price?.toFixed()).toBe("4990");
    const [request] = scene.server.requestsTo("POST", modified);
    expect(request?.path).toBe(`/orders/${fixture.exchangeOrderId}/modify`);
    // What is not changed is not sent: a fill on the way would make the order larger.
    expect(request?.body).toEqual({ price: "4990", clientId: replacement.clientOrderId });
    scene.server.sendPrivate(
      ordersFrame(wireOrder(replacement, { ...CLOSED, filledSize: 1 })),
      fillsFrame(wireFill(replacement)),
    );
    await scene.until("filled", () => order.state === "filled");
    expect(scene.named("externalOrder")).toEqual([]);
    expect(scene.named("orderCreated")).toHaveLength(1);
    expect(scene.named("orderCompleted")).toHaveLength(1);
  });

  it("whose answer was lost is found by the replacement's own id", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture, replacement } = await amendable(scene);
    scene.server.on("POST", modified, "reset");
    scene.server.route(
      ...scene.fill(fixtures.configureOpenOrderStatusResponse, replacement),
      ...scene.fill(fixtures.configureCanceledOrderStatusResponse, fixture),
    );
    const failure = await scene.run(
      scene.connector.amend(order.clientOrderId, { price: "4990" }).catch((error: unknown) => error),
    );
    expect(failure).toMatchObject({ outcome: "unknown" });
    await scene.until("found", () => order.exchangeOrderId === NEW_ID);
    expect(order.state).toBe("open");
    expect(order.price?.toFixed()).toBe("4990");
  });

  it("whose answer was lost and that never arrived leaves the order as it was", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture, replacement } = await amendable(scene);
    scene.server.on("POST", modified, "reset");
    scene.server.route(
      ...scene.fill(fixtures.configureOpenOrderStatusResponse, fixture),
      ...scene.fill(fixtures.configureOrderNotFoundResponse, replacement),
    );
    await scene.run(scene.connector.amend(order.clientOrderId, { price: "4990" }).catch(() => undefined));
    expect(order.targetPrice?.toFixed()).toBe("4990");
    await scene.world.advance(60_000);
    expect([order.state, order.price?.toFixed(), order.targetPrice?.toFixed()]).toEqual(["open", "5000", "5000"]);
  });

  it.each([
    ["is proven undone by the open orders and the fills together", [], "5000"],
    ["is not proven undone while the fills cannot be read", [{ id: "?" }], "4990"],
  ])("whose answer was lost, at a venue that cannot be asked by client order id, %s", async (_, fills, target) => {
    await using scene = await openScene(fixtures, {
      venue: (venue) => {
        const clientOrderId = { ...venue.manifest.clientOrderId, isQueryable: false };
        return { ...venue, manifest: { ...venue.manifest, clientOrderId } };
      },
    });
    const { order, fixture } = await amendable(scene);
    scene.server.on("POST", modified, "reset");
    scene.server.on("GET", "/fills", { status: 200, body: { success: true, result: fills } });
    scene.server.route(
      ...scene.fill(fixtures.configureOpenOrderStatusResponse, fixture),
      ...scene.fill(fixtures.configureOpenOrdersResponse, fixture),
    );
    await scene.run(scene.connector.amend(order.clientOrderId, { price: "4990" }).catch(() => undefined));
    await scene.world.advance(60_000);
    expect([order.state, order.targetPrice?.toFixed()]).toEqual(["open", target]);
  });

  it("that is refused leaves the order as it was and rejects with the refusal", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await amendable(scene);
    scene.server.on("POST", modified, { status: 400, body: { success: false, error: "Size too small" } });
    scene.server.route(...scene.fill(fixtures.configureOpenOrderStatusResponse, fixture));
    const failure = await scene.run(
      scene.connector.amend(order.clientOrderId, { amount: "0.5" }).catch((error: unknown) => error),
    );
    expect(failure).toBeInstanceOf(OrderRejectedError);
    expect([order.state, order.targetAmount.toFixed()]).toEqual(["open", "1"]);
  });

  it("of an order that is partly filled asks only for what is left of the amount", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture, replacement } = await amendable(scene);
    scene.server.sendPrivate(fillsFrame(wireFill(fixture, { size: 0.4 })));
    await scene.until("partly filled", () => order.executedAmount.toFixed() === "0.4");
    const rest = { ...replacement, amount: "0.6" };
    scene.server.on("POST", modified, { body: { success: true, result: wireOrder(rest, { status: "new" }) } });
    await scene.run(scene.connector.amend(order.clientOrderId, { price: "4990", amount: "1" }));
    expect(scene.server.requestsTo("POST", modified)[0]?.body).toMatchObject({ size: "0.6" });
    expect(order.amount.toFixed()).toBe("1");
    scene.server.sendPrivate(
      ordersFrame(wireOrder(fixture, { ...CLOSED, filledSize: 0.4 })),
      ordersFrame(wireOrder(rest, { ...CLOSED, filledSize: 0.6 })),
      fillsFrame(wireFill(rest, { id: 2, size: 0.6 })),
    );
    await scene.until("filled", () => order.state === "filled");
    expect(order.executedAmount.toFixed()).toBe("1");
  });

  it("of an order that has ended says so", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await amendable(scene);
    scene.server.sendPrivate(ordersFrame(wireOrder(fixture, { ...CLOSED, filledSize: 0 })));
    await scene.until("canceled", () => order.state === "canceled");
    await expect(scene.connector.amend(order.clientOrderId, { price: "4990" })).rejects.toThrow(
      `order "${order.clientOrderId}" has ended: it is canceled`,
    );
  });

  it("that breaks a rule of the market is not sent", async () => {
    await using scene = await openScene(fixtures);
    const { order } = await amendable(scene);
    await expect(scene.connector.amend(order.clientOrderId, { price: "5000.3" })).rejects.toThrow(OrderRejectedError);
    await expect(scene.connector.amend("pw-nobody", { price: "4990" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(scene.server.requestsTo("POST", modified)).toEqual([]);
  });
});
