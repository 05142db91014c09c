import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PAPER_PASSPHRASE } from "../../../../src/paper/index.ts";
import { type CallOptions, type Harness, sign, startVenue } from "./harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ accounts: [{ apiKey: "k", apiSecret: "s" }] });
});
afterEach(() => harness.venue.stop());

const ask = (options: CallOptions) => harness.get("/account/balance", {}, options);
const isoAt = (offsetMs: number) => new Date(harness.now() + offsetMs).toISOString();

describe("a signed request", () => {
  it("is taken with the query in what is signed, or the body of a POST", async () => {
    expect(await harness.get("/account/balance", { ccy: "USDT,BTC" })).toMatchObject({ status: 200, code: "0" });
    expect(await harness.post("/account/set-position-mode", { posMode: "net_mode" })).toMatchObject({
      code: "0",
      data: [{ posMode: "net_mode" }],
    });
  });

  it("is taken with the header of simulated trading too", async () => {
    expect(await ask({ headers: { "x-simulated-trading": "1" } })).toMatchObject({ status: 200, code: "0" });
  });

  it.each([
    ["of an unknown key", { key: "stranger" }, "50111", "Invalid OK-ACCESS-KEY"],
    ["of a wrong secret", { secret: "guess" }, "50113", "Invalid Sign"],
    ["with a wrong passphrase", { passphrase: "Other-Pass-1" }, "50105", /PASSPHRASE/],
    ["without a key", { key: "" }, "50103", /OK-ACCESS-KEY/],
    ["without a passphrase", { passphrase: "" }, "50104", /OK-ACCESS-PASSPHRASE/],
    ["without a signature", { signature: "" }, "50106", /OK-ACCESS-SIGN/],
    ["without a time", { timestamp: "" }, "50107", /OK-ACCESS-TIMESTAMP/],
    ["with a time in seconds", { timestamp: "1700000000" }, "50112", "Invalid OK-ACCESS-TIMESTAMP"],
  ] as const)("%s is a 401 without data", async (_, options, code, message) => {
    const { status, body } = await ask(options);
    expect([status, body]).toEqual([401, { code, msg: expect.stringMatching(message) }]);
  });

  it.each([
    [-29_000, "0", 200],
    [29_000, "0", 200],
    [-31_000, "50102", 401],
    [31_000, "50102", 401],
  ])("whose time is %i ms off is answered with %s", async (offsetMs, code, status) => {
    expect(await ask({ timestamp: isoAt(offsetMs) })).toMatchObject({ code, status });
  });

  it("is not taken when the body is another than the signed one", async () => {
    const timestamp = isoAt(0);
    const signature = sign("s", `${timestamp}POST/api/v5/account/set-position-mode{}`);
    const reply = await harness.post("/account/set-position-mode", { posMode: "net_mode" }, { timestamp, signature });
    expect(reply.code).toBe("50113");
  });

  it("must say that its body is JSON", async () => {
    const body = JSON.stringify({ posMode: "net_mode" });
    const response = await harness.send("POST", "/account/set-position-mode", body, {
      headers: { "Content-Type": "text/plain" },
    });
    expect([response.status, JSON.parse(response.text).code]).toEqual([400, "50006"]);
  });
});

describe("the passphrase", () => {
  it("is the one that the account was made with", async () => {
    const own = await startVenue({ accounts: [{ apiKey: "a", apiSecret: "b", passphrase: "My-Phrase-9" }] });
    expect(own.venue.passphrase).toBe("My-Phrase-9");
    expect((await own.get("/account/balance", {}, { passphrase: "My-Phrase-9" })).code).toBe("0");
    expect((await own.get("/account/balance", {})).code).toBe("50105");
    await own.venue.stop();
  });

  it("is a known one where none was given", () => {
    expect(harness.venue.passphrase).toBe(PAPER_PASSPHRASE);
  });
});

describe("public data", () => {
  it("needs no key, and there is no path but those that OKX has", async () => {
    const askedMs = Math.floor(harness.now());
    const [{ ts }] = (await harness.get("/public/time", {}, { unsigned: true })).data;
    expect(ts).toMatch(/^\d{13}$/);
    expect([Number(ts) >= askedMs, Number(ts) <= harness.now()]).toEqual([true, true]);
    expect(await harness.get("/public/nothing", {}, { unsigned: true })).toMatchObject({ status: 404, code: "404" });
    expect(await harness.post("/public/time", {})).toMatchObject({ status: 405, code: "50115" });
  });
});
