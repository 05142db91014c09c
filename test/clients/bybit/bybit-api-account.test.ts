import { describe, expect, it } from "vitest";
import {
  BTC_BUY,
  bought,
  bybitRest,
  LINEAR,
  orderStatus,
  refusalOf,
  rested,
  resultOf,
  rowsOf,
  type Wire,
} from "../support/bybit-api.ts";
import { accountOf, amount, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

describe("bybit-api reads its account", () => {
  it("has the balance, margin and position that the engine has", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    await bought(venue, rest, "0.5");
    const { equity, freeCollateral, initialMargin, cash } = accountOf(venue);

    const [wallet] = await rowsOf(rest.getWalletBalance({ accountType: "UNIFIED" }));
    const [position] = await rowsOf(rest.getPositionInfo({ ...LINEAR }));

    // A taker pays 5.5 basis points of 10,000.
    expect(amount(cash)).toBe(99_994.5);
    const [coin] = wallet.coin;
    expect(coin.coin).toBe("USDT");
    expect([coin.equity, coin.walletBalance, coin.totalPositionIM].map(Number)).toEqual([
      amount(equity),
      amount(cash),
      amount(initialMargin),
    ]);
    expect([wallet.totalMarginBalance, wallet.totalAvailableBalance].map(Number)).toEqual([
      amount(equity),
      amount(freeCollateral),
    ]);
    expect(position).toMatchObject({ side: "Buy", size: "0.500", positionIdx: 0, leverage: "10" });
    expect([position.avgPrice, position.positionValue, position.unrealisedPnl].map(Number)).toEqual([
      20_000, 10_000, 0,
    ]);
    expect(await rowsOf(rest.getPositionInfo({ category: "linear", settleCoin: "USDT" }))).toEqual([position]);
    const [fees] = await rowsOf(rest.getFeeRate({ ...LINEAR }));
    expect([fees.makerFeeRate, fees.takerFeeRate].map(Number)).toEqual([0.0002, 0.00055]);
  });

  it("sets the leverage, and the margin follows; setting it again changes nothing", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    await bought(venue, rest, "1");
    expect(amount(accountOf(venue).initialMargin)).toBe(2_000);

    const five = { ...LINEAR, buyLeverage: "5", sellLeverage: "5" };
    await resultOf(rest.setLeverage(five));

    expect(amount(accountOf(venue).initialMargin)).toBe(4_000);
    expect(await rowsOf(rest.getPositionInfo({ ...LINEAR }))).toMatchObject([{ leverage: "5" }]);
    expect(await refusalOf(rest.setLeverage(five))).toMatchObject({ retCode: 110_043 });
    expect(await refusalOf(rest.setLeverage({ ...five, buyLeverage: "6" }))).toMatchObject({ retCode: 10_001 });
    expect(await refusalOf(rest.setLeverage({ ...LINEAR, buyLeverage: "21", sellLeverage: "21" }))).toMatchObject({
      retCode: 110_013,
    });
  });

  it("holds a long and a short position at once in hedge mode", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    await resultOf(rest.switchPositionMode({ ...LINEAR, mode: 3 }));
    expect(await refusalOf(rest.switchPositionMode({ ...LINEAR, mode: 3 }))).toMatchObject({ retCode: 110_025 });
    expect(await refusalOf(rest.submitOrder(BTC_BUY))).toMatchObject({ retCode: 10_001 });

    await bought(venue, rest, "0.3", { positionIdx: 1 });
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "0.2" });
    const short = await resultOf(rest.submitOrder({ ...BTC_BUY, side: "Sell", qty: "0.2", positionIdx: 2 }));
    await orderStatus(rest, short.orderId, "Filled");

    const rows = await rowsOf(rest.getPositionInfo({ ...LINEAR }));
    expect(rows.map(({ positionIdx, side, size }) => [positionIdx, side, Number(size)])).toEqual([
      [1, "Buy", 0.3],
      [2, "Sell", 0.2],
    ]);
    expect(await refusalOf(rest.switchPositionMode({ ...LINEAR, mode: 0 }))).toMatchObject({ retCode: 110_024 });

    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "0.3" });
    const close = { ...BTC_BUY, side: "Sell", qty: "0.3", positionIdx: 1, reduceOnly: true } as const;
    const { orderId } = await resultOf(rest.submitOrder(close));
    expect(await orderStatus(rest, orderId, "Filled")).toMatchObject({ positionIdx: 1, reduceOnly: true });
    const after = await rowsOf(rest.getPositionInfo({ ...LINEAR }));
    expect(after.map(({ positionIdx, side, size }) => [positionIdx, side, Number(size)])).toEqual([
      [1, "", 0],
      [2, "Sell", 0.2],
    ]);
  });

  it("may not switch the position mode while an order is open", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    const { orderId } = await rested(venue, rest, BTC_BUY);
    expect(await refusalOf(rest.switchPositionMode({ ...LINEAR, mode: 3 }))).toMatchObject({ retCode: 110_028 });
    await resultOf(rest.cancelOrder({ ...LINEAR, orderId }));
    await orderStatus(rest, orderId, "Cancelled");
    await resultOf(rest.switchPositionMode({ ...LINEAR, mode: 3 }));
    expect(await rowsOf(rest.getPositionInfo({ ...LINEAR }))).toMatchObject([{ positionIdx: 1 }, { positionIdx: 2 }]);
  });

  it("pays funding as a long while the contract trades above the index, and finds it in both lists", async () => {
    const venue = await openVenue({ api: "bybit", fundingIntervalMs: 250 });
    const rest = bybitRest(venue);
    await bought(venue, rest, "1");
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20001", size: "1" });
    venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 19_800n * 100_000_000n });

    const settled = { accountType: "UNIFIED", category: "linear", type: "SETTLEMENT" } as const;
    const payment = await until("a payment", async () =>
      (await rowsOf(rest.getTransactionLog(settled))).find(({ funding }) => Number(funding) < 0),
    );

    const truth = venue
      .truth()
      .fundingPayments.find(({ timeMs }) => Math.floor(timeMs) === Number(payment.transactionTime))!;
    expect([payment.funding, payment.feeRate].map(Number)).toEqual([truth.amount, truth.rate].map(Number));
    expect(payment).toMatchObject({ symbol: "BTCUSDT", side: "Buy", type: "SETTLEMENT", currency: "USDT" });
    const executions = await rowsOf(rest.getExecutionList({ ...LINEAR, execType: "Funding" } as Wire));
    const execution = executions.find(({ execTime }) => execTime === payment.transactionTime);
    // Positive is paid here, and received in the transaction log.
    expect(Number(execution.execFee)).toBe(-Number(payment.funding));
    expect(execution).toMatchObject({ execType: "Funding", side: "Buy" });
    expect((await rowsOf(rest.getExecutionList({ ...LINEAR, execType: "Trade" } as Wire))).length).toBe(1);
    const rates = await rowsOf(rest.getFundingRateHistory({ ...LINEAR }));
    expect(
      rates
        .filter(({ fundingRateTimestamp }) => fundingRateTimestamp === payment.transactionTime)
        .map((row) => Number(row.fundingRate)),
    ).toEqual([Number(truth.rate)]);
    const [ticker] = await rowsOf(rest.getTickers({ ...LINEAR }));
    expect(Number(ticker.fundingRate)).toBeGreaterThan(0);
    expect(Number(ticker.nextFundingTime)).toBeGreaterThan(Number(payment.transactionTime));
  });

  it("keeps the accounts of different users apart", async () => {
    const venue = await openVenue({ api: "bybit" });
    const { host, port } = venue;
    const rival = bybitRest({ host, port, apiKey: "rival-key", apiSecret: "rival-secret" });
    const { orderId } = await rested(venue, bybitRest(venue), BTC_BUY);
    expect(await rowsOf(rival.getActiveOrders({ ...LINEAR, orderId }))).toEqual([]);
    expect(await refusalOf(rival.cancelOrder({ ...LINEAR, orderId }))).toMatchObject({ retCode: 110_001 });
  });
});

describe("bybit-api is let in or not", () => {
  it("is refused with a key that nobody knows, but may ask public questions", async () => {
    const { host, port } = await openVenue({ api: "bybit" });
    const stranger = bybitRest({ host, port, apiKey: "stranger", apiSecret: "guess" });
    await resultOf(stranger.getServerTime());
    expect(await refusalOf(stranger.getWalletBalance({ accountType: "UNIFIED" }))).toMatchObject({ retCode: 10_003 });
  });

  it("is refused with a wrong secret, whatever it asks, and nothing happens", async () => {
    const venue = await openVenue({ api: "bybit" });
    const { host, port, apiKey } = venue;
    const forger = bybitRest({ host, port, apiKey, apiSecret: "guess" });
    const wrong = { retCode: 10_004 };
    expect(await refusalOf(forger.getWalletBalance({ accountType: "UNIFIED" }))).toMatchObject(wrong);
    expect(await refusalOf(forger.submitOrder(BTC_BUY))).toMatchObject(wrong);
    expect(await refusalOf(forger.cancelAllOrders({ ...LINEAR }))).toMatchObject(wrong);
    expect(venue.engine.orders(venue.accountId)).toEqual([]);
  });

  it.each([
    ["fast", 60_000],
    ["slow", -60_000],
  ])("is refused when the venue's clock is a minute %s, in the words that clients know", async (_, clockSkewMs) => {
    const venue = await openVenue({ api: "bybit", faults: { clockSkewMs } });
    const { retCode, retMsg } = await refusalOf(bybitRest(venue).getWalletBalance({ accountType: "UNIFIED" }));
    expect(retCode).toBe(10_002);
    expect(retMsg).toMatch(
      /^invalid request, please check your server timestamp or recv_window param\. req_timestamp\[\d+\],server_timestamp\[\d+\],recv_window\[5000\]$/,
    );
  });

  it("may send forty signed requests at once", async () => {
    const rest = bybitRest(await openVenue({ api: "bybit" }));
    const placed = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        resultOf(rest.submitOrder({ ...BTC_BUY, qty: "0.01", orderLinkId: `many-${index}` })),
      ),
    );
    expect(new Set(placed.map(({ orderId }) => orderId)).size).toBe(40);
    expect(placed.map(({ orderLinkId }) => orderLinkId)).toEqual(placed.map((_, index) => `many-${index}`));
  });

  it("reads its rate limit from the headers and is told to slow down when it exceeds it", async () => {
    const venue = await openVenue({ api: "bybit", rateLimits: "strict" });
    const rest = bybitRest(venue, { parseAPIRateLimits: true });
    const answers: Wire[] = await Promise.all(
      Array.from({ length: 14 }, () => rest.submitOrder({ ...BTC_BUY, qty: "0.01" })),
    );
    const taken = answers.filter(({ retCode }) => retCode === 0);
    const refused = answers.filter(({ retCode }) => retCode !== 0);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) expect(answer).toMatchObject({ retCode: 10_006 });
    for (const { rateLimitApi } of taken) expect(rateLimitApi.maxRequests).toBe(10);
    // They were sent at once: any of them may have arrived first.
    expect(Math.max(...taken.map(({ rateLimitApi }) => rateLimitApi.remainingRequests))).toBe(9);
    expect(venue.truth().orders).toHaveLength(taken.length);
  });
});
