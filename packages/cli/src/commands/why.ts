import type { Command } from "commander";
import { JournalError, NotFoundError } from "../../../../src/model/error.ts";
import { nearestNames } from "../../../../src/model/names.ts";
import { realWork } from "../../../../src/runtime/real-work.ts";
import type { JournalView } from "../../../../src/runtime/runtime.ts";
import type { Cli, OutputFlags } from "../cli.ts";
import { addJournalOption, defaultConnector, defaultJournalPath } from "../connection.ts";
import { connectorNames } from "../connectors.ts";
import { NOT_IN_JOURNAL } from "../errors.ts";
import { isoTime, Output } from "../output.ts";

interface WhyFlags extends OutputFlags {
  readonly connector: string;
  readonly journal?: string | undefined;
}

const REMARK = `
Times are ours first, then the venue's where it tells one. The journal is read as it is now, also while a bot has it open,
and nothing of it is changed; no key is needed. Orders are remembered for as long as the journal keeps its history, 100 days
by default.

Examples:
  perpwire why pw3f9k2m1x0a --journal bot.journal
  perpwire why pw3f9k2m1x0a --json | jq '.changes[].by'`;

const IDS_COMPARED = 20_000;
const IDS_SHOWN = 3;
const MAX_ID = 128;

export function registerWhy(program: Command, cli: Cli): void {
  const command = program
    .command("why")
    .description("the whole story of an order, from the journal: what happened, when, and what shows it")
    .argument("<client order id>", "as your program knows it")
    .option("-c, --connector <name>", "whose journal, where --journal names none", defaultConnector(cli));
  addJournalOption(command)
    .option("--json", "one JSON line")
    .addHelpText("after", REMARK)
    .action((clientOrderId: string, flags: WhyFlags) => tell(cli, clientOrderId, flags));
}

async function tell(cli: Cli, clientOrderId: string, flags: WhyFlags): Promise<void> {
  const [{ readOrderStory }, { endOf, endText, linesOf, titleOf }] = await realWork(
    Promise.all([import("../../../../src/trading/order-story.ts"), import("../order-story-text.ts")]),
  );
  const { journals } = await cli.runtime();
  const path = flags.journal ?? defaultJournalPath(cli, flags.connector);
  const journal = viewOf(() => journals.view(path), flags.connector, connectorNames());
  try {
    const story = readOrderStory(journal, clientOrderId);
    if (story === undefined) throw await unknownOrder(journal, path, clientOrderId);
    const end = endOf(story);
    const output = new Output(cli, flags);
    if (output.isJson) {
      const { connectorName: connector, order, createdAtMs } = story;
      const changes = story.changes.map(({ atMs, ...change }) => ({ time: isoTime(atMs), ...change }));
      const processes = [...story.processes.values()].map(({ number, beganMs, endedMs }) => {
        return { number, began: isoTime(beganMs), ended: isoTime(endedMs) };
      });
      output.json({ connector, ...order, createdAtVenue: isoTime(createdAtMs), ...end, changes, processes });
      return;
    }
    output.line(titleOf(story));
    for (const { atMs, venueMs, text } of linesOf(story)) {
      const venue = venueMs === undefined ? "" : ` [venue ${isoTime(venueMs)}]`;
      output.line(`${isoTime(atMs)}  ${text}${venue}`);
    }
    if (story.changes.length === 0) output.line("no history: it was written by a version that kept none");
    else output.line(endText(end));
  } finally {
    journal.close();
  }
}

function viewOf(open: () => JournalView, connector: string, names: readonly string[]): JournalView {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof JournalError && error.code === "JOURNAL_NOT_FOUND")) throw error;
    const hint = names.includes(connector)
      ? "--journal names the file that the bot has as journalPath"
      : `no connector is named ${connector}: there are ${names.join(", ")}`;
    throw new JournalError(error.message, { code: error.code, retry: "never", hint });
  }
}

async function unknownOrder(journal: JournalView, path: string, clientOrderId: string): Promise<NotFoundError> {
  const { knownOrderIds } = await realWork(import("../../../../src/trading/order-story.ts"));
  const known = new Set(knownOrderIds(journal).take(IDS_COMPARED));
  const nearest = nearestNames(clientOrderId.slice(0, MAX_ID), known, IDS_SHOWN);
  const hint =
    nearest.length === 0 ? "the journal knows no orders" : `the nearest that it knows: ${nearest.join(", ")}`;
  return new NotFoundError(`the journal ${path} knows no order "${clientOrderId}"`, { code: NOT_IN_JOURNAL, hint });
}
