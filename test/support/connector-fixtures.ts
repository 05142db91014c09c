import type { PerpetualVenue } from "../../src/connector/perpetual-venue.ts";
import type { OrderSide, OrderType, PositionMode } from "../../src/model/order.ts";
import type { Credentials } from "../../src/net/auth.ts";
import type { Route, ScriptedRequest, ScriptedSocket, ScriptedVenue } from "./scripted-venue.ts";

/** The order that a scripted answer is about. Amounts and prices are decimal text. */
export interface FixtureOrder {
  readonly clientOrderId: string;
  readonly exchangeOrderId: string;
  readonly side: OrderSide;
  readonly amount: string;
  readonly price: string;
}

/** Makes the answer to a request about an order. */
type OrderRoutes = (order: FixtureOrder) => readonly Route[];
type OrderFrame = (order: FixtureOrder) => unknown;

/**
 * One venue's wire, as data: the fixtures that the checklist's generic test class asks for, under its names. Amounts are
 * decimal text. What a venue does not offer is undefined.
 */
export interface ConnectorFixtures {
  readonly connectorName: string;
  readonly credentials: Credentials;
  readonly tradingPair: string;
  /** A second market of `allSymbolsRequestMockResponse`. */
  readonly otherTradingPair: string;
  readonly restBasePath: string;
  /** The time of the fixtures' answers, when a scene starts. */
  readonly startMs: number;
  readonly socket: ScriptedSocket;
  /** What a venue at rest answers: markets, an account without orders, fills or positions. */
  readonly restingRoutes: readonly Route[];
  /** Those of its answers that depend on the time or on the request. */
  readonly script?: ((server: ScriptedVenue, now: () => number) => void) | undefined;
  createExchangeInstance(urls: { readonly restUrl: string; readonly webSocketUrl: string }): PerpetualVenue;
  exchangeSymbolForTokens(base: string, quote: string): string;

  readonly allSymbolsRequestMockResponse: Route;
  readonly allSymbolsIncludingInvalidPairMockResponse: Route;
  readonly latestPricesRequestMockResponse: Route;
  readonly expectedLatestPrice: string;
  readonly networkStatusRequestSuccessfulMockResponse: Route;
  readonly tradingRulesRequestMockResponse: Route;
  readonly tradingRulesRequestErroneousMockResponse: Route;
  readonly expectedTradingRule: Readonly<Record<string, string | boolean>>;
  readonly expectedLoggedErrorForErroneousTradingRule: string;
  readonly balanceRequestMockResponseForBaseAndQuote: Route;
  readonly balanceRequestMockResponseOnlyBase: Route;
  readonly balanceEventWebsocketUpdate: unknown;
  readonly expectedSupportedOrderTypes: readonly OrderType[];
  readonly expectedSupportedPositionModes: readonly PositionMode[];

  readonly orderBookSnapshotMockResponse: Route;
  /** Undefined where snapshots come over REST only. */
  readonly orderBookSnapshotEvent: unknown;
  readonly orderBookDiffEvent: unknown;
  readonly tradeEvent: unknown;
  /** Best levels that the snapshot and then the diff lead to, and the trade. */
  readonly expectedBook: { readonly bestBid: string; readonly bestAsk: string; readonly asksAfterDiff: number };
  readonly expectedTrade: { readonly tradeId: string; readonly price: string; readonly amount: string };
  readonly expectedSubscriptions: readonly unknown[];
  readonly expectedPrivateSubscriptions: readonly unknown[];
  readonly malformedTradeEvent: unknown;
  readonly malformedDiffEvent: unknown;
  readonly malformedSnapshotMockResponse: Route;

  readonly fundingInfoUrl: string;
  readonly fundingInfoMockResponse: readonly Route[];
  /** What the channel tells at first, then the change, and one that cannot be read; undefined where there is none. */
  readonly fundingInfoEvent: unknown;
  readonly fundingInfoEventForWebsocketUpdate: unknown;
  readonly malformedFundingInfoEvent: unknown;
  readonly fundingInfoUpdate: readonly Route[];
  readonly expectedFundingInfo: Readonly<Record<"indexPrice" | "markPrice" | "rate", string>> & {
    readonly nextFundingTimestampMs: number;
  };
  readonly expectedUpdatedFundingRate: string;
  readonly fundingPaymentUrl: string;
  readonly fundingPaymentMockResponse: Route;
  readonly emptyFundingPaymentMockResponse: Route;
  readonly expectedFundingPayment: { readonly amount: string; readonly paymentId: string };

  readonly expectedExchangeOrderId: string;
  /** Ids of two orders at the same time. */
  readonly expectedExchangeOrderIds: readonly [string, string];
  readonly expectedPartialFillPrice: string;
  readonly expectedPartialFillAmount: string;
  readonly expectedFillFee: { readonly token: string; readonly amount: string };
  readonly expectedFillTradeId: string;
  readonly isCancelRequestExecutedSynchronouslyByServer: boolean;
  readonly isOrderFillHttpUpdateIncludedInStatusUpdate: boolean;
  readonly isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing: boolean;

  readonly orderCreationRequestSuccessfulMockResponse: OrderRoutes;
  readonly orderCreationRequestRefusedMockResponse: OrderRoutes;
  readonly configureSuccessfulCancelationResponse: OrderRoutes;
  readonly configureErroneousCancelationResponse: OrderRoutes;
  readonly configureOneSuccessfulOneErroneousCancelAllResponse: (
    successful: FixtureOrder,
    erroneous: FixtureOrder,
  ) => readonly Route[];
  readonly configureOpenOrderStatusResponse: OrderRoutes;
  readonly configureCompletelyFilledOrderStatusResponse: OrderRoutes;
  readonly configureCanceledOrderStatusResponse: OrderRoutes;
  readonly configurePartiallyFilledOrderStatusResponse: OrderRoutes;
  readonly configureHttpErrorOrderStatusResponse: OrderRoutes;
  /** The venue took the order and closed it again, without a fill. */
  readonly configureFailedOrderStatusResponse: OrderRoutes;
  /** What that is called here: venues without a failed state say that it was canceled. */
  readonly expectedEventAfterOrderFailure: "orderFailed" | "orderCanceled";
  /** The venue does not know the order. */
  readonly configureOrderNotFoundResponse: OrderRoutes;
  readonly configurePartialFillTradeResponse: OrderRoutes;
  readonly configureFullFillTradeResponse: OrderRoutes;
  readonly configureErroneousHttpFillTradeResponse: OrderRoutes;
  readonly configureSuccessfulSetLeverage: (leverage: string) => readonly Route[];
  readonly configureFailedSetLeverage: (leverage: string) => readonly Route[];
  readonly configureSuccessfulSetPositionMode: ((mode: PositionMode) => readonly Route[]) | undefined;
  readonly configureFailedSetPositionMode: ((mode: PositionMode) => readonly Route[]) | undefined;

  readonly orderEventForNewOrderWebsocketUpdate: OrderFrame;
  readonly orderEventForCanceledOrderWebsocketUpdate: OrderFrame;
  readonly orderEventForFullFillWebsocketUpdate: OrderFrame;
  readonly orderEventForFailedOrderWebsocketUpdate: OrderFrame;
  readonly tradeEventForFullFillWebsocketUpdate: OrderFrame;
  readonly positionEventForFullFillWebsocketUpdate: OrderFrame | undefined;

  validateAuthCredentialsPresent(request: ScriptedRequest): void;
  validateOrderCreationRequest(order: FixtureOrder, request: ScriptedRequest): void;
  validateOrderCancelationRequest(order: FixtureOrder, request: ScriptedRequest): void;
  validateOrderStatusRequest(order: FixtureOrder, request: ScriptedRequest): void;
  validateTradesRequest(order: FixtureOrder, request: ScriptedRequest): void;
}

/** A venue that opens its private stream with a listen key; a small variant of it where the venue itself logs in. */
export interface ListenKeyFixtures {
  venue?(venue: PerpetualVenue): PerpetualVenue;
  readonly listenKey: string;
  readonly getListenKey: Route;
  readonly getListenKeyRefused: Route;
  readonly pingListenKey: Route;
  readonly pingListenKeyRefused: Route;
  readonly keepAliveIntervalMs: number;
}

/** A venue that tells its time; a small variant of it where the venue itself does not. */
export interface ServerTimeFixtures {
  venue?(venue: PerpetualVenue): PerpetualVenue;
  readonly serverTimePath: string;
  serverTime(nowMs: number): Route;
  readonly serverTimeRefused: Route;
  /** How a signed request is refused for its time. */
  readonly timestampRefused: Route;
  /** Milliseconds since the epoch that a request was signed with. */
  timestampOf(request: ScriptedRequest): number;
  /** An error that is about the clock. */
  readonly timeError: unknown;
}
