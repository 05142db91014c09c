import { type Command, Option } from "commander";
import { ConfigError } from "../../../../src/model/error.ts";
import { nearestName } from "../../../../src/model/names.ts";
import {
  type ChecklistDocument,
  type ChecklistRow,
  type ChecklistStatus,
  checklistRows,
  countOf,
  testsText,
} from "../../../../src/testing/checklist/document.ts";
import type { Cli, OutputFlags } from "../cli.ts";
import { Output } from "../output.ts";
import { type ReadChecklist, readChecklist } from "../read-checklist.ts";
import type { Column } from "../table.ts";

interface Flags extends OutputFlags {
  readonly status?: ChecklistStatus | undefined;
}

const DESCRIPTION = "the Perpetual Connector v2.1 checklist of a connector, row by row";
const STATUSES: readonly ChecklistStatus[] = ["yes", "no", "not-offered"];
const EXAMPLES = `
What it prints was found by running the conformance kit for every connector, in a clone anew when something has changed: "yes" is
a symbol that exists and tests that passed, "no" a symbol that is missing or a test that failed or waits for its payload,
"not-offered" what the venue itself does not have, with the reason. Without a connector: a summary of all of them, in
which "invented" counts the tests that ran on an ability which the kit gave to a venue that does not have it.

Examples:
  perpwire checklist
  perpwire checklist bybit_perpetual
  perpwire checklist bybit_perpetual --status not-offered
  perpwire checklist binance_perpetual --json | jq '.[] | select(.kind == "api") | {item, endpoint}'`;

export function registerChecklist(program: Command, cli: Cli, read: ReadChecklist = readChecklist): void {
  program
    .command("checklist")
    .description(DESCRIPTION)
    .argument("[connector]", "for example bybit_perpetual")
    .addOption(new Option("--status <status>", "only the rows that say so").choices(STATUSES))
    .option("--json", "print JSON: an array of rows, or without a connector one array for each")
    .addHelpText("after", EXAMPLES)
    .action(async (connector: string | undefined, flags: Flags) => {
      const document = await read(cli.process, connector);
      const output = new Output(cli, flags);
      if (connector !== undefined) printConnector(document, connector, flags, output);
      else await printAll(document, flags, output);
    });
}

function printConnector(document: ChecklistDocument, name: string, flags: Flags, output: Output): void {
  const known = nameInDocument(document, name);
  const rows = rowsOf(document, known, flags);
  output.json(rows);
  let section = "";
  for (const row of rows) {
    if (row.section !== section) output.line(`${section === "" ? "" : "\n"}${row.section}`);
    section = row.section;
    for (const line of linesOf(row)) output.line(line);
  }
  const all = rowsOf(document, known, {});
  const { documentsDate = "none" } = document.connectors[known] ?? {};
  output.line(
    `${rows.length === 0 ? "" : "\n"}${name}: ${STATUSES.map((each) => counted(all, each)).join(", ")}; documents of ${documentsDate}`,
  );
}

async function printAll(document: ChecklistDocument, flags: Flags, output: Output): Promise<void> {
  const names = Object.keys(document.connectors);
  if (output.isJson) {
    output.json(Object.fromEntries(names.map((name) => [name, rowsOf(document, name, flags)])));
    return;
  }
  const columns: readonly Column<string>[] = [
    { name: "connector", value: (name) => name },
    { name: "venue", value: (name) => document.connectors[name]?.displayName, isDetail: true },
    { name: "documents of", value: (name) => document.connectors[name]?.documentsDate },
    ...(flags.status === undefined ? STATUSES : [flags.status]).map((status) => ({
      name: status,
      value: (name: string) => countOf(rowsOf(document, name, {}), status),
      align: "right" as const,
    })),
    { name: "tests passed", value: (name) => document.connectors[name]?.tests.passed.length, align: "right" },
    {
      name: "invented",
      value: (name) => document.connectors[name]?.tests.invented.length,
      align: "right",
      isDetail: true,
    },
    { name: "failed", value: (name) => document.connectors[name]?.tests.failed.length, align: "right" },
    { name: "todo", value: (name) => document.connectors[name]?.tests.todo.length, align: "right", isDetail: true },
  ];
  await output.rows(columns, names, "the last run had no connector");
}

/** A connector's name, or another domain of the same venue. */
function nameInDocument({ connectors }: ChecklistDocument, name: string): string {
  const found = Object.entries(connectors).find(([own, { domains }]) => own === name || domains.includes(name));
  if (found !== undefined) return found[0];
  const known = Object.values(connectors).flatMap(({ domains }) => domains);
  const nearest = nearestName(name, known);
  const meant = nearest === undefined ? "" : `did you mean "${nearest}"? `;
  const hint = `${meant}there are ${known.join(", ")}`;
  throw new ConfigError(`there is no connector "${name}" in the checklist`, { hint });
}

function rowsOf(document: ChecklistDocument, name: string, { status }: Flags): readonly ChecklistRow[] {
  const rows = checklistRows(document, name) ?? [];
  return status === undefined ? rows : rows.filter((row) => row.status === status);
}

const STATUS_WIDTH = 13;

function linesOf({ item, kind, status, symbol, endpoint, reason, tests }: ChecklistRow): readonly string[] {
  const shownStatus = kind === "prerequisite" ? "–" : status.replace("-", " ");
  const details = [
    reason,
    endpoint === undefined ? symbol : `${symbol}: ${endpoint}`,
    tests.length === 0 ? undefined : `proven by: ${testsText(tests)}`,
  ];
  return [
    `  ${shownStatus.padEnd(STATUS_WIDTH)}${item}`,
    ...details.flatMap((detail) =>
      detail === undefined || detail === "" ? [] : [`${" ".repeat(STATUS_WIDTH + 4)}${detail}`],
    ),
  ];
}

function counted(rows: readonly ChecklistRow[], status: ChecklistStatus): string {
  return `${countOf(rows, status)} ${status.replace("-", " ")}`;
}
