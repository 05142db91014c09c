import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addressOf, keyOfText, signedAction } from "../../../support/hyperliquid-signer.ts";
import { type Harness, orderOf, startVenue } from "./harness.ts";

/** Of the vectors of `exchange_signing`: a key, its address, and signatures that three other programs agree on. */
const KEY = "0x0123456789012345678901234567890123456789012345678901234567890123";
const ADDRESS = "0x14791697260e4c9a71f18484c9f997b308e59325";
const AGENT = `0x${"17".repeat(32)}`;
const STRANGER = `0x${"23".repeat(32)}`;

let harness: Harness;
beforeEach(async () => {
  const accounts = [
    { apiKey: ADDRESS, apiSecret: KEY, subaccounts: ["sub"] },
    { apiKey: "agent", apiSecret: AGENT },
    { apiKey: "only", apiSecret: "words", subaccounts: ["sub"], onlySubaccount: "sub" },
    { apiKey: "other", apiSecret: "secret", username: "other" },
  ];
  harness = await startVenue({ accounts });
});
afterEach(() => harness.venue.stop());

const order = (fields: object = {}) => ({ type: "order", orders: [orderOf(fields)], grouping: "na" });
const noop = { type: "noop" };
const OK = { status: "ok", response: { type: "default" } };

describe("the credentials of a paper account", () => {
  it("are the address and the key that were given, or follow from any key and secret", () => {
    const { venue } = harness;
    expect(venue.credentials()).toEqual({ accountAddress: ADDRESS, privateKey: KEY });
    expect(venue.credentials("hyperliquid", "agent")).toEqual({ accountAddress: ADDRESS, privateKey: AGENT });
    const other = venue.credentials("hyperliquid", "other");
    expect(other.accountAddress).toBe(addressOf(other.privateKey ?? ""));
    expect(other.privateKey).toBe(keyOfText("perpwire paper wallet other:secret"));
    expect(venue.credentials("hyperliquid", "only")).toMatchObject({
      accountAddress: ADDRESS,
      vaultAddress: expect.stringMatching(/^0x[0-9a-f]{40}$/),
    });
  });

  it("name the account to the control API", async () => {
    const { world, venue } = harness;
    const ask = (key: string) => {
      const url = `${venue.control}/truth`;
      const request = { method: "GET", url, headers: { "paper-key": key }, timeoutMs: 1_000 };
      return world.run(world.runtime("hand").http.request(request));
    };
    const { accountAddress = "" } = venue.credentials("hyperliquid", "other");
    expect(JSON.parse((await ask(accountAddress)).text).accountId).toBe("other");
    expect(JSON.parse((await ask(ADDRESS.toUpperCase().replace("0X", "0x"))).text).accountId).toBe("desk@example.com");
    expect((await ask(`0x${"0".repeat(40)}`)).status).toBe(401);
  });
});

describe("a signature", () => {
  it("that other programs made is recovered, of mainnet and of testnet", async () => {
    harness.venue.faults.set({ clockSkewMs: 1_790_000_000_000 - harness.venue.now() });
    const action = { type: "updateLeverage", asset: 0, isCross: true, leverage: 10 };
    const signature = {
      r: "0x40e7a88e3dcc969210a186809e6bc8d6fe4ecc95eb4297ff2771a0bdf1428702",
      s: "0x255e42f5c80ef744777d20dd7b2fe2e1695184e418120c01084a939f1af6057d",
      v: 28,
    };
    const body = { action, nonce: 1_790_000_000_009, signature };
    expect((await harness.post("/exchange", JSON.stringify(body))).body).toEqual(OK);
    expect(await harness.act(noop, { isTestnet: true })).toEqual(OK);
  });

  it("is over the action as the venue writes it, whatever the order and the zeros of the JSON", async () => {
    const { action, ...rest } = signedAction(order({ p: "19000", s: "0.01" }), harness.nonce(), KEY);
    const turned = {
      ...rest,
      action: {
        grouping: "na",
        orders: [{ t: { limit: { tif: "Gtc" } }, r: false, s: "0.010000000", p: "19000.0", b: true, a: 0, extra: 1 }],
        type: "order",
      },
    };
    expect(action).toBeDefined();
    expect((await harness.post("/exchange", JSON.stringify(turned))).body.status).toBe("ok");
    expect(harness.venue.truth().orders).toHaveLength(1);
  });

  it("may lack leading zeros, and count its parity from 0", async () => {
    for (let count = 0; count < 20; count += 1) {
      const { signature, ...rest } = signedAction(noop, harness.nonce(), KEY);
      const short = (hex: string) => `0x${hex.slice(2).replace(/^0+/, "")}`;
      const body = { ...rest, signature: { r: short(signature.r), s: short(signature.s), v: signature.v - 27 } };
      expect((await harness.post("/exchange", JSON.stringify(body))).body).toEqual(OK);
    }
  });

  it("of a stranger, or over something else, is one of a wallet that does not exist", async () => {
    const address = addressOf(STRANGER);
    expect(await harness.act(order(), { key: STRANGER })).toEqual({
      status: "err",
      response: `User or API Wallet ${address} does not exist.`,
    });
    const { action: _, ...rest } = signedAction(order(), harness.nonce(), KEY);
    for (const forged of [order({ b: false }), order({ p: "19001" }), order({ s: "0.1" })]) {
      const { body } = await harness.post("/exchange", JSON.stringify({ ...rest, action: forged }));
      expect(body.response).toMatch(/^User or API Wallet 0x[0-9a-f]{40} does not exist\.$/);
    }
    const unsigned = { action: noop, nonce: harness.nonce(), signature: { r: "0x0", s: "0x0", v: 27 } };
    expect((await harness.post("/exchange", JSON.stringify(unsigned))).body.response).toBe("Unable to recover signer.");
    expect(harness.venue.truth().orders).toEqual([]);
  });

  it("covers the vault and the expiry", async () => {
    const vaultAddress = harness.venue.credentials("hyperliquid", "only").vaultAddress ?? "";
    const body = signedAction(noop, harness.nonce(), KEY);
    for (const added of [{ vaultAddress }, { expiresAfter: Math.floor(harness.venue.now()) + 60_000 }]) {
      expect((await harness.post("/exchange", JSON.stringify({ ...body, ...added }))).body.status).toBe("err");
    }
    const nulls = { ...body, vaultAddress: null, expiresAfter: null };
    expect((await harness.post("/exchange", JSON.stringify(nulls))).body).toEqual(OK);
  });
});

describe("a nonce", () => {
  it("is taken once, also by an action that is refused, and not by a stranger's", async () => {
    const nonce = harness.nonce();
    await harness.act(order(), { key: STRANGER, nonce });
    expect((await harness.act(order({ p: "19000.55" }), { nonce })).response.data.statuses[0].error).toBeDefined();
    expect(await harness.act(order(), { nonce })).toEqual({
      status: "err",
      response: `Invalid nonce: duplicate nonce ${nonce}`,
    });
    expect(harness.venue.truth().orders).toEqual([]);
  });

  it("is neither two days old nor a day ahead, nor below the hundred highest", async () => {
    const now = Math.floor(harness.venue.now());
    expect((await harness.act(noop, { nonce: now - 172_900_000 })).response).toMatch(
      /^Invalid nonce: nonce too low \d+ </,
    );
    expect((await harness.act(noop, { nonce: now + 86_500_000 })).response).toMatch(
      /^Invalid nonce: nonce too high \d+ >/,
    );
    for (let count = 0; count < 100; count += 1) await harness.act(noop, { nonce: now + count });
    expect((await harness.act(noop, { nonce: now - 1 })).response).toBe(
      `Invalid nonce: nonce too low ${now - 1} < ${now}`,
    );
    expect((await harness.act(noop, { nonce: now + 50 })).response).toBe(`Invalid nonce: duplicate nonce ${now + 50}`);
    expect(await harness.act(noop, { nonce: now - 1, key: AGENT })).toEqual(OK);
  });

  it("of an action that came too late is used up, and nothing is done", async () => {
    const nonce = harness.nonce();
    const late = await harness.act(order(), { nonce, expiresAfter: nonce - 1 });
    expect(late).toEqual({ status: "err", response: "Action already expired." });
    expect((await harness.act(order(), { nonce })).response).toContain("duplicate");
    expect((await harness.ask("userRateLimit")).nRequestsUsed).toBe(5);
    expect((await harness.act(order(), { expiresAfter: nonce + 60_000 })).status).toBe("ok");
  });
});

describe("an API wallet", () => {
  const fields = ["address agentAddress", "string agentName", "uint64 nonce"];
  const approve = (agentName: string | undefined, key?: string) =>
    harness.actAsUser(
      { type: "approveAgent", agentAddress: addressOf(STRANGER), ...(agentName === undefined ? {} : { agentName }) },
      "ApproveAgent",
      fields,
      key,
    );

  it("trades for its account, and looks empty itself", async () => {
    expect((await harness.act(order(), { key: AGENT })).status).toBe("ok");
    expect(await harness.ask("openOrders")).toHaveLength(1);
    expect(await harness.info("openOrders", { user: addressOf(AGENT) })).toEqual([]);
    expect(await harness.info("userRole", { user: addressOf(AGENT) })).toEqual({
      role: "agent",
      data: { user: ADDRESS },
    });
  });

  it("is approved by the account, without a name or with one that ends, and a new one drops the old", async () => {
    expect(await approve(undefined)).toEqual(OK);
    expect(await harness.act(noop, { key: STRANGER })).toEqual(OK);
    expect((await approve("bot1")).response).toBe("Extra agent already used.");
    const until = Math.floor(harness.venue.now()) + 60_000;
    const second = addressOf(`0x${"42".repeat(32)}`);
    const named = { type: "approveAgent", agentAddress: second, agentName: `bot1 valid_until ${until}` };
    expect(await harness.actAsUser(named, "ApproveAgent", fields)).toEqual(OK);
    expect(await harness.ask("extraAgents")).toEqual([{ name: "bot1", address: second, validUntil: until }]);
    const third = { type: "approveAgent", agentAddress: addressOf(`0x${"43".repeat(32)}`), agentName: "" };
    expect(await harness.actAsUser(third, "ApproveAgent", fields)).toEqual(OK);
    expect((await harness.act(noop, { key: STRANGER })).response).toContain("does not exist");
    expect(await harness.act(noop, { key: `0x${"42".repeat(32)}` })).toEqual(OK);
    await harness.settle(61_000);
    expect((await harness.act(noop, { key: `0x${"42".repeat(32)}` })).response).toContain("does not exist");
  });

  it("approves nobody and moves no money", async () => {
    expect((await approve("bot1", AGENT)).response).toBe(
      `Must deposit before performing actions. User: ${addressOf(AGENT)}`,
    );
    const send = { type: "usdSend", destination: ADDRESS, amount: "1" };
    const payment = ["string destination", "string amount", "uint64 time"];
    expect((await harness.actAsUser(send, "UsdSend", payment, AGENT)).status).toBe("err");
    const [{ subAccountUser }] = await harness.ask("subAccounts");
    const transfer = { type: "subAccountTransfer", subAccountUser, isDeposit: true, usd: 1_000_000 };
    expect((await harness.act(transfer, { key: AGENT })).status).toBe("err");
    expect(harness.venue.truth().cash).toBe("100000");
  });
});

describe("a sub-account", () => {
  it("is traded with its address by the user's keys, and by nobody else's", async () => {
    const { privateKey = "", vaultAddress = "" } = harness.venue.credentials("hyperliquid", "only");
    for (const key of [KEY, AGENT, privateKey]) {
      expect((await harness.act(order(), { key, vaultAddress })).status).toBe("ok");
    }
    expect(await harness.info("openOrders", { user: vaultAddress })).toHaveLength(3);
    expect(await harness.ask("openOrders")).toEqual([]);
    expect((await harness.act(order(), { key: privateKey })).response).toContain("does not exist");
    const other = harness.venue.credentials("hyperliquid", "other");
    expect((await harness.act(order(), { key: other.privateKey ?? "", vaultAddress })).response).toBe(
      `Vault not registered: ${vaultAddress}`,
    );
    expect(await harness.info("userRole", { user: vaultAddress })).toEqual({
      role: "subAccount",
      data: { master: ADDRESS },
    });
    expect((await harness.ask("subAccounts"))[0]).toMatchObject({ name: "sub", subAccountUser: vaultAddress });
  });
});

describe("another's order", () => {
  it("is seen by anybody, and neither canceled nor modified", async () => {
    const { response } = await harness.act(order());
    const { oid } = response.data.statuses[0].resting;
    const { privateKey: key = "" } = harness.venue.credentials("hyperliquid", "other");
    expect(
      (await harness.act({ type: "cancel", cancels: [{ a: 0, o: oid }] }, { key })).response.data.statuses,
    ).toEqual([{ error: "Order was never placed, already canceled, or filled. asset=0" }]);
    expect((await harness.act({ type: "modify", oid, order: orderOf({}) }, { key })).status).toBe("err");
    expect(harness.venue.truth().orders).toMatchObject([{ status: "open", price: "19000" }]);
  });
});

describe("a request that is none", () => {
  it("is refused as the venue's server does", async () => {
    const plain = async (path: string, body: string, headers?: Record<string, string>) => {
      const { status, text } = await harness.post(path, body, headers);
      return `${status} ${text}`;
    };
    const untyped = "422 Failed to deserialize the JSON body into the target type";
    expect(await plain("/info", "{")).toBe("400 Failed to parse the request body as JSON");
    expect(await plain("/info", '{"type":"nothing"}')).toBe(untyped);
    expect(await plain("/info", '{"type":"openOrders","user":"me"}')).toBe(untyped);
    expect(await plain("/exchange", "{}")).toBe(untyped);
    expect(await plain("/info", "{}", { "content-type": "text/plain" })).toBe(
      "415 Expected request with `Content-Type: application/json`",
    );
    const body = signedAction(order(), harness.nonce(), KEY);
    expect(await plain("/exchange", JSON.stringify({ ...body, extra: 1 }))).toBe(untyped);
    for (const p of [19_000, "1e4", "-1", "19000.0000000001", "NaN"]) {
      const action = order({ p });
      expect(await plain("/exchange", JSON.stringify({ ...body, action }))).toBe(untyped);
    }
    expect(await plain("/info", '{"type":"l2Book","coin":"BTC","nSigFigs":9}')).toBe("500 null");
    expect(await plain("/info", '{"type":"l2Book","coin":"NOPE"}')).toBe("200 null");
  });
});
