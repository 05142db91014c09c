/**
 * Plants every bug of `test/testing/mutations` in the venues, and writes to docs/kit-score.md which the conformance kit catches.
 *
 * `--engine` plants those of the engine instead, and prints them in a table. `--only TEXT` takes of these the ones whose file or
 * name has the text in it.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { scoreEngine } from "../test/testing/mutations/engine-score.ts";
import { hintsOf, percentageOf, renderEngineScore, renderScore } from "../test/testing/mutations/report.ts";
import { scoreMutants } from "../test/testing/mutations/score.ts";
import { argumentsOf, mistaken } from "./arguments.ts";

const { engine, only } = argumentsOf(import.meta.filename, {
  engine: { type: "boolean", default: false },
  only: { type: "string" },
});
if (only !== undefined && !engine) mistaken("--only is for the bugs of the engine: add --engine");

if (engine) {
  const scored = await scoreEngine(only);
  if (scored.length === 0) mistaken(`no bug of the engine has "${only}" in its file or name`);
  console.log(renderEngineScore(scored));
} else {
  const report = new URL("../docs/kit-score.md", import.meta.url);
  const before = existsSync(report) ? readFileSync(report, "utf8") : "";
  const scored = await scoreMutants(hintsOf(before));
  for (const { venue, mutation, caughtBy } of scored) {
    if (caughtBy === undefined) console.log(`missed: ${venue}/${mutation.file}: ${mutation.name}`);
  }
  console.log(`${percentageOf(scored).toFixed(0)} % of ${scored.length} bugs are caught`);
  writeFileSync(report, renderScore(scored));
}
