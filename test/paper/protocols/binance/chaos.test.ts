import { expect, test } from "vitest";
import { CHAOS } from "../../../../src/paper/index.ts";
import { type FrameObject, type Params, startVenue } from "./harness.ts";

const RUN_STEPS = 100;
const SYMBOL = { symbol: "BTCUSDT" };

/** Places and cancels for a while under all faults at once, and then looks at what the venue says in peace. */
async function runThroughChaos(seed: number) {
  const faults = { ...CHAOS, restartEveryMs: 10_000, expireListenKey: 0.2 };
  const harness = await startVenue({ seed, quiet: false, faults });
  const { call, connect, keyed, venue, world } = harness;
  let failures = 0;
  for (let step = 0; step < RUN_STEPS; step += 1) {
    const side = step % 2 === 0 ? "BUY" : "SELL";
    const terms: Params =
      step % 3 === 0
        ? { type: "MARKET" }
        : { type: "LIMIT", timeInForce: "GTC", price: side === "BUY" ? "59900" : "60100" };
    const order = { ...SYMBOL, side, quantity: "0.01", newClientOrderId: `c-${step}`, ...terms };
    const outcome = await call("POST", "/fapi/v1/order", order).catch(() => undefined);
    if (outcome?.status !== 200) failures += 1;
    if (step % 10 === 0) {
      const key = await keyed("POST", "/fapi/v1/listenKey").catch(() => undefined);
      await connect(`/private/ws?listenKey=${key?.json.listenKey}`).catch(() => undefined);
      await connect("/public/ws/btcusdt@depth@100ms").catch(() => undefined);
    }
    await world.advance(100);
  }
  venue.faults.clear();
  await world.advance(1_000);
  const orders: FrameObject[] = (await call("GET", "/fapi/v1/allOrders", { ...SYMBOL, limit: 1000 })).json;
  const trades: FrameObject[] = (await call("GET", "/fapi/v1/userTrades", { ...SYMBOL, limit: 1000 })).json;
  const truth = venue.truth();
  await venue.stop();
  return { failures, orders, trades, truth, trace: world.trace() };
}

test("faults spoil what clients see and never what is true", async () => {
  const { failures, orders, trades, truth } = await runThroughChaos(11);
  expect(failures).toBeGreaterThan(0);
  expect(truth.orders.length).toBeGreaterThan(RUN_STEPS / 2);
  expect(orders.map(({ orderId, executedQty }) => [orderId, Number(executedQty)])).toEqual(
    truth.orders.map(({ orderId, filled }) => [orderId, Number(filled)]),
  );
  expect(trades.map(({ id }) => id)).toEqual(truth.fills.map(({ fillId }) => fillId));
});

test("the same seed gives the same chaos, to the last message", async () => {
  const [first, again] = [await runThroughChaos(12), await runThroughChaos(12)];
  expect(again.trace).toBe(first.trace);
  expect(again.truth).toEqual(first.truth);
});
