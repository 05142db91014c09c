import { describe, expect, it } from "vitest";
import { riskLimitsOf } from "../../packages/cli/src/risk-options.ts";
import { startBench } from "./bench.ts";

describe("risk limits as text", () => {
  it("are none when none is given", () => {
    expect(riskLimitsOf({}, {})).toBeUndefined();
  });

  it("are read, a flag before what is configured", () => {
    const configured = { maxOrderNotional: "500", maxOpenOrders: "3", maxOrderRate: "10/1000ms", priceCollar: "0.05" };
    expect(riskLimitsOf({ maxOrderNotional: "100", maxOrderRate: "2/1s" }, configured)).toEqual({
      maxOrderNotional: "100",
      maxMarketNotional: undefined,
      maxPosition: undefined,
      maxOpenOrders: 3,
      priceCollar: "0.05",
      maxOrderRate: { orders: 2, intervalMs: 1_000 },
      maxDailyLoss: undefined,
    });
  });

  it("keep the configured position limit of a pair that no flag names", () => {
    const limits = riskLimitsOf({ maxPosition: "BTC-USD=1" }, { maxPosition: "BTC-USD=2, ETH-USD=5" });
    expect(limits?.maxPosition).toEqual({ "BTC-USD": "1", "ETH-USD": "5" });
  });

  it.each([
    [{ maxPosition: "BTC-USD" }, 'risk limit maxPosition: "BTC-USD" is none'],
    [{ maxPosition: "1" }, 'risk limit maxPosition: "1" is none'],
    [{ maxOpenOrders: "1.5" }, 'risk limit maxOpenOrders: "1.5" is none'],
    [{ maxOrderRate: "10" }, 'risk limit maxOrderRate: "10" is none'],
  ])("refuse %j", (flags, message) => {
    expect(() => riskLimitsOf(flags, {})).toThrow(message);
  });
});

describe("perpwire buy with risk limits", () => {
  it.each([
    ["--max-order-notional 100", "maxOrderNotional: 150 is above 100"],
    ["--max-market-notional 100", "maxMarketNotional: BTC-USD would hold 150, the limit is 100"],
    ["--max-position BTC-USD=0.005", "maxPosition: BTC-USD could reach 0.01, the limit is 0.005"],
    ["--max-open-orders 0", "maxOpenOrders: 0 orders are open, the limit is 0"],
  ])("refuses what breaks %s, names the limit and sends nothing", async (flags, message) => {
    const { run, venue } = await startBench();
    const process = await run(`buy BTC-USD 0.01 15000 --position open --json ${flags}`);
    expect(process.json.error).toMatchObject({ code: "RISK_LIMIT", message });
    expect(process.exitCode).toBe(1);
    expect(venue.truth().orders).toEqual([]);
  });

  it("holds the price to the collar", async () => {
    const { run } = await startBench();
    const order = "sell BTC-USD 0.01 15000 --position open --price-collar 0.05";
    const process = await run(order);
    expect(process.error).toMatch(/^perpwire: priceCollar: 15000 is below \d+(\.\d+)?, mark is \d/);
    expect(process.exitCode).toBe(1);
  });

  it("counts the open orders of earlier processes", async () => {
    const { run } = await startBench();
    const order = "buy BTC-USD 0.01 15000 --position open --json --max-open-orders 1";
    expect((await run(order)).exitCode).toBe(0);
    expect((await run(order)).json.error.message).toBe("maxOpenOrders: 1 orders are open, the limit is 1");
  });

  it("takes them from the environment and refuses what is no limit before anything is asked", async () => {
    const { run, environment } = await startBench();
    const order = "buy BTC-USD 0.01 15000 --position open";
    const limited = await run(order, { environment: { ...environment, FTX_PERPETUAL_MAX_ORDER_NOTIONAL: "100" } });
    expect(limited.error).toMatch(/^perpwire: maxOrderNotional: 150 is above 100; the limit is yours/);
    const wrong = await run(`${order} --max-daily-loss lots`);
    expect(wrong.error).toMatch(/^perpwire: risk limit maxDailyLoss: "lots" is not a decimal number/);
    expect(wrong.exitCode).toBe(2);
  });
});
