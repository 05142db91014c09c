import { DEFAULT_ENDED_ORDERS_KEPT } from "../../engine/retention.ts";
import type { Engine, EngineConfig, EngineEvent, Placement } from "../../engine/types.ts";
import type { MatchingQueue } from "../matching-queue.ts";
import { firesAbove, type OrderDetails, type TriggerOrder } from "./orders.ts";

type OpenTrigger = { -readonly [Key in keyof TriggerOrder]: TriggerOrder[Key] };

export type TriggerRequest = Omit<TriggerOrder, "createdMs" | "updatedMs">;

export interface TriggerPorts {
  readonly engine: Engine;
  readonly config: Pick<EngineConfig, "endedOrdersKept" | "endedOrdersKeptMs">;
  readonly queue: MatchingQueue;
  readonly details: Map<number, OrderDetails>;
  /** Places the order that a trigger stands for, under the trigger's own id; its turn has come. */
  place(placement: Placement, oid: number): void;
  onChanged(order: TriggerOrder): void;
  now(): number;
}

/**
 * Orders that wait for the mark price. One that has fired is the matching engine's from then on, under the same `oid`:
 * at market it trades at its limit price or better at once, else it rests there.
 */
export class TriggerDesk {
  readonly #ports: TriggerPorts;
  /** Oldest first. */
  readonly #open = new Map<number, OpenTrigger>();
  /** Ended triggers by account, in the order of their ends; those that fired too. */
  readonly #ended = new Map<string, OpenTrigger[]>();

  constructor(ports: TriggerPorts) {
    this.#ports = ports;
  }

  /** Tells that the mark price is beyond the trigger already. */
  isReached({
    market,
    side,
    triggerPrice,
    tpsl,
  }: Pick<TriggerOrder, "market" | "side" | "triggerPrice" | "tpsl">): boolean {
    const mark = this.#ports.engine.market(market)?.mark ?? 0n;
    return firesAbove(side, { tpsl }) ? mark >= triggerPrice : mark <= triggerPrice;
  }

  add(request: TriggerRequest): TriggerOrder {
    const nowMs = this.#ports.now();
    const order = { ...request, createdMs: nowMs, updatedMs: nowMs };
    this.#open.set(order.oid, order);
    this.#ports.onChanged(order);
    return order;
  }

  /** Lists the waiting triggers, also those that wait for their parent. */
  open(accountId: string): readonly TriggerOrder[] {
    return [...this.#open.values()].filter((order) => order.accountId === accountId);
  }

  /** Lists the triggers that ended without firing. */
  ended(accountId: string): readonly TriggerOrder[] {
    return (this.#ended.get(accountId) ?? []).filter(({ status }) => status !== "fired");
  }

  /** Lists the triggers that wait, and those that ended without firing. */
  all(accountId: string): readonly TriggerOrder[] {
    return [...this.ended(accountId), ...this.open(accountId)];
  }

  find(accountId: string, id: number | string): TriggerOrder | undefined {
    const isIt = (order: TriggerOrder) => (typeof id === "number" ? order.oid === id : order.cloid === id);
    const isOwn = (order: TriggerOrder) => order.accountId === accountId && isIt(order);
    return [...this.#open.values()].findLast(isOwn) ?? this.#ended.get(accountId)?.findLast(isOwn);
  }

  /** False when it has fired or ended. */
  cancel(oid: number, status = "canceled"): boolean {
    const order = this.#open.get(oid);
    if (order === undefined) return false;
    this.#end(order, status);
    return true;
  }

  cancelAll(accountId: string, status: string): void {
    for (const { oid } of this.open(accountId)) this.cancel(oid, status);
  }

  /** The parent is filled: its children wait for their price from now on. One that was not filled takes them along. */
  onParentClosed(parent: number, isFilled: boolean): void {
    for (const order of [...this.#open.values()]) {
      if (order.parent !== parent || order.status !== "waiting") continue;
      if (isFilled) order.status = "open";
      else this.#end(order, "canceled");
    }
  }

  onEvents(events: readonly EngineEvent[]): void {
    if (this.#open.size === 0) return;
    for (const event of events) {
      if (event.type === "markChanged") this.#onMark(event.market);
      else if (event.type === "positionChanged" && event.position.size === 0n) {
        this.#onFlat(event.accountId, event.position.market);
      } else if (event.type === "marketChanged" && event.status === "delisted") this.#onDelisted(event.market);
    }
  }

  #onMark(market: string): void {
    for (const order of [...this.#open.values()]) {
      if (order.market !== market || order.status !== "open" || !this.isReached(order)) continue;
      order.status = "triggered";
      this.#ports.queue.push(() => this.#fire(order));
    }
  }

  /** Ends the triggers that close a position together with it. */
  #onFlat(accountId: string, market: string): void {
    for (const order of [...this.#open.values()]) {
      if (order.accountId !== accountId || order.market !== market || !order.isPosition) continue;
      if (order.status === "open") this.#end(order, "reduceOnlyCanceled");
    }
  }

  #onDelisted(market: string): void {
    for (const order of [...this.#open.values()]) if (order.market === market) this.#end(order, "delistedCanceled");
  }

  #fire(order: OpenTrigger): void {
    if (!this.#open.has(order.oid)) return;
    const { accountId, market, side, price, reduceOnly, cloid, isMarket, oid } = order;
    const { triggerPrice, tpsl, isPosition } = order;
    const held = this.#ports.engine.positions(accountId, market)[0]?.size ?? 0n;
    const size = isPosition ? (held < 0n ? -held : held) : order.size;
    const isOver = isPosition && (held === 0n || held > 0n === (side === "buy"));
    if (isOver) {
      this.#end(order, "reduceOnlyCanceled");
      return;
    }
    this.#end(order, "fired");
    const tif = isMarket ? "Ioc" : "Gtc";
    this.#ports.details.set(oid, { tif, trigger: { isMarket, triggerPrice, tpsl, isPosition } });
    for (const other of [...this.#open.values()]) {
      if (order.group !== undefined && other.group === order.group) this.#end(other, "siblingFilledCanceled");
    }
    const terms = { side, price, size, reduceOnly, clientId: cloid, timeInForce: isMarket ? "IOC" : "GTC" } as const;
    this.#ports.place(
      { type: "placeOrder", accountId, market, orderType: "limit", postOnly: false, isPriceBandKept: true, ...terms },
      oid,
    );
  }

  #end(order: OpenTrigger, status: string): void {
    this.#open.delete(order.oid);
    order.status = status;
    order.updatedMs = this.#ports.now();
    const ended = this.#ended.get(order.accountId) ?? [];
    this.#ended.set(order.accountId, ended);
    ended.push(order);
    const { endedOrdersKept = DEFAULT_ENDED_ORDERS_KEPT, endedOrdersKeptMs = Number.POSITIVE_INFINITY } =
      this.#ports.config;
    const young = ended.findIndex(({ updatedMs }) => updatedMs >= order.updatedMs - endedOrdersKeptMs);
    ended.splice(0, Math.max(ended.length - endedOrdersKept, young));
    this.#ports.onChanged({ ...order, status: status === "fired" ? "triggered" : status });
  }
}
