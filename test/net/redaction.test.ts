import { describe, expect, it } from "vitest";
import type { PreparedRequest } from "../../src/net/auth.ts";
import { redact, secretsOf, secretsOfSocket } from "../../src/net/redaction.ts";

const KEY = "aebf3f6a4f7878b5";

describe("a secret in a text that was cut", () => {
  it("is taken out where its beginning stands before an ellipsis or at the end", () => {
    expect(redact(`not JSON: key ${KEY.slice(0, 7)}... and ${KEY.slice(0, 4)}...`, [KEY])).toBe(
      "not JSON: key [redacted]... and [redacted]...",
    );
    expect(redact(`closed: ${KEY.slice(0, 12)}`, [KEY])).toBe("closed: [redacted]");
  });

  it("leaves other words as they are", () => {
    const text = "take the box... or --paper";
    expect(redact(text, ["paper-key-1", "boxes-and-more"])).toBe(text);
    expect(redact("abcd...", ["abcde"])).toBe("abcd...");
  });
});

describe("the secrets of a socket", () => {
  it("are what its login holds and what its query does, without words, times and flags", () => {
    const login = {
      op: "login",
      args: [{ apiKey: KEY, passphrase: "Paper-Pass-1", timestamp: "1700000000", sign: "c2lnbg==" }],
    };
    expect(secretsOfSocket("wss://host/ws", login)).toEqual([KEY, "Paper-Pass-1", "c2lnbg%3D%3D", "c2lnbg=="]);
    expect(secretsOfSocket(`wss://host/ws?listenKey=${KEY}&v=2`)).toEqual([KEY]);
    expect(secretsOfSocket("wss://host/ws")).toEqual([]);
  });

  it("hold a passphrase of digits alone, which is taken out where it is a whole number", () => {
    const login = { op: "login", args: [{ apiKey: KEY, passphrase: "20000000", timestamp: "1700000000", sign: "" }] };
    const secrets = secretsOfSocket("wss://host/ws", login);
    expect(secrets).toEqual([KEY, "20000000"]);
    expect(redact('{"passphrase":"20000000"} at 1700000000', secrets)).toBe(
      '{"passphrase":"[redacted]"} at 1700000000',
    );
    const numbers = "0.20000000, 120000000, 20000000.5 and 1720000000000";
    expect(redact(numbers, secrets)).toBe(numbers);
  });

  it("hold a short one with the name of its field, so that prices and words are left", () => {
    const login = { args: [{ passphrase: "2000", key: "open", time: "9" }] };
    const secrets = secretsOfSocket("wss://host/ws?token=7", login);
    const echo = 'open orders at 2000.5 and 2000: {"passphrase":"2000","key":"open"} ?passphrase=2000&token=7';
    expect(redact(echo, secrets)).toBe(
      "open orders at 2000.5 and 2000: {[redacted],[redacted]} ?[redacted]&[redacted]",
    );
  });
});

describe("the secrets of a request", () => {
  const unsigned: PreparedRequest = {
    method: "POST",
    url: "https://host/api?symbol=BTC-USDT&side=buy",
    headers: { "content-type": "application/json" },
    body: "",
  };
  const signedWith = (parts: Partial<PreparedRequest>) => secretsOf(unsigned, { ...unsigned, ...parts });

  it("are a passphrase of digits in its header, and no timestamp or receive window", () => {
    const headers = { ...unsigned.headers, "OK-ACCESS-PASSPHRASE": "12345678", "X-BAPI-TIMESTAMP": "1700000000000" };
    expect(signedWith({ headers: { ...headers, "X-BAPI-RECV-WINDOW": "5000" } })).toEqual(["12345678"]);
  });

  it("are what was added to a query, and the whole of it", () => {
    const query = "symbol=BTC-USDT&side=buy&timestamp=1700000000000&signature=87654321";
    expect(signedWith({ url: `https://host/api?${query}` })).toEqual([encodeURIComponent(query), query, "87654321"]);
  });

  it("are what was added to a body, a form or JSON, and the whole of it", () => {
    const form = "timestamp=1700000000000&signature=abcdef0123456789";
    expect(signedWith({ body: form })).toContain("abcdef0123456789");
    const json = '{"nonce":1,"auth":{"token":"98765432","at":"1700000000000"}}';
    expect(signedWith({ body: json })).toEqual(expect.arrayContaining([json, "98765432"]));
    expect(signedWith({ body: json })).not.toContain("1700000000000");
  });

  it("are none where nothing was signed", () => {
    expect(signedWith({})).toEqual([]);
  });
});
