import { Closure } from "./closure.ts";
import { type RateLimit, shareOf } from "./rate-limit.ts";
import { isQuestion, type Lane } from "./rest-request.ts";
import { SlidingWindow } from "./sliding-window.ts";
import {
  type DemandOf,
  isBefore,
  PROMOTED,
  RANK_OF_LANE,
  RANKS,
  type Rank,
  WaiterLine,
  type WaiterOf,
} from "./throttler-waiter.ts";

export type Waiter = WaiterOf<RatePool>;
export type Demand = DemandOf<RatePool>;

/**
 * A tenth of a pool that cancels use is left to them, so that a cancel finds room behind whatever was sent before it; and
 * of one that snapshots of books use a tenth to those: a book that broke in a minute full of polls waited for its end.
 */
const SHARE_FOR_CANCELS = 0.1;
const SHARE_FOR_BOOKS = 0.1;
/**
 * Share that the question which has waited longest gains from each unit that goes before it: a ninth of what goes is its,
 * a little above a tenth.
 */
const QUESTION_SHARE = 1 / 8;
const MAX_BURST_OF_QUESTIONS = 0.1;
/**
 * Interval at which requests that never left give back their places one by one, where others have used up the limit.
 */
const RELEASE_EVERY_MS = 1_000;

/** Counts of one window, and the requests that wait for it. */
export class RatePool {
  readonly limitId: string;
  readonly closure = new Closure();
  /** Everything that counts against the venue's limit: ours, and others' where the venue reported them. */
  readonly total: SlidingWindow;
  /** Weight that we sent, against our share of the limit. */
  readonly ours: SlidingWindow;
  readonly #lines: readonly WaiterLine<RatePool>[] = RANKS.map(() => new WaiterLine<RatePool>());
  /** Places kept for requests that stand in another pool's line, by rank. */
  readonly #kept: readonly Map<Waiter, number>[] = RANKS.map(() => new Map());
  readonly #keptSums: number[] = RANKS.map(() => 0);
  /** Waiting requests that need this pool. */
  waiting = 0;
  /** Time when its line is looked at again; infinite when nobody stands in it. */
  wakeMs = Number.POSITIVE_INFINITY;
  /** Numbers of requests in its line and of places that are kept: mostly none, and then no search is needed. */
  #parked = 0;
  #keptPlaces = 0;
  #keptForCancels = 0;
  #keptForBooks = 0;
  #servesCancels = false;
  #servesBooks = false;
  #credit = 0;
  /** Time when the venue was last found to have counted more than we. */
  #correctedMs = Number.NEGATIVE_INFINITY;
  /** Time until when the last one that was taken back counts. */
  #nextReleaseMs = Number.NEGATIVE_INFINITY;

  constructor(limitId: string) {
    this.limitId = limitId;
    this.total = new SlidingWindow(Number.POSITIVE_INFINITY, 0);
    this.ours = new SlidingWindow(Number.POSITIVE_INFINITY, 0);
  }

  /** Takes over what changed; usage stays counted. */
  configure(rateLimit: RateLimit, sharePercentage: number, marginMs: number): void {
    this.total.limit = rateLimit.limit;
    this.ours.limit = shareOf(rateLimit.limit, sharePercentage);
    this.total.timeIntervalMs = rateLimit.timeIntervalMs + marginMs;
    this.ours.timeIntervalMs = rateLimit.timeIntervalMs + marginMs;
    this.#servesCancels ||= rateLimit.servesCancels === true;
    this.#servesBooks ||= rateLimit.servesBooks === true;
    this.#keptForCancels = Math.floor(this.ours.limit * SHARE_FOR_CANCELS);
    this.#keptForBooks = Math.floor(this.ours.limit * SHARE_FOR_BOOKS);
  }

  /** A cancel or a snapshot needs this pool: from now on a part is left to its like. */
  noteLane(lane: "cancel" | "book", weight: number): void {
    if (weight === 0) return;
    if (lane === "cancel") this.#servesCancels = true;
    else this.#servesBooks = true;
  }

  get firstInLine(): Waiter | undefined {
    if (this.#parked === 0) return undefined;
    for (const line of this.#lines) if (line.first !== undefined) return line.first;
    return undefined;
  }

  /**
   * Computes the time when a request could take its weight here, as far as known: `nowMs` when it can now, infinite
   * when that depends on requests that are ahead of it.
   */
  startMs(waiter: Waiter, weight: number, nowMs: number): number {
    const opensMs = this.closure.opensMs;
    if (opensMs > nowMs) return opensMs;
    if (weight === 0) return nowMs;
    const first = this.firstInLine;
    const room = this.#roomNeeded(waiter, weight) + this.#keptAhead(waiter, weight, nowMs);
    const startMs = Math.max(this.total.earliest(nowMs, room), this.ours.earliest(nowMs, room));
    if (startMs === nowMs && first !== undefined && isBefore(first, waiter)) return Number.POSITIVE_INFINITY;
    return startMs;
  }

  /** Returns whether a request that waits was promoted by it: it may go sooner than it was to be looked at. */
  take({ lane, rank }: Waiter, weight: number, nowMs: number): boolean {
    this.closure.left(nowMs);
    if (weight === 0) return false;
    this.total.record(nowMs, weight);
    this.ours.record(nowMs, weight);
    if (lane === "poll" && rank !== PROMOTED) this.#credit = Math.max(0, this.#credit - weight);
    // Snapshots that fail are asked for again and again, and no poll would ever go between them.
    if (lane !== "create" && (lane !== "book" || rank === PROMOTED)) return false;
    const longest = Math.max(this.ours.limit * MAX_BURST_OF_QUESTIONS, this.#weightOf(this.#firstQuestion));
    this.#credit = Math.min(this.#credit + weight * QUESTION_SHARE, longest);
    return this.#promote();
  }

  /**
   * A request that was taken then never left. It counts until something is answered, for without a network the limits are
   * all that paces what is tried; and where nothing else can go, until its turn of one a second.
   */
  takeBack(takenMs: number, weight: number, nowMs: number): void {
    const { total, ours } = this;
    this.#nextReleaseMs = Math.max(nowMs, this.#nextReleaseMs) + RELEASE_EVERY_MS;
    const untilMs = Math.min(this.#nextReleaseMs, takenMs + total.timeIntervalMs);
    ours.takeBack(takenMs, weight, untilMs);
    // The venue's count was the whole at that time, including our own requests then.
    if (takenMs > this.#correctedMs) total.takeBack(takenMs, weight, untilMs);
  }

  /** Something was answered: what was taken back is free. */
  release(): void {
    this.#nextReleaseMs = Number.NEGATIVE_INFINITY;
    this.total.release();
    this.ours.release();
  }

  /** The venue has counted `used` in its window. */
  correct(nowMs: number, used: number): void {
    this.release();
    const missing = Math.min(used, this.total.limit) - this.total.used(nowMs);
    if (missing <= 0) return;
    this.total.record(nowMs, missing);
    this.#correctedMs = nowMs;
  }

  /** Returns whether one of those that wait was promoted. */
  park(waiter: Waiter): boolean {
    waiter.parkedAt = this;
    this.#parked += 1;
    this.#lines[waiter.rank]?.add(waiter);
    return isQuestion(waiter.lane) && this.#promote();
  }

  unpark(waiter: Waiter): void {
    waiter.parkedAt = undefined;
    this.#parked -= 1;
    this.#lines[waiter.rank]?.remove(waiter);
  }

  keep(waiter: Waiter, weight: number): void {
    this.#keptPlaces += 1;
    this.#kept[waiter.rank]?.set(waiter, weight);
    this.#keptSums[waiter.rank] = (this.#keptSums[waiter.rank] ?? 0) + weight;
  }

  letGo(waiter: Waiter, weight: number): void {
    if (this.#kept[waiter.rank]?.delete(waiter) === true) {
      this.#keptPlaces -= 1;
      this.#keptSums[waiter.rank] = (this.#keptSums[waiter.rank] ?? 0) - weight;
    }
  }

  /** Weight that requests of a lane could take now, were none in line. */
  room(lane: Lane, nowMs: number): number {
    const { total, ours } = this;
    const free = Math.min(total.limit - total.used(nowMs), ours.limit - ours.used(nowMs));
    return Math.max(0, free - this.#keptFrom(lane, false));
  }

  /**
   * A request that is heavier than what others leave waits until it is alone. A poll in its tenth leaves nothing to
   * snapshots, which would have to wait behind it for as long.
   */
  #roomNeeded({ lane, rank }: Waiter, weight: number): number {
    return Math.max(weight, Math.min(weight + this.#keptFrom(lane, rank === PROMOTED), this.ours.limit));
  }

  #keptFrom(lane: Lane, isPromoted: boolean): number {
    const keptForCancels = lane !== "cancel" && this.#servesCancels ? this.#keptForCancels : 0;
    const keptForBooks = lane === "poll" && !isPromoted && this.#servesBooks ? this.#keptForBooks : 0;
    return keptForCancels + keptForBooks;
  }

  /** The places kept for requests ahead of this one. Its own rank is looked through only where that decides. */
  #keptAhead(waiter: Waiter, weight: number, nowMs: number): number {
    if (this.#keptPlaces === 0) return 0;
    let ahead = 0;
    for (let rank = 0; rank < waiter.rank; rank += 1) ahead += this.#keptSums[rank] ?? 0;
    const own = this.#keptSums[waiter.rank] ?? 0;
    if (own === 0) return ahead;
    const room = this.#roomNeeded(waiter, weight) + ahead + own;
    if (this.total.earliest(nowMs, room) === nowMs && this.ours.earliest(nowMs, room) === nowMs) return ahead + own;
    for (const [other, kept] of this.#kept[waiter.rank] ?? []) if (isBefore(other, waiter)) ahead += kept;
    return ahead;
  }

  get #firstQuestion(): Waiter | undefined {
    const book = this.#lines[RANK_OF_LANE.book]?.first;
    const poll = this.#lines[RANK_OF_LANE.poll]?.first;
    if (book === undefined || poll === undefined) return book ?? poll;
    return book.sequence < poll.sequence ? book : poll;
  }

  #weightOf(waiter: Waiter | undefined): number {
    return waiter?.demands.find(({ pool }) => pool === this)?.weight ?? 0;
  }

  /** The first question in line goes before the creates once it has waited for its part. */
  #promote(): boolean {
    const question = this.#firstQuestion;
    if (question === undefined || this.#lines[PROMOTED]?.first !== undefined) return false;
    const weight = this.#weightOf(question);
    if (weight === 0 || this.#credit < weight) return false;
    this.#credit -= weight;
    this.#changeRank(question, PROMOTED);
    return true;
  }

  #changeRank(waiter: Waiter, rank: Rank): void {
    for (const { pool, weight } of waiter.kept) pool.letGo(waiter, weight);
    this.#lines[waiter.rank]?.remove(waiter);
    waiter.rank = rank;
    this.#lines[rank]?.add(waiter);
    for (const { pool, weight } of waiter.kept) pool.keep(waiter, weight);
  }
}
