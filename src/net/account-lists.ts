import type { AccountRemainder, ConditionalOrder } from "../model/account-remainder.ts";
import { describeError, isAbort } from "../model/error.ts";
import { excerpt, jsonOf } from "./json.ts";
import { readRows, type UnreadableRow } from "./rows.ts";
import type { VenueContext } from "./venue-api.ts";

/** A row of a list in what matters of it: whether it stands, and on which market, by the venue's name. */
export interface StandingRow {
  readonly symbol: string;
  /** Description in words, such as "a position of 0.5". */
  readonly what: string;
}

type Ask = () => Promise<readonly unknown[]>;
type Parse<T> = (row: unknown) => T | undefined;

/**
 * Reads lists of an account one by one and row by row. An unreadable list or row is named in `unseen`. It is not taken
 * as empty, and the others are still read.
 */
export class AccountLists {
  readonly #context: Pick<VenueContext, "markets" | "onUnreadable">;
  readonly #conditionalOrders = new Map<string, ConditionalOrder>();
  readonly #elsewhere = new Set<string>();
  readonly #unseen: string[] = [];

  constructor(context: Pick<VenueContext, "markets" | "onUnreadable">) {
    this.#context = context;
  }

  /** Keeps what stands on markets that the connector does not know. `parse`: undefined for a row that does not count. */
  async lookElsewhere(list: string, ask: Ask, parse: Parse<StandingRow>): Promise<void> {
    for (const row of await this.#look(list, ask, parse)) this.#keepElsewhere(row);
  }

  /** Does the same with a list that has conditional orders among others: they have an id. */
  async lookForOrders(
    list: string,
    ask: Ask,
    parse: Parse<StandingRow & { readonly conditionalOrderId?: string | undefined }>,
  ): Promise<void> {
    for (const { conditionalOrderId, ...row } of await this.#look(list, ask, parse)) {
      this.#keepElsewhere(row);
      if (conditionalOrderId !== undefined) this.#keepConditional({ conditionalOrderId, symbol: row.symbol });
    }
  }

  /** `parse`: undefined for a row that does not count. */
  async lookForConditionalOrders(
    list: string,
    ask: Ask,
    parse: Parse<Pick<ConditionalOrder, "conditionalOrderId" | "symbol">>,
  ): Promise<void> {
    for (const order of await this.#look(list, ask, parse)) this.#keepConditional(order);
  }

  #keepElsewhere({ symbol, what }: StandingRow): void {
    if (!this.#context.markets.bySymbol.has(symbol)) this.#elsewhere.add(`${what} on ${symbol}`);
  }

  #keepConditional(order: Pick<ConditionalOrder, "conditionalOrderId" | "symbol">): void {
    const tradingPair = this.#context.markets.bySymbol.get(order.symbol)?.tradingPair;
    this.#conditionalOrders.set(order.conditionalOrderId, { ...order, tradingPair });
  }

  async #look<T>(list: string, ask: Ask, parse: Parse<T>): Promise<readonly T[]> {
    const onUnreadable = (unreadable: UnreadableRow): void => {
      const { reason, row } = unreadable;
      this.#unseen.push(`${list}: ${reason}: ${excerpt(jsonOf(row))}`);
      this.#context.onUnreadable?.(unreadable);
    };
    try {
      return readRows(`a row of the ${list}`, await ask(), parse, onUnreadable);
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
