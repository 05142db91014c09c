/**
 * The words of the exchange engine: what goes in (commands) and what comes out (events). Every amount is a bigint in
 * units of 1e-8 (`UNIT`): prices, sizes, cash, rates and leverages (10x is `10n * UNIT`) alike. A product of two is exact at 1e-16; only a cash posting
 * is rounded, once, to a unit, and what the rounding leaves goes to the house account.
 */
export const SCALE_DIGITS = 8;
export const UNIT: bigint = 100_000_000n;

export type Side = "buy" | "sell";

export interface MarketSpec {
  /** Base asset, for example `BTC`; the engine's name of the market is `BTC-USD`. */
  readonly base: string;
  readonly quote: string;
  readonly market: string;
  readonly tick: bigint;
  readonly lot: bigint;
  readonly minSize: bigint;
  /** The smallest size that may rest in the book. */
  readonly minMakerSize: bigint;
  readonly maxSize: bigint;
  readonly minNotional: bigint;
  /** Orders further than this fraction from mark are refused. */
  readonly priceBand: bigint;
  /** Maintenance margin as a fraction of notional. */
  readonly maintenanceFraction: bigint;
  readonly maxLeverage: bigint;
  readonly fundingIntervalMs: number;
  readonly initialPrice: bigint;
}

export interface EngineConfig {
  readonly markets: readonly MarketSpec[];
  readonly makerFee: bigint;
  readonly takerFee: bigint;
  readonly defaultLeverage: bigint;
  /** Funding rate per interval is the time-weighted premium divided by this plain integer (`24n` on FTX: hourly). */
  readonly fundingDivisor: bigint;
  readonly startMs: number;
  /** How many trades a market remembers at least; older ones are dropped. 10,000 unless told. */
  readonly tradesKept?: number;
  /** What the insurance fund starts with; it counts as deposited. Zero unless told; the fund may go below zero. */
  readonly insuranceFund?: bigint;
}

export type OrderStatus = "open" | "closed";
export type CloseReason =
  | "filled"
  | "user"
  | "postOnly"
  | "iocRemainder"
  | "fokUnfilled"
  | "selfTrade"
  | "reduceOnly"
  | "margin"
  | "liquidation"
  | "amended";

export interface OrderView {
  readonly orderId: number;
  readonly accountId: string;
  readonly clientId: string | null;
  readonly market: string;
  readonly side: Side;
  readonly type: "limit" | "market";
  readonly price: bigint | null;
  readonly size: bigint;
  readonly filled: bigint;
  /** Sum of price times size over the fills, at 1e-16. */
  readonly filledCost: bigint;
  readonly timeInForce: "GTC" | "IOC" | "FOK";
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly liquidation: boolean;
  readonly status: OrderStatus;
  readonly closeReason: CloseReason | null;
  readonly createdMs: number;
  readonly updatedMs: number;
}

export interface FillView {
  readonly fillId: number;
  /** Both sides of a match share it. */
  readonly tradeId: number;
  readonly orderId: number;
  readonly accountId: string;
  readonly clientId: string | null;
  readonly market: string;
  readonly side: Side;
  readonly price: bigint;
  readonly size: bigint;
  readonly feeRate: bigint;
  readonly fee: bigint;
  readonly isMaker: boolean;
  readonly liquidation: boolean;
  readonly timeMs: number;
}

export interface TradeView {
  readonly tradeId: number;
  readonly market: string;
  readonly price: bigint;
  readonly size: bigint;
  readonly takerSide: Side;
  readonly liquidation: boolean;
  readonly timeMs: number;
}

export interface PositionView {
  readonly market: string;
  /** Signed; a short is negative. */
  readonly size: bigint;
  /** Signed sum of price times size of what is open, at 1e-16: entry is cost / size. */
  readonly cost: bigint;
  /** Lifetime realised PnL without fees and funding, in cash units. */
  readonly realized: bigint;
  /** Bought and sold since the position was last flat. */
  readonly buySize: bigint;
  readonly sellSize: bigint;
  /** What is left of the open orders on this market. */
  readonly openBuySize: bigint;
  readonly openSellSize: bigint;
  /** Realised since the position was last flat, in cash units. */
  readonly recentRealized: bigint;
}

export interface AccountView {
  readonly accountId: string;
  readonly cash: bigint;
  readonly leverage: bigint;
  /** Cash plus unrealised PnL at mark. */
  readonly equity: bigint;
  /** Margin held by positions and open orders. */
  readonly initialMargin: bigint;
  readonly maintenanceMargin: bigint;
  /** Equity less initial margin, never below zero. */
  readonly freeCollateral: bigint;
  /** Every market ever touched, flat ones too. */
  readonly positions: readonly PositionView[];
  /** Equity is below maintenance margin: no order is taken and the next `advance` liquidates. */
  readonly liquidating: boolean;
}

export interface FundingPaymentView {
  readonly paymentId: number;
  readonly accountId: string;
  readonly market: string;
  /** Positive is received. */
  readonly amount: bigint;
  readonly rate: bigint;
  readonly timeMs: number;
}

export interface FundingRateView {
  readonly market: string;
  readonly rate: bigint;
  readonly timeMs: number;
}

export interface MarketView {
  readonly spec: MarketSpec;
  readonly index: bigint;
  readonly mark: bigint;
  readonly last: bigint | null;
  readonly bestBid: bigint | null;
  readonly bestAsk: bigint | null;
  readonly openInterest: bigint;
  readonly nextFundingMs: number;
  /** The rate that the running interval would settle with. */
  readonly predictedRate: bigint;
}

export type Command =
  | {
      readonly type: "openAccount";
      readonly accountId: string;
      readonly cash: bigint;
      /** `false` keeps only open orders and the position: no closed orders, fills or payments. For synthetic flow. */
      readonly retain?: boolean;
    }
  | { readonly type: "deposit"; readonly accountId: string; readonly amount: bigint }
  | {
      readonly type: "placeOrder";
      readonly accountId: string;
      readonly market: string;
      readonly side: Side;
      readonly orderType: "limit" | "market";
      readonly price: bigint | null;
      readonly size: bigint;
      readonly timeInForce: "GTC" | "IOC" | "FOK";
      readonly postOnly: boolean;
      readonly reduceOnly: boolean;
      readonly clientId: string | null;
    }
  | { readonly type: "cancelOrder"; readonly accountId: string; readonly orderId: number }
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
  | { readonly type: "setLeverage"; readonly accountId: string; readonly leverage: bigint }
  | { readonly type: "setIndexPrice"; readonly market: string; readonly price: bigint }
  /**
   * Lets time pass: settles funding that is due, recomputes mark, samples the premium, liquidates. Mark moves only here
   * and with `setIndexPrice` (which settles due funding too), so a host sends it often.
   */
  | { readonly type: "advance" };

/** Why a command was refused; nothing changed. */
export type RefusalCode =
  | "noSuchAccount"
  | "noSuchMarket"
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
  | "invalidReduceOnly"
  | "invalidLeverage"
  | "invalidAmount"
  | "liquidating";

export type EngineEvent =
  | { readonly type: "refused"; readonly code: RefusalCode; readonly message: string }
  /** The order passed all checks; what it then did follows as fills and `orderOpened` or `orderClosed`. */
  | { readonly type: "orderAccepted"; readonly order: OrderView }
  | { readonly type: "orderOpened"; readonly order: OrderView }
  /** A resting order was filled in part or resized. */
  | { readonly type: "orderChanged"; readonly order: OrderView }
  | { readonly type: "orderClosed"; readonly order: OrderView }
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
  | { readonly type: "leverageChanged"; readonly accountId: string; readonly leverage: bigint }
  | { readonly type: "markChanged"; readonly market: string; readonly mark: bigint; readonly index: bigint }
  | { readonly type: "fundingSettled"; readonly rate: FundingRateView }
  | { readonly type: "fundingPaid"; readonly payment: FundingPaymentView }
  /** A position was closed by force: its signed size and the average price, truncated to a unit. */
  | {
      readonly type: "liquidated";
      readonly accountId: string;
      readonly market: string;
      readonly size: bigint;
      readonly price: bigint;
    };

/**
 * Where money that left accounts went. After every command, exactly, at 1e-16:
 *
 *     UNIT * (sum of accounts' cash + insurance + fees - deposits) + residue = sum of open positions' cost
 *
 * with the insurance fund's positions among the open ones.
 */
export interface HouseView {
  /** Fees taken less rebates given. */
  readonly fees: bigint;
  /** The insurance fund's cash; below zero when it covered more than it had. */
  readonly insurance: bigint;
  /** What rounding of realised PnL and funding to whole units left over, at 1e-16. */
  readonly residue: bigint;
  readonly deposits: bigint;
  /** Taken over from liquidated accounts. With them the positions of a market sum to zero. */
  readonly insurancePositions: readonly PositionView[];
}

/**
 * The engine: a deterministic state machine. Same commands at the same times, same events. The lists that it returns
 * are live where they only grow (`orders`, `fills`, `trades`, `fundingPayments`, `fundingRates`): their items never
 * change, but the list does with the next command, so copy what you keep. Accounts opened with `retain: false` have
 * empty ones.
 */
export interface Engine {
  /** Applies a command at `nowMs` (never before the last one's time) and returns what happened, in order. */
  execute(command: Command, nowMs: number): readonly EngineEvent[];
  markets(): readonly MarketView[];
  market(name: string): MarketView | undefined;
  /** Best first; at most `depth` levels a side. */
  book(
    market: string,
    depth: number,
  ): { readonly bids: readonly (readonly [bigint, bigint])[]; readonly asks: readonly (readonly [bigint, bigint])[] };
  account(accountId: string): AccountView | undefined;
  accountIds(): readonly string[];
  order(accountId: string, orderId: number): OrderView | undefined;
  orderByClientId(accountId: string, clientId: string): OrderView | undefined;
  openOrders(accountId: string, market?: string): readonly OrderView[];
  /** All orders ever, oldest first; the latest state of each. */
  orders(accountId: string): readonly OrderView[];
  fills(accountId: string): readonly FillView[];
  /** Oldest first; at least the last `tradesKept`. */
  trades(market: string): readonly TradeView[];
  fundingPayments(accountId: string): readonly FundingPaymentView[];
  fundingRates(market: string): readonly FundingRateView[];
  house(): HouseView;
}
