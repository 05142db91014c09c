import { formatAmount } from "./amount.ts";
import { absolute } from "./arithmetic.ts";
import { type Growth, isBelowMaintenance, isIsolatedBelowMaintenance, shortfall } from "./margin.ts";
import { remaining } from "./order.ts";
import { isReducing, type OrderRequest } from "./orders.ts";
import { findPosition, newPosition } from "./position.ts";
import type { Account, EngineState, Market, Order, Position } from "./records.ts";
import { reducible } from "./reduce-only.ts";
import { settingsOf } from "./settings.ts";
import type { Refusal } from "./state.ts";
import { type PositionSide, type RefusalCode, type Side, UNIT } from "./types.ts";

type Check = (request: OrderRequest, changed: ChangedOrder | null, state: EngineState) => Refusal | null;

/** The open order whose place the request takes, and how much of the requested size it has filled already. */
export interface ChangedOrder {
  readonly order: Order;
  readonly filled: bigint;
}

/** Orders of one account that come before another one, and have not come to the engine. */
export interface OrdersAhead {
  readonly waiting: readonly OrderRequest[];
  /** The open order whose place is taken, and how much of it is left. */
  readonly replaced?: { readonly side: Side; readonly size: bigint } | undefined;
  /** The most of a market order, where the gateway's venue has one. */
  readonly maxMarketSize?: bigint | undefined;
}

/** Ranks of levels are numbers. */
const MAX_TICKS = BigInt(Number.MAX_SAFE_INTEGER);

/** Cheapest first; the first refusal is the answer. */
const CHECKS: readonly Check[] = [
  checkStatus,
  checkPrice,
  checkSize,
  checkPositionSide,
  checkClientId,
  checkPriceBand,
  checkNotional,
  checkMakerSize,
  checkOrderCount,
  checkHealth,
  checkReduceOnly,
  checkMargin,
];

/** Checks of an order that has not come to the engine: ids and numbers of orders are its gateway's. */
const ADMISSION: readonly Check[] = [
  checkStatus,
  checkSize,
  checkPrice,
  checkPriceBand,
  checkNotional,
  checkMakerSize,
  checkPositionSide,
  checkHealth,
];

/**
 * Looks at an order that waits for its turn behind others of the account: it may reduce what they open, and must find the
 * margin that they leave.
 */
export function checkWaiting(request: OrderRequest, state: EngineState, ahead: OrdersAhead): Refusal | null {
  for (const check of ADMISSION) {
    const refused = check(request, null, state);
    if (refused !== null) return refused;
  }
  const { maxMarketSize } = ahead;
  if (request.orderType === "market" && maxMarketSize !== undefined && request.size > maxMarketSize)
    return refusal("sizeTooLarge", `size ${formatAmount(request.size)} is above ${formatAmount(maxMarketSize)}`);
  return isReducing(request) ? checkReducible(request, ahead) : checkMarginBehind(request, ahead);
}

/** Looks at an order before anything changes. */
export function checkOrder(state: EngineState, request: OrderRequest, changed: ChangedOrder | null): Refusal | null {
  for (const check of CHECKS) {
    const refusal = check(request, changed, state);
    if (refusal !== null) return refusal;
  }
  return null;
}

export function refusal(code: RefusalCode, message: string): Refusal {
  return { code, message };
}

export function findAccount(state: EngineState, accountId: string): Account | Refusal {
  return state.accounts.get(accountId) ?? refusal("noSuchAccount", `no account "${accountId}"`);
}

/** The market, if it is listed still. */
export function findMarket(state: EngineState, name: string): Market | Refusal {
  const market = state.markets.get(name);
  if (market !== undefined && market.status !== "delisted") return market;
  return refusal("noSuchMarket", `no market "${name}"`);
}

/** The account's open order, or why there is none. */
export function findOpenOrder(account: Account, orderId: number): Order | Refusal {
  const order = account.openOrders.get(orderId);
  if (order !== undefined) return order;
  if (account.orderSlots.has(orderId)) return refusal("orderClosed", `order ${orderId} is already closed`);
  return refusal("noSuchOrder", `account "${account.id}" has no order ${orderId}`);
}

/** The account's open position on a market, or why there is none. */
export function findOpenPosition(
  state: EngineState,
  accountId: string,
  name: string,
  side: PositionSide,
): Position | Refusal {
  const account = findAccount(state, accountId);
  if ("code" in account) return account;
  const market = findMarket(state, name);
  if ("code" in market) return market;
  const position = findPosition(account, market, side);
  if (position !== undefined && position.size !== 0n) return position;
  return refusal("noPosition", `no open position "${side}" on ${name}`);
}

function checkStatus({ market }: OrderRequest): Refusal | null {
  return market.status === "halted" ? refusal("marketHalted", `trading on ${market.spec.market} is halted`) : null;
}

function checkPrice({ orderType, price, market }: OrderRequest): Refusal | null {
  if (orderType === "market") return null;
  const { tick } = market.spec;
  if (price === null) return refusal("invalidPrice", "a limit order needs a price");
  if (price <= 0n) return refusal("invalidPrice", `price ${formatAmount(price)} is not positive`);
  if (price % tick !== 0n)
    return refusal("invalidPrice", `price ${formatAmount(price)} is not a multiple of ${formatAmount(tick)}`);
  if (price / tick > MAX_TICKS) return refusal("invalidPrice", `price ${formatAmount(price)} is too high`);
  return null;
}

function checkSize({ size, market }: OrderRequest): Refusal | null {
  const { lot, minSize, maxSize } = market.spec;
  if (size < lot || size < minSize)
    return refusal("sizeTooSmall", `size ${formatAmount(size)} is below ${formatAmount(minSize)}`);
  if (size % lot !== 0n)
    return refusal("invalidSize", `size ${formatAmount(size)} is not a multiple of ${formatAmount(lot)}`);
  if (size > maxSize) return refusal("sizeTooLarge", `size ${formatAmount(size)} is above ${formatAmount(maxSize)}`);
  return null;
}

function checkPositionSide({ account, market, positionSide }: OrderRequest): Refusal | null {
  const { positionMode } = settingsOf(account, market);
  if ((positionSide === "both") === (positionMode === "oneWay")) return null;
  return refusal("positionSideMismatch", `position side "${positionSide}" does not fit the position mode`);
}

function checkClientId(
  { account, clientId }: OrderRequest,
  changed: ChangedOrder | null,
  { config }: EngineState,
): Refusal | null {
  const takenBy = clientId === null ? undefined : account.orderIdByClientId.get(clientId);
  if (takenBy === undefined || config.clientIdsTaken === "never") return null;
  const isReusable = !account.openOrders.has(takenBy) || takenBy === changed?.order.id;
  if (config.clientIdsTaken === "whileOpen" && isReusable) return null;
  return refusal("duplicateClientId", `client id "${clientId}" was used before`);
}

function checkPriceBand({ orderType, price, market, isPriceBandKept }: OrderRequest): Refusal | null {
  if (orderType === "market" || price === null || isPriceBandKept) return null;
  const { mark, spec } = market;
  if (absolute(price - mark) * UNIT <= mark * spec.priceBand) return null;
  const band = formatAmount(spec.priceBand * 100n);
  return refusal(
    "priceOutOfBand",
    `price ${formatAmount(price)} is more than ${band} % from mark ${formatAmount(mark)}`,
  );
}

function checkNotional(request: OrderRequest): Refusal | null {
  const { orderType, price, size, market } = request;
  const { minNotional } = market.spec;
  const notional = size * (orderType === "market" || price === null ? market.mark : price);
  if (isReducing(request) || notional >= minNotional * UNIT) return null;
  return refusal("notionalTooSmall", `notional ${formatAmount(notional / UNIT)} is below ${formatAmount(minNotional)}`);
}

/** An order that trades at once may be smaller; what is left of it may rest. */
function checkMakerSize({ orderType, price, size, side, timeInForce, market }: OrderRequest): Refusal | null {
  const { minMakerSize } = market.spec;
  if (orderType === "market" || price === null || timeInForce !== "GTC" || size >= minMakerSize) return null;
  if (market.book.crosses(side, price)) return null;
  return refusal(
    "sizeTooSmallForMaker",
    `size ${formatAmount(size)} is below ${formatAmount(minMakerSize)}, the least that may rest`,
  );
}

/** Counts orders that may come to rest; one that takes another's place is none more. */
function checkOrderCount(request: OrderRequest, changed: ChangedOrder | null, { config }: EngineState): Refusal | null {
  const { account, market, orderType, timeInForce } = request;
  if (changed !== null || !account.retain || orderType === "market" || timeInForce !== "GTC") return null;
  const { maxOpenOrders } = market.spec;
  const onMarket = account.marketOrders.get(market.spec.market)?.size ?? 0;
  if (maxOpenOrders !== undefined && onMarket >= maxOpenOrders)
    return refusal("tooManyOrders", `${onMarket} orders are open on ${market.spec.market}, the most allowed`);
  if (config.maxOpenOrders !== undefined && account.openOrders.size >= config.maxOpenOrders)
    return refusal("tooManyOrders", `${account.openOrders.size} orders are open, the most allowed`);
  return null;
}

function checkHealth({ account, market, positionSide }: OrderRequest): Refusal | null {
  if (isBelowMaintenance(account))
    return refusal("liquidating", "the account is below maintenance margin and is being liquidated");
  const position = findPosition(account, market, positionSide);
  if (position === undefined || !isIsolatedBelowMaintenance(position)) return null;
  return refusal("liquidating", "the position is below maintenance margin and is being liquidated");
}

function checkReduceOnly(request: OrderRequest): Refusal | null {
  if (!isReducing(request)) return null;
  const { account, market, side, positionSide } = request;
  const position = findPosition(account, market, positionSide);
  if (position !== undefined && reducible(position, side) > 0n) return null;
  const kind = request.reduceOnly ? "reduce-only" : "closing";
  return refusal("invalidReduceOnly", `a ${kind} ${side} has no position to reduce`);
}

function checkMargin(request: OrderRequest, changed: ChangedOrder | null): Refusal | null {
  if (isReducing(request)) return null;
  const { account, market, side, size, positionSide } = request;
  const extra = changed === null ? size : size - changed.filled - remaining(changed.order);
  const position = findPosition(account, market, positionSide) ?? newPosition(account, market, positionSide);
  return lacking(shortfall({ position, buy: side === "buy" ? extra : 0n, sell: side === "sell" ? extra : 0n }));
}

function lacking(missing: bigint): Refusal | null {
  if (missing === 0n) return null;
  return refusal("insufficientMargin", `the order needs ${formatAmount(missing)} more collateral`);
}

function isSameLeg(one: OrderRequest, other: OrderRequest): boolean {
  return one.market === other.market && one.positionSide === other.positionSide;
}

function checkReducible(request: OrderRequest, { waiting }: OrdersAhead): Refusal | null {
  const isOpened = waiting.some(
    (other) => isSameLeg(other, request) && other.side !== request.side && !isReducing(other),
  );
  return isOpened ? null : checkReduceOnly(request);
}

function checkMarginBehind(request: OrderRequest, ahead: OrdersAhead): Refusal | null {
  const growths = growthsOf(ahead);
  const position = positionFor(request, growths);
  const { side, size } = request;
  const { replaced } = ahead;
  // One of no more than it replaces needs nothing, also where the account has too little for what it has.
  const change = { buy: 0n, sell: 0n };
  if (replaced !== undefined) change[replaced.side] -= replaced.size;
  change[side] += size;
  return lacking(shortfall({ position, ...change }, growths));
}

/** Growth by the orders ahead, one entry a position. */
function growthsOf({ waiting }: OrdersAhead): readonly Growth[] {
  const growths: Growth[] = [];
  const add = (order: OrderRequest, side: Side, size: bigint): void => {
    const position = positionFor(order, growths);
    const at = growths.findIndex((growth) => growth.position === position);
    const { buy, sell } = growths[at] ?? { buy: 0n, sell: 0n };
    const grown = side === "buy" ? { position, buy: buy + size, sell } : { position, buy, sell: sell + size };
    if (at < 0) growths.push(grown);
    else growths[at] = grown;
  };
  for (const order of waiting) if (!isReducing(order)) add(order, order.side, order.size);
  return growths;
}

/** The account's position, or the flat one that stands for it in the entries. */
function positionFor({ account, market, positionSide }: OrderRequest, growths: readonly Growth[]): Position {
  const known = findPosition(account, market, positionSide);
  if (known !== undefined) return known;
  const entry = growths.find(({ position }) => position.market === market && position.side === positionSide);
  return entry?.position ?? newPosition(account, market, positionSide);
}
