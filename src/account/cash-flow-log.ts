import type { CashFlow } from "../model/cash-flow.ts";
import { ZERO } from "../model/decimal.ts";
import type { TokenSums } from "./token-sums.ts";

interface Source {
  readonly kinds: Set<CashFlow["kind"]>;
  timestampMs: number;
}

/** Rows of one UTC day of the venue's log, each once; memory holds the ids of the last rows only. */
export class CashFlowLog {
  readonly #rows = new Map<string, CashFlow>();
  readonly #sources = new Map<string, Source>();
  readonly #newestMs = new Map<string, number>();
  /** Sums of the whole day. */
  sums: TokenSums;

  constructor(sums: TokenSums) {
    this.sums = sums;
  }

  /** Before the whole day is read anew. */
  clear(): void {
    this.#rows.clear();
    this.#sources.clear();
    this.#newestMs.clear();
    this.sums.clear();
  }

  /** A row once; another amount under the same id replaces the first. */
  add(row: CashFlow): void {
    const { cashFlowId, kind, tradingPair = "", asset, amount, sourceId, timestampMs } = row;
    const known = this.#rows.get(cashFlowId);
    if (known !== undefined) this.sums.add(known.asset, known.amount.neg());
    this.#rows.set(cashFlowId, row);
    this.sums.add(asset, amount);
    const newest = newestKey(tradingPair, kind);
    this.#newestMs.set(newest, Math.max(this.#newestMs.get(newest) ?? 0, timestampMs));
    if (sourceId === undefined || sourceId === "") return;
    const key = sourceKey(tradingPair, sourceId);
    const source = this.#sources.get(key);
    if (source === undefined) this.#sources.set(key, { kinds: new Set([kind]), timestampMs });
    else source.kinds.add(kind);
  }

  /** The kinds of row that have come of a trade or payment; undefined where none has. */
  kindsOf(tradingPair: string, sourceId: string): ReadonlySet<CashFlow["kind"]> | undefined {
    return this.#sources.get(sourceKey(tradingPair, sourceId))?.kinds;
  }

  /** The time of a market's newest row of a kind, or zero. */
  newestMs(tradingPair: string, kind: CashFlow["kind"]): number {
    return this.#newestMs.get(newestKey(tradingPair, kind)) ?? 0;
  }

  /** Forgets ids of rows that will not be asked for again; their amounts stay. */
  forgetBefore(timestampMs: number): void {
    for (const [id, row] of this.#rows) if (row.timestampMs < timestampMs) this.#rows.delete(id);
    for (const [key, source] of this.#sources) if (source.timestampMs < timestampMs) this.#sources.delete(key);
  }

  /** Adds what is no row, where the venue has no log. */
  book(asset: string, amount: CashFlow["amount"]): void {
    if (!amount.eq(ZERO)) this.sums.add(asset, amount);
  }
}

const sourceKey = (tradingPair: string, sourceId: string) => `${tradingPair}|${sourceId}`;
const newestKey = (tradingPair: string, kind: string) => `${tradingPair}|${kind}`;
