import type { Command, Engine, EngineEvent, Placement, Side } from "../../engine/types.ts";
import type { MatchingQueue } from "../matching-queue.ts";
import { type IntakeOrder, isClosed, OrderIntake } from "../order-intake.ts";
import { badRequest, notFound, refusal } from "./errors.ts";
import { micros } from "./pagination.ts";

/** An order as the API understood it. `market` is the engine's name. */
export interface OrderRequest {
  readonly accountId: string;
  readonly market: string;
  readonly side: Side;
  readonly type: "limit" | "market";
  readonly price: bigint | null;
  readonly size: bigint;
  readonly ioc: boolean;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly clientId: string | null;
}

function placementOf({ type, ioc, ...rest }: OrderRequest): Placement {
  const timeInForce = ioc || type === "market" ? "IOC" : "GTC";
  return { ...rest, type: "placeOrder", orderType: type, timeInForce };
}

export type DeskOrder = IntakeOrder<number>;

export interface DeskPorts {
  readonly engine: Engine;
  readonly queue: MatchingQueue;
  /** Executes at the venue's time, without telling anyone. */
  apply(command: Command): readonly EngineEvent[];
  /** Tells every client what happened. */
  publish(events: readonly EngineEvent[]): void;
  /** An accepted order that the engine refused; no event of the engine tells of it. */
  onRefused(order: DeskOrder): void;
  hasAccount(accountId: string): boolean;
  now(): number;
  /** Added to the engine's counters, so that no id repeats when the venue starts anew. */
  readonly firstId: number;
}

export function remainingSize(order: DeskOrder): bigint {
  if (isClosed(order)) return 0n;
  return order.view === null ? order.request.size : order.view.size - order.view.filled;
}

/** Accepts orders, changes and cancels, and lets the engine do them later: FTX answers first and matches then. */
export class OrderDesk {
  readonly intake: OrderIntake<number>;
  readonly #ports: DeskPorts;
  /** Orders that are about to be canceled or replaced. */
  readonly #ending = new WeakSet<DeskOrder>();
  /** Market orders that did not ask to be immediate, though all are. */
  readonly #plainMarkets = new WeakSet<DeskOrder>();
  #nextOrderId: number;
  /** Whole microseconds, as the wire shows them. */
  #lastCreatedMicros = 0;

  constructor(ports: DeskPorts) {
    const { engine, queue, hasAccount, apply, publish, now } = ports;
    this.#ports = ports;
    this.#nextOrderId = ports.firstId + 1;
    this.intake = new OrderIntake<number>({
      ...{ queue, hasAccount, apply, publish, now },
      nextOrderId: () => this.#nextOrderId++,
      lastPrice: (market) => engine.market(market)?.last ?? null,
      createdMs: () => this.#createdMs(),
      onRefused: (order) => ports.onRefused(order),
    });
  }

  /** Throws the 400 that FTX would answer. */
  place(request: OrderRequest): DeskOrder {
    const placement = placementOf(request);
    this.#check(placement);
    return this.#noted(this.intake.place(placement), request.ioc);
  }

  /** Cancel and replace. The old order may fill meanwhile; then the new one ends without fills. */
  modify(
    accountId: string,
    orderId: number,
    change: { readonly price: bigint | null; readonly size: bigint | null; readonly clientId: string | null },
  ): DeskOrder {
    const old = this.#cancelable(accountId, orderId);
    const { clientId } = change;
    const size = change.size ?? remainingSize(old);
    const { type, ...request } = old.request;
    const price = change.price ?? request.price;
    const placement: Placement = { ...request, type: "placeOrder", orderType: type, price, size, clientId };
    this.#check(placement, old);
    this.#ending.add(old);
    const order = this.intake.replace(old, placement, { price: change.price, size, clientId }, () => {
      // Orders whose replacement is refused rest as before, and can be canceled.
      if (order.refusedFor !== null) this.#ending.delete(old);
    });
    return this.#noted(order, this.isImmediate(old));
  }

  cancel(accountId: string, orderId: number): void {
    const order = this.#cancelable(accountId, orderId);
    this.#ending.add(order);
    this.intake.cancel(order);
  }

  /** Queues a cancel of each open order that is wanted and has none queued; returns the ids. */
  cancelWhere(accountId: string, isWanted: (order: DeskOrder) => boolean): readonly number[] {
    const wanted = this.intake.open(accountId).filter((order) => !this.#ending.has(order) && isWanted(order));
    for (const order of wanted) this.cancel(accountId, order.orderId);
    return wanted.map(({ orderId }) => orderId);
  }

  order(accountId: string, orderId: number): DeskOrder {
    return known(this.intake.find(accountId, orderId));
  }

  byClientId(accountId: string, clientId: string): DeskOrder {
    return known(this.intake.byClientId(accountId, clientId));
  }

  /** Tells what an order shows as `ioc`. */
  isImmediate(order: DeskOrder): boolean {
    return order.request.timeInForce !== "GTC" && !this.#plainMarkets.has(order);
  }

  /** The id on the wire of an order of the engine. */
  wireOrderId(engineOrderId: number): number {
    return this.intake.byEngineId(engineOrderId)?.orderId ?? this.#ports.firstId + engineOrderId;
  }

  #noted(order: DeskOrder, isImmediate: boolean): DeskOrder {
    if (order.request.type === "market" && !isImmediate) this.#plainMarkets.add(order);
    return order;
  }

  #check(placement: Placement, replaces?: DeskOrder): void {
    const { accountId, clientId, side } = placement;
    if (clientId !== null && this.intake.byClientId(accountId, clientId) !== undefined) {
      throw refusal("duplicateClientId");
    }
    const isHeld = replaces?.view?.status === "open" && !replaces.request.reduceOnly;
    const code = this.#ports.engine.check(placement, {
      waiting: this.intake.waitingPlacements(accountId, replaces),
      replaced: isHeld ? { side, size: remainingSize(replaces) } : undefined,
    });
    if (code !== null) throw refusal(code);
  }

  /** No two orders have the same time, or a page by time could not be left. */
  #createdMs(): number {
    this.#lastCreatedMicros = Math.max(micros(this.#ports.now()), this.#lastCreatedMicros + 1);
    return this.#lastCreatedMicros / 1_000;
  }

  #cancelable(accountId: string, orderId: number): DeskOrder {
    const order = this.order(accountId, orderId);
    if (isClosed(order)) throw badRequest("Order already closed");
    if (this.#ending.has(order)) throw badRequest("Order already queued for cancellation");
    return order;
  }
}

function known(order: DeskOrder | undefined): DeskOrder {
  if (order === undefined) throw notFound("Order not found");
  return order;
}
