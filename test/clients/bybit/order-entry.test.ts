import { WebsocketAPIClient } from "bybit-api";
import { describe, expect, it, onTestFinished } from "vitest";
import type { PaperVenue } from "../../../src/paper/index.ts";
import { BTC_BUY, bybitRest, LINEAR, orderStatus, rowsOf, type Wire } from "../support/bybit-api.ts";
import { errors } from "../support/ccxt.ts";
import { BTC, ccxtBybit, orderStatus as ccxtOrderStatus, orderWhen } from "../support/ccxt-bybit.ts";
import { within } from "../support/inbox.ts";
import { openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

const SILENT = { trace() {}, info() {}, error() {} };

function orderEntry({ host, port, apiKey: key }: PaperVenue, secret: string): WebsocketAPIClient {
  const wsUrl = `ws://${host}:${port}/v5/trade`;
  const options = { key, secret, wsUrl, pongTimeout: 5_000, attachEventListeners: false };
  const client = new WebsocketAPIClient(options, SILENT);
  client.getWSClient().on("exception", () => {});
  onTestFinished(() => client.getWSClient().closeAll(true));
  return client;
}

describe("bybit-api sends orders over a WebSocket", () => {
  it("places, amends and cancels an order, and REST finds it each time", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    const client = orderEntry(venue, venue.apiSecret);

    const placed: Wire = await within(client.submitNewOrder({ ...BTC_BUY, orderLinkId: "ws-1" }), "an answer");
    expect(placed).toMatchObject({ retCode: 0, op: "order.create", data: { orderLinkId: "ws-1" } });
    const { orderId } = placed.data;
    await orderStatus(rest, orderId, "New");
    await client.amendOrder({ ...LINEAR, orderId, qty: "0.4" });
    await until("the amended order", async () => {
      const [row] = await rowsOf(rest.getActiveOrders({ ...LINEAR, orderId }));
      return Number(row.qty) === 0.4 ? true : undefined;
    });
    const canceled: Wire = await client.cancelOrder({ ...LINEAR, orderId });
    expect(canceled).toMatchObject({ retCode: 0, op: "order.cancel", data: { orderId } });
    await orderStatus(rest, orderId, "Cancelled");
  });

  it("is told of a refusal by its code", async () => {
    const venue = await openVenue({ api: "bybit" });
    const client = orderEntry(venue, venue.apiSecret);
    const refusals: readonly (readonly [call: Promise<unknown>, retCode: number])[] = [
      [client.submitNewOrder({ ...BTC_BUY, qty: "51" }), 110_007],
      [client.cancelOrder({ ...LINEAR, orderId: "nobody" }), 110_001],
    ];
    for (const [call, retCode] of refusals) await expect(within(call, "a refusal")).rejects.toMatchObject({ retCode });
  });
});

describe("ccxt.pro sends orders over a WebSocket", () => {
  it("places, edits and cancels an order, and REST finds it each time", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
    const { id } = await within<Wire>(exchange.createOrderWs(BTC, "limit", "buy", 0.5, 19_000), "an answer");
    await ccxtOrderStatus(exchange, id, "open");
    await within(exchange.editOrderWs(id, BTC, "limit", "buy", 0.4, 19_100), "an answer");
    expect(await orderWhen(exchange, id, "edited", ({ price }) => price === 19_100)).toMatchObject({ amount: 0.4 });
    await within(exchange.cancelOrderWs(id, BTC), "an answer");
    await ccxtOrderStatus(exchange, id, "canceled");
  });

  it("raises its own class of error for each refusal", async () => {
    const exchange = await ccxtBybit(await openVenue({ api: "bybit" }));
    const tooLarge = exchange.createOrderWs(BTC, "limit", "buy", 51, 20_000);
    await expect(within(tooLarge, "a refusal")).rejects.toThrow(errors.InsufficientFunds);
    await expect(within(exchange.cancelOrderWs("123", BTC), "a refusal")).rejects.toThrow(errors.OrderNotFound);
  });

  it.each([
    ["key", { apiKey: "stranger" }],
    ["secret", { secret: "guess" }],
  ])("raises an authentication error when its %s is wrong, for this socket tells the code", async (_, credentials) => {
    const exchange = await ccxtBybit(await openVenue({ api: "bybit" }), credentials);
    const order = exchange.createOrderWs(BTC, "limit", "buy", 0.5, 19_000);
    await expect(within(order, "the refusal")).rejects.toThrow(errors.AuthenticationError);
  });
});
