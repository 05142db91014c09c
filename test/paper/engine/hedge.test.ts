import { describe, expect, it } from "vitest";
import type { PositionMode } from "../../../src/paper/engine/types.ts";
import {
  acceptedOrder,
  closeReasons,
  Desk,
  HOUR_MS,
  imbalance,
  NO_FEES,
  of,
  refusalOf,
  START_MS,
  u,
} from "./harness.ts";

/** `ann` hedges, long 4 and short 3 from `bob` at 100; `bob` is in one-way mode. */
function hedged(config = {}): Desk {
  const d = new Desk({ ...NO_FEES, ...config });
  d.open("ann", "bob");
  mode(d, "ann", "hedge");
  d.place("bob", "sell", "4", { price: "100" });
  d.place("ann", "buy", "4", { price: "100", positionSide: "long" });
  d.place("bob", "buy", "3", { price: "100" });
  d.place("ann", "sell", "3", { price: "100", positionSide: "short" });
  return d;
}

function mode(d: Desk, accountId: string, mode: PositionMode, market?: string) {
  return d.do({ type: "setPositionMode", accountId, mode, ...(market === undefined ? {} : { market }) });
}

describe("in hedge mode", () => {
  it("a long and a short stand side by side", () => {
    const d = hedged();
    expect(d.leg("ann", "long")).toMatchObject({ size: u("4"), cost: u("400") * 100_000_000n, side: "long" });
    expect(d.leg("ann", "short")).toMatchObject({ size: u("-3"), cost: u("-300") * 100_000_000n, side: "short" });
    expect(d.leg("bob", "both").size).toBe(u("-1"));
    expect(d.engine.market("BTC-USD")?.openInterest).toBe(u("4"));
    expect(imbalance(d.engine)).toBe(0n);
  });

  it("buying the long leg never touches the short one, and closing one leaves the other", () => {
    const d = hedged();
    d.place("bob", "buy", "4", { price: "110" });
    const events = d.place("ann", "sell", "4", { price: "110", positionSide: "long" });
    expect(of(events, "fill").find(({ fill }) => fill.accountId === "ann")?.fill).toMatchObject({
      positionSide: "long",
      closedSize: u("4"),
      realized: u("40"),
    });
    expect(d.leg("ann", "long").size).toBe(0n);
    expect(d.leg("ann", "short").size).toBe(u("-3"));
    expect(d.cash("ann")).toBe("10040");
  });

  it("orders and their events name the leg", () => {
    const d = hedged();
    const order = acceptedOrder(d.place("ann", "buy", "1", { price: "90", positionSide: "long" }));
    expect(order).toMatchObject({ positionSide: "long", reduceOnly: false });
    expect(acceptedOrder(d.place("bob", "buy", "1", { price: "90" })).positionSide).toBe("both");
  });

  it("an order that closes a leg is cut to it at match time and never turns it around", () => {
    const d = hedged();
    d.place("bob", "buy", "9", { price: "100" });
    const events = d.place("ann", "sell", "9", { price: "100", positionSide: "long" });
    expect(of(events, "orderClosed").at(-1)?.order).toMatchObject({ size: u("4"), filled: u("4") });
    expect(d.leg("ann", "long").size).toBe(0n);
    expect(d.bids()).toEqual(["5 @ 100"]);
  });

  it("a resting order that closes a leg shrinks and ends with it", () => {
    const d = hedged();
    d.place("ann", "buy", "3", { price: "95", positionSide: "short" });
    d.place("bob", "sell", "2", { price: "100" });
    d.place("ann", "buy", "2", { price: "100", positionSide: "short" });
    expect(d.bids()).toEqual(["1 @ 95"]);
    d.place("bob", "sell", "1", { price: "100" });
    expect(closeReasons(d.place("ann", "buy", "1", { price: "100", positionSide: "short" }))).toContain("reduceOnly");
    expect(d.bids()).toEqual([]);
  });

  it("an order that would close a flat leg, or reduce on the opening side, is refused", () => {
    const d = hedged();
    expect(refusalOf(d.place("ann", "sell", "1", { price: "10", positionSide: "long", market: "ETH-USD" }))).toBe(
      "invalidReduceOnly",
    );
    const opening = { price: "99", positionSide: "long", reduceOnly: true } as const;
    expect(refusalOf(d.place("ann", "buy", "1", opening))).toBe("invalidReduceOnly");
  });

  it("a closing order is exempt from the smallest notional and holds no margin", () => {
    const d = hedged({ markets: [{ ...new Desk().engine.markets()[0]!.spec, minNotional: u("50") }] });
    const held = d.engine.account("ann")?.initialMargin;
    expect(refusalOf(d.place("ann", "buy", "0.1", { price: "99", positionSide: "long" }))).toBe("notionalTooSmall");
    expect(refusalOf(d.place("ann", "sell", "0.1", { price: "101", positionSide: "long" }))).toBeUndefined();
    expect(d.engine.account("ann")?.initialMargin).toBe(held);
  });

  it("the legs' orders still do not trade with each other", () => {
    const d = hedged();
    d.place("ann", "sell", "1", { price: "101", positionSide: "short" });
    expect(closeReasons(d.place("ann", "buy", "1", { price: "101", positionSide: "long" }))).toEqual(["selfTrade"]);
  });

  it("a fill-or-kill taker counts what each leg of one account gives", () => {
    const d = hedged();
    d.open("cid");
    d.place("ann", "sell", "1", { price: "101", positionSide: "short" });
    d.place("ann", "sell", "2", { price: "101", positionSide: "long" });
    expect(closeReasons(d.place("cid", "buy", "3", { price: "101", timeInForce: "FOK" }))).toEqual([
      "filled",
      "filled",
      "filled",
    ]);
  });

  it("each leg holds margin of its own and equity is that of both", () => {
    const d = hedged();
    d.index("110");
    expect(d.leg("ann", "long")).toMatchObject({ initialMargin: u("44"), unrealized: u("40") });
    expect(d.leg("ann", "short")).toMatchObject({ initialMargin: u("33"), unrealized: u("-30") });
    expect(d.engine.account("ann")).toMatchObject({ equity: u("10010"), initialMargin: u("77") });
  });

  it("each leg pays its own funding under its own id", () => {
    const d = hedged();
    d.place("bob", "buy", "1", { price: "103.5" });
    d.place("bob", "sell", "1", { price: "104.5" });
    d.index("98");
    const paid = of(d.advance(START_MS + HOUR_MS), "fundingPaid").filter(({ payment }) => payment.accountId === "ann");
    expect(paid.map(({ payment }) => [payment.positionSide, payment.size, payment.amount < 0n])).toEqual([
      ["long", u("4"), true],
      ["short", u("-3"), false],
    ]);
    expect(new Set(paid.map(({ payment }) => payment.paymentId)).size).toBe(2);
    expect(d.engine.fundingPayments("ann")).toHaveLength(2);
  });

  it("a liquidation closes both legs of a cross account and marks what the insurance fund took", () => {
    const d = new Desk(NO_FEES);
    d.open("bob");
    d.do({ type: "openAccount", accountId: "eve", cash: u("100") });
    mode(d, "eve", "hedge");
    d.place("bob", "sell", "7", { price: "100" });
    d.place("eve", "buy", "7", { price: "100", positionSide: "long" });
    d.place("bob", "buy", "1", { price: "100" });
    d.place("eve", "sell", "1", { price: "100", positionSide: "short" });
    d.place("bob", "buy", "2", { price: "86" });
    d.index("86");
    const events = d.advance();
    expect(of(events, "liquidated")).toMatchObject([
      { positionSide: "long", marginMode: "cross", size: u("7"), takeoverSize: u("5") },
      { positionSide: "short", marginMode: "cross", size: u("-1"), takeoverSize: u("1") },
    ]);
    const fills = d.engine.fills("eve").filter(({ liquidation }) => liquidation);
    expect(fills.map(({ takeover, size, positionSide }) => [positionSide, takeover, size])).toEqual([
      ["long", false, u("2")],
      ["long", true, u("5")],
      ["short", true, u("1")],
    ]);
    expect(d.engine.house().insurancePositions).toMatchObject([{ side: "both", size: u("4") }]);
    expect(imbalance(d.engine)).toBe(0n);
  });
});

describe("an order's position side", () => {
  it("must fit the mode", () => {
    const d = hedged();
    expect(refusalOf(d.place("ann", "buy", "1", { price: "99" }))).toBe("positionSideMismatch");
    expect(refusalOf(d.place("bob", "buy", "1", { price: "99", positionSide: "long" }))).toBe("positionSideMismatch");
    expect(refusalOf(d.place("bob", "buy", "1", { price: "99", positionSide: "both" }))).toBeUndefined();
  });

  it("stays with an order that is replaced", () => {
    const d = hedged();
    const { orderId } = acceptedOrder(d.place("ann", "buy", "1", { price: "90", positionSide: "long" }));
    const events = d.do({
      type: "replaceOrder",
      accountId: "ann",
      orderId,
      price: u("91"),
      size: null,
      clientId: null,
    });
    expect(acceptedOrder(events).positionSide).toBe("long");
  });
});

describe("the position mode", () => {
  it("changes only without positions and open orders, and only when it is another", () => {
    const d = hedged();
    expect(refusalOf(mode(d, "ann", "hedge"))).toBe("unchanged");
    expect(refusalOf(mode(d, "ann", "oneWay"))).toBe("positionsOpen");
    expect(refusalOf(mode(d, "zoe", "oneWay"))).toBe("noSuchAccount");
    d.open("cid");
    const { orderId } = acceptedOrder(d.place("cid", "buy", "1", { price: "90" }));
    expect(refusalOf(mode(d, "cid", "hedge"))).toBe("ordersOpen");
    d.do({ type: "cancelOrder", accountId: "cid", orderId });
    expect(of(mode(d, "cid", "hedge"), "positionModeChanged")).toEqual([
      { type: "positionModeChanged", accountId: "cid", mode: "hedge" },
    ]);
    expect(d.engine.account("cid")?.positionMode).toBe("hedge");
  });

  it("can be set for one market, while others keep the account's", () => {
    const d = hedged();
    expect(refusalOf(mode(d, "ann", "oneWay", "ETH-USD"))).toBeUndefined();
    expect(refusalOf(mode(d, "ann", "oneWay", "ETH-USD"))).toBe("unchanged");
    expect(refusalOf(mode(d, "ann", "oneWay", "XRP-USD"))).toBe("noSuchMarket");
    expect(refusalOf(d.place("ann", "buy", "1", { price: "9", market: "ETH-USD" }))).toBeUndefined();
    expect(d.engine.positions("ann", "BTC-USD").map(({ side }) => side)).toEqual(["long", "short"]);
    expect(d.engine.positions("ann", "ETH-USD").map(({ side }) => side)).toEqual(["both"]);
  });

  it("of the account, set again, holds on all markets", () => {
    const d = new Desk();
    d.open("cid");
    mode(d, "cid", "hedge", "ETH-USD");
    expect(refusalOf(mode(d, "cid", "oneWay"))).toBeUndefined();
    expect(d.engine.settings("cid", "ETH-USD")?.positionMode).toBe("oneWay");
    expect(refusalOf(mode(d, "cid", "oneWay"))).toBe("unchanged");
  });

  it("may be hedge from the start", () => {
    const d = new Desk({ defaultPositionMode: "hedge" });
    d.open("ann");
    expect(refusalOf(d.place("ann", "buy", "1", { price: "99", positionSide: "long" }))).toBeUndefined();
  });
});
