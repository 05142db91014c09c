/**
 * Plants every bug of `test/testing/mutations` in the venues, and writes to docs/kit-score.md which the conformance kit catches.
 *
 * `--as-new-author` plants those of Gate.io and Hyperliquid instead, and leaves out of their fixtures what the kit lets an
 * author leave out. `--engine` plants those of the engine. Each writes its part of the page. Without writing: `--only TEXT` takes of
 * these the ones whose file or name has the text in it, or one of several that `;` separates, and `--judges ftx,okx` judges
 * them by the kit of other venues.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { scoreEngine } from "../test/testing/mutations/engine-score.ts";
import { NEW_AUTHORS_VENUES } from "../test/testing/mutations/mutants.ts";
import { leftOutOf } from "../test/testing/mutations/new-author.ts";
import {
  enginePartOf,
  hintsOf,
  newAuthorPartOf,
  percentageOf,
  renderEngineScore,
  renderNewAuthor,
  renderScore,
  venuePartOf,
} from "../test/testing/mutations/report.ts";
import { type ScoredMutant, scoreMutants } from "../test/testing/mutations/score.ts";
import { argumentsOf, mistaken } from "./arguments.ts";
import { venueSource } from "./venue-sources.ts";

const options = argumentsOf(import.meta.filename, {
  "as-new-author": { type: "boolean", default: false },
  engine: { type: "boolean", default: false },
  only: { type: "string" },
  judges: { type: "string" },
});
const { engine, only, judges, "as-new-author": asNewAuthor } = options;
const isPart = only !== undefined || judges !== undefined;
if (isPart && !engine) mistaken("--only and --judges are for the bugs of the engine: add --engine");

const report = new URL("../docs/kit-score.md", import.meta.url);
const before = readFileSync(report, "utf8");
if (engine && asNewAuthor) mistaken("--engine and --as-new-author are two parts of the page: write one at a time");

const told = (scored: readonly ScoredMutant[]): void => {
  for (const { venue, mutation, caughtBy } of scored) {
    if (caughtBy === undefined) console.log(`missed: ${venue}/${mutation.file}: ${mutation.name}`);
  }
  console.log(`${percentageOf(scored).toFixed(0)} % of ${scored.length} bugs are caught`);
};

if (asNewAuthor) {
  const sources = await Promise.all(Object.keys(NEW_AUTHORS_VENUES).map(venueSource));
  const leftOut = new Map<string, readonly string[]>();
  for (const { folder, fixtures } of sources) leftOut.set(folder, await leftOutOf(fixtures));
  const scored = await scoreMutants(hintsOf(before), NEW_AUTHORS_VENUES, leftOut);
  told(scored);
  writeFileSync(report, `${venuePartOf(before)}${renderNewAuthor(scored, leftOut)}${enginePartOf(before)}`);
} else if (engine) {
  const scored = await scoreEngine(only?.split(";"), judges?.split(","));
  if (scored.length === 0) mistaken(`no bug of the engine has "${only}" in its file or name`);
  const table = renderEngineScore(scored);
  if (isPart) console.log(table);
  else writeFileSync(report, `${venuePartOf(before)}${newAuthorPartOf(before)}${table}`);
} else {
  const scored = await scoreMutants(hintsOf(before));
  told(scored);
  writeFileSync(report, `${renderScore(scored)}${newAuthorPartOf(before)}${enginePartOf(before)}`);
}
