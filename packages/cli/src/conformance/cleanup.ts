import { describeError } from "../../../../src/model/error.ts";
import type { Position } from "../../../../src/model/position.ts";
import type { Runtime } from "../../../../src/runtime/runtime.ts";
import type { InFlightOrder } from "../../../../src/trading/in-flight-order.ts";
import { check } from "./checks.ts";
import type { ConformanceContext } from "./context.ts";
import { fillsEqualHistory, fillsText } from "./fill-history.ts";
import type { ConformanceRow } from "./row.ts";
import type { Session } from "./sessions.ts";

const ROUNDS = 5;
const CLOSE_MS = 5_000;
const PAUSE_MS = 250;

/** Steps that were taken to leave the account as it was found. */
export interface Cleanup {
  readonly canceledOrders: number;
  readonly closingOrders: readonly InFlightOrder[];
  /** Changes that could not be undone, in words; empty when everything was. */
  readonly problems: readonly string[];
}

/**
 * Cancels the orders that the run created, closes the position of its market (which was flat before the run) and puts
 * changed settings back; orders of others stay. Works after the run was stopped, too. Never rejects.
 */
export async function cleanUp(context: ConformanceContext, timers: Runtime["timers"]): Promise<Cleanup> {
  const { sessions } = context;
  const work = { canceledOrders: 0, closingOrders: [] as InFlightOrder[] };
  let problems: readonly string[] = [];
  const mayHaveLeft = context.orders.length > 0 || context.restore.size > 0;
  if (!sessions.isOpen) {
    if (!mayHaveLeft) return { ...work, problems };
    try {
      await sessions.openMain();
    } catch (error) {
      return { ...work, problems: [`orders and positions may be open: ${describeError(error)}`] };
    }
  }
  for (let round = 1; round <= ROUNDS; round += 1) {
    problems = await cleanUpOnce(context, timers, work);
    if (problems.length === 0) break;
    await timers.sleep(PAUSE_MS);
  }
  return { ...work, problems };
}

async function cleanUpOnce(
  context: ConformanceContext,
  timers: Runtime["timers"],
  work: { canceledOrders: number; readonly closingOrders: InFlightOrder[] },
): Promise<readonly string[]> {
  const { connector, sessions } = context;
  const problems: string[] = [];
  const attempt = async (step: () => Promise<void>) => {
    await step().catch((error: unknown) => problems.push(describeError(error)));
  };
  const cancelOrdersOf = (session: Session) => async () => {
    for (const { success, clientOrderId, error } of await session.cancelAll()) {
      // One that was filled before its cancel has ended as well.
      if (session.order(clientOrderId)?.state === "canceled") work.canceledOrders += 1;
      if (!success) problems.push(error === undefined ? `order ${clientOrderId} has not ended` : describeError(error));
    }
  };
  await attempt(cancelOrdersOf(connector));
  const { openedOther } = sessions;
  if (openedOther !== undefined) await attempt(cancelOrdersOf(openedOther));
  for (const position of context.positions()) {
    await attempt(async () => {
      const order = close(connector, position);
      work.closingOrders.push(order);
      context.orders.push(order);
      await endOf(order, timers);
    });
  }
  // Positions that remain are read anew from the venue, where there was something to close.
  if (work.closingOrders.length > 0) await attempt(() => connector.refresh());
  const left = context.positions().map(({ amount }) => amount.toFixed());
  if (left.length > 0) problems.push(`a position of ${left.join(" and ")} ${context.tradingPair} is left`);
  if (problems.length > 0) return problems;
  for (const [what, putBack] of context.restore) {
    await attempt(async () => {
      await putBack();
      context.restore.delete(what);
    });
  }
  return problems;
}

function close(connector: Session, { tradingPair, amount }: Position): InFlightOrder {
  const options = { amount: amount.abs(), type: "market", position: "close" } as const;
  return amount.isNegative() ? connector.buy(tradingPair, options) : connector.sell(tradingPair, options);
}

async function endOf(order: InFlightOrder, timers: Runtime["timers"]): Promise<void> {
  const over = new AbortController();
  const ended = order.done.then(() => over.abort());
  await timers.sleep(CLOSE_MS, over.signal).catch(() => ended);
}

const matchesHistory: ConformanceRow = {
  id: "cleanup.history",
  group: "cleanup",
  name: "every fill of the run is in the venue's history once, and no other is",
  does: "compares all fills of the run with the account's history",
  changesAccount: false,
  async run(context) {
    const traded = new Map(
      context.orders
        .filter((order) => order.exchangeOrderId !== undefined)
        .map((order) => [order.clientOrderId, order]),
    );
    const fills = await fillsEqualHistory(context, [...traded.values()]);
    const last = fills.at(-1);
    return `${fills.length} fills of ${traded.size} orders${last === undefined ? "" : `, the last ${fillsText([last])}`}`;
  },
};

const leavesNothing: ConformanceRow = {
  id: "cleanup.flat",
  group: "cleanup",
  name: "the account is flat again and no order of the run is left",
  does: "asks the venue in a new session for positions and orders of the market",
  changesAccount: false,
  async run(context) {
    const { tradingPair } = context;
    await using look = await context.sessions.look();
    const positions = context.positions(look);
    check(positions.length === 0, `the venue has ${positions.map(({ amount }) => amount.toFixed()).join(" and ")}`);
    const orders = (await look.fetchOpenOrders([tradingPair])).filter((order) => order.tradingPair === tradingPair);
    check(
      orders.length === 0,
      `${orders.length} orders are open: ${orders.map((order) => order.exchangeOrderId).join()}`,
    );
    const [lost, open] = [context.connector.lostOrders.length, context.connector.inFlightOrders.size];
    check(lost + open === 0, `the connector still tracks ${open} open and ${lost} lost orders`);
    return `no position and no order on ${tradingPair}, ${look.balance(context.collateralToken).toFixed()} ${context.collateralToken} left`;
  },
};

export const CLEANUP_ROWS: readonly ConformanceRow[] = [matchesHistory, leavesNothing];
