import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { addAuthToParams, createBinanceAuth, generateSignature } from "../../../src/venues/binance/auth.ts";

const NOW = 1_790_000_000_000;
const auth = createBinanceAuth({ apiKey: "key", apiSecret: "SECRET456" }, { now: () => NOW + 0.7 });
const request = { headers: {}, url: "http://host:1/fapi/v1/order" };

describe("the signature", () => {
  test.each([
    [
      "the documented example",
      "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9",
      "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943",
      "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9",
    ],
    [
      "one that another client's signer makes",
      "SECRET456",
      "symbol=BTCUSDT&orderId=91000001&timestamp=1790000000000&recvWindow=5000",
      "9ef5099a1af5ff990b8c9e0ec766775be07eea5a55f6d337d7278a56c42c1726",
    ],
    [
      "one with the time in front",
      "SECRET456",
      "timestamp=1790000000000&symbol=BTCUSDT&orderId=91000001&recvWindow=5000",
      "26c651a9d1356bfa256275985d202c14006610dd8bcbc9e06948b2147b5e23a0",
    ],
  ])("equals %s", (_name, secret, payload, signature) => {
    expect(generateSignature(secret, payload)).toBe(signature);
  });

  test("is over exactly what is sent, and comes last", () => {
    const params = addAuthToParams("symbol=%E5%B8%81%E5%AE%89USDT", "SECRET456", NOW);
    const [payload = "", signature] = params.split("&signature=");
    expect(payload).toBe(`symbol=%E5%B8%81%E5%AE%89USDT&recvWindow=5000&timestamp=${NOW}`);
    expect(signature).toBe(createHmac("sha256", "SECRET456").update(payload).digest("hex"));
  });
});

describe("signing a request", () => {
  test("puts time and signature of a request without parameters into the query", () => {
    const signed = auth.restAuthenticate({ ...request, method: "GET" });
    const expected = addAuthToParams("", "SECRET456", NOW);
    expect(signed).toHaveProperty("url", `${request.url}?${expected}`);
  });

  test("sends a listen key request with the key alone", () => {
    const url = "http://host:1/fapi/v1/listenKey";
    const signed = auth.restAuthenticate({ headers: {}, url, method: "PUT" });
    expect(signed).toEqual({ method: "PUT", url, headers: { "X-MBX-APIKEY": "key" } });
    expect(auth.wsAuthenticate()).toBeUndefined();
  });
});
