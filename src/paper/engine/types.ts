/** The words of the exchange engine: what goes in (commands), what comes out (events) and what it shows (views). */
import type { Command, Placement, RefusalCode } from "./command-types.ts";
import type { EngineEvent } from "./event-types.ts";
import type { MarketSpec } from "./market-spec.ts";
import type {
  AccountView,
  FillView,
  FundingPaymentView,
  FundingRateView,
  HouseView,
  MarketSettingsView,
  MarketView,
  OrderView,
  PositionView,
  TradeView,
} from "./view-types.ts";
import type { MarginMode, PositionMode, Side } from "./words.ts";

export type * from "./command-types.ts";
export type * from "./event-types.ts";
export type * from "./market-spec.ts";
export type * from "./view-types.ts";
export * from "./words.ts";

export interface EngineConfig {
  readonly markets: readonly MarketSpec[];
  readonly makerFee: bigint;
  readonly takerFee: bigint;
  readonly defaultLeverage: bigint;
  /** Funding rate per interval is the time-weighted premium divided by this plain integer (`24n` on FTX: hourly). */
  readonly fundingDivisor: bigint;
  readonly startMs: number;
  /** Trades that a market remembers at least; older ones are dropped. 10,000 by default. */
  readonly tradesKept?: number;
  /** Ended orders that an account remembers, the latest, with their fills; 100,000 by default. */
  readonly endedOrdersKept?: number;
  /** Time that an ended order is remembered where the number allows it, milliseconds; without end by default. */
  readonly endedOrdersKeptMs?: number;
  /** Initial cash of the insurance fund; it counts as deposited. Zero by default; the fund may go below zero. */
  readonly insuranceFund?: bigint;
  /**
   * True where positions in profit are reduced by auto-deleveraging while the fund holds the other side and is worth
   * less than nothing. False by default: the fund then goes below zero.
   */
  readonly autoDeleverage?: boolean;
  /** Initial modes of accounts: `oneWay` and `cross` by default. */
  readonly defaultPositionMode?: PositionMode;
  readonly defaultMarginMode?: MarginMode;
  /** Most orders that an account may have open over all markets; no limit by default. */
  readonly maxOpenOrders?: number;
  /**
   * Reuse of client ids: an id is taken for ever (the default), only while its order is open (as on Binance), or never
   * (as on Gate). In the last case an id finds its latest order.
   */
  readonly clientIdsTaken?: "ever" | "whileOpen" | "never";
}

/** Orders of one account that a gateway took before another one, and that the engine has not seen. */
export interface PlacementsAhead {
  readonly waiting: readonly Placement[];
  /** The open order whose place is taken, and how much of it is left. */
  readonly replaced?: { readonly side: Side; readonly size: bigint } | undefined;
  /** The most of a market order, where the gateway's venue has one. */
  readonly maxMarketSize?: bigint | undefined;
}

/**
 * The engine: a deterministic state machine. Same commands at the same times, same events. The lists that it returns
 * are live where they only grow (`orders`, `fills`, `orderFills`, `trades`, `fundingPayments`, `fundingRates`): their
 * items never change, but the list does with the next command, so copy what you keep. Accounts opened with
 * `retain: false` have empty ones.
 */
export interface Engine {
  /** Applies a command at `nowMs` (never before the last one's time) and returns what happened, in order. */
  execute(command: Command, nowMs: number): readonly EngineEvent[];
  /**
   * Reason why an order would be refused if those ahead of it came first; null where it would be taken. Changes
   * nothing. Client ids and numbers of orders are not looked at: a gateway counts its own.
   */
  check(order: Placement, ahead: PlacementsAhead): RefusalCode | null;
  /**
   * The number of the last command that brought events about other than a refusal: one more with each such command,
   * so it names the batch that `execute` has just returned. Zero at first.
   */
  sequence(): number;
  /** Time when funding is next due on any market. */
  nextFundingMs(): number;
  /** Lists the markets without those that were delisted. */
  markets(): readonly MarketView[];
  /** Finds a market by any name that there ever was. */
  market(name: string): MarketView | undefined;
  /** Best first; at most `depth` levels a side. */
  book(
    market: string,
    depth: number,
  ): { readonly bids: readonly (readonly [bigint, bigint])[]; readonly asks: readonly (readonly [bigint, bigint])[] };
  account(accountId: string): AccountView | undefined;
  accountIds(): readonly string[];
  /**
   * The positions of an account on a market as its mode there has them, flat ones too: one (`both`), or two (`long`,
   * then `short`). Empty when there is no such account or market.
   */
  positions(accountId: string, market: string): readonly PositionView[];
  settings(accountId: string, market: string): MarketSettingsView | undefined;
  /** Finds an order of any market, open or closed. */
  order(accountId: string, orderId: number): OrderView | undefined;
  /** The latest order with this client id. */
  orderByClientId(accountId: string, clientId: string): OrderView | undefined;
  /** Lists open orders in the order in which they came to rest. */
  openOrders(accountId: string, market?: string): readonly OrderView[];
  openOrderCount(accountId: string): number;
  /** All orders ever, oldest first; the latest state of each. */
  orders(accountId: string): readonly OrderView[];
  /** Lists closed orders in the order of closing, from `sinceMs` on; all by default. */
  closedOrders(accountId: string, sinceMs?: number): readonly OrderView[];
  fills(accountId: string): readonly FillView[];
  orderFills(accountId: string, orderId: number): readonly FillView[];
  /** Oldest first; at least the last `tradesKept`. */
  trades(market: string): readonly TradeView[];
  fundingPayments(accountId: string): readonly FundingPaymentView[];
  fundingRates(market: string): readonly FundingRateView[];
  house(): HouseView;
}
