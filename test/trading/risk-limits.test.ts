import { describe, expect, it } from "vitest";
import { type Decimal, decimal } from "../../src/model/decimal.ts";
import { ConfigError, RiskLimitError } from "../../src/model/error.ts";
import type { OrderToPlace } from "../../src/model/order.ts";
import { OpenExposure, type OpenOrderRisk } from "../../src/trading/open-exposure.ts";
import { RiskGuard, type RiskLimits, type RiskView, validateRiskLimits } from "../../src/trading/risk-limits.ts";
import { limitBuy, PAIR } from "./scene.ts";

interface World {
  fair: Decimal | undefined;
  held: string[];
  open: OpenOrderRisk[];
  result: string;
  nowMs: number;
}

function guardOf(limits: RiskLimits, changes: Partial<World> = {}) {
  const world: World = { fair: decimal("100"), held: [], open: [], result: "0", nowMs: 0, ...changes };
  const view: RiskView = {
    fairPrice: () => world.fair,
    positionAmounts: (pair) => (pair === PAIR ? world.held.map(decimal) : []),
    get open() {
      const exposure = new OpenExposure();
      for (const order of world.open) exposure.set(order);
      return exposure;
    },
    dailyResult: () => decimal(world.result),
    monotonicMs: () => world.nowMs,
  };
  return { guard: new RiskGuard(limits, view), world };
}

let made = 0;

function openOrder(changes: Partial<OpenOrderRisk> = {}): OpenOrderRisk {
  made += 1;
  const order = { clientOrderId: `o${made}`, tradingPair: PAIR, side: "buy", reducesOnly: false } as const;
  return { ...order, remaining: decimal("1"), price: decimal("100"), ...changes };
}

const order = (changes: Partial<OrderToPlace> & { clientOrderId?: string } = {}) =>
  limitBuy(changes.clientOrderId, changes);
const sized = (amount: string, price?: string) =>
  order({ amount: decimal(amount), ...(price === undefined ? {} : { price: decimal(price) }) });
const marketOrder = (amount: string) => {
  const { price: _, ...rest } = sized(amount);
  return { ...rest, type: "market", timeInForce: "IOC" } as const;
};

/** The limit that refuses, or undefined. */
function refusal(guard: RiskGuard, ...orders: readonly OrderToPlace[]): string | undefined {
  try {
    guard.check(...orders);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(RiskLimitError);
    return (error as RiskLimitError).message.split(":")[0];
  }
}

describe("a risk limit", () => {
  it.each([
    [{ maxOrderNotional: "-1" }, /maxOrderNotional is -1/],
    [{ maxDailyLoss: "lots" }, /maxDailyLoss: "lots" is not a decimal number/],
    [{ maxOpenOrders: 1.5 }, /maxOpenOrders is 1.5/],
    [{ maxOrderRate: { orders: 0, intervalMs: 1_000 } }, /maxOrderRate needs/],
    [{ maxOrderRate: { orders: 1, intervalMs: Number.NaN } }, /maxOrderRate needs/],
    [{ maxPosition: { [PAIR]: "x" } }, /maxPosition of BTC-USD/],
    [{ maxOrderSize: "1" }, /there is no risk limit "maxOrderSize"/],
  ])("is refused when it makes no sense: %j", (limits, message) => {
    expect(() => validateRiskLimits(limits as RiskLimits)).toThrow(message);
    expect(() => validateRiskLimits(limits as RiskLimits)).toThrow(ConfigError);
  });

  it("that is not set limits nothing", () => {
    expect(refusal(guardOf({}, { result: "-1000000", held: ["1000"] }).guard, sized("1000000"))).toBeUndefined();
  });

  it("names itself in the error", () => {
    const { guard } = guardOf({ maxOrderNotional: "50" });
    expect(() => guard.check(sized("1"))).toThrow("maxOrderNotional: 100 is above 50");
  });
});

describe("the largest notional of an order", () => {
  it("is inclusive, and a market order counts at the fair price", () => {
    const { guard } = guardOf({ maxOrderNotional: "100" });
    expect(refusal(guard, sized("1"))).toBeUndefined();
    expect(refusal(guard, sized("1", "100.5"))).toBe("maxOrderNotional");
    expect(refusal(guard, marketOrder("1"))).toBeUndefined();
    expect(refusal(guard, marketOrder("1.001"))).toBe("maxOrderNotional");
  });

  it("refuses a market order while no price is known", () => {
    expect(refusal(guardOf({ maxOrderNotional: "100" }, { fair: undefined }).guard, marketOrder("1"))).toBe(
      "maxOrderNotional",
    );
  });
});

describe("the largest notional of a market", () => {
  it("adds up positions at the fair price and open orders at their own, other markets and closing orders apart", () => {
    const open = [
      openOrder({ price: decimal("90") }),
      openOrder({ tradingPair: "ETH-USD", remaining: decimal("500") }),
      openOrder({ side: "sell", reducesOnly: true, remaining: decimal("500") }),
    ];
    const { guard } = guardOf({ maxMarketNotional: "490" }, { held: ["-2", "1"], open });
    expect(refusal(guard, sized("1"))).toBeUndefined();
    expect(refusal(guard, sized("1.001"))).toBe("maxMarketNotional");
  });
});

describe("the largest position", () => {
  it("counts what could be reached if every open order on its side were filled", () => {
    const open = [openOrder(), openOrder({ side: "sell", remaining: decimal("9") })];
    const { guard, world } = guardOf({ maxPosition: { [PAIR]: "3" } }, { held: ["1"], open });
    expect(refusal(guard, sized("1"))).toBeUndefined();
    expect(refusal(guard, sized("1.001"))).toBe("maxPosition");
    world.held = ["-5"];
    expect(refusal(guard, sized("7"))).toBeUndefined();
    expect(refusal(guard, sized("7.001"))).toBe("maxPosition");
    expect(refusal(guard, order({ tradingPair: "ETH-USD", amount: decimal("99") }))).toBeUndefined();
  });

  it("holds for shorts as for longs", () => {
    const { guard } = guardOf({ maxPosition: { [PAIR]: "3" } }, { held: ["-2"] });
    expect(refusal(guard, order({ side: "sell", amount: decimal("1") }))).toBeUndefined();
    expect(refusal(guard, order({ side: "sell", amount: decimal("1.5") }))).toBe("maxPosition");
  });

  it("counts each leg by itself in hedge mode, also when only the other leg is open", () => {
    const { guard, world } = guardOf({ maxPosition: { [PAIR]: "3" } }, { held: ["-5"] });
    const hedge = (amount: string) => order({ positionMode: "hedge", amount: decimal(amount) });
    expect(refusal(guard, hedge("3"))).toBeUndefined();
    expect(refusal(guard, hedge("4"))).toBe("maxPosition");
    world.held = ["-5", "2"];
    expect(refusal(guard, hedge("1"))).toBeUndefined();
    expect(refusal(guard, hedge("2"))).toBe("maxPosition");
  });
});

describe("the most open orders", () => {
  it("counts all markets", () => {
    const open = [openOrder(), openOrder({ tradingPair: "ETH-USD" })];
    expect(refusal(guardOf({ maxOpenOrders: 3 }, { open }).guard, order())).toBeUndefined();
    expect(refusal(guardOf({ maxOpenOrders: 2 }, { open }).guard, order())).toBe("maxOpenOrders");
  });
});

describe("the price collar", () => {
  it("holds on the side that costs money, closing orders included", () => {
    const { guard } = guardOf({ priceCollar: "0.05" });
    expect(refusal(guard, sized("1", "105"))).toBeUndefined();
    expect(refusal(guard, sized("1", "105.01"))).toBe("priceCollar");
    expect(refusal(guard, sized("1", "1"))).toBeUndefined();
    const sell = (price: string) =>
      order({ side: "sell", price: decimal(price), positionAction: "close", reduceOnly: true });
    expect(refusal(guard, sell("95"))).toBeUndefined();
    expect(refusal(guard, sell("94.99"))).toBe("priceCollar");
    expect(refusal(guard, sell("1000"))).toBeUndefined();
  });

  it("does not guess a mark price, and leaves market orders alone", () => {
    const { guard } = guardOf({ priceCollar: "0.05" }, { fair: undefined });
    expect(refusal(guard, sized("1"))).toBe("priceCollar");
    expect(refusal(guard, marketOrder("1"))).toBeUndefined();
  });
});

describe("the order rate", () => {
  const maxOrderRate = { orders: 2, intervalMs: 1_000 };

  it("holds in any stretch of its length", () => {
    const { guard, world } = guardOf({ maxOrderRate });
    expect(refusal(guard, order())).toBeUndefined();
    world.nowMs = 900;
    expect(refusal(guard, order())).toBeUndefined();
    world.nowMs = 999;
    expect(refusal(guard, order())).toBe("maxOrderRate");
    world.nowMs = 1_000;
    expect(refusal(guard, order())).toBeUndefined();
    world.nowMs = 1_899;
    expect(refusal(guard, order())).toBe("maxOrderRate");
    world.nowMs = 1_900;
    expect(refusal(guard, order())).toBeUndefined();
  });

  it("does not count what another limit refused", () => {
    const { guard } = guardOf({ maxOrderRate, maxOrderNotional: "100" });
    for (let tries = 0; tries < 5; tries += 1) expect(refusal(guard, sized("2"))).toBe("maxOrderNotional");
    expect(refusal(guard, sized("1"))).toBeUndefined();
  });

  it("holds for closing orders and for every order of a batch", () => {
    const { guard } = guardOf({ maxOrderRate });
    expect(refusal(guard, order(), order(), order())).toBe("maxOrderRate");
    expect(refusal(guard, order({ positionAction: "close", reduceOnly: true }), order())).toBeUndefined();
    expect(refusal(guard, order({ positionAction: "close", reduceOnly: true }))).toBe("maxOrderRate");
  });
});

describe("the daily loss", () => {
  it("stops opening at the limit, and never closing", () => {
    const { guard, world } = guardOf({ maxDailyLoss: "100" }, { result: "-99.99" });
    expect(refusal(guard, order())).toBeUndefined();
    world.result = "-100";
    expect(refusal(guard, order())).toBe("maxDailyLoss");
    expect(refusal(guard, order({ side: "sell", positionAction: "close", reduceOnly: true }))).toBeUndefined();
    world.result = "250";
    expect(refusal(guard, order())).toBeUndefined();
  });

  it("of zero allows no loss at all", () => {
    const { guard, world } = guardOf({ maxDailyLoss: "0" });
    expect(refusal(guard, order())).toBeUndefined();
    world.result = "-0.01";
    expect(refusal(guard, order())).toBe("maxDailyLoss");
  });
});

describe("what closes", () => {
  it("is free only when it cannot open the other side", () => {
    const { guard } = guardOf({ maxOrderNotional: "10" });
    const close = { positionAction: "close" } as const;
    expect(refusal(guard, order({ ...close, reduceOnly: true }))).toBeUndefined();
    expect(refusal(guard, order({ ...close, reduceOnly: false, positionMode: "hedge" }))).toBeUndefined();
    expect(refusal(guard, order({ ...close, reduceOnly: false }))).toBe("maxOrderNotional");
  });
});

describe("a batch", () => {
  it("is held to the limits as a whole", () => {
    const batch = [order({ clientOrderId: "c1" }), order({ clientOrderId: "c2" })];
    expect(refusal(guardOf({ maxOpenOrders: 1 }).guard, ...batch)).toBe("maxOpenOrders");
    expect(refusal(guardOf({ maxMarketNotional: "150" }).guard, ...batch)).toBe("maxMarketNotional");
    expect(refusal(guardOf({ maxPosition: { [PAIR]: "1.5" } }).guard, ...batch)).toBe("maxPosition");
    expect(refusal(guardOf({ maxMarketNotional: "200", maxOpenOrders: 2 }).guard, ...batch)).toBeUndefined();
  });
});

describe("an amend", () => {
  it("is held to the limits in place of the order that it changes", () => {
    const open = [openOrder({ clientOrderId: "c1", remaining: decimal("2") })];
    const limits = { maxOpenOrders: 1, maxPosition: { [PAIR]: "3" }, maxMarketNotional: "300" };
    const { guard } = guardOf(limits, { open });
    expect(() => guard.checkAmend(sized("3"))).not.toThrow();
    expect(() => guard.checkAmend(sized("3.5"))).toThrow("maxMarketNotional");
    expect(() => guardOf({ priceCollar: "0.05" }, { open }).guard.checkAmend(sized("1", "106"))).toThrow("priceCollar");
    const rated = guardOf({ maxOrderRate: { orders: 1, intervalMs: 1_000 } }, { open }).guard;
    rated.checkAmend(sized("1"));
    expect(() => rated.checkAmend(sized("1"))).toThrow("maxOrderRate");
  });
});
