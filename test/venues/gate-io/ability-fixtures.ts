import type { AbilityFixtures } from "../../../src/testing/kit/ability-fixtures.ts";

/** Gate.io v4: batches, the countdown, the account book, and orders over the socket. */

const TIME_S = Date.UTC(2026, 8, 20, 15, 59) / 1_000;
const post = (path: string) => ({ method: "POST", path: `/api/v4/futures/usdt/${path}` }) as const;
const MODE = { contract: "{symbol}", tif: "gtc", reduce_only: false };
const ROW = { ...MODE, size: "{sign}{contracts}", price: "{price}", text: "{clientOrderId}" };
const OTHER_ROW = {
  ...{ ...MODE, size: "{other.sign}{other.contracts}", price: "{other.price}" },
  text: "{other.clientOrderId}",
};
const ORDER = {
  ...{ id: "{exchangeOrderId}", user: 1_000, contract: "{symbol}", text: "{clientOrderId}", price: "{price}" },
  ...{ size: "{sign}{contracts}", left: "{sign}{contracts}", tif: "gtc", iceberg: "0", refu: 0, status: "open" },
  ...{ fill_price: "0", is_reduce_only: false, is_liq: false, create_time: TIME_S, update_time: TIME_S },
};
const [BATCH, COUNTDOWN] = [post("batch_orders"), post("countdown_cancel_all")];
const NO_MARGIN = { label: "INSUFFICIENT_AVAILABLE", message: "its words" };
const NOT_TAKEN = { succeeded: false, label: NO_MARGIN.label, detail: "its words", text: "{other.clientOrderId}" };
const ENTRY = { time: TIME_S, contract: "BTC_USDT", text: "BTC_USDT:771", trade_id: "771", balance: "9987.2" };
const PROFIT = { ...ENTRY, id: "1", type: "pnl", change: "-12.5" };
const FEE = { ...ENTRY, id: "2", type: "fee", change: "-0.3" };
const FUNDING = { ...ENTRY, time: TIME_S + 1, id: "3", type: "fund", change: "0.2", trade_id: "" };
const TRANSFER = { ...ENTRY, id: "4", type: "dnw", change: "500", contract: "", text: "", trade_id: "" };
const FLOW = { tradingPair: "BTC-USDT", asset: "USDT", timestampMs: TIME_S * 1_000 };
const PLACE = { channel: "futures.order_place", event: "api" };
const HEADER = { ...PLACE, response_time: "1790000001008", conn_id: "c-1", trace_id: "t-1" };
const ANSWER = { request_id: "{frame.payload.req_id}", ack: false };
const BY = { req_header: { "x-gate-exptime": "*" } };
const command = (name: string, req_param: unknown, by: object = {}) => {
  return { time: "*", channel: `futures.order_${name}`, event: "api", payload: { req_id: "*", ...by, req_param } };
};

export const abilityFixtures: AbilityFixtures = {
  batchCreationRequest: { ...BATCH, body: [ROW, OTHER_ROW] },
  configureOneSuccessfulOneUnsureBatchCreationResponse: [
    {
      ...BATCH,
      body: [
        { ...ORDER, succeeded: true },
        { ...NOT_TAKEN, label: "SERVER_ERROR" },
      ],
    },
  ],
  configureOneSuccessfulOneErroneousBatchCreationResponse: [
    { ...BATCH, body: [{ ...ORDER, succeeded: true }, NOT_TAKEN] },
  ],
  batchCancelationRequest: { ...post("batch_cancel_orders"), body: ["{exchangeOrderId}", "{other.exchangeOrderId}"] },
  cancelAllAfterRequest: { ...COUNTDOWN, body: { timeout: "{timeoutSeconds:number}", contract: "{symbol}" } },
  cancelAllAfterOffRequest: { ...COUNTDOWN, body: { timeout: 0, contract: "{symbol}" } },
  configureSuccessfulCancelAllAfterResponse: [{ ...COUNTDOWN, body: { triggerTime: "1790000060000" } }],
  configureFailedCancelAllAfterResponse: [
    { ...COUNTDOWN, status: 400, body: { label: "INVALID_PARAM_VALUE", message: "its words" } },
  ],
  cashFlowsMockResponse: [
    {
      ...{ method: "GET", path: "/api/v4/futures/usdt/account_book" },
      body: [TRANSFER, FUNDING, FEE, PROFIT],
    },
  ],
  expectedCashFlows: [
    { ...FLOW, kind: "realizedPnl", amount: "-12.5", sourceId: "771" },
    { ...FLOW, kind: "fee", amount: "-0.3", sourceId: "771" },
    { ...FLOW, kind: "funding", amount: "0.2", sourceId: "3", timestampMs: (TIME_S + 1) * 1_000 },
  ],
  orderSocket: {
    login: [
      {
        to: { channel: "futures.login" },
        with: [
          {
            request_id: "{frame.payload.req_id}",
            header: { status: "200", channel: "futures.login", event: "api" },
            data: { result: { uid: "1000" } },
          },
        ],
      },
    ],
    message: { time: "*", ...PLACE, payload: { req_id: "*", req_header: { "x-gate-exptime": "*" }, req_param: ROW } },
    // A create is answered twice: when it has come, and when it is done.
    accepted: [
      {
        to: PLACE,
        with: [
          { ...ANSWER, ack: true, header: { ...HEADER, status: "200" }, data: { result: "{frame.payload}" } },
          { ...ANSWER, header: { ...HEADER, status: "200" }, data: { result: ORDER } },
        ],
      },
    ],
    unsure: [
      {
        to: PLACE,
        with: [
          { ...ANSWER, header: { ...HEADER, status: "500" }, data: { errs: { ...NO_MARGIN, label: "SERVER_ERROR" } } },
        ],
      },
    ],
    commands: {
      amend: command("amend", { order_id: "{exchangeOrderId}", price: "{price}" }, BY),
      cancel: command("cancel", { order_id: "{exchangeOrderId}" }),
      batchCreate: command("batch_place", [ROW, OTHER_ROW], BY),
      batchCancel: command("cancel_ids", ["{exchangeOrderId}", "{other.exchangeOrderId}"]),
    },
    refused: [{ to: PLACE, with: [{ ...ANSWER, header: { ...HEADER, status: "400" }, data: { errs: NO_MARGIN } }] }],
  },
};
