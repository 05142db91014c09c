import { describe, expect, it } from "vitest";
import { acceptedOrder, closeReasons, Desk, makerFills, NO_FEES, of, refusalOf, types, u } from "./harness.ts";

function desk(config = {}): Desk {
  const made = new Desk({ ...NO_FEES, ...config });
  made.open("ann", "bob", "cid");
  return made;
}

/** `ann` sells 2 at 100, first in the queue; `bob` sells 1 behind. */
function queue(d: Desk): number {
  const { orderId } = acceptedOrder(d.place("ann", "sell", "2", { price: "100", clientId: "a" }));
  d.place("bob", "sell", "1", { price: "100" });
  return orderId;
}

describe("amending", () => {
  it("keeps the order's id, client id and place when nothing but the size shrinks", () => {
    const d = desk();
    const orderId = queue(d);
    const events = d.amend("ann", orderId, { size: "1" });
    expect(types(events)).toEqual(["orderAmended", "bookLevel"]);
    expect(of(events, "orderAmended")[0]?.order).toMatchObject({
      orderId,
      clientId: "a",
      size: u("1"),
      status: "open",
    });
    expect(d.engine.order("ann", orderId)).toBe(of(events, "orderAmended")[0]?.order);
    expect(makerFills(d.place("cid", "buy", "2", { price: "100" }))).toEqual(["ann 1 @ 100", "bob 1 @ 100"]);
  });

  it("costs the place when the size grows or the price moves", () => {
    for (const change of [{ size: "3" }, { price: "99.5" }, { price: "99.5", size: "1" }]) {
      const d = desk();
      const orderId = queue(d);
      d.place("bob", "sell", "1", { price: "99.5" });
      expect(types(d.amend("ann", orderId, change))).toContain("orderAmended");
      const [first] = of(d.place("cid", "buy", "0.5", { price: change.price ?? "100" }), "fill").filter(
        ({ fill }) => fill.isMaker,
      );
      expect(first?.fill.accountId).toBe("bob");
      expect(d.engine.order("ann", orderId)).toMatchObject({
        price: u(change.price ?? "100"),
        size: u(change.size ?? "2"),
        status: "open",
      });
    }
  });

  it("counts what is filled into the size and refuses a size that is not above it", () => {
    const d = desk();
    const orderId = queue(d);
    d.place("cid", "buy", "0.5", { price: "100" });
    expect(refusalOf(d.amend("ann", orderId, { size: "0.5" }))).toBe("sizeBelowFilled");
    d.amend("ann", orderId, { size: "1.5" });
    expect(d.asks()).toEqual(["2 @ 100"]);
    d.amend("ann", orderId, { size: "4", price: "101" });
    expect(d.asks()).toEqual(["1 @ 100", "3.5 @ 101"]);
    expect(d.engine.order("ann", orderId)).toMatchObject({ size: u("4"), filled: u("0.5"), price: u("101") });
  });

  it("into the other side trades at once; what is left rests without opening again", () => {
    const d = desk();
    d.place("bob", "buy", "1", { price: "99" });
    const { orderId } = acceptedOrder(d.place("ann", "sell", "2", { price: "100" }));
    const events = d.amend("ann", orderId, { price: "99" });
    expect(makerFills(events)).toEqual(["bob 1 @ 99"]);
    expect(of(events, "orderOpened")).toEqual([]);
    expect(of(events, "orderAmended")[0]?.order).toMatchObject({ price: u("99"), filled: 0n });
    expect(of(events, "orderChanged").at(-1)?.order).toMatchObject({ orderId, filled: u("1"), status: "open" });
    expect(d.asks()).toEqual(["1 @ 99"]);
    d.place("bob", "buy", "1", { price: "98" });
    expect(closeReasons(d.amend("ann", orderId, { price: "98" }))).toEqual(["filled", "filled"]);
    expect(d.engine.order("ann", orderId)).toMatchObject({ filled: u("2"), status: "closed" });
  });

  it("closes a post-only order that would trade", () => {
    const d = desk();
    d.place("bob", "buy", "1", { price: "99" });
    const { orderId } = acceptedOrder(d.place("ann", "sell", "2", { price: "100", postOnly: true }));
    expect(closeReasons(d.amend("ann", orderId, { price: "99" }))).toEqual(["postOnly"]);
    expect(d.asks()).toEqual([]);
  });

  it("needs margin for the growth only", () => {
    const d = desk();
    d.do({ type: "openAccount", accountId: "eve", cash: u("100") });
    const { orderId } = acceptedOrder(d.place("eve", "buy", "9", { price: "99" }));
    expect(refusalOf(d.amend("eve", orderId, { size: "10.001" }))).toBe("insufficientMargin");
    expect(refusalOf(d.amend("eve", orderId, { size: "10" }))).toBeUndefined();
    expect(d.engine.account("eve")).toMatchObject({ initialMargin: u("100"), freeCollateral: 0n });
    expect(refusalOf(d.amend("eve", orderId, { size: "5" }))).toBeUndefined();
    expect(d.engine.account("eve")?.initialMargin).toBe(u("50"));
  });

  it("needs no margin again for what is filled", () => {
    const d = desk();
    d.do({ type: "openAccount", accountId: "eve", cash: u("100") });
    const { orderId } = acceptedOrder(d.place("eve", "buy", "9", { price: "99" }));
    d.place("bob", "sell", "4", { price: "99" });
    expect(refusalOf(d.amend("eve", orderId, { size: "10.5" }))).toBe("insufficientMargin");
    expect(refusalOf(d.amend("eve", orderId, { size: "10" }))).toBeUndefined();
  });

  it("of a partly filled order that only reduces keeps all that is left of it", () => {
    const d = desk();
    d.place("bob", "sell", "3", { price: "100" });
    d.place("ann", "buy", "3", { price: "100" });
    const { orderId } = acceptedOrder(d.place("ann", "sell", "3", { price: "101", reduceOnly: true }));
    d.place("cid", "buy", "1", { price: "101" });
    d.amend("ann", orderId, { price: "100.5" });
    expect(d.engine.order("ann", orderId)).toMatchObject({ size: u("3"), filled: u("1") });
    expect(d.asks()).toEqual(["2 @ 100.5"]);
  });

  it("cannot enlarge an order that only reduces beyond its position", () => {
    const d = desk();
    d.place("bob", "sell", "3", { price: "100" });
    d.place("ann", "buy", "3", { price: "100" });
    const { orderId } = acceptedOrder(d.place("ann", "sell", "1", { price: "101", reduceOnly: true }));
    const events = d.amend("ann", orderId, { size: "5" });
    expect(of(events, "orderChanged").at(-1)?.order).toMatchObject({ orderId, size: u("3") });
    expect(d.asks()).toEqual(["3 @ 101"]);
  });

  it("is refused when it changes nothing, breaks a rule or comes too late", () => {
    const d = desk();
    const orderId = queue(d);
    expect(refusalOf(d.amend("ann", orderId, {}))).toBe("unchanged");
    expect(refusalOf(d.amend("ann", orderId, { price: "100", size: "2" }))).toBe("unchanged");
    expect(refusalOf(d.amend("ann", orderId, { price: "100.3" }))).toBe("invalidPrice");
    expect(refusalOf(d.amend("ann", orderId, { size: "0" }))).toBe("sizeTooSmall");
    expect(refusalOf(d.amend("bob", orderId, { size: "1" }))).toBe("noSuchOrder");
    d.do({ type: "cancelOrder", accountId: "ann", orderId });
    expect(refusalOf(d.amend("ann", orderId, { size: "1" }))).toBe("orderClosed");
  });
});

describe("the number of open orders", () => {
  it("is limited on a market and over all, but not for what takes another's place or cannot rest", () => {
    const [btc, eth] = desk()
      .engine.markets()
      .map(({ spec }) => spec);
    const d = desk({ markets: [{ ...btc, maxOpenOrders: 2 }, eth], maxOpenOrders: 3 });
    const place = (market: string, timeInForce: "GTC" | "IOC" = "GTC") =>
      d.place("ann", "buy", "1", { price: market === "BTC-USD" ? "99" : "9", market, timeInForce });
    const { orderId } = acceptedOrder(place("BTC-USD"));
    place("BTC-USD");
    expect(refusalOf(place("BTC-USD"))).toBe("tooManyOrders");
    expect(refusalOf(place("BTC-USD", "IOC"))).toBeUndefined();
    expect(refusalOf(d.place("ann", "buy", "1"))).toBeUndefined();
    expect(refusalOf(d.amend("ann", orderId, { price: "98" }))).toBeUndefined();
    const replacing = { price: u("97"), size: null, clientId: null };
    expect(refusalOf(d.do({ type: "replaceOrder", accountId: "ann", orderId, ...replacing }))).toBeUndefined();
    place("ETH-USD");
    expect(refusalOf(place("ETH-USD"))).toBe("tooManyOrders");
    expect(refusalOf(d.place("bob", "buy", "1", { price: "99" }))).toBeUndefined();
    d.do({ type: "cancelAll", accountId: "ann", market: "BTC-USD" });
    expect(refusalOf(place("ETH-USD"))).toBeUndefined();
  });

  it("does not limit accounts without retention", () => {
    const [btc] = desk()
      .engine.markets()
      .map(({ spec }) => spec);
    const d = desk({ markets: [{ ...btc, maxOpenOrders: 1 }] });
    d.do({ type: "openAccount", accountId: "flow", cash: u("1000"), retain: false });
    d.place("flow", "buy", "1", { price: "99" });
    expect(refusalOf(d.place("flow", "buy", "1", { price: "99" }))).toBeUndefined();
  });
});

describe("a client id that is taken while its order is open", () => {
  it("is free again afterwards, and names the latest order", () => {
    const d = desk({ clientIdsTaken: "whileOpen" });
    const { orderId } = acceptedOrder(d.place("ann", "buy", "1", { price: "99", clientId: "one" }));
    expect(refusalOf(d.place("ann", "buy", "1", { price: "99", clientId: "one" }))).toBe("duplicateClientId");
    d.do({ type: "cancelOrder", accountId: "ann", orderId });
    const second = acceptedOrder(d.place("ann", "buy", "1", { price: "98", clientId: "one" }));
    expect(d.engine.orderByClientId("ann", "one")?.orderId).toBe(second.orderId);
  });
});

describe("a client id that is never taken", () => {
  it("may be of two open orders, and names the later one", () => {
    const d = desk({ clientIdsTaken: "never" });
    const first = acceptedOrder(d.place("ann", "buy", "1", { price: "99", clientId: "one" }));
    const second = acceptedOrder(d.place("ann", "buy", "1", { price: "98", clientId: "one" }));
    expect(d.engine.openOrders("ann").map(({ orderId }) => orderId)).toEqual([first.orderId, second.orderId]);
    expect(d.engine.orderByClientId("ann", "one")?.orderId).toBe(second.orderId);
  });
});
