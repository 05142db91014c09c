import { type Command, InvalidArgumentError, Option } from "commander";
import { realWork } from "../../../../src/runtime/real-work.ts";
import { BOX_PROTOCOLS } from "../../../../src/simulation/box-protocols.ts";
import { seedList, wholeNumber, worldMinutes } from "../arguments.ts";
import type { Cli, OutputFlags } from "../cli.ts";
import type { SimulateFlags } from "../simulate/run.ts";
import { withStopSignal } from "../stop-signal.ts";

const EXAMPLES = `
Plays worlds: the exchange in the box and unmodified connectors with bots that do what real ones do, a hand on the
website, other traders, funding and liquidations, and everything going wrong at the times that the seed says. Then
everything is compared with the exchange's own record; with --by both a second time, by code that shares nothing with the
first. Exit code 1 when any rule did not hold in any world.

Examples:
  perpwire simulate --seeds 1..100                        a hundred worlds of each venue
  perpwire simulate --venue okx --seeds 7                 one world
  perpwire simulate --venue ftx --seeds 7 --shrink        the smallest part of it that still fails, as a test
  perpwire simulate --venue okx --seeds 7 --trace traces  its history, for perpwire check
  perpwire simulate --seeds 1..50 --profile hell --jobs 4 --json`;

const VENUES = ["all", ...Object.values(BOX_PROTOCOLS).map(({ name }) => name)];
const PROFILES = ["calm", "rough", "hell"];
export const JUDGES = ["both", "judge", "checker"];

function folder(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It is the name of a folder.");
  return text;
}

export function registerSimulate(program: Command, cli: Cli): void {
  program
    .command("simulate")
    .description(
      "play seeded worlds in simulated time, and hold every order, fill and payment against the exchange's own record",
    )
    .addOption(new Option("--seeds <range>", "which worlds, like 1..1000").argParser(seedList).default([1], "1"))
    .addOption(new Option("--venue <name>", "whose protocol is spoken").choices(VENUES).default("all"))
    .addOption(new Option("--profile <name>", "how much goes wrong").choices(PROFILES).default("rough"))
    .addOption(new Option("--minutes <number>", "how long is traded in each world").argParser(worldMinutes).default(5))
    .option("--jobs <number>", "processes that play at a time", wholeNumber(1, 64), 2)
    .option("--first", "end at the first world that fails")
    .option("--shrink", "of the first world that fails, find the smallest part that does, and print it as a test")
    .option("--trace <folder>", "write the history of each world there: venue-seed-profile.ndjson", folder)
    .addOption(new Option("--by <name>", "whose findings count").choices(JUDGES).default("judge"))
    .addOption(new Option("--worker").hideHelp())
    .option("--json", "one JSON line with the result")
    .addHelpText("after", EXAMPLES)
    .action((flags: SimulateFlags & OutputFlags) =>
      withStopSignal(cli, async (signal) => {
        const { simulate } = await realWork(import("../simulate/run.ts"));
        await simulate(cli, flags, signal);
      }),
    );
}
