import type { Fill } from "../model/fill.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock } from "../runtime/runtime.ts";
import type { FillLedger } from "./fill-ledger.ts";
import type { InFlightOrder } from "./in-flight-order.ts";
import type { OrderEventEmitter } from "./order-events.ts";
import type { OrderJournal } from "./order-journal.ts";
import type { ParkableUpdate } from "./parked-updates.ts";
import type { UntoldNews } from "./untold-news.ts";

export interface ClientOrderTrackerOptions {
  readonly clock: Clock;
  /**
   * The venue's time, by which orders are dated: a later process reads their age off it, also when the clock of this one
   * was wrong. Default: the clock's.
   */
  readonly venueNow?: (() => number) | undefined;
  readonly logger: Logger;
  readonly journal: OrderJournal;
  readonly ledger: FillLedger;
  /** Fills and ends that must be told even if this process dies first. Default: one of its own, open at once. */
  readonly untold?: UntoldNews | undefined;
  /** Called once for each fact: created, then fills, then the end. The tracker may be called from inside. */
  readonly emit: OrderEventEmitter;
  /**
   * Every new fill once, inside the unit that counts it: what it writes to the journal is on disk with the fill or not
   * at all. What it returns is called before the fill's event, so that positions are told first. One update can bring
   * several fills: those that waited for their order come with it.
   */
  onFill?(fill: Fill): (() => void) | undefined;
  /** An order whose cancel was remembered has appeared: send the cancel now. */
  onCancelDue?(order: InFlightOrder): void;
  /** An order is new, was restored or has changed; called before its change is journalled. */
  onOrderChanged?(order: InFlightOrder): void;
  /** An update that named no order of ours was dropped because too many wait: treat it as a gap. */
  onParkedOverflow?(update: ParkableUpdate): void;
  /** An amend makes a new order, with an id of its own. Default true. */
  readonly amendsReplace?: boolean | undefined;
  /** Tells that the process has ended: handles of orders tell nothing then. Default: it has not. */
  readonly isEnded?: (() => boolean) | undefined;
  /** Time for which ended orders are kept for late fills. Default 10 minutes. */
  readonly doneOrderRetentionMs?: number | undefined;
  /** Default 1,000. */
  readonly maxDoneOrders?: number | undefined;
  /** Default 10,000. */
  readonly maxParkedUpdates?: number | undefined;
  /** Fills kept for replay by `fills()`, for each order. Default 10,000. */
  readonly maxFillsKept?: number | undefined;
  /** Time for which the venue's claim may be ahead of the fills before they are fetched. Default 2 seconds. */
  readonly fillsGraceMs?: number | undefined;
}

/**
 * Effect of an update. `external`: it is not about an order of ours. `parked`: it may be, see `takeParked`.
 * `contradicted`: a poll lists an order as open that has ended; it changed nothing and must be looked at again.
 */
export type ApplyEffect =
  | { readonly kind: "contradicted"; readonly order: InFlightOrder; readonly lookFromMs: number }
  | { readonly kind: "applied"; readonly order: InFlightOrder }
  | { readonly kind: "unchanged"; readonly order: InFlightOrder | undefined }
  | { readonly kind: "parked" }
  | { readonly kind: "external" };

/** Decision on sending a cancel now. `remembered`: it is sent as soon as the order appears. */
export type CancelDecision = "send" | "remembered" | "underWay" | "ended";

export const DEFAULT_DONE_RETENTION_MS = 10 * 60_000;
export const DEFAULT_MAX_DONE_ORDERS = 1_000;
/** Ended orders beyond the most are forgotten in pieces of about this many: one by one would cost a write each. */
export const PRUNED_AT_ONCE = 32;
export const DEFAULT_MAX_PARKED = 10_000;
export const DEFAULT_MAX_FILLS_KEPT = 10_000;
export const DEFAULT_FILLS_GRACE_MS = 2_000;
