import type { AccountUpdate } from "../model/account-update.ts";
import { isAbort, ProtocolError } from "../model/error.ts";
import { PacedAlarms } from "../net/paced-alarms.ts";
import type { RowSubject, UnreadableRow } from "../net/rows.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { AccountReading } from "./account-reading.ts";
import { DoubtfulOrders } from "./doubtful-orders.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import { RowHolds, type UnreadableRows } from "./unreadable-rows.ts";

export interface RowAlarmsOptions {
  readonly venue: PerpetualVenue;
  readonly context: () => VenueContext;
  readonly unreadable: UnreadableRows;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  /** The order of ours that an unreadable row names. */
  readonly orderOfRow: (row: UnreadableRow) => InFlightOrder | undefined;
  readonly apply: (update: AccountUpdate) => void;
  readonly updateOrderStatus: (order: InFlightOrder, signal: AbortSignal) => Promise<void>;
  /** Balances and positions are read again soon. */
  readonly requestRefresh: () => void;
  readonly requestCatchUp: () => void;
}

/** A catch-up waits this long for a fill, or the status of an order of ours, that cannot be read. */
const ROW_HELD_MS = 60_000;
/** Payments are asked for again from before one that cannot be read for this long. */
const PAYMENT_HELD_MS = 86_400_000;
/**
 * A stream that keeps sending what cannot be read causes a refresh, or a gap, this often at most: what comes sooner is
 * asked about when the time is up.
 */
const ALARM_INTERVAL_MS = 30_000;

/**
 * Consequences of a row that may be ours and cannot be read: the order that it names is looked up alone, everything
 * else is asked for again; for a while, and not for good, because the venue may never say it otherwise.
 */
export class RowAlarms {
  readonly #options: RowAlarmsOptions;
  readonly #doubtfulOrders: DoubtfulOrders;
  readonly #holds: RowHolds;
  readonly #alarms: PacedAlarms<RowSubject>;

  constructor(options: RowAlarmsOptions) {
    this.#options = options;
    const { clock, timers, logger, unreadable } = options;
    this.#alarms = new PacedAlarms({ clock, timers, intervalMs: ALARM_INTERVAL_MS });
    this.#holds = new RowHolds(
      () => clock.monotonic(),
      (row) => unreadable.giveUp(row),
    );
    this.#doubtfulOrders = new DoubtfulOrders({
      timers,
      logger,
      unreadable,
      lookUp: (order, signal) => this.#lookUp(order, signal),
    });
  }

  /** True while an order is being looked up because of a row. */
  get isPending(): boolean {
    return this.#doubtfulOrders.size > 0;
  }

  /** The loop; runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#doubtfulOrders.run(signal);
    } finally {
      this.#alarms.close();
    }
  }

  /** A row of the private stream. */
  onStreamRow(row: UnreadableRow): void {
    const { unreadable, orderOfRow, apply, context, requestRefresh } = this.#options;
    if (!unreadable.report(row)) return;
    const { subject = "other", what: unread } = row;
    const reason = row.isAbsurd === true ? `${unread} cannot be true: ${row.reason}` : `${unread} could not be read`;
    const gap = () => apply({ type: "gap", reason, timestampMs: context().now() });
    if (subject === "order" || subject === "fill") {
      const order = orderOfRow(row);
      if (order === undefined || row.isAbsurd === true) this.#alarms.raise(subject, gap);
      if (order !== undefined) this.#doubtfulOrders.add(order, row);
    } else if (subject === "fundingPayment" || row.isAbsurd === true) this.#alarms.raise(subject, gap);
    else this.#alarms.raise(subject, requestRefresh);
  }

  /**
   * Reason why the fills of a poll are not known yet: the orders of unreadable ones are looked up alone, others waited
   * for.
   */
  async heldByFills(rows: readonly UnreadableRow[], signal: AbortSignal): Promise<unknown> {
    const { unreadable, orderOfRow, requestCatchUp } = this.#options;
    for (const row of rows.filter((each) => unreadable.mayBeOurs(each))) {
      if (!this.#holds.holds(row, ROW_HELD_MS)) continue;
      const order = orderOfRow(row);
      try {
        if (order === undefined) throw new ProtocolError(row.reason);
        await this.#lookUp(order, signal);
      } catch (error) {
        if (isAbort(error)) throw error;
        this.#alarms.raise("fill", requestCatchUp);
        return error;
      }
    }
    return undefined;
  }

  isHeldByPayments(rows: readonly UnreadableRow[]): boolean {
    const ours = rows.filter((row) => this.#options.unreadable.mayBeOurs(row));
    return ours.filter((row) => this.#holds.holds(row, PAYMENT_HELD_MS)).length > 0;
  }

  /** Asks for the status and the fills of one order; rejects while the fills that it claims are not all there. */
  async #lookUp(order: InFlightOrder, signal: AbortSignal): Promise<void> {
    const { venue, context, apply, updateOrderStatus } = this.#options;
    const { clientOrderId } = order;
    await updateOrderStatus(order, signal);
    const reading = new AccountReading(context(), signal);
    const fills = await venue.derivative.allTradeUpdatesForOrder(reading.context, order.reference());
    for (const fill of fills) apply({ ...fill, clientOrderId });
    const isWhole = order.venueExecutedAmount.lte(order.executedAmount);
    if (!isWhole && reading.unread("fill").length > 0)
      throw new ProtocolError(`a fill of order ${clientOrderId} cannot be read`);
  }
}
