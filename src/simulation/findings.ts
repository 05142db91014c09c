/** Something that must never be, and was. */
export interface Finding {
  /** The rule that did not hold, in a few words. */
  readonly rule: string;
  readonly text: string;
  /** Simulated milliseconds since the world began. */
  readonly atMs: number;
}

const MAX_KEPT = 50;

/** Broken rules that were found in a world. */
export class Findings {
  readonly all: Finding[] = [];
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  add(rule: string, text: string): void {
    if (this.all.length < MAX_KEPT) this.all.push({ rule, text, atMs: this.#nowMs() });
  }
}
