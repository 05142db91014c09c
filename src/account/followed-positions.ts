import { type Decimal, ZERO } from "../model/decimal.ts";
import type { PositionSide } from "../model/order.ts";
import { type Position, positionKey } from "../model/position.ts";
import { type JsonFields, timedKey } from "../trading/json-fields.ts";
import type { OrderJournal } from "../trading/order-journal.ts";
import type { AccountTrade } from "./account-trade.ts";
import type { ToldPosition } from "./position-book.ts";
import {
  decodeStep,
  type KeptStep,
  type KeptTrade,
  NOT_WALKED,
  type RealizedTrade,
  stepFields,
  stepText,
  stockIn,
  UNWALKED,
} from "./position-step-codec.ts";
import {
  costIn,
  isBefore,
  isExplained,
  isSooner,
  NOTHING,
  type ReportStep,
  type Step,
  type Stock,
  stepOn,
  stockOf,
  walk,
} from "./position-steps.ts";

export interface FollowedPositionsOptions {
  readonly journal: Pick<OrderJournal, "accountFacts" | "writeAccountFact">;
  /** The position as the account knows it, also when that is flat; undefined when it never heard of one. */
  position(key: Pick<Position, "tradingPair" | "side">): ToldPosition | undefined;
}

/** Changes by a trade: its own profit or loss, that of others which it comes before, and settlements. */
export interface AppliedTrade {
  readonly own: Decimal;
  readonly others: readonly { readonly trade: RealizedTrade; readonly before: Decimal }[];
  readonly settled: Decimal;
}

/** Changes by a report. */
export interface AppliedReport extends Omit<AppliedTrade, "own"> {
  readonly tradingPair: string;
  readonly timestampMs: number;
}

const POSITION = "position|";
const STEP = "step|";
const LISTED = "positionsListed";
/** Steps that are kept for trades that come late; then the older half becomes one stock. */
const STEPS_KEPT = 200;

interface Followed {
  /** Key of the position. */
  readonly key: string;
  readonly tradingPair: string;
  readonly side: PositionSide;
  /** Position before all steps; undefined until something tells it. */
  base: Base | undefined;
  /** Replaced by another list where more than a trade is added at its end. */
  steps: KeptStep[];
  end: Stock;
  /** No report among the steps may have trades of after this time in it. */
  openUntilMs: number;
  /** A report does not fit the trades, and no later one has said yet which of them is wrong. */
  isOpen: boolean;
  /** Time of the last report that trades must be missing for. */
  unexplainedMs: number | undefined;
}

interface Base {
  readonly stock: Stock;
  readonly timestampMs: number;
  readonly unexplainedMs: number | undefined;
}

/**
 * Positions by the trades that made them, for what each trade realised. Trades are put into the venue's order, whatever
 * the one in which they and positions are told. Kept in the journal: a trade that closes may come to another process
 * than the one that opened.
 */
export class FollowedPositions {
  readonly #options: FollowedPositionsOptions;
  readonly #followed = new Map<string, Followed>();
  /** The position that was traded last, which is the next one's most often. */
  #last: Followed | undefined;
  /** Time when the account was first listed: a position that was not open then was flat. */
  #listedAtMs: number | undefined;
  #count = 0;

  constructor(options: FollowedPositionsOptions) {
    this.#options = options;
    const { journal } = options;
    for (const { followed, base } of journal.accountFacts(POSITION, (fields) => this.#baseIn(fields))) {
      followed.base = base;
    }
    for (const timestampMs of journal.accountFacts(LISTED, (fields) => fields.number("timestampMs"))) {
      this.#listedAtMs = timestampMs;
    }
    for (const { followed, step } of journal.accountFacts(STEP, (fields, name) => this.#stepIn(fields, name))) {
      followed.steps.push(step);
      noteOpenUntil(followed, step);
    }
    for (const followed of this.#followed.values()) {
      followed.steps.sort((a, b) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : a.count - b.count));
      this.#count = followed.steps.reduce((most, { count }) => Math.max(most, count), this.#count);
      walkOn(followed);
    }
  }

  #baseIn(fields: JsonFields) {
    const unexplainedMs = fields.optional("unexplainedMs", () => fields.number("unexplainedMs"));
    const { amount, entryPrice } = stockIn(fields);
    const cost = fields.optional("cost", () => fields.decimal("cost"));
    const stock = cost === undefined ? { amount, entryPrice } : stockOf(amount, cost);
    const base: Base = { stock, timestampMs: fields.number("timestampMs"), unexplainedMs };
    return { followed: this.#at(fields), base };
  }

  #stepIn(written: JsonFields, name: string) {
    const fields = stepFields(written);
    return { followed: this.#at(fields), step: decodeStep(`${STEP}${name}`, fields) };
  }

  #at(fields: JsonFields): Followed {
    const tradingPair = fields.text("tradingPair");
    return this.#follow(tradingPair, fields.oneOf("side", ["both", "long", "short"]));
  }

  #find(tradingPair: string, side: PositionSide): Followed | undefined {
    const last = this.#last;
    if (last?.tradingPair === tradingPair && last.side === side) return last;
    const found = this.#followed.get(positionKey(tradingPair, side));
    if (found !== undefined) this.#last = found;
    return found;
  }

  #follow(tradingPair: string, side: PositionSide): Followed {
    const known = this.#find(tradingPair, side);
    if (known !== undefined) return known;
    const key = positionKey(tradingPair, side);
    const nothing = { base: undefined, steps: [], end: NOTHING, openUntilMs: Number.NEGATIVE_INFINITY };
    const followed: Followed = { key, tradingPair, side, ...nothing, isOpen: false, unexplainedMs: undefined };
    this.#followed.set(key, followed);
    return followed;
  }

  /** Signed; zero when flat. */
  held(tradingPair: string, side: PositionSide): Decimal {
    const followed = this.#find(tradingPair, side)?.end;
    return (followed ?? this.#options.position({ tradingPair, side }))?.amount ?? ZERO;
  }

  /** The account has told a position: the first word of one that no trade has told of. */
  see(position: Position): void {
    const { tradingPair, side, amount } = position;
    if (this.#find(tradingPair, side) !== undefined || amount.isZero()) return;
    // Reports carry the time until when trades may be in them: without it, fills of the question's time counted twice.
    const told = this.#options.position({ tradingPair, side });
    const isSame = told?.timestampMs === position.timestampMs && told.amount.eq(amount);
    this.#addReport(this.#follow(tradingPair, side), reportOf(isSame ? told : position));
  }

  /** The account has told all of its positions. */
  seeListing(timestampMs: number): void {
    if (this.#listedAtMs !== undefined) return;
    this.#listedAtMs = timestampMs;
    this.#options.journal.writeAccountFact(LISTED, JSON.stringify({ timestampMs }));
  }

  /** True while a report does not fit the trades and the next ones have to tell which of them is wrong. */
  get areOpen(): boolean {
    return [...this.#followed.values()].some(({ isOpen }) => isOpen);
  }

  /** Time of the last report that no trades explain: some are not known. */
  get unexplainedMs(): number | undefined {
    const times = [...this.#followed.values()].flatMap(({ unexplainedMs }) => unexplainedMs ?? []);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  /** Holds positions that are followed against what the account says now. */
  compare(): readonly AppliedReport[] {
    return [...this.#followed.values()].flatMap((followed) => {
      const reported = this.#options.position(followed);
      const { steps: before, base, end, isOpen } = followed;
      const newestMs = before.at(-1)?.timestampMs ?? base?.timestampMs;
      if (reported === undefined || newestMs === undefined || reported.timestampMs <= newestMs) return [];
      if (!isOpen && reported.amount.eq(end.amount)) return [];
      this.#addReport(followed, reportOf(reported));
      const { others, settled } = changesOf(before, followed.steps);
      return [{ tradingPair: followed.tradingPair, timestampMs: reported.timestampMs, others, settled }];
    });
  }

  /** A trade, once. `isTold`: the venue told what it realised. */
  apply(trade: AccountTrade, isTold: boolean): AppliedTrade {
    const { tradingPair, side, timestampMs } = trade;
    const reported = this.#options.position({ tradingPair, side });
    const followed = this.#follow(tradingPair, side);
    const before = followed.steps;
    const isFirst = before.length === 0 && followed.base === undefined;
    if (isFirst && this.#listedAtMs !== undefined && this.#listedAtMs < timestampMs) {
      this.#addReport(followed, reportOf({ ...NOTHING, timestampMs: this.#listedAtMs }));
    }
    if (reported !== undefined && isNews(followed, reported, timestampMs))
      this.#addReport(followed, reportOf(reported));
    const isAlone = followed.steps === before;
    const appended = this.#addTrade(followed, trade, isTold);
    const isAllNew = isAlone && appended !== undefined;
    const applied = isAllNew ? applyAlone(appended.realized) : changesOf(before, followed.steps, trade.tradeKey);
    this.#shorten(followed);
    return applied;
  }

  /** Returns the step where it comes after all others and changes none of them. */
  #addTrade(followed: Followed, trade: AccountTrade, isTold: boolean): KeptStep | undefined {
    const { tradingPair, tradeKey, sourceId, price, signedAmount, isAdjustment, timestampMs } = trade;
    const newest = followed.steps.at(-1);
    // Nothing is after it, and no report can have it in it: so is nearly every trade.
    const isNewest = newest === undefined || isAfter(trade, newest);
    const { stock, realized } = isNewest ? stepOn(followed.end, { kind: "trade", price, signedAmount }) : NOT_WALKED;
    this.#count += 1;
    const step: KeptTrade = {
      kind: "trade",
      tradingPair,
      tradeKey,
      sourceId,
      price,
      signedAmount,
      isAdjustment,
      isTold,
      timestampMs,
      realized,
      factKey: `${STEP}${timedKey(timestampMs, `${followed.key}|${tradeKey}`)}`,
      count: this.#count,
      after: stock,
    };
    if (!isNewest || timestampMs <= followed.openUntilMs) return this.#add(followed, step);
    this.#write(followed, step, true);
    // The list of 200 was copied for each trade.
    followed.steps.push(step);
    followed.end = stock;
    return step;
  }

  /** Marks trades that are told: no later trade changes what they count for. */
  noteTold(isTold: (trade: RealizedTrade) => boolean): void {
    for (const followed of this.#followed.values()) {
      for (const [index, step] of followed.steps.entries()) {
        if (step.kind !== "trade" || step.isTold || !isTold(step)) continue;
        const told = { ...step, isTold: true };
        followed.steps[index] = told;
        this.#write(followed, told);
      }
    }
  }

  /** Returns the step where it comes after all others and changes none of them. */
  #add(followed: Followed, kept: KeptStep): KeptStep | undefined {
    this.#write(followed, kept);
    const { base, steps, end } = followed;
    let index = steps.length;
    while (index > 0 && isBefore(kept, steps[index - 1] as Step)) index -= 1;
    const isReport = kept.kind === "report";
    const isTelling = isReport && (base === undefined || followed.isOpen || !isExplained(kept, end, index, index));
    const { timestampMs } = kept;
    const mayBeTold = timestampMs <= followed.openUntilMs && steps.some((each) => isOpenAt(each, timestampMs));
    noteOpenUntil(followed, kept);
    if (index < steps.length || isTelling || mayBeTold) {
      followed.steps = steps.toSpliced(index, 0, kept);
      walkOn(followed);
      return undefined;
    }
    const { stock, realized } = stepOn(end, kept);
    const appended: KeptStep = { ...kept, realized, after: stock };
    if (isReport) followed.steps = [...steps, appended];
    else steps.push(appended);
    followed.end = stock;
    return appended;
  }

  #addReport(followed: Followed, report: ReportStep): void {
    this.#count += 1;
    const factKey = `${STEP}${followed.key}|${this.#count}`;
    this.#add(followed, { ...report, factKey, count: this.#count, ...UNWALKED });
  }

  #write({ tradingPair, side }: Followed, step: KeptStep, isNew = false): void {
    this.#options.journal.writeAccountFact(step.factKey, stepText(tradingPair, side, step), isNew);
  }

  #shorten(followed: Followed): void {
    const { tradingPair, side, steps } = followed;
    if (steps.length < STEPS_KEPT) return;
    const { journal } = this.#options;
    const old = steps.slice(0, STEPS_KEPT / 2);
    // Reports are judged by what comes after them; trades alone are not.
    const times = steps.some(({ kind }) => kind === "report") ? walk(followed.base?.stock, steps).unexplainedMs : [];
    const { after: stock = NOTHING, timestampMs = 0 } = old.at(-1) ?? {};
    const unexplainedMs = lastOf([followed.base?.unexplainedMs, ...times.filter((ms) => ms <= timestampMs)]);
    followed.base = { stock, timestampMs, unexplainedMs };
    followed.steps = steps.slice(old.length);
    for (const { factKey } of old) journal.writeAccountFact(factKey, undefined);
    const { amount, entryPrice } = stock;
    const facts = { tradingPair, side, amount, entryPrice, cost: costIn(stock), timestampMs, unexplainedMs };
    journal.writeAccountFact(`${POSITION}${followed.key}`, JSON.stringify(facts));
  }
}

/** The venue's order has the trade after the step, as `isBefore` has it. */
function isAfter({ sourceId, timestampMs }: AccountTrade, step: Step): boolean {
  if (step.timestampMs !== timestampMs) return step.timestampMs < timestampMs;
  return step.kind === "trade" && !isSooner(sourceId, step.sourceId);
}

/** A report counts where it is the first word, or between what is known and the trade. */
function isNews({ base, steps }: Followed, reported: ToldPosition, tradeMs: number): boolean {
  const newestMs = steps.at(-1)?.timestampMs ?? base?.timestampMs;
  if (newestMs === undefined) return true;
  return reported.timestampMs < tradeMs && reported.timestampMs > newestMs;
}

/** The step may be in that report. */
function isOpenAt(step: Step, timestampMs: number): boolean {
  return step.kind === "report" && timestampMs <= step.untilMs;
}

function noteOpenUntil(followed: Followed, step: KeptStep): void {
  if (step.kind === "report") followed.openUntilMs = Math.max(followed.openUntilMs, step.untilMs);
}

/** Change by a trade that follows all other steps. */
function applyAlone(own: Decimal): AppliedTrade {
  return { own, others: [], settled: ZERO };
}

/** Steps that are the same were not walked again. */
function changesOf(before: readonly KeptStep[], steps: readonly KeptStep[], tradeKey?: string): AppliedTrade {
  const known = new Map(before.map((step) => [step.factKey, step]));
  const others: AppliedTrade["others"][number][] = [];
  let [own, settled] = [ZERO, ZERO];
  for (const step of steps) {
    const earlier = known.get(step.factKey);
    if (earlier === step) continue;
    const realizedBefore = earlier?.realized ?? ZERO;
    if (step.kind === "report") settled = settled.plus(step.realized.minus(realizedBefore));
    else if (step.tradeKey === tradeKey) own = step.realized;
    else if (!step.realized.eq(realizedBefore)) others.push({ trade: step, before: realizedBefore });
  }
  return { own, others, settled };
}

function walkOn(followed: Followed): void {
  const { end, realized, stocks, openMs, unexplainedMs } = walk(followed.base?.stock, followed.steps);
  followed.end = end;
  followed.isOpen = openMs.length > 0;
  followed.unexplainedMs = lastOf([followed.base?.unexplainedMs, ...unexplainedMs]);
  followed.steps = followed.steps.map((step, index) => {
    return { ...step, realized: realized[index] ?? ZERO, after: stocks[index] ?? NOTHING };
  });
}

function lastOf(timesMs: readonly (number | undefined)[]): number | undefined {
  return timesMs.findLast((timeMs) => timeMs !== undefined);
}

function reportOf({ amount, entryPrice, timestampMs, untilMs = timestampMs }: ToldPosition): ReportStep {
  return { kind: "report", amount, entryPrice, timestampMs, untilMs };
}
