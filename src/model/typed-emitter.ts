/**
 * Calls a listener of the program's own. What it throws, and what a promise that it returns rejects with, is reported
 * and goes no further: an unhandled rejection would end the process.
 */
export function callListener<T>(listener: (value: T) => unknown, value: T, onError: (error: unknown) => void): void {
  try {
    const result = listener(value);
    if (isThenable(result)) Promise.resolve(result).then(undefined, onError);
  } catch (error) {
    onError(error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** Synchronous typed events. A listener that throws or rejects is reported and stops nobody else. */
export class TypedEmitter<Events extends object> {
  /** Each list is replaced where it changes: an event goes to those who listened when it came. */
  readonly #listeners = new Map<keyof Events, readonly ((event: never) => unknown)[]>();
  readonly #onListenerError: (error: unknown, name: keyof Events) => void;
  readonly #isEnded: (() => boolean) | undefined;

  /**
   * Emitter that stops with the process: once `isEnded` says so no listener is called, not even for an event that
   * others have received.
   */
  constructor(onListenerError: (error: unknown, name: keyof Events) => void, isEnded?: () => boolean) {
    this.#onListenerError = onListenerError;
    this.#isEnded = isEnded;
  }

  /** Returns the function that removes the listener. The same function given twice is called twice. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => unknown): () => void {
    const own = (event: Events[Name]): unknown => listener(event);
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), own]);
    return () => {
      const listeners = this.#listeners.get(name);
      if (listeners !== undefined)
        this.#listeners.set(
          name,
          listeners.filter((each) => each !== own),
        );
    };
  }

  once<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => unknown): () => void {
    const remove = this.on(name, (event) => {
      remove();
      return listener(event);
    });
    return remove;
  }

  hasListeners(name: keyof Events): boolean {
    return (this.#listeners.get(name)?.length ?? 0) > 0;
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    const listeners = this.#listeners.get(name);
    if (listeners === undefined) return;
    const onError = (error: unknown): void => this.#onListenerError(error, name);
    for (const listener of listeners as readonly ((event: Events[Name]) => unknown)[]) {
      if (this.#isEnded?.() === true) return;
      callListener(listener, event, onError);
    }
  }

  removeAll(): void {
    this.#listeners.clear();
  }
}
