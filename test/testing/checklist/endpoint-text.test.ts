import { describe, expect, it } from "vitest";
import { channelText, endpointText, isAbout, rateLimitText } from "../../../src/testing/checklist/endpoint-text.ts";
import type { ScriptedRequest } from "../../../src/testing/kit/scripted-venue.ts";

const signed = { headers: [], params: ["timestamp", "signature"], body: [] };
const request = (method: string, path: string, changes: Partial<ScriptedRequest> = {}): ScriptedRequest => ({
  ...{ method, path, target: path, params: {}, body: undefined, rawBody: "", headers: {}, atMs: 0 },
  ...changes,
});

describe("the text of an endpoint", () => {
  it("names the parameters, those of the query and those of the body, without the signature's", () => {
    const params = { symbol: "BTCUSDT", timestamp: "1", signature: "ab" };
    expect(endpointText([request("POST", "/order", { params, body: { side: "BUY" } })], { signed })).toBe(
      "POST /order (symbol, side)",
    );
  });

  it("names those only that carry what was looked for", () => {
    const params = { symbol: "BTCUSDT", orderId: "7" };
    const only = (value: string) => value === "7";
    expect(endpointText([request("GET", "/order", { params })], { signed, only })).toBe("GET /order (orderId)");
  });

  it("names the fields of a body with their places in it, without a signature that is one of them", () => {
    const action = { type: "order", orders: [{ p: "1", c: "7" }, { p: "2" }], tags: ["7"] };
    const body = { action, nonce: 5, signature: { r: "0x1", v: 27 } };
    const inBody = { headers: [], params: [], body: ["nonce", "signature"] };
    const wire = "POST /exchange order";
    const requests = [request("POST", "/exchange/order", { body, wire })];
    expect(endpointText(requests, { signed: inBody })).toBe(
      "POST /exchange order (action.type, action.orders.p, action.orders.c, action.tags)",
    );
    const only = (value: string) => value === "7";
    expect(endpointText(requests, { signed: inBody, only })).toBe(
      "POST /exchange order (action.orders.c, action.tags)",
    );
  });

  it("puts a placeholder for what stands in a path", () => {
    const names = { "BTC-PERP": "{symbol}", "7": "{exchangeOrderId}" };
    expect(endpointText([request("DELETE", "/markets/BTC-PERP/orders/7")], { signed, names })).toBe(
      "DELETE /markets/{symbol}/orders/{exchangeOrderId}",
    );
    expect(endpointText([request("GET", "/v5/77")], { signed, names })).toBe("GET /v5/77");
  });

  it("tells each path once, with everything that it was asked with", () => {
    const pages = [{ limit: "5" }, { limit: "5", cursor: "x" }].map((params) => request("GET", "/fills", { params }));
    expect(endpointText([...pages, request("GET", "/account")], { signed })).toBe(
      "GET /fills (limit, cursor), GET /account",
    );
  });

  it("knows what a request is about, wherever the id is", () => {
    expect(isAbout(request("GET", "/orders/7"), "7")).toBe(true);
    expect(isAbout(request("GET", "/orders", { params: { id: "7" } }), "7")).toBe(true);
    expect(isAbout(request("POST", "/orders", { body: [{ id: 7 }] }), "7")).toBe(true);
    expect(isAbout(request("POST", "/exchange", { body: { action: { cancels: [{ a: 0, o: 7 }] } } }), "7")).toBe(true);
    expect(isAbout(request("POST", "/exchange", { body: { action: { cancels: [{ a: 0, o: 77 }] } } }), "7")).toBe(
      false,
    );
    expect(isAbout(request("GET", "/orders/77"), "7")).toBe(false);
  });
});

describe("the name of a channel", () => {
  it("is the outermost text that the event shares with what was subscribed", () => {
    const subscriptions = [
      { op: "subscribe", channel: "trades", market: "BTC-PERP" },
      { op: "subscribe", channel: "orderbook", market: "BTC-PERP" },
    ];
    const event = { market: "BTC-PERP", channel: "orderbook", type: "update", data: { note: "trades" } };
    expect(channelText(subscriptions, event, "BTC-PERP")).toBe("orderbook");
  });

  it("has a placeholder for the market, in whatever case", () => {
    const subscriptions = [{ method: "SUBSCRIBE", params: ["btcusdt@aggTrade", "btcusdt@depth@100ms"] }];
    const event = { stream: "btcusdt@depth@100ms", data: { e: "depthUpdate", s: "BTCUSDT" } };
    expect(channelText(subscriptions, event, "BTCUSDT")).toBe("{symbol}@depth@100ms");
  });

  it("is the kind of the event where nothing is subscribed", () => {
    expect(channelText([], { e: "ORDER_TRADE_UPDATE", o: { s: "BTCUSDT" } }, "BTCUSDT")).toBe("ORDER_TRADE_UPDATE");
  });

  it("is none where other things were subscribed", () => {
    expect(channelText([{ op: "subscribe", channel: "trades" }], { channel: "orderbook" }, "BTC-PERP")).toBeUndefined();
  });
});

describe("the text of rate limits", () => {
  it("tells pools of the same size together and each market's pool once", () => {
    const limit = (limitId: string, count: number, timeIntervalMs: number) => ({
      limitId,
      limit: count,
      timeIntervalMs,
    });
    const limits = [
      ...[limit("weight", 2_400, 60_000), limit("orders", 2, 200), limit("cancels", 2, 200)],
      ...[limit("orders:BTC-PERP", 7, 1_000), limit("orders:ETH-PERP", 7, 1_000)],
    ];
    expect(rateLimitText(limits, ["BTC-PERP", "ETH-PERP"])).toBe(
      "2400 in 1 min (weight); 2 in 200 ms (orders, cancels); 7 in 1 s (orders:{symbol})",
    );
  });
});
