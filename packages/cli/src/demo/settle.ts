import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import { isAbort, PerpwireError } from "../../../../src/model/error.ts";
import type { Position } from "../../../../src/model/position.ts";
import type { Runtime } from "../../../../src/runtime/runtime.ts";
import type { ToldLedger } from "../../../../src/simulation/ledger.ts";
import type { InFlightOrder } from "../../../../src/trading/in-flight-order.ts";
import { splitAmount } from "../../../../src/trading/quantize.ts";

export interface SettleOptions {
  readonly connector: PerpetualConnector;
  readonly ledger: ToldLedger;
  readonly runtime: Pick<Runtime, "clock" | "timers">;
  /**
   * Time that each step may take before it is given up; an order or position that is open then shows as a difference.
   */
  readonly patienceMs: number;
  /** Ends every step at once; it then rejects with the signal's reason. */
  readonly abort: AbortSignal;
}

const CANCEL_MS = 1_000;
const RETRY_MS = 250;
/** Time that a market order may take before it is canceled and looked up. */
const CLOSE_MS = 5_000;

/** Cancels every order and waits until each has ended and its fills add up. Returns whether all have. */
export async function endOrders(options: SettleOptions): Promise<boolean> {
  const { connector, ledger, runtime, patienceMs, abort } = options;
  const giveUpMs = runtime.clock.monotonic() + patienceMs;
  const isOpen = (order: InFlightOrder) => !order.isDone;
  while (ledger.orders.some(isOpen)) {
    abort.throwIfAborted();
    if (runtime.clock.monotonic() > giveUpMs) return false;
    await connector.cancelAll(CANCEL_MS);
  }
  return true;
}

/** Asks the venue for everything again until it answered everything. Returns whether it did. */
export async function refreshAll(options: SettleOptions): Promise<boolean> {
  const { connector, ledger, runtime, patienceMs, abort } = options;
  const giveUpMs = runtime.clock.monotonic() + patienceMs;
  for (;;) {
    abort.throwIfAborted();
    try {
      await connector.refresh();
      return true;
    } catch (error) {
      if (isAbort(error) || !(error instanceof PerpwireError)) throw error;
      ledger.counters.refreshFailures += 1;
      if (runtime.clock.monotonic() > giveUpMs) return false;
      await runtime.timers.sleep(RETRY_MS);
    }
  }
}

/** Closes every position with reduce-only market orders. Returns whether none is left. */
export async function closePositions(options: SettleOptions): Promise<boolean> {
  const { connector, runtime, patienceMs, abort } = options;
  const giveUpMs = runtime.clock.monotonic() + patienceMs;
  while (connector.positions().length > 0) {
    abort.throwIfAborted();
    if (runtime.clock.monotonic() > giveUpMs) return false;
    const orders = connector.positions().flatMap((position) => closeOrders(options, position));
    await untilDone(runtime, orders);
    if (!(await endOrders(options)) || !(await refreshAll(options))) return false;
    if (connector.positions().length > 0) await runtime.timers.sleep(RETRY_MS);
  }
  return true;
}

/**
 * Closes a position with as many orders as the market's rules ask for; one that is refused here is left to the next
 * turn.
 */
function closeOrders({ connector, ledger }: SettleOptions, position: Position): readonly InFlightOrder[] {
  const { tradingPair, amount } = position;
  const orders: InFlightOrder[] = [];
  try {
    for (const slice of splitAmount(connector.tradingRule(tradingPair), "market", amount.abs())) {
      const close = { amount: slice, type: "market", position: "close" } as const;
      const order = amount.isNegative() ? connector.buy(tradingPair, close) : connector.sell(tradingPair, close);
      ledger.add(order);
      orders.push(order);
    }
  } catch (error) {
    if (!(error instanceof PerpwireError)) throw error;
    ledger.counters.ordersRefusedLocally += 1;
  }
  return orders;
}

async function untilDone(runtime: SettleOptions["runtime"], orders: readonly InFlightOrder[]): Promise<void> {
  const patience = new AbortController();
  const ended = Promise.all(orders.map((order) => order.done)).then(() => patience.abort());
  await runtime.timers.sleep(CLOSE_MS, patience.signal).catch(() => ended);
}
