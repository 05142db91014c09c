import type { PositionAdjustment, TradeUpdate } from "../model/account-update.ts";
import type { VenueOrder } from "../model/order.ts";
import { fillKey } from "../trading/fill-ledger.ts";

type Reason = PositionAdjustment["reason"];

/** A fill of an order that the venue made by itself. Its id is the fill's, whichever way the fill came. */
export function adjustmentOf(trade: TradeUpdate, reason: Reason): PositionAdjustment {
  const { tradingPair, exchangeOrderId, fillId, side, price, amount, fee, realizedPnl, timestampMs } = trade;
  const adjustmentId = fillKey(tradingPair, exchangeOrderId, fillId);
  const signedAmount = side === "buy" ? amount : amount.neg();
  const common = { tradingPair, reason, price, fee, realizedPnl, sourceId: fillId, timestampMs };
  return { type: "positionAdjustment", adjustmentId, ...common, side: "both", amount: signedAmount };
}

const ORDERS_KEPT = 1_000;
const TRADES_KEPT = 500;

/**
 * Fills that do not say that they are of an order of the venue itself, where the order does (FTX): the one may come
 * before the other.
 */
export class VenueTrades {
  readonly #orders = new Map<string, Reason>();
  #foreign: TradeUpdate[] = [];

  /** The venue has shown an order that it made by itself. Returns the fills that came before it. */
  noteOrder(order: VenueOrder, reason: Reason): readonly PositionAdjustment[] {
    const key = orderKey(order);
    this.#orders.delete(key);
    this.#orders.set(key, reason);
    const oldest = this.#orders.keys().next().value;
    if (this.#orders.size > ORDERS_KEPT && oldest !== undefined) this.#orders.delete(oldest);
    const its = this.#foreign.filter((trade) => orderKey(trade) === key);
    if (its.length > 0) this.#foreign = this.#foreign.filter((trade) => orderKey(trade) !== key);
    return its.map((trade) => adjustmentOf(trade, reason));
  }

  /** The adjustment that a fill is; undefined as long as its order is not known for the venue's own. */
  adjustmentBy(trade: TradeUpdate): PositionAdjustment | undefined {
    const reason = this.#orders.get(orderKey(trade));
    return reason === undefined ? undefined : adjustmentOf(trade, reason);
  }

  /** A fill of an order that is not ours: whose it is may turn out. */
  noteForeign(trade: TradeUpdate): void {
    this.#foreign.push(trade);
    if (this.#foreign.length > TRADES_KEPT) this.#foreign.shift();
  }
}

function orderKey({ tradingPair, exchangeOrderId }: Pick<TradeUpdate, "tradingPair" | "exchangeOrderId">): string {
  return `${tradingPair}|${exchangeOrderId}`;
}
