import { describeError } from "../model/error.ts";
import { PacedAlarms } from "../net/paced-alarms.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";

export interface MessageFaultsOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly onGap: (reason: string) => void;
}

const INTERVAL_MS = 30_000;
const GAPS_AT_ONCE = 3;
const LINES_AT_ONCE = 20;
/** Frames of a new kind may come every second for as long as a version of ours does not know them. */
const UNKNOWN_INTERVAL_MS = 60_000;

/**
 * Private messages that could not be taken: each may have held a fact, so that the venue is asked. Every gap is a
 * catch-up of several requests: a stream of nothing but unreadable messages had a hundred of them sent a second.
 */
export class MessageFaults {
  readonly #options: MessageFaultsOptions;
  readonly #gaps: PacedAlarms<string>;
  readonly #unknown: PacedAlarms<string>;
  readonly #lines: PacedAlarms<string>;

  constructor(options: MessageFaultsOptions) {
    this.#options = options;
    const { clock, timers } = options;
    this.#gaps = new PacedAlarms({ clock, timers, intervalMs: INTERVAL_MS, atOnce: GAPS_AT_ONCE });
    this.#unknown = new PacedAlarms({ clock, timers, intervalMs: UNKNOWN_INTERVAL_MS });
    this.#lines = new PacedAlarms({ clock, timers, intervalMs: INTERVAL_MS, atOnce: LINES_AT_ONCE });
  }

  unreadable(reason: string): void {
    this.#log("error", "a private message could not be read", { error: reason });
    this.#gap(this.#gaps, "unreadable", `unreadable message: ${reason}`);
  }

  unknown(): void {
    this.#log("warn", "a private message of an unknown kind was dropped");
    this.#gap(this.#unknown, "unknown", "message of an unknown kind");
  }

  ofVenue(): void {
    this.#log("error", "the venue sent an error on the private stream");
    this.#gap(this.#gaps, "venue", "error message of the venue");
  }

  notApplied(type: string, error: unknown): void {
    this.#log("error", "an account update could not be applied", { type, error: describeError(error) });
    this.#gap(this.#gaps, `apply ${type}`, `an update of type ${type} could not be applied`);
  }

  /** The listening has ended: nothing is told any more. */
  close(): void {
    for (const alarms of [this.#gaps, this.#unknown, this.#lines]) alarms.close();
  }

  #gap(alarms: PacedAlarms<string>, key: string, reason: string): void {
    alarms.raise(key, () => this.#options.onGap(reason));
  }

  #log(level: "warn" | "error", message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#lines.raise(message, () => this.#options.logger[level](message, fields));
  }
}
