import type { AbilityFixtures } from "../../../src/testing/kit/ability-fixtures.ts";

/** Binance USD-M futures: batches, the countdown, income, and orders over the WebSocket API. */

const TIME_MS = Date.UTC(2026, 8, 21, 11, 59);
const TERMS = '"type":"LIMIT","timeInForce":"GTC"';
const row = (prefix: "" | "other.") =>
  `{"symbol":"{symbol}","side":"{${prefix}side}",${TERMS},"quantity":"{${prefix}amount}","price":"{${prefix}price}",` +
  `"newClientOrderId":"{${prefix}clientOrderId}","newOrderRespType":"RESULT"}`;
const IDS = { orderId: "{exchangeOrderId:number}", clientOrderId: "{clientOrderId}", symbol: "{symbol}" };
const ASKED = { type: "LIMIT", timeInForce: "GTC", side: "{side}", price: "{price}", origQty: "{amount}" };
const MADE = { updateTime: TIME_MS, positionSide: "BOTH", reduceOnly: false, origType: "LIMIT" };
const ORDER = { ...IDS, ...ASKED, ...MADE, status: "NEW", executedQty: "0.000", avgPrice: "0", cumQuote: "0" };
const NOT_KNOWN = { code: -1007, msg: "Timeout waiting for response from backend server." };
const NO_MARGIN = { code: -2019, msg: "Margin is insufficient." };
const BATCH = { method: "POST", path: "/fapi/v1/batchOrders" } as const;
const COUNTDOWN = { method: "POST", path: "/fapi/v1/countdownCancelAll" } as const;
const REFUSED = { status: 400, body: { code: -1102, msg: "A mandatory parameter was not sent." } };
const posting = (incomeType: string, income: string, tradeId: string, time = TIME_MS) => {
  return { symbol: "BTCUSDT", incomeType, income, asset: "USDT", time, tranId: 9_689_322_392, tradeId, info: "" };
};
const FLOW = { tradingPair: "BTC-USDT", asset: "USDT", timestampMs: TIME_MS };
const LIMITS = [{ rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: 300, count: 1 }];
const PLACE = { method: "order.place" };
const SENT = { symbol: "{symbol}", newClientOrderId: "{clientOrderId}", newOrderRespType: "RESULT", apiKey: "*" };
const PLACED = { side: "{side}", type: "LIMIT", timeInForce: "GTC", quantity: "{amount}", price: "{price}" };
const SIGNED = { recvWindow: "*", timestamp: "*", signature: "*" };
const NAMED = { symbol: "{symbol}", orderId: "{exchangeOrderId}" };
const OF_SOCKET = { ...SIGNED, apiKey: "*" };
const AMENDED = { side: "{side}", quantity: "{amount}", price: "{price}" };
const SELL = {
  ...{ symbol: "BTCUSDT", side: "SELL", type: "LIMIT", timeInForce: "GTC", quantity: "0.010", price: "52000" },
  ...{ newClientOrderId: "pw-1", newOrderRespType: "RESULT" },
};

export const abilityFixtures: AbilityFixtures = {
  batchCreationRequest: { ...BATCH, params: { batchOrders: `[${row("")},${row("other.")}]` } },
  configureOneSuccessfulOneUnsureBatchCreationResponse: [{ ...BATCH, body: [ORDER, NOT_KNOWN] }],
  configureOneSuccessfulOneErroneousBatchCreationResponse: [{ ...BATCH, body: [ORDER, NO_MARGIN] }],
  batchCancelationRequest: {
    ...{ method: "DELETE", path: BATCH.path },
    params: { symbol: "{symbol}", orderIdList: "[{exchangeOrderId},{other.exchangeOrderId}]" },
  },
  cancelAllAfterRequest: { ...COUNTDOWN, params: { symbol: "{symbol}", countdownTime: "{timeoutMs:text}" } },
  cancelAllAfterOffRequest: { ...COUNTDOWN, params: { symbol: "{symbol}", countdownTime: "0" } },
  configureSuccessfulCancelAllAfterResponse: [
    { ...COUNTDOWN, body: { symbol: "{symbol}", countdownTime: "{timeoutMs:text}" } },
  ],
  configureFailedCancelAllAfterResponse: [{ ...COUNTDOWN, ...REFUSED }],
  cashFlowsMockResponse: [
    {
      ...{ method: "GET", path: "/fapi/v1/income" },
      body: [
        posting("REALIZED_PNL", "-12.5", "2059192"),
        posting("COMMISSION", "-0.3", "2059192"),
        posting("FUNDING_FEE", "0.2", "", TIME_MS + 1),
        { ...posting("TRANSFER", "500", ""), symbol: "" },
      ],
    },
  ],
  expectedCashFlows: [
    { ...FLOW, kind: "realizedPnl", amount: "-12.5", sourceId: "2059192" },
    { ...FLOW, kind: "fee", amount: "-0.3", sourceId: "2059192" },
    { ...FLOW, kind: "funding", amount: "0.2", sourceId: "9689322392:BTCUSDT", timestampMs: TIME_MS + 1 },
  ],
  // Made with Python's hmac, over the parameters in the order of their names.
  orderFrameVector: {
    credentials: { apiKey: "key-of-the-docs", apiSecret: "secret-of-the-docs-1234" },
    nowMs: 1_645_423_376_532,
    message: { id: "7", ...PLACE, params: SELL },
    expected: {
      ...{ id: "7", ...PLACE },
      params: {
        ...{ ...SELL, apiKey: "key-of-the-docs", recvWindow: 5_000, timestamp: 1_645_423_376_532 },
        signature: "89edd83a4fc0e787ffd7ec15e208c12e110565723a3f040128838cbee3b4eb4e",
      },
    },
  },
  orderSocket: {
    time: "params.timestamp",
    message: { id: "*", ...PLACE, params: { ...SENT, ...PLACED, ...SIGNED } },
    accepted: [{ to: PLACE, with: [{ id: "{frame.id}", status: 200, result: ORDER, rateLimits: LIMITS }] }],
    unsure: [{ to: PLACE, with: [{ id: "{frame.id}", status: 408, error: NOT_KNOWN, rateLimits: LIMITS }] }],
    commands: {
      amend: { id: "*", method: "order.modify", params: { ...NAMED, ...OF_SOCKET, ...AMENDED } },
      cancel: { id: "*", method: "order.cancel", params: { ...NAMED, ...OF_SOCKET } },
      // The WebSocket API has no batches.
      ...{ batchCreate: "rest", batchCancel: "rest" },
    },
    refused: [{ to: PLACE, with: [{ id: "{frame.id}", status: 400, error: NO_MARGIN, rateLimits: LIMITS }] }],
  },
};
