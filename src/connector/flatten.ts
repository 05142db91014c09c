import { describeError, isAbort, NotFoundError, PerpwireError } from "../model/error.ts";
import type { VenueOrder } from "../model/order.ts";
import type { Position } from "../model/position.ts";
import type { Logger } from "../net/logger.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";

/** What became of one cancel. */
export interface FlattenCancel {
  readonly clientOrderId: string;
  readonly exchangeOrderId?: string | undefined;
  /** True when the order has ended. */
  readonly success: boolean;
  readonly error?: PerpwireError | undefined;
}

/** What flattening needs of a connector. */
export interface FlattenPorts {
  openOrders(): Promise<readonly VenueOrder[]>;
  cancelAtVenue(order: VenueOrder): Promise<void>;
  /** Every order of this connector. */
  cancelAll(timeoutMs: number): Promise<readonly FlattenCancel[]>;
  refresh(): Promise<void>;
  positions(): readonly Position[];
  /** Reduce-only market orders for the whole position: as many as its market's rules ask for. */
  closePosition(position: Position): readonly InFlightOrder[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** What was done and, by the venue's own word afterwards, what is left: nothing when `isFlat`. */
export interface FlattenReport {
  readonly isFlat: boolean;
  readonly canceledOrders: number;
  readonly closingOrders: readonly InFlightOrder[];
  readonly openOrders: readonly VenueOrder[];
  readonly positions: readonly Position[];
  /** Why a step failed, where one did. */
  readonly problems: readonly string[];
}

const ROUND_WAIT_MS = 500;
/** One order that does not end must not use up the time of everything else. */
const STEP_PATIENCE_MS = 5_000;

/** What one round found at its end, by the venue's own word. */
interface Remainder {
  readonly openOrders: readonly VenueOrder[];
  readonly positions: readonly Position[];
}

/**
 * Cancels every order of the account, closes every position with reduce-only market orders, and asks the venue what is
 * left; again and again until nothing is, or the time is over. What fails is tried again in the next round and keeps
 * nothing else from being done.
 */
export async function flatten(ports: FlattenPorts, timeoutMs: number, signal: AbortSignal): Promise<FlattenReport> {
  const { clock, timers } = ports;
  const untilMs = clock.monotonic() + timeoutMs;
  const work = new FlattenWork(ports, signal, () => Math.max(0, untilMs - clock.monotonic()));
  for (;;) {
    const { openOrders, positions } = await work.round();
    const isFlat = work.problems.size === 0 && openOrders.length === 0 && positions.length === 0;
    // A round without time to wait for its answers would do more than it can report.
    if (isFlat || untilMs - clock.monotonic() <= ROUND_WAIT_MS) {
      const { canceled, closingOrders, problems } = work;
      return { isFlat, canceledOrders: canceled.size, closingOrders, openOrders, positions, problems: [...problems] };
    }
    await timers.sleep(ROUND_WAIT_MS, signal);
  }
}

class FlattenWork {
  /** Exchange ids, or client ids of orders that never had one. */
  readonly canceled = new Set<string>();
  readonly closingOrders: InFlightOrder[] = [];
  /** Of the latest round. */
  readonly problems = new Set<string>();
  readonly #ports: FlattenPorts;
  readonly #signal: AbortSignal;
  readonly #leftMs: () => number;

  constructor(ports: FlattenPorts, signal: AbortSignal, leftMs: () => number) {
    this.#ports = ports;
    this.#signal = signal;
    this.#leftMs = leftMs;
  }

  async round(): Promise<Remainder> {
    const ports = this.#ports;
    this.problems.clear();
    await this.#step(() => this.#cancelOurs());
    await this.#step(() => this.#cancelOthers());
    await this.#step(() => ports.refresh());
    for (const position of ports.positions()) await this.#step(() => this.#close(position), STEP_PATIENCE_MS);
    let openOrders: readonly VenueOrder[] = [];
    // Orders before positions: one that fills between the two answers shows as a position.
    await this.#step(async () => {
      openOrders = await ports.openOrders();
    });
    await this.#step(() => ports.refresh());
    return { openOrders, positions: ports.positions() };
  }

  async #cancelOurs(): Promise<void> {
    for (const { clientOrderId, exchangeOrderId, success, error } of await this.#ports.cancelAll(
      Math.min(STEP_PATIENCE_MS, this.#leftMs()),
    )) {
      // An order of which nobody knows what became of it may still open a position.
      if (success) this.canceled.add(exchangeOrderId ?? clientOrderId);
      else this.problems.add(error === undefined ? `order ${clientOrderId} has not ended` : describeError(error));
    }
  }

  async #cancelOthers(): Promise<void> {
    for (const order of await this.#ports.openOrders()) {
      await this.#step(async () => {
        try {
          await this.#ports.cancelAtVenue(order);
          this.canceled.add(order.exchangeOrderId);
        } catch (error) {
          // It may have ended since the list was made.
          if (!(error instanceof NotFoundError)) throw error;
        }
      });
    }
  }

  async #close(position: Position): Promise<void> {
    const orders = this.#ports.closePosition(position);
    this.closingOrders.push(...orders);
    for (const result of await Promise.all(orders.map((order) => order.done))) if (!result.ok) throw result.error;
  }

  /** A step that takes longer than its patience, or than there is time for, is left to itself: its round goes on. */
  async #step(work: () => Promise<void>, patienceMs = Number.POSITIVE_INFINITY): Promise<void> {
    const { timers, logger } = this.#ports;
    const forMs = Math.min(patienceMs, this.#leftMs());
    const patience = new AbortController();
    const impatience = timers.sleep(forMs, AbortSignal.any([patience.signal, this.#signal])).then(() => {
      throw new PerpwireError(`the venue has not answered within ${Math.round(forMs)} ms`);
    });
    try {
      await Promise.race([work(), impatience]);
    } catch (error) {
      if (isAbort(error) || this.#signal.aborted) throw error;
      this.problems.add(describeError(error));
      logger.warn("a step of flattening failed", { error: describeError(error) });
    } finally {
      patience.abort();
    }
  }
}
