import { describe, expect, it } from "vitest";
import { openScene, type Scene } from "../../src/testing/kit/scene.ts";
import { binanceFixtures } from "../venues/binance/fixtures.ts";
import { ftxFixtures } from "../venues/ftx/fixtures.ts";
import { fillsFrame, ordersFrame, wireFill, wireOrder } from "../venues/ftx/wire.ts";
import { AMOUNTS, changed, VENUES } from "./garbled.ts";

const MODIFIED = /^\/orders\/\d+\/modify$/;
const NEW_ID = "181542119100";
const TOLD = { executedAmount: "0", updatedMs: binanceFixtures.startMs + 20_000 };
const IN_PLACE = VENUES.filter(({ venue }) => venue !== "FTX");
const booked = (scene: Scene) => scene.named("orderFilled").map(({ amount }) => amount.toFixed());

/** An order of 1 on FTX that an amend has replaced by one at another price. */
async function replaced(scene: Scene, size = "1") {
  const { order, fixture } = await scene.openOrder();
  const clientOrderId = `${fixture.clientOrderId}-a1`;
  const leg = { ...fixture, exchangeOrderId: NEW_ID, clientOrderId, price: "4990", amount: size };
  scene.server.on("POST", MODIFIED, { body: { success: true, result: wireOrder(leg, { status: "new" }) } });
  await scene.run(scene.connector.amend(order.clientOrderId, { price: "4990" }));
  return { order, fixture, leg };
}

describe("a fill of an order that was amended in place", () => {
  it.each(IN_PLACE)("$venue: is refused beyond all that was asked for, and counts up to that", async ({ fixtures }) => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    const { configureSuccessfulAmendResponse: answer, tradeEventForFullFillWebsocketUpdate: fill } = fixtures;
    const larger = { ...fixture, amount: "3" };
    scene.route(answer as never, larger, TOLD);
    scene.connector.amend(order.clientOrderId, { amount: "3" }).catch(() => undefined);
    await scene.world.advance(500);
    scene.send(changed(fill, AMOUNTS, "50000"), larger);
    await scene.world.advance(500);
    expect(booked(scene)).toEqual([]);
    expect(scene.named("unreadableRow")).toHaveLength(1);
    scene.send(fill, larger);
    await scene.until("the fill", () => order.executedAmount.eq("3"));
    expect(booked(scene)).toEqual(["3"]);
  });

  it.each(IN_PLACE)("$venue: is refused beyond what was ordered once the amend is refused", async ({ fixtures }) => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    const { configureRefusedAmendResponse: refusal, tradeEventForFullFillWebsocketUpdate: fill } = fixtures;
    scene.route(refusal as never, fixture);
    await scene.run(scene.connector.amend(order.clientOrderId, { amount: "3" }).catch(() => undefined));
    scene.send(changed(fill, AMOUNTS, "200"), fixture);
    await scene.world.advance(500);
    expect(booked(scene)).toEqual([]);
  });

  it.each(IN_PLACE)("$venue: counts although later amends have made the order smaller", async ({ fixtures }) => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    const { configureSuccessfulAmendResponse: answer, tradeEventForFullFillWebsocketUpdate: fill } = fixtures;
    for (const amount of ["3", "2"]) {
      scene.route(answer as never, { ...fixture, amount }, TOLD);
      scene.connector.amend(order.clientOrderId, { amount }).catch(() => undefined);
      await scene.world.advance(500);
    }
    scene.send(changed(fill, ["q"], "2"), { ...fixture, amount: "3" });
    await scene.until("the fill", () => order.executedAmount.eq("3"));
    expect(scene.named("unreadableRow")).toEqual([]);
  });
});

describe("a leg that an amend has made on FTX", () => {
  it("is filled up to its own amount", async () => {
    await using scene = await openScene(ftxFixtures);
    const { order, fixture, leg } = await replaced(scene, "0.6");
    scene.server.sendPrivate(fillsFrame(wireFill(leg, { id: 1, size: 0.9 })));
    await scene.world.advance(500);
    expect(booked(scene)).toEqual([]);
    scene.server.sendPrivate(fillsFrame(wireFill(fixture, { id: 2, size: 0.4 })));
    scene.server.sendPrivate(fillsFrame(wireFill(leg, { id: 1, size: 0.6 })));
    await scene.until("both fills", () => order.executedAmount.eq("1"));
    expect(booked(scene)).toEqual(["0.4", "0.6"]);
  });

  it("counts beside the whole amount of the leg that it replaced while both were filled", async () => {
    await using scene = await openScene(ftxFixtures);
    const { order, fixture, leg } = await replaced(scene);
    scene.server.sendPrivate(fillsFrame(wireFill(fixture, { id: 1 })), fillsFrame(wireFill(leg, { id: 2 })));
    await scene.until("both fills", () => order.executedAmount.eq("2"));
    expect(scene.named("unreadableRow")).toEqual([]);
  });

  it("is none where no amend is left that can have made it", async () => {
    await using scene = await openScene(ftxFixtures);
    const { order, fixture, leg } = await replaced(scene);
    for (const { clientOrderId } of [leg, fixture]) {
      const wrong = { ...leg, clientOrderId, exchangeOrderId: "181542119999" };
      scene.server.sendPrivate(ordersFrame(wireOrder(wrong, { status: "closed", filledSize: 1, remainingSize: 0 })));
    }
    await scene.world.advance(1_000);
    expect(order.exchangeOrderIds).toEqual([fixture.exchangeOrderId, NEW_ID]);
    expect([order.state, order.venueExecutedAmount.toFixed()]).toEqual(["open", "0"]);
    expect(scene.named("gap").length).toBeGreaterThan(0);
  });

  it("is followed although a wrong row took its place before the amend was answered", async () => {
    await using scene = await openScene(ftxFixtures);
    const { order, fixture } = await scene.openOrder();
    const clientOrderId = `${fixture.clientOrderId}-a1`;
    const leg = { ...fixture, exchangeOrderId: NEW_ID, clientOrderId, price: "4990" };
    const { promise, resolve } = Promise.withResolvers<{ readonly body: unknown }>();
    scene.server.on("POST", MODIFIED, () => promise);
    const amended = scene.connector.amend(order.clientOrderId, { price: "4990" });
    await scene.world.advance(100);
    scene.server.sendPrivate(ordersFrame(wireOrder({ ...leg, exchangeOrderId: "181542119999" }, { status: "new" })));
    await scene.world.advance(100);
    resolve({ body: { success: true, result: wireOrder(leg, { status: "new" }) } });
    await scene.run(amended);
    expect(order.exchangeOrderIds).toContain(NEW_ID);
  });

  it.each([
    ["the id of another order", { id: "181542119555" }],
    ["the other side", { side: "sell" }],
    ["another market", { market: "ETH-PERP" }],
    ["an amend that was never made", { clientId: "-a7" }],
  ])("is none where the amend's answer tells of %s: what the amend made is asked for", async (_, wrong) => {
    await using scene = await openScene(ftxFixtures);
    const another = await scene.openOrder({ exchangeOrderId: "181542119555" });
    const { order, fixture } = await scene.openOrder();
    const clientOrderId = `${fixture.clientOrderId}-a1`;
    const leg = { ...fixture, exchangeOrderId: NEW_ID, clientOrderId, price: "4990" };
    const changes = "clientId" in wrong ? { clientId: fixture.clientOrderId + wrong.clientId } : wrong;
    const told = wireOrder(leg, { id: "181542119777", status: "new", ...changes });
    scene.server.on("POST", MODIFIED, { body: { success: true, result: told } });
    scene.route(ftxFixtures.configureOpenOrderStatusResponse as never, leg);
    const amended = scene.connector.amend(order.clientOrderId, { price: "4990" });
    await expect(scene.run(amended)).rejects.toMatchObject({ outcome: "unknown" });
    await scene.until("the leg", () => order.exchangeOrderId === NEW_ID);
    expect(order.exchangeOrderIds).toEqual([fixture.exchangeOrderId, NEW_ID]);
    expect(another.order.exchangeOrderIds).toEqual(["181542119555"]);
  });
});
