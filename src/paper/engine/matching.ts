import { applyTrade, planTrade, postFee } from "./accounts.ts";
import { divideRound, smaller } from "./arithmetic.ts";
import { isWithin } from "./book.ts";
import { settleIsolatedFill } from "./isolated.ts";
import { opposite, remaining } from "./order.ts";
import { closeOrder, fillOrder, publish, restOrder } from "./orders.ts";
import type { Account, EngineState, Market, Order, Position } from "./records.ts";
import { reducible } from "./reduce-only.ts";
import { type FillView, type Side, UNIT } from "./types.ts";

/** A market order reaches at most 2 % through the best opposite price (FTX help, "Order limits, price bands"). */
const MARKET_REACH = UNIT / 50n;
const DEFAULT_TRADES_KEPT = 10_000;

/** Lets an accepted order, or an amended one that is out of the book, do all that it can: trade, rest, close. */
export function runOrder(state: EngineState, order: Order, isNew = true): void {
  const { book } = order.market;
  if (order.postOnly && (order.price === null || book.crosses(order.side, order.price))) {
    closeOrder(state, order, "postOnly");
    return;
  }
  if (order.isReducing) order.size = smaller(order.size, order.filled + reducible(order.position, order.side));
  const limit = order.price ?? marketLimit(order.market, order.side);
  if (order.timeInForce === "FOK" && (limit === null || fillableSize(order, limit) < order.size)) {
    closeOrder(state, order, "fokUnfilled");
    return;
  }
  if (limit !== null) match(state, order, limit);
  if (remaining(order) === 0n) closeOrder(state, order, "filled");
  else if (order.price === null || order.timeInForce !== "GTC") closeOrder(state, order, "iocRemainder");
  else restOrder(state, order, order.price, isNew);
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

/**
 * Trades against the best orders within the limit, by price and then by age. A resting order of the same account is
 * closed with `selfTrade` and matching goes on; a resting reduce-only order gives no more than it can reduce by.
 */
function match(state: EngineState, taker: Order, limit: bigint): void {
  taker.market.book.match(taker, limit, (maker, price) => meet(state, taker, maker, price));
}

function meet(state: EngineState, taker: Order, maker: Order, price: bigint): void {
  if (maker.account === taker.account) {
    closeOrder(state, maker, "selfTrade");
    return;
  }
  let size = smaller(remaining(taker), remaining(maker));
  if (maker.isReducing) size = smaller(size, reducible(maker.position, maker.side));
  if (size === 0n) closeOrder(state, maker, "reduceOnly");
  else trade(state, taker, maker, price, size);
}

/**
 * Computes the size that an order could trade at once within the limit, with the rules of `match`. Counts no further
 * than needed.
 */
function fillableSize(taker: Order, limit: bigint): bigint {
  const makerSide = opposite(taker.side);
  const reducingLeft = new Map<Position, bigint>();
  let total = 0n;
  for (let level = taker.market.book.best(makerSide); level !== null; level = level.next[0] ?? null) {
    if (!isWithin(taker.side, level.price, limit)) return total;
    for (let maker = level.first; maker !== null; maker = maker.behind) {
      if (maker.account === taker.account) continue;
      const left = reducingLeft.get(maker.position) ?? reducible(maker.position, makerSide);
      const size = maker.isReducing ? smaller(remaining(maker), left) : remaining(maker);
      reducingLeft.set(maker.position, left > size ? left - size : 0n);
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
  fillSide(state, taker, { tradeId, price, size, feeRate: state.config.takerFee, isMaker: false, takeover: false });
  fillSide(state, maker, { tradeId, price, size, feeRate: state.config.makerFee, isMaker: true, takeover: false });
  if (remaining(maker) === 0n) closeOrder(state, maker, "filled");
  else publish(state, maker, "orderChanged");
  const view = {
    tradeId,
    market: market.spec.market,
    price,
    size,
    takerSide: taker.side,
    liquidation: taker.liquidation,
    sequence: state.sequence,
    timeMs: state.nowMs,
  };
  const kept = state.config.tradesKept ?? DEFAULT_TRADES_KEPT;
  market.trades.push(view);
  if (market.trades.length >= kept * 2) market.trades.splice(0, market.trades.length - kept);
  state.events.push({ type: "trade", trade: view });
}

type FillTerms = Pick<FillView, "tradeId" | "price" | "size" | "feeRate" | "isMaker" | "takeover">;

/** One side of a trade: the order, the position, the fee and the fill's record. */
export function fillSide(state: EngineState, order: Order, terms: FillTerms): void {
  const { account, position } = order;
  const fee = divideRound(terms.price * terms.size * terms.feeRate, UNIT * UNIT);
  fillOrder(state, order, terms.price, terms.size, fee);
  const trade = planTrade(position, order.side, terms.price, terms.size);
  const fill: FillView = {
    ...terms,
    fillId: state.nextFillId++,
    orderId: order.id,
    accountId: account.id,
    clientId: order.clientId,
    market: order.market.spec.market,
    side: order.side,
    positionSide: position.side,
    closedSize: trade.closing,
    realized: trade.realized,
    mark: order.market.mark,
    fee,
    liquidation: order.liquidation,
    adl: order.adl,
    settlement: order.settlement,
    sequence: state.sequence,
    timeMs: state.nowMs,
  };
  if (account.retain) keepFill(account, fill);
  state.events.push({ type: "fill", fill });
  applyTrade(state, trade);
  postFee(state, account, fee);
  settleIsolatedFill(state, trade, fee, order.liquidation);
}

function keepFill(account: Account, fill: FillView): void {
  account.fills.push(fill);
  const ofOrder = account.orderFills.get(fill.orderId);
  if (ofOrder === undefined) account.orderFills.set(fill.orderId, [fill]);
  else ofOrder.push(fill);
}
