import { describe, expect, test, vi } from "vitest";
import { FundingLedger, type FundingLedgerOptions } from "../../src/account/funding-ledger.ts";
import { decimal } from "../../src/model/decimal.ts";
import type { FundingPayment } from "../../src/model/funding.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { OrderJournal } from "../../src/trading/order-journal.ts";

const START_MS = 1_704_067_200_000;
const HOUR_MS = 3_600_000;

function start(world: SimulatedWorld, options: Partial<FundingLedgerOptions> = {}) {
  const { clock, random, journals } = world.runtime();
  const store = journals.open("j");
  const journal = new OrderJournal({ store, connectorName: "t", accountKey: "a", random, logger: SILENT_LOGGER });
  return { store, journal, ledger: new FundingLedger({ journal, clock, ...options }) };
}

const payment = (paymentId: string, amount: string, hours: number, tradingPair = "BTC-USD"): FundingPayment => ({
  paymentId,
  tradingPair,
  asset: "USD",
  amount: decimal(amount),
  rate: decimal("0.0001"),
  timestampMs: START_MS + hours * HOUR_MS,
});

describe("the funding ledger", () => {
  test("counts a payment once, by its id, and sums by market and asset", () => {
    const { ledger } = start(new SimulatedWorld({ seed: 1 }));
    expect(ledger.record(payment("p1", "-1.5", 1))).toEqual({ kind: "new" });
    expect(ledger.record(payment("p1", "-1.5", 1))).toEqual({ kind: "known" });
    expect(ledger.record(payment("p2", "0.5", 2))).toEqual({ kind: "new" });
    expect(ledger.record(payment("p3", "9", 2, "ETH-USD"))).toEqual({ kind: "new" });
    expect(ledger.total("BTC-USD", "USD").toFixed()).toBe("-1");
    expect(ledger.total("BTC-USD", "BTC").toFixed()).toBe("0");
  });

  test("adds up payments that the journal has forgotten, also after a restart", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { ledger, journal } = start(world);
    for (let hour = 0; hour < 10; hour += 1) ledger.record(payment(`p${hour}`, "-1", hour));
    expect(journal.pruneFunding(START_MS + 7 * HOUR_MS, "", 4)).toBe("p3");
    expect(journal.pruneFunding(START_MS + 7 * HOUR_MS, "p3", 100)).toBeUndefined();
    expect(journal.fundingPayments().map(({ paymentId }) => paymentId)).toEqual(["p7", "p8", "p9"]);
    expect(ledger.total("BTC-USD", "USD").toFixed()).toBe("-10");
    world.kill("main");
    const again = start(world).ledger;
    expect(again.total("BTC-USD", "USD").toFixed()).toBe("-10");
  });

  test("reads no payment to say what they add up to, however many there are", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { ledger } = start(world);
    for (let hour = 0; hour < 100; hour += 1) ledger.record(payment(`p${hour}`, "0.1", hour));
    world.kill("main");
    const again = start(world);
    const read = vi.spyOn(again.store, "get");
    const listed = vi.spyOn(again.store, "entries");
    expect(again.ledger.total("BTC-USD", "USD").toFixed()).toBe("10");
    expect(read.mock.calls.length + listed.mock.calls.length).toBe(0);
  });

  test("counts payments of a journal of format 2 once, whose totals were those of forgotten payments alone", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { ledger, store } = start(world);
    for (let hour = 0; hour < 3; hour += 1) ledger.record(payment(`p${hour}`, "-1", hour));
    store.put("t.a.fundingTotals", "BTC-USD|USD", "-10");
    store.put("t.a.meta", "version", "2");
    world.kill("main");
    world.journals.failAfter(1);
    expect(() => start(world)).toThrow(/disk is full/);
    world.kill("main");
    world.journals.repair();
    expect(start(world).ledger.total("BTC-USD", "USD").toFixed()).toBe("-13");
    world.kill("main");
    expect(start(world).ledger.total("BTC-USD", "USD").toFixed()).toBe("-13");
  });

  test("a payment and the total that it counts in are written together or not at all", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { ledger } = start(world);
    ledger.record(payment("p1", "-1", 1));
    world.journals.failAfter(1);
    ledger.record(payment("p2", "-2", 2));
    world.kill("main");
    world.journals.repair();
    const again = start(world).ledger;
    expect(again.total("BTC-USD", "USD").toFixed()).toBe("-1");
    expect(again.record(payment("p2", "-2", 2))).toEqual({ kind: "new" });
    expect(again.total("BTC-USD", "USD").toFixed()).toBe("-3");
  });

  test("never asks for payments that may be forgotten, and does not believe a cursor in the future", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const horizonMs = () => START_MS - 48 * HOUR_MS;
    const { journal } = start(world, { horizonMs });
    const ledgerAt = (cursorMs: number): FundingLedger => {
      journal.setCursor("funding|BTC-USD", String(cursorMs));
      return new FundingLedger({ journal, clock: world.runtime().clock, horizonMs });
    };
    expect(ledgerAt(START_MS - 1_000 * HOUR_MS).backfillSince(["BTC-USD"])).toBe(START_MS - 48 * HOUR_MS);
    const ledger = ledgerAt(START_MS + HOUR_MS);
    expect(ledger.backfillSince(["BTC-USD"])).toBe(START_MS - 24 * HOUR_MS);
    ledger.backfilled(["BTC-USD"], START_MS);
    expect(ledger.backfillSince(["BTC-USD"])).toBe(START_MS - 2 * HOUR_MS);
  });

  test("two equal payments with different ids are two payments", () => {
    const { ledger } = start(new SimulatedWorld({ seed: 1 }));
    ledger.record(payment("p1", "1", 1));
    ledger.record(payment("p2", "1", 1));
    expect(ledger.total("BTC-USD", "USD").toFixed()).toBe("2");
  });

  test("a payment that the venue corrects counts with its last amount, also after a restart", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { ledger } = start(world);
    ledger.record(payment("p1", "-1.5", 1));
    expect(ledger.record(payment("p1", "-1.2", 1))).toMatchObject({ kind: "corrected", previous: { paymentId: "p1" } });
    expect(ledger.record(payment("p1", "-1.2", 1))).toEqual({ kind: "known" });
    expect(ledger.total("BTC-USD", "USD").toFixed()).toBe("-1.2");
    world.kill("main");
    expect(start(world).ledger.total("BTC-USD", "USD").toFixed()).toBe("-1.2");
  });

  test("after a restart nothing is counted twice and nothing is forgotten", () => {
    const world = new SimulatedWorld({ seed: 1 });
    start(world).ledger.record(payment("p1", "-0.000000000000000000001", 1));
    world.kill("main");
    const { ledger } = start(world);
    expect(ledger.total("BTC-USD", "USD").toFixed()).toBe("-0.000000000000000000001");
    expect(ledger.record(payment("p1", "-0.000000000000000000001", 1))).toEqual({ kind: "known" });
  });

  test("the first back-fill goes back as far as asked, later ones to the cursor less an overlap for late rows", () => {
    const world = new SimulatedWorld({ seed: 1, startMs: START_MS });
    const { ledger } = start(world, { historyMs: 24 * HOUR_MS, overlapMs: 2 * HOUR_MS });
    expect(ledger.backfillSince(["BTC-USD"])).toBe(START_MS - 24 * HOUR_MS);
    ledger.backfilled(["BTC-USD"], START_MS);
    expect(ledger.backfillSince(["BTC-USD"])).toBe(START_MS - 2 * HOUR_MS);
    ledger.backfilled(["BTC-USD"], START_MS - HOUR_MS);
    expect(ledger.backfillSince(["BTC-USD"])).toBe(START_MS - 2 * HOUR_MS);
    expect(ledger.record(payment("late", "1", -1))).toEqual({ kind: "new" });
  });

  test("the cursor survives a restart, and a market that is new does not start at the cursor of another", () => {
    const world = new SimulatedWorld({ seed: 1, startMs: START_MS });
    start(world).ledger.backfilled(["BTC-USD"], START_MS);
    world.kill("main");
    const { ledger } = start(world, { historyMs: 24 * HOUR_MS, overlapMs: 0 });
    expect(ledger.backfillSince(["BTC-USD"])).toBe(START_MS);
    expect(ledger.backfillSince(["BTC-USD", "ETH-USD"])).toBe(START_MS - 24 * HOUR_MS);
    expect(ledger.backfillSince([])).toBe(START_MS - 24 * HOUR_MS);
  });

  test("wherever the process is killed in a back-fill, the next one brings every payment once", () => {
    for (let writes = 0; writes < 10; writes += 1) {
      const world = new SimulatedWorld({ seed: 1, startMs: START_MS });
      const rows = [payment("p1", "1", -3), payment("p2", "2", -2), payment("p3", "4", -1)];
      world.runtime();
      world.killAfterWrites("main", writes);
      const backfill = () => {
        const { ledger } = start(world);
        const since = ledger.backfillSince(["BTC-USD"]);
        for (const row of rows) if (row.timestampMs >= since) ledger.record(row);
        ledger.backfilled(["BTC-USD"], START_MS);
        return ledger;
      };
      backfill();
      world.kill("main");
      expect(backfill().total("BTC-USD", "USD").toFixed(), `after ${writes} writes`).toBe("7");
    }
  });
});
