import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { OrderSetup } from "./orders/arms.ts";
import type { Result } from "./report.ts";
import { type Contender, inTurn } from "./rounds.ts";

export interface OrderBenchOptions {
  readonly passes: number;
}

const OWN = "checks, budget, journal before the first byte, tracker, signature";
const NO_STATE = "signature and reading of the answer; it keeps no order";

const all = {
  memory: { name: "perpwire, in memory", key: "perpwire", arm: "perpwire", note: OWN },
  wal: { name: "perpwire, WAL journal", key: "perpwireWal", arm: "perpwireWal", note: `${OWN}; on disk` },
  ccxt: { name: "ccxt 4.5.84 createOrder", key: "ccxt", arm: "ccxt", note: NO_STATE },
  sign: { name: "ccxt 4.5.84 sign alone", key: "ccxtSign", arm: "ccxtSign", note: "no check, no answer" },
  bybitApi: { name: "bybit-api 4.7.7", key: "bybitApi", arm: "bybitApi", note: NO_STATE },
  undici: { name: "bare undici", key: "undici", arm: "undici", note: "no signature, the answer is read as text" },
} satisfies Readonly<Record<string, Omit<Contender, "setup">>>;

interface Row extends Pick<Result, "name" | "work" | "unit"> {
  readonly setup: OrderSetup;
  readonly contenders: readonly Omit<Contender, "setup">[];
  readonly units: number;
  readonly by?: string;
}

async function resultOf({ setup, contenders, units, by, ...row }: Row, passes: number): Promise<Result> {
  const figures = await inTurn({
    module: new URL("./orders/arms.ts", import.meta.url).href,
    contenders: contenders.map((contender) => ({ ...contender, setup })),
    ...{ passes, units, by },
  });
  return { ...row, passes, figures };
}

async function onLoopback<Value>(work: (url: string) => Promise<Value>): Promise<Value> {
  const server = new Worker(new URL("./orders/server.ts", import.meta.url));
  try {
    const [port] = (await once(server, "message")) as [number];
    return await work(`http://127.0.0.1:${port}`);
  } finally {
    await server.terminate();
  }
}

const entry: Row = {
  name: "Bybit, from buy() to the signed bytes at the HTTP port",
  ...{ work: "500 orders, one at a time", unit: "us by the clock, p50 of a pass", units: 500, by: "p50" },
  setup: { mode: "entry", orders: 500 },
  contenders: [all.memory, all.wal, all.ccxt, all.sign, all.bybitApi],
};

const operations: Row = {
  name: "Bybit, orders created and canceled over a network that answers at once",
  ...{ work: "500 creates and 500 cancels, one at a time", unit: "us an operation", units: 1_000 },
  setup: { mode: "operations", orders: 500 },
  contenders: [
    { ...all.memory, note: "with what the private stream says of each order" },
    { ...all.wal, note: "the same, on disk" },
    all.ccxt,
    all.bybitApi,
  ],
};

const roundTrip = (url: string): Row => ({
  name: "Bybit, creates over loopback HTTP",
  ...{ work: "640 orders, 32 of them unanswered at a time", unit: "us an order, by the clock", units: 640, by: "wall" },
  setup: { mode: "roundTrip", orders: 640, url },
  contenders: [all.memory, all.wal, all.ccxt, all.bybitApi, all.undici],
});

/** The way of an order out, and its answer's way back in. */
export async function benchOrders({ passes }: OrderBenchOptions): Promise<readonly Result[]> {
  return [
    await resultOf(entry, passes),
    await resultOf(operations, passes),
    await onLoopback((url) => resultOf(roundTrip(url), passes)),
  ];
}
