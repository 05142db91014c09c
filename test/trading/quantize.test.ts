import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Decimal, decimal } from "../../src/model/decimal.ts";
import { OrderRejectedError } from "../../src/model/error.ts";
import type { TradingRule } from "../../src/model/market.ts";
import {
  brokenRule,
  type OrderToValidate,
  priceQuantum,
  quantizeOrderAmount,
  quantizeOrderPrice,
  splitAmount,
  validateOrder,
} from "../../src/trading/quantize.ts";
import { RULE } from "./scene.ts";

const price = (rule: TradingRule, text: string, side?: "buy" | "sell") =>
  quantizeOrderPrice(rule, decimal(text), side).toFixed();

describe("prices", () => {
  test("round to the nearest tick, half to the even one", () => {
    expect([price(RULE, "100.2"), price(RULE, "100.3"), price(RULE, "100.25"), price(RULE, "100.75")]).toEqual([
      "100",
      "100.5",
      "100",
      "101",
    ]);
  });

  test("with a side, round to the passive one", () => {
    expect([price(RULE, "100.4", "buy"), price(RULE, "100.1", "sell")]).toEqual(["100", "100.5"]);
  });

  test("keep to the significant digits that the venue allows, as a function of the price", () => {
    const rule = { ...RULE, minPriceIncrement: decimal("0.001"), maxPriceSignificantDigits: 5 };
    expect(priceQuantum(rule, decimal("12345.6")).toFixed()).toBe("1");
    expect(priceQuantum(rule, decimal("12.3")).toFixed()).toBe("0.001");
    expect(price(rule, "12345.6")).toBe("12346");
    expect(price(rule, "1.23456")).toBe("1.235");
    expect(price(rule, "99999.7")).toBe("100000");
    expect(price(rule, "123456.7")).toBe("123457");
  });

  test("very small ticks do not become exponents", () => {
    expect(price({ ...RULE, minPriceIncrement: decimal("0.0000001") }, "0.00000012")).toBe("0.0000001");
  });

  test("quantising is idempotent and never further than half a tick away", () => {
    const cents = fc.bigInt({ min: 1n, max: 10n ** 15n }).map((units) => new Decimal(units.toString()).div("1e7"));
    fc.assert(
      fc.property(cents, (value) => {
        const once = quantizeOrderPrice(RULE, value);
        expect(quantizeOrderPrice(RULE, once).eq(once)).toBe(true);
        expect(once.minus(value).abs().lte("0.25")).toBe(true);
      }),
    );
  });
});

describe("amounts", () => {
  test("round down to the step: never more than was asked for", () => {
    expect(quantizeOrderAmount(RULE, decimal("0.0019999")).toFixed()).toBe("0.001");
    expect(quantizeOrderAmount(RULE, decimal("0.0009")).toFixed()).toBe("0");
  });
});

describe("an amount that is split into orders", () => {
  const rule = { ...RULE, maxMarketOrderSize: decimal("10"), minOrderSize: decimal("2"), maxOrderSize: decimal("100") };
  const split = (amount: string, changes: Partial<TradingRule> = {}, type: "limit" | "market" = "market") =>
    splitAmount({ ...rule, ...changes }, type, decimal(amount)).map((slice) => slice.toFixed());

  test("is one order where one may be as large", () => {
    expect(split("10")).toEqual(["10"]);
    expect(split("100", {}, "limit")).toEqual(["100"]);
    expect(split("1000", { maxMarketOrderSize: undefined, maxOrderSize: undefined })).toEqual(["1000"]);
  });

  test("is as many orders of its type as the largest asks for, the last one not below the smallest", () => {
    expect(split("20")).toEqual(["10", "10"]);
    expect(split("25")).toEqual(["10", "10", "5"]);
    expect(split("21.5")).toEqual(["10", "9.5", "2"]);
    expect(split("101", {}, "limit")).toEqual(["99", "2"]);
  });

  test("keeps to the step of its type, and to what can be sent at all", () => {
    const steps = { minMarketBaseAmountIncrement: decimal("3"), minMarketOrderSize: decimal("3") };
    expect(split("25", steps)).toEqual(["9", "9", "6"]);
    expect(split("1.999")).toEqual([]);
    expect(split("0")).toEqual([]);
    // No two orders of 6 to 10 make 11.
    expect(split("11", { minOrderSize: decimal("6") })).toEqual(["10"]);
  });

  test("is as many orders as the largest value asks for, with room for a price that moves", () => {
    const valued = { maxMarketOrderSize: undefined, maxOrderSize: undefined, maxMarketNotionalSize: decimal("1000") };
    const at = (price?: string) =>
      splitAmount({ ...rule, ...valued }, "market", decimal("25"), price === undefined ? undefined : decimal(price));
    expect(at("100").map((slice) => slice.toFixed())).toEqual(["9", "9", "7"]);
    expect(at("1").map((slice) => slice.toFixed())).toEqual(["25"]);
    expect(at().map((slice) => slice.toFixed())).toEqual(["25"]);
    expect(at("1000")).toEqual([]);
  });

  test("is never more than the amount, never less where it can be sent, and every order is legal", () => {
    const units = fc.integer({ min: 1, max: 5_000 });
    fc.assert(
      fc.property(units, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 400 }), (wanted, least, most) => {
        const step = decimal("0.001");
        const [min, max, amount] = [step.times(least), step.times(most), step.times(wanted)];
        const slices = splitAmount({ ...RULE, minOrderSize: min, maxOrderSize: max }, "limit", amount);
        for (const slice of slices) expect(slice.gte(min) && slice.lte(max) && slice.mod(step).isZero()).toBe(true);
        const left = amount.minus(slices.reduce((sum, slice) => sum.plus(slice), decimal("0")));
        expect(left.gte(0)).toBe(true);
        if (least * 2 <= most) expect(left.isZero() || amount.lt(min)).toBe(true);
      }),
    );
  });
});

describe("an order that breaks a rule", () => {
  const good: OrderToValidate = { side: "buy", type: "limit", amount: decimal("1"), price: decimal("100") };
  const reject = (changes: Partial<OrderToValidate>, rule: TradingRule = RULE, strict?: boolean) =>
    brokenRule(rule, { ...good, ...changes }, { strict })?.message;

  test("is refused with the rule in the message", () => {
    expect(reject({})).toBeUndefined();
    expect(reject({ amount: decimal("0.0001") })).toBe("amount 0.0001 is below the smallest order, 0.001");
    expect(reject({ amount: decimal("101") })).toBe("amount 101 is above the largest order, 100");
    expect(reject({ amount: decimal("0") })).toBe("amount 0 is not above zero");
    expect(reject({ amount: decimal("0.0015") })).toBe("amount 0.0015 is not a multiple of the step 0.001");
    expect(reject({ price: decimal("100.3") })).toBe("price 100.3 is not a multiple of the tick 0.5");
    expect(reject({ price: decimal("-1") })).toBe("price -1 is not above zero");
    expect(reject({ price: undefined })).toBe("a limit order needs a price");
    expect(reject({ amount: decimal("0.049") })).toBe("notional 4.9 is below the smallest, 5");
  });

  test("is refused for price bounds, significant digits and the smallest resting amount where a venue has them", () => {
    expect(reject({}, { ...RULE, minPrice: decimal("200") })).toBe("price 100 is below the lowest allowed, 200");
    expect(reject({}, { ...RULE, maxPrice: decimal("50") })).toBe("price 100 is above the highest allowed, 50");
    const digits = { ...RULE, minPriceIncrement: decimal("0.01"), maxPriceSignificantDigits: 4 };
    expect(reject({ price: decimal("100.25") }, digits)).toBe("price 100.25 has more than 4 significant digits");
    expect(reject({ price: decimal("123457") }, digits)).toBeUndefined();
    const maker = { ...RULE, minMakerSize: decimal("2") };
    expect(reject({ type: "limitMaker" }, maker)).toBe("amount 1 is below the smallest that may rest, 2");
    expect(reject({}, maker)).toBeUndefined();
  });

  test("throws OrderRejectedError before anything is sent, with what would be right", () => {
    try {
      validateOrder(RULE, { ...good, price: decimal("100.3") });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(OrderRejectedError);
      expect(error).toMatchObject({ code: "TRADING_RULE", outcome: "definite", hint: "100.5 is" });
      expect(String(error)).toContain("BTC-USD buy order: price 100.3 is not a multiple of the tick 0.5");
    }
  });

  test("not strict leaves tick and step to the quantising", () => {
    expect(reject({ price: decimal("100.3"), amount: decimal("1.0005") }, RULE, false)).toBeUndefined();
  });

  test("market orders need no price, but a market that takes them", () => {
    expect(reject({ type: "market", price: undefined })).toBeUndefined();
    expect(reject({ type: "market", price: undefined, referencePrice: decimal("1") })).toBe(
      "notional 1 is below the smallest, 5",
    );
    expect(reject({ type: "market", price: undefined }, { ...RULE, supportsMarketOrders: false })).toBe(
      "the market takes no market orders",
    );
  });

  test("what the venue knows to close may be below the smallest notional, so that any position can be closed", () => {
    const dust = { amount: decimal("0.001") };
    for (const type of ["limit", "market"] as const) {
      const order = {
        ...dust,
        type,
        ...(type === "market" ? { price: undefined, referencePrice: decimal("100") } : {}),
      };
      expect(reject(order)).toBe("notional 0.1 is below the smallest, 5");
      expect(reject({ ...order, reduceOnly: true })).toBeUndefined();
      expect(reject({ ...order, closes: true })).toBeUndefined();
    }
  });

  test("a market order has a smallest, a largest and a step of its own, a limit order the others", () => {
    const rule = {
      ...RULE,
      minMarketOrderSize: decimal("0.01"),
      maxMarketOrderSize: decimal("12.345"),
      minMarketBaseAmountIncrement: decimal("0.01"),
    };
    const market = { type: "market", price: undefined } as const;
    expect(reject({ amount: decimal("13") }, rule)).toBeUndefined();
    expect(brokenRule(rule, { ...good, ...market, amount: decimal("13") })).toEqual({
      message: "amount 13 is above the largest market order, 12.345",
      hint: "12.34 is the most of one; send several",
    });
    expect(reject({ ...market, amount: decimal("0.005") }, rule)).toBe(
      "amount 0.005 is below the smallest market order, 0.01",
    );
    expect(reject({ ...market, amount: decimal("1.001") }, rule)).toBe(
      "amount 1.001 is not a multiple of the step 0.01",
    );
    expect(quantizeOrderAmount(rule, decimal("1.009"), "market").toFixed()).toBe("1");
    expect(quantizeOrderAmount(rule, decimal("1.009")).toFixed()).toBe("1.009");
  });

  test("an order may be worth no more than the venue takes at once, and the hint says how much fits", () => {
    const rule = { ...RULE, maxNotionalSize: decimal("150"), maxMarketNotionalSize: decimal("90") };
    expect(brokenRule(rule, { ...good, amount: decimal("2") })).toEqual({
      message: "notional 200 is above the largest, 150",
      hint: "at 100, 1.5 is the most of one order",
    });
    expect(reject({ type: "market", price: undefined, referencePrice: decimal("100") }, rule)).toBe(
      "notional 100 is above the largest, 90",
    );
    expect(reject({}, rule)).toBeUndefined();
  });
});
