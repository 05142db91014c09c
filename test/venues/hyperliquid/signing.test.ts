import { describe, expect, it } from "vitest";
import {
  type Action,
  actionHash,
  addressOfKey,
  canonicalAction,
  l1Digest,
  recoverAddress,
  signDigest,
  userSignedDigest,
} from "../../../src/venues/hyperliquid/signing.ts";

const KEY = `0x${"0123456789".repeat(6)}0123`;
const ADDRESS = "0x14791697260e4c9a71f18484c9f997b308e59325";
const VAULT = "0x1719884eb866cb12b2287399b15f7db5e7d775ea";
const NONCE = 1_790_000_000_000;

const ORDER = { a: 0, b: true, p: "60000", s: "0.01", r: false, t: { limit: { tif: "Gtc" } } };
const PLACE: Action = { type: "order", orders: [ORDER], grouping: "na" };
const STOP: Action = {
  type: "order",
  orders: [
    {
      a: 0,
      b: false,
      p: "54000",
      s: "0.01",
      r: true,
      t: { trigger: { isMarket: true, triggerPx: "57000", tpsl: "sl" } },
    },
  ],
  grouping: "na",
};
const APPROVE: Action = {
  type: "approveAgent",
  signatureChainId: "0x66eee",
  hyperliquidChain: "Testnet",
  agentAddress: "0x00000000000000000000000000000000000000a1",
  nonce: NONCE + 1,
};

const hash = (action: Action, envelope: Parameters<typeof actionHash>[1]) =>
  Buffer.from(actionHash(action, envelope)).toString("hex");

describe("Hyperliquid's signatures", () => {
  it.each([
    ["an order", PLACE, { nonce: NONCE }, "01e42607d195789fe6ef082431a91dac95955e39b62950e727e662a235ed6659"],
    [
      "a stop for a vault",
      STOP,
      { nonce: NONCE + 3, vaultAddress: VAULT },
      "194f555a3e11d0b05b2d893421a73ed59d410a88b5a2e79299c08f2ca1e5da1e",
    ],
    [
      "a cancel of an order whose id needs more than 32 bits",
      { type: "cancel", cancels: [556_696_349_186, 88_383].map((o, a) => ({ a, o })) },
      { nonce: NONCE + 5 },
      "68375bbd7b779f34bf4a167c5b1d52054d38ada41511beb6a95201334155dea5",
    ],
    [
      "a cancel by client id for a vault that expires",
      { type: "cancelByCloid", cancels: [{ asset: 0, cloid: `0x${"1".padStart(32, "0")}` }] },
      { nonce: NONCE + 6, vaultAddress: VAULT, expiresAfter: NONCE + 20_000 },
      "75db7af6d627fcd9848646ddd55524983f02612b839f51720fa2d344247b80f1",
    ],
    [
      "margin that is taken away",
      { type: "updateIsolatedMargin", asset: 1, isBuy: true, ntli: -1_500_000 },
      { nonce: NONCE + 10 },
      "ca2f0d77f5f49166012fbf8a2e85c75a930e18a571057dfc4563b463dc760e91",
    ],
  ])("hash %s as the venue does", (_, action, envelope, expected) => {
    expect(hash(action, envelope)).toBe(expected);
  });

  it("are those that other clients make, r and s to the last digit", () => {
    expect(signDigest(l1Digest(PLACE, { nonce: NONCE }, true), KEY)).toEqual({
      r: "0xc02f6ddac1c5f413e3e9380a346c3fbde5503a744db3c32c8e60bd50ad879a78",
      s: "0x477f0c97444b9bd4cd03165b0dfd9d7d9edeee7be0779b25dd434abbdcbacb7b",
      v: 27,
    });
    expect(signDigest(userSignedDigest(APPROVE), KEY)).toEqual({
      r: "0x447131ffa9d9af4fec4112fb5a1aa9f468ac2913340c27998e6ec18445971592",
      s: "0x08f9f80414a80d96f2fc33d437b52069eccdccfebfd3a6c48ccd3dd8ad617997",
      v: 27,
    });
  });

  it("name the account that signed, with and without leading zeros", () => {
    expect(addressOfKey(KEY)).toBe(ADDRESS);
    expect(addressOfKey(KEY.slice(2))).toBe(ADDRESS);
    const digest = userSignedDigest(APPROVE);
    const signature = signDigest(digest, KEY);
    expect(recoverAddress(digest, signature)).toBe(ADDRESS);
    expect(recoverAddress(digest, { ...signature, s: signature.s.replace(/^0x0+/, "0x") })).toBe(ADDRESS);
  });

  it("differ by network, nonce, vault and expiry", () => {
    const digests = [
      l1Digest(PLACE, { nonce: NONCE }, true),
      l1Digest(PLACE, { nonce: NONCE }, false),
      l1Digest(PLACE, { nonce: NONCE + 1 }, true),
      l1Digest(PLACE, { nonce: NONCE, vaultAddress: VAULT }, true),
      l1Digest(PLACE, { nonce: NONCE, expiresAfter: NONCE }, true),
    ];
    const signers = digests.map((digest) => recoverAddress(digest, signDigest(digests[0] ?? digest, KEY)));
    expect(signers[0]).toBe(ADDRESS);
    expect(new Set(signers).size).toBe(digests.length);
  });

  it("are made over the venue's order of the keys, whatever order an action was written in", () => {
    const written: Action = {
      grouping: "na",
      orders: [{ t: { limit: { tif: "Gtc" } }, c: undefined, r: false, s: "0.01", p: "60000", b: true, a: 0 }],
      type: "order",
    };
    expect(JSON.stringify(canonicalAction(written))).toBe(JSON.stringify(PLACE));
    expect(hash(written, { nonce: NONCE })).toBe(hash(PLACE, { nonce: NONCE }));
  });

  it("are not made over a field or an action that the venue does not know", () => {
    expect(() => canonicalAction({ ...PLACE, hedge: true })).toThrow("has no field hedge");
    expect(() => canonicalAction({ ...PLACE, orders: [{ ...ORDER, q: "1" }] })).toThrow("has no field q");
    expect(() => canonicalAction({ type: "toString" })).toThrow("no action toString");
    expect(() => userSignedDigest(PLACE)).toThrow("no action order");
  });
});
