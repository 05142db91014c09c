import type { Runtime } from "../runtime/runtime.ts";

/** Venues take nonces up to a day ahead of their time: a clock that was put right by more than this begins a new series. */
const MAX_AHEAD_MS = 12 * 3_600_000;

/** Numbers that only grow, a series for each key, none below the time in milliseconds. */
export class Nonces {
  readonly #last = new Map<string, number>();

  /** Returns a nonce, and never one twice for a key, also where the clock stands still or was set back. */
  next(key: string, nowMs: number): number {
    const last = this.#last.get(key) ?? 0;
    const least = last - nowMs > MAX_AHEAD_MS ? 0 : last + 1;
    const nonce = Math.max(Math.floor(nowMs), least);
    this.#last.set(key, nonce);
    return nonce;
  }
}

const ofThisProcess = new Nonces();
const ofSimulatedProcesses = new WeakMap<object, Nonces>();

/** Nonces that all connectors of a process share. A simulated process has its own: its time is another one. */
export function noncesOf({ clock, isNetworkSimulated }: Pick<Runtime, "clock" | "isNetworkSimulated">): Nonces {
  if (isNetworkSimulated !== true) return ofThisProcess;
  const known = ofSimulatedProcesses.get(clock) ?? new Nonces();
  ofSimulatedProcesses.set(clock, known);
  return known;
}
