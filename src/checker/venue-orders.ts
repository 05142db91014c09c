import type { HistoryLine, VenueOrderLine } from "./history.ts";
import type { VenueNames } from "./names.ts";

export interface VenueOrderState {
  /** Numbers of the engine that rest: on FTX an amended order has had several. */
  readonly open: Set<number>;
  /** All terms that it rested at, as `amount at price`. */
  readonly terms: Set<string>;
}

/** Orders with a client id as the engine has them, by the id of the whole order. */
export class VenueOrders {
  readonly #names: VenueNames;
  readonly #orders = new Map<string, VenueOrderState>();
  /** True where the history has the engine's own lines. */
  isKnown = false;

  constructor(names: VenueNames) {
    this.#names = names;
  }

  line(line: HistoryLine): void {
    if (line.kind !== "venue") return;
    this.isKnown = true;
    if (line.type === "order" && line.clientId !== null) this.#onOrder(line, this.#names.wholeId(line.clientId));
  }

  #onOrder({ what, orderId, price, size }: VenueOrderLine, id: string): void {
    const order = this.#orders.get(id) ?? { open: new Set(), terms: new Set() };
    this.#orders.set(id, order);
    if (what === "closed") order.open.delete(orderId);
    else if (what !== "accepted") order.open.add(orderId);
    if (price !== null) order.terms.add(`${size} at ${price}`);
  }

  find(id: string): VenueOrderState | undefined {
    return this.#orders.get(id);
  }

  /** Ids of the orders that rest now. */
  openIds(): readonly string[] {
    return [...this.#orders].filter(([, { open }]) => open.size > 0).map(([id]) => id);
  }

  openCount(isCounted: (id: string) => boolean): number {
    let count = 0;
    for (const [id, { open }] of this.#orders) if (open.size > 0 && isCounted(id)) count += open.size;
    return count;
  }
}
