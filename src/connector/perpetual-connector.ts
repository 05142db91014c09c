import { createHash } from "node:crypto";
import type { DailyReport } from "../account/daily-result.ts";
import type { AccountMargin } from "../account/perpetual-account.ts";
import type { ChannelStatus } from "../market-data/channel-board.ts";
import type { OrderBook } from "../market-data/order-book.ts";
import type { PositionAdjustment, TradeUpdate } from "../model/account-update.ts";
import type { AccountBalance } from "../model/balance.ts";
import { type Decimal, type DecimalInput, decimal } from "../model/decimal.ts";
import { AuthError, ConfigError, describeError, PerpwireError, VenueUnavailableError } from "../model/error.ts";
import type { ConnectorEventName, ConnectorEvents, OrderEvent } from "../model/event.ts";
import type { TradeFee, TradeFeeSchema } from "../model/fee.ts";
import type { FundingInfo, FundingPayment } from "../model/funding.ts";
import { INSPECT, type Inspect, inspected } from "../model/inspect.ts";
import type { Market, TradingPair, TradingRule } from "../model/market.ts";
import type {
  MarginMode,
  OrderReference,
  OrderSide,
  PositionAction,
  PositionMode,
  VenueOrder,
} from "../model/order.ts";
import type { Position } from "../model/position.ts";
import { atWholeMs } from "../model/time.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";
import { accountFields, type CredentialSpec, type Credentials, credentialSuffix } from "../net/auth.ts";
import { isUnknownMarket, settleInTurn } from "../net/fan-out.ts";
import { type Logger, standardErrorLogger } from "../runtime/logger.ts";
import { loggerUntilEnd, resultUntilEnd } from "../runtime/process-end.ts";
import { type BudgetSource, PerpetualBudgetChecker } from "../trading/budget-checker.ts";
import { withFeeOverrides } from "../trading/fee-overrides.ts";
import { expectedPerpetualFee } from "../trading/fees.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { quantizeOrderAmount, quantizeOrderPrice } from "../trading/quantize.ts";
import { readsPrices, validateRiskLimits } from "../trading/risk-limits.ts";
import { AccountFlattener } from "./account-flattener.ts";
import { type AccountSettingsOptions, setLeverage, setPositionMode } from "./account-settings.ts";
import { accountBalance, type ValueSource } from "./account-values.ts";
import {
  assertClientOrderId,
  assertClientOrderIds,
  assertList,
  assertOptions,
  assertWaitMs,
} from "./call-arguments.ts";
import { ConnectorEventHub } from "./connector-events.ts";
import { ConnectorLife, stoppedError } from "./connector-life.ts";
import { type ConnectorMetrics, connectorMetrics } from "./connector-metrics.ts";
import { ConnectorNetwork } from "./connector-network.ts";
import { type ConnectorTimings, DEFAULT_TIMINGS, type PerpetualConnectorOptions } from "./connector-options.ts";
import { createTrading } from "./create-trading.ts";
import type { FlattenReport } from "./flatten.ts";
import { MarketSide } from "./market-side.ts";
import { type AmendOptions, type BatchOrder, type CancelationResult, OrderDesk } from "./order-desk.ts";
import { type OrderOptions, parseLeverage } from "./order-request.ts";
import type { PerpetualVenue, VenueCapabilities, VenueManifest } from "./perpetual-venue.ts";
import { Readiness, readyTimeoutMs } from "./readiness.ts";
import { execute } from "./request-executor.ts";
import { retryRead } from "./retry-read.ts";
import { SharedRun } from "./shared-run.ts";
import { TaskGroup } from "./task-group.ts";
import { tellIfSlow } from "./tell-if-slow.ts";
import type { TradingSide } from "./trading-side.ts";
import { UnreadableRows } from "./unreadable-rows.ts";

/** A program that listens to no fills after this long does not want to hear of earlier ones. */
const FIRST_LISTENER_MS = 10_000;
/** The same where the connector does not become ready. */
const MAX_WAIT_MS = 300_000;

const MAX_PAIRS_SHOWN = 10;

/** Readiness of each part: `ready` is true when all of them are. */
export type ConnectorStatus = Readonly<Record<string, boolean>>;

/**
 * A connector to one perpetual venue: markets, books, orders, account. One object for one account; `start()` before
 * use, `stop()` after. Errors are `PerpwireError`s; orders' handles never reject.
 */
export class PerpetualConnector implements AsyncDisposable {
  readonly #options: PerpetualConnectorOptions;
  readonly #timings: ConnectorTimings;
  readonly #logger: Logger;
  readonly #hub: ConnectorEventHub;
  readonly #events: TypedEmitter<ConnectorEvents>;
  readonly #unreadable: UnreadableRows;
  readonly #tasks: TaskGroup;
  readonly #network: ConnectorNetwork;
  readonly #market: MarketSide;
  readonly #readiness: Readiness;
  readonly #budgetChecker: PerpetualBudgetChecker;
  readonly #budgetSource: BudgetSource;
  #trading: TradingSide | undefined;
  #orderDesk: OrderDesk | undefined;
  readonly #life: ConnectorLife;
  #stopping: Promise<void> | undefined;
  readonly #refreshing = new SharedRun(() => this.#tradingSide().sync.refresh(this.#tasks.signal));

  constructor(options: PerpetualConnectorOptions) {
    const { venue, runtime, credentials } = options;
    if (options.riskLimits !== undefined) validateRiskLimits(options.riskLimits);
    withFeeOverrides(options.feeOverrides ?? {});
    this.#options = options;
    this.#timings = { ...DEFAULT_TIMINGS, ...options.timings };
    const logger = loggerUntilEnd(options.logger ?? standardErrorLogger(runtime), runtime);
    this.#logger = logger;
    this.#hub = new ConnectorEventHub(logger, runtime);
    this.#events = this.#hub.emitter;
    this.#tasks = new TaskGroup(logger, (error, name) => this.#hub.taskFailed(name, error));
    this.#unreadable = new UnreadableRows({
      events: this.#events,
      logger,
      clock: runtime.clock,
      mayBeOurs: (row) => this.#trading?.mayBeOurs(row) === true,
    });
    this.#network = new ConnectorNetwork({
      venue,
      runtime,
      credentials,
      logger,
      requestTimeoutMs: this.#timings.requestTimeoutMs,
      sharePercentage: options.rateLimitsSharePercentage,
      orderEntry: options.orderEntry,
    });
    this.#market = new MarketSide({
      venue,
      runtime,
      factory: this.#network.factory,
      logger,
      timings: this.#timings,
      events: this.#events,
      tradingPairs: options.tradingPairs,
      account: accountFields(venue.manifest.credentials, credentials),
      areMarksNeeded: options.riskLimits !== undefined && readsPrices(options.riskLimits),
      onVenueTime: this.#network.noteVenueTime,
      onListenerError: (error, tradingPair) => this.#hub.listenerFailed(`the order book of ${tradingPair}`, error),
      context: (markets) => ({
        isOwnOrder: (pair, id) => this.#trading?.tracker.orderByExchangeId(pair, id) !== undefined,
        ...this.#network.context(markets),
        onUnreadable: (row) => this.#unreadable.report(row),
        onMarketFailure: (tradingPair, error) => this.#leaveOutWhenGone(tradingPair, error),
      }),
    });
    this.#life = new ConnectorLife({
      tasks: this.#tasks,
      prepare: (signal, timeoutMs) => this.#takeStartSteps(signal, timeoutMs),
      begin: () => this.#begin(),
      endOrders: () => this.#endOrders(),
      close: () => this.#close(),
      release: async () => {
        this.#events.removeAll();
        await options.companion?.[Symbol.asyncDispose]();
      },
    });
    this.#readiness = new Readiness({
      status: () => this.status(),
      events: this.#events,
      clock: runtime.clock,
      timers: runtime.timers,
      logger: this.#logger,
      progress: () => {
        const { books, validBooks } = this.#market.books.metrics();
        return { books, validBooks };
      },
    });
    this.#budgetSource = {
      availableBalance: (token) => this.#tradingSide().account.availableCollateral(token),
      buyCollateralToken: (tradingPair) => this.buyCollateralToken(tradingPair),
      sellCollateralToken: (tradingPair) => this.sellCollateralToken(tradingPair),
      feeSchema: (tradingPair) => this.feeSchema(tradingPair),
      tradingRule: (tradingPair) => this.tradingRule(tradingPair),
    };
    this.#budgetChecker = new PerpetualBudgetChecker(this.#budgetSource);
    if (options.cancelLostOrders === true) this.#events.on("orderLost", (order) => this.#cancelLost(order));
  }

  /** Asked for once: the order desk sends it until the venue says what became of the order. */
  #cancelLost({ clientOrderId }: OrderEvent): void {
    this.#logger.warn("an order is lost: it is canceled in case the venue has it", { clientOrderId });
    this.#desk()
      .cancel(clientOrderId, this.#timings.requestTimeoutMs)
      .catch(() => undefined);
  }

  // ---- what it is
  // ----------------------------------------------------------------------------------------------------

  get #venue(): PerpetualVenue {
    return this.#options.venue;
  }

  /**
   * Facts about the venue, as data: fees, order types, position modes, collateral tokens, how far back it can be asked.
   */
  get manifest(): VenueManifest {
    return this.#venue.manifest;
  }

  /** Abilities of the venue beyond the checklist: amend, native batches, a dead-man switch. */
  get capabilities(): VenueCapabilities {
    return this.#venue.capabilities;
  }

  /** The connector's name: that of the venue's domain, as in `binance_perpetual_testnet`. */
  get name(): string {
    return this.#venue.domain;
  }

  /** The venue's domain that this connector speaks to, by its name: the same as `name`. */
  get domain(): string {
    return this.#venue.domain;
  }

  /** The markets that are followed, as `BASE-QUOTE`. */
  get tradingPairs(): readonly TradingPair[] {
    return this.#market.tradingPairs;
  }

  /** Followed pairs that the venue no longer trades: what is open on them is followed, nothing new is sent. */
  get goneTradingPairs(): readonly TradingPair[] {
    return this.#market.goneTradingPairs;
  }

  /** True when credentials were given: the account can be looked at. */
  get hasCredentials(): boolean {
    return this.#options.credentials !== undefined;
  }

  /** True when orders may be sent: by default where credentials were given. */
  get isTradingRequired(): boolean {
    return this.#options.isTradingRequired ?? this.hasCredentials;
  }

  // ---- life
  // ----------------------------------------------------------------------------------------------------------

  /**
   * Reads the venue's markets, checks the key, restores the journal and starts the streams. Failures that may pass are
   * logged and tried again for `timeoutMs`, default one minute. Rejects when the venue cannot be reached, refuses the
   * key, or does not know a trading pair; everything is stopped then.
   */
  async start(options: { readonly timeoutMs?: number | undefined } = {}): Promise<void> {
    assertOptions(options, "start()", "{ timeoutMs: 30_000 }");
    if (options.timeoutMs !== undefined) assertWaitMs(options.timeoutMs, "timeoutMs");
    await this.#told(this.#life.start(options.timeoutMs));
  }

  #begin(): void {
    this.#tasks.run("the market data", (stop) => this.#market.run(stop));
    const trading = this.#trading;
    if (trading !== undefined) this.#tasks.run("the account", (stop) => trading.run(stop));
    if (trading !== undefined) this.#tasks.run("the first news", (stop) => this.#tellWhenHeard(trading, stop));
    const { orderSocket } = this.#network.factory;
    if (orderSocket !== undefined) this.#tasks.run("the socket for orders", (stop) => orderSocket.run(stop));
    this.#tasks.run("the readiness", (stop) => this.#readiness.run(stop));
    this.#tasks.run("the clock", (stop) => this.#network.timeSynchronizationLoop(stop));
  }

  /**
   * News that earlier processes could not tell, and that the first catch-up finds, waits for the program's listeners,
   * which come after `connect()`: for the first one, or a while after it was ready for a program that has none.
   */
  async #tellWhenHeard({ untold }: TradingSide, signal: AbortSignal): Promise<void> {
    const { timers } = this.#options.runtime;
    const ready = new Promise<void>((resolve) => this.#events.once("ready", () => resolve()));
    const patience = ready.then(() => timers.sleep(FIRST_LISTENER_MS, signal));
    await Promise.race([this.#hub.heard, patience, timers.sleep(MAX_WAIT_MS, signal)]);
    untold.open();
  }

  async #takeStartSteps(signal: AbortSignal, timeoutMs: number | undefined): Promise<void> {
    const { runtime, credentials } = this.#options;
    const { clock, timers } = runtime;
    const endsMs = timeoutMs === undefined ? undefined : clock.monotonic() + timeoutMs;
    const onFirstFailure = (error: unknown) =>
      this.#logger.warn("the start failed, trying again", { error: describeError(error) });
    const retry = { clock, timers, signal, retryForMs: timeoutMs, endsMs, onFirstFailure };
    const take = (what: string, step: (attempt: AbortSignal) => Promise<void>): Promise<void> =>
      tellIfSlow(what, { timers, logger: this.#logger }, retryRead(retry, step));
    await take("its clock", (attempt) => this.#network.start(attempt));
    await take("its markets", (attempt) => this.#market.updateTradingRules(attempt));
    this.#life.assertNotStopped();
    if (credentials === undefined) {
      this.#market.takeKnownMarkets(() => undefined);
      return;
    }
    const trading = this.#createTradingSide(credentials);
    this.#trading = trading;
    trading.restore();
    trading.takeKnownMarkets();
    const account = `balances, fees and position modes of ${this.tradingPairs.length} markets`;
    await take(account, (attempt) => trading.initialize(attempt));
  }

  #createTradingSide(credentials: Credentials): TradingSide {
    const { runtime, journalPath = ":memory:", journalDurability = "process" } = this.#options;
    if (this.#options.journalPath === undefined && this.#options.companion === undefined && this.isTradingRequired) {
      this.#logger.warn("orders, fills and the day's result are kept in memory: a restart forgets them", {
        hint: 'journalPath names a file that keeps them; ":memory:" says that this is meant',
      });
    }
    return createTrading({
      venue: this.#venue,
      runtime,
      factory: this.#network.factory,
      logger: this.#logger,
      timings: this.#timings,
      events: this.#events,
      market: this.#market,
      tasks: this.#tasks,
      journalPath,
      journalDurability,
      doneOrdersKept: this.#options.doneOrdersKept,
      feeOverrides: this.#options.feeOverrides,
      accountKey: accountKeyOf(this.manifest.credentials, credentials),
      onFault: (error) => this.#hub.fault(error),
      unreadable: this.#unreadable,
    });
  }

  /**
   * Stops everything; nothing of the connector runs when it resolves, for every caller. New orders are refused from the
   * call on. Orders stay where they are unless `cancelOnStop`; a `start()` that is under way rejects and leaves them.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#told(this.#life.stop());
    return this.#stopping;
  }

  /** Passes on the result of a call, but never settles in a process that has been killed. */
  #told<T>(result: Promise<T>): Promise<T> {
    return resultUntilEnd(result, this.#options.runtime);
  }

  /** Requests under way get a moment to be answered, so that no order is left unknown without need. */
  async #endOrders(): Promise<void> {
    const trading = this.#trading;
    if (trading === undefined) return;
    const { timers } = this.#options.runtime;
    trading.entry.withdrawAll();
    if (this.#options.cancelOnStop === true) await this.cancelAll();
    const pending = trading.tracker.activeOrders.filter((order) => order.state === "pendingCreate");
    if (pending.length === 0) return;
    const patience = new AbortController();
    const answered = Promise.all(pending.map((order) => order.accepted)).then(() => patience.abort());
    await timers.sleep(this.#timings.requestTimeoutMs, patience.signal).catch(() => answered);
  }

  #close(): void {
    const stopped = new PerpwireError("the connector has stopped", { code: "STOPPED", outcome: "unknown" });
    this.#market.books.close("the connector has stopped");
    this.#trading?.tracker.detach(stopped);
    this.#trading?.close();
  }

  /** No option is shown: credentials are among them. */
  [INSPECT](depth: number, options: object, inspect: Inspect): string {
    const { name, ready, tradingPairs } = this;
    const status = this.status();
    const { isStarted, isStopped, isStarting } = this.#life;
    const state = isStopped ? "stopped" : isStarting ? "starting" : isStarted ? "started" : "not started";
    const trading = this.#trading;
    const fields = {
      ...{ name, state, ready },
      missing: ready ? undefined : Object.keys(status).filter((part) => status[part] !== true),
      tradingPairs: tradingPairs.length > MAX_PAIRS_SHOWN ? tradingPairs.length : tradingPairs,
      openOrders: trading?.tracker.activeOrders.length,
      positions: trading?.account.positions.map(({ tradingPair, amount }) => `${amount.toFixed()} ${tradingPair}`),
    };
    return inspected("PerpetualConnector", fields, depth, options, inspect);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  // ---- how it is
  // -----------------------------------------------------------------------------------------------------

  /**
   * Readiness by name, true where it is known: of the markets, and with credentials of the account too. All false
   * before `start()`. Costs no request.
   *
   * @example const missing = Object.entries(connector.status()).filter(([, isReady]) => !isReady);
   */
  status(): ConnectorStatus {
    const market = this.#market;
    const { isStarted } = this.#life;
    const publicStatus = {
      symbolsMappingInitialized: isStarted && market.isInitialized,
      orderBooksInitialized: isStarted && market.books.ready(),
      tradingRuleInitialized: isStarted && market.isInitialized,
      publicChannels: isStarted && market.areChannelsHealthy,
      fundingInfo: isStarted && market.isFundingInfoReady,
      timeSynchronized: isStarted && this.#network.isTimeSynchronized,
    };
    const trading = this.#trading;
    if (this.#options.credentials === undefined) return publicStatus;
    return {
      ...publicStatus,
      accountBalance: trading?.sync.areBalancesKnown === true,
      userStreamInitialized: trading?.userStream.isHealthy() === true,
      ordersCaughtUp: trading?.sync.isCaughtUp === true,
      journal: trading !== undefined && trading.journal.failure === undefined,
    };
  }

  /** True when everything in `status()` is. */
  get ready(): boolean {
    return this.#life.isStarted && Object.values(this.status()).every(Boolean);
  }

  /**
   * Status of each public wire channel, of one market or of all: `requested`, `confirmed`, `live`, `refused` by the
   * venue, or `silent`. Times are the monotonic clock's, in milliseconds.
   */
  channelStatuses(tradingPair?: TradingPair): readonly ChannelStatus[] {
    return this.#market.channelStatuses(tradingPair);
  }

  /**
   * Resolves when `ready`; rejects with what is missing after `timeoutMs` (default 30 seconds, or a tenth of a second for
   * each market where that is longer).
   */
  async waitUntilReady(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    assertOptions(options, "waitUntilReady()", "{ timeoutMs: 30_000 }");
    const timeoutMs = options.timeoutMs ?? readyTimeoutMs(this.tradingPairs.length);
    assertWaitMs(timeoutMs, "timeoutMs");
    const failure = await this.#told(this.#readiness.wait(timeoutMs, this.#tasks.signal));
    if (failure === undefined) return;
    this.#life.assertNotStopped();
    const { authFailure } = this.#trading ?? {};
    if (authFailure !== undefined) throw authFailure;
    throw new VenueUnavailableError(`${this.name} is not ready: ${failure.join(", ")}`, { outcome: "definite" });
  }

  /** Path of the request that `checkNetwork()` sends. */
  get checkNetworkRequestPath(): string {
    return this.#venue.paths.checkNetworkRequestPath;
  }

  /** Asks the venue for a sign of life; throws what went wrong. */
  async checkNetwork(): Promise<void> {
    await this.#venue.derivative.checkNetwork({ api: this.#network.api, signal: this.#tasks.signal });
  }

  /** Asks for the venue's time; does nothing where it has none. */
  async updateTimeSynchronizer(): Promise<void> {
    await this.#network.updateTimeSynchronizer(this.#tasks.signal);
  }

  /** Figures about the running connector; times in milliseconds. Costs no request. */
  metrics(): ConnectorMetrics {
    return connectorMetrics(this.#network, this.#market, this.#trading, this.#unreadable);
  }

  /**
   * Returns the function that removes the listener. One that throws, or that returns a promise that rejects, is logged
   * and told as an `error` event; everybody else hears the event all the same. Throws `ConfigError` for a name that no
   * event has.
   */
  on<Name extends ConnectorEventName>(name: Name, listener: (event: ConnectorEvents[Name]) => unknown): () => void {
    return this.#hub.on(name, listener);
  }

  /** Listens as `on` does, for the next such event only. */
  once<Name extends ConnectorEventName>(name: Name, listener: (event: ConnectorEvents[Name]) => unknown): () => void {
    return this.#hub.once(name, listener);
  }

  // ---- markets
  // -------------------------------------------------------------------------------------------------------

  /** Every market of the venue that this connector can trade. */
  markets(): readonly Market[] {
    return [...this.#market.markets.byPair.values()];
  }

  /** A market of the venue. Throws `NotFoundError` for one that it does not have. */
  market(tradingPair: TradingPair): Market {
    return this.#market.market(tradingPair);
  }

  /** Requirements for an order: steps in the quote unit (price) and in base units (amount). Throws as `market` does. */
  tradingRule(tradingPair: TradingPair): TradingRule {
    return this.market(tradingPair).rule;
  }

  /**
   * Asks the venue for its markets and resolves with the rules of all of them when they are in force: the next order is
   * held against them. Rejects with why they could not be read, and then the known ones stay. The rules are also read
   * again by themselves every half hour, and at once when the venue refuses an order for a rule that it kept here.
   */
  async fetchTradingRules(): Promise<ReadonlyMap<TradingPair, TradingRule>> {
    await this.#market.updateTradingRules(this.#tasks.signal);
    return this.#market.formatTradingRules();
  }

  /** The live book; reading it while it is not equal to the venue's throws `BookInvalidError`. */
  orderBook(tradingPair: TradingPair): OrderBook {
    return this.#market.orderBook(tradingPair);
  }

  /** The venue's book as it stands now, asked for over REST: a copy that nothing keeps up to date. */
  fetchOrderBook(tradingPair: TradingPair): Promise<OrderBook> {
    return this.#market.dataSource.fetchOrderBook(tradingPair, this.#tasks.signal);
  }

  /** The market's rate, mark and index price and next settlement (epoch milliseconds), as last told by the venue. */
  fundingInfo(tradingPair: TradingPair): FundingInfo {
    return this.#market.fundingInfo(tradingPair);
  }

  /** Asks the venue for the price of a market's last trade, in quote units. */
  async fetchLastTradedPrice(tradingPair: TradingPair): Promise<Decimal> {
    return this.#venue.derivative.fetchLastTradedPrice(this.#context(), tradingPair);
  }

  /**
   * The same of many markets, of all that are followed by default, in as few questions as the venue takes. A market that
   * has no price, because it is gone or was never traded, is left out.
   */
  fetchLastTradedPrices(
    tradingPairs: readonly TradingPair[] = this.tradingPairs,
  ): Promise<ReadonlyMap<TradingPair, Decimal>> {
    assertList(tradingPairs, "trading pairs", '["BTC-USDT"]');
    return this.#market.dataSource.fetchLastTradedPrices(tradingPairs, this.#tasks.signal);
  }

  /** The token that pays for a buy order on the market. */
  buyCollateralToken(tradingPair: TradingPair): string {
    return this.tradingRule(tradingPair).buyOrderCollateralToken;
  }

  /** The token that pays for a sell order on the market. */
  sellCollateralToken(tradingPair: TradingPair): string {
    return this.tradingRule(tradingPair).sellOrderCollateralToken;
  }

  /** A price rounded to the nearest tick of the market, half to even. */
  quantizeOrderPrice(tradingPair: TradingPair, price: DecimalInput): Decimal {
    return quantizeOrderPrice(this.tradingRule(tradingPair), decimal(price));
  }

  /** An amount in base units, rounded down to the market's step. */
  quantizeOrderAmount(tradingPair: TradingPair, amount: DecimalInput): Decimal {
    return quantizeOrderAmount(this.tradingRule(tradingPair), decimal(amount));
  }

  /** Follows one more market; it becomes ready with its first snapshot. */
  addTradingPair(tradingPair: TradingPair): void {
    this.#market.addTradingPair(tradingPair);
    this.#trading?.rememberMarkets();
    this.#trading?.sync.requestCatchUp();
  }

  /** Lets a market go; refused while an order of ours is open on it. */
  removeTradingPair(tradingPair: TradingPair): void {
    const open = this.#trading?.tracker.activeOrders.filter((order) => order.tradingPair === tradingPair).length ?? 0;
    if (open > 0) {
      throw new ConfigError(`${tradingPair} has ${open} open orders`, { hint: "cancel them before removing the pair" });
    }
    this.#market.removeTradingPair(tradingPair);
  }

  // ---- orders
  // --------------------------------------------------------------------------------------------------------

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
    this.#assertTrading();
    return this.#desk().createBatch(orders);
  }

  /** Cancels several orders, in native batches where the venue has them. Rejects with `ConfigError` for what is no id. */
  async batchOrderCancel(
    clientOrderIds: readonly string[],
    timeoutMs: number = this.#timings.requestTimeoutMs,
  ): Promise<readonly CancelationResult[]> {
    assertClientOrderIds(clientOrderIds);
    assertWaitMs(timeoutMs, "timeoutMs");
    return this.#afterStop(clientOrderIds) ?? this.#told(this.#desk().cancelBatch(clientOrderIds, timeoutMs));
  }

  /**
   * Dead-man switch, where the venue has one: it cancels every order of the connector's markets by itself unless this
   * is called again within `timeoutMs`; 0 switches it off.
   */
  async cancelAllAfter(timeoutMs: number): Promise<void> {
    assertWaitMs(timeoutMs, "timeoutMs");
    this.#tradingSide();
    const { cancelAllAfter } = this.#venue.derivative;
    if (!this.capabilities.deadManSwitch || cancelAllAfter === undefined) {
      throw new ConfigError(`${this.name} has no dead-man switch`);
    }
    const context = this.#context();
    await settleInTurn(context, this.tradingPairs, (tradingPair) =>
      execute(this.#network.api, cancelAllAfter(context.markets, timeoutMs, tradingPair), this.#tasks.signal),
    );
  }

  /**
   * Calls back what waits to be sent, cancels every order of the account, those of others and conditional ones
   * included, closes every position of every side and margin mode with reduce-only orders, and proves it against the
   * venue. Nothing new is taken until it is done. Resolves with what is left: nothing, unless the time was too short.
   * What the venue does not show, or shows on markets that are not known, is named in the report, and then `isFlat` is
   * false.
   */
  async flatten(options: { readonly timeoutMs?: number | undefined } = {}): Promise<FlattenReport> {
    assertOptions(options, "flatten()", "{ timeoutMs: 30_000 }");
    const { timeoutMs = 30_000 } = options;
    assertWaitMs(timeoutMs, "timeoutMs");
    this.#assertTrading();
    const { entry, tracker, sync } = this.#tradingSide();
    const { clock, timers } = this.#options.runtime;
    const flattener = new AccountFlattener({
      venue: this.#venue,
      market: this.#market,
      desk: this.#desk(),
      api: this.#network.api,
      context: () => this.#context(),
      withdrawAll: () => entry.withdrawAll(),
      isOurs: (order) => tracker.isTracked(order),
      cancelAtVenue: (order) => this.cancelAtVenue(order),
      cancelAll: (waitMs) => this.cancelAll(waitMs),
      readPositionMode: () => sync.updateModeOfAccount(this.#tasks.signal),
      readPositions: () => sync.readPositions(this.#tasks.signal),
      positions: () => this.positions(),
      clock,
      timers,
      logger: this.#logger,
    });
    return this.#told(flattener.flatten(timeoutMs, this.#tasks.signal));
  }

  #assertTrading(): void {
    this.#life.assertNotStopped();
    if (!this.isTradingRequired) throw new ConfigError(`${this.name} was opened to look, not to trade`);
  }

  #createOrder(tradingPair: TradingPair, side: OrderSide, options: OrderOptions): InFlightOrder {
    this.#life.assertNotStopped();
    const desk = this.#desk();
    this.#assertTrading();
    return desk.create(tradingPair, side, options);
  }

  /** Order candidates against the balances, for strategies that size their orders by them. */
  get budgetChecker(): PerpetualBudgetChecker {
    return this.#budgetChecker;
  }

  /**
   * Cancels an order and resolves when it has ended, or after `timeoutMs` with what is known. Rejects with `ConfigError`
   * for what is no id, such as the order itself.
   */
  async cancel(clientOrderId: string, timeoutMs: number = this.#timings.requestTimeoutMs): Promise<CancelationResult> {
    assertClientOrderId(clientOrderId);
    assertWaitMs(timeoutMs, "timeoutMs");
    return this.#afterStop([clientOrderId])?.[0] ?? this.#told(this.#desk().cancel(clientOrderId, timeoutMs));
  }

  /** Cancels every order of this connector that is open, and resolves with what became of each. Never rejects. */
  async cancelAll(timeoutMs: number = this.#timings.requestTimeoutMs): Promise<readonly CancelationResult[]> {
    assertWaitMs(timeoutMs, "timeoutMs");
    const ours = this.#trading?.tracker.activeOrders ?? [];
    const ids = ours.map((order) => order.clientOrderId);
    return this.#afterStop(ids) ?? this.#told(this.#desk().cancelAll(timeoutMs));
  }

  /** Once the connector has stopped no cancel can be sent; before that there is no answer here. */
  #afterStop(clientOrderIds: readonly string[]): readonly CancelationResult[] | undefined {
    if (!this.#life.isStopped) return undefined;
    return clientOrderIds.map((clientOrderId) =>
      this.#trading?.tracker.orderByClientId(clientOrderId)?.isDone === true
        ? { clientOrderId, success: true }
        : { clientOrderId, success: false, error: stoppedError("the connector has stopped") },
    );
  }

  /**
   * Changes price or amount (base units, the whole order's) of an open order; what is left out stays as the venue shows
   * it, or as an amend under way asks for it. Its fills so far stay with it. Resolves
   * when the venue has taken the amend, rejects with its refusal. Where the venue only queues it (Bybit, OKX) `price`
   * and `amount` change when it shows the new terms; `orderAmended` and `orderAmendFailed` tell.
   */
  async amend(clientOrderId: string, change: AmendOptions): Promise<void> {
    assertClientOrderId(clientOrderId);
    this.#life.assertNotStopped();
    await this.#told(this.#desk().amend(clientOrderId, change, this.#tasks.signal));
  }

  /** An order of this connector, while it is remembered. */
  order(clientOrderId: string): InFlightOrder | undefined {
    return this.#tradingSide().tracker.orderByClientId(clientOrderId);
  }

  /** Orders that have not ended, by client order id. */
  get inFlightOrders(): ReadonlyMap<string, InFlightOrder> {
    return new Map(this.#tradingSide().tracker.activeOrders.map((order) => [order.clientOrderId, order]));
  }

  /** Orders of which the venue could not tell in time; still watched, still cancelable. */
  get lostOrders(): readonly InFlightOrder[] {
    return this.#tradingSide().tracker.lostOrders;
  }

  /**
   * Open orders of the account that are not this connector's, as the venue last told: of other programs, or of a hand.
   */
  externalOrders(): readonly VenueOrder[] {
    return this.#tradingSide().sync.externalOrders;
  }

  /** Asks the venue for the account's open orders, those of others included. */
  async fetchOpenOrders(tradingPairs: readonly TradingPair[] = this.tradingPairs): Promise<readonly VenueOrder[]> {
    assertList(tradingPairs, "trading pairs", '["BTC-USDT"]');
    this.#tradingSide();
    return this.#venue.derivative.fetchOpenOrders(this.#context(), tradingPairs);
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
    this.#tradingSide();
    return this.#venue.derivative.tradesSince(this.#context(), sinceMs, tradingPairs);
  }

  /** Settlements of the account from `sinceMs` on as the venue tells them now, oldest first. */
  async fetchFundingHistory(
    sinceMs: number,
    tradingPairs: readonly TradingPair[] = this.tradingPairs,
  ): Promise<readonly FundingPayment[]> {
    assertWaitMs(sinceMs, "sinceMs");
    assertList(tradingPairs, "trading pairs", '["BTC-USDT"]');
    this.#tradingSide();
    return this.#venue.derivative.fetchFundingPayments(this.#context(), sinceMs, tradingPairs);
  }

  /**
   * Orders of this connector that have ended, oldest first: the last `doneOrdersKept`, for `timings.doneOrdersKeptMs`, those
   * of earlier processes on the same journal included.
   */
  get doneOrders(): readonly InFlightOrder[] {
    return this.#tradingSide().tracker.doneOrders;
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
    await this.#told(this.#tradingSide().entry.cancelAtVenue(reference, this.#tasks.signal));
  }

  // ---- account
  // -------------------------------------------------------------------------------------------------------

  /** Cash, equity and what is available, by asset; equity and FTX's cash move with the mark prices. */
  balances(): readonly AccountBalance[] {
    const { account } = this.#tradingSide();
    const market = this.#market;
    const source: ValueSource = {
      fairPrice: (tradingPair) => market.fairPrice(tradingPair),
      rule: (tradingPair) => market.markets.byPair.get(tradingPair)?.rule,
    };
    const { positions } = account;
    const isEquity = this.manifest.balancesAreEquity === true;
    return account.balances.map((balance) => atWholeMs(accountBalance(balance, positions, source, isEquity)));
  }

  /**
   * Balance of an asset by the venue's definition: cash, on FTX equity; zero for one that the account does not hold.
   * `balances()` tells the two apart on every venue.
   */
  balance(asset: string): Decimal {
    return this.#tradingSide().account.getBalance(asset);
  }

  /** Balance of an asset that is not locked. */
  availableBalance(asset: string): Decimal {
    return this.#tradingSide().account.getAvailableBalance(asset);
  }

  /** Account-wide margin figures; undefined where the venue tells none, as in isolated margin. */
  get margin(): AccountMargin | undefined {
    const { margin } = this.#tradingSide().account;
    return margin === undefined ? undefined : atWholeMs(margin);
  }

  /** Open positions. */
  positions(): readonly Position[] {
    return this.#tradingSide().account.positions.map((position) => atWholeMs(position));
  }

  /**
   * The position of one side; in one-way mode, the market's one position. Undefined when flat. Where the venue holds a
   * cross and an isolated one side by side (OKX), the cross one unless `marginMode` says which; `positions()` has both.
   */
  position(tradingPair: TradingPair, side: Position["side"] = "both", marginMode?: MarginMode): Position | undefined {
    const position = this.#tradingSide().account.position(tradingPair, side, marginMode);
    return position === undefined ? undefined : atWholeMs(position);
  }

  /**
   * Result of the running UTC day so far, realised, whoever caused it; what `maxDailyLoss` is held against together
   * with the unrealised profit and loss of open positions.
   */
  get dailyResult(): DailyReport {
    const { dailyResult, nowMs } = this.#tradingSide();
    return dailyResult.reportAt(nowMs);
  }

  /**
   * Funding received on a market less funding paid, in `asset`: by all payments that the journal has ever counted,
   * those that it has forgotten included. `asset` is by default the market's collateral token. Throws `NotFoundError`
   * for a market that the venue does not have.
   */
  fundingTotal(tradingPair: TradingPair, asset?: string): Decimal {
    const { rule } = this.market(tradingPair);
    return this.#tradingSide().fundingLedger.total(tradingPair, asset ?? rule.buyOrderCollateralToken);
  }

  /** The leverage of a market as last told by the venue. Costs no request. */
  leverage(tradingPair: TradingPair): Decimal {
    return this.#tradingSide().account.leverage(tradingPair);
  }

  /** Resolves when the venue has taken it. On venues with one leverage for the whole account it changes all markets. */
  async setLeverage(tradingPair: TradingPair, leverage: DecimalInput | number): Promise<void> {
    const settings = this.#settings();
    this.market(tradingPair);
    await this.#told(setLeverage(settings, tradingPair, parseLeverage(tradingPair, leverage)));
  }

  /**
   * The account's position mode. Where each market has its own (Bybit): `hedge` as soon as one that is followed is
   * hedged; `positionModeOf` tells each.
   */
  get positionMode(): PositionMode {
    const { account } = this.#tradingSide();
    const modes = this.tradingPairs.map((tradingPair) => account.positionModeOf(tradingPair));
    if (modes.length === 0) return account.positionMode;
    return modes.includes("hedge") ? "hedge" : "oneWay";
  }

  /** The position mode of one market as last told by the venue. */
  positionModeOf(tradingPair: TradingPair): PositionMode {
    return this.#tradingSide().account.positionModeOf(tradingPair);
  }

  /**
   * Resolves when the venue has taken it; rejects, and emits `positionModeChangeFailed`, when it has not. Where each
   * market has a mode of its own, those of the markets that are followed and can be hedged are set.
   */
  async setPositionMode(positionMode: PositionMode): Promise<void> {
    await this.#told(setPositionMode(this.#settings(), positionMode));
  }

  #settings(): AccountSettingsOptions {
    const { sync } = this.#tradingSide();
    const { tradingPairs } = this;
    return { venue: this.#venue, sync, events: this.#events, tradingPairs, context: this.#context() };
  }

  /**
   * Every settlement that is known, oldest first: those of the last `timings.journalHistoryMs`, 100 days by default.
   */
  fundingPayments(tradingPair?: TradingPair): readonly FundingPayment[] {
    const payments = this.#tradingSide().journal.fundingPayments();
    return tradingPair === undefined ? payments : payments.filter((payment) => payment.tradingPair === tradingPair);
  }

  /** The newest settlement of a market as the venue tells it now. */
  fetchLastFeePayment(tradingPair: TradingPair): Promise<FundingPayment | undefined> {
    this.#tradingSide();
    return this.#venue.derivative.fetchLastFeePayment(this.#context(), tradingPair);
  }

  /** The account's own fees where the venue tells them, its published ones else. */
  feeSchema(tradingPair: TradingPair): TradeFeeSchema {
    return this.#tradingSide().feeSchema(tradingPair);
  }

  /** The fee that an order is expected to pay. */
  fee(
    tradingPair: TradingPair,
    order: { readonly side: OrderSide; readonly positionAction: PositionAction; readonly isMaker: boolean },
  ): TradeFee {
    assertOptions(order, "fee()", '{ side: "buy", positionAction: "open", isMaker: true }');
    const token = order.side === "buy" ? this.buyCollateralToken(tradingPair) : this.sellCollateralToken(tradingPair);
    return expectedPerpetualFee(this.feeSchema(tradingPair), order, token);
  }

  /**
   * Asks the venue for everything again and resolves when all of it is known: everything was asked for after the call,
   * and taken. Calls at a time share one. Rejects with the first failure, or where fills come faster than answers.
   */
  async refresh(): Promise<void> {
    this.#tradingSide();
    this.#life.assertNotStopped();
    await this.#told(this.#refreshing.run());
  }

  #desk(): OrderDesk {
    const trading = this.#tradingSide();
    this.#orderDesk ??= new OrderDesk({
      manifest: this.manifest,
      market: this.#market,
      trading,
      clock: this.#options.runtime.clock,
      timers: this.#options.runtime.timers,
      riskLimits: this.#options.riskLimits,
      // Apart from the user's own, which may hold locks of the user's.
      budgetChecker: this.#options.budgetCheck === false ? undefined : new PerpetualBudgetChecker(this.#budgetSource),
    });
    return this.#orderDesk;
  }

  /** A question of the user's is answered for all of the markets that the venue has, or not at all. */
  #leaveOutWhenGone(tradingPair: TradingPair, error: unknown): void {
    if (!isUnknownMarket(error) && !this.#market.isGone(tradingPair)) throw error;
    this.#market.reportUnavailable(tradingPair, error);
  }

  #context() {
    if (this.#life.isStopped) this.#life.assertNotStopped();
    return { ...this.#market.context(), signal: this.#tasks.signal };
  }

  #tradingSide(): TradingSide {
    if (this.#trading !== undefined) return this.#trading;
    if (this.#options.credentials === undefined) {
      const needed = this.manifest.credentials.filter(({ isRequired }) => isRequired);
      const hint = `give ${needed.map((spec) => `${this.name}_${credentialSuffix(spec)}`).join(", ")}`;
      throw new AuthError(`${this.name} has no credentials`, { code: "CREDENTIALS_MISSING", hint });
    }
    this.#life.assertNotStopped();
    const state = this.#life.isStarting ? "is still starting" : "has not been started";
    throw new ConfigError(`${this.name} ${state}`, { hint: "await start() first" });
  }
}

/** Tells accounts apart in the journal without writing the key to disk. */
function accountKeyOf(specs: readonly CredentialSpec[], credentials: Credentials): string {
  const [first = "", ...others] = specs.flatMap(({ name, namesAccount }) =>
    namesAccount ? (credentials[name] ?? "") : [],
  );
  return createHash("sha256")
    .update(`${first}/${others.join("/")}`)
    .digest("hex")
    .slice(0, 16);
}
