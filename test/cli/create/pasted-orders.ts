import type { VenueChoices } from "../../../packages/cli/src/create/choices.ts";
import type { Route } from "../../../src/testing/kit/fixture-shapes.ts";
import { BTC, frame, type Pasted, POSITION, pages, START, USDT, wire } from "./pasted-payloads.ts";

const ORDER = {
  ...{ symbol: "{symbol}", orderId: "{exchangeOrderId}", clientOrderId: "{clientOrderId}", side: "{side}" },
  ...{ type: "limit", postOnly: false, reduceOnly: false, timeInForce: "GTC", price: "{price}", size: "{amount}" },
  ...{ filledSize: "0", averagePrice: "0", status: "open", createdTime: START + 100, updatedTime: START + 200 },
};
const FILLED = { ...ORDER, status: "filled", filledSize: "{amount}", averagePrice: "5000" };
const PARTIAL = { ...ORDER, status: "partially_filled", filledSize: "0.5", averagePrice: "5000" };
const FILL = {
  ...{ id: "77001", symbol: "{symbol}", orderId: "{exchangeOrderId}", clientOrderId: "{clientOrderId}" },
  ...{ side: "{side}", price: "5000", size: "{amount}", fee: "0.5", feeCurrency: "USDT", liquidity: "maker" },
  timestamp: START + 150,
};
const BY_HAND = { symbol: "ETHUSDT", orderId: "9", clientOrderId: "hand-9" };
const FORCED = { ...FILL, orderId: "9", clientOrderId: "", side: "sell", price: "4900", size: "0.3" };
const LIQUIDATION = { ...FORCED, symbol: "BTCUSDT", id: "77090", forced: "liquidation" };
const DELEVERAGING = { ...LIQUIDATION, id: "77091", forced: "adl" };
const BAD_FILL = { ...FILL, ...BY_HAND, id: "9", price: "much" };
const SHAPE = {
  ...{ symbol: "{symbol}", side: "{side}", type: "limit", size: "{amount}", price: "{price}", timeInForce: "GTC" },
  ...{ postOnly: false, reduceOnly: false, clientOrderId: "{clientOrderId}" },
};
const BY_ID = { symbol: "{symbol}", orderId: "{exchangeOrderId}" };
const BY_CLIENT_ID = { symbol: "{symbol}", clientOrderId: "{clientOrderId}" };

export function orderRequests({ positionModes }: VenueChoices): Pasted {
  const hedge = { reduceOnly: undefined, positionSide: "{positionSide}" };
  return {
    orderCreationRequest: { method: "POST", path: "/v1/orders", body: SHAPE },
    orderCreationRequestChanges: {
      limitMaker: { postOnly: true },
      market: { type: "market", price: undefined, timeInForce: undefined },
      IOC: { timeInForce: "IOC" },
      FOK: { timeInForce: "FOK" },
      reduceOnly: { reduceOnly: true },
      close: { reduceOnly: true },
      ...(positionModes === "hedge" && { hedgeOpen: hedge, hedgeClose: hedge }),
    },
    clientOrderIdPattern: "[A-Za-z0-9_-]{1,36}",
    orderCancelationRequest: { method: "DELETE", path: "/v1/orders", params: BY_ID },
    orderStatusRequest: { method: "GET", path: "/v1/orders", params: BY_ID },
    orderStatusRequestByClientOrderId: { method: "GET", path: "/v1/orders", params: BY_CLIENT_ID },
    tradesRequest: {
      ...{ method: "GET", path: "/v1/fills" },
      params: { symbol: "{symbol}", orderId: "{exchangeOrderId}", startTime: "*", limit: "*" },
    },
  };
}

export function orderAnswers(choices: VenueChoices): Pasted {
  const { get, post, refused, ok, no } = wire(choices);
  const cancel = (route: object): Route[] => [{ method: "DELETE", path: "/v1/orders", body: ok({}), ...route }];
  const status = (order: unknown): Route[] => [get("/v1/orders", order)];
  return {
    orderCreationRequestSuccessfulMockResponse: [
      post("/v1/orders", { orderId: "{exchangeOrderId}", timestamp: START + 100 }),
    ],
    orderCreationRequestRefusedMockResponse: [refused("POST", "/v1/orders", 2002)],
    configureSuccessfulCancelationResponse: cancel({}),
    configureErroneousCancelationResponse: cancel({ status: 400, body: no(2003) }),
    configureOrderNotFoundCancelationResponse: cancel({ status: 400, body: no(2001) }),
    configureOneSuccessfulOneErroneousCancelAllResponse: [
      ...cancel({}),
      ...cancel({ params: { orderId: "{other.exchangeOrderId}" }, status: 400, body: no(2003) }),
    ],
    configureOpenOrderStatusResponse: status(ORDER),
    configureCompletelyFilledOrderStatusResponse: status(FILLED),
    configureCanceledOrderStatusResponse: status({ ...ORDER, status: "canceled" }),
    configurePartiallyFilledOrderStatusResponse: status(PARTIAL),
    configureHttpErrorOrderStatusResponse: [refused("GET", "/v1/orders", 1005, 503)],
    configureFailedOrderStatusResponse: status({ ...ORDER, status: "rejected" }),
    expectedEventAfterOrderFailure: "orderFailed",
    configureOrderNotFoundResponse: [refused("GET", "/v1/orders", 2001)],
    orderStates: {
      routes: status({ ...ORDER, status: "{orderState}" }),
      states: {
        ...{ open: "new open", partiallyFilled: "partially_filled", filled: "filled", canceled: "canceled" },
        ...{ expired: "expired", failed: "rejected" },
      },
    },
    configureOpenOrdersResponse: [get("/v1/open-orders", [ORDER])],
    expectedOrderTimestamps: { createdMs: START + 100, updatedMs: START + 200 },
    unreadableRows: {
      openOrders: [get("/v1/open-orders", [ORDER, { ...ORDER, ...BY_HAND, status: "dreaming" }])],
      fills: [get("/v1/fills", [{ ...FILL, size: "0.5" }, BAD_FILL])],
      positions: [get("/v1/positions", [POSITION, { ...POSITION, symbol: "ETHUSDT", size: "much" }])],
      balances: [
        get("/v1/balances", [
          { ...USDT, total: "2000", available: "2000" },
          { ...BTC, total: "much" },
        ]),
      ],
      frames: [frame("fills", BAD_FILL), frame("fills", { ...FILL, size: "0.5" })],
    },
    configurePartialFillTradeResponse: [get("/v1/fills", [{ ...FILL, size: "0.5" }])],
    configureFullFillTradeResponse: [get("/v1/fills", [FILL])],
    configureErroneousHttpFillTradeResponse: [refused("GET", "/v1/fills", 1005, 503)],
    expectedExchangeOrderId: "100234",
    expectedExchangeOrderIds: ["100234", "100235"],
    expectedPartialFillPrice: "5000",
    expectedPartialFillAmount: "0.5",
    expectedFillFee: { token: "USDT", amount: "0.5" },
    expectedFillTradeId: "77001",
    expectedFillIsMaker: true,
    expectedFillTimestampMs: START + 150,
    configureLiquidationResponse: [get("/v1/fills", [LIQUIDATION])],
    configureDeleveragingResponse: [get("/v1/fills", [DELEVERAGING])],
    isCancelRequestExecutedSynchronouslyByServer: false,
    isOrderFillHttpUpdateIncludedInStatusUpdate: false,
    isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing: false,
    fillPages: pages("/v1/fills", { ...FILL, symbol: "BTCUSDT", side: "buy", size: "1", orderId: "1" }, get),
  };
}

export const ORDER_FRAMES: Pasted = {
  orderEventForNewOrderWebsocketUpdate: frame("orders", ORDER),
  orderEventForCanceledOrderWebsocketUpdate: frame("orders", { ...ORDER, status: "canceled" }),
  orderEventForFullFillWebsocketUpdate: frame("orders", FILLED),
  orderEventForPartialFillWebsocketUpdate: frame("orders", PARTIAL),
  orderEventForFailedOrderWebsocketUpdate: frame("orders", { ...ORDER, status: "rejected" }),
  tradeEventForFullFillWebsocketUpdate: frame("fills", FILL),
  tradeEventForPartialFillWebsocketUpdate: frame("fills", { ...FILL, size: "0.5" }),
  tradeEventForRemainingFillWebsocketUpdate: frame("fills", { ...FILL, id: "77002", size: "0.5" }),
  liquidationEvents: [frame("fills", LIQUIDATION)],
  expectedLiquidation: { amount: "-0.3", price: "4900" },
  deleveragingEvents: [frame("fills", DELEVERAGING)],
  expectedDeleveraging: { amount: "-0.3", price: "4900" },
  positionEventForFullFillWebsocketUpdate: frame("positions", {
    ...{ ...POSITION, symbol: "{symbol}", size: "{signedAmount}", unrealizedPnl: "0" },
  }),
} as const;
