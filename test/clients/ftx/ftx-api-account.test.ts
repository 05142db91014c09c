import { describe, expect, it } from "vitest";
import { BTC_BUY, bought, ftxApiRest, refusalOf, refused, rested, type Wire } from "../support/ftx-api.ts";
import { accountOf, amount, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

describe("ftx-api reads its account", () => {
  it("has the balance, margin and position that the engine has", async () => {
    const venue = await openVenue();
    const rest = ftxApiRest(venue);
    await bought(venue, rest, 0.5);
    const { equity, freeCollateral, leverage } = accountOf(venue);

    const { result: balances } = await rest.getBalances();
    const { result: account } = await rest.getAccount();
    const { result: positions } = await rest.getPositions(true);

    expect(equity).toBe(99_993n * 100_000_000n);
    expect(balances).toMatchObject([{ coin: "USD", total: amount(equity), free: amount(freeCollateral) }]);
    expect(account).toMatchObject({
      collateral: amount(equity),
      freeCollateral: amount(freeCollateral),
      leverage: amount(leverage),
      takerFee: 0.0007,
      makerFee: 0.0002,
    });
    expect(positions).toMatchObject([
      { future: "BTC-PERP", side: "buy", netSize: 0.5, recentAverageOpenPrice: 20_000, recentPnl: 0, openSize: 0.5 },
    ]);
  });

  it("sets the leverage, and the margin follows", async () => {
    const venue = await openVenue();
    const rest = ftxApiRest(venue);
    await bought(venue, rest, 1);
    expect(accountOf(venue).initialMargin).toBe(2_000n * 100_000_000n);

    expect((await rest.setAccountLeverage(5)).result).toBeNull();

    expect((await rest.getAccount()).result).toMatchObject({ leverage: 5, initialMarginRequirement: 0.2 });
    expect(accountOf(venue).initialMargin).toBe(4_000n * 100_000_000n);
    expect(await refusalOf(rest.setAccountLeverage(21))).toMatchObject(refused(400, "Invalid parameter leverage"));
  });

  it("pays funding as a long while the contract trades above the index", async () => {
    const venue = await openVenue({ fundingIntervalMs: 250 });
    const rest = ftxApiRest(venue);
    await bought(venue, rest, 1);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20001", size: "1" });
    venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 19_800n * 100_000_000n });

    const payment = await until("a payment", async () => {
      const { result } = await rest.getFundingPayments({ future: "BTC-PERP" });
      return result.find((row: Wire) => row.payment > 0);
    });

    const truth = venue.truth().fundingPayments.find(({ paymentId }) => paymentId === payment.id)!;
    expect(String(-payment.payment)).toBe(truth.amount);
    expect(payment.rate).toBe(Number(truth.rate));
    expect(Date.parse(payment.time)).toBe(truth.timeMs);
    const { result: rates } = await rest.getFundingRates({ future: "BTC-PERP" });
    expect(rates.find(({ time }: Wire) => time === payment.time)).toEqual({
      future: "BTC-PERP",
      rate: payment.rate,
      time: payment.time,
    });
    const { result: stats } = await rest.getFutureStats("BTC-PERP");
    expect(stats.nextFundingRate).toBeGreaterThan(0);
    expect(Date.parse(stats.nextFundingTime)).toBeGreaterThan(truth.timeMs);
  });

  it("trades in a sub-account that the main account does not see", async () => {
    const venue = await openVenue();
    const main = ftxApiRest(venue);
    const hedge = ftxApiRest(venue, { subAccountName: "hedge" });
    await bought(venue, hedge, 0.5);
    const open = await rested(hedge, { ...BTC_BUY, price: 19_000 });

    expect((await hedge.getAccount()).result.username).toBe("desk@example.com/hedge");
    expect((await hedge.getPositions()).result).toMatchObject([{ netSize: 0.5 }]);
    expect((await main.getPositions()).result).toEqual([]);
    expect((await main.getOpenOrders()).result).toEqual([]);
    expect(await refusalOf(main.getOrderStatus(String(open.id)))).toMatchObject(refused(404, "Order not found"));
    expect(await refusalOf(ftxApiRest(venue, { subAccountName: "no such" }).getBalances())).toMatchObject(
      refused(401, "No such subaccount"),
    );
  });
});

describe("ftx-api is let in or not", () => {
  it("may ask public questions with a key that nobody knows, but no private ones", async () => {
    const venue = await openVenue();
    const stranger = ftxApiRest({ host: venue.host, port: venue.port, apiKey: "stranger", apiSecret: "guess" });
    expect((await stranger.getMarkets()).success).toBe(true);
    expect(await refusalOf(stranger.getBalances())).toMatchObject(refused(401, "Not logged in: Invalid API key"));
  });

  it("is refused with a wrong secret, whatever it asks, and nothing happens", async () => {
    const venue = await openVenue();
    const forger = ftxApiRest({ host: venue.host, port: venue.port, apiKey: venue.apiKey, apiSecret: "guess" });
    const expected = refused(401, "Not logged in: Invalid signature");
    expect(await refusalOf(forger.getBalances())).toMatchObject(expected);
    expect(await refusalOf(forger.placeOrder(BTC_BUY))).toMatchObject(expected);
    expect(await refusalOf(forger.cancelAllOrders())).toMatchObject(expected);
    expect(venue.engine.orders(venue.accountId)).toEqual([]);
  });

  it("finds nothing when its base URL has one slash too many", async () => {
    const venue = await openVenue();
    const slashed = ftxApiRest(venue, { baseUrl: `http://${venue.host}:${venue.port}/api/` });
    expect(await refusalOf(slashed.getBalances())).toMatchObject(refused(404, "Not Found"));
  });

  it("is refused when its clock is a minute off", async () => {
    const venue = await openVenue({ faults: { clockSkewMs: 60_000 } });
    expect(await refusalOf(ftxApiRest(venue).getBalances())).toMatchObject(
      refused(401, "Not logged in: Timestamp too far from current time"),
    );
  });

  it("may ask for its fills with the bare question mark that it does not sign", async () => {
    const rest = ftxApiRest(await openVenue());
    expect(await rest.getFills({})).toEqual({ success: true, result: [] });
  });

  it("may send forty signed requests at once", async () => {
    const rest = ftxApiRest(await openVenue());
    const sizes = Array.from({ length: 40 }, (_, index) => (index + 10) / 1_000);
    const answers = await Promise.all(sizes.map((size) => rest.placeOrder({ ...BTC_BUY, size })));
    expect(new Set(answers.map(({ result }) => result.id)).size).toBe(40);
    expect(answers.map(({ result }) => result.size)).toEqual(sizes);
  });

  it("is told to slow down when it places orders faster than FTX allowed", async () => {
    const venue = await openVenue({ rateLimits: "strict" });
    const rest = ftxApiRest(venue);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => rest.placeOrder({ ...BTC_BUY, size: 0.01 })),
    );
    const refusals = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(refusals.length).toBeGreaterThan(0);
    for (const { reason } of refusals) {
      expect(reason).toMatchObject(refused(429, "Do not send more than 2 orders per 200ms"));
    }
    expect(venue.truth().orders).toHaveLength(outcomes.length - refusals.length);
  });

  it("keeps the accounts of different users apart", async () => {
    const venue = await openVenue();
    const rival = ftxApiRest({ host: venue.host, port: venue.port, apiKey: "rival-key", apiSecret: "rival-secret" });
    const order = await rested(ftxApiRest(venue), BTC_BUY);
    expect((await rival.getAccount()).result.username).toBe("rival@example.com");
    expect(await refusalOf(rival.cancelOrder(String(order.id)))).toMatchObject(refused(404, "Order not found"));
  });
});
