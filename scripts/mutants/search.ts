/** A rule that did not hold in a world. */
export interface Failure {
  readonly seed: number;
  readonly rule: string;
  readonly text: string;
}

export interface SearchOptions {
  /** Seeds from 1 on that are played at most. */
  readonly seeds: number;
  /** Seeds that are played at a time. */
  readonly atATime: number;
  /** Plays worlds of the broken engine; the failures come in order of their seeds. */
  playBroken(seeds: readonly number[]): Promise<readonly Failure[]>;
  /** Plays the same worlds of the engine as it is. */
  playUnbroken(seeds: readonly number[]): Promise<readonly Failure[]>;
}

export interface Search {
  /** The first world that fails with the broken engine only. */
  readonly found: Failure | undefined;
  /** Worlds that fail with the engine as it is as well: they say nothing of what was broken. */
  readonly failAnyway: readonly Failure[];
}

export async function search({ seeds, atATime, playBroken, playUnbroken }: SearchOptions): Promise<Search> {
  const failAnyway: Failure[] = [];
  for (let first = 1; first <= seeds; first += atATime) {
    const part = Array.from({ length: Math.min(atATime, seeds - first + 1) }, (_, index) => first + index);
    for (const failure of await playBroken(part)) {
      const [anyway] = await playUnbroken([failure.seed]);
      if (anyway === undefined) return { found: failure, failAnyway };
      failAnyway.push(anyway);
    }
  }
  return { found: undefined, failAnyway };
}
