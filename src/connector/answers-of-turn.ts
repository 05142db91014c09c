import type { Timers } from "../runtime/runtime.ts";

interface Waiting {
  readonly work: () => void;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Answers that one turn of the event loop brings, handled at its end as one unit: one write of the journal serves all of them.
 * Where the runtime has no end of a turn, each is handled when it comes.
 */
export class AnswersOfTurn {
  readonly #timers: Pick<Timers, "endOfTurn">;
  readonly #inUnit: (work: () => void) => void;
  #waiting: Waiting[] = [];

  constructor(timers: Pick<Timers, "endOfTurn">, inUnit: (work: () => void) => void) {
    this.#timers = timers;
    this.#inUnit = inUnit;
  }

  /** Resolves when `work` is done and on disk; rejects with what it, or the unit that it is in, throws. */
  handle(work: () => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ work, resolve, reject });
    if (this.#timers.endOfTurn === undefined) this.#handleAll();
    else if (this.#waiting.length === 1) this.#timers.endOfTurn(() => this.#handleAll());
    return promise;
  }

  #handleAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const failures = new Map<Waiting, unknown>();
    try {
      this.#inUnit(() => {
        for (const each of waiting) {
          try {
            each.work();
          } catch (error) {
            failures.set(each, error);
          }
        }
      });
    } catch (error) {
      // Nobody is above this: it would end the process, and no order would hear of its answer.
      for (const each of waiting) each.reject(error);
      return;
    }
    for (const each of waiting) {
      if (failures.has(each)) each.reject(failures.get(each));
      else each.resolve();
    }
  }
}
