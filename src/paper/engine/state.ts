import { Book } from "./book.ts";
import type { Order } from "./order.ts";
import type { Position } from "./position.ts";
import type { Settings } from "./settings.ts";
import type {
  EngineConfig,
  EngineEvent,
  FillView,
  FundingPaymentView,
  FundingRateView,
  MarketSpec,
  MarketStatus,
  OrderView,
  RefusalCode,
  TradeView,
} from "./types.ts";

/** The account that takes over what liquidations leave. No caller can open or use it. */
export const INSURANCE_ACCOUNT_ID = "house:insurance";

export interface Account {
  readonly id: string;
  readonly retain: boolean;
  /** Its cash, a position or the mark of one has moved since it was last held against its maintenance margin. */
  isUnchecked: boolean;
  cash: bigint;
  settings: Settings;
  /** Where markets differ from `settings`. */
  readonly marketSettings: Map<string, Partial<Settings>>;
  /** By market and side. */
  readonly positions: Map<string, Position>;
  readonly openOrders: Map<number, Order>;
  /** The same by market. */
  readonly marketOrders: Map<string, Map<number, Order>>;
  /** The latest view of every order, oldest first, and where each id is in it. Empty without `retain`. */
  readonly orderViews: OrderView[];
  readonly orderSlots: Map<number, number>;
  readonly orderIdByClientId: Map<string, number>;
  /** In the order of closing. */
  readonly closedViews: OrderView[];
  readonly fills: FillView[];
  readonly orderFills: Map<number, FillView[]>;
  readonly payments: FundingPaymentView[];
}

export interface Market {
  spec: MarketSpec;
  status: MarketStatus;
  readonly book: Book;
  /** Of all accounts, flat ones too. */
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
}

export interface EngineState {
  readonly config: EngineConfig;
  readonly markets: Map<string, Market>;
  /** In order of opening; without the insurance account. */
  readonly accounts: Map<string, Account>;
  readonly insurance: Account;
  nowMs: number;
  fees: bigint;
  residue: bigint;
  deposits: bigint;
  /** Of the running command; see `Engine.sequence`. */
  sequence: number;
  nextOrderId: number;
  nextTradeId: number;
  nextFillId: number;
  nextPaymentId: number;
  /** What the running command did so far. */
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

/** A refusal on its way to the caller; nothing was changed. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

export function microsOf(timeMs: number): bigint {
  return BigInt(Math.round(timeMs * 1_000));
}

function newMarket(spec: MarketSpec, startMs: number, touched: Set<Market>): Market {
  const interval = spec.fundingIntervalMs;
  const market: Market = {
    spec,
    status: "trading",
    book: new Book(spec.tick, () => void touched.add(market)),
    positions: [],
    index: spec.initialPrice,
    mark: spec.initialPrice,
    last: null,
    openInterest: 0n,
    nextFundingMs: (Math.floor(startMs / interval) + 1) * interval,
    premium: 0n,
    premiumSum: 0n,
    sampledMicros: microsOf(startMs),
    periodStartMicros: microsOf(startMs),
    trades: [],
    fundingRates: [],
  };
  return market;
}

export function newAccount(id: string, config: EngineConfig, retain: boolean): Account {
  return {
    id,
    retain,
    isUnchecked: false,
    cash: 0n,
    settings: {
      leverage: config.defaultLeverage,
      positionMode: config.defaultPositionMode ?? "oneWay",
      marginMode: config.defaultMarginMode ?? "cross",
    },
    marketSettings: new Map(),
    positions: new Map(),
    openOrders: new Map(),
    marketOrders: new Map(),
    orderViews: [],
    orderSlots: new Map(),
    orderIdByClientId: new Map(),
    closedViews: [],
    fills: [],
    orderFills: new Map(),
    payments: [],
  };
}

/** The insurance fund's account: one net position a market, whatever the accounts of users start with. */
function newInsurance(config: EngineConfig): Account {
  const account = newAccount(INSURANCE_ACCOUNT_ID, config, false);
  account.settings = { ...account.settings, positionMode: "oneWay", marginMode: "cross" };
  account.cash = config.insuranceFund ?? 0n;
  return account;
}

export function newState(config: EngineConfig): EngineState {
  const insurance = newInsurance(config);
  const markets = new Map<string, Market>();
  const touchedMarkets = new Set<Market>();
  for (const spec of config.markets) markets.set(spec.market, newMarket(spec, config.startMs, touchedMarkets));
  return {
    config,
    markets,
    accounts: new Map(),
    insurance,
    nowMs: config.startMs,
    fees: 0n,
    residue: 0n,
    deposits: insurance.cash,
    sequence: 0,
    nextOrderId: 1,
    nextTradeId: 1,
    nextFillId: 1,
    nextPaymentId: 1,
    events: [],
    touchedMarkets,
    changedPositions: new Set(),
    crowded: new Set(),
    reduceOnlyChecks: new Set(),
  };
}
