import { throwIfAborted } from "../model/error.ts";
import { type SharedWork, waitWith } from "./shared-work.ts";
import type { RestRequest } from "./venue-api.ts";

/**
 * A question that waits for its turn at a rate limit is asked once for all who ask the same meanwhile: it leaves after each
 * of them has asked. Who aborts leaves alone; the question is given up when the last has left.
 */
export class SharedQuestions {
  readonly #send: (request: RestRequest, signal: AbortSignal, onLeaving: () => void) => Promise<unknown>;
  readonly #waiting = new Map<string, SharedWork<unknown>>();

  constructor(send: (request: RestRequest, signal: AbortSignal, onLeaving: () => void) => Promise<unknown>) {
    this.#send = send;
  }

  async ask(request: RestRequest, signal: AbortSignal | undefined): Promise<unknown> {
    throwIfAborted(signal);
    const key = JSON.stringify(request);
    const question = this.#waiting.get(key) ?? this.#begin(key, request);
    return await waitWith(question, signal, () => this.#forget(key, question));
  }

  #begin(key: string, request: RestRequest): SharedWork<unknown> {
    const giveUp = new AbortController();
    const onLeaving = (): void => this.#forget(key, question);
    const done = Promise.resolve().then(() => this.#send(request, giveUp.signal, onLeaving));
    const question: SharedWork<unknown> = { done, giveUp, callers: 0 };
    this.#waiting.set(key, question);
    // Nobody may be left to hear how it ended.
    done.then(onLeaving, onLeaving);
    return question;
  }

  #forget(key: string, question: SharedWork<unknown>): void {
    if (this.#waiting.get(key) === question) this.#waiting.delete(key);
  }
}
