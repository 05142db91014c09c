import type { TradingPair } from "../model/market.ts";
import { InFlightOrder, OrderSignals } from "./in-flight-order.ts";
import { originalClientOrderId } from "./order-ids.ts";
import { awaitsCreation, currentExchangeOrderId, isQuiet, type OrderRecord } from "./order-record.ts";

/** One order: its facts, the handle that users hold, and what settles the handle's promises. */
export interface TrackedOrder {
  readonly record: OrderRecord;
  readonly order: InFlightOrder;
  readonly signals: OrderSignals;
}

/** The orders by their ids. Exchange order ids are told apart by market: on some venues two markets share one. */
export class TrackedOrders {
  readonly #live = new Map<string, TrackedOrder>();
  /** Ended orders in the order in which they ended. */
  readonly #done = new Map<string, TrackedOrder>();
  readonly #byExchangeId = new Map<string, TrackedOrder>();
  /** Live orders that may be more than resting: all that are, and some that are not any more. */
  readonly #unquiet = new Set<TrackedOrder>();
  /** Live orders that may wait for the venue to name them, by market: all that do, and some that did. */
  readonly #unnamed = new Map<TradingPair, Set<TrackedOrder>>();
  #turns: Iterator<TrackedOrder> = this.#live.values();
  readonly #maxFillsKept: number;
  readonly #isEnded: (() => boolean) | undefined;

  constructor(maxFillsKept: number, isEnded?: () => boolean) {
    this.#maxFillsKept = maxFillsKept;
    this.#isEnded = isEnded;
  }

  enter(record: OrderRecord): TrackedOrder {
    const signals = new OrderSignals(this.#maxFillsKept, this.#isEnded);
    const tracked = { record, signals, order: new InFlightOrder(record, signals) };
    this.#live.set(record.order.clientOrderId, tracked);
    this.noteChange(tracked);
    for (const { exchangeOrderId: id } of record.legs) if (id !== "") this.bind(tracked, id);
    return tracked;
  }

  /** Returns false when the id was the order's already. */
  bind(tracked: TrackedOrder, exchangeOrderId: string): boolean {
    const key = exchangeKey(tracked.record.order.tradingPair, exchangeOrderId);
    if (this.#byExchangeId.get(key) === tracked) return false;
    this.#byExchangeId.set(key, tracked);
    return true;
  }

  live(clientOrderId: string): TrackedOrder | undefined {
    return this.#live.get(clientOrderId);
  }

  /** Forgets the id of a leg that is no longer kept. */
  unbind(tracked: TrackedOrder, exchangeOrderId: string): void {
    this.#byExchangeId.delete(exchangeKey(tracked.record.order.tradingPair, exchangeOrderId));
  }

  /** Live or ended, by its own id or by that of one of its amends. */
  find(clientOrderId: string | undefined): TrackedOrder | undefined {
    if (clientOrderId === undefined) return undefined;
    const known = this.#byClientId(clientOrderId);
    if (known !== undefined) return known;
    const original = originalClientOrderId(clientOrderId);
    return original === clientOrderId ? undefined : this.#byClientId(original);
  }

  /** Tells that an order of ours has this very id, live or ended. */
  isTaken(clientOrderId: string): boolean {
    return this.#live.has(clientOrderId) || this.#done.has(clientOrderId);
  }

  #byClientId(clientOrderId: string): TrackedOrder | undefined {
    return this.#live.get(clientOrderId) ?? this.#done.get(clientOrderId);
  }

  findByExchangeId(tradingPair: TradingPair, exchangeOrderId: string | undefined): TrackedOrder | undefined {
    return exchangeOrderId === undefined
      ? undefined
      : this.#byExchangeId.get(exchangeKey(tradingPair, exchangeOrderId));
  }

  /** Notes that a live order has changed. */
  noteChange(tracked: TrackedOrder): void {
    const { record } = tracked;
    if (this.#live.get(record.order.clientOrderId) !== tracked) return;
    if (isQuiet(record)) this.#unquiet.delete(tracked);
    else this.#unquiet.add(tracked);
    if (awaitsExchangeId(record)) this.#unnamedOf(record.order.tradingPair).add(tracked);
  }

  retire(tracked: TrackedOrder): void {
    this.#unquiet.delete(tracked);
    this.#unnamedOf(tracked.record.order.tradingPair).delete(tracked);
    this.#live.delete(tracked.record.order.clientOrderId);
    this.#done.set(tracked.record.order.clientOrderId, tracked);
  }

  revive(tracked: TrackedOrder): void {
    this.#done.delete(tracked.record.order.clientOrderId);
    this.#live.set(tracked.record.order.clientOrderId, tracked);
    this.noteChange(tracked);
  }

  forget(tracked: TrackedOrder): void {
    const { order, legs } = tracked.record;
    this.#done.delete(order.clientOrderId);
    for (const { exchangeOrderId } of legs) this.unbind(tracked, exchangeOrderId);
  }

  allLive(): Iterable<TrackedOrder> {
    return this.#live.values();
  }

  allDone(): Iterable<TrackedOrder> {
    return this.#done.values();
  }

  /** The next `limit` live orders, round and round; all of them where there are no more. */
  takeTurns(limit: number): InFlightOrder[] {
    if (this.#live.size <= limit) return [...this.#live.values()].map(({ order }) => order);
    const orders: InFlightOrder[] = [];
    while (orders.length < limit) {
      const next = this.#turns.next();
      if (next.done === true) this.#turns = this.#live.values();
      else orders.push(next.value.order);
    }
    return orders;
  }

  get liveCount(): number {
    return this.#live.size;
  }

  get doneCount(): number {
    return this.#done.size;
  }

  selectLive(wanted: (record: OrderRecord) => boolean): InFlightOrder[] {
    const orders: InFlightOrder[] = [];
    for (const { record, order } of this.#live.values()) if (wanted(record)) orders.push(order);
    return orders;
  }

  selectDone(wanted: (record: OrderRecord) => boolean): InFlightOrder[] {
    const orders: InFlightOrder[] = [];
    for (const { record, order } of this.#done.values()) if (wanted(record)) orders.push(order);
    return orders;
  }

  /**
   * Selects like `selectLive`, for conditions that never hold for an order that just rests: such orders are skipped.
   */
  selectUnquiet(wanted: (record: OrderRecord) => boolean): InFlightOrder[] {
    const orders: InFlightOrder[] = [];
    for (const { record, order } of this.#unquiet) if (wanted(record)) orders.push(order);
    return orders;
  }

  /** Tells that an order of this market waits for the venue to name it, at first or after an amend. */
  someAwaitExchangeId(tradingPair: TradingPair): boolean {
    const unnamed = this.#unnamed.get(tradingPair);
    for (const tracked of unnamed ?? []) {
      if (awaitsExchangeId(tracked.record)) return true;
      unnamed?.delete(tracked);
    }
    return false;
  }

  #unnamedOf(tradingPair: TradingPair): Set<TrackedOrder> {
    const known = this.#unnamed.get(tradingPair) ?? new Set();
    this.#unnamed.set(tradingPair, known);
    return known;
  }
}

/**
 * A creation may be answered after an amend that has replaced what it made. One that has ended waits for nothing, whatever
 * became of its amends: an order by hand, which has no client id, was taken for one of its legs as long as it was remembered.
 */
function awaitsExchangeId(record: OrderRecord): boolean {
  if (record.ended) return false;
  if (currentExchangeOrderId(record) === undefined || record.amends.some(({ replaces }) => replaces)) return true;
  return awaitsCreation(record);
}

let latest = { tradingPair: "", exchangeOrderId: "", key: "|" };

/** The key of a fact's order is asked for by each of its readers, and hashed once. */
function exchangeKey(tradingPair: TradingPair, exchangeOrderId: string): string {
  if (latest.exchangeOrderId !== exchangeOrderId || latest.tradingPair !== tradingPair)
    latest = { tradingPair, exchangeOrderId, key: `${tradingPair}|${exchangeOrderId}` };
  return latest.key;
}
