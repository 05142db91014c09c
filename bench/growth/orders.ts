import { decimal } from "../../src/model/decimal.ts";
import { RiskGuard } from "../../src/trading/risk-limits.ts";
import { type Cost, microsecondsOf } from "./cost.ts";
import { limitBuy, listed, live, open, orderUpdate, PAIR, runtime, startProcess, trade } from "./process.ts";

const OPEN_ORDERS = [10, 100, 1_000, 5_000, 10_000];
const REPEATS = 200;

let serial = 0;

/** As `buy()` does between its checks and the first byte: limits, journal, tracker, sums of what is open. */
const create: Cost = {
  what: "check two risk limits, journal and track an order, open orders",
  unit: "us an order",
  sizes: OPEN_ORDERS,
  prepare(size) {
    const started = startProcess();
    open(started, size);
    const guard = new RiskGuard(
      { maxOrderNotional: "1e12", maxMarketNotional: "1e15", maxOpenOrders: 1_000_000 },
      {
        fairPrice: () => decimal("20000"),
        positionAmounts: () => [decimal("1")],
        open: started.collateral.exposure,
        dailyResult: () => decimal("0"),
        monotonicMs: () => runtime.clock.monotonic(),
      },
    );
    const measure = (): number => {
      const ids = Array.from({ length: REPEATS }, () => `n${serial++}`);
      const us = microsecondsOf(REPEATS, () => {
        for (const id of ids) {
          const order = limitBuy(`c${id}`);
          guard.check(order);
          started.tracker.startTracking(order);
        }
      });
      for (const id of ids) started.tracker.apply(orderUpdate(id, "canceled"));
      return us;
    };
    return { measure };
  },
};

const foreign: Cost = {
  what: "update of another's order without client id, open orders",
  unit: "us an update",
  sizes: OPEN_ORDERS,
  prepare(size) {
    const started = startProcess();
    open(started, size);
    const { state, timestampMs } = listed(0);
    const update = { type: "order", tradingPair: PAIR, exchangeOrderId: "other", state, timestampMs } as const;
    const measure = () =>
      microsecondsOf(REPEATS, () => {
        for (let repeat = 0; repeat < REPEATS; repeat += 1) started.tracker.apply(update);
      });
    return { measure };
  },
};

function liveThrough(started: Parameters<typeof live>[0], count: number): void {
  for (let number = 0; number < count; number += 1) live(started, `n${serial++}`);
}

const lives: Cost = {
  what: "an order's life (new, open, one fill, end), open orders",
  unit: "us a life",
  sizes: OPEN_ORDERS,
  prepare(size) {
    const started = startProcess();
    open(started, size);
    const measure = () => microsecondsOf(REPEATS, () => liveThrough(started, REPEATS));
    return { measure };
  },
};

const done: Cost = {
  what: "an order's life, ended orders that came before it",
  unit: "us a life",
  sizes: [10, 100, 500, 2_000, 10_000],
  prepare(size) {
    let started = startProcess();
    const begin = (): void => {
      started = startProcess();
      started.journal.batch(() => liveThrough(started, size));
    };
    const measure = () => {
      begin();
      return microsecondsOf(REPEATS, () => liveThrough(started, REPEATS));
    };
    return { measure };
  },
};

const fills: Cost = {
  what: "one more fill of an order, fills that it has",
  unit: "us a fill",
  sizes: [10, 100, 1_000, 5_000, 10_000],
  prepare(size) {
    const started = startProcess();
    started.tracker.startTracking(limitBuy("cbig", { amount: decimal("1000000") }));
    const fill = () => started.tracker.apply(trade("big", `f${serial++}`, "0.001"));
    started.journal.batch(() => {
      for (let number = 0; number < size; number += 1) fill();
    });
    const measure = () =>
      microsecondsOf(REPEATS, () => {
        for (let repeat = 0; repeat < REPEATS; repeat += 1) fill();
      });
    return { measure };
  },
};

export const orderCosts: readonly Cost[] = [create, foreign, lives, done, fills];
