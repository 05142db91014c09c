import { describe, expect, it } from "vitest";
import { Desk, imbalance, NO_FEES, of, refusalOf, u } from "./harness.ts";

function desk(config = {}): Desk {
  const made = new Desk(config);
  made.open("ann", "bob");
  return made;
}

function trade(d: Desk, buyer: string, seller: string, size: string, price: string): void {
  d.place(seller, "sell", size, { price });
  d.place(buyer, "buy", size, { price });
}

describe("a position", () => {
  it("keeps size and cost, so that entry is exact", () => {
    const d = desk();
    trade(d, "ann", "bob", "1", "100");
    trade(d, "ann", "bob", "2", "100.5");
    expect(d.position("ann")).toMatchObject({ size: u("3"), cost: u("301") * 100_000_000n, buySize: u("3") });
    expect(d.position("bob")).toMatchObject({ size: u("-3"), cost: -u("301") * 100_000_000n, sellSize: u("3") });
  });

  it("realises the share of the cost that is closed, into cash", () => {
    const d = desk(NO_FEES);
    trade(d, "ann", "bob", "4", "100");
    trade(d, "bob", "ann", "1", "110");
    expect(d.cash("ann")).toBe("10010");
    expect(d.cash("bob")).toBe("9990");
    expect(d.position("ann")).toMatchObject({ size: u("3"), realized: u("10"), recentRealized: u("10") });
  });

  it("realises a short's profit when the price falls", () => {
    const d = desk(NO_FEES);
    trade(d, "ann", "bob", "2", "100");
    trade(d, "bob", "ann", "2", "90");
    expect(d.cash("bob")).toBe("10020");
    expect(d.position("bob")).toMatchObject({ size: 0n, cost: 0n, realized: u("20") });
  });

  it("that turns around starts afresh at the new price", () => {
    const d = desk(NO_FEES);
    trade(d, "ann", "bob", "1", "100");
    trade(d, "bob", "ann", "3", "110");
    expect(d.position("ann")).toMatchObject({
      size: u("-2"),
      cost: u("-220") * 100_000_000n,
      realized: u("10"),
      recentRealized: 0n,
      buySize: 0n,
      sellSize: u("2"),
    });
    expect(d.engine.market("BTC-USD")?.openInterest).toBe(u("2"));
  });

  it("remembers its recent PnL until it is opened again", () => {
    const d = desk(NO_FEES);
    trade(d, "ann", "bob", "1", "100");
    trade(d, "bob", "ann", "1", "110");
    expect(d.position("ann").recentRealized).toBe(u("10"));
    trade(d, "ann", "bob", "1", "100");
    expect(d.position("ann")).toMatchObject({ recentRealized: 0n, realized: u("10") });
  });
});

describe("cash", () => {
  it("is rounded once a posting and the books add up to the last unit", () => {
    const d = desk({ makerFee: u("0.00013333"), takerFee: u("0.00077777") });
    d.open("cid");
    trade(d, "ann", "bob", "0.333", "100");
    trade(d, "ann", "cid", "0.334", "100.5");
    trade(d, "bob", "ann", "0.123", "101.5");
    trade(d, "cid", "ann", "0.051", "98");
    expect(imbalance(d.engine)).toBe(0n);
    expect(d.engine.house().residue).not.toBe(0n);
  });

  it("takes a negative fee as a rebate", () => {
    const d = desk({ makerFee: u("-0.0001"), takerFee: u("0.0005") });
    trade(d, "ann", "bob", "1", "100");
    expect(d.cash("bob")).toBe("10000.01");
    expect(d.engine.house().fees).toBe(u("0.04"));
    expect(imbalance(d.engine)).toBe(0n);
  });

  it("tells every change with its reason", () => {
    const d = desk();
    trade(d, "ann", "bob", "1", "100");
    d.place("bob", "buy", "1", { price: "90" });
    const changes = of(d.place("ann", "sell", "1", { price: "90" }), "cashChanged");
    expect(changes.map(({ accountId, reason }) => `${accountId} ${reason}`)).toEqual([
      "ann trade",
      "ann fee",
      "bob trade",
      "bob fee",
    ]);
  });

  it("comes in by deposit and only in positive amounts", () => {
    const d = desk();
    expect(of(d.do({ type: "deposit", accountId: "ann", amount: u("5") }), "cashChanged")[0]).toMatchObject({
      cash: u("10005"),
      change: u("5"),
      reason: "deposit",
    });
    expect(refusalOf(d.do({ type: "deposit", accountId: "ann", amount: 0n }))).toBe("invalidAmount");
    expect(refusalOf(d.do({ type: "deposit", accountId: "zoe", amount: 1n }))).toBe("noSuchAccount");
    expect(refusalOf(d.do({ type: "openAccount", accountId: "ann", cash: 1n }))).toBe("accountExists");
    expect(refusalOf(d.do({ type: "openAccount", accountId: "eve", cash: -1n }))).toBe("invalidAmount");
    expect(refusalOf(d.do({ type: "openAccount", accountId: "house:insurance", cash: 1n }))).toBe("accountExists");
    expect(d.engine.accountIds()).toEqual(["ann", "bob"]);
  });
});

describe("margin", () => {
  it("is the larger exposure at mark over leverage, position and open orders together", () => {
    const d = desk(NO_FEES);
    trade(d, "ann", "bob", "10", "100");
    d.place("ann", "buy", "5", { price: "99" });
    d.place("ann", "sell", "30", { price: "101" });
    expect(d.engine.account("ann")).toMatchObject({
      initialMargin: u("200"),
      maintenanceMargin: u("30"),
      equity: u("10000"),
      freeCollateral: u("9800"),
    });
  });

  it("follows mark, as equity does", () => {
    const d = desk(NO_FEES);
    trade(d, "ann", "bob", "10", "100");
    d.index("120");
    expect(d.engine.account("ann")).toMatchObject({ equity: u("10200"), initialMargin: u("120") });
    expect(d.engine.account("bob")).toMatchObject({ equity: u("9800"), initialMargin: u("120") });
  });

  it("refuses what the free collateral cannot carry and takes what it just can", () => {
    const d = desk(NO_FEES);
    d.do({ type: "openAccount", accountId: "eve", cash: u("100") });
    expect(refusalOf(d.place("eve", "buy", "10.001", { price: "99" }))).toBe("insufficientMargin");
    expect(refusalOf(d.place("eve", "buy", "10", { price: "99" }))).toBeUndefined();
    expect(refusalOf(d.place("eve", "buy", "0.01", { price: "99" }))).toBe("insufficientMargin");
  });

  it("never stands in the way of an order that reduces", () => {
    const d = desk(NO_FEES);
    d.do({ type: "openAccount", accountId: "eve", cash: u("100") });
    trade(d, "eve", "bob", "10", "100");
    d.index("95");
    expect(d.engine.account("eve")?.freeCollateral).toBe(0n);
    expect(refusalOf(d.place("eve", "sell", "10", { price: "95" }))).toBeUndefined();
    expect(refusalOf(d.place("eve", "buy", "0.01", { price: "95" }))).toBe("insufficientMargin");
  });

  it("needs room for a lower leverage", () => {
    const d = desk(NO_FEES);
    d.do({ type: "openAccount", accountId: "eve", cash: u("100") });
    trade(d, "eve", "bob", "5", "100");
    const set = (leverage: string) => d.do({ type: "setLeverage", accountId: "eve", leverage: u(leverage) });
    expect(refusalOf(set("4"))).toBe("insufficientMargin");
    expect(refusalOf(set("0.5"))).toBe("invalidLeverage");
    expect(refusalOf(set("21"))).toBe("invalidLeverage");
    expect(of(set("5"), "leverageChanged")[0]?.leverage).toBe(u("5"));
    expect(d.engine.account("eve")?.initialMargin).toBe(u("100"));
  });

  it("uses the market's own leverage limit where it is lower", () => {
    const d = new Desk();
    const [btc] = d.engine.markets().map(({ spec }) => spec);
    const strict = new Desk({ markets: [{ ...btc!, maxLeverage: u("5") }], ...NO_FEES });
    strict.open("ann");
    strict.place("ann", "buy", "1", { price: "99" });
    expect(strict.engine.account("ann")?.initialMargin).toBe(u("20"));
  });
});
