import { Checker, type CheckReport } from "../../src/checker/checker.ts";
import type { HistoryLine } from "../../src/checker/history.ts";
import { planOf, playWorld } from "../../src/simulation/index.ts";

/** The history of a world, as a file has it. */
export async function historyOf(options: Parameters<typeof planOf>[0]): Promise<HistoryLine[]> {
  const lines: string[] = [];
  await playWorld(planOf(options), { by: "judge", onLine: (line) => void lines.push(JSON.stringify(line)) });
  return lines.map((line) => JSON.parse(line) as HistoryLine);
}

export function checked(lines: Iterable<HistoryLine>): CheckReport {
  const checker = new Checker();
  for (const line of lines) checker.line(line);
  return checker.report();
}

/** Names of the rules that a history breaks. */
export function brokenRules(lines: Iterable<HistoryLine>): readonly string[] {
  return [...new Set(checked(lines).breaches.map(({ rule }) => rule))].toSorted();
}
