import { describe, expect, it } from "vitest";
import type { InFlightOrder } from "../../src/trading/in-flight-order.ts";
import { beginPaperRun, end, newProcess, PAIR, type PaperRun, ready } from "../support/paper-run.ts";

async function begin(): Promise<PaperRun> {
  const run = await beginPaperRun(1, { rateLimits: "off" });
  await ready(run);
  return run;
}

async function filled({ world }: PaperRun, order: InFlightOrder): Promise<void> {
  expect((await world.run(order.done)).state).toBe("filled");
}

const market = (amount: string) => ({ amount, type: "market", position: "open" }) as const;
const resting = (amount: string, price: string) => ({ amount, price, position: "open" }) as const;

function whatIsLeft({ venue }: PaperRun) {
  const { orders, positions } = venue.truth();
  return {
    orders: orders.filter(({ status }) => status !== "closed").length,
    positions: positions.filter(({ size }) => Number(size) !== 0).length,
  };
}

describe("flatten", () => {
  it("cancels orders of ours and of others, closes positions on every market, and says so only when it is true", async () => {
    const run = await begin();
    const { world, venue, connector } = run;
    // Another process of the same account trades on a market that this connector does not follow.
    const other = await newProcess(run, { tradingPairs: ["ETH-USD"], journalPath: "other.db" });
    await ready({ ...run, connector: other });
    await filled(run, other.sell("ETH-USD", market("0.5")));
    await world.run(other.buy("ETH-USD", resting("0.5", "1400")).accepted);
    await world.run(other.stop());
    await filled(run, connector.buy(PAIR, market("0.02")));
    await world.run(connector.buy(PAIR, resting("0.01", "15000")).accepted);
    expect(whatIsLeft(run)).toEqual({ orders: 2, positions: 2 });
    const report = await world.run(connector.flatten());
    expect(report).toMatchObject({ isFlat: true, canceledOrders: 2, openOrders: [], positions: [], problems: [] });
    const closing = report.closingOrders.map(({ tradingPair, side, amount, reduceOnly }) =>
      [tradingPair, side, amount.toFixed(), reduceOnly].join(" "),
    );
    expect(closing.toSorted()).toEqual(["BTC-USD sell 0.02 true", "ETH-USD buy 0.5 true"]);
    expect(whatIsLeft(run)).toEqual({ orders: 0, positions: 0 });
    expect(venue.truth().orders.filter(({ status }) => status !== "closed")).toEqual([]);
    await end(run);
  });

  it("of a flat account does nothing", async () => {
    const run = await begin();
    const before = run.world.elapsedMs();
    expect(await run.world.run(run.connector.flatten())).toMatchObject({
      isFlat: true,
      canceledOrders: 0,
      closingOrders: [],
    });
    expect(run.world.elapsedMs() - before).toBeLessThan(2_000);
    await end(run);
  });

  it("ends in time and does not call it flat when the venue does not answer", async () => {
    const run = await begin();
    const { world, connector } = run;
    await filled(run, connector.buy(PAIR, market("0.02")));
    world.network.faults = {
      onHttpRequest: ({ method }) => (method === "GET" ? { kind: "delay", ms: 60_000 } : undefined),
    };
    const before = world.elapsedMs();
    const report = await world.run(connector.flatten({ timeoutMs: 3_000 }));
    expect(world.elapsedMs() - before).toBeLessThan(4_000);
    expect(report.isFlat).toBe(false);
    expect(report.problems.join()).toMatch(/has not answered within \d+ ms/);
    world.network.faults = {};
    await end(run);
  });

  it("goes on when a position cannot be closed at first", async () => {
    const run = await begin();
    const { world, connector } = run;
    await filled(run, connector.buy(PAIR, market("0.02")));
    let refusals = 2;
    world.network.faults = {
      onHttpRequest: ({ method }) => {
        if (method !== "POST" || refusals === 0) return undefined;
        refusals -= 1;
        const text = '{"success":false,"error":"Size too small"}';
        return { kind: "respond", response: { status: 400, headers: {}, text } };
      },
    };
    const report = await world.run(connector.flatten());
    expect(report).toMatchObject({ isFlat: true, problems: [] });
    expect(report.closingOrders.map(({ state }) => state)).toEqual(["failed", "failed", "filled"]);
    expect(whatIsLeft(run)).toEqual({ orders: 0, positions: 0 });
    await end(run);
  });

  it("never says flat while the venue cannot be asked, and ends when its time is over", async () => {
    const run = await begin();
    const { world, connector } = run;
    await filled(run, connector.buy(PAIR, market("0.02")));
    world.network.faults = { onHttpRequest: () => ({ kind: "dropResponse" }) };
    const before = world.elapsedMs();
    const report = await world.run(connector.flatten({ timeoutMs: 5_000 }));
    expect(report.isFlat).toBe(false);
    expect(report.problems.length).toBeGreaterThan(0);
    // One round may have been under way: each of its requests waits for its own time-out.
    expect(world.elapsedMs() - before).toBeLessThan(120_000);
    world.network.faults = {};
    await end(run);
  });

  it("does not wait for an order whose fate nobody knows before it closes positions", async () => {
    const run = await begin();
    const { world, connector } = run;
    await filled(run, connector.buy(PAIR, market("0.02")));
    world.network.faults = {
      onHttpRequest: ({ method, body }) =>
        method === "POST" && String(body).includes("15000") ? { kind: "dropRequest" } : undefined,
    };
    connector.buy(PAIR, resting("0.01", "15000"));
    await world.advance(250);
    const before = world.elapsedMs();
    const report = await world.run(connector.flatten({ timeoutMs: 12_000 }));
    expect(world.elapsedMs() - before).toBeLessThan(20_000);
    expect(report.closingOrders.map(({ state }) => state)).toEqual(["filled"]);
    expect(report).toMatchObject({ isFlat: false, positions: [], openOrders: [] });
    expect(report.problems.join()).toContain("is unknown after");
    world.network.faults = {};
    await end(run);
  });

  it("is refused by a connector that was opened to look", async () => {
    const run = await beginPaperRun(1, {}, { isTradingRequired: false });
    await ready(run);
    await expect(run.connector.flatten()).rejects.toThrow("was opened to look, not to trade");
    await end(run);
  });
});
