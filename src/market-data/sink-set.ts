import { AbortError } from "../model/error.ts";

/** Pending until the signal fires, then rejects with `AbortError`. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(new AbortError());
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

export interface Backlog<T> {
  /** Number of items that are kept while nobody listens; the oldest go first. */
  readonly capacity: number;
  copy(value: T): T;
}

/** The listeners of one kind of message. One that throws is reported and stops nobody else. */
export class SinkSet<T> {
  /** A list of its own for each change of it. */
  #sinks: readonly ((value: T) => void)[] = [];
  readonly #onError: (error: unknown) => void;
  readonly #backlog: Backlog<T> | undefined;
  #kept: T[] = [];

  constructor(onError: (error: unknown) => void, backlog?: Backlog<T>) {
    this.#onError = onError;
    this.#backlog = backlog;
  }

  get isEmpty(): boolean {
    return this.#sinks.length === 0;
  }

  /** Registers a sink; ends with `AbortError` when the signal fires, and the sink hears nothing more. */
  async listen(signal: AbortSignal, sink: (value: T) => void): Promise<never> {
    if (signal.aborted) throw new AbortError();
    // The same function given twice listens twice.
    const own = (value: T): void => sink(value);
    this.#sinks = [...this.#sinks, own];
    for (const value of this.#kept.splice(0)) this.emit(value);
    try {
      return await untilAborted(signal);
    } finally {
      this.#sinks = this.#sinks.filter((sink) => sink !== own);
    }
  }

  emit(value: T): void {
    if (this.isEmpty) this.#keep(value);
    for (const sink of this.#sinks) {
      try {
        sink(value);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  #keep(value: T): void {
    if (this.#backlog === undefined) return;
    if (this.#kept.length >= this.#backlog.capacity) this.#kept.shift();
    this.#kept.push(this.#backlog.copy(value));
  }
}
