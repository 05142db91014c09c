import { describe, expect, it } from "vitest";
import type { Credentials } from "../../../src/net/auth.ts";
import { Nonces } from "../../../src/net/nonces.ts";
import { createHyperliquidAuth } from "../../../src/venues/hyperliquid/auth.ts";
import {
  type Action,
  type ActionSignature,
  addressOfKey,
  l1Digest,
  recoverAddress,
} from "../../../src/venues/hyperliquid/signing.ts";
import { CLOID, KEY, NOW, OTHER, USER, VAULT } from "./wire.ts";

const MAINNET = "hyperliquid_perpetual";
const TESTNET = "hyperliquid_perpetual_testnet";
const AGENT_KEY = `0x${"9".repeat(64)}`;
const CREDENTIALS = { privateKey: KEY, accountAddress: USER };
const T = { limit: { tif: "Gtc" } };
const PLACE: Action = {
  type: "order",
  orders: [{ a: 0, b: true, p: "60000", s: "0.01", r: false, t: T, c: CLOID }],
  grouping: "na",
};
const CANCEL: Action = { type: "cancel", cancels: [{ a: 0, o: 1 }] };

interface Signed {
  readonly action: Action;
  readonly nonce: number;
  readonly vaultAddress?: string;
  readonly expiresAfter?: number;
  readonly signature: ActionSignature;
}

interface Options {
  readonly credentials?: Credentials;
  readonly domain?: string;
  readonly nonces?: Nonces;
  readonly nowMs?: () => number;
  readonly uncertaintyMs?: number;
}

function signer({
  credentials = CREDENTIALS,
  domain = MAINNET,
  nonces,
  nowMs = () => NOW,
  uncertaintyMs = 0,
}: Options = {}) {
  const context = { now: nowMs, uncertaintyMs: () => uncertaintyMs, nonces };
  const authenticator = createHyperliquidAuth(credentials, context, domain);
  return async (action: Action, more: object = {}): Promise<Signed> => {
    const body = JSON.stringify({ action, ...more });
    const request = { method: "POST", url: "https://x/exchange", headers: {}, body } as const;
    const signed = await authenticator.restAuthenticate(request);
    return JSON.parse(signed.body ?? "") as Signed;
  };
}

const signerOf = ({ action, signature, ...envelope }: Signed, isMainnet = true) =>
  recoverAddress(l1Digest(action, envelope, isMainnet), signature);

describe("a signed action", () => {
  it("names the signer on its own network alone", async () => {
    const signed = await signer()(PLACE);
    expect([signerOf(signed), signerOf(signed, false) === USER]).toEqual([USER, false]);
    const onTestnet = await signer({ domain: TESTNET })(PLACE);
    expect([signerOf(onTestnet, false), signerOf(onTestnet) === USER]).toEqual([USER, false]);
  });

  it("of an API wallet is its own, for the account that approved it and for a sub-account", async () => {
    const credentials = {
      privateKey: AGENT_KEY,
      accountAddress: USER,
      vaultAddress: VAULT.toUpperCase().replace("0X", "0x"),
    };
    const signed = await signer({ credentials })(PLACE);
    expect(signerOf(signed)).toBe(addressOfKey(AGENT_KEY));
    expect(signed.vaultAddress).toBe(VAULT);
    expect(await signer()(PLACE)).not.toHaveProperty("vaultAddress");
  });

  it("has a nonce of its own among all that sign with the key, while the clock stands still and is set back", async () => {
    const nonces = new Nonces();
    let nowMs = NOW;
    const options = { nonces, nowMs: () => nowMs };
    const [one, other] = [
      signer(options),
      signer({ ...options, credentials: { ...CREDENTIALS, vaultAddress: VAULT } }),
    ];
    const signed = await Promise.all(
      Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? one : other)(CANCEL)),
    );
    nowMs -= 5_000;
    signed.push(await one(PLACE));
    const taken = signed.map(({ nonce }) => nonce);
    expect(new Set(taken).size).toBe(201);
    expect(taken.at(-1)).toBe(Math.max(...taken));
  });

  it("that makes an order is refused after its time, and a cancel never is", async () => {
    expect((await signer()(PLACE)).expiresAfter).toBe(NOW + 20_000);
    expect((await signer({ uncertaintyMs: 500 })(PLACE)).expiresAfter).toBe(NOW + 21_000);
    expect(await signer()(CANCEL)).not.toHaveProperty("expiresAfter");
  });

  it("counts the time of a scheduled cancel from its signing on, and clears it without one", async () => {
    expect((await signer()({ type: "scheduleCancel" }, { cancelAfterMs: 60_000 })).action).toEqual({
      type: "scheduleCancel",
      time: NOW + 60_000,
    });
    expect((await signer()({ type: "scheduleCancel" })).action).toEqual({ type: "scheduleCancel" });
    // The time that is signed with may be behind the venue's by twice its error.
    const unsure = await signer({ uncertaintyMs: 1_000 })({ type: "scheduleCancel" }, { cancelAfterMs: 7_000 });
    expect(unsure.action).toMatchObject({ time: NOW + 9_000 });
  });

  it("is sent in the order of keys in which it was signed", async () => {
    const { action } = await signer()({ grouping: "na", orders: PLACE.orders, type: "order" });
    expect(JSON.stringify(action)).toBe(JSON.stringify(PLACE));
  });
});

describe("credentials that cannot be", () => {
  it.each([
    ["no key", { accountAddress: USER }, "CREDENTIALS_MISSING"],
    ["no address of the account", { privateKey: KEY }, "CREDENTIALS_MISSING"],
    ["a key that is too short", { ...CREDENTIALS, privateKey: KEY.slice(0, 40) }, "CREDENTIALS_INVALID"],
    ["a key that is none", { ...CREDENTIALS, privateKey: `0x${"f".repeat(64)}` }, "CREDENTIALS_INVALID"],
    ["an address that is none", { ...CREDENTIALS, accountAddress: "0x12" }, "CREDENTIALS_INVALID"],
    ["a vault that is none", { ...CREDENTIALS, vaultAddress: KEY }, "CREDENTIALS_INVALID"],
  ])("are refused with a word of what is wrong and none of the key: %s", (_, credentials: Credentials, code) => {
    let refusal: unknown;
    try {
      signer({ credentials });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ name: "AuthError", code });
    const told = JSON.stringify([String(refusal), refusal, (refusal as Error).stack]);
    const { privateKey = KEY } = credentials;
    for (const part of [privateKey, privateKey.slice(2), privateKey.slice(0, 20)]) expect(told).not.toContain(part);
    expect(told).not.toContain(OTHER);
  });
});
