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
import { accountOf, amount, bookOf, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

const levels = (side: Wire[]) => side.map(([price, size]) => [Number(price), Number(size)]);

describe("bybit-api reads the market", () => {
  it("lists linear perpetuals with the engine's steps and limits", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rows = await rowsOf(bybitRest(venue).getInstrumentsInfo({ category: "linear" }));

    expect(rows.map(({ symbol }) => symbol)).toEqual(["BTCUSDT", "ETHUSDT", "SOLUSDT", "DOGEUSDT"]);
    for (const [index, { spec }] of venue.engine.markets().entries()) {
      const { priceFilter, lotSizeFilter, leverageFilter, ...row } = rows[index];
      expect(row).toMatchObject({ contractType: "LinearPerpetual", status: "Trading", baseCoin: spec.base });
      expect(row).toMatchObject({ quoteCoin: "USDT", settleCoin: "USDT", fundingInterval: 60 });
      expect(Number(priceFilter.tickSize)).toBe(amount(spec.tick));
      expect(Number(lotSizeFilter.qtyStep)).toBe(amount(spec.lot));
      expect(Number(lotSizeFilter.maxOrderQty)).toBe(amount(spec.maxSize));
      expect(Number(leverageFilter.maxLeverage)).toBe(amount(spec.maxLeverage));
    }
  });

  it("gets the book level by level as the engine has it, and only as deep as asked for", async () => {
    const venue = await openVenue({ api: "bybit", emptyBooks: false, quiet: true });
    const rest = bybitRest(venue);
    for (const base of ["BTC", "ETH", "SOL", "DOGE"]) {
      const { s, b, a } = await resultOf(rest.getOrderbook({ category: "linear", symbol: `${base}USDT`, limit: 200 }));
      expect(s).toBe(`${base}USDT`);
      expect({ bids: levels(b), asks: levels(a) }).toEqual(bookOf(venue, `${base}-USD`, 200));
    }
    const { b } = await resultOf(rest.getOrderbook({ ...LINEAR }));
    expect(b).toHaveLength(25);
  });

  it("gets tickers and trades that agree with each other", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    await bought(venue, rest, "0.3");
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19990", size: "1" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20010", size: "2" });

    const [ticker] = await rowsOf(rest.getTickers({ ...LINEAR }));
    const numbers = Object.fromEntries(Object.entries<Wire>(ticker).map(([name, text]) => [name, Number(text)]));
    expect(numbers).toMatchObject({
      lastPrice: 20_000,
      bid1Price: 19_990,
      bid1Size: 1,
      ask1Price: 20_010,
      ask1Size: 2,
      volume24h: 0.3,
      turnover24h: 6_000,
      openInterest: 0.6,
      singleOpenInterest: 0.3,
      fundingIntervalHour: 1,
    });
    expect(await rowsOf(rest.getTickers({ category: "linear" }))).toHaveLength(4);
    const trades = await rowsOf(rest.getPublicTradingHistory({ ...LINEAR }));
    expect(trades.map(({ side, price, size }) => [side, Number(price), Number(size)])).toEqual([["Buy", 20_000, 0.3]]);
    expect(Number(trades[0].time)).toBeLessThanOrEqual(venue.now());
  });

  it("gets the time of the venue and is told which symbol is wrong", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    const { timeNano, timeSecond } = await resultOf(rest.getServerTime());
    expect(Math.abs(Number(timeNano) / 1e6 - venue.now())).toBeLessThan(5_000);
    expect(timeNano.startsWith(timeSecond)).toBe(true);
    expect(await refusalOf(rest.getOrderbook({ category: "linear", symbol: "XRPUSDT" }))).toMatchObject({
      retCode: 10_001,
    });
  });
});

describe("bybit-api trades", () => {
  it("finds its order by both ids, before and after exactly a part of it is filled", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    const open = await rested(venue, rest, { ...BTC_BUY, timeInForce: "PostOnly", orderLinkId: "half-1" });
    expect(open).toMatchObject({ orderLinkId: "half-1", qty: "0.500", leavesQty: "0.500", positionIdx: 0 });

    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.2", timeInForce: "IOC" });

    const part = await orderStatus(rest, open.orderId, "PartiallyFilled");
    expect(part).toMatchObject({ cumExecQty: "0.200", leavesQty: "0.300", timeInForce: "PostOnly" });
    expect(Number(part.avgPrice)).toBe(20_000);
    expect(Number(part.cumExecFee)).toBe(0.8);
    expect(await rowsOf(rest.getActiveOrders({ ...LINEAR, orderLinkId: "half-1" }))).toEqual([part]);
    expect(await rowsOf(rest.getActiveOrders({ ...LINEAR }))).toEqual([part]);
    expect(await rowsOf(rest.getActiveOrders({ category: "linear", settleCoin: "USDT" }))).toEqual([part]);
    expect(await rowsOf(rest.getActiveOrders({ category: "linear", symbol: "ETHUSDT" }))).toEqual([]);
    const [fill] = await rowsOf(rest.getExecutionList({ ...LINEAR }));
    expect(fill).toMatchObject({ orderId: open.orderId, orderLinkId: "half-1", execType: "Trade", isMaker: true });
    expect([fill.execPrice, fill.execQty, fill.execFee, fill.feeRate].map(Number)).toEqual([20_000, 0.2, 0.8, 0.0002]);
    expect(fill.execId).toBe(venue.truth().fills[0]?.fillId);
  });

  it("cancels by either id, and the cancelled order is found in both lists with its reason", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    const first = await rested(venue, rest, BTC_BUY);
    const second = await rested(venue, rest, { ...BTC_BUY, orderLinkId: "bye" });

    expect(await resultOf(rest.cancelOrder({ ...LINEAR, orderId: first.orderId }))).toEqual({
      orderId: first.orderId,
      orderLinkId: "",
    });
    expect(await resultOf(rest.cancelOrder({ ...LINEAR, orderLinkId: "bye" }))).toEqual({
      orderId: second.orderId,
      orderLinkId: "bye",
    });

    const canceled = await orderStatus(rest, first.orderId, "Cancelled");
    expect(canceled).toMatchObject({ cancelType: "CancelByUser", cumExecQty: "0.000", leavesQty: "0.000" });
    await orderStatus(rest, second.orderId, "Cancelled");
    expect(await rowsOf(rest.getHistoricOrders({ ...LINEAR, orderId: first.orderId }))).toEqual([canceled]);
    expect(await rowsOf(rest.getActiveOrders({ ...LINEAR }))).toEqual([]);
    const gone = { retCode: 110_001 };
    expect(await refusalOf(rest.cancelOrder({ ...LINEAR, orderId: first.orderId }))).toMatchObject(gone);
    expect(await refusalOf(rest.cancelOrder({ ...LINEAR, orderLinkId: "nobody" }))).toMatchObject(gone);
    expect(await rowsOf(rest.getActiveOrders({ ...LINEAR, orderLinkId: "nobody" }))).toEqual([]);
    expect(await rowsOf(rest.getHistoricOrders({ ...LINEAR, orderLinkId: "nobody" }))).toEqual([]);
  });

  it("cancels one market's orders, and then all", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    const btc = await rested(venue, rest, BTC_BUY);
    const eth = { ...BTC_BUY, symbol: "ETHUSDT", qty: "1", price: "1400" };
    const { orderId } = await resultOf(rest.submitOrder(eth));

    const { list, success } = await resultOf(rest.cancelAllOrders({ ...LINEAR }));
    expect([list, success]).toEqual([[{ orderId: btc.orderId, orderLinkId: "" }], "1"]);
    await orderStatus(rest, btc.orderId, "Cancelled");
    expect(await rowsOf(rest.getActiveOrders({ category: "linear", settleCoin: "USDT" }))).toMatchObject([{ orderId }]);
    await resultOf(rest.cancelAllOrders({ category: "linear", settleCoin: "USDT" }));
    await until("no open order", async () => {
      const rows = await rowsOf(rest.getActiveOrders({ category: "linear", settleCoin: "USDT" }));
      return rows.length === 0 ? true : undefined;
    });
  });

  it("amends price and size of an order, which keeps both of its ids and what is filled", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    const { orderId } = await rested(venue, rest, { ...BTC_BUY, orderLinkId: "edit-me" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.1", timeInForce: "IOC" });

    await resultOf(rest.amendOrder({ ...LINEAR, orderId, price: "19990" }));
    await resultOf(rest.amendOrder({ ...LINEAR, orderLinkId: "edit-me", qty: "0.3" }));

    const amended = await until("the amended order", async () => {
      const [row] = await rowsOf(rest.getActiveOrders({ ...LINEAR, orderId }));
      return row.qty === "0.300" && Number(row.price) === 19_990 ? row : undefined;
    });
    expect(amended).toMatchObject({ orderLinkId: "edit-me", cumExecQty: "0.100", leavesQty: "0.200" });
    expect(amended.orderStatus).toBe("PartiallyFilled");
    expect(await refusalOf(rest.amendOrder({ ...LINEAR, orderId: "nobody", price: "1" }))).toMatchObject({
      retCode: 110_001,
    });
  });

  it("gets what is there with an IOC or a market order, and the rest is cancelled", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.3" });
    const ioc = await resultOf(rest.submitOrder({ ...BTC_BUY, timeInForce: "IOC" }));
    expect(await orderStatus(rest, ioc.orderId, "Cancelled")).toMatchObject({
      cumExecQty: "0.300",
      leavesQty: "0.000",
      timeInForce: "IOC",
    });

    const fok = await resultOf(rest.submitOrder({ ...BTC_BUY, timeInForce: "FOK" }));
    expect(await orderStatus(rest, fok.orderId, "Cancelled")).toMatchObject({ cumExecQty: "0.000" });

    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19999", size: "1" });
    const market = await resultOf(rest.submitOrder({ ...LINEAR, side: "Sell", orderType: "Market", qty: "0.1" }));
    const filled = await orderStatus(rest, market.orderId, "Filled");
    expect(filled).toMatchObject({ cumExecQty: "0.100", orderType: "Market", timeInForce: "IOC" });
    expect(Number(filled.avgPrice)).toBe(19_999);
  });

  it("sees a post-only order that crosses taken, and then cancelled without a fill", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "1" });
    const { orderId } = await resultOf(rest.submitOrder({ ...BTC_BUY, timeInForce: "PostOnly" }));
    const canceled = await orderStatus(rest, orderId, "Cancelled");
    expect(canceled).toMatchObject({ rejectReason: "EC_PostOnlyWillTakeLiquidity", cumExecQty: "0.000" });
    expect(await rowsOf(rest.getExecutionList({ ...LINEAR }))).toEqual([]);
  });

  it("is refused a reduce-only order that would open a position, and never trades more than it has", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    const sale = { ...LINEAR, side: "Sell", orderType: "Market", qty: "0.5", reduceOnly: true } as const;
    expect(await refusalOf(rest.submitOrder(sale))).toMatchObject({ retCode: 110_017 });

    await bought(venue, rest, "0.2");
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    const { orderId } = await resultOf(rest.submitOrder(sale));

    const done = await until("the order is done", async () => {
      const [row] = await rowsOf(rest.getActiveOrders({ ...LINEAR, orderId }));
      return ["Filled", "Cancelled"].includes(row?.orderStatus) ? row : undefined;
    });
    expect(done).toMatchObject({ cumExecQty: "0.200", reduceOnly: true });
    expect(accountOf(venue).positions).toMatchObject([{ market: "BTC-USD", size: 0n }]);
  });

  it("closes its whole position with a quantity of zero", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    await bought(venue, rest, "0.2");
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    const { orderId } = await resultOf(
      rest.submitOrder({
        ...LINEAR,
        side: "Sell",
        orderType: "Market",
        qty: "0",
        reduceOnly: true,
        closeOnTrigger: true,
      }),
    );
    expect(await orderStatus(rest, orderId, "Filled")).toMatchObject({ cumExecQty: "0.200" });
    expect(accountOf(venue).positions).toMatchObject([{ size: 0n }]);
  });

  it("places, amends and cancels in batches, each row with a code of its own", async () => {
    const rest = bybitRest(await openVenue({ api: "bybit" }));
    const order = { symbol: "BTCUSDT", side: "Buy", orderType: "Limit", qty: "0.01", price: "19000" } as const;
    const codes = ({ retExtInfo }: Wire) => retExtInfo.list.map(({ code }: Wire) => code);

    const placed: Wire = await rest.batchSubmitOrders("linear", [
      { ...order, orderLinkId: "b-1" },
      { ...order, orderLinkId: "b-1" },
      { ...order, orderLinkId: "b-2" },
    ]);
    expect([placed.retCode, codes(placed)]).toEqual([0, [0, 110_072, 0]]);
    const [first, refused, second] = placed.result.list;
    expect(refused).toMatchObject({ orderId: "", orderLinkId: "b-1" });
    for (const { orderId } of [first, second]) await orderStatus(rest, orderId, "New");

    const amended: Wire = await rest.batchAmendOrders("linear", [
      { symbol: "BTCUSDT", orderLinkId: "b-1", price: "19001" },
      { symbol: "BTCUSDT", orderLinkId: "b-3", price: "19001" },
    ]);
    expect(codes(amended)).toEqual([0, 110_001]);
    await until("the amended price", async () => {
      const [row] = await rowsOf(rest.getActiveOrders({ ...LINEAR, orderId: first.orderId }));
      return Number(row.price) === 19_001 ? true : undefined;
    });

    const canceled: Wire = await rest.batchCancelOrders("linear", [
      { symbol: "BTCUSDT", orderId: first.orderId },
      { symbol: "BTCUSDT", orderLinkId: "b-2" },
      { symbol: "BTCUSDT", orderLinkId: "b-3" },
    ]);
    expect(codes(canceled)).toEqual([0, 0, 110_001]);
    for (const { orderId } of [first, second]) await orderStatus(rest, orderId, "Cancelled");
  });

  it("is told by Bybit's codes why an order is refused", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    await rested(venue, rest, { ...BTC_BUY, qty: "0.01", orderLinkId: "once" });
    const codes: readonly (readonly [order: object, retCode: number])[] = [
      [{ qty: "51" }, 110_007],
      [{ qty: "0.00001" }, 10_001],
      [{ qty: "2000" }, 10_001],
      [{ price: "20000.5" }, 10_001],
      [{ qty: "0.01", orderLinkId: "once" }, 110_072],
      [{ symbol: "XRPUSDT" }, 10_001],
      [{ positionIdx: 1 }, 10_001],
      [{ orderLinkId: "with a space" }, 10_001],
    ];
    for (const [change, retCode] of codes) {
      expect([change, await refusalOf(rest.submitOrder({ ...BTC_BUY, ...change } as Wire))]).toMatchObject([
        change,
        { retCode },
      ]);
    }
  });

  it("pages through its order history without a gap or a repetition", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    const ids: string[] = [];
    for (let index = 0; index < 12; index++) {
      const { orderId } = await rested(venue, rest, { ...BTC_BUY, qty: "0.01", orderLinkId: `page-${index}` });
      ids.push(orderId);
      await resultOf(rest.cancelOrder({ ...LINEAR, orderId }));
      await orderStatus(rest, orderId, "Cancelled");
    }
    const seen: string[] = [];
    for (let cursor: string | undefined; cursor !== ""; ) {
      const page = await resultOf(
        rest.getHistoricOrders({
          ...LINEAR,
          limit: 5,
          ...(cursor === undefined ? {} : { cursor: decodeURIComponent(cursor) }),
        }),
      );
      seen.push(...page.list.map(({ orderId }: Wire) => orderId));
      cursor = page.nextPageCursor;
    }
    expect(seen).toEqual(ids.reverse());
  });

  it("gets the fills of one order alone, and all of them newest first", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    const orders: Wire[] = [];
    for (const qty of ["0.1", "0.2", "0.3"]) orders.push(await bought(venue, rest, qty));
    const sizes = async (request: object) =>
      (await rowsOf(rest.getExecutionList({ ...LINEAR, ...request }))).map(({ execQty }) => Number(execQty));
    expect(await sizes({})).toEqual([0.3, 0.2, 0.1]);
    expect(await sizes({ limit: 2 })).toEqual([0.3, 0.2]);
    expect(await sizes({ orderId: orders[1].orderId })).toEqual([0.2]);
    const fills = await rowsOf(rest.getExecutionList({ ...LINEAR }));
    expect(fills.map(({ execId, execFee }) => [execId, Number(execFee)])).toEqual(
      venue
        .truth()
        .fills.map(({ fillId, fee }) => [fillId, Number(fee)])
        .reverse(),
    );
  });
});
