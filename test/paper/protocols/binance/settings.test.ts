import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Harness, startVenue } from "./harness.ts";
import { callsOf, codeOf, limit, market, SYMBOL } from "./order-calls.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ startingBalance: "10000" });
});
afterEach(() => harness.venue.stop());

const { call, place } = callsOf(() => harness);

describe("hedge mode", () => {
  beforeEach(async () => {
    const { json } = await call("POST", "/v1/positionSide/dual", { dualSidePosition: "true" });
    expect(json).toEqual({ code: 200, msg: "success" });
  });

  test("has a long and a short leg side by side", async () => {
    await place(market({ positionSide: "LONG" }));
    await place(market({ side: "SELL", positionSide: "SHORT", quantity: "0.02" }));
    const rows = (await call("GET", "/v2/positionRisk", SYMBOL)).json;
    expect(rows.map((row: Record<string, string>) => [row.positionSide, row.positionAmt])).toEqual([
      ["LONG", "0.010"],
      ["SHORT", "-0.020"],
    ]);
    expect((await call("GET", "/v3/positionRisk")).json).toHaveLength(2);
    const closing = await place(market({ side: "SELL", positionSide: "LONG" }));
    expect(closing.json).toMatchObject({ status: "FILLED", reduceOnly: true, positionSide: "LONG" });
    expect((await call("GET", "/v3/positionRisk")).json).toHaveLength(1);
    const trades = (await call("GET", "/v1/userTrades", SYMBOL)).json;
    expect(trades.map((trade: Record<string, string>) => trade.positionSide)).toEqual(["LONG", "SHORT", "LONG"]);
  });

  test("wants a leg and forbids reduceOnly", async () => {
    expect(codeOf(await place(market()))).toBe("400 -4061");
    expect(codeOf(await place(market({ positionSide: "BOTH" })))).toBe("400 -4061");
    expect(await place(market({ positionSide: "LONG", reduceOnly: "false" }))).toMatchObject({
      status: 400,
      json: { code: -1106, msg: "Parameter 'reduceonly' sent when not required." },
    });
    expect(codeOf(await place(market({ side: "SELL", positionSide: "LONG" })))).toBe("400 -2022");
  });

  test("is shown, changes only while nothing is open, and says when nothing changes", async () => {
    expect((await call("GET", "/v1/positionSide/dual")).json).toEqual({ dualSidePosition: true });
    const dual = (value: boolean) => call("POST", "/v1/positionSide/dual", { dualSidePosition: value });
    expect(await dual(true)).toMatchObject({
      status: 400,
      json: { code: -4059, msg: "No need to change position side." },
    });
    await place(limit({ positionSide: "LONG" }));
    expect(codeOf(await dual(false))).toBe("400 -4067");
    await call("DELETE", "/v1/allOpenOrders", SYMBOL);
    await place(market({ positionSide: "LONG" }));
    expect(codeOf(await dual(false))).toBe("400 -4068");
  });
});

describe("the settings", () => {
  test("keep a leverage for each symbol, and take the same one again", async () => {
    const set = (leverage: number | string) => call("POST", "/v1/leverage", { ...SYMBOL, leverage });
    expect((await set(20)).json).toMatchObject({ leverage: 20, symbol: "BTCUSDT" });
    expect((await set(20)).status).toBe(200);
    expect(await set(126)).toMatchObject({ status: 400, json: { code: -4028, msg: "Leverage 126 is not valid" } });
    expect(codeOf(await set("x"))).toBe("400 -1100");
    const configs = (await call("GET", "/v1/symbolConfig")).json;
    expect(configs.map((row: { leverage: number }) => row.leverage)).toEqual([20, 10, 10, 10]);
    expect((await call("GET", "/v2/positionRisk", SYMBOL)).json[0]).toMatchObject({
      leverage: "20",
      marginType: "cross",
    });
  });

  test("change the margin type only where nothing is open", async () => {
    const set = (marginType: string) => call("POST", "/v1/marginType", { ...SYMBOL, marginType });
    expect(codeOf(await set("CROSSED"))).toBe("400 -4046");
    expect((await set("ISOLATED")).status).toBe(200);
    await place(limit());
    expect(codeOf(await set("CROSSED"))).toBe("400 -4047");
    await call("DELETE", "/v1/allOpenOrders", SYMBOL);
    await place(market());
    expect(codeOf(await set("CROSSED"))).toBe("400 -4048");
    const [before] = (await call("GET", "/v3/positionRisk", SYMBOL)).json;
    await call("POST", "/v1/positionMargin", { ...SYMBOL, amount: "25.5", type: 1 });
    const [after] = (await call("GET", "/v3/positionRisk", SYMBOL)).json;
    expect(Number(after.isolatedWallet) - Number(before.isolatedWallet)).toBeCloseTo(25.5, 8);
    expect(codeOf(await call("POST", "/v1/positionMargin", { ...SYMBOL, amount: "1000000", type: 1 }))).toBe(
      "400 -4050",
    );
    const elsewhere = await call("POST", "/v1/positionMargin", { symbol: "ETHUSDT", amount: "1", type: 1 });
    expect(codeOf(elsewhere)).toBe("400 -4049");
  });
});
