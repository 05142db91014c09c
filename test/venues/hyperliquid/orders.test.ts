import { describe, expect, it } from "vitest";
import { Decimal } from "../../../src/model/decimal.ts";
import { NotFoundError, OrderRejectedError, ProtocolError } from "../../../src/model/error.ts";
import { type Market, splitTradingPair } from "../../../src/model/market.ts";
import type { OrderSide, OrderToPlace } from "../../../src/model/order.ts";
import { createVenueMarkets, marketOf } from "../../../src/model/venue-markets.ts";
import { quantizeOrderPrice } from "../../../src/trading/quantize.ts";
import { derivative, venueModule } from "../../../src/venues/hyperliquid/derivative.ts";
import { assetOf } from "../../../src/venues/hyperliquid/markets.ts";
import { modifiedOrder, wireOrderOf } from "../../../src/venues/hyperliquid/order-terms.ts";
import { canonicalAction } from "../../../src/venues/hyperliquid/signing.ts";
import { CLOID, contextOf, FILL, META, marketsOf, NOW, ORDER, REFERENCE } from "./wire.ts";

const markets = marketsOf();
const CLOIDS = [1, 2, 3].map((n) => `0x${String(n).padStart(32, "0")}`);
const decimal = (text: string) => new Decimal(text);

function toPlace(changes: Partial<OrderToPlace> = {}): OrderToPlace {
  return {
    ...{ clientOrderId: CLOID, tradingPair: "BTC-USD", side: "buy", type: "limit", timeInForce: "GTC" },
    ...{ amount: decimal("0.0100"), price: decimal("60000.0"), reduceOnly: false, positionAction: "open" },
    ...{ positionMode: "oneWay", ...changes },
  };
}

/** Legal by the venue's own rule: whole, or of five significant digits and of few enough decimals. */
function isLegal(price: Decimal, szDecimals: number): boolean {
  if (price.isInteger()) return true;
  return price.precision() <= 5 && price.decimalPlaces() <= 6 - szDecimals;
}

describe("markets", () => {
  it("are numbered by their place in the list, delisted ones counted", () => {
    const numbers = [...markets.byPair].map(([pair, market]) => [pair, assetOf(market)]);
    expect(numbers).toEqual([
      ["BTC-USD", 0],
      ["ETH-USD", 2],
      ["kPEPE-USD", 3],
      ["ISO-USD", 4],
    ]);
    const { closed = [], skipped } = derivative.parseExchangeInfo({
      universe: [null, { name: "X" }, ...META.universe],
    });
    expect(closed.map((market) => [market.symbol, assetOf(market)])).toEqual([["MATIC", 3]]);
    expect(skipped.map(({ symbol }) => symbol)).toEqual(["", "X"]);
  });

  it("of which the number is not known are not traded: any other number is another market's", () => {
    const { venueData: _, ...market } = marketOf(markets, "BTC-USD");
    const without = createVenueMarkets("x", "x", [market as Market]);
    expect(() => wireOrderOf(without, toPlace())).toThrow(ProtocolError);
  });

  it("keep the case of their names", () => {
    expect(splitTradingPair("kPEPE-USD")[0]).toBe("kPEPE");
    expect(markets.bySymbol.has("KPEPE")).toBe(false);
  });
});

describe("prices", () => {
  const sides: readonly OrderSide[] = ["buy", "sell"];
  const cases = [0, 1, 2, 3, 4, 5, 6].flatMap((szDecimals) => sides.map((side) => [szDecimals, side] as const));

  it.each(cases)("of sizes with %i decimals are legal at every magnitude, to %s", (szDecimals, side) => {
    const { markets: listed } = derivative.parseExchangeInfo({ universe: [{ name: "X", szDecimals, maxLeverage: 5 }] });
    const own = createVenueMarkets("x", "x", listed);
    const { rule } = marketOf(own, "X-USD");
    for (const digits of ["1", "1.23456789", "9.9999999", "5.00005", "4.7291"]) {
      for (let exponent = -5; exponent <= 6; exponent += 1) {
        const wanted = decimal(digits).times(decimal("10").pow(exponent));
        const price = quantizeOrderPrice(rule, wanted);
        if (price.isZero()) continue;
        expect([price.toFixed(), isLegal(price, szDecimals)]).toEqual([price.toFixed(), true]);
        const order = toPlace({ tradingPair: "X-USD", side, type: "market", price: undefined, referencePrice: price });
        const bound = decimal(String(wireOrderOf(own, order).p));
        if (bound.isZero()) continue;
        expect([bound.toFixed(), isLegal(bound, szDecimals)]).toEqual([bound.toFixed(), true]);
        const isWithin = side === "buy" ? bound.lte(price.times("1.05")) : bound.gte(price.times("0.95"));
        expect(isWithin).toBe(true);
      }
    }
  });

  it("and sizes have neither zeros at the end nor an exponent", () => {
    const order = toPlace({ tradingPair: "kPEPE-USD", price: decimal("0.000001"), amount: decimal("1e9") });
    expect(wireOrderOf(markets, order)).toMatchObject({ a: 3, p: "0.000001", s: "1000000000" });
    expect(wireOrderOf(markets, toPlace())).toMatchObject({ p: "60000", s: "0.01" });
  });
});

describe("an order", () => {
  it.each([
    [{}, "Gtc"],
    [{ timeInForce: "IOC" as const }, "Ioc"],
    [{ type: "limitMaker" as const }, "Alo"],
    [{ type: "market" as const, referencePrice: decimal("60000") }, "Ioc"],
  ])("%j is sent with %s", (changes, tif) => {
    expect(wireOrderOf(markets, toPlace(changes))).toMatchObject({ t: { limit: { tif } }, c: CLOID });
  });

  it("at the market is bounded by five percent from what it was expected to trade at", () => {
    const order = { type: "market", price: undefined, referencePrice: decimal("60004") } as const;
    expect(wireOrderOf(markets, toPlace(order)).p).toBe("63004");
    expect(wireOrderOf(markets, toPlace({ ...order, side: "sell" })).p).toBe("57004");
    expect(() => wireOrderOf(markets, toPlace({ ...order, referencePrice: undefined }))).toThrow(OrderRejectedError);
  });

  const placed = (statuses: readonly unknown[]) => derivative.placeOrder(markets, toPlace()).parse(statuses);

  it("that was taken tells its id, whether it rests or was filled, and nothing of its fills", () => {
    const told = { exchangeOrderId: "77738308", clientOrderId: CLOID };
    expect(placed([{ resting: { oid: 77738308, cloid: CLOID } }])).toEqual(told);
    expect(placed([{ filled: { totalSz: "0.005", avgPx: "60000.5", oid: 77738308, cloid: CLOID } }])).toEqual(told);
    expect(placed(["waitingForFill"])).toEqual({});
  });

  it("that was refused is refused for certain, whatever the text", () => {
    for (const error of ["Insufficient margin to place order. asset=0", "Words that nobody has heard of."]) {
      expect(() => placed([{ error }])).toThrow(expect.objectContaining({ outcome: "definite" }));
    }
  });

  it.each([[[]], [["running"]], [[{ resting: {} }]], [[{ resting: { oid: 1 } }, { resting: { oid: 2 } }]]])(
    "that is answered with %j has an unknown fate",
    (statuses) => {
      expect(() => placed(statuses)).toThrow(expect.objectContaining({ name: "ProtocolError", outcome: "unknown" }));
    },
  );
});

describe("a batch", () => {
  const three = CLOIDS.map((clientOrderId) => toPlace({ clientOrderId }));
  const request = derivative.placeOrders?.(markets, three);

  it("of which the middle one is refused fails there alone", () => {
    const [first, , third] = CLOIDS.map((cloid, at) => ({ resting: { oid: at + 1, cloid } }));
    const rows = request?.parse([first, { error: "Insufficient margin to place order. asset=0" }, third]);
    expect(rows?.map(({ ok, id }) => [ok, id?.clientOrderId])).toEqual([
      [true, CLOIDS[0]],
      [false, undefined],
      [true, CLOIDS[2]],
    ]);
  });

  it("that was refused before anything of it was looked at has one error for all", () => {
    const rows = request?.parse([{ error: "Price must be divisible by tick size. asset=0" }]) ?? [];
    expect(rows.map((row) => !row.ok && [row.error.outcome, row.error.code])).toEqual(
      CLOIDS.map(() => ["definite", "TRADING_RULE"]),
    );
  });

  it("with another number of statuses proves nothing of any order", () => {
    expect(() => request?.parse([{ resting: { oid: 1, cloid: CLOIDS[0] } }])).toThrow(ProtocolError);
  });

  it("counts as many actions as it has orders, and holds as many as weigh one", () => {
    expect(request?.request.weight).toBe(3);
    const { batchSizes } = venueModule.manifest;
    expect(1 + Math.floor((batchSizes?.create ?? 0) / 40)).toBe(1);
    const many = Array.from({ length: 40 }, () => toPlace());
    expect(() => derivative.placeOrders?.(markets, many)).toThrow("39 orders at most");
  });
});

describe("a cancel", () => {
  const order = { ...REFERENCE, amount: decimal("0.01"), price: decimal("59000") };
  const { exchangeOrderId: _, ...unnamed } = order;

  it("names the order by the venue's id where it is known, else by ours, in a field of another name", () => {
    const actionOf = (reference: typeof unnamed) => derivative.placeCancel(markets, reference).request.data;
    expect(actionOf(order)).toMatchObject({ action: { type: "cancel", cancels: [{ a: 0, o: ORDER.oid }] } });
    expect(actionOf(unnamed)).toMatchObject({
      action: { type: "cancelByCloid", cancels: [{ asset: 0, cloid: CLOID }] },
    });
    const both = derivative.placeCancels?.(markets, [order, { ...unnamed, clientOrderId: "0x2" }]).request.data;
    expect(both).toMatchObject({ action: { type: "cancelByCloid", cancels: [{ cloid: CLOID }, { cloid: "0x2" }] } });
  });

  it("that the outer answer calls ok may be refused within, each of a batch by itself", () => {
    const gone = { error: "Order was never placed, already canceled, or filled. asset=0" };
    expect(() => derivative.placeCancel(markets, order).parse([gone])).toThrow(NotFoundError);
    const rows = derivative.placeCancels?.(markets, [order, order, order]).parse(["success", gone, "success"]);
    expect(rows?.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(rows?.[2]?.id?.exchangeOrderId).toBe(order.exchangeOrderId);
  });

  it("of everything after a while needs the venue's five seconds and two for the way, and no time where it is taken back", () => {
    const dataOf = (timeoutMs: number) => derivative.cancelAllAfter?.(markets, timeoutMs, "BTC-USD").request.data;
    expect(dataOf(60_000)).toEqual({ action: { type: "scheduleCancel" }, cancelAfterMs: 60_000 });
    expect(dataOf(0)).toEqual({ action: { type: "scheduleCancel" }, cancelAfterMs: undefined });
    expect(dataOf(7_000)).toMatchObject({ cancelAfterMs: 7_000 });
    expect(() => dataOf(6_999)).toThrow("7000 ms at least");
  });
});

describe("an amend", () => {
  const order = { ...REFERENCE, amount: decimal("0.01"), price: decimal("59000") };
  const amend = { clientOrderId: CLOIDS[1] ?? "", executedAmount: decimal("0.004"), price: decimal("59001") };

  it("makes a new order of what is left, with an id of its own, that may trade at once unless it is post-only", () => {
    const action = modifiedOrder(markets, order, amend);
    const terms = { a: 0, b: true, p: "59001", s: "0.006", r: false, t: { limit: { tif: "Gtc" } }, c: CLOIDS[1] };
    expect(canonicalAction(action)).toEqual({
      type: "batchModify",
      modifies: [{ oid: ORDER.oid, order: terms }],
      a: true,
    });
    expect(modifiedOrder(markets, { ...order, type: "limitMaker" }, amend)).not.toHaveProperty("a");
    const { exchangeOrderId: _, ...unnamed } = order;
    expect(modifiedOrder(markets, unnamed, amend)).toMatchObject({ modifies: [{ oid: CLOID }] });
  });

  it("is not sent where nothing is left of it, nor where it is not known whether it only reduces", () => {
    expect(() => modifiedOrder(markets, order, { ...amend, executedAmount: decimal("0.01") })).toThrow(
      "executed already",
    );
    expect(() => modifiedOrder(markets, { ...order, reduceOnly: undefined }, amend)).toThrow(
      "only reduces is not known",
    );
  });

  it("is answered by the new order: one that names the old one, or another's, is no answer", () => {
    const { parse } = derivative.amendOrder?.(markets, order, amend) ?? expect.unreachable();
    expect(parse([{ resting: { oid: 2, cloid: CLOIDS[1] } }])).toEqual({
      exchangeOrderId: "2",
      clientOrderId: CLOIDS[1],
    });
    expect(() => parse([{ resting: { oid: ORDER.oid, cloid: CLOIDS[1] } }])).toThrow(ProtocolError);
    expect(() => parse([{ resting: { oid: 2, cloid: CLOIDS[2] } }])).toThrow(ProtocolError);
  });
});

describe("the status of an order", () => {
  const order = { ...REFERENCE, amount: decimal("0.01") };
  const { exchangeOrderId: _, ...unnamed } = order;
  const known = (row: object, status: string) => ({
    status: "order",
    order: { order: row, status, statusTimestamp: NOW + 9 },
  });

  it("that is not known by our id is no proof of anything but that", async () => {
    const { context, asked } = contextOf({ orderStatus: { status: "unknownOid" } });
    await expect(derivative.requestOrderStatus(context, unnamed)).rejects.toThrow(NotFoundError);
    expect(asked).toEqual([{ type: "orderStatus", user: expect.any(String), oid: CLOID }]);
  });

  it("is looked for among the ended ones where the venue had given it an id: its latest row counts", async () => {
    const row = (status: string, statusTimestamp: number, sz: string) => ({
      order: { ...ORDER, sz },
      status,
      statusTimestamp,
    });
    const another = { order: { ...ORDER, oid: 1 }, status: "filled", statusTimestamp: NOW + 99 };
    const odd = {
      order: { oid: { toString: 1 } },
      status: { toString: 1 },
      statusTimestamp: { valueOf: 1, toString: 1 },
    };
    const historicalOrders = [odd, another, row("open", NOW, "0.01"), row("canceled", NOW + 9, "0.006")];
    const { context } = contextOf({ orderStatus: { status: "unknownOid" }, historicalOrders });
    const update = await derivative.requestOrderStatus(context, order);
    expect([update.state, update.executedAmount?.toFixed(), update.timestampMs]).toEqual([
      "canceled",
      "0.004",
      NOW + 9,
    ]);
  });

  it("that was filled at once is no open order, though both rows have one time", async () => {
    const row = (status: string, sz: string) => ({ order: { ...ORDER, sz }, status, statusTimestamp: NOW });
    const historicalOrders = [row("open", "0.01"), row("filled", "0.0")];
    const { context } = contextOf({ orderStatus: { status: "unknownOid" }, historicalOrders });
    expect(await derivative.requestOrderStatus(context, order)).toMatchObject({ state: "filled" });
  });

  it("that rested and is filled is filled whole, though not all of its fills are listed yet", async () => {
    const { context } = contextOf({ orderStatus: known(ORDER, "filled"), userFillsByTime: [FILL] });
    const update = await derivative.requestOrderStatus(context, order);
    expect([update.state, update.executedAmount?.toFixed()]).toEqual(["filled", "0.01"]);
  });

  it("that is filled and shows all of it as left is told by its fills", async () => {
    const orderStatus = known({ ...ORDER, tif: "Ioc" }, "filled");
    const half = contextOf({ orderStatus, userFillsByTime: [FILL, { ...FILL, oid: 2, tid: 2 }] });
    const partly = await derivative.requestOrderStatus(half.context, order);
    expect([partly.state, partly.executedAmount?.toFixed()]).toEqual(["canceled", "0.004"]);
    const whole = contextOf({ orderStatus, userFillsByTime: [FILL, { ...FILL, sz: "0.006", tid: 2 }] });
    expect(await derivative.requestOrderStatus(whole.context, order)).toMatchObject({ state: "filled" });
  });
});
