import type { Command } from "commander";
import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import type { Cli } from "../cli.ts";
import { addConnectionOptions, type ConnectionFlags, withConnector } from "../connection.ts";
import { EXIT_CODES } from "../errors.ts";
import { microsText } from "../micros-text.ts";
import { Output } from "../output.ts";
import type { Column } from "../table.ts";

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
        await showStatus(new Output(cli, flags), report);
      }),
    );
}

async function statusOf(connector: PerpetualConnector, name: string, monotonicMs: () => number) {
  const startedMs = monotonicMs();
  await connector.checkNetwork();
  const latencyMs = Math.round((monotonicMs() - startedMs) * 1_000) / 1_000;
  const { requests, rateLimits, books, orders, orderRoundTripMs } = connector.metrics();
  const { orderTypes, timesInForce, positionModes, notice, notOffered } = connector.manifest;
  const { capabilities } = connector;
  return {
    connector: name,
    domain: connector.domain,
    ready: connector.ready,
    status: connector.status(),
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
    notOffered,
    notice,
    requests,
    orderRoundTripMs,
    rateLimits: rateLimits
      .filter(({ used, waiting }) => used > 0 || waiting > 0)
      .map(({ limitId, used, limit, timeIntervalMs, waiting }) => ({ limitId, used, limit, timeIntervalMs, waiting })),
    books,
    orders,
  };
}

type StatusReport = Awaited<ReturnType<typeof statusOf>>;

const LIMIT_COLUMNS: readonly Column<StatusReport["rateLimits"][number]>[] = [
  { name: "rate limit", value: ({ limitId }) => limitId },
  { name: "used", value: ({ used }) => used, align: "right" },
  { name: "of", value: ({ limit }) => limit, align: "right" },
  { name: "in seconds", value: ({ timeIntervalMs }) => timeIntervalMs / 1_000, align: "right" },
  { name: "waiting", value: ({ waiting }) => waiting, align: "right" },
];

/** Prints everything for programs; for people what is not as it should be, and the rest in a word. */
async function showStatus(output: Output, report: StatusReport): Promise<void> {
  output.json(report);
  if (output.isJson) return;
  const { connector, domain, latencyMs, requests, orders, orderTypes, timesInForce, capabilities } = report;
  const { goneTradingPairs, channelsNotHeard } = report;
  await output.record({
    connector: domain === connector ? connector : `${connector}, domain ${domain}`,
    network: `connected, answers in ${latencyMs} ms`,
    ready: report.ready ? "yes" : `no, for want of ${namesOf(report.status, false)}`,
    ...(goneTradingPairs.length > 0 && { goneTradingPairs }),
    ...(channelsNotHeard.length > 0 && { channelsNotHeard: channelsNotHeard.map(channelText) }),
    books: booksText(report.books),
    frameToBook: timesText(report.books.frameToBookMs),
    frameToListeners: timesText(report.books.frameToListenersMs),
    orders:
      orders &&
      `${orders.active} active, ${orders.unknown} unknown, ${orders.lost} lost; \`perpwire orders\` lists all`,
    requests: `${requests.requests} sent, ${requests.failures} failed`,
    orderTypes: `${orderTypes.join(", ")}; ${timesInForce.join(", ")}`,
    positionModes: report.positionModes,
    can: namesOf(capabilities, true),
    cannot: namesOf(capabilities, false),
  });
  await output.rows(LIMIT_COLUMNS, report.rateLimits, "no rate limit was used");
}

function namesOf(flags: object, wanted: boolean): string {
  return (
    Object.entries(flags)
      .filter(([, flag]) => flag === wanted)
      .map(([name]) => name)
      .join(", ") || "-"
  );
}

function channelText({ tradingPair, channel, state, reason }: StatusReport["channelsNotHeard"][number]): string {
  const ofWhat = tradingPair === undefined ? "" : ` of ${tradingPair}`;
  return `${channel}${ofWhat} is ${state}${reason === undefined ? "" : `: ${reason}`}`;
}

function booksText(metrics: StatusReport["books"]): string {
  const { books, validBooks, healMs, latencyMs, frameToBookMs, frameToListenersMs, ...counters } = metrics;
  const counted = Object.entries(counters).filter(([, count]) => count > 0);
  return [`${validBooks} of ${books} valid`, ...counted.map(([name, count]) => `${name} ${count}`)].join(", ");
}

function timesText({ p50, p99, p999 }: StatusReport["books"]["frameToBookMs"]): string {
  if (Number.isNaN(p50)) return "not measured yet";
  return `p50 ${microsText(p50)}, p99 ${microsText(p99)}, p99.9 ${microsText(p999)}`;
}
