import { AbortError } from "../model/error.ts";
import { never } from "./process-end.ts";
import type { Clock, Timers } from "./runtime.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { SimulatedScheduler } from "./simulated-scheduler.ts";

/** Wall clock of a host, which may be off from the true time. */
export class WallClock {
  #offsetMs = 0;
  #sinceMs = 0;
  #driftPpm = 0;

  offsetMs(elapsedMs: number): number {
    return this.#offsetMs + ((elapsedMs - this.#sinceMs) * this.#driftPpm) / 1_000_000;
  }

  setOffset(offsetMs: number, elapsedMs: number): void {
    this.#offsetMs = offsetMs;
    this.#sinceMs = elapsedMs;
  }

  setDrift(driftPpm: number, elapsedMs: number): void {
    this.setOffset(this.offsetMs(elapsedMs), elapsedMs);
    this.#driftPpm = driftPpm;
  }
}

export function simulatedClock(
  process: SimulatedProcess,
  wall: WallClock,
  scheduler: SimulatedScheduler,
  startMs: number,
): Clock {
  return {
    now: () => startMs + scheduler.elapsedMs + wall.offsetMs(scheduler.elapsedMs),
    monotonic: () => process.monotonicMs(scheduler.elapsedMs),
  };
}

export function simulatedTimers(process: SimulatedProcess, scheduler: SimulatedScheduler): Timers {
  const label = `timer ${process.host}`;
  return {
    after: (delayMs, callback) => scheduler.schedule(delayMs, label, callback, process),
    endOfTurn: (callback) => void scheduler.schedule(0, label, callback, process),
    sleep: (delayMs, signal) => {
      if (!process.isAlive) return never();
      if (signal?.aborted === true) return Promise.reject(new AbortError());
      return new Promise((resolve, reject) => {
        const onAbort = () => {
          timer.cancel();
          if (process.isAlive) reject(new AbortError());
        };
        const onTimer = () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        };
        const timer = scheduler.schedule(delayMs, label, onTimer, process);
        signal?.addEventListener("abort", onAbort, { once: true });
      });
    },
  };
}
