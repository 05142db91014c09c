import { vi } from "vitest";
import { DailyResult } from "../../src/account/daily-result.ts";
import type { PaperVenue } from "../../src/paper/index.ts";

const UNIT = 1e8;
const DAY_MS = 86_400_000;
/** Of rounding at the venue, which books whole units. */
const TOLERANCE = 1e-5;
const TRACED = 40;
/** A position that is told may have a trade that is not, so long before the trade is told. */
const SOON_MS = 30_000;
const NUMBER = /^\d+$/;

export interface Violation {
  /** The last facts, oldest first. */
  readonly facts: string;
  readonly result: number;
  readonly least: number;
  readonly most: number;
}

interface Range {
  readonly least: number;
  readonly most: number;
}

type Fills = ReturnType<PaperVenue["engine"]["fills"]>;

const keyOf = (part: "trade" | "realizedPnl" | "fee" | "funding", id: string) => `${part} ${id}`;
const exactly = (amount: number): Range => ({ least: amount, most: amount });
const perhaps = (amount: number): Range => ({ least: Math.min(0, amount), most: Math.max(0, amount) });

/**
 * Holds the day's result of the bot against the venue's ledger at every fact that comes, and whenever asked.
 *
 * What the bot was told counts, once: a fee by its trade or its row, a payment by itself or its row, a profit by a trade
 * that names it or by its row, or by all trades of the market up to its own. What it was not told of may count, once, for
 * the venue may have told a position that has it. A trade that does not name its profit may have closed what was opened
 * at any price of the market, as long as one of before or soon after is not told, or where several happened in one moment and the venue
 * does not tell which did first. What a process was told that ended before it wrote
 * it down may count or not.
 */
export class ToldFacts {
  readonly violations: Violation[] = [];
  checks = 0;
  readonly #venue: PaperVenue;
  readonly #told = new Set<string>();
  /** Told to the process that lives, which may not have come to write them down. */
  #fresh: string[] = [];
  /** Told to processes that have ended. */
  readonly #rumours = new Set<string>();
  #result: DailyResult | undefined;
  readonly #trace: string[] = [];

  /** Spies on every result until mocks are restored. */
  constructor(venue: PaperVenue) {
    this.#venue = venue;
    const facts = this;
    const { applyTrade, applyFunding, applyCashFlows, cashFlowsSince } = DailyResult.prototype;
    vi.spyOn(DailyResult.prototype, "cashFlowsSince").mockImplementation(function (this: DailyResult, ...of) {
      facts.#note(this, "the log is asked", []);
      return cashFlowsSince.apply(this, of);
    });
    vi.spyOn(DailyResult.prototype, "applyTrade").mockImplementation(function (this: DailyResult, trade, options) {
      applyTrade.call(this, trade, options);
      const { sourceId, realizedPnl, timestampMs } = trade;
      const keys = [keyOf("trade", sourceId), keyOf("fee", sourceId)];
      if (realizedPnl !== undefined) keys.push(keyOf("realizedPnl", sourceId));
      facts.#note(this, `trade ${sourceId} of ${timestampMs}, ${realizedPnl}`, keys);
    });
    vi.spyOn(DailyResult.prototype, "applyFunding").mockImplementation(function (this: DailyResult, payment, previous) {
      applyFunding.call(this, payment, previous);
      facts.#note(this, `payment ${payment.paymentId}`, [keyOf("funding", payment.paymentId)]);
    });
    vi.spyOn(DailyResult.prototype, "applyCashFlows").mockImplementation(function (this: DailyResult, rows, ...of) {
      applyCashFlows.call(this, rows, ...of);
      const keys = rows.flatMap(({ kind, sourceId = "" }) => (kind === "other" ? [] : keyOf(kind, sourceId)));
      facts.#note(this, `rows ${keys}`, keys);
    });
  }

  /** The process lives on: what it was told is written down. */
  kept(): void {
    for (const key of this.#fresh) this.#told.add(key);
    this.#fresh = [];
  }

  /** The process has ended, perhaps in the midst of a write. */
  ended(): void {
    for (const key of this.#fresh) this.#rumours.add(key);
    this.#fresh = [];
    this.#result = undefined;
    this.#trace.push("the process ends");
  }

  check(): void {
    if (this.#result === undefined) return;
    this.checks += 1;
    const nowMs = this.#venue.now();
    const { least, most } = this.#range(nowMs);
    const result = this.#result.resultAt(nowMs).toNumber();
    if (result >= least - TOLERANCE && result <= most + TOLERANCE) return;
    this.violations.push({ facts: this.#trace.slice(-TRACED).join("\n"), result, least, most });
  }

  #note(result: DailyResult, what: string, keys: readonly string[]): void {
    this.#result = result;
    this.#fresh.push(...keys);
    this.#trace.push(what);
    this.check();
  }

  #range(nowMs: number): Range {
    const dayStartMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
    let [least, most] = [0, 0];
    for (const [timeMs, range] of this.#entries(new Set([...this.#told, ...this.#fresh]))) {
      if (timeMs < dayStartMs) continue;
      least += range.least;
      most += range.most;
    }
    return { least, most };
  }

  *#entries(told: ReadonlySet<string>): Generator<readonly [timeMs: number, range: Range]> {
    const { engine, accountId } = this.#venue;
    const truth = this.#venue.truth();
    const fills = engine.fills(accountId);
    const isToldAt = (index: number) => told.has(keyOf("trade", String(truth.fills[index]?.fillId)));
    let isWhole = true;
    for (const [index, fill] of fills.entries()) {
      const id = String(truth.fills[index]?.fillId);
      const [isTrade, isNamed] = [told.has(keyOf("trade", id)), told.has(keyOf("realizedPnl", id))];
      const isTie = !NUMBER.test(id) && fills.some((other) => isTied(fill, other));
      const isFollowed = fills.some((later, at) => later.timeMs - fill.timeMs < SOON_MS && !isToldAt(at));
      isWhole &&= isTrade && !isFollowed && (!isTie || isNamed);
      const isHeard = isTrade || this.#rumours.has(keyOf("trade", id));
      const realized = Number(fill.realized) / UNIT;
      yield [
        fill.timeMs,
        isNamed || isWhole ? exactly(realized) : isHeard ? atAnyPrice(fill, fills) : perhaps(realized),
      ];
      const fee = -Number(fill.fee) / UNIT;
      yield [fill.timeMs, told.has(keyOf("fee", id)) ? exactly(fee) : perhaps(fee)];
    }
    for (const { paymentId, amount, timeMs } of truth.fundingPayments) {
      const isTold = told.has(keyOf("funding", String(paymentId)));
      yield [timeMs, isTold ? exactly(Number(amount)) : perhaps(Number(amount))];
    }
  }
}

function isTied(a: Fills[number], b: Fills[number]): boolean {
  return a !== b && Math.floor(a.timeMs) === Math.floor(b.timeMs);
}

function atAnyPrice({ price, size }: Fills[number], fills: Fills): Range {
  const moves = fills.map((other) => Math.abs(Number(price - other.price)) / UNIT);
  const most = Math.max(...moves) * (Number(size) / UNIT);
  return { least: -most, most };
}
