import type { TradingPair } from "../model/market.ts";
import type { VenueOrder } from "../model/order.ts";
import type { InFlightOrder } from "./in-flight-order.ts";
import type { OrderRecord } from "./order-record.ts";
import type { TrackedOrders } from "./tracked-orders.ts";
import { type ClientOrderTrackerOptions, DEFAULT_FILLS_GRACE_MS } from "./tracker-options.ts";
import type { TrackerParts } from "./tracker-parts.ts";

/** Lookups of the orders that are tracked. They change nothing. */
export class OrderLookup {
  readonly #orders: TrackedOrders;
  readonly #options: ClientOrderTrackerOptions;

  constructor({ orders, options }: TrackerParts) {
    this.#orders = orders;
    this.#options = options;
  }

  orderByClientId(clientOrderId: string): InFlightOrder | undefined {
    return this.#orders.find(clientOrderId)?.order;
  }

  orderByExchangeId(tradingPair: TradingPair, exchangeOrderId: string): InFlightOrder | undefined {
    return this.#orders.findByExchangeId(tradingPair, exchangeOrderId)?.order;
  }

  /** True for an order of ours that has not ended. */
  isTracked({ tradingPair, clientOrderId = "", exchangeOrderId }: VenueOrder): boolean {
    const order = this.orderByExchangeId(tradingPair, exchangeOrderId) ?? this.orderByClientId(clientOrderId);
    return order?.isDone === false;
  }

  /** Orders that have not ended, the lost ones apart. */
  get activeOrders(): InFlightOrder[] {
    return this.#orders.selectLive((record) => record.doubt !== "lost");
  }

  /** Orders of `activeOrders` that the venue may know: all but the ones whose creation has no answer yet. */
  get listableOrders(): InFlightOrder[] {
    return this.#orders.selectLive(({ doubt, exists }) => (exists || doubt !== undefined) && doubt !== "lost");
  }

  /** Orders of `activeOrders` that do more than rest: on their way in or out, in doubt, or with something due. */
  get unquietOrders(): InFlightOrder[] {
    return this.#orders.selectUnquiet((record) => record.doubt !== "lost");
  }

  /** The next `limit` orders that have not ended, round and round; all of them where there are no more. */
  takeTurns(limit: number): InFlightOrder[] {
    return this.#orders.takeTurns(limit);
  }

  get liveCount(): number {
    return this.#orders.liveCount;
  }

  get unknownOrders(): InFlightOrder[] {
    return this.#orders.selectUnquiet((record) => record.doubt === "unknown");
  }

  get lostOrders(): InFlightOrder[] {
    return this.#orders.selectUnquiet((record) => record.doubt === "lost");
  }

  /** Ended orders within their retention. */
  get doneOrders(): InFlightOrder[] {
    return this.#orders.selectDone(() => true);
  }

  /** Age since its creation in this process, monotonic; undefined for an order of an earlier process. */
  ageMs(clientOrderId: string): number | undefined {
    const createdMs = this.#orders.find(clientOrderId)?.record.since.created;
    return createdMs === undefined ? undefined : this.#options.clock.monotonic() - createdMs;
  }

  /**
   * Orders that the venue should have told something of for this long: their end, that of a replaced leg, their state.
   */
  ordersOverdue(forMs: number): InFlightOrder[] {
    const before = this.#options.clock.monotonic() - forMs;
    const isDue = (sinceMs: number | undefined): boolean => sinceMs !== undefined && sinceMs <= before;
    return this.#orders.selectUnquiet(
      ({ since }) => isDue(since.endDue) || isDue(since.legDue) || isDue(since.unlisted),
    );
  }

  /** Orders whose fills have been behind the venue's claim for too long: fetch their fills. */
  ordersMissingFills(): InFlightOrder[] {
    const before = this.#options.clock.monotonic() - (this.#options.fillsGraceMs ?? DEFAULT_FILLS_GRACE_MS);
    const isLate = ({ since }: OrderRecord) => since.fillsMissing !== undefined && since.fillsMissing <= before;
    return [...this.#orders.selectUnquiet(isLate), ...this.#orders.selectDone(isLate)];
  }
}
