import type { ProtocolFaults } from "./paper-protocol.ts";

/** Interval at which a view is kept, and age of a view that is told as if it were new. */
const EVERY_MS = 250;
const OLD_MS = { least: 300, most: 5_000 };
const MAX_KEPT = 4;

interface Kept<View> {
  readonly view: View;
  readonly keptMs: number;
}

/** Books as they were a moment ago, for snapshots that are older than what was sent since. Nothing is kept without that fault. */
export class PastViews<View> {
  readonly #faults: ProtocolFaults;
  readonly #kept = new Map<string, Kept<View>[]>();

  constructor(faults: ProtocolFaults) {
    this.#faults = faults;
  }

  keep(name: string, nowMs: number, view: () => View): void {
    if (!this.#faults.isOn("staleSnapshot")) return;
    const kept = this.#kept.get(name) ?? [];
    this.#kept.set(name, kept);
    if (nowMs < (kept.at(-1)?.keptMs ?? Number.NEGATIVE_INFINITY) + EVERY_MS) return;
    kept.push({ view: view(), keptMs: nowMs });
    if (kept.length > MAX_KEPT) kept.shift();
  }

  /**
   * Finds an old view for a snapshot to show in the place of the present; undefined where it is to be right, or nothing
   * old is known.
   */
  stale(name: string, nowMs: number): View | undefined {
    if (!this.#faults.happens("staleSnapshot")) return undefined;
    // A view from when the fault was on before can be minutes old.
    const old = this.#kept.get(name)?.findLast(({ keptMs }) => keptMs <= nowMs - OLD_MS.least);
    return old === undefined || old.keptMs < nowMs - OLD_MS.most ? undefined : old.view;
  }

  clear(): void {
    this.#kept.clear();
  }
}
