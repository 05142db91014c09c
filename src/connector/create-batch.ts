import type { OrderToPlace } from "../model/order.ts";
import type { Intent, IntentOptions } from "../net/intent.ts";
import type { VenueApi, VenueRequest } from "../net/venue-api.ts";
import { batchAnswers } from "./batch-answers.ts";
import type { BatchRow, PlacedOrder } from "./perpetual-venue.ts";

export type PlaceOrders = (orders: readonly OrderToPlace[]) => VenueRequest<readonly BatchRow<PlacedOrder>[]>;

/**
 * Several creations in one request; each can be called back until it leaves, and then the request is made without it.
 */
export class CreateBatch {
  readonly intent: Intent;
  readonly name: string;
  readonly #placeOrders: PlaceOrders;
  #orders: readonly OrderToPlace[];

  constructor(
    orders: readonly OrderToPlace[],
    makeIntent: (options: Pick<IntentOptions, "name" | "prepare">) => Intent,
    placeOrders: PlaceOrders,
  ) {
    this.#orders = orders;
    this.#placeOrders = placeOrders;
    this.name = `the creation of ${orders.length} orders`;
    this.intent = makeIntent({ name: this.name, prepare: () => placeOrders(this.#orders).request });
  }

  withdraw(clientOrderId: string): boolean {
    if (this.intent.state !== "queued") return false;
    this.#orders = this.#orders.filter((order) => order.clientOrderId !== clientOrderId);
    if (this.#orders.length === 0) this.intent.withdraw();
    return true;
  }

  /** Result of each order that was still in the request when it left. */
  async send(api: VenueApi, signal: AbortSignal): Promise<ReadonlyMap<string, BatchRow<PlacedOrder>>> {
    try {
      const payload = await api.send(this.#placeOrders(this.#orders).request, signal, this.intent);
      return batchAnswers(this.#orders, this.#placeOrders(this.#orders).parse(payload));
    } finally {
      this.intent.settled();
    }
  }
}
