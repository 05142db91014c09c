import type { Command } from "commander";
import type { VenueModule } from "../../../../src/connector/perpetual-venue.ts";
import { realWork } from "../../../../src/runtime/real-work.ts";
import type { Files } from "../../../../src/runtime/runtime.ts";
import type { Cli, OutputFlags } from "../cli.ts";
import { connectorNames, loadVenue } from "../connectors.ts";
import { EXIT_CODES } from "../errors.ts";
import { Output } from "../output.ts";
import type { ReplayReport } from "../replay.ts";

const EXAMPLES = `
The file has one JSON object a line: {"t": milliseconds, "kind": "ws" or "http", "dir": "in", "out" or "open",
"url": "...", "text": "the raw frame"}. Exit code 1 when no book stood, a message was rejected, a checksum failed or one was
missing. Names and contract sizes of markets come from the venue's list of markets where the file has it.

Examples:
  perpwire replay ftx_perpetual recording.ndjson
  perpwire replay ftx_perpetual recording.ndjson --json | jq .top`;

/** A person reads no more; `--json` has a thousand. */
const MAX_SHOWN_REJECTIONS = 20;

/** Addresses for venues that cannot be made without a server; a recording needs none. */
const NOWHERE = { restUrl: "http://recording.invalid", webSocketUrl: "ws://recording.invalid" };

export function registerReplay(program: Command, cli: Cli): void {
  program
    .command("replay")
    .description("run a recording through a connector's parsers, books and continuity checks")
    .argument("<connector>", "for example ftx_perpetual")
    .argument("<file>", "the recording, NDJSON")
    .option("--json", "one JSON line with the result")
    .addHelpText("after", EXAMPLES)
    .action((connector: string, file: string, flags: OutputFlags) => runReplay(cli, connector, file, flags));
}

async function runReplay(cli: Cli, connector: string, file: string, flags: OutputFlags): Promise<void> {
  const [{ isSound, replay }, { readRecording }] = await realWork(
    Promise.all([import("../replay.ts"), import("../recording.ts")]),
  );
  const { module, domain } = await loadVenue(connector);
  const { files } = await cli.runtime();
  const report = await replay(module.createVenue({ domain, ...NOWHERE }), readRecording(files, file));
  if (!isSound(report)) cli.process.setExitCode(EXIT_CODES.failed);
  const output = new Output(cli, flags);
  output.json(report);
  if (!output.isJson) await showReport(output, report);
  if (report.applied > 0) return;
  const other = await connectorOf(files, file);
  if (other !== undefined) output.note(`this reads like a recording of ${other}: perpwire replay ${other} ${file}`);
}

/** Messages at the beginning of a recording that tell whose it is. */
const READ_TO_TELL = 500;

/** The connector whose books a recording is made of, by its beginning; undefined where it is of none. */
async function connectorOf(files: Files, file: string): Promise<string | undefined> {
  const [{ replay }, { readRecording }] = await realWork(
    Promise.all([import("../replay.ts"), import("../recording.ts")]),
  );
  const seen = new Set<VenueModule>();
  let best: { readonly name: string; readonly applied: number } | undefined;
  for (const name of connectorNames()) {
    const { module, domain } = await loadVenue(name);
    if (seen.has(module)) continue;
    seen.add(module);
    const venue = module.createVenue({ domain, ...NOWHERE });
    const { applied } = await replay(venue, firstOf(readRecording(files, file), READ_TO_TELL));
    if (applied > (best?.applied ?? 0)) best = { name, applied };
  }
  return best?.name;
}

async function* firstOf<T>(items: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let left = count;
  for await (const item of items) {
    if (left === 0) return;
    left -= 1;
    yield item;
  }
}

async function showReport(
  output: Output,
  { top, ignored, notSubscribed, rejected, ...counts }: ReplayReport,
): Promise<void> {
  await output.rows(
    [
      { name: "market", value: ([market]) => market },
      { name: "bid", value: ([, { bid }]) => bid, align: "right" },
      { name: "ask", value: ([, { ask }]) => ask, align: "right" },
    ],
    Object.entries(top),
    "no books in this recording",
  );
  await output.record(counts);
  for (const [channel, count] of Object.entries(ignored)) output.line(`ignored ${count} of ${channel}`);
  for (const [channel, count] of Object.entries(notSubscribed)) output.line(`not subscribed: ${count} of ${channel}`);
  for (const { line, reason } of rejected.slice(0, MAX_SHOWN_REJECTIONS))
    output.line(`rejected line ${line}: ${reason}`);
  const hidden = counts.rejectedCount - MAX_SHOWN_REJECTIONS;
  if (hidden > 0) output.line(`and ${hidden} more that were rejected`);
}
