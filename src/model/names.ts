import { ConfigError } from "./error.ts";

/** Throws `ConfigError` with the nearest right name when `name` is not one of `names`. */
export function assertKnownName(name: unknown, names: readonly string[], what: string): void {
  if (typeof name === "string" && names.includes(name)) return;
  const nearest = typeof name === "string" ? nearestName(name, names) : undefined;
  const hint = nearest === undefined ? `there are ${names.join(", ")}` : `did you mean "${nearest}"?`;
  throw new ConfigError(`there is no ${what} "${String(name)}"`, { hint });
}

/** Throws `ConfigError` for a misspelt name among `options`: unheard, `reduceOnyl` would make an order that opens. */
export function checkOptionNames(options: object, names: object, what = "option"): void {
  for (const name of Object.keys(options)) assertKnownName(name, Object.keys(names), what);
}

/** The name that is the fewest typing errors away; undefined when none is near. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  let nearest: string | undefined;
  let least = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of names) {
    const errors = typingErrors(wanted, candidate.toLowerCase());
    if (errors >= least) continue;
    least = errors;
    nearest = candidate;
  }
  return nearest;
}

/** The names that are the fewest typing errors away, nearest first. */
export function nearestNames(name: string, names: Iterable<string>, limit: number): readonly string[] {
  const wanted = name.toLowerCase();
  const all = [...names].map((candidate) => ({ candidate, errors: typingErrors(wanted, candidate.toLowerCase()) }));
  return all
    .toSorted((a, b) => a.errors - b.errors)
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/** Letters to add, take away or exchange (Levenshtein's distance). */
function typingErrors(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...left].entries()) {
    const next = [at + 1];
    for (const [index, other] of [...right].entries()) {
      const exchanged = (row[index] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(exchanged, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
