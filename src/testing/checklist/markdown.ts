import { PROTOCOL_ROWS } from "../seed-api-rows.ts";
import {
  type ChecklistAnswer,
  type ChecklistDocument,
  type ChecklistRow,
  type ChecklistStatus,
  type ConnectorChecklist,
  checklistRows,
  connectorOf,
  countOf,
  testsText,
} from "./document.ts";

/** The checklist as Markdown: every row and item with what stands for it here, and each venue's answer. */
export function renderChecklist(document: ChecklistDocument): string {
  const connectors = Object.entries(document.connectors);
  const names = connectors.map(([name]) => name);
  const sections = [...new Set(document.items.map(({ section }) => section))];
  return [
    "# The checklist",
    "",
    "Every row and item of *Perpetual Connector v2.1*, in its order, with what stands for it here and the tests of the",
    "conformance kit that prove it. Written by `npm run docs`, which runs the kit for every connector: *yes* is a symbol",
    "that exists and tests that passed, an endpoint is what the connector was seen to ask or to be told on, and why",
    "something is not offered is the venue's own word. `perpwire checklist <connector>` prints the same. Tests of what the",
    "engine does with an ability that a venue does not have run on one that the kit invents for it (a listen key, a server",
    "time): they are counted apart, and no row is *yes* for them.",
    "",
    ...table(
      [
        "connector",
        "documents of",
        "yes",
        "no",
        "not offered",
        "tests passed",
        "on invented abilities",
        "failed",
        "waiting",
      ],
      connectors.map(([name, { answers, documentsDate = NONE, tests }]) => [
        ...[code(name), documentsDate],
        ...STATUSES.map((status) => String(countOf(answers, status))),
        ...[tests.passed, tests.invented, tests.failed, tests.todo].map((names) => String(names.length)),
      ]),
    ),
    ...sections.flatMap((section) => ["", `## ${section}`, "", ...sectionTable(document, section, names)]),
    "",
  ].join("\n");
}

/** Date of the documents of a venue that was checked against none. */
const NONE = "none";
const STATUSES: readonly ChecklistStatus[] = ["yes", "no", "not-offered"];

function sectionTable(
  { items, connectors }: ChecklistDocument,
  section: string,
  names: readonly string[],
): readonly string[] {
  const isApi = items.some((item) => item.section === section && item.kind === "api");
  const rows = items.flatMap((item, index) => {
    if (item.section !== section) return [];
    const answers = names.map((name) => answerCell(connectors[name]?.answers[index]));
    const symbol = item.symbol === "" ? "–" : code(item.symbol);
    const tests = item.tests.length === 0 ? "–" : testsText(item.tests);
    return [[item.item, ...(isApi ? apiCells(item.item) : []), symbol, tests, ...answers]];
  });
  const apiHead = isApi ? ["Required", "Type", "Path in the checklist"] : [];
  return table([isApi ? "Name" : "Item", ...apiHead, "Here", "Proven by", ...names], rows);
}

function apiCells(name: string): readonly string[] {
  const row = PROTOCOL_ROWS.find((each) => each.name === name);
  return [row?.required || "–", row?.type ?? "–", row === undefined || row.path === "" ? "–" : code(row.path)];
}

function answerCell(answer: ChecklistAnswer | undefined): string {
  if (answer === undefined) return "–";
  const { status, endpoint, reason } = answer;
  if (status === "yes") return endpoint === undefined ? "yes" : code(endpoint);
  return `${status.replace("-", " ")}: ${reason ?? "–"}`;
}

const ROWS = {
  begin: "<!-- rows of the API checklist; written by `npm run docs` -->",
  end: "<!-- end of the rows -->",
};
const TABLE = { begin: "<!-- connectors; written by `npm run docs` -->", end: "<!-- end of the connectors -->" };

/** A venue's page with its rows of the checklist brought up to date, between their two marks. */
export function withVenueRows(page: string, document: ChecklistDocument, connector: string): string {
  const found = connectorOf(document, connector);
  const rows = checklistRows(document, connector) ?? [];
  const of = (kind: "api" | "others") => rows.filter((row) => (row.kind === "api") === (kind === "api"));
  const others = of("others").filter(({ kind }) => kind !== "prerequisite");
  const notYet = others.filter(({ status }) => status !== "yes");
  const lines = [
    `Checked against the documents of: ${found?.documentsDate ?? NONE}.`,
    "",
    ...table(
      ["Checklist row", found?.folder ?? connector],
      of("api").map((row) => [row.item, answerCell(row)]),
    ),
    "",
    `Of the ${others.length} steps, methods, fixtures and tests that the checklist names, ${countOf(others, "yes")} are there${
      notYet.length === 0 ? "." : ". The others:"
    }`,
    ...(notYet.length === 0 ? [] : ["", ...table(["Item", "Why not"], grouped(notYet))]),
  ];
  return between(page, ROWS, lines, `the page of ${connector}`);
}

/** Rows with the same answer in one line. */
function grouped(rows: readonly ChecklistRow[]): readonly (readonly string[])[] {
  const items = new Map<string, string[]>();
  for (const row of rows) {
    const answer = answerCell(row);
    items.set(answer, [...(items.get(answer) ?? []), code(row.item)]);
  }
  return [...items].map(([answer, names]) => [[...new Set(names)].join(", "), answer]);
}

/** Reads the paragraph `Tested how: ...` of a venue's page. */
export function testedHow(page: string): string {
  const [, text = "not said"] = /^Tested how: (.+?)\n\n/ms.exec(page) ?? [];
  return text;
}

/**
 * The README with its table of connectors brought up to date, between their two marks. `tested` tells of a connector how
 * it was tested.
 */
export function withConnectorTable(
  readme: string,
  { connectors }: ChecklistDocument,
  tested: (connector: ConnectorChecklist) => string,
): string {
  const rows = Object.values(connectors).map((connector) => [
    connector.domains.map(code).join(", "),
    `[${connector.displayName}](docs/venues/${connector.folder}.md)`,
    connector.documentsDate ?? NONE,
    STATUSES.map((status) => [countOf(connector.answers, status), status] as const)
      .filter(([count]) => count > 0)
      .map(([count, status]) => `${count} ${status.replace("-", " ")}`)
      .join(", "),
    runText(connector),
    tested(connector),
  ]);
  const head = ["connector", "venue", "documents of", "checklist", "tests of the kit", "tested how"];
  return between(readme, TABLE, table(head, rows), "the README");
}

function runText({ tests: { passed, invented, failed, todo } }: ConnectorChecklist): string {
  const counts = [
    [passed.length, "passed"],
    [invented.length, "on invented abilities"],
    [failed.length, "failed"],
    [todo.length, "waiting for a payload"],
  ] as const;
  return counts.flatMap(([count, words], index) => (count === 0 && index > 0 ? [] : [`${count} ${words}`])).join(", ");
}

function between(page: string, marks: typeof ROWS, lines: readonly string[], what: string): string {
  const [head, rest = ""] = page.split(marks.begin);
  const [, tail] = rest.split(marks.end);
  if (head === undefined || tail === undefined) {
    throw new TypeError(`${what} lacks the marks for its rows: ${marks.begin} and ${marks.end}`);
  }
  return [`${head}${marks.begin}`, "", ...lines, "", `${marks.end}${tail}`].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll(/\s+/g, " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "--")), ...rows.map(line)];
}
