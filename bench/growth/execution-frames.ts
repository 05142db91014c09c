import type { VenueName } from "./open-orders.ts";

/** A fill of 0.0001 of an order of ours. */
export interface Execution {
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
export const EXECUTION_FRAMES: Readonly<Record<VenueName, Frame>> = {
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
