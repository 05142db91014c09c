import { afterEach, describe, expect, it } from "vitest";
import { PAPER_MARKETS } from "../../../../src/paper/index.ts";
import { AccountDirectory } from "../../../../src/paper/protocols/accounts.ts";
import { authenticate, authenticateChannel, authenticateLogin } from "../../../../src/paper/protocols/gate-io/auth.ts";
import { type Harness, startVenue } from "./harness.ts";

/** Computed apart from this project, and equal to what ccxt signs. */
const REST = [
  {
    method: "GET",
    target: "/api/v4/futures/usdt/orders?contract=BTC_USDT&status=open&limit=100",
    body: "",
    sign:
      "fadb824f6523b58fb91c1b997ef64f618e9d79ab4403cec18e06039e94399b0d" +
      "84e8635e03220e772296fbf980c9d4d943839a2255fefa687116e6bc1a3bfdd1",
  },
  {
    method: "POST",
    target: "/api/v4/futures/usdt/orders",
    body: '{"contract":"BTC_USDT","size":-5,"price":"60000","tif":"poc","text":"t-cid-1","reduce_only":false}',
    sign:
      "3cca6202013b01fd7e3a359267f8f771735aec51a86757634d8525c6c558057d" +
      "81c84592f9c566ae966d52f109a9e997afa68bc7a41f0e7d19a80d94d819356e",
  },
  {
    method: "POST",
    target: "/api/v4/futures/usdt/positions/BTC_USDT/leverage?leverage=0&cross_leverage_limit=10",
    body: "",
    sign:
      "e618d76aba5a43f663875c5f407bad03dd85380defeeb8e44bb3e291473e4463" +
      "2ed55b2033b76fb8ff723bb019a460c711be18ace206797d0d14c3e191a9558d",
  },
];
const SUBSCRIBE =
  "5b140a3b5250b78d2c3d9844c6bb335b4ea5c37828295f43c76ace3ec9c8025f" +
  "5c0d5e9054cc9bb0ae7fce6520f684c94389769f4f65465a46694890e33f5941";
const LOGIN =
  "953a5136c28a090e3a5a64f5add2417eccad687f3770b0e614b3d41fa2e7e46f" +
  "989ba011ec4319b652386df0f9f61517d3d42a267166cd801c06c483eb32e9aa";
const NOW_MS = 1_790_000_000_000;
const accounts = new AccountDirectory([
  { apiKey: "KEY123", apiSecret: "SECRET456", username: "desk", subaccounts: [] },
]);

describe("signatures that were made elsewhere", () => {
  it.each(REST)("are right: $method $target", ({ method, target, body, sign }) => {
    const headers = { key: "KEY123", timestamp: "1790000000", sign };
    const request = { method, target, body, headers, remoteAddress: "" };
    expect(authenticate(request, accounts, NOW_MS).accountId).toBe("desk");
    expect(() => authenticate({ ...request, body: `${body} ` }, accounts, NOW_MS)).toThrow("Signature mismatch");
  });

  it("are right of a subscription and of a login", () => {
    const message = { channel: "futures.orders", event: "subscribe", time: "1790000000" };
    expect(authenticateChannel(message, { KEY: "KEY123", SIGN: SUBSCRIBE }, accounts, NOW_MS).accountId).toBe("desk");
    const claim = { apiKey: "KEY123", signature: LOGIN, timestamp: "1790000000", parameters: "" };
    expect(authenticateLogin("futures.login", claim, accounts, NOW_MS).accountId).toBe("desk");
  });
});

let gate: Harness | undefined;
afterEach(() => gate?.venue.stop());

async function open(options: Parameters<typeof startVenue>[0] = {}): Promise<Harness> {
  gate = await startVenue(options);
  return gate;
}

describe("a private request", () => {
  it("is refused by its label: no key, a strange key, a wrong secret, a wrong time", async () => {
    const gate = await open();
    const labelOf = async (options: Parameters<Harness["call"]>[3]) => {
      const { status, body } = await gate.call("GET", "/accounts", undefined, options);
      return [status, body.label];
    };
    expect(await labelOf({})).toEqual([200, undefined]);
    expect(await labelOf({ isUnsigned: true })).toEqual([401, "MISSING_REQUIRED_HEADER"]);
    expect(await labelOf({ key: "stranger" })).toEqual([401, "INVALID_KEY"]);
    expect(await labelOf({ secret: "guess" })).toEqual([401, "INVALID_SIGNATURE"]);
    const at = (seconds: number) => ({ timestamp: String(Math.floor(gate.venue.now() / 1_000) + seconds) });
    expect(await labelOf(at(-59))).toEqual([200, undefined]);
    expect(await labelOf(at(-62))).toEqual([403, "REQUEST_EXPIRED"]);
    // The time is judged before the key.
    expect(await labelOf({ ...at(62), key: "stranger" })).toEqual([403, "REQUEST_EXPIRED"]);
  });

  it("may be signed with its query before it was percent-encoded, in the order that was sent", async () => {
    const gate = await open();
    const signedQuery = "status=open&contract=BTC_USDT&note=a b";
    const target = "/orders?status=open&contract=BTC_USDT&note=a%20b";
    expect((await gate.call("GET", target, undefined, { signedQuery })).status).toBe(200);
    const other = { signedQuery: "contract=BTC_USDT&status=open&note=a b" };
    expect((await gate.call("GET", target, undefined, other)).body.label).toBe("INVALID_SIGNATURE");
  });

  it("tells when it came and went, and what is left of its limit", async () => {
    const gate = await open({ rateLimits: "strict", markets: PAPER_MARKETS });
    const { headers } = await gate.call("GET", "/accounts");
    const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    expect(Number(named["x-out-time"])).toBeGreaterThanOrEqual(Number(named["x-in-time"]));
    expect([named["x-gate-ratelimit-limit"], named["x-gate-ratelimit-requests-remain"]]).toEqual(["200", "199"]);
  });

  it("is refused beyond the limit, in which each row of a batch counts", async () => {
    const gate = await open({ rateLimits: "strict" });
    const row = { contract: "BTC_USDT", size: 10, price: "19000" };
    const batch = Array.from({ length: 10 }, () => row);
    const statuses: number[] = [];
    for (let count = 0; count < 11; count += 1) {
      statuses.push((await gate.call("POST", "/batch_orders", batch)).status);
    }
    expect(statuses).toEqual([...Array(10).fill(200), 429]);
    const { body } = await gate.call("POST", "/orders", row);
    expect(body.label).toBe("TOO_MANY_REQUESTS");
    expect((await gate.call("DELETE", "/orders?contract=BTC_USDT")).status).toBe(200);
  });
});
