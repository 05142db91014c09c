import { createRequire } from "node:module";
import { ConfigError } from "../../../src/model/error.ts";
import { CONNECTOR_NAMES, unknownConnector } from "../../../src/registry.ts";
import type { ProcessPort } from "../../../src/runtime/runtime.ts";
import { asChecklist, type ChecklistDocument } from "../../../src/testing/checklist/document.ts";
import { CLONE, fileOfPackage } from "./own-package.ts";

/** Reads the checklist; `connector` is the name that its rows are asked for, if any. */
export type ReadChecklist = (process: ProcessPort, connector: string | undefined) => Promise<ChecklistDocument>;

/**
 * Reads the findings of the conformance kit's last run. They are built into the package; in a clone, whose sources
 * change, they are made anew where they are older than the sources. A name that there is not is refused before
 * that, with a `ConfigError`.
 */
export const readChecklist: ReadChecklist = async (process, connector) => {
  if (connector !== undefined && !CONNECTOR_NAMES.includes(connector)) {
    throw unknownConnector(connector, CONNECTOR_NAMES);
  }
  if (CLONE !== undefined) await makeChecklist(process, CLONE);
  const path = CLONE === undefined ? fileOfPackage("dist/checklist.json") : `${CLONE}docs/checklist.json`;
  return asChecklist(createRequire(import.meta.url)(path));
};

async function makeChecklist(process: ProcessPort, clone: string): Promise<void> {
  const child = process.spawnNode(`${clone}scripts/checklist.ts`, []);
  for await (const line of child.lines()) process.writeError(`${line}\n`);
  if ((await child.ended).code === 0) return;
  throw new ConfigError("the conformance kit could not be run", { hint: "see why with `npm run docs`" });
}
