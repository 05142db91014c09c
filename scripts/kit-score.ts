/**
 * Plants every bug of `test/testing/mutations` in the venues, and writes to docs/kit-score.md which the conformance kit catches.
 *
 * `--engine` plants those of the engine instead, and writes its part of the page. Without writing: `--only TEXT` takes of
 * these the ones whose file or name has the text in it, or one of several that `;` separates, and `--judges ftx,okx` judges
 * them by the kit of other venues.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { scoreEngine } from "../test/testing/mutations/engine-score.ts";
import {
  enginePartOf,
  hintsOf,
  percentageOf,
  renderEngineScore,
  renderScore,
  venuePartOf,
} from "../test/testing/mutations/report.ts";
import { scoreMutants } from "../test/testing/mutations/score.ts";
import { argumentsOf, mistaken } from "./arguments.ts";

const { engine, only, judges } = argumentsOf(import.meta.filename, {
  engine: { type: "boolean", default: false },
  only: { type: "string" },
  judges: { type: "string" },
});
const isPart = only !== undefined || judges !== undefined;
if (isPart && !engine) mistaken("--only and --judges are for the bugs of the engine: add --engine");

const report = new URL("../docs/kit-score.md", import.meta.url);
const before = readFileSync(report, "utf8");
if (engine) {
  const scored = await scoreEngine(only?.split(";"), judges?.split(","));
  if (scored.length === 0) mistaken(`no bug of the engine has "${only}" in its file or name`);
  const table = renderEngineScore(scored);
  if (isPart) console.log(table);
  else writeFileSync(report, `${venuePartOf(before)}${table}`);
} else {
  const scored = await scoreMutants(hintsOf(before));
  for (const { venue, mutation, caughtBy } of scored) {
    if (caughtBy === undefined) console.log(`missed: ${venue}/${mutation.file}: ${mutation.name}`);
  }
  console.log(`${percentageOf(scored).toFixed(0)} % of ${scored.length} bugs are caught`);
  writeFileSync(report, `${renderScore(scored)}${enginePartOf(before)}`);
}
