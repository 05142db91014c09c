import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hmacHex, requestPayload } from "../../../../src/paper/protocols/bybit/auth.ts";
import { type Harness, sign, startVenue } from "./harness.ts";

const SECRET = "SECRET456";
const request = (method: string, target: string, body = "") => ({
  method,
  target,
  body,
  headers: {},
  remoteAddress: "client",
});

describe("the documented signature", () => {
  it.each([
    [
      request("GET", "/v5/order/realtime?category=linear&symbol=BTCUSDT&openOnly=0"),
      "ca1b2a8cfe109c9c38592014cc0ac83705cb30f8787d33a97d4dbd590aaa224b",
    ],
    [
      request(
        "POST",
        "/v5/order/create",
        '{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.01","price":"60000","timeInForce":"PostOnly","orderLinkId":"cid-1"}',
      ),
      "63128e52965e8ea0e88512dd05e400141d94c589b2fa9f88e015a3668252b59f",
    ],
  ])("is made of time, key, window and the raw text", (message, expected) => {
    expect(hmacHex(SECRET, requestPayload(message, "1790000000000", "5000", "KEY123"))).toBe(expected);
  });

  it("of a socket is made of GET/realtime and the expiry", () => {
    expect(hmacHex(SECRET, "GET/realtime1790000010000")).toBe(
      "9b3785640bebfdf4cb86782a5b5a254c91793c9408362ca91bab807bab24514c",
    );
  });
});

describe("a request", () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startVenue();
  });
  afterEach(() => harness.venue.stop());
  const wallet = { accountType: "UNIFIED" };
  const PATH = "/v5/account/wallet-balance";

  it("is taken when it is signed over its query as sent, in any order and coding", async () => {
    const response = await harness.send("GET", `${PATH}?coin=USDT%2CUSDC&accountType=UNIFIED`, "");
    expect(JSON.parse(response.text)).toMatchObject({ retCode: 0, retMsg: "OK", retExtInfo: {} });
  });

  it("is refused with 401 when it has no key", async () => {
    const reply = await harness.get(PATH, wallet, { unsigned: true });
    expect(reply).toMatchObject({ status: 401, code: 10_003 });
  });

  it("is refused with the venue's codes when key or signature are wrong", async () => {
    expect(await harness.get(PATH, wallet, { key: "nobody" })).toMatchObject({ status: 200, code: 10_003 });
    const bad = await harness.get(PATH, wallet, { secret: "other" });
    expect(bad).toMatchObject({ status: 200, code: 10_004, result: {} });
    expect(bad.message).toMatch(/^error sign! origin_string\[\d+/);
  });

  it("is refused outside its window with the text that clients know", async () => {
    const now = Math.floor(harness.world.now());
    const late = await harness.get(PATH, wallet, { timestampMs: now - 6_000 });
    expect(late.code).toBe(10_002);
    expect(late.message).toMatch(
      new RegExp(
        `^invalid request, please check your server timestamp or recv_window param\\. req_timestamp\\[${now - 6_000}\\],server_timestamp\\[\\d+\\],recv_window\\[5000\\]$`,
      ),
    );
    expect((await harness.get(PATH, wallet, { timestampMs: now - 6_000, recvWindow: "8000" })).code).toBe(0);
    expect((await harness.get(PATH, wallet, { timestampMs: now + 2_000 })).code).toBe(10_002);
    expect((await harness.get(PATH, wallet, { timestampMs: now + 900 })).code).toBe(0);
  });

  it("is refused when the venue's clock is off, until the client follows it", async () => {
    harness.venue.faults.set({ clockSkewMs: 30_000 });
    expect((await harness.get(PATH, wallet)).code).toBe(10_002);
    const { body } = await harness.get("/v5/market/time", {}, { unsigned: true });
    expect((await harness.get(PATH, wallet, { timestampMs: body.time })).code).toBe(0);
  });

  it("of a POST is signed over its raw body", async () => {
    const rawBody = '{ "category" : "linear",  "symbol":"BTCUSDT", "buyLeverage":"5","sellLeverage":"5"}';
    expect((await harness.post("/v5/position/set-leverage", {}, { rawBody })).code).toBe(0);
    const timestamp = String(Math.floor(harness.world.now()));
    const compact = sign(
      harness.venue.apiSecret,
      `${timestamp}${harness.venue.apiKey}5000${JSON.stringify(JSON.parse(rawBody))}`,
    );
    expect((await harness.post("/v5/position/set-leverage", {}, { rawBody, signature: compact })).code).toBe(10_004);
  });
});

describe("an address or an account that asks too often", () => {
  it("is told its limits with each private answer and refused with 10006 beyond them, for a rolling second", async () => {
    const harness = await startVenue({ rateLimits: "strict" });
    const ask = () => harness.post("/v5/order/cancel", { symbol: "BTCUSDT", orderId: "none" });
    const first = await ask();
    expect(first.code).toBe(110_001);
    expect(first.headers).toMatchObject({ "x-bapi-limit": "10", "x-bapi-limit-status": "9" });
    for (let count = 0; count < 9; count += 1) await ask();
    const beyond = await ask();
    expect(beyond).toMatchObject({ status: 200, code: 10_006, message: "Too many visits!" });
    const resetMs = Number(beyond.headers["x-bapi-limit-reset-timestamp"]);
    expect(resetMs).toBeGreaterThan(harness.world.now());
    // Another endpoint has a limit of its own.
    expect((await harness.get("/v5/order/realtime", { category: "linear", symbol: "BTCUSDT" })).code).toBe(0);
    await harness.world.advance(resetMs - harness.world.now() + 1);
    expect((await ask()).code).toBe(110_001);
    await harness.venue.stop();
  });

  it("is banned with 403 for ten minutes after 600 requests in five seconds", async () => {
    const harness = await startVenue({ rateLimits: "strict" });
    const statuses = [];
    for (let count = 0; count < 601; count += 1) {
      statuses.push((await harness.send("GET", "/v5/market/time", "", { unsigned: true })).status);
    }
    expect(statuses.filter((status) => status === 403)).toHaveLength(1);
    await harness.world.advance(300_000);
    const banned = await harness.send("GET", "/v5/market/time", "");
    expect([banned.status, banned.text]).toEqual([403, "403, access too frequent"]);
    await harness.world.advance(300_000);
    expect((await harness.send("GET", "/v5/market/time", "")).status).toBe(200);
    await harness.venue.stop();
  });
});
