import { describe, expect, it } from "vitest";
import { redact, secretsOfSocket } from "../../src/net/redaction.ts";

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
    expect(secretsOfSocket("wss://host/ws", login)).toEqual([KEY, "Paper-Pass-1", "c2lnbg=="]);
    expect(secretsOfSocket(`wss://host/ws?listenKey=${KEY}&v=2`)).toEqual([KEY]);
    expect(secretsOfSocket("wss://host/ws")).toEqual([]);
  });
});
