import type { Command } from "commander";
import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import { describeError, NotFoundError, PerpwireError } from "../../../../src/model/error.ts";
import { isTerminal, type VenueOrder } from "../../../../src/model/order.ts";
import type { Runtime } from "../../../../src/runtime/runtime.ts";
import type { InFlightOrder } from "../../../../src/trading/in-flight-order.ts";
import type { Cli } from "../cli.ts";
import { addConnectionOptions, addJournalOption, type ConnectionFlags, withJournalIfFree } from "../connection.ts";
import { EXIT_CODES } from "../errors.ts";
import { Output } from "../output.ts";
import type { Column } from "../table.ts";
import { findTracked, trackedOrders } from "../tracked-orders.ts";

/** Result of one cancel. */
interface Canceled {
  readonly clientOrderId: string | undefined;
  readonly exchangeOrderId: string | undefined;
  readonly tradingPair: string;
  /** State of the order when the command ended. */
  readonly state: string;
  /** Reason why the order has not ended. */
  readonly error: string | undefined;
}

const COLUMNS: readonly Column<Canceled>[] = [
  { name: "clientOrderId", value: ({ clientOrderId }) => clientOrderId },
  { name: "exchangeOrderId", value: ({ exchangeOrderId }) => exchangeOrderId, isDetail: true },
  { name: "tradingPair", value: ({ tradingPair }) => tradingPair },
  { name: "state", value: ({ state }) => state },
  { name: "error", value: ({ error }) => error },
];

const JOURNAL_REMARK = `
The order may stem from an earlier process or from elsewhere. While another process holds the journal, the cancel goes to
the venue without it. Exit code 1 when an order is not found or has not ended within --timeout.
`;

export function registerCancel(program: Command, cli: Cli): void {
  const command = program
    .command("cancel")
    .description("cancel one order and wait until it has ended")
    .argument("<orderId>", "its client order id or the venue's id");
  addJournalOption(addConnectionOptions(command, cli))
    .addHelpText("after", `${JOURNAL_REMARK}\nExamples:\n  perpwire cancel 9596912\n  perpwire cancel 9596912 --json`)
    .action((orderId: string, flags: ConnectionFlags) =>
      withCancels(cli, flags, [], async (connector, runtime) => {
        const canceled = await cancelOne(connector, runtime, orderId, flags.timeout);
        if (canceled.error !== undefined) cli.process.setExitCode(EXIT_CODES.failed);
        await new Output(cli, flags).record({ ...canceled });
      }),
    );
}

export function registerCancelAll(program: Command, cli: Cli): void {
  const command = program
    .command("cancel-all")
    .description("cancel every open order of the account, whoever made it, and wait until they have ended")
    .argument("[pair]", "one market only");
  addJournalOption(addConnectionOptions(command, cli))
    .addHelpText("after", `${JOURNAL_REMARK}\nExamples:\n  perpwire cancel-all\n  perpwire cancel-all BTC-USDT --json`)
    .action((pair: string | undefined, flags: ConnectionFlags) =>
      withCancels(cli, flags, pair === undefined ? [] : [pair], async (connector, runtime) => {
        const canceled = await cancelEvery(connector, runtime, pair, flags.timeout);
        if (canceled.some(({ error }) => error !== undefined)) cli.process.setExitCode(EXIT_CODES.failed);
        await new Output(cli, flags).rows(COLUMNS, canceled, "no open orders");
      }),
    );
}

/** A cancel must not have to wait for whoever holds the journal. */
async function withCancels(
  cli: Cli,
  flags: ConnectionFlags,
  tradingPairs: readonly string[],
  work: (connector: PerpetualConnector, runtime: Runtime) => Promise<void>,
): Promise<void> {
  const runtime = await cli.runtime();
  const remark = "canceling at the venue without it";
  await withJournalIfFree(cli, flags, { tradingPairs }, remark, (connector) => work(connector, runtime));
}

async function cancelOne(
  connector: PerpetualConnector,
  runtime: Runtime,
  orderId: string,
  timeoutMs: number,
): Promise<Canceled> {
  const known = findTracked(connector, orderId);
  if (known !== undefined && !known.isDone) return cancelTracked(connector, known, timeoutMs);
  const open = await connector.fetchOpenOrders();
  const order = open.find(({ clientOrderId, exchangeOrderId }) => [clientOrderId, exchangeOrderId].includes(orderId));
  if (order !== undefined) return cancelUntracked(connector, runtime, order, timeoutMs);
  const message = known === undefined ? `no open order "${orderId}"` : `order "${orderId}" is ${known.state} already`;
  throw new NotFoundError(message, { venue: connector.name, hint: "`perpwire orders` lists what is open" });
}

async function cancelEvery(
  connector: PerpetualConnector,
  runtime: Runtime,
  pair: string | undefined,
  timeoutMs: number,
): Promise<readonly Canceled[]> {
  const isMeant = ({ tradingPair }: { readonly tradingPair: string }) => pair === undefined || tradingPair === pair;
  const tracked = trackedOrders(connector).filter(isMeant);
  const ids = new Set(tracked.flatMap(({ exchangeOrderIds }) => exchangeOrderIds));
  const others = (await connector.fetchOpenOrders()).filter(
    (order) => isMeant(order) && !ids.has(order.exchangeOrderId),
  );
  return Promise.all([
    ...tracked.map((order) => cancelTracked(connector, order, timeoutMs)),
    ...others.map((order) => cancelUntracked(connector, runtime, order, timeoutMs)),
  ]);
}

async function cancelTracked(
  connector: PerpetualConnector,
  order: InFlightOrder,
  timeoutMs: number,
): Promise<Canceled> {
  const { error } = await connector.cancel(order.clientOrderId, timeoutMs);
  const { clientOrderId, exchangeOrderId, tradingPair, state } = order;
  return { clientOrderId, exchangeOrderId, tradingPair, state, error: errorText(error) };
}

/** An order of somebody else ends on the account's stream; where that says nothing in time, the venue is asked. */
async function cancelUntracked(
  connector: PerpetualConnector,
  { timers }: Runtime,
  order: VenueOrder,
  timeoutMs: number,
): Promise<Canceled> {
  const { clientOrderId, exchangeOrderId, tradingPair } = order;
  const patience = new AbortController();
  let state: string = order.state;
  const remove = connector.on("externalOrder", ({ order: seen }) => {
    if (seen.exchangeOrderId !== exchangeOrderId) return;
    state = seen.state;
    if (isTerminal(seen.state)) patience.abort();
  });
  try {
    await connector.cancelAtVenue(order);
    await timers.sleep(timeoutMs, patience.signal).catch(() => undefined);
    const isEnded = patience.signal.aborted || !(await isOpen(connector, exchangeOrderId));
    if (isEnded)
      return {
        clientOrderId,
        exchangeOrderId,
        tradingPair,
        state: patience.signal.aborted ? state : "canceled",
        error: undefined,
      };
    return { clientOrderId, exchangeOrderId, tradingPair, state, error: `not ended after ${timeoutMs} ms` };
  } catch (error) {
    return { clientOrderId, exchangeOrderId, tradingPair, state, error: errorText(error) };
  } finally {
    remove();
  }
}

async function isOpen(connector: PerpetualConnector, exchangeOrderId: string): Promise<boolean> {
  return (await connector.fetchOpenOrders()).some((order) => order.exchangeOrderId === exchangeOrderId);
}

function errorText(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  return error instanceof PerpwireError ? `${error.code}: ${error.message}` : describeError(error);
}
