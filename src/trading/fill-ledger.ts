import { type Decimal, plus, ZERO } from "../model/decimal.ts";
import type { Fill } from "../model/fill.ts";
import type { TradingPair } from "../model/market.ts";
import { feeAmounts } from "./fees.ts";

/** Part of the journal that the ledger needs: it knows all fills ever recorded for the account. */
export interface FillKeyStore {
  hasFill(key: string): boolean;
  writeFill(key: string, fill: Fill): void;
}

/** Totals of the fills of one order. Live: the ledger keeps it up to date. */
export interface FillTotals {
  readonly amount: Decimal;
  /** Price times amount, summed. */
  readonly cost: Decimal;
  /** Fees by token; rebates are negative. */
  readonly fees: ReadonlyMap<string, Decimal>;
}

interface OrderFills {
  amount: Decimal;
  cost: Decimal;
  readonly fees: Map<string, Decimal>;
}

let latest = { tradingPair: "", exchangeOrderId: "", fillId: "", key: "||" };

/**
 * A fill's identity within an account. Fill ids alone repeat across symbols and orders on several venues. All who count one
 * fill ask for its key, which is hashed once.
 */
export function fillKey(tradingPair: TradingPair, exchangeOrderId: string, fillId: string): string {
  const { fillId: lastId, exchangeOrderId: lastOrder, tradingPair: lastPair } = latest;
  if (lastId !== fillId || lastOrder !== exchangeOrderId || lastPair !== tradingPair)
    latest = { tradingPair, exchangeOrderId, fillId, key: `${tradingPair}|${exchangeOrderId}|${fillId}` };
  return latest.key;
}

export interface FillLedgerOptions {
  /** The journal of one account. */
  readonly journal: FillKeyStore;
}

/**
 * Every fill exactly once, whether it came on the stream, in a poll or again after a restart. It holds the sums of the
 * orders that are followed; the journal knows which fills were counted.
 */
export class FillLedger {
  readonly #journal: FillKeyStore;
  readonly #orders = new Map<string, OrderFills>();
  /** Key that the journal was asked for last and did not have; a fill is looked for before it is recorded. */
  #unknown: string | undefined;

  constructor(options: FillLedgerOptions) {
    this.#journal = options.journal;
  }

  /** The live totals of an order; opens an account for it when there is none. */
  totals(clientOrderId: string): FillTotals {
    return this.#accountOf(clientOrderId);
  }

  has(fill: Pick<Fill, "tradingPair" | "exchangeOrderId" | "fillId">): boolean {
    const key = fillKey(fill.tradingPair, fill.exchangeOrderId, fill.fillId);
    if (this.#unknown === key) return false;
    const has = this.#journal.hasFill(key);
    if (!has) this.#unknown = key;
    return has;
  }

  /** Returns false, and changes nothing, when the fill was recorded before. */
  record(fill: Fill): boolean {
    if (this.has(fill)) return false;
    this.#count(fill);
    this.#journal.writeFill(fillKey(fill.tradingPair, fill.exchangeOrderId, fill.fillId), fill);
    return true;
  }

  /** Counts fills that the journal gave back after a restart, without writing them again. */
  restore(fills: Iterable<Fill>): void {
    for (const fill of fills) this.#count(fill);
  }

  /** Forgets an order that is no longer followed; the journal still knows its fills. */
  prune(clientOrderId: string): void {
    this.#orders.delete(clientOrderId);
  }

  get size(): number {
    return this.#orders.size;
  }

  #count(fill: Fill): void {
    const account = this.#accountOf(fill.clientOrderId);
    this.#unknown = undefined;
    account.amount = plus(account.amount, fill.amount);
    account.cost = plus(account.cost, fill.amount.times(fill.price));
    for (const [token, amount] of feeAmounts(fill.fee, fill)) {
      account.fees.set(token, plus(account.fees.get(token) ?? ZERO, amount));
    }
  }

  #accountOf(clientOrderId: string): OrderFills {
    const known = this.#orders.get(clientOrderId);
    if (known !== undefined) return known;
    const opened: OrderFills = { amount: ZERO, cost: ZERO, fees: new Map() };
    this.#orders.set(clientOrderId, opened);
    return opened;
  }
}
