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

  test("a reduce-only order may be below the smallest notional, so that any position can be closed", () => {
    expect(reject({ amount: decimal("0.001"), reduceOnly: true })).toBeUndefined();
  });
});
