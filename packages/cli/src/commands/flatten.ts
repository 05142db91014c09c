import type { Command } from "commander";
import type { FlattenReport } from "../../../../src/connector/flatten.ts";
import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import { PerpwireError } from "../../../../src/model/error.ts";
import type { Position } from "../../../../src/model/position.ts";
import type { Cli } from "../cli.ts";
import { isConfirmed } from "../confirm.ts";
import {
  addJournalOption,
  addPaperOption,
  addVenueOptions,
  type ConnectionFlags,
  withJournalIfFree,
} from "../connection.ts";
import { EXIT_CODES } from "../errors.ts";
import { orderFields } from "../order-fields.ts";
import { isoTime, Output } from "../output.ts";
import { isPaperVenue } from "../stakes.ts";
import { stoppable } from "../stop-signal.ts";

interface FlattenFlags extends Omit<ConnectionFlags, "connector"> {
  readonly yes?: boolean | undefined;
}

const REMARK = `
Orders of others on the account are canceled as well, and conditional ones; positions are closed with reduce-only market
orders. Then the venue is asked what is left, and what is left is tried again until --timeout: exit code 1 when anything
still is, stands on a market that is not known ("elsewhere") or is not shown by the venue ("unseen"). It asks before it
does anything, also with --json, unless --yes is given or the venue is a paper venue. While another process holds the
journal it works without it: stop that process first, or it may trade on.

Examples:
  perpwire flatten bybit_perpetual
  perpwire flatten bybit_perpetual --yes --timeout 60
  perpwire flatten bybit_perpetual --yes --json | jq .isFlat`;

export function registerFlatten(program: Command, cli: Cli): void {
  const command = program
    .command("flatten")
    .description("cancel every order and close every position of the account, and prove it")
    .argument("<connector>", "for example bybit_perpetual");
  addJournalOption(addPaperOption(addVenueOptions(command)))
    .option("--yes", "do not ask")
    .addHelpText("after", REMARK)
    .action((connector: string, flags: FlattenFlags) =>
      withJournalIfFree(
        cli,
        { ...flags, connector },
        { tradingPairs: [] },
        "flattening without it",
        async (opened, signal, options) => {
          const isAsked = flags.yes !== true && flags.paper !== true && !(await isPaperVenue(cli, options, signal));
          if (isAsked) await confirm(cli, opened, signal);
          await flattenAccount(cli, flags, opened, signal);
        },
      ),
    );
}

async function flattenAccount(
  cli: Cli,
  flags: FlattenFlags,
  connector: PerpetualConnector,
  signal: AbortSignal,
): Promise<void> {
  const report = await stoppable(signal, connector.flatten({ timeoutMs: flags.timeout }));
  if (!report.isFlat) cli.process.setExitCode(EXIT_CODES.failed);
  await new Output(cli, flags).record(reportFields(connector.name, report));
}

async function confirm(cli: Cli, connector: PerpetualConnector, signal: AbortSignal): Promise<void> {
  const orders = (await connector.fetchOpenOrders([])).length;
  const positions = connector.positions().map(({ tradingPair, amount }) => `${amount.toFixed()} ${tradingPair}`);
  const what = `cancel ${orders === 1 ? "1 order" : `${orders} orders`} and close ${positions.length === 0 ? "no position" : positions.join(", ")}`;
  if (await isConfirmed(cli, `${what} at ${connector.name}?`, signal)) return;
  throw new PerpwireError("not confirmed; nothing was done", { code: "NOT_CONFIRMED", hint: "--yes does not ask" });
}

function positionFields({ tradingPair, side, marginMode, amount }: Position) {
  return { tradingPair, side, marginMode, amount };
}

function reportFields(connector: string, report: FlattenReport): Readonly<Record<string, unknown>> {
  const { isFlat, canceledOrders, closings, closingOrders, openOrders, conditionalOrders, positions } = report;
  const { elsewhere, unseen, problems } = report;
  return {
    connector,
    isFlat,
    canceledOrders,
    closingOrders: closingOrders.map((order) => {
      const { clientOrderId, tradingPair, side, amount, state } = orderFields(order);
      return { clientOrderId, tradingPair, side, amount, executedAmount: order.executedAmount, state };
    }),
    openOrders: openOrders.map(({ exchangeOrderId, tradingPair, side, amount, price, timestampMs }) => ({
      ...{ exchangeOrderId, tradingPair, side, amount, price },
      time: isoTime(timestampMs),
    })),
    conditionalOrders: conditionalOrders.map(({ conditionalOrderId, symbol, tradingPair }) => ({
      ...{ conditionalOrderId, market: tradingPair ?? symbol },
    })),
    positions: positions.map(positionFields),
    closings: closings.map(({ position, orders, problem }) => ({
      ...positionFields(position),
      orders: orders.map(({ clientOrderId }) => clientOrderId),
      problem,
    })),
    elsewhere,
    unseen,
    problems,
  };
}
