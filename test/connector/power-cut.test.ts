import { describe, expect, it } from "vitest";
import { beginPaperRun, end, newProcess, PAIR, type PaperRun, ready } from "../support/paper-run.ts";

async function trade({ world, connector, venue }: PaperRun): Promise<void> {
  const price = connector.orderBook(PAIR).bestAsk?.price.minus(1);
  if (price === undefined) throw new Error("the book is empty");
  const resting = connector.sell(PAIR, { amount: "0.03", price, position: "open" });
  await world.advance(100);
  connector.buy(PAIR, { amount: "0.02", type: "market", position: "open" });
  venue.trader.order({ market: PAIR, side: "buy", size: "0.01" });
  await world.advance(100);
  void connector.cancel(resting.clientOrderId);
  await world.advance(60);
}

describe("a connector whose machine loses its power", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("starts again on what the disk has kept, seed %i", async (seed) => {
    const run = await beginPaperRun(seed);
    await ready(run);
    for (let life = 0; life < 3; life += 1) {
      await trade(run);
      run.world.cutPower("connector");
      await run.world.advance(2_000);
      run.connector = await newProcess(run);
      await ready(run);
      await run.world.advance(20_000);
      const size = run.venue.truth().positions.find(({ market }) => market === PAIR)?.size ?? "0";
      expect(run.connector.position(PAIR)?.amount.toFixed() ?? "0").toBe(size);
      const next = run.connector.buy(PAIR, { amount: "0.001", price: "15000", position: "open" });
      expect(await run.world.run(next.accepted)).toMatchObject({ ok: true });
      await run.world.advance(50);
      const placed = run.venue.truth().orders.filter(({ clientId }) => clientId === next.clientOrderId);
      expect(placed).toMatchObject([{ size: "0.001", status: "open" }]);
    }
    await end(run);
  });

  it.each([1, 2, 3, 4])("knows every order when its journal is durable against it, seed %i", async (seed) => {
    const durable = { journalDurability: "power" } as const;
    const run = await beginPaperRun(seed, {}, durable);
    const told: string[] = [];
    run.connector.on("orderFilled", ({ fillId }) => told.push(fillId));
    await ready(run);
    await trade(run);
    run.world.cutPower("connector");
    await run.world.advance(2_000);
    run.connector = await newProcess(run, durable);
    run.connector.on("orderFilled", ({ fillId }) => told.push(fillId));
    await ready(run);
    await run.world.advance(45_000);
    const { orders, fills } = run.venue.truth();
    for (const order of orders) {
      expect(run.connector.order(order.clientId ?? "")?.executedAmount.toFixed()).toBe(order.filled);
    }
    expect(fills.filter(({ fillId }) => !told.includes(String(fillId)))).toEqual([]);
    await end(run);
  });
});
