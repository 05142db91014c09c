import type { Timers } from "../runtime/runtime.ts";

/**
 * Answers that one turn of the event loop brings, handled at its end as one unit: one write of the journal serves all of them.
 * Where the runtime has no end of a turn, each is handled when it comes.
 */
export class AnswersOfTurn {
  readonly #timers: Pick<Timers, "endOfTurn">;
  readonly #inUnit: (work: () => void) => void;
  #waiting: (() => void)[] = [];

  constructor(timers: Pick<Timers, "endOfTurn">, inUnit: (work: () => void) => void) {
    this.#timers = timers;
    this.#inUnit = inUnit;
  }

  /** Resolves when `work` is done and on disk; rejects with what it throws. */
  handle(work: () => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push(() => {
      try {
        work();
        resolve();
      } catch (error) {
        reject(error);
      }
    });
    if (this.#timers.endOfTurn === undefined) this.#handleAll();
    else if (this.#waiting.length === 1) this.#timers.endOfTurn(() => this.#handleAll());
    return promise;
  }

  #handleAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#inUnit(() => {
      for (const handle of waiting) handle();
    });
  }
}
