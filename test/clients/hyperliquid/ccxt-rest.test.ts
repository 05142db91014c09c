import { describe, expect, it } from "vitest";
import { HYPERLIQUID_MARKETS, type PaperVenue } from "../../../src/paper/index.ts";
import { type Ccxt, errors } from "../support/ccxt.ts";
import { BTC, ccxtHyperliquid, ETH, loginOf } from "../support/ccxt-hyperliquid.ts";
import { accountOf, amount, bookOf, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

const open = (options: Parameters<typeof openVenue>[0] = {}) => openVenue({ api: "hyperliquid", ...options });
const connect = async (options: Parameters<typeof openVenue>[0] = {}) => {
  const venue = await open(options);
  return { venue, exchange: await ccxtHyperliquid(loginOf(venue)) };
};
const quote = (venue: PaperVenue, side: "buy" | "sell", price: string, size: string) =>
  venue.trader.order({ market: "BTC-USD", side, price, size });

/** Buys from the venue's trader at 20,000, which makes a position. */
async function bought(venue: PaperVenue, exchange: Ccxt, size: number): Promise<Ccxt> {
  quote(venue, "sell", "20000", String(size));
  return exchange.createOrder(BTC, "limit", "buy", size, 20_000);
}

describe("ccxt reads the market", () => {
  it("lists perpetuals by their place, with the engine's steps", async () => {
    const { venue, exchange } = await connect();
    expect(Object.keys(exchange.markets).sort()).toEqual([BTC, "DOGE/USDC:USDC", ETH, "SOL/USDC:USDC"]);
    for (const [index, { spec }] of venue.engine.markets().entries()) {
      expect(exchange.markets[`${spec.base}/USDC:USDC`]).toMatchObject({
        ...{ id: String(index), baseName: spec.base, type: "swap", linear: true, active: true, settle: "USDC" },
        precision: { amount: amount(spec.lot) },
        limits: { leverage: { max: amount(spec.maxLeverage) }, cost: { min: 10 } },
      });
    }
    expect(venue.engine.markets().map(({ spec }) => spec)).toEqual(HYPERLIQUID_MARKETS);
  });

  it("fetches books as the engine has them, twenty levels a side", async () => {
    const { venue, exchange } = await connect({ emptyBooks: false, quiet: true });
    for (const { spec } of venue.engine.markets()) {
      const { bids, asks } = await exchange.fetchOrderBook(`${spec.base}/USDC:USDC`);
      expect({ bids, asks }).toEqual(bookOf(venue, spec.market, 20));
    }
  });

  it("fetches tickers, trades, candles, funding and open interest that agree with each other", async () => {
    const { venue, exchange } = await connect();
    await bought(venue, exchange, 0.5);
    quote(venue, "buy", "19990", "1");
    quote(venue, "sell", "20010", "1");
    const ticker = await exchange.fetchTicker(BTC);
    expect(ticker).toMatchObject({ bid: 19_990, ask: 20_010, last: 20_000 });
    const [trade] = venue.engine.trades("BTC-USD");
    const trades = await exchange.fetchTrades(BTC);
    expect(trades).toMatchObject([{ price: 20_000, amount: 0.5, timestamp: Math.floor(trade!.timeMs) }]);
    const [candle] = await exchange.fetchOHLCV(BTC, "1m", Math.floor(trade!.timeMs) - 60_000);
    expect(candle.slice(1)).toEqual([20_000, 20_000, 20_000, 20_000, 0.5]);
    expect(await exchange.fetchOpenInterest(BTC)).toMatchObject({ openInterestAmount: 0.5 });
    const rates = await exchange.fetchFundingRates([BTC]);
    expect(rates[BTC].fundingRate).toBe(amount(venue.engine.market("BTC-USD")!.predictedRate));
  });
});

describe("ccxt trades", () => {
  it("places, finds, edits and cancels an order by both of its ids", async () => {
    const { venue, exchange } = await connect();
    const clientOrderId = `0x${"a1".repeat(16)}`;
    const { id } = await exchange.createOrder(BTC, "limit", "buy", 0.01, 19_000, { clientOrderId, postOnly: true });
    const found = await exchange.fetchOrder(id, BTC);
    expect(found).toMatchObject({
      ...{ id, clientOrderId, symbol: BTC, status: "open", side: "buy", type: "limit", postOnly: true },
      ...{ amount: 0.01, filled: 0, remaining: 0.01, price: 19_000 },
    });
    expect(await exchange.fetchOrder(undefined, BTC, { clientOrderId })).toMatchObject({ id });
    expect((await exchange.fetchOpenOrders(BTC)).map((order: Ccxt) => order.id)).toEqual([id]);
    await exchange.editOrder(id, BTC, "limit", "buy", 0.02, 19_100, { clientOrderId });
    const [edited, ...others] = await exchange.fetchOpenOrders(BTC);
    expect(others).toEqual([]);
    expect(edited).toMatchObject({ clientOrderId, amount: 0.02, price: 19_100 });
    expect(edited.id).not.toBe(id);
    await exchange.cancelOrder(edited.id, BTC);
    expect(await exchange.fetchOrder(edited.id, BTC)).toMatchObject({ status: "canceled", filled: 0 });
    expect((await exchange.fetchCanceledOrders(BTC)).map((order: Ccxt) => order.id).sort()).toEqual(
      [id, edited.id].sort(),
    );
    const truth = venue.truth().orders.map(({ orderId, reason }) => [String(orderId), reason]);
    expect(truth).toEqual([
      [id, "user"],
      [edited.id, "user"],
    ]);
  });

  it("takes at the market, by a bounded price, and knows fills, fee, position and balance", async () => {
    const { venue, exchange } = await connect();
    quote(venue, "buy", "19990", "1");
    quote(venue, "sell", "20000", "0.1");
    quote(venue, "sell", "20010", "0.1");
    const order = await exchange.createOrder(BTC, "market", "buy", 0.15, 20_000);
    expect(order.filled).toBe(0.15);
    expect((await exchange.fetchOrder(order.id, BTC)).status).toBe("closed");
    expect(order.average).toBeCloseTo(20_003.333, 2);
    const fills = await exchange.fetchMyTrades(BTC);
    const known = venue.truth().fills;
    expect(
      fills.map((fill: Ccxt) => [fill.id, fill.order, fill.amount, fill.price, fill.fee.cost, fill.takerOrMaker]),
    ).toEqual(
      known.map(({ tradeId, orderId, size, price, fee }) => [
        ...[String(tradeId), String(orderId), Number(size), Number(price), Number(fee), "taker"],
      ]),
    );
    const [position] = await exchange.fetchPositions([BTC]);
    expect(position).toMatchObject({ side: "long", contracts: 0.15, leverage: 10, marginMode: "cross" });
    expect(position.entryPrice).toBeCloseTo(20_003.333, 2);
    const { equity, freeCollateral } = accountOf(venue);
    const balance = await exchange.fetchBalance();
    expect(balance.USDC.total).toBe(amount(equity));
    expect(balance.USDC.free).toBeCloseTo(Math.min(amount(freeCollateral), amount(equity)), 6);
  });

  it("sets leverage and margin mode, and moves margin", async () => {
    const { venue, exchange } = await connect();
    await exchange.setMarginMode("isolated", BTC, { leverage: 5 });
    await bought(venue, exchange, 0.1);
    expect(venue.engine.settings(venue.accountId, "BTC-USD")).toMatchObject({ marginMode: "isolated" });
    await exchange.addMargin(BTC, 50);
    const [position] = await exchange.fetchPositions([BTC]);
    expect(position).toMatchObject({ marginMode: "isolated", leverage: 5, collateral: 449.1 });
    await exchange.setLeverage(20, ETH);
    expect(amount(venue.engine.settings(venue.accountId, "ETH-USD")!.leverage)).toBe(20);
  });

  it("places a batch, of which one is refused, and cancels several at once", async () => {
    const { exchange } = await connect();
    const orders = await exchange.createOrders([
      { symbol: BTC, type: "limit", side: "buy", amount: 0.01, price: 19_000 },
      { symbol: ETH, type: "limit", side: "buy", amount: 0.1, price: 1_400 },
    ]);
    await exchange.cancelOrders(
      orders.slice(0, 1).map((order: Ccxt) => order.id),
      BTC,
    );
    expect((await exchange.fetchOpenOrders()).map((order: Ccxt) => order.symbol)).toEqual([ETH]);
    await exchange.cancelAllOrders?.(ETH).catch(() => undefined);
  });

  it("places a stop that fires at the mark price", async () => {
    const { venue, exchange } = await connect();
    await bought(venue, exchange, 0.1);
    quote(venue, "buy", "17900", "1");
    const params = { triggerPrice: 18_000, reduceOnly: true, stopLossPrice: 18_000 };
    const stop = await exchange.createOrder(BTC, "market", "sell", 0.1, 18_000, params);
    expect((await exchange.fetchOpenOrders(BTC))[0]).toMatchObject({ id: stop.id, triggerPrice: 18_000 });
    venue.setPrice("BTC-USD", 1_700_000_000_000n);
    await until("the stop has sold", () => (accountOf(venue).positions[0]?.size === 0n ? true : undefined));
    expect(await exchange.fetchOrder(stop.id, BTC)).toMatchObject({ status: "closed" });
    expect(await exchange.fetchPositions([BTC])).toEqual([]);
  });

  it("is told of funding that was paid, with its sign", async () => {
    const { venue, exchange } = await connect({ fundingIntervalMs: 300 });
    await bought(venue, exchange, 1);
    quote(venue, "buy", "20190", "1");
    quote(venue, "sell", "20210", "1");
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20210", size: "0.01" });
    const history = await until("a payment", async () => {
      const rows: Ccxt[] = await exchange.fetchFundingHistory(BTC);
      return rows.some((row) => row.amount !== 0) ? rows : undefined;
    });
    const known = venue.truth().fundingPayments.map((payment) => Number(payment.amount));
    const own = history.map((row) => row.amount);
    expect(known.slice(0, own.length)).toEqual(
      own.toSorted((left, right) => known.indexOf(left) - known.indexOf(right)),
    );
    const rates = await exchange.fetchFundingRateHistory(BTC, 0);
    expect(rates[0].fundingRate).toBe(amount(venue.engine.fundingRates("BTC-USD")[0]!.rate));
  });

  it("moves money beside the collateral and to another account", async () => {
    const { venue, exchange } = await connect();
    await exchange.transfer("USDC", 100, "swap", "spot");
    expect(amount(accountOf(venue).cash)).toBe(99_900);
    await exchange.transfer("USDC", 40, "spot", "swap");
    expect(amount(accountOf(venue).cash)).toBe(99_940);
    const ledger = await exchange.fetchLedger("USDC");
    expect(ledger.length).toBeGreaterThanOrEqual(3);
  });
});

describe("ccxt tells what went wrong", () => {
  it("in its own classes of errors", async () => {
    const { venue, exchange } = await connect();
    const order = (fields: { amount?: number; price?: number; params?: object; side?: string }) => {
      const { amount: size = 0.01, price = 19_000, params = {}, side = "buy" } = fields;
      return exchange.createOrder(BTC, "limit", side, size, price, params);
    };
    await expect(order({ amount: 0.0001 })).rejects.toThrow(errors.InvalidOrder);
    await expect(order({ amount: 100 })).rejects.toThrow(errors.InsufficientFunds);
    await expect(order({ params: { reduceOnly: true } })).rejects.toThrow(/Reduce only/);
    quote(venue, "sell", "20000", "1");
    await expect(order({ price: 20_000, params: { postOnly: true } })).rejects.toThrow(/Post only/);
    await expect(exchange.cancelOrder("1", BTC)).rejects.toThrow(errors.OrderNotFound);
    await expect(exchange.fetchOrder("1", BTC)).rejects.toThrow();
    exchange.privateKey = `0x${"11".repeat(32)}`;
    await expect(order({})).rejects.toThrow(/does not exist/);
    venue.faults.set({ error429: 1 });
    await expect(exchange.fetchTicker(BTC)).rejects.toThrow(errors.RateLimitExceeded);
  });
});
