import { isAbort } from "../model/error.ts";
import type { ConnectorEvents } from "../model/event.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";

export interface ReadinessOptions {
  readonly statusDict: () => Readonly<Record<string, boolean>>;
  readonly events: TypedEmitter<ConnectorEvents>;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** How often the status is looked at: a change is reported this late at most. */
const LOOK_INTERVAL_MS = 50;

/** Watches the connector's status and tells when it becomes ready and when it stops being so. */
export class Readiness {
  readonly #options: ReadinessOptions;
  #wasReady = false;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  #missing(): readonly string[] {
    return Object.entries(this.#options.statusDict()).flatMap(([name, isReady]) => (isReady ? [] : [name]));
  }

  /** Runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
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
      await timers.sleep(LOOK_INTERVAL_MS, signal);
    }
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
