import { expect } from "vitest";
import { BookFrameBuffer } from "../../../src/market-data/book-frame-buffer.ts";
import { OrderBook } from "../../../src/market-data/order-book.ts";
import type { AccountUpdate, OrderUpdate, PositionUpdate, TradeUpdate } from "../../../src/model/account-update.ts";
import type { Decimal } from "../../../src/model/decimal.ts";
import type { FundingPayment } from "../../../src/model/funding.ts";
import type { Market, PublicTrade } from "../../../src/model/market.ts";
import type { VenueOrder } from "../../../src/model/order.ts";
import { type Ccxt, tradingPairOf } from "./offline-ccxt.ts";

/** What one side read from a payload, in words that both have. */
export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

/** A fact that the two sides tell differently. */
export interface Difference {
  /** Which of the facts, counted from 0, and its name. */
  readonly at: string;
  readonly ours: Facts[string];
  readonly ccxt: Facts[string];
}

/** A difference that is as it should be, and why. */
export interface JustifiedDifference extends Difference {
  readonly because: string;
}

/** Every difference is justified, and every justification is still needed. */
export function expectAgreement({ ours, ccxts }: Reading, allowed: readonly JustifiedDifference[] = []): void {
  expect(ours.length).toBeGreaterThan(0);
  expect(differences(ours, ccxts)).toEqual(allowed.map(({ at, ours, ccxt }) => ({ at, ours, ccxt })));
}

export interface Reading {
  readonly ours: readonly Facts[];
  readonly ccxts: readonly Facts[];
}

function differences(ours: readonly Facts[], ccxts: readonly Facts[]): Difference[] {
  return Array.from({ length: Math.max(ours.length, ccxts.length) }).flatMap((_, index) => {
    const own = ours[index] ?? {};
    const other = ccxts[index] ?? {};
    const names = [...new Set([...Object.keys(own), ...Object.keys(other)])];
    return names
      .filter((name) => own[name] !== other[name])
      .map((name) => ({ at: `${index} ${name}`, ours: own[name], ccxt: other[name] }));
  });
}

/** ccxt's numbers are doubles. */
const number = (value: Decimal | undefined): number | undefined => value?.toNumber();

const CCXT_STATUS = {
  open: "open",
  partiallyFilled: "open",
  filled: "closed",
  canceled: "canceled",
  expired: "expired",
  failed: "rejected",
} as const;

export function ourMarket({ tradingPair, symbol, baseAsset, quoteAsset, rule }: Market): Facts {
  return {
    tradingPair,
    symbol,
    baseAsset,
    quoteAsset,
    settleAsset: rule.buyOrderCollateralToken,
    isLinear: rule.contractKind === "linear",
    contractSize: number(rule.contractSize),
    tick: number(rule.minPriceIncrement),
    step: number(rule.minBaseAmountIncrement),
    minAmount: number(rule.minOrderSize),
    maxAmount: number(rule.maxOrderSize),
    minPrice: number(rule.minPrice),
    maxPrice: number(rule.maxPrice),
    minNotional: number(rule.minNotionalSize),
  };
}

export function ccxtMarket({ symbol, id, base, quote, settle, linear, contractSize, precision, limits }: Ccxt): Facts {
  return {
    tradingPair: tradingPairOf(symbol),
    symbol: id,
    baseAsset: base,
    quoteAsset: quote,
    settleAsset: settle,
    isLinear: linear,
    contractSize,
    tick: precision.price,
    step: precision.amount,
    minAmount: limits.amount.min,
    maxAmount: limits.amount.max,
    minPrice: limits.price.min,
    maxPrice: limits.price.max,
    minNotional: limits.cost.min,
  };
}

/** An order with the time of its last change, where the message told it. */
export function ourOrder(order: VenueOrder, updatedMs?: number): Facts {
  return {
    tradingPair: order.tradingPair,
    orderId: order.exchangeOrderId,
    clientOrderId: order.clientOrderId,
    side: order.side,
    type: order.type === "market" ? "market" : "limit",
    isPostOnly: order.type === "limitMaker",
    price: number(order.price),
    amount: number(order.amount),
    executed: number(order.executedAmount),
    average: number(order.averagePrice),
    isReduceOnly: order.reduceOnly,
    status: CCXT_STATUS[order.state],
    createdMs: order.timestampMs,
    ...(updatedMs === undefined ? {} : { updatedMs }),
  };
}

export function ourOrderUpdate(update: OrderUpdate | undefined): Facts {
  if (update?.order === undefined) throw new Error("the update has no order");
  return ourOrder(update.order, update.timestampMs);
}

export function ccxtOrder(order: Ccxt): Facts {
  return {
    tradingPair: tradingPairOf(order.symbol),
    orderId: order.id,
    clientOrderId: order.clientOrderId,
    side: order.side,
    type: order.type,
    isPostOnly: order.postOnly,
    price: order.price,
    amount: order.amount,
    executed: order.filled,
    average: order.average,
    isReduceOnly: order.reduceOnly,
    status: order.status,
    createdMs: order.timestamp,
    updatedMs: order.lastUpdateTimestamp,
  };
}

/** ccxt's order without the time of its last change, for lists that have none with us. */
export function ccxtListedOrder(order: Ccxt): Facts {
  const { updatedMs: _, ...facts } = ccxtOrder(order);
  return facts;
}

export function ourFill(fill: TradeUpdate): Facts {
  const [fee] = fill.fee.flatFees;
  return {
    tradingPair: fill.tradingPair,
    fillId: fill.fillId,
    orderId: fill.exchangeOrderId,
    side: fill.side,
    price: number(fill.price),
    amount: number(fill.amount),
    fee: number(fee?.amount),
    feeAsset: fee?.token,
    isMaker: fill.isMaker,
    timestampMs: fill.timestampMs,
  };
}

export function ccxtFill(trade: Ccxt): Facts {
  return {
    tradingPair: tradingPairOf(trade.symbol),
    fillId: trade.id,
    orderId: trade.order,
    side: trade.side,
    price: trade.price,
    amount: trade.amount,
    fee: trade.fee?.cost,
    feeAsset: trade.fee?.currency,
    isMaker: trade.takerOrMaker === "maker",
    timestampMs: trade.timestamp,
  };
}

export function ourTrade(trade: PublicTrade): Facts {
  const { tradingPair, tradeId, side, timestampMs } = trade;
  return { tradingPair, tradeId, side, price: number(trade.price), amount: number(trade.amount), timestampMs };
}

export function ccxtTrade({ symbol, id, side, price, amount, timestamp }: Ccxt): Facts {
  return { tradingPair: tradingPairOf(symbol), tradeId: id, side, price, amount, timestampMs: timestamp };
}

export function ourPosition({ amount, ...position }: PositionUpdate): Facts {
  const direction = amount.isZero() ? undefined : amount.gt(0) ? "long" : "short";
  return {
    tradingPair: position.tradingPair,
    side: direction ?? (position.side === "both" ? undefined : position.side),
    isHedged: position.side !== "both",
    amount: amount.abs().toNumber(),
    entryPrice: number(position.entryPrice),
    unrealizedPnl: number(position.unrealizedPnl),
    leverage: number(position.leverage),
    liquidationPrice: number(position.liquidationPrice),
    markPrice: number(position.markPrice),
  };
}

export function ccxtPosition(position: Ccxt): Facts {
  return {
    tradingPair: tradingPairOf(position.symbol),
    side: position.side,
    isHedged: position.hedged,
    amount: position.contracts * (position.contractSize ?? 1),
    entryPrice: position.entryPrice,
    unrealizedPnl: position.unrealizedPnl,
    leverage: position.leverage,
    liquidationPrice: position.liquidationPrice,
    markPrice: position.markPrice,
  };
}

export function ourBalances(updates: readonly AccountUpdate[]): Facts[] {
  return updates
    .filter((update) => update.type === "balance")
    .map(({ asset, total, available }) => ({ asset, total: number(total), available: number(available) }));
}

export function ccxtBalances({ total, free }: Ccxt): Facts[] {
  return Object.keys(total).map((asset) => ({ asset, total: total[asset], available: free[asset] }));
}

export function ourPayment(payment: FundingPayment): Facts {
  const { tradingPair, asset, timestampMs } = payment;
  return { tradingPair, asset, amount: number(payment.amount), timestampMs };
}

export function ccxtPayment({ symbol, code, amount, timestamp }: Ccxt): Facts {
  return { tradingPair: tradingPairOf(symbol), asset: code, amount, timestampMs: timestamp };
}

/** Our book after some frames, as one fact a level. */
export async function ourBook(...fills: readonly ((frame: BookFrameBuffer) => unknown)[]): Promise<Facts[]> {
  const book = new OrderBook("BOOK");
  for (const fill of fills) {
    const frame = new BookFrameBuffer();
    await fill(frame);
    const problem = book.apply(frame, 0);
    if (problem !== undefined) throw new Error(`the book is ${problem}`);
  }
  const levels = [
    ...book.bids().map((level) => ["bid", level] as const),
    ...book.asks().map((level) => ["ask", level] as const),
  ];
  const { updateId, timestampMs } = book;
  return [
    { updateId, timestampMs },
    ...levels.map(([side, { price, amount }]) => ({ side, price: number(price), amount: number(amount) })),
  ];
}

export function ccxtBook({ bids, asks, nonce, timestamp }: Ccxt): Facts[] {
  const side = (name: string, levels: Ccxt) =>
    Array.from(levels as Iterable<number[]>, ([price, amount]) => ({ side: name, price, amount }));
  return [{ updateId: nonce, timestampMs: timestamp }, ...side("bid", bids), ...side("ask", asks)];
}
