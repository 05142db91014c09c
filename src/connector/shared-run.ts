import { throwIfAborted } from "../model/error.ts";
import { type SharedWork, waitWith } from "../net/shared-work.ts";

/**
 * Work that callers share as long as each of them gets a run that began after its call: whoever comes while one is under
 * way waits for the next, together with everybody else who does. A caller that aborts leaves; the run goes on for the
 * others, and is aborted when the last of them has left.
 */
export class SharedRun {
  readonly #work: (signal: AbortSignal) => Promise<void>;
  /** The end of the latest run, begun or not. */
  #latest: Promise<void> = Promise.resolve();
  #waiting: SharedWork<void> | undefined;

  constructor(work: (signal: AbortSignal) => Promise<void>) {
    this.#work = work;
  }

  async run(signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    this.#waiting ??= this.#next();
    const run = this.#waiting;
    await waitWith(run, signal, () => {
      if (this.#waiting === run) this.#waiting = undefined;
    });
  }

  #next(): SharedWork<void> {
    const giveUp = new AbortController();
    const begin = async (): Promise<void> => {
      if (this.#waiting === run) this.#waiting = undefined;
      throwIfAborted(giveUp.signal);
      await this.#work(giveUp.signal);
    };
    const run: SharedWork<void> = { done: this.#latest.then(begin, begin), giveUp, callers: 0 };
    this.#latest = run.done;
    return run;
  }
}
