import { describe, expect, it } from "vitest";
import type { PreparedRequest } from "../../../src/net/auth.ts";
import { createFtxAuth, generateSignature, headerForAuthentication } from "../../../src/venues/ftx/auth.ts";
import { venueModule } from "../../../src/venues/ftx/derivative.ts";

const NOW = 1_700_000_000_000;
const auth = (subAccount?: string, headerPrefix = "FTX") =>
  createFtxAuth({ credentials: { apiKey: "key", apiSecret: "test-secret", subAccount }, headerPrefix, now: () => NOW });
const signed = (method: PreparedRequest["method"], target: string, body?: string) =>
  auth().restAuthenticate({ method, url: `http://127.0.0.1:9999${target}`, headers: { accept: "x" }, body });

describe("a signed request", () => {
  it.each([
    ["GET", "/api/wallet/balances", undefined, "652fa3dab9d391fde66bce851e729a4a9546d0b881415907dd36ae03f4925ab7"],
    [
      "GET",
      "/api/fills?market=BTC-PERP&limit=5",
      undefined,
      "75e4195ead83cdbcf1bd229e90bced1fb21e6da0459848766cf41905e539777c",
    ],
    [
      "POST",
      "/api/orders",
      '{"market":"BTC-PERP","side":"buy","price":60000,"type":"limit","size":0.01}',
      "ff910e35835ed5803edac26c5c365b53fdd2e07fd0775e19a72f4a08b6e52145",
    ],
    ["DELETE", "/api/orders/123", undefined, "e4a8193fb30c5a1d278b2670dce59c9178209f0b7f302cf746e9f64e687d5d62"],
    ["DELETE", "/api/orders/123", "{}", "122413959fe44b548208fc984c9564f9232a9e8753c5c349b50503a521cbf2f7"],
  ] as const)("%s %s with body %s has the known signature", async (method, target, body, signature) => {
    const request = await signed(method, target, body);
    expect(request.headers).toEqual({ accept: "x", "FTX-KEY": "key", "FTX-TS": String(NOW), "FTX-SIGN": signature });
    expect([request.url, request.body]).toEqual([`http://127.0.0.1:9999${target}`, body]);
  });

  it("has an integer timestamp", async () => {
    const credentials = { apiKey: "key", apiSecret: "test-secret" };
    const request = await createFtxAuth({ credentials, headerPrefix: "FTX", now: () => NOW + 0.75 }).restAuthenticate({
      method: "GET",
      url: "http://x/api",
      headers: {},
    });
    expect(request.headers["FTX-TS"]).toBe(String(NOW));
  });

  it("names a sub-account URI-encoded, and not when there is none", async () => {
    const options = {
      credentials: { apiKey: "k", apiSecret: "s", subAccount: "my desk/1" },
      headerPrefix: "FTX",
      now: () => 0,
    };
    expect(headerForAuthentication(options, "1", "sig")["FTX-SUBACCOUNT"]).toBe("my%20desk%2F1");
    expect(Object.keys((await signed("GET", "/api")).headers)).not.toContain("FTX-SUBACCOUNT");
  });

  it("of FTX US has the other prefix", async () => {
    const urls = { restUrl: "http://x/api", webSocketUrl: "ws://x/ws" };
    const venue = venueModule.createVenue({ domain: "ftx_us_perpetual", ...urls });
    const credentials = { apiKey: "k", apiSecret: "s", subAccount: "a" };
    const request = await venue
      .createAuthenticator(credentials, { now: () => NOW })
      .restAuthenticate({ method: "GET", url: "http://x/api/orders", headers: {} });
    expect(Object.keys(request.headers)).toEqual(["FTXUS-KEY", "FTXUS-TS", "FTXUS-SIGN", "FTXUS-SUBACCOUNT"]);
  });
});

describe("FTX's own published vectors", () => {
  it.each([
    [
      "T4lPid48QtjNxjLUFOcUZghD7CUJ7sTVsfuvQZF2",
      "1588591511721GET/api/markets",
      "dbc62ec300b2624c580611858d94f2332ac636bb86eccfa1167a7777c496ee6f",
    ],
    [
      "Y2QTHI23f23f23jfjas23f23To0RfUwX3H42fvN-",
      "1557246346499websocket_login",
      "d10b5a67a1a941ae9463a60b285ae845cdeac1b11edc7da9977bef0228b96de9",
    ],
  ])("are reproduced", (secret, payload, signature) => {
    expect(generateSignature(secret, payload)).toBe(signature);
  });
});

describe("the login of the socket", () => {
  it("names the sub-account as it is", async () => {
    expect(await auth("my desk").wsAuthenticate()).toMatchObject({ args: { subaccount: "my desk" } });
  });
});
