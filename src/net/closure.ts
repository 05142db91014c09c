/** Longest wait for the answer to the one request that tries whether a closure is over. */
const TRIAL_MS = 5_000;

/** Longest ban of a venue (docs, Binance: "from 2 minutes to 3 days"): a time beyond kept cancels back until a restart. */
const MAX_TOLD_MS = 259_200_000;

/** Shortest time from which a told one that did not help is doubled. */
const MIN_TOLD_MS = 1_000;

/** Wait after a refusal without a time: from `firstMs` on, doubled at each refusal in a row, to `longestMs`. */
export interface BackoffSpan {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * Decides whether requests may go at all, apart from how many. A refusal closes; when that is over, a single request
 * tries whether the venue listens again, the others wait for its answer. Refusals in a row double the wait, told or
 * guessed, and those of requests that were under way together count once.
 */
export class Closure {
  #untilMs = 0;
  #sinceMs = 0;
  #refusals = 0;
  #mustTry = false;
  #trialEndsMs = Number.NEGATIVE_INFINITY;

  /** Time when the next request may go; `nowMs` or earlier: now. */
  get opensMs(): number {
    return this.#mustTry ? Math.max(this.#untilMs, this.#trialEndsMs) : this.#untilMs;
  }

  /** Time since when nothing but trials has left; undefined when requests may go. */
  closedSinceMs(nowMs: number): number | undefined {
    return this.#isClosed(nowMs) ? this.#sinceMs : undefined;
  }

  /** Left before this was closed: what it was answered is of the time before. */
  isOlder(sentMs: number): boolean {
    return sentMs < this.#untilMs;
  }

  /** Closes for a time that is known. Never shortens an earlier closure. */
  closeUntil(nowMs: number, untilMs: number): void {
    if (!this.#isClosed(nowMs)) this.#sinceMs = nowMs;
    this.#untilMs = Math.max(this.#untilMs, untilMs);
  }

  /** A request that left at `sentMs` was refused; `toldMs`: for how long, where the venue said so. */
  refused(nowMs: number, sentMs: number, toldMs: number | undefined, span: BackoffSpan): void {
    const isNews = !this.isOlder(sentMs);
    if (!this.#isClosed(nowMs)) this.#sinceMs = nowMs;
    if (isNews) this.#refusals += 1;
    const firstMs = toldMs === undefined ? span.firstMs : Math.max(toldMs, Math.min(span.firstMs, MIN_TOLD_MS));
    const guessedMs = Math.min(firstMs * 2 ** (this.#refusals - 1), span.longestMs);
    // A told time that did not help is no better than a guess, which begins with it.
    const isGuess = toldMs === undefined || this.#refusals > 1;
    if (isNews || toldMs !== undefined) {
      const boundedMs = Math.min(toldMs ?? 0, MAX_TOLD_MS);
      this.closeUntil(nowMs, nowMs + Math.max(boundedMs, isNews && isGuess ? guessedMs : 0));
    }
    // Nothing ended the trying that a late refusal began after the answer: one request left every five seconds for ever.
    this.#mustTry ||= isGuess && this.#refusals > 0;
    this.#trialEndsMs = Number.NEGATIVE_INFINITY;
  }

  /** A request leaves: after a closure it is the one that tries. */
  left(nowMs: number): void {
    if (this.#mustTry) this.#trialEndsMs = nowMs + TRIAL_MS;
  }

  /** A request that left at `sentMs` was not refused. Returns whether others wait no longer for that. */
  answered(sentMs: number): boolean {
    if (this.#refusals === 0 || this.isOlder(sentMs)) return false;
    const wasTrying = this.#mustTry;
    this.#refusals = 0;
    this.#mustTry = false;
    return wasTrying;
  }

  /** A request that left at `sentMs` has no answer: another may try. Returns whether one waits for that. */
  unanswered(sentMs: number): boolean {
    if (!this.#mustTry || this.isOlder(sentMs) || this.#trialEndsMs === Number.NEGATIVE_INFINITY) return false;
    this.#trialEndsMs = Number.NEGATIVE_INFINITY;
    return true;
  }

  #isClosed(nowMs: number): boolean {
    return this.#refusals > 0 || this.opensMs > nowMs;
  }
}
