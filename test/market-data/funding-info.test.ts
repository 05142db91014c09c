import { describe, expect, test } from "vitest";
import { FundingInfoTracker } from "../../src/market-data/funding-info.ts";
import { Decimal } from "../../src/model/decimal.ts";
import { NotFoundError } from "../../src/model/error.ts";
import type { FundingInfo, FundingInfoUpdate } from "../../src/model/funding.ts";

const whole: FundingInfo = {
  tradingPair: "BTC-USD",
  indexPrice: new Decimal("100"),
  markPrice: new Decimal("101"),
  rate: new Decimal("0.0001"),
  nextFundingTimestampMs: 3_600_000,
  kind: "predicted",
  timestampMs: 10,
};

describe("funding info", () => {
  test("is ready when every field of every market is known", () => {
    const tracker = new FundingInfoTracker(["BTC-USD", "ETH-USD"]);
    tracker.apply({ tradingPair: "BTC-USD", timestampMs: 1, markPrice: whole.markPrice, kind: "predicted" });
    expect(tracker.ready("BTC-USD")).toBe(false);
    expect(() => tracker.fundingInfo("BTC-USD")).toThrow("is not known yet");
    const { indexPrice, rate, nextFundingTimestampMs } = whole;
    tracker.apply({ tradingPair: "BTC-USD", timestampMs: 2, indexPrice, rate, nextFundingTimestampMs });
    expect(tracker.fundingInfo("BTC-USD")).toEqual({ ...whole, timestampMs: 2 });
    expect([tracker.ready("BTC-USD"), tracker.ready()]).toEqual([true, false]);
    tracker.apply({ ...whole, tradingPair: "ETH-USD" });
    expect(tracker.ready()).toBe(true);
  });

  test("a field that a message leaves out, or leaves undefined, keeps its value", () => {
    const tracker = new FundingInfoTracker(["BTC-USD"]);
    tracker.apply(whole);
    const partial = { tradingPair: "BTC-USD", timestampMs: 11, markPrice: new Decimal("102"), rate: undefined };
    tracker.apply(partial as unknown as FundingInfoUpdate);
    expect(tracker.fundingInfo("BTC-USD").markPrice.toFixed()).toBe("102");
    expect(tracker.fundingInfo("BTC-USD").rate.toFixed()).toBe("0.0001");
  });

  test("what is older than what is known changes nothing, nor what is about another market", () => {
    const tracker = new FundingInfoTracker(["BTC-USD"]);
    const seen: FundingInfo[] = [];
    tracker.onUpdate((info) => seen.push(info));
    tracker.apply(whole);
    tracker.apply({ ...whole, timestampMs: 9, markPrice: new Decimal("1") });
    tracker.apply({ ...whole, tradingPair: "ETH-USD" });
    expect(seen).toEqual([whole]);
    expect(() => tracker.fundingInfo("ETH-USD")).toThrow(NotFoundError);
  });

  test("a rate that comes once a minute is news, although the mark price before it is newer", () => {
    const tracker = new FundingInfoTracker(["BTC-USD"]);
    tracker.apply(whole);
    tracker.apply({ tradingPair: "BTC-USD", timestampMs: 50, markPrice: new Decimal("102") });
    tracker.apply({ tradingPair: "BTC-USD", timestampMs: 40, rate: new Decimal("0.0002"), kind: "predicted" });
    expect(tracker.fundingInfo("BTC-USD")).toMatchObject({ timestampMs: 50, rate: new Decimal("0.0002") });
    tracker.apply({ tradingPair: "BTC-USD", timestampMs: 39, rate: new Decimal("9"), markPrice: new Decimal("9") });
    expect(tracker.fundingInfo("BTC-USD").rate.toFixed()).toBe("0.0002");
    expect(tracker.fundingInfo("BTC-USD").markPrice.toFixed()).toBe("102");
  });

  test("a market that is followed anew starts without the times of before", () => {
    const tracker = new FundingInfoTracker(["BTC-USD"]);
    tracker.apply({ ...whole, timestampMs: 100 });
    tracker.removeTradingPair("BTC-USD");
    tracker.addTradingPair("BTC-USD");
    tracker.apply(whole);
    expect(tracker.fundingInfo("BTC-USD").timestampMs).toBe(10);
  });

  test("a listener that throws is reported and stops nobody else", () => {
    const errors: unknown[] = [];
    const tracker = new FundingInfoTracker(["BTC-USD"], (error) => errors.push(error));
    let seen = 0;
    tracker.onUpdate(() => {
      throw new Error("mine");
    });
    const stop = tracker.onUpdate(() => {
      seen += 1;
    });
    tracker.apply(whole);
    stop();
    tracker.apply(whole);
    expect([seen, errors.length]).toEqual([1, 2]);
  });

  test("markets come and go", () => {
    const tracker = new FundingInfoTracker([]);
    expect(tracker.ready()).toBe(true);
    tracker.addTradingPair("BTC-USD");
    expect(tracker.ready()).toBe(false);
    tracker.apply(whole);
    tracker.addTradingPair("BTC-USD");
    expect(tracker.ready()).toBe(true);
    tracker.removeTradingPair("BTC-USD");
    expect(tracker.tradingPairs).toEqual([]);
    expect(() => tracker.fundingInfo("BTC-USD")).toThrow(NotFoundError);
  });
});
