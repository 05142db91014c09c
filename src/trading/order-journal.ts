import { type Decimal, storedDecimal, ZERO } from "../model/decimal.ts";
import { JournalError } from "../model/error.ts";
import type { Fill } from "../model/fill.ts";
import type { FundingPayment } from "../model/funding.ts";
import type { TradingPair } from "../model/market.ts";
import type { Random } from "../runtime/runtime.ts";
import type { FillKeyStore, FillTotals } from "./fill-ledger.ts";
import { decodeFundingPayment, encodeFundingPayment } from "./funding-codec.ts";
import { JournalFills } from "./journal-fills.ts";
import {
  type DecodeFields,
  type DecodeText,
  type JournalTable,
  JournalTables,
  type JournalTablesOptions,
  ofFields,
} from "./journal-tables.ts";
import { JsonFields } from "./json-fields.ts";
import { dayOf, decodeProcess, orderChangeKey, processKey } from "./order-change-rows.ts";
import { decodeOrderRecord, orderRecordText } from "./order-codec.ts";
import { type OrderRecord, stateOf } from "./order-record.ts";

/** Raised when a record changes in a way that older code cannot read; records of earlier versions are read. */
const FORMAT_VERSION = 5;
const DEFAULT_COUNTER_BLOCK = 64;
const INSTANCE_ID_DIGITS = 16;
/**
 * A power cut takes the last reservations of a journal that is not durable against it: no more than SQLite's log of 1,000
 * pages of orders, some 8 to a page. Each process begins beyond them, and at random, for the one before it may have too.
 */
const COUNTERS_UNSYNCED = 16_384;
const STRETCHES = 65_536;

/** `accountKey` tells accounts of one venue apart. Not a secret: it is written to disk. */
export interface OrderJournalOptions extends JournalTablesOptions {
  readonly random: Random;
  /** Number of client order id counters that are reserved with one write. */
  readonly counterBlock?: number | undefined;
}

export interface RestoredJournal {
  readonly orders: readonly OrderRecord[];
  /** Fills of those orders, in order of time. */
  readonly fills: readonly Fill[];
}

/**
 * Journal of the facts that must survive a crash: the client order ids before the first byte of an order leaves, where
 * each order stands, every fill's key, and the cursors of the catch-up. A write that fails is kept and comes before all
 * later ones, so that a cursor on disk is never ahead of the fills it stands for.
 */
export class OrderJournal implements FillKeyStore {
  readonly instanceId: string;
  readonly #options: OrderJournalOptions;
  readonly #tables: JournalTables;
  readonly #fills: JournalFills;
  /** Sums that the table of the same name holds, by `fundingTotalKey`. */
  readonly #fundingTotals: Map<string, Decimal>;
  #processNumber: number;
  #beganMs: number | undefined;
  #counter: number;
  #reservedUntil: number;

  /** Throws `JournalError` when the store cannot be read or written, or was written by a newer version. */
  constructor(options: OrderJournalOptions) {
    this.#options = options;
    this.#tables = new JournalTables(options);
    this.#fills = new JournalFills(this.#tables);
    const version = this.#versionOnDisk();
    const totals = this.#tables.readAll("fundingTotals", "", (text, key) => [key, storedDecimal(text)] as const);
    this.#fundingTotals = new Map(totals);
    if (version < FORMAT_VERSION) this.#upgrade(version);
    const known = this.#tables.get("meta", "instanceId");
    this.instanceId = known ?? options.random.hex(INSTANCE_ID_DIGITS);
    if (known === undefined) this.#tables.putNow("meta", "instanceId", this.instanceId);
    this.#processNumber = this.#tables.read("meta", "process", decodeCounter) ?? 0;
    this.#counter = this.#tables.read("meta", "counter", decodeCounter) ?? 0;
    if (known !== undefined) this.#counter += COUNTERS_UNSYNCED * (1 + options.random.integer(STRETCHES));
    this.#reservedUntil = this.#counter;
  }

  /** Reason why the journal cannot be written; undefined while all is well. */
  get failure(): JournalError | undefined {
    return this.#tables.failure;
  }

  /** A number that was never returned before. Throws `JournalError` when none can be reserved. */
  nextCounter(): number {
    if (this.#counter >= this.#reservedUntil) {
      const until = this.#counter + (this.#options.counterBlock ?? DEFAULT_COUNTER_BLOCK);
      this.#tables.putNow("meta", "counter", String(until));
      this.#reservedUntil = until;
    }
    return this.#counter++;
  }

  /**
   * Records new orders on disk before it returns: only then may they be sent. Throws `JournalError`; then none of them
   * is on disk or may be sent.
   */
  recordNewOrders(records: readonly OrderRecord[]): void {
    if (!this.flush()) throw this.failure ?? new JournalError("the journal cannot be written");
    this.#tables.putAllNow(
      "orders",
      records.map((record) => [record.order.clientOrderId, orderRecordText(record, FORMAT_VERSION)] as const),
    );
  }

  /** Saves an order and never throws: an order that was sent goes on. */
  saveOrder(record: OrderRecord): void {
    this.#tables.write("orders", record.order.clientOrderId, orderRecordText(record, FORMAT_VERSION));
  }

  /** Number of the process that the history is written under: one more than that of the process before. */
  get processNumber(): number {
    return this.#processNumber;
  }

  /** A process takes the journal up; orders that were under way are its own from here on. */
  beginProcess(nowMs: number): void {
    this.#processNumber += 1;
    this.#beganMs = nowMs;
    this.batch(() => {
      this.#tables.write("meta", "process", String(this.#processNumber));
      this.#tables.write("processes", processKey(this.#processNumber), JSON.stringify({ beganMs: nowMs }));
    });
  }

  /** Records that the process ends by itself: one that was killed leaves no such word. */
  endProcess(nowMs: number): void {
    if (this.#beganMs === undefined) return;
    const times = { beganMs: this.#beganMs, endedMs: nowMs };
    this.#tables.write("processes", processKey(this.#processNumber), JSON.stringify(times));
  }

  /** Appends to the history of an order, under the last one's number, by day so that what is old lies together. */
  appendOrderChanges(clientOrderId: string, number: number, atMs: number, rows: string): void {
    this.#tables.write("orderChanges", orderChangeKey(clientOrderId, number, atMs), rows);
  }

  /** Forgets what orders did on days before `beforeMs`, `limit` rows at most. Returns whether there may be more. */
  pruneOrderChanges(beforeMs: number, limit: number): boolean {
    const firstDay = dayOf(beforeMs);
    const changes = this.#tables
      .page("orderChanges", "", limit)
      .filter(([key]) => (key.split("|")[0] ?? "") < firstDay);
    const processes = this.#tables.page("processes", "", limit).filter(([key, text]) => {
      const { beganMs } = decodeProcess(key, JsonFields.parse(text));
      return beganMs < beforeMs && key !== processKey(this.#processNumber);
    });
    this.batch(() => {
      for (const [key] of changes) this.#tables.write("orderChanges", key, undefined);
      for (const [key] of processes) this.#tables.write("processes", key, undefined);
    });
    return (changes.length === limit || processes.length === limit) && this.failure === undefined;
  }

  /** Forgets an order and its fills, of which the keys are written by themselves from now on. */
  forgetOrder(clientOrderId: string): void {
    this.batch(() => {
      this.#tables.write("orders", clientOrderId, undefined);
      this.#fills.forget(clientOrderId);
    });
  }

  hasFill(key: string): boolean {
    return this.#fills.has(key);
  }

  writeFill(key: string, fill: Fill): void {
    this.#fills.write(key, fill);
  }

  cursor(name: string): string | undefined {
    return this.#tables.get("cursors", name);
  }

  /** Throws `JournalError` that names the record when `decode` throws. */
  readCursor<T>(name: string, decode: DecodeText<T>): T | undefined {
    return this.#tables.read("cursors", name, decode);
  }

  /** Cursors that are times, by name, of the names that begin with `prefix`. Throws `JournalError` for a broken one. */
  timeCursors(prefix: string): Map<string, number> {
    return new Map(this.#tables.readAll("cursors", prefix, (text, name) => [name, decodeTime(text)] as const));
  }

  setCursor(name: string, value: string): void {
    this.#tables.write("cursors", name, value);
  }

  clearCursor(name: string): void {
    if (this.cursor(name) !== undefined) this.#tables.write("cursors", name, undefined);
  }

  /** Writes a payment and counts it, together; with `previous` it takes the place of that one in the totals. */
  writeFundingPayment(payment: FundingPayment, previous?: FundingPayment): void {
    this.batch(() => {
      if (previous !== undefined) this.#countFunding({ ...previous, amount: previous.amount.neg() });
      this.#countFunding(payment);
      this.#tables.write("funding", payment.paymentId, encodeFundingPayment(payment));
    });
  }

  #countFunding({ tradingPair, asset, amount }: FundingPayment): void {
    const key = fundingTotalKey(tradingPair, asset);
    const total = (this.#fundingTotals.get(key) ?? ZERO).plus(amount);
    this.#fundingTotals.set(key, total);
    this.#tables.write("fundingTotals", key, total.toFixed());
  }

  /** The payment as it was recorded last; undefined where none with this id was. */
  fundingPayment(paymentId: string): FundingPayment | undefined {
    return this.#tables.read("funding", paymentId, ofFields(decodeFundingPayment));
  }

  fundingPayments(): readonly FundingPayment[] {
    const payments = this.#tables.readAll("funding", "", ofFields(decodeFundingPayment));
    return payments.toSorted((a, b) => a.timestampMs - b.timestampMs);
  }

  /** News that is told again by the next process unless `settleUntold` is called. Keys are in order of time. */
  writeUntold(key: string, news: string): void {
    this.#tables.write("untold", key, news, true);
  }

  /** The news was told. Goes to disk with the next write or `flushSettled`: it costs none of its own. */
  settleUntold(key: string): void {
    this.#tables.deleteLater("untold", key);
  }

  /** News that was not told, oldest first. Throws `JournalError` that names the record when `decode` throws. */
  untold<T>(decode: DecodeFields<T>): readonly T[] {
    return this.#tables.readAll("untold", "", ofFields(decode));
  }

  /** Writes down what was told since the last write. */
  flushSettled(): void {
    this.#tables.flushDeletions();
  }

  /**
   * Notes that the account's ledgers keep: small, by key, and deleted by them when it is over. Those whose keys begin
   * with `prefix`; throws `JournalError` that names the record when `decode` throws.
   */
  accountFacts<T>(prefix: string, decode: DecodeFields<T>): readonly T[] {
    const decodeFact = ofFields((fields, key) => decode(fields, key.slice(prefix.length)));
    return this.#tables.readAll("accountFacts", prefix, decodeFact);
  }

  /** `text` is a JSON object; undefined deletes. `isNew`: no fact has this key so far. */
  writeAccountFact(key: string, text: string | undefined, isNew = false): void {
    this.#tables.write("accountFacts", key, text, isNew);
  }

  /**
   * Forgets the keys of fills of forgotten orders from before `beforeMs`, among the next `limit` after `after`. Returns
   * where to go on, undefined at the end.
   */
  pruneFills(beforeMs: number, after: string, limit: number): string | undefined {
    return this.#prune("fillKeys", after, limit, (key, timestampMs) => {
      if (Number(timestampMs) < beforeMs) this.#tables.write("fillKeys", key, undefined);
    });
  }

  /** Prunes as `pruneFills` does, for funding payments; what they add up to stays known. */
  pruneFunding(beforeMs: number, after: string, limit: number): string | undefined {
    return this.#prune("funding", after, limit, (key, text) => {
      const { timestampMs } = this.#tables.decode("funding", key, text, ofFields(decodeFundingPayment));
      if (timestampMs < beforeMs) this.#tables.write("funding", key, undefined);
    });
  }

  #prune(table: JournalTable, after: string, limit: number, visit: (key: string, text: string) => void) {
    const page = this.#tables.page(table, after, limit);
    this.batch(() => {
      for (const [key, text] of page) visit(key, text);
    });
    // A store that takes no writes is tried again in the next turn.
    return page.length < limit || this.failure !== undefined ? undefined : page.at(-1)?.[0];
  }

  /** Sum of all payments ever written, those that were forgotten included. */
  fundingTotal(tradingPair: TradingPair, asset: string): Decimal {
    return this.#fundingTotals.get(fundingTotalKey(tradingPair, asset)) ?? ZERO;
  }

  /** Gives back room in the store. Returns whether there is more. */
  compact(): boolean {
    return this.#options.store.compact();
  }

  /** All of the writes in `work` go to disk together. */
  batch<T>(work: () => T): T {
    return this.#tables.batch(work);
  }

  /** Writes what is pending; false when the store does not take it. */
  flush(): boolean {
    return this.#tables.flush();
  }

  /**
   * The orders of earlier processes. One that was being created has an unknown fate, and so has a cancel that was under
   * way. Throws `JournalError` that names a broken record. `totalsOf` opens an order's account in the fill ledger.
   */
  restore(totalsOf: (clientOrderId: string) => FillTotals): RestoredJournal {
    const orders = this.#readAll("orders", (fields, key) => {
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
    const fills = this.#fills.restore();
    const ours = fills.filter((fill) => ids.has(fill.clientOrderId));
    return { orders, fills: ours.toSorted((a, b) => a.timestampMs - b.timestampMs) };
  }

  /**
   * The format of the journal, 0 for a new one. Throws `JournalError` for a later one, whose records may look broken:
   * checked before any of them is read.
   */
  #versionOnDisk(): number {
    const version = Number(this.#tables.get("meta", "version") ?? 0);
    if (version <= FORMAT_VERSION) return version;
    throw new JournalError(`the journal has format version ${version}, this program reads ${FORMAT_VERSION}`, {
      retry: "never",
      hint: "use the version of perpwire that wrote it, or start a new journal once no order of it is open",
    });
  }

  /**
   * Turns an earlier format into this one: up to format 2 the totals were those of forgotten payments alone, and up to
   * format 3 the store had no log; up to format 4 fills and the account's facts were objects, under keys that did not
   * begin with their time. A program that reads no log found no version there, or the earlier one: it went on without the
   * orders of the log, and what it wrote was replaced by the log afterwards.
   */
  #upgrade(version: number): void {
    const totals = this.#fundingTotals;
    for (const { tradingPair, asset, amount } of version < 3 ? this.fundingPayments() : []) {
      const key = fundingTotalKey(tradingPair, asset);
      totals.set(key, (totals.get(key) ?? ZERO).plus(amount));
    }
    if (version < 5) this.#fills.upgrade();
    this.#options.store.transaction(
      () => {
        for (const [key, total] of totals) this.#tables.putNow("fundingTotals", key, total.toFixed());
        this.#tables.putNow("meta", "version", String(FORMAT_VERSION));
      },
      { forOlderPrograms: true },
    );
  }

  #readAll<T>(table: JournalTable, decode: DecodeFields<T>): T[] {
    return this.#tables.readAll(table, "", ofFields(decode));
  }
}

function fundingTotalKey(tradingPair: TradingPair, asset: string): string {
  return `${tradingPair}|${asset}`;
}

function decodeCounter(text: string): number {
  const counter = Number(text);
  if (!Number.isSafeInteger(counter) || counter < 0) throw new TypeError(`"${text}" is no counter`);
  return counter;
}

/** Throws a `TypeError` for text that is no time in epoch milliseconds. */
export function decodeTime(text: string): number {
  const timestampMs = text === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(timestampMs)) throw new TypeError(`"${text}" is no time in epoch milliseconds`);
  return timestampMs;
}
