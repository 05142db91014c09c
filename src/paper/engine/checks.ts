import { formatAmount } from "./amount.ts";
import { absolute } from "./arithmetic.ts";
import { isBelowMaintenance, shortfall } from "./margin.ts";
import type { Order } from "./order.ts";
import { remaining } from "./order.ts";
import type { OrderRequest } from "./orders.ts";
import { reducible } from "./reduce-only.ts";
import { type Account, type EngineState, findPosition, type Market, newPosition, type Refusal } from "./state.ts";
import { type RefusalCode, UNIT } from "./types.ts";

type Check = (request: OrderRequest, replaced: Order | null) => Refusal | null;

/** Cheapest first; the first refusal is the answer. */
const CHECKS: readonly Check[] = [
  checkPrice,
  checkSize,
  checkClientId,
  checkPriceBand,
  checkNotional,
  checkMakerSize,
  checkHealth,
  checkReduceOnly,
  checkMargin,
];

/** Looks at an order before anything changes. `replaced` is the order whose place it takes. */
export function checkOrder(request: OrderRequest, replaced: Order | null): Refusal | null {
  for (const check of CHECKS) {
    const refusal = check(request, replaced);
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

export function findMarket(state: EngineState, market: string): Market | Refusal {
  return state.markets.get(market) ?? refusal("noSuchMarket", `no market "${market}"`);
}

/** The account's open order, or why there is none. */
export function findOpenOrder(account: Account, orderId: number): Order | Refusal {
  const order = account.openOrders.get(orderId);
  if (order !== undefined) return order;
  if (account.orderSlots.has(orderId)) return refusal("orderClosed", `order ${orderId} is already closed`);
  return refusal("noSuchOrder", `account "${account.id}" has no order ${orderId}`);
}

function checkPrice({ orderType, price, market }: OrderRequest): Refusal | null {
  if (orderType === "market") return null;
  const { tick } = market.spec;
  if (price === null) return refusal("invalidPrice", "a limit order needs a price");
  if (price <= 0n) return refusal("invalidPrice", `price ${formatAmount(price)} is not positive`);
  if (price % tick !== 0n)
    return refusal("invalidPrice", `price ${formatAmount(price)} is not a multiple of ${formatAmount(tick)}`);
  if (price / tick > BigInt(Number.MAX_SAFE_INTEGER))
    return refusal("invalidPrice", `price ${formatAmount(price)} is too high`);
  return null;
}

function checkSize({ size, market }: OrderRequest): Refusal | null {
  const { lot, minSize, maxSize } = market.spec;
  if (size <= 0n) return refusal("invalidSize", `size ${formatAmount(size)} is not positive`);
  if (size < lot || size < minSize)
    return refusal("sizeTooSmall", `size ${formatAmount(size)} is below ${formatAmount(minSize)}`);
  if (size % lot !== 0n)
    return refusal("invalidSize", `size ${formatAmount(size)} is not a multiple of ${formatAmount(lot)}`);
  if (size > maxSize) return refusal("sizeTooLarge", `size ${formatAmount(size)} is above ${formatAmount(maxSize)}`);
  return null;
}

function checkClientId({ account, clientId }: OrderRequest): Refusal | null {
  if (clientId === null || !account.orderIdByClientId.has(clientId)) return null;
  return refusal("duplicateClientId", `client id "${clientId}" was used before`);
}

function checkPriceBand({ orderType, price, market }: OrderRequest): Refusal | null {
  if (orderType === "market" || price === null) return null;
  const { mark, spec } = market;
  if (absolute(price - mark) * UNIT <= mark * spec.priceBand) return null;
  const band = formatAmount(spec.priceBand * 100n);
  return refusal(
    "priceOutOfBand",
    `price ${formatAmount(price)} is more than ${band} % from mark ${formatAmount(mark)}`,
  );
}

function checkNotional({ orderType, price, size, market, reduceOnly }: OrderRequest): Refusal | null {
  const { minNotional } = market.spec;
  const notional = size * (orderType === "market" || price === null ? market.mark : price);
  if (reduceOnly || notional >= minNotional * UNIT) return null;
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

function checkHealth({ account }: OrderRequest): Refusal | null {
  if (!isBelowMaintenance(account)) return null;
  return refusal("liquidating", "the account is below maintenance margin and is being liquidated");
}

function checkReduceOnly({ account, market, side, reduceOnly }: OrderRequest): Refusal | null {
  if (!reduceOnly) return null;
  const position = findPosition(account, market);
  if (position !== undefined && reducible(position, side) > 0n) return null;
  return refusal("invalidReduceOnly", `a reduce-only ${side} has no position to reduce`);
}

function checkMargin(
  { account, market, side, size, reduceOnly }: OrderRequest,
  replaced: Order | null,
): Refusal | null {
  if (reduceOnly) return null;
  const extra = size - (replaced === null ? 0n : remaining(replaced));
  const position = findPosition(account, market) ?? newPosition(account, market);
  const missing = side === "buy" ? shortfall(position, extra, 0n) : shortfall(position, 0n, extra);
  if (missing === 0n) return null;
  return refusal("insufficientMargin", `the order needs ${formatAmount(missing)} more collateral`);
}
