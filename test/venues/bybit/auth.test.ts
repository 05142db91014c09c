import { describe, expect, it } from "vitest";
import type { PreparedRequest } from "../../../src/net/auth.ts";
import { createBybitAuth, generateSignature } from "../../../src/venues/bybit/auth.ts";

const CREDENTIALS = { apiKey: "KEY123", apiSecret: "SECRET456" };
const auth = createBybitAuth(CREDENTIALS, { now: () => 1790000000000.9 });

async function signatureOf(request: PreparedRequest): Promise<string | undefined> {
  return (await auth.restAuthenticate(request)).headers["X-BAPI-SIGN"];
}

describe("the signature of a request", () => {
  it("covers the query of a GET exactly as it is sent", async () => {
    const query = "category=linear&symbol=BTCUSDT&openOnly=0";
    const url = `https://api.bybit.com/v5/order/realtime?${query}`;
    expect(await signatureOf({ method: "GET", url, headers: {} })).toBe(
      "ca1b2a8cfe109c9c38592014cc0ac83705cb30f8787d33a97d4dbd590aaa224b",
    );
    const reordered = url.replace(query, "symbol=BTCUSDT&category=linear&openOnly=0");
    expect(await signatureOf({ method: "GET", url: reordered, headers: {} })).not.toMatch(/^ca1b2a8c/);
  });

  it("covers nothing but time, key and window where there is neither", async () => {
    const expected = generateSignature("SECRET456", "1790000000000KEY1235000");
    expect(await signatureOf({ method: "GET", url: "https://api.bybit.com/v5/account/info", headers: {} })).toBe(
      expected,
    );
    expect(await signatureOf({ method: "POST", url: "https://api.bybit.com/v5/x", headers: {} })).toBe(expected);
  });

  it("comes with key, whole milliseconds and window, and keeps the request's own headers", async () => {
    const headers = { "content-type": "application/json" };
    const signed = await auth.restAuthenticate({ method: "POST", url: "https://a.b/v5/x", headers, body: "{}" });
    expect(signed).toMatchObject({
      headers: {
        "content-type": "application/json",
        "X-BAPI-API-KEY": "KEY123",
        "X-BAPI-TIMESTAMP": "1790000000000",
        "X-BAPI-RECV-WINDOW": "5000",
      },
      body: "{}",
    });
  });
});
