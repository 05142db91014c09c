import { describe, expect, it } from "vitest";
import { BTC_BUY, BTC_SELL, binanceRest, bought, refusalOf, type Wire } from "../support/binance-sdk.ts";
import { BTC_MARKET, openBinance, quote } from "../support/binance-venue.ts";
import { accountOf, amount } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

const SYMBOL = "BTCUSDT";
const UNIT = 100_000_000n;

describe("binance reads its account", () => {
  it("has the balance, margin and position that the engine has", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    await bought(venue, rest, 0.5);
    await rest.submitNewOrder({ ...BTC_BUY, price: 59_000, quantity: 0.1 });
    const { cash, equity, freeCollateral, initialMargin, maintenanceMargin, positions } = accountOf(venue);
    expect(cash).toBe(99_985n * UNIT);

    const [balance, ...others]: Wire = await rest.getBalanceV3();
    const account: Wire = await rest.getAccountInformationV3();
    const [position]: Wire = await rest.getPositionsV3();

    expect(others).toEqual([]);
    expect(balance.asset).toBe("USDT");
    expect(Number(balance.balance)).toBe(amount(cash));
    expect(Number(balance.availableBalance)).toBe(amount(freeCollateral));
    expect(Number(account.totalMarginBalance)).toBe(amount(equity));
    expect(Number(account.totalInitialMargin)).toBe(amount(initialMargin));
    expect(Number(account.totalMaintMargin)).toBe(amount(maintenanceMargin));
    expect(account.assets).toMatchObject([{ asset: "USDT", walletBalance: "99985.00000000" }]);
    expect(account.positions).toMatchObject([{ symbol: SYMBOL, positionAmt: "0.500" }]);
    expect(position).toMatchObject({ symbol: SYMBOL, positionSide: "BOTH", positionAmt: "0.500" });
    expect(Number(position.entryPrice)).toBe(60_000);
    expect(Number(position.notional)).toBe(30_000);
    expect(Number(position.positionInitialMargin)).toBe(amount(positions[0]!.initialMargin));
    expect(Number(position.openOrderInitialMargin)).toBe(amount(positions[0]!.orderMargin));
    expect(Number(position.bidNotional)).toBe(5_900);
    expect(await rest.getAccountCommissionRate({ symbol: SYMBOL })).toMatchObject({
      makerCommissionRate: "0.000200",
      takerCommissionRate: "0.000500",
    });
  });

  it("sees profit in the position as soon as mark moves, and a short as a negative amount", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    quote(venue, "buy", 60_000, 0.5);
    await rest.submitNewOrder({ ...BTC_SELL });
    venue.execute({ type: "setIndexPrice", market: BTC_MARKET, price: 58_800n * UNIT });

    const { mark, unrealized } = accountOf(venue).positions[0]!;
    const [position]: Wire = await rest.getPositionsV3({ symbol: SYMBOL });
    expect(position.positionAmt).toBe("-0.500");
    expect(Number(position.markPrice)).toBe(amount(mark));
    expect(Number(position.unRealizedProfit)).toBe(amount(unrealized));
    expect(unrealized).toBeGreaterThan(0n);
  });

  it("sets the leverage, as often as it likes, and the margin follows", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    await bought(venue, rest, 0.5);
    const change = { symbol: SYMBOL, leverage: 4 };
    expect(await rest.setLeverage(change)).toMatchObject({ symbol: SYMBOL, leverage: 4 });
    expect(await rest.setLeverage(change)).toMatchObject({ symbol: SYMBOL, leverage: 4 });

    expect(accountOf(venue).initialMargin).toBe(7_500n * UNIT);
    expect(await rest.getFuturesSymbolConfig({ symbol: SYMBOL })).toMatchObject([
      { symbol: SYMBOL, leverage: 4, marginType: "CROSSED" },
    ]);
    expect(await rest.getPositions({ symbol: SYMBOL })).toMatchObject([
      { symbol: SYMBOL, leverage: "4", marginType: "cross", positionSide: "BOTH" },
    ]);
    for (const leverage of [0, 126]) {
      expect(await refusalOf(rest.setLeverage({ symbol: SYMBOL, leverage }))).toMatchObject({
        code: -4028,
        message: `Leverage ${leverage} is not valid`,
      });
    }
    expect(await rest.getNotionalAndLeverageBrackets({ symbol: SYMBOL })).toMatchObject([
      { symbol: SYMBOL, brackets: [{ bracket: 1, initialLeverage: 125 }] },
    ]);
  });

  it("trades both legs of a hedge, and closes each with its own opposite", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    expect(await rest.getCurrentPositionMode()).toEqual({ dualSidePosition: false });
    expect(await rest.setPositionMode({ dualSidePosition: "true" })).toMatchObject({ code: 200, msg: "success" });
    expect(await rest.getCurrentPositionMode()).toEqual({ dualSidePosition: true });
    quote(venue, "sell", 60_000, 0.5);
    quote(venue, "buy", 59_900, 0.5);

    await rest.submitNewOrder({ ...BTC_BUY, quantity: 0.3, positionSide: "LONG" });
    await rest.submitNewOrder({ ...BTC_SELL, price: 59_900, quantity: 0.2, positionSide: "SHORT" });
    const legs = async () =>
      (await rest.getPositionsV3({ symbol: SYMBOL })).map(({ positionSide, positionAmt }) => [
        positionSide,
        positionAmt,
      ]);
    expect(await legs()).toEqual([
      ["LONG", "0.300"],
      ["SHORT", "-0.200"],
    ]);

    const sold = await rest.submitNewOrder({
      ...BTC_SELL,
      price: 59_900,
      quantity: 0.1,
      positionSide: "LONG",
      newOrderRespType: "RESULT",
    });
    expect(sold).toMatchObject({ status: "FILLED", positionSide: "LONG" });
    await rest.submitNewOrder({ ...BTC_BUY, quantity: 0.2, positionSide: "SHORT" });
    expect(await legs()).toEqual([["LONG", "0.200"]]);
    const fills: Wire = await rest.getAccountTrades({ symbol: SYMBOL });
    expect(fills.map(({ side, positionSide, qty }: Wire) => [side, positionSide, qty])).toEqual([
      ["BUY", "LONG", "0.300"],
      ["SELL", "SHORT", "0.200"],
      ["SELL", "LONG", "0.100"],
      ["BUY", "SHORT", "0.200"],
    ]);

    expect(await refusalOf(rest.submitNewOrder({ ...BTC_BUY }))).toMatchObject({ code: -4061 });
    const reducing = { ...BTC_SELL, positionSide: "LONG", reduceOnly: "true" } as const;
    expect(await refusalOf(rest.submitNewOrder(reducing))).toMatchObject({ code: -1106 });
    const nothing = { ...BTC_BUY, positionSide: "SHORT" } as const;
    expect(await refusalOf(rest.submitNewOrder(nothing))).toMatchObject({ code: -2022 });
    expect(await refusalOf(rest.setPositionMode({ dualSidePosition: "false" }))).toMatchObject({ code: -4068 });
  });

  it("is told when there is no need to change a mode, and why it may not", async () => {
    const rest = binanceRest(await openBinance());
    expect(await refusalOf(rest.setPositionMode({ dualSidePosition: "false" }))).toMatchObject({
      code: -4059,
      message: "No need to change position side.",
    });
    expect(await refusalOf(rest.setMarginType({ symbol: SYMBOL, marginType: "CROSSED" }))).toMatchObject({
      code: -4046,
      message: "No need to change margin type.",
    });
    await rest.submitNewOrder({ ...BTC_BUY });
    expect(await refusalOf(rest.setPositionMode({ dualSidePosition: "true" }))).toMatchObject({ code: -4067 });
    expect(await refusalOf(rest.setMarginType({ symbol: SYMBOL, marginType: "ISOLATED" }))).toMatchObject({
      code: -4047,
    });
  });

  it("isolates a position and moves margin into it and out of it", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    expect(await rest.setMarginType({ symbol: SYMBOL, marginType: "ISOLATED" })).toMatchObject({ code: 200 });
    await bought(venue, rest, 0.5);
    const wallet = async () => Number(((await rest.getPositionsV3({ symbol: SYMBOL })) as Wire)[0].isolatedWallet);
    const before = await wallet();
    expect(before).toBe(amount(accountOf(venue).isolatedMargin));

    const change = { symbol: SYMBOL, positionSide: "BOTH", amount: 500 } as const;
    await rest.setIsolatedPositionMargin({ ...change, type: "1" } as Wire);
    expect(await wallet()).toBe(before + 500);
    await rest.setIsolatedPositionMargin({ ...change, amount: 400, type: "2" } as Wire);
    expect(await wallet()).toBe(before + 100);

    expect(await rest.getFuturesSymbolConfig({ symbol: SYMBOL })).toMatchObject([{ marginType: "ISOLATED" }]);
    expect(await refusalOf(rest.setMarginType({ symbol: SYMBOL, marginType: "CROSSED" }))).toMatchObject({
      code: -4048,
    });
  });

  it("pays funding as a long while the contract trades above the index, each payment once", async () => {
    const venue = await openBinance({ fundingIntervalMs: 250 });
    const rest = binanceRest(venue);
    await bought(venue, rest, 1);
    quote(venue, "buy", 60_000, 1);
    quote(venue, "sell", 60_000.1, 1);
    venue.execute({ type: "setIndexPrice", market: BTC_MARKET, price: 59_400n * UNIT });

    const rows: Wire[] = await until("two payments", async () => {
      const paid: Wire = await rest.getIncomeHistory({ incomeType: "FUNDING_FEE", symbol: SYMBOL });
      return paid.filter(({ income }: Wire) => Number(income) < 0).length >= 2 ? paid : undefined;
    });

    const payments = venue.truth().fundingPayments.slice(0, rows.length);
    expect(rows.map(({ tranId, income, time }) => [tranId, Number(income), time])).toEqual(
      payments.map(({ paymentId, amount: paid, timeMs }) => [paymentId, Number(paid), Math.floor(timeMs)]),
    );
    expect(new Set(rows.map(({ tranId }) => tranId)).size).toBe(rows.length);
    expect(rows.at(-1)).toMatchObject({ symbol: SYMBOL, incomeType: "FUNDING_FEE", asset: "USDT", tradeId: "" });
    const rates: Wire = await rest.getFundingRateHistory({ symbol: SYMBOL, limit: 1_000 });
    const { rate, timeMs } = payments.at(-1)!;
    const settled = rates.find(({ fundingTime }: Wire) => fundingTime === Math.floor(timeMs));
    expect(Number(settled.fundingRate)).toBe(Number(rate));
    expect(await rest.getIncomeHistory({ incomeType: "FUNDING_FEE", symbol: "ETHUSDT" })).toEqual([]);
  });

  it("goes through its income by time and finds what it paid for trading there as well", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    for (let index = 0; index < 3; index++) await bought(venue, rest, 0.01);
    const rows = new Map<number, Wire>();
    for (let startTime: number | undefined; ; ) {
      const since = startTime === undefined ? {} : { startTime };
      const page: Wire[] = await rest.getIncomeHistory({ incomeType: "COMMISSION", limit: 2, ...since } as Wire);
      for (const row of page) rows.set(row.tranId, row);
      const lastTime = page.at(-1)?.time;
      if (page.length < 2 || lastTime === startTime) break;
      startTime = lastTime;
    }
    expect([...rows.values()].map(({ income }) => income)).toEqual(["-0.30000000", "-0.30000000", "-0.30000000"]);
  });
});

describe("binance is let in or not", () => {
  it("may ask public questions with a key that nobody knows, but no private ones", async () => {
    const venue = await openBinance();
    const stranger = binanceRest({ host: venue.host, port: venue.port, apiKey: "stranger", apiSecret: "guess" });
    expect(await stranger.testConnectivity()).toEqual({});
    const expected = { code: -2015, message: "Invalid API-key, IP, or permissions for action." };
    expect(await refusalOf(stranger.getBalanceV3())).toMatchObject(expected);
    expect(await refusalOf(stranger.getFuturesUserDataListenKey())).toMatchObject(expected);
  });

  it("is refused with a wrong secret, whatever it asks, and nothing happens", async () => {
    const venue = await openBinance();
    const forger = binanceRest({ host: venue.host, port: venue.port, apiKey: venue.apiKey, apiSecret: "guess" });
    const expected = { code: -1022, message: "Signature for this request is not valid." };
    expect(await refusalOf(forger.getBalanceV3())).toMatchObject(expected);
    expect(await refusalOf(forger.submitNewOrder({ ...BTC_BUY }))).toMatchObject(expected);
    expect(await refusalOf(forger.cancelAllOpenOrders({ symbol: SYMBOL }))).toMatchObject(expected);
    expect(venue.engine.orders(venue.accountId)).toEqual([]);
  });

  it.each([
    [60_000, "Timestamp for this request is outside of the recvWindow."],
    [-60_000, "Timestamp for this request was 1000ms ahead of the server's time."],
  ])("is refused when the venue's clock is %i ms ahead of its own", async (clockSkewMs, message) => {
    const venue = await openBinance({ faults: { clockSkewMs } });
    expect(await refusalOf(binanceRest(venue).getBalanceV3())).toMatchObject({ code: -1021, message });
  });

  it("may send forty signed requests at once", async () => {
    const rest = binanceRest(await openBinance());
    const quantities = Array.from({ length: 40 }, (_, index) => (index + 10) / 1_000);
    const answers = await Promise.all(quantities.map((quantity) => rest.submitNewOrder({ ...BTC_BUY, quantity })));
    expect(new Set(answers.map(({ orderId }) => orderId)).size).toBe(40);
    expect(answers.map(({ origQty }) => Number(origQty))).toEqual(quantities);
  });

  it("is told to slow down when it uses more weight than a minute has, then banned, and sees what it used", async () => {
    const rest = binanceRest(await openBinance({ rateLimits: "strict" }));
    await rest.getIncomeHistory();
    expect((rest.getRateLimitStates() as Wire)["x-mbx-used-weight-1m"]).toBe(30);

    // Enough for a minute's weight and all that may be refused, twice: the minute may end in between.
    const outcomes = await Promise.allSettled(Array.from({ length: 230 }, () => rest.getIncomeHistory()));

    const refusals = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set([-1003]));
    const messages = refusals.map(({ message }) => message);
    expect(messages).toContainEqual(expect.stringContaining("IP(127.0.0.1) is 2400 requests per minute"));
    expect(messages).toContainEqual(expect.stringContaining("IP(127.0.0.1) banned until"));
  });
});
