import { postFee, tradeIntoPosition } from "./accounts.ts";
import { divideRound, smaller } from "./arithmetic.ts";
import { type Order, opposite, remaining } from "./order.ts";
import { closeOrder, fillOrder, publish, restOrder } from "./orders.ts";
import { reducible } from "./reduce-only.ts";
import type { Account, EngineState, Market } from "./state.ts";
import { type FillView, type Side, UNIT } from "./types.ts";

/** A market order reaches at most 2 % through the best opposite price (FTX help, "Order limits, price bands"). */
const MARKET_REACH = UNIT / 50n;
const DEFAULT_TRADES_KEPT = 10_000;

/** Lets an accepted order do all that it can: trade, rest, close. */
export function runOrder(state: EngineState, order: Order): void {
  const { book } = order.market;
  if (order.postOnly && (order.price === null || book.crosses(order.side, order.price))) {
    closeOrder(state, order, "postOnly");
    return;
  }
  if (order.reduceOnly) order.size = smaller(order.size, reducible(order.position, order.side));
  const limit = order.price ?? marketLimit(order.market, order.side);
  if (order.timeInForce === "FOK" && (limit === null || fillableSize(order, limit) < order.size)) {
    closeOrder(state, order, "fokUnfilled");
    return;
  }
  if (limit !== null) match(state, order, limit);
  if (remaining(order) === 0n) closeOrder(state, order, "filled");
  else if (order.price === null || order.timeInForce !== "GTC") closeOrder(state, order, "iocRemainder");
  else restOrder(state, order, order.price);
}

/** The trading part of a liquidation order; the caller deals with the rest and closes it. */
export function runLiquidation(state: EngineState, order: Order): void {
  const limit = marketLimit(order.market, order.side);
  if (limit !== null) match(state, order, limit);
}

function marketLimit(market: Market, side: Side): bigint | null {
  const best = market.book.best(opposite(side))?.price;
  if (best === undefined) return null;
  const reach = (best * MARKET_REACH) / UNIT;
  return side === "buy" ? best + reach : best - reach;
}

function isWithin(side: Side, price: bigint, limit: bigint): boolean {
  return side === "buy" ? price <= limit : price >= limit;
}

/**
 * Trades against the best orders within the limit, by price and then by age. A resting order of the same account is
 * closed with `selfTrade` and matching goes on; a resting reduce-only order gives no more than it can reduce by.
 */
function match(state: EngineState, taker: Order, limit: bigint): void {
  const makerSide = opposite(taker.side);
  const { book } = taker.market;
  while (remaining(taker) > 0n) {
    const level = book.best(makerSide);
    const maker = level?.first ?? null;
    if (level === null || maker === null || !isWithin(taker.side, level.price, limit)) return;
    if (maker.account === taker.account) {
      closeOrder(state, maker, "selfTrade");
      continue;
    }
    let size = smaller(remaining(taker), remaining(maker));
    if (maker.reduceOnly) size = smaller(size, reducible(maker.position, makerSide));
    if (size === 0n) closeOrder(state, maker, "reduceOnly");
    else trade(state, taker, maker, level.price, size);
  }
}

/** How much an order could trade at once within the limit, with the rules of `match`. Counts no further than needed. */
function fillableSize(taker: Order, limit: bigint): bigint {
  const makerSide = opposite(taker.side);
  const reducingLeft = new Map<Account, bigint>();
  let total = 0n;
  for (let level = taker.market.book.best(makerSide); level !== null; level = level.next[0] ?? null) {
    if (!isWithin(taker.side, level.price, limit)) return total;
    for (let maker = level.first; maker !== null; maker = maker.behind) {
      if (maker.account === taker.account) continue;
      const left = reducingLeft.get(maker.account) ?? reducible(maker.position, makerSide);
      const size = maker.reduceOnly ? smaller(remaining(maker), left) : remaining(maker);
      reducingLeft.set(maker.account, left > size ? left - size : 0n);
      total += size;
      if (total >= taker.size) return total;
    }
  }
  return total;
}

function trade(state: EngineState, taker: Order, maker: Order, price: bigint, size: bigint): void {
  const { market } = taker;
  const tradeId = state.nextTradeId++;
  market.last = price;
  fillSide(state, taker, tradeId, price, size, state.config.takerFee, false);
  fillSide(state, maker, tradeId, price, size, state.config.makerFee, true);
  if (remaining(maker) === 0n) closeOrder(state, maker, "filled");
  else publish(state, maker, "orderChanged");
  const view = {
    tradeId,
    market: market.spec.market,
    price,
    size,
    takerSide: taker.side,
    liquidation: taker.liquidation,
    timeMs: state.nowMs,
  };
  const kept = state.config.tradesKept ?? DEFAULT_TRADES_KEPT;
  market.trades.push(view);
  if (market.trades.length >= kept * 2) market.trades.splice(0, market.trades.length - kept);
  state.events.push({ type: "trade", trade: view });
}

/** One side of a trade: the order, the position, the fee and the fill's record. */
export function fillSide(
  state: EngineState,
  order: Order,
  tradeId: number,
  price: bigint,
  size: bigint,
  feeRate: bigint,
  isMaker: boolean,
): void {
  const fee = divideRound(price * size * feeRate, UNIT * UNIT);
  fillOrder(state, order, price, size);
  const fill: FillView = {
    fillId: state.nextFillId++,
    tradeId,
    orderId: order.id,
    accountId: order.account.id,
    clientId: order.clientId,
    market: order.market.spec.market,
    side: order.side,
    price,
    size,
    feeRate,
    fee,
    isMaker,
    liquidation: order.liquidation,
    timeMs: state.nowMs,
  };
  if (order.account.retain) order.account.fills.push(fill);
  state.events.push({ type: "fill", fill });
  tradeIntoPosition(state, order.position, order.side, price, size);
  postFee(state, order.account, fee);
}
