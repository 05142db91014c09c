import { hostLine } from "./measure.ts";
import type { Figure } from "./rounds.ts";

/** One table: what was done, and what each contender took for it. */
export interface Result {
  readonly name: string;
  readonly work: string;
  readonly unit: string;
  readonly passes: number;
  readonly figures: readonly Figure[];
}

const shown = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

const HEAD = ["contender", "median", "min", "quartiles", "times", "bytes", "what it does"] as const;

function cellsOf({ name, us, ratio, bytes, note }: Figure): readonly string[] {
  const [lower, upper] = us.quartiles;
  return [
    name,
    shown(us.median),
    shown(us.min),
    `${shown(lower)}-${shown(upper)}`,
    shown(ratio.median),
    bytes.toFixed(0),
    note,
  ];
}

/** Names of what arms measured themselves, with each contender's value. */
function ownFigures(figures: readonly Figure[]): readonly string[] {
  return figures.flatMap(({ name, figures: own }) => {
    const told = Object.entries(own).map(([what, value]) => `${what} ${shown(value)}`);
    return told.length === 0 ? [] : [`  ${name}: ${told.join(", ")}`];
  });
}

export function textOf({ name, work, unit, passes, figures }: Result): string {
  const rows = [HEAD, ...figures.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === HEAD.length - 1
          ? cell.padEnd(widths[column] ?? 0)
          : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return [`${name}: ${work}, ${passes} passes, ${unit}`, ...lines, ...ownFigures(figures), ""].join("\n");
}

/** The same as a table of Markdown. */
export function tableOf({ name, work, unit, passes, figures }: Result): string {
  const rows = figures.map((figure) => `| ${cellsOf(figure).join(" | ")} |`);
  const own = ownFigures(figures).map((line) => `- ${line.trim()}`);
  const table = [`| ${HEAD.join(" | ")} |`, "|---|--:|--:|--:|--:|--:|---|", ...rows];
  const told = own.length === 0 ? [] : ["", ...own];
  return [`**${name}**: ${work}, ${passes} passes, ${unit}.`, "", ...table, ...told].join("\n");
}

/** How many times as long as Perpwire each contender takes, by its key. */
export function ratiosOf(result: Result | undefined): Readonly<Record<string, number>> {
  const others = (result?.figures ?? []).slice(1);
  return Object.fromEntries(others.map(({ key, ratio }) => [key, Number(ratio.median.toPrecision(4))]));
}

export const FOOTNOTE = `times: how many times as long as perpwire it takes, median of the passes; below 1 it is faster. ${hostLine()}`;

/** The line that `--json` ends with: `ratios` are those of the first table. */
export function jsonOf(benchmark: string, results: readonly Result[]): string {
  const told = results.map((result) => ({ ...result, ratios: ratiosOf(result) }));
  return JSON.stringify({ benchmark, host: hostLine(), ratios: ratiosOf(results[0]), results: told });
}
