import type { Command } from "commander";
import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import type { AccountBalance } from "../../../../src/model/balance.ts";
import type { VenueOrder } from "../../../../src/model/order.ts";
import type { Position } from "../../../../src/model/position.ts";
import type { Cli } from "../cli.ts";
import { addConnectionOptions, type ConnectionFlags, withConnector } from "../connection.ts";
import { isoTime, Output } from "../output.ts";
import type { Column } from "../table.ts";

const BALANCE_COLUMNS: readonly Column<AccountBalance>[] = [
  { name: "asset", value: ({ asset }) => asset },
  { name: "cash", value: ({ cash }) => cash, align: "right" },
  { name: "equity", value: ({ equity }) => equity, align: "right" },
  { name: "available", value: ({ available }) => available, align: "right" },
  { name: "time", value: ({ timestampMs }) => isoTime(timestampMs), isDetail: true },
];

const POSITION_COLUMNS: readonly Column<Position>[] = [
  { name: "tradingPair", value: ({ tradingPair }) => tradingPair },
  { name: "side", value: ({ side }) => side },
  { name: "marginMode", value: ({ marginMode }) => marginMode, isDetail: true },
  { name: "amount", value: ({ amount }) => amount, align: "right" },
  { name: "entryPrice", value: ({ entryPrice }) => entryPrice, align: "right" },
  { name: "markPrice", value: ({ markPrice }) => markPrice, align: "right", isDetail: true },
  { name: "unrealizedPnl", value: ({ unrealizedPnl }) => unrealizedPnl, align: "right" },
  { name: "leverage", value: ({ leverage }) => leverage, align: "right", isDetail: true },
  { name: "liquidationPrice", value: ({ liquidationPrice }) => liquidationPrice, align: "right" },
  { name: "time", value: ({ timestampMs }) => isoTime(timestampMs), isDetail: true },
];

const ORDER_COLUMNS: readonly Column<VenueOrder>[] = [
  { name: "exchangeOrderId", value: ({ exchangeOrderId }) => exchangeOrderId, isDetail: true },
  { name: "clientOrderId", value: ({ clientOrderId }) => clientOrderId },
  { name: "tradingPair", value: ({ tradingPair }) => tradingPair },
  { name: "side", value: ({ side }) => side },
  { name: "type", value: ({ type }) => type, isDetail: true },
  { name: "price", value: ({ price }) => price, align: "right" },
  { name: "amount", value: ({ amount }) => amount, align: "right" },
  { name: "executedAmount", value: ({ executedAmount }) => executedAmount, align: "right" },
  { name: "state", value: ({ state }) => state },
  { name: "reduceOnly", value: ({ reduceOnly }) => reduceOnly, isDetail: true },
  { name: "time", value: ({ timestampMs }) => isoTime(timestampMs), isDetail: true },
];

export function registerBalance(program: Command, cli: Cli): void {
  const command = program.command("balance").description("what the account holds: cash, equity with open positions");
  addConnectionOptions(command, cli)
    .addHelpText("after", examples("perpwire balance", "perpwire balance --json | jq -r '.[0].available'"))
    .action((flags: ConnectionFlags) =>
      look(cli, flags, undefined, (connector, output) =>
        output.rows(BALANCE_COLUMNS, connector.balances().filter(isHeld), "the account is empty"),
      ),
    );
}

export function registerPositions(program: Command, cli: Cli): void {
  const command = program
    .command("positions")
    .description("the account's open positions; a short has a negative amount");
  addConnectionOptions(command.argument("[pair]", "one market only"), cli)
    .addHelpText("after", examples("perpwire positions", "perpwire positions BTC-USDT --json"))
    .action((pair: string | undefined, flags: ConnectionFlags) =>
      look(cli, flags, pair, (connector, output) =>
        output.rows(POSITION_COLUMNS, connector.positions().filter(isOf(pair)), "no open positions"),
      ),
    );
}

export function registerOrders(program: Command, cli: Cli): void {
  const command = program
    .command("orders")
    .description("every open order of the account at the venue, whoever made it");
  addConnectionOptions(command.argument("[pair]", "one market only"), cli)
    .addHelpText("after", examples("perpwire orders", "perpwire orders BTC-USDT --json"))
    .action((pair: string | undefined, flags: ConnectionFlags) =>
      look(cli, flags, pair, async (connector, output) =>
        output.rows(ORDER_COLUMNS, (await connector.fetchOpenOrders()).filter(isOf(pair)), "no open orders"),
      ),
    );
}

/** A coin that nothing is held of may be available all the same, where others stand in for it: no holding. */
function isHeld({ total, equity }: AccountBalance): boolean {
  return !total.isZero() || !equity.isZero();
}

function look(
  cli: Cli,
  flags: ConnectionFlags,
  pair: string | undefined,
  work: (connector: PerpetualConnector, output: Output) => Promise<void>,
): Promise<void> {
  const tradingPairs = pair === undefined ? [] : [pair];
  return withConnector(cli, flags, { tradingPairs, access: "account" }, (connector) =>
    work(connector, new Output(cli, flags)),
  );
}

function isOf(pair: string | undefined): (row: { readonly tradingPair: string }) => boolean {
  return ({ tradingPair }) => pair === undefined || tradingPair === pair;
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}
