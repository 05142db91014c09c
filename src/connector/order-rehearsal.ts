import type { DailyResult } from "../account/daily-result.ts";
import type { PerpetualAccount } from "../account/perpetual-account.ts";
import { Decimal } from "../model/decimal.ts";
import { describeError, throwIfAborted } from "../model/error.ts";
import type { TradingPair, TradingRule } from "../model/market.ts";
import { Throttler } from "../net/throttler.ts";
import type { VenueApi } from "../net/venue-api.ts";
import type { WebAssistantsFactory } from "../net/web-assistants-factory.ts";
import { type Logger, SILENT_LOGGER } from "../runtime/logger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type BudgetSource, PerpetualBudgetChecker } from "../trading/budget-checker.ts";
import { ClientOrderIdFactory } from "../trading/client-order-id.ts";
import { ClientOrderTracker } from "../trading/client-order-tracker.ts";
import { FillLedger } from "../trading/fill-ledger.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { OrderJournal } from "../trading/order-journal.ts";
import { priceQuantum } from "../trading/quantize.ts";
import type { MarketSide } from "./market-side.ts";
import type { OrderCollateral } from "./order-collateral.ts";
import { OrderDesk } from "./order-desk.ts";
import { OrderEntry } from "./order-entry.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import { TaskGroup } from "./task-group.ts";

export interface OrderRehearsalOptions {
  readonly venue: PerpetualVenue;
  readonly runtime: Runtime;
  readonly market: MarketSide;
  readonly account: PerpetualAccount;
  readonly dailyResult: DailyResult;
  readonly factory: WebAssistantsFactory;
  /** Sums of its own: what is rehearsed locks nothing. */
  readonly orderCollateral: OrderCollateral;
  readonly budgetSource: Omit<BudgetSource, "availableBalance">;
  readonly logger: Logger;
}

/** Orders after which the engine has compiled most of what an order runs through. */
const ORDERS = 60;
/** Time of all of them, for a venue whose signatures take long. */
const MAX_MS = 60;
/** Time after which everything else has its turn. */
const SLICE_MS = 4;
/** Code of venues that this process has compiled. */
const rehearsed = new WeakSet<object>();
const ANY_PRICE = new Decimal(10_000);

/**
 * Makes orders that are checked, journalled in memory, signed and answered, and never sent: the first order of a process took
 * four milliseconds to leave, and the twentieth a fifth of one, for the engine compiles what has run. Nothing of it is seen:
 * journal, tracker and sums are its own, and no rate limit is taken.
 */
export class OrderRehearsal {
  readonly #options: OrderRehearsalOptions;
  readonly #tasks = new TaskGroup(SILENT_LOGGER);
  readonly #tracker: ClientOrderTracker;
  readonly #desk: OrderDesk;
  readonly #entry: OrderEntry;
  #made = 0;

  constructor(options: OrderRehearsalOptions) {
    this.#options = options;
    const { runtime, venue, market, orderCollateral, budgetSource, account, dailyResult } = options;
    const { clock, timers, random, journals } = runtime;
    const names = { connectorName: "rehearsal", accountKey: "", logger: SILENT_LOGGER };
    const journal = new OrderJournal({ store: journals.open(":memory:"), random, ...names });
    this.#tracker = new ClientOrderTracker({
      clock,
      venueNow: () => market.context().now(),
      logger: SILENT_LOGGER,
      journal,
      ledger: new FillLedger({ journal }),
      emit: () => undefined,
      onOrderChanged: (order) => orderCollateral.note(order),
    });
    this.#entry = new OrderEntry({
      venue: this.#rehearsed(venue),
      api: this.#api(),
      fits: () => true,
      tracker: this.#tracker,
      tasks: this.#tasks,
      clock,
      timers,
      logger: SILENT_LOGGER,
      context: () => market.context(),
      maxRequestAgeMs: MAX_MS * 10,
      onDoubt: () => undefined,
    });
    const clientOrderIds = new ClientOrderIdFactory({
      rule: venue.manifest.clientOrderId,
      instanceId: journal.instanceId,
      nextCounter: () => journal.nextCounter(),
    });
    const [tracker, entry] = [this.#tracker, this.#entry];
    const own = { tracker, entry, clientOrderIds, orderCollateral, assertJournalWorks: () => undefined };
    this.#desk = new OrderDesk({
      manifest: venue.manifest,
      market,
      timers,
      clock,
      // Whatever the account holds.
      budgetChecker: new PerpetualBudgetChecker({ ...budgetSource, availableBalance: () => undefined }),
      riskLimits: undefined,
      trading: { ...own, account, dailyResult, nowMs: 0 },
    });
  }

  /** Answers are made up: what the venue would answer is known to it alone. */
  #rehearsed(venue: PerpetualVenue): PerpetualVenue {
    const { derivative } = venue;
    return {
      ...venue,
      derivative: {
        ...derivative,
        placeOrder: (markets, order) => {
          const { request } = derivative.placeOrder(markets, order);
          return { kind: "rest", request, parse: () => ({ exchangeOrderId: `r${this.#made}` }) };
        },
        placeCancel: (markets, order) => {
          const { request } = derivative.placeCancel(markets, order);
          return { kind: "rest", request, parse: () => undefined };
        },
      },
    };
  }

  #api(): VenueApi {
    const { venue, market, runtime, factory } = this.#options;
    const { clock, timers } = runtime;
    const limits = [...venue.rateLimits, ...venue.marketRateLimits(market.markets)];
    const rateLimits = limits.map((limit) => ({ ...limit, limit: Number.MAX_SAFE_INTEGER }));
    return factory.createRehearsal(new Throttler({ rateLimits, clock, timers }));
  }

  /** Runs until it is through, in slices. Never throws but when aborted: an order that cannot be rehearsed ends it. */
  async run(signal: AbortSignal): Promise<void> {
    const { runtime, logger } = this.#options;
    const { clock, timers } = runtime;
    const { placeOrder } = this.#options.venue.derivative;
    if (rehearsed.has(placeOrder)) return;
    rehearsed.add(placeOrder);
    const startMs = clock.monotonic();
    let sliceMs = startMs;
    try {
      while (this.#made < ORDERS && clock.monotonic() - startMs < MAX_MS) {
        await this.#rehearse();
        throwIfAborted(signal);
        if (clock.monotonic() - sliceMs < SLICE_MS) continue;
        await timers.sleep(0, signal);
        sliceMs = clock.monotonic();
      }
      logger.debug("orders were rehearsed", { orders: this.#made });
    } catch (error) {
      throwIfAborted(signal);
      logger.debug("orders cannot be rehearsed", { error: describeError(error) });
    } finally {
      await this.#tasks.stop();
    }
  }

  async #rehearse(): Promise<void> {
    this.#made += 1;
    const [tradingPair = ""] = this.#options.market.tradingPairs;
    const side = this.#made % 2 === 0 ? "sell" : "buy";
    const order = this.#desk.create(tradingPair, side, this.#termsOf(tradingPair));
    const acceptance = await order.accepted;
    if (!acceptance.ok) throw acceptance.error;
    this.#entry.cancel(order.clientOrderId);
    this.#end(order);
    await order.done;
  }

  #end({ tradingPair, clientOrderId, exchangeOrderId }: InFlightOrder): void {
    const timestampMs = this.#options.market.context().now();
    this.#tracker.apply({ type: "order", tradingPair, clientOrderId, exchangeOrderId, state: "canceled", timestampMs });
  }

  /** The smallest order at any price that the market's rules let pass. */
  #termsOf(tradingPair: TradingPair) {
    const { rule } = this.#options.market.market(tradingPair);
    const price = priceOf(rule, this.#options.market.fairPrice(tradingPair) ?? ANY_PRICE);
    return { amount: amountOf(rule, price), price, position: "open" } as const;
  }
}

function priceOf(rule: TradingRule, near: Decimal): Decimal {
  const { minPrice = near, maxPrice = near } = rule;
  const bounded = Decimal.min(Decimal.max(near, minPrice), maxPrice);
  const quantum = priceQuantum(rule, bounded);
  return quantum.isZero() ? bounded : bounded.div(quantum).toDecimalPlaces(0, Decimal.ROUND_CEIL).times(quantum);
}

function amountOf(
  { minOrderSize, minNotionalSize, minBaseAmountIncrement: step }: TradingRule,
  price: Decimal,
): Decimal {
  const least = Decimal.max(minOrderSize, minNotionalSize.div(price));
  return step.isZero() ? least : least.div(step).toDecimalPlaces(0, Decimal.ROUND_CEIL).times(step);
}
