import {
  type ApiAnswer,
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

const BEGIN = "<!-- rows of the API checklist; written by `npm run docs` -->";
const END = "<!-- end of the rows -->";

/** A venue's page with its rows of the API checklist brought up to date, between their two marks. */
export function withVenueRows(page: string, venue: ChecklistVenue, { apiRows }: typeof SEED_ITEMS): string {
  const [head, rest = ""] = page.split(BEGIN);
  const [, tail] = rest.split(END);
  if (head === undefined || tail === undefined) throw new TypeError(`the page of ${venue} has no marks for its rows`);
  const rows = apiRows.map((row) => [row.name, apiCell(row.venues[venue])]);
  return [`${head}${BEGIN}`, "", ...table(["Checklist row", CHECKLIST_VENUES[venue]], rows), "", `${END}${tail}`].join(
    "\n",
  );
}

function isVenue(name: string): name is ChecklistVenue {
  return name in CHECKLIST_VENUES;
}

function apiCells(row: ApiRow, venues: readonly ChecklistVenue[]): readonly string[] {
  const answers = venues.map((venue) => apiCell(row.venues[venue]));
  return [row.name, row.required || "–", row.type, row.path === "" ? "–" : code(row.path), code(row.ours), ...answers];
}

function apiCell(answer: ApiAnswer): string {
  if ("notOffered" in answer) return `not offered: ${answer.notOffered}`;
  return answer.note === undefined ? code(answer.endpoint) : `${code(answer.endpoint)}: ${answer.note}`;
}

function itemCells(item: SeedItem, venues: readonly ChecklistVenue[]): readonly string[] {
  const answers = venues.map((venue) => {
    const own = item.venues?.[venue];
    if (own !== undefined) return "symbol" in own ? code(own.symbol) : `not offered: ${own.notOffered}`;
    return ofVenue(item.ours, venue);
  });
  return [item.name, here(item.ours), ...answers];
}

/** What a venue has for an item: something of its own, or the one thing that serves every venue. */
function ofVenue(ours: SeedAnswer, venue: ChecklistVenue): string {
  const folder = CHECKLIST_VENUES[venue];
  if ("file" in ours) return code(fileOf(ours.file, venue));
  if ("venueSymbol" in ours) return code(`${folder}/${ours.venueSymbol}`);
  if ("fixture" in ours) return code(`test/venues/${folder}/fixtures.ts`);
  return "test" in ours ? code(`test/venues/${folder}/conformance.test.ts`) : "yes";
}

/** The path of a venue's own file. */
export function fileOf(file: string, venue: ChecklistVenue): string {
  return file.replace("{venue}", CHECKLIST_VENUES[venue]);
}

function here(ours: SeedAnswer): string {
  if ("symbol" in ours) return code(ours.symbol);
  if ("venueSymbol" in ours) return code(`{venue}/${ours.venueSymbol}`);
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
