/**
 * `process`: only the process stands still, as in a long garbage collection or after SIGSTOP; its monotonic clock moves on.
 * `machine`: the whole machine does, as with a closed lid; Linux's monotonic clock, by which timers run, stands still too.
 */
export type PauseKind = "process" | "machine";

/** A process in the simulated world. What it scheduled dies with it. */
export class SimulatedProcess {
  readonly host: string;
  readonly #startedMs: number;
  #pause: { readonly kind: PauseKind; readonly sinceMs: number } | undefined;
  #suspendedMs = 0;
  #reachedMs = 0;
  #pauses = 0;
  #isAlive = true;
  #isWithoutPower = false;

  constructor(host: string, startedMs: number) {
    this.host = host;
    this.#startedMs = startedMs;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isPaused(): boolean {
    return this.#pause !== undefined;
  }

  /** True while its machine takes no messages and does not answer. */
  get isStill(): boolean {
    return this.isPaused || this.#isWithoutPower;
  }

  /** Number of pauses so far. */
  get pauses(): number {
    return this.#pauses;
  }

  /** Reading of the process's monotonic clock. */
  monotonicMs(elapsedMs: number): number {
    const untilMs = this.#pause?.kind === "machine" ? this.#pause.sinceMs : elapsedMs;
    // Rounding in a sum of pauses takes it back by less than a nanosecond otherwise.
    return Math.max(untilMs - this.#startedMs - this.#suspendedMs, this.#reachedMs);
  }

  pause(kind: PauseKind, elapsedMs: number): void {
    this.#reachedMs = this.monotonicMs(elapsedMs);
    this.#pause = { kind, sinceMs: elapsedMs };
    this.#pauses += 1;
  }

  /** Returns for how long its timers stood still. */
  resume(elapsedMs: number): number {
    const stoodStillMs = this.#pause?.kind === "machine" ? elapsedMs - this.#pause.sinceMs : 0;
    this.#pause = undefined;
    this.#suspendedMs += stoodStillMs;
    return stoodStillMs;
  }

  end(isWithoutPower = false): void {
    this.#isAlive = false;
    this.#isWithoutPower = isWithoutPower;
    this.#pause = undefined;
  }
}

/** Runs code of a process. An error that it throws after the death of the process reaches nobody. */
export function runUntilEnd(process: SimulatedProcess | undefined, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (process?.isAlive !== false) throw error;
  }
}
