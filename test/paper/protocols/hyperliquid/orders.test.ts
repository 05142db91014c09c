import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cloidOf } from "../../../support/hyperliquid-signer.ts";
import { type Harness, orderOf, startVenue, tif, trigger } from "./harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue();
});
afterEach(() => harness.venue.stop());

const A = cloidOf("a");
const B = cloidOf("b");
const orders = () => harness.venue.truth().orders;
const statusOf = async (oid: number | string) => (await harness.ask("orderStatus", { oid })).order?.status;

describe("an order", () => {
  it("rests, and is told with its cloid", async () => {
    const [{ resting }] = await harness.place({ c: A });
    expect(resting).toEqual({ oid: expect.any(Number), cloid: A });
    const row = {
      ...{ coin: "BTC", side: "B", limitPx: "19000.0", sz: "0.01", oid: resting.oid, origSz: "0.01" },
      ...{ cloid: A, timestamp: expect.any(Number) },
    };
    expect(await harness.ask("openOrders")).toEqual([row]);
    expect(await harness.ask("frontendOpenOrders")).toMatchObject([
      { ...row, tif: "Gtc", orderType: "Limit", isTrigger: false, triggerPx: "0.0", triggerCondition: "N/A" },
    ]);
    for (const oid of [resting.oid, A]) {
      const found = await harness.ask("orderStatus", { oid });
      expect(found).toMatchObject({ status: "order", order: { status: "open", order: { oid: resting.oid } } });
    }
    expect(await harness.ask("orderStatus", { oid: B })).toEqual({ status: "unknownOid" });
  });

  it("that trades tells size and average price, and one that is filled in part rests", async () => {
    harness.quote("sell", "20000", "0.01");
    harness.quote("sell", "20010", "0.01");
    const [filled, resting] = await harness.place(
      { p: "20100", s: "0.02", ...tif("Ioc"), c: A },
      { p: "20100", s: "0.02" },
    );
    expect(filled).toEqual({ filled: { totalSz: "0.02", avgPx: "20005.0", oid: expect.any(Number), cloid: A } });
    expect(Object.keys(resting)).toEqual(["resting"]);
    harness.quote("sell", "20100", "0.005");
    await harness.settle();
    expect((await harness.ask("openOrders"))[0]).toMatchObject({ sz: "0.015", origSz: "0.02" });
  });

  it("that is immediate or cancel ends filled with what is left, or is rejected with nothing", async () => {
    harness.quote("sell", "20000", "0.004");
    const [{ filled }] = await harness.place({ p: "20000", ...tif("Ioc") });
    expect(filled.totalSz).toBe("0.004");
    expect(await harness.ask("orderStatus", { oid: filled.oid })).toMatchObject({
      order: { status: "filled", order: { sz: "0.006", origSz: "0.01" } },
    });
    const [none, market] = await harness.place({ c: A, p: "20000", ...tif("Ioc") }, { ...tif("FrontendMarket") });
    expect(none.error).toBe("Order could not immediately match against any resting orders. asset=0");
    expect(market.error).toBe("No liquidity available for market order. asset=0");
    expect(await statusOf(A)).toBe("iocCancelRejected");
  });

  it("that is post-only and would trade is rejected with the best prices", async () => {
    harness.quote("buy", "19990");
    harness.quote("sell", "20000");
    const [{ error }] = await harness.place({ p: "20000", ...tif("Alo"), c: A });
    expect(error).toBe("Post only order would have immediately matched, bbo was 19990@20000. asset=0");
    expect(await statusOf(A)).toBe("badAloPxRejected");
    expect((await harness.ask("historicalOrders")).map((row: { status: string }) => row.status)).toEqual([
      "badAloPxRejected",
    ]);
  });

  it("is refused in the venue's words, each of a batch by itself", async () => {
    const errors = (await harness.place({}, { s: "0.0001" }, { r: true }, { s: "100", c: A }, { p: "1000" })).map(
      ({ error }: { error?: string }) => error,
    );
    expect(errors).toEqual([
      undefined,
      "Order must have minimum value of $10. asset=0",
      "Reduce only order would increase position. asset=0",
      "Insufficient margin to place order. asset=0",
      "Order price cannot be more than 80% away from the reference price asset=0",
    ]);
    expect(await statusOf(A)).toBe("perpMarginRejected");
  });

  it("that cannot even be read refuses the whole batch with one error, and leaves no trace", async () => {
    const refused = async (fields: object) => harness.place({ c: A }, { ...fields, c: B });
    expect(await refused({ p: "19000.55" })).toEqual([{ error: "Price must be divisible by tick size. asset=0" }]);
    expect(await refused({ p: "19000.5" })).toEqual([{ error: "Price must be divisible by tick size. asset=0" }]);
    expect(await refused({ s: "0.0000015" })).toEqual([{ error: "Order has invalid size. asset=0" }]);
    expect(await refused({ s: "0" })).toEqual([{ error: "Order has zero size. asset=0" }]);
    expect(await refused({ a: 99 })).toEqual([{ error: "Asset 99 does not exist. asset=99" }]);
    expect(orders()).toEqual([]);
    expect([await statusOf(A), await statusOf(B)]).toEqual([undefined, undefined]);
    expect(await harness.place()).toBe("The batch has no orders.");
  });

  it("may have whole prices of any length, and five figures below", async () => {
    harness.venue.setPrice("ETH-USD", 150_000_000_000n);
    const prices = ["1234.5", "1234", "1500.1"];
    const placed = await harness.place(...prices.map((p) => ({ a: 1, p, s: "0.1" })));
    expect(placed.map((status: object) => Object.keys(status)[0])).toEqual(["resting", "resting", "resting"]);
    expect(await harness.place({ a: 1, p: "1500.12", s: "0.1" })).toMatchObject([{ error: /tick size/ }]);
  });

  it("may have a cloid again once it is over, and not before", async () => {
    await harness.place({ c: A });
    expect((await harness.place({ c: A }))[0].error).toContain("cloid");
    await harness.act({ type: "cancelByCloid", cancels: [{ asset: 0, cloid: A }] });
    const [{ resting }] = await harness.place({ c: A, p: "18000" });
    expect(await harness.ask("orderStatus", { oid: A })).toMatchObject({ order: { order: { oid: resting.oid } } });
  });
});

describe("a cancel", () => {
  it("is by oid or by cloid, and says of each whether there was something", async () => {
    const [{ resting }] = await harness.place({}, { c: A });
    const { response } = await harness.act({
      type: "cancel",
      cancels: [
        { a: 0, o: resting.oid },
        { a: 0, o: 1 },
        { a: 1, o: resting.oid },
      ],
    });
    const gone = { error: "Order was never placed, already canceled, or filled. asset=0" };
    expect(response).toEqual({
      type: "cancel",
      data: { statuses: ["success", gone, { error: gone.error.replace("=0", "=1") }] },
    });
    const byCloid = { type: "cancelByCloid", cancels: [{ asset: 0, cloid: A }] };
    expect((await harness.act(byCloid)).response.data.statuses).toEqual(["success"]);
    expect((await harness.act(byCloid)).response.data.statuses).toEqual([gone]);
    expect(await statusOf(resting.oid)).toBe("canceled");
  });
});

describe("a modify", () => {
  it("puts an order with another oid in the place of the old one", async () => {
    const [{ resting }] = await harness.place({ c: A });
    expect(await harness.act({ type: "modify", oid: A, order: orderOf({ p: "19001", s: "0.02", c: A }) })).toEqual({
      status: "ok",
      response: { type: "default" },
    });
    const [row, ...others] = await harness.ask("openOrders");
    expect(others).toEqual([]);
    expect(row).toMatchObject({ limitPx: "19001.0", sz: "0.02", cloid: A });
    expect(row.oid).toBeGreaterThan(resting.oid);
    expect(await statusOf(resting.oid)).toBe("canceled");
    const batch = { type: "batchModify", modifies: [{ oid: row.oid, order: orderOf({ p: "18999" }) }] };
    expect((await harness.act(batch)).response).toEqual({
      type: "order",
      data: { statuses: [{ resting: { oid: expect.any(Number) } }] },
    });
    expect((await harness.act(batch)).response.data.statuses).toEqual([
      { error: "Cannot modify canceled or filled order." },
    ]);
  });

  it("does not bring an order back that was filled before its turn came", async () => {
    const [{ resting }] = await harness.place({ c: A });
    const modifying = harness.act({ type: "modify", oid: resting.oid, order: orderOf({ c: A }) });
    harness.quote("sell", "19000", "0.01");
    expect(await modifying).toEqual({ status: "err", response: "Cannot modify canceled or filled order." });
    expect(orders().map(({ status }) => status)).toEqual(["closed"]);
  });

  it("tells a post-only order that would trade as an error of the new order", async () => {
    harness.quote("sell", "20000");
    const [{ resting }] = await harness.place({});
    const order = orderOf({ p: "20000", ...tif("Alo") });
    expect((await harness.act({ type: "modify", oid: resting.oid, order })).response).toMatch(
      /^Error placing new order during modify: Post only order would have immediately matched/,
    );
  });
});

describe("an order that waits for the mark price", () => {
  const open = async () => {
    harness.quote("sell", "20000", "1");
    await harness.place({ p: "20000", s: "0.1", ...tif("Ioc") });
    harness.quote("buy", "17900", "1");
  };
  const sell = { b: false, r: true, s: "0.1" };

  it("fires at its price under the same oid, and trades at its limit or better", async () => {
    await open();
    const [{ resting }] = await harness.place({ ...sell, p: "17500", ...trigger("sl", "18000"), c: A });
    expect((await harness.ask("frontendOpenOrders"))[0]).toMatchObject({
      ...{ oid: resting.oid, isTrigger: true, orderType: "Stop Market", triggerPx: "18000.0", tif: null, cloid: A },
      ...{ triggerCondition: "Price below 18000", reduceOnly: true, limitPx: "17500.0" },
    });
    expect(await statusOf(A)).toBe("open");
    harness.venue.setPrice("BTC-USD", 1_700_000_000_000n);
    await harness.settle(100);
    expect(await harness.ask("orderStatus", { oid: resting.oid })).toMatchObject({
      order: { status: "filled", order: { orderType: "Stop Market", sz: "0.0" } },
    });
    expect(harness.venue.truth().fills.at(-1)).toMatchObject({ orderId: resting.oid, price: "17900", side: "sell" });
    expect(await harness.ask("openOrders")).toEqual([]);
  });

  it("is refused where its price is there already, and is canceled like any other", async () => {
    await open();
    expect(await harness.place({ ...sell, p: "21000", ...trigger("sl", "20500") })).toEqual([
      { error: "Invalid TP/SL price. asset=0" },
    ]);
    const [{ resting }] = await harness.place({ ...sell, p: "21000", ...trigger("tp", "21000", false) });
    expect((await harness.act({ type: "cancel", cancels: [{ a: 0, o: resting.oid }] })).response.data.statuses).toEqual(
      ["success"],
    );
    expect(await statusOf(resting.oid)).toBe("canceled");
  });

  it("of a parent waits until that is filled, and the first of a pair ends the other", async () => {
    const family = () => [
      { c: A },
      { ...sell, s: "0.01", p: "17500", ...trigger("sl", "18000") },
      { ...sell, s: "0.01", p: "21000", ...trigger("tp", "21000"), c: B },
    ];
    expect(await harness.placeGroup("normalTpsl", ...family())).toEqual([
      { resting: { oid: expect.any(Number), cloid: A } },
      "waitingForFill",
      "waitingForFill",
    ]);
    harness.quote("sell", "19000", "0.01");
    harness.quote("buy", "21100", "0.01");
    harness.venue.setPrice("BTC-USD", 2_110_000_000_000n);
    await harness.settle(100);
    expect(await statusOf(B)).toBe("filled");
    expect(await harness.ask("openOrders")).toEqual([]);
    const ended = (await harness.ask("historicalOrders")).map((row: { status: string }) => row.status);
    expect(ended).toContain("siblingFilledCanceled");
  });

  it("of a parent that is canceled goes with it", async () => {
    await harness.placeGroup("normalTpsl", { c: A }, { ...sell, p: "17500", ...trigger("sl", "18000"), c: B });
    await harness.act({ type: "cancelByCloid", cancels: [{ asset: 0, cloid: A }] });
    expect(await statusOf(B)).toBe("canceled");
  });

  it("of a position closes all of it, whatever it is by then, and ends with it", async () => {
    await open();
    const whole = { b: false, r: true, s: "0" };
    const placed = await harness.placeGroup(
      "positionTpsl",
      { ...whole, p: "17500", ...trigger("sl", "18000"), c: A },
      { ...whole, p: "25000", ...trigger("tp", "25000"), c: B },
    );
    expect(placed).toMatchObject([{ resting: {} }, { resting: {} }]);
    await harness.place({ p: "20000", s: "0.1", ...tif("Ioc") });
    harness.venue.setPrice("BTC-USD", 1_700_000_000_000n);
    await harness.settle(100);
    expect(harness.venue.truth().positions.map(({ size }) => size)).toEqual(["0"]);
    expect([await statusOf(A), await statusOf(B)]).toEqual(["filled", "siblingFilledCanceled"]);
  });
});

describe("what the venue knows", () => {
  it("has the ids of the wire, and orders that wait for a price as new", async () => {
    harness.quote("sell", "20000", "0.1");
    const [{ filled }] = await harness.place({ p: "20000", s: "0.1" });
    const [{ resting }] = await harness.place({ b: false, r: true, p: "17500", s: "0.1", ...trigger("sl", "18000") });
    const [fill] = await harness.ask("userFills");
    const truth = harness.venue.truth();
    expect(truth.fills).toMatchObject([
      { fillId: `${fill.tid}:${fill.time}`, tradeId: fill.tid, orderId: filled.oid, fee: fill.fee },
    ]);
    expect(truth.orders.map(({ orderId, status }) => [orderId, status])).toEqual([
      [filled.oid, "closed"],
      [resting.oid, "new"],
    ]);
    await harness.act({ type: "cancel", cancels: [{ a: 0, o: resting.oid }] });
    expect(harness.venue.truth().orders.map(({ status, reason }) => [status, reason])).toContainEqual([
      "closed",
      "canceled",
    ]);
  });
});
