/** Runs the conformance kit for every venue where something has changed since it was last run; `perpwire checklist` prints what it found. */
import { argumentsOf } from "./arguments.ts";
import { freshChecklist } from "./checklist-file.ts";

argumentsOf(import.meta.filename, {});
await freshChecklist(() => console.error("running the conformance kit for every venue ..."));
