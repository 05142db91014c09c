import type { Command } from "commander";
import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import { ConfigError, NotFoundError, PerpwireError } from "../../../../src/model/error.ts";
import type { InFlightOrder } from "../../../../src/trading/in-flight-order.ts";
import type { Cli } from "../cli.ts";
import {
  addConnectionOptions,
  addJournalOption,
  addYesOption,
  type ConnectionFlags,
  type ConnectionRequest,
  withConnector,
} from "../connection.ts";
import { EXIT_CODES } from "../errors.ts";
import { orderFields } from "../order-fields.ts";
import { Output } from "../output.ts";
import { addRiskOptions, type RiskLimitTexts } from "../risk-options.ts";
import { assertAttended, confirmOrder } from "../stakes.ts";
import { stoppable } from "../stop-signal.ts";
import { findTracked } from "../tracked-orders.ts";

interface AmendFlags extends ConnectionFlags, RiskLimitTexts {
  readonly price?: string | undefined;
  readonly amount?: string | undefined;
  readonly yes?: boolean | undefined;
}

const REMARK = `
The order must be in the journal: one of this connector's own. Its fills so far stay with it and count into the amount.
Exit code 1 when it is not found or the venue refuses. It asks before it amends at a live venue, as buy and sell do.

Examples:
  perpwire amend 9596912 --price 29950
  perpwire amend 9596912 --price 29950 --amount 0.02 --json`;

export function registerAmend(program: Command, cli: Cli): void {
  const command = program
    .command("amend")
    .description("change the price or the amount of an open order of ours")
    .argument("<orderId>", "its client order id or the venue's id");
  addRiskOptions(addYesOption(addJournalOption(addConnectionOptions(command, cli))))
    .option("--price <price>", "the new price, quote units")
    .option("--amount <amount>", "the new amount, base units, with what is filled already")
    .addHelpText("after", REMARK)
    .action((orderId: string, flags: AmendFlags) => {
      if (flags.price === undefined && flags.amount === undefined) {
        throw new ConfigError("an amend changes something", { hint: "give --price, --amount or both" });
      }
      const { connector: name, price = "as it is", amount = "as it is" } = flags;
      const what = `amend order ${orderId} (price ${price}, amount ${amount})`;
      const request: ConnectionRequest = {
        ...{ tradingPairs: [], access: "trading", riskFlags: flags },
        beforeStart: (options, signal) => assertAttended(cli, flags, what, { connector: name, options }, signal),
      };
      return withConnector(cli, flags, request, async (connector, signal, options) => {
        await confirmOrder(cli, flags, what, { connector: name, options }, signal);
        await amend(cli, flags, connector, orderId, signal);
      });
    });
}

async function amend(
  cli: Cli,
  flags: AmendFlags,
  connector: PerpetualConnector,
  orderId: string,
  signal: AbortSignal,
): Promise<void> {
  const order = openOrder(connector, orderId);
  await followMarket(connector, order.tradingPair, flags.timeout);
  const output = new Output(cli, flags);
  const { price, amount } = flags;
  try {
    await stoppable(signal, connector.amend(order.clientOrderId, { price, amount }));
  } catch (error) {
    if (!(error instanceof PerpwireError && error.outcome === "unknown") || signal.aborted) throw error;
    cli.process.setExitCode(EXIT_CODES.unknownFate);
    await output.record({ ...orderFields(order), amended: "unknown" });
    output.note(`perpwire: it is not known whether the amend was taken: ${error.message}; see perpwire orders`);
    return;
  }
  await output.record({ ...orderFields(order), amended: true });
}

function openOrder(connector: PerpetualConnector, orderId: string): InFlightOrder {
  const order = findTracked(connector, orderId);
  if (order !== undefined && !order.isDone) return order;
  const what =
    order === undefined ? `no open order "${orderId}" of ours` : `order "${orderId}" is ${order.state} already`;
  throw new NotFoundError(what, { venue: connector.name, hint: "the journal knows orders that perpwire placed" });
}

/** Rules and risk limits are held against the market's own prices. */
async function followMarket(connector: PerpetualConnector, tradingPair: string, timeoutMs: number): Promise<void> {
  if (connector.tradingPairs.includes(tradingPair)) return;
  connector.addTradingPair(tradingPair);
  await connector.waitUntilReady({ timeoutMs });
}
