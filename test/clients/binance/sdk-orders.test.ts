import { describe, expect, it } from "vitest";
import { BTC_BUY, BTC_SELL, binanceRest, bought, clientId, refusalOf, type Wire } from "../support/binance-sdk.ts";
import { openBinance, quote, take } from "../support/binance-venue.ts";
import { accountOf } from "../support/paper-venue.ts";

const SYMBOL = "BTCUSDT";
const idsOf = (orders: readonly Wire[]) => orders.map(({ orderId }) => orderId);

describe("binance trades", () => {
  it("finds its order by both ids, before and after exactly a part of it is filled", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    const newClientOrderId = clientId();
    const accepted = await rest.submitNewOrder({ ...BTC_BUY, timeInForce: "GTX", newClientOrderId });
    expect(accepted).toMatchObject({
      symbol: SYMBOL,
      status: "NEW",
      clientOrderId: newClientOrderId,
      price: "60000.00",
      origQty: "0.500",
      executedQty: "0.000",
      timeInForce: "GTX",
      positionSide: "BOTH",
    });
    const { orderId } = accepted;

    take(venue, "sell", 60_000, 0.2);

    const byId: Wire = await rest.getOrder({ symbol: SYMBOL, orderId });
    expect(byId).toMatchObject({ status: "PARTIALLY_FILLED", executedQty: "0.200", cumQuote: "12000.00000000" });
    expect(Number(byId.avgPrice)).toBe(60_000);
    expect(await rest.getOrder({ symbol: SYMBOL, origClientOrderId: newClientOrderId })).toEqual(byId);
    expect(await rest.getCurrentOpenOrder({ symbol: SYMBOL, orderId })).toEqual(byId);
    expect(await rest.getAllOpenOrders({ symbol: SYMBOL })).toEqual([byId]);
    expect(await rest.getAllOpenOrders()).toEqual([byId]);
    expect(await rest.getAllOpenOrders({ symbol: "ETHUSDT" })).toEqual([]);
    const trades = await rest.getAccountTrades({ symbol: SYMBOL });
    expect(trades).toMatchObject([
      {
        orderId,
        side: "BUY",
        price: "60000.00",
        qty: "0.200",
        commission: "2.40000000",
        commissionAsset: "USDT",
        maker: true,
        buyer: true,
        positionSide: "BOTH",
      },
    ]);
    expect(idsOf(trades)).toEqual([orderId]);
    expect(trades.map(({ id }) => id)).toEqual(venue.truth().fills.map(({ fillId }) => fillId));
  });

  it("answers a taker with its result when it asks for that, and with NEW when it does not", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    expect(await bought(venue, rest, 0.2)).toMatchObject({ status: "FILLED", executedQty: "0.200", cumQty: "0.200" });
    quote(venue, "sell", 60_000, 0.1);
    const acknowledged = await rest.submitNewOrder({ ...BTC_BUY, quantity: 0.1 });
    expect(acknowledged).toMatchObject({ status: "NEW", executedQty: "0.000" });
    expect(await rest.getOrder({ symbol: SYMBOL, orderId: acknowledged.orderId })).toMatchObject({ status: "FILLED" });
  });

  it("cancels by either id, is answered with the cancelled order, and finds it afterwards", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    const newClientOrderId = clientId();
    const first = await rest.submitNewOrder({ ...BTC_BUY });
    await rest.submitNewOrder({ ...BTC_BUY, newClientOrderId });
    take(venue, "sell", 60_000, 0.1);

    expect(await rest.cancelOrder({ symbol: SYMBOL, orderId: first.orderId })).toMatchObject({
      orderId: first.orderId,
      status: "CANCELED",
      executedQty: "0.100",
    });
    expect(await rest.cancelOrder({ symbol: SYMBOL, origClientOrderId: newClientOrderId })).toMatchObject({
      clientOrderId: newClientOrderId,
      status: "CANCELED",
      executedQty: "0.000",
    });

    expect(await rest.getAllOpenOrders()).toEqual([]);
    expect(await rest.getAllOrders({ symbol: SYMBOL })).toMatchObject([
      { orderId: first.orderId, status: "CANCELED", executedQty: "0.100" },
      { clientOrderId: newClientOrderId, status: "CANCELED" },
    ]);
    const again = { symbol: SYMBOL, orderId: first.orderId };
    expect(await refusalOf(rest.cancelOrder(again))).toMatchObject({ code: -2011, message: "Unknown order sent." });
    expect(await refusalOf(rest.getCurrentOpenOrder(again))).toMatchObject({ code: -2013 });
  });

  it("may use a client id again once the order that had it is closed", async () => {
    const rest = binanceRest(await openBinance());
    const order = { ...BTC_BUY, newClientOrderId: clientId() };
    const first = await rest.submitNewOrder(order);
    expect(await refusalOf(rest.submitNewOrder(order))).toMatchObject({
      code: -4116,
      message: "ClientOrderId is duplicated.",
    });
    await rest.cancelOrder({ symbol: SYMBOL, orderId: first.orderId });
    const second = await rest.submitNewOrder(order);
    expect(second.orderId).not.toBe(first.orderId);
    const found = await rest.getOrder({ symbol: SYMBOL, origClientOrderId: order.newClientOrderId });
    expect(found.orderId).toBe(second.orderId);
  });

  it("cancels all orders of one symbol and leaves the others", async () => {
    const rest = binanceRest(await openBinance());
    await rest.submitNewOrder({ ...BTC_BUY });
    await rest.submitNewOrder({ ...BTC_BUY, price: 59_000 });
    const eth = await rest.submitNewOrder({ ...BTC_BUY, symbol: "ETHUSDT", price: 2_900 });
    expect(await rest.cancelAllOpenOrders({ symbol: SYMBOL })).toMatchObject({
      code: 200,
      msg: "The operation of cancel all open order is done.",
    });
    expect(idsOf(await rest.getAllOpenOrders())).toEqual([eth.orderId]);
  });

  it("places, changes and cancels in batches, in which a bad order does not hinder the good ones", async () => {
    const rest = binanceRest(await openBinance());
    const ids = [clientId(), clientId(), clientId()];
    const placed: Wire = await rest.submitMultipleOrders(
      ids.map((newClientOrderId, index) => ({
        ...BTC_BUY,
        price: String(59_000 + index),
        quantity: index === 1 ? "0.0001" : "0.5",
        newClientOrderId,
      })),
    );
    expect(placed).toMatchObject([
      { clientOrderId: ids[0], status: "NEW" },
      { code: expect.any(Number), msg: expect.any(String) },
      { clientOrderId: ids[2], status: "NEW" },
    ]);
    const [first, , third] = placed;

    const change = { symbol: SYMBOL, side: "BUY", quantity: "0.4" } as const;
    const changed: Wire = await rest.modifyMultipleOrders([
      { ...change, orderId: first.orderId, price: "58000" },
      { ...change, orderId: 1, price: "58000" },
    ] as Wire);
    expect(changed).toMatchObject([{ orderId: first.orderId, price: "58000.00", origQty: "0.400" }, { code: -2013 }]);

    const canceled: Wire = await rest.cancelMultipleOrders({
      symbol: SYMBOL,
      orderIdList: [first.orderId, 1, third.orderId],
    });
    expect(canceled).toMatchObject([
      { orderId: first.orderId, status: "CANCELED" },
      { code: -2011, msg: "Unknown order sent." },
      { orderId: third.orderId, status: "CANCELED" },
    ]);
    await rest.submitNewOrder({ ...BTC_BUY, newClientOrderId: ids[0] ?? "" });
    expect(await rest.cancelMultipleOrders({ symbol: SYMBOL, origClientOrderIdList: [ids[0] ?? ""] })).toMatchObject([
      { clientOrderId: ids[0], status: "CANCELED" },
    ]);
    expect(await rest.getAllOpenOrders()).toEqual([]);
  });

  it("modifies an order, which keeps its ids and what is filled of it", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    const order = { ...BTC_BUY, newClientOrderId: clientId() };
    const { orderId } = await rest.submitNewOrder(order);
    take(venue, "sell", 60_000, 0.2);

    const change = { symbol: SYMBOL, side: "BUY" } as const;
    expect(await rest.modifyOrder({ ...change, orderId, price: 59_500, quantity: 0.6 })).toMatchObject({
      orderId,
      clientOrderId: order.newClientOrderId,
      price: "59500.00",
      origQty: "0.600",
      executedQty: "0.200",
      status: "PARTIALLY_FILLED",
    });
    const byClientId = { ...change, origClientOrderId: order.newClientOrderId };
    await rest.modifyOrder({ ...byClientId, price: 59_000, quantity: 0.6 });

    expect(await rest.getAllOpenOrders()).toMatchObject([{ orderId, price: "59000.00", executedQty: "0.200" }]);
    expect(await refusalOf(rest.modifyOrder({ ...byClientId, price: 59_000, quantity: 0.6 }))).toMatchObject({
      code: -5027,
    });
    expect(await refusalOf(rest.modifyOrder({ ...change, orderId: 1, price: 59_000, quantity: 1 }))).toMatchObject({
      code: -2013,
    });
  });

  it("is refused a post-only order that crosses, of which nothing is recorded", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    quote(venue, "sell", 60_000, 1);
    const order = { ...BTC_BUY, timeInForce: "GTX", newClientOrderId: clientId() } as const;
    expect(await refusalOf(rest.submitNewOrder(order))).toMatchObject({
      code: -5022,
      message: expect.stringContaining("could not be executed as maker, the Post Only order will be rejected."),
    });
    const byClientId = { symbol: SYMBOL, origClientOrderId: order.newClientOrderId };
    expect(await refusalOf(rest.getOrder(byClientId))).toMatchObject({ code: -2013, message: "Order does not exist." });
    expect(await rest.getAllOrders({ symbol: SYMBOL })).toEqual([]);
    expect(await rest.getAccountTrades({ symbol: SYMBOL })).toEqual([]);
  });

  it("gets what is there with an IOC or a market order, and the rest expires; a FOK gets all or nothing", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    quote(venue, "sell", 60_000, 0.3);
    expect(await refusalOf(rest.submitNewOrder({ ...BTC_BUY, timeInForce: "FOK" }))).toMatchObject({ code: -5021 });
    const ioc = await rest.submitNewOrder({ ...BTC_BUY, timeInForce: "IOC", newOrderRespType: "RESULT" });
    expect(ioc).toMatchObject({ status: "EXPIRED", executedQty: "0.300", origQty: "0.500" });

    quote(venue, "buy", 59_999, 0.1);
    quote(venue, "buy", 59_998, 1);
    const market = await rest.submitNewOrder({
      symbol: SYMBOL,
      side: "SELL",
      type: "MARKET",
      quantity: 0.2,
      newOrderRespType: "RESULT",
    });
    expect(market).toMatchObject({ status: "FILLED", executedQty: "0.200", type: "MARKET" });
    const found: Wire = await rest.getOrder({ symbol: SYMBOL, orderId: market.orderId });
    expect(Number(found.avgPrice)).toBe(59_998.5);
    const fills = await rest.getAccountTrades({ symbol: SYMBOL, orderId: market.orderId });
    expect(fills.map(({ price, qty }) => [price, qty])).toEqual([
      ["59999.00", "0.100"],
      ["59998.00", "0.100"],
    ]);
    expect(Number(fills[0]?.realizedPnl)).toBeCloseTo(-0.1, 9);
  });

  it("is refused a reduce-only order that would open a position, and never trades more than it has", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    quote(venue, "buy", 59_990, 1);
    const sale = {
      symbol: SYMBOL,
      side: "SELL",
      type: "MARKET",
      quantity: 0.5,
      reduceOnly: "true",
      newOrderRespType: "RESULT",
    } as const;
    expect(await refusalOf(rest.submitNewOrder(sale))).toMatchObject({
      code: -2022,
      message: "ReduceOnly Order is rejected.",
    });

    await bought(venue, rest, 0.2);
    expect(await rest.submitNewOrder(sale)).toMatchObject({ executedQty: "0.200", reduceOnly: true });

    expect(accountOf(venue).positions).toMatchObject([{ size: 0n }]);
    expect(await rest.getPositionsV3()).toEqual([]);
  });

  it("is told by code why an order is refused", async () => {
    const rest = binanceRest(await openBinance(), { filterUndefinedParams: true });
    const cases: readonly (readonly [change: object, code: number])[] = [
      [{ quantity: 20 }, -2019],
      [{ quantity: 0.001, price: 59_000 }, -4164],
      [{ quantity: 0.0015 }, -1111],
      [{ quantity: 0 }, -4003],
      [{ quantity: 1_001 }, -4005],
      [{ price: 60_000.05 }, -4014],
      [{ price: 60_000.005 }, -1111],
      [{ price: 70_000 }, -4016],
      [{ price: undefined }, -1102],
      [{ timeInForce: undefined }, -1102],
      [{ timeInForce: "GTQ" }, -1115],
      [{ side: "HOLD" }, -1117],
      [{ type: "FANCY" }, -1116],
      [{ type: "STOP_MARKET", stopPrice: 50_000 }, -4120],
      [{ symbol: "XRPUSDT" }, -1121],
      [{ positionSide: "LONG" }, -4061],
      [{ type: "MARKET" }, -1106],
    ];
    for (const [change, code] of cases) {
      const refusal = await refusalOf(rest.submitNewOrder({ ...BTC_BUY, ...change } as Wire));
      expect([change, refusal.code]).toEqual([change, code]);
    }
    expect(await rest.getAllOrders({ symbol: SYMBOL })).toEqual([]);
  });

  it("pages through its orders and trades by id without a gap or a repetition", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    for (let index = 0; index < 7; index++) await bought(venue, rest, 0.01);
    const collect = async (key: "id" | "orderId", page: (from: number) => Promise<Wire>): Promise<number[]> => {
      const seen: number[] = [];
      for (let from = 1, size = 1; size > 0; from = (seen.at(-1) ?? 0) + 1) {
        const rows = await page(from);
        size = rows.length;
        seen.push(...rows.map((row: Wire) => row[key]));
      }
      return seen;
    };
    const { orders, fills } = venue.truth();
    expect(await collect("id", (fromId) => rest.getAccountTrades({ symbol: SYMBOL, fromId, limit: 3 }))).toEqual(
      fills.map(({ fillId }) => fillId),
    );
    expect(await collect("orderId", (orderId) => rest.getAllOrders({ symbol: SYMBOL, orderId, limit: 3 }))).toEqual(
      orders.map(({ orderId }) => orderId),
    );
  });

  it("never trades with itself: what rests expires in the match, and what comes then rests", async () => {
    const rest = binanceRest(await openBinance());
    const resting = await rest.submitNewOrder({ ...BTC_BUY });
    const taking = await rest.submitNewOrder({ ...BTC_SELL, newOrderRespType: "RESULT" });
    expect(await rest.getOrder({ symbol: SYMBOL, orderId: resting.orderId })).toMatchObject({
      status: "EXPIRED_IN_MATCH",
      executedQty: "0.000",
    });
    expect(await rest.getOrder({ symbol: SYMBOL, orderId: taking.orderId })).toMatchObject({ status: "NEW" });
    expect(await rest.getAccountTrades({ symbol: SYMBOL })).toEqual([]);
  });
});
