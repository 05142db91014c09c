import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { OrderCollateral } from "../../src/connector/order-collateral.ts";
import { type Decimal, decimal, sum } from "../../src/model/decimal.ts";
import { NotSentError, OrderRejectedError, TransportError } from "../../src/model/error.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { FillLedger } from "../../src/trading/fill-ledger.ts";
import { exposureOf } from "../../src/trading/open-exposure.ts";
import { currentExchangeOrderId, newOrderRecord } from "../../src/trading/order-record.ts";
import { bindExchangeOrderId } from "../../src/trading/order-transitions.ts";
import { reducesOnly } from "../../src/trading/risk-limits.ts";
import { type TrackedOrder, TrackedOrders } from "../../src/trading/tracked-orders.ts";
import { limitBuy, orderUpdate, PAIR, RULE, shownOrder, startProcess, trade } from "./scene.ts";

const FEES = {
  ...{ makerPercentFee: decimal("0"), takerPercentFee: decimal("0"), makerFixedFees: [], takerFixedFees: [] },
  buyPercentFeeDeductedFromReturns: false,
};

/** One thing that may happen to one of six orders. */
const step = fc.record({
  id: fc.integer({ min: 0, max: 5 }),
  what: fc.constantFrom(
    ...(["create", "open", "openUnnamed", "fill", "part", "cancel", "ended", "amend", "amended", "refuse"] as const),
    ...(["replace", "replaced", "unknown", "lost", "missing", "withdraw", "unlisted", "foreign", "restart"] as const),
  ),
  units: fc.integer({ min: 1, max: 40 }),
});
type Step = { readonly id: number; readonly what: string; readonly units: number };

/** A connector's orders and what is summed up over them; `restart` begins another process on the same disk. */
class Life {
  readonly #world = new SimulatedWorld({ seed: 7 });
  #process = this.#start();
  readonly #legs = new Map<string, number>();
  #fills = 0;

  #start() {
    const collateral = new OrderCollateral({
      ...{ isRealTimeBalance: true, hasServerTime: true, now: () => this.#world.now(), rule: () => RULE },
      ...{ leverage: () => decimal("10"), netNotional: () => undefined, feeSchema: () => FEES },
      takerPrice: () => decimal("100"),
    });
    const process = startProcess(this.#world.runtime(), { onOrderChanged: (order) => collateral.note(order) });
    return { ...process, collateral };
  }

  take({ id: number, what, units }: Step): void {
    const { tracker, store } = this.#process;
    const id = `c${number}`;
    const known = tracker.orderByClientId(id);
    if (what === "restart") {
      store.close();
      this.#process = this.#start();
    } else if (what === "foreign") {
      tracker.apply(orderUpdate("open", { clientOrderId: undefined, exchangeOrderId: `x${units}` }));
    } else if (known === undefined) {
      const terms = { side: number % 2 === 0 ? "buy" : "sell", amount: decimal(String(units)) } as const;
      const kind = number === 5 ? ({ type: "market", price: undefined } as const) : {};
      tracker.startTracking(limitBuy(id, { ...terms, ...kind, reduceOnly: number === 4 }));
    } else {
      this.#change(id, what, String(units));
    }
  }

  #change(id: string, what: string, units: string): void {
    const { tracker } = this.#process;
    const leg = this.#legs.get(id) ?? 0;
    const exchangeOrderId = `e${id}.${leg}`;
    const names = { clientOrderId: id, exchangeOrderId };
    const row = { ...shownOrder(units), exchangeOrderId };
    const reset = new TransportError("reset", { bytesMayHaveLeft: true });
    const latest = tracker.amends.of(id).at(-1)?.sequence ?? 0;
    const amount = decimal(units);
    if (what === "open") tracker.apply(orderUpdate("open", { ...names, order: row }));
    else if (what === "openUnnamed")
      tracker.apply(orderUpdate("open", { clientOrderId: id, exchangeOrderId: undefined }));
    else if (what === "fill" || what === "part") {
      this.#fills += 1;
      tracker.apply(trade(`f${this.#fills}`, what === "fill" ? units : "0.25", names));
    } else if (what === "cancel") tracker.cancels.request(id);
    else if (what === "ended") tracker.apply(orderUpdate("canceled", names));
    else if (what === "amend") tracker.amends.requested(id, { amount, price: amount }, false);
    else if (what === "amended")
      tracker.amends.answered(id, latest, { update: orderUpdate("open", { ...names, order: row }) });
    else if (what === "refuse") tracker.fail(id, new OrderRejectedError("no"));
    else if (what === "replace") tracker.amends.requested(id, { amount }, true);
    else if (what === "replaced") {
      this.#legs.set(id, leg + 1);
      tracker.amends.answered(id, latest, { exchangeOrderId: `e${id}.${leg + 1}` });
    } else if (what === "unknown") tracker.markUnknown(id, reset);
    else if (what === "lost") tracker.markLost(id, reset);
    else if (what === "missing") tracker.markMissing(id, new NotSentError("gone"));
    else if (what === "withdraw") tracker.withdraw(id);
    else if (what === "unlisted") tracker.markUnlisted(id);
  }

  /** Sums over every order that has not ended, each looked at now. */
  checkSums(): void {
    const { tracker, collateral } = this.#process;
    const open = [...tracker.activeOrders, ...tracker.lostOrders];
    expect(collateral.exposure.count).toBe(open.length);
    for (const side of ["buy", "sell"] as const) {
      const parts = open.flatMap((order) => {
        if (order.side !== side) return [];
        const { clientOrderId, tradingPair, openAmount: remaining, targetPrice: price, positionAction } = order;
        const opens = positionAction === "open";
        return exposureOf({
          clientOrderId,
          tradingPair,
          side,
          remaining,
          price,
          reducesOnly: reducesOnly(order),
          opens,
        });
      });
      const kept = collateral.exposure.of(PAIR)[side];
      for (const name of ["remaining", "notional", "unpriced", "opening"] as const) {
        expect(kept[name].toFixed()).toBe(sum(parts.map((part): Decimal => part[name])).toFixed());
      }
    }
  }

  /** Orders that are not looked at are those that rest, and nothing else. */
  checkQuiet(): void {
    const { tracker } = this.#process;
    const unquiet = new Set(tracker.unquietOrders);
    const states = tracker.activeOrders.filter((order) => !unquiet.has(order)).map(({ state }) => state);
    expect(states.filter((state) => state !== "open" && state !== "partiallyFilled")).toEqual([]);
    expect(tracker.unknownOrders).toEqual(tracker.activeOrders.filter(({ state }) => state === "unknown"));
    expect(tracker.lostOrders.every(({ state }) => state === "lost")).toBe(true);
    expect(tracker.activeOrders.length + tracker.lostOrders.length).toBe(tracker.liveCount);
  }
}

describe("whatever becomes of the orders", () => {
  test("one whose replacement the venue has named was sent, and cannot be called back", () => {
    const life = new Life();
    for (const what of ["create", "replace", "replaced", "withdraw"]) {
      life.take({ id: 5, what, units: 1 });
      life.checkSums();
      life.checkQuiet();
    }
  });

  test("the sums that are kept are those of the orders that are open, to the last digit", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const life = new Life();
        for (const each of steps) {
          life.take(each);
          life.checkSums();
          life.checkQuiet();
        }
      }),
      { numRuns: 200 },
    );
  });
});

const totals = new FillLedger({ journal: { hasFill: () => false, writeFill: () => undefined } });

function recordOf(id: string, tradingPair = PAIR) {
  return newOrderRecord(limitBuy(id, { tradingPair }), 0, totals.totals(id));
}

const amendOf = (sequence: number, replaces: boolean) => {
  const terms = { price: undefined, amount: decimal("2"), afterMs: undefined, sinceMs: 0 };
  return { sequence, clientOrderId: "a", replaces, progress: "sent", ...terms } as const;
};

describe("the orders that wait for the venue to name them", () => {
  test("are known of each market, whatever came and went", () => {
    const change = fc.record({
      id: fc.integer({ min: 0, max: 4 }),
      what: fc.constantFrom("enter", "name", "replace", "amend", "settle", "retire", "revive"),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const orders = new TrackedOrders(10);
        const all = new Map<number, TrackedOrder>();
        for (const { id, what } of changes) {
          const known = all.get(id);
          if (known === undefined) {
            all.set(id, orders.enter(recordOf(`c${id}`, id < 3 ? PAIR : "ETH-USD")));
            continue;
          }
          const { record } = known;
          if (what === "name") bindExchangeOrderId(record, `e${id}`);
          else if (what === "replace" || what === "amend") record.amends.push(amendOf(1, what === "replace") as never);
          else if (what === "settle") record.amends.length = 0;
          else if (what === "retire") orders.retire(known);
          else if (what === "revive") orders.revive(known);
          orders.noteChange(known);
          for (const pair of [PAIR, "ETH-USD"]) {
            const live = [...orders.allLive()].filter(({ record: { order } }) => order.tradingPair === pair);
            const awaits = live.some(({ record: { amends }, record: own }) => {
              return currentExchangeOrderId(own) === undefined || amends.some(({ replaces }) => replaces);
            });
            expect(orders.someAwaitExchangeId(pair)).toBe(awaits);
          }
        }
      }),
    );
  });

  it("are found without a look at those that have a name", () => {
    let looks = 0;
    const orders = new TrackedOrders(10);
    for (let number = 0; number < 1_000; number += 1) {
      const record = recordOf(`c${number}`);
      const { legs } = record;
      Object.defineProperty(record, "legs", {
        get: () => {
          looks += 1;
          return legs;
        },
      });
      const tracked = orders.enter(record);
      bindExchangeOrderId(record, `e${number}`);
      record.exists = true;
      orders.noteChange(tracked);
    }
    orders.someAwaitExchangeId(PAIR);
    looks = 0;
    for (let update = 0; update < 100; update += 1) expect(orders.someAwaitExchangeId(PAIR)).toBe(false);
    expect(orders.selectUnquiet(() => true)).toEqual([]);
    expect(looks).toBe(0);
  });

  it("take their turns, each once before any comes again", () => {
    const orders = new TrackedOrders(10);
    for (let number = 0; number < 25; number += 1) orders.enter(recordOf(`c${number}`));
    const turns = [1, 2, 3, 4, 5].flatMap(() => orders.takeTurns(10));
    expect(new Set(turns.slice(0, 25)).size).toBe(25);
    expect(new Set(turns.slice(25)).size).toBe(25);
    expect(orders.takeTurns(25)).toHaveLength(25);
  });
});
