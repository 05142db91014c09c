import type { Level } from "./level-ladder.ts";
import type { Position } from "./position.ts";
import type { Account, Market } from "./state.ts";
import type { CloseReason, OrderView, Side, TimeInForce } from "./types.ts";

export interface Order {
  readonly id: number;
  readonly account: Account;
  readonly market: Market;
  readonly position: Position;
  readonly clientId: string | null;
  readonly side: Side;
  readonly type: "limit" | "market";
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  /** As asked for. */
  readonly reduceOnly: boolean;
  /** Can only make its position smaller: as asked for, or because it closes a leg of a hedge. */
  readonly isReducing: boolean;
  readonly liquidation: boolean;
  readonly adl: boolean;
  readonly settlement: boolean;
  readonly createdMs: number;
  price: bigint | null;
  size: bigint;
  filled: bigint;
  filledCost: bigint;
  fees: bigint;
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
