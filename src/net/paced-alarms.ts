import type { Clock, Timer, Timers } from "../runtime/runtime.ts";

export interface PacedAlarmsOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly intervalMs: number;
  /** Alarms of one key within the interval that are raised at once. Default 1. */
  readonly atOnce?: number | undefined;
}

interface Pace {
  sinceMs: number;
  raised: number;
  postponed: Timer | undefined;
}

/**
 * Alarms that a venue may cause as often as it likes: a few in an interval are raised at once, and what comes sooner is
 * one alarm when the interval is over. None is dropped.
 */
export class PacedAlarms<Key> {
  readonly #options: PacedAlarmsOptions;
  readonly #paces = new Map<Key, Pace>();

  constructor(options: PacedAlarmsOptions) {
    this.#options = options;
  }

  raise(key: Key, alarm: () => void): void {
    const { clock, timers, intervalMs, atOnce = 1 } = this.#options;
    const nowMs = clock.monotonic();
    const pace = this.#paceOf(key);
    if (pace.postponed !== undefined) return;
    if (nowMs - pace.sinceMs >= intervalMs) this.#begin(pace);
    if (pace.raised < atOnce) {
      pace.raised += 1;
      alarm();
      return;
    }
    const later = (): void => {
      this.#begin(pace);
      pace.raised = 1;
      alarm();
    };
    pace.postponed = timers.after(pace.sinceMs + intervalMs - nowMs, later, { background: true });
  }

  /** Drops what was put off. */
  close(): void {
    for (const { postponed } of this.#paces.values()) postponed?.cancel();
    this.#paces.clear();
  }

  #paceOf(key: Key): Pace {
    const known = this.#paces.get(key);
    if (known !== undefined) return known;
    const pace = { sinceMs: Number.NEGATIVE_INFINITY, raised: 0, postponed: undefined };
    this.#paces.set(key, pace);
    return pace;
  }

  #begin(pace: Pace): void {
    pace.sinceMs = this.#options.clock.monotonic();
    pace.raised = 0;
    pace.postponed = undefined;
  }
}
