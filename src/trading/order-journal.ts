import { type Decimal, decimal, ZERO } from "../model/decimal.ts";
import { describeError, JournalError } from "../model/error.ts";
import type { Fill } from "../model/fill.ts";
import type { FundingPayment } from "../model/funding.ts";
import type { Logger } from "../net/logger.ts";
import type { JournalStore, Random } from "../runtime/runtime.ts";
import type { FillKeyStore, FillTotals } from "./fill-ledger.ts";
import { decodeFundingPayment, encodeFundingPayment } from "./funding-codec.ts";
import { JsonFields } from "./json-fields.ts";
import { decodeFill, decodeOrderRecord, encodeFill, encodeOrderRecord } from "./order-codec.ts";
import { type OrderRecord, stateOf } from "./order-record.ts";

/** Raised when a record changes in a way that older code cannot read; records of earlier versions are read. */
const FORMAT_VERSION = 2;
const DEFAULT_COUNTER_BLOCK = 64;
const INSTANCE_ID_DIGITS = 16;

export interface OrderJournalOptions {
  readonly store: JournalStore;
  readonly connectorName: string;
  /** Tells accounts of one venue apart. Not a secret: it is written to disk. */
  readonly accountKey: string;
  readonly random: Random;
  readonly logger: Logger;
  /** How many client order id counters are reserved with one write. */
  readonly counterBlock?: number | undefined;
  /** The store stopped taking writes: they are kept in memory and tried again before every later write. */
  onFailure?(error: JournalError): void;
  /** Everything that was kept is on disk again. */
  onRecovered?(): void;
}

export interface RestoredJournal {
  readonly orders: readonly OrderRecord[];
  /** Of those orders, in order of time. */
  readonly fills: readonly Fill[];
}

type Table =
  | "meta"
  | "orders"
  | "fills"
  | "fillKeys"
  | "cursors"
  | "funding"
  | "fundingTotals"
  | "untold"
  | "accountFacts";

interface PendingWrite {
  readonly table: Table;
  readonly key: string;
  /** Undefined deletes. */
  readonly value: string | undefined;
}

/**
 * What must survive a crash: the client order ids before the first byte of an order leaves, where each order stands,
 * every fill's key, and the cursors of the catch-up. A write that fails is kept and comes before all later ones, so
 * that a cursor on disk is never ahead of the fills it stands for.
 */
export class OrderJournal implements FillKeyStore {
  readonly instanceId: string;
  readonly #options: OrderJournalOptions;
  readonly #pending = new Map<string, PendingWrite>();
  readonly #fillKeysByOrder = new Map<string, Set<string>>();
  /** Keys of news that was told; they are deleted with the next write, for which nobody has to wait. */
  readonly #settled = new Set<string>();
  #batchDepth = 0;
  #failure: JournalError | undefined;
  #counter: number;
  #reservedUntil: number;

  /** Throws `JournalError` when the store cannot be read or written, or was written by a newer version. */
  constructor(options: OrderJournalOptions) {
    this.#options = options;
    this.#checkVersion();
    const known = this.#get("meta", "instanceId");
    this.instanceId = known ?? options.random.hex(INSTANCE_ID_DIGITS);
    if (known === undefined) this.#putNow("meta", "instanceId", this.instanceId);
    this.#counter = this.#readCounter();
    this.#reservedUntil = this.#counter;
  }

  /** Why the journal cannot be written; undefined while all is well. */
  get failure(): JournalError | undefined {
    return this.#failure;
  }

  /** A number that was never returned before. Throws `JournalError` when none can be reserved. */
  nextCounter(): number {
    if (this.#counter >= this.#reservedUntil) {
      const until = this.#counter + (this.#options.counterBlock ?? DEFAULT_COUNTER_BLOCK);
      this.#putNow("meta", "counter", String(until));
      this.#reservedUntil = until;
    }
    return this.#counter++;
  }

  /**
   * On disk when it returns: only then may the order be sent. Throws `JournalError`, and the order must not be sent.
   */
  recordNewOrder(record: OrderRecord): void {
    if (!this.flush()) throw this.#refusal();
    this.#putNow("orders", record.order.clientOrderId, encodeOrder(record));
  }

  /** Never throws: an order that was sent goes on. */
  saveOrder(record: OrderRecord): void {
    this.#write("orders", record.order.clientOrderId, encodeOrder(record));
  }

  /** Forgets an order and its fills, but not the keys of its fills. */
  forgetOrder(clientOrderId: string): void {
    this.batch(() => {
      this.#write("orders", clientOrderId, undefined);
      for (const key of this.#fillKeysByOrder.get(clientOrderId) ?? []) this.#write("fills", key, undefined);
    });
    this.#fillKeysByOrder.delete(clientOrderId);
  }

  hasFill(key: string): boolean {
    return this.#get("fillKeys", key) !== undefined;
  }

  writeFill(key: string, fill: Fill): void {
    this.#rememberFillKey(fill.clientOrderId, key);
    this.batch(() => {
      this.#write("fillKeys", key, String(fill.timestampMs));
      this.#write("fills", key, JSON.stringify(encodeFill(fill)));
    });
  }

  cursor(name: string): string | undefined {
    return this.#get("cursors", name);
  }

  setCursor(name: string, value: string): void {
    this.#write("cursors", name, value);
  }

  clearCursor(name: string): void {
    if (this.cursor(name) !== undefined) this.#write("cursors", name, undefined);
  }

  writeFundingPayment(payment: FundingPayment): void {
    this.#write("funding", payment.paymentId, encodeFundingPayment(payment));
  }

  /** The payment as it was recorded last; undefined where none with this id was. */
  fundingPayment(paymentId: string): FundingPayment | undefined {
    const text = this.#get("funding", paymentId);
    return text === undefined ? undefined : this.#decode("funding", paymentId, text, decodeFundingPayment);
  }

  fundingPayments(): readonly FundingPayment[] {
    return this.#entries("funding", decodeFundingPayment).toSorted((a, b) => a.timestampMs - b.timestampMs);
  }

  /** News that is told again by the next process unless `settleUntold` is called. Keys are in order of time. */
  writeUntold(key: string, news: string): void {
    this.#write("untold", key, news);
  }

  /** The news was told. Goes to disk with the next write or `flushSettled`: it costs none of its own. */
  settleUntold(key: string): void {
    if (this.#pending.has(pendingKey("untold", key))) this.#write("untold", key, undefined);
    else this.#settled.add(key);
  }

  /** News that earlier processes did not tell, oldest first. */
  untold(): readonly (readonly [key: string, news: string])[] {
    return this.#options.store.entries(this.#tableName("untold"));
  }

  /** Writes down what was told since the last write. */
  flushSettled(): void {
    if (this.#settled.size > 0 && this.flush()) this.#commit([]);
  }

  /** Notes that the account's ledgers keep: small, by key, and deleted by them when it is over. */
  accountFacts(): readonly (readonly [key: string, fields: JsonFields])[] {
    return this.#entries("accountFacts", (fields, key) => [key, fields] as const);
  }

  /** Undefined deletes. */
  writeAccountFact(key: string, value: object | undefined): void {
    this.#write("accountFacts", key, value === undefined ? undefined : JSON.stringify(value));
  }

  /**
   * Forgets the keys of fills from before `beforeMs` among the next `limit` after `after`. Returns where to go on,
   * undefined at the end. Fills of orders that are followed are known apart.
   */
  pruneFills(beforeMs: number, after: string, limit: number): string | undefined {
    return this.#prune("fillKeys", after, limit, (key, timestampMs) => {
      if (Number(timestampMs) < beforeMs) this.#write("fillKeys", key, undefined);
    });
  }

  /** Prunes as `pruneFills` does, for funding payments; what they add up to stays known. */
  pruneFunding(beforeMs: number, after: string, limit: number): string | undefined {
    return this.#prune("funding", after, limit, (key, text) => {
      const payment = decodeFundingPayment(JsonFields.parse(text));
      if (payment.timestampMs >= beforeMs) return;
      const totalKey = `${payment.tradingPair}|${payment.asset}`;
      const total = decimal(this.#get("fundingTotals", totalKey) ?? ZERO).plus(payment.amount);
      this.#write("fundingTotals", totalKey, total.toFixed());
      this.#write("funding", key, undefined);
    });
  }

  #prune(table: Table, after: string, limit: number, visit: (key: string, value: string) => void): string | undefined {
    const page = this.#options.store.page(this.#tableName(table), after, limit);
    this.batch(() => {
      for (const [key, value] of page) visit(key, value);
    });
    // A store that takes no writes is tried again in the next turn.
    return page.length < limit || this.#failure !== undefined ? undefined : page.at(-1)?.[0];
  }

  /** Sums of the payments that were forgotten, by `tradingPair|asset`. */
  fundingTotals(): ReadonlyMap<string, Decimal> {
    const rows = this.#options.store.entries(this.#tableName("fundingTotals"));
    return new Map(rows.map(([key, amount]) => [key, decimal(amount)]));
  }

  /** Gives back room in the store. Returns whether there is more. */
  compact(): boolean {
    return this.#options.store.compact();
  }

  /** All of the writes in `work` go to disk together. */
  batch<T>(work: () => T): T {
    this.#batchDepth += 1;
    try {
      return work();
    } finally {
      this.#batchDepth -= 1;
      if (this.#batchDepth === 0) this.flush();
    }
  }

  /** Writes what is pending; false when the store does not take it. */
  flush(): boolean {
    if (this.#pending.size === 0) return true;
    if (!this.#commit([...this.#pending.values()])) return false;
    this.#pending.clear();
    this.#recover();
    return true;
  }

  /** The writes, and what was told, in one transaction. */
  #commit(writes: readonly PendingWrite[]): boolean {
    const { store } = this.#options;
    const settled = [...this.#settled];
    try {
      store.transaction(() => {
        for (const { table, key, value } of writes) {
          if (value === undefined) store.delete(this.#tableName(table), key);
          else store.put(this.#tableName(table), key, value);
        }
        for (const key of settled) store.delete(this.#tableName("untold"), key);
      });
    } catch (error) {
      this.#fail(error);
      return false;
    }
    for (const key of settled) this.#settled.delete(key);
    return true;
  }

  /**
   * The orders of earlier processes. One that was being created has an unknown fate, and so has a cancel that was under
   * way. Throws `JournalError` that names a broken record. `totalsOf` opens an order's account in the fill ledger.
   */
  restore(totalsOf: (clientOrderId: string) => FillTotals): RestoredJournal {
    const orders = this.#entries("orders", (fields, key) => {
      const version = fields.number("v");
      if (version > FORMAT_VERSION) throw new TypeError(`version ${version} is newer than ${FORMAT_VERSION}`);
      return decodeOrderRecord(fields, totalsOf(key));
    });
    for (const record of orders) {
      if (stateOf(record) === "pendingCreate") record.doubt = "unknown";
      if (record.cancel === "sent") record.cancel = "unconfirmed";
      for (const amend of record.amends) if (amend.progress !== "acknowledged") amend.progress = "unconfirmed";
    }
    const ids = new Set(orders.map((record) => record.order.clientOrderId));
    const fills = this.#entries("fills", (fields, key) => {
      const fill = decodeFill(fields);
      this.#rememberFillKey(fill.clientOrderId, key);
      return fill;
    });
    const ours = fills.filter((fill) => ids.has(fill.clientOrderId));
    return { orders, fills: ours.toSorted((a, b) => a.timestampMs - b.timestampMs) };
  }

  #checkVersion(): void {
    const version = this.#get("meta", "version");
    if (version === undefined || Number(version) < FORMAT_VERSION) {
      this.#putNow("meta", "version", String(FORMAT_VERSION));
    } else if (version !== String(FORMAT_VERSION)) {
      throw new JournalError(`the journal has format version ${version}, this program reads ${FORMAT_VERSION}`, {
        retry: "never",
        hint: "use the version of perpwire that wrote it, or start a new journal once no order of it is open",
      });
    }
  }

  #readCounter(): number {
    const text = this.#get("meta", "counter") ?? "0";
    const counter = Number(text);
    if (!Number.isSafeInteger(counter) || counter < 0) throw this.#broken("meta", "counter", `"${text}" is no counter`);
    return counter;
  }

  #tableName(table: Table): string {
    return `${this.#options.connectorName}.${this.#options.accountKey}.${table}`;
  }

  #get(table: Table, key: string): string | undefined {
    const pending = this.#pending.get(pendingKey(table, key));
    return pending === undefined ? this.#options.store.get(this.#tableName(table), key) : pending.value;
  }

  #entries<T>(table: Table, decode: (fields: JsonFields, key: string) => T): T[] {
    const rows = new Map(this.#options.store.entries(this.#tableName(table)));
    for (const { table: own, key, value } of this.#pending.values()) {
      if (own === table && value !== undefined) rows.set(key, value);
      else if (own === table) rows.delete(key);
    }
    return [...rows].map(([key, text]) => this.#decode(table, key, text, decode));
  }

  #decode<T>(table: Table, key: string, text: string, decode: (fields: JsonFields, key: string) => T): T {
    try {
      return decode(JsonFields.parse(text), key);
    } catch (error) {
      throw this.#broken(table, key, describeError(error));
    }
  }

  #broken(table: Table, key: string, why: string): JournalError {
    return new JournalError(`journal record "${key}" of ${this.#tableName(table)} is broken: ${why}`, {
      code: "JOURNAL_BROKEN",
      retry: "never",
      hint: "look the record up at the venue, then correct or delete it",
    });
  }

  #write(table: Table, key: string, value: string | undefined): void {
    // Deleted first so that the writes stay in the order in which they were made.
    this.#pending.delete(pendingKey(table, key));
    this.#pending.set(pendingKey(table, key), { table, key, value });
    if (this.#batchDepth === 0) this.flush();
  }

  #putNow(table: Table, key: string, value: string): void {
    try {
      this.#options.store.put(this.#tableName(table), key, value);
    } catch (error) {
      this.#fail(error);
      throw this.#refusal();
    }
    if (this.#pending.size === 0) this.#recover();
  }

  #rememberFillKey(clientOrderId: string, key: string): void {
    const keys = this.#fillKeysByOrder.get(clientOrderId) ?? new Set();
    this.#fillKeysByOrder.set(clientOrderId, keys.add(key));
  }

  #fail(cause: unknown): void {
    const isNew = this.#failure === undefined;
    this.#failure = new JournalError(`the journal cannot be written: ${describeError(cause)}`, {
      cause,
      hint: "new orders stop until it can; free disk space or mend the journal file",
    });
    if (!isNew) return;
    this.#options.logger.error(this.#failure.message, { connector: this.#options.connectorName });
    this.#options.onFailure?.(this.#failure);
  }

  #refusal(): JournalError {
    return this.#failure ?? new JournalError("the journal cannot be written");
  }

  #recover(): void {
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    this.#options.logger.info("the journal can be written again", { connector: this.#options.connectorName });
    this.#options.onRecovered?.();
  }
}

function encodeOrder(record: OrderRecord): string {
  return JSON.stringify({ v: FORMAT_VERSION, ...encodeOrderRecord(record) });
}

function pendingKey(table: Table, key: string): string {
  return `${table}|${key}`;
}
