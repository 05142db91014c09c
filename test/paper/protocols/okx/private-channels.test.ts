import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BTC, ETH, type Harness, startVenue } from "./harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ fundingIntervalMs: 60_000 });
  harness.quote("buy", "19999", "5");
  harness.quote("sell", "20001", "5");
});
afterEach(() => harness.venue.stop());

const EVENTS_ONLY = { extraParams: '{"updateInterval":"0"}' };
const buy = (sz: string) => harness.place({ ordType: "market", sz });
/** So that the book is dearer than the index, and longs pay. */
const lowerIndex = () =>
  harness.venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 19_900n * 100_000_000n });
const sell = (sz: string) => harness.place({ side: "sell", ordType: "market", sz });

describe("the account channel", () => {
  it("begins with the balance, tells each change of it, and repeats it every five seconds", async () => {
    const socket = await harness.privateSocket({ channel: "account" });
    await buy("50");
    const [first, ...others] = socket.of("account");
    expect(first).toMatchObject({
      arg: { channel: "account", uid: expect.stringMatching(/^\d+$/) },
      eventType: "snapshot",
      curPage: 1,
      lastPage: true,
    });
    expect(others.at(-1)).toMatchObject({ eventType: "event_update" });
    expect(others.at(-1).data[0].details[0]).toMatchObject({ ccy: "USDT", cashBal: harness.venue.truth().cash });
    const before = socket.of("account").length;
    await harness.world.advance(21_000);
    expect(
      socket
        .of("account")
        .slice(before)
        .map(({ eventType }) => eventType),
    ).toEqual(Array(4).fill("snapshot"));
  });

  it("repeats as often as is asked, or not at all", async () => {
    const quiet = await harness.privateSocket({ channel: "account", ...EVENTS_ONLY });
    const oftenArg = { extraParams: '{"updateInterval":"2000"}' };
    // Positions alone know other intervals than 0.
    const often = await harness.privateSocket(
      ...[
        { channel: "account", ...oftenArg },
        { channel: "positions", instType: "SWAP", ...oftenArg },
      ],
    );
    await harness.world.advance(21_000);
    expect([quiet, often].map((socket) => socket.of("account").length)).toEqual([1, 5]);
    expect(often.of("positions")).toHaveLength(11);
  });

  it("has pages in its snapshots alone", async () => {
    const socket = await harness.privateSocket({ channel: "account", ...EVENTS_ONLY });
    await buy("50");
    const [snapshot, update] = socket.of("account");
    expect(snapshot).toMatchObject({ eventType: "snapshot", curPage: 1, lastPage: true });
    expect(update.eventType).toBe("event_update");
    for (const name of ["curPage", "lastPage"]) expect(update).not.toHaveProperty(name);
  });
});

describe("the positions channel", () => {
  it("begins with what is open and tells what becomes flat", async () => {
    const arg = { channel: "positions", instType: "SWAP", ...EVENTS_ONLY };
    const socket = await harness.privateSocket(arg);
    await buy("50");
    await sell("50");
    const late = await harness.privateSocket(arg);
    expect(
      socket.of("positions").map(({ eventType, data }) => [eventType, data.map(({ pos }: { pos: string }) => pos)]),
    ).toEqual([
      ["snapshot", []],
      ["event_update", ["50"]],
      ["event_update", ["0"]],
    ]);
    expect(late.rows("positions")).toEqual([]);
  });

  it("is filtered by instrument and by product", async () => {
    const other = await harness.privateSocket({ channel: "positions", instType: "SWAP", instId: ETH, ...EVENTS_ONLY });
    const family = await harness.privateSocket({
      channel: "positions",
      instType: "ANY",
      instFamily: "BTC-USDT",
      ...EVENTS_ONLY,
    });
    const futures = await harness.privateSocket({ channel: "positions", instType: "FUTURES", ...EVENTS_ONLY });
    await buy("1");
    expect([other, family, futures].map((socket) => socket.rows("positions").length)).toEqual([0, 1, 0]);
    const untyped = await harness.privateSocket({ channel: "positions" });
    expect(untyped.events("error")).toMatchObject([{ code: "60018" }]);
  });

  it("tells of funding and of another leverage", async () => {
    await buy("50");
    const socket = await harness.privateSocket({ channel: "positions", instType: "SWAP", ...EVENTS_ONLY });
    await harness.post("/account/set-leverage", { instId: BTC, lever: "5", mgnMode: "cross" });
    await harness.settle();
    expect(socket.rows("positions").at(-1)).toMatchObject({ lever: "5" });
    lowerIndex();
    const before = socket.of("positions").length;
    socket.connection!.send("ping");
    await harness.world.advance(25_000);
    socket.connection!.send("ping");
    await harness.world.advance(25_000);
    socket.connection!.send("ping");
    await harness.world.advance(15_000);
    expect(socket.of("positions").length).toBe(before + 1);
    const { fundingFee } = socket.rows("positions").at(-1);
    expect(fundingFee).toBe(harness.venue.truth().fundingPayments[0]?.amount);
    expect(Number(fundingFee)).toBeLessThan(0);
  });
});

describe("the orders channel", () => {
  it("is filtered by instrument, and begins with nothing", async () => {
    await harness.place({ sz: "1", px: "19000" });
    const btc = await harness.privateSocket({ channel: "orders", instType: "SWAP", instId: BTC });
    const eth = await harness.privateSocket({ channel: "orders", instType: "SWAP", instId: ETH });
    expect(btc.of("orders")).toEqual([]);
    await harness.place({ sz: "1", px: "19000" });
    expect(btc.of("orders").map(({ arg }) => arg)).toEqual([
      { channel: "orders", instType: "SWAP", instId: BTC, uid: expect.any(String) },
    ]);
    expect(eth.of("orders")).toEqual([]);
  });

  it("tells a reduce-only order that it shrank with its position", async () => {
    await buy("50");
    const { ordId } = await harness.place({ side: "sell", sz: "50", px: "21000", reduceOnly: true });
    const socket = await harness.privateSocket({ channel: "orders", instType: "SWAP" });
    await sell("20");
    const rows = () => socket.rows("orders").filter((row) => row.ordId === ordId);
    expect(rows()).toMatchObject([{ sz: "30", amendSource: "4", amendResult: "0", state: "live", reqId: "" }]);
    await sell("30");
    expect(rows().at(-1)).toMatchObject({ state: "canceled", cancelSource: "23", reduceOnly: "true" });
  });

  it.each([
    ["limit", ["50 ", "20 4"]],
    ["post_only", ["20 4", "20 "]],
  ])("tells a reduce-only %s order that it was cut when it came to rest", async (ordType, expected) => {
    await buy("20");
    const socket = await harness.privateSocket({ channel: "orders", instType: "SWAP" });
    await harness.place({ side: "sell", sz: "50", px: "21000", ordType, reduceOnly: true });
    const rows = socket.rows("orders");
    expect(rows.map(({ sz, amendSource }) => `${sz} ${amendSource}`)).toEqual(expected);
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(["live"]));
  });

  it("goes to the account's own connections only", async () => {
    const own = await harness.privateSocket({ channel: "orders", instType: "SWAP" });
    const stranger = await startVenue({
      accounts: [
        { apiKey: "a", apiSecret: "b" },
        { apiKey: "c", apiSecret: "d", username: "other" },
      ],
    });
    const socket = await stranger.socket("private");
    socket.login("c", "d", stranger.now());
    socket.send({ op: "subscribe", args: [{ channel: "orders", instType: "SWAP" }] });
    await stranger.settle();
    await stranger.place({ sz: "1", px: "19000" });
    await harness.place({ sz: "1", px: "19000" });
    expect([own.of("orders").length, socket.of("orders").length]).toEqual([1, 0]);
    await stranger.venue.stop();
  });
});

describe("balance_and_position", () => {
  it("has no channel of fills without a VIP level", async () => {
    const socket = await harness.privateSocket({ channel: "fills" });
    expect(socket.events("error")).toMatchObject([{ code: "60029" }]);
    expect(socket.events("subscribe")).toEqual([]);
  });

  it("tell what each fill made of cash and position", async () => {
    const socket = await harness.privateSocket({ channel: "balance_and_position" });
    const { ordId } = await buy("50");
    const { tradeId } = await harness.order(ordId);
    const [snapshot, filled] = socket.rows("balance_and_position");
    expect(snapshot).toMatchObject({ eventType: "snapshot", balData: [{ cashBal: "100000" }], posData: [] });
    expect(filled).toMatchObject({
      eventType: "filled",
      balData: [{ ccy: "USDT", cashBal: harness.venue.truth().cash }],
      posData: [{ instId: BTC, pos: "50", avgPx: "20001" }],
      trades: [{ instId: BTC, tradeId }],
    });
  });

  it("tell of funding", async () => {
    await buy("50");
    lowerIndex();
    const socket = await harness.privateSocket({ channel: "balance_and_position" });
    for (let part = 0; part < 3; part += 1) {
      socket.connection!.send("ping");
      await harness.world.advance(20_500);
    }
    expect(socket.rows("balance_and_position").at(-1)).toMatchObject({
      eventType: "funding_fee",
      posData: [{ instId: BTC }],
      trades: [],
    });
  });
});
