/**
 * Runs the conformance kit for every venue that has fixtures and writes what it found: docs/checklist.md, the rows on the
 * venues' pages and the table in the README, and docs/checklist.json, which `perpwire checklist` prints.
 */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { checklistPages } from "../src/testing/checklist/pages.ts";
import { argumentsOf } from "./arguments.ts";
import { makeChecklist } from "./checklist-file.ts";
import { readText } from "./venue-sources.ts";

argumentsOf(import.meta.filename, {});
const document = await makeChecklist();
for (const [path, text] of checklistPages(document, readText)) {
  writeFileSync(resolve(import.meta.dirname, "..", path), text);
}
