import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BTC, ETH, type Harness, startVenue, type Wire } from "./harness.ts";

const HOUR_MS = 3_600_000;
let harness: Harness;
beforeEach(async () => {
  harness = await startVenue();
});
afterEach(() => harness.venue.stop());

const ids = (rows: Wire[]) => rows.map(({ ordId }) => ordId);
const cancel = async (ordId: string, instId: string = BTC) => {
  await harness.post("/trade/cancel-order", { instId, ordId });
  await harness.settle();
};

describe("pending orders", () => {
  it("are the open ones, newest first, by instrument, type, state and page", async () => {
    const btc = await harness.place({ sz: "1", px: "19000" });
    const maker = await harness.place({ sz: "1", px: "19000", ordType: "post_only" });
    const eth = await harness.place({ instId: ETH, sz: "1", px: "1400" });
    const gone = await harness.place({ sz: "1", px: "19000" });
    await cancel(gone.ordId);
    const pending = async (query: Record<string, string> = {}) =>
      ids(await harness.list("/trade/orders-pending", query));
    expect(await pending()).toEqual([eth.ordId, maker.ordId, btc.ordId]);
    expect(await pending({ instType: "SWAP", instId: BTC })).toEqual([maker.ordId, btc.ordId]);
    expect(await pending({ instFamily: "ETH-USDT" })).toEqual([eth.ordId]);
    expect(await pending({ ordType: "post_only,fok" })).toEqual([maker.ordId]);
    expect(await pending({ state: "partially_filled" })).toEqual([]);
    expect(await pending({ limit: "1" })).toEqual([eth.ordId]);
    expect(await pending({ after: maker.ordId })).toEqual([btc.ordId]);
    expect(await pending({ before: maker.ordId })).toEqual([eth.ordId]);
    expect(await pending({ instType: "SPOT" })).toEqual([]);
    expect((await harness.get("/trade/orders-pending", { instId: "NO-USDT-SWAP" })).code).toBe("51001");
  });
});

describe("the history of orders", () => {
  const history = (query: Record<string, string> = {}, path = "/trade/orders-history") =>
    harness.list(path, { instType: "SWAP", ...query });

  it("has the closed ones, by state and time of creation", async () => {
    harness.quote("sell", "20000");
    const filled = await harness.place({ sz: "1", px: "20000" });
    const canceled = await harness.place({ sz: "1", px: "19000" });
    await harness.place({ sz: "1", px: "19000" });
    await cancel(canceled.ordId);
    expect(ids(await history())).toEqual([canceled.ordId, filled.ordId]);
    expect(ids(await history({ state: "filled" }))).toEqual([filled.ordId]);
    expect(ids(await history({ state: "canceled" }))).toEqual([canceled.ordId]);
    expect(ids(await history({ category: "full_liquidation" }))).toEqual([]);
    const [row] = await history({ state: "filled" });
    expect(ids(await history({ begin: row.cTime, end: row.cTime }))).toEqual([filled.ordId]);
    expect(await harness.get("/trade/orders-history")).toMatchObject({ status: 400, code: "50014" });
  });

  it("forgets cancelled orders without fills after two hours and the others after a week", async () => {
    harness.quote("sell", "20000", "0.005");
    const part = await harness.place({ sz: "1", px: "20000" });
    const empty = await harness.place({ sz: "1", px: "19000" });
    await cancel(part.ordId);
    await cancel(empty.ordId);
    await harness.jump(2 * HOUR_MS + 1_000);
    expect(ids(await history())).toEqual([part.ordId]);
    expect(await harness.order(empty.ordId)).toBeUndefined();
    expect((await harness.order(part.ordId)).state).toBe("canceled");
    await harness.jump(7 * 24 * HOUR_MS);
    expect(await history()).toEqual([]);
    expect(ids(await history({}, "/trade/orders-history-archive"))).toEqual([part.ordId]);
  });
});

describe("fills", () => {
  it("are listed by order, side and page, for three days or from the history", async () => {
    harness.quote("sell", "20000", "1");
    harness.quote("buy", "19990", "1");
    const bought = await harness.place({ sz: "1", px: "20000" });
    const sold = await harness.place({ side: "sell", sz: "2", px: "19990" });
    const fills = (query: Record<string, string> = {}) => harness.list("/trade/fills", query);
    const [second, first] = await fills();
    expect([first.ordId, second.ordId]).toEqual([bought.ordId, sold.ordId]);
    expect(second).toMatchObject({ side: "sell", fillSz: "2", fillPx: "19990", feeRate: "", subType: "2" });
    expect(await fills({ ordId: bought.ordId })).toEqual([first]);
    expect(await fills({ subType: "2" })).toEqual([second]);
    expect(await fills({ after: second.billId })).toEqual([first]);
    expect(await fills({ before: first.billId })).toEqual([second]);
    expect(await fills({ instId: ETH })).toEqual([]);
    expect(await harness.get("/trade/fills-history")).toMatchObject({ status: 400, code: "50014" });
    await harness.jump(4 * 24 * HOUR_MS);
    expect(await fills()).toEqual([]);
    expect(await harness.list("/trade/fills-history", { instType: "SWAP" })).toHaveLength(2);
  });

  it("have the ids of the bills that they are", async () => {
    harness.quote("sell", "20000", "1");
    await harness.place({ sz: "1", px: "20000" });
    const [fill] = await harness.list("/trade/fills");
    const [bill] = await harness.list("/account/bills", { type: "2" });
    expect([fill.billId, fill.tradeId, fill.ordId]).toEqual([bill.billId, bill.tradeId, bill.ordId]);
  });
});
