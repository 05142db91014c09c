import { type Decimal, type DecimalInput, decimal, ZERO } from "../model/decimal.ts";
import { ConfigError, RiskLimitError } from "../model/error.ts";
import type { TradingPair } from "../model/market.ts";
import { checkOptionNames } from "../model/names.ts";
import type { OrderSide, OrderToPlace } from "../model/order.ts";
import { combined, exposureOf, type OpenExposure, type OpenOrderRisk, type SideExposure } from "./open-exposure.ts";

/** Limits that the user sets; what is left out is not limited. Amounts are decimal text or Decimals. */
export interface RiskLimits {
  /** Largest notional of one order, quote units. */
  readonly maxOrderNotional?: DecimalInput | undefined;
  /** Largest notional on one market: its positions and its open orders together, quote units. */
  readonly maxMarketNotional?: DecimalInput | undefined;
  /** Largest position by market, base units, counted as if every open order on its side were filled. */
  readonly maxPosition?: Readonly<Record<TradingPair, DecimalInput>> | undefined;
  /** Most orders of this connector that are open at a time, on all markets together. */
  readonly maxOpenOrders?: number | undefined;
  /** Furthest that a limit price may be from mark on the side that costs money, as a fraction: "0.05" is 5 %. */
  readonly priceCollar?: DecimalInput | undefined;
  /** Most orders and amends in any stretch of this length. */
  readonly maxOrderRate?: { readonly orders: number; readonly intervalMs: number } | undefined;
  /** Largest loss of a UTC day, quote units: realised and unrealised, fees and funding. Closing stays allowed. */
  readonly maxDailyLoss?: DecimalInput | undefined;
}

/** Tells that a limit is about money, and so needs a fair price. */
export function readsPrices(limits: RiskLimits): boolean {
  const { maxOrderNotional, maxMarketNotional, priceCollar, maxDailyLoss } = limits;
  return [maxOrderNotional, maxMarketNotional, priceCollar, maxDailyLoss].some((limit) => limit !== undefined);
}

/** View of the account that the guard checks before each order. */
export interface RiskView {
  /** Mark price, or another fair one; undefined while none is known. */
  fairPrice(tradingPair: TradingPair): Decimal | undefined;
  /** Signed amounts of the market's positions: one in one-way mode, two in hedge mode. */
  positionAmounts(tradingPair: TradingPair): readonly Decimal[];
  /** Orders of ours that are open or may be. */
  readonly open: Pick<OpenExposure, "count" | "of" | "find">;
  /** Result of the running UTC day, negative for a loss. */
  dailyResult(): Decimal;
  /** Tokens that were paid and that no price is known of: the loss is larger than `dailyResult` says. */
  unvaluedCosts?(): readonly string[];
  monotonicMs(): number;
}

interface ParsedLimits {
  readonly maxOrderNotional: Decimal | undefined;
  readonly maxMarketNotional: Decimal | undefined;
  readonly maxPosition: ReadonlyMap<TradingPair, Decimal>;
  readonly maxOpenOrders: number | undefined;
  readonly priceCollar: Decimal | undefined;
  readonly maxOrderRate: { readonly orders: number; readonly intervalMs: number } | undefined;
  readonly maxDailyLoss: Decimal | undefined;
}

const NAMES: Readonly<Record<keyof RiskLimits, true>> = {
  maxOrderNotional: true,
  maxMarketNotional: true,
  maxPosition: true,
  maxOpenOrders: true,
  priceCollar: true,
  maxOrderRate: true,
  maxDailyLoss: true,
};

function amountOf(name: string, value: DecimalInput | undefined): Decimal | undefined {
  if (value === undefined) return undefined;
  let amount: Decimal;
  try {
    amount = decimal(value);
  } catch (cause) {
    throw new ConfigError(`risk limit ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  if (amount.lt(0))
    throw new ConfigError(`risk limit ${name} is ${amount.toFixed()}`, { hint: "it cannot be negative" });
  return amount;
}

function fractionOf(name: string, value: DecimalInput | undefined): Decimal | undefined {
  const fraction = amountOf(name, value);
  if (fraction?.gte(1)) {
    const hint = "it is a fraction of the mark price: 0.05 is 5 %";
    throw new ConfigError(`risk limit ${name} is ${fraction.toFixed()}`, { hint });
  }
  return fraction;
}

function countOf(name: string, value: number | undefined): number | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= 0)) return value;
  throw new ConfigError(`risk limit ${name} is ${value}`, { hint: "it is a whole number from 0 up" });
}

/** Throws `ConfigError` for a limit that does not exist or makes no sense. */
export function validateRiskLimits(limits: RiskLimits): void {
  parseLimits(limits);
}

function parseLimits(limits: RiskLimits): ParsedLimits {
  checkOptionNames(limits, NAMES, "risk limit");
  const positions = Object.entries(limits.maxPosition ?? {});
  const { maxOrderRate } = limits;
  if (
    maxOrderRate !== undefined &&
    !(
      countOf("maxOrderRate.orders", maxOrderRate.orders) &&
      Number.isFinite(maxOrderRate.intervalMs) &&
      maxOrderRate.intervalMs > 0
    )
  ) {
    throw new ConfigError("risk limit maxOrderRate needs a number of orders and an interval above zero");
  }
  return {
    maxOrderNotional: amountOf("maxOrderNotional", limits.maxOrderNotional),
    maxMarketNotional: amountOf("maxMarketNotional", limits.maxMarketNotional),
    maxPosition: new Map(positions.map(([pair, value]) => [pair, amountOf(`maxPosition of ${pair}`, value) ?? ZERO])),
    maxOpenOrders: countOf("maxOpenOrders", limits.maxOpenOrders),
    priceCollar: fractionOf("priceCollar", limits.priceCollar),
    maxOrderRate,
    maxDailyLoss: amountOf("maxDailyLoss", limits.maxDailyLoss),
  };
}

/**
 * Tells that an order only reduces. In one-way mode an order that closes can go through zero and open the other side,
 * unless it is reduce-only.
 */
export function reducesOnly(order: Pick<OrderToPlace, "positionAction" | "positionMode" | "reduceOnly">): boolean {
  return order.reduceOnly || (order.positionAction === "close" && order.positionMode === "hedge");
}

function openOrderRisk(order: OrderToPlace): OpenOrderRisk {
  const { clientOrderId, tradingPair, side, amount, price } = order;
  return { clientOrderId, tradingPair, side, remaining: amount, price, reducesOnly: reducesOnly(order) };
}

/** Changes to the open orders while an order is checked. */
interface OpenOrdersChange {
  /** Orders of the same batch that come before it. */
  readonly added: readonly OpenOrderRisk[];
  /** The order that an amend changes. */
  readonly replaced: OpenOrderRisk | undefined;
}

function refuse(limit: keyof RiskLimits, message: string, retry: "never" | "later" = "never"): never {
  throw new RiskLimitError(`${limit}: ${message}`, { retry, hint: `the limit is yours: ${limit}` });
}

/** Holds every order against the user's limits before anything is journalled or sent. */
export class RiskGuard {
  readonly #limits: ParsedLimits;
  readonly #view: RiskView;
  /** Monotonic times when the latest orders passed, as many as the rate limit counts. */
  readonly #passedMs: number[] = [];

  /** Throws `ConfigError` for a limit that does not exist or makes no sense. */
  constructor(limits: RiskLimits, view: RiskView) {
    this.#limits = parseLimits(limits);
    this.#view = view;
  }

  /**
   * Throws `RiskLimitError` that names the limit; otherwise the orders count towards the order rate. The orders of one
   * batch are held against the limits one after the other, each as if those before it were open.
   */
  check(...orders: readonly OrderToPlace[]): void {
    const earlier: OpenOrderRisk[] = [];
    for (const [index, order] of orders.entries()) {
      this.#checkRate(index);
      this.#checkCollar(order);
      // Orders that close a position make the risk smaller: only their rate and their price are limited.
      if (!reducesOnly(order)) this.#checkOpening(order, { added: earlier, replaced: undefined });
      earlier.push(openOrderRisk(order));
    }
    this.#pass(orders.length);
  }

  /** Counts orders towards the order rate that no limit keeps back. */
  count(...orders: readonly OrderToPlace[]): void {
    this.#pass(orders.length);
  }

  /**
   * Checks like `check`, for the order that an open one becomes by an amend; `amount` is the amount left to fill then.
   */
  checkAmend(order: OrderToPlace): void {
    this.#checkRate(0);
    this.#checkCollar(order);
    const replaced = this.#view.open.find(order.clientOrderId);
    if (!reducesOnly(order)) this.#checkOpening(order, { added: [], replaced });
    this.#pass(1);
  }

  #pass(orders: number): void {
    const nowMs = this.#view.monotonicMs();
    for (let count = 0; count < orders; count += 1) this.#passedMs.push(nowMs);
    const keep = this.#limits.maxOrderRate?.orders ?? 0;
    if (this.#passedMs.length > keep) this.#passedMs.splice(0, this.#passedMs.length - keep);
  }

  /** `more` orders have passed the check and are not counted yet. */
  #checkRate(more: number): void {
    const rate = this.#limits.maxOrderRate;
    if (rate === undefined) return;
    const sinceMs = this.#view.monotonicMs() - rate.intervalMs;
    const recent = this.#passedMs.filter((passedMs) => passedMs > sinceMs).length + more;
    if (recent < rate.orders) return;
    const message = `${rate.orders} orders and amends in ${rate.intervalMs} ms have been sent`;
    refuse("maxOrderRate", message, "later");
  }

  #checkCollar({ tradingPair, side, price }: OrderToPlace): void {
    const collar = this.#limits.priceCollar;
    if (collar === undefined || price === undefined) return;
    const mark = this.#view.fairPrice(tradingPair);
    if (mark === undefined) refuse("priceCollar", `no mark price of ${tradingPair} is known to hold the order against`);
    const bound = side === "buy" ? mark.times(collar.plus(1)) : mark.times(collar.minus(1).neg());
    const isWithin = side === "buy" ? price.lte(bound) : price.gte(bound);
    if (isWithin) return;
    const direction = side === "buy" ? "above" : "below";
    refuse("priceCollar", `${price.toFixed()} is ${direction} ${bound.toFixed()}, mark is ${mark.toFixed()}`);
  }

  #checkOpening(order: OrderToPlace, change: OpenOrdersChange): void {
    const { maxDailyLoss, maxOpenOrders } = this.#limits;
    if (maxDailyLoss !== undefined) {
      const result = this.#view.dailyResult();
      const unvalued = this.#view.unvaluedCosts?.() ?? [];
      if (result.neg().gte(maxDailyLoss) && (result.lt(0) || unvalued.length > 0)) {
        const without = unvalued.length === 0 ? "" : `, without what was paid in ${unvalued.join(", ")}`;
        refuse("maxDailyLoss", `today's result is ${result.toFixed()}, the limit ${maxDailyLoss.toFixed()}${without}`);
      }
    }
    const open = this.#view.open.count + change.added.length - (change.replaced === undefined ? 0 : 1);
    if (maxOpenOrders !== undefined && open >= maxOpenOrders) {
      refuse("maxOpenOrders", `${open} orders are open, the limit is ${maxOpenOrders}`);
    }
    this.#checkNotionals(order, change);
    this.#checkPosition(order, change);
  }

  #checkNotionals(order: OrderToPlace, change: OpenOrdersChange): void {
    const { maxOrderNotional, maxMarketNotional } = this.#limits;
    if (maxOrderNotional === undefined && maxMarketNotional === undefined) return;
    const { tradingPair, amount } = order;
    const fair = this.#view.fairPrice(tradingPair);
    const price = order.price ?? fair;
    const limit = maxOrderNotional === undefined ? "maxMarketNotional" : "maxOrderNotional";
    if (price === undefined) refuse(limit, `no price of ${tradingPair} is known to hold the order against`);
    const notional = amount.times(price);
    if (maxOrderNotional?.lt(notional) === true) {
      refuse("maxOrderNotional", `${notional.toFixed()} is above ${maxOrderNotional.toFixed()}`);
    }
    if (maxMarketNotional === undefined) return;
    let total = notional;
    for (const held of this.#view.positionAmounts(tradingPair)) total = total.plus(held.abs().times(fair ?? price));
    for (const side of ["buy", "sell"] as const) {
      const { notional: priced, unpriced } = this.#exposure(tradingPair, side, change);
      total = total.plus(priced).plus(unpriced.times(fair ?? price));
    }
    if (maxMarketNotional.gte(total)) return;
    refuse(
      "maxMarketNotional",
      `${tradingPair} would hold ${total.toFixed()}, the limit is ${maxMarketNotional.toFixed()}`,
    );
  }

  #checkPosition(order: OrderToPlace, change: OpenOrdersChange): void {
    const { tradingPair, side, amount } = order;
    const limit = this.#limits.maxPosition.get(tradingPair);
    if (limit === undefined) return;
    // Orders on the same side alone add up to the worst case; those on the other side may not fill.
    let reach = amount.plus(this.#exposure(tradingPair, side, change).remaining);
    for (const held of this.#view.positionAmounts(tradingPair)) {
      // Legs of the other side do not shrink in hedge mode when this one grows.
      if (order.positionMode === "hedge" && held.isNegative() !== (side === "sell")) continue;
      reach = side === "buy" ? reach.plus(held) : reach.minus(held);
    }
    if (reach.lte(limit)) return;
    refuse("maxPosition", `${tradingPair} could reach ${reach.toFixed()}, the limit is ${limit.toFixed()}`);
  }

  /** Exposure of one side of a market, with the changes that are being checked. */
  #exposure(tradingPair: TradingPair, side: OrderSide, { added, replaced }: OpenOrdersChange): SideExposure {
    const isMeant = (order: OpenOrderRisk) => order.tradingPair === tradingPair && order.side === side;
    let sums = this.#view.open.of(tradingPair)[side];
    for (const order of added) if (isMeant(order)) sums = combined(sums, exposureOf(order), 1);
    return replaced !== undefined && isMeant(replaced) ? combined(sums, exposureOf(replaced), -1) : sums;
  }
}
