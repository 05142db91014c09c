import type { BackoffOptions } from "../net/backoff.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { BookAssembler } from "./book-assembler.ts";

export interface BookHealerOptions {
  readonly runtime: Pick<Runtime, "clock" | "timers" | "random">;
  readonly assembler: BookAssembler;
  readonly backoff: BackoffOptions;
  /** Waits between snapshots for a book that is valid and has few of its levels left. */
  readonly renewalBackoff: BackoffOptions;
  /** A snapshot that was asked for is waited for this long before it is asked for again. */
  snapshotTimeoutMs(): number;
  /**
   * Wait for the first diff where it requests the snapshot; without a diff the snapshot is requested after this time.
   */
  readonly firstDiffTimeoutMs: number;
  /** True where the first snapshot comes by itself after subscribing; else it is requested with the first diff. */
  readonly snapshotComesByItself: boolean;
  /**
   * Gets the book a new snapshot: resubscribes its channel or requests one. `isOverdue`: the one that was to come by
   * itself, or was asked for, has not come in time.
   */
  heal(isOverdue: boolean): void;
  /** Tells that the request that subscribes its channel waits for an answer. */
  isSubscriptionPending(): boolean;
  /** Gives up the snapshot that was asked for. */
  cancelSnapshot(): void;
  onInvalid(reason: string): void;
  onHealed(healMs: number): void;
}
