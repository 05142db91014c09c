import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Desk, HOUR_MS, imbalance, NO_FEES, of, refusalOf, START_MS, u } from "./harness.ts";

/** `ann` is in isolated margin, long 10 from `bob` at 100, at 10x: margin 100. */
function isolated(config = {}): Desk {
  const d = new Desk({ ...NO_FEES, ...config });
  d.open("ann", "bob");
  d.do({ type: "setMarginMode", accountId: "ann", market: "BTC-USD", mode: "isolated" });
  d.place("bob", "sell", "10", { price: "100" });
  d.place("ann", "buy", "10", { price: "100" });
  return d;
}

function adjust(d: Desk, amount: string) {
  return d.do({ type: "adjustIsolatedMargin", accountId: "ann", market: "BTC-USD", amount: u(amount) });
}

function trade(d: Desk, buyer: string, seller: string, size: string, price: string): void {
  d.place(seller, "sell", size, { price });
  d.place(buyer, "buy", size, { price });
}

describe("an isolated position", () => {
  it("takes its initial margin at entry out of the cross cash, and cash stays whole", () => {
    const d = isolated();
    expect(d.leg("ann", "both")).toMatchObject({ marginMode: "isolated", isolatedMargin: u("100"), leverage: u("10") });
    expect(d.engine.account("ann")).toMatchObject({
      cash: u("10000"),
      isolatedMargin: u("100"),
      crossCash: u("9900"),
      freeCollateral: u("9900"),
      equity: u("10000"),
    });
    expect(imbalance(d.engine)).toBe(0n);
  });

  it("gives a closed part its share back with the profit, and bears a loss beyond the share itself", () => {
    const d = isolated();
    trade(d, "bob", "ann", "5", "110");
    expect(d.leg("ann", "both").isolatedMargin).toBe(u("50"));
    expect(d.engine.account("ann")?.crossCash).toBe(u("10000"));
    trade(d, "bob", "ann", "1", "85");
    expect(d.leg("ann", "both").isolatedMargin).toBe(u("35"));
    expect(d.engine.account("ann")?.crossCash).toBe(u("10000"));
    trade(d, "bob", "ann", "4", "100");
    expect(d.leg("ann", "both").isolatedMargin).toBe(0n);
    expect(d.cash("ann")).toBe("10035");
  });

  it("pays fees and funding out of its own margin", () => {
    const d = isolated({ takerFee: u("0.001") });
    expect(d.leg("ann", "both").isolatedMargin).toBe(u("99"));
    expect(d.engine.account("ann")?.crossCash).toBe(u("9900"));
    d.place("bob", "buy", "1", { price: "103.5" });
    d.place("bob", "sell", "1", { price: "104.5" });
    d.index("98");
    const events = d.advance(START_MS + HOUR_MS);
    const [paid] = of(events, "fundingPaid").filter(({ payment }) => payment.accountId === "ann");
    expect(paid!.payment.amount < 0n).toBe(true);
    expect(d.leg("ann", "both").isolatedMargin).toBe(u("99") + paid!.payment.amount);
    expect(d.engine.account("ann")?.crossCash).toBe(u("9900"));
    expect(of(events, "positionChanged").map(({ accountId }) => accountId)).toEqual(["ann"]);
  });

  it("that turns around settles the old one and holds margin for the new one only", () => {
    const d = isolated();
    trade(d, "bob", "ann", "14", "110");
    expect(d.leg("ann", "both")).toMatchObject({ size: u("-4"), isolatedMargin: u("44") });
    expect(d.engine.account("ann")?.crossCash).toBe(u("10056"));
  });

  it("is liquidated by itself, loses no more than its margin, and the rest of the account goes on", () => {
    const d = isolated({ insuranceFund: u("1000") });
    trade(d, "ann", "bob", "2", "100");
    d.place("ann", "buy", "1", { price: "9", market: "ETH-USD" });
    d.place("ann", "sell", "1", { price: "120" });
    d.index("88");
    expect(d.leg("ann", "both").liquidating).toBe(true);
    expect(d.engine.account("ann")?.liquidating).toBe(false);
    expect(refusalOf(d.place("ann", "sell", "1", { price: "120" }))).toBe("liquidating");
    expect(refusalOf(d.place("ann", "buy", "1", { price: "9", market: "ETH-USD" }))).toBeUndefined();
    const crossCash = d.engine.account("ann")!.crossCash;
    const events = d.advance();
    expect(of(events, "liquidated")).toMatchObject([{ accountId: "ann", marginMode: "isolated", size: u("12") }]);
    expect(of(events, "cashChanged").at(-1)).toMatchObject({ reason: "insurance", change: u("24") });
    expect(d.engine.account("ann")).toMatchObject({ crossCash, cash: u("9880"), isolatedMargin: 0n });
    expect(d.engine.openOrders("ann").map(({ market }) => market)).toEqual(["ETH-USD", "ETH-USD"]);
    expect(imbalance(d.engine)).toBe(0n);
  });

  it("keeps nothing back for the account while a liquidation that ends in debt is under way", () => {
    const d = isolated();
    d.place("bob", "buy", "5", { price: "92" });
    d.index("85");
    d.advance();
    expect(d.engine.house().insurancePositions).toMatchObject([{ size: u("5") }]);
    expect(d.engine.account("ann")).toMatchObject({ cash: u("9900"), isolatedMargin: 0n });
    expect(d.engine.house().insurance).toBe(-u("15"));
  });

  it("survives the liquidation of the account's cross positions", () => {
    const d = new Desk(NO_FEES);
    d.open("bob");
    d.do({ type: "openAccount", accountId: "ann", cash: u("200") });
    d.do({ type: "setMarginMode", accountId: "ann", market: "ETH-USD", mode: "isolated" });
    d.place("bob", "sell", "100", { price: "10", market: "ETH-USD" });
    d.place("ann", "buy", "100", { price: "10", market: "ETH-USD" });
    trade(d, "ann", "bob", "10", "100");
    d.index("85");
    expect(of(d.advance(), "liquidated")).toMatchObject([{ market: "BTC-USD", marginMode: "cross" }]);
    expect(d.leg("ann", "both", "ETH-USD")).toMatchObject({ size: u("100"), isolatedMargin: u("100") });
    expect(d.engine.account("ann")).toMatchObject({ cash: u("100"), crossCash: 0n });
    expect(d.engine.house().insurance).toBe(-u("50"));
    expect(imbalance(d.engine)).toBe(0n);
  });

  it("cannot be opened with unrealised profit, for that cannot be moved", () => {
    const d = new Desk(NO_FEES);
    d.open("bob");
    d.do({ type: "openAccount", accountId: "ann", cash: u("100") });
    d.do({ type: "setMarginMode", accountId: "ann", market: "ETH-USD", mode: "isolated" });
    trade(d, "ann", "bob", "5", "100");
    d.index("150");
    expect(d.engine.account("ann")?.freeCollateral).toBe(u("275"));
    const place = (size: string) => refusalOf(d.place("ann", "buy", size, { price: "10", market: "ETH-USD" }));
    expect(place("100.001")).toBe("insufficientMargin");
    expect(place("100")).toBeUndefined();
  });

  it("opened by an order that rested takes only the cash that cross positions can spare by then", () => {
    const d = new Desk(NO_FEES);
    d.open("bob");
    d.do({ type: "openAccount", accountId: "ann", cash: u("100") });
    d.do({ type: "setMarginMode", accountId: "ann", market: "ETH-USD", mode: "isolated" });
    trade(d, "ann", "bob", "5", "100");
    d.place("ann", "buy", "50", { price: "10", market: "ETH-USD" });
    d.index("93");
    d.place("bob", "sell", "50", { price: "10", market: "ETH-USD" });
    expect(d.leg("ann", "both", "ETH-USD")).toMatchObject({ size: u("50"), isolatedMargin: u("18.5") });
  });

  it("may be one leg of a hedge, each with its own margin", () => {
    const d = new Desk({ ...NO_FEES, defaultPositionMode: "hedge", defaultMarginMode: "isolated" });
    d.open("ann", "bob");
    d.place("bob", "sell", "10", { price: "100", positionSide: "short" });
    d.place("ann", "buy", "10", { price: "100", positionSide: "long" });
    d.place("bob", "buy", "4", { price: "100", positionSide: "long" });
    d.place("ann", "sell", "4", { price: "100", positionSide: "short" });
    expect(d.leg("ann", "long").isolatedMargin).toBe(u("100"));
    expect(d.leg("ann", "short").isolatedMargin).toBe(u("40"));
    d.index("92");
    expect(of(d.advance(), "liquidated").map(({ accountId, positionSide }) => [accountId, positionSide])).toEqual([
      ["ann", "long"],
      ["bob", "long"],
    ]);
    expect(d.leg("ann", "short").size).toBe(u("-4"));
  });
});

describe("isolated margin", () => {
  it("can be added from what is free and taken away down to the initial margin", () => {
    const d = isolated();
    expect(of(adjust(d, "50"), "isolatedMarginAdjusted")[0]).toMatchObject({
      amount: u("50"),
      isolatedMargin: u("150"),
    });
    expect(d.engine.account("ann")).toMatchObject({ cash: u("10000"), crossCash: u("9850") });
    expect(refusalOf(adjust(d, "-50.00000001"))).toBe("insufficientMargin");
    expect(refusalOf(adjust(d, "-50"))).toBeUndefined();
    expect(refusalOf(adjust(d, "9900.00000001"))).toBe("insufficientMargin");
    expect(refusalOf(adjust(d, "9900"))).toBeUndefined();
    expect(refusalOf(adjust(d, "0"))).toBe("invalidAmount");
  });

  it("cannot be added from what open orders hold", () => {
    const d = isolated();
    d.place("ann", "buy", "1000", { price: "10", market: "ETH-USD" });
    expect(refusalOf(adjust(d, "8900.00000001"))).toBe("insufficientMargin");
    expect(refusalOf(adjust(d, "8900"))).toBeUndefined();
  });

  it("cannot be taken away beyond what was put in, whatever the profit", () => {
    const d = isolated();
    d.index("140");
    expect(refusalOf(adjust(d, "-100.00000001"))).toBe("insufficientMargin");
    expect(refusalOf(adjust(d, "-100"))).toBeUndefined();
  });

  it("moves the liquidation price away", () => {
    const d = isolated();
    const before = d.leg("ann", "both").liquidationPrice!;
    adjust(d, "50");
    expect(d.leg("ann", "both").liquidationPrice! < before).toBe(true);
  });

  it("is refused where there is no isolated position", () => {
    const d = isolated();
    const of = (accountId: string, market: string) =>
      refusalOf(d.do({ type: "adjustIsolatedMargin", accountId, market, amount: 1n }));
    expect(of("bob", "BTC-USD")).toBe("notIsolated");
    expect(of("ann", "ETH-USD")).toBe("notIsolated");
    expect(of("ann", "XRP-USD")).toBe("noSuchMarket");
    d.do({ type: "setMarginMode", accountId: "ann", market: "ETH-USD", mode: "isolated" });
    expect(of("ann", "ETH-USD")).toBe("noPosition");
  });
});

describe("the margin mode", () => {
  it("changes only without positions and open orders, and only when it is another", () => {
    const d = isolated();
    const set = (market: string, mode: "cross" | "isolated") =>
      d.do({ type: "setMarginMode", accountId: "ann", market, mode });
    expect(refusalOf(set("BTC-USD", "isolated"))).toBe("unchanged");
    expect(refusalOf(set("BTC-USD", "cross"))).toBe("positionsOpen");
    d.place("ann", "buy", "1", { price: "9", market: "ETH-USD" });
    expect(refusalOf(set("ETH-USD", "isolated"))).toBe("ordersOpen");
    d.do({ type: "cancelAll", accountId: "ann" });
    expect(of(set("ETH-USD", "isolated"), "marginModeChanged")[0]).toMatchObject({
      market: "ETH-USD",
      mode: "isolated",
    });
    expect(d.engine.settings("ann", "ETH-USD")?.marginMode).toBe("isolated");
    expect(d.engine.account("ann")?.marginMode).toBe("cross");
  });
});

describe("the liquidation price", () => {
  it("is where liquidation begins, in cross and isolated margin, one-way and hedged", () => {
    const lots = fc.integer({ min: 100, max: 20_000 }).map((count) => BigInt(count) * u("0.001"));
    let found = 0;
    fc.assert(
      fc.property(
        lots,
        lots,
        fc.boolean(),
        fc.constantFrom("cross" as const, "isolated" as const),
        (long, short, isHedge, marginMode) => {
          const d = new Desk({ ...NO_FEES, defaultMarginMode: marginMode, maxOpenOrders: 1000 });
          d.open("bob");
          d.do({ type: "setMarginMode", accountId: "bob", mode: "cross" });
          d.do({ type: "openAccount", accountId: "eve", cash: u("420") });
          if (isHedge) d.do({ type: "setPositionMode", accountId: "eve", mode: "hedge" });
          const place = (side: "buy" | "sell", size: bigint, positionSide: "both" | "long" | "short") => {
            const terms = { type: "placeOrder", market: "BTC-USD", orderType: "limit", price: u("100"), size } as const;
            const rest = { timeInForce: "GTC", postOnly: false, reduceOnly: false, clientId: null } as const;
            d.do({ ...terms, ...rest, accountId: "bob", side: side === "buy" ? "sell" : "buy" });
            d.do({ ...terms, ...rest, accountId: "eve", side, positionSide });
          };
          place("buy", long, isHedge ? "long" : "both");
          place("sell", short, isHedge ? "short" : "both");
          for (const view of d.engine.positions("eve", "BTC-USD")) {
            const price = view.liquidationPrice;
            if (price === null) continue;
            found += 1;
            const isBelow = price < view.mark;
            const at = (index: bigint) => {
              d.do({ type: "setIndexPrice", market: "BTC-USD", price: index });
              return d.leg("eve", view.side).liquidating;
            };
            const nearly = isBelow ? price + 1000n : price - 1000n;
            const beyond = isBelow ? price - 1000n : price + 1000n;
            expect([at(nearly), at(beyond)]).toEqual([false, true]);
            at(u("100"));
          }
        },
      ),
      { seed: 7, numRuns: 150 },
    );
    expect(found).toBeGreaterThan(100);
  });

  it("is none for a flat position and for one that no price can liquidate", () => {
    const d = new Desk(NO_FEES);
    d.open("ann", "bob");
    trade(d, "ann", "bob", "1", "100");
    expect(d.leg("ann", "both").liquidationPrice).toBeNull();
    expect(d.leg("ann", "both", "ETH-USD").liquidationPrice).toBeNull();
    expect(d.leg("bob", "both").liquidationPrice).toBe(u("9805.82524272"));
  });
});
