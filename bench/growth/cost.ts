import { existsSync, openSync, readSync } from "node:fs";

/** One size of a cost, made ready. */
export interface Prepared {
  /** One pass; what it returns is in the cost's unit. */
  measure(): number | Promise<number>;
  end?(): void | Promise<void>;
}

/** Something that is done, and what could make it dearer. */
export interface Cost {
  readonly what: string;
  readonly unit: string;
  readonly sizes: readonly number[];
  /** Flags of the process that it is measured in. */
  readonly nodeFlags?: readonly string[];
  prepare(size: number): Prepared | Promise<Prepared>;
}

const SCHEDULER = "/proc/self/schedstat";
const scheduler = existsSync(SCHEDULER) ? openSync(SCHEDULER, "r") : undefined;
const text = Buffer.alloc(64);

/**
 * Time that the main thread has worked, microseconds: what else runs on the machine does not count. Elsewhere than on
 * Linux the time that went by.
 */
export function workedUs(): number {
  if (scheduler === undefined) return performance.now() * 1_000;
  // The scheduler's figure of a thread that runs is brought up to date by the question for its usage.
  process.cpuUsage();
  const length = readSync(scheduler, text, 0, text.length, 0);
  return Number(text.toString("latin1", 0, length).split(" ")[0]) / 1_000;
}

/** Microseconds of one of `count` pieces of work. */
export function microsecondsOf(count: number, work: () => unknown): number {
  const startUs = workedUs();
  work();
  return (workedUs() - startUs) / count;
}

/** Longest stretch of work, in milliseconds, in which nothing else got a turn while `work` ran. */
export async function longestStallMs(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let lastUs = 0;
  let isOver = false;
  const look = (): void => {
    const nowUs = workedUs();
    longest = Math.max(longest, nowUs - lastUs);
    lastUs = nowUs;
    if (!isOver) setImmediate(look);
  };
  lastUs = workedUs();
  setImmediate(look);
  await work();
  await new Promise((resolve) => setImmediate(resolve));
  isOver = true;
  return longest / 1_000;
}
