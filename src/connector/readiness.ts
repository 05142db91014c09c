import { isAbort } from "../model/error.ts";
import type { ConnectorEvents } from "../model/event.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";
import { WakeUp } from "../net/wake-up.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import { TELL_EVERY_MS } from "./tell-if-slow.ts";

export interface ReadinessOptions {
  readonly status: () => Readonly<Record<string, boolean>>;
  readonly events: TypedEmitter<ConnectorEvents>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  /** Progress of the part that takes longest, for the log. */
  progress(): Readonly<Record<string, number>>;
}

/** Interval at which the status is checked: readiness is told this late at most. */
const LOOK_INTERVAL_MS = 50;
/**
 * The same while it is ready, which it is for days: to look took a seventh of the time of a slow market. What ends it most
 * often has a look at once.
 */
const READY_LOOK_INTERVAL_MS = 250;
const ENDS = ["bookInvalid", "gap", "channelRefused", "channelSilent"] as const;

/**
 * The time to wait for readiness where nobody says: with hundreds of markets a venue's limits spread the first questions
 * over half a minute.
 */
export const readyTimeoutMs = (marketCount: number): number => Math.max(30_000, marketCount * 100);

/** Watches the connector's status and tells when it becomes ready and when it stops being so. */
export class Readiness {
  readonly #options: ReadinessOptions;
  #wasReady = false;
  #notReadySinceMs: number | undefined;
  #toldAtMs = 0;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  #missing(): readonly string[] {
    return Object.entries(this.#options.status()).flatMap(([name, isReady]) => (isReady ? [] : [name]));
  }

  /** Runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { events, timers } = this.#options;
    const wakeUp = new WakeUp(timers);
    const stops = ENDS.map((name) => events.on(name, () => wakeUp.wake()));
    try {
      await this.#watch(wakeUp, signal);
    } finally {
      for (const stop of stops) stop();
    }
  }

  async #watch(wakeUp: WakeUp, signal: AbortSignal): Promise<never> {
    const { events, clock, timers } = this.#options;
    for (;;) {
      const missing = this.#missing();
      const isReady = missing.length === 0;
      if (isReady !== this.#wasReady) {
        this.#wasReady = isReady;
        const timestampMs = clock.now();
        if (isReady) events.emit("ready", { timestampMs });
        else events.emit("notReady", { timestampMs, missing });
      }
      this.#tellWait(missing, clock.monotonic());
      if (isReady) await wakeUp.sleep(READY_LOOK_INTERVAL_MS, signal);
      else await timers.sleep(LOOK_INTERVAL_MS, signal);
    }
  }

  /** Logs the parts that are waited for, when it takes long. */
  #tellWait(missing: readonly string[], nowMs: number): void {
    if (missing.length === 0) {
      this.#notReadySinceMs = undefined;
      return;
    }
    if (this.#notReadySinceMs === undefined) {
      this.#notReadySinceMs = nowMs;
      this.#toldAtMs = nowMs;
    }
    if (nowMs - this.#toldAtMs < TELL_EVERY_MS) return;
    this.#toldAtMs = nowMs;
    const waitedMs = Math.round(nowMs - this.#notReadySinceMs);
    const { logger, progress } = this.#options;
    logger.warn("the connector is not ready", { missing: missing.join(", "), waitedMs, ...progress() });
  }

  /** Resolves to undefined when ready, or to what is missing after `timeoutMs`. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<readonly string[] | undefined> {
    const { clock, timers } = this.#options;
    const untilMs = clock.monotonic() + timeoutMs;
    for (;;) {
      const missing = this.#missing();
      if (missing.length === 0) return undefined;
      if (clock.monotonic() >= untilMs) return missing;
      try {
        await timers.sleep(LOOK_INTERVAL_MS, signal);
      } catch (error) {
        if (isAbort(error)) return missing;
        throw error;
      }
    }
  }
}
