import { inTurn } from "./in-turn.ts";

interface Question {
  readonly ask: (signal: AbortSignal) => Promise<void>;
  /** Number of gaps so far when the question was sent that was answered last. */
  gaps: number;
}

/** The questions that answer a gap, in their order. What was answered before the last gap is out of date. */
export class CatchUp {
  readonly #questions: readonly Question[];
  #gaps = 0;

  constructor(questions: readonly Question["ask"][]) {
    this.#questions = questions.map((ask) => ({ ask, gaps: -1 }));
  }

  /** Something may have been missed until now. */
  noteGap(): void {
    this.#gaps += 1;
  }

  /** True when every question has been asked since the last gap, and answered. */
  get isDone(): boolean {
    return this.#questions.every(({ gaps }) => gaps === this.#gaps);
  }

  /** Asks everything. */
  async all(signal: AbortSignal): Promise<void> {
    await inTurn(this.#questions.map((question) => () => this.#ask(question, signal)));
  }

  /** Asks what has not been answered since the last gap: with hundreds of markets one question takes long. */
  async rest(signal: AbortSignal): Promise<void> {
    await inTurn(
      this.#questions.map((question) => async () => {
        if (question.gaps < this.#gaps) await this.#ask(question, signal);
      }),
    );
  }

  async #ask(question: Question, signal: AbortSignal): Promise<void> {
    const gaps = this.#gaps;
    await question.ask(signal);
    question.gaps = Math.max(question.gaps, gaps);
  }
}
