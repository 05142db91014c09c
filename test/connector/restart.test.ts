import { describe, expect, it } from "vitest";
import { beginPaperRun, end, newProcess, PAIR, type PaperRun, ready } from "../support/paper-run.ts";

/** Opens, trades and cancels; ends early when the process dies. */
async function trade({ world, connector, venue }: PaperRun): Promise<void> {
  const { bestBid, bestAsk } = connector.orderBook(PAIR);
  if (bestBid === undefined || bestAsk === undefined) throw new Error("the book is empty");
  const low = bestBid.price.minus(500).toFixed();
  const maker = connector.buy(PAIR, { amount: "0.01", price: low, type: "limitMaker", position: "open" });
  const taker = connector.buy(PAIR, { amount: "0.02", type: "market", position: "open" });
  await world.advance(40);
  // The venue takes two orders in 200 ms: what waits when its cancel comes is never sent.
  await world.advance(210);
  const resting = connector.sell(PAIR, { amount: "0.03", price: bestAsk.price.minus(1).toFixed(), position: "open" });
  await world.advance(40);
  venue.trader.order({ market: PAIR, side: "buy", size: "0.01" });
  await world.advance(40);
  void connector.cancel(maker.clientOrderId);
  await world.advance(60);
  venue.trader.order({ market: PAIR, side: "buy", size: "0.01" });
  void connector.cancel(resting.clientOrderId);
  await world.advance(500);
  void taker;
}

/** What the connector says is what is true at the venue: every order, every fill, the position. */
function assertReconciled({ venue, connector }: PaperRun, fills: readonly { readonly fillId: string }[]): void {
  const truth = venue.truth();
  const open = truth.orders.filter((order) => order.status !== "closed").map((order) => order.clientId);
  expect([...connector.inFlightOrders.keys()].toSorted()).toEqual(open.toSorted());
  const told = new Set(fills.map((fill) => fill.fillId));
  expect(
    truth.fills.filter(({ fillId }) => !told.has(String(fillId))),
    "every fill is told",
  ).toEqual([]);
  for (const order of truth.orders) {
    const ours = connector.order(order.clientId ?? "");
    expect(ours, `order ${order.clientId} is known`).toBeDefined();
    expect(ours?.executedAmount.toFixed(), `executed amount of ${order.clientId}`).toBe(order.filled);
  }
  const size = truth.positions.find(({ market }) => market === PAIR)?.size ?? "0";
  expect(connector.position(PAIR)?.amount.toFixed() ?? "0").toBe(size);
}

describe("a process that is killed between two journal writes", () => {
  it("that is not killed agrees with the venue as well", async () => {
    const run = await beginPaperRun(1);
    const told: { readonly fillId: string }[] = [];
    run.connector.on("orderFilled", (fill) => told.push(fill));
    await ready(run);
    await trade(run);
    expect(told.length).toBeGreaterThanOrEqual(2);
    assertReconciled(run, told);
    await end(run);
  });

  it.each(Array.from({ length: 40 }, (_, writes) => writes))(
    "loses no order and counts no fill twice, killed after %i writes",
    async (writes) => {
      const run = await beginPaperRun(writes + 1);
      const told: { readonly fillId: string }[] = [];
      run.connector.on("orderFilled", (fill) => told.push(fill));
      await ready(run);
      run.world.killAfterWrites("connector", writes);
      await trade(run);
      run.world.kill("connector");
      run.venue.trader.order({ market: PAIR, side: "buy", size: "0.05" });
      await run.world.advance(2_000);
      run.connector = await newProcess(run);
      run.connector.on("orderFilled", (fill) => told.push(fill));
      await ready(run);
      for (const order of run.venue.truth().orders) {
        const ours = run.connector.order(order.clientId ?? "");
        expect(["unknown", "lost", "pendingCreate"], `order ${order.clientId} at once`).not.toContain(
          ours?.state ?? "lost",
        );
      }
      // Those that never arrived are unknown until they can no longer arrive.
      const known = new Set(run.venue.truth().orders.map((order) => order.clientId));
      await run.world.advance(45_000);
      for (const order of run.connector.inFlightOrders.values()) expect(known.has(order.clientOrderId)).toBe(true);
      assertReconciled(run, told);
      expect(run.connector.lostOrders).toEqual([]);
      const next = run.connector.buy(PAIR, { amount: "0.001", price: "15000", position: "open" });
      expect(await run.world.run(next.accepted)).toMatchObject({ ok: true });
      await end(run);
      expect(run.logger.text).not.toContain(run.venue.apiSecret);
    },
  );
});
