import type { AbilityFixtures } from "../../../src/testing/kit/ability-fixtures.ts";

/** Bybit v5: batches, the transaction log, and orders over the trade socket. */

const TIME_MS = Date.UTC(2026, 8, 20, 15, 59);
const OK = { retCode: 0, retMsg: "OK", retExtInfo: {}, time: TIME_MS };
const MODE = { timeInForce: "GTC", positionIdx: 0, reduceOnly: false, orderType: "Limit", symbol: "{symbol}" };
const ROW = { ...MODE, side: "{side}", price: "{price}", qty: "{amount}", orderLinkId: "{clientOrderId}" };
const OTHER_ROW = {
  ...{ ...MODE, side: "{other.side}", price: "{other.price}", qty: "{other.amount}" },
  orderLinkId: "{other.clientOrderId}",
};
const BOTH = [
  { symbol: "{symbol}", orderId: "{exchangeOrderId}" },
  { symbol: "{symbol}", orderId: "{other.exchangeOrderId}" },
];
const NOT_KNOWN = { code: 10016, msg: "Internal System Error" };
const BATCH = { method: "POST", path: "/v5/order/create-batch" } as const;
const MADE = { category: "linear", symbol: "{symbol}", createAt: `${TIME_MS}` };
const TAKEN = { ...MADE, orderId: "{exchangeOrderId}", orderLinkId: "{clientOrderId}" };
const NOT_TAKEN = { ...MADE, orderId: "", orderLinkId: "{other.clientOrderId}", createAt: "" };
const NO_MARGIN = { code: 110007, msg: "ab not enough for new order" };
const ENTRY = {
  ...{ id: "592324_BTCUSDT_1", symbol: "BTCUSDT", category: "linear", side: "Sell", currency: "USDT" },
  ...{ cashFlow: "0", funding: "", fee: "0", transactionTime: `${TIME_MS}` },
};
const AT_TRADE = { transactionTime: `${TIME_MS - 1}`, type: "TRADE", tradeId: "e-1" };
const TRADE = { ...ENTRY, ...AT_TRADE, cashFlow: "-12.5", fee: "0.3", change: "-12.8" };
const SETTLEMENT = { ...ENTRY, type: "SETTLEMENT", funding: "-0.4", change: "-0.4", tradeId: "f-1" };
const TRANSFER = { ...ENTRY, id: "t-1", symbol: "", type: "TRANSFER_IN", cashFlow: "500", tradeId: "" };
const FLOW = { tradingPair: "BTC-USDT", asset: "USDT", timestampMs: TIME_MS };
const CREATE = { op: "order.create" };
const ANSWER = { reqId: "{frame.reqId}", op: "order.create", header: { Timenow: `${TIME_MS}` }, connId: "c-1" };
const REFUSED = { retCode: 110007, retMsg: NO_MARGIN.msg, data: {} };
const SENT_AT = { "X-BAPI-TIMESTAMP": "*", "X-BAPI-RECV-WINDOW": "*" };
const command = (op: string, args: object) => {
  return { reqId: "*", header: SENT_AT, op, args: [{ category: "linear", ...args }] };
};

export const abilityFixtures: AbilityFixtures = {
  batchCreationRequest: { ...BATCH, body: { category: "linear", request: [ROW, OTHER_ROW] } },
  // Codes stand in a list of their own.
  configureOneSuccessfulOneErroneousBatchCreationResponse: [
    {
      ...BATCH,
      body: { ...OK, result: { list: [TAKEN, NOT_TAKEN] }, retExtInfo: { list: [{ code: 0, msg: "OK" }, NO_MARGIN] } },
    },
  ],
  configureOneSuccessfulOneUnsureBatchCreationResponse: [
    {
      ...BATCH,
      body: { ...OK, result: { list: [TAKEN, NOT_TAKEN] }, retExtInfo: { list: [{ code: 0, msg: "OK" }, NOT_KNOWN] } },
    },
  ],
  batchCancelationRequest: {
    ...{ method: "POST", path: "/v5/order/cancel-batch" },
    body: {
      category: "linear",
      request: BOTH,
    },
  },
  cashFlowsMockResponse: [
    {
      ...{ method: "GET", path: "/v5/account/transaction-log" },
      body: { ...OK, result: { list: [TRANSFER, SETTLEMENT, TRADE], nextPageCursor: "" } },
    },
  ],
  expectedCashFlows: [
    { ...FLOW, kind: "realizedPnl", amount: "-12.5", sourceId: "e-1", timestampMs: TIME_MS - 1 },
    { ...FLOW, kind: "fee", amount: "-0.3", sourceId: "e-1", timestampMs: TIME_MS - 1 },
    { ...FLOW, kind: "funding", amount: "-0.4", sourceId: "592324_BTCUSDT_1:Sell:f-1" },
  ],
  orderSocket: {
    time: "header.X-BAPI-TIMESTAMP",
    message: { reqId: "*", header: SENT_AT, ...CREATE, args: [{ category: "linear", ...ROW }] },
    accepted: [{ to: CREATE, with: [{ ...ANSWER, retCode: 0, retMsg: "OK", data: TAKEN }] }],
    unsure: [{ to: CREATE, with: [{ ...ANSWER, retCode: 10016, retMsg: NOT_KNOWN.msg, data: {} }] }],
    commands: {
      amend: command("order.amend", { symbol: "{symbol}", orderId: "{exchangeOrderId}", price: "{price}" }),
      cancel: command("order.cancel", { symbol: "{symbol}", orderId: "{exchangeOrderId}" }),
      batchCreate: command("order.create-batch", { request: [ROW, OTHER_ROW] }),
      batchCancel: command("order.cancel-batch", { request: BOTH }),
    },
    refused: [{ to: CREATE, with: [{ ...ANSWER, ...REFUSED }] }],
  },
};
