import { describe, expect, it } from "vitest";
import { closeReasons, Desk, imbalance, makerFills, NO_FEES, of, refusalOf, u } from "./harness.ts";

/** `eve` has 100 and is long 10 from `bob` at 100, at 10x. */
function leveraged(config = {}): Desk {
  const d = new Desk({ ...NO_FEES, ...config });
  d.open("ann", "bob");
  d.do({ type: "openAccount", accountId: "eve", cash: u("100") });
  d.place("bob", "sell", "10", { price: "100" });
  d.place("eve", "buy", "10", { price: "100" });
  return d;
}

describe("an account below maintenance margin", () => {
  it("is not touched while it is above", () => {
    const d = leveraged();
    d.index("93");
    expect(d.engine.account("eve")).toMatchObject({
      equity: u("30"),
      maintenanceMargin: u("27.9"),
      liquidating: false,
    });
    expect(of(d.advance(), "liquidated")).toEqual([]);
  });

  it("takes no more orders, and loses the open ones first", () => {
    const d = leveraged();
    d.place("eve", "sell", "1", { price: "120" });
    d.place("eve", "sell", "1", { price: "8", market: "ETH-USD" });
    d.index("92");
    expect(d.engine.account("eve")?.liquidating).toBe(true);
    expect(refusalOf(d.place("eve", "sell", "1", { price: "120" }))).toBe("liquidating");
    expect(closeReasons(d.advance()).slice(0, 2)).toEqual(["liquidation", "liquidation"]);
    expect(d.engine.openOrders("eve")).toEqual([]);
  });

  it("is closed against the book and keeps what is left", () => {
    const d = leveraged();
    d.place("ann", "buy", "6", { price: "92" });
    d.place("ann", "buy", "6", { price: "91.5" });
    d.index("92");
    const events = d.advance();
    expect(makerFills(events)).toEqual(["ann 6 @ 92", "ann 4 @ 91.5"]);
    expect(of(events, "trade").every(({ trade }) => trade.liquidation)).toBe(true);
    expect(of(events, "liquidated")[0]).toMatchObject({ accountId: "eve", size: u("10"), price: u("91.8") });
    expect(d.engine.orders("eve").at(-1)).toMatchObject({
      liquidation: true,
      closeReason: "liquidation",
      filled: u("10"),
    });
    expect(d.cash("eve")).toBe("18");
    expect(d.engine.account("eve")).toMatchObject({ liquidating: false, maintenanceMargin: 0n });
    expect(d.engine.house().insurancePositions).toEqual([]);
  });

  it("hands the insurance fund, at mark, what the book does not take within 2 %", () => {
    const d = leveraged();
    d.place("ann", "buy", "4", { price: "92" });
    d.place("ann", "buy", "6", { price: "80" });
    d.index("92");
    const events = d.advance();
    expect(makerFills(events)).toEqual(["ann 4 @ 92"]);
    expect(d.engine.house().insurancePositions).toMatchObject([{ size: u("6"), cost: u("552") * 100_000_000n }]);
    const total = d.engine.fills("eve").reduce((sum, { side, size }) => sum + (side === "buy" ? size : -size), 0n);
    expect(total).toBe(0n);
    expect(of(events, "trade")).toHaveLength(1);
    expect(imbalance(d.engine)).toBe(0n);
  });

  it("is covered by the insurance fund when it owes", () => {
    const d = leveraged({ insuranceFund: u("50") });
    d.index("85");
    const covered = of(d.advance(), "cashChanged").filter(({ reason }) => reason === "insurance");
    expect(covered).toMatchObject([{ accountId: "eve", change: u("50"), cash: 0n }]);
    expect(d.cash("eve")).toBe("0");
    expect(d.engine.house().insurance).toBe(0n);
    expect(imbalance(d.engine)).toBe(0n);
  });

  it("may be a short", () => {
    const d = leveraged();
    d.do({ type: "openAccount", accountId: "sam", cash: u("100") });
    d.place("ann", "buy", "10", { price: "100" });
    d.place("sam", "sell", "10", { price: "100" });
    d.index("108");
    const events = d.advance();
    expect(of(events, "liquidated")).toMatchObject([{ accountId: "sam", size: u("-10"), price: u("108") }]);
    expect(d.cash("sam")).toBe("20");
    expect(d.engine.house().insurancePositions).toMatchObject([{ size: u("-10") }]);
  });

  it("may be dragged there by another one's liquidation, in the same advance, whoever was first", () => {
    const d = new Desk(NO_FEES);
    for (const [accountId, cash] of [
      ["kim", "55"],
      ["eve", "100"],
      ["bob", "10000"],
    ] as const) {
      d.do({ type: "openAccount", accountId, cash: u(cash) });
    }
    d.do({ type: "setLeverage", accountId: "kim", leverage: u("20") });
    d.place("bob", "sell", "10", { price: "100" });
    d.place("eve", "buy", "10", { price: "100" });
    d.place("kim", "buy", "10", { price: "95" });
    d.index("92");
    expect(of(d.advance(), "liquidated").map(({ accountId }) => accountId)).toEqual(["eve", "kim"]);
    expect(imbalance(d.engine)).toBe(0n);
  });

  it("is covered as soon as it is flat, even by its own trade", () => {
    const d = leveraged();
    d.place("ann", "buy", "10", { price: "85" });
    const events = d.place("eve", "sell", "10");
    expect(of(events, "cashChanged").at(-1)).toMatchObject({ accountId: "eve", reason: "insurance", cash: 0n });
    expect(d.engine.house().insurance).toBe(-u("50"));
    expect(imbalance(d.engine)).toBe(0n);
  });
});
