import type { Fill } from "../model/fill.ts";
import { fillKey } from "./fill-ledger.ts";
import { type JournalTables, ofFields } from "./journal-tables.ts";
import { timedKey } from "./json-fields.ts";
import { decodeFill, fillText } from "./order-codec.ts";

/**
 * Fills in the journal: those of orders that are remembered, each in one row, and the keys of all others. Which of the
 * first there are is in memory as well.
 */
export class JournalFills {
  readonly #tables: JournalTables;
  /** Times of the fills of orders that are remembered, by key; and those keys by order. */
  readonly #times = new Map<string, number>();
  readonly #keysByOrder = new Map<string, string[]>();

  constructor(tables: JournalTables) {
    this.#tables = tables;
  }

  has(key: string): boolean {
    return this.#times.has(key) || this.#tables.get("fillKeys", key) !== undefined;
  }

  write(key: string, fill: Fill): void {
    this.#remember(key, fill);
    this.#tables.write("fills", timedKey(fill.timestampMs, key), fillText(fill));
  }

  /** An order is forgotten, and of its fills all but the keys. */
  forget(clientOrderId: string): void {
    for (const key of this.#keysByOrder.get(clientOrderId) ?? []) {
      const timestampMs = this.#times.get(key) ?? 0;
      this.#tables.write("fillKeys", key, String(timestampMs));
      this.#tables.write("fills", timedKey(timestampMs, key), undefined);
      this.#times.delete(key);
    }
    this.#keysByOrder.delete(clientOrderId);
  }

  /** Throws `JournalError` that names a broken record. */
  restore(): readonly Fill[] {
    const fills = this.#tables.readAll("fills", "", ofFields(decodeFill));
    for (const fill of fills) this.#remember(keyOf(fill), fill);
    return fills;
  }

  /** Puts fills of formats up to 4 under keys that begin with their time. */
  upgrade(): void {
    const rows = this.#tables.readAll(
      "fills",
      "",
      ofFields((fields, row) => ({ row, fill: decodeFill(fields) })),
    );
    this.#tables.batch(() => {
      for (const { row, fill } of rows) {
        const timed = timedKey(fill.timestampMs, keyOf(fill));
        if (timed === row) continue;
        this.#tables.write("fills", timed, fillText(fill));
        this.#tables.write("fills", row, undefined);
      }
    });
  }

  #remember(key: string, { clientOrderId, timestampMs }: Fill): void {
    if (this.#times.has(key)) return;
    this.#times.set(key, timestampMs);
    const keys = this.#keysByOrder.get(clientOrderId);
    if (keys === undefined) this.#keysByOrder.set(clientOrderId, [key]);
    else keys.push(key);
  }
}

function keyOf({ tradingPair, exchangeOrderId, fillId }: Fill): string {
  return fillKey(tradingPair, exchangeOrderId, fillId);
}
