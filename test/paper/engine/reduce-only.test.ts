import { describe, expect, it } from "vitest";
import { acceptedOrder, closeReasons, Desk, makerFills, of, refusalOf, u } from "./harness.ts";

/** `ann` is long 3 from `bob`; `cid` and `dan` are flat. */
function longThree(): Desk {
  const d = new Desk();
  d.open("ann", "bob", "cid", "dan");
  d.place("bob", "sell", "3", { price: "100" });
  d.place("ann", "buy", "3", { price: "100" });
  return d;
}

describe("a reduce-only order", () => {
  it("is refused without a position and on the position's own side", () => {
    const d = longThree();
    expect(refusalOf(d.place("cid", "sell", "1", { price: "101", reduceOnly: true }))).toBe("invalidReduceOnly");
    expect(refusalOf(d.place("ann", "buy", "1", { price: "99", reduceOnly: true }))).toBe("invalidReduceOnly");
    expect(refusalOf(d.place("bob", "sell", "1", { price: "101", reduceOnly: true }))).toBe("invalidReduceOnly");
  });

  it("is cut to the position when it trades at once", () => {
    const d = longThree();
    d.place("cid", "buy", "5", { price: "99" });
    const events = d.place("ann", "sell", "5", { reduceOnly: true });
    expect(acceptedOrder(events).size).toBe(u("5"));
    expect(of(events, "orderClosed").at(-1)?.order).toMatchObject({
      size: u("3"),
      filled: u("3"),
      closeReason: "filled",
    });
    expect(d.position("ann").size).toBe(0n);
    expect(d.bids()).toEqual(["2 @ 99"]);
  });

  it("holds no margin", () => {
    const d = longThree();
    const before = d.engine.account("ann")?.initialMargin;
    d.place("ann", "sell", "3", { price: "110", reduceOnly: true });
    expect(d.engine.account("ann")?.initialMargin).toBe(before);
  });

  it("that rests is cut when the position shrinks", () => {
    const d = longThree();
    const { orderId } = acceptedOrder(d.place("ann", "sell", "3", { price: "101", reduceOnly: true }));
    d.place("cid", "buy", "1", { price: "99" });
    const events = d.place("ann", "sell", "1");
    expect(of(events, "orderChanged").at(-1)?.order).toMatchObject({ orderId, size: u("2"), status: "open" });
    expect(d.asks()).toEqual(["2 @ 101"]);
  });

  it("that rests is closed when the position is gone", () => {
    const d = longThree();
    d.place("ann", "sell", "3", { price: "101", reduceOnly: true });
    d.place("cid", "buy", "3", { price: "99" });
    const events = d.place("ann", "sell", "3");
    expect(closeReasons(events)).toEqual(["filled", "filled", "reduceOnly"]);
    expect(d.asks()).toEqual([]);
  });

  it("gives way to a more aggressive one when together they exceed the position", () => {
    const d = longThree();
    const far = acceptedOrder(d.place("ann", "sell", "3", { price: "102", reduceOnly: true }));
    const events = d.place("ann", "sell", "2", { price: "101", reduceOnly: true });
    expect(of(events, "orderChanged").at(-1)?.order).toMatchObject({ orderId: far.orderId, size: u("1") });
    expect(d.asks()).toEqual(["2 @ 101", "1 @ 102"]);
    const third = d.place("ann", "sell", "2", { price: "103", reduceOnly: true });
    expect(closeReasons(third)).toEqual(["reduceOnly"]);
  });

  it("trades no more than it can reduce when its owner sells elsewhere in the same sweep", () => {
    const d = longThree();
    d.place("ann", "sell", "2", { price: "101" });
    d.place("ann", "sell", "3", { price: "101.5", reduceOnly: true });
    const events = d.place("cid", "buy", "10", { price: "102", timeInForce: "IOC" });
    expect(makerFills(events)).toEqual(["ann 2 @ 101", "ann 1 @ 101.5"]);
    expect(closeReasons(events)).toEqual(["filled", "reduceOnly", "iocRemainder"]);
    expect(d.position("ann").size).toBe(0n);
  });

  it("counts for a fill-or-kill taker only with what it can reduce", () => {
    const d = longThree();
    d.place("ann", "sell", "2", { price: "101" });
    d.place("ann", "sell", "3", { price: "101.5", reduceOnly: true });
    const events = d.place("cid", "buy", "4", { price: "102", timeInForce: "FOK" });
    expect(closeReasons(events)).toEqual(["fokUnfilled"]);
    expect(makerFills(d.place("cid", "buy", "3", { price: "102", timeInForce: "FOK" }))).toHaveLength(2);
  });
});
