import { type Decimal, decimal } from "../model/decimal.ts";
import type { PaperTruth, TruthFill, TruthFundingPayment, TruthOrder, TruthPosition } from "../paper/index.ts";

export interface VenueOrderTruth extends Pick<TruthOrder, "clientId" | "market" | "side" | "status" | "reason"> {
  readonly orderId: string;
  readonly price: Decimal | null;
  readonly size: Decimal;
  readonly filled: Decimal;
  /** Sum of price times size over the fills. */
  readonly filledCost: Decimal;
}

export interface VenueFillTruth extends Pick<TruthFill, "clientId" | "market" | "side" | "positionSide" | "isMaker"> {
  readonly fillId: string;
  readonly orderId: string;
  readonly price: Decimal;
  readonly size: Decimal;
  readonly fee: Decimal;
}

export interface VenuePositionTruth extends Pick<TruthPosition, "market" | "side"> {
  /** A short is negative. */
  readonly size: Decimal;
  /** Signed sum of price times size of what is open. */
  readonly cost: Decimal;
}

export interface VenueFundingTruth extends Pick<TruthFundingPayment, "market"> {
  readonly paymentId: string;
  /** Positive is received. */
  readonly amount: Decimal;
  readonly rate: Decimal;
}

/** The paper venue's own record of the account, taken from its engine and not through the protocol that it speaks. */
export interface VenueTruth {
  readonly cash: Decimal;
  readonly equity: Decimal;
  readonly orders: readonly VenueOrderTruth[];
  readonly fills: readonly VenueFillTruth[];
  readonly positions: readonly VenuePositionTruth[];
  readonly fundingPayments: readonly VenueFundingTruth[];
}

/** The record with its amounts as numbers and its ids as text. */
export function venueTruthOf(truth: PaperTruth): VenueTruth {
  return {
    cash: decimal(truth.cash),
    equity: decimal(truth.equity),
    orders: truth.orders.map(({ orderId, clientId, market, side, status, reason, price, ...order }) => ({
      orderId: String(orderId),
      clientId,
      market,
      side,
      status,
      reason,
      price: price === null ? null : decimal(price),
      size: decimal(order.size),
      filled: decimal(order.filled),
      filledCost: decimal(order.filledCost),
    })),
    fills: truth.fills.map(({ fillId, orderId, clientId, market, side, positionSide, isMaker, ...fill }) => ({
      fillId: String(fillId),
      orderId: String(orderId),
      clientId,
      market,
      side,
      positionSide,
      isMaker,
      price: decimal(fill.price),
      size: decimal(fill.size),
      fee: decimal(fill.fee),
    })),
    positions: truth.positions.map(({ market, side, size, cost }) => ({
      market,
      side,
      size: decimal(size),
      cost: decimal(cost),
    })),
    fundingPayments: truth.fundingPayments.map(({ paymentId, market, amount, rate }) => ({
      paymentId: String(paymentId),
      market,
      amount: decimal(amount),
      rate: decimal(rate),
    })),
  };
}
