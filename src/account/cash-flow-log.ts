import type { CashFlow } from "../model/cash-flow.ts";
import { type Decimal, ZERO } from "../model/decimal.ts";
import type { JsonFields } from "../trading/json-fields.ts";
import type { OrderJournal } from "../trading/order-journal.ts";
import type { TokenSums } from "./token-sums.ts";

type Kind = CashFlow["kind"];

/** A trade or payment as rows name it. */
interface Source {
  readonly amounts: Map<Kind, Decimal>;
  readonly timestampMs: number;
  /** True where the payment was reported by itself as well; it is not reported again. */
  isMet: boolean;
}

const PREFIX = "logged|";

/**
 * Rows of one UTC day of the venue's log, each once; memory holds the last rows only. The journal has their sums, and the
 * trades and payments that only rows have told: one that comes to a later process is in the sums already.
 */
export class CashFlowLog {
  readonly #journal: Pick<OrderJournal, "accountFacts" | "writeAccountFact">;
  readonly #rows = new Map<string, CashFlow>();
  readonly #sources = new Map<string, Source>();
  /** Trades and payments that were told before their rows, by market and id: each fill is met, and few rows are kept. */
  readonly #met = new Map<string, Map<string, number>>();
  /** Sources as the journal has them: text. */
  readonly #written = new Map<string, string>();
  /** Sums of the whole day. */
  sums: TokenSums;

  constructor(journal: Pick<OrderJournal, "accountFacts" | "writeAccountFact">, sums: TokenSums) {
    this.#journal = journal;
    this.sums = sums;
    for (const [key, source] of journal.accountFacts(PREFIX, (fields, name) => [name, decodeSource(fields)] as const)) {
      this.#sources.set(key, source);
      this.#written.set(key, textOf(source));
    }
  }

  /** Clears the log before the whole day is read anew. */
  clear(): void {
    this.#rows.clear();
    this.#sources.clear();
    this.sums.clear();
  }

  /** A row once; another amount under the same id replaces the first. */
  add(row: CashFlow): void {
    const { cashFlowId, kind, tradingPair = "", asset, amount, sourceId, timestampMs } = row;
    const known = this.#rows.get(cashFlowId);
    if (known !== undefined) this.sums.add(known.asset, known.amount.neg());
    this.#rows.set(cashFlowId, row);
    this.sums.add(asset, amount);
    if (sourceId === undefined || sourceId === "") return;
    const key = sourceKey(tradingPair, sourceId);
    const isMet = this.#met.get(tradingPair)?.has(sourceId) === true;
    const source = this.#sources.get(key) ?? { amounts: new Map(), timestampMs, isMet };
    this.#sources.set(key, source);
    source.amounts.set(kind, (source.amounts.get(kind) ?? ZERO).plus(amount).minus(known?.amount ?? ZERO));
  }

  /** A trade or payment was told by itself. */
  meet(tradingPair: string, sourceId: string, timestampMs: number): void {
    const met = this.#met.get(tradingPair) ?? new Map<string, number>();
    if (met.size === 0) this.#met.set(tradingPair, met);
    met.set(sourceId, timestampMs);
    if (this.#sources.size === 0 && this.#written.size === 0) return;
    const key = sourceKey(tradingPair, sourceId);
    const source = this.#sources.get(key);
    if (source !== undefined) source.isMet = true;
    this.#write(key, undefined);
  }

  /** The kinds of row that have come of a trade or payment; undefined where none has. */
  kindsOf(tradingPair: string, sourceId: string): Pick<ReadonlyMap<Kind, Decimal>, "has"> | undefined {
    return this.#sources.size === 0 ? undefined : this.#sources.get(sourceKey(tradingPair, sourceId))?.amounts;
  }

  /** Time of a market's newest profit row that is of no trade that was told, or zero. */
  newestUnmetMs(tradingPair: string): number {
    let newestMs = 0;
    for (const row of this.#rows.values()) {
      if (row.kind !== "realizedPnl" || row.tradingPair !== tradingPair || row.amount.isZero()) continue;
      const { sourceId = "" } = row;
      const isMet = sourceId !== "" && this.#sources.get(sourceKey(tradingPair, sourceId))?.isMet === true;
      if (!isMet) newestMs = Math.max(newestMs, row.timestampMs);
    }
    return newestMs;
  }

  /** Puts another amount in the place of a payment's row. Returns false where no row of it is remembered. */
  correct(tradingPair: string, sourceId: string, amount: Decimal): boolean {
    const isOfIt = (row: CashFlow) => row.tradingPair === tradingPair && row.sourceId === sourceId;
    const [row, ...more] = [...this.#rows.values()].filter(isOfIt);
    if (row === undefined || more.length > 0) return false;
    this.add({ ...row, amount });
    return true;
  }

  /** Forgets ids of rows that will not be asked for again; their amounts stay. */
  forgetBefore(timestampMs: number): void {
    for (const [id, row] of this.#rows) if (row.timestampMs < timestampMs) this.#rows.delete(id);
    for (const [key, source] of this.#sources) if (source.timestampMs < timestampMs) this.#sources.delete(key);
    for (const met of this.#met.values()) {
      for (const [sourceId, metMs] of met) if (metMs < timestampMs) met.delete(sourceId);
    }
  }

  /** Writes which sources only rows have told. */
  save(): void {
    for (const key of this.#written.keys()) if (this.#sources.get(key)?.isMet !== false) this.#write(key, undefined);
    for (const [key, source] of this.#sources) if (!source.isMet) this.#write(key, source);
  }

  #write(key: string, source: Source | undefined): void {
    const text = source === undefined ? undefined : textOf(source);
    if (this.#written.get(key) === text) return;
    if (text === undefined) this.#written.delete(key);
    else this.#written.set(key, text);
    const facts = source && JSON.stringify({ ...source, amounts: Object.fromEntries(source.amounts) });
    this.#journal.writeAccountFact(`${PREFIX}${key}`, facts);
  }

  /** Adds what is no row, where the venue has no log. */
  book(asset: string, amount: CashFlow["amount"]): void {
    if (!amount.eq(ZERO)) this.sums.add(asset, amount);
  }
}

const KINDS: readonly Kind[] = ["realizedPnl", "fee", "funding", "other"];

/** Throws a `TypeError` for what is no kind of cash flow. */
export function cashFlowKind(value: unknown): Kind {
  const kind = KINDS.find((each) => each === value);
  if (kind === undefined) throw new TypeError(`${JSON.stringify(value)} is none of ${KINDS.join(", ")}`);
  return kind;
}

function decodeSource(fields: JsonFields): Source {
  const amounts = [...fields.decimals("amounts")].map(([kind, amount]) => [cashFlowKind(kind), amount] as const);
  return { amounts: new Map(amounts), timestampMs: fields.number("timestampMs"), isMet: false };
}

const sourceKey = (tradingPair: string, sourceId: string) => `${tradingPair}|${sourceId}`;
const textOf = ({ amounts }: Source) => [...amounts].map(([kind, amount]) => `${kind} ${amount.toFixed()}`).join();
