import { SpotApi } from "gate-api";
import { describe, expect, it } from "vitest";
import { bodyOf, CONTRACT, gateClient, gateFutures, refusalOf, SETTLE, type Wire } from "../support/gate-api.ts";
import { accountOf, amount, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

const BUY = { contract: CONTRACT, size: "500", price: "20000", tif: "gtc" } as Wire;

const start = async (options = {}) => {
  const venue = await openVenue({ api: "gate_io", ...options });
  return { venue, api: gateFutures(venue) };
};

describe("the official client reads the market", () => {
  it("has contracts with the engine's rules, with sizes as text", async () => {
    const { venue, api } = await start();
    const contracts: Wire[] = await bodyOf(api.listFuturesContracts(SETTLE, {}));
    expect(contracts.map(({ name }) => name)).toEqual(["BTC_USDT", "ETH_USDT", "SOL_USDT", "DOGE_USDT"]);
    for (const { spec } of venue.engine.markets()) {
      const contract = contracts.find(({ name }) => name === `${spec.base}_USDT`);
      expect(contract).toMatchObject({
        ...{ type: "direct", orderSizeMin: "1", inDelisting: false, enableDecimal: false },
        ...{ quantoMultiplier: String(amount(spec.lot)), leverageMax: String(amount(spec.maxLeverage)) },
      });
      expect(Number(contract.orderPriceRound)).toBe(amount(spec.tick));
    }
    expect(await bodyOf(api.getFuturesContract(SETTLE, CONTRACT))).toMatchObject({ name: CONTRACT });
  });

  it("has book, trades, candles, tickers, funding and the venue's time", async () => {
    const { venue, api } = await start();
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.5" });
    await bodyOf(api.createFuturesOrder(SETTLE, { ...BUY, size: "200" }, {}));
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19990", size: "0.4" });
    const book = await bodyOf(api.listFuturesOrderBook(SETTLE, CONTRACT, { withId: true }));
    expect([book.asks[0], book.bids[0]]).toMatchObject([
      { p: "20000", s: "300" },
      { p: "19990", s: "400" },
    ]);
    expect(book.id).toBeGreaterThan(0);
    expect(await bodyOf(api.listFuturesTrades(SETTLE, CONTRACT, {}))).toMatchObject([{ size: "200", price: "20000" }]);
    expect(await bodyOf(api.listFuturesCandlesticks(SETTLE, CONTRACT, { interval: "1m" }))).toMatchObject([
      { o: "20000", c: "20000", v: "200" },
    ]);
    expect(await bodyOf(api.listFuturesTickers(SETTLE, { contract: CONTRACT }))).toMatchObject([
      { last: "20000", totalSize: "200", highestBid: "19990" },
    ]);
    expect(await bodyOf(api.listFuturesFundingRateHistory(SETTLE, CONTRACT, {}))).toEqual([]);
    const { serverTime } = await bodyOf(new SpotApi(gateClient(venue)).getSystemTime());
    expect(Number(serverTime)).toBeCloseTo(venue.now(), -4);
  });
});

describe("the official client trades", () => {
  it("places, finds, amends and cancels an order, whose id keeps all of its digits", async () => {
    const { venue, api } = await start();
    const placed = await bodyOf(api.createFuturesOrder(SETTLE, { ...BUY, text: "t-one" }, {}));
    expect(typeof placed.id).toBe("bigint");
    expect(String(placed.id)).toBe(venue.truth().orders[0]?.orderId);
    expect(placed).toMatchObject({ status: "open", size: "500", left: "500", text: "t-one" });
    expect(await bodyOf(api.getFuturesOrder(SETTLE, "t-one"))).toMatchObject({ id: placed.id });
    expect(await bodyOf(api.amendFuturesOrder(SETTLE, String(placed.id), { price: "19900" }, {}))).toMatchObject({
      price: "19900",
    });
    const resting: Wire[] = await bodyOf(api.listFuturesOrders(SETTLE, "open", {}));
    expect(resting.map(({ id, price }) => [id, price])).toEqual([[placed.id, "19900"]]);
    expect(await bodyOf(api.cancelFuturesOrder(SETTLE, String(placed.id), {}))).toMatchObject({
      finishAs: "cancelled",
    });
    expect(await refusalOf(api.cancelFuturesOrder(SETTLE, String(placed.id), {}))).toEqual([400, "ORDER_FINISHED"]);
  });

  it("takes and closes a position, with its fills and fees as the engine has them", async () => {
    const { venue, api } = await start();
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.5" });
    const bought = await bodyOf(api.createFuturesOrder(SETTLE, { ...BUY, price: "0", tif: "ioc" }, {}));
    expect(bought).toMatchObject({ status: "finished", finishAs: "filled", fillPrice: "20000", left: "0" });
    const [position] = await bodyOf(api.listPositions(SETTLE, { holding: true }));
    expect(position).toMatchObject({ contract: CONTRACT, size: "500", entryPrice: "20000", leverage: "0" });
    const { cash, freeCollateral } = accountOf(venue);
    const account = await bodyOf(api.listFuturesAccounts(SETTLE));
    expect([Number(account.total), Number(account.available)]).toEqual([amount(cash), amount(freeCollateral)]);
    const [fill] = await bodyOf(api.getMyTrades(SETTLE, {}));
    expect(fill).toMatchObject({ orderId: String(bought.id), size: "500", role: "taker", fee: "5" });
    expect(String(fill.id)).toBe(venue.truth().fills[0]?.fillId);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20100", size: "0.5" });
    const close = { contract: CONTRACT, size: "0", close: true, price: "0", tif: "ioc" } as Wire;
    expect(await bodyOf(api.createFuturesOrder(SETTLE, close, {}))).toMatchObject({ size: "-500", finishAs: "filled" });
    expect(await bodyOf(api.listPositions(SETTLE, { holding: true }))).toEqual([]);
    expect(await bodyOf(api.listPositionClose(SETTLE, {}))).toMatchObject([{ side: "long", pnlPnl: "50" }]);
    expect(await bodyOf(api.getMyTradesWithTimeRange(SETTLE, {}))).toHaveLength(2);
    const types: Wire[] = await bodyOf(api.listFuturesAccountBook(SETTLE, {}));
    expect(types.map(({ type }) => type).toSorted()).toEqual(["dnw", "fee", "fee", "pnl"]);
  });

  it("batches creates, amends and cancels", async () => {
    const { api } = await start();
    const row = { ...BUY, price: "19000" };
    const placed: Wire[] = await bodyOf(
      api.createBatchFuturesOrder(
        SETTLE,
        [
          { ...row, text: "t-a" },
          { ...row, text: "t-b" },
        ] as Wire,
        {},
      ),
    );
    expect(placed.map(({ succeeded, text }) => [succeeded, text])).toEqual([
      [true, "t-a"],
      [true, "t-b"],
    ]);
    const ids = placed.map(({ id }) => String(id));
    const amended: Wire[] = await bodyOf(
      api.amendBatchFutureOrders(SETTLE, placed.map(({ id }) => ({ orderId: id, price: "18900" })) as Wire, {}),
    );
    expect(amended.map(({ succeeded, price }) => [succeeded, price])).toEqual([
      [true, "18900"],
      [true, "18900"],
    ]);
    const cancelled: Wire[] = await bodyOf(api.cancelBatchFutureOrders(SETTLE, [...ids, "1"], {}));
    expect(cancelled.map(({ succeeded, message }) => [succeeded, message])).toEqual([
      [true, ""],
      [true, ""],
      [false, "ORDER_NOT_FOUND"],
    ]);
  });

  it("sets leverage, modes and margin, and waits for prices", async () => {
    const { venue, api } = await start();
    expect(await bodyOf(api.updatePositionLeverage(SETTLE, CONTRACT, "5", {}))).toMatchObject({ leverage: "5" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.5" });
    await bodyOf(api.createFuturesOrder(SETTLE, BUY, {}));
    const before = Number((await bodyOf(api.getPosition(SETTLE, CONTRACT))).margin);
    const after = await bodyOf(api.updatePositionMargin(SETTLE, CONTRACT, "100"));
    expect(Number(after.margin)).toBeCloseTo(before + 100, 6);
    const initial = { contract: CONTRACT, size: "0", price: "0", close: true, tif: "ioc" };
    const trigger = { strategyType: 0, priceType: 1, price: "15000", rule: 2, expiration: 600 };
    const created = await bodyOf(api.createPriceTriggeredOrder(SETTLE, { initial, trigger } as Wire));
    const [waiting] = await bodyOf(api.listPriceTriggeredOrders(SETTLE, "open", {}));
    expect(String(waiting.id)).toBe(String(created.id));
    expect(await bodyOf(api.cancelPriceTriggeredOrder(SETTLE, created.id))).toMatchObject({ finishAs: "cancelled" });
    expect(await refusalOf(api.setDualMode(SETTLE, true))).toEqual([400, "POSITION_HOLDING"]);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "0.5" });
    await bodyOf(api.createFuturesOrder(SETTLE, { ...BUY, size: "-500", reduceOnly: true }, {}));
    expect(await bodyOf(api.setDualMode(SETTLE, true))).toMatchObject({ inDualMode: true });
    expect(await bodyOf(api.getDualModePosition(SETTLE, CONTRACT))).toMatchObject([
      { mode: "dual_long" },
      { mode: "dual_short" },
    ]);
    expect(await bodyOf(api.countdownCancelAllFutures(SETTLE, { timeout: 30 }))).toHaveProperty("triggerTime");
  });

  it("is told of funding in the account book as the engine paid it", async () => {
    const { venue, api } = await start({ fundingIntervalMs: 250 });
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "0.5" });
    await bodyOf(api.createFuturesOrder(SETTLE, { ...BUY, size: "-500" }, {}));
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20001", size: "1" });
    venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 19_800n * 100_000_000n });
    const truth = await until("a payment", () =>
      venue.truth().fundingPayments.find(({ amount: paid }) => Number(paid) > 0),
    );
    const rows: Wire[] = await bodyOf(api.listFuturesAccountBook(SETTLE, { type: "fund", contract: CONTRACT }));
    const row = rows.find(({ id }) => id === truth.paymentId);
    expect(row).toMatchObject({ change: truth.amount, type: "fund", contract: CONTRACT });
    const rates: Wire[] = await bodyOf(api.listFuturesFundingRateHistory(SETTLE, CONTRACT, {}));
    expect(rates.map(({ r }) => r)).toContain(truth.rate);
  });

  it("is refused by labels, and signed out by a wrong secret", async () => {
    const { venue, api } = await start();
    expect(await refusalOf(api.createFuturesOrder(SETTLE, { ...BUY, size: "9000000" }, {}))).toEqual([
      400,
      "SIZE_TOO_LARGE",
    ]);
    expect(await refusalOf(api.getFuturesOrder(SETTLE, "t-none"))).toEqual([404, "ORDER_NOT_FOUND"]);
    const { host, port, apiKey } = venue;
    const stranger = gateFutures({ host, port, apiKey, apiSecret: "guess" });
    expect(await refusalOf(stranger.listFuturesAccounts(SETTLE))).toEqual([401, "INVALID_SIGNATURE"]);
    venue.faults.set({ error429: 1 });
    expect(await refusalOf(api.listFuturesAccounts(SETTLE))).toEqual([429, "TOO_MANY_REQUESTS"]);
  });
});
