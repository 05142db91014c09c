import { type Command, Option } from "commander";
import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import type { PerpwireError } from "../../../../src/model/error.ts";
import type { OrderSide, OrderType, PositionAction, TimeInForce } from "../../../../src/model/order.ts";
import type { Timers } from "../../../../src/runtime/runtime.ts";
import type { InFlightOrder, OrderAcceptance, OrderResult } from "../../../../src/trading/in-flight-order.ts";
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
import { isoTime, Output } from "../output.ts";
import { addRiskOptions, type RiskLimitTexts } from "../risk-options.ts";
import { assertAttended, confirmOrder } from "../stakes.ts";
import { stoppable } from "../stop-signal.ts";

interface OrderFlags extends ConnectionFlags, RiskLimitTexts {
  readonly type: OrderType;
  readonly position: PositionAction;
  readonly tif?: TimeInForce | undefined;
  readonly reduceOnly?: boolean | undefined;
  readonly wait?: boolean | undefined;
  readonly yes?: boolean | undefined;
}

const TYPES: readonly OrderType[] = ["limit", "limitMaker", "market"];
const POSITIONS: readonly PositionAction[] = ["open", "close"];
const TIMES_IN_FORCE: readonly TimeInForce[] = ["GTC", "IOC", "FOK"];

export function registerBuy(program: Command, cli: Cli): void {
  registerOrder(program, cli, "buy");
}

export function registerSell(program: Command, cli: Cli): void {
  registerOrder(program, cli, "sell");
}

function registerOrder(program: Command, cli: Cli, side: OrderSide): void {
  const command = program
    .command(side)
    .description(`place a ${side} order; it stays at the venue when the command ends`)
    .argument("<pair>", "for example BTC-USDT")
    .argument("<amount>", "base units")
    .argument("[price]", "quote units, a multiple of the tick; none for a market order");
  addRiskOptions(addYesOption(addJournalOption(addConnectionOptions(command, cli))))
    .addOption(new Option("--type <type>", "limitMaker is post-only").choices(TYPES).default("limit"))
    .addOption(new Option("--position <action>", "what the order does").choices(POSITIONS).makeOptionMandatory())
    .addOption(new Option("--tif <time>", "time in force").choices(TIMES_IN_FORCE))
    .option("--reduce-only", "never more than the position")
    .option("--wait", "wait until the order has ended and its fills add up")
    .addHelpText("after", examples(side))
    .action((pair: string, amount: string, price: string | undefined, flags: OrderFlags) => {
      const wanted = { side, pair, amount, price };
      const what = orderText(wanted, flags);
      const { connector: name } = flags;
      const request: ConnectionRequest = {
        ...{ tradingPairs: [pair], access: "trading", riskFlags: flags },
        beforeStart: (options, signal) => assertAttended(cli, flags, what, { connector: name, options }, signal),
      };
      return withConnector(cli, flags, request, async (connector, signal, options) => {
        await confirmOrder(cli, flags, what, { connector: name, options }, signal);
        await placeOrder(cli, flags, connector, wanted, signal);
      });
    });
}

interface Wanted {
  readonly side: OrderSide;
  readonly pair: string;
  readonly amount: string;
  readonly price: string | undefined;
}

function orderText({ side, pair, amount, price }: Wanted, { position, type }: OrderFlags): string {
  const terms = price === undefined ? type : `${type}, price ${price}`;
  return `${side} ${amount} ${pair} (${terms}, to ${position} a position)`;
}

async function placeOrder(
  cli: Cli,
  flags: OrderFlags,
  connector: PerpetualConnector,
  { side, pair, amount, price }: Wanted,
  signal: AbortSignal,
): Promise<void> {
  const output = new Output(cli, flags);
  const { type, position, tif: timeInForce, reduceOnly } = flags;
  const options = { amount, price, type, position, timeInForce, reduceOnly };
  const order = side === "buy" ? connector.buy(pair, options) : connector.sell(pair, options);
  const remark = () => output.note(`perpwire: order ${order.clientOrderId} is left as it is; see perpwire orders`);
  signal.addEventListener("abort", remark, { once: true });
  const { timers } = await cli.runtime();
  const acceptance = await stoppable(signal, acceptanceOf(order, flags.timeout, timers));
  if (acceptance?.ok === false && acceptance.error.outcome === "definite") throw acceptance.error;
  await output.record({ ...orderFields(order), accepted: acceptance?.ok === true ? true : "unknown" });
  if (acceptance?.ok !== true) {
    cli.process.setExitCode(EXIT_CODES.unknownFate);
    const why = acceptance === undefined ? `no answer for ${flags.timeout} ms` : acceptance.error.message;
    output.note(`perpwire: the fate of order ${order.clientOrderId} is not known yet: ${why}; see perpwire orders`);
  }
  if (flags.wait !== true) return;
  const result = await stoppable(signal, order.done);
  cli.process.setExitCode(exitCodeOfResult(result));
  await output.record({ ...orderFields(order), ...resultFields(result) });
}

/** Undefined when nothing was heard of the order within `timeoutMs`. */
async function acceptanceOf(
  order: InFlightOrder,
  timeoutMs: number,
  timers: Timers,
): Promise<OrderAcceptance | undefined> {
  const patience = new AbortController();
  const timedOut = timers.sleep(timeoutMs, patience.signal).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([order.accepted, timedOut]);
  } finally {
    patience.abort();
  }
}

function resultFields(result: OrderResult): Readonly<Record<string, unknown>> {
  const { executedAmount, averagePrice, fees, timestampMs, state } = result;
  return {
    state,
    executedAmount,
    averagePrice,
    fees,
    reason: result.ok ? result.reason : errorText(result.error),
    time: isoTime(timestampMs),
  };
}

function errorText(error: PerpwireError): string {
  return `${error.code}: ${error.message}`;
}

function exitCodeOfResult(result: OrderResult): number {
  if (result.ok) return EXIT_CODES.ok;
  return result.error.outcome === "unknown" ? EXIT_CODES.unknownFate : EXIT_CODES.failed;
}

function examples(side: OrderSide): string {
  const action = side === "buy" ? "open" : "close";
  return `
Prints what the venue answered; with --wait a second record when the order has ended. It asks before it sends an order to a
live venue; where nobody is there to be asked, it wants --yes. With --paper it trades in the box, where nothing is at stake.

Examples:
  perpwire ${side} BTC-USDT 0.01 --type market --position open --wait --paper
  perpwire ${side} BTC-USDT 0.01 30000 --position ${action}
  perpwire ${side} BTC-USDT 0.01 30000 --position ${action} --type limitMaker --yes --json
  perpwire ${side} BTC-USDT 0.01 30000 --position ${action} --max-order-notional 500 --price-collar 0.02`;
}
