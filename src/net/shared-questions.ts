import { AbortError, throwIfAborted } from "../model/error.ts";
import type { RestRequest } from "./venue-api.ts";

interface Question {
  readonly answer: Promise<unknown>;
  readonly giveUp: AbortController;
  askers: number;
}

/**
 * A question that waits for its turn at a rate limit is asked once for all who ask the same meanwhile: it leaves after each
 * of them has asked. Who aborts leaves alone; the question is given up when the last has left.
 */
export class SharedQuestions {
  readonly #send: (request: RestRequest, signal: AbortSignal, onLeaving: () => void) => Promise<unknown>;
  readonly #waiting = new Map<string, Question>();

  constructor(send: (request: RestRequest, signal: AbortSignal, onLeaving: () => void) => Promise<unknown>) {
    this.#send = send;
  }

  async ask(request: RestRequest, signal: AbortSignal | undefined): Promise<unknown> {
    throwIfAborted(signal);
    const key = JSON.stringify(request);
    const question = this.#waiting.get(key) ?? this.#begin(key, request);
    question.askers += 1;
    if (signal === undefined) return await question.answer;
    const left = Promise.withResolvers<never>();
    const leave = (): void => {
      question.askers -= 1;
      if (question.askers > 0) {
        left.reject(new AbortError());
        return;
      }
      // The answer itself is rejected then, and says whether the question had left.
      this.#forget(key, question);
      question.giveUp.abort();
    };
    signal.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([question.answer, left.promise]);
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  #begin(key: string, request: RestRequest): Question {
    const giveUp = new AbortController();
    const onLeaving = (): void => this.#forget(key, question);
    const answer = Promise.resolve().then(() => this.#send(request, giveUp.signal, onLeaving));
    const question: Question = { answer, giveUp, askers: 0 };
    this.#waiting.set(key, question);
    // Nobody may be left to hear how it ended.
    answer.then(onLeaving, onLeaving);
    return question;
  }

  #forget(key: string, question: Question): void {
    if (this.#waiting.get(key) === question) this.#waiting.delete(key);
  }
}
