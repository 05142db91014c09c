import { afterEach, describe, expect, it } from "vitest";
import { formatAmount } from "../../../../src/paper/engine/amount.ts";
import type { TradeView } from "../../../../src/paper/index.ts";
import { tickDirection } from "../../../../src/paper/protocols/bybit/market-objects.ts";
import { type Harness, startVenue, type Wire } from "./harness.ts";

let harness: Harness;
afterEach(() => harness.venue.stop());

/** A client's own book: absolute sizes, `u` one after the other. */
class Book {
  readonly bids = new Map<string, string>();
  readonly asks = new Map<string, string>();
  update = 0;
  gaps = 0;

  take({ type, data }: Wire): void {
    if (type === "snapshot") {
      this.bids.clear();
      this.asks.clear();
    } else if (data.u !== this.update + 1) {
      this.gaps += 1;
    }
    this.update = data.u;
    for (const [side, levels] of [
      [this.bids, data.b],
      [this.asks, data.a],
    ] as const) {
      for (const [price, size] of levels) {
        if (Number(size) === 0) side.delete(price);
        else side.set(price, size);
      }
    }
  }

  levels(): { bids: number[][]; asks: number[][] } {
    const rows = (side: Map<string, string>) => [...side].map(([price, size]) => [Number(price), Number(size)]);
    return {
      bids: rows(this.bids).toSorted((a, b) => b[0]! - a[0]!),
      asks: rows(this.asks).toSorted((a, b) => a[0]! - b[0]!),
    };
  }
}

function engineBook(market: string, depth: number) {
  const { bids, asks } = harness.venue.engine.book(market, depth);
  const rows = (side: typeof bids) => side.map((level) => level.map((amount) => Number(formatAmount(amount))));
  return { bids: rows(bids), asks: rows(asks) };
}

const DEPTHS = [1, 50, 200, 1_000];

describe("the orderbook topics", () => {
  it("count without a gap over a long run", async () => {
    harness = await startVenue({ emptyBooks: false });
    const socket = await harness.publicSocket(...DEPTHS.map((depth) => `orderbook.${depth}.BTCUSDT`));
    await harness.world.advance(120_000);
    for (const depth of DEPTHS.slice(1)) {
      const counts = socket.of(`orderbook.${depth}.BTCUSDT`).map(({ data }) => data.u);
      expect(counts).toEqual(counts.map((_, index) => index + 1));
      expect(counts.length).toBeGreaterThan(300);
    }
    const sequences = socket.of("orderbook.50.BTCUSDT").map(({ data }) => data.seq);
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
  });

  it("hold exactly the engine's levels once it rests", async () => {
    harness = await startVenue({ emptyBooks: false, quiet: true });
    const socket = await harness.publicSocket(...DEPTHS.map((depth) => `orderbook.${depth}.BTCUSDT`));
    const { trader } = harness.venue;
    for (let step = 0; step < 60; step += 1) {
      const price = String(19_900 + (step % 7));
      if (step % 5 === 4) trader.cancelAll("BTC-USD");
      else if (step % 3 === 0) trader.order({ market: "BTC-USD", side: "sell", size: "0.3" });
      else trader.order({ market: "BTC-USD", side: "buy", size: "0.01", price });
      await harness.world.advance(15);
    }
    await harness.world.advance(500);
    for (const depth of DEPTHS) {
      const book = new Book();
      for (const frame of socket.of(`orderbook.${depth}.BTCUSDT`)) book.take(frame);
      expect([depth, book.gaps, book.levels()]).toEqual([depth, 0, engineBook("BTC-USD", depth)]);
    }
  });

  it("join with the REST snapshot at the deepest topic", async () => {
    harness = await startVenue({ emptyBooks: false });
    const socket = await harness.publicSocket("orderbook.1000.BTCUSDT");
    await harness.world.advance(5_000);
    const { result } = await harness.get("/v5/market/orderbook", {
      category: "linear",
      symbol: "BTCUSDT",
      limit: "1000",
    });
    await harness.settle();
    const streamed = new Book();
    for (const frame of socket.of("orderbook.1000.BTCUSDT")) if (frame.data.u <= result.u) streamed.take(frame);
    const asked = new Book();
    asked.take({ type: "snapshot", data: result });
    expect(streamed.update).toBe(result.u);
    expect(asked.levels()).toEqual(streamed.levels());
    const few = await harness.get("/v5/market/orderbook", { category: "linear", symbol: "BTCUSDT", limit: "3" });
    expect([few.result.b.length, few.result.a.length]).toEqual([3, 3]);
  });

  it("of level 1 are snapshots, sent again with the same u when nothing moves for three seconds", async () => {
    harness = await startVenue();
    const { trader } = harness.venue;
    trader.order({ market: "BTC-USD", side: "buy", size: "1", price: "19999" });
    const socket = await harness.publicSocket("orderbook.1.BTCUSDT");
    trader.order({ market: "BTC-USD", side: "sell", size: "1", price: "20001" });
    await harness.world.advance(6_500);
    const frames = socket.of("orderbook.1.BTCUSDT");
    expect(frames.map(({ type, data }) => [type, data.u])).toEqual([
      ["snapshot", 1],
      ["snapshot", 2],
      ["snapshot", 2],
      ["snapshot", 2],
    ]);
    expect(frames[1].data).toMatchObject({ b: [["19999", "1.0000"]], a: [["20001", "1.0000"]] });
  });

  it("count from 1 again after a restart, and go on where they were after a mere reconnect", async () => {
    harness = await startVenue({ emptyBooks: false });
    const first = await harness.publicSocket("orderbook.50.BTCUSDT");
    await harness.world.advance(2_000);
    const last = first.of("orderbook.50.BTCUSDT").at(-1).data;
    first.connection!.close();
    await harness.settle();
    const second = await harness.publicSocket("orderbook.50.BTCUSDT");
    const [again] = second.of("orderbook.50.BTCUSDT");
    expect(again.type).toBe("snapshot");
    expect(again.data.u).toBeGreaterThanOrEqual(last.u);
    await harness.world.run(harness.venue.restart(100));
    expect(second.isClosed).toBe(true);
    const third = await harness.publicSocket("orderbook.50.BTCUSDT");
    const [fresh] = third.of("orderbook.50.BTCUSDT");
    expect(fresh.data.u).toBe(1);
    expect(fresh.data.seq).toBeGreaterThanOrEqual(again.data.seq);
  });
});

describe("the publicTrade topic", () => {
  it("tells each trade with the taker's side and the direction of the price", async () => {
    harness = await startVenue();
    const socket = await harness.publicSocket("publicTrade.BTCUSDT");
    const { trader } = harness.venue;
    for (const price of ["20001", "20002", "20003"])
      trader.order({ market: "BTC-USD", side: "sell", size: "0.01", price });
    await harness.place({ side: "Buy", qty: "0.02", price: "20002" });
    await harness.place({ side: "Buy", qty: "0.01", price: "20003" });
    const frames = socket.of("publicTrade.BTCUSDT");
    expect(frames.map(({ type, data }) => [type, data.length])).toEqual([
      ["snapshot", 2],
      ["snapshot", 1],
    ]);
    const rows = socket.rows("publicTrade.BTCUSDT");
    expect(rows.map(({ S, p, v, L }) => [S, p, v, L])).toEqual([
      ["Buy", "20001", "0.0100", "ZeroPlusTick"],
      ["Buy", "20002", "0.0100", "PlusTick"],
      ["Buy", "20003", "0.0100", "PlusTick"],
    ]);
    const recent = await harness.list("/v5/market/recent-trade", { symbol: "BTCUSDT" });
    expect(recent.map((row) => row.execId)).toEqual(rows.map((row) => row.i).toReversed());
  });

  it.each([
    [[1n, 2n], "PlusTick"],
    [[2n, 2n, 1n], "MinusTick"],
    [[1n, 2n, 2n], "ZeroPlusTick"],
    [[2n, 1n, 1n, 1n], "ZeroMinusTick"],
    [[1n], "ZeroPlusTick"],
  ])("says of prices %s %s", async (prices, expected) => {
    harness = await startVenue();
    expect(tickDirection(prices.map((price) => ({ price }) as TradeView))).toBe(expected);
  });
});

describe("the tickers topic", () => {
  it("starts with everything and then sends what has changed, which adds up to the REST row", async () => {
    harness = await startVenue({ emptyBooks: false });
    const socket = await harness.publicSocket("tickers.BTCUSDT");
    await harness.world.advance(10_000);
    const frames = socket.of("tickers.BTCUSDT");
    expect(frames[0].type).toBe("snapshot");
    expect(frames.slice(1).every(({ type }) => type === "delta")).toBe(true);
    expect(frames.length).toBeGreaterThan(20);
    const sizes = frames.slice(1).map(({ data }) => Object.keys(data).length);
    expect(Math.min(...sizes)).toBeLessThan(Object.keys(frames[0].data).length / 2);
    const merged = Object.assign({}, ...frames.map(({ data }) => data));
    expect(merged.symbol).toBe("BTCUSDT");
    const fresh = await harness.publicSocket("tickers.BTCUSDT");
    const [row] = await harness.list("/v5/market/tickers", { symbol: "BTCUSDT" });
    const { tickDirection: _, ...shown } = fresh.of("tickers.BTCUSDT")[0].data;
    expect(Object.keys(row)).toEqual(expect.arrayContaining(Object.keys(shown)));
    expect(row.nextFundingTime).toBe(merged.nextFundingTime);
  });

  it("moves when the mark does, though nobody trades", async () => {
    harness = await startVenue();
    const socket = await harness.publicSocket("tickers.BTCUSDT");
    harness.venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 20_500_00000000n });
    await harness.world.advance(300);
    const delta = socket.of("tickers.BTCUSDT").find(({ type }) => type === "delta");
    expect(delta.data).toMatchObject({ symbol: "BTCUSDT", indexPrice: "20500" });
    expect(delta.data.bid1Price).toBeUndefined();
  });
});

describe("market data over REST", () => {
  it("pages through the instruments and keeps other products and states empty", async () => {
    harness = await startVenue();
    const page = await harness.get("/v5/market/instruments-info", { category: "linear", limit: "3" });
    expect(page.result.list.map((row: Wire) => row.symbol)).toEqual(["BTCUSDT", "ETHUSDT", "SOLUSDT"]);
    const target = `/v5/market/instruments-info?category=linear&limit=3&cursor=${page.result.nextPageCursor}`;
    const rest = JSON.parse((await harness.send("GET", target, "")).text).result;
    expect([rest.list.map((row: Wire) => row.symbol), rest.nextPageCursor]).toEqual([["DOGEUSDT"], ""]);
    expect(page.result.list[0]).toMatchObject({
      contractType: "LinearPerpetual",
      status: "Trading",
      settleCoin: "USDT",
      fundingInterval: 60,
      priceFilter: { tickSize: "1" },
      lotSizeFilter: { qtyStep: "0.0001", minOrderQty: "0.001" },
    });
    expect(await harness.list("/v5/market/instruments-info", { status: "PreLaunch" })).toEqual([]);
    expect(await harness.list("/v5/market/instruments-info", { category: "spot" })).toEqual([]);
    expect((await harness.get("/v5/market/tickers", { category: "nonsense" })).code).toBe(10_001);
    expect((await harness.get("/v5/market/tickers", {})).code).toBe(10_001);
  });

  it("has candles, newest first, that hold what was traded", async () => {
    harness = await startVenue({}, Date.UTC(2026, 0, 5, 10));
    harness.venue.trader.order({ market: "BTC-USD", side: "sell", size: "1", price: "20010" });
    await harness.place({ side: "Buy", qty: "0.5", price: "20010" });
    await harness.world.advance(60_000);
    harness.venue.trader.order({ market: "BTC-USD", side: "sell", size: "1", price: "20005" });
    await harness.place({ side: "Buy", qty: "0.1", price: "20005" });
    const list = await harness.list("/v5/market/kline", { symbol: "BTCUSDT", interval: "1" });
    const start = Date.UTC(2026, 0, 5, 10);
    expect(list.slice(0, 2)).toEqual([
      [String(start + 60_000), "20005", "20005", "20005", "20005", "0.1000", "2000.5"],
      [String(start), "20010", "20010", "20010", "20010", "0.5000", "10005"],
    ]);
    expect((await harness.get("/v5/market/kline", { category: "linear", symbol: "BTCUSDT", interval: "7" })).code).toBe(
      10_001,
    );
  });

  it("tells the time to the nanosecond", async () => {
    harness = await startVenue();
    const { result, body } = await harness.get("/v5/market/time");
    expect(result.timeNano.slice(0, 13)).toBe(String(body.time));
    expect(result.timeSecond).toBe(String(Math.floor(body.time / 1_000)));
  });
});
