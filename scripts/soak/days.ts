import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../../src/connect.ts";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import { PAPER_MARKETS } from "../../src/paper/index.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { NodeJournalStores } from "../../src/runtime/node-journal.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { BOX_PROTOCOLS, type BoxConnector } from "../../src/simulation/box-protocols.ts";
import { temporaryFolder } from "../clean-up.ts";
import { heapMb, isFlat } from "./heap.ts";

const MINUTE_MS = 60_000;
const HOURS_A_DAY = 24;
const ORDERS_EVERY_MIN = 10;
/** Before the first of them, for what the box keeps of the last two days whatever happens: bars of 15 seconds. */
const DAYS_BEFORE = 2;
/** The line breaks now and then: every connection is opened, logged in and subscribed anew. */
const RESET_EVERY_HOURS = 7;
/**
 * A market that moves every ten seconds is never so still that its channels would be taken for dead. The box remembers for
 * its clients, public trades and ended orders, as many as it is told: in the same process that would be taken for what the
 * connector keeps.
 */
const BOX = {
  markets: PAPER_MARKETS.slice(0, 1),
  flowStepMs: 10_000,
  fundingIntervalMs: 8 * 60 * MINUTE_MS,
  tradesKept: 200,
  endedOrdersKept: 200,
  endedOrdersKeptMs: 60 * MINUTE_MS,
};

/** Returns whether the heap was as large after the last day as after the first. */
export async function soakDays(name: BoxConnector, days: number, seed: number): Promise<boolean> {
  using folder = temporaryFolder("perpwire-soak-");
  const world = new SimulatedWorld({ seed });
  // A simulated disk lies in memory: the journal is a file.
  const runtime = { ...world.runtime("bot"), journals: new NodeJournalStores() };
  const { token } = BOX_PROTOCOLS[name];
  const pair = `BTC-${token}`;
  const journalPath = join(folder.path, "soak.journal");
  const connector = await world.run(
    connect(name, {
      tradingPairs: [pair],
      paper: { seed, ...BOX },
      runtime,
      journalPath,
      logger: SILENT_LOGGER,
    }),
  );
  const began = performance.now();
  const counts = { orders: 0, fills: 0, fundingPayments: 0, breaks: 0 };
  connector.on("orderFilled", () => {
    counts.fills += 1;
  });
  connector.on("fundingPayment", () => {
    counts.fundingPayments += 1;
  });
  let first = { mb: 0, journalMb: 0 };
  try {
    for (let hour = 1 - DAYS_BEFORE * HOURS_A_DAY; hour <= days * HOURS_A_DAY; hour += 1) {
      for (let minute = 0; minute < 60; minute += ORDERS_EVERY_MIN) {
        counts.orders += order(connector, pair, counts.orders);
        await world.advance(ORDERS_EVERY_MIN * MINUTE_MS);
      }
      if (hour % RESET_EVERY_HOURS === 0) {
        counts.breaks += 1;
        world.network.resetConnections("bot");
      }
      if (hour === HOURS_A_DAY) first = { mb: heapMb(), journalMb: sizeMb(journalPath) };
    }
    const last = { mb: heapMb(), journalMb: sizeMb(journalPath) };
    const isGood = isFlat(first.mb, last.mb) && connector.ready && counts.fills > 0;
    const perSecond = ((DAYS_BEFORE + days) * HOURS_A_DAY) / ((performance.now() - began) / 1_000);
    const { orders, fills, fundingPayments, breaks } = counts;
    console.log(
      `${name}: ${days} days after ${DAYS_BEFORE}, ${orders} orders, ${fills} fills, ${fundingPayments} funding payments, ${breaks} broken lines: ` +
        `${first.mb.toFixed(1)} MB after day 1, ${last.mb.toFixed(1)} MB after day ${days}, journal ` +
        `${first.journalMb.toFixed(1)} MB, then ${last.journalMb.toFixed(1)} MB, ${perSecond.toFixed(1)} simulated hours a ` +
        `second: ${isGood ? "flat" : "NOT FLAT"}`,
    );
    return isGood;
  } finally {
    await world.run(connector.stop());
  }
}

/** Of the journal and what was not yet taken over into it. */
function sizeMb(path: string): number {
  const files = [path, `${path}-wal`].filter((file) => existsSync(file));
  return files.reduce((total, file) => total + statSync(file).size, 0) / 2 ** 20;
}

/** In turn one that rests away from the price, one that takes, and one that rests where it may be taken. */
function order(connector: PerpetualConnector, pair: string, number: number): number {
  for (const { clientOrderId } of connector.inFlightOrders.values()) void connector.cancel(clientOrderId);
  const book = connector.orderBook(pair);
  const [bid, ask] = book.isValid ? [book.bestBid?.price, book.bestAsk?.price] : [];
  if (bid === undefined || ask === undefined) return 0;
  const side = connector.position(pair)?.amount.gt(0) === true ? "sell" : "buy";
  const terms = { amount: "0.01", position: "open" } as const;
  if (number % 3 === 0) connector.buy(pair, { ...terms, price: bid.times("0.98").toDecimalPlaces(0) });
  else if (number % 3 === 1) connector[side](pair, { ...terms, type: "market" });
  else connector[side](pair, { ...terms, price: side === "buy" ? bid : ask });
  return 1;
}
