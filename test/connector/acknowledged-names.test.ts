import { describe, expect, it } from "vitest";
import type { FixtureOrder } from "../../src/testing/kit/scene.ts";
import { openScene } from "../../src/testing/kit/scene.ts";
import { binanceFixtures } from "../venues/binance/fixtures.ts";
import { bybitFixtures } from "../venues/bybit/fixtures.ts";
import { okxFixtures } from "../venues/okx/fixtures.ts";

/** An acknowledged cancel without an end is looked up after two seconds. */
const AT_ONCE_MS = 1_000;
const TIME = Date.UTC(2026, 8, 20, 16);
const bybit = (orderId: string, orderLinkId: string) => ({
  ...{ retCode: 0, retMsg: "OK", result: { orderId, orderLinkId }, retExtInfo: {}, time: TIME },
});
const okx = (ordId: string, clOrdId: string) => ({
  ...{ code: "0", msg: "", data: [{ ordId, clOrdId, tag: "", ts: String(TIME), sCode: "0", sMsg: "" }] },
});

const VENUES = [
  {
    ...{ venue: "Bybit", fixtures: bybitFixtures, answer: bybit },
    ...{ cancel: "/v5/order/cancel", amend: "/v5/order/amend", status: "/v5/order/realtime" },
  },
  {
    ...{ venue: "OKX", fixtures: okxFixtures, answer: okx },
    ...{ cancel: "/api/v5/trade/cancel-order", amend: "/api/v5/trade/amend-order", status: "/api/v5/trade/order" },
  },
] as const;

const WRONG: readonly (readonly [string, (order: FixtureOrder) => readonly [string, string]])[] = [
  ["another exchange id", ({ clientOrderId }) => ["99999", clientOrderId]],
  ["another client id", ({ exchangeOrderId }) => [exchangeOrderId, "another"]],
  ["another order by its exchange id alone", () => ["99999", ""]],
  ["no order", () => ["", ""]],
];
const CASES = VENUES.flatMap((each) => WRONG.map(([what, names]) => ({ ...each, what, names })));

describe("an acknowledgement", () => {
  it.each(CASES)(
    "of a cancel by $venue that names $what is none: the order is asked about, and canceled again",
    async (scenario) => {
      const { fixtures, answer, cancel, status, names } = scenario;
      await using scene = await openScene(fixtures);
      const { order, fixture } = await scene.openOrder();
      scene.route(fixtures.configureOpenOrderStatusResponse as never, fixture);
      const right = answer(fixture.exchangeOrderId, fixture.clientOrderId);
      scene.server.on("POST", cancel, { body: answer(...names(fixture)) }, { body: right });
      const before = scene.server.requestsTo("GET", status).length;
      scene.connector.cancel(order.clientOrderId);
      await scene.until("the second cancel", () => scene.server.requestsTo("POST", cancel).length > 1, AT_ONCE_MS);
      expect(scene.server.requestsTo("GET", status).length).toBeGreaterThan(before);
      expect(order.isDone).toBe(false);
    },
  );

  it.each(CASES)("of an amend by $venue that names $what is none: the amend's fate is unknown", async (scenario) => {
    const { fixtures, answer, amend, names } = scenario;
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    scene.route(fixtures.configureOpenOrderStatusResponse as never, fixture);
    scene.server.on("POST", amend, { body: answer(...names(fixture)) });
    const amended = scene.connector.amend(order.clientOrderId, { price: "4900" });
    await expect(scene.run(amended)).rejects.toMatchObject({ name: "ProtocolError", outcome: "unknown" });
    expect(order.exchangeOrderIds).toEqual([fixture.exchangeOrderId]);
  });

  it("of a cancel by Binance that tells of an order on an unknown market is none", async () => {
    await using scene = await openScene(binanceFixtures);
    const { order, fixture } = await scene.openOrder();
    scene.route(binanceFixtures.configureOpenOrderStatusResponse as never, fixture);
    const row = {
      ...{ symbol: "NOSUCHUSDT", orderId: 77, clientOrderId: order.clientOrderId, status: "CANCELED", side: "BUY" },
      ...{ positionSide: "BOTH", type: "LIMIT", timeInForce: "GTC", reduceOnly: false, price: "5000", origQty: "1" },
      ...{ executedQty: "0", updateTime: TIME },
    };
    scene.server.on("DELETE", "/fapi/v1/order", { body: row });
    scene.connector.cancel(order.clientOrderId);
    await scene.until(
      "the second cancel",
      () => scene.server.requestsTo("DELETE", "/fapi/v1/order").length > 1,
      AT_ONCE_MS,
    );
    expect(order.isDone).toBe(false);
  });
});
