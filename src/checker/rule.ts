import type { HistoryLine } from "./history.ts";

/** Number of a line of the history, from 1 on. */
export type At = number;

export interface Breach {
  /** The rule that did not hold, in a few words. */
  readonly rule: string;
  readonly text: string;
  /** Lines of the history that show it. */
  readonly lines: readonly At[];
  readonly t: number;
}

/** One promise, held against a history line by line. */
export interface Rule {
  line(line: HistoryLine, at: At): void;
}

const MAX_KEPT = 200;

/** Counts of comparisons, and the ones that failed. */
export class Findings {
  readonly counts = new Map<string, number>();
  readonly breaches: Breach[] = [];
  /** Breaches that are not kept because there are too many. */
  left = 0;
  /** Time of the present line. */
  t = 0;

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by);
  }

  breach(rule: string, text: string, ...lines: readonly (At | undefined)[]): void {
    if (this.breaches.length >= MAX_KEPT) this.left += 1;
    else this.breaches.push({ rule, text, lines: lines.filter((line) => line !== undefined), t: this.t });
  }
}
