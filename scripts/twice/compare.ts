import type { CampaignSummary } from "../../src/simulation/campaign.ts";

/** How a process that was to play worlds ended. */
export interface Run {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly summary: Pick<CampaignSummary, "seeds" | "failed" | "hash"> | undefined;
  /** What it said last where it has no summary. */
  readonly words: string;
}

/** Whether two processes played so many worlds, all of them well and to the same end, and a text that says so. */
export function compared(
  runs: readonly [Run, Run],
  worlds: number,
): { readonly isSame: boolean; readonly text: string } {
  const problems = runs.flatMap((run, index) => {
    const problem = problemOf(run, worlds);
    return problem === undefined ? [] : [`process ${index + 1}: ${problem}`];
  });
  if (problems.length > 0) return { isSame: false, text: problems.join("\n") };
  const [first, second] = runs.map(({ summary }) => summary?.hash);
  const isSame = first === second;
  return { isSame, text: `${worlds} worlds twice: ${first} and ${second}, ${isSame ? "the same" : "NOT THE SAME"}` };
}

function problemOf({ exitCode, summary, words }: Run, worlds: number): string | undefined {
  if (summary === undefined) return `it ended with ${exitCode ?? "a signal"} and no result: ${words}`;
  const { seeds, failed } = summary;
  if (seeds !== worlds) return `it played ${seeds} worlds, not ${worlds}`;
  if (failed > 0) return `${failed} of ${worlds} worlds failed`;
  return exitCode === 0 ? undefined : `it ended with ${exitCode ?? "a signal"}`;
}
