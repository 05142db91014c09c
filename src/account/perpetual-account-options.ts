import type { MarginUpdate } from "../model/account-update.ts";
import type { Decimal } from "../model/decimal.ts";
import type { TradingPair } from "../model/market.ts";
import type { PositionMode } from "../model/order.ts";
import type { Position } from "../model/position.ts";
import type { ReportOrigin } from "./position-book.ts";

/** Orders that were sent, and that the venue's last balance may not know of. */
export interface OrdersUnderWay {
  /** Amount to be taken off the available balance. */
  held(asset: string): Decimal;
  /** Share of `lockedCollateral` that is of orders which the last balance knows of. */
  lockedReported(asset: string): Decimal;
  /**
   * The venue told what is available, at that time by its clock or, in a poll, by ours; it knows of the orders that were
   * among the first `takenWhenAsked` in any case.
   */
  reported(asset: string, origin: ReportOrigin, timestampMs: number, takenWhenAsked: number): void;
  /** Number of orders that the venue was heard to have taken. */
  readonly taken: number;
}

/** Messages heard when a question was asked: its answer includes all of them, whatever clocks say. */
export interface Heard {
  /** Pushes of balances, and trades. */
  readonly facts: number;
  /** Orders that the venue had taken. */
  readonly orders: number;
}

export const NOTHING_HEARD: Heard = { facts: -1, orders: 0 };

export interface PerpetualAccountOptions {
  /**
   * True where the venue pushes or reports available balances as they change. False: between two reports they are
   * estimated from our own orders and fills.
   */
  readonly isRealTimeBalance: boolean;
  /** Collateral that our live orders lock now, by asset, on one market or on all; used for the estimate. */
  lockedCollateral(asset: string, tradingPair?: TradingPair): Decimal;
  /** Part of our orders that no balance knows of yet. */
  readonly orders?: OrdersUnderWay | undefined;
  /** The asset that a market's profit, loss and margin are in. */
  collateralTokenOf(tradingPair: TradingPair): string;
  /** Inverse positions are not estimated: they wait for the venue's word. */
  isLinear(tradingPair: TradingPair): boolean;
  /** Called with each open position whose leverage has become another with that of its market. */
  onPositionRestated?(position: Position): void;
  /** True where a market can have a cross and an isolated position of one side at the same time. Default false. */
  readonly marginModesSideBySide?: boolean | undefined;
  /** Leverage before the venue has told it. Default 1. */
  readonly defaultLeverage?: Decimal | undefined;
  /** Default `oneWay`. */
  readonly defaultPositionMode?: PositionMode | undefined;
}

/** The account's own margin figures, where the venue tells them. */
export type AccountMargin = MarginUpdate & { readonly collateral: Decimal; readonly freeCollateral: Decimal };

/** Effect of a trade on positions: the one that changed, or that the venue must be asked. */
export interface FillEffect {
  readonly position?: Position | undefined;
  readonly isDoubtful: boolean;
}
