import { describe, expect, it } from "vitest";
import type { PositionAdjustment, TradeUpdate } from "../../src/model/account-update.ts";
import { AuthError, NotFoundError, VenueUnavailableError } from "../../src/model/error.ts";
import { createVenueMarkets } from "../../src/model/venue-markets.ts";
import type { UnreadableRow } from "../../src/net/rows.ts";
import type { VenueContext } from "../../src/net/venue-api.ts";
import { derivative as binance } from "../../src/venues/binance/derivative.ts";
import { derivative as okx } from "../../src/venues/okx/derivative.ts";
import { contextOf as binanceContext, markets as binanceSession, fillRow, TIME } from "./binance/wire.ts";
import { NOW, contextOf as okxContext, wireOrder } from "./okx/wire.ts";

const btcMarket = [...binanceSession.byPair.values()].find(({ tradingPair }) => tradingPair === "BTC-USDT");

/** One answer to the question for all fills, with what it left out. */
async function ask(context: VenueContext, since: (context: VenueContext) => ReturnType<typeof binance.tradesSince>) {
  const failed: string[] = [];
  const unread: string[] = [];
  const trades = await since({
    ...context,
    onMarketFailure: (tradingPair) => failed.push(tradingPair),
    onUnreadable: ({ what }: UnreadableRow) => unread.push(what),
  });
  const told = trades.map((trade: TradeUpdate | PositionAdjustment) =>
    trade.type === "trade" ? `fill ${trade.fillId}` : trade.adjustmentId,
  );
  return { told, failed, unread };
}

describe("a forced order of Binance whose fills cannot be had", () => {
  const times = { time: TIME - 500, updateTime: TIME - 400 };
  const forced = (symbol: string, orderId: number) => ({
    ...{ symbol, orderId, clientOrderId: "autoclose-1", side: "SELL", positionSide: "BOTH" },
    ...{ executedQty: "0.010", avgPrice: "2945", ...times },
  });
  const old = { ...btcMarket, tradingPair: "OLD-USDT", symbol: "OLDUSDT" } as NonNullable<typeof btcMarket>;
  const markets = createVenueMarkets("binance_perpetual", "binance_perpetual", [
    ...binanceSession.byPair.values(),
    old,
  ]);
  const gone = new NotFoundError("Invalid symbol", { venueCode: "-1121" });
  /** A forced order of a market that is gone, one of BTC's, and a fill of ours there. */
  const since = (pairs: readonly string[], answerOld: () => unknown, btcFills: readonly unknown[] = [fillRow(71)]) => {
    const { context } = binanceContext(({ path, params }) => {
      if (path.endsWith("forceOrders")) return [forced("OLDUSDT", 9), forced("BTCUSDT", 77)];
      if (params?.symbol === "OLDUSDT") return answerOld();
      if (params?.orderId === "77") return btcFills.map((row) => ({ ...(row as object), orderId: 77 }));
      return params?.symbol === "BTCUSDT" ? [fillRow(70)] : [];
    });
    return ask({ ...context, markets }, (own) => binance.tradesSince(own, TIME - 10_000, pairs));
  };
  const fails = (error: Error) => () => {
    throw error;
  };

  it("keeps no other trade from being told, and is named where its market is not asked for", async () => {
    const { told, failed, unread } = await since(["BTC-USDT"], fails(gone));
    expect(told.toSorted()).toEqual(["BTC-USDT:77:0.01", "fill 70"]);
    expect(failed).toEqual([]);
    expect(unread).toEqual(["the fills of forced order 9"]);
  });

  it("is told as a failure of its market where that is asked for, which is asked again then", async () => {
    const busy = new VenueUnavailableError("busy");
    const { told, failed, unread } = await since(["BTC-USDT", "OLD-USDT"], fails(busy));
    expect(told.toSorted()).toEqual(["BTC-USDT:77:0.01", "fill 70"]);
    expect(new Set(failed)).toEqual(new Set(["OLD-USDT"]));
    expect(unread).toEqual([]);
  });

  it("fails the whole question where the key is refused", async () => {
    await expect(since(["BTC-USDT"], fails(new AuthError("no such key")))).rejects.toThrow("no such key");
  });

  it("is left out where one of its fills cannot be read, for the others would count twice", async () => {
    const rows = [fillRow(71, { qty: "0.004" }), fillRow(72, { qty: "much" })];
    const { told, unread } = await since(["BTC-USDT"], () => [fillRow(1, { symbol: "OLDUSDT", orderId: 9 })], rows);
    expect(told.toSorted()).toEqual(["OLD-USDT:9:0.01", "fill 70"]);
    expect(unread).toEqual(["a row of GET /fapi/v1/userTrades"]);
  });
});

describe("the settlement of a delisted market on Binance, which no list of forced orders has", () => {
  const order = {
    ...{ symbol: "BTCUSDT", orderId: 77, clientOrderId: "settlement_autoclose-1", side: "SELL", positionSide: "BOTH" },
    ...{ executedQty: "0.010", avgPrice: "2945", time: TIME - 500, updateTime: TIME - 400 },
  };
  const settled = (id: number, changes: object = {}) => fillRow(id, { orderId: 77, side: "SELL", ...changes });
  /** Fills of BTC, of which those of `own` orders are known, and what an order that is asked for is. */
  const since = async (rows: readonly object[], answer: () => unknown, own: readonly string[] = []) => {
    const asked: string[] = [];
    const { context } = binanceContext(({ path, params }) => {
      if (path.endsWith("forceOrders")) return [];
      if (path.endsWith("userTrades"))
        return rows.filter((row) => params?.orderId === undefined || String((row as Row).orderId) === params.orderId);
      asked.push(String(params?.orderId));
      return answer();
    });
    const isOwnOrder = (_: string, orderId: string) => own.includes(orderId);
    const answered = await ask({ ...context, isOwnOrder }, (each) =>
      binance.tradesSince(each, TIME - 10_000, ["BTC-USDT"]),
    );
    return { ...answered, asked };
  };
  interface Row {
    readonly orderId: number;
  }
  const fails = (error: Error) => () => {
    throw error;
  };

  it("is the adjustment that the stream tells, by the client id of the last order of nobody", async () => {
    const rows = [
      fillRow(70, { orderId: 5, side: "BUY" }),
      settled(71, { qty: "0.004" }),
      settled(72, { qty: "0.006" }),
    ];
    const { told, asked } = await since(rows, () => order, ["5"]);
    expect(told.toSorted()).toEqual(["BTC-USDT:77:0.004", "BTC-USDT:77:0.01", "fill 70"]);
    expect(asked).toEqual(["77"]);
  });

  it("is a trade of another program by any other client id, and where the order is gone", async () => {
    const other = { ...order, clientOrderId: "web_1" };
    expect((await since([settled(71)], () => other)).told).toEqual(["fill 71"]);
    const gone = new NotFoundError("Order does not exist.", { venueCode: "-2013" });
    expect((await since([settled(71)], fails(gone))).told).toEqual(["fill 71"]);
  });

  it("waits where the order cannot be had, and its market is asked again", async () => {
    const { told, failed } = await since([settled(71)], fails(new VenueUnavailableError("busy")));
    expect([told, failed]).toEqual([[], ["BTC-USDT"]]);
  });

  it("asks nothing while the last trades are of orders of ours", async () => {
    const { told, asked } = await since([settled(70, { orderId: 6 }), settled(71)], () => order, ["77"]);
    expect([told, asked]).toEqual([["fill 70", "fill 71"], []]);
  });
});

describe("a forced order of OKX", () => {
  const row = (billId: string, changes: object) => ({
    ...wireOrder({ ordId: "9", clOrdId: "", side: "sell" }),
    ...{ subType: "100", billId, tradeId: "-4", fillPx: "55000", fillSz: "4", fillTime: String(NOW - 100) },
    ...{ category: undefined, accFillSz: undefined, ...changes },
  });
  const ours = row("5", { ordId: "1", clOrdId: "pw-1", subType: "1", tradeId: "70" });
  const since = (rows: readonly unknown[], ofOrder: () => unknown, pairs: readonly string[] = ["BTC-USDT"]) => {
    const context = okxContext((_, { ordId }) => (ordId === undefined ? [...rows, ours] : ofOrder()));
    return ask(context, (own) => okx.tradesSince(own, NOW - 1_000, pairs));
  };

  it.each([{ fillSz: "" }, { fillSz: undefined }, { fillSz: "much" }])(
    "with a size that is none hides no other fill, and is named: %o",
    async (odd) => {
      const rows = [row("21", odd)];
      const { told, unread } = await since(rows, () => rows);
      expect(told).toEqual(["fill 70"]);
      expect(unread).toEqual(["a row of GET /api/v5/trade/fills"]);
    },
  );

  it("has the fills before one that cannot be read, and not those after it, which would count twice", async () => {
    const rows = [row("23", {}), row("22", { fillSz: "odd" }), row("21", {})];
    const { told, unread } = await since(rows, () => rows);
    expect(told.toSorted()).toEqual(["BTC-USDT-SWAP:9:4", "fill 70"]);
    expect(unread).toHaveLength(2);
  });

  it("whose fills cannot be had hides no other fill", async () => {
    const fail = () => {
      throw new VenueUnavailableError("busy");
    };
    expect(await since([row("21", {})], fail)).toEqual({ told: ["fill 70"], failed: ["BTC-USDT"], unread: [] });
    const unasked = await since([row("21", {})], fail, []);
    expect(unasked).toEqual({ told: ["fill 70"], failed: [], unread: ["the fills of order 9 of OKX"] });
  });
});
