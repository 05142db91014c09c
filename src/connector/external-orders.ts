import type { ConnectorEvents } from "../model/event.ts";
import type { VenueOrder } from "../model/order.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";

/** Orders of others that were reported, so that each change is reported once. */
const EXTERNAL_ORDERS_KEPT = 10_000;

/** Tells of orders on the account that this connector did not create, each change once. */
export class ExternalOrders {
  readonly #events: TypedEmitter<ConnectorEvents>;
  readonly #reported = new Map<string, string>();

  constructor(events: TypedEmitter<ConnectorEvents>) {
    this.#events = events;
  }

  report(order: VenueOrder): void {
    const key = `${order.tradingPair}|${order.exchangeOrderId}`;
    const now = `${order.state}|${order.executedAmount.toFixed()}`;
    if (this.#reported.get(key) === now) return;
    this.#reported.delete(key);
    this.#reported.set(key, now);
    const oldest = this.#reported.keys().next().value;
    if (this.#reported.size > EXTERNAL_ORDERS_KEPT && oldest !== undefined) this.#reported.delete(oldest);
    this.#events.emit("externalOrder", { type: "externalOrder", order });
  }
}
