import type { VenueUserStreamDataSource } from "../account/venue-user-stream-data-source.ts";
import type { ContinuityRule } from "../market-data/continuity.ts";
import type { ConnectionLimits } from "../market-data/public-socket.ts";
import type { PublicChannelName, VenueOrderBookDataSource } from "../market-data/venue-order-book-data-source.ts";
import type { AccountRemainder, ConditionalOrder } from "../model/account-remainder.ts";
import type { AccountUpdate, OrderUpdate, PositionAdjustment, TradeUpdate } from "../model/account-update.ts";
import type { CashFlow } from "../model/cash-flow.ts";
import type { Decimal } from "../model/decimal.ts";
import type { PerpwireError } from "../model/error.ts";
import type { TradeFeeSchema } from "../model/fee.ts";
import type { FundingPayment } from "../model/funding.ts";
import type { Market, TradingPair } from "../model/market.ts";
import type {
  OrderReference,
  OrderToPlace,
  OrderType,
  PositionMode,
  TimeInForce,
  VenueOrder,
  VenueOrderState,
} from "../model/order.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import type { ApiFactories, ServerTimeRequest } from "../net/api-factories.ts";
import type { Authenticator, CredentialSpec, Credentials, SigningContext } from "../net/auth.ts";
import type { OrderSocketConventions } from "../net/order-socket.ts";
import type { RestConventions } from "../net/rest-assistant.ts";
import type { BatchRowId } from "../net/rows.ts";
import type { SocketAddress } from "../net/socket-address.ts";
import type { RateLimit } from "../net/throttler.ts";
import type { VenueContext, VenueRequest } from "../net/venue-api.ts";
import type { ClientOrderIdRule } from "../trading/client-order-id.ts";

/** Addresses of a venue's domain. Undefined URLs must be given by the user. */
export interface VenueUrls {
  readonly rest: string | undefined;
  /** WebSocket URLs by the socket names that the data sources use. */
  readonly webSockets: Readonly<Record<string, string>> | undefined;
}

export interface VenueHeartbeat {
  readonly intervalMs: number;
  /** Message to send, or `protocol` for a WebSocket ping frame. */
  readonly ping: "protocol" | (() => unknown);
  readonly timeoutMs: number;
}

/** Facts about the venue, as data. The engine reads it; it has no behaviour of its own. */
export interface VenueManifest {
  /** Hummingbot's connector name, for example `ftx_perpetual`. */
  readonly name: string;
  readonly displayName: string;
  /**
   * Date of the newest of the venue's documents that it was checked against, `YYYY-MM-DD`, or `YYYY-MM` where the day is
   * not known; undefined while it was checked against none.
   */
  readonly documentsDate: string | undefined;
  /** One sentence that a user must read before using it, or undefined. */
  readonly notice?: string | undefined;
  readonly domains: readonly string[];
  readonly defaultDomain: string;
  /** The pair that examples and the demo use. */
  readonly exampleTradingPair: TradingPair;
  /** Credentials that the venue asks for, in the order in which people are asked. */
  readonly credentials: readonly CredentialSpec[];
  readonly collateralTokens: readonly string[];
  /** True where what the venue calls a balance has the unrealised profit and loss of open positions in it. */
  readonly balancesAreEquity?: boolean | undefined;
  /**
   * True where an account that holds several coins owes some of them as a matter of course: a pushed balance below zero
   * is believed. Elsewhere the venue's list is requested before a balance below zero is believed.
   */
  readonly balancesGoNegative?: boolean | undefined;
  /** True where the venue tells anybody of an account (Hyperliquid): a key that is wrong shows with the first order. */
  readonly isAccountPublic?: boolean | undefined;
  /**
   * Tokens of the venue's own that are worth one quote unit, for example futures credits; dollars need not be named.
   */
  readonly quoteTokens?: readonly string[] | undefined;
  readonly defaultFees: TradeFeeSchema;
  /**
   * True where the account's fees are asked for market by market: those of the first markets are read before the start is
   * over, the others little by little, and have the default ones until then. Default: one question tells all.
   */
  readonly feesAreAskedByMarket?: boolean | undefined;
  readonly orderTypes: readonly OrderType[];
  /**
   * `bounded`: the venue has none, and an IOC order at a bound stands for one (Hyperliquid): each comes with its
   * `referencePrice`. Default `native`.
   */
  readonly marketOrders?: "native" | "bounded" | undefined;
  readonly timesInForce: readonly TimeInForce[];
  readonly positionModes: readonly PositionMode[];
  readonly clientOrderId: ClientOrderIdRule;
  readonly continuity: ContinuityRule;
  readonly heartbeat: VenueHeartbeat;
  /** The rate limit that messages on the public sockets wait for, where the venue has one. */
  readonly webSocketLimitId?: string | undefined;
  /** The rate limit that new connections wait for, public and private ones, where the venue has one. */
  readonly webSocketConnectionLimitId?: string | undefined;
  /** Limits of one public connection, beside its markets: those the data source's `channels` deals out. */
  readonly publicStreams?: ConnectionLimits | undefined;
  /**
   * Longest silence of a wire channel that is normal on a live market, in milliseconds; a channel without one is not
   * watched. Funding info that is polled has one too: what was not read for longer is stale. Trades are never expected
   * by the clock alone: after this long without one the venue is asked for its last price, and only when that has moved
   * is their channel dead.
   */
  readonly cadencesMs: { readonly orderBook: number } & Readonly<
    Partial<Record<Exclude<PublicChannelName, "orderBook">, number | undefined>>
  >;
  /**
   * True where the answer to a cancel confirms it: one that brings no end is looked up at once, elsewhere after a
   * while.
   */
  readonly cancelsAreSynchronous: boolean;
  /** Private channels: what they carry decides what is polled. */
  readonly userStream: {
    readonly socket: string;
    readonly carriesBalances: boolean;
    readonly carriesPositions: boolean;
  };
  readonly hasServerTime: boolean;
  /**
   * Source of funding info. `isAskedFirst`: the stream may let its first word wait, so that a few markets are asked for
   * at the start. `pollIntervalMs`: the stream leaves something out, which is asked for as often as this.
   */
  readonly fundingInfo:
    | {
        readonly source: "stream";
        readonly isAskedFirst?: boolean | undefined;
        readonly pollIntervalMs?: number | undefined;
      }
    | { readonly source: "poll"; readonly intervalMs: number };
  readonly fundingFeePollIntervalMs: number;
  /** Time back to which order status and fills can be asked for, in milliseconds. */
  readonly retentionMs: number;
  /**
   * Ages at which the venue forgets ended orders, from their creation: unfilled ones at `unfilledMs`, all others at
   * `otherMs` or later. Between the two, "not found" proves that an order which the venue had accepted ended without a
   * fill.
   */
  readonly forgetsAfterCreation?: { readonly unfilledMs: number; readonly otherMs: number } | undefined;
  /** Time after which a create request, accepted or not, can no longer become an order. */
  readonly createDeadlineMs: number;
  /** True where a market can have a cross and an isolated position of one side at the same time. Default false. */
  readonly marginModesSideBySide?: boolean | undefined;
  /** Leverage set for one market, or for the whole account. */
  readonly leverageScope: "market" | "account";
  /**
   * Effect of an amend: it changes the order, which keeps its ids, or replaces it by a new one with ids of its own
   * (FTX). Default `inPlace`.
   */
  readonly amendStyle?: "inPlace" | "replace" | undefined;
  /**
   * Terms that the request of an amend sets: those that change alone, or price and amount both, whether or not they do
   * (Binance). Default `changedTerms`.
   */
  readonly amendSets?: "changedTerms" | "allTerms" | undefined;
  /** Most rows of one native batch; absent where the venue has none. */
  readonly batchSizes?: { readonly create: number; readonly cancel: number } | undefined;
  /** Rows of the API checklist that the venue does not offer, with the reason. */
  readonly notOffered: Readonly<Record<string, string>>;
}

/** Paths that the checklist names. */
export interface VenuePaths {
  readonly tradingRulesRequestPath: string;
  readonly tradingPairsRequestPath: string;
  readonly checkNetworkRequestPath: string;
}

/** REST and WebSocket conventions of a venue; `createWebUtils` binds them to a domain's URLs. */
export interface VenueWebUtils extends Omit<RestConventions, keyof ApiFactories>, ApiFactories {
  readonly webSocketUrls: Readonly<Record<string, string>>;
  /**
   * Asks the venue where a socket is reached, before each connection, where that changes (KuCoin, whose URLs hold a token).
   * `socket`: the key of `webSocketUrls`, whose URL is not used then.
   */
  fetchSocketAddress?(context: VenueContext, socket: string): Promise<SocketAddress>;
  /** Undefined where the venue has no server time. */
  readonly getCurrentServerTime?: ServerTimeRequest | undefined;
}

/** Market metadata, translated. Rows that could not be read are named, never fatal. */
export interface ExchangeInfo {
  readonly markets: readonly Market[];
  /** Markets that the venue lists and does not trade: a connector that follows one starts without it. */
  readonly closed?: readonly Market[] | undefined;
  /** Rows that could not be read; `symbol` is empty where one does not say of which market it is. */
  readonly skipped: readonly { readonly symbol: string; readonly reason: string }[];
}

export interface PlacedOrder {
  /** Exchange id; absent where the acknowledgement names the order by its client order id alone. */
  readonly exchangeOrderId?: string | undefined;
  /** Client id by which the answer names the order, where it does and has no `update`. */
  readonly clientOrderId?: string | undefined;
  /** The venue's time of acceptance; absent where the answer does not tell it. */
  readonly timestampMs?: number | undefined;
  /** Update of the order where the answer already tells its state. */
  readonly update?: OrderUpdate | undefined;
  readonly trades?: readonly TradeUpdate[] | undefined;
}

export interface AmendOrder {
  /** New price. Both terms are given where the manifest's `amendSets` says so; elsewhere one that is left out stays. */
  readonly price?: Decimal | undefined;
  readonly amount?: Decimal | undefined;
  /** Part of `amount` that is executed already: a venue that replaces the order asks for the rest only. */
  readonly executedAmount: Decimal;
  /** The client id of the replacement, where an amend makes a new order. */
  readonly clientOrderId: string;
}

/** One row of a batch's answer: what the venue made of it, or why it refused it; `id`: the order that it names. */
export type BatchRow<T> = { readonly id?: BatchRowId | undefined } & (
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: PerpwireError }
);

/** Translations by a venue's derivative: requests out, facts in. Keeps nothing. */
export interface VenueDerivative {
  /** Everything needed to build the markets. */
  requestExchangeInfo(context: Pick<VenueContext, "api" | "signal">): Promise<unknown>;
  /** Symbols and trading rules in one pass over the rows. */
  parseExchangeInfo(exchangeInfo: unknown): ExchangeInfo;
  checkNetwork(context: Pick<VenueContext, "api" | "signal">): Promise<void>;

  placeOrder(markets: VenueMarkets, order: OrderToPlace): VenueRequest<PlacedOrder>;
  /** Answered with the order's end, or undefined where that is reported elsewhere. */
  placeCancel(markets: VenueMarkets, order: OrderReference): VenueRequest<OrderUpdate | undefined>;
  amendOrder?(markets: VenueMarkets, order: OrderReference, amend: AmendOrder): VenueRequest<PlacedOrder>;
  /**
   * Native batches, where the venue has them: the rows of the answer as they came. What was taken counts only where the
   * row names its order, a refusal that names none by its place.
   */
  placeOrders?(markets: VenueMarkets, orders: readonly OrderToPlace[]): VenueRequest<readonly BatchRow<PlacedOrder>[]>;
  placeCancels?(
    markets: VenueMarkets,
    orders: readonly OrderReference[],
  ): VenueRequest<readonly BatchRow<OrderUpdate | undefined>[]>;
  /**
   * Dead-man switch: the venue cancels everything unless this is called again within `timeoutMs`; 0 switches it off.
   */
  cancelAllAfter?(markets: VenueMarkets, timeoutMs: number, tradingPair: TradingPair): VenueRequest<void>;

  /**
   * Requests the status, by client id where there is no exchange id yet. Throws `NotFoundError` when the venue does not
   * know the order.
   */
  requestOrderStatus(context: VenueContext, order: OrderReference): Promise<OrderUpdate>;
  allTradeUpdatesForOrder(context: VenueContext, order: OrderReference): Promise<readonly TradeUpdate[]>;
  /**
   * All fills of the account from `sinceMs` on, oldest first, paged to the end; the venue's own trades where listed.
   */
  tradesSince(
    context: VenueContext,
    sinceMs: number,
    tradingPairs: readonly TradingPair[],
  ): Promise<readonly (TradeUpdate | PositionAdjustment)[]>;
  /** Lists the open orders of the given markets at least; an empty list asks for the whole account. */
  fetchOpenOrders(context: VenueContext, tradingPairs?: readonly TradingPair[]): Promise<readonly VenueOrder[]>;
  fetchBalances(context: VenueContext): Promise<readonly AccountUpdate[]>;
  /**
   * Every open position of the account, on whatever market: what is left out is taken as flat. Flat ones of the given
   * markets may be told as well: where each market has a position mode of its own (`canHedge`), the sides tell it.
   */
  fetchPositions(context: VenueContext, tradingPairs: readonly TradingPair[]): Promise<readonly AccountUpdate[]>;
  /**
   * Everything that the account holds besides open orders and positions on known markets: conditional orders, and
   * whatever stands elsewhere. What cannot be read is named. Absent: nobody can tell, and no account is proved to be
   * flat.
   */
  fetchRemainder?(context: VenueContext): Promise<AccountRemainder>;
  cancelConditionalOrder?(markets: VenueMarkets, order: ConditionalOrder): VenueRequest<void>;
  /** Settlements from `sinceMs` on, oldest first, paged to the end. */
  fetchFundingPayments(
    context: VenueContext,
    sinceMs: number,
    tradingPairs: readonly TradingPair[],
  ): Promise<readonly FundingPayment[]>;
  /**
   * Postings to the account's cash from `sinceMs` on, of every market, paged to the end: what made it richer or poorer,
   * no transfers. Absent where the venue does not tell them: the day's result is then made of fills and payments.
   */
  fetchCashFlows?(context: VenueContext, sinceMs: number): Promise<readonly CashFlow[]>;
  /** The newest settlement of one market, or undefined: the checklist's `_fetch_last_fee_payment`. */
  fetchLastFeePayment(context: VenueContext, tradingPair: TradingPair): Promise<FundingPayment | undefined>;
  fetchLastTradedPrice(context: VenueContext, tradingPair: TradingPair): Promise<Decimal>;
  setTradingPairLeverage(context: VenueContext, tradingPair: TradingPair, leverage: Decimal): Promise<void>;
  /** Sets the mode; absent where the venue has one mode only. */
  setPositionMode?(context: VenueContext, mode: PositionMode, tradingPairs: readonly TradingPair[]): Promise<void>;
  /**
   * Fetches the mode of the account or, where each market has its own, those of the given markets. A market that was
   * not answered for is left out: its mode stays what it was.
   */
  fetchPositionMode?(
    context: VenueContext,
    tradingPairs: readonly TradingPair[],
  ): Promise<PositionMode | ReadonlyMap<TradingPair, PositionMode>>;
  /**
   * True when hedge mode can be set for a market that has a mode of its own. Absent: the mode is the whole account's.
   */
  canHedge?(market: Market): boolean;
  /** The account's own fees, by pair, or one schema for all. */
  tradingFees(
    context: VenueContext,
    tradingPairs: readonly TradingPair[],
  ): Promise<ReadonlyMap<TradingPair, TradeFeeSchema> | TradeFeeSchema>;
}

/** Abilities of a venue beyond the checklist, as its derivative implements them. */
export interface VenueCapabilities {
  readonly amend: boolean;
  readonly batchCreate: boolean;
  readonly batchCancel: boolean;
  readonly deadManSwitch: boolean;
  /** Orders over a socket, see the option `orderEntry`. */
  readonly orderSocket: boolean;
}

/** The venue's own words for order states, and ours. */
export type OrderStateTable = Readonly<Record<string, VenueOrderState>>;

/** One venue, bound to a domain and URLs: eight files behind one face. */
export interface PerpetualVenue {
  readonly manifest: VenueManifest;
  readonly capabilities: VenueCapabilities;
  readonly paths: VenuePaths;
  readonly domain: string;
  readonly webUtils: VenueWebUtils;
  readonly orderBookDataSource: VenueOrderBookDataSource;
  readonly userStreamDataSource: VenueUserStreamDataSource;
  readonly derivative: VenueDerivative;
  /** Present where the venue takes orders over a socket as well. */
  readonly orderSocket?: OrderSocketConventions | undefined;
  /** Limits that hold before any market is known. */
  readonly rateLimits: readonly RateLimit[];
  /** Limits of each market, once the markets are known. */
  marketRateLimits(markets: VenueMarkets): readonly RateLimit[];
  createAuthenticator(credentials: Credentials, context: SigningContext): Authenticator;
  isOrderNotFoundDuringStatusUpdateError(error: unknown): boolean;
  isOrderNotFoundDuringCancelationError(error: unknown): boolean;
}

export interface CreateVenueOptions {
  readonly domain: string;
  /** The user's own URLs, for example of a paper venue; they win over the domain's. */
  readonly restUrl?: string | undefined;
  readonly webSocketUrl?: string | undefined;
}

/** Exports of a venue folder: the registry loads it when the connector is asked for. */
export interface VenueModule {
  readonly manifest: VenueManifest;
  readonly capabilities: VenueCapabilities;
  createVenue(options: CreateVenueOptions): PerpetualVenue;
}
