import type { Level } from "./level-ladder.ts";
import type { Account, Market, Position } from "./state.ts";
import type { CloseReason, OrderView, Side } from "./types.ts";

export interface Order {
  readonly id: number;
  readonly account: Account;
  readonly market: Market;
  readonly position: Position;
  readonly clientId: string | null;
  readonly side: Side;
  readonly type: "limit" | "market";
  readonly price: bigint | null;
  readonly timeInForce: "GTC" | "IOC" | "FOK";
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly liquidation: boolean;
  readonly createdMs: number;
  size: bigint;
  filled: bigint;
  filledCost: bigint;
  updatedMs: number;
  closeReason: CloseReason | null;
  /** Where it rests; null when it does not. */
  level: Level | null;
  ahead: Order | null;
  behind: Order | null;
  /** The last published state. */
  view: OrderView | null;
}

export function remaining(order: Order): bigint {
  return order.size - order.filled;
}

export function opposite(side: Side): Side {
  return side === "buy" ? "sell" : "buy";
}
