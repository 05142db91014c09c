import type { AccountRemainder, ConditionalOrder } from "../model/account-remainder.ts";
import { describeError, isAbort, NotFoundError, PerpwireError } from "../model/error.ts";
import type { VenueOrder } from "../model/order.ts";
import type { Position } from "../model/position.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import type { CancelationResult } from "./order-desk.ts";

/** Open orders of the account, and in words the rows of the venue's list that could not be read. */
export interface OpenOrders {
  readonly orders: readonly VenueOrder[];
  readonly unseen: readonly string[];
}

/** Means of a connector that flattening needs. */
export interface FlattenPorts {
  openOrders(): Promise<OpenOrders>;
  /** True for an order that `cancelAll` cancels. */
  isOurs(order: VenueOrder): boolean;
  cancelAtVenue(order: VenueOrder): Promise<void>;
  /** Every order of this connector. */
  cancelAll(timeoutMs: number): Promise<readonly CancelationResult[]>;
  /** Everything that stands on the account besides open orders and positions on known markets. */
  remainder(): Promise<AccountRemainder>;
  cancelConditional(order: ConditionalOrder): Promise<void>;
  /** Reads the position mode where the list of positions does not tell it. */
  readPositionMode(): Promise<void>;
  /** Reads positions of the whole account; resolves with what was not told of them, in words. */
  readPositions(): Promise<readonly string[]>;
  positions(): readonly Position[];
  /** Reduce-only market orders for the whole position: as many as its market's rules ask for. */
  closePosition(position: Position): readonly InFlightOrder[] | Promise<readonly InFlightOrder[]>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** Closing of one position in one round. */
export interface FlattenClosing {
  readonly position: Position;
  /** Empty where none could be sent. */
  readonly orders: readonly InFlightOrder[];
  /** Reason why it may not be closed. */
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
  /** Reason why a step failed, where one did. */
  readonly problems: readonly string[];
}

/**
 * Pause between two rounds, doubled up to the longest: a round lists the whole account, which weighs over a hundred on
 * Binance.
 */
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 8_000;
/** A round that begins with less time than this could not be answered. */
const MIN_ROUND_MS = 1_500;
/** One order that does not end must not use up the time of everything else. */
const STEP_PATIENCE_MS = 5_000;
/** Cancels of the orders of others under way at a time: none waits for one that hangs, and no queue overflows. */
const LANES = 16;
/** Number of rounds that look again at an unreadable list or an unknown market, once everything else is closed. */
const ROUNDS_OF_LOOKING = 3;

/** Findings of one round at its end, by the venue's own word. */
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
  for (let roundsOfLooking = 0, waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)) {
    const found = await work.round();
    const isDone = work.problems.size === 0 && isAllClosed(found);
    const isFlat = isDone && found.unseen.length === 0 && found.elsewhere.length === 0;
    if (isDone) roundsOfLooking += 1;
    const leftMs = untilMs - clock.monotonic();
    if (isFlat || roundsOfLooking >= ROUNDS_OF_LOOKING || leftMs <= FIRST_WAIT_MS + MIN_ROUND_MS) {
      const { canceled, closings, problems } = work;
      const closingOrders = closings.flatMap(({ orders }) => orders);
      return { isFlat, canceledOrders: canceled.size, closingOrders, closings, ...found, problems: [...problems] };
    }
    await timers.sleep(Math.min(waitMs, leftMs - MIN_ROUND_MS), signal);
  }
}

function isAllClosed({ openOrders, positions, conditionalOrders }: Found): boolean {
  return openOrders.length === 0 && positions.length === 0 && conditionalOrders.length === 0;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const NOT_ANSWERED = "the venue has not answered";

interface Cancel {
  /** Key of one order of one kind on one market: ids alone may be shared. */
  readonly key: string;
  send(): Promise<void>;
}

class FlattenWork {
  /** Orders whose cancel the venue took. */
  readonly canceled = new Set<string>();
  readonly closings: FlattenClosing[] = [];
  /** Problems of the latest round. */
  readonly problems = new Set<string>();
  readonly #canceling = new Map<string, Promise<void>>();
  readonly #ports: FlattenPorts;
  readonly #signal: AbortSignal;
  readonly #leftMs: () => number;
  #rounds = 0;
  /** Open orders as last told, for a round in which the venue does not answer. */
  #openOrders: OpenOrders = { orders: [], unseen: [] };
  #remainder: AccountRemainder = { conditionalOrders: [], elsewhere: [], unseen: [] };
  /** The lists that the last round ended with are what the next one begins with. */
  readonly #isListed = { orders: false, remainder: false, positions: false };

  constructor(ports: FlattenPorts, signal: AbortSignal, leftMs: () => number) {
    this.#ports = ports;
    this.#signal = signal;
    this.#leftMs = leftMs;
  }

  async round(): Promise<Found> {
    const ports = this.#ports;
    this.problems.clear();
    this.#rounds += 1;
    await Promise.all([
      this.#try(() => this.#cancelOurs()),
      this.#try(() => this.#cancelOthers(), STEP_PATIENCE_MS),
      this.#try(() => this.#cancelConditional(), STEP_PATIENCE_MS),
    ]);
    const isListed = this.#isListed.positions;
    if (!isListed || ports.positions().length > 0) {
      await Promise.all([
        this.#try(() => ports.readPositionMode(), STEP_PATIENCE_MS),
        isListed ? undefined : this.#try(() => ports.readPositions(), STEP_PATIENCE_MS),
      ]);
    }
    await Promise.all(ports.positions().map((position) => this.#try(() => this.#close(position), STEP_PATIENCE_MS)));
    // Conditional orders before orders, for one becomes the other; and orders before positions: one that fills between
    // the two answers shows as a position.
    const remainder = await this.#try(() => this.#readRemainder());
    const open = await this.#try(() => this.#readOpenOrders());
    const untold = await this.#try(() => ports.readPositions());
    this.#isListed.remainder = remainder !== undefined;
    this.#isListed.orders = open !== undefined;
    this.#isListed.positions = untold !== undefined;
    const { conditionalOrders, elsewhere } = this.#remainder;
    const unseen = [
      ...(remainder?.unseen ?? [`conditional orders and other markets: ${NOT_ANSWERED}`]),
      ...(open?.unseen ?? [`open orders: ${NOT_ANSWERED}`]),
      ...(untold ?? [`positions: ${NOT_ANSWERED}`]),
    ];
    const openOrders = this.#openOrders.orders;
    return { conditionalOrders, elsewhere, unseen, openOrders, positions: ports.positions() };
  }

  async #readOpenOrders(): Promise<OpenOrders> {
    this.#openOrders = await this.#ports.openOrders();
    return this.#openOrders;
  }

  async #readRemainder(): Promise<AccountRemainder> {
    this.#remainder = await this.#ports.remainder();
    return this.#remainder;
  }

  async #cancelOurs(): Promise<void> {
    for (const { clientOrderId, success, error } of await this.#ports.cancelAll(
      Math.min(STEP_PATIENCE_MS, this.#leftMs()),
    )) {
      // An order of which nobody knows what became of it may still open a position.
      if (success) this.canceled.add(`ours ${clientOrderId}`);
      else this.problems.add(error === undefined ? `order ${clientOrderId} has not ended` : describeError(error));
    }
  }

  async #cancelOthers(): Promise<void> {
    const { orders } = this.#isListed.orders ? this.#openOrders : await this.#readOpenOrders();
    const others = orders.filter((order) => !this.#ports.isOurs(order));
    await this.#cancelEach(
      others.map((order) => ({
        key: `order ${order.tradingPair} ${order.exchangeOrderId}`,
        send: () => this.#ports.cancelAtVenue(order),
      })),
    );
  }

  async #cancelConditional(): Promise<void> {
    const { conditionalOrders } = this.#isListed.remainder ? this.#remainder : await this.#readRemainder();
    await this.#cancelEach(
      conditionalOrders.map((order) => ({
        key: `conditional ${order.symbol} ${order.conditionalOrderId}`,
        send: () => this.#ports.cancelConditional(order),
      })),
    );
  }

  /** Goes on beside its round when that has lost patience, until the next one lists what is left. */
  async #cancelEach(cancels: readonly Cancel[]): Promise<void> {
    const round = this.#rounds;
    const waiting = cancels.values();
    const lane = async (): Promise<void> => {
      for (const cancel of waiting) {
        if (round !== this.#rounds || this.#leftMs() <= 0) return;
        await this.#try(() => this.#cancel(cancel), STEP_PATIENCE_MS);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  /**
   * Sends no second cancel while one is under way, as that of an earlier round may be. One that the venue took and did
   * not carry out is sent again: FTX, Bybit and OKX queue cancels.
   */
  async #cancel({ key, send }: Cancel): Promise<void> {
    const running = this.#canceling.get(key) ?? send().finally(() => this.#canceling.delete(key));
    this.#canceling.set(key, running);
    try {
      await running;
      this.canceled.add(key);
    } catch (error) {
      // Orders may have ended since the list was made.
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  async #close(position: Position): Promise<void> {
    const closing: Mutable<FlattenClosing> = { position, orders: [], problem: "its orders have not ended" };
    this.closings.push(closing);
    try {
      closing.orders = await this.#ports.closePosition(position);
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
