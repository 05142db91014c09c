import { afterEach, describe, expect, it } from "vitest";
import { PROTOCOL_NAMES } from "../../src/paper/index.ts";
import { parseFaults } from "../../src/paper/read-faults.ts";
import { type Client, startClient } from "./spoken-protocols.ts";

let client: Client;
afterEach(() => client.venue.stop());

/** What the frames of a book are counted with: the number before and the own one. FTX has none. */
const numbersOf = (frame: ReturnType<typeof JSON.parse>): readonly [unknown, unknown] => {
  if (frame.result !== undefined) return [frame.result.U - 1, frame.result.u];
  if (frame.arg !== undefined) return [frame.data[0].prevSeqId, frame.data[0].seqId];
  return frame.topic === undefined ? [frame.pu, frame.u] : [frame.data.u - 1, frame.data.u];
};

const quote = (price: string, side: "buy" | "sell" = "buy") =>
  void client.venue.trader.order({ market: "BTC-USD", side, size: "0.01", price });
const wait = (ms = 250) => client.world.advance(ms);
/** Fills the order that rests at 19,000. */
const fill = () => quote("19000", "sell");
const truth = () => client.venue.truth();

describe.each(PROTOCOL_NAMES)("over %s the box", (name) => {
  // Hyperliquid's books are told whole each time: nothing builds on a frame before.
  it.skipIf(name === "hyperliquid")("leaves a book update out and goes on with the next", async () => {
    client = await startClient(name);
    const feed = await client.bookFeed();
    quote("18000");
    await wait();
    client.venue.faults.set({ sequenceGap: 1 });
    quote("18001");
    await wait();
    client.venue.faults.clear();
    quote("18002");
    await wait();
    const [before, after, ...others] = feed.of("update");
    expect(others).toEqual([]);
    expect(JSON.stringify(after)).not.toMatch(/18001/);
    if (name !== "ftx") expect(numbersOf(after)[0]).not.toBe(numbersOf(before)[1]);
    expect(client.venue.engine.book("BTC-USD", 5).bids).toHaveLength(3);
  });

  it("lets a public frame come after the next one of its connection", async () => {
    client = await startClient(name);
    const feed = await client.bookFeed();
    client.venue.faults.set({ reorderFrame: 1 });
    quote("18000");
    await wait();
    expect(feed.of("update")).toEqual([]);
    quote("18001");
    await wait();
    client.venue.faults.clear();
    const [second, first] = feed.of("update").map((frame) => JSON.stringify(frame));
    expect(first).toMatch(/18000/);
    expect(second).toMatch(/18001/);
  });

  it("holds a frame and what is behind it on its connection", async () => {
    client = await startClient(name);
    const feed = await client.bookFeed();
    client.venue.faults.set({ delayFrame: 1, lateMs: [700, 700] });
    quote("18000");
    await wait();
    client.venue.faults.clear();
    quote("18001");
    await wait(300);
    expect(feed.of("update")).toEqual([]);
    await wait(300);
    expect(feed.of("update").map((frame) => /1800[01]/.exec(JSON.stringify(frame))?.[0])).toEqual(["18000", "18001"]);
  });

  it("answers a book over REST with one that is older than what it sent", async () => {
    client = await startClient(name, { faults: { staleSnapshot: 1 } });
    const feed = await client.bookFeed();
    quote("18000");
    await wait();
    await client.book();
    quote("18001");
    await wait();
    await wait(400);
    quote("18002");
    await wait();
    expect(JSON.stringify(feed.of("update"))).toMatch(/18002/);
    expect(client.levelsOf(await client.book())).toBeLessThan(3);
    client.venue.faults.clear();
    expect(client.levelsOf(await client.book())).toBe(3);
  });

  it("answers a book over REST with fewer levels, or with a 5xx", async () => {
    client = await startClient(name, { faults: { shallowSnapshot: 1 } });
    const prices = Array.from({ length: 8 }, (_, index) => String(18_000 + index));
    for (const price of prices) quote(price);
    expect(client.levelsOf(await client.book())).toBe(5);
    client.venue.faults.set({ errorSnapshot: 1 });
    const { status, text } = await client.book();
    expect(status >= 500 || /10016|-10\d\d/.test(text)).toBe(true);
    expect((await client.openOrders()).status).toBe(200);
    expect(client.venue.engine.book("BTC-USD", 10).bids).toHaveLength(8);
  });

  it("makes one row of a list nonsense, and leaves the others", async () => {
    client = await startClient(name);
    for (const id of ["a1", "a2", "a3"]) await client.place(id);
    await wait();
    const ids = client.idsOf(await client.openOrders());
    client.venue.faults.set({ unreadableRow: 1 });
    const seen = new Set<string>();
    for (let count = 0; count < 20; count += 1) {
      const list = await client.openOrders();
      seen.add(String(client.idsOf(list).filter((id) => ids.includes(id)).length));
      if (list.text.includes('"?"')) seen.add("?");
    }
    expect([...seen].sort()).toEqual(["2", "3", "?"]);
    expect(truth().orders.map(({ status }) => status)).toEqual(["open", "open", "open"]);
  });

  it("does not list or find what came to be a moment ago", async () => {
    client = await startClient(name);
    await client.place("old");
    await wait(1_500);
    client.venue.faults.set({ missingRows: 1, lateMs: [1_000, 1_000] });
    await client.place("new");
    await wait();
    expect(client.idsOf(await client.openOrders())).toEqual([truth().orders[0]!.orderId]);
    const { status, text } = await client.order("new");
    expect(`${status} ${text}`).toMatch(/^404 .*not found|ORDER_NOT_FOUND|-2013|51603|"list":\[\]|unknownOid/);
    expect((await client.order("old")).text).toContain(client.idNamed("old"));
    await wait(1_000);
    expect(client.idsOf(await client.openOrders())).toHaveLength(2);
    expect((await client.order("new")).text).toContain(client.idNamed("new"));
    expect(truth().orders.map((order) => order.status)).toEqual(["open", "open"]);
  });

  it("makes one row of a frame nonsense", async () => {
    client = await startClient(name);
    const feed = await client.accountFeed();
    await client.place("a1");
    await wait();
    client.venue.faults.set({ unreadableRow: 1 });
    const before = feed.texts.length;
    fill();
    await wait();
    expect(feed.texts.length).toBeGreaterThan(before);
    expect(truth().fills).toHaveLength(1);
    const { fillId, tradeId } = truth().fills[0]!;
    const known = JSON.stringify(name === "hyperliquid" ? tradeId : fillId);
    expect(feed.texts.slice(before).some((text) => text.includes('"?"') || !text.includes(known))).toBe(true);
  });

  it("tells private frames late and in their order", async () => {
    client = await startClient(name);
    const feed = await client.accountFeed();
    client.venue.faults.set({ latePrivate: 1, lateMs: [800, 800] });
    const before = feed.texts.length;
    expect((await client.place("a1")).status).toBeOneOf([200, 201]);
    fill();
    await wait(700);
    expect(truth().fills).toHaveLength(1);
    expect(feed.texts.length).toBe(before);
    await wait(500);
    expect(feed.fills).toHaveLength(1);
    client.venue.faults.clear();
    const late = feed.texts.slice(before).map((text) => text.replace(/\d{13}/g, ""));
    expect(late.findLastIndex((text) => /19000/.test(text))).toBeGreaterThan(0);
  });

  it("tells a fill after what came later, and a fill again", async () => {
    client = await startClient(name);
    const feed = await client.accountFeed();
    for (const id of ["a1", "a2"]) await client.place(id);
    await wait();
    client.venue.faults.set({ lateFill: 1, lateMs: [600, 600] });
    fill();
    await wait(10);
    client.venue.faults.set({ repeatFill: 1, lateMs: [900, 900] });
    fill();
    await wait(300);
    const ids = truth().fills.map(({ fillId, tradeId }) =>
      String(["okx", "binance", "hyperliquid"].includes(name) ? tradeId : fillId),
    );
    expect(feed.fills).toEqual([ids[1]]);
    await wait(400);
    expect(feed.fills).toEqual([ids[1], ids[0]]);
    await wait(400);
    expect(feed.fills).toEqual([ids[1], ids[0], ids[1]]);
  });

  it("tells a fill again on the account's next connection, where its own has ended", async () => {
    client = await startClient(name);
    const feed = await client.accountFeed();
    for (const id of ["a1", "a2"]) await client.place(id);
    await wait();
    client.venue.faults.set({ repeatFill: 1, lateMs: [900, 900] });
    fill();
    await wait(10);
    client.venue.faults.set({ disconnect: 1 });
    await wait(1_100);
    client.venue.faults.clear();
    const next = await client.accountFeed();
    fill();
    await wait();
    expect(next.fills).toHaveLength(2);
    expect(next.fills[0]).toBe(feed.fills[0]);
    expect(truth().fills).toHaveLength(2);
  });

  it("loses a request before it acted, or the answer of one that it did", async () => {
    client = await startClient(name, { faults: { resetBeforeAccept: 1 } });
    const lost = { name: "TransportError" };
    await expect(client.place("a1")).rejects.toMatchObject(lost);
    await wait();
    expect(truth().orders).toEqual([]);
    client.venue.faults.set({ resetAfterEffect: 1 });
    expect((await client.place("a1")).status).toBeOneOf([200, 201]);
    await wait();
    await expect(client.cancel("a1")).rejects.toMatchObject(lost);
    await wait();
    expect(truth().orders.map(({ status }) => status)).toEqual(["closed"]);
    expect((await client.openOrders()).status).toBe(200);
  });

  it("answers late, after the private stream has told", async () => {
    client = await startClient(name);
    const feed = await client.accountFeed();
    client.venue.faults.set({ delayAnswer: 1, lateMs: [800, 800] });
    const startMs = client.world.now();
    setTimeoutIn(100, fill);
    await client.place("a1");
    expect(client.world.now() - startMs).toBeGreaterThanOrEqual(800);
    expect(feed.fills).toHaveLength(1);
  });

  it("gives two answers in the other order, and one that stays alone a second later", async () => {
    client = await startClient(name, { faults: { swapAnswers: 1 } });
    const { http } = client.world.runtime("another");
    const order: string[] = [];
    const call = (label: string) =>
      http.request({ method: "GET", url: client.bookUrl, headers: {}, timeoutMs: 5_000 }).then(() => order.push(label));
    await client.world.run(Promise.all([call("first"), call("second")]));
    expect(order).toEqual(["second", "first"]);
    const startMs = client.world.now();
    await client.openOrders();
    expect(client.world.now() - startMs).toBeGreaterThanOrEqual(1_000);
  });

  it("refuses with a 429 that says when to come again, or does not", async () => {
    client = await startClient(name, { faults: { error429: 1 } });
    const hint = /^(retry-after|x-(bapi-limit|gate-ratelimit)-reset-timestamp)$/i;
    const hasHint = async () => Object.keys((await client.openOrders()).headers).some((header) => hint.test(header));
    expect(await hasHint()).toBe(true);
    client.venue.faults.set({ error429: 1, retryAfter: "never" });
    expect(await hasHint()).toBe(false);
    client.venue.faults.set({ error429: 1, retryAfter: "sometimes" });
    const seen = new Set<boolean>();
    for (let count = 0; count < 20; count += 1) seen.add(await hasHint());
    expect(seen.size).toBe(2);
  });

  // Anybody may listen to any account of Hyperliquid: there is no login.
  it.skipIf(name === "hyperliquid")("ends a login, and refuses one", async () => {
    client = await startClient(name);
    const feed = await client.accountFeed();
    client.venue.faults.set({ expireLogin: 1 });
    await wait(1_100);
    expect(feed.closed !== undefined || feed.texts.some((text) => text.includes("listenKeyExpired"))).toBe(true);
    client.venue.faults.set({ refuseLogin: 1 });
    const refused = await client.accountFeed().catch(() => undefined);
    const last = refused?.of("refused");
    await client.place("a1");
    fill();
    await wait();
    expect(refused?.fills ?? []).toEqual([]);
    if (name !== "binance") expect(last).not.toEqual([]);
  });

  it("refuses a subscription", async () => {
    client = await startClient(name, { faults: { refuseSubscription: 1 } });
    const feed = await client.bookFeed();
    quote("18000");
    await wait();
    expect(feed.of("refused")).toHaveLength(1);
    expect([...feed.of("snapshot"), ...feed.of("update")]).toEqual([]);
    client.venue.faults.clear();
    quote("18001");
    await wait();
    expect(feed.of("update")).toEqual([]);
    expect((await client.bookFeed()).of("refused")).toEqual([]);
  });

  it("is closed to accounts in a maintenance, while market data goes on", async () => {
    client = await startClient(name);
    const feed = await client.bookFeed();
    client.venue.faults.set({ maintenance: { everyMs: 2_000, forMs: 1_000 } });
    expect((await client.openOrders()).status).toBe(200);
    await wait(1_500);
    for (const { status, text } of [await client.place("a1"), await client.openOrders()]) {
      expect(`${status} ${text}`).toMatch(/^503 .*(retry|-1016|50001|TOO_BUSY|network upgrade)|^200 .*10016/);
    }
    quote("18000");
    await wait();
    expect(feed.of("update").length).toBeGreaterThan(0);
    expect(client.levelsOf(await client.book())).toBe(1);
    expect(truth().orders).toEqual([]);
    await wait(500);
    expect((await client.place("a1")).status).toBeOneOf([200, 201]);
  });
});

/** Does something while a call of the client is under way. */
function setTimeoutIn(delayMs: number, work: () => void): void {
  client.world.runtime("hand").timers.after(delayMs, work);
}

it("a checksum of FTX does not fit its levels, which are right", async () => {
  client = await startClient("ftx", { faults: { wrongChecksum: 1 } });
  quote("18000");
  const wrong = (await client.bookFeed()).of("snapshot")[0];
  client.venue.faults.clear();
  const right = (await client.bookFeed()).of("snapshot")[0];
  expect(wrong.data.bids).toEqual(right.data.bids);
  expect(wrong.data.checksum).not.toBe(right.data.checksum);
});

it("the first frame of a book that is asked for anew may be older than what went before", async () => {
  for (const name of ["ftx", "bybit", "okx"] as const) {
    client = await startClient(name, { faults: { staleSnapshot: 1 } });
    await client.bookFeed();
    quote("18000");
    await wait(400);
    quote("18001");
    await wait(100);
    expect(JSON.stringify((await client.bookFeed()).of("snapshot"))).not.toMatch(/18001/);
    client.venue.faults.clear();
    expect(JSON.stringify((await client.bookFeed()).of("snapshot"))).toMatch(/18001/);
    await client.venue.stop();
  }
});

it("an old book is not told as new when it is older than seconds", async () => {
  client = await startClient("okx", { faults: { staleSnapshot: 1 } });
  await client.bookFeed();
  quote("18000");
  await wait(400);
  client.venue.faults.clear();
  quote("18001");
  await wait(60_000);
  client.venue.faults.set({ staleSnapshot: 1 });
  expect(JSON.stringify((await client.bookFeed()).of("snapshot"))).toMatch(/18001/);
});

it("Binance bans an address for seconds, and the other protocols nobody", async () => {
  client = await startClient("binance", { faults: { error418: 1 } });
  const { status, text, headers } = await client.openOrders();
  expect([status, JSON.parse(text).code]).toEqual([418, -1_003]);
  expect(Number(headers["retry-after"])).toBeGreaterThan(0);
  client.venue.faults.clear();
  expect((await client.book()).status).toBe(418);
  await wait(5_000);
  expect((await client.book()).status).toBe(200);
  await client.venue.stop();
  client = await startClient("okx", { faults: { error418: 1 } });
  expect((await client.openOrders()).status).toBe(200);
});

it("each fault has a form as text", () => {
  const text = "late=10..20,sequenceGap=0.1,retryAfter=sometimes,maintenance=60000:5000,repeatFill=0.5,error418=0.01";
  expect(parseFaults(text)).toEqual({
    lateMs: [10, 20],
    sequenceGap: 0.1,
    retryAfter: "sometimes",
    maintenance: { everyMs: 60_000, forMs: 5_000 },
    repeatFill: 0.5,
    error418: 0.01,
  });
  expect(() => parseFaults("retryAfter=often")).toThrow("retryAfter is not one of always, sometimes, never");
  expect(() => parseFaults("maintenance=5000")).toThrow("maintenance is not how often and for how long");
  expect(() => parseFaults("maintenance=1:2")).toThrow("maintenance is not how often and for how long");
});
