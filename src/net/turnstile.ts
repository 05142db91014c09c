import type { Clock, Timer, Timers } from "../runtime/runtime.ts";
import { type Demand, RatePool, type Waiter } from "./rate-pool.ts";
import { isBefore } from "./throttler-waiter.ts";
import { type Sleeper, WakeQueue } from "./wake-queue.ts";

/**
 * Lets requests through their pools in order. One that has to wait stands in the line of the pool that holds it up the
 * longest, and keeps its place in the others unless lending the place meanwhile cannot delay it. Only lines whose pool
 * has news are looked at, so that the work does not grow with the number of pools.
 */
export class Turnstile {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #wakes = new WakeQueue<Sleeper>();
  /** Pools whose line is to be looked at. */
  readonly #news = new Set<RatePool>();
  /** Grows whenever somebody goes or places become free. */
  #round = 0;
  #timer: Timer | undefined;
  #timerMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
  }

  /** Something became free in this pool: its line is looked at by the next `drainNews`. */
  noteNews(pool: RatePool): void {
    this.#news.add(pool);
  }

  /** Takes all of its pools, or puts it into the line of the one that holds it up the longest. */
  place(waiter: Waiter, nowMs: number): boolean {
    let latestMs = nowMs;
    let blocker: RatePool | undefined;
    for (const { pool, weight } of waiter.demands) {
      const startMs = pool.startMs(waiter, weight, nowMs);
      if (startMs <= latestMs) continue;
      latestMs = startMs;
      blocker = pool;
    }
    if (blocker === undefined) {
      this.#round += 1;
      for (const { pool, weight } of waiter.demands) if (pool.take(waiter, weight, nowMs)) this.#lookSoon(pool, nowMs);
      return true;
    }
    waiter.round = this.#round;
    if (blocker.park(waiter)) this.#lookSoon(blocker, nowMs);
    this.#keepPlaces(waiter, latestMs, nowMs);
    if (blocker.firstInLine === waiter) this.#wakes.schedule(blocker, latestMs);
    return false;
  }

  /**
   * Looks soon at a request that was promoted: it leaves less to others than before, and all of them wait behind it.
   */
  #lookSoon(pool: RatePool, nowMs: number): void {
    this.#wakes.schedule(pool, nowMs + 1);
    this.#setTimer(nowMs);
  }

  /** Keeps a place in its other pools, except where what is lent now is back by the time at which it starts. */
  #keepPlaces(waiter: Waiter, startMs: number, nowMs: number): void {
    const kept: Demand[] = [];
    for (const demand of waiter.demands) {
      const { pool, weight } = demand;
      if (pool === waiter.parkedAt || weight === 0) continue;
      const lentUntilMs = startMs - pool.total.timeIntervalMs;
      if (startMs !== Number.POSITIVE_INFINITY && lentUntilMs > nowMs + 1) {
        this.#wakes.schedule(waiter, lentUntilMs);
        continue;
      }
      pool.keep(waiter, weight);
      kept.push(demand);
    }
    waiter.kept = kept;
  }

  /** Takes it out of its line. `isGone`: what it held up or kept is news to its pools. */
  unpark(waiter: Waiter, isGone: boolean): void {
    if (isGone) this.#round += 1;
    waiter.wakeMs = Number.POSITIVE_INFINITY;
    for (const { pool, weight } of waiter.kept) {
      pool.letGo(waiter, weight);
      if (isGone) this.#news.add(pool);
    }
    waiter.kept = [];
    const { parkedAt } = waiter;
    if (parkedAt === undefined) return;
    parkedAt.unpark(waiter);
    if (parkedAt.firstInLine === undefined) parkedAt.wakeMs = Number.POSITIVE_INFINITY;
    if (isGone) this.#news.add(parkedAt);
  }

  /** Lets go whoever may of the pools with news. */
  drainNews(): void {
    const nowMs = this.#clock.monotonic();
    if (this.#news.size > 0) this.#round += 1;
    this.#drain(nowMs);
  }

  /** Lets go whoever may of the pools with news, best rank first, and sets the timer for the next one. */
  #drain(nowMs: number): void {
    for (;;) {
      const waiter = this.#nextWithNews();
      if (waiter === undefined) break;
      if (waiter.round === this.#round) this.#holdLine(waiter, nowMs);
      else this.#replace(waiter, nowMs);
    }
    this.#setTimer(nowMs);
  }

  #nextWithNews(): Waiter | undefined {
    let best: Waiter | undefined;
    for (const pool of this.#news) {
      const first = pool.firstInLine;
      if (first === undefined) this.#news.delete(pool);
      else if (best === undefined || isBefore(first, best)) best = first;
    }
    return best;
  }

  /** Holds a line whose waiter was looked at since the last one went: nothing changed for it, and its line waits. */
  #holdLine({ parkedAt }: Waiter, nowMs: number): void {
    if (parkedAt === undefined) return;
    this.#news.delete(parkedAt);
    this.#wakes.schedule(parkedAt, nowMs + 1);
  }

  #replace(waiter: Waiter, nowMs: number): void {
    const before = waiter.parkedAt;
    const kept = waiter.kept;
    this.unpark(waiter, false);
    if (this.place(waiter, nowMs)) {
      for (const { pool } of kept) this.#news.add(pool);
      waiter.grant();
      return;
    }
    if (before !== undefined && waiter.parkedAt === before) this.#news.delete(before);
    const isKept = new Set(waiter.kept.map(({ pool }) => pool));
    for (const { pool } of kept) if (!isKept.has(pool) && pool !== waiter.parkedAt) this.#news.add(pool);
  }

  #setTimer(nowMs: number): void {
    const wakeMs = this.#wakes.nextMs;
    if (wakeMs === this.#timerMs) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerMs = wakeMs;
    if (wakeMs === Number.POSITIVE_INFINITY) return;
    // Whole milliseconds, at least one: a delay that rounds to nothing would call back at the same instant for ever.
    const delayMs = Math.max(1, Math.ceil(wakeMs - nowMs));
    this.#timer = this.#timers.after(delayMs, () => this.#wake());
  }

  #wake(): void {
    this.#timer = undefined;
    this.#timerMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.monotonic();
    this.#round += 1;
    for (;;) {
      const sleeper = this.#wakes.takeDue(nowMs);
      if (sleeper === undefined) break;
      if (sleeper instanceof RatePool) this.#news.add(sleeper);
      else this.#review(sleeper as Waiter, nowMs);
    }
    this.#drain(nowMs);
  }

  /** Places that it lent have to be kept from now on. */
  #review(waiter: Waiter, nowMs: number): void {
    if (waiter.parkedAt === undefined) return;
    this.unpark(waiter, true);
    if (this.place(waiter, nowMs)) waiter.grant();
  }
}
