import { loadVenue } from "../../src/registry.ts";
import { type Cost, microsecondsOf } from "./cost.ts";
import { VENUE_NAMES, type VenueName } from "./open-orders.ts";
import { streamOf } from "./private-stream.ts";
import { live, open, runtime } from "./process.ts";

/** A fill of 0.0001 of an order of ours. */
interface Execution {
  readonly orderNumber: number;
  readonly fillNumber: number;
  /** Of the order, this fill included. */
  readonly executed: string;
  readonly timestampMs: number;
}

type Frame = (executions: readonly Execution[]) => unknown;

const one = ([execution]: readonly Execution[]): Execution => {
  if (execution === undefined) throw new RangeError("a frame of no executions");
  return execution;
};

/** What each venue sends when orders trade; Binance and FTX send a message for each. */
const FRAMES: Readonly<Record<VenueName, Frame>> = {
  bybit: (executions) => ({
    ...{ id: "f-1", topic: "execution", creationTime: one(executions).timestampMs },
    data: executions.map(({ orderNumber, fillNumber, timestampMs }) => ({
      ...{ category: "linear", symbol: "BTCUSDT", execId: `x${fillNumber}`, execType: "Trade", side: "Buy" },
      ...{ orderId: String(1_000_000 + orderNumber), orderLinkId: `c${orderNumber}`, orderType: "Limit" },
      ...{ execPrice: "20000", execQty: "0.0001", execValue: "2", execFee: "0.0004", feeRate: "0.0002", execPnl: "0" },
      ...{ feeCurrency: "", isMaker: true, createType: "CreateByUser", seq: 1, execTime: String(timestampMs) },
    })),
  }),
  okx: (executions) => ({
    arg: { channel: "orders", instType: "SWAP" },
    data: executions.map(({ orderNumber, fillNumber, executed, timestampMs }) => ({
      ...{ instType: "SWAP", instId: "BTC-USDT-SWAP", ordId: String(1_000_000 + orderNumber), side: "buy" },
      ...{ clOrdId: `c${orderNumber}`, posSide: "net", tdMode: "cross", ordType: "limit", state: "partially_filled" },
      ...{ px: "20000", sz: "1", accFillSz: executed, avgPx: "20000", category: "normal", reduceOnly: "false" },
      ...{
        tradeId: String(fillNumber),
        fillPx: "20000",
        fillSz: "0.0001",
        fillTime: String(timestampMs),
        execType: "M",
      },
      ...{ fillFee: "-0.0004", fillFeeCcy: "USDT", fillPnl: "0", amendResult: "", reqId: "", cancelSource: "" },
      ...{ cTime: String(timestampMs), uTime: String(timestampMs) },
    })),
  }),
  binance(executions) {
    const { orderNumber, fillNumber, executed, timestampMs } = one(executions);
    const order = {
      ...{ s: "BTCUSDT", c: `c${orderNumber}`, S: "BUY", o: "LIMIT", f: "GTC", q: "1", p: "20000", ap: "20000" },
      ...{ x: "TRADE", X: "PARTIALLY_FILLED", i: 1_000_000 + orderNumber, l: "0.0001", z: executed, L: "20000" },
      ...{ N: "USDT", n: "0.0004", T: timestampMs, t: fillNumber, m: true, R: false, ot: "LIMIT", ps: "BOTH", rp: "0" },
    };
    return { e: "ORDER_TRADE_UPDATE", E: timestampMs, T: timestampMs, o: order };
  },
  ftx(executions) {
    const { orderNumber, fillNumber, timestampMs } = one(executions);
    const data = {
      ...{ id: fillNumber, market: "BTC-PERP", future: "BTC-PERP", type: "order", side: "buy", price: 20_000 },
      ...{ size: 0.0001, orderId: 1_000_000 + orderNumber, tradeId: fillNumber, feeRate: 0.0002, fee: 0.0004 },
      ...{ feeCurrency: "USD", liquidity: "maker", time: new Date(timestampMs).toISOString() },
    };
    return { channel: "fills", type: "update", data };
  },
};

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
    return JSON.stringify(FRAMES[name](executions));
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
