import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Harness, type Reply, startVenue } from "../../ftx-harness.ts";

const ORDER_KEYS =
  "id clientId market type side price size status filledSize remainingSize reduceOnly liquidation avgFillPrice postOnly ioc createdAt future";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ quiet: true, startingBalance: "10000", matchingDelayMs: [20, 40] });
});
afterEach(() => harness.venue.stop());

const limit = (extra: object = {}) => ({
  market: "BTC-PERP",
  side: "buy",
  price: 19_000,
  type: "limit",
  size: 0.01,
  ...extra,
});
const post = (body: object) => harness.call("POST", "/orders", { body });
const get = (path: string) => harness.call("GET", path);
const remove = (path: string, body?: object) => harness.call("DELETE", path, body === undefined ? {} : { body });
/** Long enough for the matching queue. */
const matched = () => harness.world.advance(60);
const ids = ({ result }: Reply) => result.map(({ id }: { id: number }) => id);

describe("placing an order", () => {
  test("answers `new` with nothing filled, and rests it later", async () => {
    const { result, status } = await post(limit({ clientId: "c-1", externalReferralProgram: "x" }));
    expect(status).toBe(200);
    expect(Object.keys(result).sort()).toEqual(ORDER_KEYS.split(" ").sort());
    expect(result).toMatchObject({
      clientId: "c-1",
      market: "BTC-PERP",
      future: "BTC-PERP",
      status: "new",
      filledSize: 0,
      remainingSize: 0.01,
      avgFillPrice: null,
      price: 19000,
    });
    expect(Number.isSafeInteger(result.id)).toBe(true);
    await matched();
    expect((await get(`/orders/${result.id}`)).result).toMatchObject({ status: "open", remainingSize: 0.01 });
    expect((await get("/orders/by_client_id/c-1")).result.id).toBe(result.id);
    expect(ids(await get("/orders?market=BTC-PERP"))).toEqual([result.id]);
    expect(ids(await get("/orders?market=ETH-PERP"))).toEqual([]);
  });

  test("answers `new` even where it will fill at once", async () => {
    const { result } = await post({ market: "BTC-PERP", side: "buy", price: null, type: "market", size: 0.01 });
    expect(result).toMatchObject({ status: "new", filledSize: 0, price: null });
    await matched();
    const filled = (await get(`/orders/${result.id}`)).result;
    expect(filled).toMatchObject({ status: "closed", filledSize: 0.01, remainingSize: 0 });
    expect(filled.avgFillPrice).toBeGreaterThan(0);
  });

  test("takes numbers as text and nulls as absent", async () => {
    const body = limit({ size: "0.010", price: "1.9e4", clientId: null, ioc: null, postOnly: null });
    expect((await post(body)).result).toMatchObject({ size: 0.01, price: 19000, clientId: null, ioc: false });
  });

  test("takes a body with the spaces that Python puts", async () => {
    const rawBody =
      '{"market": "BTC-PERP", "side": "buy", "price": 19000, "type": "limit", "size": 0.01, "clientId": null}';
    expect((await harness.call("POST", "/orders", { rawBody })).status).toBe(200);
  });

  test("closes a post-only order that would take, without fills and after it was accepted", async () => {
    const { result } = await post(limit({ price: 20_500, postOnly: true }));
    expect(result).toMatchObject({ status: "new", postOnly: true });
    await matched();
    expect((await get(`/orders/${result.id}`)).result).toMatchObject({
      status: "closed",
      filledSize: 0,
      remainingSize: 0,
    });
    expect(harness.venue.truth().orders[0]).toMatchObject({ status: "closed", reason: "postOnly" });
  });

  test("closes what an immediate-or-cancel order could not fill", async () => {
    const { result } = await post(limit({ ioc: true }));
    await matched();
    expect((await get(`/orders/${result.id}`)).result).toMatchObject({
      status: "closed",
      filledSize: 0,
      remainingSize: 0,
    });
  });

  test.each([
    [{ market: "NO-PERP" }, 404, "No such market: NO-PERP"],
    [{ market: null }, 400, "Missing parameter market"],
    [{ side: null }, 400, "Missing parameter side"],
    [{ side: "long" }, 400, "Invalid parameter side"],
    [{ type: "stop" }, 400, "Invalid parameter type"],
    [{ price: undefined }, 400, "Missing parameter price"],
    [{ price: null }, 400, "Invalid price"],
    [{ price: 19_000.5 }, 400, "Invalid price"],
    [{ price: "abc" }, 400, "Invalid price"],
    [{ price: -1 }, 400, "Invalid price"],
    [{ price: 60_000 }, 400, "Invalid price"],
    [{ size: null }, 400, "Missing parameter size"],
    [{ size: 0.00001 }, 400, "Size too small"],
    [{ size: 0 }, 400, "Size too small"],
    [{ size: 0.00015 }, 400, "Invalid parameter size"],
    [{ size: 0.0005 }, 400, "Size too small for provide"],
    [{ size: 100_000 }, 400, "Size too large"],
    [{ size: 10 }, 400, "Account does not have enough margin for order"],
    [{ reduceOnly: true }, 400, "Invalid reduce-only order"],
    [{ postOnly: "maybe" }, 400, "Invalid parameter postOnly"],
    [{ rejectAfterTs: 5 }, 400, "Order took too long to process"],
  ])("refuses %j with %d %s", async (change, status, error) => {
    expect(await post(limit(change))).toMatchObject({ status, success: false, error });
    expect(harness.venue.truth().orders).toEqual([]);
  });

  test("refuses what is not JSON, in the envelope", async () => {
    for (const rawBody of ["{", "[]", '"x"']) {
      expect(await harness.call("POST", "/orders", { rawBody })).toMatchObject({ status: 400, success: false });
    }
  });

  test("refuses a client id for ever, also of a closed order and of one that still waits", async () => {
    const { result } = await post(limit({ clientId: "once" }));
    expect(await post(limit({ clientId: "once" }))).toMatchObject({ status: 400, error: "Duplicate client order ID" });
    await matched();
    await remove(`/orders/${result.id}`);
    await matched();
    expect(await post(limit({ clientId: "once" }))).toMatchObject({ status: 400, error: "Duplicate client order ID" });
  });

  test("counts orders that wait for the engine against the margin", async () => {
    expect((await post(limit({ size: 3 }))).status).toBe(200);
    expect(await post(limit({ size: 3 }))).toMatchObject({ error: "Account does not have enough margin for order" });
    expect((await post(limit({ size: 1.9 }))).status).toBe(200);
    await matched();
    expect(harness.venue.truth().orders.map(({ status }) => status)).toEqual(["open", "open"]);
  });

  test("that the engine refuses in the end closes it without fills", async () => {
    const { result } = await post(limit({ size: 4 }));
    harness.venue.execute({ type: "setLeverage", accountId: harness.venue.accountId, leverage: 100_000_000n });
    await matched();
    expect((await get(`/orders/${result.id}`)).result).toMatchObject({
      status: "closed",
      filledSize: 0,
      remainingSize: 0,
    });
    expect(harness.venue.truth().orders[0]).toMatchObject({ reason: "insufficientMargin" });
    expect(ids(await get("/orders"))).toEqual([]);
  });
});

describe("cancelling", () => {
  test("is queued, then done, and leaves nothing remaining", async () => {
    const { result } = await post(limit());
    await matched();
    expect((await remove(`/orders/${result.id}`, {})).text).toBe(
      '{"success":true,"result":"Order queued for cancellation"}',
    );
    expect((await get(`/orders/${result.id}`)).result.status).toBe("open");
    expect(await remove(`/orders/${result.id}`)).toMatchObject({
      status: 400,
      error: "Order already queued for cancellation",
    });
    await matched();
    expect((await get(`/orders/${result.id}`)).result).toMatchObject({
      status: "closed",
      filledSize: 0,
      remainingSize: 0,
      size: 0.01,
    });
    expect(await remove(`/orders/${result.id}`)).toMatchObject({ status: 400, error: "Order already closed" });
  });

  test("works by client id, and before the order reached the book", async () => {
    const { result } = await post(limit({ clientId: "a b/c" }));
    expect((await remove("/orders/by_client_id/a%20b%2Fc")).status).toBe(200);
    await matched();
    expect((await get(`/orders/${result.id}`)).result).toMatchObject({ status: "closed", filledSize: 0 });
  });

  test("of an unknown order is a 404, and so is one of another account", async () => {
    const { result } = await post(limit({ clientId: "mine" }));
    const { apiKey: key, apiSecret: secret } = harness.venue.trader;
    for (const reply of [
      await remove("/orders/123"),
      await remove("/orders/abc"),
      await remove("/orders/by_client_id/none"),
      await get("/orders/123"),
      await get("/orders/by_client_id/none"),
      await harness.call("DELETE", `/orders/${result.id}`, { key, secret }),
      await harness.call("GET", "/orders/by_client_id/mine", { key, secret }),
    ]) {
      expect(reply).toMatchObject({ status: 404, success: false, error: "Order not found" });
    }
  });

  test("of all takes filters, or no body at all", async () => {
    const buy = (await post(limit())).result.id;
    const sell = (await post(limit({ side: "sell", price: 21_000 }))).result.id;
    const ether = (await post(limit({ market: "ETH-PERP", price: 1_400 }))).result.id;
    await matched();
    expect((await remove("/orders", { market: "BTC-PERP", side: "sell" })).result).toBe(
      "Orders queued for cancelation",
    );
    await matched();
    expect(ids(await get("/orders"))).toEqual([ether, buy]);
    expect(sell).toBeGreaterThan(buy);
    await remove("/orders", { conditionalOrdersOnly: true });
    await matched();
    expect(ids(await get("/orders"))).toEqual([ether, buy]);
    await remove("/orders");
    await matched();
    expect(ids(await get("/orders"))).toEqual([]);
  });

  test("of a list answers with those that were queued", async () => {
    const first = (await post(limit({ clientId: "one" }))).result.id;
    const second = (await post(limit({ clientId: "two" }))).result.id;
    await matched();
    expect((await remove("/bulk_orders", { orderIds: [first, 99] })).result).toEqual([first]);
    expect((await remove("/bulk_orders_by_client_id", { clientOrderIds: ["one", "two"] })).result).toEqual(["two"]);
    await matched();
    expect(ids(await get("/orders"))).toEqual([]);
    expect(second).toBeGreaterThan(first);
    expect(await remove("/bulk_orders", {})).toMatchObject({ status: 400, error: "Missing parameter orderIds" });
  });
});

describe("modifying", () => {
  // Hell, seed 18: it was queued for cancellation for ever.
  test("that the matching engine refuses leaves an order that rests, and that can be canceled", async () => {
    const { result: old } = await post(limit());
    await matched();
    expect((await harness.call("POST", `/orders/${old.id}/modify`, { body: { price: 19_100 } })).status).toBe(200);
    harness.venue.halt("BTC-USD");
    await matched();
    harness.venue.resume("BTC-USD");
    expect((await get(`/orders/${old.id}`)).result).toMatchObject({ status: "open", price: 19_000 });
    expect(await remove(`/orders/${old.id}`)).toMatchObject({ status: 200, result: "Order queued for cancellation" });
  });

  test("replaces the order by one with a new id and no client id unless given", async () => {
    const { result: old } = await post(limit({ clientId: "first" }));
    await matched();
    const { result } = await harness.call("POST", `/orders/${old.id}/modify`, {
      body: { price: 19_100, size: "0.02" },
    });
    expect(result).toMatchObject({ status: "new", price: 19100, size: 0.02, clientId: null });
    expect(result.id).not.toBe(old.id);
    await matched();
    expect((await get(`/orders/${old.id}`)).result).toMatchObject({ status: "closed", remainingSize: 0 });
    expect((await get(`/orders/${result.id}`)).result).toMatchObject({
      status: "open",
      price: 19100,
      remainingSize: 0.02,
    });
    const again = await harness.call("POST", `/orders/${result.id}/modify`, {
      body: { size: 0.03, clientId: "second" },
    });
    expect(again.result).toMatchObject({ price: 19100, size: 0.03, clientId: "second" });
    await matched();
    const byClient = await harness.call("POST", "/orders/by_client_id/second/modify", { body: { price: 19_050 } });
    expect(byClient.result).toMatchObject({ price: 19050, size: 0.03 });
  });

  test("of an order that filled meanwhile ends the new one without fills", async () => {
    const { result: old } = await post(limit());
    await matched();
    const { result } = await harness.call("POST", `/orders/${old.id}/modify`, { body: { price: 19_100 } });
    harness.venue.execute({
      type: "cancelOrder",
      accountId: harness.venue.accountId,
      orderId: harness.venue.engine.openOrders(harness.venue.accountId)[0]!.orderId,
    });
    await matched();
    expect((await get(`/orders/${result.id}`)).result).toMatchObject({
      status: "closed",
      filledSize: 0,
      remainingSize: 0,
    });
  });

  test("of a closed order, or of nothing, is refused", async () => {
    const { result } = await post(limit({ ioc: true }));
    await matched();
    const modify = (body: object) => harness.call("POST", `/orders/${result.id}/modify`, { body });
    expect(await modify({ price: 19_100 })).toMatchObject({ status: 400, error: "Order already closed" });
    expect(await modify({})).toMatchObject({ status: 400, error: "Must modify either price or size" });
  });
});

describe("the order history", () => {
  test("holds all statuses, newest first, and says whether there is more", async () => {
    const placed: number[] = [];
    for (let count = 0; count < 5; count += 1) placed.push((await post(limit({ ioc: count % 2 === 0 }))).result.id);
    await matched();
    const page = await get("/orders/history?limit=3");
    expect(ids(page)).toEqual(placed.toReversed().slice(0, 3));
    expect(page.hasMoreData).toBe(true);
    const oldest = page.result.at(-1).createdAt;
    const end = (BigInt(Date.parse(`${oldest.slice(0, 19)}Z`)) * 1_000n + BigInt(oldest.slice(20, 26))).toString();
    const rest = await get(`/orders/history?limit=3&end_time=${end.slice(0, -6)}.${end.slice(-6)}`);
    expect(ids(rest)).toEqual(placed.toReversed().slice(2));
    expect(rest.hasMoreData).toBe(false);
    expect(ids(await get("/orders/history?side=sell"))).toEqual([]);
    expect(ids(await get("/orders/history?market=BTC-PERP&side=buy&orderType=limit"))).toHaveLength(5);
  });

  test("can be paged by time even where many orders came in one moment", async () => {
    const { runtime, world, venue } = harness;
    const command = {
      type: "placeOrder",
      accountId: venue.accountId,
      market: "BTC-USD",
      side: "buy",
      orderType: "limit",
    } as const;
    const flags = { timeInForce: "IOC", postOnly: false, reduceOnly: false, clientId: null } as const;
    for (let count = 0; count < 250; count += 1) {
      venue.execute({ ...command, ...flags, price: 19_000_00000000n, size: 1_000_000n });
    }
    expect(runtime.clock.now()).toBe(world.now());
    const seen = new Set<number>();
    for (let end = ""; ; ) {
      const page = await get(`/orders/history?limit=100${end}`);
      for (const id of ids(page)) seen.add(id);
      if (page.hasMoreData !== true) break;
      const oldest = page.result.at(-1).createdAt;
      const fraction = oldest.includes(".") ? oldest.slice(20, 26) : "000000";
      end = `&end_time=${Date.parse(`${oldest.slice(0, 19)}Z`) / 1_000}.${fraction}`;
    }
    expect(seen.size).toBe(250);
  });
});
