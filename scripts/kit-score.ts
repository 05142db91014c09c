/** Plants every bug of `test/testing/mutations` in the venues, and writes to docs/kit-score.md which the conformance kit catches. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { hintsOf, percentageOf, renderScore } from "../test/testing/mutations/report.ts";
import { scoreMutants } from "../test/testing/mutations/score.ts";
import { argumentsOf } from "./arguments.ts";

argumentsOf(import.meta.filename, {});
const report = new URL("../docs/kit-score.md", import.meta.url);
const before = existsSync(report) ? readFileSync(report, "utf8") : "";
const scored = await scoreMutants(hintsOf(before));
for (const { venue, mutation, caughtBy } of scored) {
  if (caughtBy === undefined) console.log(`missed: ${venue}/${mutation.file}: ${mutation.name}`);
}
console.log(`${percentageOf(scored).toFixed(0)} % of ${scored.length} bugs are caught`);
writeFileSync(report, renderScore(scored));
