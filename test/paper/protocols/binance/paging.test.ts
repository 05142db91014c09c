import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Harness, type Params, type Reply, startVenue } from "./harness.ts";
import { callsOf, codeOf, market, SYMBOL } from "./order-calls.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ startingBalance: "10000" });
});
afterEach(() => harness.venue.stop());

const { call, place } = callsOf(() => harness);

describe("paging", () => {
  const ids = ({ json }: Reply) => json.map(({ id }: { id: number }) => id);

  test("of trades goes on from an id, or within times, oldest first", async () => {
    for (let index = 0; index < 5; index += 1) {
      await place(market({ quantity: "0.002" }));
      await harness.world.advance(1_000);
    }
    const all = await call("GET", "/v1/userTrades", SYMBOL);
    expect(ids(all)).toHaveLength(5);
    expect(ids(all)).toEqual(ids(all).toSorted((left: number, right: number) => left - right));
    const [, , third, fourth] = all.json;
    const from = await call("GET", "/v1/userTrades", { ...SYMBOL, fromId: third.id, limit: 2 });
    expect(ids(from)).toEqual([third.id, fourth.id]);
    expect(ids(await call("GET", "/v1/userTrades", { ...SYMBOL, limit: 2 }))).toEqual(ids(all).slice(-2));
    const since = await call("GET", "/v1/userTrades", { ...SYMBOL, startTime: third.time, limit: 1 });
    expect(ids(since)).toEqual([third.id]);
    const until = await call("GET", "/v1/userTrades", { ...SYMBOL, startTime: third.time, endTime: fourth.time });
    expect(ids(until)).toEqual([third.id, fourth.id]);
    const ofOrder = await call("GET", "/v1/userTrades", { ...SYMBOL, orderId: fourth.orderId });
    expect(ids(ofOrder)).toEqual([fourth.id]);
    const orders = await call("GET", "/v1/allOrders", { ...SYMBOL, orderId: third.orderId, limit: 2 });
    expect(orders.json.map((row: { orderId: number }) => row.orderId)).toEqual([third.orderId, fourth.orderId]);
  });

  test("refuses what does not go together", async () => {
    const trades = (extra: Params) => call("GET", "/v1/userTrades", { ...SYMBOL, ...extra });
    expect(codeOf(await trades({ fromId: 1, startTime: 1 }))).toBe("400 -1128");
    expect(codeOf(await trades({ startTime: 2, endTime: 1 }))).toBe("400 -1023");
    expect(codeOf(await trades({ startTime: 1, endTime: 8 * 86_400_000 }))).toBe("400 -4165");
    expect(codeOf(await trades({ limit: 0 }))).toBe("400 -1130");
    expect(codeOf(await call("GET", "/v1/userTrades"))).toBe("400 -1102");
  });

  test("of income goes on by time: what is asked for by number is the first page again", async () => {
    for (let index = 0; index < 3; index += 1) {
      await place(market({ quantity: "0.002" }));
      await harness.world.advance(1_000);
    }
    const page = async (extra: Params) =>
      (await call("GET", "/v1/income", { incomeType: "COMMISSION", limit: 2, ...extra })).json;
    const first = await page({});
    expect(first).toHaveLength(2);
    expect(await page({ page: 2 })).toEqual(first);
    const next = await page({ startTime: first[1].time });
    expect(next).toHaveLength(2);
    expect(next[0]).toEqual(first[1]);
    expect((await call("GET", "/v1/income", { incomeType: "SPECIAL_FUNDING_FEE" })).json).toEqual([]);
    expect(codeOf(await call("GET", "/v1/income", { incomeType: "GIFT" }))).toBe("400 -1130");
  });
});
