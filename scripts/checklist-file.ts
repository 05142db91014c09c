import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { asChecklist, type ChecklistDocument } from "../src/testing/checklist/document.ts";
import { runChecklist } from "../src/testing/checklist/run.ts";
import { describePerpetualConnector } from "../src/testing/index.ts";
import { venueSources } from "./venue-sources.ts";

const ROOT = resolve(import.meta.dirname, "..");
/** The last run's result. It is not under version control: whoever reads it makes it where it is stale. */
const FILE = join(ROOT, "docs/checklist.json");
/** Files and folders that a run of the kit depends on. */
const MADE_OF = ["src", "test/venues", "scripts/venue-sources.ts"];

/** Runs the kit for every venue that has fixtures, and keeps what it found. */
export async function makeChecklist(): Promise<ChecklistDocument> {
  const document = await runChecklist(await venueSources(), describePerpetualConnector);
  // Two processes may make it at once, and a third read it meanwhile.
  const draft = `${FILE}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(document)}\n`);
  renameSync(draft, FILE);
  return document;
}

/** The last run's result where nothing has changed since, else that of a new one, before which `onRun` is called. */
export async function freshChecklist(onRun: () => void = () => undefined): Promise<ChecklistDocument> {
  const madeMs = statSync(FILE, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (MADE_OF.every((path) => changedMs(join(ROOT, path)) < madeMs)) {
    return asChecklist(JSON.parse(readFileSync(FILE, "utf8")));
  }
  onRun();
  return makeChecklist();
}

/** When the file, or the newest in a folder, was changed; a folder changes when a file in it comes or goes. */
function changedMs(path: string): number {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return readdirSync(path).reduce((latestMs, name) => Math.max(latestMs, changedMs(join(path, name))), found.mtimeMs);
}
