import { AbortError, describeError, isAbort } from "../model/error.ts";
import type { Logger } from "../runtime/logger.ts";

/**
 * The background work of one connector: everything that is started here is aborted and awaited by `stop()`, so that
 * nothing outlives the connector.
 */
export class TaskGroup {
  readonly #controller = new AbortController();
  readonly #tasks = new Set<Promise<void>>();
  readonly #logger: Logger;
  readonly #onFailure: (error: unknown, name: string) => void;

  constructor(logger: Logger, onFailure: (error: unknown, name: string) => void = () => undefined) {
    this.#logger = logger;
    this.#onFailure = onFailure;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Runs `work` until it ends or the group stops. Its abort by that is its normal end; any other error is logged. */
  run(name: string, work: (signal: AbortSignal) => Promise<void>): void {
    const task = this.#ended(name, work);
    this.#tasks.add(task);
    void task.then(() => this.#tasks.delete(task));
  }

  async #ended(name: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    try {
      await work(this.signal);
    } catch (error) {
      if (isAbort(error) && this.signal.aborted) return;
      this.#logger.error(`${name} ended with an error`, { error: describeError(error) });
      this.#onFailure(error, name);
    }
  }

  /** Aborts all work and waits until it has ended. */
  async stop(): Promise<void> {
    this.#controller.abort(new AbortError("the connector stops"));
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }
}
