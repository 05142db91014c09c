import { describe, expect, it } from "vitest";
import { parseAmount } from "../../src/paper/engine/amount.ts";
import { createPaperVenue, type PaperVenue } from "../../src/paper/index.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { startVenue } from "./ftx-harness.ts";

const APIS = ["ftx", "bybit", "binance", "okx", "gate_io", "hyperliquid"] as const;

async function venueWith(endedOrdersKept: number, endedOrdersKeptMs?: number) {
  const world = new SimulatedWorld({ seed: 1 });
  const options = { api: "all", seed: 1, emptyBooks: true, endedOrdersKept, endedOrdersKeptMs } as const;
  return { world, venue: await world.run(createPaperVenue(options, world.runtime("venue"))) };
}

/** One order that is filled and one that is canceled; one rests. */
function trade(venue: PaperVenue, number: number): void {
  const { accountId } = venue;
  const place = (price: string, clientId: string) =>
    venue.execute({
      ...({ type: "placeOrder", accountId, market: "BTC-USD", side: "buy", orderType: "limit" } as const),
      ...({ price: parseAmount(price), size: parseAmount("0.01"), timeInForce: "GTC" } as const),
      ...{ postOnly: false, reduceOnly: false, clientId },
    });
  venue.trader.order({ market: "BTC-USD", side: "sell", size: "0.01", price: "20000" });
  place("20000", `filled-${number}`);
  const accepted = place("19000", `canceled-${number}`).find((event) => event.type === "orderAccepted");
  if (accepted?.type === "orderAccepted") {
    venue.execute({ type: "cancelOrder", accountId, orderId: accepted.order.orderId });
  }
}

describe("the box's memory", () => {
  it("has the latest of the orders that ended, on every protocol, and all that are open", async () => {
    const { world, venue } = await venueWith(16);
    const { engine, accountId } = venue;
    venue.execute({
      ...({ type: "placeOrder", accountId, market: "BTC-USD", side: "buy", orderType: "limit" } as const),
      ...({ price: parseAmount("15000"), size: parseAmount("0.01"), timeInForce: "GTC" } as const),
      ...{ postOnly: false, reduceOnly: false, clientId: "resting" },
    });
    for (let number = 0; number < 50; number += 1) {
      trade(venue, number);
      await world.advance(10);
      for (const api of APIS) expect(venue.truth(undefined, api).orders.length).toBeLessThanOrEqual(19);
    }
    expect(engine.orders(accountId).length).toBeLessThanOrEqual(19);
    expect(engine.fills(accountId).length).toBeLessThanOrEqual(10);
    const ids = engine.orders(accountId).map(({ clientId }) => clientId);
    expect(ids[0]).toBe("resting");
    expect(ids.slice(-2)).toEqual(["filled-49", "canceled-49"]);
    for (const order of engine.orders(accountId)) {
      expect(engine.order(accountId, order.orderId)).toBe(order);
      expect(engine.orderByClientId(accountId, order.clientId ?? "")).toBe(order);
    }
    expect(engine.orderByClientId(accountId, "filled-0")).toBeUndefined();
    expect(engine.order(accountId, 3)).toBeUndefined();
    expect(engine.openOrders(accountId)).toHaveLength(1);
    const position = engine.positions(accountId, "BTC-USD")[0];
    expect(position?.size).toBe(parseAmount("0.5"));
    await world.run(venue.stop());
  });

  it("has the orders that ended not long ago, and forgets the others also where nothing more happens", async () => {
    const { world, venue } = await venueWith(1_000, 80_000);
    for (let number = 0; number < 4; number += 1) {
      trade(venue, number);
      await world.advance(20_000);
    }
    // The first ended 80 s ago, and go together with what ends an eighth of that time later.
    for (const api of APIS) expect(venue.truth(undefined, api).orders).toHaveLength(8);
    await world.advance(10_500);
    for (const api of APIS) expect(venue.truth(undefined, api).orders).toHaveLength(6);
    expect(venue.engine.fills(venue.accountId)).toHaveLength(3);
    expect(venue.engine.orders(venue.accountId)[0]?.clientId).toBe("filled-1");
    await world.advance(100_000);
    for (const api of APIS) expect(venue.truth(undefined, api).orders).toEqual([]);
    expect(venue.engine.positions(venue.accountId, "BTC-USD")[0]?.size).toBe(parseAmount("0.04"));
    await world.run(venue.stop());
  });

  it("bounds FTX's conditional orders as well, and keeps all that wait", async () => {
    const harness = await startVenue({ quiet: true, endedOrdersKept: 8, endedOrdersKeptMs: 60_000 });
    const stop = { market: "BTC-PERP", side: "sell", size: 0.1, triggerPrice: 15_000 };
    const place = async () => (await harness.call("POST", "/conditional_orders", { body: stop })).result.id;
    const history = async () => (await harness.call("GET", "/conditional_orders/history")).result;
    const waiting = await place();
    const ids: number[] = [];
    for (let count = 0; count < 20; count += 1) {
      ids.push(await place());
      await harness.call("DELETE", `/conditional_orders/${ids.at(-1)}`);
      expect((await history()).length).toBeLessThanOrEqual(10);
    }
    expect((await harness.call("GET", `/conditional_orders/${ids[0]}/triggers`)).status).toBe(404);
    expect((await harness.call("GET", `/conditional_orders/${ids.at(-1)}/triggers`)).status).toBe(200);
    await harness.world.advance(61_000);
    expect((await history()).map(({ id }: { id: number }) => id)).toEqual([waiting]);
    await harness.venue.stop();
  });

  it("forgets by number or by age, whichever comes first", async () => {
    const { world, venue } = await venueWith(4, 80_000);
    const count = () => venue.engine.orders(venue.accountId).length;
    for (let number = 0; number < 8; number += 1) trade(venue, number);
    expect(count()).toBe(4);
    await world.advance(79_000);
    expect(count()).toBe(4);
    await world.advance(12_000);
    expect(count()).toBe(0);
    await world.run(venue.stop());
  });

  it("remembers as many public trades as it was told, and up to twice as many", async () => {
    const options = { api: "all", seed: 1, emptyBooks: true, tradesKept: 5 } as const;
    const world = new SimulatedWorld({ seed: 1 });
    const venue = await world.run(createPaperVenue(options, world.runtime("venue")));
    const numbers: number[] = [];
    for (let number = 0; number < 30; number += 1) {
      trade(venue, number);
      numbers.push(venue.engine.trades("BTC-USD").length);
    }
    expect(numbers.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
    expect([Math.min(...numbers.slice(5)), Math.max(...numbers)]).toEqual([5, 9]);
    await world.run(venue.stop());
    await expect(createPaperVenue({ ...options, tradesKept: 0 }, world.runtime("other"))).rejects.toThrow(
      "tradesKept is 0",
    );
  });

  it("refuses a number of orders that is none", async () => {
    await expect(venueWith(0)).rejects.toThrow("endedOrdersKept is 0");
    await expect(venueWith(1.5)).rejects.toThrow("endedOrdersKept is 1.5");
  });
});
