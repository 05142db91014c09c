import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BTC, type Harness, startVenue, type Wire } from "./harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue();
});
afterEach(() => harness.venue.stop());

describe("a batch", () => {
  const row = { instId: BTC, tdMode: "cross", side: "buy", ordType: "limit", sz: "1", px: "19000" };

  it("answers row by row, with 0 for all, 2 for some and 1 for none", async () => {
    const all = await harness.post("/trade/batch-orders", [row, { ...row, clOrdId: "b2" }]);
    expect([all.code, all.data.map(({ sCode }: Wire) => sCode)]).toEqual(["0", ["0", "0"]]);
    const some = await harness.post("/trade/batch-orders", [row, { ...row, clOrdId: "b2" }, { ...row, sz: "0.05" }]);
    expect([some.code, some.data.map(({ sCode }: Wire) => sCode)]).toEqual(["2", ["0", "51016", "51020"]]);
    const none = await harness.post("/trade/batch-orders", [{ ...row, sz: "0.05" }]);
    expect([none.code, none.status]).toEqual(["1", 200]);
    await harness.settle();
    expect(await harness.list("/trade/orders-pending")).toHaveLength(3);
  });

  it("cancels and amends several", async () => {
    const { data } = await harness.post("/trade/batch-orders", [row, row]);
    await harness.settle();
    const [first, second] = data.map(({ ordId }: Wire) => ({ instId: BTC, ordId }));
    const amended = await harness.post("/trade/amend-batch-orders", [{ ...first, newSz: "2" }, second]);
    expect([amended.code, amended.data.map(({ sCode }: Wire) => sCode)]).toEqual(["2", ["0", "51500"]]);
    const cancelled = await harness.post("/trade/cancel-batch-orders", [first, second, { instId: BTC, ordId: "1" }]);
    expect([cancelled.code, cancelled.data.map(({ sCode }: Wire) => sCode)]).toEqual(["2", ["0", "0", "51400"]]);
    await harness.settle();
    expect(await harness.list("/trade/orders-pending")).toEqual([]);
  });

  it("of more than twenty, or of none, is refused as a whole", async () => {
    const many = await harness.post("/trade/batch-orders", Array(21).fill(row));
    expect([many.code, many.data]).toEqual(["51111", []]);
    const named = Array(21).fill({ instId: BTC, ordId: "1" });
    expect(await harness.post("/trade/cancel-batch-orders", named)).toMatchObject({ status: 400, code: "51406" });
    expect(await harness.post("/trade/amend-batch-orders", named)).toMatchObject({ status: 400, code: "51501" });
    expect(await harness.post("/trade/batch-orders", [])).toMatchObject({ status: 400, code: "50014" });
    expect(await harness.post("/trade/batch-orders", row)).toMatchObject({ status: 400, code: "50014" });
    await harness.settle();
    expect(harness.venue.truth().orders).toEqual([]);
  });
});

describe("cancel-all-after", () => {
  const arm = async (timeOut: string, tag?: string) => harness.post("/trade/cancel-all-after", { timeOut, tag });

  it("cancels all orders when nobody calls again, and says so", async () => {
    const { ordId } = await harness.place({ sz: "1", px: "19000" });
    const { data } = await arm("10");
    expect(Number(data[0].triggerTime) - Number(data[0].ts)).toBe(10_000);
    await harness.world.advance(9_000);
    expect((await harness.order(ordId)).state).toBe("live");
    await harness.world.advance(1_100);
    expect(await harness.order(ordId)).toMatchObject({ state: "canceled", cancelSource: "20" });
  });

  it("is called off with 0, and starts anew with each call", async () => {
    const { ordId } = await harness.place({ sz: "1", px: "19000" });
    await arm("10");
    await harness.world.advance(9_000);
    await arm("10");
    await harness.world.advance(9_000);
    expect((await arm("0")).data).toMatchObject([{ triggerTime: "0" }]);
    await harness.world.advance(60_000);
    expect((await harness.order(ordId)).state).toBe("live");
  });

  it("with a tag concerns the orders that carry it", async () => {
    const tagged = await harness.place({ sz: "1", px: "19000", tag: "bot" });
    const other = await harness.place({ sz: "1", px: "19000" });
    await arm("10", "bot");
    await harness.world.advance(10_100);
    expect([(await harness.order(tagged.ordId)).state, (await harness.order(other.ordId)).state]).toEqual([
      "canceled",
      "live",
    ]);
  });

  it.each(["9", "121", "x"])("is refused for %s seconds", async (timeOut) => {
    expect((await arm(timeOut)).code).toBe("51000");
  });
});
