import type { AbilityFixtures } from "../../../src/testing/kit/ability-fixtures.ts";

/** OKX v5: batches, the countdown, bills, and orders over the private socket. */

const TIME_MS = Date.UTC(2026, 8, 20, 15, 59);
const post = (path: string) => ({ method: "POST", path: `/api/v5/trade/${path}` }) as const;
const MODE = { tdMode: "cross", posSide: "net", ordType: "limit", reduceOnly: false };
const ROW = { ...MODE, side: "{side}", px: "{price}", sz: "{contracts}", clOrdId: "{clientOrderId}" };
const OTHER_ROW = {
  ...{ ...MODE, side: "{other.side}", px: "{other.price}", sz: "{other.contracts}" },
  clOrdId: "{other.clientOrderId}",
};
const OF_MARKET = { instId: "{symbol}" };
const [BATCH, COUNTDOWN] = [post("batch-orders"), post("cancel-all-after")];
const DONE = { tag: "", ts: `${TIME_MS}`, sCode: "0", sMsg: "" };
const NOT_KNOWN = { sCode: "51149", sMsg: "Order timed out" };
const TAKEN = { ...DONE, ordId: "{exchangeOrderId}", clOrdId: "{clientOrderId}" };
const NO_MARGIN = { sCode: "51008", sMsg: "Insufficient margin" };
const NOT_TAKEN = { ...DONE, ...NO_MARGIN, ordId: "", clOrdId: "{other.clientOrderId}" };
const UNKNOWN_ROW = { ...DONE, ...NOT_KNOWN, ordId: "", clOrdId: "{other.clientOrderId}" };
const BILL = {
  ...{ billId: "9001", type: "2", ccy: "USDT", instType: "SWAP", instId: "BTC-USDT-SWAP", tradeId: "771", ordId: "1" },
  ...{ pnl: "-12.5", fee: "-0.3", balChg: "-12.8", posBalChg: "0", fillTime: "", ts: `${TIME_MS}` },
};
const NO_TRADE = { tradeId: "", ordId: "", fee: "0" };
const FUNDING = { ...BILL, ...NO_TRADE, billId: "9002", type: "8", pnl: "0.2", balChg: "0.2", ts: `${TIME_MS + 1}` };
const TRANSFER = { ...BILL, ...NO_TRADE, billId: "9003", type: "1", instId: "", pnl: "0", balChg: "500" };
const FLOW = { tradingPair: "BTC-USDT", asset: "USDT", timestampMs: TIME_MS };
const ORDER = { op: "order" };
const ANSWER = { id: "{frame.id}", op: "order", inTime: "1695190491421339", outTime: "1695190491423240" };
const REFUSED = { ...DONE, ...NO_MARGIN, ordId: "", clOrdId: "{clientOrderId}" };
const command = (op: string, ...rows: readonly object[]) => {
  return { id: "*", op, args: rows.map((row) => ({ instIdCode: 10458, ...row })) };
};

export const abilityFixtures: AbilityFixtures = {
  batchCreationRequest: {
    ...BATCH,
    body: [
      { ...OF_MARKET, ...ROW },
      { ...OF_MARKET, ...OTHER_ROW },
    ],
  },
  configureOneSuccessfulOneErroneousBatchCreationResponse: [
    { ...BATCH, body: { code: "2", msg: "", data: [TAKEN, NOT_TAKEN] } },
  ],
  configureOneSuccessfulOneUnsureBatchCreationResponse: [
    { ...BATCH, body: { code: "2", msg: "", data: [TAKEN, UNKNOWN_ROW] } },
  ],
  batchCancelationRequest: {
    ...post("cancel-batch-orders"),
    body: [
      { ...OF_MARKET, ordId: "{exchangeOrderId}" },
      { ...OF_MARKET, ordId: "{other.exchangeOrderId}" },
    ],
  },
  cancelAllAfterRequest: { ...COUNTDOWN, body: { timeOut: "{timeoutSeconds:text}" } },
  cancelAllAfterOffRequest: { ...COUNTDOWN, body: { timeOut: "0" } },
  configureSuccessfulCancelAllAfterResponse: [
    { ...COUNTDOWN, body: { code: "0", msg: "", data: [{ triggerTime: "1587971460", tag: "", ts: "1587971400" }] } },
  ],
  configureFailedCancelAllAfterResponse: [
    { ...COUNTDOWN, body: { code: "51000", msg: "Parameter timeOut error", data: [] } },
  ],
  cashFlowsMockResponse: [
    {
      ...{ method: "GET", path: "/api/v5/account/bills" },
      body: { code: "0", msg: "", data: [TRANSFER, FUNDING, BILL] },
    },
  ],
  expectedCashFlows: [
    { ...FLOW, kind: "realizedPnl", amount: "-12.5", sourceId: "771" },
    { ...FLOW, kind: "fee", amount: "-0.3", sourceId: "771" },
    { ...FLOW, kind: "funding", amount: "0.2", sourceId: "9002", timestampMs: TIME_MS + 1 },
  ],
  orderSocket: {
    // The socket names an instrument by its code alone.
    message: { id: "*", ...ORDER, args: [{ instIdCode: 10458, ...ROW }] },
    accepted: [{ to: ORDER, with: [{ ...ANSWER, code: "0", msg: "", data: [TAKEN] }] }],
    unsure: [{ to: ORDER, with: [{ ...ANSWER, code: "50026", msg: "System error", data: [] }] }],
    commands: {
      amend: command("amend-order", { ordId: "{exchangeOrderId}", newPx: "{price}", reqId: "*" }),
      cancel: command("cancel-order", { ordId: "{exchangeOrderId}" }),
      batchCreate: command("batch-orders", ROW, OTHER_ROW),
      batchCancel: command("batch-cancel-orders", { ordId: "{exchangeOrderId}" }, { ordId: "{other.exchangeOrderId}" }),
    },
    refused: [{ to: ORDER, with: [{ ...ANSWER, code: "1", msg: "", data: [REFUSED] }] }],
  },
};
