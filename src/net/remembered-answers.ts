import type { Clock } from "../runtime/runtime.ts";
import type { RestRequest } from "./venue-api.ts";

interface Remembered {
  readonly payload: unknown;
  readonly askedMs: number;
  readonly freshForMs: number;
}

/** Answers to dear questions whose answer seldom changes (`RestRequest.freshForMs`), for as long as they are fresh. */
export class RememberedAnswers {
  readonly #clock: Clock;
  readonly #answers = new Map<string, Remembered>();
  #forgotten = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async ask(request: RestRequest, freshForMs: number, send: () => Promise<unknown>): Promise<unknown> {
    const key = JSON.stringify({ ...request, freshForMs: undefined });
    const askedMs = this.#clock.monotonic();
    for (const [known, { askedMs: since, freshForMs: forMs }] of this.#answers) {
      if (askedMs - since >= forMs) this.#answers.delete(known);
    }
    const remembered = this.#answers.get(key);
    if (remembered !== undefined && askedMs - remembered.askedMs < freshForMs) return remembered.payload;
    const forgotten = this.#forgotten;
    const payload = await send();
    // Answers asked for before a change may be of before the change.
    if (forgotten === this.#forgotten) this.#answers.set(key, { payload, askedMs, freshForMs });
    return payload;
  }

  forget(): void {
    this.#forgotten += 1;
    this.#answers.clear();
  }
}
