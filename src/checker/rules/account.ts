import {
  type Amount,
  absolute,
  amount,
  canonical,
  compare,
  divided,
  minus,
  sum,
  text,
  times,
  ZERO,
} from "../amount.ts";
import type {
  AnswerLine,
  EventLine,
  HeadLine,
  HistoryLine,
  PaymentShown,
  StateLine,
  TruthLine,
  VenueAccountLine,
} from "../history.ts";
import type { VenueNames } from "../names.ts";
import type { At, Findings, Rule } from "../rule.ts";

const UNIT = amount("0.00000001");
const DAY_MS = 86_400_000;
/** Everything is known so soon after the last fault. */
const MAX_NOT_READY_MS = 60_000;
/** Entry prices are told with so many decimals. */
const PRICE_DECIMALS = 8;

const TENTH = amount("0.1");
const CROSS_SUMMARY =
  /"crossMarginSummary":\{"accountValue":"(?<accountValue>[\d.]+)","totalNtlPos":"(?<totalNtlPos>[\d.]+)"/;

const isLess = (a: string, b: string): boolean => compare(amount(a), amount(b)) < 0;

interface Dated {
  readonly t: number;
  readonly account: VenueAccountLine;
}

/**
 * Processes are ready, and positions with their entry prices, cash, what is available, funding and the day's result are the
 * venue's, where all has had the time to be known; cash and what is available also after each `refresh()`, as they were while it asked.
 */
export class AccountRule implements Rule {
  readonly #head: HeadLine;
  readonly #names: VenueNames;
  readonly #findings: Findings;
  readonly #final = new Map<string, { readonly state: StateLine; readonly at: At }>();
  /** Figures of the account, the newest last. */
  readonly #figures: Dated[] = [];
  /** Start times of the refreshes that have not ended, by process. */
  readonly #asking = new Map<string, number[]>();

  /** Times at which processes last reported that an amend was not done. */
  readonly #undoneAt = new Map<string, number>();
  /** Most that may be withdrawn with a tenth of the notional left, by the last answer of each process that says so. */
  readonly #tenthKept = new Map<string, Amount>();
  /** Time since when processes are not ready, as they told it. */
  readonly #notReadySince = new Map<string, number>();

  constructor(head: HeadLine, names: VenueNames, findings: Findings) {
    this.#head = head;
    this.#names = names;
    this.#findings = findings;
  }

  line(line: HistoryLine, at: At): void {
    if (line.kind === "venue" && line.type === "account") this.#figures.push({ t: line.t, account: line });
    else if (line.kind === "process" && line.what === "started")
      this.#notReadySince.set(`${line.host} ${line.life}`, line.t);
    else if (line.kind === "event") this.#onEvent(line);
    else if (line.kind === "answer") this.#onAnswer(line);
    else if (line.kind === "asked" && line.call === "refresh") {
      const key = `${line.host} ${line.life}`;
      if (line.step === "called") this.#asking.set(key, [...(this.#asking.get(key) ?? []), line.t]);
      else if (line.step === "refused") this.#asking.get(key)?.shift();
    } else if (line.kind === "state" && line.when === "refreshed") this.#onRefreshed(line, at);
    else if (line.kind === "state" && line.when === "final") this.#final.set(line.host, { state: line, at });
    else if (line.kind === "truth") {
      for (const { state, at: shownAt } of this.#final.values()) this.#compare(state, line, shownAt, at);
      this.#final.clear();
    }
  }

  #onEvent({ host, life, name, t }: EventLine): void {
    if (name === "orderAmendFailed") this.#undoneAt.set(`${host} ${life}`, t);
    if (name === "ready") this.#notReadySince.delete(`${host} ${life}`);
    else if (name === "notReady") this.#notReadySince.set(`${host} ${life}`, t);
  }

  /** Hyperliquid leaves at least a tenth of what the cross positions are worth as margin (docs, margining). */
  #onAnswer({ host, life, text: answer = "" }: AnswerLine): void {
    const { accountValue, totalNtlPos } = CROSS_SUMMARY.exec(answer)?.groups ?? {};
    if (accountValue === undefined || totalNtlPos === undefined) return;
    this.#tenthKept.set(`${host} ${life}`, minus(amount(accountValue), times(amount(totalNtlPos), TENTH)));
  }

  #isTenthKept(process: string, available: string): boolean {
    const most = this.#tenthKept.get(process);
    return most !== undefined && compare(absolute(minus(amount(available), most)), UNIT) < 0;
  }

  #onRefreshed({ host, life, balances, t }: StateLine, at: At): void {
    const since = this.#asking.get(`${host} ${life}`)?.shift();
    if (since === undefined || this.#figures.length === 0) return;
    const first = this.#figures.findLastIndex((figure) => figure.t <= since);
    const figures = this.#figures.slice(Math.max(0, first)).filter((figure) => figure.t <= t);
    const { token } = this.#head;
    const shown = balances.find(({ asset }) => asset === token);
    const different = new Set(figures.map(({ account }) => `${account.cash} ${account.equity} ${account.available}`));
    // An answer shows none of them where they changed while it was made; what follows it is estimated.
    if (different.size > 1) return;
    this.#findings.count("balances after refresh");
    const total = canonical(shown?.total ?? "0");
    const available = canonical(shown?.available ?? "0");
    const [totals, free] = [
      figures.map(({ account }) => canonical(account[this.#names.balance])),
      figures.map(({ account }) => canonical(account.available)),
    ];
    const rule = "balances are the venue's after refresh";
    if (!totals.includes(total)) {
      this.#findings.breach(rule, `${host} shows ${total} ${token}; it was ${[...new Set(totals)].join(", ")}`, at);
    }
    // Until an amend is known to be undone, what it would lock is counted as locked, also in an answer of before.
    const isDecided = (this.#undoneAt.get(`${host} ${life}`) ?? Number.NEGATIVE_INFINITY) < since;
    const isLimited = this.#isTenthKept(`${host} ${life}`, available);
    if (isDecided && !free.includes(available) && !(isLimited && free.every((each) => isLess(available, each)))) {
      const values = [...new Set(free)].join(", ");
      this.#findings.breach(rule, `${host} shows ${available} ${token} as available; it was ${values}`, at);
    }
  }

  #compare(state: StateLine, truth: TruthLine, shownAt: At, at: At): void {
    const breach = (rule: string, what: string) =>
      this.#findings.breach(rule, `${truth.when}: ${state.host}: ${what}`, shownAt, at);
    this.#findings.count("ready at the end");
    if (!state.ready && !this.#isNotReadyYet(state)) {
      breach("a process is ready where all is to agree", "shows that it is not ready");
    }
    for (const what of this.#positionDifferences(state, truth)) breach("positions are the venue's", what);
    for (const what of this.#paymentDifferences(state, truth)) breach("funding is the venue's", what);
    for (const what of this.#dayDifferences(state, truth)) breach("the day's result is the venue's cash flows", what);
    // Equity moves with each mark price: FTX's is compared after `refresh()` and where nothing is held.
    const isFlat = truth.positions.every(({ size }) => amount(size).units === 0n);
    if (this.#names.balance === "equity" && !isFlat) return;
    this.#findings.count("balances at the end");
    const { token } = this.#head;
    const own = state.balances.find(({ asset }) => asset === token);
    const shown = canonical(own?.total ?? "0");
    if (shown !== canonical(truth.cash)) breach("cash is the venue's", `shows ${shown}, it is ${truth.cash}`);
    // Positions and resting orders lock collateral, by mark prices that move.
    const isIdle = isFlat && truth.orders.every(({ status }) => status === "closed");
    if (truth.available === undefined || !isIdle) return;
    this.#findings.count("available at the end");
    const free = canonical(own?.available ?? "0");
    if (free !== canonical(truth.available)) {
      breach("what is available is the venue's", `shows ${free}, it is ${truth.available}`);
    }
  }

  /** A book or a connection may break at any moment, also while `flatten()` works. */
  #isNotReadyYet({ host, life, t }: StateLine): boolean {
    const since = this.#notReadySince.get(`${host} ${life}`);
    return since !== undefined && t - since <= MAX_NOT_READY_MS;
  }

  #positionDifferences({ positions }: StateLine, truth: TruthLine): readonly string[] {
    const ours = new Map(positions.map(({ pair, side, amount: held, entry }) => [`${pair} ${side}`, { held, entry }]));
    const theirs = truth.positions.filter(({ size }) => amount(size).units !== 0n);
    const differences = theirs.flatMap(({ market, side, size, cost }) => {
      this.#findings.count("positions compared");
      const key = `${this.#names.pairOf(market)} ${side}`;
      const shown = ours.get(key);
      ours.delete(key);
      const entry = text(divided(amount(cost), amount(size), PRICE_DECIMALS));
      const [held, ourEntry] = [canonical(shown?.held ?? "0"), canonical(shown?.entry ?? "0")];
      return held === canonical(size) && ourEntry === entry
        ? []
        : [`${key} is ${held} at ${ourEntry} and not ${size} at ${entry}`];
    });
    return [...differences, ...[...ours].map(([key, { held }]) => `${key} is ${held} and not flat`)];
  }

  #paymentDifferences({ funding = [] }: StateLine, { fundingPayments }: TruthLine): readonly string[] {
    const row = ({ pair, amount: paid }: Pick<PaymentShown, "pair" | "amount">) => `${pair} ${canonical(paid)}`;
    const ours = new Map(funding.map((payment) => [payment.id, row(payment)]));
    const differences = fundingPayments.flatMap((payment) => {
      this.#findings.count("funding payments compared");
      const id = this.#names.paymentId(payment, this.#names.pairOf(payment.market));
      const shown = ours.get(id) ?? "nothing";
      ours.delete(id);
      const expected = row({ pair: this.#names.pairOf(payment.market), amount: payment.amount });
      return shown === expected ? [] : [`payment ${id} is ${shown} and not ${expected}`];
    });
    return [...differences, ...[...ours.keys()].map((id) => `payment ${id} is none of the venue's`)];
  }

  #dayDifferences({ dailyResult, t }: StateLine, { cash, fills }: TruthLine): readonly string[] {
    const { startMs, startingCash } = this.#head;
    const isOneDay = Math.floor(startMs / DAY_MS) === Math.floor((startMs + t) / DAY_MS);
    if (dailyResult === undefined || !isOneDay) return [];
    this.#findings.count("day's results compared");
    const expected = minus(amount(cash), amount(startingCash));
    // Cash that FTX does not tell is computed, and a venue books whole units of it: the error is half a unit for each
    // fill at most.
    const rounding: Amount = this.#names.hasCashFlows ? ZERO : times(UNIT, amount(String(fills.length)));
    const { result, isComplete } = dailyResult;
    const isNear = compare(absolute(minus(amount(result), expected)), rounding) <= 0;
    // FTX does not tell its time: a process whose clock was off may not know whether its first position has a fill in it.
    return (isComplete ? isNear : !this.#names.hasCashFlows)
      ? []
      : [`the day's result is ${result}${isComplete ? "" : ", incomplete,"} and not ${text(expected)}`];
  }
}

/** Sum of signed amounts: bought less sold. */
export function signedSum(rows: Iterable<{ readonly side: string; readonly size: string }>): Amount {
  return sum([...rows].map(({ side, size }) => amount(side === "buy" ? size : `-${size}`)));
}
