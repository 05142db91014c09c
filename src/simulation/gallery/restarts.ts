import { ALL_CONNECTORS, type Scenario } from "./scenario.ts";
import { BTC } from "./stage.ts";

export const warmRestart: Scenario = {
  name: "warm-restart",
  issue: "nautilus_trader#4736",
  url: "https://github.com/nautechsystems/nautilus_trader/issues/4736",
  title: "A restart with a kept state closes a position that is open",
  story:
    "In August 2026 a Binance node was restarted with a cache that held an open position. Reconciliation put in a made-up fill, " +
    "equal and opposite to the real one and dated one nanosecond before it. The venue still had the position; the strategy " +
    "began with none, and could open a second one on top.",
  original:
    "The position of the cache was closed in the place of being kept. A start with an empty cache adopted the " +
    "venue's position as it was.",
  connectors: ALL_CONNECTORS,
  play: async (stage) => {
    const { world } = stage;
    stage.quote();
    const first = await stage.connect();
    await stage.place(first, "sell", "0.05");
    await stage.pass(2_000);
    stage.equal("position before", first.position(stage.pair)?.amount.toFixed() ?? "0", "-0.05");
    world.kill();
    // Longer than any look-back over fills.
    await stage.pass(3_600_000);
    const second = await stage.connect();
    const adjustments: string[] = [];
    second.on("positionAdjustment", ({ amount }) => adjustments.push(amount.toFixed()));
    stage.equal("position after the restart", second.position(stage.pair)?.amount.toFixed() ?? "0", "-0.05");
    await stage.pass(180_000);
    stage.equal("position three minutes later", second.position(stage.pair)?.amount.toFixed() ?? "0", "-0.05");
    const known = new Set(world.truth().fills.map(({ fillId }) => fillId));
    const fills = stage.ledgers.flatMap((ledger) => ledger.fills);
    stage.equal(
      "fills with an id that the venue does not know",
      fills.filter(({ fillId }) => !known.has(fillId)).length,
      0,
    );
    stage.equal("adjustments made up", adjustments.length, 0);
    await stage.agree(second);
  },
};

const WORKING = 14;
const ENDED = 100;

export const manyReports: Scenario = {
  name: "many-reports",
  issue: "nautilus_trader#5000",
  url: "https://github.com/nautechsystems/nautilus_trader/issues/5000",
  title: "Working orders are dropped from thousands of reports",
  story:
    "In September 2026 a Bybit node was killed and started again. The venue reported 3,173 orders, 2,557 fills and a position " +
    "that those fills do not add up to. The 14 orders that were working at the venue were not adopted, and the node said " +
    "that none were open, at every look afterwards.",
  original:
    "Where fills did not make up the position, the market's history was replaced by one made-up fill, and the list of its " +
    "orders was cleared with it. A later check looked at known orders alone.",
  connectors: ALL_CONNECTORS,
  // The venue forgets: what it lists does not add up to the position.
  venue: { endedOrdersKept: 50 },
  play: async (stage) => {
    const { world } = stage;
    stage.quote(BTC, 5, "20");
    const first = await stage.connect();
    await stage.place(first, "buy", "0.5");
    for (let count = 0; count < ENDED; count += 1) {
      await stage.place(first, count % 2 === 0 ? "sell" : "buy", "0.01");
      await stage.pass(1_000);
    }
    const ids: string[] = [];
    for (let rank = 0; rank < WORKING; rank += 1) {
      ids.push((await stage.place(first, "sell", "0.01", String(20_200 + rank))).clientOrderId);
      await stage.pass(200);
    }
    await stage.pass(2_000);
    const listed = world.truth().orders.length;
    stage.atMost(`orders that the venue still lists of ${1 + ENDED + WORKING}`, listed, 90);
    world.kill();
    await stage.pass(10_000);
    const second = await stage.connect();
    await stage.pass(2_000);
    const open = ids.filter((id) => second.order(id)?.state === "open").length;
    stage.equal("working orders known after the restart", open, WORKING);
    stage.equal("position after the restart", second.position(stage.pair)?.amount.toFixed() ?? "0", "0.5");
    world.kill();
    // A machine that knows nothing: the orders are those of a stranger, and none is missing.
    const third = await stage.connect({ host: "empty" });
    await stage.until(() => third.externalOrders().length >= WORKING, 60_000);
    stage.equal("working orders seen without a journal", third.externalOrders().length, WORKING);
    stage.equal("position without a journal", third.position(stage.pair)?.amount.toFixed() ?? "0", "0.5");
  },
};

export const filledAtStop: Scenario = {
  name: "filled-at-stop",
  issue: "hummingbot#2945",
  url: "https://github.com/hummingbot/hummingbot/issues/2945",
  title: "A fill is counted again by the next process",
  story:
    "In 2021 testers stopped a strategy in the moment in which an order was filled, and started it again. The history then had the " +
    "trade twice, the exchange once.",
  original: "After the start the trade was fetched, and nothing told that it had been recorded before.",
  connectors: ALL_CONNECTORS,
  play: async (stage) => {
    const { world } = stage;
    const first = await stage.connect();
    const order = await stage.place(first, "buy", "0.02", "19990");
    await stage.pass(1_000);
    stage.trade("sell", "0.02", "19990");
    await stage.until(() => order.state === "filled");
    await world.run(first.stop());
    const second = await stage.connect();
    const other = await stage.place(second, "buy", "0.03", "19980");
    await stage.pass(1_000);
    stage.trade("sell", "0.03", "19980");
    // Kills the process before the news can arrive: the next process learns of it.
    world.kill();
    const third = await stage.connect();
    await stage.until(() => third.order(other.clientOrderId)?.state === "filled");
    await stage.pass(60_000);
    const told = stage.ledgers.map(({ fills }) => fills.length);
    stage.equal("fills at the venue", world.truth().fills.length, 2);
    stage.equal("fills told by the three processes", told.join(" "), "1 0 1");
    stage.equal("position", third.position(stage.pair)?.amount.toFixed() ?? "0", "0.05");
    await stage.agree(third);
  },
};
