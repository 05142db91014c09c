import { describe, expect, it } from "vitest";
import { Desk, imbalance, NO_FEES, of, refusalOf, u } from "./harness.ts";

/** `eve` has 100 and is long 10 from `bob`, who is short, at 100; `ann` is short 2 from nobody else's gain. */
function market(config = {}): Desk {
  const d = new Desk({ ...NO_FEES, autoDeleverage: true, ...config });
  d.open("ann", "bob", "cat");
  d.do({ type: "openAccount", accountId: "eve", cash: u("100") });
  d.place("ann", "sell", "2", { price: "100" });
  d.place("cat", "buy", "2", { price: "100" });
  d.do({ type: "setLeverage", accountId: "bob", leverage: u("20") });
  d.place("bob", "sell", "10", { price: "100" });
  d.place("eve", "buy", "10", { price: "100" });
  return d;
}

describe("auto-deleveraging", () => {
  it("closes what the fund cannot afford against the winner with the highest profit on its margin", () => {
    const d = market();
    d.index("85");
    const events = d.advance();
    expect(of(events, "liquidated")).toMatchObject([{ accountId: "eve", takeoverSize: u("10") }]);
    expect(of(events, "deleveraged")).toMatchObject([
      { accountId: "bob", market: "BTC-USD", size: u("-10"), price: u("85") },
    ]);
    expect(d.engine.positions("bob", "BTC-USD")).toMatchObject([{ size: 0n, realized: u("150") }]);
    expect(d.engine.orders("bob").at(-1)).toMatchObject({ adl: true, liquidation: false, closeReason: "filled" });
    expect(d.engine.fills("bob").at(-1)).toMatchObject({ adl: true, takeover: true, fee: 0n, side: "buy" });
    expect(of(events, "trade")).toEqual([]);
    expect(d.engine.positions("ann", "BTC-USD")).toMatchObject([{ size: u("-2") }]);
    expect(d.engine.house().insurancePositions).toMatchObject([{ size: 0n }]);
    expect(imbalance(d.engine)).toBe(0n);
  });

  it("leaves winners alone while the fund is worth something, and where the venue has none", () => {
    for (const config of [{ insuranceFund: u("1000") }, { autoDeleverage: false }]) {
      const d = market(config);
      d.index("85");
      expect(of(d.advance(), "deleveraged")).toEqual([]);
      expect(d.engine.positions("bob", "BTC-USD")).toMatchObject([{ size: u("-10") }]);
    }
  });

  it("can be done by hand, to a part, and leaves resting orders", () => {
    const d = market();
    d.place("bob", "sell", "1", { price: "120" });
    const part = d.do({ type: "deleverage", accountId: "bob", market: "BTC-USD", size: u("4") });
    expect(of(part, "deleveraged")).toMatchObject([{ size: u("-4"), price: u("100") }]);
    expect(d.engine.openOrders("bob")).toHaveLength(1);
    expect(imbalance(d.engine)).toBe(0n);
    const of11 = { type: "deleverage", accountId: "bob", market: "BTC-USD", size: u("11") } as const;
    expect(refusalOf(d.do(of11))).toBe("invalidSize");
    expect(refusalOf(d.do({ type: "deleverage", accountId: "bob", market: "ETH-USD" }))).toBe("noPosition");
  });
});

describe("by hand", () => {
  it("a healthy position is liquidated, an isolated one alone", () => {
    const d = market();
    d.do({ type: "setMarginMode", accountId: "cat", mode: "isolated", market: "ETH-USD" });
    d.place("ann", "sell", "3", { price: "10", market: "ETH-USD" });
    d.place("cat", "buy", "3", { price: "10", market: "ETH-USD" });
    d.place("cat", "buy", "1", { price: "90" });
    const events = d.do({ type: "liquidate", accountId: "cat", market: "ETH-USD" });
    expect(of(events, "liquidated")).toMatchObject([{ market: "ETH-USD", marginMode: "isolated", size: u("3") }]);
    expect(d.engine.openOrders("cat")).toHaveLength(1);
    expect(d.engine.positions("cat", "BTC-USD")).toMatchObject([{ size: u("2") }]);
    d.do({ type: "liquidate", accountId: "cat", market: "BTC-USD" });
    expect(d.engine.openOrders("cat")).toEqual([]);
    expect(d.engine.positions("cat", "BTC-USD")).toMatchObject([{ size: 0n }]);
    expect(refusalOf(d.do({ type: "liquidate", accountId: "cat", market: "BTC-USD" }))).toBe("noPosition");
    expect(imbalance(d.engine)).toBe(0n);
  });

  it("cash that nothing needs is withdrawn, and no more", () => {
    const d = market();
    d.place("bob", "buy", "10", { price: "90", market: "BTC-USD" });
    const free = d.engine.account("bob")?.freeCollateral ?? 0n;
    expect(free).toBeLessThan(u("10000"));
    expect(refusalOf(d.do({ type: "withdraw", accountId: "bob", amount: free + 1n }))).toBe("insufficientMargin");
    const events = d.do({ type: "withdraw", accountId: "bob", amount: free });
    expect(of(events, "cashChanged")).toMatchObject([{ reason: "deposit", change: -free }]);
    expect(d.engine.account("bob")?.freeCollateral).toBe(0n);
    expect(imbalance(d.engine)).toBe(0n);
  });
});
