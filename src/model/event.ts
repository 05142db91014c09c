import type { ExternalOrder, PositionAdjustment } from "./account-update.ts";
import type { Balance } from "./balance.ts";
import type { Decimal } from "./decimal.ts";
import type { PerpwireError } from "./error.ts";
import type { Fill } from "./fill.ts";
import type { FundingInfo, FundingPayment } from "./funding.ts";
import type { PublicTrade, TradingPair } from "./market.ts";
import type { OrderSide, OrderType, PositionAction, PositionMode, TerminalReason, VenueOrder } from "./order.ts";
import type { Position } from "./position.ts";

/** Fields of every event about one of our orders. */
export interface OrderEvent {
  readonly clientOrderId: string;
  readonly exchangeOrderId: string | undefined;
  readonly tradingPair: TradingPair;
  readonly side: OrderSide;
  readonly orderType: OrderType;
  readonly positionAction: PositionAction;
  readonly amount: Decimal;
  readonly price: Decimal | undefined;
  readonly executedAmount: Decimal;
  readonly timestampMs: number;
}

export interface OrderEndedEvent extends OrderEvent {
  readonly averagePrice: Decimal | undefined;
  readonly reason: TerminalReason | undefined;
  /** Amount that the venue says was executed and never gave the fills of; zero unless it did not answer for minutes. */
  readonly missingAmount: Decimal;
}

export interface OrderFailedEvent extends OrderEvent {
  readonly error: PerpwireError;
}

/** Something of the program's own or of the connector's went wrong that no call of the program's could tell. */
export interface ConnectorErrorEvent {
  /** `code` is `LISTENER_FAILED` with what the listener threw as `cause`, `JOURNAL`, or that of a task that ended. */
  readonly error: PerpwireError;
  /** The event whose listener failed. */
  readonly event: string | undefined;
  readonly timestampMs: number;
}

export interface UnreadableRowEvent {
  /** Kind of row that it was to be: "a row of GET /orders". */
  readonly what: string;
  readonly reason: string;
  /** The beginning of the row, as the venue sent it. */
  readonly row: string;
  /**
   * True when it may be about an order, a position or a balance of this connector; what it is about is looked up then.
   */
  readonly mayBeOurs: boolean;
  readonly timestampMs: number;
}

export interface MarketUnavailableEvent {
  readonly tradingPair: TradingPair;
  /** True when the venue no longer lists it: what is open on it is followed, nothing new is sent. */
  readonly isGone: boolean;
  readonly reason: string;
  readonly timestampMs: number;
}

/** The order is as the event says; `asked` is what the amend set, undefined for a term that it left as it was. */
export interface OrderAmendFailedEvent extends OrderEvent {
  readonly asked: { readonly price: Decimal | undefined; readonly amount: Decimal | undefined };
  readonly error: PerpwireError;
}

/**
 * An order of others that `externalOrders()` shows no more, as it was last told. `ours`: an answer named it as one of this
 * connector's. `notListed`: it has ended, and the venue's lists do not say how. `notFollowed`: its market was let go.
 */
export interface ExternalOrderGoneEvent {
  readonly order: VenueOrder;
  readonly reason: "ours" | "notListed" | "notFollowed";
}

/**
 * Event about one public channel of a market: `orderBook`, `trades`, `fundingInfo`, `markPrice`, `indexPrice`,
 * `fundingRate`; or about a private channel of the account, by the venue's name, which has no `tradingPair`.
 */
export interface ChannelEvent {
  readonly tradingPair: TradingPair | undefined;
  readonly channel: string;
  /** The venue's words where it refused. */
  readonly reason: string | undefined;
  readonly timestampMs: number;
}

/**
 * The connector's events by name. Each fact is emitted once, whatever number of times the venue tells it; after a crash
 * fills, ends of orders and funding payments are told again unless it is certain that they were told.
 */
export interface ConnectorEvents {
  orderCreated: OrderEvent;
  orderFilled: Fill;
  /** The venue shows another price or amount than before, by an amend of ours or by another hand. */
  orderAmended: OrderEvent;
  /** An amend that the venue had acknowledged, or that had no answer, was not done. */
  orderAmendFailed: OrderAmendFailedEvent;
  orderCompleted: OrderEndedEvent;
  orderCanceled: OrderEndedEvent;
  orderExpired: OrderEndedEvent;
  orderFailed: OrderFailedEvent;
  /** The order's fate is being looked up. */
  orderUnknown: OrderEvent;
  /** The venue could not tell in time; the order is still watched and can still be canceled. */
  orderLost: OrderEvent;
  externalOrder: ExternalOrder;
  externalOrderGone: ExternalOrderGoneEvent;
  positionAdjustment: PositionAdjustment;
  position: Position;
  balance: Balance;
  fundingPayment: FundingPayment;
  /** The venue tells another amount of a payment than before: `payment` counts in the place of `previous`. */
  fundingPaymentCorrected: { readonly payment: FundingPayment; readonly previous: FundingPayment };
  fundingInfo: FundingInfo;
  trade: PublicTrade;
  leverageChanged: { readonly tradingPair: TradingPair | undefined; readonly leverage: Decimal };
  /** Change made by us or by hand; `tradingPair` is absent where the mode is that of the whole account. */
  positionModeChanged: { readonly tradingPair?: TradingPair | undefined; readonly positionMode: PositionMode };
  positionModeChangeFailed: { readonly positionMode: PositionMode; readonly error: PerpwireError };
  bookInvalid: { readonly tradingPair: TradingPair; readonly reason: string; readonly timestampMs: number };
  bookHealed: { readonly tradingPair: TradingPair; readonly healMs: number; readonly timestampMs: number };
  /** The venue refused a channel, which is left out and asked for again alone; without a private one nothing is ready. */
  channelRefused: ChannelEvent;
  /** A public channel says nothing although it was subscribed anew. */
  channelSilent: ChannelEvent;
  /** A channel that was refused, or a public one that was silent, lives again. */
  channelRestored: ChannelEvent;
  /** The account stream may have missed something: a catch-up has begun. */
  gap: { readonly reason: string; readonly timestampMs: number };
  /** A row that the venue sent could not be read and was left out; told once a kind and reason. */
  unreadableRow: UnreadableRowEvent;
  /** The venue does not answer for a market, or no longer lists it (`isGone`); the others are not held up by it. */
  marketUnavailable: MarketUnavailableEvent;
  ready: { readonly timestampMs: number };
  notReady: { readonly timestampMs: number; readonly missing: readonly string[] };
  /** Errors that end no call. Without a listener they are still logged, and the process goes on. */
  error: ConnectorErrorEvent;
}

export type ConnectorEventName = keyof ConnectorEvents;

const EVENT_NAMES: Readonly<Record<ConnectorEventName, true>> = {
  orderCreated: true,
  orderFilled: true,
  orderAmended: true,
  orderAmendFailed: true,
  orderCompleted: true,
  orderCanceled: true,
  orderExpired: true,
  orderFailed: true,
  orderUnknown: true,
  orderLost: true,
  externalOrder: true,
  externalOrderGone: true,
  positionAdjustment: true,
  position: true,
  balance: true,
  fundingPayment: true,
  fundingPaymentCorrected: true,
  fundingInfo: true,
  trade: true,
  leverageChanged: true,
  positionModeChanged: true,
  positionModeChangeFailed: true,
  bookInvalid: true,
  bookHealed: true,
  unreadableRow: true,
  marketUnavailable: true,
  channelRefused: true,
  channelSilent: true,
  channelRestored: true,
  gap: true,
  ready: true,
  notReady: true,
  error: true,
};

/** Every event name that `on` takes. */
export const CONNECTOR_EVENT_NAMES: readonly string[] = Object.keys(EVENT_NAMES);
