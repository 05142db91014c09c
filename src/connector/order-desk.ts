import { type Decimal, type DecimalInput, decimal } from "../model/decimal.ts";
import { InsufficientMarginError, NotFoundError, PerpwireError } from "../model/error.ts";
import type { TradingPair } from "../model/market.ts";
import type { OrderSide, OrderToPlace } from "../model/order.ts";
import type { Timers } from "../runtime/runtime.ts";
import type { PerpetualBudgetChecker } from "../trading/budget-checker.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { validateOrder } from "../trading/quantize.ts";
import type { MarketSide } from "./market-side.ts";
import { amendClientOrderId } from "./order-ids.ts";
import { type OrderOptions, orderToPlace } from "./order-request.ts";
import type { VenueManifest } from "./perpetual-venue.ts";
import type { TradingSide } from "./trading-side.ts";

export interface OrderDeskOptions {
  readonly manifest: VenueManifest;
  readonly market: MarketSide;
  readonly trading: TradingSide;
  readonly timers: Timers;
  /** Absent: orders are not held against the balances. */
  readonly budgetChecker: PerpetualBudgetChecker | undefined;
}

/** What became of a cancel that the user asked for. */
export interface CancelationResult {
  readonly clientOrderId: string;
  /** True when the order has ended, however it did. */
  readonly success: boolean;
  readonly error?: PerpwireError | undefined;
}

/** What an amend changes; what is left out stays. */
export interface AmendOptions {
  readonly price?: DecimalInput | undefined;
  readonly amount?: DecimalInput | undefined;
}

/** Takes the user's wishes: checks them before anything is journalled or sent, and waits for their ends. */
export class OrderDesk {
  readonly #options: OrderDeskOptions;

  constructor(options: OrderDeskOptions) {
    this.#options = options;
  }

  create(tradingPair: TradingPair, side: OrderSide, options: OrderOptions): InFlightOrder {
    const { manifest, trading, market: markets } = this.#options;
    const { account, clientOrderIds, entry } = trading;
    const market = markets.market(tradingPair);
    trading.assertJournalWorks();
    const referencePrice = markets.takerPrice(tradingPair, side === "buy");
    const leverage = account.getLeverage(tradingPair);
    const context = { manifest, market, positionMode: account.positionMode, leverage, referencePrice };
    const order = orderToPlace(context, side, options, () => clientOrderIds.next());
    this.#checkBudget(order, leverage, referencePrice);
    return entry.create(order);
  }

  #checkBudget(order: OrderToPlace, leverage: Decimal, referencePrice: Decimal | undefined): void {
    const { budgetChecker, trading, market } = this.#options;
    const price = order.price ?? referencePrice;
    if (budgetChecker === undefined || price === undefined) return;
    const { tradingPair, side, type, amount, positionAction } = order;
    const isMaker = type === "limitMaker";
    const candidate = { tradingPair, side, type, amount, price, leverage, positionAction, isMaker };
    if (budgetChecker.adjustCandidate(candidate, true).amount.eq(amount)) return;
    const { rule } = market.market(tradingPair);
    const token = side === "buy" ? rule.buyOrderCollateralToken : rule.sellOrderCollateralToken;
    const needed = budgetChecker.populateCollateralEntries(candidate).collateral.get(token);
    throw new InsufficientMarginError(
      `${tradingPair} ${side} order needs ${needed?.toFixed() ?? "some"} ${token}, ` +
        `${trading.account.getAvailableBalance(token).toFixed()} is available`,
      { hint: "order less, raise the leverage or close a position" },
    );
  }

  async cancel(clientOrderId: string, timeoutMs: number): Promise<CancelationResult> {
    const { tracker, entry } = this.#options.trading;
    const order = tracker.orderByClientId(clientOrderId);
    if (order === undefined) return { clientOrderId, success: false, error: unknownOrderError(clientOrderId) };
    entry.cancel(clientOrderId);
    await this.#awaitEnds([order], timeoutMs);
    return cancelationResult(order, timeoutMs);
  }

  async cancelAll(timeoutMs: number): Promise<readonly CancelationResult[]> {
    const { tracker, entry } = this.#options.trading;
    const orders = [...tracker.activeOrders, ...tracker.lostOrders];
    for (const order of orders) entry.cancel(order.clientOrderId);
    await this.#awaitEnds(orders, timeoutMs);
    return orders.map((order) => cancelationResult(order, timeoutMs));
  }

  async #awaitEnds(orders: readonly InFlightOrder[], timeoutMs: number): Promise<void> {
    const patience = new AbortController();
    const ended = Promise.all(orders.map((order) => order.done)).then(() => patience.abort());
    await this.#options.timers.sleep(timeoutMs, patience.signal).catch(() => ended);
  }

  async amend(clientOrderId: string, change: AmendOptions, signal: AbortSignal): Promise<void> {
    const { market, trading } = this.#options;
    const order = trading.tracker.orderByClientId(clientOrderId);
    if (order === undefined || order.isDone) throw unknownOrderError(clientOrderId);
    const price = change.price === undefined ? order.price : decimal(change.price);
    const amount = change.amount === undefined ? order.amount : decimal(change.amount);
    trading.assertJournalWorks();
    const { side, type, reduceOnly } = order;
    validateOrder(market.market(order.tradingPair).rule, { side, type, amount, price, reduceOnly });
    await trading.entry.amend(order, { price, amount }, amendClientOrderId(order), signal);
  }
}

function cancelationResult(order: InFlightOrder, timeoutMs: number): CancelationResult {
  const { clientOrderId, state } = order;
  if (order.isDone) return { clientOrderId, success: true };
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
