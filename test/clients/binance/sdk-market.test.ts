import { describe, expect, it } from "vitest";
import { formatAmount } from "../../../src/paper/engine/amount.ts";
import { numbers } from "../support/binance-book.ts";
import { BTC_BUY, binanceRest, bought, refusalOf, type Wire } from "../support/binance-sdk.ts";
import { BTC_MARKET, openBinance, quote } from "../support/binance-venue.ts";
import { amount, bookOf } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

const SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT", "DOGEUSDT"];

const filtersOf = ({ filters }: Wire): Wire =>
  Object.fromEntries(filters.map((filter: Wire) => [filter.filterType, filter]));

describe("binance reads the market", () => {
  it("asks whether the venue is there and what time it is", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    expect(await rest.testConnectivity()).toEqual({});
    const before = Math.floor(venue.now());
    const serverTime = await rest.getServerTime();
    expect(serverTime).toBeGreaterThanOrEqual(before);
    expect(serverTime).toBeLessThanOrEqual(venue.now());
  });

  it("lists perpetual symbols whose filters are the engine's rules", async () => {
    const venue = await openBinance();
    const { symbols, rateLimits }: Wire = await binanceRest(venue).getExchangeInfo();
    expect(symbols.map(({ symbol }: Wire) => symbol)).toEqual(SYMBOLS);
    expect(rateLimits).toContainEqual({
      rateLimitType: "REQUEST_WEIGHT",
      interval: "MINUTE",
      intervalNum: 1,
      limit: 2_400,
    });
    for (const [index, { spec }] of venue.engine.markets().entries()) {
      expect(symbols[index]).toMatchObject({
        pair: SYMBOLS[index],
        contractType: "PERPETUAL",
        status: "TRADING",
        baseAsset: spec.base,
        quoteAsset: "USDT",
        marginAsset: "USDT",
      });
      const filters = filtersOf(symbols[index]);
      expect(Number(filters.PRICE_FILTER.tickSize)).toBe(amount(spec.tick));
      expect(Number(filters.LOT_SIZE.stepSize)).toBe(amount(spec.lot));
      expect(Number(filters.LOT_SIZE.minQty)).toBe(amount(spec.minSize));
      expect(Number(filters.LOT_SIZE.maxQty)).toBe(amount(spec.maxSize));
      expect(filters.MIN_NOTIONAL.notional).toBe(formatAmount(spec.minNotional));
      expect(filters.MAX_NUM_ORDERS.limit).toBe(spec.maxOpenOrders);
    }
  });

  it("gets the order book level by level as the engine has it, to the depth that it asks for", async () => {
    const venue = await openBinance({ emptyBooks: false, quiet: true });
    const rest = binanceRest(venue);
    for (const [index, { spec }] of venue.engine.markets().entries()) {
      const { bids, asks }: Wire = await rest.getOrderBook({ symbol: SYMBOLS[index] ?? "", limit: 1_000 });
      expect(bids.length).toBeGreaterThan(100);
      expect({ bids: numbers(bids), asks: numbers(asks) }).toEqual(bookOf(venue, spec.market, 1_000));
    }
    const short: Wire = await rest.getOrderBook({ symbol: "BTCUSDT", limit: 5 });
    expect({ bids: numbers(short.bids), asks: numbers(short.asks) }).toEqual(bookOf(venue, BTC_MARKET, 5));
  });

  it("gets tickers, trades and candles that agree with each other", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    for (const [price, quantity] of [
      [60_000, 0.1],
      [60_100, 0.2],
      [59_950, 0.3],
    ] as const) {
      quote(venue, "sell", price, quantity);
      await rest.submitNewOrder({ ...BTC_BUY, price, quantity });
    }
    quote(venue, "buy", 59_900.1, 1);
    quote(venue, "sell", 60_200.9, 2);

    expect(await rest.getSymbolPriceTickerV2({ symbol: "BTCUSDT" })).toMatchObject({
      symbol: "BTCUSDT",
      price: "59950.00",
    });
    expect(await rest.getSymbolPriceTickerV2()).toHaveLength(SYMBOLS.length);
    expect(await rest.getSymbolOrderBookTicker({ symbol: "BTCUSDT" })).toMatchObject({
      bidPrice: "59900.10",
      bidQty: "1.000",
      askPrice: "60200.90",
      askQty: "2.000",
    });
    expect(await rest.get24hrChangeStatistics({ symbol: "BTCUSDT" })).toMatchObject({
      openPrice: "60000.00",
      highPrice: "60100.00",
      lowPrice: "59950.00",
      lastPrice: "59950.00",
      priceChange: "-50.00",
      volume: "0.600",
      quoteVolume: "36005.00",
      count: 3,
    });
    const trades: Wire = await rest.getRecentTrades({ symbol: "BTCUSDT" });
    expect(trades.map(({ price, qty, isBuyerMaker }: Wire) => [price, qty, isBuyerMaker])).toEqual([
      ["60000.00", "0.100", false],
      ["60100.00", "0.200", false],
      ["59950.00", "0.300", false],
    ]);
    const aggregates: Wire = await rest.getAggregateTrades({ symbol: "BTCUSDT" });
    expect(aggregates.map(({ p, q, m }: Wire) => [p, q, m])).toEqual(
      trades.map(({ price, qty, isBuyerMaker }: Wire) => [price, qty, isBuyerMaker]),
    );
    const candles: Wire = await rest.getKlines({ symbol: "BTCUSDT", interval: "1d" });
    expect(candles.reduce((sum: number, [, , , , , volume]: Wire) => sum + Number(volume), 0)).toBeCloseTo(0.6, 9);
    expect(candles.at(-1)[4]).toBe("59950.00");
  });

  it("gets mark, index and the funding that the engine predicts and that was", async () => {
    const venue = await openBinance({ fundingIntervalMs: 250 });
    const rest = binanceRest(venue);
    const settled = await until("a settled rate", () => venue.engine.fundingRates(BTC_MARKET)[0]);
    const premium: Wire = await rest.getMarkPrice({ symbol: "BTCUSDT" });
    const history: Wire = await rest.getFundingRateHistory({ symbol: "BTCUSDT" });
    const btc = venue.engine.market(BTC_MARKET)!;
    expect(premium).toMatchObject({ symbol: "BTCUSDT", markPrice: "60000.00000000", indexPrice: "60000.00000000" });
    expect(Number(premium.lastFundingRate)).toBe(amount(btc.predictedRate));
    expect(premium.nextFundingTime).toBeGreaterThan(settled.timeMs);
    expect(history[0]).toMatchObject({ symbol: "BTCUSDT", fundingTime: Math.floor(settled.timeMs) });
    expect(Number(history[0].fundingRate)).toBe(amount(settled.rate));
  });

  it("sees the open interest of a trade", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    await bought(venue, rest, 0.3);
    expect(await rest.getOpenInterest({ symbol: "BTCUSDT" })).toMatchObject({ openInterest: "0.300" });
  });

  it("is told which symbol, depth or interval is wrong", async () => {
    const rest = binanceRest(await openBinance());
    expect(await refusalOf(rest.getOrderBook({ symbol: "XRPUSDT" }))).toMatchObject({
      code: -1121,
      message: "Invalid symbol.",
    });
    expect(await refusalOf(rest.getOrderBook({ symbol: "BTCUSDT", limit: 7 } as Wire))).toMatchObject({ code: -4021 });
    expect(await refusalOf(rest.getKlines({ symbol: "BTCUSDT", interval: "7m" as Wire }))).toMatchObject({
      code: -1120,
    });
  });
});
