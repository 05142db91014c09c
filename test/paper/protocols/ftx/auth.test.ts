import { describe, expect, test } from "vitest";
import { AccountDirectory } from "../../../../src/paper/protocols/accounts.ts";
import {
  authenticate,
  authenticateSocket,
  hmacHex,
  loginPayload,
  requestPayload,
} from "../../../../src/paper/protocols/ftx/auth.ts";
import type { ServerRequest } from "../../../../src/runtime/runtime.ts";

const NOW = 1_700_000_000_000;
const accounts = new AccountDirectory([
  { apiKey: "k", apiSecret: "test-secret", username: "desk", subaccounts: ["sub 1", "a/b"] },
  { apiKey: "k2", apiSecret: "s2", username: "desk", subaccounts: ["sub 1"], onlySubaccount: "sub 1" },
]);

function request(method: string, target: string, body = "", headers: Record<string, string> = {}): ServerRequest {
  return { method, target, body, headers, remoteAddress: "" };
}

function signed(
  method: string,
  target: string,
  options: Partial<Record<"body" | "sign" | "ts" | "key" | "secret" | "sub" | "signedTarget", string>> = {},
) {
  const { body = "", ts = String(NOW), key = "k", secret = "test-secret", signedTarget = target } = options;
  const sign = options.sign ?? hmacHex(secret, `${ts}${method}${signedTarget}${body}`);
  const headers: Record<string, string> = { "ftx-key": key, "ftx-ts": ts, "ftx-sign": sign };
  if (options.sub !== undefined) headers["ftx-subaccount"] = options.sub;
  return request(method, target, body, headers);
}

describe("a request's signature", () => {
  const order = '{"market":"BTC-PERP","side":"buy","price":60000,"type":"limit","size":0.01}';
  test.each([
    ["GET", "/api/wallet/balances", "", "652fa3dab9d391fde66bce851e729a4a9546d0b881415907dd36ae03f4925ab7"],
    [
      "GET",
      "/api/fills?market=BTC-PERP&limit=5",
      "",
      "75e4195ead83cdbcf1bd229e90bced1fb21e6da0459848766cf41905e539777c",
    ],
    ["POST", "/api/orders", order, "ff910e35835ed5803edac26c5c365b53fdd2e07fd0775e19a72f4a08b6e52145"],
    ["DELETE", "/api/orders/123", "", "e4a8193fb30c5a1d278b2670dce59c9178209f0b7f302cf746e9f64e687d5d62"],
    ["DELETE", "/api/orders/123", "{}", "122413959fe44b548208fc984c9564f9232a9e8753c5c349b50503a521cbf2f7"],
  ])("of %s %s %s is the known one", (method, target, body, expected) => {
    expect(hmacHex("test-secret", requestPayload(String(NOW), request(method, target, body)))).toBe(expected);
    expect(authenticate(signed(method, target, { body, sign: expected }), accounts, NOW).accountId).toBe("desk");
  });

  test("that FTX published is reproduced", () => {
    const payload = requestPayload("1588591511721", request("GET", "/api/markets"));
    expect(hmacHex("T4lPid48QtjNxjLUFOcUZghD7CUJ7sTVsfuvQZF2", payload)).toBe(
      "dbc62ec300b2624c580611858d94f2332ac636bb86eccfa1167a7777c496ee6f",
    );
    expect(hmacHex("Y2QTHI23f23f23jfjas23f23To0RfUwX3H42fvN-", loginPayload(1_557_246_346_499))).toBe(
      "d10b5a67a1a941ae9463a60b285ae845cdeac1b11edc7da9977bef0228b96de9",
    );
  });

  test("may leave out a bare question mark, or not", () => {
    expect(authenticate(signed("GET", "/api/fills?", { signedTarget: "/api/fills" }), accounts, NOW).apiKey).toBe("k");
    expect(authenticate(signed("GET", "/api/fills?"), accounts, NOW).apiKey).toBe("k");
  });

  test("may come in the headers of FTX US", () => {
    const { headers, ...rest } = signed("GET", "/api/fills");
    const renamed = Object.fromEntries(
      Object.entries(headers).map(([name, text]) => [name.replace("ftx", "ftxus"), text]),
    );
    expect(authenticate({ ...rest, headers: renamed }, accounts, NOW).apiKey).toBe("k");
  });
});

describe("a request is refused", () => {
  const refusal = (given: ServerRequest, now = NOW) => {
    try {
      authenticate(given, accounts, now);
    } catch (error) {
      return `${(error as { status: number }).status} ${(error as Error).message}`;
    }
    return "accepted";
  };

  test.each([
    ["without a key", request("GET", "/api/fills"), "401 Not logged in"],
    ["with an unknown key", signed("GET", "/api/fills", { key: "nobody" }), "401 Not logged in: Invalid API key"],
    ["with a wrong secret", signed("GET", "/api/fills", { secret: "x" }), "401 Not logged in: Invalid signature"],
    [
      "with a changed body",
      { ...signed("POST", "/api/orders", { body: "{}" }), body: "{ }" },
      "401 Not logged in: Invalid signature",
    ],
    [
      "with a time that is none",
      signed("GET", "/api/fills", { ts: "1.5" }),
      "401 Not logged in: Timestamp too far from current time",
    ],
    ["for an unknown sub-account", signed("GET", "/api/fills", { sub: "other" }), "401 No such subaccount"],
    ["for a sub-account that does not decode", signed("GET", "/api/fills", { sub: "%" }), "401 No such subaccount"],
    [
      "when the key is for one sub-account",
      signed("GET", "/api/fills", { key: "k2", secret: "s2" }),
      "401 Only have permissions for subaccount sub 1",
    ],
  ])("%s", (_, given, expected) => {
    expect(refusal(given)).toBe(expected);
  });

  test("when it is more than 30 seconds old or early", () => {
    const given = signed("GET", "/api/fills");
    expect(refusal(given, NOW + 30_000)).toBe("accepted");
    expect(refusal(given, NOW - 30_000)).toBe("accepted");
    expect(refusal(given, NOW + 30_001)).toBe("401 Not logged in: Timestamp too far from current time");
    expect(refusal(given, NOW - 30_001)).toBe("401 Not logged in: Timestamp too far from current time");
  });
});

describe("sub-accounts", () => {
  test("have names that are URI-encoded and accounts of their own", () => {
    const login = authenticate(signed("GET", "/api/fills", { sub: "sub%201" }), accounts, NOW);
    expect(login).toMatchObject({ accountId: "desk/sub 1", username: "desk/sub 1", identifier: 7_002 });
    expect(authenticate(signed("GET", "/api/fills", { sub: "a%2Fb" }), accounts, NOW).accountId).toBe("desk/a/b");
  });
});

describe("a WebSocket login", () => {
  const sign = "439b6e5b0bb7042e1d9913deac0b86160b444d1832ed2bf5eea1ce714df199c2";

  test("has the known signature", () => {
    expect(authenticateSocket({ key: "k", sign, time: NOW }, accounts, NOW)?.accountId).toBe("desk");
    expect(authenticateSocket({ key: "k", sign, time: NOW, subaccount: "sub 1" }, accounts, NOW)?.accountId).toBe(
      "desk/sub 1",
    );
  });

  test.each([
    ["an old time", { key: "k", sign, time: NOW - 40_000 }],
    ["a wrong signature", { key: "k", sign: "00", time: NOW }],
    ["an unknown key", { key: "x", sign, time: NOW }],
    ["an unknown sub-account", { key: "k", sign, time: NOW, subaccount: "x" }],
    ["nothing", {}],
  ])("fails with %s", (_, args) => {
    expect(authenticateSocket(args, accounts, NOW)).toBeUndefined();
  });
});
