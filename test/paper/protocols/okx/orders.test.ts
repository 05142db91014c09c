import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BTC, ETH, type Harness, type Socket, startVenue, type Wire } from "./harness.ts";

let harness: Harness;
let socket: Socket;
beforeEach(async () => {
  harness = await startVenue();
  socket = await harness.privateSocket({ channel: "orders", instType: "SWAP" });
});
afterEach(() => harness.venue.stop());

const rowsOf = (ordId: string): Wire[] => socket.rows("orders").filter((row: Wire) => row.ordId === ordId);
const states = (ordId: string) => rowsOf(ordId).map(({ state, accFillSz }) => `${state} ${accFillSz}`);
const cancel = async (fields: object) =>
  (await harness.post("/trade/cancel-order", { instId: BTC, ...fields })).data[0];
const amend = async (fields: object) => (await harness.post("/trade/amend-order", { instId: BTC, ...fields })).data[0];

describe("an order", () => {
  it("is acknowledged with its ids, then rests, fills in part and in full", async () => {
    const ack = await harness.place({ sz: "1", px: "19990", clOrdId: "cid1", tag: "desk" });
    expect(ack).toMatchObject({
      clOrdId: "cid1",
      tag: "desk",
      sCode: "0",
      sMsg: "",
      ts: expect.stringMatching(/^\d+$/),
    });
    expect(ack.ordId).toMatch(/^\d{18}$/);
    const { ordId } = ack;
    expect(await harness.order(ordId)).toMatchObject({
      instType: "SWAP",
      state: "live",
      px: "19990",
      sz: "1",
      accFillSz: "0",
      avgPx: "",
      tradeId: "",
      posSide: "net",
      tdMode: "cross",
      ordType: "limit",
      lever: "10",
      reduceOnly: "false",
      cancelSource: "",
    });
    harness.quote("sell", "19990", "0.004");
    expect(await harness.order(ordId)).toMatchObject({
      state: "partially_filled",
      accFillSz: "0.4",
      fillSz: "0.4",
      fillPx: "19990",
      avgPx: "19990",
      fee: "-0.015992",
      feeCcy: "USDT",
    });
    harness.quote("sell", "19990", "0.006");
    await harness.settle();
    expect(await harness.order(ordId)).toMatchObject({
      state: "filled",
      accFillSz: "1",
      fillSz: "0.6",
      cancelSource: "",
    });
    expect(states(ordId)).toEqual(["live 0", "partially_filled 0.4", "filled 1"]);
  });

  it("tells each of its fills with price, size, fee and side of the match", async () => {
    harness.quote("sell", "20000", "0.1");
    harness.quote("sell", "20001", "0.1");
    const { ordId } = await harness.place({ sz: "15", px: "20001" });
    expect(states(ordId)).toEqual(["live 0", "partially_filled 10", "filled 15"]);
    const [, first, second] = rowsOf(ordId);
    expect(first).toMatchObject({ fillPx: "20000", fillSz: "10", fillFee: "-1", fillFeeCcy: "USDT", execType: "T" });
    expect(second).toMatchObject({ fillPx: "20001", fillSz: "5", fillFee: "-0.500025", fee: "-1.500025" });
    expect(Number(second.avgPx)).toBeCloseTo(20_000.333_333, 5);
    const fills = await harness.list("/trade/fills", { instType: "SWAP" });
    expect(
      fills.map(({ tradeId, fillSz, fee, execType, subType }) => [tradeId, fillSz, fee, execType, subType]),
    ).toEqual([
      [second.tradeId, "5", "-0.500025", "T", "1"],
      [first.tradeId, "10", "-1", "T", "1"],
    ]);
    expect(harness.venue.truth().fills.map(({ fillId }) => fillId)).toEqual([first.tradeId, second.tradeId]);
    expect(harness.venue.truth().orders.map(({ orderId }) => orderId)).toEqual([ordId]);
  });

  it("may be asked for right after its acknowledgement, before the engine has it", async () => {
    const fields = { instId: BTC, tdMode: "cross", side: "buy", ordType: "limit", sz: "1", px: "19990" };
    const [ack] = (await harness.post("/trade/order", fields)).data;
    expect(await harness.order(ack.ordId)).toMatchObject({ state: "live", clOrdId: "" });
  });

  it("that is post-only and would trade is acknowledged and cancelled on the stream", async () => {
    harness.quote("sell", "20000");
    const { ordId, sCode } = await harness.place({ sz: "1", px: "20000", ordType: "post_only" });
    expect(sCode).toBe("0");
    expect(states(ordId)).toEqual(["canceled 0"]);
    expect(rowsOf(ordId).at(-1)).toMatchObject({ cancelSource: "31", tradeId: "" });
    const resting = await harness.place({ sz: "1", px: "19000", ordType: "post_only" });
    expect(states(resting.ordId)).toEqual(["live 0"]);
  });

  it.each([
    ["ioc", "50", "canceled", "14", "10"],
    ["fok", "50", "canceled", "13", "0"],
    ["ioc", "10", "filled", "", "10"],
  ])("of type %s for %s ends %s", async (ordType, sz, state, cancelSource, accFillSz) => {
    harness.quote("sell", "20000", "0.1");
    const { ordId } = await harness.place({ sz, px: "20000", ordType });
    expect(await harness.order(ordId)).toMatchObject({ state, cancelSource, accFillSz, ordType });
    expect(rowsOf(ordId).at(-1)).toMatchObject({ state, cancelSource, accFillSz });
  });

  it("at the market takes what the book has", async () => {
    harness.quote("sell", "20000", "0.1");
    const { ordId } = await harness.place({ sz: "1", ordType: "market" });
    expect(await harness.order(ordId)).toMatchObject({ state: "filled", px: "", ordType: "market", avgPx: "20000" });
  });

  it("counts in contracts of the instrument, whatever it trades against", async () => {
    harness.venue.trader.order({ market: "ETH-USD", side: "sell", size: "1", price: "1500" });
    const { ordId } = await harness.place({ instId: ETH, sz: "2.5", px: "1500" });
    expect(await harness.order(ordId, ETH)).toMatchObject({ state: "filled", accFillSz: "2.5" });
    expect(harness.venue.truth().positions).toMatchObject([{ market: "ETH-USD", size: "0.25" }]);
  });

  it("is cancelled by either id; a second cancel and one of a stranger have codes of their own", async () => {
    const byClientId = await harness.place({ sz: "1", px: "19000", clOrdId: "one" });
    const byId = await harness.place({ sz: "1", px: "19000" });
    expect(await cancel({ clOrdId: "one" })).toMatchObject({ ordId: byClientId.ordId, clOrdId: "one", sCode: "0" });
    await cancel({ ordId: byId.ordId, clOrdId: "one" });
    // It is on its way to the engine.
    expect(await cancel({ ordId: byId.ordId })).toMatchObject({ sCode: "51410" });
    await harness.settle();
    expect(rowsOf(byId.ordId).at(-1)).toMatchObject({ state: "canceled", cancelSource: "1" });
    expect(await cancel({ ordId: byId.ordId })).toMatchObject({ sCode: "51400" });
    expect(await cancel({ ordId: "1" })).toMatchObject({ sCode: "51400" });
    expect(await cancel({})).toMatchObject({ sCode: "51003" });
    harness.quote("buy", "20000");
    const sold = await harness.place({ side: "sell", sz: "1", px: "20000" });
    expect(await cancel({ ordId: sold.ordId })).toMatchObject({ sCode: "51400" });
    const reply = await harness.post("/trade/cancel-order", { instId: ETH, ordId: byId.ordId });
    expect([reply.status, reply.code, reply.message]).toEqual([200, "1", "All operations failed"]);
    expect(reply.body).toMatchObject({ inTime: expect.stringMatching(/^\d{16}$/), outTime: reply.body.inTime });
  });

  it("is found by its client id, and a wrong id is a 51603", async () => {
    const { ordId } = await harness.place({ sz: "1", px: "19000", clOrdId: "mine" });
    expect((await harness.get("/trade/order", { instId: BTC, clOrdId: "mine" })).data[0].ordId).toBe(ordId);
    expect(await harness.get("/trade/order", { instId: BTC, ordId: "1" })).toMatchObject({
      status: 200,
      code: "51603",
    });
    expect((await harness.get("/trade/order", { instId: ETH, ordId })).code).toBe("51603");
    expect((await harness.get("/trade/order", { instId: BTC })).code).toBe("51003");
  });
});

describe("an amendment", () => {
  it("keeps the order's id and tells its own on the stream", async () => {
    const { ordId } = await harness.place({ sz: "1", px: "19000", clOrdId: "keep" });
    const ack = await amend({ clOrdId: "keep", newSz: "2", newPx: "19100", reqId: "r1" });
    expect(ack).toMatchObject({ ordId, clOrdId: "keep", reqId: "r1", sCode: "0" });
    await harness.settle();
    expect(rowsOf(ordId).at(-1)).toMatchObject({
      state: "live",
      sz: "2",
      px: "19100",
      amendResult: "0",
      amendSource: "1",
      reqId: "r1",
    });
    expect(await harness.order(ordId)).toMatchObject({ sz: "2", px: "19100" });
  });

  it("that crosses trades at once", async () => {
    harness.quote("sell", "20000", "0.005");
    const { ordId } = await harness.place({ sz: "1", px: "19000" });
    await amend({ ordId, newPx: "20000" });
    await harness.settle();
    expect(states(ordId)).toEqual(["live 0", "live 0", "partially_filled 0.5"]);
  });

  it("that comes too late says so on the stream", async () => {
    const { ordId } = await harness.place({ sz: "1", px: "19000" });
    expect(await amend({ ordId, newSz: "2", reqId: "late" })).toMatchObject({ sCode: "0" });
    harness.quote("sell", "19000", "0.01");
    await harness.settle();
    expect(states(ordId)).toEqual(["live 0", "filled 1", "filled 1"]);
    expect(rowsOf(ordId).at(-1)).toMatchObject({
      amendResult: "-1",
      reqId: "late",
      code: "51503",
      sz: "1",
      tradeId: "",
    });
  });

  it("that margin does not carry leaves the order as it was, or cancels it where that is asked", async () => {
    const { ordId } = await harness.place({ sz: "1", px: "19000" });
    await amend({ ordId, newSz: "90000" });
    await harness.settle();
    expect(rowsOf(ordId).at(-1)).toMatchObject({ amendResult: "-1", state: "live", sz: "1" });
    await amend({ ordId, newSz: "90000", cxlOnFail: true });
    await harness.settle();
    expect(rowsOf(ordId).at(-1)).toMatchObject({ state: "canceled", cancelSource: "1", amendResult: "1" });
  });

  it("that is refused at once cancels its order where that is asked", async () => {
    const { ordId } = await harness.place({ sz: "1", px: "19000" });
    expect(await amend({ ordId, newPx: "60000", cxlOnFail: true })).toMatchObject({ sCode: "51006" });
    await harness.settle();
    expect(rowsOf(ordId).at(-1)).toMatchObject({ state: "canceled", amendResult: "" });
  });

  it("to a size that is filled already, or less, ends the order as filled", async () => {
    const { ordId } = await harness.place({ sz: "2", px: "19000" });
    harness.quote("sell", "19000", "0.01");
    await harness.settle();
    expect(await amend({ ordId, newSz: "0.5", reqId: "r" })).toMatchObject({ sCode: "0" });
    await harness.settle();
    expect(await harness.order(ordId)).toMatchObject({ state: "filled", sz: "1", accFillSz: "1", cancelSource: "" });
    expect(states(ordId)).toEqual(["live 0", "partially_filled 1", "partially_filled 1", "filled 1"]);
    expect(harness.venue.truth().positions).toMatchObject([{ market: "BTC-USD", size: "0.01" }]);
  });

  it("is refused while three of the same order wait for the matching engine", async () => {
    const { ordId } = await harness.place({ sz: "1", px: "19000" });
    const other = await harness.place({ sz: "1", px: "19000" });
    const rows = [..."2345"].map((newSz) => ({ instId: BTC, ordId, newSz }));
    const others = [{ instId: BTC, ordId: other.ordId, newSz: "2" }];
    const { data } = await harness.post("/trade/amend-batch-orders", [...rows, ...others]);
    expect(data.map((row: { readonly sCode: string }) => row.sCode)).toEqual(["0", "0", "0", "51513", "0"]);
    await harness.settle();
    expect(await harness.order(ordId)).toMatchObject({ state: "live", sz: "4" });
    expect(await amend({ ordId, newSz: "5" })).toMatchObject({ sCode: "0" });
  });

  it("to what the order is already is told as done", async () => {
    const { ordId } = await harness.place({ sz: "1", px: "19000" });
    expect(await amend({ ordId, newSz: "1", newPx: "19000", reqId: "same" })).toMatchObject({ sCode: "0" });
    await harness.settle();
    expect(rowsOf(ordId).at(-1)).toMatchObject({ state: "live", sz: "1", amendResult: "0", reqId: "same" });
  });

  it.each([{ newSlTriggerPx: "18000" }, { newTpTriggerPx: "22000" }, { attachAlgoOrds: [{ newSlTriggerPx: "1" }] }])(
    "of what is attached is refused, not dropped (%j)",
    async (attached) => {
      const { ordId } = await harness.place({ sz: "1", px: "19000" });
      expect(await amend({ ordId, newSz: "2", ...attached })).toMatchObject({ sCode: "51000" });
      await harness.settle();
      expect(await harness.order(ordId)).toMatchObject({ sz: "1" });
    },
  );

  it("is refused for what cannot be", async () => {
    const { ordId } = await harness.place({ sz: "1", px: "19000" });
    expect(await amend({ ordId })).toMatchObject({ sCode: "51500" });
    expect(await amend({ ordId, newSz: "1.001" })).toMatchObject({ sCode: "51121" });
    expect(await amend({ ordId, newPx: "19000.5" })).toMatchObject({ sCode: "51000" });
    expect(await amend({ ordId, newPx: "60000" })).toMatchObject({ sCode: "51006" });
    expect(await amend({ ordId: "1", newSz: "2" })).toMatchObject({ sCode: "51503" });
    await cancel({ ordId });
    await harness.settle();
    expect(await amend({ ordId, newSz: "2" })).toMatchObject({ sCode: "51503" });
  });
});

describe("a refusal", () => {
  it.each([
    ["below the smallest size", { sz: "0.05" }, "51020"],
    ["that is no multiple of the lot", { sz: "1.001" }, "51121"],
    ["of nothing", { sz: "0" }, "51000"],
    ["larger than the largest", { sz: "200000" }, "51101"],
    ["at market larger than the largest market order", { ordType: "market", px: "", sz: "12501" }, "51202"],
    ["beyond the price limit", { px: "60000" }, "51006"],
    ["between two ticks", { px: "19000.5" }, "51000"],
    ["that margin does not carry", { sz: "6000" }, "51008"],
    ["of an unknown instrument", { instId: "XRP-USDT-SWAP" }, "51001"],
    ["of an unknown type", { ordType: "trigger" }, "51000"],
    ["with a client id that has a dash", { clOrdId: "a-b" }, "51000"],
    ["with a client id of 33 characters", { clOrdId: "a".repeat(33) }, "51000"],
    ["with a leg in net mode", { posSide: "long" }, "51000"],
    ["that would reduce nothing", { reduceOnly: true, side: "sell", px: "21000" }, "51169"],
    ["with a take profit", { tpTriggerPx: "30000" }, "51000"],
    ["that cancels the taker of two own orders", { stpMode: "cancel_taker" }, "51000"],
    ["whose price may be moved", { pxAmendType: "1" }, "51000"],
    ["without a price", { px: "" }, "50014"],
    ["of cash", { tdMode: "cash" }, "51000"],
  ])("of an order %s has status 200 and its code in the row", async (_, fields, sCode) => {
    const usual = { instId: BTC, tdMode: "cross", side: "buy", ordType: "limit", sz: "1", px: "19000" };
    const reply = await harness.post("/trade/order", { ...usual, clOrdId: "c", ...fields });
    expect(reply).toMatchObject({ status: 200, code: "1", message: "All operations failed" });
    expect(reply.data).toMatchObject([{ sCode, ordId: "", sMsg: expect.stringMatching(/\w/) }]);
    await harness.settle();
    expect(harness.venue.truth().orders).toEqual([]);
  });

  it("of a client id that was used before comes even when that order is closed", async () => {
    await harness.place({ sz: "1", px: "19000", clOrdId: "once" });
    await cancel({ clOrdId: "once" });
    await harness.settle();
    expect(await harness.place({ sz: "1", px: "19000", clOrdId: "once" })).toMatchObject({
      sCode: "51016",
      clOrdId: "once",
    });
  });

  it("of a body that is no JSON is a 400", async () => {
    expect(await harness.post("/trade/order", {}, { rawBody: "{" })).toMatchObject({ status: 400, code: "50002" });
    expect(await harness.post("/trade/order", {}, { rawBody: "7" })).toMatchObject({ status: 400, code: "50002" });
  });
});

describe("positions in legs", () => {
  beforeEach(async () => {
    await harness.post("/account/set-position-mode", { posMode: "long_short_mode" });
    harness.quote("buy", "19999", "5");
    harness.quote("sell", "20001", "5");
  });

  it("open and close by side and posSide", async () => {
    await harness.place({ side: "buy", posSide: "long", ordType: "market", sz: "30" });
    await harness.place({ side: "sell", posSide: "short", ordType: "market", sz: "20" });
    await harness.place({ side: "sell", posSide: "long", ordType: "market", sz: "10" });
    const positions = await harness.list("/account/positions");
    expect(positions.map(({ posSide, pos, availPos }) => [posSide, pos, availPos]).toSorted()).toEqual([
      ["long", "20", ""],
      ["short", "20", ""],
    ]);
    const fills = await harness.list("/trade/fills");
    expect(fills.map(({ subType }) => subType)).toEqual(["5", "4", "3"]);
  });

  it("want a leg named, and do not close what is not there", async () => {
    expect(await harness.place({ sz: "1", px: "19000" })).toMatchObject({ sCode: "51000" });
    expect(await harness.place({ sz: "1", px: "19000", posSide: "net" })).toMatchObject({ sCode: "51000" });
    const close = { side: "sell", posSide: "long", ordType: "market", sz: "1" };
    expect(await harness.place(close)).toMatchObject({ sCode: "51169" });
  });
});
