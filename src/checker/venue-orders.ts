import { type Amount, amount, canonical, plus, sum, text } from "./amount.ts";
import type { HistoryLine, VenueOrderLine } from "./history.ts";
import type { VenueNames } from "./names.ts";

export interface VenueTerms {
  readonly price: string;
  readonly size: Amount;
  /** Executed amount of the orders that amends replaced by this one. */
  readonly before: Amount;
}

export interface VenueOrderState {
  /** Numbers of the engine that rest: on FTX an amended order has had several. */
  readonly open: Set<number>;
  /** All terms that it rested at, by `amount at price` of all of it and the number of the engine. */
  readonly terms: Map<string, VenueTerms>;
  /** Executed amounts by number of the engine. */
  readonly executed: Map<number, Amount>;
}

export function termsText({ price, size, before }: VenueTerms): string {
  return `${text(plus(size, before))} at ${price}`;
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

  #onOrder({ what, orderId, clientId, price, size, filled }: VenueOrderLine, id: string): void {
    const order = this.#orders.get(id) ?? { open: new Set(), terms: new Map(), executed: new Map() };
    this.#orders.set(id, order);
    if (what === "closed") order.open.delete(orderId);
    else if (what !== "accepted") order.open.add(orderId);
    order.executed.set(orderId, amount(filled));
    // An order that an amend was to make and the venue refused never had terms.
    const isRefused = amount(filled).units === 0n && (what === "accepted" || what === "closed");
    if (price === null || (clientId !== id && isRefused)) return;
    const before = sum([...order.executed].filter(([other]) => other !== orderId).map(([, executed]) => executed));
    const terms = { price: canonical(price), size: amount(size), before };
    order.terms.set(`${termsText(terms)} ${orderId}`, terms);
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
