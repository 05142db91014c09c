import { cpus, release } from "node:os";

export interface Contender {
  readonly name: string;
  /** What it does and leaves out, for the reader of the table. */
  readonly note: string;
  /** One pass over all of the work; returns something that depends on it. */
  pass(): unknown;
}

export interface Figure {
  readonly name: string;
  readonly note: string;
  /** Microseconds for one unit of work. */
  readonly medianUs: number;
  readonly bestUs: number;
  /** Median of this contender's passes divided by the reference's, pass by pass. */
  readonly ratio: number;
}

/**
 * Times contenders in turn: A B C, A B C, ... after two warm-up rounds. Nothing is released between passes: collecting a
 * book would make the next pass pay for code that embeds it being compiled anew.
 */
export function measure(contenders: readonly Contender[], reference: string, units: number, passes: number): Figure[] {
  const kept: unknown[] = [];
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -2; round < passes; round += 1) {
    for (const { name, pass } of contenders) {
      const startMs = performance.now();
      kept.push(pass());
      const us = ((performance.now() - startMs) * 1_000) / units;
      if (round >= 0) times.get(name)?.push(us);
    }
  }
  const referenceTimes = times.get(reference) ?? [];
  return contenders.map(({ name, note }) => {
    const own = times.get(name) ?? [];
    const ratios = own.map((us, index) => us / (referenceTimes[index] ?? Number.NaN));
    return { name, note, medianUs: median(own), bestUs: Math.min(...own), ratio: median(ratios) };
  });
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export function hostLine(): string {
  const [first] = cpus();
  return `${cpus().length} x ${first?.model.trim() ?? "unknown CPU"}, Linux ${release()}, Node ${process.version}`;
}
