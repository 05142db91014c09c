import type { Order } from "./records.ts";
import type { Side } from "./types.ts";

export function remaining(order: Order): bigint {
  return order.size - order.filled;
}

export function opposite(side: Side): Side {
  return side === "buy" ? "sell" : "buy";
}
