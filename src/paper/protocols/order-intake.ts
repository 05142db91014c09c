import { keepWhere } from "../engine/retention.ts";
import type { Command, EngineEvent, OrderView, Placement, RefusalCode } from "../engine/types.ts";
import type { MatchingQueue } from "./matching-queue.ts";
import type { WireId } from "./paper-protocol.ts";
import { WaitingOrders } from "./waiting-orders.ts";

/** An order as an API shows it, from the moment it was accepted, before the engine has seen it. */
export interface IntakeOrder<Id extends WireId> {
  readonly orderId: Id;
  /** Request as placed; `type` is the order's, not the command's. */
  readonly request: Omit<Placement, "type" | "orderType"> & { readonly type: "limit" | "market" };
  readonly createdMs: number;
  /** The market's last price when the order was accepted. */
  readonly lastPrice: bigint | null;
  /** View of the order in the engine; null until the engine has seen it. */
  readonly view: OrderView | null;
  /** Reason why the engine refused an order that the gateway had accepted, and when. */
  readonly refusedFor: RefusalCode | null;
  readonly refusedMs: number;
}

type OpenIntakeOrder<Id extends WireId> = { -readonly [Key in keyof IntakeOrder<Id>]: IntakeOrder<Id>[Key] };

type Amendment = Extract<Command, { readonly type: "amendOrder" }>;
type Replacement = Extract<Command, { readonly type: "replaceOrder" }>;

export interface IntakePorts<Id extends WireId> {
  readonly queue: MatchingQueue;
  nextOrderId(): Id;
  lastPrice(market: string): bigint | null;
  hasAccount(accountId: string): boolean;
  apply(command: Command): readonly EngineEvent[];
  publish(events: readonly EngineEvent[]): void;
  /** Tells that the fault of that name befalls an amend whose turn has come. */
  refusesAmend?(): boolean;
  /** An accepted order that the engine refused; no event of the engine tells of it. */
  onRefused(order: IntakeOrder<Id>): void;
  /** Time that an order is shown to have been made at; the venue's by default. */
  createdMs?(): number;
  now(): number;
}

export interface IntakeListeners<Id extends WireId> {
  onClosed?(order: IntakeOrder<Id>): void;
  /** Ids of orders that are not remembered any more. */
  onForgotten?(orderIds: ReadonlySet<Id>): void;
}

interface AccountOrders<Id extends WireId> {
  readonly all: OpenIntakeOrder<Id>[];
  readonly open: Map<Id, OpenIntakeOrder<Id>>;
  /** Open orders that the engine has not seen yet. */
  readonly waiting: Set<OpenIntakeOrder<Id>>;
  readonly waitingSums: WaitingOrders;
  /** Number of open orders by market. */
  readonly openOn: Map<string, number>;
  /** Orders in the order in which they closed. */
  readonly closed: OpenIntakeOrder<Id>[];
  readonly byClientId: Map<string, OpenIntakeOrder<Id>>;
}

export function isClosed({ refusedFor, view }: IntakeOrder<WireId>): boolean {
  return refusedFor !== null || view?.status === "closed";
}

/** Accepts orders, changes and cancels under ids of its own, and lets the engine do them later, in order. */
export class OrderIntake<Id extends WireId> {
  readonly #ports: IntakePorts<Id>;
  readonly #accounts = new Map<string, AccountOrders<Id>>();
  readonly #byOrderId = new Map<Id, OpenIntakeOrder<Id>>();
  readonly #byEngineId = new Map<number, OpenIntakeOrder<Id>>();
  /** Number of amends of an order that wait for their turn. */
  readonly #amendsWaiting = new Map<Id, number>();

  constructor(ports: IntakePorts<Id>) {
    this.#ports = ports;
  }

  place(placement: Placement): IntakeOrder<Id> {
    const { type: _, orderType, ...rest } = placement;
    const order = this.#admit({ ...rest, type: orderType });
    this.#ports.queue.push(() => this.#introduce(order, placement));
    return order;
  }

  /**
   * Places an order in the stead of an open one, which the engine cancels with it. The old one may end before; then the
   * new one is refused. `onDone` hears of it when the turn has come.
   */
  replace(
    old: IntakeOrder<Id>,
    placement: Placement,
    change: Pick<Replacement, "price" | "size" | "clientId">,
    onDone: () => void = () => undefined,
  ): IntakeOrder<Id> {
    const { type: _, orderType, ...rest } = placement;
    const order = this.#admit({ ...rest, type: orderType });
    this.#ports.queue.push(() => {
      const { view } = old;
      if (view === null) this.#refuse(order, "orderClosed");
      else {
        const { accountId, orderId } = view;
        this.#introduce(order, { type: "replaceOrder", accountId, orderId, ...change });
      }
      onDone();
    });
    return order;
  }

  /** Places an order whose turn has come, under an id that it had before where one is told. */
  placeNow(placement: Placement, orderId?: Id): IntakeOrder<Id> {
    const { type: _, orderType, ...rest } = placement;
    const order = this.#admit({ ...rest, type: orderType }, orderId);
    this.#introduce(order, placement);
    return order;
  }

  /** Cancels an order whose turn has come; false when it is closed by then. */
  cancelNow({ view }: IntakeOrder<Id>): boolean {
    if (view?.status !== "open") return false;
    this.#ports.publish(this.#ports.apply({ type: "cancelOrder", accountId: view.accountId, orderId: view.orderId }));
    return true;
  }

  /** `onMissed` hears of it when the order is closed, or the engine refuses, by then. */
  amend(
    order: IntakeOrder<Id>,
    change: Pick<Amendment, "price" | "size" | "endsWhenFilled" | "isPriceBandKept">,
    onMissed: () => void = () => undefined,
  ): void {
    const commandOf = ({ accountId, orderId }: OrderView): Command => ({
      type: "amendOrder",
      accountId,
      orderId,
      ...change,
    });
    const { refusesAmend } = this.#ports;
    this.#amendsWaiting.set(order.orderId, this.amendsWaiting(order) + 1);
    this.#later(order, commandOf, onMissed, () => {
      const left = this.amendsWaiting(order) - 1;
      if (left > 0) this.#amendsWaiting.set(order.orderId, left);
      else this.#amendsWaiting.delete(order.orderId);
      return refusesAmend?.() === true;
    });
  }

  /** Accepted amends of an order whose turn has not come. */
  amendsWaiting({ orderId }: IntakeOrder<Id>): number {
    return this.#amendsWaiting.get(orderId) ?? 0;
  }

  /** `onMissed` hears of it when the order is closed by then. */
  cancel(order: IntakeOrder<Id>, onMissed: () => void = () => undefined): void {
    const { accountId } = order.request;
    this.#later(order, ({ orderId }) => ({ type: "cancelOrder", accountId, orderId }), onMissed);
  }

  find(accountId: string, orderId: Id): IntakeOrder<Id> | undefined {
    const order = this.#byOrderId.get(orderId);
    return order?.request.accountId === accountId ? order : undefined;
  }

  /** The latest of that id. */
  byClientId(accountId: string, clientId: string): IntakeOrder<Id> | undefined {
    return this.#accounts.get(accountId)?.byClientId.get(clientId);
  }

  /** Oldest first. */
  open(accountId: string): readonly IntakeOrder<Id>[] {
    return [...this.#account(accountId).open.values()];
  }

  /** Orders not yet seen by the engine. */
  waiting(accountId: string): readonly IntakeOrder<Id>[] {
    return [...this.#account(accountId).waiting];
  }

  /**
   * The same, without one that is about to be replaced, as the engine is asked about them: what one more order costs does
   * not grow with the number that wait.
   */
  waitingPlacements(accountId: string, replaced?: IntakeOrder<Id>): readonly Placement[] {
    const { waiting, waitingSums } = this.#account(accountId);
    const isWaiting = replaced !== undefined && waiting.has(replaced);
    return waitingSums.placements(isWaiting ? replaced.request : undefined);
  }

  /** Counts the open orders on a market. */
  openCount(accountId: string, market: string): number {
    return this.#account(accountId).openOn.get(market) ?? 0;
  }

  /** Orders in the order in which they closed; the list is live. */
  closed(accountId: string): readonly IntakeOrder<Id>[] {
    return this.#account(accountId).closed;
  }

  /** All orders ever, oldest first. */
  all(accountId: string): readonly IntakeOrder<Id>[] {
    return this.#account(accountId).all;
  }

  byEngineId(engineOrderId: number): IntakeOrder<Id> | undefined {
    return this.#byEngineId.get(engineOrderId);
  }

  /** Takes over the engine's new state; undefined when the order belongs to nobody who uses an API. */
  observe(view: OrderView): IntakeOrder<Id> | undefined {
    let order = this.#byEngineId.get(view.orderId);
    if (order === undefined) {
      if (!this.#ports.hasAccount(view.accountId)) return undefined;
      order = this.#admit(view);
      this.#byEngineId.set(view.orderId, order);
    }
    order.view = view;
    this.#endWait(this.#account(view.accountId), order);
    if (view.status === "closed") this.#close(order);
    return order;
  }

  /** Takes over what the engine did; `onClosed` and `onForgotten` hear of it at the place where it happened. */
  onEvents(events: readonly EngineEvent[], { onClosed, onForgotten }: IntakeListeners<Id> = {}): void {
    for (const event of events) {
      switch (event.type) {
        case "orderAccepted":
        case "orderOpened":
        case "orderChanged":
        case "orderAmended":
          this.observe(event.order);
          break;
        case "orderClosed": {
          const order = this.observe(event.order);
          if (order !== undefined) onClosed?.(order);
          break;
        }
        case "ordersForgotten": {
          const ids = this.forget(event.accountId, event.orderIds);
          onForgotten?.(ids);
        }
      }
    }
  }

  /** Orders that the engine has forgotten, and those that it refused before; returns the ids that they had here. */
  forget(accountId: string, engineOrderIds: ReadonlySet<number>): ReadonlySet<Id> {
    const { all, closed, byClientId } = this.#account(accountId);
    const gone = new Set<OpenIntakeOrder<Id>>();
    let untilMs = 0;
    for (const engineOrderId of engineOrderIds) {
      const order = this.#byEngineId.get(engineOrderId);
      this.#byEngineId.delete(engineOrderId);
      if (order === undefined) continue;
      gone.add(order);
      untilMs = Math.max(untilMs, order.view?.updatedMs ?? 0);
    }
    for (const order of closed) if (order.refusedFor !== null && order.refusedMs <= untilMs) gone.add(order);
    for (const order of gone) {
      const { clientId } = order.request;
      this.#byOrderId.delete(order.orderId);
      if (clientId !== null && byClientId.get(clientId) === order) byClientId.delete(clientId);
    }
    keepWhere(all, (order) => !gone.has(order));
    keepWhere(closed, (order) => !gone.has(order));
    return new Set([...gone].map(({ orderId }) => orderId));
  }

  #admit(request: IntakeOrder<Id>["request"], orderId = this.#ports.nextOrderId()): OpenIntakeOrder<Id> {
    const order = {
      request,
      orderId,
      createdMs: this.#ports.createdMs?.() ?? this.#ports.now(),
      lastPrice: this.#ports.lastPrice(request.market),
      view: null,
      refusedFor: null,
      refusedMs: 0,
    };
    const account = this.#account(request.accountId);
    account.all.push(order);
    account.open.set(order.orderId, order);
    account.waiting.add(order);
    account.waitingSums.add(request);
    account.openOn.set(request.market, (account.openOn.get(request.market) ?? 0) + 1);
    if (request.clientId !== null) account.byClientId.set(request.clientId, order);
    this.#byOrderId.set(order.orderId, order);
    return order;
  }

  /** The engine's own id of the order is known before anyone hears of it. */
  #introduce(order: OpenIntakeOrder<Id>, command: Command): void {
    const events = this.#ports.apply(command);
    const accepted = events.find((event) => event.type === "orderAccepted");
    if (accepted !== undefined) this.#byEngineId.set(accepted.order.orderId, order);
    this.#ports.publish(events);
    if (accepted !== undefined) return;
    const refused = events.find((event) => event.type === "refused");
    this.#refuse(order, refused?.code ?? "noSuchOrder");
  }

  #refuse(order: OpenIntakeOrder<Id>, code: RefusalCode): void {
    order.refusedFor = code;
    order.refusedMs = this.#ports.now();
    this.#close(order);
    this.#ports.onRefused(order);
  }

  #later(
    order: IntakeOrder<Id>,
    commandOf: (view: OrderView) => Command,
    onMissed: () => void,
    isRefused: () => boolean = () => false,
  ): void {
    this.#ports.queue.push(() => {
      const refused = isRefused();
      const isDone = order.view?.status === "open" && !refused;
      const events = isDone && order.view !== null ? this.#ports.apply(commandOf(order.view)) : undefined;
      if (events !== undefined) this.#ports.publish(events);
      if (events === undefined || events.some(({ type }) => type === "refused")) onMissed();
    });
  }

  #close(order: OpenIntakeOrder<Id>): void {
    const account = this.#account(order.request.accountId);
    this.#endWait(account, order);
    if (!account.open.delete(order.orderId)) return;
    const { market } = order.request;
    account.openOn.set(market, (account.openOn.get(market) ?? 0) - 1);
    account.closed.push(order);
  }

  #endWait({ waiting, waitingSums }: AccountOrders<Id>, order: OpenIntakeOrder<Id>): void {
    if (waiting.delete(order)) waitingSums.remove(order.request);
  }

  #account(accountId: string): AccountOrders<Id> {
    let orders = this.#accounts.get(accountId);
    if (orders === undefined) {
      orders = {
        ...{ all: [], open: new Map(), waiting: new Set(), waitingSums: new WaitingOrders(), openOn: new Map() },
        ...{ closed: [], byClientId: new Map() },
      };
      this.#accounts.set(accountId, orders);
    }
    return orders;
  }
}
