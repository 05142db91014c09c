import { Book } from "./book.ts";
import type { Account, EngineState, Market } from "./records.ts";
import type { EngineConfig, MarketSpec, RefusalCode } from "./types.ts";

/** The account that takes over what liquidations leave. No caller can open or use it. */
export const INSURANCE_ACCOUNT_ID = "house:insurance";

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
    view: null,
    viewedTurn: -1,
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
    turn: 0,
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
