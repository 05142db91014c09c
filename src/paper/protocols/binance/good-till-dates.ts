import type { Timer, Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent, OrderView } from "../../engine/types.ts";

/** A timer holds 24 days at most, and the date may be years away. */
const MAX_TIMER_MS = 86_400_000;

interface Entry {
  readonly dateMs: number;
  timer: Timer | undefined;
}

/** The orders that end at a date of their own (`timeInForce` GTD). */
export class GoodTillDates {
  readonly #timers: Timers;
  readonly #now: () => number;
  readonly #expire: (accountId: string, engineOrderId: number) => void;
  readonly #entries = new Map<number, Entry>();

  constructor(timers: Timers, now: () => number, expire: (accountId: string, engineOrderId: number) => void) {
    this.#timers = timers;
    this.#now = now;
    this.#expire = expire;
  }

  note(order: OrderView, dateMs: number): void {
    const entry: Entry = { dateMs, timer: undefined };
    this.#entries.set(order.orderId, entry);
    if (order.status === "open") this.#arm(order, entry);
  }

  /** Epoch milliseconds; zero for an order without a date. */
  dateOf(engineOrderId: number): number {
    return this.#entries.get(engineOrderId)?.dateMs ?? 0;
  }

  /** The date of an order that has ended stays known as long as the order. */
  onEvents(events: readonly EngineEvent[]): void {
    for (const event of events) {
      if (event.type === "orderClosed") this.#entries.get(event.order.orderId)?.timer?.cancel();
      if (event.type === "ordersForgotten") for (const orderId of event.orderIds) this.#entries.delete(orderId);
    }
  }

  stop(): void {
    for (const { timer } of this.#entries.values()) timer?.cancel();
    this.#entries.clear();
  }

  #arm(order: OrderView, entry: Entry): void {
    const leftMs = entry.dateMs - this.#now();
    const run = () => {
      if (leftMs > MAX_TIMER_MS) this.#arm(order, entry);
      else this.#expire(order.accountId, order.orderId);
    };
    entry.timer = this.#timers.after(Math.max(0, Math.min(leftMs, MAX_TIMER_MS)), run, { background: true });
  }
}
