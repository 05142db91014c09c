import { afterEach, describe, expect, it } from "vitest";
import { BTC, DECIMAL, type Harness, startVenue, type Wire } from "./harness.ts";

let gate: Harness;
afterEach(() => gate.venue.stop());

const labelOf = async (work: Promise<{ status: number; body: Wire }>) => {
  const { status, body } = await work;
  return [status, body.label];
};
const post = (fields: object) => gate.call("POST", "/orders", { contract: BTC, size: 10, price: "19000", ...fields });
const get = async (reference: string) => gate.call("GET", `/orders/${reference}`);

describe("a create", () => {
  it("is answered with 201 and the order as it rests, whose id no double holds", async () => {
    gate = await startVenue();
    const { status, body, text } = await post({ size: -10, price: "20500", tif: "poc", text: "t-cid-1" });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ...{ status: "open", contract: BTC, size: -10, left: -10, price: "20500", tif: "poc", text: "t-cid-1" },
      ...{ fill_price: "0", is_reduce_only: false, is_close: false, is_liq: false, user: Number(gate.userId) },
    });
    expect(body).not.toHaveProperty("finish_as");
    expect(body).not.toHaveProperty("finish_time");
    expect(text).toContain(`"id":${body.id},`);
    expect(String(Number(body.id))).not.toBe(body.id);
    expect(gate.venue.truth().orders).toMatchObject([{ orderId: body.id, clientId: "t-cid-1" }]);
  });

  it("tells what was taken at once, and what is left with the sign of the size", async () => {
    gate = await startVenue();
    gate.quote("sell", "20000", "0.0016");
    const body = await gate.place({ size: 30, price: "0", tif: "ioc", text: "t-m" });
    expect(body).toMatchObject({ status: "finished", finish_as: "ioc", left: 14, fill_price: "20000", price: "0" });
    expect(body.finish_time).toBeCloseTo(gate.venue.now() / 1_000, 0);
    gate.quote("buy", "19990", "0.003");
    expect(await gate.place({ size: -30, price: "0", tif: "ioc" })).toMatchObject({
      ...{ status: "finished", finish_as: "filled", left: 0, text: "api" },
    });
  });

  it("is no order where a post-only one would take or a fill-or-kill one cannot be filled", async () => {
    gate = await startVenue();
    gate.quote("sell", "20000", "0.001");
    const poc = await post({ price: "20010", tif: "poc", text: "t-poc" });
    expect([poc.status, poc.body]).toEqual([
      400,
      { label: "ORDER_POC_IMMEDIATE", detail: "order price 20010 while counter price 20000" },
    ]);
    expect(await labelOf(post({ size: 20, price: "20000", tif: "fok" }))).toEqual([400, "ORDER_FOK"]);
    expect(await labelOf(get("t-poc"))).toEqual([404, "ORDER_NOT_FOUND"]);
    expect(gate.venue.truth().orders).toEqual([]);
    expect((await gate.call("GET", "/orders?status=finished")).body).toEqual([]);
  });

  it("is refused by a label for what is wrong with it", async () => {
    gate = await startVenue();
    const cases: readonly (readonly [object, string])[] = [
      [{ contract: "NOPE_USDT" }, "CONTRACT_NOT_FOUND"],
      [{ contract: undefined }, "MISSING_REQUIRED_PARAM"],
      [{ size: 0 }, "INVALID_PARAM_VALUE"],
      [{ size: 5, price: "0" }, "INVALID_PARAM_VALUE"],
      [{ size: 5 }, "SIZE_TOO_SMALL"],
      [{ size: 20_000_000 }, "SIZE_TOO_LARGE"],
      [{ price: "19000.5" }, "INVALID_PRECISION"],
      [{ price: "5000" }, "PRICE_TOO_DEVIATED"],
      [{ size: 900_000 }, "INSUFFICIENT_AVAILABLE"],
      [{ reduce_only: true }, "INCREASE_POSITION"],
      [{ size: 0, close: true, price: "0", tif: "ioc" }, "POSITION_EMPTY"],
      [{ text: "mine" }, "INVALID_PARAM_VALUE"],
      [{ text: `t-${"x".repeat(29)}` }, "INVALID_PARAM_VALUE"],
      [{ iceberg: 2 }, "INVALID_PARAM_VALUE"],
      [{ stp_act: "cn" }, "INVALID_PARAM_VALUE"],
      [{ tif: "gtx" }, "INVALID_PARAM_VALUE"],
    ];
    for (const [fields, label] of cases) expect([fields, await labelOf(post(fields))]).toEqual([fields, [400, label]]);
    expect(gate.venue.truth().orders).toEqual([]);
  });

  it("does not look whether its text was used: the later order hides the earlier one", async () => {
    gate = await startVenue();
    const [first, second] = [await gate.place({ text: "t-same" }), await gate.place({ text: "t-same" })];
    expect((await get("t-same")).body.id).toBe(second.id);
    expect((await get(first.id)).body.status).toBe("open");
    await gate.call("DELETE", "/orders/t-same");
    expect((await gate.call("GET", "/orders?status=open")).body.map(({ id }: Wire) => id)).toEqual([first.id]);
  });

  it("that was refused at once hides no earlier one of its text", async () => {
    gate = await startVenue();
    gate.quote("sell", "20000", "0.001");
    const first = await gate.place({ text: "t-same" });
    expect((await post({ price: "20000", tif: "poc", text: "t-same" })).status).toBe(400);
    expect((await get("t-same")).body).toMatchObject({ id: first.id, status: "open" });
    expect((await gate.call("DELETE", "/orders/t-same")).body.id).toBe(first.id);
  });

  it("counts in text where the header says so, and cuts fractions off where it does not", async () => {
    gate = await startVenue();
    const decimal = await gate.call(
      "POST",
      "/orders",
      { contract: BTC, size: "10", price: "19000" },
      { headers: DECIMAL },
    );
    expect(decimal.body).toMatchObject({ size: "10", left: "10" });
    expect(await gate.place({ size: "12.9" })).toMatchObject({ size: 12 });
    expect(await gate.place({ size: -12.9, price: "21000" })).toMatchObject({ size: -12 });
    const fraction = gate.call(
      "POST",
      "/orders",
      { contract: BTC, size: "12.5", price: "19000" },
      { headers: DECIMAL },
    );
    expect(await labelOf(fraction)).toEqual([400, "INVALID_PARAM_VALUE"]);
  });

  it("is refused where it comes after its own deadline", async () => {
    gate = await startVenue();
    const at = (ms: number) => ({ headers: { "x-gate-exptime": String(Math.floor(gate.venue.now()) + ms) } });
    const order = { contract: BTC, size: 10, price: "19000", text: "t-late" };
    expect((await gate.call("POST", "/orders", order, at(-1))).body.label).toBe("REQUEST_EXPIRED");
    expect((await get("t-late")).status).toBe(404);
    expect((await gate.call("POST", "/orders", order, at(1_000))).status).toBe(201);
  });
});

describe("a change", () => {
  it("cancels at once, by id or by text, and says why it cannot", async () => {
    gate = await startVenue();
    const order = await gate.place({ text: "t-1" });
    expect((await gate.call("DELETE", `/orders/${order.id}`)).body).toMatchObject({
      ...{ id: order.id, status: "finished", finish_as: "cancelled", left: 10 },
    });
    expect(await labelOf(gate.call("DELETE", "/orders/t-1"))).toEqual([400, "ORDER_FINISHED"]);
    expect(await labelOf(gate.call("DELETE", "/orders/t-none"))).toEqual([404, "ORDER_NOT_FOUND"]);
  });

  it("amends price and size, whose size has what is filled in it", async () => {
    gate = await startVenue();
    await gate.place({ size: 30, text: "t-1" });
    const amend = (fields: object) => gate.call("PUT", "/orders/t-1", fields);
    expect((await amend({ price: "18900", amend_text: "why" })).body).toMatchObject({
      price: "18900",
      amend_text: "why",
    });
    expect(await labelOf(amend({ price: "18900" }))).toEqual([400, "NO_CHANGE"]);
    expect(await labelOf(amend({ size: -30 }))).toEqual([400, "INVALID_PARAM_VALUE"]);
    gate.quote("sell", "18900", "0.001");
    expect((await amend({ size: 20 })).body).toMatchObject({ size: 20, left: 10, status: "open" });
    expect((await amend({ size: 10 })).body).toMatchObject({ status: "finished", finish_as: "cancelled", left: 10 });
    expect(gate.venue.truth().positions).toMatchObject([{ size: "0.001" }]);
  });

  it("takes batches row by row, and refuses one that is malformed as a whole", async () => {
    gate = await startVenue();
    gate.quote("sell", "20000", "0.01");
    const row = { contract: BTC, size: 10, price: "19000" };
    const rows = [
      { ...row, text: "t-a" },
      { ...row, price: "20000", tif: "poc", text: "t-b" },
    ];
    const { status, body } = await gate.call("POST", "/batch_orders", rows);
    expect(status).toBe(200);
    expect(body).toMatchObject([
      { succeeded: true, status: "open", text: "t-a" },
      { succeeded: false, label: "ORDER_POC_IMMEDIATE", text: "t-b" },
    ]);
    expect(await labelOf(gate.call("POST", "/batch_orders", [row, { ...row, text: "no" }]))).toEqual([
      400,
      "INVALID_PARAM_VALUE",
    ]);
    expect(await labelOf(gate.call("POST", "/batch_orders", Array(11).fill(row)))).toEqual([
      400,
      "INVALID_REQUEST_BODY",
    ]);
    const amended = await gate.call("POST", "/batch_amend_orders", [{ text: "t-a", price: "18950" }, { order_id: 5 }]);
    expect(amended.body).toMatchObject([{ succeeded: true, price: "18950" }, { label: "ORDER_NOT_FOUND" }]);
    // ccxt writes the coin in capitals here.
    const cancelled = await gate.send("POST", "/api/v4/futures/USDT/batch_cancel_orders", [body[0].id, "77"]);
    expect(cancelled.body).toEqual([
      { id: body[0].id, user_id: Number(gate.userId), succeeded: true, message: "" },
      { id: "77", user_id: Number(gate.userId), succeeded: false, message: "ORDER_NOT_FOUND" },
    ]);
    expect(gate.venue.truth().orders.map((order) => order.status)).toEqual(["closed"]);
  });

  it("cancels all orders of a contract, or of a side of it", async () => {
    gate = await startVenue();
    for (const fields of [{}, { price: "18900" }, { size: -10, price: "21000" }]) await gate.place(fields);
    const sells = await gate.call("DELETE", `/orders?contract=${BTC}&side=ask`);
    expect(sells.body.map(({ size, status }: Wire) => [size, status])).toEqual([[-10, "finished"]]);
    expect((await gate.call("DELETE", `/orders?contract=${BTC}`)).body).toHaveLength(2);
    expect((await gate.call("GET", "/orders?status=open")).body).toEqual([]);
  });

  it("cancels everything when nobody has called again in time", async () => {
    gate = await startVenue();
    await gate.place();
    const { body } = await gate.call("POST", "/countdown_cancel_all", { timeout: 5 });
    expect(Number(body.triggerTime)).toBeCloseTo(gate.venue.now() + 5_000, -2);
    expect(await labelOf(gate.call("POST", "/countdown_cancel_all", { timeout: 4 }))).toEqual([
      400,
      "INVALID_PARAM_VALUE",
    ]);
    await gate.advance(4_000);
    await gate.call("POST", "/countdown_cancel_all", { timeout: 5 });
    await gate.advance(4_000);
    expect((await gate.call("GET", "/orders?status=open")).body).toHaveLength(1);
    await gate.advance(1_100);
    expect((await gate.call("GET", "/orders?status=open")).body).toEqual([]);
    await gate.place();
    await gate.call("POST", "/countdown_cancel_all", { timeout: 5 });
    await gate.call("POST", "/countdown_cancel_all", { timeout: 0 });
    await gate.advance(10_000);
    expect((await gate.call("GET", "/orders?status=open")).body).toHaveLength(1);
  });
});

describe("an order that has ended", () => {
  it("without a fill answers to its text for a minute and to its id for ten", async () => {
    gate = await startVenue();
    const order = await gate.place({ text: "t-gone" });
    await gate.call("DELETE", "/orders/t-gone");
    await gate.advance(58_000);
    expect((await get("t-gone")).body.finish_as).toBe("cancelled");
    await gate.advance(3_000);
    expect(await labelOf(get("t-gone"))).toEqual([404, "ORDER_NOT_FOUND"]);
    expect((await get(order.id)).body.finish_as).toBe("cancelled");
    await gate.advance(540_000);
    expect(await labelOf(get(order.id))).toEqual([404, "ORDER_NOT_FOUND"]);
    expect((await gate.call("GET", "/orders?status=finished")).body).toEqual([]);
  });

  it("with any fill answers to both without an end, and so does one that rests", async () => {
    gate = await startVenue();
    gate.quote("sell", "20000", "0.001");
    await gate.place({ size: 15, price: "20000", text: "t-part" });
    await gate.call("DELETE", "/orders/t-part");
    await gate.place({ text: "t-rests" });
    await gate.advance(3_600_000);
    expect((await get("t-part")).body).toMatchObject({ left: 5, finish_as: "cancelled" });
    expect((await get("t-rests")).body.status).toBe("open");
    const page = (offset: number) => gate.call("GET", `/orders?status=finished&limit=1&offset=${offset}`);
    const first = await page(0);
    const second = await page(1);
    expect([first.body.length, second.body.length]).toEqual([1, 0]);
    expect(first.headers["x-pagination-total"] ?? first.headers["X-Pagination-Total"]).toBe("1");
  });

  it("has fills in both lists, newest first, by order and by time", async () => {
    gate = await startVenue();
    const startSeconds = Math.floor(gate.venue.now() / 1_000);
    await gate.hold(20);
    await gate.advance(5_000);
    gate.quote("buy", "19990", "0.005");
    const sold = await gate.place({ size: -30, price: "19990", tif: "ioc", text: "t-flip" });
    const { body } = await gate.call("GET", `/my_trades?contract=${BTC}`);
    expect(body).toMatchObject([
      { order_id: sold.id, size: -30, close_size: -20, role: "taker", text: "t-flip", price: "19990", point_fee: "0" },
      { size: 20, close_size: 0, fee: "0.02", trade_value: "40" },
    ]);
    expect((await gate.call("GET", `/my_trades?order=${sold.id}`)).body).toHaveLength(1);
    const range = `from=${startSeconds}&to=${startSeconds + 3}`;
    const ranged = (await gate.call("GET", `/my_trades_timerange?${range}`)).body;
    expect(ranged).toMatchObject([{ trade_id: String(body[1].id), size: 20 }]);
    expect(ranged[0]).not.toHaveProperty("id");
    expect(gate.venue.truth().fills.map(({ fillId }) => fillId)).toEqual(
      body.map(({ id }: Wire) => String(id)).reverse(),
    );
  });
});
