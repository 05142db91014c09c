import type { Command } from "commander";
import type { PerpetualConnector } from "../../connector/perpetual-connector.ts";
import type { Cli } from "../cli.ts";
import { addConnectionOptions, type ConnectionFlags, withConnector } from "../connection.ts";
import { EXIT_CODES } from "../errors.ts";
import { Output } from "../output.ts";

const EXAMPLES = `
Without a key only the public half is checked. Exit code 1 when not everything is ready within --timeout.

Examples:
  perpwire status BTC-USDT
  perpwire status BTC-USDT ETH-USDT --json | jq .ready`;

export function registerStatus(program: Command, cli: Cli): void {
  const command = program.command("status").description("whether a connector gets ready, and how the venue answers");
  addConnectionOptions(command.argument("[pair...]", "markets to follow"), cli)
    .addHelpText("after", EXAMPLES)
    .action((tradingPairs: readonly string[], flags: ConnectionFlags) =>
      withConnector(cli, flags, { tradingPairs, access: "available", mayBeUnready: true }, async (connector) => {
        const { clock } = await cli.runtime();
        const report = await statusOf(connector, flags.connector, () => clock.monotonic());
        if (!report.ready) cli.process.setExitCode(EXIT_CODES.failed);
        await new Output(cli, flags).record(report);
      }),
    );
}

async function statusOf(connector: PerpetualConnector, name: string, monotonicMs: () => number) {
  const startedMs = monotonicMs();
  await connector.checkNetwork();
  const latencyMs = Math.round((monotonicMs() - startedMs) * 1_000) / 1_000;
  const { requests, rateLimits, books, orders } = connector.metrics();
  const { orderTypes, timesInForce, positionModes, capabilities } = connector.manifest;
  return {
    connector: name,
    domain: connector.domain,
    ready: connector.ready,
    status: connector.statusDict,
    goneTradingPairs: connector.goneTradingPairs,
    channelsNotHeard: connector
      .channelStatuses()
      .filter(({ state }) => state === "refused" || state === "silent")
      .map(({ tradingPair, name: channel, state, reason }) => ({ tradingPair, channel, state, reason })),
    network: "connected",
    latencyMs,
    orderTypes,
    timesInForce,
    positionModes,
    capabilities,
    requests,
    rateLimits: rateLimits
      .filter(({ used, waiting }) => used > 0 || waiting > 0)
      .map(({ limitId, used, limit, timeIntervalMs, waiting }) => ({ limitId, used, limit, timeIntervalMs, waiting })),
    books,
    orders,
  };
}
