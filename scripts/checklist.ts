import { readFileSync, writeFileSync } from "node:fs";
import { renderChecklist, withVenueRows } from "../src/testing/checklist.ts";
import { CHECKLIST_VENUES, type ChecklistVenue, SEED_ITEMS } from "../src/testing/seed-items.ts";

const inDocs = (file: string): URL => new URL(`../docs/${file}`, import.meta.url);

writeFileSync(inDocs("checklist.md"), renderChecklist(SEED_ITEMS));
for (const [venue, folder] of Object.entries(CHECKLIST_VENUES)) {
  const page = inDocs(`venues/${folder}.md`);
  writeFileSync(page, withVenueRows(readFileSync(page, "utf8"), venue as ChecklistVenue, SEED_ITEMS));
}
