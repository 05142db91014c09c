import type { OrderUpdate } from "../model/account-update.ts";
import { ZERO } from "../model/decimal.ts";
import { describeError, PerpwireError } from "../model/error.ts";
import type { Fill } from "../model/fill.ts";
import { isTerminal } from "../model/order.ts";
import type { Clock } from "../runtime/runtime.ts";
import { feeAmounts } from "./fees.ts";
import {
  changesText,
  type FactSource,
  factText,
  fillText,
  happeningText,
  type OrderHappening,
  rowText,
} from "./order-change-codec.ts";
import { orderTermsText } from "./order-codec.ts";
import type { OrderJournal } from "./order-journal.ts";
import { type Amend, currentExchangeOrderId, NO_CHANGES, type OrderRecord } from "./order-record.ts";
import type { EvidenceSource } from "./order-transitions.ts";
import type { Shown } from "./shown-order.ts";

export interface OrderChangesOptions {
  readonly clock: Clock;
  readonly journal: Pick<OrderJournal, "appendOrderChanges" | "processNumber">;
}

/** A row of the journal takes as long to write as much of what else a change costs: so many changes share one. */
const ROWS_TOGETHER = 8;

/**
 * The history of orders: one row a change, in the write that makes the change, with the evidence that it rests on. The
 * latest stay in the order's own record, which is written anyway, until there are some or the order ends. Rows are never
 * changed; the journal's upkeep forgets them with everything else of their time.
 */
export class OrderChanges {
  readonly #options: OrderChangesOptions;
  readonly #noted: OrderRecord[] = [];

  constructor(options: OrderChangesOptions) {
    this.#options = options;
  }

  /** The venue told something new of the order. */
  fact(record: OrderRecord, update: OrderUpdate, source: EvidenceSource): void {
    const { state, exchangeOrderId: id, timestampMs } = update;
    const request = source.kind === "answer" ? (source.isOfCancel === true ? "cancel" : source.amend) : undefined;
    const offsetMs = timestampMs - record.createdAtMs;
    this.#note(record, factText(factSource(source), state, offsetMs, othersId(record, id), request));
  }

  fill(record: OrderRecord, fill: Fill, source: EvidenceSource): void {
    const offsetMs = fill.timestampMs - record.createdAtMs;
    const id = othersId(record, fill.exchangeOrderId);
    this.#note(record, fillText(factSource(source), fill, offsetMs, id, feeAmounts(fill.fee, fill)));
  }

  /** `error` is why, where that is known. */
  happened(record: OrderRecord, what: OrderHappening, error?: unknown): void {
    this.#note(record, happeningText(what, whyOf(error)));
  }

  amend(record: OrderRecord, what: OrderHappening, { sequence, price, amount }: Amend, error?: unknown): void {
    const terms = { amend: sequence, price: price?.toFixed(), amount: amount?.toFixed() };
    this.#note(record, happeningText(what, { ...terms, ...whyOf(error) }));
  }

  #note(record: OrderRecord, evidence: string): void {
    if (record.evidence === "") this.#noted.push(record);
    record.evidence = record.evidence === "" ? evidence : `${record.evidence},${evidence}`;
  }

  /** The order is new: nothing of it has been sent. Has to be journalled after it. */
  begin(record: OrderRecord): void {
    record.evidence = happeningText("created", undefined);
    record.shown = newShown(record);
    this.#addRow(record, "");
  }

  /** Adds the change to the history; the record has to be journalled after it, with the rows that it keeps. */
  append(record: OrderRecord): void {
    if (record.evidence === "" && record.shown === undefined) return;
    const shown = record.shown ?? newShown(record);
    record.shown = shown;
    const changed = changesText(shown, record);
    if (record.evidence === "" && changed === "") return;
    this.#addRow(record, changed);
    if (!isTerminal(shown.state) && record.recentChanges.rows < ROWS_TOGETHER) return;
    const { order, createdAtMs, recentChanges, changes } = record;
    const terms = `{"order":${orderTermsText(order)},"createdAtMs":${createdAtMs}`;
    const rows = `${terms},"changes":[${recentChanges.text}]}`;
    record.recentChanges = NO_CHANGES;
    this.#options.journal.appendOrderChanges(order.clientOrderId, changes, this.#options.clock.now(), rows);
  }

  #addRow(record: OrderRecord, changed: string): void {
    const { clock, journal } = this.#options;
    record.changes += 1;
    const offsetMs = clock.now() - record.createdAtMs;
    const { rows, text } = record.recentChanges;
    const row = rowText(record.changes, offsetMs, journal.processNumber, record.evidence, changed);
    record.recentChanges = { rows: rows + 1, text: rows === 0 ? row : `${text},${row}` };
    record.evidence = "";
  }

  /** The unit is over: what was noted of orders that did not change is dropped. */
  settled(): void {
    for (const record of this.#noted) record.evidence = "";
    this.#noted.length = 0;
  }
}

/** State in which an order is shown while nothing is known of it. */
function newShown({ order }: OrderRecord): Shown {
  const price = order.type === "market" ? undefined : order.price;
  return {
    state: "pendingCreate",
    reason: undefined,
    exchangeOrderId: undefined,
    price,
    amount: order.amount,
    executed: ZERO,
    claimed: ZERO,
  };
}

/** The order's own id, as it is now, goes without saying. */
function othersId(record: OrderRecord, id: string | undefined): string | undefined {
  return id === currentExchangeOrderId(record) ? undefined : id;
}

function factSource(source: EvidenceSource): FactSource {
  if (source.kind === "answer") return "answer";
  if (source.kind === "stream") return source.isPolled === true ? "row" : "stream";
  return source.isSecondLook === true || source.isByClientId === true ? "lookUp" : "list";
}

function whyOf(error: unknown): { readonly code?: string; readonly text?: string } | undefined {
  if (error === undefined) return undefined;
  return { ...(error instanceof PerpwireError ? { code: error.code } : {}), text: describeError(error) };
}
