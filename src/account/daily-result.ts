import type { CashFlow } from "../model/cash-flow.ts";
import { type Decimal, plus, storedDecimal, ZERO } from "../model/decimal.ts";
import type { FundingPayment } from "../model/funding.ts";
import { splitTradingPair, type TradingPair } from "../model/market.ts";
import type { Position } from "../model/position.ts";
import { feeAmounts } from "../trading/fees.ts";
import { decodeTime, type OrderJournal } from "../trading/order-journal.ts";
import type { AccountTrade } from "./account-trade.ts";
import { CashFlowEstimates, type EstimatedFlow } from "./cash-flow-estimates.ts";
import { CashFlowLog } from "./cash-flow-log.ts";
import { FollowedPositions } from "./followed-positions.ts";
import type { ToldPosition } from "./position-book.ts";
import type { RealizedTrade } from "./position-step-codec.ts";
import { TokenSums } from "./token-sums.ts";
import { TradeKeys } from "./trade-keys.ts";

export interface DailyResultOptions {
  readonly journal: Pick<OrderJournal, "readCursor" | "setCursor" | "accountFacts" | "writeAccountFact" | "batch">;
  /** The position as the account knows it, also when that is flat; undefined when it never heard of one. */
  position(key: Pick<Position, "tradingPair" | "side">): ToldPosition | undefined;
  /** Worth of one token in quote units; undefined while no price of it is known. */
  priceOf(token: string): Decimal | undefined;
  /** The venue tells its cash flows: what trades brought is an estimate until these come. Default false. */
  readonly hasCashFlows?: boolean | undefined;
}

const MAX_DECIMAL_PLACES = 16;

/** Result of the running UTC day so far, realised: profit and loss, fees, funding. */
export interface DailyReport {
  /** Midnight UTC, epoch milliseconds. */
  readonly dayStartMs: number;
  /** Realised result in quote units, negative for a loss. Amounts that cannot be valued are left out. */
  readonly result: Decimal;
  /**
   * False while something cannot be valued, or while a part of the venue's own log of the day has not been read. Where
   * the venue has no log: false while a position differs from the result of the day's trades.
   */
  readonly isComplete: boolean;
  /** Tokens whose price is not known, with what came in of them, negative where it was paid. */
  readonly unvalued: readonly { readonly token: string; readonly amount: Decimal }[];
}

const CURSOR = "dailyResult";
const READ_CURSOR = "cashFlowsRead";
const DAY_MS = 86_400_000;
/** Older trades are the log's to tell. Rows are remembered for twice as long, so that no trade is taken for new. */
const LOG_COVERS_AFTER_MS = 1_800_000;
const ROWS_REMEMBERED_MS = 3_600_000;
/** Part of the log that is read again with every poll, and with a read after a trade. */
const POLL_OVERLAP_MS = 900_000;
const OVERLAP_MS = 60_000;

/**
 * Result of the running UTC day, whoever caused it: the venue's own cash flows where it tells them, and until they
 * come, or where it does not, what trades and funding payments say. Dollars of any kind are added up as one. Kept in
 * the journal, so that a restart does not forget a loss.
 */
export class DailyResult {
  readonly #options: DailyResultOptions;
  readonly #positions: FollowedPositions;
  readonly #estimates: CashFlowEstimates;
  readonly #keys: TradeKeys;
  readonly #log: CashFlowLog;
  /** Last trades' prices and the worth of what they are in, for tokens that nothing else values. */
  readonly #tradePrices = new Map<string, { readonly price: Decimal; readonly quoteWorth: Decimal }>();
  /** Cursor as the journal has it: the day, and the number of changes of the sums. */
  #saved = { day: Number.NaN, changes: Number.NaN };
  #day: number;
  /** Rows of the day's log could not be read. */
  #isUnread = false;
  /** Time when any process last read the log. */
  #readAtMs: number;
  /**
   * Time when the log was last asked, by the venue's clock; undefined before the whole day was read in this process.
   */
  #askedAtMs: number | undefined;

  constructor(options: DailyResultOptions) {
    this.#options = options;
    const { journal } = options;
    this.#positions = new FollowedPositions(options);
    this.#estimates = new CashFlowEstimates(journal);
    this.#keys = new TradeKeys(journal, "trade");
    const { day, sums } = journal.readCursor(CURSOR, decodeDay) ?? { day: 0, sums: new TokenSums() };
    this.#day = day;
    this.#log = new CashFlowLog(journal, sums);
    for (const { tradingPair, sourceId, timestampMs } of this.#estimates.all) {
      this.#log.meet(tradingPair, sourceId, timestampMs);
    }
    this.#readAtMs = journal.readCursor(READ_CURSOR, decodeTime) ?? 0;
  }

  /** Negative for a loss. Unrealised profit and loss is the caller's to add. */
  resultAt(nowMs: number): Decimal {
    return this.reportAt(nowMs).result;
  }

  reportAt(nowMs: number): DailyReport {
    const dayStartMs = dayOf(nowMs) * DAY_MS;
    const sums = dayOf(nowMs) === this.#day ? this.#sums() : new TokenSums();
    const unvalued: DailyReport["unvalued"][number][] = [];
    let result: Decimal = ZERO;
    for (const [token, amount] of sums.entries) {
      const price = this.#priceOf(token);
      if (price === undefined) unvalued.push({ token, amount });
      else result = result.plus(amount.times(price));
    }
    const readDay = this.#askedAtMs === undefined ? undefined : dayOf(this.#askedAtMs);
    const isWhole =
      this.#options.hasCashFlows === true
        ? readDay === dayOf(nowMs) && !this.#isUnread
        : !this.#positions.areOpen && (this.#positions.unexplainedMs ?? 0) < dayStartMs;
    // An average entry such as 100 / 3 leaves digits that mean nothing.
    result = result.toDecimalPlaces(MAX_DECIMAL_PLACES);
    return { dayStartMs, result, isComplete: isWhole && unvalued.length === 0, unvalued };
  }

  /** True while the account's word of a position contradicts its trades: it has to be asked for again. */
  get arePositionsInDoubt(): boolean {
    return this.#options.hasCashFlows !== true && this.#positions.areOpen;
  }

  /** Tokens in which something came in or was paid. */
  tokensAt(nowMs: number): readonly string[] {
    return dayOf(nowMs) === this.#day ? this.#sums().entries.map(([token]) => token) : [];
  }

  /** The account has told a position. */
  seePosition(position: Position | undefined): void {
    if (position !== undefined) this.#positions.see(position);
  }

  /** The account has told all of its positions: the others were flat. */
  seeListing(timestampMs: number): void {
    this.#positions.seeListing(timestampMs);
  }

  /** The account has told positions: what does not fit their trades is sorted out. The log does that where there is one. */
  comparePositions(): void {
    if (this.#options.hasCashFlows === true) return;
    this.#options.journal.batch(() => {
      for (const { tradingPair, timestampMs, others, settled } of this.#positions.compare()) {
        const [, quote] = splitTradingPair(tradingPair);
        for (const { trade, before } of others) this.#rebook(trade, before, quote);
        if (dayOf(timestampMs) < this.#day || settled.isZero()) continue;
        this.#begin(dayOf(timestampMs));
        this.#log.book(quote, settled);
        this.#save();
      }
    });
  }

  /** Amount open on a side as far as trades tell; signed. */
  held(tradingPair: string, side: Position["side"]): Decimal {
    return this.#positions.held(tradingPair, side);
  }

  /**
   * A trade of the account, whoever made it, once: told again, it changes nothing. `isCounted`: the fill ledger has
   * seen to that, and keeps its key.
   */
  applyTrade(trade: AccountTrade, { isCounted = false } = {}): void {
    const { journal } = this.#options;
    journal.batch(() => {
      if (this.#keys.has(trade) || (!isCounted && this.#keys.isForgotten(trade))) return;
      if (!isCounted) this.#keys.add(trade);
      const [base, quote] = splitTradingPair(trade.tradingPair);
      const quoteWorth = this.#priceOf(quote);
      if (quoteWorth !== undefined) this.#tradePrices.set(base, { price: trade.price, quoteWorth });
      const { tradeKey: key, tradingPair, sourceId, isAdjustment, timestampMs } = trade;
      const isExact = trade.realizedPnl !== undefined;
      const isTold = isExact || this.#isToldByLog(trade);
      const { own, others, settled } = this.#positions.apply(trade, isTold);
      // The log tells settlements by themselves.
      const estimated = this.#options.hasCashFlows === true ? own : plus(own, settled);
      const { realizedPnl = estimated } = trade;
      const flows: EstimatedFlow[] = [{ kind: "realizedPnl", asset: quote, amount: realizedPnl }];
      if (trade.fee !== undefined) {
        const { price, signedAmount } = trade;
        for (const [asset, paid] of feeAmounts(trade.fee, { tradingPair, price, amount: signedAmount.abs() })) {
          flows.push({ kind: "fee", asset, amount: paid.neg() });
        }
      }
      this.#book({ key, tradingPair, sourceId, isAdjustment, isExact, timestampMs }, flows);
      for (const { trade: other, before } of others) this.#rebook(other, before, quote);
    });
  }

  /** A new payment, once; with `previous` a correction of it. */
  applyFunding(payment: FundingPayment, previous?: FundingPayment): void {
    const { paymentId, tradingPair, asset, amount, timestampMs } = payment;
    const key = `funding|${paymentId}`;
    const facts = { key, tradingPair, sourceId: paymentId, isAdjustment: false, isExact: true, timestampMs };
    const isPending = this.#estimates.get(key) !== undefined;
    if (previous === undefined || isPending) {
      this.#book(facts, [{ kind: "funding", asset, amount }], isPending);
      return;
    }
    if (dayOf(timestampMs) !== this.#day) return;
    if (!this.#log.correct(tradingPair, paymentId, amount)) {
      this.#log.book(previous.asset, previous.amount.neg());
      this.#log.book(asset, amount);
    }
    // The log is the judge of what it has told already.
    if (this.#options.hasCashFlows === true) this.#askedAtMs = undefined;
    this.#save();
  }

  /**
   * Computes the start of the next request for the venue's cash flows: the whole day the first time, then the part that
   * may be new or late.
   */
  cashFlowsSince(nowMs: number, kind: "poll" | "afterTrade"): number {
    const dayStartMs = dayOf(nowMs) * DAY_MS;
    if (this.#askedAtMs === undefined || dayOf(nowMs) !== dayOf(this.#askedAtMs)) return dayStartMs;
    const overlapMs = kind === "poll" ? POLL_OVERLAP_MS : OVERLAP_MS;
    const dueMs = Math.min(this.#askedAtMs - overlapMs, this.#estimates.oldestMs - 1_000);
    return Math.max(dayStartMs, dueMs, this.#askedAtMs - ROWS_REMEMBERED_MS);
  }

  /**
   * The rows of the log from `sinceMs` on, all of them, as the venue told them when asked at `askedAtMs`; `unread` of
   * them could not be read.
   */
  applyCashFlows(rows: readonly CashFlow[], sinceMs: number, askedAtMs: number, unread = 0): void {
    this.#options.journal.batch(() => {
      // An answer that was asked for before midnight can have rows of after it.
      this.#begin(rows.reduce((day, { timestampMs }) => Math.max(day, dayOf(timestampMs)), dayOf(askedAtMs)));
      const isWholeDay = sinceMs <= this.#day * DAY_MS;
      if (isWholeDay) this.#log.clear();
      this.#isUnread = unread > 0 || (this.#isUnread && !isWholeDay);
      for (const row of rows) if (dayOf(row.timestampMs) === this.#day) this.#log.add(row);
      this.#estimates.replaceBy(this.#log, askedAtMs);
      this.#positions.noteTold((trade) => this.#isToldByLog(trade));
      this.#log.forgetBefore(askedAtMs - ROWS_REMEMBERED_MS);
      if (isWholeDay || this.#askedAtMs !== undefined) this.#askedAtMs = askedAtMs;
      this.#readAtMs = Math.max(this.#readAtMs, askedAtMs);
      this.#options.journal.setCursor(READ_CURSOR, String(this.#readAtMs));
      this.#log.save();
      this.#save();
    });
  }

  /** Trades before this time are not listed again, nor those of markets that are behind before theirs. */
  forgetTradesBefore(timestampMs: number, behind: ReadonlyMap<TradingPair, number>): void {
    this.#keys.forgetTradesBefore(timestampMs, behind);
  }

  #book(facts: Omit<Parameters<CashFlowEstimates["set"]>[0], "flows">, all: EstimatedFlow[], isPending = false): void {
    const { timestampMs, tradingPair, sourceId } = facts;
    // Facts of a day that is over do not count against the running one.
    if (dayOf(timestampMs) < this.#day) return;
    this.#begin(dayOf(timestampMs));
    if (this.#options.hasCashFlows !== true) {
      for (const { asset, amount } of all) this.#log.book(asset, amount);
      this.#save();
      return;
    }
    this.#log.meet(tradingPair, sourceId, timestampMs);
    const told = this.#log.kindsOf(tradingPair, sourceId);
    const flows = all.filter(({ kind, amount }) => !amount.isZero() && told?.has(kind) !== true);
    if (isPending || (!this.#isCovered(timestampMs) && (told === undefined || facts.isExact))) {
      this.#estimates.set({ ...facts, flows });
    }
    this.#save();
  }

  /** A trade that came late has changed what an earlier told one realised. */
  #rebook(trade: RealizedTrade, before: Decimal, asset: string): void {
    const { tradeKey: key, tradingPair, sourceId, isAdjustment, isTold, realized: amount, timestampMs } = trade;
    if (isTold || dayOf(timestampMs) !== this.#day) return;
    if (this.#options.hasCashFlows !== true) this.#log.book(asset, amount.minus(before));
    else if (!this.#isCovered(timestampMs) && !this.#isToldByLog(trade)) {
      const facts = { key, tradingPair, sourceId, isAdjustment, isExact: false, timestampMs };
      const known = this.#estimates.get(key);
      // The log has answered in another way than by a profit row of its own.
      if (known === undefined && (isAdjustment || this.#log.kindsOf(tradingPair, sourceId) !== undefined)) return;
      const rest = known?.flows.filter(({ kind }) => kind !== "realizedPnl") ?? [];
      const flows: EstimatedFlow[] = amount.isZero() ? [] : [{ kind: "realizedPnl", asset, amount }];
      this.#estimates.set({ ...facts, flows: [...flows, ...rest] });
    }
    this.#save();
  }

  #isToldByLog({ tradingPair, sourceId }: Pick<AccountTrade, "tradingPair" | "sourceId">): boolean {
    return this.#log.kindsOf(tradingPair, sourceId)?.has("realizedPnl") === true;
  }

  #isCovered(timestampMs: number): boolean {
    return timestampMs < Math.max(this.#readAtMs, this.#askedAtMs ?? 0) - LOG_COVERS_AFTER_MS;
  }

  #begin(day: number): void {
    if (day <= this.#day) return;
    this.#day = day;
    this.#log.clear();
    this.#estimates.dropBefore(day * DAY_MS);
  }

  #sums(): TokenSums {
    const [booked, estimated] = [this.#log.sums, this.#estimates.sums];
    return estimated.isEmpty ? booked : booked.with(estimated);
  }

  #priceOf(token: string): Decimal | undefined {
    const known = this.#options.priceOf(token);
    if (known !== undefined) return known;
    const traded = this.#tradePrices.get(token);
    return traded?.quoteWorth.times(traded.price);
  }

  /** Writes what is booked; estimates are in the journal by themselves. */
  #save(): void {
    const { changes } = this.#log.sums;
    if (this.#saved.day === this.#day && this.#saved.changes === changes) return;
    this.#saved = { day: this.#day, changes };
    const { result } = this.reportAt(this.#day * DAY_MS);
    this.#options.journal.setCursor(CURSOR, `${this.#day} ${result.toFixed()} ${JSON.stringify(this.#log.sums)}`);
  }
}

function decodeDay(text: string): { readonly day: number; readonly sums: TokenSums } {
  const [day = "", total, ...booked] = text.split(" ");
  if (!/^\d+$/.test(day)) throw new TypeError(`it begins with "${day}", not with a number of days since 1970`);
  return { day: Number(day), sums: bookedSums(total, booked.join(" ")) };
}

/** Sums booked by token; an earlier version of the journal has the total alone. */
function bookedSums(total: string | undefined, booked: string): TokenSums {
  if (booked === "") return new TokenSums(total === undefined ? [] : [["USD", storedDecimal(total)]]);
  const sums = JSON.parse(booked) as Readonly<Record<string, string>>;
  return new TokenSums(Object.entries(sums).map(([token, amount]) => [token, storedDecimal(amount)]));
}

function dayOf(timestampMs: number): number {
  return Math.floor(timestampMs / DAY_MS);
}
