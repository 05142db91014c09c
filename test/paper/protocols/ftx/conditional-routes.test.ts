import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Harness, startVenue } from "../../ftx-harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ quiet: true });
});
afterEach(() => harness.venue.stop());

const stop = { market: "BTC-PERP", side: "sell", size: 0.1, triggerPrice: 19_900, reduceOnly: false };
const place = (body: object) => harness.call("POST", "/conditional_orders", { body });
/** Sells through the book, down to a price. */
const sellDownTo = (price: string) =>
  harness.venue.trader.order({ market: "BTC-USD", side: "sell", size: "500", price, timeInForce: "IOC" });
const open = async () => (await harness.call("GET", "/conditional_orders?market=BTC-PERP")).result;

describe("conditional orders", () => {
  test("are shown with all their fields, their type in snake case", async () => {
    const { result } = await place({
      ...stop,
      type: "takeProfit",
      side: "sell",
      triggerPrice: 21_000,
      orderPrice: 20_900,
    });
    expect(Object.keys(result).sort()).toEqual(
      "id market future side type orderPrice triggerPrice size status createdAt triggeredAt orderId error reduceOnly trailValue trailStart cancelledAt cancelReason retryUntilFilled orderType"
        .split(" ")
        .sort(),
    );
    expect(result).toMatchObject({ type: "take_profit", status: "open", orderType: "limit", retryUntilFilled: true });
    expect(await open()).toEqual([result]);
  });

  test("wait for their price and then place an order", async () => {
    const { result } = await place(stop);
    expect((await harness.call("GET", "/orders")).result).toEqual([]);
    sellDownTo("19950");
    expect(await open()).toHaveLength(1);
    sellDownTo("19895");
    await harness.world.advance(50);
    expect(await open()).toEqual([]);
    const [done] = (await harness.call("GET", "/conditional_orders/history")).result;
    expect(done).toMatchObject({ id: result.id, status: "triggered", error: null });
    const placed = (await harness.call("GET", `/orders/${done.orderId}`)).result;
    expect(placed).toMatchObject({ type: "market", side: "sell", size: 0.1, status: "closed", filledSize: 0.1 });
    const triggers = (await harness.call("GET", `/conditional_orders/${result.id}/triggers`)).result;
    expect(triggers).toMatchObject([{ orderId: done.orderId, error: null, orderSize: 0.1, filledSize: 0.1 }]);
  });

  test("say why a trigger could not place an order", async () => {
    const { result } = await place({ ...stop, reduceOnly: true });
    sellDownTo("19895");
    await harness.world.advance(50);
    const [done] = (await harness.call("GET", "/conditional_orders/history")).result;
    expect(done).toMatchObject({
      id: result.id,
      status: "triggered",
      orderId: null,
      error: "Invalid reduce-only order",
    });
  });

  test("trail the price", async () => {
    const { result } = await place({ ...stop, type: "trailingStop", triggerPrice: null, trailValue: -100 });
    expect(result).toMatchObject({ type: "trailing_stop", trailStart: 20000, trailValue: -100, triggerPrice: 19900 });
    harness.venue.trader.order({ market: "BTC-USD", side: "buy", size: "500", price: "20050", timeInForce: "IOC" });
    expect((await open())[0].triggerPrice).toBe(19_950);
    sellDownTo("19960");
    expect((await open())[0].triggerPrice).toBe(19_950);
    sellDownTo("19950");
    expect(await open()).toEqual([]);
  });

  test("are cancelled and modified", async () => {
    const { result } = await place(stop);
    const modified = await harness.call("POST", `/conditional_orders/${result.id}/modify`, {
      body: { triggerPrice: 19_800 },
    });
    expect(modified.result).toMatchObject({ triggerPrice: 19800, status: "open", size: 0.1 });
    expect(await open()).toEqual([modified.result]);
    const canceled = await harness.call("DELETE", `/conditional_orders/${modified.result.id}`);
    expect(canceled.result).toBe("Order cancelled");
    expect(await open()).toEqual([]);
    expect(await harness.call("DELETE", `/conditional_orders/${modified.result.id}`)).toMatchObject({ status: 400 });
    expect(await harness.call("DELETE", "/conditional_orders/1")).toMatchObject({
      status: 404,
      error: "Order not found",
    });
    await place(stop);
    await harness.call("DELETE", "/orders", { body: { limitOrdersOnly: true } });
    expect(await open()).toHaveLength(1);
    await harness.call("DELETE", "/orders", { body: { conditionalOrdersOnly: true } });
    expect(await open()).toEqual([]);
    const history = await harness.call("GET", "/conditional_orders/history?type=stop");
    expect(history.hasMoreData).toBe(false);
    const count = async (query: string) =>
      (await harness.call("GET", `/conditional_orders/history?${query}`)).result.length;
    expect([await count("side=sell"), await count("side=buy")]).toEqual([3, 0]);
    const limits = history.result.filter((row: { orderType: string }) => row.orderType === "limit").length;
    expect([await count("orderType=limit"), await count("orderType=market")]).toEqual([limits, 3 - limits]);
    expect(await harness.call("GET", "/conditional_orders/history?side=both")).toMatchObject({ status: 400 });
    expect(history.result.map(({ status }: { status: string }) => status)).toEqual([
      "cancelled",
      "cancelled",
      "cancelled",
    ]);
  });

  test.each([
    [{ triggerPrice: 20_500 }, "Trigger price too high"],
    [{ triggerPrice: 19_500, side: "buy" }, "Trigger price too low"],
    [{ triggerPrice: 19_500, type: "takeProfit" }, "Trigger price too low"],
    [{ triggerPrice: null }, "Missing parameter triggerPrice"],
    [{ type: "trailingStop" }, "Missing parameter trailValue"],
    [{ type: "trailingStop", trailValue: 10 }, "Invalid parameter trailValue"],
    [{ type: "other" }, "Invalid parameter type"],
    [{ size: 0 }, "Size too small"],
  ])("are refused with %j: %s", async (change, error) => {
    expect(await place({ ...stop, ...change })).toMatchObject({ status: 400, success: false, error });
  });
});
