import { type Command, Option } from "commander";
import { realWork } from "../../../../src/runtime/real-work.ts";
import { BOX_PROTOCOLS, type BoxConnector } from "../../../../src/simulation/box-protocols.ts";
import { secondsToMs, wholeNumber } from "../arguments.ts";
import type { Cli, OutputFlags } from "../cli.ts";
import type { DemoFlags } from "../demo/run.ts";
import { LOG_LEVELS, logFormatOption } from "../logging.ts";
import { withStopSignal } from "../stop-signal.ts";

const EXAMPLES = `
Trades on a paper venue of its own, in a process of its own, over real sockets; needs no key and no network. At the end
everything that the connector told is compared with the venue's own record: exit code 1 when one digit differs. Ctrl-C
ends the trading early, a second one ends everything at once.

Examples:
  perpwire demo                                   until Ctrl-C
  perpwire demo --duration 30 --seed 7            the same market and the same decisions every time
  perpwire demo --duration 30 --chaos             lost answers, broken sockets, restarts; it must still be equal
  perpwire demo --duration 60 --chaos --amend     as a careless bot does: amends on top of amends, and cancels
  perpwire demo --hedge                           long and short at once
  perpwire demo --connector okx_perpetual         over the protocol of another venue
  perpwire demo --duration 30 --json | jq .reconciled`;

const CONNECTORS: readonly string[] = Object.keys(BOX_PROTOCOLS);
const DEFAULT_CONNECTOR: BoxConnector = "bybit_perpetual";

export function registerDemo(program: Command, cli: Cli): void {
  program
    .command("demo")
    .description("trade two markets on a paper venue, live, and prove that nothing was lost or counted twice")
    .addOption(new Option("-c, --connector <name>", "what trades").choices(CONNECTORS).default(DEFAULT_CONNECTOR))
    .option("--duration <seconds>", "how long to trade, until Ctrl-C by default", secondsToMs)
    .option("--seed <number>", "decides the market, the demo's own decisions and the faults", wholeNumber(0))
    .option("--chaos", "everything goes wrong while it trades")
    .option("--hedge", "hold long and short positions side by side; not on FTX and Hyperliquid")
    .option("--amend", "amend quotes again and again without waiting for an answer, and cancel at random")
    .addOption(
      new Option("--funding-interval <seconds>", "time between fundings").argParser(secondsToMs).default(5_000, "5"),
    )
    .option("--all", "show every order, fill and payment at the end, not only the sums")
    .addOption(
      new Option("--log-level <level>", "what to log, on standard error").choices(LOG_LEVELS).default("silent"),
    )
    .addOption(logFormatOption())
    .option("--json", "one JSON line with the result")
    .addHelpText("after", EXAMPLES)
    .action((flags: DemoFlags & OutputFlags) =>
      withStopSignal(cli, async (signal) => {
        const { demo } = await realWork(import("../demo/run.ts"));
        await demo(cli, flags, signal);
      }),
    );
}
