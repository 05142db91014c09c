import type { Command } from "commander";
import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import type { FundingPayment } from "../../../../src/model/funding.ts";
import { type Since, since, sinceMs } from "../arguments.ts";
import type { Cli } from "../cli.ts";
import { addConnectionOptions, type ConnectionFlags, withConnector } from "../connection.ts";
import { isoTime, Output } from "../output.ts";
import type { Column } from "../table.ts";

interface FundingFlags extends ConnectionFlags {
  readonly since: Since;
}

const COLUMNS: readonly Column<FundingPayment>[] = [
  { name: "time", value: ({ timestampMs }) => isoTime(timestampMs) },
  { name: "tradingPair", value: ({ tradingPair }) => tradingPair },
  { name: "amount", value: ({ amount }) => amount, align: "right" },
  { name: "asset", value: ({ asset }) => asset },
  { name: "rate", value: ({ rate }) => rate, align: "right", isDetail: true },
  { name: "paymentId", value: ({ paymentId }) => paymentId, isDetail: true },
];

const REMARK = `
With a pair: its funding now, and with a key the account's payments on it. Without: the payments on every market. A
positive amount was received; the rate is per interval and positive when longs pay.

Examples:
  perpwire funding BTC-USDT
  perpwire funding --since 7d --json | jq '[.payments[].amount | tonumber] | add'`;

export function registerFunding(program: Command, cli: Cli): void {
  const command = program
    .command("funding")
    .description("the funding of a market now, and what the account paid and received")
    .argument("[pair]", "one market");
  addConnectionOptions(command, cli)
    .option("--since <time>", "payments from then on: 30m, 24h, 7d or an ISO time", since, since("24h"))
    .addHelpText("after", REMARK)
    .action((pair: string | undefined, flags: FundingFlags) => {
      const request =
        pair === undefined
          ? ({ tradingPairs: [], access: "account" } as const)
          : ({ tradingPairs: [pair], access: "available" } as const);
      return withConnector(cli, flags, request, (connector) => showFunding(cli, flags, connector, pair));
    });
}

async function showFunding(
  cli: Cli,
  flags: FundingFlags,
  connector: PerpetualConnector,
  pair: string | undefined,
): Promise<void> {
  const { clock } = await cli.runtime();
  const output = new Output(cli, flags);
  const info = pair === undefined ? undefined : infoOf(connector, pair);
  const fromMs = sinceMs(flags.since, clock.now());
  const payments = connector.hasCredentials ? await paymentsOf(connector, pair, fromMs) : undefined;
  if (output.isJson) {
    const rows = payments?.map((payment) =>
      Object.fromEntries(COLUMNS.map(({ name, value }) => [name, value(payment)])),
    );
    output.json({ info, since: isoTime(fromMs), payments: rows });
    return;
  }
  if (info !== undefined) await output.record(info);
  if (payments !== undefined) await output.rows(COLUMNS, payments, `no funding payments since ${isoTime(fromMs)}`);
}

function infoOf(connector: PerpetualConnector, pair: string): Readonly<Record<string, unknown>> {
  const { rate, kind, nextFundingTimestampMs, markPrice, indexPrice, timestampMs } = connector.fundingInfo(pair);
  return {
    tradingPair: pair,
    rate,
    kind,
    nextFunding: isoTime(nextFundingTimestampMs),
    intervalHours: connector.market(pair).fundingIntervalMs / 3_600_000,
    mark: markPrice,
    index: indexPrice,
    time: isoTime(timestampMs),
  };
}

async function paymentsOf(
  connector: PerpetualConnector,
  pair: string | undefined,
  fromMs: number,
): Promise<readonly FundingPayment[]> {
  const payments = await connector.fetchFundingHistory(fromMs);
  return payments.filter(({ tradingPair }) => pair === undefined || tradingPair === pair);
}
