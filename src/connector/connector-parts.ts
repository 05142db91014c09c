import { AuthError, ConfigError } from "../model/error.ts";
import type { ConnectorEvents } from "../model/event.ts";
import type { TradingPair } from "../model/market.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";
import { accountFields, credentialSuffix } from "../net/auth.ts";
import { isUnknownMarket } from "../net/fan-out.ts";
import type { VenueContext } from "../net/venue-api.ts";
import { type Logger, standardErrorLogger } from "../runtime/logger.ts";
import { loggerUntilEnd, resultUntilEnd } from "../runtime/process-end.ts";
import { type BudgetSource, PerpetualBudgetChecker } from "../trading/budget-checker.ts";
import { withFeeOverrides } from "../trading/fee-overrides.ts";
import { readsPrices, validateRiskLimits } from "../trading/risk-limits.ts";
import { ConnectorEventHub } from "./connector-events.ts";
import { ConnectorLife, type ConnectorLifeOptions, stoppedError } from "./connector-life.ts";
import { ConnectorNetwork } from "./connector-network.ts";
import { type ConnectorTimings, DEFAULT_TIMINGS, type PerpetualConnectorOptions } from "./connector-options.ts";
import { MarketSide } from "./market-side.ts";
import { type CancelationResult, OrderDesk } from "./order-desk.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import { Readiness } from "./readiness.ts";
import { SharedRun } from "./shared-run.ts";
import { TaskGroup } from "./task-group.ts";
import type { TradingSide } from "./trading-side.ts";
import { UnreadableRows } from "./unreadable-rows.ts";

/** Readiness of each part: `ready` is true when all of them are. */
export type ConnectorStatus = Readonly<Record<string, boolean>>;

/** The parts of a connector that its public members share. */
export class ConnectorParts {
  readonly options: PerpetualConnectorOptions;
  readonly timings: ConnectorTimings;
  readonly logger: Logger;
  readonly hub: ConnectorEventHub;
  readonly events: TypedEmitter<ConnectorEvents>;
  readonly unreadable: UnreadableRows;
  readonly tasks: TaskGroup;
  readonly network: ConnectorNetwork;
  readonly market: MarketSide;
  readonly readiness: Readiness;
  readonly budgetChecker: PerpetualBudgetChecker;
  readonly budgetSource: BudgetSource;
  readonly life: ConnectorLife;
  /** The private half, from the start with credentials on. */
  trading: TradingSide | undefined;
  #orderDesk: OrderDesk | undefined;
  readonly refreshing = new SharedRun(async () => {
    // A hand may have changed what is asked for seldom.
    this.network.factory.getRestAssistant().forgetAnswers();
    await this.tradingSide().sync.refresh(this.tasks.signal);
  });

  constructor(
    options: PerpetualConnectorOptions,
    stepsOf: (parts: ConnectorParts) => Omit<ConnectorLifeOptions, "tasks">,
  ) {
    const { runtime } = options;
    if (options.riskLimits !== undefined) validateRiskLimits(options.riskLimits);
    withFeeOverrides(options.feeOverrides ?? {});
    this.options = options;
    this.timings = { ...DEFAULT_TIMINGS, ...options.timings };
    const logger = loggerUntilEnd(options.logger ?? standardErrorLogger(runtime), runtime);
    this.logger = logger;
    this.hub = new ConnectorEventHub(logger, runtime);
    this.events = this.hub.emitter;
    this.tasks = new TaskGroup(logger, (error, name) => this.hub.taskFailed(name, error));
    this.unreadable = new UnreadableRows({
      events: this.events,
      logger,
      clock: runtime.clock,
      mayBeOurs: (row) => this.trading?.mayBeOurs(row) === true,
    });
    this.network = this.#createNetwork();
    this.market = this.#createMarket();
    this.life = new ConnectorLife({ tasks: this.tasks, ...stepsOf(this) });
    this.readiness = this.#createReadiness();
    this.budgetSource = this.#createBudgetSource();
    this.budgetChecker = new PerpetualBudgetChecker(this.budgetSource);
  }

  #createNetwork(): ConnectorNetwork {
    const { options, logger } = this;
    const { venue, runtime, credentials } = options;
    return new ConnectorNetwork({
      venue,
      runtime,
      credentials,
      logger,
      requestTimeoutMs: this.timings.requestTimeoutMs,
      sharePercentage: options.rateLimitsSharePercentage,
      sharedRateLimits: options.sharedRateLimits,
      orderEntry: options.orderEntry,
    });
  }

  #createMarket(): MarketSide {
    const { options, logger } = this;
    const { venue, runtime, credentials } = options;
    return new MarketSide({
      venue,
      runtime,
      factory: this.network.factory,
      logger,
      timings: this.timings,
      events: this.events,
      tradingPairs: options.tradingPairs,
      account: accountFields(venue.manifest.credentials, credentials),
      areMarksNeeded: options.riskLimits !== undefined && readsPrices(options.riskLimits),
      bookThreads: options.bookThreads,
      onVenueTime: this.network.noteVenueTime,
      onListenerError: (error, tradingPair) => this.hub.listenerFailed(`the order book of ${tradingPair}`, error),
      context: (markets) => ({
        isOwnOrder: (pair, id) => this.trading?.tracker.orderByExchangeId(pair, id) !== undefined,
        ...this.network.context(markets),
        onUnreadable: (row) => this.unreadable.report(row),
        onMarketFailure: (tradingPair, error) => this.#leaveOutWhenGone(tradingPair, error),
      }),
    });
  }

  #createReadiness(): Readiness {
    const { runtime } = this.options;
    return new Readiness({
      status: () => this.status(),
      events: this.events,
      clock: runtime.clock,
      timers: runtime.timers,
      logger: this.logger,
      progress: () => {
        const { books, validBooks } = this.market.books.metrics();
        return { books, validBooks };
      },
    });
  }

  #createBudgetSource(): BudgetSource {
    return {
      availableBalance: (token) => this.tradingSide().account.availableCollateral(token),
      buyCollateralToken: (tradingPair) => this.market.market(tradingPair).rule.buyOrderCollateralToken,
      sellCollateralToken: (tradingPair) => this.market.market(tradingPair).rule.sellOrderCollateralToken,
      feeSchema: (tradingPair) => this.tradingSide().feeSchema(tradingPair),
      tradingRule: (tradingPair) => this.market.market(tradingPair).rule,
    };
  }

  get venue(): PerpetualVenue {
    return this.options.venue;
  }

  /** True when orders may be sent: by default where credentials were given. */
  get isTradingRequired(): boolean {
    return this.options.isTradingRequired ?? this.options.credentials !== undefined;
  }

  /** Parts that are ready and parts that are not, by name. */
  status(): ConnectorStatus {
    const market = this.market;
    const { isStarted } = this.life;
    const publicStatus = {
      symbolsMappingInitialized: isStarted && market.isInitialized,
      orderBooksInitialized: isStarted && market.books.ready(),
      tradingRuleInitialized: isStarted && market.isInitialized,
      publicChannels: isStarted && market.areChannelsHealthy,
      fundingInfo: isStarted && market.isFundingInfoReady,
      timeSynchronized: isStarted && this.network.isTimeSynchronized,
    };
    const trading = this.trading;
    if (this.options.credentials === undefined) return publicStatus;
    return {
      ...publicStatus,
      accountBalance: trading?.sync.areBalancesKnown === true,
      userStreamInitialized: trading?.userStream.isHealthy() === true,
      ordersCaughtUp: trading?.sync.isCaughtUp === true,
      journal: trading !== undefined && trading.journal.failure === undefined,
    };
  }

  /** Passes on the result of a call, but never settles in a process that has been killed. */
  told<T>(result: Promise<T>): Promise<T> {
    return resultUntilEnd(result, this.options.runtime);
  }

  /** Throws where no order may be sent. */
  assertTrading(): void {
    this.life.assertNotStopped();
    if (!this.isTradingRequired) throw new ConfigError(`${this.venue.domain} was opened to look, not to trade`);
  }

  /** Answers cancels after a stop, when none can be sent; before it there is no answer here. */
  afterStop(clientOrderIds: readonly string[]): readonly CancelationResult[] | undefined {
    if (!this.life.isStopped) return undefined;
    return clientOrderIds.map((clientOrderId) =>
      this.trading?.tracker.orderByClientId(clientOrderId)?.isDone === true
        ? { clientOrderId, success: true }
        : { clientOrderId, success: false, error: stoppedError("the connector has stopped") },
    );
  }

  /** Cancels every order of this connector that is open, and resolves with what became of each. */
  async cancelAll(timeoutMs: number): Promise<readonly CancelationResult[]> {
    const ours = this.trading?.tracker.activeOrders ?? [];
    const ids = ours.map((order) => order.clientOrderId);
    return this.afterStop(ids) ?? this.told(this.desk().cancelAll(timeoutMs));
  }

  /** Takes orders. Throws as `tradingSide` does. */
  desk(): OrderDesk {
    const trading = this.tradingSide();
    this.#orderDesk ??= new OrderDesk({
      manifest: this.venue.manifest,
      market: this.market,
      trading,
      clock: this.options.runtime.clock,
      timers: this.options.runtime.timers,
      riskLimits: this.options.riskLimits,
      // Apart from the user's own, which may hold locks of the user's.
      budgetChecker: this.options.budgetCheck === false ? undefined : new PerpetualBudgetChecker(this.budgetSource),
    });
    return this.#orderDesk;
  }

  /** A question of the user's is answered for all of the markets that the venue has, or not at all. */
  #leaveOutWhenGone(tradingPair: TradingPair, error: unknown): void {
    if (!isUnknownMarket(error) && !this.market.isGone(tradingPair)) throw error;
    this.market.reportUnavailable(tradingPair, error);
  }

  context(): VenueContext & { readonly signal: AbortSignal } {
    if (this.life.isStopped) this.life.assertNotStopped();
    return { ...this.market.context(), signal: this.tasks.signal };
  }

  /** The private half. Throws `AuthError` without credentials, `ConfigError` before it has been started. */
  tradingSide(): TradingSide {
    if (this.trading !== undefined) return this.trading;
    if (this.options.credentials === undefined) {
      const needed = this.venue.manifest.credentials.filter(({ isRequired }) => isRequired);
      const hint = `give ${needed.map((spec) => `${this.venue.domain}_${credentialSuffix(spec)}`).join(", ")}`;
      throw new AuthError(`${this.venue.domain} has no credentials`, { code: "CREDENTIALS_MISSING", hint });
    }
    this.life.assertNotStopped();
    const state = this.life.isStarting ? "is still starting" : "has not been started";
    throw new ConfigError(`${this.venue.domain} ${state}`, { hint: "await start() first" });
  }
}
