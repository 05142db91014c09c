/**
 * Work that callers share as long as each of them gets a run that began after its call: whoever comes while one is under
 * way waits for the next, together with everybody else who does.
 */
export class SharedRun {
  readonly #work: () => Promise<void>;
  /** The latest run, begun or not. */
  #latest: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  run(): Promise<void> {
    if (this.#waiting !== undefined) return this.#waiting;
    const begin = (): Promise<void> => {
      this.#waiting = undefined;
      return this.#work();
    };
    this.#waiting = this.#latest.then(begin, begin);
    this.#latest = this.#waiting;
    return this.#waiting;
  }
}
