import { describe, expect, it } from "vitest";
import {
  acceptedOrder,
  closeReasons,
  Desk,
  makerFills,
  NO_FEES,
  of,
  refusalOf,
  START_MS,
  types,
  u,
} from "./harness.ts";

function desk(): Desk {
  const made = new Desk();
  made.open("ann", "bob", "cid");
  return made;
}

describe("a limit order", () => {
  it("rests in the book and says so", () => {
    const d = desk();
    const events = d.place("ann", "buy", "1", { price: "99.5" });
    expect(types(events)).toEqual(["orderAccepted", "orderOpened", "bookLevel"]);
    expect(d.bids()).toEqual(["1 @ 99.5"]);
    expect(d.engine.openOrders("ann")).toHaveLength(1);
  });

  it("takes the best price first and, at one price, the oldest order first", () => {
    const d = desk();
    d.place("ann", "sell", "1", { price: "101" });
    d.place("bob", "sell", "1", { price: "100.5" });
    d.place("ann", "sell", "1", { price: "100.5" });
    const events = d.place("cid", "buy", "2.5", { price: "101" });
    expect(makerFills(events)).toEqual(["bob 1 @ 100.5", "ann 1 @ 100.5", "ann 0.5 @ 101"]);
    expect(d.asks()).toEqual(["0.5 @ 101"]);
  });

  it("trades what it can and rests with what is left", () => {
    const d = desk();
    d.place("ann", "sell", "1", { price: "100" });
    const events = d.place("bob", "buy", "3", { price: "100" });
    expect(types(events)).toEqual([
      "orderAccepted",
      "fill",
      "cashChanged",
      "fill",
      "cashChanged",
      "orderClosed",
      "trade",
      "orderOpened",
      "positionChanged",
      "positionChanged",
      "bookLevel",
      "bookLevel",
    ]);
    expect(of(events, "orderOpened")[0]?.order).toMatchObject({ size: u("3"), filled: u("1"), status: "open" });
    expect(d.bids()).toEqual(["2 @ 100"]);
  });

  it("does not trade through its price", () => {
    const d = desk();
    d.place("ann", "sell", "1", { price: "100.5" });
    expect(makerFills(d.place("bob", "buy", "1", { price: "100" }))).toEqual([]);
  });

  it("reports a level once a command, with its size at the end", () => {
    const d = desk();
    for (const size of ["1", "2", "3"]) d.place("ann", "sell", size, { price: "100" });
    const events = d.place("bob", "buy", "4", { price: "100" });
    expect(of(events, "bookLevel")).toEqual([
      { type: "bookLevel", market: "BTC-USD", side: "sell", price: u("100"), size: u("2") },
    ]);
  });
});

describe("a market order", () => {
  it("trades and never rests", () => {
    const d = desk();
    d.place("ann", "sell", "1", { price: "100" });
    const events = d.place("bob", "buy", "3");
    expect(closeReasons(events)).toEqual(["filled", "iocRemainder"]);
    expect(of(events, "orderClosed")[1]?.order).toMatchObject({ filled: u("1"), price: null, type: "market" });
    expect(d.bids()).toEqual([]);
  });

  it("reaches 2 % through the best opposite price and no further", () => {
    const d = desk();
    for (const price of ["100", "102", "102.5"]) d.place("ann", "sell", "1", { price });
    expect(makerFills(d.place("bob", "buy", "3"))).toEqual(["ann 1 @ 100", "ann 1 @ 102"]);
    for (const price of ["97", "95.5", "95"]) d.place("ann", "buy", "1", { price });
    expect(makerFills(d.place("bob", "sell", "3"))).toEqual(["ann 1 @ 97", "ann 1 @ 95.5"]);
  });

  it("closes at once on an empty book", () => {
    expect(closeReasons(desk().place("ann", "buy", "1"))).toEqual(["iocRemainder"]);
  });
});

describe("time in force", () => {
  it("post-only that would cross is accepted and then closed", () => {
    const d = desk();
    d.place("ann", "sell", "1", { price: "100" });
    const events = d.place("bob", "buy", "1", { price: "100", postOnly: true });
    expect(types(events)).toEqual(["orderAccepted", "orderClosed"]);
    expect(closeReasons(events)).toEqual(["postOnly"]);
    expect(types(d.place("bob", "buy", "1", { price: "99.5", postOnly: true }))).toContain("orderOpened");
  });

  it("IOC closes what it cannot trade", () => {
    const d = desk();
    d.place("ann", "sell", "1", { price: "100" });
    const events = d.place("bob", "buy", "2", { price: "100", timeInForce: "IOC" });
    expect(closeReasons(events)).toEqual(["filled", "iocRemainder"]);
    expect(d.bids()).toEqual([]);
  });

  it("FOK trades all or nothing", () => {
    const d = desk();
    d.place("ann", "sell", "1", { price: "100" });
    d.place("cid", "sell", "1", { price: "100.5" });
    const refused = d.place("bob", "buy", "2", { price: "100", timeInForce: "FOK" });
    expect(closeReasons(refused)).toEqual(["fokUnfilled"]);
    expect(d.asks()).toEqual(["1 @ 100", "1 @ 100.5"]);
    const done = d.place("bob", "buy", "2", { price: "100.5", timeInForce: "FOK" });
    expect(makerFills(done)).toHaveLength(2);
  });

  it("FOK does not count the account's own orders", () => {
    const d = desk();
    d.place("bob", "sell", "1", { price: "100" });
    d.place("ann", "sell", "1", { price: "100" });
    const events = d.place("bob", "buy", "2", { price: "100", timeInForce: "FOK" });
    expect(closeReasons(events)).toEqual(["fokUnfilled"]);
    expect(d.asks()).toEqual(["2 @ 100"]);
  });
});

describe("self-trade prevention", () => {
  it("closes the account's resting order and goes on matching", () => {
    const d = desk();
    d.place("bob", "sell", "1", { price: "100" });
    d.place("ann", "sell", "1", { price: "100" });
    const events = d.place("bob", "buy", "1", { price: "100" });
    expect(closeReasons(events)).toEqual(["selfTrade", "filled", "filled"]);
    expect(makerFills(events)).toEqual(["ann 1 @ 100"]);
  });
});

describe("cancelling", () => {
  it("closes an order once", () => {
    const d = desk();
    const { orderId } = acceptedOrder(d.place("ann", "buy", "1", { price: "99" }));
    const events = d.do({ type: "cancelOrder", accountId: "ann", orderId });
    expect(closeReasons(events)).toEqual(["user"]);
    expect(of(events, "bookLevel")[0]?.size).toBe(0n);
    expect(refusalOf(d.do({ type: "cancelOrder", accountId: "ann", orderId }))).toBe("orderClosed");
  });

  it("for its own time closes it as expired", () => {
    const d = desk();
    const { orderId } = acceptedOrder(d.place("ann", "buy", "1", { price: "99" }));
    const events = d.do({ type: "cancelOrder", accountId: "ann", orderId, isExpiry: true });
    expect(closeReasons(events)).toEqual(["expired"]);
  });

  it("refuses another account's order as unknown", () => {
    const d = desk();
    const { orderId } = acceptedOrder(d.place("ann", "buy", "1", { price: "99" }));
    expect(refusalOf(d.do({ type: "cancelOrder", accountId: "bob", orderId }))).toBe("noSuchOrder");
  });

  it("of all orders keeps to the market and side named", () => {
    const d = desk();
    d.place("ann", "buy", "1", { price: "99" });
    d.place("ann", "sell", "1", { price: "101" });
    d.place("ann", "buy", "1", { price: "9", market: "ETH-USD" });
    expect(closeReasons(d.do({ type: "cancelAll", accountId: "ann", market: "BTC-USD", side: "sell" }))).toHaveLength(
      1,
    );
    expect(closeReasons(d.do({ type: "cancelAll", accountId: "ann", market: "ETH-USD" }))).toHaveLength(1);
    expect(closeReasons(d.do({ type: "cancelAll", accountId: "ann" }))).toHaveLength(1);
    expect(refusalOf(d.do({ type: "cancelAll", accountId: "ann", market: "XRP-USD" }))).toBe("noSuchMarket");
  });
});

describe("replacing", () => {
  it("closes the old order as amended and gives the new one its own id and the last place", () => {
    const d = desk();
    const { orderId } = acceptedOrder(d.place("ann", "sell", "1", { price: "100", clientId: "a" }));
    d.place("bob", "sell", "1", { price: "100" });
    const events = d.do({
      type: "replaceOrder",
      accountId: "ann",
      orderId,
      price: null,
      size: u("2"),
      clientId: null,
    });
    expect(closeReasons(events)).toEqual(["amended"]);
    expect(acceptedOrder(events)).toMatchObject({ size: u("2"), price: u("100"), clientId: null });
    expect(acceptedOrder(events).orderId).not.toBe(orderId);
    expect(makerFills(d.place("cid", "buy", "2", { price: "100" }))).toEqual(["bob 1 @ 100", "ann 1 @ 100"]);
  });

  it("keeps what was left where no size is named", () => {
    const d = desk();
    const { orderId } = acceptedOrder(d.place("ann", "sell", "3", { price: "100" }));
    d.place("bob", "buy", "1", { price: "100" });
    d.do({ type: "replaceOrder", accountId: "ann", orderId, price: u("101"), size: null, clientId: null });
    expect(d.asks()).toEqual(["2 @ 101"]);
  });

  it("counts the margin that the old order gives back", () => {
    const d = desk();
    const { orderId } = acceptedOrder(d.place("ann", "buy", "999", { price: "99" }));
    const replace = (size: string) =>
      d.do({ type: "replaceOrder", accountId: "ann", orderId, price: null, size: u(size), clientId: null });
    expect(refusalOf(replace("1000.001"))).toBe("sizeTooLarge");
    expect(refusalOf(replace("1000"))).toBeUndefined();
  });

  it("leaves the old order alone when the new one is refused", () => {
    const d = desk();
    const { orderId } = acceptedOrder(d.place("ann", "buy", "1", { price: "99" }));
    const events = d.do({
      type: "replaceOrder",
      accountId: "ann",
      orderId,
      price: u("99.3"),
      size: null,
      clientId: null,
    });
    expect(refusalOf(events)).toBe("invalidPrice");
    expect(d.bids()).toEqual(["1 @ 99"]);
  });
});

describe("an order is refused", () => {
  it.each([
    ["invalidPrice", "1", { price: "99.3" }],
    ["invalidPrice", "1", { price: "0" }],
    ["invalidPrice", "1", { price: "-1" }],
    ["sizeTooSmall", "0", { price: "99" }],
    ["sizeTooSmall", "-1", { price: "99" }],
    ["invalidSize", "0.0015", { price: "99" }],
    ["sizeTooSmall", "0.0005", { price: "99" }],
    ["sizeTooSmallForMaker", "0.005", { price: "99" }],
    ["sizeTooLarge", "1000.001", { price: "99" }],
    ["priceOutOfBand", "1", { price: "150.5" }],
    ["priceOutOfBand", "1", { price: "49.5" }],
    ["notionalTooSmall", "0.01", { price: "9", market: "ETH-USD" }],
    ["noSuchMarket", "1", { price: "99", market: "XRP-USD" }],
    ["insufficientMargin", "1000", { price: "99" }],
    ["invalidReduceOnly", "1", { price: "99", reduceOnly: true }],
  ] as const)("with %s: size %s %o", (code, size, placing) => {
    const d = desk();
    d.do({ type: "setLeverage", accountId: "ann", leverage: u("9") });
    const events = d.place("ann", "buy", size, placing);
    expect(refusalOf(events)).toBe(code);
    expect(events).toHaveLength(1);
    expect(d.engine.orders("ann")).toEqual([]);
    expect(d.engine.account("ann")?.positions).toEqual([]);
  });

  it("with a message that a person can act on", () => {
    const [event] = desk().place("ann", "buy", "1", { price: "99.3" });
    expect(event).toMatchObject({ message: "price 99.3 is not a multiple of 0.5" });
  });

  it("when the account or a limit order's price is missing", () => {
    const d = desk();
    expect(refusalOf(d.place("zoe", "buy", "1", { price: "99" }))).toBe("noSuchAccount");
    const events = d.do({
      type: "placeOrder",
      accountId: "ann",
      market: "BTC-USD",
      side: "buy",
      orderType: "limit",
      price: null,
      size: u("1"),
      timeInForce: "GTC",
      postOnly: false,
      reduceOnly: false,
      clientId: null,
    });
    expect(refusalOf(events)).toBe("invalidPrice");
  });

  it("when its client id was ever used by the account, open or closed", () => {
    const d = desk();
    const { orderId } = acceptedOrder(d.place("ann", "buy", "1", { price: "99", clientId: "one" }));
    expect(refusalOf(d.place("ann", "buy", "1", { price: "99", clientId: "one" }))).toBe("duplicateClientId");
    d.do({ type: "cancelOrder", accountId: "ann", orderId });
    expect(refusalOf(d.place("ann", "buy", "1", { price: "99", clientId: "one" }))).toBe("duplicateClientId");
    expect(refusalOf(d.place("bob", "buy", "1", { price: "99", clientId: "one" }))).toBeUndefined();
  });

  it("and the client id of a refused order stays free", () => {
    const d = desk();
    d.place("ann", "buy", "1", { price: "99.3", clientId: "one" });
    expect(refusalOf(d.place("ann", "buy", "1", { price: "99", clientId: "one" }))).toBeUndefined();
  });
});

describe("a small order", () => {
  it("may trade although it could not rest", () => {
    const d = desk();
    d.place("ann", "sell", "1", { price: "100" });
    expect(makerFills(d.place("bob", "buy", "0.005", { price: "100" }))).toEqual(["ann 0.005 @ 100"]);
  });
});

describe("views", () => {
  it("find an order by id and client id in its latest state, open or closed", () => {
    const d = desk();
    const { orderId } = acceptedOrder(d.place("ann", "sell", "2", { price: "100", clientId: "x" }));
    d.place("bob", "buy", "1", { price: "100" });
    expect(d.engine.order("ann", orderId)).toMatchObject({ filled: u("1"), status: "open" });
    d.do({ type: "cancelOrder", accountId: "ann", orderId });
    expect(d.engine.orderByClientId("ann", "x")).toMatchObject({
      filled: u("1"),
      status: "closed",
      closeReason: "user",
    });
    expect(d.engine.order("bob", orderId)).toBeUndefined();
    expect(d.engine.orders("ann")).toHaveLength(1);
  });

  it("do not change what was handed out before", () => {
    const d = desk();
    const accepted = acceptedOrder(d.place("ann", "sell", "2", { price: "100" }));
    d.place("bob", "buy", "1", { price: "100" });
    expect(accepted.filled).toBe(0n);
  });

  it("hand out the same lists again instead of copies", () => {
    const d = desk();
    expect(d.engine.orders("ann")).toBe(d.engine.orders("ann"));
    expect(d.engine.fills("ann")).toBe(d.engine.fills("ann"));
    expect(d.engine.trades("BTC-USD")).toBe(d.engine.trades("BTC-USD"));
  });

  it("keep both sides of a match under one trade id with their own fees", () => {
    const d = desk();
    d.place("ann", "sell", "1", { price: "100" });
    d.place("bob", "buy", "1", { price: "100" });
    const [maker] = d.engine.fills("ann");
    const [taker] = d.engine.fills("bob");
    expect(maker).toMatchObject({ isMaker: true, fee: u("0.02"), feeRate: u("0.0002") });
    expect(taker).toMatchObject({ isMaker: false, fee: u("0.07"), feeRate: u("0.0007") });
    expect(maker?.tradeId).toBe(taker?.tradeId);
    expect(maker?.fillId).not.toBe(taker?.fillId);
    expect(d.engine.trades("BTC-USD")).toMatchObject([{ takerSide: "buy", price: u("100"), timeMs: START_MS }]);
    expect(d.engine.house().fees).toBe(u("0.09"));
  });
});

describe("bounded memory", () => {
  it("keeps at least the last trades asked for and at most twice as many", () => {
    const d = new Desk({ ...NO_FEES, tradesKept: 5 });
    d.open("ann", "bob");
    for (let round = 0; round < 23; round++) {
      d.place("ann", "sell", "1", { price: "100" });
      d.place("bob", "buy", "1", { price: "100" });
      expect(d.engine.trades("BTC-USD").length).toBeLessThan(10);
    }
    expect(d.engine.trades("BTC-USD").length).toBeGreaterThanOrEqual(5);
    expect(d.engine.trades("BTC-USD").at(-1)?.tradeId).toBe(23);
  });

  it("of an account opened without retention keeps open orders and the position only", () => {
    const d = desk();
    d.do({ type: "openAccount", accountId: "flow", cash: u("10000"), retain: false });
    const { orderId } = acceptedOrder(d.place("flow", "sell", "2", { price: "100" }));
    d.place("ann", "buy", "1", { price: "100" });
    expect(d.engine.order("flow", orderId)).toMatchObject({ filled: u("1") });
    d.do({ type: "cancelOrder", accountId: "flow", orderId });
    expect(d.engine.order("flow", orderId)).toBeUndefined();
    expect(d.engine.orders("flow")).toEqual([]);
    expect(d.engine.fills("flow")).toEqual([]);
    expect(d.position("flow").size).toBe(u("-1"));
    expect(refusalOf(d.do({ type: "cancelOrder", accountId: "flow", orderId }))).toBe("noSuchOrder");
  });
});

describe("time", () => {
  it("never goes back", () => {
    const d = desk();
    d.advance(START_MS + 10);
    expect(() => d.engine.execute({ type: "advance" }, START_MS + 9)).toThrow(RangeError);
  });
});
