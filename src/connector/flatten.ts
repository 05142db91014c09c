import type { AccountRemainder, ConditionalOrder } from "../model/account-remainder.ts";
import { describeError, isAbort, NotFoundError, PerpwireError } from "../model/error.ts";
import type { VenueOrder } from "../model/order.ts";
import type { Position } from "../model/position.ts";
import type { Logger } from "../net/logger.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";

/** Result of one cancel. */
export interface FlattenCancel {
  readonly clientOrderId: string;
  readonly exchangeOrderId?: string | undefined;
  /** True when the order has ended. */
  readonly success: boolean;
  readonly error?: PerpwireError | undefined;
}

/** Open orders of the account, and in words the rows of the venue's list that could not be read. */
export interface OpenOrders {
  readonly orders: readonly VenueOrder[];
  readonly unseen: readonly string[];
}

/** Means of a connector that flattening needs. */
export interface FlattenPorts {
  openOrders(): Promise<OpenOrders>;
  cancelAtVenue(order: VenueOrder): Promise<void>;
  /** Every order of this connector. */
  cancelAll(timeoutMs: number): Promise<readonly FlattenCancel[]>;
  /** Everything that stands on the account besides open orders and positions on known markets. */
  remainder(): Promise<AccountRemainder>;
  /** Rows of the venue's list of positions that cannot be read, in words. */
  unseenPositions(): Promise<readonly string[]>;
  cancelConditional(order: ConditionalOrder): Promise<void>;
  /** Reads position mode, orders, fills, balances and positions of the whole account. */
  refresh(): Promise<void>;
  positions(): readonly Position[];
  /** Reduce-only market orders for the whole position: as many as its market's rules ask for. */
  closePosition(position: Position): readonly InFlightOrder[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** Closing of one position in one round. */
export interface FlattenClosing {
  readonly position: Position;
  /** Empty where none could be sent. */
  readonly orders: readonly InFlightOrder[];
  /** Why it may not be closed. */
  readonly problem?: string | undefined;
}

/** Work that was done and, by the venue's own word afterwards, what is left: nothing when `isFlat`. */
export interface FlattenReport {
  /** True only where all of the account was seen and nothing was left. */
  readonly isFlat: boolean;
  /** Conditional ones are counted too. */
  readonly canceledOrders: number;
  readonly closingOrders: readonly InFlightOrder[];
  /** Position by position, oldest first; one that took several rounds has several. */
  readonly closings: readonly FlattenClosing[];
  readonly openOrders: readonly VenueOrder[];
  readonly conditionalOrders: readonly ConditionalOrder[];
  readonly positions: readonly Position[];
  /** Orders and positions on markets that the connector does not know, in words: they are not touched. */
  readonly elsewhere: readonly string[];
  /** Parts of the account that the venue did not show, with the reason. */
  readonly unseen: readonly string[];
  /** Why a step failed, where one did. */
  readonly problems: readonly string[];
}

const ROUND_WAIT_MS = 500;
/** One order that does not end must not use up the time of everything else. */
const STEP_PATIENCE_MS = 5_000;
/** Cancels of the orders of others under way at a time: none waits for one that hangs, and no queue overflows. */
const LANES = 16;
/**
 * A list that cannot be read, or a market that is not known, is looked at in so many rounds when nothing else is left.
 */
const ROUNDS_OF_LOOKING = 3;

/** What one round found at its end, by the venue's own word. */
type Found = Pick<FlattenReport, "openOrders" | "positions"> & AccountRemainder;

/**
 * Cancels every order of the account, conditional ones too, closes every position with reduce-only market orders, and
 * asks the venue what is left; again and again until nothing is, or the time is over. What fails is tried again in the
 * next round and keeps nothing else from being done.
 */
export async function flatten(ports: FlattenPorts, timeoutMs: number, signal: AbortSignal): Promise<FlattenReport> {
  const { clock, timers } = ports;
  const untilMs = clock.monotonic() + timeoutMs;
  const work = new FlattenWork(ports, signal, () => Math.max(0, untilMs - clock.monotonic()));
  for (let roundsOfLooking = 0; ; ) {
    const found = await work.round();
    const isDone = work.problems.size === 0 && isAllClosed(found);
    const isFlat = isDone && found.unseen.length === 0 && found.elsewhere.length === 0;
    if (isDone) roundsOfLooking += 1;
    // A round without time to wait for its answers would do more than it can report.
    if (isFlat || roundsOfLooking >= ROUNDS_OF_LOOKING || untilMs - clock.monotonic() <= ROUND_WAIT_MS) {
      const { canceled, closings, problems } = work;
      const closingOrders = closings.flatMap(({ orders }) => orders);
      return { isFlat, canceledOrders: canceled.size, closingOrders, closings, ...found, problems: [...problems] };
    }
    await timers.sleep(ROUND_WAIT_MS, signal);
  }
}

function isAllClosed({ openOrders, positions, conditionalOrders }: Found): boolean {
  return openOrders.length === 0 && positions.length === 0 && conditionalOrders.length === 0;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const NOT_LOOKED_AT: AccountRemainder = {
  conditionalOrders: [],
  elsewhere: [],
  unseen: ["conditional orders and other markets: the venue has not answered"],
};
const NO_ORDERS_SEEN: OpenOrders = { orders: [], unseen: ["open orders: the venue has not answered"] };
const NO_POSITIONS_SEEN = ["positions: the venue has not answered"];

interface Cancel {
  /** Of an order, or of a conditional one. */
  readonly id: string;
  send(): Promise<void>;
}

class FlattenWork {
  /** Exchange ids, or client ids of orders that never had one. */
  readonly canceled = new Set<string>();
  readonly closings: FlattenClosing[] = [];
  /** Of the latest round. */
  readonly problems = new Set<string>();
  readonly #canceling = new Map<string, Promise<void>>();
  readonly #ports: FlattenPorts;
  readonly #signal: AbortSignal;
  readonly #leftMs: () => number;

  constructor(ports: FlattenPorts, signal: AbortSignal, leftMs: () => number) {
    this.#ports = ports;
    this.#signal = signal;
    this.#leftMs = leftMs;
  }

  async round(): Promise<Found> {
    const ports = this.#ports;
    this.problems.clear();
    await Promise.all([
      this.#try(() => this.#cancelOurs()),
      this.#try(() => this.#cancelOthers(), STEP_PATIENCE_MS),
      this.#try(() => this.#cancelConditional(), STEP_PATIENCE_MS),
    ]);
    await this.#try(() => ports.refresh());
    await Promise.all(ports.positions().map((position) => this.#try(() => this.#close(position), STEP_PATIENCE_MS)));
    // Conditional orders before orders, for one becomes the other; and orders before positions: one that fills between
    // the two answers shows as a position.
    const remainder = (await this.#try(() => ports.remainder())) ?? NOT_LOOKED_AT;
    const { orders, unseen } = (await this.#try(() => ports.openOrders())) ?? NO_ORDERS_SEEN;
    await this.#try(() => ports.refresh());
    const unseenPositions = (await this.#try(() => ports.unseenPositions())) ?? NO_POSITIONS_SEEN;
    const allUnseen = [...remainder.unseen, ...unseen, ...unseenPositions];
    return { ...remainder, unseen: allUnseen, openOrders: orders, positions: ports.positions() };
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
    const { orders } = await this.#ports.openOrders();
    await this.#cancelEach(
      orders.map((order) => ({ id: order.exchangeOrderId, send: () => this.#ports.cancelAtVenue(order) })),
    );
  }

  async #cancelConditional(): Promise<void> {
    const { conditionalOrders } = await this.#ports.remainder();
    await this.#cancelEach(
      conditionalOrders.map((order) => ({
        id: order.conditionalOrderId,
        send: () => this.#ports.cancelConditional(order),
      })),
    );
  }

  /** Goes on beside its round when that has lost patience, for as long as there is time. */
  async #cancelEach(cancels: readonly Cancel[]): Promise<void> {
    const waiting = cancels.values();
    const lane = async (): Promise<void> => {
      for (const cancel of waiting) {
        if (this.#leftMs() > 0) await this.#try(() => this.#cancel(cancel), STEP_PATIENCE_MS);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  /** Sends no second cancel while one is under way, as that of an earlier round may be. */
  async #cancel({ id, send }: Cancel): Promise<void> {
    if (this.canceled.has(id)) return;
    const running = this.#canceling.get(id) ?? send().finally(() => this.#canceling.delete(id));
    this.#canceling.set(id, running);
    try {
      await running;
      this.canceled.add(id);
    } catch (error) {
      // It may have ended since the list was made.
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  async #close(position: Position): Promise<void> {
    const closing: Mutable<FlattenClosing> = { position, orders: [], problem: "its orders have not ended" };
    this.closings.push(closing);
    try {
      closing.orders = this.#ports.closePosition(position);
      const results = await Promise.all(closing.orders.map((order) => order.done));
      for (const result of results) if (!result.ok) throw result.error;
      closing.problem = undefined;
    } catch (error) {
      closing.problem = describeError(error);
      throw error;
    }
  }

  /**
   * Does one step; undefined where it failed. One that takes longer than its patience, or than there is time for, is left
   * to itself: its round goes on.
   */
  async #try<T>(work: () => Promise<T>, patienceMs = Number.POSITIVE_INFINITY): Promise<T | undefined> {
    const { timers, logger } = this.#ports;
    const forMs = Math.min(patienceMs, this.#leftMs());
    const patience = new AbortController();
    const impatience = timers.sleep(forMs, AbortSignal.any([patience.signal, this.#signal])).then(() => {
      throw new PerpwireError(`the venue has not answered within ${Math.round(forMs)} ms`);
    });
    try {
      return await Promise.race([work(), impatience]);
    } catch (error) {
      if (isAbort(error) || this.#signal.aborted) throw error;
      this.problems.add(describeError(error));
      logger.warn("a step of flattening failed", { error: describeError(error) });
      return undefined;
    } finally {
      patience.abort();
    }
  }
}
