import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseAmount } from "../../../../src/paper/index.ts";
import { type Harness, startVenue } from "../../ftx-harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ emptyBooks: true, accounts: [{ apiKey: "k", apiSecret: "s", subaccounts: ["sub"] }] });
});
afterEach(() => harness.venue.stop());

const get = (path: string) => harness.call("GET", path);
const post = (path: string, body: object) => harness.call("POST", path, { body });

describe("the wallet", () => {
  test("tells of every account of the key, and moves money between them", async () => {
    expect((await get("/subaccounts")).result).toMatchObject([{ nickname: "sub", deletable: false }]);
    const move = { coin: "USD", size: 2_500, source: "main", destination: "sub" };
    const notes = "Transfer from main account to sub";
    expect(await post("/subaccounts/transfer", move)).toMatchObject({
      success: true,
      result: { status: "complete", notes },
    });
    expect((await get("/wallet/all_balances")).result).toMatchObject({
      main: [{ coin: "USD", total: 97_500 }],
      sub: [{ coin: "USD", total: 102_500 }],
    });
    expect((await get("/subaccounts/sub/balances")).result).toMatchObject([{ total: 102_500 }]);
    expect((await get("/wallet/withdrawals")).result).toMatchObject([{ coin: "USD", size: 2_500, status: "complete" }]);
    const { result } = await harness.call("GET", "/wallet/deposits", { subaccount: "sub" });
    expect(result.map(({ size }: { size: number }) => size)).toEqual([2_500, 100_000]);
  });

  test("moves no more than is free and nothing that is not there", async () => {
    const move = { coin: "USD", size: 200_000, source: "main", destination: "sub" };
    expect(await post("/subaccounts/transfer", move)).toMatchObject({ status: 400, error: "Not enough balances" });
    expect((await post("/subaccounts/transfer", { ...move, coin: "BTC" })).error).toBe("No such coin: BTC");
    expect((await post("/subaccounts/transfer", { ...move, source: "x" })).error).toBe("No such subaccount");
    expect((await post("/subaccounts/transfer", { ...move, size: -1 })).error).toBe("Invalid parameter size");
    expect(harness.venue.engine.account(harness.venue.accountId)?.cash).toBe(parseAmount("100000"));
    expect((await post("/wallet/withdrawals", { coin: "USD", size: 1, address: "a" })).status).toBe(403);
  });
});

test.each([
  ["/expired_futures", "/lt/tokens", "/spot_margin/borrow_summary"],
  ["/staking/stakes", "/staking/balances", "/spot_margin/lending_info", "/stats/latency_stats?days=1"],
])("lists of products that the venue has not are empty", async (...paths) => {
  for (const path of paths) expect(await get(path)).toMatchObject({ success: true, result: [] });
});

test.each([
  ["POST", "/spot_margin/offers", 403, "Not approved to trade this product"],
  ["POST", "/staking/stakes", 403, "Not approved to trade this product"],
  ["DELETE", "/staking/unstake_requests/7", 403, "Not approved to trade this product"],
  ["POST", "/otc/quotes", 403, "Not approved to trade this product"],
  ["POST", "/subaccounts", 403, "Not authorized"],
  ["GET", "/indexes/ALT/weights", 404, "No such index: ALT"],
])("%s %s is refused, not dropped", async (method, path, status, error) => {
  expect(await harness.call(method, path, { body: {} })).toMatchObject({ success: false, status, error });
});
