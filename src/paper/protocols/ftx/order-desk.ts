import { keepWhere } from "../../engine/retention.ts";
import type { Command, Engine, EngineEvent, OrderView, Placement, RefusalCode, Side } from "../../engine/types.ts";
import type { MatchingQueue } from "../matching-queue.ts";
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

/** An order as the API shows it, from the moment it was accepted, before the engine has seen it. */
export interface DeskOrder {
  readonly request: OrderRequest;
  /** The id on the wire. */
  readonly orderId: number;
  readonly createdMs: number;
  /** View of the order in the engine; null until the engine has seen it. */
  readonly view: OrderView | null;
  /** Reason why the engine refused an order that the gateway had accepted. */
  readonly refusedFor: RefusalCode | null;
  readonly isCancelQueued: boolean;
}

type OpenDeskOrder = { -readonly [Key in keyof DeskOrder]: DeskOrder[Key] };

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

interface AccountOrders {
  /** Oldest first; no two have the same time, or a page by time could not be left. */
  readonly all: OpenDeskOrder[];
  readonly open: Map<number, OpenDeskOrder>;
  /** Open orders that the engine has not seen yet. */
  readonly waiting: Set<OpenDeskOrder>;
  readonly byClientId: Map<string, OpenDeskOrder>;
}

export function isClosed(order: DeskOrder): boolean {
  return order.refusedFor !== null || order.view?.status === "closed";
}

export function remainingSize(order: DeskOrder): bigint {
  if (isClosed(order)) return 0n;
  return order.view === null ? order.request.size : order.view.size - order.view.filled;
}

/** Accepts orders, changes and cancels, and lets the engine do them later: FTX answers first and matches then. */
export class OrderDesk {
  readonly #ports: DeskPorts;
  readonly #accounts = new Map<string, AccountOrders>();
  readonly #byOrderId = new Map<number, OpenDeskOrder>();
  readonly #byEngineId = new Map<number, OpenDeskOrder>();
  #nextOrderId: number;
  /** Whole microseconds, as the wire shows them. */
  #lastCreatedMicros = 0;

  constructor(ports: DeskPorts) {
    this.#ports = ports;
    this.#nextOrderId = ports.firstId + 1;
  }

  /** Throws the 400 that FTX would answer. */
  place(request: OrderRequest): DeskOrder {
    this.#check(request);
    const order = this.#admit(request);
    this.#ports.queue.push(() => this.#introduce(order, placementOf(request)));
    return order;
  }

  /** Cancel and replace. The old order may fill meanwhile; then the new one ends without fills. */
  modify(
    accountId: string,
    orderId: number,
    change: { readonly price: bigint | null; readonly size: bigint | null; readonly clientId: string | null },
  ): DeskOrder {
    const old = this.#cancelable(accountId, orderId);
    const size = change.size ?? remainingSize(old);
    const request = { ...old.request, price: change.price ?? old.request.price, size, clientId: change.clientId };
    this.#check(request, old);
    old.isCancelQueued = true;
    const order = this.#admit(request);
    this.#ports.queue.push(() => {
      const replaced = old.view?.orderId;
      if (replaced === undefined) this.#refuse(order, "orderClosed");
      else this.#introduce(order, { type: "replaceOrder", accountId, orderId: replaced, ...change, size });
      // Orders whose replacement is refused rest as before, and can be canceled.
      if (order.refusedFor !== null) old.isCancelQueued = false;
    });
    return order;
  }

  cancel(accountId: string, orderId: number): void {
    this.#queueCancel(this.#cancelable(accountId, orderId));
  }

  /** Queues a cancel of each open order that is wanted and has none queued; returns the ids. */
  cancelWhere(accountId: string, isWanted: (order: DeskOrder) => boolean): readonly number[] {
    const wanted = this.open(accountId).filter((order) => !order.isCancelQueued && isWanted(order));
    for (const order of wanted) this.cancel(accountId, order.orderId);
    return wanted.map(({ orderId }) => orderId);
  }

  order(accountId: string, orderId: number): DeskOrder {
    return this.#find(accountId, orderId);
  }

  byClientId(accountId: string, clientId: string): DeskOrder {
    const order = this.#accounts.get(accountId)?.byClientId.get(clientId);
    if (order === undefined) throw notFound("Order not found");
    return order;
  }

  /** Oldest first. */
  open(accountId: string): readonly DeskOrder[] {
    return [...this.#account(accountId).open.values()];
  }

  /** All orders ever, oldest first. */
  all(accountId: string): readonly DeskOrder[] {
    return this.#account(accountId).all;
  }

  /** The id on the wire of an order of the engine. */
  wireOrderId(engineOrderId: number): number {
    return this.#byEngineId.get(engineOrderId)?.orderId ?? this.#ports.firstId + engineOrderId;
  }

  /** Takes over the engine's new state; undefined when the order belongs to nobody who uses the API. */
  observe(view: OrderView): DeskOrder | undefined {
    let order = this.#byEngineId.get(view.orderId);
    if (order === undefined) {
      if (!this.#ports.hasAccount(view.accountId)) return undefined;
      order = this.#admit({ ...view, ioc: view.timeInForce !== "GTC" });
      this.#byEngineId.set(view.orderId, order);
    }
    order.view = view;
    this.#account(view.accountId).waiting.delete(order);
    if (view.status === "closed") this.#account(view.accountId).open.delete(order.orderId);
    return order;
  }

  /** Orders that the engine has forgotten, and those that it refused before them. */
  forget(accountId: string, engineOrderIds: ReadonlySet<number>): void {
    const { all, byClientId } = this.#account(accountId);
    const gone = new Set<OpenDeskOrder>();
    let untilMs = 0;
    for (const engineOrderId of engineOrderIds) {
      const order = this.#byEngineId.get(engineOrderId);
      this.#byEngineId.delete(engineOrderId);
      if (order === undefined) continue;
      gone.add(order);
      untilMs = Math.max(untilMs, order.createdMs);
    }
    for (const order of all) if (order.refusedFor !== null && order.createdMs <= untilMs) gone.add(order);
    for (const order of gone) {
      const { clientId } = order.request;
      this.#byOrderId.delete(order.orderId);
      if (clientId !== null && byClientId.get(clientId) === order) byClientId.delete(clientId);
    }
    keepWhere(all, (order) => !gone.has(order));
  }

  #check(request: OrderRequest, replaces?: DeskOrder): void {
    const { byClientId, waiting: all } = this.#account(request.accountId);
    if (request.clientId !== null && byClientId.has(request.clientId)) throw refusal("duplicateClientId");
    const waiting = [...all].filter((order) => order !== replaces);
    const isHeld = replaces?.view?.status === "open" && !replaces.request.reduceOnly;
    const code = this.#ports.engine.check(placementOf(request), {
      waiting: waiting.map((order) => placementOf(order.request)),
      replaced: isHeld ? { side: request.side, size: remainingSize(replaces) } : undefined,
    });
    if (code !== null) throw refusal(code);
  }

  #admit(request: OrderRequest): OpenDeskOrder {
    const createdMicros = Math.max(micros(this.#ports.now()), this.#lastCreatedMicros + 1);
    this.#lastCreatedMicros = createdMicros;
    const createdMs = createdMicros / 1_000;
    const orderId = this.#nextOrderId++;
    const order = { request, orderId, createdMs, view: null, refusedFor: null, isCancelQueued: false };
    const account = this.#account(request.accountId);
    account.all.push(order);
    account.open.set(orderId, order);
    account.waiting.add(order);
    if (request.clientId !== null) account.byClientId.set(request.clientId, order);
    this.#byOrderId.set(orderId, order);
    return order;
  }

  /** The engine's own id of the order is known before anyone hears of it. */
  #introduce(order: OpenDeskOrder, command: Command): void {
    const events = this.#ports.apply(command);
    const accepted = events.find((event) => event.type === "orderAccepted");
    if (accepted !== undefined) this.#byEngineId.set(accepted.order.orderId, order);
    this.#ports.publish(events);
    if (accepted !== undefined) return;
    const refused = events.find((event) => event.type === "refused");
    this.#refuse(order, refused?.code ?? "noSuchOrder");
  }

  #refuse(order: OpenDeskOrder, code: RefusalCode): void {
    order.refusedFor = code;
    const { open, waiting } = this.#account(order.request.accountId);
    open.delete(order.orderId);
    waiting.delete(order);
    this.#ports.onRefused(order);
  }

  #queueCancel(order: OpenDeskOrder): void {
    order.isCancelQueued = true;
    this.#ports.queue.push(() => {
      if (order.view?.status !== "open") return;
      const { accountId, orderId } = order.view;
      this.#ports.publish(this.#ports.apply({ type: "cancelOrder", accountId, orderId }));
    });
  }

  #cancelable(accountId: string, orderId: number): OpenDeskOrder {
    const order = this.#find(accountId, orderId);
    if (isClosed(order)) throw badRequest("Order already closed");
    if (order.isCancelQueued) throw badRequest("Order already queued for cancellation");
    return order;
  }

  #find(accountId: string, orderId: number): OpenDeskOrder {
    const order = this.#byOrderId.get(orderId);
    if (order === undefined || order.request.accountId !== accountId) throw notFound("Order not found");
    return order;
  }

  #account(accountId: string): AccountOrders {
    let orders = this.#accounts.get(accountId);
    if (orders === undefined) {
      orders = { all: [], open: new Map(), waiting: new Set(), byClientId: new Map() };
      this.#accounts.set(accountId, orders);
    }
    return orders;
  }
}
