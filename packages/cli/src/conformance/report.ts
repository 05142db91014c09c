import { formatIsoTime } from "../../../../src/model/time.ts";
import type { Column } from "../table.ts";
import type { ConformanceRow, RowResult, RowStatus } from "./row.ts";
import type { ConformanceResult } from "./run.ts";

/** Description of the run, for its report. */
export interface ReportHead {
  readonly connector: string;
  /** Date of the venue's documents that the connector was made by; undefined where it names none. */
  readonly documentsDate: string | undefined;
  /** Epoch milliseconds. */
  readonly startedAtMs: number;
  readonly venue: string;
  readonly venueKind: string;
  readonly tradingPair: string;
  readonly maxNotional: string;
}

/** Texts only, ready for any output; nothing in it is a secret. */
export interface ConformanceReport extends ReportHead {
  readonly passed: boolean;
  readonly stopped: boolean;
  readonly durationMs: number;
  readonly counts: Readonly<Record<RowStatus, number>>;
  readonly rows: readonly ReportRow[];
  readonly cleanup: {
    readonly canceledOrders: number;
    readonly closingOrders: number;
    readonly problems: readonly string[];
  };
}

export interface ReportRow {
  readonly id: string;
  readonly group: string;
  readonly name: string;
  readonly status: RowStatus;
  readonly detail: string;
  readonly durationMs: number;
}

/** `redact` takes secrets out of what venues and errors said. */
export function reportOf(
  head: ReportHead,
  { results, cleanup, durationMs, isStopped }: ConformanceResult,
  redact: (text: string) => string,
): ConformanceReport {
  const count = (status: RowStatus) => results.filter((result) => result.status === status).length;
  const counts = { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
  return {
    ...head,
    passed: counts.failed === 0 && counts.passed > 0 && cleanup.problems.length === 0 && !isStopped,
    stopped: isStopped,
    durationMs: Math.round(durationMs),
    counts,
    rows: results.map((result) => rowOf(result, redact)),
    cleanup: {
      canceledOrders: cleanup.canceledOrders,
      closingOrders: cleanup.closingOrders.length,
      problems: cleanup.problems.map(redact),
    },
  };
}

function rowOf({ row, status, detail, durationMs }: RowResult, redact: (text: string) => string): ReportRow {
  const { id, group, name } = row;
  return { id, group, name, status, detail: redact(detail), durationMs: Math.round(durationMs) };
}

const MARKS: Readonly<Record<RowStatus, string>> = { passed: "✔", failed: "✖", skipped: "–" };

export const REPORT_COLUMNS: readonly Column<ReportRow>[] = [
  { name: "", value: ({ status }) => MARKS[status] },
  { name: "row", value: ({ id }) => id },
  { name: "what holds", value: ({ name }) => name },
  { name: "ms", value: ({ durationMs }) => durationMs, align: "right" },
];

/** Reason why rows did not pass, a line each; the evidence of those that did stands in the reports. */
export function remarksOf({ rows }: ConformanceReport): readonly string[] {
  return rows.flatMap(({ id, status, detail }) =>
    status === "passed" ? [] : [`${MARKS[status]} ${id} ${status}: ${detail}`],
  );
}

export const PLAN_COLUMNS: readonly Column<PlannedRow>[] = [
  { name: "row", value: ({ id }) => id },
  { name: "what it does", value: ({ does, skipped }) => (skipped === null ? does : `skipped: ${skipped}`) },
  { name: "trades", value: ({ trades }) => (trades ? "yes" : "") },
];

export interface PlannedRow {
  readonly id: string;
  readonly name: string;
  readonly does: string;
  readonly trades: boolean;
  /** Reason why it will not run, as far as that is known before it. */
  readonly skipped: string | null;
}

export function plannedRow(row: ConformanceRow, skipped: string | undefined): PlannedRow {
  const { id, name, does, changesAccount } = row;
  return { id, name, does, trades: changesAccount && skipped === undefined, skipped: skipped ?? null };
}

/** One line that says how it went. */
export function verdictText({ connector, venue, counts, durationMs, passed, stopped }: ConformanceReport): string {
  const figures = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
  const verdict = stopped ? "stopped before the end" : passed ? "conforms" : "does not conform";
  return `${connector} ${verdict} on ${venue}: ${figures} in ${(durationMs / 1_000).toFixed(1)} s`;
}

/** Describes the cleanup after a run; undefined when the run ended by itself and nothing was left open. */
export function cleanupText({ cleanup, stopped, tradingPair, connector }: ConformanceReport): string | undefined {
  const { canceledOrders, closingOrders, problems } = cleanup;
  if (problems.length > 0) {
    return `not cleaned up: ${problems.join("; ")}; look at the account, then run perpwire flatten ${connector}`;
  }
  if (canceledOrders === 0 && closingOrders === 0) return stopped ? "cleaned up: nothing was left open" : undefined;
  return `cleaned up: ${canceledOrders} orders canceled, ${closingOrders} closing orders; ${tradingPair} is flat`;
}

/** Renders the report for a file, an issue or a pull request. */
export function markdownReport(report: ConformanceReport): string {
  const { connector, documentsDate, startedAtMs, venue, tradingPair, maxNotional, rows } = report;
  const facts: readonly (readonly [name: string, value: string])[] = [
    ["connector", connector],
    ["venue", venue],
    ["market", `${tradingPair}, at most ${maxNotional} at a time`],
    ["time", formatIsoTime(startedAtMs)],
    ["documents of the venue", documentsDate ?? "none"],
  ];
  const cleanup = cleanupText(report);
  return [
    `# Conformance of ${connector}`,
    "",
    `**${escaped(verdictText(report))}**`,
    "",
    ...facts.map(([name, value]) => `- ${name}: ${escaped(value)}`),
    ...(cleanup === undefined ? [] : [`- clean-up: ${escaped(cleanup)}`]),
    "",
    "| | row | what holds | result | ms |",
    "|---|---|---|---|---:|",
    ...rows.map(({ id, name, status, detail, durationMs }) => {
      const result = status === "passed" ? escaped(detail) : `**${status}**: ${escaped(detail)}`;
      return `| ${MARKS[status]} | \`${id}\` | ${escaped(name)} | ${result} | ${durationMs} |`;
    }),
    "",
  ].join("\n");
}

/** Escapes a venue's text, which may hold signs that mean something in a table. */
function escaped(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const line = lines.filter((one) => one !== "").join(" ");
  return line.replace(/[\\|<>*_`[\]]/g, (sign) => `\\${sign}`);
}
