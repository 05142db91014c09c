import type { RefusalCode } from "./command-types.ts";
import type { MarketSpec } from "./market-spec.ts";
import type {
  FillView,
  FundingPaymentView,
  FundingRateView,
  OrderView,
  PositionView,
  TradeView,
} from "./view-types.ts";
import type { MarginMode, MarketStatus, PositionMode, PositionSide, Side } from "./words.ts";

export type EngineEvent =
  | { readonly type: "refused"; readonly code: RefusalCode; readonly message: string }
  | OrderEvent
  /** Ended orders that are not remembered any more, with their fills. */
  | { readonly type: "ordersForgotten"; readonly accountId: string; readonly orderIds: ReadonlySet<number> }
  | { readonly type: "fill"; readonly fill: FillView }
  | { readonly type: "trade"; readonly trade: TradeView }
  /**
   * The total size at one price after the command; 0 when the level is gone. At most one a level and command, after
   * everything else that happened.
   */
  | {
      readonly type: "bookLevel";
      readonly market: string;
      readonly side: Side;
      readonly price: bigint;
      readonly size: bigint;
    }
  | { readonly type: "positionChanged"; readonly accountId: string; readonly position: PositionView }
  | {
      readonly type: "cashChanged";
      readonly accountId: string;
      readonly cash: bigint;
      readonly change: bigint;
      readonly reason: "trade" | "fee" | "funding" | "liquidation" | "deposit" | "insurance";
    }
  | SettingEvent
  | { readonly type: "markChanged"; readonly market: string; readonly mark: bigint; readonly index: bigint }
  /** Change of the market's rules or status, as they are from now on. */
  | {
      readonly type: "marketChanged";
      readonly market: string;
      readonly spec: MarketSpec;
      readonly status: MarketStatus;
    }
  | { readonly type: "fundingSettled"; readonly rate: FundingRateView }
  | { readonly type: "fundingPaid"; readonly payment: FundingPaymentView }
  /** A position was closed by force: its signed size and the average price, truncated to a unit. */
  | {
      readonly type: "liquidated";
      readonly accountId: string;
      readonly market: string;
      readonly positionSide: PositionSide;
      readonly marginMode: MarginMode;
      readonly size: bigint;
      readonly price: bigint;
      /** The liquidation order, and how much of it the insurance fund took over, unsigned. */
      readonly orderId: number;
      readonly takeoverSize: bigint;
    }
  /** A position was reduced by auto-deleveraging: the signed size that it lost, and the price (the mark). */
  | {
      readonly type: "deleveraged";
      readonly accountId: string;
      readonly market: string;
      readonly positionSide: PositionSide;
      readonly size: bigint;
      readonly price: bigint;
      readonly orderId: number;
    };

export type OrderEvent =
  /** The order passed all checks; what it then did follows as fills and `orderOpened` or `orderClosed`. */
  | { readonly type: "orderAccepted"; readonly order: OrderView }
  | { readonly type: "orderOpened"; readonly order: OrderView }
  /** A resting order was filled in part or resized. */
  | { readonly type: "orderChanged"; readonly order: OrderView }
  /**
   * The user changed the price or size of an open order. When it traded at once, fills follow, then `orderChanged` if
   * the rest of it rests, or `orderClosed`; when nothing follows, it rests as this says.
   */
  | { readonly type: "orderAmended"; readonly order: OrderView }
  | { readonly type: "orderClosed"; readonly order: OrderView };

export type SettingEvent =
  /** No market: the default of the account. */
  | {
      readonly type: "leverageChanged";
      readonly accountId: string;
      readonly leverage: bigint;
      readonly market?: string;
    }
  | {
      readonly type: "positionModeChanged";
      readonly accountId: string;
      readonly mode: PositionMode;
      readonly market?: string;
    }
  | {
      readonly type: "marginModeChanged";
      readonly accountId: string;
      readonly mode: MarginMode;
      readonly market?: string;
    }
  /**
   * Transfer of margin by the user's command; `amount` is moved in, or out where negative. `positionChanged` follows.
   */
  | {
      readonly type: "isolatedMarginAdjusted";
      readonly accountId: string;
      readonly market: string;
      readonly positionSide: PositionSide;
      readonly amount: bigint;
      readonly isolatedMargin: bigint;
    };
