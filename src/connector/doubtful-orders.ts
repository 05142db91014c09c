import { describeError, isAbort } from "../model/error.ts";
import type { UnreadableRow } from "../net/rows.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Timers } from "../runtime/runtime.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { Refresher } from "./refresher.ts";
import type { UnreadableRows } from "./unreadable-rows.ts";

export interface DoubtfulOrdersOptions {
  readonly timers: Timers;
  readonly logger: Logger;
  readonly unreadable: UnreadableRows;
  /** Asks for the status and the fills of one order and takes them; rejects while they are not whole. */
  lookUp(order: InFlightOrder, signal: AbortSignal): Promise<void>;
}

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 16_000;
const MAX_ATTEMPTS = 7;

interface Doubt {
  readonly order: InFlightOrder;
  readonly row: UnreadableRow;
  attempts: number;
}

/**
 * Orders of ours of which the private stream told something that could not be read: each is looked up alone, its status and
 * its fills, a bounded number of times.
 */
export class DoubtfulOrders {
  readonly #options: DoubtfulOrdersOptions;
  readonly #doubts = new Map<string, Doubt>();
  readonly #refresher: Refresher;

  constructor(options: DoubtfulOrdersOptions) {
    this.#options = options;
    this.#refresher = new Refresher({
      name: "the look-up of orders with unreadable rows",
      delayMs: 0,
      firstRetryMs: FIRST_RETRY_MS,
      longestRetryMs: MAX_RETRY_MS,
      timers: options.timers,
      logger: options.logger,
      refresh: (signal) => this.#lookUpAll(signal),
    });
  }

  get size(): number {
    return this.#doubts.size;
  }

  add(order: InFlightOrder, row: UnreadableRow): void {
    this.#doubts.set(order.clientOrderId, { order, row, attempts: 0 });
    this.#refresher.request();
  }

  /** The loop; runs until aborted. */
  run(signal: AbortSignal): Promise<void> {
    return this.#refresher.run(signal);
  }

  async #lookUpAll(signal: AbortSignal): Promise<void> {
    const failures: unknown[] = [];
    for (const doubt of [...this.#doubts.values()]) {
      const failure = await this.#lookUp(doubt, signal);
      if (failure !== undefined) failures.push(failure);
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Returns the failure where it is to be tried again. */
  async #lookUp(doubt: Doubt, signal: AbortSignal): Promise<unknown> {
    const { order, row } = doubt;
    const { lookUp, unreadable, logger } = this.#options;
    const { clientOrderId } = order;
    try {
      await lookUp(order, signal);
    } catch (error) {
      if (isAbort(error)) throw error;
      doubt.attempts += 1;
      if (doubt.attempts < MAX_ATTEMPTS) return error;
      unreadable.giveUp(row);
      logger.error("an order with an unreadable row could not be looked up", {
        clientOrderId,
        error: describeError(error),
      });
    }
    // A row that came meanwhile is a doubt of its own.
    if (this.#doubts.get(clientOrderId) === doubt) this.#doubts.delete(clientOrderId);
    return undefined;
  }
}
