import { Checker, type CheckReport } from "../../../../src/checker/checker.ts";
import { readHistoryLine } from "../../../../src/checker/read.ts";
import type { Breach } from "../../../../src/checker/rule.ts";
import { ConfigError } from "../../../../src/model/error.ts";
import type { Files } from "../../../../src/runtime/runtime.ts";
import type { Cli, OutputFlags } from "../cli.ts";
import { EXIT_CODES } from "../errors.ts";
import { Output } from "../output.ts";
import { type Place, placedLines, runsOf } from "./merge.ts";

/** Broken rules that a person is shown of a run. */
const SHOWN = 20;

/** Checks histories: those of one run together. */
export async function check(cli: Cli, paths: readonly string[], flags: OutputFlags): Promise<void> {
  const { files } = await cli.runtime();
  const output = new Output(cli, flags);
  for (const run of await runsOf(files, paths)) {
    const { report, placeOf } = await checkRun(files, run);
    if (report.breaches.length > 0 || !report.isWhole) cli.process.setExitCode(EXIT_CODES.failed);
    const breaches = report.breaches.map((breach) => ({ ...breach, lines: breach.lines.map(placeOf) }));
    output.json({ files: run, ...report, breaches });
    if (!output.isJson) tell(output, run, report, breaches);
  }
}

async function checkRun(files: Files, paths: readonly string[]) {
  const checker = new Checker();
  const places: Place[] = [];
  for await (const { text, place } of placedLines(files, paths)) {
    places.push(place);
    try {
      checker.line(readHistoryLine(text));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new ConfigError(`${place.path} line ${place.line}: ${error.message}`, { code: "HISTORY" });
    }
  }
  const placeOf = (at: number): string => {
    const { path = "", line = at } = places[at - 1] ?? {};
    return paths.length === 1 ? String(line) : `${path}:${line}`;
  };
  return { report: checker.report(), placeOf };
}

type PlacedBreach = Omit<Breach, "lines"> & { readonly lines: readonly string[] };

function tell(output: Output, paths: readonly string[], report: CheckReport, breaches: readonly PlacedBreach[]): void {
  const { head, lines, counts, isWhole, moreBreaches } = report;
  output.line(`${head.run} (${paths.join(", ")}): ${lines} lines`);
  output.line(`  checked: ${countsText(counts) || "nothing"}`);
  for (const { rule, text, lines: at } of breaches.slice(0, SHOWN)) {
    output.line(`BROKEN ${rule}: ${text} (${at.length === 1 ? "line" : "lines"} ${at.join(", ")})`);
  }
  const total = breaches.length + moreBreaches;
  if (total > SHOWN) output.line(`  and ${total - SHOWN} more`);
  if (!isWhole) output.line("INCOMPLETE it ends before the exchange's record at the end of the run");
  if (total > 0) output.line(`  ${total} ${total === 1 ? "breach" : "breaches"}`);
  else output.line(isWhole ? "  every rule holds" : "  no rule is broken in what there is");
}

function countsText(counts: CheckReport["counts"]): string {
  return Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(", ");
}
