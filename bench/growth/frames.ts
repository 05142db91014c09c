import { loadVenue } from "../../src/registry.ts";
import { type Cost, microsecondsOf } from "./cost.ts";
import { EXECUTION_FRAMES } from "./execution-frames.ts";
import { VENUE_NAMES, type VenueName } from "./open-orders.ts";
import { streamOf } from "./private-stream.ts";
import { live, open, runtime } from "./process.ts";

interface Sizes {
  readonly openOrders: number;
  /** Orders that were filled and ended before. */
  readonly history: number;
  readonly rows: number;
}

/** Frames of fills, each of which has to become an event. */
async function framesOf(name: VenueName, { openOrders, history, rows }: Sizes) {
  const { module, domain } = await loadVenue(`${name}_perpetual`);
  const venue = module.createVenue({ domain, restUrl: "http://127.0.0.1", webSocketUrl: "ws://127.0.0.1" });
  const stream = await streamOf(name, venue.userStreamDataSource, venue);
  open(stream, openOrders);
  stream.journal.batch(() => {
    for (let number = 0; number < history; number += 1) live(stream, `h${number}`);
  });
  let told = 0;
  stream.events.on("orderFilled", () => {
    told += 1;
  });
  let next = 0;
  const frame = (): string => {
    const timestampMs = Math.floor(runtime.clock.now());
    const executions = Array.from({ length: rows }, () => {
      const number = next++;
      const executed = ((Math.floor(number / openOrders) + 1) / 10_000).toFixed(4);
      return { orderNumber: number % openOrders, fillNumber: 1 + number, executed, timestampMs };
    });
    return JSON.stringify(EXECUTION_FRAMES[name](executions));
  };
  const run = (count: number) => {
    const texts = Array.from({ length: count }, frame);
    const before = { told, transactions: stream.counts.transactions };
    const us = microsecondsOf(count, () => {
      for (const text of texts) stream.dispatch(text);
    });
    if (told - before.told !== count * rows) throw new Error(`${told - before.told} events of ${count * rows} fills`);
    return { us, transactions: (stream.counts.transactions - before.transactions) / count };
  };
  return { run, end: stream.end };
}

/** Executed frames at a time: fewer of long ones. */
const countOf = (rows: number): number => Math.max(10, Math.floor(200 / rows));

const frameCost = (name: VenueName, of: string, sizes: readonly number[], sizesOf: (size: number) => Sizes): Cost => ({
  what: `${name}, a frame of executions until its events, ${of}`,
  unit: "us a frame",
  sizes,
  async prepare(size) {
    const all = sizesOf(size);
    const { run, end } = await framesOf(name, all);
    return { measure: () => run(countOf(all.rows)).us, end };
  },
});

const transactionsOf = (name: VenueName, sizes: readonly number[]): Cost => ({
  what: `${name}, a frame of executions, rows in it`,
  unit: "transactions",
  sizes,
  async prepare(rows) {
    const { run, end } = await framesOf(name, { openOrders: 1_000, history: 0, rows });
    return { measure: () => run(countOf(rows)).transactions, end };
  },
});

const ROWS: Readonly<Record<VenueName, readonly number[]>> = {
  ...{ bybit: [1, 10, 100], okx: [1, 10, 100] },
  ...{ binance: [1], ftx: [1] },
};

export const frameCosts: readonly Cost[] = VENUE_NAMES.flatMap((name) => [
  transactionsOf(name, ROWS[name]),
  frameCost(name, "rows in it", ROWS[name], (rows) => ({ openOrders: 1_000, history: 0, rows })),
  frameCost(name, "open orders", [10, 1_000, 10_000], (openOrders) => ({ openOrders, history: 0, rows: 1 })),
  frameCost(name, "ended orders", [10, 500, 10_000], (history) => ({ openOrders: 100, history, rows: 1 })),
]);
