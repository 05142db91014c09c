import type { Command } from "commander";
import type { Market } from "../../../../src/model/market.ts";
import type { Cli } from "../cli.ts";
import { addConnectionOptions, type ConnectionFlags, withConnector } from "../connection.ts";
import { Output } from "../output.ts";
import type { Column } from "../table.ts";

const COLUMNS: readonly Column<Market>[] = [
  { name: "tradingPair", value: (market) => market.tradingPair },
  { name: "symbol", value: (market) => market.symbol, isDetail: true },
  { name: "minOrderSize", value: ({ rule }) => rule.minOrderSize, align: "right" },
  { name: "maxOrderSize", value: ({ rule }) => rule.maxOrderSize, align: "right", isDetail: true },
  {
    name: "maxMarketOrderSize",
    value: ({ rule }) => rule.maxMarketOrderSize ?? rule.maxOrderSize,
    align: "right",
    isDetail: true,
  },
  { name: "minPriceIncrement", value: ({ rule }) => rule.minPriceIncrement, align: "right" },
  { name: "minBaseAmountIncrement", value: ({ rule }) => rule.minBaseAmountIncrement, align: "right" },
  { name: "minNotionalSize", value: ({ rule }) => rule.minNotionalSize, align: "right", isDetail: true },
  { name: "contractSize", value: ({ rule }) => rule.contractSize, align: "right", isDetail: true },
  { name: "contractKind", value: ({ rule }) => rule.contractKind, isDetail: true },
  { name: "collateral", value: ({ rule }) => rule.buyOrderCollateralToken, isDetail: true },
  {
    name: "fundingIntervalHours",
    value: ({ fundingIntervalMs }) => fundingIntervalMs / 3_600_000,
    align: "right",
    isDetail: true,
  },
];

const EXAMPLES = `
Amounts are in base units, prices and notionals in quote units.

Examples:
  perpwire markets --rest-url http://127.0.0.1:8080/api --ws-url ws://127.0.0.1:8080/ws
  perpwire markets --json | jq '.[] | select(.tradingPair == "BTC-USDT")'`;

export function registerMarkets(program: Command, cli: Cli): void {
  const command = program.command("markets").description("the venue's perpetual markets and their trading rules");
  addConnectionOptions(command, cli)
    .addHelpText("after", EXAMPLES)
    .action((flags: ConnectionFlags) =>
      withConnector(cli, flags, { tradingPairs: [], access: "public" }, (connector) => {
        const markets = connector.markets().toSorted((a, b) => (a.tradingPair < b.tradingPair ? -1 : 1));
        return new Output(cli, flags).rows(COLUMNS, markets, "the venue lists no perpetual market");
      }),
    );
}
