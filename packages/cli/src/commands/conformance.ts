import { type Command, Option } from "commander";
import { realWork } from "../../../../src/runtime/real-work.ts";
import { amountText, secondsToMs, wholeNumber } from "../arguments.ts";
import type { Cli } from "../cli.ts";
import type { ConformanceFlags } from "../conformance/conformance.ts";
import { addVenueOptions } from "../connection.ts";
import { withStopSignal } from "../stop-signal.ts";

const REMARK = `
Tries the connector as a program that uses it would: keys, balances, markets, books, orders, fills, fees, funding,
settings, restarts. Without a server it starts a paper venue for the run. It goes to a real one when --rest-url and
--ws-url, the environment or the configuration name a server, when the connector's name is that of a testnet, or with
--live. It asks before it trades with real money; without a terminal it wants --yes. Orders are the smallest that the
market takes, the market must be flat at the start, and the run leaves it flat: it cancels and closes only what it
opened. Ctrl-C cleans up first. Exit code 1 when a row failed, 2 when nothing was tried.

Examples:
  perpwire conformance bybit_perpetual
  perpwire conformance binance_perpetual_testnet --report conformance.md
  perpwire conformance bybit_perpetual --live --max-notional 200 --dry-run
  perpwire conformance bybit_perpetual --seed 7 --json | jq .passed`;

const DEFAULT_FUNDING_INTERVAL_MS = 5_000;

export function registerConformance(program: Command, cli: Cli): void {
  const command = program
    .command("conformance")
    .description("try a connector against a venue, row by row, and prove each with what the venue says")
    .argument("<connector>", "for example bybit_perpetual");
  addVenueOptions(command)
    .option("--paper", "start a paper venue for the run, whatever is configured")
    .option("--live", "the venue's own servers, with the keys that are configured")
    .option("--pair <pair>", "the market to trade, the connector's example by default")
    .option(
      "--max-notional <amount>",
      "most that orders and positions are worth at a time, quote units; 500, or 50000 on a paper venue",
      amountText(true),
    )
    .option("--only <rows>", "these rows, or groups of rows, apart by commas: orders,fills.partial")
    .option("--dry-run", "list what would be done and do nothing")
    .option("--report <file>", "write the rows with their evidence to a Markdown file")
    .option("--yes", "do not ask before trading with real money")
    .option("--seed <number>", "decides the paper venue's market", wholeNumber(0))
    .addOption(
      new Option("--funding-interval <seconds>", "time between fundings of the paper venue")
        .argParser(secondsToMs)
        .default(DEFAULT_FUNDING_INTERVAL_MS, "5"),
    )
    .addHelpText("after", REMARK)
    .action((connector: string, flags: ConformanceFlags) =>
      withStopSignal(cli, async (signal) => {
        const { conformance } = await realWork(import("../conformance/conformance.ts"));
        await conformance(cli, connector, flags, signal);
      }),
    );
}
