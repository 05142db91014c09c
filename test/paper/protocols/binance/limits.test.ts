import { describe, expect, test } from "vitest";
import { RateLimiter } from "../../../../src/paper/protocols/binance/rate-limit.ts";
import { type Params, startVenue } from "./harness.ts";

const limit: Params = {
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  quantity: "0.010",
  price: "50000",
  timeInForce: "GTC",
};

describe("the headers", () => {
  test("tell of the weight on every answer, and of the orders where they count", async () => {
    const { get, call, venue } = await startVenue();
    const used = async (path: string, params: Params = {}) =>
      Number((await get(path, params)).headers["x-mbx-used-weight-1m"]);
    expect(await used("/fapi/v1/ping")).toBe(1);
    expect(await used("/fapi/v1/depth", { symbol: "BTCUSDT", limit: 1000 })).toBe(21);
    expect(await used("/fapi/v1/depth", { symbol: "BTCUSDT", limit: 5 })).toBe(23);
    expect(await used("/fapi/v1/ticker/24hr")).toBe(63);
    expect(await used("/fapi/v1/nothing")).toBe(64);
    const order = await call("POST", "/fapi/v1/order", limit);
    expect(order.headers).toMatchObject({ "x-mbx-order-count-10s": "1", "x-mbx-order-count-1m": "1" });
    const batchOrders = JSON.stringify([limit, limit, limit]);
    const batch = await call("POST", "/fapi/v1/batchOrders", { batchOrders });
    expect(batch.headers["x-mbx-order-count-10s"]).toBe("6");
    expect(batch.headers["x-mbx-order-count-1m"]).toBe("2");
    const read = await call("GET", "/fapi/v3/balance");
    expect(read.headers).not.toHaveProperty("x-mbx-order-count-10s");
    await venue.stop();
  });
});

describe("strict limits", () => {
  test("refuse more weight than there is, with the time to wait, until the minute is over", async () => {
    const { get, call, venue, world } = await startVenue({ rateLimits: "strict" });
    for (let index = 0; index < 60; index += 1) await get("/fapi/v1/ticker/24hr");
    const refused = await get("/fapi/v1/ping");
    expect(refused).toMatchObject({ status: 429, json: { code: -1003 } });
    expect(refused.json.msg).toMatch(/^Too many requests; current limit of IP\(.*\) is 2400 requests per minute/);
    const wait = Number(refused.headers["retry-after"]);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    expect((await call("GET", "/fapi/v3/balance")).status).toBe(429);
    await world.advance(wait * 1_000);
    expect((await get("/fapi/v1/ping")).status).toBe(200);
    await venue.stop();
  });

  test("ban an address that goes on, for two minutes", () => {
    const limiter = new RateLimiter(true);
    const attempt = (nowMs: number) => {
      try {
        limiter.checkWeight("1.2.3.4", limiter.weigh("1.2.3.4", 100, nowMs), nowMs);
        return "200";
      } catch (error) {
        const { status, headers } = error as { status: number; headers: Record<string, string> };
        return `${status} ${headers["retry-after"]}`;
      }
    };
    const answers = Array.from({ length: 60 }, () => attempt(0));
    expect(answers.slice(0, 24)).toEqual(Array(24).fill("200"));
    expect(answers.slice(24, 54)).toEqual(Array(30).fill("429 60"));
    expect(answers[54]).toBe("418 120");
    expect(attempt(60_000)).toBe("418 60");
    expect(attempt(120_000)).toBe("200");
  });

  test("let an address open 300 connections in five minutes", () => {
    const limiter = new RateLimiter(true);
    const opened = (count: number, nowMs: number) =>
      Array.from({ length: count }, () => limiter.mayConnect("1.2.3.4", nowMs)).filter(Boolean).length;
    expect([opened(200, 0), opened(200, 200_000), opened(1, 299_999), opened(300, 300_000)]).toEqual([
      200, 100, 0, 200,
    ]);
    expect(limiter.mayConnect("5.6.7.8", 0)).toBe(true);
  });

  test("let a connection have 1,024 streams", async () => {
    const { connect, world, venue } = await startVenue({ rateLimits: "strict" });
    const socket = await connect("/public/stream");
    socket.subscribe(...Array.from({ length: 1_024 }, (_, each) => `coin${each}usdt@depth`));
    await world.advance(100);
    expect(socket.frames.at(-1)).toMatchObject({ result: null });
    socket.subscribe("btcusdt@depth");
    await world.advance(100);
    expect(socket.frames.at(-1)).toMatchObject({ error: { code: 4, msg: "Too many streams" } });
    await venue.stop();
  });

  test("count orders by account, and those that are refused too", async () => {
    const { call, venue, world } = await startVenue({ rateLimits: "strict" });
    const batchOrders = JSON.stringify(Array.from({ length: 5 }, () => ({ ...limit, price: "90000" })));
    let last = await call("POST", "/fapi/v1/batchOrders", { batchOrders });
    for (let index = 1; index <= 60; index += 1) last = await call("POST", "/fapi/v1/batchOrders", { batchOrders });
    expect(last).toMatchObject({ status: 429, json: { code: -1015 } });
    expect(last.json.msg).toBe("Too many new orders; current limit is 300 orders per 10 SECOND.");
    await world.advance(Number(last.headers["retry-after"]) * 1_000);
    expect((await call("POST", "/fapi/v1/order", limit)).status).toBe(200);
    await venue.stop();
  });
});

describe("faults on REST", () => {
  test("are worded as Binance's, and those of 5xx leave open what happened", async () => {
    const { get, venue } = await startVenue();
    venue.faults.set({ error429: 1 });
    expect(await get("/fapi/v1/ping")).toMatchObject({
      status: 429,
      json: { code: -1003 },
      headers: { "retry-after": "1" },
    });
    await venue.stop();
  });

  test("of an unknown outcome may have placed the order", async () => {
    const harness = await startVenue({ seed: 3 });
    harness.venue.faults.set({ error5xx: 1 });
    const statuses = new Set<number>();
    for (let index = 0; index < 30; index += 1) {
      const payload = harness.call("POST", "/fapi/v1/order", { ...limit, newClientOrderId: `c-${index}` });
      statuses.add(
        await payload.then(
          ({ status }) => status,
          () => 503,
        ),
      );
    }
    harness.venue.faults.clear();
    expect([...statuses].every((status) => status === 503 || status === 408)).toBe(true);
    const { json } = await harness.call("GET", "/fapi/v1/openOrders", { symbol: "BTCUSDT" });
    expect(json.length).toBeGreaterThan(5);
    expect(json.length).toBeLessThan(25);
    await harness.venue.stop();
  });

  test("reset the connection after an order was taken", async () => {
    const harness = await startVenue();
    harness.venue.faults.set({ resetAfterAccept: 1 });
    await expect(harness.call("POST", "/fapi/v1/order", { ...limit, newClientOrderId: "lost" })).rejects.toThrow();
    harness.venue.faults.clear();
    const { json } = await harness.call("GET", "/fapi/v1/order", { symbol: "BTCUSDT", origClientOrderId: "lost" });
    expect(json.status).toBe("NEW");
    await harness.venue.stop();
  });

  test("of the clock bring both texts of -1021", async () => {
    const harness = await startVenue();
    const code = async () => (await harness.call("GET", "/fapi/v3/balance")).json.msg;
    harness.venue.faults.set({ clockSkewMs: 10_000 });
    expect(await code()).toMatch(/outside of the recvWindow/);
    const server = (await harness.get("/fapi/v1/time")).json.serverTime;
    expect(server - harness.world.now()).toBeCloseTo(10_000, -2);
    await harness.venue.stop();
  });

  test("of a restart keep orders and listen keys", async () => {
    const harness = await startVenue();
    await harness.call("POST", "/fapi/v1/order", limit);
    const { listenKey } = (await harness.keyed("POST", "/fapi/v1/listenKey")).json;
    const socket = await harness.connect(`/private/ws/${listenKey}`);
    await harness.world.run(harness.venue.restart());
    expect(socket.closed?.code).toBe(1_006);
    expect((await harness.call("GET", "/fapi/v1/openOrders")).json).toHaveLength(1);
    expect((await harness.keyed("PUT", "/fapi/v1/listenKey")).json).toEqual({ listenKey });
    await harness.venue.stop();
  });
});

test("paths that there are not are refused", async () => {
  const { get, call, venue } = await startVenue();
  expect(await get("/fapi/v1/nothing")).toMatchObject({
    status: 404,
    json: { code: -5000, msg: "Path /fapi/v1/nothing, Method GET is invalid" },
  });
  expect((await call("POST", "/fapi/v1/ping")).status).toBe(404);
  await venue.stop();
});
