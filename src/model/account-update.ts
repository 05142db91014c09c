import type { Decimal } from "./decimal.ts";
import type { TradeFee } from "./fee.ts";
import type { FundingPayment } from "./funding.ts";
import type { TradingPair } from "./market.ts";
import type {
  MarginMode,
  OrderSide,
  PositionAction,
  PositionMode,
  PositionSide,
  TerminalReason,
  VenueOrder,
  VenueOrderState,
} from "./order.ts";

/** The venue's report on an order's state. Executed amounts are totals, never increments. */
export interface OrderUpdate {
  readonly type: "order";
  readonly tradingPair: TradingPair;
  readonly clientOrderId?: string | undefined;
  readonly exchangeOrderId?: string | undefined;
  readonly state: VenueOrderState;
  readonly executedAmount?: Decimal | undefined;
  readonly averagePrice?: Decimal | undefined;
  /** Reason why it ended, in the venue's own words. */
  readonly reason?: TerminalReason | undefined;
  /** Reason why it probably ended, from the order's own terms; a cancel of ours explains the end better. */
  readonly inferredReason?: TerminalReason | undefined;
  /** An amend of ours that the venue had taken and did not do (OKX `amendResult`), by its client order id. */
  readonly amendRefusal?: { readonly clientOrderId: string; readonly reason: string } | undefined;
  /** The venue's time of the change. */
  readonly timestampMs: number;
  /** The whole order where the message carried it, so that an order that is not ours can be shown. */
  readonly order?: VenueOrder | undefined;
}

/** One execution as the venue reported it. Some venues name only the exchange order id. */
export interface TradeUpdate {
  readonly type: "trade";
  readonly fillId: string;
  readonly tradingPair: TradingPair;
  readonly clientOrderId?: string | undefined;
  readonly exchangeOrderId: string;
  readonly side: OrderSide;
  readonly positionAction?: PositionAction | undefined;
  readonly price: Decimal;
  readonly amount: Decimal;
  readonly fee: TradeFee;
  /** Profit or loss that it realised without its fee, quote units; absent where the message does not tell. */
  readonly realizedPnl?: Decimal | undefined;
  readonly isMaker: boolean;
  /** True where the venue itself traded for the account. */
  readonly liquidation?: boolean | undefined;
  readonly timestampMs: number;
}

export interface BalanceUpdate {
  readonly type: "balance";
  readonly asset: string;
  /** Amount of it in the wallet. Absent where a push does not carry it: the last known value stays. */
  readonly total?: Decimal | undefined;
  /**
   * Free for new orders that are margined in it, whichever coin holds the value: where coins share one collateral, the
   * account's own figure in its valuation. Absent where the message does not carry it: the last known value is
   * adjusted.
   */
  readonly available?: Decimal | undefined;
  /** True where the venue does not say what new orders may use, because other coins may carry them. */
  readonly isAvailableUnknown?: boolean | undefined;
  readonly timestampMs: number;
  /**
   * Time of the answer, epoch milliseconds of the venue's own clock: anything pushed with an earlier time is older.
   * Absent where the answer has no time of the venue; everything that comes after it is then newer.
   */
  readonly noOlderThanMs?: number | undefined;
}

/**
 * Account-wide margin figures, in the collateral currency. Absent ones are those that the venue does not tell now, as
 * in isolated margin: what was told before is not true any more.
 */
export interface MarginUpdate {
  readonly type: "margin";
  readonly collateral?: Decimal | undefined;
  readonly freeCollateral?: Decimal | undefined;
  readonly marginFraction?: Decimal | undefined;
  readonly maintenanceMarginRequirement?: Decimal | undefined;
  readonly timestampMs: number;
}

/** A position as it is now; `amount` is signed and zero when flat. */
export interface PositionUpdate {
  readonly type: "position";
  readonly tradingPair: TradingPair;
  readonly side: PositionSide;
  /** Margin mode; absent where the message does not tell it: it stays as it was, `cross` at first. */
  readonly marginMode?: MarginMode | undefined;
  readonly amount: Decimal;
  readonly entryPrice?: Decimal | undefined;
  readonly unrealizedPnl?: Decimal | undefined;
  readonly leverage?: Decimal | undefined;
  readonly liquidationPrice?: Decimal | undefined;
  readonly markPrice?: Decimal | undefined;
  readonly timestampMs: number;
}

/** The venue changed a position by itself: liquidation, auto-deleveraging, settlement. */
export interface PositionAdjustment {
  readonly type: "positionAdjustment";
  readonly adjustmentId: string;
  readonly tradingPair: TradingPair;
  readonly side: PositionSide;
  /** Margin mode; absent where the message does not tell it: that of the position that is open. */
  readonly marginMode?: MarginMode | undefined;
  readonly reason: "liquidation" | "adl" | "settlement";
  /** Signed change of the position. */
  readonly amount: Decimal;
  readonly price: Decimal;
  readonly fee?: TradeFee | undefined;
  /** Profit or loss that it realised without its fee, quote units; absent where the message does not tell. */
  readonly realizedPnl?: Decimal | undefined;
  /** Name of the adjustment in the venue's cash flows, where they name it. */
  readonly sourceId?: string | undefined;
  readonly timestampMs: number;
}

export interface SettingsUpdate {
  readonly type: "settings";
  /** Market of the setting; absent where it is account-wide. */
  readonly tradingPair?: TradingPair | undefined;
  readonly leverage?: Decimal | undefined;
  readonly positionMode?: PositionMode | undefined;
  /**
   * Subject of the balances that are pushed: the account, or another wallet than the one that carries orders (Gate.io's
   * futures wallet in a unified account). Those of another are not taken; they say that the account is to be asked.
   */
  readonly pushedBalances?: "account" | "other" | undefined;
  readonly timestampMs: number;
}

export interface FundingPaymentUpdate {
  readonly type: "fundingPayment";
  readonly payment: FundingPayment;
}

/** An order on the account that this connector did not create. */
export interface ExternalOrder {
  readonly type: "externalOrder";
  readonly order: VenueOrder;
}

/** Something may have been missed here; the engine answers with a catch-up before it reports `ready` again. */
export interface Gap {
  readonly type: "gap";
  readonly reason: string;
  readonly timestampMs: number;
}

/**
 * Notice that funding was settled, with too little to book it: Binance gives neither market nor id, and Bybit's id is
 * unknown to its history. The engine requests the payments.
 */
export interface FundingDue {
  readonly type: "fundingDue";
  readonly timestampMs: number;
}

/** Every fact about the account, from a stream or from a poll: `connector.apply()` is their one way in. */
export type AccountUpdate =
  | OrderUpdate
  | TradeUpdate
  | BalanceUpdate
  | MarginUpdate
  | PositionUpdate
  | PositionAdjustment
  | SettingsUpdate
  | FundingPaymentUpdate
  | FundingDue
  | ExternalOrder
  | Gap;
