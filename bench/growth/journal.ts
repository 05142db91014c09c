import { FundingLedger } from "../../src/account/funding-ledger.ts";
import { decimal } from "../../src/model/decimal.ts";
import type { FundingPayment } from "../../src/model/funding.ts";
import type { JournalStore } from "../../src/runtime/runtime.ts";
import { type Cost, microsecondsOf } from "./cost.ts";
import { live, open, PAIR, runtime, startProcess } from "./process.ts";

/** A store that outlives the process that opened it. */
const kept = (store: JournalStore): JournalStore => store;

const restart: Cost = {
  what: "restart with open orders in the journal",
  unit: "us an order",
  sizes: [100, 1_000, 10_000, 50_000],
  prepare(size) {
    const store = kept(runtime.journals.open(":memory:"));
    open(startProcess({}, store), size);
    return { measure: () => microsecondsOf(size, () => startProcess({}, store)) };
  },
};

const payment = (number: number): FundingPayment => ({
  paymentId: `p${number}`,
  tradingPair: PAIR,
  timestampMs: 1_700_000_000_000 + number * 3_600_000,
  asset: "USD",
  amount: decimal("0.25"),
  rate: decimal("0.0001"),
});

function ledgerOf(size: number) {
  const { journal, store } = startProcess();
  const ledger = new FundingLedger({ journal, clock: runtime.clock });
  journal.batch(() => {
    for (let number = 0; number < size; number += 1) ledger.record(payment(number));
  });
  return { store, ledger };
}

const PAYMENTS = [100, 1_000, 10_000, 100_000];

const fundingRecord: Cost = {
  what: "one more funding payment, payments in the journal",
  unit: "us a payment",
  sizes: PAYMENTS,
  prepare(size) {
    const { ledger } = ledgerOf(size);
    let next = size;
    const measure = () =>
      microsecondsOf(100, () => {
        for (let count = 0; count < 100; count += 1) ledger.record(payment(next++));
      });
    return { measure };
  },
};

const fundingTotal: Cost = {
  what: "restart and ask what funding adds up to, payments in the journal",
  unit: "ms",
  sizes: PAYMENTS,
  prepare(size) {
    const { store } = ledgerOf(size);
    const ask = () => {
      const { journal } = startProcess({}, store);
      return new FundingLedger({ journal, clock: runtime.clock }).total(PAIR, "USD");
    };
    return { measure: () => microsecondsOf(1_000, ask) };
  },
};

const fillKeys: Cost = {
  what: "prune 500 fill keys, keys in the journal",
  unit: "us a piece",
  sizes: [1_000, 10_000, 50_000],
  prepare(size) {
    const started = startProcess();
    started.journal.batch(() => {
      for (let number = 0; number < size; number += 1) live(started, number);
    });
    return { measure: () => microsecondsOf(1, () => started.journal.pruneFills(0, "", 500)) };
  },
};

export const journalCosts: readonly Cost[] = [restart, fundingRecord, fundingTotal, fillKeys];
