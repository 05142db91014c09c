import { describe, expect, it } from "vitest";
import { BTC, Desk, ETH, HOUR_MS, imbalance, NO_FEES, of, START_MS, u } from "./harness.ts";

/** `ann` is long 10 from `bob` at 100, and a two-sided book of `cid` stands around `middle`. */
function market(middle: number, config = {}): Desk {
  const d = new Desk({ ...NO_FEES, ...config });
  d.open("ann", "bob", "cid");
  d.place("bob", "sell", "10", { price: "100" });
  d.place("ann", "buy", "10", { price: "100" });
  d.place("cid", "buy", "1", { price: String(middle - 0.5) });
  d.place("cid", "sell", "1", { price: String(middle + 0.5) });
  return d;
}

function mark(d: Desk): bigint | undefined {
  return d.engine.market("BTC-USD")?.mark;
}

describe("mark price", () => {
  it("is index on an empty book", () => {
    const d = new Desk();
    d.index("105");
    expect(mark(d)).toBe(u("105"));
  });

  it("is index held within the best bid and ask before the first trade", () => {
    const d = new Desk();
    d.open("cid");
    d.place("cid", "buy", "1", { price: "101" });
    d.place("cid", "sell", "1", { price: "103" });
    d.index("100");
    expect(mark(d)).toBe(u("101"));
    d.index("102.25");
    expect(mark(d)).toBe(u("102.25"));
  });

  it("is the median of index, the middle of the book and the last trade", () => {
    const d = market(102);
    d.index("101");
    expect(mark(d)).toBe(u("101"));
    d.index("99");
    expect(mark(d)).toBe(u("100"));
    d.index("104");
    expect(mark(d)).toBe(u("102"));
  });

  it("stays within 5 % of index", () => {
    const d = market(102);
    d.index("90");
    expect(mark(d)).toBe(u("94.5"));
  });

  it("moves with time and index, and tells only when it moved", () => {
    const d = market(102);
    expect(of(d.advance(), "markChanged")).toEqual([]);
    expect(of(d.index("101"), "markChanged")).toEqual([
      { type: "markChanged", market: "BTC-USD", mark: u("101"), index: u("101") },
    ]);
  });
});

describe("funding", () => {
  it("makes longs pay shorts when mark is above index", () => {
    const d = market(104);
    d.place("cid", "buy", "0.1", { price: "104" });
    d.place("ann", "sell", "0.1", { price: "104" });
    d.index("100");
    expect(mark(d)).toBe(u("104"));
    const events = d.advance(START_MS + HOUR_MS);
    const rate = (u("0.04") + 12n) / 24n;
    expect(of(events, "fundingSettled")[0]).toMatchObject({
      rate: { market: "BTC-USD", rate, timeMs: START_MS + HOUR_MS },
    });
    const paid = of(events, "fundingPaid").map(({ payment }) => [payment.accountId, payment.amount < 0n]);
    expect(paid).toEqual([
      ["ann", true],
      ["bob", false],
      ["cid", true],
    ]);
    expect(d.engine.fundingPayments("ann")[0]?.amount).toBe(-u("1.71600343"));
    expect(imbalance(d.engine)).toBe(0n);
  });

  it("weighs the premium with the time that it held", () => {
    const d = market(102);
    d.nowMs += HOUR_MS / 4;
    d.index("98");
    d.nowMs += HOUR_MS / 2;
    d.index("100");
    const [settled] = of(d.advance(START_MS + HOUR_MS), "fundingSettled");
    const premium = 2_040_816n;
    expect(settled?.rate.rate).toBe((premium + 24n) / 48n);
  });

  it("settles each interval that a long pause skipped, in order, once", () => {
    const d = market(102);
    d.index("99");
    const events = d.advance(START_MS + 3 * HOUR_MS + 5);
    const hours = of(events, "fundingSettled")
      .filter(({ rate }) => rate.market === "BTC-USD")
      .map(({ rate }) => (rate.timeMs - START_MS) / HOUR_MS);
    expect(hours).toEqual([1, 2, 3]);
    expect(d.engine.fundingPayments("ann")).toHaveLength(3);
    const ids = [...d.engine.fundingPayments("ann"), ...d.engine.fundingPayments("bob")].map((paid) => paid.paymentId);
    expect(new Set(ids).size).toBe(6);
    expect(of(d.advance(), "fundingSettled")).toEqual([]);
    expect(d.engine.fundingRates("BTC-USD")).toHaveLength(3);
    expect(d.engine.market("BTC-USD")?.nextFundingMs).toBe(START_MS + 4 * HOUR_MS);
  });

  it("settles markets of different intervals in the order of their times", () => {
    const d = new Desk({ markets: [{ ...BTC, fundingIntervalMs: 2 * HOUR_MS }, ETH] });
    const events = of(d.advance(START_MS + 4 * HOUR_MS), "fundingSettled");
    const settled = events.map(({ rate }) => `${rate.market} ${(rate.timeMs - START_MS) / HOUR_MS}`);
    expect(settled).toEqual(["ETH-USD 1", "BTC-USD 2", "ETH-USD 2", "ETH-USD 3", "BTC-USD 4", "ETH-USD 4"]);
  });

  it("settles before the index moves, with the mark of its time", () => {
    const d = market(102);
    d.index("99");
    d.nowMs = START_MS + HOUR_MS + 1;
    expect(of(d.index("104"), "fundingSettled")).toHaveLength(2);
    const rate = d.engine.fundingRates("BTC-USD")[0]!.rate;
    expect(rate).toBe((1_010_101n + 12n) / 24n);
    expect(d.engine.fundingPayments("ann")[0]?.amount).toBe(-rate * 1_000n);
    expect(of(d.advance(), "fundingSettled")).toEqual([]);
  });

  it("is due on whole intervals of the epoch, whenever the engine started", () => {
    const d = new Desk({ startMs: START_MS + 1_234 });
    expect(d.engine.market("BTC-USD")?.nextFundingMs).toBe(START_MS + HOUR_MS);
  });

  it("predicts the rate that the running interval would settle with", () => {
    const d = market(102);
    d.index("98");
    d.advance(START_MS + HOUR_MS / 2);
    const predicted = d.engine.market("BTC-USD")?.predictedRate;
    expect(predicted).toBe((2_040_816n + 12n) / 24n);
    d.advance(START_MS + HOUR_MS);
    expect(d.engine.fundingRates("BTC-USD")[0]?.rate).toBe(predicted);
  });

  it("puts what rounding leaves into the residue", () => {
    const d = new Desk(NO_FEES);
    d.open("ann", "bob", "cid");
    d.place("bob", "sell", "0.333", { price: "100" });
    d.place("cid", "sell", "0.334", { price: "100" });
    d.place("ann", "buy", "0.667", { price: "100" });
    d.place("cid", "buy", "1", { price: "99.5" });
    d.place("cid", "sell", "1", { price: "101" });
    d.index("99.99");
    for (let hour = 1; hour <= 5; hour++) d.advance(START_MS + hour * HOUR_MS);
    expect(d.engine.fundingPayments("ann")).toHaveLength(5);
    expect(imbalance(d.engine)).toBe(0n);
  });

  it("pays nobody who is flat", () => {
    const d = market(102);
    d.index("99");
    d.advance(START_MS + HOUR_MS);
    expect(d.engine.fundingPayments("cid")).toEqual([]);
  });
});
