import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decimal, ZERO } from "../../src/model/decimal.ts";
import type { TradeFeeSchema } from "../../src/model/fee.ts";
import type { TradingRule } from "../../src/model/market.ts";
import { type OrderCandidate, PerpetualBudgetChecker } from "../../src/trading/budget-checker.ts";
import { PAIR, RULE } from "./scene.ts";

const SCHEMA: TradeFeeSchema = {
  makerPercentFee: decimal("0.001"),
  takerPercentFee: decimal("0.002"),
  makerFixedFees: [],
  takerFixedFees: [],
  buyPercentFeeDeductedFromReturns: false,
};

function checker(
  balances: Record<string, string>,
  options: { schema?: Partial<TradeFeeSchema>; rule?: Partial<TradingRule> } = {},
) {
  const rule = { ...RULE, ...options.rule };
  return new PerpetualBudgetChecker({
    availableBalance: (token) => decimal(balances[token] ?? "0"),
    buyCollateralToken: () => rule.buyOrderCollateralToken,
    sellCollateralToken: () => rule.sellOrderCollateralToken,
    feeSchema: () => ({ ...SCHEMA, ...options.schema }),
    tradingRule: () => rule,
  });
}

function candidate(changes: Partial<OrderCandidate> = {}): OrderCandidate {
  return {
    tradingPair: PAIR,
    side: "buy",
    type: "limit",
    amount: decimal("1"),
    price: decimal("100"),
    leverage: decimal("10"),
    positionAction: "open",
    isMaker: true,
    ...changes,
  };
}

describe("collateral of a perpetual order", () => {
  test("is the notional over the leverage, and the percent fee is on the whole notional", () => {
    const populated = checker({}).populateCollateralEntries(candidate());
    expect(populated.orderCollateral).toEqual({ token: "USD", amount: decimal("10") });
    expect(populated.percentFeeCollateral).toEqual({ token: "USD", amount: decimal("0.1") });
    expect(populated.percentFeeValue.amount.toFixed()).toBe("0.1");
    expect(populated.potentialReturns).toBeUndefined();
    expect(populated.collateral.get("USD")?.toFixed()).toBe("10.1");
  });

  test("a taker pays the taker's fee and flat fees are collateral of their own token", () => {
    const flat = { takerFixedFees: [{ token: "FTT", amount: decimal("2") }] };
    const populated = checker({}, { schema: flat }).populateCollateralEntries(candidate({ isMaker: false }));
    expect(populated.percentFeeCollateral?.amount.toFixed()).toBe("0.2");
    expect(populated.fixedFeeCollaterals).toEqual(flat.takerFixedFees);
    expect(populated.collateral.get("FTT")?.toFixed()).toBe("2");
  });

  test("closing needs none: the position is the collateral, and the fee comes out of what it releases", () => {
    const populated = checker({}).populateCollateralEntries(candidate({ side: "sell", positionAction: "close" }));
    expect(populated.orderCollateral).toBeUndefined();
    expect(populated.percentFeeCollateral).toBeUndefined();
    expect(populated.collateral.size).toBe(0);
    expect(populated.potentialReturns?.amount.toFixed()).toBe("9.9");
    const adjusted = checker({}).adjustCandidate(candidate({ side: "sell", positionAction: "close" }), true);
    expect(adjusted.amount.toFixed()).toBe("1");
  });

  test("closing still needs its flat fees", () => {
    const flat = { makerFixedFees: [{ token: "USD", amount: decimal("2") }] };
    const close = candidate({ side: "sell", positionAction: "close" });
    expect(checker({ USD: "2" }, { schema: flat }).adjustCandidate(close, false).amount.toFixed()).toBe("1");
    expect(checker({ USD: "1.9" }, { schema: flat }).adjustCandidate(close, false).amount.toFixed()).toBe("0");
  });

  test("an inverse market is margined in its base asset", () => {
    const rule = { buyOrderCollateralToken: "BTC", sellOrderCollateralToken: "BTC", contractKind: "inverse" } as const;
    const populated = checker({}, { rule }).populateCollateralEntries(candidate());
    expect(populated.orderCollateral).toEqual({ token: "BTC", amount: decimal("0.1") });
    expect(populated.percentFeeCollateral).toEqual({ token: "BTC", amount: decimal("0.001") });
  });

  test("a rebate does not pay for the order", () => {
    const populated = checker({}, { schema: { makerPercentFee: decimal("-0.001") } }).populateCollateralEntries(
      candidate(),
    );
    expect(populated.collateral.get("USD")?.toFixed()).toBe("10");
    expect(populated.percentFeeValue.amount.toFixed()).toBe("-0.1");
  });
});

describe("adjusting to the balances", () => {
  test("leaves an order alone that is affordable to the last cent", () => {
    const adjusted = checker({ USD: "10.1" }).adjustCandidate(candidate(), true);
    expect(adjusted).toMatchObject({ amount: decimal("1"), resized: false });
  });

  test("cuts the amount, down to the step, so that collateral and fee fit", () => {
    const adjusted = checker({ USD: "5" }).adjustCandidate(candidate(), false);
    expect(adjusted.amount.toFixed()).toBe("0.495");
    expect(adjusted.resized).toBe(true);
    expect(adjusted.collateral.get("USD")?.lte("5")).toBe(true);
  });

  test("all or none makes it zero, and so does a cut below the smallest order", () => {
    expect(checker({ USD: "10" }).adjustCandidate(candidate(), true).amount.toFixed()).toBe("0");
    expect(checker({ USD: "0.01" }).adjustCandidate(candidate(), false).amount.toFixed()).toBe("0");
    expect(checker({}).adjustCandidate(candidate(), false).collateral.get("USD")?.toFixed()).toBe("0");
  });

  test("flat fees come first, the rest of the balance carries the amount", () => {
    const flat = { makerFixedFees: [{ token: "USD", amount: decimal("4.95") }] };
    expect(checker({ USD: "10" }, { schema: flat }).adjustCandidate(candidate(), false).amount.toFixed()).toBe("0.5");
    expect(checker({ USD: "4" }, { schema: flat }).adjustCandidate(candidate(), false).amount.toFixed()).toBe("0");
  });

  test("a percent fee in another token limits the amount as well", () => {
    const schema = { percentFeeToken: "FTT" };
    const adjusted = checker({ USD: "100", FTT: "0.05" }, { schema }).adjustCandidate(candidate(), false);
    expect(adjusted.amount.toFixed()).toBe("0.5");
  });

  test("orders whose collateral is locked share the balance, the first ones come first", () => {
    const budget = checker({ USD: "15.15" });
    const amounts = (allOrNone: boolean) => {
      budget.resetLockedCollateral();
      const adjusted = [candidate(), candidate(), candidate()].map((each) =>
        budget.adjustCandidateAndLockAvailableCollateral(each, allOrNone),
      );
      return adjusted.map(({ amount }) => amount.toFixed());
    };
    expect(amounts(false)).toEqual(["1", "0.5", "0"]);
    expect(amounts(true)).toEqual(["1", "0", "0"]);
  });

  test("locked collateral stays locked until it is reset", () => {
    const budget = checker({ USD: "10.1" });
    budget.adjustCandidateAndLockAvailableCollateral(candidate(), false);
    expect(budget.adjustCandidate(candidate(), false).amount.eq(ZERO)).toBe(true);
    budget.resetLockedCollateral();
    expect(budget.adjustCandidate(candidate(), false).amount.toFixed()).toBe("1");
  });

  test("a balance that nobody has told refuses nothing: the venue decides", () => {
    const budget = new PerpetualBudgetChecker({
      availableBalance: () => undefined,
      buyCollateralToken: () => "USD",
      sellCollateralToken: () => "USD",
      feeSchema: () => SCHEMA,
      tradingRule: () => RULE,
    });
    expect(budget.adjustCandidateAndLockAvailableCollateral(candidate(), true).amount.toFixed()).toBe("1");
    expect(budget.unlockedCollateral(["USD"]).size).toBe(0);
  });

  test("a negative available balance affords nothing", () => {
    expect(checker({ USD: "-5" }).adjustCandidate(candidate(), false).amount.toFixed()).toBe("0");
  });
});

test("whether all of an order fits, and what it then keeps from the next, is the same with and without its details", () => {
  const amounts = fc.integer({ min: 1, max: 5_000 }).map((value) => decimal(`${value}e-3`));
  const order = fc.record({
    side: fc.constantFrom("buy", "sell"),
    amount: amounts,
    price: amounts,
    leverage: fc.constantFrom("1", "3", "10", "12.5").map((text) => decimal(text)),
    positionAction: fc.constantFrom("open", "close"),
    isMaker: fc.boolean(),
  });
  const fees = fc.constantFrom("-0.001", "0", "0.001").map((text) => decimal(text));
  const schema = fc.record(
    {
      makerPercentFee: fees,
      takerPercentFee: fees,
      percentFeeToken: fc.constantFrom("USD", "FTT"),
      makerFixedFees: fc.constantFrom([], [{ token: "USD", amount: decimal("0.5") }]),
    },
    { requiredKeys: [] },
  );
  const balances = fc.record({ USD: fc.integer({ min: 0, max: 9 }).map(String), FTT: fc.constantFrom("0", "1") });
  fc.assert(
    fc.property(fc.array(order, { maxLength: 4 }), schema, balances, (orders, changed, held) => {
      const [whole, detailed] = [checker(held, { schema: changed }), checker(held, { schema: changed })];
      for (const each of orders) {
        const wanted = candidate(each);
        const { amount } = detailed.adjustCandidateAndLockAvailableCollateral(wanted, true);
        expect(whole.lockWhole(wanted)).toBe(amount.eq(wanted.amount));
        const [left, right] = [whole, detailed].map((each) => each.unlockedCollateral(["USD", "FTT"]));
        expect(left).toEqual(right);
      }
    }),
    { numRuns: 1_000 },
  );
});
