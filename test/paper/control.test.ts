import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Harness, startVenue } from "./ftx-harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({
    quiet: true,
    accounts: [{ apiKey: "k", apiSecret: "s", subaccounts: ["sub"] }],
  });
});
afterEach(() => harness.venue.stop());

async function control(method: string, path: string, body?: string, key: string | undefined = "k") {
  const { world, runtime, venue } = harness;
  const headers = key === "" ? {} : { "paper-key": key };
  const request = { method, url: `${venue.control}${path}`, headers, body, timeoutMs: 5_000 };
  const response = await world.run(runtime.http.request(request));
  return { status: response.status, body: JSON.parse(response.text) };
}

describe("the control API", () => {
  test("needs a key of the venue", async () => {
    expect((await control("GET", "/truth", undefined, "")).status).toBe(401);
    expect((await control("GET", "/truth", undefined, "other")).status).toBe(401);
    expect((await control("GET", "/nothing")).status).toBe(404);
  });

  test("tells the exact truth about an account", async () => {
    const body = { market: "DOGE-PERP", side: "sell", price: null, type: "market", size: 123, clientId: "c" };
    const { result } = await harness.call("POST", "/orders", { body });
    await harness.world.advance(20);
    const { status, body: truth } = await control("GET", "/truth?key=k");
    expect(status).toBe(200);
    expect({ ...truth, timeMs: 0 }).toEqual({ ...harness.venue.truth(), timeMs: 0 });
    expect(truth.orders).toMatchObject([
      { orderId: result.id, clientId: "c", filled: "123", status: "closed", reason: "filled" },
    ]);
    const [fill] = (await harness.call("GET", "/fills")).result;
    expect(truth.fills[0]).toMatchObject({ fillId: fill.id, tradeId: fill.tradeId, orderId: result.id });
    expect(truth.positions[0]).toMatchObject({ market: "DOGE-USD", size: "-123" });
    const sum = (pick: (fill: { price: string; size: string; fee: string }) => number) =>
      truth.fills.reduce((total: number, one: { price: string; size: string; fee: string }) => total + pick(one), 0);
    expect(Number(truth.orders[0].filledCost)).toBeCloseTo(
      sum(({ price, size }) => Number(price) * Number(size)),
      8,
    );
    expect(Number(truth.cash)).toBeCloseTo(100_000 - sum(({ fee }) => Number(fee)), 8);
  });

  test("tells of sub-accounts apart", async () => {
    expect((await control("GET", "/truth?subaccount=sub")).body).toMatchObject({ accountId: "desk@example.com/sub" });
    expect((await control("GET", "/truth?subaccount=none")).status).toBe(404);
  });

  test("tells the time", async () => {
    const { body } = await control("GET", "/clock");
    expect(Math.abs(body.timeMs - harness.world.now())).toBeLessThan(10);
  });

  test("shows and replaces the faults, and stays free of them", async () => {
    expect((await control("GET", "/faults")).body).toEqual({});
    const maintenance = { everyMs: 60_000, forMs: 5_000 };
    const faults = {
      error5xx: 1,
      latencyMs: [1, 2],
      lateMs: [5, 9],
      retryAfter: "never",
      repeatFill: 0.5,
      maintenance,
    };
    expect(await control("POST", "/faults", JSON.stringify(faults))).toEqual({ status: 200, body: faults });
    expect((await harness.send("GET", "/markets")).status).toBeGreaterThanOrEqual(500);
    expect(await control("POST", "/faults", '{"dropFrame": 7}')).toMatchObject({
      status: 400,
      body: { error: "dropFrame is 7" },
    });
    expect((await control("POST", "/faults", "{")).status).toBe(400);
    expect((await control("GET", "/faults")).body).toEqual(faults);
    await control("POST", "/faults", "{}");
    expect((await harness.send("GET", "/markets")).status).toBe(200);
  });
});
