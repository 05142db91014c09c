import { describe, expect, it } from "vitest";
import type { Placement } from "../../../src/paper/engine/types.ts";
import { Desk, of, refusalOf, u } from "./harness.ts";

function desk(): Desk {
  const made = new Desk();
  made.open("ann");
  return made;
}

const order = (side: "buy" | "sell", size: string, more: Partial<Placement> = {}): Placement => ({
  ...({ type: "placeOrder", accountId: "ann", market: "BTC-USD", side, orderType: "limit" } as const),
  ...({ price: u("99"), size: u(size), timeInForce: "GTC", postOnly: false, reduceOnly: false } as const),
  clientId: null,
  ...more,
});

describe("an order that waits behind others", () => {
  it("is refused for what it would be refused for alone, and changes nothing", () => {
    const { engine } = desk();
    const before = engine.sequence();
    expect(engine.check(order("buy", "1"), { waiting: [] })).toBeNull();
    expect(engine.check(order("buy", "1", { price: u("99.3") }), { waiting: [] })).toBe("invalidPrice");
    expect(engine.check(order("buy", "0"), { waiting: [] })).toBe("sizeTooSmall");
    expect(engine.check(order("buy", "1", { market: "XRP-USD" }), { waiting: [] })).toBe("noSuchMarket");
    expect(engine.check(order("buy", "1", { accountId: "nobody" }), { waiting: [] })).toBe("noSuchAccount");
    expect(engine.sequence()).toBe(before);
    expect(engine.account("ann")?.positions).toEqual([]);
  });

  it("may reduce what an order ahead of it opens, and not what one of the same side opens", () => {
    const { engine } = desk();
    const reduce = order("sell", "1", { reduceOnly: true });
    expect(engine.check(reduce, { waiting: [] })).toBe("invalidReduceOnly");
    expect(engine.check(reduce, { waiting: [order("buy", "1")] })).toBeNull();
    expect(engine.check(reduce, { waiting: [order("sell", "1")] })).toBe("invalidReduceOnly");
    expect(engine.check(reduce, { waiting: [order("buy", "1", { market: "ETH-USD" })] })).toBe("invalidReduceOnly");
  });

  it("must find the margin that those ahead of it leave, on whatever market they are", () => {
    const { engine } = desk();
    const free = engine.account("ann")?.freeCollateral ?? 0n;
    const leverage = engine.settings("ann", "BTC-USD")?.leverage ?? 1n;
    const mark = engine.market("BTC-USD")?.mark ?? 1n;
    const most = (free * leverage) / mark;
    const lots = (size: bigint): bigint => size - (size % u("0.001"));
    const half = order("buy", "1", { size: lots(most / 2n) });
    expect(engine.check(half, { waiting: [] })).toBeNull();
    expect(engine.check(half, { waiting: [half] })).toBeNull();
    expect(engine.check(half, { waiting: [half, order("buy", "1")] })).toBe("insufficientMargin");
    // One that takes the place of an open order needs what is more of it alone.
    const replaced = { side: "buy", size: u("1") } as const;
    expect(engine.check(half, { waiting: [half, order("buy", "1")], replaced })).toBeNull();
    // The other side of the book does not enlarge the exposure.
    expect(engine.check({ ...half, side: "sell" }, { waiting: [half, half] })).toBeNull();
  });

  it("takes the place of one of its size where the account's margin has become too little, as its turn would", () => {
    const made = desk();
    const { engine } = made;
    made.open("bob");
    const free = engine.account("ann")?.freeCollateral ?? 0n;
    const leverage = engine.settings("ann", "BTC-USD")?.leverage ?? 1n;
    const most = (free * leverage) / (engine.market("BTC-USD")?.mark ?? 1n);
    const tenth = most / 10n - ((most / 10n) % u("0.001"));
    made.do({ ...order("sell", "1", { accountId: "bob", price: u("100"), size: 8n * tenth }) });
    made.do(order("buy", "1", { price: u("100"), size: 8n * tenth }));
    const [accepted] = of(made.do(order("buy", "1", { price: u("97"), size: tenth })), "orderAccepted");
    made.index("97");
    made.advance(made.nowMs + 60_000);
    expect((engine.account("ann")?.freeCollateral ?? 0n) <= 0n).toBe(true);
    const replaced = { side: "buy", size: tenth } as const;
    const moved = order("buy", "1", { price: u("96.5"), size: tenth });
    expect(engine.check(order("buy", "1", { price: u("96.5") }), { waiting: [] })).toBe("insufficientMargin");
    expect(engine.check({ ...moved, size: tenth + u("0.1") }, { waiting: [], replaced })).toBe("insufficientMargin");
    expect(engine.check(moved, { waiting: [], replaced })).toBeNull();
    expect(refusalOf(made.amend("ann", accepted?.order.orderId ?? 0, { price: "96.5" }))).toBeUndefined();
  });

  it("is held to the most of a market order, where the venue has one", () => {
    const { engine } = desk();
    const market = order("buy", "2", { orderType: "market", price: null, timeInForce: "IOC" });
    expect(engine.check(market, { waiting: [] })).toBeNull();
    expect(engine.check(market, { waiting: [], maxMarketSize: u("1") })).toBe("sizeTooLarge");
    expect(engine.check(order("buy", "2"), { waiting: [], maxMarketSize: u("1") })).toBeNull();
  });
});
