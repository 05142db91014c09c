import { writeFileSync } from "node:fs";
import { renderChecklist } from "../src/testing/checklist.ts";
import { SEED_ITEMS } from "../src/testing/seed-items.ts";

writeFileSync(new URL("../docs/checklist.md", import.meta.url), renderChecklist(SEED_ITEMS));
