import { expect, test } from "vitest";
import { CHAOS } from "../../src/paper/index.ts";
import { startVenue } from "./ftx-harness.ts";

const RUN_STEPS = 150;

/** Places and cancels for a while under all faults at once, and then looks at what the venue says in peace. */
async function runThroughChaos(seed: number) {
  const harness = await startVenue({ seed, faults: { ...CHAOS, restartEveryMs: 10_000 } });
  const { call, send, venue, world, connect } = harness;
  let failures = 0;
  for (let step = 0; step < RUN_STEPS; step += 1) {
    const side = step % 2 === 0 ? "buy" : "sell";
    const isMarket = step % 3 === 0;
    const body = {
      market: "BTC-PERP",
      side,
      type: isMarket ? "market" : "limit",
      price: isMarket ? null : side === "buy" ? 19_500 : 20_500,
      size: 0.01,
      clientId: `c-${step}`,
    };
    const outcome = await send("POST", "/orders", { body }).catch(() => undefined);
    if (outcome?.status !== 200) failures += 1;
    if (step % 10 === 0) {
      await connect()
        .then((socket) => socket.subscribe("orderbook", "BTC-PERP"))
        .catch(() => undefined);
    }
    await world.advance(100);
  }
  venue.faults.clear();
  await world.advance(1_000);
  const orders = (await call("GET", "/orders/history?limit=100")).result;
  const fills = (await call("GET", "/fills?start_time=0&end_time=9999999999")).result;
  const truth = venue.truth();
  await venue.stop();
  return { failures, orders, fills, truth, trace: world.trace() };
}

test("faults spoil what clients see and never what is true", async () => {
  const { failures, orders, fills, truth } = await runThroughChaos(11);
  expect(failures).toBeGreaterThan(0);
  expect(truth.orders.length).toBeGreaterThan(RUN_STEPS / 2);
  const newest = truth.orders.toReversed().slice(0, 100);
  expect(orders.map((order: { id: number; filledSize: number }) => [order.id, order.filledSize])).toEqual(
    newest.map((order) => [order.orderId, Number(order.filled)]),
  );
  expect(fills.map(({ id }: { id: number }) => id)).toEqual(truth.fills.toReversed().map(({ fillId }) => fillId));
  const filled = truth.orders.reduce((sum, order) => sum + Number(order.filled), 0);
  expect(fills.reduce((sum: number, { size }: { size: number }) => sum + size, 0)).toBeCloseTo(filled, 8);
});

test("the same seed gives the same chaos, to the last message", async () => {
  const [first, again] = [await runThroughChaos(12), await runThroughChaos(12)];
  expect(again.trace).toBe(first.trace);
  expect(again.truth).toEqual(first.truth);
});
