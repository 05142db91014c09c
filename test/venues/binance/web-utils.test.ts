import { describe, expect, test } from "vitest";
import { ConfigError } from "../../../src/model/error.ts";
import { createWebUtils, rateLimitFeedback } from "../../../src/venues/binance/web-utils.ts";

const request = { method: "GET", path: "/fapi/v1/time", isAuthRequired: false, limitId: "" } as const;

describe("URLs", () => {
  test.each([
    ["binance_perpetual", "https://fapi.binance.com", "wss://fstream.binance.com", "wss://ws-fapi.binance.com"],
    [
      "binance_perpetual_testnet",
      "https://demo-fapi.binance.com",
      "wss://fstream.binancefuture.com",
      "wss://testnet.binancefuture.com",
    ],
  ])("of %s", (domain, rest, webSocket, orders) => {
    const utils = createWebUtils({ domain });
    expect(utils.restUrl(request)).toBe(`${rest}/fapi/v1/time`);
    expect(utils.webSocketUrls).toEqual({
      public: `${webSocket}/public/stream`,
      market: `${webSocket}/market/stream`,
      private: `${webSocket}/private/ws?listenKey={listenKey}`,
      orders: `${orders}/ws-fapi/v1`,
    });
  });

  test("of the user win", () => {
    const own = { domain: "binance_perpetual", restUrl: "http://127.0.0.1:1234/", webSocketUrl: "ws://127.0.0.1:1235" };
    expect(createWebUtils(own).restUrl(request)).toBe("http://127.0.0.1:1234/fapi/v1/time");
    expect(createWebUtils(own).webSocketUrls.market).toBe("ws://127.0.0.1:1235/market/stream");
    expect(createWebUtils(own).webSocketUrls.orders).toBe("ws://127.0.0.1:1235/ws-fapi/v1");
    expect(() => createWebUtils({ domain: "elsewhere" })).toThrow(ConfigError);
  });
});

describe("what a response says of rate limits", () => {
  const feedback = (status: number, headers: Readonly<Record<string, string>>, text = "{}") =>
    rateLimitFeedback({ status, headers, text });

  test("counts of the address and of the account's orders", () => {
    const headers = { "x-mbx-used-weight-1m": "45", "x-mbx-order-count-10s": "3", "x-mbx-order-count-1m": "7" };
    expect(feedback(200, headers)).toEqual([
      { limitId: "REQUEST_WEIGHT", used: 45 },
      { limitId: "ORDERS_10SEC", used: 3 },
      { limitId: "ORDERS_1MIN", used: 7 },
    ]);
    expect(feedback(200, {})).toEqual([]);
  });

  test.each([
    [429, '{"code":-1003,"msg":"Too many requests"}', "REQUEST_WEIGHT"],
    [429, '{"code": -1015,"msg":"Too many new orders"}', "ORDERS_10SEC"],
  ])("%i %s closes %s", (status, text, limitId) => {
    const isRefused = true;
    expect(feedback(status, { "retry-after": "120" }, text)).toEqual([{ limitId, isRefused, retryAfterMs: 120_000 }]);
    expect(feedback(status, {}, text)).toEqual([{ limitId, isRefused, retryAfterMs: undefined }]);
  });

  test("a ban is left to its error, for it closes more than one limit", () => {
    const text = '{"code":-1003,"msg":"Way too many requests; IP(1.2.3.4) banned until 1513693008350."}';
    expect(feedback(418, { "retry-after": "120" }, text)).toEqual([]);
    expect(feedback(429, {}, text)).toEqual([]);
  });
});
