import { amountText, type Difference, rowText, type Section } from "../../../../src/simulation/compare-rows.ts";
import type { Output } from "../output.ts";
import type { DemoResult } from "./session.ts";

export interface ReportContext {
  readonly seed: number;
  readonly isChaos: boolean;
  readonly connector: string;
}

const DIFFERENCES_SHOWN = 20;

/**
 * Builds the report that `--json` prints: amounts are decimal text, times are milliseconds. `reconciled` is true when
 * everything ended and no field of any section differs.
 */
export function reportOf(result: DemoResult, context: ReportContext) {
  const { ledger, account, metrics, sections } = result;
  const { active = 0, unknown = 0, lost = 0 } = metrics.orders ?? {};
  const { unknownOutcomes, gaps } = ledger.counters;
  return {
    reconciled: result.isReconciled && result.isSettled,
    settled: result.isSettled,
    connector: context.connector,
    tradingPairs: result.tradingPairs,
    positionMode: result.positionMode,
    token: result.token,
    seed: context.seed,
    chaos: context.isChaos,
    durationMs: Math.round(result.tradedMs),
    settlementMs: Math.round(result.settledMs),
    sections: Object.fromEntries(sections.map((section) => [section.name, countsOf(section)])),
    values: sections.flatMap(valuesOf),
    differences: sections.flatMap((section) => section.differences),
    counters: {
      ...ledger.counters,
      ordersOpen: active,
      unknownOutcomesResolved: unknownOutcomes - unknown - lost,
      gapsHealed: result.isCaughtUp ? gaps : Math.max(0, gaps - 1),
      requests: metrics.requests.requests,
      requestFailures: metrics.requests.failures,
      publicMessages: Object.values(metrics.messages).reduce((total, count) => total + count, 0),
    },
    account: {
      startingBalance: result.startingBalance,
      endingBalance: result.endingBalance,
      realizedPnl: account.realizedPnl,
      fees: account.fees,
      funding: account.funding,
      /** Cash at the end less cash at the start, as the connector's own facts add up. */
      netProfit: account.cash.minus(result.startingBalance),
    },
    books: metrics.books,
  };
}

export type DemoReport = ReturnType<typeof reportOf>;

function countsOf({ connector, venue, equal, onlyConnector, onlyVenue, differing, differences }: Section) {
  return { connector, venue, equal, onlyConnector, onlyVenue, differing, differences: differences.length };
}

/** A figure on both sides; null where that side has none. */
interface Value {
  readonly what: string;
  readonly connector: string | null;
  readonly venue: string | null;
  readonly isEqual: boolean;
}

/** The fields of sections that hold figures and no lists of events. */
function valuesOf({ pairs, isList }: Section): Value[] {
  if (isList) return [];
  return pairs.flatMap(({ key, connector, venue }) => {
    const fields = new Set([...Object.keys(connector?.fields ?? {}), ...Object.keys(venue?.fields ?? {})]);
    return [...fields].map((field) => {
      const [ours = null, theirs = null] = [connector?.fields[field], venue?.fields[field]];
      return { what: `${key} ${field}`, connector: ours, venue: theirs, isEqual: ours === theirs };
    });
  });
}

/** Prints for people: the table, the differences, and each row of the `listed` sections. */
export async function printReport(output: Output, report: DemoReport, listed: readonly Section[]): Promise<void> {
  output.json(report);
  if (output.isJson) return;
  for (const line of listed.flatMap(pairLines)) output.line(line);
  const counts = Object.entries(report.sections).map(([what, section]) => ({
    what,
    connector: String(section.connector),
    venue: String(section.venue),
    isEqual: section.differences === 0,
  }));
  for (const line of tableLines([...counts, ...report.values])) output.line(line);
  await printDifferences(output, report);
  for (const line of summaryOf(report)) output.line(line);
}

async function printDifferences(output: Output, { differences }: DemoReport): Promise<void> {
  if (differences.length === 0) return;
  await output.rows<Difference>(
    [
      { name: "difference in", value: ({ section }) => section },
      { name: "key", value: ({ key }) => key },
      { name: "field", value: ({ field }) => field },
      { name: "connector", value: ({ connector }) => connector },
      { name: "venue", value: ({ venue }) => venue },
    ],
    differences.slice(0, DIFFERENCES_SHOWN),
    "",
  );
  if (differences.length > DIFFERENCES_SHOWN) {
    output.line(`and ${differences.length - DIFFERENCES_SHOWN} more differences`);
  }
}

/** A line for each row that both sides have alike, a line for each side where they differ. */
function pairLines({ name, pairs }: Section): string[] {
  const rows = pairs.flatMap(({ key, connector, venue }) => {
    const [ours, theirs] = [connector, venue].map((row) => (row === undefined ? "-" : rowText(row)));
    if (ours === theirs) return [`equal      ${key}  ${ours}`];
    return [`connector  ${key}  ${ours}`, `venue      ${key}  ${theirs}`];
  });
  return [`${name}: ${pairs.length}`, ...rows, ""];
}

function summaryOf(report: DemoReport): readonly string[] {
  const { counters, account, chaos, seed, settled, reconciled } = report;
  const faults = chaos
    ? [
        `faults stayed on to the end: ${counters.requestFailures} of ${counters.requests} requests failed,`,
        `${counters.unknownOutcomes} orders lost their answer (${counters.unknownOutcomesResolved} resolved), ` +
          `${counters.gaps} account gaps (${counters.gapsHealed} healed),`,
        `${counters.booksInvalid} broken books (${counters.bookHeals} healed)`,
      ]
    : [];
  const verdict = reconciled
    ? "connector and venue are equal to the last digit"
    : settled
      ? "connector and venue DIFFER"
      : "not everything ended in time, so the comparison is not of settled accounts";
  return [
    `seed ${seed}: traded ${secondsText(report.durationMs)}, settled in ${secondsText(report.settlementMs)}`,
    `profit ${amountText(account.netProfit)} ${report.token}: trades ${amountText(account.realizedPnl)}, ` +
      `fees ${amountText(account.fees.neg())}, funding ${amountText(account.funding)}`,
    `cash ${amountText(account.startingBalance)} at the start, ${amountText(account.endingBalance)} at the end`,
    ...faults,
    verdict,
  ];
}

/** Lays out the table without borders, so that exact amounts side by side fit into 80 columns. */
function tableLines(values: readonly Value[]): string[] {
  const head = { what: "reconciliation", connector: "connector", venue: "venue", verdict: "" };
  const rows = [head, ...values.map((value) => ({ ...value, verdict: value.isEqual ? "equal" : "DIFFERENT" }))];
  const [left, middle, right] = (["what", "connector", "venue"] as const).map((field) =>
    Math.max(...rows.map((row) => row[field]?.length ?? 1)),
  );
  const lines = rows.map(({ what, connector, venue, verdict }) => {
    const [ours, theirs] = [(connector ?? "-").padStart(middle ?? 0), (venue ?? "-").padStart(right ?? 0)];
    return `${what.padEnd(left ?? 0)}  ${ours}  ${theirs}  ${verdict}`.trimEnd();
  });
  return lines.toSpliced(1, 0, "─".repeat(Math.max(...lines.map((line) => line.length))));
}

function secondsText(durationMs: number): string {
  return `${(durationMs / 1_000).toFixed(1)} s`;
}
