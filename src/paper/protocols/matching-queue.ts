import type { Clock, Random, Timer, Timers } from "../../runtime/runtime.ts";

/** A timer may fire this much before its sum of floats says it is due. */
const EARLY_MS = 0.001;

/** Accepted requests that wait for the matching engine: one queue, first in first out, each after some delay. */
export class MatchingQueue {
  readonly #ports: { readonly clock: Clock; readonly timers: Timers; readonly random: Random };
  #delayMs: readonly [least: number, most: number];
  readonly #waiting: { readonly dueMs: number; readonly task: () => void }[] = [];
  #timer: Timer | undefined;

  constructor(
    ports: { readonly clock: Clock; readonly timers: Timers; readonly random: Random },
    delayMs: readonly [least: number, most: number],
  ) {
    this.#ports = ports;
    this.#delayMs = delayMs;
  }

  get delayMs(): readonly [least: number, most: number] {
    return this.#delayMs;
  }

  /** Delay of later requests. Those that wait already keep their time, and nothing overtakes them. */
  set delayMs(delayMs: readonly [least: number, most: number]) {
    this.#delayMs = delayMs;
  }

  push(task: () => void): void {
    const [least, most] = this.#delayMs;
    const dueMs = this.#ports.clock.monotonic() + least + this.#ports.random.float() * (most - least);
    this.#waiting.push({ dueMs: Math.max(dueMs, this.#waiting.at(-1)?.dueMs ?? 0), task });
    if (this.#timer === undefined) this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waiting.length = 0;
  }

  #arm(): void {
    const next = this.#waiting[0];
    if (next === undefined) return;
    const delayMs = Math.max(0, next.dueMs - this.#ports.clock.monotonic());
    this.#timer = this.#ports.timers.after(delayMs, () => this.#run(), { background: true });
  }

  #run(): void {
    this.#timer = undefined;
    const nowMs = this.#ports.clock.monotonic();
    for (let next = this.#waiting[0]; next !== undefined && next.dueMs <= nowMs + EARLY_MS; next = this.#waiting[0]) {
      this.#waiting.shift();
      next.task();
    }
    if (this.#timer === undefined) this.#arm();
  }
}
