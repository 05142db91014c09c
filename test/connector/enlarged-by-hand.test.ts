import { describe, expect, it } from "vitest";
import { openScene } from "../../src/testing/kit/scene.ts";
import { binanceFixtures as fixtures } from "../venues/binance/fixtures.ts";

describe("an order that a hand on the website made larger", () => {
  it("counts a fill beyond the amount that was ordered, once its row or its look-up tells the new one", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    const orderId = Number(fixture.exchangeOrderId);
    const ids = { symbol: "BTCUSDT", orderId, clientOrderId: order.clientOrderId, positionSide: "BOTH" };
    const timestampMs = fixtures.startMs + 20_000;
    const row = {
      ...{ ...ids, side: "BUY", type: "LIMIT", timeInForce: "GTC", price: "5000", origQty: "3", executedQty: "2" },
      ...{ status: "PARTIALLY_FILLED", avgPrice: "5000", reduceOnly: false, updateTime: timestampMs },
    };
    const fill = {
      ...{ symbol: "BTCUSDT", orderId, id: 77, side: "BUY", positionSide: "BOTH", price: "5000", qty: "2" },
      ...{ commission: "0.5", commissionAsset: "USDT", realizedPnl: "0", maker: true, time: timestampMs },
    };
    scene.server.on("GET", "/fapi/v1/order", { body: row });
    scene.server.on("GET", "/fapi/v1/openOrders", { body: [row] });
    scene.server.on("GET", "/fapi/v1/userTrades", { body: [fill] });
    const told = {
      ...{ s: "BTCUSDT", c: order.clientOrderId, i: orderId, ps: "BOTH", S: "BUY", o: "LIMIT", f: "GTC", q: "3" },
      ...{ p: "5000", R: false, x: "TRADE", X: "PARTIALLY_FILLED", ap: "5000", t: 77, l: "2", z: "2", L: "5000" },
      ...{ m: true, rp: "0", er: "0", n: "0.5", N: "USDT", T: timestampMs },
    };
    scene.server.sendPrivate({
      stream: "x",
      data: { e: "ORDER_TRADE_UPDATE", E: timestampMs, T: timestampMs, o: told },
    });
    await scene.until("the fill", () => order.executedAmount.eq(2));
    await scene.world.advance(60_000);
    expect([order.state, order.amount.toFixed(), order.executedAmount.toFixed()]).toEqual([
      "partiallyFilled",
      "3",
      "2",
    ]);
    expect(scene.named("orderFilled")).toHaveLength(1);
  });
});
