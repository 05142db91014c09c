import type { Book } from "./book.ts";
import type { Level } from "./level-ladder.ts";
import type {
  CloseReason,
  EngineConfig,
  EngineEvent,
  FillView,
  FundingPaymentView,
  FundingRateView,
  MarginMode,
  MarketSpec,
  MarketStatus,
  MarketView,
  OrderView,
  PositionMode,
  PositionSide,
  Side,
  TimeInForce,
  TradeView,
} from "./types.ts";

export interface Settings {
  readonly leverage: bigint;
  readonly positionMode: PositionMode;
  readonly marginMode: MarginMode;
}

export interface Order {
  readonly id: number;
  readonly account: Account;
  readonly market: Market;
  readonly position: Position;
  readonly clientId: string | null;
  readonly side: Side;
  readonly type: "limit" | "market";
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  /** Flag as the order asked for it. */
  readonly reduceOnly: boolean;
  /** Can only make its position smaller: as asked for, or because it closes a leg of a hedge. */
  readonly isReducing: boolean;
  readonly liquidation: boolean;
  readonly adl: boolean;
  readonly settlement: boolean;
  readonly createdMs: number;
  price: bigint | null;
  size: bigint;
  filled: bigint;
  filledCost: bigint;
  fees: bigint;
  updatedMs: number;
  closeReason: CloseReason | null;
  /** Level where it rests; null when it does not. */
  level: Level<Order> | null;
  ahead: Order | null;
  behind: Order | null;
  /** The last published state. */
  view: OrderView | null;
}

export interface Position {
  readonly account: Account;
  readonly market: Market;
  readonly side: PositionSide;
  size: bigint;
  cost: bigint;
  realized: bigint;
  recentRealized: bigint;
  buySize: bigint;
  sellSize: bigint;
  /** Cash of the account that only this position may lose; zero in cross. */
  isolatedMargin: bigint;
  openedMs: number;
  updatedMs: number;
  sequence: number;
  /** Remaining size of open orders that could increase the position: they hold margin. */
  readonly open: Record<Side, bigint>;
  /** Remaining size of open orders that only reduce it: they hold none. */
  readonly reducing: Record<Side, bigint>;
}

export interface Account {
  readonly id: string;
  readonly retain: boolean;
  /**
   * True where its cash, a position or the mark of one has moved since it was last held against its maintenance margin.
   */
  isUnchecked: boolean;
  cash: bigint;
  settings: Settings;
  /** Settings of markets that differ from `settings`. */
  readonly marketSettings: Map<string, Partial<Settings>>;
  /** Positions by market and side. */
  readonly positions: Map<string, Position>;
  readonly openOrders: Map<number, Order>;
  /** The same by market. */
  readonly marketOrders: Map<string, Map<number, Order>>;
  /** The latest view of every order, oldest first, and where each id is in it. Empty without `retain`. */
  readonly orderViews: OrderView[];
  readonly orderSlots: Map<number, number>;
  readonly orderIdByClientId: Map<string, number>;
  /** Closed orders in the order of closing. */
  readonly closedViews: OrderView[];
  readonly fills: FillView[];
  readonly orderFills: Map<number, FillView[]>;
  readonly payments: FundingPaymentView[];
}

export interface Market {
  spec: MarketSpec;
  status: MarketStatus;
  readonly book: Book<Order>;
  /** Positions of all accounts, flat ones too. */
  readonly positions: Position[];
  index: bigint;
  mark: bigint;
  last: bigint | null;
  openInterest: bigint;
  nextFundingMs: number;
  /** (mark - index) / index, since `sampledMicros`. */
  premium: bigint;
  /** Sum of premium times microseconds since `periodStartMicros`. */
  premiumSum: bigint;
  sampledMicros: bigint;
  periodStartMicros: bigint;
  readonly trades: TradeView[];
  readonly fundingRates: FundingRateView[];
  /** The last view, and the turn in which it was made. */
  view: MarketView | null;
  viewedTurn: number;
}

export interface EngineState {
  readonly config: EngineConfig;
  readonly markets: Map<string, Market>;
  /** Accounts in order of opening; without the insurance account. */
  readonly accounts: Map<string, Account>;
  readonly insurance: Account;
  nowMs: number;
  fees: bigint;
  residue: bigint;
  deposits: bigint;
  /** Number of commands that there were, those without effect included: nothing changes between two of them. */
  turn: number;
  /** Sequence of the running command; see `Engine.sequence`. */
  sequence: number;
  nextOrderId: number;
  nextTradeId: number;
  nextFillId: number;
  nextPaymentId: number;
  /** Events of the running command so far. */
  events: EngineEvent[];
  /** Markets whose books the running command touched. */
  readonly touchedMarkets: Set<Market>;
  /** Positions whose size or cost the running command changed. */
  readonly changedPositions: Set<Position>;
  /** Accounts with more ended orders than are kept. */
  readonly crowded: Set<Account>;
  /** Positions whose reduce-only orders may have become too large. */
  readonly reduceOnlyChecks: Set<Position>;
}
