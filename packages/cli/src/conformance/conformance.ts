import type { VenueCapabilities, VenueManifest } from "../../../../src/connector/perpetual-venue.ts";
import { Decimal, decimal } from "../../../../src/model/decimal.ts";
import { ConfigError, PerpwireError } from "../../../../src/model/error.ts";
import { splitTradingPair } from "../../../../src/model/market.ts";
import type { Cli } from "../cli.ts";
import { isConfirmed } from "../confirm.ts";
import { connectorNames as allConnectorNames, loadVenue } from "../connectors.ts";
import { EXIT_CODES } from "../errors.ts";
import { createLogger } from "../logging.ts";
import { Output } from "../output.ts";
import { withoutSecrets } from "../secrets.ts";
import { createProgress } from "./progress.ts";
import {
  type ConformanceReport,
  cleanupText,
  markdownReport,
  PLAN_COLUMNS,
  plannedRow,
  REPORT_COLUMNS,
  remarksOf,
  reportOf,
  verdictText,
} from "./report.ts";
import type { ConformanceRow, RowCircumstances } from "./row.ts";
import { ROWS, rowsOf } from "./rows.ts";
import { runConformance } from "./run.ts";
import { openTarget, type TargetFlags, targetOf } from "./target.ts";
import type { VenueKind, VenueUnderTest } from "./venue-under-test.ts";

export interface ConformanceFlags extends TargetFlags {
  readonly pair?: string | undefined;
  readonly maxNotional?: string | undefined;
  readonly only?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly report?: string | undefined;
  readonly yes?: boolean | undefined;
  readonly seed?: number | undefined;
  /** Milliseconds, of a paper venue that is started for the run. */
  readonly fundingInterval: number;
}

/** Quote units. Real venues want about a hundred for their smallest order. */
const DEFAULT_MAX_NOTIONAL: Readonly<Record<VenueKind, string>> = { paper: "50000", testnet: "500", live: "500" };
const SEEDS = 1_000_000;
const JOURNAL_ID_LENGTH = 12;
/** The evidence of the rows has orders and balances of the account. */
const REPORT_MODE = 0o600;

/** Runs every row against the venue and prints what was seen; exit code 1 when a row failed. */
export async function conformance(
  cli: Cli,
  connector: string,
  flags: ConformanceFlags,
  signal: AbortSignal,
): Promise<void> {
  const connectorNames = allConnectorNames();
  const { manifest, capabilities } = (await loadVenue(connector)).module;
  const tradingPair = pairOf(flags.pair, manifest);
  const given = flags.maxNotional === undefined ? undefined : decimal(flags.maxNotional);
  const rows = flags.only === undefined ? ROWS : rowsOf(flags.only.split(",").map((name) => name.trim()));
  const target = await targetOf(cli, connector, flags, connectorNames);
  if (flags.seed !== undefined && target.kind === "named") {
    const hint = "leave it out: the server that is configured is one that runs already, --paper starts another";
    throw new ConfigError("--seed decides the market of a paper venue that the run starts", { hint });
  }
  const output = new Output(cli, flags);
  if (flags.dryRun === true) {
    const kind = target.kind === "embedded" ? "paper" : "live";
    await printPlan(output, rows, { manifest, capabilities, kind }, connector);
    return;
  }
  const { random } = await cli.runtime();
  const paper = { seed: flags.seed ?? random.integer(SEEDS), fundingIntervalMs: flags.fundingInterval };
  const venue = await openTarget(cli, connector, manifest, target, { flags, paper, connectorNames }, signal);
  try {
    const maxNotional = given ?? new Decimal(DEFAULT_MAX_NOTIONAL[venue.kind]);
    const plan = { connector, rows, tradingPair, maxNotional, manifest, capabilities, venue };
    if (venue.kind === "live" && flags.yes !== true) await confirm(cli, flags, plan, signal);
    const report = await runOn(cli, flags, plan, signal);
    await print(cli, output, flags, report);
  } finally {
    await venue.stop();
  }
  signal.throwIfAborted();
}

interface Plan {
  readonly connector: string;
  readonly rows: readonly ConformanceRow[];
  readonly tradingPair: string;
  readonly maxNotional: Decimal;
  readonly manifest: VenueManifest;
  readonly capabilities: VenueCapabilities;
  readonly venue: VenueUnderTest;
}

function pairOf(pair: string | undefined, manifest: VenueManifest): string {
  if (pair === undefined) return manifest.exampleTradingPair;
  try {
    splitTradingPair(pair);
  } catch (cause) {
    throw new ConfigError(`"${pair}" is not a trading pair`, {
      cause,
      hint: `pairs are BASE-QUOTE, for example ${manifest.exampleTradingPair}`,
    });
  }
  return pair;
}

async function printPlan(
  output: Output,
  rows: readonly ConformanceRow[],
  circumstances: RowCircumstances,
  connector: string,
): Promise<void> {
  const plan = rows.map((row) => plannedRow(row, row.notHere?.(circumstances)));
  output.json(plan);
  if (!output.isJson) await output.rows(PLAN_COLUMNS, plan, "there is nothing to do");
  const trading = plan.filter(({ trades }) => trades).length;
  output.line(`${connector}: ${plan.length} rows, ${trading} of them trade or change settings; nothing was sent`);
}

/** Nothing is sent to a venue where money is at stake before somebody has agreed to it. */
async function confirm(
  cli: Cli,
  flags: ConformanceFlags,
  { connector, tradingPair, maxNotional, venue }: Plan,
  signal: AbortSignal,
): Promise<void> {
  const what = `trade ${tradingPair} at ${connector} (${venue.description}), at most ${maxNotional.toFixed()} at a time`;
  if (flags.json === true || !cli.process.isInputTerminal) {
    throw new ConfigError(`this would ${what}, and nobody is there to be asked`, {
      code: "NOT_CONFIRMED",
      hint: "--yes agrees to it, --dry-run shows it, --paper tries it on a paper venue",
    });
  }
  if (await isConfirmed(cli, `${what}?`, signal)) return;
  throw new PerpwireError("not confirmed; nothing was done", { code: "NOT_CONFIRMED", hint: "--yes does not ask" });
}

async function runOn(cli: Cli, flags: ConformanceFlags, plan: Plan, stop: AbortSignal): Promise<ConformanceReport> {
  const { connector, rows, tradingPair, maxNotional, manifest, capabilities, venue } = plan;
  const runtime = await cli.runtime();
  const id = runtime.random.hex(JOURNAL_ID_LENGTH);
  const journalPath = `${cli.process.workingDirectory}/.perpwire/conformance-${id}.journal`;
  const progress = await createProgress(cli, flags.json === true);
  const startedAtMs = Math.round(runtime.clock.now());
  try {
    const result = await runConformance({
      ...{ runtime, tradingPair, maxNotional, manifest, capabilities, venue, journalPath, stop },
      ...{ connector, rows },
      readyTimeoutMs: flags.timeout,
      logger: await createLogger(cli, flags.logLevel, flags.logFormat),
      onRow: (row, done, total) => progress.show(row, done, total),
    });
    const { description, kind } = venue;
    const { documentsDate } = manifest;
    const head = { connector, documentsDate, startedAtMs, venue: description, venueKind: kind, tradingPair };
    return reportOf({ ...head, maxNotional: maxNotional.toFixed() }, result, (text) => withoutSecrets(cli, text));
  } finally {
    progress.end();
    runtime.journals.remove(journalPath);
  }
}

async function print(cli: Cli, output: Output, flags: ConformanceFlags, report: ConformanceReport): Promise<void> {
  output.json(report);
  if (!output.isJson) {
    await output.rows(REPORT_COLUMNS, report.rows, "no row ran");
    for (const remark of remarksOf(report)) output.line(remark);
    const cleanup = cleanupText(report);
    if (cleanup !== undefined) output.line(cleanup);
    output.line(`made by the venue's documents of ${report.documentsDate ?? "no date"}`);
    output.line(verdictText(report));
  }
  if (!report.passed) cli.process.setExitCode(EXIT_CODES.failed);
  if (flags.report === undefined) return;
  const { files } = await cli.runtime();
  await files.writeText(flags.report, markdownReport(report), REPORT_MODE);
}
