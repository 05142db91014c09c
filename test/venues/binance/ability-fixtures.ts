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
const NO_MARGIN = { code: -2019, msg: "Margin is insufficient." };
const BATCH = { method: "POST", path: "/fapi/v1/batchOrders" } as const;
const COUNTDOWN = { method: "POST", path: "/fapi/v1/countdownCancelAll" } as const;
const REFUSED = { status: 400, body: { code: -1102, msg: "A mandatory parameter was not sent." } };
const posting = (incomeType: string, income: string, tradeId: string) => {
  return {
    symbol: "BTCUSDT",
    incomeType,
    income,
    asset: "USDT",
    time: TIME_MS,
    tranId: "9689322392",
    tradeId,
    info: "",
  };
};
const FLOW = { tradingPair: "BTC-USDT", asset: "USDT", timestampMs: TIME_MS };
const LIMITS = [{ rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: 300, count: 1 }];
const PLACE = { method: "order.place" };
const SENT = { symbol: "{symbol}", newClientOrderId: "{clientOrderId}", newOrderRespType: "RESULT", apiKey: "*" };
const PLACED = { side: "{side}", type: "LIMIT", timeInForce: "GTC", quantity: "{amount}", price: "{price}" };
const SIGNED = { recvWindow: "*", timestamp: "*", signature: "*" };

export const abilityFixtures: AbilityFixtures = {
  batchCreationRequest: { ...BATCH, params: { batchOrders: `[${row("")},${row("other.")}]` } },
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
        posting("FUNDING_FEE", "0.2", ""),
        { ...posting("TRANSFER", "500", ""), symbol: "" },
      ],
    },
  ],
  expectedCashFlows: [
    { ...FLOW, kind: "realizedPnl", amount: "-12.5", sourceId: "2059192" },
    { ...FLOW, kind: "fee", amount: "-0.3", sourceId: "2059192" },
    { ...FLOW, kind: "funding", amount: "0.2", sourceId: "9689322392:BTCUSDT" },
  ],
  orderSocket: {
    message: { id: "*", ...PLACE, params: { ...SENT, ...PLACED, ...SIGNED } },
    accepted: [{ to: PLACE, with: [{ id: "{frame.id}", status: 200, result: ORDER, rateLimits: LIMITS }] }],
    refused: [{ to: PLACE, with: [{ id: "{frame.id}", status: 400, error: NO_MARGIN, rateLimits: LIMITS }] }],
  },
};
