import type { CashFlow } from "../model/cash-flow.ts";
import { type Decimal, storedDecimal } from "../model/decimal.ts";
import { JsonFields, quoted, timedKey, untimedKey } from "../trading/json-fields.ts";
import type { OrderJournal } from "../trading/order-journal.ts";
import { type CashFlowLog, cashFlowKind } from "./cash-flow-log.ts";
import { TokenSums } from "./token-sums.ts";

export interface EstimatedFlow {
  readonly kind: CashFlow["kind"];
  readonly asset: string;
  readonly amount: Decimal;
}

/** Cash that a trade or a funding payment moved, until the venue's own log tells it. */
export interface Estimate {
  readonly key: string;
  /** Name of the market in rows of the log. */
  readonly tradingPair: string;
  readonly sourceId: string;
  /** Rows of the log need not name it: one of its market that is not older speaks for it. */
  readonly isAdjustment: boolean;
  /** The venue said what the trade realised: each of its flows has a row to come. */
  readonly isExact: boolean;
  readonly flows: readonly EstimatedFlow[];
  readonly timestampMs: number;
}

/** An estimate, and the key of its row in the journal. */
interface Pending {
  readonly estimate: Estimate;
  readonly row: string;
}

const PREFIX = "estimate|";
/** A row of a trade has come, and this long after the trade so have all of them. */
const ROWS_COMPLETE_MS = 60_000;
/** The log has had this long to tell of it. */
const ESTIMATE_STANDS_MS = 1_800_000;

/** Estimates that the log has not replaced yet, also those of earlier processes. */
export class CashFlowEstimates {
  readonly #journal: Pick<OrderJournal, "accountFacts" | "writeAccountFact">;
  readonly #pending = new Map<string, Pending>();
  readonly sums = new TokenSums();

  constructor(journal: Pick<OrderJournal, "accountFacts" | "writeAccountFact">) {
    this.#journal = journal;
    for (const { estimate, row } of journal.accountFacts(PREFIX, decodeEstimate)) this.#hold(estimate, row);
  }

  get(key: string): Estimate | undefined {
    return this.#pending.get(key)?.estimate;
  }

  get all(): readonly Estimate[] {
    return [...this.#pending.values()].map(({ estimate }) => estimate);
  }

  /** The time of the oldest one, or infinity. */
  get oldestMs(): number {
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const { estimate } of this.#pending.values()) oldestMs = Math.min(oldestMs, estimate.timestampMs);
    return oldestMs;
  }

  /** Adds one, or puts it in the place of an earlier one with the same key; one without flows is taken out. */
  set(estimate: Estimate): void {
    const { key, flows, timestampMs } = estimate;
    const known = this.#pending.get(key);
    if (known !== undefined) this.#release(known);
    if (flows.length > 0) {
      const row = `${PREFIX}${timedKey(timestampMs, key)}`;
      this.#hold(estimate, row);
      this.#journal.writeAccountFact(row, estimateText(estimate));
      if (known?.row === row) return;
    }
    if (known !== undefined) this.#journal.writeAccountFact(known.row, undefined);
  }

  /** Drops the estimates of days that are over. */
  dropBefore(dayStartMs: number): void {
    for (const estimate of this.all) {
      if (estimate.timestampMs < dayStartMs) this.set({ ...estimate, flows: [] });
    }
  }

  /** Takes out what the log, asked at `askedAtMs`, tells by itself. */
  replaceBy(log: CashFlowLog, askedAtMs: number): void {
    for (const estimate of this.all) {
      const flows = remaining(estimate, log, askedAtMs);
      if (flows.length !== estimate.flows.length) this.set({ ...estimate, flows });
    }
  }

  #hold(estimate: Estimate, row: string): void {
    this.#pending.set(estimate.key, { estimate, row });
    for (const { asset, amount } of estimate.flows) this.sums.add(asset, amount);
  }

  #release({ estimate }: Pending): void {
    for (const { asset, amount } of estimate.flows) this.sums.add(asset, amount.neg());
    this.#pending.delete(estimate.key);
  }
}

function remaining(estimate: Estimate, log: CashFlowLog, askedAtMs: number): readonly EstimatedFlow[] {
  const { tradingPair, sourceId, flows, isAdjustment, isExact, timestampMs } = estimate;
  const ageMs = askedAtMs - timestampMs;
  if (ageMs > ESTIMATE_STANDS_MS) return [];
  const told = log.kindsOf(tradingPair, sourceId);
  if (isAdjustment && told === undefined && log.newestUnmetMs(tradingPair) >= timestampMs - 1_000) return [];
  if (!isExact && told !== undefined && ageMs >= ROWS_COMPLETE_MS) return [];
  return flows.filter(({ kind }) => told?.has(kind) !== true);
}

/** Writes an estimate as JSON text: a list, for one is written with each execution. */
function estimateText({ tradingPair, sourceId, isAdjustment, isExact, flows, timestampMs }: Estimate): string {
  let text = `{"e":[${quoted(tradingPair)},${quoted(sourceId)},${isAdjustment},${isExact},${timestampMs}`;
  for (const { kind, asset, amount } of flows) text += `,["${kind}",${quoted(asset)},"${amount.toFixed()}"]`;
  return `${text}]}`;
}

/** The fields of an estimate by name, as versions up to 4 of the journal's format have them. */
function estimateFields(written: JsonFields): JsonFields {
  if (!written.has("e")) return written;
  const [tradingPair, sourceId, isAdjustment, isExact, timestampMs, ...flows] = written.list("e");
  return new JsonFields({ tradingPair, sourceId, isAdjustment, isExact, timestampMs, flows });
}

function decodeFlow(row: unknown): EstimatedFlow {
  const [kind, asset, amount]: readonly unknown[] = Array.isArray(row) ? row : [];
  if (typeof asset !== "string" || typeof amount !== "string") throw new TypeError(`${JSON.stringify(row)} is no flow`);
  return { kind: cashFlowKind(kind), asset, amount: storedDecimal(amount) };
}

function decodeEstimate(written: JsonFields, name: string): Pending {
  const fields = estimateFields(written);
  const estimate: Estimate = {
    key: written.has("e") ? untimedKey(name) : name,
    tradingPair: fields.text("tradingPair"),
    sourceId: fields.text("sourceId"),
    isAdjustment: fields.flag("isAdjustment"),
    isExact: fields.optional("isExact", (from) => from.flag("isExact")) ?? false,
    flows: fields.list("flows").map(decodeFlow),
    timestampMs: fields.number("timestampMs"),
  };
  return { estimate, row: `${PREFIX}${name}` };
}
