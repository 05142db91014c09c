import type { VenueModule } from "../../connector/perpetual-venue.ts";
import type { OrderType, PositionMode, VenueOrderState } from "../../model/order.ts";
import type { Credentials } from "../../net/auth.ts";
import type { AbilityFixtures } from "./ability-fixtures.ts";
import type {
  AuthFixture,
  AuthVector,
  ErrorRow,
  ExpectedBook,
  ExpectedPosition,
  HistoryList,
  ListenKeyFixture,
  PagedFixture,
  RequestChanges,
  RequestShape,
  Route,
  Routes,
  ServerTimeFixture,
  SharedPath,
  SocketFixture,
  UnreadableRowsFixture,
} from "./fixture-shapes.ts";
import type { Fixture } from "./paste.ts";

/**
 * A venue's fixtures: recorded or documented payloads and what they mean, as data. Texts of payloads, paths and shapes
 * may hold placeholders (`"{clientOrderId}"`); `template.ts` says which there are.
 *
 * The kit's orders have amount 1 and price 5000, part fills are of `expectedPartialFillAmount`, and every full fill is at
 * `expectedPartialFillPrice`. The account at rest (`restingRoutes`) has 10000 of the quote asset (or `collateralToken`), leverage 10, no
 * orders, fills, positions or payments. Amounts in expectations are plain decimal text (`"0.0001"`).
 */

/**
 * The fixtures that the seed's generic test class asks for, under its names, and what the tests beyond it need. What a
 * venue does not have is left out and named in `notOffered`, with the reason.
 */
export interface PerpetualConnectorFixtures extends AbilityFixtures {
  // ---- what the venue is --------------------------------------------------------------------------------------------
  readonly venueModule: VenueModule;
  readonly connectorName: string;
  /** Default: `connectorName`. */
  readonly domain?: string | undefined;
  readonly credentials: Credentials;
  readonly tradingPair: string;
  /** A second market of `allSymbolsRequestMockResponse`; nothing else is open for trading there. */
  readonly otherTradingPair: string;
  /** A template of `{base}` and `{quote}`: `"{base}-PERP"`. */
  readonly exchangeSymbolForTokens: string;
  /** Path before all REST paths, for example `/api`; empty where paths are whole. */
  readonly restBasePath: string;
  /** Default: none, each thing has a path of its own. */
  readonly sharedPaths?: readonly SharedPath[] | undefined;
  /** Token of balances, where it is not the quote asset. */
  readonly collateralToken?: string | undefined;
  /** Epoch milliseconds when a scene starts: the time of the fixtures' answers. */
  readonly startMs: number;
  /**
   * The venue's words by placeholder: `{ side: { buy: "BUY", sell: "SELL" } }` makes `{side}` its word. `of` names the
   * placeholder that another is made from: `{ positionIdx: { of: "positionSide", both: 0, long: 1, short: 2 } }`.
   */
  readonly words?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  readonly socket: Fixture<SocketFixture>;
  /** Answers of a venue at rest: markets, server time, listen key, an account without orders, fills or positions. */
  readonly restingRoutes: Fixture<Routes>;
  /**
   * Reason why the venue does not have something: the name of a fixture below or of a group of `ABILITIES`, and the
   * reason.
   */
  readonly notOffered: Readonly<Partial<Record<FixtureName | Ability, string>>>;

  // ---- markets ------------------------------------------------------------------------------------------------------
  /** List with both pairs, and rows that are no open perpetual. */
  readonly allSymbolsRequestMockResponse: Fixture<Route>;
  /** `tradingPair` alone is valid. */
  readonly allSymbolsIncludingInvalidPairMockResponse: Fixture<Route>;
  readonly latestPricesRequestMockResponse: Fixture<Route>;
  readonly expectedLatestPrice: Fixture<string>;
  readonly networkStatusRequestSuccessfulMockResponse: Fixture<Route>;
  readonly tradingRulesRequestMockResponse: Fixture<Route>;
  /** The row of `tradingPair` cannot be read, that of the other pair can. */
  readonly tradingRulesRequestErroneousMockResponse: Fixture<Route>;
  /** Every field of the `TradingRule` of `tradingPair`, amounts as text; and its market's `fundingIntervalMs`. */
  readonly expectedTradingRule: Fixture<Readonly<Record<string, string | boolean | number>>>;
  /** Names of `otherTradingPair` in requests beside its symbol (its `venueData`). Not offered where there are none. */
  readonly expectedOtherMarketData?: Fixture<Readonly<Record<string, string | number>>>;
  readonly expectedLoggedErrorForErroneousTradingRule: Fixture<string>;
  readonly expectedSupportedOrderTypes: Fixture<readonly OrderType[]>;
  readonly expectedSupportedPositionModes: Fixture<readonly PositionMode[]>;

  // ---- order book, trades, funding info -----------------------------------------------------------------------------
  readonly orderBookSnapshotMockResponse: Fixture<Route>;
  /** The frame that opens the book's stream. Not offered where snapshots come over REST only. */
  readonly orderBookSnapshotEvent?: Fixture<unknown>;
  /** Three in sequence after the snapshot that a subscription gives; each changes the book. */
  readonly orderBookDiffEvents?: Fixture<readonly [unknown, unknown, unknown]>;
  /** Three whole books, newer and newer, where the venue sends no changes. */
  readonly orderBookSnapshotEvents?: Fixture<readonly [unknown, unknown, unknown]>;
  /**
   * Book of the snapshot (that of REST and that of the subscription are the same), and the book after all three diffs.
   */
  readonly expectedBook: Fixture<ExpectedBook>;
  readonly expectedBookAfterDiffs: Fixture<ExpectedBook>;
  /** The REST snapshot once all three diffs are in it. Only for venues whose snapshots come over REST. */
  readonly orderBookSnapshotAfterDiffsMockResponse?: Fixture<Route>;
  readonly tradeEvent: Fixture<unknown>;
  readonly expectedTrade: Fixture<{
    readonly tradeId: string;
    readonly price: string;
    readonly amount: string;
    /** The taker's. */
    readonly side: "buy" | "sell";
    readonly timestampMs: number;
  }>;
  /** Subscriptions in order; `"*"` stands for text that differs from time to time, such as a signature. */
  readonly expectedSubscriptions: Fixture<readonly unknown[]>;
  readonly malformedTradeEvent: Fixture<unknown>;
  readonly malformedDiffEvent?: Fixture<unknown>;
  readonly malformedSnapshotMockResponse: Fixture<Route>;
  readonly fundingInfoUrl: Fixture<string>;
  readonly fundingInfoMockResponse: Fixture<Routes>;
  /** Frames of the channel: the first one, then a change, and one that cannot be read. */
  readonly fundingInfoEvent?: Fixture<unknown>;
  readonly fundingInfoEventForWebsocketUpdate?: Fixture<unknown>;
  readonly malformedFundingInfoEvent?: Fixture<unknown>;
  /** The same change over REST. */
  readonly fundingInfoUpdate: Fixture<Routes>;
  readonly expectedFundingInfo: Fixture<{
    readonly indexPrice: string;
    readonly markPrice: string;
    readonly rate: string;
    readonly nextFundingTimestampMs: number;
  }>;
  readonly expectedUpdatedFundingRate: Fixture<string>;

  // ---- authentication -----------------------------------------------------------------------------------------------
  readonly auth: Fixture<AuthFixture>;
  readonly authVectors: Fixture<readonly AuthVector[]>;
  /** The frame that logs a socket in. Not offered where there is none (a listen key). */
  readonly wsAuthVector?: Fixture<{
    readonly credentials?: Credentials | undefined;
    readonly nowMs: number;
    readonly expected: unknown;
    /** The venue's answer to a login that it does not accept. */
    readonly refusal: unknown;
  }>;
  /** Private subscriptions in the form of `expectedSubscriptions`. */
  readonly expectedPrivateSubscriptions: Fixture<readonly unknown[]>;
  /** The kit has a stand-in for a venue without. */
  readonly listenKey?: Fixture<ListenKeyFixture>;
  /** The kit has a stand-in for a venue without. */
  readonly serverTime?: Fixture<ServerTimeFixture>;

  // ---- orders: requests ---------------------------------------------------------------------------------------------
  /** A limit order, good till canceled, that opens a position in one-way mode. */
  readonly orderCreationRequest: Fixture<RequestShape>;
  /** The other orders, as changes of that one. `close` is reduce-only in one-way mode; hedge is by position side. */
  readonly orderCreationRequestChanges: Fixture<{
    readonly limitMaker: RequestChanges;
    readonly market: RequestChanges;
    readonly IOC: RequestChanges;
    readonly FOK?: RequestChanges | undefined;
    readonly reduceOnly: RequestChanges;
    readonly close: RequestChanges;
    readonly hedgeOpen?: RequestChanges | undefined;
    readonly hedgeClose?: RequestChanges | undefined;
  }>;
  /** Regular expression, as text, of the client order ids that the documentation allows: `"t-[0-9A-Za-z_.-]{1,28}"`. */
  readonly clientOrderIdPattern?: Fixture<string>;
  readonly orderCancelationRequest: Fixture<RequestShape>;
  /** Status request by the exchange's id. */
  readonly orderStatusRequest: Fixture<RequestShape>;
  /**
   * Status request by the client's id, before the exchange's is known. Not offered where a venue cannot be asked so.
   */
  readonly orderStatusRequestByClientOrderId?: Fixture<RequestShape>;
  readonly tradesRequest: Fixture<RequestShape>;

  // ---- orders: answers (placeholders of the order) ------------------------------------------------------------------
  readonly orderCreationRequestSuccessfulMockResponse: Fixture<Routes>;
  readonly orderCreationRequestRefusedMockResponse: Fixture<Routes>;
  readonly configureSuccessfulCancelationResponse: Fixture<Routes>;
  readonly configureErroneousCancelationResponse: Fixture<Routes>;
  /** The cancel of an order that the venue does not know, or that has ended. */
  readonly configureOrderNotFoundCancelationResponse: Fixture<Routes>;
  /** Placeholders are of the order that is canceled; those of the other one begin with `other.` (`{other.exchangeOrderId}`). */
  readonly configureOneSuccessfulOneErroneousCancelAllResponse: Fixture<Routes>;
  /** A status is asked for by the exchange's id, or by the client's while there is none: routes for both. */
  readonly configureOpenOrderStatusResponse: Fixture<Routes>;
  readonly configureCompletelyFilledOrderStatusResponse: Fixture<Routes>;
  readonly configureCanceledOrderStatusResponse: Fixture<Routes>;
  readonly configurePartiallyFilledOrderStatusResponse: Fixture<Routes>;
  readonly configureHttpErrorOrderStatusResponse: Fixture<Routes>;
  /** The venue took the order and closed it again, without a fill. */
  readonly configureFailedOrderStatusResponse: Fixture<Routes>;
  /** Event after an order failure: venues without a failed state say that it was canceled. */
  readonly expectedEventAfterOrderFailure: Fixture<"orderFailed" | "orderCanceled">;
  readonly configureOrderNotFoundResponse: Fixture<Routes>;
  /** Canceled, and not known by its id any more: the list of those that ended has it. Not offered where there is none. */
  readonly configureForgottenOrderStatusResponse?: Fixture<Routes>;
  /** Every word that the venue has for an order's state, by ours; `{orderState}` is a placeholder of the status' answer. */
  readonly orderStates: Fixture<{
    readonly routes: Routes;
    /** Words of the same state are separated by blanks: `{ canceled: "CANCELED PENDING_CANCEL" }`. */
    readonly states: Readonly<Partial<Record<VenueOrderState, string>>>;
  }>;
  /** The list of open orders with this one in it. */
  readonly configureOpenOrdersResponse: Fixture<Routes>;
  /** The venue's times of the order in all payloads: of its making, and of the change that the payload tells. */
  readonly expectedOrderTimestamps: Fixture<{ readonly createdMs: number; readonly updatedMs: number }>;
  readonly configurePartialFillTradeResponse: Fixture<Routes>;
  readonly configureFullFillTradeResponse: Fixture<Routes>;
  readonly configureErroneousHttpFillTradeResponse: Fixture<Routes>;
  readonly expectedExchangeOrderId: Fixture<string>;
  /** Ids of two orders at the same time; the first is `expectedExchangeOrderId`. */
  readonly expectedExchangeOrderIds: Fixture<readonly [string, string]>;
  /** False where rows of orders have no average price, which the fills tell. Default true. */
  readonly orderRowsHaveAveragePrice?: boolean | undefined;
  readonly expectedPartialFillPrice: Fixture<string>;
  readonly expectedPartialFillAmount: Fixture<string>;
  /** Positive is paid. The same for the part fill and the full one, on the stream and over REST. */
  readonly expectedFillFee: Fixture<{ readonly token: string; readonly amount: string }>;
  readonly expectedFillTradeId: Fixture<string>;
  readonly expectedFillIsMaker: Fixture<boolean>;
  readonly expectedFillTimestampMs: Fixture<number>;
  readonly isCancelRequestExecutedSynchronouslyByServer: Fixture<boolean>;
  readonly isOrderFillHttpUpdateIncludedInStatusUpdate: Fixture<boolean>;
  readonly isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing: Fixture<boolean>;
  /** Pages with more fills of the account than one holds. Not offered where the venue does not page. */
  readonly fillPages?: Fixture<PagedFixture>;
  /** More open orders than one page holds, in the order in which they are listed. Not offered where one answer has all. */
  readonly openOrderPages?: Fixture<PagedFixture>;

  /** Every list of fills and of funding payments, each of which `restingRoutes` answers with no rows. */
  readonly historyLists: Fixture<readonly HistoryList[]>;

  // ---- amends: placeholders of the order as it is to be, `{executedAmount}`, and the venue's time `{updatedMs}` ------
  /** Amendment of the price alone. */
  readonly amendRequest?: Fixture<RequestShape>;
  /** Amendment of the amount alone: to 0.8 in all, of an order of 1 of which 0.5 is filled. */
  readonly amendAmountRequest?: Fixture<RequestShape>;
  /** Answer to an amend. Where an amend replaces the order, ids are the new one's. */
  readonly configureSuccessfulAmendResponse?: Fixture<Routes>;
  readonly configureRefusedAmendResponse?: Fixture<Routes>;
  /** Omitted (not offered) where an amend replaces the order. */
  readonly orderEventForAmendedOrderWebsocketUpdate?: Fixture<unknown>;
  /** Omitted (not offered) where an amend replaces the order. */
  readonly configureAmendedOrderStatusResponse?: Fixture<Routes>;
  /** True where the answer to an amend is its outcome; false where it only says that the request was taken. */
  readonly isAmendRequestExecutedSynchronouslyByServer?: Fixture<boolean>;
  /**
   * The frame, of the order as it was, that names an amend which was acknowledged and then not done; `{request.x}` is the
   * amend's own parameter or body field. Not offered where the answer is the outcome, or no frame names an amend.
   */
  readonly orderEventForFailedAmendWebsocketUpdate?: Fixture<unknown>;

  // ---- orders: frames (placeholders of the order) -------------------------------------------------------------------
  readonly orderEventForNewOrderWebsocketUpdate: Fixture<unknown>;
  readonly orderEventForCanceledOrderWebsocketUpdate: Fixture<unknown>;
  readonly orderEventForFullFillWebsocketUpdate: Fixture<unknown>;
  readonly orderEventForPartialFillWebsocketUpdate: Fixture<unknown>;
  readonly orderEventForFailedOrderWebsocketUpdate: Fixture<unknown>;
  readonly tradeEventForFullFillWebsocketUpdate: Fixture<unknown>;
  readonly tradeEventForPartialFillWebsocketUpdate: Fixture<unknown>;
  /** Fill of the rest after the part fill, under another id than `expectedFillTradeId`. */
  readonly tradeEventForRemainingFillWebsocketUpdate: Fixture<unknown>;
  /** Omitted (not offered) where there is no position channel. */
  readonly positionEventForFullFillWebsocketUpdate?: Fixture<unknown>;

  // ---- account ------------------------------------------------------------------------------------------------------
  /** Base: 15 in all, 10 available. Quote: 2000, all of it available. */
  readonly balanceRequestMockResponseForBaseAndQuote: Fixture<Route | readonly Route[]>;
  readonly balanceRequestMockResponseOnlyBase: Fixture<Route | readonly Route[]>;
  readonly balanceEventWebsocketUpdate?: Fixture<unknown>;
  readonly expectedBalanceEvent?: Fixture<{
    readonly asset: string;
    readonly total: string;
    readonly available?: string | undefined;
  }>;
  readonly tradingFeesRequestMockResponse: Fixture<Routes>;
  /** Fractions, other than the manifest's default fees. */
  readonly expectedTradingFees: Fixture<{ readonly maker: string; readonly taker: string }>;
  /** A long one and a short one, of both pairs, in one-way mode. */
  readonly positionsRequestMockResponse: Fixture<Routes>;
  readonly expectedPositions: Fixture<readonly ExpectedPosition[]>;
  /** Positions on both sides of `tradingPair`. Not offered where there is no hedge mode. */
  readonly hedgePositionsRequestMockResponse?: Fixture<Routes>;
  readonly expectedHedgePositions?: Fixture<readonly ExpectedPosition[]>;
  /** `{leverage}` is a placeholder. */
  readonly setLeverageRequest: Fixture<RequestShape>;
  readonly configureSuccessfulSetLeverage: Fixture<Routes>;
  readonly configureFailedSetLeverage: Fixture<Routes>;
  /** The same in hedge mode, also where it does not differ. Not offered where one-way is the only mode. */
  readonly setLeverageRequestInHedgeMode?: Fixture<RequestShape>;
  /** `{positionMode}` is a placeholder. Not offered where one-way is the only mode. */
  readonly setPositionModeRequest?: Fixture<RequestShape>;
  readonly configureSuccessfulSetPositionMode?: Fixture<Routes>;
  readonly configureFailedSetPositionMode?: Fixture<Routes>;
  /** Answer of the venue that tells the account's mode, `{positionMode}`. */
  readonly configurePositionModeResponse?: Fixture<Routes>;
  /** The same where each market has a mode of its own, for the market `{symbol}` alone. */
  readonly configurePositionModeOfMarketResponse?: Fixture<Routes>;
  /** The refusal of an order whose position side does not fit the account's mode. */
  readonly configurePositionModeMismatchResponse?: Fixture<Routes>;
  /** The private frames of one liquidation of a position of `tradingPair`, and how the history lists it. */
  readonly liquidationEvents?: Fixture<readonly unknown[]>;
  readonly configureLiquidationResponse?: Fixture<Routes>;
  /** The signed change of the position. */
  readonly expectedLiquidation?: Fixture<{ readonly amount: string; readonly price: string }>;
  /** The same of one auto-deleveraging. */
  readonly deleveragingEvents?: Fixture<readonly unknown[]>;
  readonly configureDeleveragingResponse?: Fixture<Routes>;
  readonly expectedDeleveraging?: Fixture<{ readonly amount: string; readonly price: string }>;
  readonly unreadableRows?: Fixture<UnreadableRowsFixture>;
  /** The socket while it refuses the trades channel of `tradingPair`, and nothing else. */
  readonly socketThatRefusesTrades?: Fixture<SocketFixture>;
  /**
   * The socket while it refuses one private channel, and nothing else; the channel is another than that of orders, and
   * has the name that the venue's user stream gives it. Not offered where nothing is subscribed (a listen key).
   */
  readonly socketThatRefusesPrivateChannel?: Fixture<{ readonly channel: string; readonly socket: SocketFixture }>;

  // ---- funding payments ---------------------------------------------------------------------------------------------
  readonly fundingPaymentUrl: Fixture<string>;
  readonly fundingPaymentMockResponse: Fixture<Route>;
  readonly emptyFundingPaymentMockResponse: Fixture<Route>;
  /** The private frame of a settlement: the payment is booked soon after it, and not only by the next poll. */
  readonly fundingPaymentEvent?: Fixture<unknown>;
  /** Negative was paid, on every venue. */
  readonly expectedFundingPayment: Fixture<{
    readonly paymentId: string;
    readonly amount: string;
    readonly asset: string;
    readonly rate?: string | undefined;
    readonly timestampMs: number;
  }>;
  /** Pages with more payments than one holds. Not offered where the venue does not page. */
  readonly fundingPaymentPages?: Fixture<PagedFixture>;

  // ---- errors -------------------------------------------------------------------------------------------------------
  /** One row at least for every entry that the venue's table has. */
  readonly errorTable: Fixture<readonly ErrorRow[]>;
}

/** Fixtures that a venue has all or none of: `notOffered` may name the group. */
export const ABILITIES = {
  balanceChannel: ["balanceEventWebsocketUpdate", "expectedBalanceEvent"],
  fundingInfoChannel: ["fundingInfoEvent", "fundingInfoEventForWebsocketUpdate", "malformedFundingInfoEvent"],
  positionChannel: ["positionEventForFullFillWebsocketUpdate"],
  bookSnapshotChannel: ["orderBookSnapshotEvent"],
  /** Fixtures that are absent where every message is the whole book. */
  bookDiffChannel: ["orderBookDiffEvents", "malformedDiffEvent"],
  socketLogin: ["wsAuthVector"],
  hedgeMode: [
    "hedgePositionsRequestMockResponse",
    "expectedHedgePositions",
    "setLeverageRequestInHedgeMode",
    "setPositionModeRequest",
    "configureSuccessfulSetPositionMode",
    "configureFailedSetPositionMode",
    "configurePositionModeResponse",
    "configurePositionModeOfMarketResponse",
    "configurePositionModeMismatchResponse",
  ],
  amends: [
    "amendRequest",
    "amendAmountRequest",
    "configureSuccessfulAmendResponse",
    "configureRefusedAmendResponse",
    "orderEventForAmendedOrderWebsocketUpdate",
    "configureAmendedOrderStatusResponse",
    "isAmendRequestExecutedSynchronouslyByServer",
    "orderEventForFailedAmendWebsocketUpdate",
  ],
  amendsInPlace: [
    "orderEventForAmendedOrderWebsocketUpdate",
    "configureAmendedOrderStatusResponse",
    "isAmendRequestExecutedSynchronouslyByServer",
    "orderEventForFailedAmendWebsocketUpdate",
  ],
  liquidations: ["liquidationEvents", "configureLiquidationResponse", "expectedLiquidation"],
  autoDeleveraging: ["deleveragingEvents", "configureDeleveragingResponse", "expectedDeleveraging"],
  paging: ["fillPages", "openOrderPages", "fundingPaymentPages"],
} as const satisfies Readonly<Record<string, readonly (keyof PerpetualConnectorFixtures)[]>>;
export type Ability = keyof typeof ABILITIES;

/** Tells that `notOffered` names the fixture, or a group that it is in. */
export function isNotOffered(
  { notOffered }: Pick<PerpetualConnectorFixtures, "notOffered">,
  name: FixtureName,
): boolean {
  if (name in notOffered) return true;
  return Object.entries(ABILITIES).some(
    ([ability, names]) => ability in notOffered && names.some((each) => each === name),
  );
}

export type FixtureName = keyof PerpetualConnectorFixtures;
