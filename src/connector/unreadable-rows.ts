import type { ConnectorEvents } from "../model/event.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";
import { jsonOf } from "../net/json.ts";
import type { UnreadableRow } from "../net/rows.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock } from "../runtime/runtime.ts";

export interface UnreadableRowsOptions {
  readonly events: TypedEmitter<ConnectorEvents>;
  readonly logger: Logger;
  readonly clock: Clock;
  /** True when a row may be about what this connector holds: then it is an alarm. */
  mayBeOurs(row: UnreadableRow): boolean;
}

/** Kinds that are told; a venue that makes up reasons without end is only counted after that. */
const MAX_KINDS_TOLD = 200;
const MAX_KINDS_COUNTED = 200;
const EXCERPT_LENGTH = 300;
const MAX_ROWS_HELD = 1_000;

/** Rows that could not be read: counted by what they were to be, and told once a kind and reason. */
export class UnreadableRows {
  readonly #options: UnreadableRowsOptions;
  readonly #counters = new Map<string, number>();
  readonly #told = new Set<string>();

  constructor(options: UnreadableRowsOptions) {
    this.#options = options;
  }

  /** Counts of rows by what they were to be. */
  get counters(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counters);
  }

  mayBeOurs(row: UnreadableRow): boolean {
    return this.#options.mayBeOurs(row);
  }

  /** Returns whether the row may be ours. */
  report(unreadable: UnreadableRow): boolean {
    const { what, reason, row } = unreadable;
    const { events, logger, clock } = this.#options;
    const known = this.#counters.get(what);
    if (known !== undefined || this.#counters.size < MAX_KINDS_COUNTED) this.#counters.set(what, (known ?? 0) + 1);
    const mayBeOurs = this.mayBeOurs(unreadable);
    const kind = `${what}|${reason}|${mayBeOurs}`;
    if (this.#told.has(kind) || this.#told.size >= MAX_KINDS_TOLD) return mayBeOurs;
    this.#told.add(kind);
    const event = { what, reason, row: rowExcerpt(row), mayBeOurs, timestampMs: clock.now() };
    logger[mayBeOurs ? "error" : "warn"](`${what} could not be read and was left out`, {
      reason,
      row: event.row,
      mayBeOurs,
    });
    events.emit("unreadableRow", event);
    return mayBeOurs;
  }

  /** The venue never told what a row of ours says: what it was about is as far as it was known without it. */
  giveUp({ what, reason, row }: UnreadableRow): void {
    this.#options.logger.error(`${what} may be ours and cannot be read: given up`, { reason, row: rowExcerpt(row) });
  }
}

/** The beginning of a row, as the venue sent it. */
function rowExcerpt(row: unknown): string {
  const text = typeof row === "string" ? row : jsonOf(row);
  return text.length > EXCERPT_LENGTH ? `${text.slice(0, EXCERPT_LENGTH)}...` : text;
}

interface Hold {
  readonly sinceMs: number;
  isOver: boolean;
}

/**
 * Holds of a catch-up for rows that may be ours: until they can be read, or have been listed for so long that they
 * never will be.
 */
export class RowHolds {
  readonly #now: () => number;
  readonly #onOver: (row: UnreadableRow) => void;
  readonly #holds = new Map<string, Hold>();

  /** Monotonic time. */
  constructor(now: () => number, onOver: (row: UnreadableRow) => void) {
    this.#now = now;
    this.#onOver = onOver;
  }

  /** True while it is to be waited for; false for good once that took `longestMs`. */
  holds(row: UnreadableRow, longestMs: number): boolean {
    const key = `${row.what}|${row.clientOrderId ?? ""}|${rowExcerpt(row.row)}`;
    const now = this.#now();
    const hold = this.#holds.get(key) ?? { sinceMs: now, isOver: false };
    this.#holds.delete(key);
    this.#holds.set(key, hold);
    const oldest = this.#holds.keys().next().value;
    if (this.#holds.size > MAX_ROWS_HELD && oldest !== undefined) this.#holds.delete(oldest);
    if (hold.isOver) return false;
    if (now - hold.sinceMs < longestMs) return true;
    hold.isOver = true;
    this.#onOver(row);
    return false;
  }
}
