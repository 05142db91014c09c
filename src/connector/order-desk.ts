import { positionSideOf } from "../account/position-estimate.ts";
import { type Decimal, type DecimalInput, sum } from "../model/decimal.ts";
import { InsufficientMarginError, NotFoundError, OrderRejectedError, PerpwireError } from "../model/error.ts";
import type { TradingPair } from "../model/market.ts";
import { assertKnownName, checkOptionNames } from "../model/names.ts";
import type { MarginMode, OrderSide, OrderToPlace, PositionMode } from "../model/order.ts";
import type { Position } from "../model/position.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import type { PerpetualBudgetChecker } from "../trading/budget-checker.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { validateOrder } from "../trading/quantize.ts";
import { RiskGuard, type RiskLimits, type RiskView, reducesOnly } from "../trading/risk-limits.ts";
import { unrealizedPnlOf, type ValueSource } from "./account-values.ts";
import { assertList, assertOptions } from "./call-arguments.ts";
import type { MarketSide } from "./market-side.ts";
import { type OrderOptions, orderToPlace, parseAmount } from "./order-request.ts";
import type { VenueManifest } from "./perpetual-venue.ts";
import type { TradingSide } from "./trading-side.ts";

/** Parts of the private half that orders are made with. */
export type DeskTrading = Pick<
  TradingSide,
  | "account"
  | "assertJournalWorks"
  | "clientOrderIds"
  | "dailyResult"
  | "entry"
  | "nowMs"
  | "orderCollateral"
  | "tracker"
>;

export interface OrderDeskOptions {
  readonly manifest: VenueManifest;
  readonly market: MarketSide;
  readonly trading: DeskTrading;
  readonly timers: Timers;
  /** Checker of the budget. Absent: orders are not checked against the balances. */
  readonly budgetChecker: PerpetualBudgetChecker | undefined;
  readonly riskLimits: RiskLimits | undefined;
  readonly clock: Clock;
}

/** Result of a cancel that the user asked for. */
export interface CancelationResult {
  readonly clientOrderId: string;
  /** True when the order has ended, however it did. */
  readonly success: boolean;
  readonly error?: PerpwireError | undefined;
}

/** One order of a batch. */
export interface BatchOrder extends OrderOptions {
  readonly tradingPair: TradingPair;
  readonly side: OrderSide;
}

/** Terms that an amend changes; those left out stay. */
export interface AmendOptions {
  readonly price?: DecimalInput | undefined;
  readonly amount?: DecimalInput | undefined;
}

const AMEND_NAMES: Readonly<Record<keyof AmendOptions, true>> = { price: true, amount: true };

const SIDES: readonly OrderSide[] = ["buy", "sell"];
const ORDER_EXAMPLE = '{ amount: "0.01", price: "20000", position: "open" }';
const BATCH_EXAMPLE = '[{ tradingPair: "BTC-USDT", side: "buy", amount: "0.01", price: "20000", position: "open" }]';

/** Takes the user's wishes: checks them before anything is journalled or sent, and waits for their ends. */
export class OrderDesk {
  readonly #options: OrderDeskOptions;
  readonly #riskGuard: RiskGuard | undefined;
  readonly #holds: string[] = [];

  /** Throws `ConfigError` for a risk limit that makes no sense. */
  constructor(options: OrderDeskOptions) {
    this.#options = options;
    const { riskLimits } = options;
    this.#riskGuard = riskLimits === undefined ? undefined : new RiskGuard(riskLimits, riskViewOf(options));
  }

  /** Nothing new is taken while `work` runs, except by `createHeld`; `reason` says why. */
  async holdNewOrders<T>(reason: string, work: () => Promise<T>): Promise<T> {
    this.#holds.push(reason);
    try {
      return await work();
    } finally {
      this.#holds.pop();
    }
  }

  #assertNotHeld(): void {
    const reason = this.#holds.at(-1);
    if (reason === undefined) return;
    throw new OrderRejectedError(`no new orders: ${reason}`, { code: "ORDERS_HELD", retry: "later" });
  }

  create(tradingPair: TradingPair, side: OrderSide, options: OrderOptions): InFlightOrder {
    this.#assertNotHeld();
    this.#options.trading.assertJournalWorks();
    const order = this.#checked(tradingPair, side, options);
    this.#checkBudget([order]);
    this.#riskGuard?.check(order);
    this.#checkOpenOrders([order]);
    return this.#options.trading.entry.create(order);
  }

  /**
   * Creates an order that closes a position, even while new orders are held back. The user's limits, the margin check
   * and a full disk do not stop it. It counts towards the order rate. `price`: what bounds it where nothing else is known.
   */
  createHeld(tradingPair: TradingPair, side: OrderSide, options: OrderOptions, price?: Decimal): InFlightOrder {
    const order = this.#checked(tradingPair, side, options, price);
    this.#riskGuard?.count(order);
    return this.#options.trading.entry.createWithoutJournal(order);
  }

  /** All of the orders are checked before the first is journalled: one that breaks a rule keeps all of them back. */
  createBatch(requests: readonly BatchOrder[]): readonly InFlightOrder[] {
    this.#assertNotHeld();
    assertList(requests, "the orders of a batch", BATCH_EXAMPLE);
    for (const request of requests) assertOptions(request, "an order", BATCH_EXAMPLE);
    this.#options.trading.assertJournalWorks();
    const orders = requests.map(({ tradingPair, side, ...options }) => this.#checked(tradingPair, side, options));
    this.#checkBudget(orders);
    this.#riskGuard?.check(...orders);
    this.#checkOpenOrders(orders);
    return this.#options.trading.entry.createBatch(orders);
  }

  #checked(tradingPair: TradingPair, side: OrderSide, options: OrderOptions, price?: Decimal): OrderToPlace {
    assertOptions(options, "an order", ORDER_EXAMPLE);
    assertKnownName(side, SIDES, "side of an order");
    const { manifest, trading, market: markets } = this.#options;
    const { account, clientOrderIds } = trading;
    const market = markets.market(tradingPair);
    if (markets.isGone(tradingPair)) {
      // A halt is over when the venue says so, and the rules are read by themselves twice an hour.
      markets.requestTradingRules();
      const hint = "what is open on it is still followed and can be canceled";
      const reason = markets.isClosed(tradingPair) ? "does not trade" : "no longer lists";
      throw new OrderRejectedError(`${manifest.displayName} ${reason} ${tradingPair}`, { hint });
    }
    const referencePrice = options.type === "market" ? this.#referencePrice(tradingPair, side, price) : undefined;
    const leverage = account.leverage(tradingPair);
    const positionMode = account.positionModeOf(tradingPair);
    const marginMode = this.#marginMode(tradingPair, side, options, positionMode);
    const context = { manifest, market, positionMode, marginMode, leverage, referencePrice };
    return orderToPlace(context, side, options, () => clientOrderIds.next());
  }

  /** Price that a market order is expected to trade at. */
  #referencePrice(tradingPair: TradingPair, side: OrderSide, price: Decimal | undefined): Decimal | undefined {
    const { manifest, market } = this.#options;
    const taken = market.takerPrice(tradingPair, side === "buy");
    return manifest.marketOrders === "bounded" ? (taken ?? market.fairPrice(tradingPair) ?? price) : taken;
  }

  /** Margin mode of the position which an order closes; orders that open are in cross margin. */
  #marginMode(tradingPair: TradingPair, side: OrderSide, options: OrderOptions, mode: PositionMode) {
    const { manifest, trading } = this.#options;
    if (manifest.marginModesSideBySide !== true) return undefined;
    if (options.position !== "close") return "cross";
    if (options.marginMode !== undefined) return options.marginMode;
    const positionSide = positionSideOf(mode, side, options.position);
    const canClose = (marginMode: MarginMode) => {
      const amount = trading.account.position(tradingPair, positionSide, marginMode)?.amount;
      return amount !== undefined && amount.isNegative() === (side === "buy");
    };
    return !canClose("cross") && canClose("isolated") ? "isolated" : "cross";
  }

  /**
   * Holds orders against what is available, each as if those before it were open: one that does not fit refuses all.
   */
  #checkBudget(orders: readonly OrderToPlace[]): void {
    const { budgetChecker } = this.#options;
    if (budgetChecker === undefined) return;
    budgetChecker.resetLockedCollateral();
    try {
      for (const order of orders) this.#checkAffordable(budgetChecker, order);
    } finally {
      budgetChecker.resetLockedCollateral();
    }
  }

  /** Venues that limit how many orders rest on a market count those of the whole account; ours alone are known here. */
  #checkOpenOrders(orders: readonly OrderToPlace[]): void {
    const { market, trading } = this.#options;
    const resting = new Map<TradingPair, number>();
    for (const { tradingPair, side, timeInForce } of orders) {
      const most = market.market(tradingPair).rule.maxOpenOrders;
      if (most === undefined || timeInForce !== "GTC") continue;
      const open = trading.orderCollateral.exposure.of(tradingPair).orders + (resting.get(tradingPair) ?? 0);
      if (open >= most) {
        throw new OrderRejectedError(`${tradingPair} ${side} order: ${open} orders are open, the most is ${most}`, {
          code: "TRADING_RULE",
          hint: "cancel one of them first",
        });
      }
      resting.set(tradingPair, (resting.get(tradingPair) ?? 0) + 1);
    }
  }

  #checkAffordable(budgetChecker: PerpetualBudgetChecker, order: OrderToPlace): void {
    const { trading, market } = this.#options;
    const { tradingPair, side, type, amount, positionAction } = order;
    const price = order.price ?? market.takerPrice(tradingPair, side === "buy");
    if (price === undefined) return;
    const leverage = order.leverage ?? trading.account.leverage(tradingPair);
    const isMaker = type === "limitMaker";
    const candidate = { tradingPair, side, type, amount, price, leverage, positionAction, isMaker };
    if (budgetChecker.lockWhole(candidate)) return;
    // All or nothing: nothing of it is locked.
    const wanted = budgetChecker.populateCollateralEntries(candidate).collateral;
    const before = budgetChecker.unlockedCollateral(wanted.keys());
    const { rule } = market.market(tradingPair);
    const token = side === "buy" ? rule.buyOrderCollateralToken : rule.sellOrderCollateralToken;
    throw new InsufficientMarginError(
      `${tradingPair} ${side} order needs ${wanted.get(token)?.toFixed() ?? "some"} ${token}, ` +
        `${before.get(token)?.toFixed() ?? "0"} is available`,
      { hint: "order less, raise the leverage or close a position" },
    );
  }

  async cancel(clientOrderId: string, timeoutMs: number): Promise<CancelationResult> {
    const { tracker, entry } = this.#options.trading;
    const order = tracker.orderByClientId(clientOrderId);
    if (order === undefined) return { clientOrderId, success: false, error: unknownOrderError(clientOrderId) };
    const [result] = await this.#awaitEnds([order], timeoutMs, () => entry.cancel(clientOrderId));
    return result ?? cancelationResult(order, timeoutMs);
  }

  async cancelAll(timeoutMs: number): Promise<readonly CancelationResult[]> {
    const { tracker } = this.#options.trading;
    const orders = [...tracker.activeOrders, ...tracker.lostOrders];
    return this.cancelBatch(
      orders.map((order) => order.clientOrderId),
      timeoutMs,
    );
  }

  async cancelBatch(clientOrderIds: readonly string[], timeoutMs: number): Promise<readonly CancelationResult[]> {
    const { tracker, entry } = this.#options.trading;
    const orders = clientOrderIds.flatMap((clientOrderId) => tracker.orderByClientId(clientOrderId) ?? []);
    const results = await this.#awaitEnds(orders, timeoutMs, () => entry.cancelBatch(clientOrderIds));
    const byId = new Map(results.map((result) => [result.clientOrderId, result]));
    return clientOrderIds.map((clientOrderId) => {
      const unknown = { clientOrderId, success: false, error: unknownOrderError(clientOrderId) };
      return byId.get(clientOrderId) ?? unknown;
    });
  }

  /** Cancels and waits until every order has ended or its cancel was definitely refused, at most for `timeoutMs`. */
  async #awaitEnds(
    orders: readonly InFlightOrder[],
    timeoutMs: number,
    cancel: () => void,
  ): Promise<readonly CancelationResult[]> {
    const { trading, timers } = this.#options;
    const refusals = new Map<string, PerpwireError>();
    const stopListening: (() => void)[] = [];
    const ends = orders.map((order) => {
      const { clientOrderId } = order;
      const refused = new Promise<void>((resolve) => {
        const listen = (error: PerpwireError): void => {
          refusals.set(clientOrderId, error);
          resolve();
        };
        stopListening.push(trading.entry.onCancelRefused(clientOrderId, listen));
      });
      return Promise.race([order.done, refused]);
    });
    cancel();
    await new Promise<void>((resolve) => {
      const patience = timers.after(timeoutMs, resolve);
      void Promise.all(ends).then(() => {
        patience.cancel();
        resolve();
      });
    });
    for (const stop of stopListening) stop();
    return orders.map((order) => cancelationResult(order, timeoutMs, refusals.get(order.clientOrderId)));
  }

  async amend(clientOrderId: string, change: AmendOptions, signal: AbortSignal): Promise<void> {
    const { market, trading } = this.#options;
    this.#assertNotHeld();
    assertOptions(change, "an amend", '{ price: "20000" }');
    checkOptionNames(change, AMEND_NAMES, "option of an amend");
    const order = trading.tracker.orderByClientId(clientOrderId);
    if (order === undefined) throw unknownOrderError(clientOrderId);
    if (order.isDone) throw new NotFoundError(`order "${clientOrderId}" has ended: it is ${order.state}`);
    if (change.price === undefined && change.amount === undefined) {
      const hint = "give a price, an amount or both";
      throw new OrderRejectedError(`the amend of order ${clientOrderId} changes nothing`, { hint });
    }
    const { tradingPair, side, type, reduceOnly } = order;
    const changed = {
      price: change.price === undefined ? undefined : parseAmount(tradingPair, "price", change.price),
      amount: change.amount === undefined ? undefined : parseAmount(tradingPair, "amount", change.amount),
    };
    if (changed.amount?.isZero()) {
      const hint = "cancel() takes back what is left of an order";
      throw new OrderRejectedError(`the amend of order ${clientOrderId}: an amount of 0 is no order`, { hint });
    }
    // Terms that an amend under way asks for stay as they are asked for.
    const price = changed.price ?? order.targetPrice;
    const amount = changed.amount ?? order.targetAmount;
    trading.assertJournalWorks();
    const closes = reducesOnly(order);
    validateOrder(market.market(tradingPair).rule, { side, type, amount, price, reduceOnly, closes });
    const { timeInForce, positionAction, positionMode } = order;
    const terms = { clientOrderId, tradingPair, side, type, timeInForce, reduceOnly, positionAction, positionMode };
    this.#riskGuard?.checkAmend({ ...terms, price, amount: amount.minus(order.executedAmount) });
    await trading.entry.amend(order, changed, signal);
  }
}

function riskViewOf({ market, trading, clock }: OrderDeskOptions): RiskView {
  const { account, dailyResult } = trading;
  const source: ValueSource = {
    fairPrice: (tradingPair) => market.fairPrice(tradingPair),
    rule: (tradingPair) => market.market(tradingPair).rule,
  };
  const unrealizedPnl = (position: Position): Decimal => unrealizedPnlOf(position, source);
  return {
    fairPrice: (tradingPair) => market.fairPrice(tradingPair),
    positionAmounts: (tradingPair) =>
      account.positions.filter((position) => position.tradingPair === tradingPair).map((position) => position.amount),
    // Lost orders are among them: they may stand at the venue all the same.
    open: trading.orderCollateral.exposure,
    unvaluedCosts: () =>
      dailyResult.reportAt(trading.nowMs).unvalued.flatMap(({ token, amount }) => (amount.isNegative() ? [token] : [])),
    dailyResult: () => sum([dailyResult.resultAt(trading.nowMs), ...account.positions.map(unrealizedPnl)]),
    monotonicMs: () => clock.monotonic(),
  };
}

function cancelationResult(order: InFlightOrder, timeoutMs: number, refusal?: PerpwireError): CancelationResult {
  const { clientOrderId, state } = order;
  if (order.isDone) return { clientOrderId, success: true };
  if (refusal !== undefined) return { clientOrderId, success: false, error: refusal };
  const error = new PerpwireError(`order ${clientOrderId} is ${state} after ${timeoutMs} ms`, {
    code: "CANCEL_PENDING",
    outcome: "unknown",
    hint: "the cancel goes on; its end comes as an event",
  });
  return { clientOrderId, success: false, error };
}

function unknownOrderError(clientOrderId: string): NotFoundError {
  return new NotFoundError(`no order "${clientOrderId}" is tracked`, {
    hint: "give the client order id of an order of this connector; `orders` lists those at the venue",
  });
}
