import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../src/connect.ts";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import { PAPER_MARKETS } from "../../src/paper/index.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { NodeJournalStores } from "../../src/runtime/node-journal.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { type BoxConnector, DIALECTS } from "../../src/simulation/dialects.ts";
import { heapMb, isFlat } from "./heap.ts";

const MINUTE_MS = 60_000;
const HOURS_A_DAY = 24;
const ORDERS_EVERY_MIN = 10;
/**
 * The box remembers for its clients, 10,000 public trades a market and as many ended orders as it is told: in the same
 * process that would be taken for what the connector keeps.
 */
const BOX = {
  markets: PAPER_MARKETS.slice(0, 1),
  flowStepMs: 5 * MINUTE_MS,
  endedOrdersKept: 200,
  endedOrdersKeptMs: 3_600_000,
};

/** Returns whether the heap was as large after the last day as after the first. */
export async function soakDays(name: BoxConnector, days: number, seed: number): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "perpwire-soak-"));
  const world = new SimulatedWorld({ seed });
  // A simulated disk lies in memory: the journal is a file.
  const runtime = { ...world.runtime("bot"), journals: new NodeJournalStores() };
  const { token } = DIALECTS[name];
  const pair = `BTC-${token}`;
  const connector = await world.run(
    connect(name, {
      tradingPairs: [pair],
      paper: { seed, ...BOX },
      runtime,
      journalPath: join(folder, "soak.journal"),
      logger: SILENT_LOGGER,
    }),
  );
  const began = performance.now();
  let firstMb = 0;
  let orders = 0;
  try {
    for (let hour = 1; hour <= days * HOURS_A_DAY; hour += 1) {
      for (let minute = 0; minute < 60; minute += ORDERS_EVERY_MIN) {
        orders += order(connector, pair, orders);
        await world.advance(ORDERS_EVERY_MIN * MINUTE_MS);
      }
      if (hour === HOURS_A_DAY) firstMb = heapMb();
    }
    const lastMb = heapMb();
    const isGood = isFlat(firstMb, lastMb) && connector.ready;
    const perSecond = (days * HOURS_A_DAY) / ((performance.now() - began) / 1_000);
    const funding = connector.fundingPayments().length;
    console.log(
      `${name}: ${days} days, ${orders} orders, ${funding} funding payments: ${firstMb.toFixed(1)} MB after day 1, ` +
        `${lastMb.toFixed(1)} MB after day ${days}, ${perSecond.toFixed(1)} simulated hours a second: ${isGood ? "flat" : "GROWN"}`,
    );
    return isGood;
  } finally {
    await world.run(connector.stop());
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In turn one that trades, to and fro, and one that rests until the next. Returns how many were placed. */
function order(connector: PerpetualConnector, pair: string, number: number): number {
  for (const { clientOrderId } of connector.inFlightOrders.values()) void connector.cancel(clientOrderId);
  const book = connector.orderBook(pair);
  const price = book.isValid ? book.bestBid?.price : undefined;
  if (price === undefined) return 0;
  if (number % 2 === 0) {
    connector.buy(pair, { amount: "0.01", price: price.times("0.98").toDecimalPlaces(0), position: "open" });
  } else {
    connector[number % 4 === 1 ? "buy" : "sell"](pair, { amount: "0.01", type: "market", position: "open" });
  }
  return 1;
}
