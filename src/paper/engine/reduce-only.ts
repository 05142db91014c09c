import { larger, smaller } from "./arithmetic.ts";
import { remaining } from "./order.ts";
import { closeOrder, cutOrder } from "./orders.ts";
import type { EngineState, Order, Position } from "./records.ts";
import type { Side } from "./types.ts";

/** Computes the size by which an order of this side can reduce the position. */
export function reducible(position: Position, side: Side): bigint {
  return larger(0n, side === "sell" ? position.size : -position.size);
}

/**
 * Cuts or closes resting reduce-only orders until together they fit the position. The most aggressive are kept, as
 * FTX's help says ("Reduce-only"): best price first, then oldest.
 */
export function enforceReduceOnly(state: EngineState, position: Position): void {
  for (const side of ["buy", "sell"] as const) {
    let allowed = reducible(position, side);
    if (position.reducing[side] <= allowed) continue;
    for (const order of byAggression(position, side)) {
      const size = remaining(order);
      const kept = smaller(size, allowed);
      allowed -= kept;
      if (kept === 0n) closeOrder(state, order, "reduceOnly");
      else if (kept < size) cutOrder(state, order, size - kept);
    }
  }
}

function byAggression(position: Position, side: Side): Order[] {
  const orders: Order[] = [];
  for (const order of position.account.openOrders.values()) {
    if (order.isReducing && order.position === position && order.side === side) orders.push(order);
  }
  return orders.sort((one, other) => (one.level?.rank ?? 0) - (other.level?.rank ?? 0) || one.id - other.id);
}
