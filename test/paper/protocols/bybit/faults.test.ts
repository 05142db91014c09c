import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Harness, startVenue } from "./harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue();
});
afterEach(() => harness.venue.stop());

const order = { symbol: "BTCUSDT", side: "Buy", orderType: "Limit", qty: "0.01", price: "19000" };
const move = (index: number) =>
  harness.venue.trader.order({ market: "BTC-USD", side: "buy", size: "0.01", price: String(19_000 + index) });

describe("faults look on this wire as the venue's own", () => {
  it("too many requests are a 10006 with status 200", async () => {
    harness.venue.faults.set({ error429: 1 });
    const reply = await harness.post("/v5/order/create", order);
    expect([reply.status, reply.code, reply.message]).toEqual([200, 10_006, "Too many visits!"]);
    expect(Number(reply.headers["x-bapi-limit-reset-timestamp"])).toBeGreaterThan(harness.world.now());
    harness.venue.faults.clear();
    await harness.settle();
    expect(harness.venue.truth().orders).toEqual([]);
  });

  it("server errors are a 10016 or a gateway's page, before or after the order took effect", async () => {
    harness.venue.faults.set({ error5xx: 1 });
    const seen = new Set<string>();
    for (let count = 0; count < 40; count += 1) {
      const { status, text } = await harness.send(
        "POST",
        "/v5/order/create",
        JSON.stringify({ category: "linear", ...order }),
      );
      seen.add(status === 200 ? String(JSON.parse(text).retCode) : `page ${status}`);
    }
    expect([...seen].toSorted()).toEqual(["10016", "page 503"]);
    await harness.settle();
    const { orders } = harness.venue.truth();
    expect(orders.length).toBeGreaterThan(5);
    expect(orders.length).toBeLessThan(35);
  });

  it("an accepted order's answer gets lost, and only that", async () => {
    harness.venue.faults.set({ resetAfterAccept: 1 });
    await expect(harness.post("/v5/order/create", { ...order, orderLinkId: "lost" })).rejects.toMatchObject({
      code: "TRANSPORT_RESET",
    });
    await expect(harness.post("/v5/order/create-batch", { request: [order] })).rejects.toThrow();
    await harness.settle();
    expect(await harness.list("/v5/order/realtime", { orderLinkId: "lost" })).toHaveLength(1);
    expect((await harness.post("/v5/order/cancel", { symbol: "BTCUSDT", orderLinkId: "lost" })).code).toBe(0);
  });

  it("a broken sequence skips an update", async () => {
    const socket = await harness.publicSocket("orderbook.50.BTCUSDT");
    move(0);
    await harness.world.advance(50);
    harness.venue.faults.set({ breakSequence: 1 });
    move(1);
    await harness.world.advance(50);
    harness.venue.faults.clear();
    expect(socket.of("orderbook.50.BTCUSDT").map(({ data }) => data.u)).toEqual([1, 2, 4]);
    socket.send({ op: "unsubscribe", args: ["orderbook.50.BTCUSDT"] });
    socket.send({ op: "subscribe", args: ["orderbook.50.BTCUSDT"] });
    await harness.settle();
    const fresh = socket.of("orderbook.50.BTCUSDT").at(-1);
    expect(fresh).toMatchObject({ type: "snapshot", data: { u: 3 } });
  });

  it("dropped and repeated frames show in u and execId", async () => {
    const socket = await harness.publicSocket("orderbook.50.BTCUSDT");
    const account = await harness.privateSocket("execution");
    harness.venue.faults.set({ dropFrame: 1 });
    move(0);
    await harness.world.advance(50);
    harness.venue.faults.set({ repeatFrame: 1 });
    move(1);
    harness.venue.trader.order({ market: "BTC-USD", side: "sell", size: "1", price: "20000" });
    await harness.place({ side: "Buy", qty: "0.01", price: "20000" });
    await harness.world.advance(50);
    const updates = socket.of("orderbook.50.BTCUSDT").map(({ data }) => data.u);
    expect(updates.slice(0, 3)).toEqual([1, 3, 3]);
    const fills = account.rows("execution").map(({ execId }) => execId);
    expect([fills.length, new Set(fills).size]).toEqual([2, 1]);
  });

  it("a channel falls silent while its connection lives, until it is subscribed anew", async () => {
    const socket = await harness.publicSocket("orderbook.50.BTCUSDT", "publicTrade.BTCUSDT");
    harness.venue.faults.set({ deadChannel: { channel: "orderbook", market: "BTCUSDT" } });
    const before = socket.of("orderbook.50.BTCUSDT").length;
    harness.venue.trader.order({ market: "BTC-USD", side: "sell", size: "1", price: "20000" });
    await harness.place({ side: "Buy", qty: "0.01", price: "20000" });
    await harness.world.advance(100);
    expect(socket.of("orderbook.50.BTCUSDT")).toHaveLength(before);
    expect(socket.of("publicTrade.BTCUSDT")).toHaveLength(1);
    socket.send({ op: "unsubscribe", args: ["orderbook.50.BTCUSDT"] });
    socket.send({ op: "subscribe", args: ["orderbook.50.BTCUSDT"] });
    await harness.settle();
    expect(socket.of("orderbook.50.BTCUSDT")).toHaveLength(before + 1);
  });

  it("a restart breaks the connections and loses no order", async () => {
    const socket = await harness.privateSocket("order");
    const { result } = await harness.place({ ...order, orderLinkId: "kept" });
    const restarted = harness.venue.restart(200);
    await harness.settle();
    expect(socket.isClosed).toBe(true);
    await expect(harness.socket("/v5/private")).rejects.toThrow();
    await harness.world.run(restarted);
    expect(await harness.order(result.orderId)).toMatchObject({ orderStatus: "New", orderLinkId: "kept" });
  });
});
