import { describe, expect, test } from "vitest";
import { type ReportStep, type Step, type TradeStep, walk } from "../../src/account/position-steps.ts";
import { decimal } from "../../src/model/decimal.ts";

const report = (amount: string, timestampMs: number, untilMs = timestampMs, entryPrice = "100"): ReportStep => ({
  ...{ kind: "report", amount: decimal(amount), timestampMs, untilMs },
  entryPrice: decimal(amount === "0" ? "0" : entryPrice),
});
const trade = (signedAmount: string, timestampMs: number, price = "100"): TradeStep => ({
  ...{ kind: "trade", tradeKey: `${timestampMs}`, sourceId: `${timestampMs}`, timestampMs },
  ...{ price: decimal(price), signedAmount: decimal(signedAmount) },
});
const walked = (...steps: readonly Step[]) => {
  const { end, openMs, unexplainedMs } = walk(undefined, steps);
  return { amount: end.amount.toFixed(), openMs, unexplainedMs };
};

describe("a trade while the account was asked for its position", () => {
  const later = [report("-0.6", 20_000), report("-0.6", 26_000)];

  test("is in the answer that has its amount", () => {
    const all = { amount: "-0.6", openMs: [], unexplainedMs: [] };
    expect(walked(report("-0.6", 1_000, 2_000), trade("-0.6", 1_500), ...later)).toEqual(all);
  });

  test("is in both of two answers to questions that overlap, and no trade is missing", () => {
    const both = [report("-0.6", 1_000, 2_000), report("-0.6", 1_250, 2_300), trade("-0.6", 1_500)];
    expect(walked(...both, ...later)).toEqual({ amount: "-0.6", openMs: [], unexplainedMs: [] });
  });

  test("is in one of them and not in the other, which came sooner", () => {
    const both = [report("-0.6", 1_000, 2_000), report("0", 1_250, 1_400), trade("-0.6", 1_500)];
    expect(walked(...both, ...later)).toEqual({ amount: "-0.6", openMs: [], unexplainedMs: [] });
  });

  test("that was before the question is not in it a second time: the answer has another one", () => {
    const twice = [
      trade("-0.6", 500),
      report("-1.2", 1_000, 2_000),
      report("-1.2", 1_250, 2_300),
      trade("-0.6", 1_500),
    ];
    expect(walked(...twice, report("-1.2", 20_000))).toEqual({ amount: "-1.2", openMs: [], unexplainedMs: [] });
  });
});
