import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { signatureOf, signedPayload } from "../../../../src/paper/protocols/binance/auth.ts";
import { form, type Harness, sign, startVenue } from "./harness.ts";

describe("the signature", () => {
  const DOCUMENTED_SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";
  const DOCUMENTED =
    "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943";

  test("of Binance's documented example is Binance's", () => {
    const expected = "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9";
    expect(signatureOf(DOCUMENTED_SECRET, DOCUMENTED)).toBe(expected);
  });

  test.each([
    [
      "symbol=BTCUSDT&orderId=91000001&timestamp=1790000000000&recvWindow=5000",
      "9ef5099a1af5ff990b8c9e0ec766775be07eea5a55f6d337d7278a56c42c1726",
    ],
    [
      "timestamp=1790000000000&symbol=BTCUSDT&orderId=91000001&recvWindow=5000",
      "26c651a9d1356bfa256275985d202c14006610dd8bcbc9e06948b2147b5e23a0",
    ],
  ])("of %s is what other clients make of it", (payload, expected) => {
    expect(signatureOf("SECRET456", payload)).toBe(expected);
  });

  test("covers query and body without a separator, and not itself wherever it stands", () => {
    const query = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC";
    const body = "quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943";
    expect(signedPayload(query, body)).toBe(`${query}${body}`);
    expect(signedPayload(`signature=x&${query}`, body)).toBe(`${query}${body}`);
    expect(signedPayload(query, `quantity=1&signature=x&price=9000`)).toBe(`${query}quantity=1&price=9000`);
    expect(signedPayload("a=1", "signature=x")).toBe("a=1");
  });
});

describe("a signed request", () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startVenue();
  });
  afterEach(() => harness.venue.stop());

  const order = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", quantity: "0.01", price: "50000", timeInForce: "GTC" };
  const headers = () => ({ "X-MBX-APIKEY": harness.venue.apiKey });
  const now = () => Math.floor(harness.world.now());

  test("may have its parameters in the query, in the body or in both", async () => {
    const { call, raw, venue } = harness;
    expect((await call("POST", "/fapi/v1/order", order)).status).toBe(200);
    expect((await call("POST", "/fapi/v1/order", order, { place: "body" })).status).toBe(200);
    const query = form({ symbol: "BTCUSDT", side: "BUY" });
    const body = form({ type: "LIMIT", quantity: 0.01, price: 50_000, timeInForce: "GTC", timestamp: now() });
    const signature = sign(venue.apiSecret, query + body);
    const inQuery = await raw("POST", `/fapi/v1/order?${query}&signature=${signature}`, headers(), body);
    expect(inQuery.status).toBe(200);
    const inFront = await raw("POST", `/fapi/v1/order?signature=${signature}&${query}`, headers(), body);
    expect(inFront.status).toBe(200);
  });

  test("is signed over its raw text", async () => {
    const payload = `symbol=BTCUSDT&origClientOrderId=a%3Ab&timestamp=${now()}`;
    const signature = sign(harness.venue.apiSecret, payload);
    const answer = await harness.raw("GET", `/fapi/v1/order?${payload}&signature=${signature}`, headers());
    expect(answer.json.code).toBe(-2013);
    const other = sign(harness.venue.apiSecret, decodeURIComponent(payload));
    const refused = await harness.raw("GET", `/fapi/v1/order?${payload}&signature=${other}`, headers());
    expect(refused).toMatchObject({ status: 400, json: { code: -1022 } });
    expect(refused.json.msg).toBe("Signature for this request is not valid.");
  });

  test("is refused without a key, with an unknown one, with another secret and without its parts", async () => {
    const { call, raw } = harness;
    const account = "/fapi/v3/account";
    expect(await raw("GET", account)).toMatchObject({ status: 401, json: { code: -2014 } });
    expect(await call("GET", account, {}, { key: "nobody" })).toMatchObject({ status: 401, json: { code: -2015 } });
    expect(await call("GET", account, {}, { secret: "wrong" })).toMatchObject({ status: 400, json: { code: -1022 } });
    expect((await raw("GET", account, headers())).json).toEqual({
      code: -1102,
      msg: "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.",
    });
    expect((await raw("GET", `${account}?timestamp=${now()}`, headers())).json.msg).toMatch(/'signature'/);
  });

  test("must be of a time that is not too old and not ahead", async () => {
    const account = (offsetMs: number, recvWindow?: number) =>
      harness.call("GET", "/fapi/v3/account", { recvWindow }, { timestampMs: harness.world.now() + offsetMs });
    const outside = "Timestamp for this request is outside of the recvWindow.";
    const ahead = "Timestamp for this request was 1000ms ahead of the server's time.";
    expect((await account(-4_900)).status).toBe(200);
    expect(await account(-5_100)).toMatchObject({ status: 400, json: { code: -1021, msg: outside } });
    expect((await account(-5_100, 10_000)).status).toBe(200);
    expect((await account(900)).status).toBe(200);
    expect(await account(1_200, 60_000)).toMatchObject({ status: 400, json: { code: -1021, msg: ahead } });
    expect((await account(0, 60_001)).json.code).toBe(-1131);
  });
});
