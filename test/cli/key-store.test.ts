import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  connectorsIn,
  DEFAULT_SCRYPT_COST,
  openKeys,
  type SealOptions,
  sealKeys,
} from "../../packages/cli/src/key-store.ts";
import { AuthError, ConfigError } from "../../src/model/error.ts";

const KEYS = {
  ftx_perpetual: {
    credentials: { apiKey: "key-of-mine", apiSecret: "secret-of-mine", subAccount: "desk" },
    servers: { rest: "https://api.example.com", webSocket: "wss://ws.example.com" },
  },
  bybit_perpetual: {
    credentials: { apiKey: "other-key", apiSecret: "other-secret", passphrase: "pass" },
    servers: {},
  },
};
const OPTIONS: SealOptions = {
  randomHex: (length) => randomBytes(length / 2).toString("hex"),
  cost: { N: 2 ** 14, r: 8, p: 1 },
};

const sealed = () => sealKeys(KEYS, "correct horse", OPTIONS);
const changed = (changes: Record<string, unknown>) => JSON.stringify({ ...JSON.parse(sealed()), ...changes });
const withCost = (cost: object) => changed({ kdf: { ...JSON.parse(sealed()).kdf, ...cost } });
const opening = (text: string, password = "correct horse") => {
  try {
    return openKeys(text, password, "keys.json");
  } catch (error) {
    return error;
  }
};

describe("a key store", () => {
  it("gives back what was put in", () => {
    expect(opening(sealed())).toEqual(KEYS);
  });

  it("keeps the servers of a key where nobody changes them, and none for one that was stored without", () => {
    const withoutServers = { ftx_perpetual: { credentials: KEYS.ftx_perpetual.credentials, servers: undefined } };
    expect(opening(sealKeys(withoutServers, "correct horse", OPTIONS))).toEqual(withoutServers);
    const stored = JSON.parse(sealed());
    expect(JSON.stringify(stored)).not.toContain("example.com");
    const data = `${stored.data.startsWith("A") ? "B" : "A"}${stored.data.slice(1)}`;
    expect(opening(JSON.stringify({ ...stored, data }))).toMatchObject({ code: "KEY_STORE_CHANGED" });
  });

  it("opens as an editor leaves it, with a byte order mark and line ends of two characters", () => {
    expect(opening(`\ufeff${sealed().replaceAll("\n", "\r\n")}`)).toEqual(KEYS);
  });

  it("tells whose keys it holds without a password, and nothing else", () => {
    const text = sealed();
    expect(connectorsIn(text, "keys.json")).toEqual(["bybit_perpetual", "ftx_perpetual"]);
    for (const secret of ["key-of-mine", "secret-of-mine", "desk", "other-key", "other-secret", "correct horse"]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString("base64").slice(0, -4));
    }
  });

  it("never makes the same text twice of the same keys", () => {
    const [first, second] = [JSON.parse(sealed()), JSON.parse(sealed())];
    expect(first.kdf.salt).not.toBe(second.kdf.salt);
    expect(first.cipher.nonce).not.toBe(second.cipher.nonce);
    expect(first.data).not.toBe(second.data);
  });

  it("stores what it was made with, and opens with that", () => {
    const text = sealKeys(KEYS, "correct horse", { ...OPTIONS, cost: { N: 2 ** 15, r: 8, p: 2 } });
    expect(JSON.parse(text)).toMatchObject({
      format: "perpwire-keys",
      version: 1,
      kdf: { name: "scrypt", N: 32_768, r: 8, p: 2 },
      cipher: { name: "aes-256-gcm" },
    });
    expect(opening(text)).toMatchObject(KEYS);
    expect(DEFAULT_SCRYPT_COST).toEqual({ N: 131_072, r: 8, p: 1 });
  });

  it("says that the password is wrong", () => {
    const error = opening(sealed(), "wrong horse");
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ code: "WRONG_PASSWORD", message: "the password does not open keys.json" });
    expect(String(error)).not.toContain("wrong horse");
  });

  it("takes a password however its letters are composed", () => {
    const text = sealKeys(KEYS, "sch\u00f6n-genug", OPTIONS);
    expect(opening(text, "scho\u0308n-genug")).toMatchObject(KEYS);
  });

  it.each([
    ["data", { data: Buffer.from("nothing of the kind").toString("base64") }],
    ["tag", { tag: "0".repeat(32) }],
    ["connectors", { connectors: ["ftx_perpetual"] }],
    ["cipher", { cipher: { name: "aes-256-gcm", nonce: "0".repeat(24) } }],
  ])("says that its %s was changed", (_, changes) => {
    const error = opening(changed(changes));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code: "KEY_STORE_CHANGED" });
  });

  it("does not open with another salt or cost", () => {
    const { kdf } = JSON.parse(sealed());
    expect(opening(changed({ kdf: { ...kdf, salt: "0".repeat(64) } }))).toMatchObject({ code: "WRONG_PASSWORD" });
    expect(opening(changed({ kdf: { ...kdf, N: 2 ** 15 } }))).toMatchObject({ code: "WRONG_PASSWORD" });
  });

  it.each([
    ["not JSON", "keys", /it is no key store/],
    ["another file", '{"a":1}', /it is no key store/],
    ["a later version", changed({ version: 2 }), /format version 2 is not known/],
    ["no version", changed({ version: undefined }), /missing or wrong/],
    ["a version that is no number", changed({ version: "x".repeat(100_000) }), /missing or wrong$/],
    ["a text that was cut", sealed().slice(0, 300), /damaged/],
    ["no salt", changed({ kdf: { name: "scrypt", N: 1024, r: 8, p: 1 } }), /missing or wrong/],
    ["a weak cost", withCost({ N: 2 ** 13 }), /missing or wrong/],
    ["blocks that cost nothing", withCost({ r: 1 }), /missing or wrong/],
    ["a cost that takes all memory", withCost({ N: 2 ** 30 }), /missing or wrong/],
    ["a cost that takes half a gigabyte", withCost({ N: 2 ** 19 }), /missing or wrong/],
    ["wide blocks that take it", withCost({ r: 2 ** 12 }), /missing or wrong/],
    ["a cost that takes minutes", withCost({ N: 2 ** 18, p: 4 }), /missing or wrong/],
    ["a cost that is no number", withCost({ p: 1.5 }), /missing or wrong/],
    [
      "a text that does not end",
      JSON.stringify({ ...JSON.parse(sealed()), data: "A".repeat(2 ** 20) }),
      /it is no key/,
    ],
    ["a short tag", changed({ tag: "00" }), /missing or wrong/],
  ])("refuses %s", (_, text, message) => {
    const error = opening(text);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code: "KEY_STORE", message: expect.stringMatching(message) });
  });
});
