import { Argument, type Command } from "commander";
import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import type { PositionMode } from "../../../../src/model/order.ts";
import type { Cli } from "../cli.ts";
import { addConnectionOptions, type ConnectionFlags, withConnector } from "../connection.ts";
import { Output } from "../output.ts";

const MODES: readonly PositionMode[] = ["oneWay", "hedge"];

const LEVERAGE_REMARK = `
With a value the venue is told and asked again: what is printed is its answer. scope tells whether the leverage is that
of the market or, as at venues with one for all, of the whole account.

Examples:
  perpwire leverage BTC-USDT
  perpwire leverage BTC-USDT 5 --json`;

const MODE_REMARK = `
Venues change the mode only while the account has no position and no order.

Examples:
  perpwire position-mode
  perpwire position-mode hedge -c bybit_perpetual --pair BTC-USDT --json`;

interface ModeFlags extends ConnectionFlags {
  readonly pair: readonly string[];
}

export function registerLeverage(program: Command, cli: Cli): void {
  const command = program
    .command("leverage")
    .description("show or set the leverage of a market")
    .argument("<pair>", "for example BTC-USDT")
    .argument("[value]", "the new leverage");
  addConnectionOptions(command, cli)
    .addHelpText("after", LEVERAGE_REMARK)
    .action((pair: string, value: string | undefined, flags: ConnectionFlags) =>
      withConnector(cli, flags, { tradingPairs: [pair], access: "account" }, async (connector) => {
        if (value !== undefined) await changeLeverage(connector, pair, value);
        const leverage = connector.leverage(pair);
        await new Output(cli, flags).record({ tradingPair: pair, leverage, scope: connector.manifest.leverageScope });
      }),
    );
}

async function changeLeverage(connector: PerpetualConnector, pair: string, value: string): Promise<void> {
  await connector.setLeverage(pair, value);
  await connector.refresh();
}

export function registerPositionMode(program: Command, cli: Cli): void {
  const command = program
    .command("position-mode")
    .description("show or set whether a market has one position or a long and a short one")
    .addArgument(new Argument("[mode]", "the new mode").choices(MODES));
  addConnectionOptions(command, cli)
    .option("--pair <pair...>", "markets it is about, at venues where each has its own", [])
    .addHelpText("after", MODE_REMARK)
    .action((mode: PositionMode | undefined, flags: ModeFlags) =>
      withConnector(cli, flags, { tradingPairs: flags.pair, access: "account" }, async (connector) => {
        if (mode !== undefined) await connector.setPositionMode(mode);
        const { positionMode, manifest } = connector;
        await new Output(cli, flags).record({ positionMode, supported: manifest.positionModes });
      }),
    );
}
