import { credentialSpecsOf } from "../../../../src/registry.ts";
import { BOX_PROTOCOLS, type BoxConnector } from "../../../../src/simulation/box-protocols.ts";
import type { Cli, OutputFlags } from "../cli.ts";
import { EXIT_CODES } from "../errors.ts";
import { createLogger, type LogFormat, type LogLevel } from "../logging.ts";
import { Output } from "../output.ts";
import { createLiveDisplay } from "./live.ts";
import { printReport, reportOf } from "./report.ts";
import { type DemoResult, runDemo } from "./session.ts";
import { startVenue, type VenueProcess } from "./venue-process.ts";

export interface DemoFlags extends OutputFlags {
  readonly connector: BoxConnector;
  /** Milliseconds. */
  readonly duration?: number | undefined;
  readonly seed?: number | undefined;
  readonly chaos?: boolean | undefined;
  readonly hedge?: boolean | undefined;
  readonly amend?: boolean | undefined;
  /** Milliseconds. */
  readonly fundingInterval: number;
  readonly all?: boolean | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat?: LogFormat | undefined;
}

const SEEDS = 1_000_000;
const JOURNAL_ID_LENGTH = 12;

/**
 * Starts the venue, runs the demo on it, prints the comparison, then ends the process's venue and deletes the journal.
 * The first stop signal ends only the trading.
 */
export async function demo(cli: Cli, flags: DemoFlags, stop: AbortSignal): Promise<void> {
  const runtime = await cli.runtime();
  const seed = flags.seed ?? runtime.random.integer(SEEDS);
  const { fundingInterval: fundingIntervalMs } = flags;
  const { name: api } = BOX_PROTOCOLS[flags.connector];
  const venue = await startVenue(cli.process, runtime.timers, { api, seed, fundingIntervalMs });
  cli.secrets.add(venue.venue.apiKey).add(venue.venue.apiSecret);
  for (const { name, isSecret } of credentialSpecsOf(flags.connector)) {
    const secret = venue.venue.credentials[api]?.[name];
    if (isSecret && secret !== undefined) cli.secrets.add(secret);
  }
  let result: DemoResult;
  try {
    result = await runOn(cli, flags, { venue, seed, stop });
  } finally {
    await venue.stop();
  }
  const report = reportOf(result, { seed, isChaos: flags.chaos === true, connector: flags.connector });
  await printReport(new Output(cli, flags), report, flags.all === true ? result.sections : []);
  if (!report.reconciled) cli.process.setExitCode(EXIT_CODES.failed);
}

interface Run {
  readonly venue: VenueProcess;
  readonly seed: number;
  readonly stop: AbortSignal;
}

async function runOn(cli: Cli, flags: DemoFlags, { venue, seed, stop }: Run): Promise<DemoResult> {
  const runtime = await cli.runtime();
  const isChaos = flags.chaos === true;
  const journalPath = `${cli.process.workingDirectory}/.perpwire/demo-${runtime.random.hex(JOURNAL_ID_LENGTH)}.journal`;
  const display = await createLiveDisplay(cli, {
    connectorName: flags.connector,
    seed,
    isChaos,
    durationMs: flags.duration,
    isJson: flags.json === true,
  });
  try {
    return await runDemo({
      runtime,
      connectorName: flags.connector,
      isHedge: flags.hedge === true,
      venue: venue.venue,
      seed,
      durationMs: flags.duration,
      fundingIntervalMs: flags.fundingInterval,
      isChaos,
      isRestless: flags.amend === true,
      journalPath,
      logger: await createLogger(cli, flags.logLevel, flags.logFormat),
      stop,
      abort: venue.lost,
      onReady: (state) => display.begin(state),
      onPhase: (phase) => display.phase(phase),
      onSettled: () => display.end(),
    });
  } finally {
    display.end();
    runtime.journals.remove(journalPath);
  }
}
