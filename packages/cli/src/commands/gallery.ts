import { type Command, Option } from "commander";
import { realWork } from "../../../../src/runtime/real-work.ts";
import type { Cli, OutputFlags } from "../cli.ts";
import type { GalleryFlags } from "../gallery/run.ts";
import { withStopSignal } from "../stop-signal.ts";

const EXAMPLES = `
Makes bugs that other projects told of in public happen again, in a simulated world with the exchange in the box and our
connectors as they are, and prints what happened to them, what their program did and what was measured here. Exit code 1
when anything is not as it had to be.

Examples:
  perpwire gallery                                all of them, in less than a minute
  perpwire gallery --only dns-outage              one, by its name or issue
  perpwire gallery --venue okx --json             on one venue; an array with a row for each scenario and venue`;

const VENUES = ["all", "ftx", "bybit", "binance", "okx"];

export function registerGallery(program: Command, cli: Cli): void {
  program
    .command("gallery")
    .description("play bugs that other projects had, and measure what Perpwire does")
    .option("--only <name>", "one scenario, for example dns-outage or hummingbot#8457")
    .addOption(new Option("--venue <name>", "whose protocol is spoken").choices(VENUES).default("all"))
    .option("--json", "one JSON line: an array of rows")
    .addHelpText("after", EXAMPLES)
    .action((flags: GalleryFlags & OutputFlags) =>
      withStopSignal(cli, async (signal) => {
        const { gallery } = await realWork(import("../gallery/run.ts"));
        await gallery(cli, flags, signal);
      }),
    );
}
