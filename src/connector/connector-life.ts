import { ConfigError, PerpwireError } from "../model/error.ts";
import type { TaskGroup } from "./task-group.ts";

export interface ConnectorLifeOptions {
  readonly tasks: TaskGroup;
  /** Everything that must go well before the loops begin; tried again for `timeoutMs`. */
  readonly prepare: (signal: AbortSignal, timeoutMs: number | undefined) => Promise<void>;
  /** Starts the loops. */
  readonly begin: () => void;
  /** Ends the orders while the loops still run; only after a start that went well. */
  readonly endOrders: () => Promise<void>;
  /** Nothing runs any more. */
  readonly close: () => void;
  /** The last step, also after a failure. */
  readonly release: () => Promise<void>;
}

/** Life of a connector from `start()` to `stop()`: each happens once, and a stop may come at any moment. */
export class ConnectorLife {
  readonly #options: ConnectorLifeOptions;
  #state: "new" | "starting" | "started" | "stopping" | "stopped" = "new";
  /** The steps of `start()`, settled when none of them runs any more. */
  #starting: Promise<unknown> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  constructor(options: ConnectorLifeOptions) {
    this.#options = options;
  }

  get isStarting(): boolean {
    return this.#state === "starting";
  }

  get isStarted(): boolean {
    return this.#state === "started";
  }

  get isStopped(): boolean {
    return this.#state === "stopped";
  }

  /** Rejects, with nothing left running, when a step fails or a stop comes in between. */
  async start(timeoutMs: number | undefined): Promise<void> {
    const { tasks, prepare, begin } = this.#options;
    if (this.#state !== "new") throw new ConfigError(`the connector is ${this.#state}`, { hint: "make a new one" });
    this.#state = "starting";
    const steps = prepare(tasks.signal, timeoutMs);
    this.#starting = steps.catch(() => undefined);
    try {
      await steps;
      this.assertNotStopped();
    } catch (error) {
      const wasStopped = this.#stopping !== undefined;
      await this.stop();
      throw wasStopped ? stoppedError("the connector was stopped while it was starting", error) : error;
    }
    this.#state = "started";
    begin();
  }

  /** One promise for every caller. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop(this.#state === "started");
    return this.#stopping;
  }

  async #stop(wasStarted: boolean): Promise<void> {
    const { tasks, endOrders } = this.#options;
    this.#state = "stopping";
    try {
      if (wasStarted) await endOrders();
    } finally {
      try {
        await tasks.stop();
        await this.#starting;
      } finally {
        await this.#end();
      }
    }
  }

  async #end(): Promise<void> {
    const { close, release } = this.#options;
    try {
      close();
    } finally {
      this.#state = "stopped";
      await release();
    }
  }

  /** Throws from the call of `stop()` on. */
  assertNotStopped(): void {
    if (this.#state === "stopping") throw stoppedError("the connector is stopping");
    if (this.#state === "stopped") throw stoppedError("the connector has stopped");
  }
}

export function stoppedError(message: string, cause?: unknown): PerpwireError {
  return new PerpwireError(message, { code: "STOPPED", hint: "make a new connector and start it", cause });
}
