import { describeError, NotSentError, type PerpwireError } from "../model/error.ts";
import type { Clock, Timer, Timers } from "../runtime/runtime.ts";
import type { RestRequest } from "./rest-request.ts";

/** `queued`: nothing has left; `sent`: bytes may have left; `withdrawn`: nothing left and nothing will. */
export type IntentState = "queued" | "sent" | "withdrawn";

export interface IntentOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Name of it, for the error: "the creation of order pw-1". */
  readonly name: string;
  /** Longest wait before it leaves, milliseconds, apart from that for its turn; undefined: any. */
  readonly maxAgeMs?: number | undefined;
  /** Makes the request anew at the last moment, when some of what it held was withdrawn meanwhile. */
  readonly prepare?: ((request: RestRequest) => RestRequest) | undefined;
}

/** Lateness of a timer from which on the action that it watched counts as held up. */
const LATE_TIMER_MS = 1_000;

/**
 * A request that waits to be sent and can be called back until then: by `withdraw`, or by its age. Once it has left,
 * neither has an effect: what became of it is the venue's to tell. It does not age while it waits its turn at the
 * venue's own pace, so that a grid of more orders than fit into a window is placed; it does while refusals, the network
 * or a stopped process hold it up.
 */
export class Intent {
  readonly #options: IntentOptions;
  /** Made when somebody waits for it. */
  #controller: AbortController | undefined;
  #sinceMs: number;
  #hasLeft = false;
  #closedSinceMs: (() => number | undefined) | undefined;
  #timer: Timer | undefined;
  #state: IntentState = "queued";
  #reason: PerpwireError | undefined;

  constructor(options: IntentOptions) {
    this.#options = options;
    this.#sinceMs = options.clock.monotonic();
  }

  get state(): IntentState {
    this.#checkAge();
    return this.#state;
  }

  /** Longest wait before it leaves, milliseconds; undefined: any. */
  get maxAgeMs(): number | undefined {
    return this.#options.maxAgeMs;
  }

  /** Fires when it is withdrawn: ends its wait for a rate limit. Somebody who waits makes its age tell. */
  get signal(): AbortSignal {
    this.#watchAge();
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Reason why it was withdrawn. */
  get reason(): PerpwireError | undefined {
    this.#checkAge();
    return this.#reason;
  }

  /** Takes it back. False when bytes may have left, or when it was withdrawn before. */
  withdraw(reason: PerpwireError = this.#withdrawn()): boolean {
    if (this.#state !== "queued") return false;
    this.#state = "withdrawn";
    this.#reason = reason;
    this.#timer?.cancel();
    this.#controller?.abort(reason);
    return true;
  }

  /**
   * Notes that the request stands in the queue of a rate limit. `closedSinceMs`: since when refusals hold that up, and
   * not its pace.
   */
  waitsInTurn(closedSinceMs: () => number | undefined): void {
    this.#closedSinceMs = closedSinceMs;
    this.#watchAge();
  }

  /**
   * Lets the request leave: the last moment at which it can be refused. Throws `NotSentError` when it was withdrawn.
   */
  leave(request: RestRequest): RestRequest {
    const { prepare } = this.#options;
    if (this.#isTooOld(this.#isInTurn ? LATE_TIMER_MS : 0)) this.withdraw(this.#tooOld());
    this.assertWanted();
    const prepared = prepare === undefined ? request : prepare(request);
    this.#state = "sent";
    this.#hasLeft = true;
    return prepared;
  }

  /**
   * Proof that nothing arrived of what was sent: it is queued again, with its old age, or withdrawn when that is over.
   */
  returned(): void {
    if (this.#state !== "sent") return;
    this.#state = "queued";
    // Timers may have come while the request was away.
    if (this.#isTooOld(0)) this.withdraw(this.#tooOld());
  }

  /** Notes that the request was answered or given up: no timer of it runs on. */
  settled(): void {
    this.#timer?.cancel();
  }

  /** Throws what it was withdrawn with; `failure` is what has kept it from leaving until then. */
  assertWanted(failure?: unknown): void {
    const { reason } = this;
    if (reason === undefined) return;
    if (failure === undefined || !(reason instanceof NotSentError)) throw reason;
    const { retry, hint } = reason;
    throw new NotSentError(`${reason.message}: ${describeError(failure)}`, { retry, hint, cause: failure });
  }

  #isTooOld(lateMs: number): boolean {
    const { maxAgeMs, clock } = this.#options;
    return maxAgeMs !== undefined && clock.monotonic() - this.#sinceMs >= maxAgeMs + lateMs;
  }

  get #isInTurn(): boolean {
    return this.#closedSinceMs !== undefined && !this.#hasLeft;
  }

  /** Nobody has waited for it, so that no timer has looked. */
  #checkAge(): void {
    if (this.#timer === undefined && this.#state === "queued" && this.#isTooOld(0)) this.withdraw(this.#tooOld());
  }

  /** Withdraws it by a timer when it is too old: made when it waits, for most leave at once. */
  #watchAge(): void {
    const { maxAgeMs, clock } = this.#options;
    if (maxAgeMs === undefined || this.#timer !== undefined || this.#state === "withdrawn") return;
    this.#watch(Math.max(0, this.#sinceMs + maxAgeMs - clock.monotonic()), maxAgeMs);
  }

  #watch(forMs: number, maxAgeMs: number): void {
    const { clock, timers } = this.#options;
    const dueMs = clock.monotonic() + forMs;
    this.#timer = timers.after(forMs, () => {
      const nowMs = clock.monotonic();
      const isInTime = nowMs - dueMs <= LATE_TIMER_MS;
      if (this.#isInTurn && isInTime) this.#sinceMs = Math.max(this.#sinceMs, this.#closedSinceMs?.() ?? nowMs);
      const leftMs = this.#sinceMs + maxAgeMs - nowMs;
      if (leftMs > 0) this.#watch(leftMs, maxAgeMs);
      else this.withdraw(this.#tooOld());
    });
  }

  #withdrawn(): NotSentError {
    return new NotSentError(`${this.#options.name} was called back before it was sent`);
  }

  #tooOld(): NotSentError {
    const { name, maxAgeMs = 0 } = this.#options;
    return new NotSentError(`${name} was not sent within ${maxAgeMs} ms`, {
      retry: "later",
      hint: "a rate limit or the network held it up; it is safe to ask again",
    });
  }
}
