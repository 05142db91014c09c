import type { OrderOptions } from "../../../../src/connector/order-request.ts";
import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import type { VenueCapabilities, VenueManifest } from "../../../../src/connector/perpetual-venue.ts";
import { Decimal, type DecimalInput, ZERO } from "../../../../src/model/decimal.ts";
import { isAbort } from "../../../../src/model/error.ts";
import type { Fill } from "../../../../src/model/fill.ts";
import type { TradingPair, TradingRule } from "../../../../src/model/market.ts";
import type { OrderSide } from "../../../../src/model/order.ts";
import type { Credentials } from "../../../../src/net/auth.ts";
import type { Runtime } from "../../../../src/runtime/runtime.ts";
import type { InFlightOrder } from "../../../../src/trading/in-flight-order.ts";
import { stoppable } from "../stop-signal.ts";
import { CheckFailedError, check } from "./checks.ts";
import type { Session, Sessions } from "./sessions.ts";
import type { VenueKind, VenueUnderTest } from "./venue-under-test.ts";

export interface ContextOptions {
  readonly runtime: Runtime;
  readonly sessions: Sessions;
  readonly venue: VenueUnderTest;
  readonly manifest: VenueManifest;
  readonly capabilities: VenueCapabilities;
  readonly tradingPair: TradingPair;
  /** The most that orders and positions of the run may be worth together, quote units. */
  readonly maxNotional: Decimal;
  /** Ends every row; what follows only cleans up. */
  readonly stop: AbortSignal;
}

/** Patience with something that a venue does within a second. */
export const PATIENCE_MS = 10_000;
const LOOK_MS = 20;
/** Between two questions to the venue: its rate limits are not for waiting. */
const ASK_MS = 250;
/** Far enough that nothing trades with it, near enough for the price bands of all venues. */
const RESTING_DISTANCE = new Decimal("0.02");
/** A smallest order of today must still be one when the price has moved. */
const NOTIONAL_MARGIN = new Decimal("1.1");

/** Context of the rows: the connector as its users see it, and the observations of it so far. */
export class ConformanceContext {
  /** Every fill that the connectors of the run told of, in the order in which they did. */
  readonly fills: Fill[] = [];
  /** Every order that the run's main session placed. */
  readonly orders: InFlightOrder[] = [];
  /** Start of the run by our clock. */
  readonly startedAtMs: number;
  /** Puts back what rows changed in the account's settings, by what it is. */
  readonly restore = new Map<string, () => Promise<void>>();
  readonly #options: ContextOptions;
  readonly #asked = new Map<string, OrderOptions>();

  constructor(options: ContextOptions) {
    this.#options = options;
    this.startedAtMs = options.runtime.clock.now();
    options.sessions.onMainOpened((connector) => {
      connector.on("orderFilled", (fill) => this.fills.push(fill));
    });
  }

  get sessions(): Sessions {
    return this.#options.sessions;
  }

  /** The connector that is tried. */
  get connector(): PerpetualConnector {
    return this.sessions.main;
  }

  get manifest(): VenueManifest {
    return this.#options.manifest;
  }

  get kind(): VenueKind {
    return this.#options.venue.kind;
  }

  get credentials(): Credentials {
    return this.#options.venue.credentials;
  }

  get control(): VenueUnderTest["control"] {
    return this.#options.venue.control;
  }

  get hasCounterparty(): boolean {
    return this.#options.venue.counterparty !== undefined;
  }

  get tradingPair(): TradingPair {
    return this.#options.tradingPair;
  }

  get maxNotional(): Decimal {
    return this.#options.maxNotional;
  }

  get rule(): TradingRule {
    return this.connector.tradingRule(this.tradingPair);
  }

  get collateralToken(): string {
    return this.connector.buyCollateralToken(this.tradingPair);
  }

  get stop(): AbortSignal {
    return this.#options.stop;
  }

  now(): number {
    return this.#options.runtime.clock.now();
  }

  monotonic(): number {
    return this.#options.runtime.clock.monotonic();
  }

  sleep(ms: number): Promise<void> {
    return this.#options.runtime.timers.sleep(ms, this.stop);
  }

  /** Resolves as the promise does; rejects at once when the run is stopped. */
  unlessStopped<T>(promise: Promise<T>): Promise<T> {
    return stoppable(this.stop, promise);
  }

  /** Waits for a condition to come true in time. A condition that asks the venue is checked less often. */
  async comesTrue(condition: () => boolean | Promise<boolean>, patienceMs: number = PATIENCE_MS): Promise<boolean> {
    const startedMs = this.monotonic();
    for (;;) {
      this.stop.throwIfAborted();
      const answer = condition();
      if (await answer) return true;
      if (this.monotonic() - startedMs > patienceMs) return false;
      await this.sleep(typeof answer === "boolean" ? LOOK_MS : ASK_MS);
    }
  }

  /** Resolves with the milliseconds that it took; fails with `what` when it never came. */
  async until(
    condition: () => boolean | Promise<boolean>,
    what: string | (() => string),
    patienceMs: number = PATIENCE_MS,
  ): Promise<number> {
    const startedMs = this.monotonic();
    if (await this.comesTrue(condition, patienceMs)) return Math.round(this.monotonic() - startedMs);
    const reason = typeof what === "string" ? what : what();
    throw new CheckFailedError(`${reason} (waited ${Math.round(patienceMs / 1_000)} s)`);
  }

  /** Resolves as the promise does; fails when it takes too long. */
  async within<T>(promise: Promise<T>, what: string, patienceMs: number = PATIENCE_MS): Promise<T> {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.stop]);
    const late = this.#options.runtime.timers.sleep(patienceMs, signal).then(
      () => {
        throw new CheckFailedError(`${what} (waited ${Math.round(patienceMs / 1_000)} s)`);
      },
      (error: unknown) => {
        if (isAbort(error) && this.stop.aborted) throw this.stop.reason;
        return new Promise<never>(() => undefined);
      },
    );
    try {
      return await Promise.race([promise, late]);
    } finally {
      over.abort();
    }
  }

  // ---- orders --------------------------------------------------------------------------------------------------------

  /** Places an order on the run's market as the main session, unless the run is over. */
  place(side: OrderSide, options: OrderOptions): InFlightOrder {
    const order = this.placeAs(this.connector, side, options);
    this.orders.push(order);
    return order;
  }

  placeAs(connector: Session, side: OrderSide, options: OrderOptions): InFlightOrder {
    this.stop.throwIfAborted();
    const { tradingPair } = this;
    const order = side === "buy" ? connector.buy(tradingPair, options) : connector.sell(tradingPair, options);
    this.#asked.set(order.clientOrderId, options);
    return order;
  }

  /** Places orders in one call, as the main session. */
  placeBatch(side: OrderSide, orders: readonly OrderOptions[]): readonly InFlightOrder[] {
    this.stop.throwIfAborted();
    const { tradingPair } = this;
    const placed = this.connector.batchOrderCreate(orders.map((options) => ({ ...options, tradingPair, side })));
    for (const [index, order] of placed.entries()) {
      const options = orders[index];
      if (options !== undefined) this.#asked.set(order.clientOrderId, options);
    }
    this.orders.push(...placed);
    return placed;
  }

  /** Terms that an order was asked to have: its handle says what the venue made of it. Undefined for closing orders. */
  asked(order: InFlightOrder): OrderOptions | undefined {
    return this.#asked.get(order.clientOrderId);
  }

  /** Fails with the venue's words when it does not take the order. */
  async accepted(order: InFlightOrder): Promise<string> {
    const result = await this.within(order.accepted, "the venue did not answer to an order");
    if (!result.ok) throw new CheckFailedError(`the order was refused: ${result.error.message}`);
    await this.until(() => order.exchangeOrderId !== undefined, "the order never got an exchange id");
    return order.exchangeOrderId ?? "";
  }

  /** Waits for the end and all fills of an order. */
  async ended(order: InFlightOrder): Promise<void> {
    const what = `order ${order.clientOrderId} did not end`;
    const result = await this.within(order.done, what);
    if (!result.ok) throw new CheckFailedError(`the order ended as ${result.state}: ${result.error.message}`);
  }

  /** A market order that is filled; resolves when all of its fills are known. */
  async take(side: OrderSide, amount: Decimal, position: "open" | "close" = "open"): Promise<InFlightOrder> {
    const order = this.place(side, { amount, type: "market", position });
    await this.ended(order);
    check(
      order.state === "filled" && order.executedAmount.eq(amount),
      `a market order over ${amount.toFixed()} ended ${order.state} with ${order.executedAmount.toFixed()} executed`,
    );
    return order;
  }

  /** Cancels and waits for the proof. */
  async cancel(order: InFlightOrder): Promise<void> {
    const result = await this.connector.cancel(order.clientOrderId);
    if (!result.success) throw new CheckFailedError(`the cancel failed: ${result.error?.message ?? "no reason"}`);
  }

  fillsOf(order: InFlightOrder): readonly Fill[] {
    return this.fills.filter(({ clientOrderId }) => clientOrderId === order.clientOrderId);
  }

  // ---- prices and sizes ----------------------------------------------------------------------------------------------

  /** The best prices of a book that can be read and has both sides. */
  async touch(): Promise<{ readonly bid: Decimal; readonly ask: Decimal }> {
    const book = this.connector.orderBook(this.tradingPair);
    let touch: { readonly bid: Decimal; readonly ask: Decimal } | undefined;
    const read = () => {
      const [bid, ask] = book.isValid ? [book.bestBid?.price, book.bestAsk?.price] : [];
      if (bid !== undefined && ask !== undefined) touch = { bid, ask };
      return touch !== undefined;
    };
    await this.until(read, () => `the book has no best prices: ${book.invalidReason ?? "a side is empty"}`);
    return touch ?? { bid: ZERO, ask: ZERO };
  }

  /** A price that waits in the book for as long as a row needs. */
  async restingPrice(side: OrderSide, steps = 1): Promise<Decimal> {
    const { bid, ask } = await this.touch();
    const away = RESTING_DISTANCE.times(steps);
    const price = side === "buy" ? bid.times(away.neg().plus(1)) : ask.times(away.plus(1));
    return this.connector.quantizeOrderPrice(this.tradingPair, price);
  }

  /** The smallest amount that any order of a run at this price may have. */
  unitAt(price: Decimal): Decimal {
    const { minOrderSize, minMakerSize, minNotionalSize, minBaseAmountIncrement: step } = this.rule;
    const least = Decimal.max(
      minOrderSize,
      minMakerSize ?? ZERO,
      step,
      price.isZero() ? ZERO : minNotionalSize.times(NOTIONAL_MARGIN).div(price),
    );
    return least.div(step).ceil().times(step);
  }

  /** The smallest amount that may be traded and may rest, also at the price of a resting order. */
  async unit(): Promise<Decimal> {
    return this.unitAt(await this.restingPrice("buy", 2));
  }

  /** The largest amount that stays within a share of the budget, on the market's step. */
  affordable(price: Decimal, share: DecimalInput): Decimal {
    return this.connector.quantizeOrderAmount(this.tradingPair, this.maxNotional.times(share).div(price));
  }

  /** Signed: what the connector takes the position of the market for, all legs together. */
  positionAmount(connector: Session = this.connector): Decimal {
    return this.positions(connector).reduce((total, { amount }) => total.plus(amount), ZERO);
  }

  positions(connector: Session = this.connector) {
    return connector
      .positions()
      .filter(({ tradingPair, amount }) => tradingPair === this.tradingPair && !amount.isZero());
  }
}
