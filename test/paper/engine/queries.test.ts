import { describe, expect, it } from "vitest";
import { acceptedOrder, Desk, NO_FEES, of, refusalOf, START_MS, u } from "./harness.ts";

function desk(config = {}): Desk {
  const made = new Desk(config);
  made.open("ann", "bob");
  return made;
}

describe("the sequence", () => {
  it("grows by one with each command that changes something and stands still with others", () => {
    const d = new Desk();
    expect(d.engine.sequence()).toBe(0);
    d.open("ann", "bob");
    expect(d.engine.sequence()).toBe(2);
    d.place("ann", "buy", "1", { price: "99.3" });
    d.advance();
    expect(d.engine.sequence()).toBe(2);
    d.place("ann", "buy", "1", { price: "99" });
    expect(d.engine.sequence()).toBe(3);
  });

  it("is on the fills, the trade and the positions of its batch", () => {
    const d = desk();
    d.place("ann", "buy", "1", { price: "99" });
    const events = d.place("bob", "sell", "1", { price: "99" });
    const sequence = d.engine.sequence();
    const seen = [
      ...of(events, "fill").map(({ fill }) => fill.sequence),
      ...of(events, "trade").map(({ trade }) => trade.sequence),
      ...of(events, "positionChanged").map(({ position }) => position.sequence),
    ];
    expect(seen).toEqual([sequence, sequence, sequence, sequence, sequence]);
    d.place("ann", "buy", "1", { price: "98" });
    expect(d.position("ann").sequence).toBe(sequence);
  });
});

describe("views", () => {
  it("list open orders by market in the order in which they came to rest", () => {
    const d = desk();
    const first = acceptedOrder(d.place("ann", "buy", "1", { price: "99" })).orderId;
    const other = acceptedOrder(d.place("ann", "buy", "1", { price: "9", market: "ETH-USD" })).orderId;
    const last = acceptedOrder(d.place("ann", "buy", "1", { price: "98" })).orderId;
    const ids = (market?: string) => d.engine.openOrders("ann", market).map(({ orderId }) => orderId);
    expect(ids("BTC-USD")).toEqual([first, last]);
    expect(ids("ETH-USD")).toEqual([other]);
    expect(ids()).toEqual([first, other, last]);
    expect(d.engine.order("ann", other)?.market).toBe("ETH-USD");
  });

  it("list closed orders in the order of closing, from a time on", () => {
    const d = desk();
    const ids = ["97", "98", "99"].map((price) => acceptedOrder(d.place("ann", "buy", "1", { price })).orderId);
    for (const [step, orderId] of [ids[2]!, ids[0]!, ids[1]!].entries()) {
      d.nowMs = START_MS + step;
      d.do({ type: "cancelOrder", accountId: "ann", orderId });
    }
    const closed = (sinceMs?: number) => d.engine.closedOrders("ann", sinceMs).map(({ orderId }) => orderId);
    expect(closed()).toEqual([ids[2], ids[0], ids[1]]);
    expect(closed(START_MS + 1)).toEqual([ids[0], ids[1]]);
    expect(closed(START_MS + 2)).toEqual([ids[1]]);
    expect(closed(START_MS + 3)).toEqual([]);
    expect(d.engine.closedOrders("zoe")).toEqual([]);
  });

  it("list the fills of an order, and the order knows its fees", () => {
    const d = desk();
    const { orderId } = acceptedOrder(d.place("ann", "sell", "3", { price: "100" }));
    d.place("bob", "buy", "1", { price: "100" });
    d.place("bob", "buy", "1.5", { price: "100" });
    expect(d.engine.orderFills("ann", orderId).map(({ size }) => size)).toEqual([u("1"), u("1.5")]);
    expect(d.engine.order("ann", orderId)?.fees).toBe(u("0.05"));
    expect(d.engine.orderFills("bob", orderId)).toEqual([]);
  });

  it("show a flat position where there was none and leave no row behind", () => {
    const d = desk();
    expect(d.engine.positions("ann", "ETH-USD")).toMatchObject([{ side: "both", size: 0n, openedMs: 0, sequence: 0 }]);
    expect(d.engine.account("ann")?.positions).toEqual([]);
    expect(d.engine.positions("zoe", "ETH-USD")).toEqual([]);
    expect(d.engine.positions("ann", "XRP-USD")).toEqual([]);
    expect(d.engine.settings("ann", "XRP-USD")).toBeUndefined();
  });

  it("tell when a position was opened and last changed", () => {
    const d = desk();
    const trade = (side: "buy" | "sell", atMs: number) => {
      d.nowMs = START_MS + atMs;
      d.place("bob", side === "buy" ? "sell" : "buy", "1", { price: "100" });
      d.place("ann", side, "1", { price: "100" });
    };
    trade("buy", 1);
    trade("buy", 2);
    expect(d.position("ann")).toMatchObject({ openedMs: START_MS + 1, updatedMs: START_MS + 2 });
    trade("sell", 3);
    trade("sell", 4);
    trade("buy", 5);
    expect(d.position("ann")).toMatchObject({ openedMs: START_MS + 5 });
  });
});

describe("leverage of a market", () => {
  const set = (d: Desk, leverage: string, market?: string) =>
    d.do({ type: "setLeverage", accountId: "ann", leverage: u(leverage), ...(market === undefined ? {} : { market }) });

  it("stands beside the account's, which holds elsewhere", () => {
    const d = desk(NO_FEES);
    expect(of(set(d, "5", "BTC-USD"), "leverageChanged")).toEqual([
      { type: "leverageChanged", accountId: "ann", leverage: u("5"), market: "BTC-USD" },
    ]);
    d.place("ann", "buy", "1", { price: "99" });
    d.place("ann", "buy", "10", { price: "9.9", market: "ETH-USD" });
    expect(d.engine.account("ann")).toMatchObject({ leverage: u("10"), initialMargin: u("30") });
    set(d, "20");
    expect(d.engine.settings("ann", "BTC-USD")?.leverage).toBe(u("5"));
    expect(d.engine.settings("ann", "ETH-USD")?.leverage).toBe(u("20"));
  });

  it("is refused when it is so already, for a market only, and beyond the market's limit", () => {
    const [btc, eth] = desk()
      .engine.markets()
      .map(({ spec }) => spec);
    const d = desk({ markets: [{ ...btc, maxLeverage: u("15") }, eth] });
    expect(refusalOf(set(d, "10", "BTC-USD"))).toBe("leverageUnchanged");
    expect(refusalOf(set(d, "10"))).toBeUndefined();
    expect(refusalOf(set(d, "16", "BTC-USD"))).toBe("invalidLeverage");
    expect(refusalOf(set(d, "16", "ETH-USD"))).toBeUndefined();
    expect(refusalOf(set(d, "16", "XRP-USD"))).toBe("noSuchMarket");
  });

  it("cannot be lowered below what the account carries, in cross and isolated margin", () => {
    for (const marginMode of ["cross", "isolated"] as const) {
      const d = new Desk({ ...NO_FEES, defaultMarginMode: marginMode });
      d.open("bob");
      d.do({ type: "openAccount", accountId: "ann", cash: u("100") });
      d.place("bob", "sell", "5", { price: "100" });
      d.place("ann", "buy", "5", { price: "100" });
      const lowest = marginMode === "cross" ? "5" : "10";
      expect(refusalOf(set(d, marginMode === "cross" ? "4.9" : "9.9", "BTC-USD"))).toBe("insufficientMargin");
      expect(refusalOf(set(d, lowest === "10" ? "11" : lowest, "BTC-USD"))).toBeUndefined();
    }
  });
});
