import type { EngineEvent } from "../../engine/types.ts";

export type MarginChange = Extract<EngineEvent, { type: "isolatedMarginAdjusted" }> & { readonly timeMs: number };

const MAX_KEPT = 1_000;

/** Margin that was moved into and out of isolated positions. */
export class MarginLog {
  readonly #changes = new Map<string, MarginChange[]>();

  onEvents(events: readonly EngineEvent[], nowMs: number): void {
    for (const event of events) {
      if (event.type !== "isolatedMarginAdjusted") continue;
      const changes = this.#changes.get(event.accountId) ?? [];
      this.#changes.set(event.accountId, changes);
      changes.push({ ...event, timeMs: nowMs });
      if (changes.length > MAX_KEPT) changes.shift();
    }
  }

  /** Oldest first. */
  of(accountId: string, market: string): readonly MarginChange[] {
    return (this.#changes.get(accountId) ?? []).filter((change) => change.market === market);
  }
}
