import { Backoff, RECOVERY_GROWTH } from "../net/backoff.ts";
import type { Timer } from "../runtime/runtime.ts";
import { bestLevels, bestLevelsOf } from "./best-levels.ts";
import type { BookAssembler, BookStep } from "./book-assembler.ts";
import type { BookFrameBuffer } from "./book-frame-buffer.ts";
import type { BookHealerOptions } from "./book-healer-options.ts";
import { isSound } from "./frame-checks.ts";

/**
 * A snapshot of the stream goes before the diffs of its subscription. Diffs of the subscription before may still come for
 * a moment; for longer than this they say that the snapshot was lost.
 */
const LATE_DIFFS_MS = 1_000;

/** A book is believed for so long after the venue was asked whether it still stands. */
const QUESTION_MS = 2_000;

/**
 * A channel that was found dead may live again on a market that is quiet since, with no message to show it. The book is
 * believed once snapshots were the same for half a second to a second, which doubles with each that was not; from then on
 * it is looked at again after as long as it stood still, until a diff comes or a minute has passed.
 */
const STILL_BACKOFF = { minMs: 1_000, maxMs: 60_000 } as const;
const MAX_LOOK_MS = 20_000;
const MIN_LOOK_MS = 1_000;

/** Levels of the last snapshot of a book on probation, since when snapshots have had them, and how long they must. */
interface Still {
  readonly levels: string;
  readonly sinceMs: number;
  readonly neededMs: number;
  /** The latest that was seen: an older snapshot, from a machine that is behind, is of before. */
  updateId: number;
}

/** One book and what it takes to get it well again: when to ask for a snapshot, when again, how long it took. */
export class BookHealer {
  readonly assembler: BookAssembler;
  readonly #options: BookHealerOptions;
  readonly #backoff: Backoff;
  readonly #renewals: Backoff;
  #renewNotBeforeMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  /** Action of the timer: make the next attempt, or give up waiting for the answer to the last one. */
  #timerKind: "attempt" | "deadline" = "deadline";
  #invalidSinceMs: number | undefined;
  #validSinceMs: number | undefined;
  #awaitsFirstDiff = false;
  #isSubscribed = false;
  /** The venue was asked whether a quiet book still stands. */
  #isQuestioned = false;
  /** The channel was found dead, and no diff has come since: what snapshots say is believed while they stand still. */
  #isOnProbation = false;
  /** Time since when diffs come in the place of the snapshot that the stream was to begin with. */
  #diffsAloneSinceMs: number | undefined;
  #still: Still | undefined;
  readonly #stillBackoff: Backoff;

  constructor(options: BookHealerOptions) {
    this.#options = options;
    this.assembler = options.assembler;
    this.#backoff = new Backoff({ growth: RECOVERY_GROWTH, ...options.backoff }, options.runtime.random);
    this.#renewals = new Backoff(options.renewalBackoff, options.runtime.random);
    this.#stillBackoff = new Backoff(STILL_BACKOFF, options.runtime.random);
  }

  handle(frame: BookFrameBuffer, receivedAtMs: number): BookStep {
    // A REST snapshot that arrives while the stream is down would be out of date at once, and look valid.
    if (!this.#isSubscribed) return "dropped";
    const { book } = this.assembler;
    const wasValid = book.isValid;
    const isSnapshot = frame.kind === "snapshot";
    // A stream that keeps a deeper window says neither what is below these levels nor when they leave it.
    if (frame.isShort && this.#options.snapshotComesByItself) return this.#askStream();
    if (this.#isOnProbation) {
      if (!isSnapshot) this.#endProbation();
      else if (!wasValid && !this.#standsStill(frame)) return "dropped";
    }
    const isCompared = (this.#isQuestioned || this.#isOnProbation) && isSnapshot && wasValid;
    const before = isCompared ? bestLevels(book) : undefined;
    const step = this.assembler.handle(frame, receivedAtMs);
    if (!isSnapshot && !wasValid && (step === "dropped" || step === "buffered")) this.#diffAlone();
    if (step === "broken") this.#broken();
    else if (!wasValid && book.isValid) this.#becameValid();
    else if (step === "buffered" && this.#awaitsFirstDiff) this.#attempt();
    if (step === "applied" && (this.#isQuestioned || isCompared)) this.#answered(frame, before);
    if (step !== "broken" && book.isNearHorizon) this.renew();
    else if (step === "applied" && isSnapshot) this.#renewals.reset();
    return step;
  }

  /**
   * The channel is subscribed on a live connection: the snapshot is on its way, or asked for with the first diff. One
   * that was asked for before lacks what changed until now, and nothing after it would show that.
   */
  subscribed(): void {
    this.#isSubscribed = true;
    if (this.assembler.book.isValid) return;
    this.#awaitSnapshot();
  }

  #awaitSnapshot(): void {
    const { snapshotComesByItself, snapshotTimeoutMs, firstDiffTimeoutMs } = this.#options;
    this.#options.cancelSnapshot();
    this.#awaitsFirstDiff = !snapshotComesByItself;
    this.#schedule("deadline", snapshotComesByItself ? snapshotTimeoutMs() : firstDiffTimeoutMs);
  }

  /** A diff came for a book that waits for the snapshot of its stream. */
  #diffAlone(): void {
    const { snapshotComesByItself, isSubscriptionPending, runtime } = this.#options;
    if (!snapshotComesByItself || this.#timerKind !== "deadline" || isSubscriptionPending()) return;
    const nowMs = runtime.clock.monotonic();
    this.#diffsAloneSinceMs ??= nowMs;
    if (nowMs - this.#diffsAloneSinceMs < LATE_DIFFS_MS) return;
    this.#schedule("attempt", this.#backoff.nextMs(), () => this.#attempt(true));
  }

  /**
   * A snapshot of few levels may be of a market that has no more, which fetching it again would never show: the stream's
   * own snapshot does.
   */
  #askStream(): BookStep {
    this.#schedule("attempt", this.#backoff.nextMs(), () => this.#attempt());
    return "dropped";
  }

  /**
   * Tells that snapshots have been the same for as long as they must. Until then the snapshot is only looked at: a diff
   * that comes meanwhile requests another. A market that fell quiet had no diff, and its book was never valid again.
   */
  #standsStill(snapshot: BookFrameBuffer): boolean {
    if (!isSound(snapshot.bids, true) || !isSound(snapshot.asks, true)) return true;
    const newer = this.#still !== undefined && snapshot.updateId < this.#still.updateId ? this.#still : undefined;
    const { sinceMs, neededMs } = newer ?? this.#compareStill(snapshot);
    const missingMs = sinceMs + neededMs - this.#options.runtime.clock.monotonic();
    if (missingMs <= 0 && newer === undefined) return true;
    this.#awaitsFirstDiff = true;
    const lookMs = Math.max(newer === undefined ? 0 : MIN_LOOK_MS, Math.min(missingMs, MAX_LOOK_MS));
    this.#schedule("deadline", lookMs, () => this.#look());
    return false;
  }

  #compareStill(snapshot: BookFrameBuffer): Still {
    const levels = bestLevelsOf(snapshot);
    if (this.#still?.levels === levels) {
      this.#still.updateId = snapshot.updateId;
      return this.#still;
    }
    const sinceMs = this.#options.runtime.clock.monotonic();
    this.#still = { levels, sinceMs, neededMs: this.#stillBackoff.nextMs(), updateId: snapshot.updateId };
    return this.#still;
  }

  /** No attempt to heal a book that broke: those wait longer each time. */
  #look(): void {
    this.#ask(0, false);
  }

  /** The book became valid, or was found as it is, by snapshots alone: its channel may be dead still. */
  #lookAgain(): void {
    const nowMs = this.#options.runtime.clock.monotonic();
    const stillMs = nowMs - (this.#still?.sinceMs ?? nowMs);
    if (stillMs >= STILL_BACKOFF.maxMs) {
      this.#endProbation();
      return;
    }
    const lookMs = Math.max(MIN_LOOK_MS, Math.min(stillMs, MAX_LOOK_MS));
    this.#schedule("deadline", lookMs, () =>
      this.#question("the venue did not answer for a book whose channel was dead"),
    );
  }

  /** A diff came, or the market is as quiet as its channel. */
  #endProbation(): void {
    this.#isOnProbation = false;
    this.#still = undefined;
    this.#stillBackoff.reset();
    if (this.assembler.book.isValid && !this.#isQuestioned) this.#cancelTimer();
  }

  /** Few of the levels that were told are left, or were told at all: a snapshot is fetched while the book goes on. */
  renew(): void {
    // A snapshot of the stream comes by a new subscription only, without which the book would stand still meanwhile.
    if (this.#options.snapshotComesByItself || !this.assembler.book.isValid) return;
    const nowMs = this.#options.runtime.clock.monotonic();
    if (nowMs < this.#renewNotBeforeMs) return;
    this.#renewNotBeforeMs = nowMs + this.#renewals.nextMs();
    this.#askForRenewal();
  }

  /**
   * Nothing has come for long, which a quiet market and a dead channel have in common: the venue is asked anew, and the
   * book goes on until the answer replaces it, or for a moment without one.
   */
  question(reason: string): void {
    const { snapshotComesByItself, heal, runtime } = this.#options;
    if (!this.assembler.book.isValid) return;
    if (snapshotComesByItself) heal(false);
    // Snapshots of before are asked for again after the channel has been subscribed anew, which is done in the next
    // turn.
    else runtime.timers.after(0, () => this.#askForRenewal());
    this.#awaitAnswer(reason);
  }

  #question(reason: string): void {
    this.#askForRenewal();
    this.#awaitAnswer(reason);
  }

  #awaitAnswer(reason: string): void {
    // A question that is asked again has had no answer.
    if (this.#isQuestioned) return;
    this.#isQuestioned = true;
    this.#schedule("deadline", QUESTION_MS, () => this.distrust(reason));
  }

  /** Something came. `before` are the best levels before a snapshot. */
  #answered(frame: BookFrameBuffer, before: string | undefined): void {
    const { snapshotComesByItself } = this.#options;
    const isSnapshot = frame.kind === "snapshot";
    // The last diff of the subscription before may still be on its way.
    if (snapshotComesByItself && !isSnapshot) return;
    this.#isQuestioned = false;
    this.#cancelTimer();
    if (snapshotComesByItself || before === undefined) return;
    if (before === bestLevels(this.assembler.book)) {
      if (this.#isOnProbation) this.#lookAgain();
      return;
    }
    // The market moved without a message: the channel is dead, whatever REST says of the book at this moment.
    this.#isOnProbation = true;
    this.#compareStill(frame);
    this.distrust("the book moved while its channel was silent");
  }

  #askForRenewal(): void {
    if (!this.assembler.book.isValid) return;
    this.assembler.prepareRenewal();
    this.#options.heal(false);
  }

  /** The connection is gone: nothing can be done until the next one. */
  disconnected(reason: string): void {
    this.#isSubscribed = false;
    this.#endProbation();
    this.#unfollowed(`disconnected: ${reason}`);
  }

  /** The venue does not have the channel: nothing is asked for until it speaks. */
  refused(reason: string): void {
    this.#awaitsFirstDiff = !this.#options.snapshotComesByItself;
    this.#unfollowed(`the venue refuses the channel: ${reason}`);
  }

  #unfollowed(reason: string): void {
    this.#isQuestioned = false;
    this.#options.cancelSnapshot();
    this.assembler.invalidate(reason, { forget: true });
    this.#reportInvalid();
    this.#cancelTimer();
  }

  /**
   * Marks the stream's data as untrusted, although no message broke the rule. Where the snapshot is fetched, the
   * channel has been subscribed anew, and all begins as with a new connection.
   */
  distrust(reason: string): void {
    this.#isQuestioned = false;
    this.assembler.invalidate(reason, { forget: true });
    if (this.#options.snapshotComesByItself) {
      this.#broken();
      return;
    }
    this.#reportInvalid();
    this.#awaitSnapshot();
  }

  /** Lets the book go, invalid, without a report. */
  stop(reason: string): void {
    this.#isSubscribed = false;
    this.#isQuestioned = false;
    this.#endProbation();
    this.#options.cancelSnapshot();
    this.#cancelTimer();
    this.#invalidSinceMs = undefined;
    this.#validSinceMs = undefined;
    this.assembler.invalidate(reason, { forget: true });
  }

  #broken(): void {
    // A diff broke the book while it was asked for, and the snapshot was compared with nothing.
    this.#isQuestioned = false;
    if (this.#invalidSinceMs === undefined) this.#backoff.wentWell(this.#validForMs());
    this.#reportInvalid();
    if (this.#timer !== undefined && this.#timerKind === "attempt") return;
    if (this.#backoff.attempts === 0) this.#attempt();
    else this.#schedule("attempt", this.#backoff.nextMs());
  }

  #validForMs(): number {
    const nowMs = this.#options.runtime.clock.monotonic();
    return nowMs - (this.#validSinceMs ?? nowMs);
  }

  /** A book that was never valid has nothing to report. */
  #reportInvalid(): void {
    if (this.#invalidSinceMs !== undefined || this.#validSinceMs === undefined) return;
    this.#invalidSinceMs = this.#options.runtime.clock.monotonic();
    this.#options.onInvalid(this.assembler.book.invalidReason ?? "unknown");
  }

  #becameValid(): void {
    this.#cancelTimer();
    this.#awaitsFirstDiff = false;
    const nowMs = this.#options.runtime.clock.monotonic();
    // Breaks after the first snapshot are healed at once, whatever that took.
    if (this.#validSinceMs === undefined) this.#backoff.reset();
    this.#validSinceMs = nowMs;
    const since = this.#invalidSinceMs;
    this.#invalidSinceMs = undefined;
    if (since !== undefined) this.#options.onHealed(nowMs - since);
    if (this.#isOnProbation) this.#lookAgain();
  }

  #attempt(isOverdue = false): void {
    this.#ask(this.#backoff.nextMs(), isOverdue);
  }

  #ask(graceMs: number, isOverdue: boolean): void {
    this.#awaitsFirstDiff = false;
    this.#schedule("deadline", this.#options.snapshotTimeoutMs() + graceMs);
    this.#options.heal(isOverdue);
  }

  #cancelTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(kind: "attempt" | "deadline", delayMs: number, work = (): void => this.#due()): void {
    this.#diffsAloneSinceMs = undefined;
    this.#timer?.cancel();
    this.#timerKind = kind;
    this.#timer = this.#options.runtime.timers.after(delayMs, work);
  }

  /**
   * A snapshot of before the subscription lacks what changes until then, and no message would show it. With hundreds of
   * markets the requests that subscribe them wait seconds for their turn (Binance takes ten messages a second).
   */
  #due(): void {
    const { snapshotComesByItself, firstDiffTimeoutMs, isSubscriptionPending } = this.#options;
    const waitsForStream = this.#awaitsFirstDiff || (snapshotComesByItself && this.#timerKind === "deadline");
    if (waitsForStream && isSubscriptionPending()) this.#schedule("deadline", firstDiffTimeoutMs);
    else this.#attempt(this.#timerKind === "deadline");
  }
}
