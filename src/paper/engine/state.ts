import { Book } from "./book.ts";
import type { Order } from "./order.ts";
import type {
  EngineConfig,
  EngineEvent,
  FillView,
  FundingPaymentView,
  FundingRateView,
  MarketSpec,
  OrderView,
  RefusalCode,
  Side,
  TradeView,
} from "./types.ts";

/** The account that takes over what liquidations leave. No caller can open or use it. */
export const INSURANCE_ACCOUNT_ID = "house:insurance";

export interface Position {
  readonly account: Account;
  readonly market: Market;
  size: bigint;
  cost: bigint;
  realized: bigint;
  recentRealized: bigint;
  buySize: bigint;
  sellSize: bigint;
  /** What is left of open orders that could increase the position: they hold margin. */
  readonly open: Record<Side, bigint>;
  /** What is left of open reduce-only orders: they hold none. */
  readonly reducing: Record<Side, bigint>;
}

export interface Account {
  readonly id: string;
  readonly retain: boolean;
  cash: bigint;
  leverage: bigint;
  /** By `positionKey`. */
  readonly positions: Map<string, Position>;
  readonly openOrders: Map<number, Order>;
  /** The latest view of every order, oldest first, and where each id is in it. Empty without `retain`. */
  readonly orderViews: OrderView[];
  readonly orderSlots: Map<number, number>;
  readonly orderIdByClientId: Map<string, number>;
  readonly fills: FillView[];
  readonly payments: FundingPaymentView[];
}

export interface Market {
  readonly spec: MarketSpec;
  readonly book: Book;
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
  nextOrderId: number;
  nextTradeId: number;
  nextFillId: number;
  nextPaymentId: number;
  /** What the running command did so far. */
  events: EngineEvent[];
  /** Positions whose size or cost the running command changed. */
  readonly changedPositions: Set<Position>;
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

/** One net position a market; a hedged account would add the side. */
function positionKey(market: Market): string {
  return market.spec.market;
}

export function newMarket(spec: MarketSpec, startMs: number): Market {
  const interval = spec.fundingIntervalMs;
  return {
    spec,
    book: new Book(spec.tick),
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
}

export function newAccount(id: string, leverage: bigint, retain: boolean): Account {
  return {
    id,
    retain,
    cash: 0n,
    leverage,
    positions: new Map(),
    openOrders: new Map(),
    orderViews: [],
    orderSlots: new Map(),
    orderIdByClientId: new Map(),
    fills: [],
    payments: [],
  };
}

/** The account's position, made flat if there is none. */
export function positionOf(account: Account, market: Market): Position {
  const known = findPosition(account, market);
  if (known !== undefined) return known;
  const position = newPosition(account, market);
  account.positions.set(positionKey(market), position);
  return position;
}

/** A flat position that the account does not hold yet. */
export function newPosition(account: Account, market: Market): Position {
  return {
    account,
    market,
    size: 0n,
    cost: 0n,
    realized: 0n,
    recentRealized: 0n,
    buySize: 0n,
    sellSize: 0n,
    open: { buy: 0n, sell: 0n },
    reducing: { buy: 0n, sell: 0n },
  };
}

/** The account's position for reading only: a look must not leave a row behind. */
export function findPosition(account: Account, market: Market): Position | undefined {
  return account.positions.get(positionKey(market));
}

export function newState(config: EngineConfig): EngineState {
  const insurance = newAccount(INSURANCE_ACCOUNT_ID, config.defaultLeverage, false);
  insurance.cash = config.insuranceFund ?? 0n;
  const markets = new Map<string, Market>();
  for (const spec of config.markets) markets.set(spec.market, newMarket(spec, config.startMs));
  return {
    config,
    markets,
    accounts: new Map(),
    insurance,
    nowMs: config.startMs,
    fees: 0n,
    residue: 0n,
    deposits: insurance.cash,
    nextOrderId: 1,
    nextTradeId: 1,
    nextFillId: 1,
    nextPaymentId: 1,
    events: [],
    changedPositions: new Set(),
    reduceOnlyChecks: new Set(),
  };
}
