import type { EngineEvent } from "../../engine/types.ts";

type Liquidated = Extract<EngineEvent, { type: "liquidated" }>;
type Deleveraged = Extract<EngineEvent, { type: "deleveraged" }>;

export type Forced = (Liquidated | Deleveraged) & {
  readonly timeMs: number;
  /** Size of the position that was left, signed. */
  readonly leftSize: bigint;
};

/** Number of rows that are remembered, of all accounts. */
const MAX_ROWS = 10_000;

/** Positions that the venue closed or reduced by force, oldest first. */
export class ForcedLog {
  readonly #rows: Forced[] = [];

  record(events: readonly EngineEvent[], sizeOf: (event: Liquidated | Deleveraged) => bigint, timeMs: number): void {
    for (const event of events) {
      if (event.type === "liquidated" || event.type === "deleveraged") {
        this.#rows.push({ ...event, timeMs, leftSize: sizeOf(event) });
      }
    }
    if (this.#rows.length > MAX_ROWS) this.#rows.splice(0, this.#rows.length - MAX_ROWS);
  }

  /** Lists rows, newest first. */
  rows(isWanted: (row: Forced) => boolean): readonly Forced[] {
    return this.#rows.filter(isWanted).toReversed();
  }
}
