import { afterEach, describe, expect, it } from "vitest";
import { BTC, ETH, type Harness, startVenue } from "./harness.ts";

let harness: Harness;
afterEach(() => harness.venue.stop());

const order = { instId: BTC, tdMode: "cross", side: "buy", ordType: "limit", sz: "1", px: "19000" };
const move = (index: number) => harness.quote("buy", String(19_000 + index), "0.01");

describe("faults look on this wire as the venue's own", () => {
  it("too many requests are a 50011 with status 429", async () => {
    harness = await startVenue();
    harness.venue.faults.set({ error429: 1 });
    const reply = await harness.post("/trade/order", order);
    expect([reply.status, reply.code, reply.data, reply.headers["retry-after"]]).toEqual([429, "50011", [], "1"]);
    harness.venue.faults.clear();
    await harness.settle();
    expect(harness.venue.truth().orders).toEqual([]);
  });

  it("server errors are a 50026 or a gateway's page, before or after the order took effect", async () => {
    harness = await startVenue();
    harness.venue.faults.set({ error5xx: 1 });
    const seen = new Set<string>();
    for (let count = 0; count < 40; count += 1) {
      const { status, text } = await harness.send("POST", "/trade/order", JSON.stringify(order));
      seen.add(status === 500 ? `500 ${JSON.parse(text).code}` : `page ${status}`);
    }
    expect([...seen].toSorted()).toEqual(["500 50026", "page 503"]);
    await harness.settle();
    const { orders } = harness.venue.truth();
    expect(orders.length).toBeGreaterThan(5);
    expect(orders.length).toBeLessThan(35);
  });

  it("an accepted order's answer gets lost, and only that", async () => {
    harness = await startVenue();
    harness.venue.faults.set({ resetAfterAccept: 1 });
    const lost = { code: "TRANSPORT_RESET" };
    await expect(harness.post("/trade/order", { ...order, clOrdId: "lost" })).rejects.toMatchObject(lost);
    await expect(harness.post("/trade/batch-orders", [order])).rejects.toMatchObject(lost);
    await harness.settle();
    const found = await harness.get("/trade/order", { instId: BTC, clOrdId: "lost" });
    expect(found.data).toMatchObject([{ state: "live" }]);
    expect((await harness.post("/trade/cancel-order", { instId: BTC, clOrdId: "lost" })).code).toBe("0");
  });

  it("a broken sequence names a message that was not sent, and a new subscription heals it", async () => {
    harness = await startVenue();
    const arg = { channel: "books", instId: BTC };
    const socket = await harness.publicSocket(arg);
    move(0);
    await harness.world.advance(150);
    harness.venue.faults.set({ breakSequence: 1 });
    move(1);
    await harness.world.advance(150);
    harness.venue.faults.clear();
    const [, before, broken] = socket.rows("books");
    expect(broken.prevSeqId).not.toBe(before.seqId);
    // A client that joins it with a snapshot over REST sees that it continues nothing.
    expect(broken.prevSeqId).toBeGreaterThan(broken.seqId);
    expect(broken.bids).toEqual([]);
    socket.send({ op: "unsubscribe", args: [arg] });
    socket.send({ op: "subscribe", args: [arg] });
    await harness.settle();
    expect(socket.of("books").at(-1)).toMatchObject({ action: "snapshot", data: [{ seqId: broken.seqId }] });
    expect(socket.rows("books").at(-1).bids).toHaveLength(2);
  });

  it("a dead channel is silent until somebody subscribes anew", async () => {
    harness = await startVenue();
    const socket = await harness.publicSocket({ channel: "books", instId: BTC }, { channel: "trades", instId: BTC });
    harness.venue.faults.set({ deadChannel: { channel: "books", market: BTC } });
    const before = socket.of("books").length;
    move(0);
    await harness.place({ side: "sell", sz: "1", px: "19000" });
    await harness.world.advance(150);
    expect([socket.of("books").length, socket.of("trades").length]).toEqual([before, 1]);
    socket.send({ op: "subscribe", args: [{ channel: "books", instId: BTC }] });
    await harness.settle();
    expect(socket.of("books").length).toBe(before + 1);
  });
});

describe("limits", () => {
  const refusals = async (count: number, call: () => Promise<{ readonly status: number }>) => {
    let refused = 0;
    for (let index = 0; index < count; index += 1) if ((await call()).status === 429) refused += 1;
    return refused;
  };

  it("of orders count for each instrument, and a batch counts its rows", async () => {
    harness = await startVenue({ rateLimits: "strict" });
    const place = (instId: string, px: string) => harness.post("/trade/order", { ...order, instId, px });
    expect(await refusals(62, () => place(BTC, "19000"))).toBe(2);
    expect(await place(ETH, "1400")).toMatchObject({ status: 200, code: "0" });
    await harness.world.advance(2_100);
    expect((await place(BTC, "19000")).status).toBe(200);
    const batch = () => harness.post("/trade/batch-orders", Array(20).fill({ ...order, sz: "0.01" }));
    expect(await refusals(16, batch)).toBe(1);
    // A batch of one order counts as that order by itself.
    await harness.world.advance(2_100);
    const one = () => harness.post("/trade/batch-orders", [{ ...order, px: "18000" }]);
    expect(await refusals(40, () => place(BTC, "18000"))).toBe(0);
    expect(await refusals(22, one)).toBe(2);
  });

  it("of lists count for the account, of public data for the address, and open again", async () => {
    harness = await startVenue({ rateLimits: "strict" });
    expect(await refusals(7, () => harness.get("/account/config"))).toBe(2);
    const time = () => harness.get("/public/time", {}, { unsigned: true });
    expect(await refusals(12, time)).toBe(2);
    await harness.world.advance(2_100);
    expect((await time()).status).toBe(200);
  });

  it("of subscriptions are 480 an hour on a connection, and of connections three a second", async () => {
    harness = await startVenue({ rateLimits: "strict" });
    const socket = await harness.socket("public");
    const args = [{ channel: "trades", instId: BTC }];
    // However many channels a request has, it counts once.
    socket.send({ op: "subscribe", args: [...args, { channel: "books", instId: BTC }] });
    for (let count = 1; count < 480; count += 1) socket.send({ op: "subscribe", args });
    await harness.settle();
    expect(socket.events("error")).toEqual([]);
    socket.send({ op: "unsubscribe", args });
    await harness.settle();
    expect(socket.events("error")).toMatchObject([{ code: "60014" }]);
    await harness.world.advance(1_000);
    for (let count = 0; count < 3; count += 1) await harness.socket("public");
    await expect(harness.socket("public")).rejects.toMatchObject({ venueCode: "429" });
  });

  it("of a request are 64 KB, and a longer one ends the connection", async () => {
    harness = await startVenue({ rateLimits: "strict" });
    const socket = await harness.socket("public");
    const empty = JSON.stringify({ op: "subscribe", args: [], pad: "" }).length;
    const request = (length: number) => ({ op: "subscribe", args: [], pad: "x".repeat(length - empty) });
    socket.send(request(65_536));
    await harness.settle();
    expect([socket.events("error").length, socket.closeCode]).toEqual([1, undefined]);
    socket.send(request(65_537));
    await harness.settle();
    expect(socket.closeCode).toBe(1_009);
  });
});
