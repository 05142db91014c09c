/**
 * Runs the conformance kit for every venue that has fixtures and writes what it found: docs/checklist.json (which
 * `perpwire checklist` prints), docs/checklist.md, the rows on the venues' pages and the table in the README.
 */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { checklistPages } from "../src/testing/checklist/pages.ts";
import { runChecklist } from "../src/testing/checklist/run.ts";
import { describePerpetualConnector } from "../src/testing/index.ts";
import { argumentsOf } from "./arguments.ts";
import { readText, venueSources } from "./venue-sources.ts";

argumentsOf(import.meta.filename, {});
const document = await runChecklist(await venueSources(), describePerpetualConnector);
for (const [path, text] of checklistPages(document, readText)) {
  writeFileSync(resolve(import.meta.dirname, "..", path), text);
}
