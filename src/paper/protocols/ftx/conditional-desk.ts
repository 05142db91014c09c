import { DEFAULT_ENDED_ORDERS_KEPT, SLACK_SHIFT } from "../../engine/retention.ts";
import type { Engine, EngineConfig, EngineEvent, Side } from "../../engine/types.ts";
import { ApiError, badRequest, notFound } from "./errors.ts";
import type { OrderDesk } from "./order-desk.ts";

export type ConditionalType = "stop" | "trailing_stop" | "take_profit";

export interface ConditionalRequest {
  readonly accountId: string;
  readonly market: string;
  readonly side: Side;
  readonly type: ConditionalType;
  readonly size: bigint;
  readonly reduceOnly: boolean;
  readonly retryUntilFilled: boolean;
  readonly triggerPrice: bigint | null;
  /** Makes it a limit order. */
  readonly orderPrice: bigint | null;
  /** Negative for a sell. */
  readonly trailValue: bigint | null;
}

export interface ConditionalOrder extends ConditionalRequest {
  readonly id: number;
  readonly createdMs: number;
  readonly trailStart: bigint | null;
  readonly status: "open" | "cancelled" | "triggered";
  readonly triggeredMs: number | null;
  /** The order that the trigger placed. */
  readonly orderId: number | null;
  /** Reason why the trigger could not place one. */
  readonly error: string | null;
  readonly cancelledMs: number | null;
}

type OpenConditionalOrder = { -readonly [Key in keyof ConditionalOrder]: ConditionalOrder[Key] };

export interface ConditionalPorts {
  readonly engine: Engine;
  /** Number of ended orders of an account that are remembered, and for how long. */
  readonly config: Pick<EngineConfig, "endedOrdersKept" | "endedOrdersKeptMs">;
  readonly orders: OrderDesk;
  readonly firstId: number;
  now(): number;
}

/**
 * Orders that wait for a price: the mark or a trade that reaches the trigger places them. `retryUntilFilled` is kept
 * and shown; the order is placed once.
 */
export class ConditionalDesk {
  readonly #ports: ConditionalPorts;
  /** Oldest first. */
  readonly #byId = new Map<number, OpenConditionalOrder>();
  /** Ended orders by account, in the order of their ends. */
  readonly #ended = new Map<string, OpenConditionalOrder[]>();
  readonly #open = new Set<OpenConditionalOrder>();

  #nextId: number;

  constructor(ports: ConditionalPorts) {
    this.#ports = ports;
    this.#nextId = ports.firstId + 1;
  }

  place(request: ConditionalRequest): ConditionalOrder {
    const mark = this.#ports.engine.market(request.market)?.mark ?? 0n;
    checkTrigger(request, mark);
    const isTrailing = request.type === "trailing_stop";
    const order: OpenConditionalOrder = {
      ...request,
      triggerPrice: isTrailing ? mark + (request.trailValue ?? 0n) : request.triggerPrice,
      id: this.#nextId++,
      createdMs: this.#ports.now(),
      trailStart: isTrailing ? mark : null,
      status: "open",
      triggeredMs: null,
      orderId: null,
      error: null,
      cancelledMs: null,
    };
    this.#byId.set(order.id, order);
    this.#open.add(order);
    return order;
  }

  /** Replaces an open order by a changed one with a new id. */
  modify(accountId: string, id: number, change: Partial<ConditionalRequest>): ConditionalOrder {
    const old = this.#find(accountId, id);
    if (old.status !== "open") throw badRequest("Order already closed");
    const replacement = this.place({ ...old, ...change });
    this.#cancel(old);
    return replacement;
  }

  cancel(accountId: string, id: number): void {
    const order = this.#find(accountId, id);
    if (order.status !== "open") throw badRequest("Order already closed");
    this.#cancel(order);
  }

  cancelWhere(accountId: string, isWanted: (order: ConditionalOrder) => boolean): void {
    for (const order of this.open(accountId)) if (isWanted(order)) this.cancel(accountId, order.id);
  }

  order(accountId: string, id: number): ConditionalOrder {
    return this.#find(accountId, id);
  }

  open(accountId: string): readonly ConditionalOrder[] {
    return [...this.#open].filter((order) => order.accountId === accountId);
  }

  /** Oldest first. */
  all(accountId: string): readonly ConditionalOrder[] {
    this.#forget(accountId);
    return [...this.#byId.values()].filter((order) => order.accountId === accountId);
  }

  onEvent(event: EngineEvent): void {
    if (this.#open.size === 0) return;
    if (event.type === "trade") this.#onPrice(event.trade.market, event.trade.price);
    else if (event.type === "markChanged") this.#onPrice(event.market, event.mark);
  }

  #onPrice(market: string, price: bigint): void {
    for (const order of [...this.#open]) {
      if (order.market !== market) continue;
      if (order.type === "trailing_stop") follow(order, price);
      if (isReached(order, price)) this.#trigger(order);
    }
  }

  #trigger(order: OpenConditionalOrder): void {
    order.status = "triggered";
    order.triggeredMs = this.#ports.now();
    this.#end(order);
    try {
      const placed = this.#ports.orders.place({
        accountId: order.accountId,
        market: order.market,
        side: order.side,
        type: order.orderPrice === null ? "market" : "limit",
        price: order.orderPrice,
        size: order.size,
        ioc: order.orderPrice === null,
        postOnly: false,
        reduceOnly: order.reduceOnly,
        clientId: null,
      });
      order.orderId = placed.orderId;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      order.error = error.message;
    }
  }

  #cancel(order: OpenConditionalOrder): void {
    order.status = "cancelled";
    order.cancelledMs = this.#ports.now();
    this.#end(order);
  }

  #end(order: OpenConditionalOrder): void {
    this.#open.delete(order);
    const ended = this.#ended.get(order.accountId) ?? [];
    ended.push(order);
    this.#ended.set(order.accountId, ended);
    this.#forget(order.accountId);
  }

  /** Forgets by number, in portions, or by age, whichever comes first, as the engine does with ordinary orders. */
  #forget(accountId: string): void {
    const { config, now } = this.#ports;
    const { endedOrdersKept: kept = DEFAULT_ENDED_ORDERS_KEPT, endedOrdersKeptMs = Number.POSITIVE_INFINITY } = config;
    const ended = this.#ended.get(accountId) ?? [];
    const tooMany = ended.length > kept + (kept >> SLACK_SHIFT) ? ended.length - kept : 0;
    const young = ended.findIndex((order) => endedMs(order) >= now() - endedOrdersKeptMs);
    for (const { id } of ended.splice(0, Math.max(tooMany, young === -1 ? ended.length : young))) this.#byId.delete(id);
  }

  #find(accountId: string, id: number): OpenConditionalOrder {
    this.#forget(accountId);
    const order = this.#byId.get(id);
    if (order === undefined || order.accountId !== accountId) throw notFound("Order not found");
    return order;
  }
}

function endedMs({ triggeredMs, cancelledMs }: ConditionalOrder): number {
  return triggeredMs ?? cancelledMs ?? Number.POSITIVE_INFINITY;
}

/** A stop waits for a worse price, a take-profit for a better one. */
function waitsForRise({ type, side }: Pick<ConditionalRequest, "type" | "side">): boolean {
  return (side === "buy") !== (type === "take_profit");
}

function isReached(order: ConditionalOrder, price: bigint): boolean {
  if (order.triggerPrice === null) return false;
  return waitsForRise(order) ? price >= order.triggerPrice : price <= order.triggerPrice;
}

function follow(order: OpenConditionalOrder, price: bigint): void {
  if (order.triggerPrice === null || order.trailValue === null) return;
  const candidate = price + order.trailValue;
  const isCloser = order.side === "sell" ? candidate > order.triggerPrice : candidate < order.triggerPrice;
  if (isCloser) order.triggerPrice = candidate;
}

function checkTrigger(request: ConditionalRequest, mark: bigint): void {
  if (request.size <= 0n) throw badRequest("Size too small");
  if (request.type === "trailing_stop") {
    const { trailValue, side } = request;
    if (trailValue === null) throw badRequest("Missing parameter trailValue");
    if (side === "sell" ? trailValue >= 0n : trailValue <= 0n) throw badRequest("Invalid parameter trailValue");
    return;
  }
  const { triggerPrice } = request;
  if (triggerPrice === null) throw badRequest("Missing parameter triggerPrice");
  if (triggerPrice <= 0n) throw badRequest("Trigger price too low");
  if (waitsForRise(request) && triggerPrice <= mark) throw badRequest("Trigger price too low");
  if (!waitsForRise(request) && triggerPrice >= mark) throw badRequest("Trigger price too high");
}
