import type { AbilityFixtures } from "../../../src/testing/kit/ability-fixtures.ts";

/** Hyperliquid: batches, the scheduled cancel, profits and payments, and actions over the socket. */

const TIME_MS = 1_789_999_940_000;
const action = (type: string) => ({ method: "POST", path: `/exchange/${type}` }) as const;
const BY = { expiresAfter: "*" };
const MODE = { a: 0, r: false, t: { limit: { tif: "Gtc" } } };
const ROW = { ...MODE, b: "{isBuy}", p: "{price}", s: "{amount}", c: "{clientOrderId}" };
const OTHER_ROW = { ...MODE, b: "{other.isBuy}", p: "{other.price}", s: "{other.amount}", c: "{other.clientOrderId}" };
const placing = (...orders: readonly object[]) => ({ type: "order", orders, grouping: "na" });
const [CREATE, SCHEDULE] = [action("order"), action("scheduleCancel")];
const taken = (...statuses: readonly unknown[]) => {
  return { status: "ok", response: { type: "order", data: { statuses } } };
};
const RESTING = { resting: { oid: "{exchangeOrderId:number}", cloid: "{clientOrderId}" } };
const NO_MARGIN = { error: "Insufficient margin to place order. asset=0" };
const UNTRADED = "Cannot set scheduled cancel time until enough volume traded. Required: $1000000. Traded: $10.";
const FILL = {
  ...{ coin: "BTC", px: "5000", sz: "1", side: "A", time: TIME_MS, startPosition: "1", dir: "Close Long", oid: 1 },
  ...{ closedPnl: "-12.5", hash: `0x${"0".repeat(64)}`, crossed: true, fee: "0.3", tid: 700, feeToken: "USDC" },
};
const SPOT_FILL = { ...FILL, coin: "@107", side: "B", dir: "Buy", closedPnl: "0.0", tid: 701, feeToken: "HYPE" };
const PAYMENT = {
  ...{ time: TIME_MS + 1, hash: `0x${"0".repeat(64)}` },
  delta: { type: "funding", coin: "BTC", usdc: "0.2", szi: "-1.0", fundingRate: "0.00004", nSamples: null },
};
const info = (type: string) => ({ method: "GET", path: `/info/${type}` }) as const;
const FLOW = { tradingPair: "BTC-USD", asset: "USDC", timestampMs: TIME_MS };
const POST = { method: "post" };
const SIGNED = { nonce: "*", signature: { r: "*", s: "*", v: "*" } };
const answer = (type: "action" | "error", payload: unknown) => {
  return { channel: "post", data: { id: "{frame.id}", response: { type, payload } } };
};
const UNREAD = "422: Failed to deserialize the JSON body into the target type";
const BOTH = [
  { a: 0, o: "{exchangeOrderId:number}" },
  { a: 0, o: "{other.exchangeOrderId:number}" },
];
const AMENDED = { ...ROW, c: "*" };
const command = (action: object, by: object = {}) => {
  return { ...POST, id: "*", request: { type: "action", payload: { ...by, ...SIGNED, action } } };
};

export const abilityFixtures: AbilityFixtures = {
  batchCreationRequest: { ...CREATE, body: { ...BY, action: placing(ROW, OTHER_ROW) } },
  configureOneSuccessfulOneErroneousBatchCreationResponse: [{ ...CREATE, body: taken(RESTING, NO_MARGIN) }],
  batchCancelationRequest: {
    ...action("cancel"),
    body: {
      action: {
        type: "cancel",
        cancels: BOTH,
      },
    },
  },
  cancelAllAfterRequest: { ...SCHEDULE, body: { action: { type: "scheduleCancel", time: "{cancelAtMs:number}" } } },
  cancelAllAfterOffRequest: { ...SCHEDULE, body: { action: { type: "scheduleCancel" } } },
  configureSuccessfulCancelAllAfterResponse: [{ ...SCHEDULE, body: { status: "ok", response: { type: "default" } } }],
  configureFailedCancelAllAfterResponse: [{ ...SCHEDULE, body: { status: "err", response: UNTRADED } }],
  cashFlowsMockResponse: [
    { ...info("userFillsByTime"), body: [FILL, SPOT_FILL] },
    { ...info("userFunding"), body: [PAYMENT] },
  ],
  expectedCashFlows: [
    { ...FLOW, kind: "realizedPnl", amount: "-12.5", sourceId: `700:${TIME_MS}` },
    { ...FLOW, kind: "fee", amount: "-0.3", sourceId: `700:${TIME_MS}` },
    { ...FLOW, kind: "funding", amount: "0.2", sourceId: `BTC:${TIME_MS + 1}`, timestampMs: TIME_MS + 1 },
  ],
  orderSocket: {
    time: "request.payload.nonce",
    message: {
      ...{ ...POST, id: "*" },
      request: { type: "action", payload: { ...BY, ...SIGNED, action: placing(ROW) } },
    },
    accepted: [{ to: POST, with: [answer("action", taken(RESTING))] }],
    unsure: [{ to: POST, with: [answer("error", "its words")] }],
    commands: {
      amend: command(
        { type: "batchModify", modifies: [{ oid: "{exchangeOrderId:number}", order: AMENDED }], a: true },
        BY,
      ),
      cancel: command({ type: "cancel", cancels: [{ a: 0, o: "{exchangeOrderId:number}" }] }),
      batchCreate: command(placing(ROW, OTHER_ROW), BY),
      batchCancel: command({ type: "cancel", cancels: BOTH }),
    },
    refused: [{ to: POST, with: [answer("error", UNREAD)] }],
  },
};
