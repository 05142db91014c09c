import {
  type ApiRow,
  CHECKLIST_VENUES,
  type ChecklistVenue,
  type SEED_ITEMS,
  type SeedAnswer,
  type SeedItem,
} from "./seed-items.ts";

/** The checklist as Markdown: every row and item with what stands for it here, and each venue's answer. */
export function renderChecklist({ apiRows, items }: typeof SEED_ITEMS): string {
  const venues = Object.keys(CHECKLIST_VENUES).filter(isVenue);
  return [
    "# The checklist",
    "",
    "Every row and item of *Perpetual Connector v2.1*, in its order, with what stands for it here. Generated from",
    "`src/testing/seed-items.ts` by `npm run docs`: symbols are checked by the compiler, tests, fixtures and files by a test.",
    "",
    "## API checklist",
    "",
    ...table(
      ["Name", "Required", "Type", "Path in the checklist", "Here", ...venues],
      apiRows.map((row) => apiCells(row, venues)),
    ),
    ...[...new Set(items.map((item) => item.section))].flatMap((section) => [
      "",
      `## ${section}`,
      "",
      ...table(
        ["Item", "Here", ...venues],
        items.filter((item) => item.section === section).map((item) => itemCells(item, venues)),
      ),
    ]),
    "",
  ].join("\n");
}

function isVenue(name: string): name is ChecklistVenue {
  return name in CHECKLIST_VENUES;
}

function apiCells(row: ApiRow, venues: readonly ChecklistVenue[]): readonly string[] {
  const answers = venues.map((venue) => {
    const answer = row.venues[venue];
    return "endpoint" in answer ? code(answer.endpoint) : `not offered: ${answer.notOffered}`;
  });
  return [row.name, row.required || "–", row.type, row.path === "" ? "–" : code(row.path), code(row.ours), ...answers];
}

function itemCells(item: SeedItem, venues: readonly ChecklistVenue[]): readonly string[] {
  const answers = venues.map((venue) => {
    const reason = item.notOffered?.[venue];
    if (reason !== undefined) return `not offered: ${reason}`;
    return "file" in item.ours ? code(fileOf(item.ours.file, venue)) : "yes";
  });
  return [item.name, here(item.ours), ...answers];
}

/** The path of a venue's own file. */
export function fileOf(file: string, venue: ChecklistVenue): string {
  return file.replace("{venue}", CHECKLIST_VENUES[venue]);
}

function here(ours: SeedAnswer): string {
  if ("symbol" in ours) return code(ours.symbol);
  if ("file" in ours) return code(ours.file);
  if ("fixture" in ours) return `fixture ${code(ours.fixture)}`;
  return `test “${ours.test}”`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "--")), ...rows.map(line)];
}
