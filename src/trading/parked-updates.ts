import type { OrderUpdate, TradeUpdate } from "../model/account-update.ts";
import type { TradingPair } from "../model/market.ts";

/** An update that names only an exchange order id, which no order has yet. */
export type ParkableUpdate = (OrderUpdate | TradeUpdate) & { readonly exchangeOrderId: string };

interface Parked {
  readonly update: ParkableUpdate;
  readonly sinceMs: number;
}

/** Updates that wait until their order is known, by exchange order id, oldest first. Bounded. */
export class ParkedUpdates {
  readonly #limit: number;
  #parked: Parked[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Returns the oldest one when there is no more room. */
  park(update: ParkableUpdate, nowMs: number): ParkableUpdate | undefined {
    this.#parked.push({ update, sinceMs: nowMs });
    return this.#parked.length > this.#limit ? this.#parked.shift()?.update : undefined;
  }

  /** Takes out what waits for an exchange order id. */
  takeFor(tradingPair: TradingPair, exchangeOrderId: string): readonly ParkableUpdate[] {
    return this.#take(({ update }) => update.exchangeOrderId === exchangeOrderId && update.tradingPair === tradingPair);
  }

  /** Takes out what came before `beforeMs`: nobody claimed it. */
  takeBefore(beforeMs: number): readonly ParkableUpdate[] {
    return this.#take((parked) => parked.sinceMs <= beforeMs);
  }

  #take(wanted: (parked: Parked) => boolean): readonly ParkableUpdate[] {
    if (this.#parked.length === 0) return [];
    const taken = this.#parked.filter(wanted).map((parked) => parked.update);
    if (taken.length > 0) this.#parked = this.#parked.filter((parked) => !wanted(parked));
    return taken;
  }
}
