import { describe, expect, it } from "vitest";
import { VenueUnavailableError } from "../../src/model/error.ts";
import { simulateDemo } from "./demo-scene.ts";

const differencesOf = (result: Awaited<ReturnType<typeof simulateDemo>>["result"]) =>
  result.sections.flatMap((section) => section.differences);

describe("the demo in virtual time", () => {
  it.each([1, 2, 3])("makes orders, fills and funding and reconciles to the last digit, seed %i", async (seed) => {
    const { result } = await simulateDemo(seed);
    expect(differencesOf(result)).toEqual([]);
    expect(result.isReconciled).toBe(true);
    expect(result.isSettled).toBe(true);
    const { counters } = result.ledger;
    expect(counters.ordersPlaced).toBeGreaterThan(20);
    expect(counters.ordersCanceled).toBeGreaterThan(0);
    expect(counters.fills).toBeGreaterThan(10);
    expect(counters.fundingPayments).toBeGreaterThan(0);
    expect(result.ledger.fills.some((fill) => fill.isMaker)).toBe(true);
    expect(result.ledger.fills.some((fill) => !fill.isMaker)).toBe(true);
  });

  it.each([1, 2, 3, 4, 5, 6])("reconciles with everything going wrong, seed %i", async (seed) => {
    const { result } = await simulateDemo(seed, { isChaos: true });
    expect(differencesOf(result)).toEqual([]);
    expect(result.isReconciled && result.isSettled).toBe(true);
    expect(result.metrics.requests.failures).toBeGreaterThan(0);
    expect(result.ledger.counters.fills).toBeGreaterThan(10);
  });

  it.each([
    ["bybit_perpetual", false],
    ["bybit_perpetual", true],
    ["binance_perpetual", false],
    ["binance_perpetual", true],
    ["okx_perpetual", false],
    ["okx_perpetual", true],
  ] as const)(
    "reconciles on %s, hedge mode %s, calm and with everything going wrong",
    async (connectorName, isHedge) => {
      for (const isChaos of [false, true]) {
        const { result } = await simulateDemo(5, { connectorName, isHedge, isChaos });
        expect(differencesOf(result)).toEqual([]);
        expect(result.isReconciled && result.isSettled).toBe(true);
        expect(result.positionMode).toBe(isHedge ? "hedge" : "oneWay");
        expect(result.tradingPairs).toEqual(["BTC-USDT", "ETH-USDT"]);
        expect(result.ledger.counters.fundingPayments).toBeGreaterThan(0);
        const legs = new Set(result.ledger.fills.map(({ positionSide }) => positionSide));
        expect([...legs].toSorted()).toEqual(isHedge ? ["long", "short"] : ["both"]);
      }
    },
  );

  it("rejects hedge mode where the venue has none", async () => {
    await expect(simulateDemo(5, { isHedge: true })).rejects.toThrow('no position mode "hedge"');
  });

  it("does the same twice with the same seed", async () => {
    const [first, second] = [await simulateDemo(9, { isChaos: true }), await simulateDemo(9, { isChaos: true })];
    expect(second.result.ledger.counters).toEqual(first.result.ledger.counters);
    expect(second.result.endingBalance.eq(first.result.endingBalance)).toBe(true);
    expect(second.world.trace()).toBe(first.world.trace());
  });

  it("notices a fill that the connector did not tell, everywhere where it counts", async () => {
    const { result } = await simulateDemo(2, {
      durationMs: 10_000,
      onReady: ({ connector, ledger }) => void connector.once("orderFilled", () => void ledger.fills.pop()),
    });
    expect(result.isReconciled).toBe(false);
    const differing = result.sections.filter(({ differences }) => differences.length > 0).map(({ name }) => name);
    expect(differing).toEqual(expect.arrayContaining(["orders", "fills", "cash"]));
    expect(result.sections.find(({ name }) => name === "fills")).toMatchObject({ onlyVenue: 1, differing: 0 });
  });

  it("notices an order that somebody else placed", async () => {
    const { result } = await simulateDemo(2, {
      durationMs: 10_000,
      onReady: ({ connector, ledger }) => void connector.once("orderCreated", () => void ledger.orders.shift()),
    });
    expect(result.isReconciled).toBe(false);
    expect(result.sections.find(({ name }) => name === "orders")).toMatchObject({ onlyVenue: 1 });
  });

  it("ends the trading at once when it is stopped, and still settles and compares", async () => {
    const stop = new AbortController();
    const { result } = await simulateDemo(4, {
      durationMs: undefined,
      stop: stop.signal,
      onReady: ({ connector }) => void connector.once("orderFilled", () => stop.abort()),
    });
    expect(result.tradedMs).toBeLessThan(30_000);
    expect(result.ledger.counters.fills).toBeGreaterThan(0);
    expect(result.isReconciled && result.isSettled).toBe(true);
  });

  it("rejects with the reason when the venue is gone", async () => {
    const gone = new AbortController();
    const run = simulateDemo(4, {
      abort: gone.signal,
      onReady: () => gone.abort(new VenueUnavailableError("the venue is gone")),
    });
    await expect(run).rejects.toThrow("the venue is gone");
  });
});
