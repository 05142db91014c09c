import { describe, expect, it } from "vitest";
import type { FaultConfig } from "../../src/paper/faults.ts";
import { recordEvents } from "../../src/testing/kit/recording.ts";
import { beginPaperRun, end, newProcess, PAIR, type PaperRun, ready } from "../support/paper-run.ts";

const BAD_DAY: FaultConfig = {
  latencyMs: [1, 40],
  dropFrame: 0.02,
  repeatFrame: 0.02,
  breakSequence: 0.005,
  resetAfterAccept: 0.1,
  error5xx: 0.05,
  error429: 0.02,
  disconnect: 0.02,
};

describe("a connector on a bad day", () => {
  it.each([1, 2, 3])("reconciles with the venue afterwards, seed %i", async (seed) => {
    const run = await beginPaperRun(seed, { quiet: false });
    const events = recordEvents(run.connector);
    await ready(run);
    run.venue.faults.set(BAD_DAY);
    for (let round = 0; round < 12; round += 1) {
      await run.world.advance(2_500);
      const book = run.connector.orderBook(PAIR);
      if (!book.isValid) continue;
      const price = book.bestBid?.price.minus(round % 3).toFixed() ?? "19000";
      const side = round % 2 === 0 ? "buy" : "sell";
      const order = run.connector[side](PAIR, { amount: "0.01", price, position: "open" });
      await run.world.advance(400);
      if (round % 3 === 0) void run.connector.cancel(order.clientOrderId);
    }
    run.venue.faults.clear();
    await run.world.advance(60_000);
    for (const order of run.connector.inFlightOrders.values()) void run.connector.cancel(order.clientOrderId);
    await run.world.advance(30_000);
    expect(run.connector.ready).toBe(true);
    expect(run.connector.inFlightOrders.size).toBe(0);
    const fills = events.flatMap((each) => (each.name === "orderFilled" ? [each.event] : []));
    const truth = run.venue.truth();
    expect(fills.map((fill) => fill.fillId).toSorted()).toEqual(
      truth.fills.map(({ fillId }) => String(fillId)).toSorted(),
    );
    assertReconciledOrders(run);
    expect(run.logger.text).not.toContain(run.venue.apiSecret);
    await end(run);
  });
});

/** Orders that the venue never saw have failed; all others are what the venue says. */
function assertReconciledOrders({ venue, connector }: PaperRun): void {
  const truth = venue.truth();
  for (const order of truth.orders) {
    const ours = connector.order(order.clientId ?? "");
    expect(ours?.executedAmount.toFixed()).toBe(order.filled);
    expect(ours?.state).toBe(order.filled === order.size ? "filled" : "canceled");
  }
  const size = truth.positions.find(({ market }) => market === PAIR)?.size ?? "0";
  expect(connector.position(PAIR)?.amount.toFixed() ?? "0").toBe(size);
}

/** One turn of a strategy: quote, sometimes cancel, sometimes amend. */
async function quote({ connector, world }: PaperRun, round: number): Promise<void> {
  const book = connector.orderBook(PAIR);
  if (!book.isValid) return;
  const price = book.bestBid?.price.minus(round % 3).toFixed() ?? "19000";
  const order = connector[round % 2 === 0 ? "buy" : "sell"](PAIR, { amount: "0.01", price, position: "open" });
  await world.advance(400);
  if (round % 3 === 0) void connector.cancel(order.clientOrderId);
  if (round % 3 === 1) {
    const lower = (Number(price) - 2).toFixed();
    connector.amend(order.clientOrderId, { price: lower }).catch(() => undefined);
  }
}

describe("a connector that is killed on a bad day", () => {
  it.each([1, 2, 3])(
    "counts every fill and every funding payment once, and tells none twice in a life, seed %i",
    async (seed) => {
      const run = await beginPaperRun(seed, { quiet: false, fundingIntervalMs: 7_000 });
      // One a process: what the one before may not have told is told again.
      const told: { readonly fills: string[]; readonly payments: string[] }[] = [];
      const listen = (): void => {
        const { connector } = run;
        const [fills, payments]: [string[], string[]] = [[], []];
        told.push({ fills, payments });
        connector.on("orderFilled", (fill) => fills.push(fill.fillId));
        connector.on("fundingPayment", (payment) => payments.push(payment.paymentId));
      };
      listen();
      await ready(run);
      run.venue.faults.set(BAD_DAY);
      for (let round = 0; round < 10; round += 1) {
        if (round === 3 || round === 7) run.world.killAfterWrites("connector", (seed * 7 + round) % 9);
        await quote(run, round);
        await run.world.advance(2_000);
        if (round !== 4 && round !== 8) continue;
        run.world.kill("connector");
        run.venue.faults.clear();
        await run.world.advance(3_000);
        run.connector = await newProcess(run);
        listen();
        await ready(run);
        run.venue.faults.set(BAD_DAY);
      }
      run.venue.faults.clear();
      await run.world.advance(60_000);
      for (const order of run.connector.inFlightOrders.values()) void run.connector.cancel(order.clientOrderId);
      await run.world.advance(60_000);
      await run.world.run(run.connector.refresh());
      const truth = run.venue.truth();
      expect(run.connector.inFlightOrders.size).toBe(0);
      expect(run.connector.lostOrders).toEqual([]);
      expect(truth.orders.filter(({ status }) => status !== "closed")).toEqual([]);
      for (const { fills, payments } of told) {
        expect(new Set(fills).size).toBe(fills.length);
        expect(new Set(payments).size).toBe(payments.length);
      }
      expect(new Set(told.flatMap(({ fills }) => fills)).size).toBe(truth.fills.length);
      const ours = run.connector.fundingPayments().map(({ paymentId, amount }) => [paymentId, amount.toFixed()]);
      const theirs = truth.fundingPayments.map(({ paymentId, amount }) => [String(paymentId), amount]);
      expect(ours.toSorted()).toEqual(theirs.toSorted());
      const size = truth.positions.find(({ market }) => market === PAIR)?.size ?? "0";
      expect(run.connector.position(PAIR)?.amount.toFixed() ?? "0").toBe(size);
      assertExecuted(run);
      await end(run);
      expect(run.logger.text).not.toContain(run.venue.apiSecret);
    },
  );
});

/** What was executed of an order, its replacements included. */
function assertExecuted({ venue, connector }: PaperRun): void {
  const executed = new Map<string, number>();
  for (const { clientId, filled } of venue.truth().orders) {
    const id = (clientId ?? "").replace(/-a\d+$/, "");
    executed.set(id, (executed.get(id) ?? 0) + Number(filled));
  }
  for (const [id, amount] of executed) expect(Number(connector.order(id)?.executedAmount), id).toBeCloseTo(amount, 8);
}
