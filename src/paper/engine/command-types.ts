import type { MarginMode, MarketStatus, PositionMode, PositionSide, Side, TimeInForce } from "./words.ts";

export type Command = AccountCommand | OrderCommand | SettingCommand | MarketCommand;

export type AccountCommand =
  | {
      readonly type: "openAccount";
      readonly accountId: string;
      readonly cash: bigint;
      /**
       * `false` keeps only open orders and the position: no closed orders, fills or payments. For synthetic flow; no
       * limit on the number of open orders applies to it.
       */
      readonly retain?: boolean;
    }
  | { readonly type: "deposit"; readonly accountId: string; readonly amount: bigint }
  /** Takes out cash that no position and no order needs. */
  | { readonly type: "withdraw"; readonly accountId: string; readonly amount: bigint };

export type Placement = Extract<OrderCommand, { readonly type: "placeOrder" }>;

export type OrderCommand =
  | {
      readonly type: "placeOrder";
      readonly accountId: string;
      readonly market: string;
      readonly side: Side;
      /**
       * Leg of the position, in hedge mode: buy/long opens and sell/long closes a long, sell/short opens and buy/short
       * closes a short. An order that closes a leg acts as a reduce-only one. `both` by default, as one-way mode
       * requires.
       */
      readonly positionSide?: PositionSide;
      readonly orderType: "limit" | "market";
      readonly price: bigint | null;
      readonly size: bigint;
      readonly timeInForce: TimeInForce;
      readonly postOnly: boolean;
      readonly reduceOnly: boolean;
      readonly clientId: string | null;
      /** The gateway has held the price to its venue's own limits, which the market's band does not know. */
      readonly isPriceBandKept?: boolean;
    }
  /** Cancels an order. `isExpiry` is set where its time has come, rather than its owner wishing it. */
  | {
      readonly type: "cancelOrder";
      readonly accountId: string;
      readonly orderId: number;
      readonly isExpiry?: boolean;
    }
  | { readonly type: "cancelAll"; readonly accountId: string; readonly market?: string; readonly side?: Side }
  | {
      /** Cancel and replace: a new order id, queue priority lost. */
      readonly type: "replaceOrder";
      readonly accountId: string;
      readonly orderId: number;
      readonly price: bigint | null;
      readonly size: bigint | null;
      readonly clientId: string | null;
    }
  | {
      /**
       * Changes an open order that keeps its id. `size` is the whole size, what is filled included; null keeps. The
       * order keeps its place only when nothing but the size shrinks; else it runs again and may trade at once (a
       * post-only one that would is closed). A size of what is filled, or less, is refused, unless `endsWhenFilled`:
       * then the order ends as filled (OKX).
       */
      readonly type: "amendOrder";
      readonly accountId: string;
      readonly orderId: number;
      readonly price: bigint | null;
      readonly size: bigint | null;
      readonly endsWhenFilled?: boolean;
      readonly isPriceBandKept?: boolean;
    };

/** Setting of one market; without `market`, of all markets that have no setting of their own. */
export type SettingCommand =
  | {
      readonly type: "setLeverage";
      readonly accountId: string;
      readonly leverage: bigint;
      /** Market of the setting; there a leverage that is already set is refused with `leverageUnchanged`. */
      readonly market?: string;
    }
  | {
      /** Sets the mode; without a market it also removes the markets' own modes. */
      readonly type: "setPositionMode";
      readonly accountId: string;
      readonly mode: PositionMode;
      readonly market?: string;
    }
  | {
      /** Sets the mode; without a market it also removes the markets' own modes. */
      readonly type: "setMarginMode";
      readonly accountId: string;
      readonly mode: MarginMode;
      readonly market?: string;
    }
  | {
      /** Moves cash into an open isolated position, or out of it where the amount is negative. */
      readonly type: "adjustIsolatedMargin";
      readonly accountId: string;
      readonly market: string;
      /** Leg of the position; `both` by default. */
      readonly positionSide?: PositionSide;
      readonly amount: bigint;
    };

export type MarketCommand =
  /** Liquidates a position whatever its margin is; a cross one takes the account's orders and positions with it. */
  | {
      readonly type: "liquidate";
      readonly accountId: string;
      readonly market: string;
      /** Leg of the position; `both` by default. */
      readonly positionSide?: PositionSide;
    }
  /** Reduces a position at mark against the insurance fund, as auto-deleveraging does; all of it by default. */
  | {
      readonly type: "deleverage";
      readonly accountId: string;
      readonly market: string;
      /** Leg of the position; `both` by default. */
      readonly positionSide?: PositionSide;
      /** Unsigned. */
      readonly size?: bigint;
    }
  | { readonly type: "setIndexPrice"; readonly market: string; readonly price: bigint }
  /** Another step of prices; open orders stay where they are. */
  | { readonly type: "setTick"; readonly market: string; readonly tick: bigint }
  /** `delisted` cancels all orders of the market and closes all its positions at mark; it cannot be undone. */
  | { readonly type: "setMarketStatus"; readonly market: string; readonly status: MarketStatus }
  /**
   * Lets time pass: settles funding that is due, recomputes mark, samples the premium, liquidates. Mark moves only here
   * and with `setIndexPrice` (which settles due funding too), so a host sends it often.
   */
  | { readonly type: "advance" };

/** Reason why a command was refused; nothing changed. */
export type RefusalCode =
  | "noSuchAccount"
  | "noSuchMarket"
  | "marketHalted"
  | "noSuchOrder"
  | "orderClosed"
  | "accountExists"
  | "invalidPrice"
  | "invalidSize"
  | "sizeTooSmall"
  | "sizeTooSmallForMaker"
  | "sizeTooLarge"
  | "notionalTooSmall"
  | "priceOutOfBand"
  | "duplicateClientId"
  | "insufficientMargin"
  /** Nothing to reduce; also an order that would close a flat leg of a hedge. */
  | "invalidReduceOnly"
  | "invalidLeverage"
  | "invalidAmount"
  | "liquidating"
  /** A leg in one-way mode, or none in hedge mode. */
  | "positionSideMismatch"
  | "tooManyOrders"
  /** An amended size that is not above what is filled. */
  | "sizeBelowFilled"
  /** The mode is set already, or an amendment changes nothing. */
  | "unchanged"
  | "leverageUnchanged"
  /** A mode cannot change while positions, or orders, are open. */
  | "positionsOpen"
  | "ordersOpen"
  /** Refusal to adjust the margin of a market that is not isolated, or of a flat position. */
  | "notIsolated"
  | "noPosition";
