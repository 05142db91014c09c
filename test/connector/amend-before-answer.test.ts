import { expect, it } from "vitest";
import { openScene } from "../../src/testing/kit/scene.ts";
import { ftxFixtures as fixtures } from "../venues/ftx/fixtures.ts";
import { fillsFrame, ordersFrame, wireFill, wireOrder } from "../venues/ftx/wire.ts";

const NEW_ID = "181542119100";
const CREATED = "/orders";
const MODIFIED = /^\/orders\/by_client_id\/[^/]+\/modify$/;

/** An order that an amend by its client id has replaced before its creation was answered. */
async function amendedFirst(lost?: "reset") {
  const scene = await openScene(fixtures);
  const { promise, resolve } = Promise.withResolvers<{ readonly body: unknown }>();
  scene.server.on("POST", CREATED, lost ?? (() => promise));
  const order = scene.order();
  await scene.world.advance(200);
  const { clientOrderId } = order;
  const first = { clientOrderId, exchangeOrderId: "181542119006", side: "buy", amount: "1", price: "5000" } as const;
  const leg = { ...first, exchangeOrderId: NEW_ID, clientOrderId: `${clientOrderId}-a1`, price: "4990" };
  scene.server.on("POST", MODIFIED, { body: { success: true, result: wireOrder(leg, { status: "new" }) } });
  await scene.run(scene.connector.amend(clientOrderId, { price: "4990" }));
  const answer = () => resolve({ body: { success: true, result: wireOrder(first, { status: "new" }) } });
  return { scene, order, first, leg, answer };
}

it("an order that was amended before its creation was answered is what the amend made", async () => {
  const { scene, order, first, leg, answer } = await amendedFirst();
  await using _ = scene;
  answer();
  await scene.world.advance(500);
  expect([order.price?.toFixed(), order.exchangeOrderId]).toEqual(["4990", NEW_ID]);
  expect(order.exchangeOrderIds).toEqual([first.exchangeOrderId, NEW_ID]);
  scene.server.sendPrivate(ordersFrame(wireOrder(first, { status: "closed", remainingSize: 0 })));
  scene.server.sendPrivate(ordersFrame(wireOrder(leg, { status: "closed", filledSize: 1, remainingSize: 0 })));
  scene.server.sendPrivate(fillsFrame(wireFill(leg)));
  await scene.until("filled", () => order.state === "filled");
  expect(scene.named("orderCreated")).toHaveLength(1);
});

it("the fills of what it was before count, told on the stream before the creation is answered", async () => {
  const { scene, order, first, answer } = await amendedFirst();
  await using _ = scene;
  scene.server.sendPrivate(ordersFrame(wireOrder(first, { status: "closed", filledSize: 0.4, remainingSize: 0 })));
  scene.server.sendPrivate(fillsFrame(wireFill(first, { id: 7, size: 0.4 })));
  await scene.until("the fill", () => order.executedAmount.eq("0.4"));
  answer();
  await scene.world.advance(500);
  expect([order.exchangeOrderId, order.executedAmount.toFixed()]).toEqual([NEW_ID, "0.4"]);
  expect(scene.named("unreadableRow")).toEqual([]);
  expect(scene.named("externalOrder")).toEqual([]);
});

const BY_CLIENT_ID = /^\/orders\/by_client_id\/[^/]+$/;

/** The answer to the creation is lost, and what the amend made is filled. */
async function answerLost() {
  const all = await amendedFirst("reset");
  const { scene, leg } = all;
  scene.server.sendPrivate(
    ordersFrame(wireOrder(leg, { status: "closed", size: 0.6, filledSize: 0.6, remainingSize: 0 })),
  );
  scene.server.sendPrivate(fillsFrame(wireFill(leg, { id: 8, size: 0.6 })));
  await scene.until("its fill", () => all.order.executedAmount.eq("0.6"));
  return all;
}

it("what the creation made is asked for when its answer was lost: it may have traded before it was replaced", async () => {
  const { scene, order, first } = await answerLost();
  await using _ = scene;
  expect(order.isDone).toBe(false);
  const row = wireOrder(first, { status: "closed", filledSize: 0.4, remainingSize: 0 });
  scene.server.on("GET", BY_CLIENT_ID, { body: { success: true, result: row } });
  scene.server.on("GET", "/fills", ({ params }) => ({
    body: {
      success: true,
      result: params.orderId === first.exchangeOrderId ? [wireFill(first, { id: 7, size: 0.4 })] : [],
    },
  }));
  await scene.until("filled", () => order.state === "filled");
  expect(order.executedAmount.toFixed()).toBe("1");
  expect(order.exchangeOrderIds).toEqual([first.exchangeOrderId, NEW_ID]);
});

it("the order ends when the venue no longer knows what the creation made", async () => {
  const { scene, order } = await answerLost();
  await using _ = scene;
  scene.server.on("GET", BY_CLIENT_ID, { status: 404, body: { success: false, error: "Order not found" } });
  await scene.until("its end", () => order.isDone);
  expect([order.executedAmount.toFixed(), order.exchangeOrderIds]).toEqual(["0.6", [NEW_ID]]);
});
