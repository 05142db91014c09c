import { randomBytes, randomInt } from "node:crypto";
import { AbortError } from "../model/error.ts";
import type { Clock, Random, Timer, Timers } from "./runtime.ts";

const DRIFT_LIMIT_MS = 50;
/** A drift is noticed within this; every message of a book has a time. */
const CHECK_EVERY_MS = 5;
/** setTimeout fires at once when asked for more. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The wall clock with the fraction of the monotonic one, anchored again when the two drift apart. */
export class NodeClock implements Clock {
  #anchorMs = performance.timeOrigin;
  #checkAtMs = Number.NEGATIVE_INFINITY;

  now(): number {
    return this.epochOf(performance.now());
  }

  epochOf(monotonicMs: number): number {
    if (monotonicMs >= this.#checkAtMs) this.#check();
    return this.#anchorMs + monotonicMs;
  }

  /** Compares both clocks now: a moment that is asked for may be long over, after a pause of the process. */
  #check(): void {
    const monotonicMs = performance.now();
    const wallMs = Date.now();
    if (Math.abs(this.#anchorMs + monotonicMs - wallMs) > DRIFT_LIMIT_MS) this.#anchorMs = wallMs - monotonicMs;
    this.#checkAtMs = monotonicMs + CHECK_EVERY_MS;
  }

  monotonic(): number {
    return performance.now();
  }
}

export const nodeTimers: Timers = {
  after(delayMs: number, callback: () => void, options: { readonly background?: boolean } = {}): Timer {
    let handle: NodeJS.Timeout | undefined;
    const arm = (remainingMs: number): void => {
      const stepMs = Math.min(remainingMs, MAX_TIMEOUT_MS);
      handle = setTimeout(() => (remainingMs > stepMs ? arm(remainingMs - stepMs) : callback()), stepMs);
      if (options.background === true) handle.unref();
    };
    arm(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },

  endOfTurn(callback: () => void): void {
    setImmediate(callback);
  },

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(new AbortError());
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        timer.cancel();
        reject(new AbortError());
      };
      const timer = nodeTimers.after(delayMs, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  },
};

export const nodeRandom: Random = {
  integer: (limit) => randomInt(limit),
  float: () => {
    const bytes = randomBytes(8);
    return ((bytes.readUInt32LE(0) >>> 5) * 2 ** 26 + (bytes.readUInt32LE(4) >>> 6)) / 2 ** 53;
  },
  hex: (length) =>
    randomBytes(Math.ceil(length / 2))
      .toString("hex")
      .slice(0, length),
};
