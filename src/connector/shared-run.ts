import { AbortError, throwIfAborted } from "../model/error.ts";

interface Run {
  readonly done: Promise<void>;
  readonly giveUp: AbortController;
  callers: number;
}

/**
 * Work that callers share as long as each of them gets a run that began after its call: whoever comes while one is under
 * way waits for the next, together with everybody else who does. A caller that aborts leaves; the run goes on for the
 * others, and is aborted when the last of them has left.
 */
export class SharedRun {
  readonly #work: (signal: AbortSignal) => Promise<void>;
  /** The end of the latest run, begun or not. */
  #latest: Promise<void> = Promise.resolve();
  #waiting: Run | undefined;

  constructor(work: (signal: AbortSignal) => Promise<void>) {
    this.#work = work;
  }

  async run(signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    this.#waiting ??= this.#next();
    const run = this.#waiting;
    run.callers += 1;
    const left = Promise.withResolvers<never>();
    const leave = (): void => {
      run.callers -= 1;
      if (run.callers > 0) {
        left.reject(new AbortError());
        return;
      }
      if (this.#waiting === run) this.#waiting = undefined;
      run.giveUp.abort();
    };
    signal?.addEventListener("abort", leave, { once: true });
    try {
      await Promise.race([run.done, left.promise]);
    } finally {
      signal?.removeEventListener("abort", leave);
    }
  }

  #next(): Run {
    const giveUp = new AbortController();
    const begin = async (): Promise<void> => {
      if (this.#waiting === run) this.#waiting = undefined;
      throwIfAborted(giveUp.signal);
      await this.#work(giveUp.signal);
    };
    const run: Run = { done: this.#latest.then(begin, begin), giveUp, callers: 0 };
    this.#latest = run.done;
    return run;
  }
}
