import type { PositionAdjustment, TradeUpdate } from "../model/account-update.ts";
import { ConfigError } from "../model/error.ts";
import type { FundingPayment } from "../model/funding.ts";
import type { TradingPair } from "../model/market.ts";
import type { OrderReference, OrderSide, VenueOrder } from "../model/order.ts";
import { settleInTurn } from "../net/fan-out.ts";
import { jsonOf } from "../net/json.ts";
import type { PerpetualBudgetChecker } from "../trading/budget-checker.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { AccountFlattener } from "./account-flattener.ts";
import {
  assertClientOrderId,
  assertClientOrderIds,
  assertList,
  assertOptions,
  assertWaitMs,
} from "./call-arguments.ts";
import { ConnectorAccount } from "./connector-account.ts";
import type { ConnectorParts } from "./connector-parts.ts";
import type { FlattenReport } from "./flatten.ts";
import type { AmendOptions, BatchOrder, CancelationResult } from "./order-desk.ts";
import type { OrderOptions } from "./order-request.ts";
import { execute } from "./request-executor.ts";

/** Members of a connector that are about orders. */
export class ConnectorOrders extends ConnectorAccount {
  readonly #parts: ConnectorParts;

  constructor(parts: ConnectorParts) {
    super(parts);
    this.#parts = parts;
  }

  /**
   * Sends a buy order and returns its handle at once. Throws before anything is sent when the order breaks a rule of
   * its market (`OrderRejectedError`), exceeds the free collateral (`InsufficientMarginError`), or when the journal
   * cannot be written (`JournalError`).
   */
  buy(tradingPair: TradingPair, options: OrderOptions): InFlightOrder {
    return this.#createOrder(tradingPair, "buy", options);
  }

  /** Sells; otherwise as `buy`. */
  sell(tradingPair: TradingPair, options: OrderOptions): InFlightOrder {
    return this.#createOrder(tradingPair, "sell", options);
  }

  /**
   * Sends several orders, in native batches where the venue has them. Throws, with nothing sent, when any of them is
   * refused here; what the venue makes of each, its own handle tells.
   */
  batchOrderCreate(orders: readonly BatchOrder[]): readonly InFlightOrder[] {
    this.#parts.assertTrading();
    return this.#parts.desk().createBatch(orders);
  }

  /** Cancels several orders, in native batches where the venue has them. Rejects with `ConfigError` for what is no id. */
  async batchOrderCancel(
    clientOrderIds: readonly string[],
    timeoutMs: number = this.#parts.timings.requestTimeoutMs,
  ): Promise<readonly CancelationResult[]> {
    assertClientOrderIds(clientOrderIds);
    assertWaitMs(timeoutMs, "timeoutMs");
    return (
      this.#parts.afterStop(clientOrderIds) ??
      this.#parts.told(this.#parts.desk().cancelBatch(clientOrderIds, timeoutMs))
    );
  }

  /**
   * Dead-man switch, where the venue has one: it cancels every order of the connector's markets by itself unless this
   * is called again within `timeoutMs`; 0 switches it off.
   */
  async cancelAllAfter(timeoutMs: number): Promise<void> {
    assertWaitMs(timeoutMs, "timeoutMs");
    this.#parts.tradingSide();
    const { cancelAllAfter } = this.#parts.venue.derivative;
    if (!this.capabilities.deadManSwitch || cancelAllAfter === undefined) {
      throw new ConfigError(`${this.name} has no dead-man switch`);
    }
    const context = this.#parts.context();
    // A switch of the whole account is the same request for each market, and was sent once for each of hundreds.
    const done = new Set<string>();
    await settleInTurn(context, this.tradingPairs, async (tradingPair) => {
      const asked = cancelAllAfter(context.markets, timeoutMs, tradingPair);
      const name = jsonOf(asked.request);
      if (done.has(name)) return;
      await execute(this.#parts.network.api, asked, this.#parts.tasks.signal);
      done.add(name);
    });
  }

  /**
   * Calls back what waits to be sent, cancels every order of the account, those of others and conditional ones
   * included, closes every position of every side and margin mode with reduce-only orders, and proves it against the
   * venue. Nothing new is taken until it is done. Resolves with what is left: nothing, unless the time was too short.
   * Anything that the venue does not show, or shows on markets that are not known, is named in the report, and then
   * `isFlat` is false.
   */
  async flatten(options: { readonly timeoutMs?: number | undefined } = {}): Promise<FlattenReport> {
    assertOptions(options, "flatten()", "{ timeoutMs: 30_000 }");
    const { timeoutMs = 30_000 } = options;
    assertWaitMs(timeoutMs, "timeoutMs");
    this.#parts.assertTrading();
    const { entry, tracker, sync } = this.#parts.tradingSide();
    const { clock, timers } = this.#parts.options.runtime;
    const flattener = new AccountFlattener({
      venue: this.#parts.venue,
      market: this.#parts.market,
      desk: this.#parts.desk(),
      api: this.#parts.network.api,
      context: () => this.#parts.context(),
      withdrawAll: () => entry.withdrawAll(),
      isOurs: (order) => tracker.isTracked(order),
      cancelAtVenue: (order) => this.cancelAtVenue(order),
      cancelAll: (waitMs) => this.cancelAll(waitMs),
      readPositionMode: () => sync.updateModeOfAccount(this.#parts.tasks.signal),
      readPositions: () => sync.readPositions(this.#parts.tasks.signal),
      positions: () => this.positions(),
      clock,
      timers,
      logger: this.#parts.logger,
    });
    return this.#parts.told(flattener.flatten(timeoutMs, this.#parts.tasks.signal));
  }

  #createOrder(tradingPair: TradingPair, side: OrderSide, options: OrderOptions): InFlightOrder {
    this.#parts.life.assertNotStopped();
    const desk = this.#parts.desk();
    this.#parts.assertTrading();
    return desk.create(tradingPair, side, options);
  }

  /** Order candidates against the balances, for strategies that size their orders by them. */
  get budgetChecker(): PerpetualBudgetChecker {
    return this.#parts.budgetChecker;
  }

  /**
   * Cancels an order and resolves when it has ended, or after `timeoutMs` with what is known. Rejects with `ConfigError`
   * for what is no id, such as the order itself.
   */
  async cancel(
    clientOrderId: string,
    timeoutMs: number = this.#parts.timings.requestTimeoutMs,
  ): Promise<CancelationResult> {
    assertClientOrderId(clientOrderId);
    assertWaitMs(timeoutMs, "timeoutMs");
    return (
      this.#parts.afterStop([clientOrderId])?.[0] ??
      this.#parts.told(this.#parts.desk().cancel(clientOrderId, timeoutMs))
    );
  }

  /** Cancels every order of this connector that is open, and resolves with what became of each. Never rejects. */
  async cancelAll(timeoutMs: number = this.#parts.timings.requestTimeoutMs): Promise<readonly CancelationResult[]> {
    assertWaitMs(timeoutMs, "timeoutMs");
    return this.#parts.cancelAll(timeoutMs);
  }

  /**
   * Changes price or amount (base units, the whole order's) of an open order; what is left out stays as the venue shows
   * it, or as an amend under way asks for it. Its fills so far stay with it. Resolves
   * when the venue has taken the amend, rejects with its refusal. Where the venue only queues it (Bybit, OKX) `price`
   * and `amount` change when it shows the new terms; `orderAmended` and `orderAmendFailed` tell.
   */
  async amend(clientOrderId: string, change: AmendOptions): Promise<void> {
    assertClientOrderId(clientOrderId);
    this.#parts.life.assertNotStopped();
    await this.#parts.told(this.#parts.desk().amend(clientOrderId, change, this.#parts.tasks.signal));
  }

  /** An order of this connector, while it is remembered. */
  order(clientOrderId: string): InFlightOrder | undefined {
    return this.#parts.tradingSide().tracker.orderByClientId(clientOrderId);
  }

  /** Orders that have not ended, by client order id. */
  get inFlightOrders(): ReadonlyMap<string, InFlightOrder> {
    return new Map(this.#parts.tradingSide().tracker.activeOrders.map((order) => [order.clientOrderId, order]));
  }

  /** Orders of which the venue could not tell in time; still watched, still cancelable. */
  get lostOrders(): readonly InFlightOrder[] {
    return this.#parts.tradingSide().tracker.lostOrders;
  }

  /**
   * Open orders of the account that are not this connector's, as the venue last told: of other programs, or of a hand.
   */
  externalOrders(): readonly VenueOrder[] {
    return this.#parts.tradingSide().externalOrders.open;
  }

  /** Asks the venue for the account's open orders, those of others included. */
  async fetchOpenOrders(tradingPairs: readonly TradingPair[] = this.tradingPairs): Promise<readonly VenueOrder[]> {
    assertList(tradingPairs, "trading pairs", '["BTC-USDT"]');
    this.#parts.tradingSide();
    return this.#parts.venue.derivative.fetchOpenOrders(this.#parts.context(), tradingPairs);
  }

  /**
   * Every execution on the account from `sinceMs` on as the venue tells it now, oldest first: fills of any order,
   * whoever made it, and what the venue traded by itself. How far back it reaches is the venue's `retentionMs`.
   */
  async fetchTradeHistory(
    sinceMs: number,
    tradingPairs: readonly TradingPair[] = this.tradingPairs,
  ): Promise<readonly (TradeUpdate | PositionAdjustment)[]> {
    assertWaitMs(sinceMs, "sinceMs");
    assertList(tradingPairs, "trading pairs", '["BTC-USDT"]');
    this.#parts.tradingSide();
    return this.#parts.venue.derivative.tradesSince(this.#parts.context(), sinceMs, tradingPairs);
  }

  /** Settlements of the account from `sinceMs` on as the venue tells them now, oldest first. */
  async fetchFundingHistory(
    sinceMs: number,
    tradingPairs: readonly TradingPair[] = this.tradingPairs,
  ): Promise<readonly FundingPayment[]> {
    assertWaitMs(sinceMs, "sinceMs");
    assertList(tradingPairs, "trading pairs", '["BTC-USDT"]');
    this.#parts.tradingSide();
    return this.#parts.venue.derivative.fetchFundingPayments(this.#parts.context(), sinceMs, tradingPairs);
  }

  /**
   * Orders of this connector that have ended, oldest first: the last `doneOrdersKept`, for `timings.doneOrdersKeptMs`, those
   * of earlier processes on the same journal included.
   */
  get doneOrders(): readonly InFlightOrder[] {
    return this.#parts.tradingSide().tracker.doneOrders;
  }

  /**
   * Cancels an order by its exchange id, or without one by its client id: also one that this connector did not create.
   * Rejects with the venue's refusal.
   */
  async cancelAtVenue(
    order: Omit<VenueOrder, "exchangeOrderId"> & { readonly exchangeOrderId?: string | undefined },
  ): Promise<void> {
    assertOptions(order, "cancelAtVenue()", "one of fetchOpenOrders()");
    const reference: OrderReference = {
      ...order,
      clientOrderId: order.clientOrderId ?? "",
      timeInForce: "GTC",
      createdAtMs: order.timestampMs,
    };
    await this.#parts.told(this.#parts.tradingSide().entry.cancelAtVenue(reference, this.#parts.tasks.signal));
  }
}
