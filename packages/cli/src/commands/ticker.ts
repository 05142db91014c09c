import type { Command } from "commander";
import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import type { Decimal } from "../../../../src/model/decimal.ts";
import { NotFoundError } from "../../../../src/model/error.ts";
import type { Cli } from "../cli.ts";
import { addConnectionOptions, type ConnectionFlags, withConnector } from "../connection.ts";
import { isoTime, Output } from "../output.ts";

const EXAMPLES = `
The funding rate is per interval and positive when longs pay; "-" (null) is what nobody quotes or traded yet.

Examples:
  perpwire ticker BTC-USDT
  perpwire ticker BTC-USDT --json | jq -r .fundingRate`;

export function registerTicker(program: Command, cli: Cli): void {
  const command = program
    .command("ticker")
    .description("bid, ask, last, mark and index price, and funding of a market");
  addConnectionOptions(command.argument("<pair>", "for example BTC-USDT"), cli)
    .addHelpText("after", EXAMPLES)
    .action((pair: string, flags: ConnectionFlags) =>
      withConnector(cli, flags, { tradingPairs: [pair], access: "public" }, async (connector) =>
        new Output(cli, flags).record(await tickerOf(connector, pair)),
      ),
    );
}

async function tickerOf(connector: PerpetualConnector, pair: string): Promise<Readonly<Record<string, unknown>>> {
  const last = await lastPrice(connector, pair);
  const { bestBid, bestAsk, timestampMs } = connector.orderBook(pair);
  const { markPrice, indexPrice, rate, kind, nextFundingTimestampMs } = connector.fundingInfo(pair);
  return {
    tradingPair: pair,
    bid: bestBid?.price,
    bidAmount: bestBid?.amount,
    ask: bestAsk?.price,
    askAmount: bestAsk?.amount,
    last,
    mark: markPrice,
    index: indexPrice,
    fundingRate: rate,
    fundingKind: kind,
    nextFunding: isoTime(nextFundingTimestampMs),
    time: isoTime(timestampMs),
  };
}

/** Reads the last price, or undefined for a market that never traded, whose other figures are still shown. */
async function lastPrice(connector: PerpetualConnector, pair: string): Promise<Decimal | undefined> {
  try {
    return await connector.fetchLastTradedPrice(pair);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
