import type { AccountRemainder, ConditionalOrder } from "../model/account-remainder.ts";
import { describeError, isAbort } from "../model/error.ts";
import type { VenueSession } from "../model/venue-session.ts";

/** A row of a list in what matters of it: whether it stands, and on which market, by the venue's name. */
export interface StandingRow {
  readonly symbol: string;
  /** In words, such as "a position of 0.5". */
  readonly what: string;
}

/** Reads lists of an account one by one: one that cannot be read is named, never taken as empty. */
export class AccountLists {
  readonly #session: VenueSession;
  readonly #conditionalOrders = new Map<string, ConditionalOrder>();
  readonly #elsewhere = new Set<string>();
  readonly #unseen: string[] = [];

  constructor(session: VenueSession) {
    this.#session = session;
  }

  /** Keeps what stands on markets that the session does not know. */
  async lookElsewhere(list: string, read: () => Promise<readonly StandingRow[]>): Promise<void> {
    for (const { symbol, what } of await this.#look(list, read)) {
      if (!this.#session.marketsBySymbol.has(symbol)) this.#elsewhere.add(`${what} on ${symbol}`);
    }
  }

  async lookForConditionalOrders(
    list: string,
    read: () => Promise<readonly Pick<ConditionalOrder, "conditionalOrderId" | "symbol">[]>,
  ): Promise<void> {
    for (const order of await this.#look(list, read)) {
      const tradingPair = this.#session.marketsBySymbol.get(order.symbol)?.tradingPair;
      this.#conditionalOrders.set(order.conditionalOrderId, { ...order, tradingPair });
    }
  }

  async #look<Row>(list: string, read: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
    try {
      return await read();
    } catch (error) {
      if (isAbort(error)) throw error;
      this.#unseen.push(`${list}: ${describeError(error)}`);
      return [];
    }
  }

  get remainder(): AccountRemainder {
    return {
      conditionalOrders: [...this.#conditionalOrders.values()],
      elsewhere: [...this.#elsewhere],
      unseen: this.#unseen,
    };
  }
}
