import type { DailyResult } from "../account/daily-result.ts";
import type { FundingLedger } from "../account/funding-ledger.ts";
import type { PerpetualAccount } from "../account/perpetual-account.ts";
import type { UserStreamTracker } from "../account/user-stream-tracker.ts";
import { type AuthError, JournalError } from "../model/error.ts";
import type { TradeFeeSchema } from "../model/fee.ts";
import type { TradingPair } from "../model/market.ts";
import type { UnreadableRow } from "../net/rows.ts";
import type { JournalStore } from "../runtime/runtime.ts";
import type { ClientOrderIdFactory } from "../trading/client-order-id.ts";
import type { ClientOrderTracker } from "../trading/client-order-tracker.ts";
import type { OrderJournal } from "../trading/order-journal.ts";
import type { UntoldNews } from "../trading/untold-news.ts";
import type { AccountSync } from "./account-sync.ts";
import type { ExternalOrders } from "./external-orders.ts";
import type { OrderCollateral } from "./order-collateral.ts";
import type { OrderEntry } from "./order-entry.ts";
import { readEvery } from "./retry-read.ts";
import type { TradingParts, TradingSideOptions } from "./trading-parts.ts";

/** Time that the first catch-up waits for the private stream, which may not come. */
const FIRST_CATCH_UP_MS = 500;

/** The private half of a connector: orders, fills, account, funding payments, and what keeps them true. */
export class TradingSide {
  readonly journal: OrderJournal;
  readonly untold: UntoldNews;
  readonly tracker: ClientOrderTracker;
  readonly orderCollateral: OrderCollateral;
  readonly account: PerpetualAccount;
  readonly fundingLedger: FundingLedger;
  readonly dailyResult: DailyResult;
  readonly userStream: UserStreamTracker;
  readonly entry: OrderEntry;
  readonly sync: AccountSync;
  readonly externalOrders: ExternalOrders;
  readonly clientOrderIds: ClientOrderIdFactory;
  readonly #options: TradingSideOptions;
  readonly #store: JournalStore;
  readonly #parts: TradingParts;

  constructor(options: TradingSideOptions, store: JournalStore, parts: TradingParts) {
    this.#options = options;
    this.#store = store;
    this.#parts = parts;
    this.journal = parts.journal;
    this.untold = parts.untold;
    this.tracker = parts.tracker;
    this.orderCollateral = parts.orderCollateral;
    this.account = parts.account;
    this.fundingLedger = parts.fundingLedger;
    this.dailyResult = parts.dailyResult;
    this.userStream = parts.userStream;
    this.entry = parts.entry;
    this.sync = parts.sync;
    this.externalOrders = parts.externalOrders;
    this.clientOrderIds = parts.clientOrderIds;
  }

  /** True when a row that cannot be read may be about what this connector holds. */
  mayBeOurs(row: UnreadableRow): boolean {
    return this.#parts.mayBeOurs(row);
  }

  /** The venue's time as far as known; where it has none to ask for, ours at the start and what has gone by since. */
  get nowMs(): number {
    return this.#parts.times.nowMs;
  }

  /** Reason why the private stream cannot log in, as long as it cannot. */
  get authFailure(): AuthError | undefined {
    return this.#parts.streamState.authFailure;
  }

  /** Takes up the orders of earlier processes, once. Throws `JournalError` that names a broken record. */
  restore(): void {
    this.journal.beginProcess(this.#options.runtime.clock.now());
    this.tracker.restore(this.journal.restore((clientOrderId) => this.#parts.ledger.totals(clientOrderId)));
    this.untold.restore((news) => (news.kind === "funding" ? this.#fundingTeller(news) : this.tracker.tellerOf(news)));
  }

  #fundingTeller({ paymentId }: { readonly paymentId: string }): (() => void) | undefined {
    const payment = this.journal.fundingPayment(paymentId);
    return payment && (() => this.#options.events.emit("fundingPayment", payment));
  }

  /** Adds the markets that the venue has forgotten and the journal knows. Throws as `MarketSide.takeKnownMarkets`. */
  takeKnownMarkets(): void {
    const { market } = this.#options;
    const open = this.tracker.activeOrders.map(({ tradingPair }) => tradingPair);
    market.takeKnownMarkets((tradingPair) => this.#parts.knownMarkets.recall(tradingPair), open);
    this.rememberMarkets(open);
  }

  /** Markets that are followed stay known to later processes, whatever the venue lists then. */
  rememberMarkets(others: readonly TradingPair[] = []): void {
    const { markets, tradingPairs } = this.#options.market;
    this.journal.batch(() => {
      for (const tradingPair of [...tradingPairs, ...others]) {
        const known = markets.byPair.get(tradingPair);
        if (known !== undefined) this.#parts.knownMarkets.remember(known);
      }
    });
  }

  /** Reads the account for the first time. Throws `AuthError` when the venue does not accept the key. */
  async initialize(signal: AbortSignal): Promise<void> {
    await this.sync.updateBalances(signal);
    await this.#parts.fees.updateIfOffered(signal);
    await this.sync.updatePositionModes(signal);
  }

  /** The loops; run until aborted. The first catch-up resolves every restored order before the connector is ready. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#requestFirstCatchUp(signal),
      this.userStreamEventListener(signal),
      this.sync.run(signal),
      this.#parts.resolver.run(signal),
      this.#parts.polling.statusPollingLoop(signal),
      this.#fundingFeePollingLoop(signal),
      this.#parts.upkeep.run(signal),
      this.#tradingFeesPollingLoop(signal),
      this.#parts.fees.followOthers(this.#options.timings.tradingFeesPollIntervalMs, signal),
    ]);
  }

  /** The private stream asks for it when it is live: what is asked for before has to be asked for again then. */
  async #requestFirstCatchUp(signal: AbortSignal): Promise<void> {
    await this.#options.runtime.timers.sleep(FIRST_CATCH_UP_MS, signal);
    if (!this.#parts.streamState.wasLive) this.sync.requestCatchUp();
  }

  /** Handles the private stream's reports in the same way as those of polls. */
  userStreamEventListener(signal: AbortSignal): Promise<never> {
    return this.userStream.start(signal, (update) => this.sync.applyStreamed(update));
  }

  async #fundingFeePollingLoop(signal: AbortSignal): Promise<void> {
    const { venue } = this.#options;
    await this.#poll("the funding payments", venue.manifest.fundingFeePollIntervalMs, signal, (attempt) =>
      this.sync.updateFundingPayments(attempt),
    );
  }

  async #tradingFeesPollingLoop(signal: AbortSignal): Promise<void> {
    const { timings } = this.#options;
    await this.#poll("the trading fees", timings.tradingFeesPollIntervalMs, signal, (attempt) =>
      this.#parts.fees.updateIfOffered(attempt),
    );
  }

  async #poll(
    what: string,
    intervalMs: number,
    signal: AbortSignal,
    update: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { runtime, logger } = this.#options;
    const { clock, timers } = runtime;
    await readEvery({ what, intervalMs, clock, timers, signal, logger }, update);
  }

  /** Sums of their own for orders that nobody sends. */
  createOrderCollateral(): OrderCollateral {
    return this.#parts.createOrderCollateral();
  }

  feeSchema(tradingPair: TradingPair): TradeFeeSchema {
    return this.#parts.fees.of(tradingPair);
  }

  /** Throws `JournalError` while new orders cannot be journalled. */
  assertJournalWorks(): void {
    const { failure } = this.journal;
    if (failure === undefined || this.journal.flush()) return;
    throw new JournalError(`no new orders: ${failure.message}`, { cause: failure, hint: failure.hint });
  }

  /** Closes the journal; everything else has stopped. */
  close(): void {
    this.journal.endProcess(this.#options.runtime.clock.now());
    this.journal.flush();
    this.journal.flushSettled();
    this.#store.close();
  }
}
