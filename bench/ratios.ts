/** Ratios of one benchmark by contender: how many times as long as Perpwire each takes. */
export type Ratios = Readonly<Record<string, number>>;
/** The same by benchmark. */
export type RatioTable = Readonly<Record<string, Ratios>>;

/** A short run on a busy machine differs from a long one by a third, never by half. */
const LEAST_SHARE = 0.5;

/** What is wrong with measured ratios: each that is below half of the committed one, or that is not there any more. */
export function ratioFailures(committed: RatioTable, measured: RatioTable): readonly string[] {
  return Object.entries(committed).flatMap(([benchmark, ratios]) =>
    Object.entries(ratios).flatMap(([contender, ratio]) => {
      const found = measured[benchmark]?.[contender];
      const least = ratio * LEAST_SHARE;
      if (found !== undefined && found >= least) return [];
      const what = `${benchmark}, ${contender}`;
      if (found === undefined) return [`${what}: nothing was measured`];
      return [`${what}: ${found.toFixed(2)} is below ${least.toFixed(2)}, half of what is committed`];
    }),
  );
}
