import { describe, expect, test } from "vitest";
import * as template from "../../packages/cli/template/venue/web-utils.ts";
import { PerpwireError, type RateLimitError, TimeSyncError } from "../../src/model/error.ts";
import { isUnknownMarket } from "../../src/net/fan-out.ts";
import type { RestRequest } from "../../src/net/venue-api.ts";
import * as binance from "../../src/venues/binance/web-utils.ts";
import * as bybit from "../../src/venues/bybit/web-utils.ts";
import * as ftx from "../../src/venues/ftx/web-utils.ts";
import * as gateIo from "../../src/venues/gate-io/web-utils.ts";
import * as hyperliquid from "../../src/venues/hyperliquid/web-utils.ts";
import * as okx from "../../src/venues/okx/web-utils.ts";

const REQUEST: RestRequest = { method: "GET", path: "/", isAuthRequired: true, limitId: "any" };
/** Venues, and the one that new ones are made of. */
const VENUES = { ftx, bybit, binance, okx, gateIo, hyperliquid, template } as const;
const NAMES = Object.keys(VENUES) as readonly (keyof typeof VENUES)[];

function refusal(venue: keyof typeof VENUES, status: number, body: unknown): PerpwireError {
  try {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    VENUES[venue].unwrapResponse({ status, headers: {}, text }, REQUEST);
  } catch (error) {
    if (error instanceof PerpwireError) return error;
  }
  throw new Error("it was not refused");
}

describe("a page instead of an answer, with status 403", () => {
  test.each(NAMES)("%s: of the firewall is a ban of the address, definite and for later", (venue) => {
    const error = refusal(venue, 403, "<html><body><h1>403 ERROR</h1>Request blocked.</body></html>");
    expect(error).toMatchObject({ name: "RateLimitError", isBan: true, outcome: "definite", retry: "later" });
  });

  test.each(["ftx", "bybit", "okx"] as const)("%s: that turns a country away is no ban: no waiting helps", (venue) => {
    const error = refusal(venue, 403, "<html>The distribution is configured to block access from your country.</html>");
    expect(error).toMatchObject({ name: "AuthError", retry: "never" });
  });
});

describe("a page instead of an answer to an order", () => {
  const WORDS = [
    "The specified bucket does not exist",
    "The certificate has already expired",
    "Trading is halted. Not logged in? Order not found",
    "No such market: Invalid size, INVALID_KEY",
  ];
  const pages = WORDS.map((words) => `<html><head><title>Error</title></head><body>${words}</body></html>`);

  test.each(NAMES)("%s: with status 502 proves nothing, whatever its words", (venue) => {
    for (const page of pages) {
      const error = refusal(venue, 502, page);
      expect(error).toMatchObject({ name: "VenueUnavailableError", outcome: "unknown", retry: "later" });
      expect(error.code).not.toBe("TRADING_RULE");
    }
  });

  test.each(NAMES)("%s: with status 404 proves nothing of the order, nor of its market", (venue) => {
    for (const page of [...pages, ""]) {
      const error = refusal(venue, 404, page);
      expect(error.outcome).toBe("unknown");
      expect(isUnknownMarket(error)).toBe(false);
    }
  });
});

describe("an answer with status 404 that is no answer of the venue's", () => {
  const TEXTS = [
    "404 page not found",
    "default backend - 404",
    '{"error":"Not Found"}',
    '{"message":"no Route matched with those values"}',
    '{"timestamp":1700000000000,"status":404,"error":"Not Found","path":"/orders"}',
  ];

  // Bybit documents the status as its own, of a path that is not there.
  const others = NAMES.filter((name) => name !== "bybit");

  test.each(others)("%s: proves nothing of the order, also without a page around its words", (venue) => {
    for (const text of TEXTS) {
      const error = refusal(venue, 404, text);
      expect([text, error.outcome]).toEqual([text, "unknown"]);
      expect(isUnknownMarket(error)).toBe(false);
    }
  });
});

describe("a ban", () => {
  test("of Bybit's address limit lasts ten minutes", () => {
    const error = refusal("bybit", 403, "403, access too frequent");
    expect(error).toMatchObject({ isBan: true, retryAfterMs: 600_000 });
  });

  test.each([418, 429])("of Binance with status %i lasts until the time in its text", (status) => {
    const msg = "Way too many requests; IP(1.2.3.4) banned until 1513693008350. Please use the websocket.";
    const error = refusal("binance", status, { code: -1003, msg });
    expect(error).toMatchObject({ isBan: true, retryAtMs: 1_513_693_008_350 });
  });

  test("is not what a used-up limit is", () => {
    const errors = [
      refusal("binance", 429, { code: -1003, msg: "Too many requests" }),
      refusal("bybit", 200, { retCode: 10006, retMsg: "Too many visits!", result: {} }),
      refusal("okx", 429, { code: "50011", msg: "Too Many Requests", data: [] }),
      refusal("ftx", 429, { success: false, error: "Do not send more than 2 orders per 200ms" }),
    ];
    for (const error of errors) expect((error as RateLimitError).isBan).toBe(false);
  });
});

describe("what a refusal closes", () => {
  test("ftx: too many orders close order placement alone, with Retry-After for as long as that says", () => {
    const text = '{"success":false,"error":"Do not send more than 2 orders per 200ms"}';
    const told = ftx.rateLimitFeedback({ status: 429, headers: { "retry-after": "3" }, text });
    expect(told).toEqual([{ limitId: "orders", isRefused: true, retryAfterMs: 3_000 }]);
    expect(ftx.rateLimitFeedback({ status: 429, headers: {}, text: '{"error":"Slow down"}' })).toEqual([]);
  });
});

describe("a refusal for our clock", () => {
  const about = (error: PerpwireError) => (error instanceof TimeSyncError ? error.refusal : undefined);

  test("of Bybit names its own time", () => {
    const retMsg =
      "invalid request, please check your server timestamp or recv_window param. " +
      "req_timestamp[1704067207013],server_timestamp[1704067205615],recv_window[5000]";
    expect(about(refusal("bybit", 200, { retCode: 10002, retMsg }))).toEqual({ serverTimeMs: 1_704_067_205_615 });
    expect(about(refusal("bybit", 200, { retCode: 10002, retMsg: "clock" }))).toEqual({});
  });

  test("of Binance says on which side", () => {
    const ahead = { code: -1021, msg: "Timestamp for this request was 1000ms ahead of the server's time." };
    const behind = { code: -1021, msg: "Timestamp for this request is outside of the recvWindow." };
    expect(about(refusal("binance", 400, ahead))).toEqual({ aheadMs: 1_000 });
    expect(about(refusal("binance", 400, behind))).toEqual({ behindMs: 5_000 });
  });
});
