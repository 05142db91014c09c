import { describe, expect, it } from "vitest";
import { createConnector } from "../../src/connect.ts";
import { ConfigError, RiskLimitError } from "../../src/model/error.ts";
import type { RiskLimits } from "../../src/trading/risk-limits.ts";
import { beginPaperRun, end, newProcess, PAIR, ready } from "../support/paper-run.ts";

async function begin(riskLimits: RiskLimits) {
  const run = await beginPaperRun(1, { rateLimits: "off" }, { riskLimits });
  await ready(run);
  return run;
}

const resting = (price = "15000", amount = "0.01") => ({ amount, price, position: "open" }) as const;
const market = (amount: string, position: "open" | "close" = "open") => ({ amount, type: "market", position }) as const;

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(RiskLimitError);
    return (error as RiskLimitError).message;
  }
  return "";
}

describe("a connector with risk limits", () => {
  it("refuses limits that make no sense when it is made", async () => {
    const options = { tradingPairs: [PAIR], restUrl: "http://a/api", webSocketUrl: "ws://a/ws" };
    await expect(createConnector("ftx_perpetual", { ...options, riskLimits: { maxDailyLoss: "-1" } })).rejects.toThrow(
      ConfigError,
    );
  });

  it("sends nothing of an order that breaks one, and keeps nothing of it", async () => {
    const run = await begin({ maxOrderNotional: "200" });
    const { world, venue, connector } = run;
    expect(refusal(() => connector.buy(PAIR, resting("15000", "0.02")))).toBe("maxOrderNotional: 300 is above 200");
    expect(connector.inFlightOrders.size).toBe(0);
    await world.advance(1_000);
    expect(venue.truth().orders).toEqual([]);
    expect((await world.run(connector.buy(PAIR, resting()).accepted)).ok).toBe(true);
    await end(run);
  });

  it("counts orders that are under way, open and unknown", async () => {
    const run = await begin({ maxOpenOrders: 2 });
    const { world, connector } = run;
    connector.buy(PAIR, resting("15000"));
    world.network.faults = {
      onHttpRequest: ({ body }) => (String(body).includes("15001") ? { kind: "dropRequest" } : undefined),
    };
    connector.buy(PAIR, resting("15001"));
    expect(refusal(() => connector.buy(PAIR, resting("15002")))).toMatch(/^maxOpenOrders: 2 orders are open/);
    await world.advance(30_000);
    expect(refusal(() => connector.buy(PAIR, resting("15002")))).toMatch(/^maxOpenOrders: 2 orders are open/);
    world.network.faults = {};
    await end(run);
  });

  it("counts a position and the orders that add to it", async () => {
    const run = await begin({ maxPosition: { [PAIR]: "0.03" } });
    const { world, connector } = run;
    await world.run(connector.buy(PAIR, market("0.02")).done);
    await world.run(connector.buy(PAIR, resting()).accepted);
    expect(refusal(() => connector.buy(PAIR, resting()))).toBe(
      "maxPosition: BTC-USD could reach 0.04, the limit is 0.03",
    );
    expect(refusal(() => connector.sell(PAIR, resting("25000", "0.05")))).toBe("");
    const free = { ...market("0.06", "close"), reduceOnly: false };
    expect(refusal(() => connector.sell(PAIR, free))).toMatch(/^maxPosition/);
    expect((await world.run(connector.sell(PAIR, market("0.02", "close")).done)).state).toBe("filled");
    await end(run);
  });

  it("holds a batch to them as a whole, and sends none of it", async () => {
    const run = await begin({ maxMarketNotional: "400" });
    const { world, venue, connector } = run;
    const batch = ["15000", "15001", "15002"].map((price) => ({
      ...resting(price),
      tradingPair: PAIR,
      side: "buy" as const,
    }));
    expect(refusal(() => connector.batchOrderCreate(batch))).toMatch(/^maxMarketNotional: BTC-USD would hold 450.03/);
    await world.advance(1_000);
    expect(venue.truth().orders).toEqual([]);
    expect(connector.batchOrderCreate(batch.slice(1))).toHaveLength(2);
    await end(run);
  });

  it("holds an amend to them", async () => {
    const run = await begin({ maxOrderNotional: "200" });
    const { world, venue, connector } = run;
    const order = connector.buy(PAIR, resting());
    await world.run(order.accepted);
    await expect(connector.amend(order.clientOrderId, { amount: "0.02" })).rejects.toThrow(
      "maxOrderNotional: 300 is above 200",
    );
    await world.advance(1_000);
    expect(venue.truth().orders).toHaveLength(1);
    await world.run(connector.amend(order.clientOrderId, { amount: "0.012" }));
    expect(order.amount.toFixed()).toBe("0.012");
    await end(run);
  });

  it("stops opening at the day's loss, unrealised and realised, also in the next process, and never stops closing", async () => {
    const limits = { maxDailyLoss: "1" };
    const run = await begin(limits);
    const { world, connector } = run;
    // The spread and the taker fee are lost at once.
    await world.run(connector.buy(PAIR, market("0.2")).done);
    await world.run(connector.refresh());
    expect(refusal(() => connector.buy(PAIR, market("0.2")))).toMatch(/^maxDailyLoss: today's result is -\d/);
    expect((await world.run(connector.sell(PAIR, market("0.2", "close")).done)).state).toBe("filled");
    await world.run(connector.refresh());
    expect(refusal(() => connector.buy(PAIR, resting()))).toMatch(/^maxDailyLoss/);
    await world.run(connector.stop());
    run.connector = await newProcess(run, { riskLimits: limits });
    await ready(run);
    expect(refusal(() => run.connector.buy(PAIR, resting()))).toMatch(/^maxDailyLoss/);
    await end(run);
  });

  it("knows the day's result to the cent", async () => {
    const run = await begin({ maxDailyLoss: "0" });
    const { world, venue, connector } = run;
    const before = Number(venue.truth().equity);
    await world.run(connector.buy(PAIR, market("0.2")).done);
    await world.run(connector.sell(PAIR, market("0.2", "close")).done);
    await world.run(connector.refresh());
    const said = refusal(() => connector.buy(PAIR, resting())).match(/result is (-[\d.]+)/)?.[1];
    expect(Number(said)).toBeCloseTo(Number(venue.truth().equity) - before, 6);
    await end(run);
  });
});
