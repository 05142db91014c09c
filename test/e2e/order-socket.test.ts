import { describe, expect, it } from "vitest";
import { createConnector } from "../../src/connect.ts";
import type { HttpRequest, Runtime, WebSocketConnection } from "../../src/runtime/runtime.ts";
import { settle } from "./agreement.ts";
import { Stage } from "./stage.ts";

/** What the connectors with a socket for orders ask of REST where it is down. */
const ORDER_PATHS =
  /\/v5\/order\/(create|amend|cancel)|\/trade\/(order|batch-orders|cancel-|amend-)|\/fapi\/v1\/order|\/usdt\/(orders|batch_)|\/exchange$/;
const VENUES = [
  { name: "bybit_perpetual", socket: /\/v5\/trade$/ },
  { name: "okx_perpetual", socket: /\/v5\/private$/ },
  { name: "binance_perpetual", socket: /\/ws-fapi\/v1$/ },
  { name: "gate_io_perpetual", socket: /\/v4\/ws\/usdt$/ },
  { name: "hyperliquid_perpetual", socket: /\/ws$/ },
] as const;

/**
 * Records the requests about orders, and can end and keep down the sockets for them: those of an address on which nothing is
 * subscribed, for some venues have one address for all.
 */
function watched(socket: RegExp) {
  const requests: string[] = [];
  const opened = new Set<WebSocketConnection>();
  const streams = new Set<WebSocketConnection>();
  const state = { isDown: false };
  const note = ({ method, url }: HttpRequest): void => {
    const { pathname } = new URL(url);
    if (method !== "GET" && ORDER_PATHS.test(pathname)) requests.push(`${method} ${pathname}`);
  };
  const change = (runtime: Runtime): Runtime => ({
    ...runtime,
    http: {
      request(request) {
        note(request);
        return runtime.http.request(request);
      },
      close: () => runtime.http.close(),
    },
    webSocket: {
      async connect(url, handlers, options) {
        const isOfOrders = socket.test(url.replace(/\?.*/, ""));
        if (isOfOrders && state.isDown) throw new Error("kept down");
        const connection = await runtime.webSocket.connect(url, handlers, options);
        if (!isOfOrders) return connection;
        opened.add(connection);
        return {
          get isOpen() {
            return connection.isOpen;
          },
          get bufferedAmount() {
            return connection.bufferedAmount;
          },
          send(text) {
            if (text.includes("subscribe")) streams.add(connection);
            connection.send(text);
          },
          ping: () => connection.ping(),
          close: (code, reason) => connection.close(code, reason),
          terminate: () => connection.terminate(),
        };
      },
    },
  });
  return {
    requests,
    change,
    cut() {
      state.isDown = true;
      for (const connection of opened.difference(streams)) connection.terminate();
    },
  };
}

describe.each(VENUES)("$name with orders over a socket", ({ name, socket }) => {
  const open = async () => {
    const watch = watched(socket);
    const stage = await Stage.open(name, { connector: { orderEntry: "socket" }, runtime: watch.change });
    await stage.pass(500);
    return { stage, watch };
  };

  it("creates, amends, cancels and fills them without a request of REST, and agrees with the venue", async () => {
    const { stage: opened, watch } = await open();
    await using stage = opened;
    const { connector } = stage;
    const order = await stage.resting("buy", "19900", "0.03");
    await stage.run(connector.amend(order.clientOrderId, { price: "19901" }));
    await stage.until("the amend is told", () => order.price?.toFixed() === "19901");
    expect(await stage.run(connector.cancel(order.clientOrderId))).toMatchObject({ success: true });
    await stage.taken("buy");
    const refused = stage.order("buy", { amount: "0.02", price: "19900", position: "close", reduceOnly: true });
    await stage.run(refused.done);
    expect(refused.executedAmount.toFixed()).toBe("0");
    expect(watch.requests).toEqual([]);
    await settle(stage);
  });

  it("sends them over REST while the socket is down", async () => {
    const { stage: opened, watch } = await open();
    await using stage = opened;
    watch.cut();
    await stage.pass(100);
    const order = await stage.resting("buy", "19900");
    expect(await stage.run(stage.connector.cancel(order.clientOrderId))).toMatchObject({ success: true });
    expect(watch.requests).toHaveLength(2);
    await settle(stage);
  });

  it.each(["resetBeforeAccept", "resetAfterAccept", "error5xx", "error429"] as const)(
    "knows the fate of every order though a third of the requests meets %s",
    async (fault) => {
      const { stage: opened } = await open();
      await using stage = opened;
      stage.venue.faults.set({ [fault]: 0.3 });
      const orders = Array.from({ length: 12 }, (_, index) => stage.order("buy", { price: `${19_900 - index}` }));
      await stage.run(Promise.all(orders.map(({ accepted }) => accepted)));
      stage.venue.faults.clear();
      await stage.run(stage.connector.cancelAll());
      await stage.run(Promise.all(orders.map(({ done }) => done)));
      await settle(stage);
    },
  );
});

describe("a connector that is asked for orders over a socket", () => {
  const options = { tradingPairs: ["BTC-USDT"], orderEntry: "socket", credentials: { apiKey: "k", apiSecret: "s" } };

  it.each([
    ["ftx_perpetual", /FTX takes no orders over a socket/],
    ["bybit_perpetual_demo", /the domain bybit_perpetual_demo takes no orders over a socket/],
  ] as const)("is refused for %s, with what would be right", async (name, text) => {
    const urls = name === "ftx_perpetual" ? { restUrl: "https://ftx.invalid", webSocketUrl: "wss://ftx.invalid" } : {};
    await expect(createConnector(name, { ...options, orderEntry: "socket", ...urls })).rejects.toThrow(text);
  });
});
