import type { MatchingQueue } from "./matching-queue.ts";

/** Requests whose answer tells what the matching engine did: they wait for their turn in its queue. */
export class MatchingTurns {
  readonly #queue: MatchingQueue;
  /** Requests whose turn has not come. */
  readonly #waiting = new Set<(error: Error) => void>();

  constructor(queue: MatchingQueue) {
    this.#queue = queue;
  }

  /** Resolves to what `work` returns when its turn has come, and rejects with what it throws. */
  take<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject);
      this.#queue.push(() => {
        this.#waiting.delete(reject);
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Answers all that wait with this error. */
  stop(error: Error): void {
    for (const refuse of this.#waiting) refuse(error);
    this.#waiting.clear();
  }
}
