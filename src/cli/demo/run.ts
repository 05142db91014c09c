import type { Cli, OutputFlags } from "../cli.ts";
import { EXIT_CODES } from "../errors.ts";
import { Output } from "../output.ts";
import { printReport, reportOf } from "./report.ts";
import { type DemoState, runDemo } from "./session.ts";
import { startVenue } from "./venue-process.ts";

export interface DemoFlags extends OutputFlags {
  readonly connector: string;
  /** Milliseconds. */
  readonly duration?: number | undefined;
  readonly seed?: number | undefined;
  readonly chaos?: boolean | undefined;
  /** Milliseconds. */
  readonly fundingInterval: number;
}

const SEEDS = 1_000_000;

/** Starts the venue, runs the demo on it, prints the comparison and leaves nothing behind. */
export async function demo(cli: Cli, flags: DemoFlags, stop: AbortSignal): Promise<void> {
  const runtime = await cli.runtime();
  const seed = flags.seed ?? runtime.random.integer(SEEDS);
  const { fundingInterval: fundingIntervalMs } = flags;
  const output = new Output(cli, flags);
  const { venue, stop: stopVenue } = await startVenue(cli.process, { seed, fundingIntervalMs });
  cli.secrets.add(venue.apiKey).add(venue.apiSecret);
  const journalPath = `${cli.process.workingDirectory}/.perpwire/demo-${seed}.journal`;
  try {
    let state: DemoState | undefined;
    const result = await runDemo({
      runtime,
      connectorName: flags.connector,
      venue,
      seed,
      durationMs: flags.duration,
      fundingIntervalMs,
      isChaos: flags.chaos === true,
      journalPath,
      stop,
      onReady: (ready) => {
        state = ready;
      },
      onPhase: (phase) => output.note(`${phase} ${state?.ledger.fills.length ?? 0}`),
    });
    const report = reportOf(result, { seed, isChaos: flags.chaos === true, connector: flags.connector });
    await printReport(output, report);
    if (!report.reconciled) cli.process.setExitCode(EXIT_CODES.failed);
  } finally {
    await stopVenue();
  }
}
