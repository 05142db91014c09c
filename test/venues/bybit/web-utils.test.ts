import { describe, expect, it } from "vitest";
import { ConfigError, PerpwireError, ProtocolError, RateLimitError } from "../../../src/model/error.ts";
import {
  createWebUtils,
  getCurrentServerTime,
  rateLimitFeedback,
  unwrapResponse,
} from "../../../src/venues/bybit/web-utils.ts";
import { contextOf } from "./wire.ts";

const GET = { method: "GET", path: "/v5/order/realtime", isAuthRequired: true, limitId: "/v5/order/realtime" } as const;
const POST = { ...GET, method: "POST" } as const;
const response = (body: unknown, status = 200, headers: Record<string, string> = {}) => ({
  status,
  headers,
  text: typeof body === "string" ? body : JSON.stringify(body),
});
const envelope = (changes: object = {}) => ({
  retCode: 0,
  retMsg: "",
  result: { list: [] },
  retExtInfo: {},
  time: 1790000000123,
  ...changes,
});

function refusal(body: unknown, status = 200, headers: Record<string, string> = {}): PerpwireError {
  try {
    unwrapResponse(response(body, status, headers), GET);
  } catch (error) {
    if (error instanceof PerpwireError) return error;
  }
  throw new Error("it was not refused");
}

describe("an answer", () => {
  it.each(["OK", "success", "SUCCESS", ""])("is good by its retCode, whatever its text is: %j", (retMsg) => {
    expect(unwrapResponse(response(envelope({ retMsg })), GET)).toEqual({ list: [] });
  });

  it("to a POST keeps its time and the codes of its rows", () => {
    const result = { orderId: "o-1" };
    const retExtInfo = { list: [{ code: 0, msg: "OK" }] };
    const unwrapped = unwrapResponse(response(envelope({ result, retExtInfo })), POST);
    expect(unwrapped).toEqual({ result, retExtInfo, time: 1790000000123 });
  });

  it.each([110025, 110043])("that says 'already so' (%i) is good", (retCode) => {
    const unwrapped = unwrapResponse(response(envelope({ retCode, result: {} })), POST);
    expect(unwrapped).toMatchObject({ result: {} });
  });

  it("with a retCode is refused by it, with the status beside it", () => {
    expect(refusal(envelope({ retCode: 110007, retMsg: "ab not enough for new order" }))).toMatchObject({
      name: "InsufficientMarginError",
      venueCode: "110007",
    });
    expect(refusal(envelope({ retCode: 10003, retMsg: "API key is invalid." }), 401).name).toBe("AuthError");
    expect(refusal(envelope(), 502)).toMatchObject({ name: "VenueUnavailableError", outcome: "unknown" });
  });

  it("that is no JSON is judged by its status", () => {
    expect(refusal("<html>bad gateway</html>", 502).name).toBe("VenueUnavailableError");
    expect(refusal("403, access too frequent", 403)).toMatchObject({ name: "RateLimitError", retryAfterMs: 600_000 });
    expect(refusal("<html>", 200)).toBeInstanceOf(ProtocolError);
    expect(refusal({ result: {} }, 200)).toBeInstanceOf(ProtocolError);
  });

  it("keeps an integer that a JavaScript number cannot hold as text", () => {
    const body = '{"retCode":0,"result":{"seq":9007199254740993},"time":1}';
    expect(unwrapResponse(response(body), GET)).toEqual({ seq: "9007199254740993" });
  });
});

describe("limits that an answer tells", () => {
  const headers = (left: string, reset: string) => ({
    "x-bapi-limit": "50",
    "x-bapi-limit-status": left,
    "x-bapi-limit-reset-timestamp": reset,
  });

  it("are what is used of the endpoint's own pool", () => {
    const told = rateLimitFeedback(response(envelope(), 200, headers("46", "1790000000123")), GET);
    expect(told).toEqual([{ limitId: "/v5/order/realtime", used: 4, retryAfterMs: undefined }]);
    expect(rateLimitFeedback(response(envelope()), GET)).toEqual([]);
  });

  it("close that pool until the reset after 10006, by the answer's own clock", () => {
    const refused = envelope({ retCode: 10006, retMsg: "Too many visits!" });
    const answer = response(refused, 200, headers("0", "1790000000523"));
    expect(rateLimitFeedback(answer, GET)).toEqual([{ limitId: GET.limitId, used: 50, retryAfterMs: 400 }]);
    const error = refusal(refused, 200, headers("0", "1790000000523"));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ retryAfterMs: 400, outcome: "definite" });
  });

  it("are what Retry-After says where 10006 comes with no other header", () => {
    const answer = response(envelope({ retCode: 10006 }), 429, { "retry-after": "60" });
    expect(rateLimitFeedback(answer, GET)).toEqual([{ limitId: GET.limitId, used: undefined, retryAfterMs: 60_000 }]);
  });

  it("are a second where the answer has an object in the place of its time", () => {
    const odd: unknown = JSON.parse('{"toString":1,"valueOf":1}');
    const refused = envelope({ retCode: 10006, time: odd });
    expect(rateLimitFeedback(response(refused, 200, headers("0", "1790000000523")), GET)).toMatchObject([
      { retryAfterMs: 1_000 },
    ]);
  });

  it("are a second where 10006 comes without a header", () => {
    expect(rateLimitFeedback(response(envelope({ retCode: 10006 })), GET)).toEqual([
      { limitId: GET.limitId, used: undefined, retryAfterMs: 1_000 },
    ]);
  });
});

describe("the URLs", () => {
  it.each([
    ["bybit_perpetual", "https://api.bybit.com", "wss://stream.bybit.com", "wss://stream.bybit.com"],
    [
      "bybit_perpetual_testnet",
      "https://api-testnet.bybit.com",
      "wss://stream-testnet.bybit.com",
      "wss://stream-testnet.bybit.com",
    ],
    ["bybit_perpetual_demo", "https://api-demo.bybit.com", "wss://stream.bybit.com", "wss://stream-demo.bybit.com"],
  ])("of %s", (domain, rest, publicHost, privateHost) => {
    const utils = createWebUtils({ domain });
    expect(utils.restUrl(GET)).toBe(`${rest}/v5/order/realtime`);
    expect(utils.webSocketUrls).toEqual({
      public: `${publicHost}/v5/public/linear`,
      private: `${privateHost}/v5/private`,
      // Demo trading takes no orders over a socket.
      ...(domain === "bybit_perpetual_demo" ? {} : { trade: `${privateHost}/v5/trade` }),
    });
  });

  it("of the user win over those of the domain", () => {
    const urls = { restUrl: "http://127.0.0.1:1234/", webSocketUrl: "ws://127.0.0.1:1235" };
    const utils = createWebUtils({ domain: "bybit_perpetual_demo", ...urls });
    expect(utils.restUrl(GET)).toBe("http://127.0.0.1:1234/v5/order/realtime");
    expect(utils.webSocketUrls).toEqual({
      public: "ws://127.0.0.1:1235/v5/public/linear",
      private: "ws://127.0.0.1:1235/v5/private",
      trade: "ws://127.0.0.1:1235/v5/trade",
    });
  });

  it("of a domain that does not exist are a ConfigError", () => {
    expect(() => createWebUtils({ domain: "bybit" })).toThrow(ConfigError);
  });
});

it("the server time has microseconds", async () => {
  const context = contextOf(() => ({ timeSecond: "1688639403", timeNano: "1688639403423213947" }));
  expect(await getCurrentServerTime(context)).toBe(1688639403423.213);
  expect(context.requests[0]).toMatchObject({ path: "/v5/market/time", isAuthRequired: false });
});
