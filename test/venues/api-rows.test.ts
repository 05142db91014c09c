import { beforeAll, describe, expect, it } from "vitest";
import type { OrderReference } from "../../src/model/order.ts";
import { SEED_ITEMS } from "../../src/testing/seed-items.ts";
import { createComponents } from "../support/components.ts";
import { openScene, type Scene } from "../support/scene.ts";
import type { ScriptedRequest } from "../support/scripted-venue.ts";
import { SUITES } from "./suites.ts";

/** Does once what every row of the API checklist is about. */
async function exercise(scene: Scene): Promise<void> {
  const { fixtures, connector, server, venue } = scene;
  const { tradingPair } = fixtures;
  server.route(
    fixtures.latestPricesRequestMockResponse,
    fixtures.networkStatusRequestSuccessfulMockResponse,
    fixtures.orderBookSnapshotMockResponse,
    fixtures.fundingPaymentMockResponse,
  );
  const { order, fixture } = await scene.openOrder();
  server.route(
    ...fixtures.configureOpenOrderStatusResponse(fixture),
    ...fixtures.configureFullFillTradeResponse(fixture),
    ...fixtures.configureSuccessfulCancelationResponse(fixture),
  );
  await scene.run(connector.checkNetwork());
  await scene.run(connector.getLastTradedPrice(tradingPair));
  await scene.run(connector.openOrders());
  const { context, session, factory, orderBookDataSource } = createComponents(scene);
  await scene.run(orderBookDataSource.getNewOrderBook(tradingPair));
  const { clientOrderId, side, amount, price, type, timeInForce } = order;
  const common = { clientOrderId, tradingPair, side, amount, price, type, timeInForce, createdAtMs: fixtures.startMs };
  const references: readonly OrderReference[] = [
    { ...common, exchangeOrderId: fixture.exchangeOrderId },
    { ...common, exchangeOrderId: undefined },
  ];
  for (const reference of references) {
    await scene.run(venue.derivative.requestOrderStatus(context(), reference));
    await scene.run(venue.derivative.allTradeUpdatesForOrder(context(), reference));
    await scene.run(factory.getRestAssistant().send(venue.derivative.placeCancel(session, reference).request));
  }
}

/** All parameters of a request, wherever they are. */
function paramsOf({ params, rawBody, body }: ScriptedRequest): ReadonlySet<string> {
  const inBody = typeof body === "object" && body !== null ? Object.keys(body) : new URLSearchParams(rawBody).keys();
  return new Set([...Object.keys(params), ...inBody]);
}

/** `id limit/milliseconds` of every pool. */
const RATE_LIMITS = {
  bybit_perpetual: [
    "ip 600/5000",
    ...["create", "amend", "cancel", "cancel-all", "create-batch", "cancel-batch"].map(
      (path) => `/v5/order/${path} 10/1000`,
    ),
    ...["/v5/position/set-leverage 10/1000", "/v5/position/switch-mode 10/1000"],
    ...["/v5/order/realtime", "/v5/order/history", "/v5/execution/list", "/v5/position/list"].map(
      (path) => `${path} 50/1000`,
    ),
    ...["/v5/account/wallet-balance 50/1000", "/v5/account/transaction-log 25/1000", "/v5/account/fee-rate 5/1000"],
  ],
  binance_perpetual: [
    ...["REQUEST_WEIGHT 2400/60000", "ORDERS_1MIN 1200/60000", "ORDERS_10SEC 300/10000"],
    ...["FUNDING_REQUESTS 500/300000", "WEB_SOCKET_MESSAGES 8/1000"],
  ],
} as const;

const REST = /^(GET|POST|PUT|DELETE) (\S+)(?: \((.*)\))?$/;

describe.each(["bybit_perpetual", "binance_perpetual"] as const)("the API rows of %s", (name) => {
  const answers = SEED_ITEMS.apiRows.flatMap((row) => {
    const answer = row.venues[name];
    return "endpoint" in answer ? [{ row: row.name, type: row.type, endpoint: answer.endpoint }] : [];
  });
  let requests: readonly ScriptedRequest[];
  let frames: string;
  let rateLimits: readonly string[];
  let isPrivateEvent: (event: string) => boolean;

  beforeAll(async () => {
    await using scene = await openScene(SUITES[name].fixtures);
    await exercise(scene);
    requests = scene.server.requests;
    rateLimits = scene.connector.rateLimitsRules.map(
      ({ limitId, limit, timeIntervalMs }) => `${limitId} ${limit}/${timeIntervalMs}`,
    );
    frames = JSON.stringify(scene.server.connections.map(({ received }) => received)).toLowerCase();
    const { userStreamDataSource } = scene.venue;
    isPrivateEvent = (event) => userStreamDataSource.channelOriginatingMessage({ e: event }) === "update";
    expect(scene.server.unscripted).toEqual([]);
  });

  it.each(answers.filter(({ endpoint }) => REST.test(endpoint)))("$row: $endpoint", ({ endpoint }) => {
    const [, method, path, names = ""] = REST.exec(endpoint) ?? [];
    const wanted = names === "" ? [] : names.split(", ");
    const found = requests.filter((request) => {
      const params = paramsOf(request);
      return request.method === method && request.path === path && wanted.every((param) => params.has(param));
    });
    expect(found).not.toEqual([]);
  });

  it.each(answers.filter(({ type }) => type.endsWith("Websocket")))("$row: $endpoint", ({ endpoint }) => {
    const channel = endpoint.replace("{symbol}", "BTCUSDT").toLowerCase();
    expect(frames.includes(`"${channel}"`) || isPrivateEvent(endpoint)).toBe(true);
  });

  it.each(answers.filter(({ row }) => row === "AUTHENTICATION"))("$row: $endpoint", ({ endpoint }) => {
    const signed = requests.find(({ path }) => path === SUITES[name].fixtures.fundingPaymentUrl);
    const sent = [...Object.keys(signed?.headers ?? {}), ...Object.keys(signed?.params ?? {})];
    const known = new Set(sent.map((each) => each.toLowerCase()));
    expect(endpoint.split(", ").filter((each) => !known.has(each.toLowerCase()))).toEqual([]);
  });

  it("Rate limits", () => {
    expect(rateLimits).toEqual(RATE_LIMITS[name]);
  });

  it("are all proven", () => {
    const others = answers.filter(({ endpoint, type }) => !REST.test(endpoint) && !type.endsWith("Websocket"));
    expect(others.map(({ row }) => row)).toEqual(["AUTHENTICATION", "Rate limits"]);
    expect(answers).toHaveLength(SEED_ITEMS.apiRows.length);
  });
});
