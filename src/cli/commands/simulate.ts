import { type Command, InvalidArgumentError, Option } from "commander";
import { realWork } from "../../runtime/real-work.ts";
import { wholeNumber } from "../arguments.ts";
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

const VENUES = ["all", "ftx", "bybit", "binance", "okx"];
const PROFILES = ["calm", "rough", "hell"];
const JUDGES = ["both", "judge", "checker"];
const MOST_SEEDS = 1_000_000;

/** Reads `1..1000`, `7` or `1..10,33`. */
function seeds(text: string): readonly number[] {
  const list = text.split(",").flatMap((part) => {
    const [, first, last = first] = /^(\d+)(?:\.\.(\d+))?$/.exec(part.trim()) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === undefined || to < from || to > Number.MAX_SAFE_INTEGER || to - from >= MOST_SEEDS) {
      throw new InvalidArgumentError(
        `It is like 7, 1..1000 or 1..10,33: numbers up to ${Number.MAX_SAFE_INTEGER}, ${MOST_SEEDS} in a range.`,
      );
    }
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
  return [...new Set(list)];
}

function folder(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It is the name of a folder.");
  return text;
}

function minutes(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 0.1 && value <= 1_440)) throw new InvalidArgumentError("It is a number of minutes from 0.1 to 1440.");
  return value;
}

export function registerSimulate(program: Command, cli: Cli): void {
  program
    .command("simulate")
    .description(
      "play seeded worlds in simulated time, and hold every order, fill and payment against the exchange's own record",
    )
    .addOption(new Option("--seeds <range>", "which worlds, like 1..1000").argParser(seeds).default([1], "1"))
    .addOption(new Option("--venue <name>", "whose protocol is spoken").choices(VENUES).default("all"))
    .addOption(new Option("--profile <name>", "how much goes wrong").choices(PROFILES).default("rough"))
    .addOption(new Option("--minutes <number>", "how long is traded in each world").argParser(minutes).default(5))
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
