import type { Output } from "../output.ts";
import type { Difference } from "./reconcile.ts";
import type { DemoResult } from "./session.ts";
import { DEMO_MARKETS } from "./strategy.ts";

export interface ReportContext {
  readonly seed: number;
  readonly isChaos: boolean;
  readonly connector: string;
}

const DIFFERENCES_SHOWN = 20;

/** What `--json` prints: amounts are decimal text, times are milliseconds. */
export function reportOf(result: DemoResult, context: ReportContext) {
  const { ledger, account, metrics } = result;
  return {
    reconciled: result.isReconciled && result.isSettled,
    settled: result.isSettled,
    connector: context.connector,
    tradingPairs: DEMO_MARKETS.map(({ tradingPair }) => tradingPair),
    seed: context.seed,
    chaos: context.isChaos,
    durationMs: Math.round(result.tradedMs),
    settlementMs: Math.round(result.settledMs),
    sections: Object.fromEntries(result.sections.map(({ name, differences, ...counts }) => [name, { ...counts, differences: differences.length }])),
    differences: result.sections.flatMap((section) => section.differences),
    account: {
      startingBalance: result.startingBalance,
      endingBalance: result.endingBalance,
      realizedPnl: account.realizedPnl,
      fees: account.fees,
      funding: account.funding,
    },
    counters: ledger.counters,
    metrics,
  };
}

export type DemoReport = ReturnType<typeof reportOf>;

export async function printReport(output: Output, report: DemoReport): Promise<void> {
  output.json(report);
  if (output.isJson) return;
  await output.rows(
    [
      { name: "connector against venue", value: ([name]) => name },
      { name: "connector", value: ([, section]) => section.connector, align: "right" },
      { name: "venue", value: ([, section]) => section.venue, align: "right" },
      { name: "equal", value: ([, section]) => section.equal, align: "right" },
      { name: "differences", value: ([, section]) => section.differences, align: "right" },
    ],
    Object.entries(report.sections),
    "nothing to compare",
  );
  await output.rows<Difference>(
    [
      { name: "what", value: ({ section }) => section },
      { name: "key", value: ({ key }) => key },
      { name: "field", value: ({ field }) => field },
      { name: "connector", value: ({ connector }) => connector },
      { name: "venue", value: ({ venue }) => venue },
    ],
    report.differences.slice(0, DIFFERENCES_SHOWN),
    report.reconciled ? "equal to the last digit" : "not settled",
  );
}
