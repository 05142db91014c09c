import { expect, it } from "vitest";
import { World } from "../../src/simulation/index.ts";

// FTX amends by a new order, and one that a hand makes has no client id (ftx, hell, seed 550): it was taken for what may be
// ours for as long as an amend of ours had no answer, and neither told nor shown.
it("shows the order that a hand has put in the place of ours as another's, while an amend of ours is in doubt", async () => {
  await using world = await World.open({ connector: "ftx_perpetual", seed: 1, venue: { emptyBooks: true } });
  const { venue, machines } = world;
  for (const [side, price] of [
    ["sell", "20010"],
    ["buy", "19990"],
  ] as const) {
    venue.trader.order({ market: "BTC-USD", side, price, size: "1" });
  }
  const connector = await world.connect();
  const order = connector.buy("BTC-USD", { amount: "0.1", price: "19900", position: "open" });
  await world.run(order.accepted);
  await world.advance(500);
  machines.network.faults = {
    onHttpRequest: ({ url }) => (url.endsWith("/modify") ? { kind: "dropRequest" } : undefined),
  };
  const amended = connector.amend(order.clientOrderId, { price: "19901" }).catch(() => undefined);
  await world.advance(200);
  const [resting] = venue.engine.openOrders(venue.accountId);
  const terms = { price: 1_990_200_000_000n, size: null, clientId: null };
  venue.execute({ type: "replaceOrder", accountId: venue.accountId, orderId: resting?.orderId ?? 0, ...terms });
  await world.run(amended);
  machines.network.faults = {};
  expect(order.isDone).toBe(false);
  const open = venue.truth().orders.filter(({ status }) => status === "open");
  const shown = () => connector.externalOrders().map(({ exchangeOrderId }) => exchangeOrderId);
  expect(shown()).toEqual([String(open[0]?.orderId)]);
  for (let asked = 0; asked < 200 && !order.isDone; asked += 1) {
    await world.advance(500);
    await world.run(connector.refresh());
  }
  expect(order.state).toBe("canceled");
  expect(shown()).toEqual([String(open[0]?.orderId)]);
});
