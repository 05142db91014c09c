import { describe, expect, it } from "vitest";
import { SEED_ITEMS } from "../../../src/testing/seed-items.ts";
import { createComponents } from "../../support/components.ts";
import { openScene, type Scene } from "../../support/scene.ts";
import { ftxFixtures as fixtures } from "./fixtures.ts";

type Row = (scene: Scene) => Promise<unknown>;

const ORDER = {
  clientOrderId: "pw-1",
  exchangeOrderId: "181542119006",
  side: "buy",
  amount: "1",
  price: "5000",
} as const;
const rule = (scene: Scene) => scene.connector.tradingRule("BTC-USD");
const requested = (scene: Scene, method: string, path: string) => scene.server.requestsTo(method, path).length > 0;
const started = async (scene: Scene) => {
  await scene.start();
  return scene;
};
const created: Row = async (scene) => {
  await started(scene);
  const { fixture } = await scene.openOrder();
  const [request] = scene.server.requestsTo("POST", "/orders");
  if (request !== undefined) fixtures.validateOrderCreationRequest(fixture, request);
  return request !== undefined;
};
const reference = (exchangeOrderId?: string) =>
  ({ ...ORDER, exchangeOrderId, tradingPair: "BTC-USD", type: "limit", timeInForce: "GTC", createdAtMs: 0 }) as const;
const canceled =
  (exchangeOrderId?: string): Row =>
  async (scene) => {
    scene.server.route(...fixtures.configureSuccessfulCancelationResponse(ORDER));
    const { session, factory } = createComponents(scene);
    const order = { ...reference(exchangeOrderId), amount: rule(await started(scene)).minOrderSize, price: undefined };
    await scene.run(factory.getRestAssistant().send(scene.venue.derivative.placeCancel(session, order).request));
    return scene.server.requestsTo("DELETE", /./).map(({ path }) => path);
  };
const statusOf =
  (exchangeOrderId?: string): Row =>
  async (scene) => {
    scene.server.route(...fixtures.configureOpenOrderStatusResponse(ORDER));
    const order = { ...reference(exchangeOrderId), amount: rule(await started(scene)).minOrderSize, price: undefined };
    return (await scene.run(scene.venue.derivative.requestOrderStatus(createComponents(scene).context(), order))).state;
  };

/** What proves each row of the API table, by its name. */
const PROOFS: Readonly<Record<string, readonly [proof: Row, expected: unknown]>> = {
  "GET ACTIVE MARKETS": [
    async (scene) => (await started(scene)).connector.markets().map((market) => market.symbol),
    ["BTC-PERP", "ETH-PERP"],
  ],
  "GET LAST TRADED PRICE": [
    async (scene) => {
      scene.server.route(fixtures.latestPricesRequestMockResponse);
      await started(scene);
      return (await scene.run(scene.connector.getLastTradedPrice("BTC-USD"))).toFixed();
    },
    "5000.5",
  ],
  "GET ORDERBOOK SNAPSHOT": [
    async (scene) => {
      scene.server.route(fixtures.orderBookSnapshotMockResponse);
      await scene.run(createComponents(scene).orderBookDataSource.getNewOrderBook("BTC-USD"));
      return scene.server.requestsTo("GET", "/markets/BTC-PERP/orderbook")[0]?.params;
    },
    { depth: "100" },
  ],
  "[TR] MINIMUN NOTIONAL SIZE": [async (scene) => rule(await started(scene)).minNotionalSize.toFixed(), "0"],
  "[TR] MINIMUN ORDER SIZE": [async (scene) => rule(await started(scene)).minOrderSize.toFixed(), "0.0001"],
  "[TR] MINIMUN PRICE": [async (scene) => rule(await started(scene)).minPrice?.toFixed(), "0.5"],
  "[TR] ORDER INCREMENT": [async (scene) => rule(await started(scene)).minBaseAmountIncrement.toFixed(), "0.0001"],
  "PING ENDPOINT": [
    async (scene) => {
      scene.server.route(fixtures.networkStatusRequestSuccessfulMockResponse);
      await scene.run(scene.connector.checkNetwork());
      return scene.server.requests[0]?.target;
    },
    "/api",
  ],
  "GET ACCOUNT BALANCE": [async (scene) => (await started(scene)).connector.availableBalance("USD").toFixed(), "10000"],
  "GET ORDER STATUS BY client order id": [statusOf(), "open"],
  "GET ORDER STATUS BY exchange_order_id": [statusOf(ORDER.exchangeOrderId), "open"],
  "GET TRADES HISTORY BY ORDER ID": [
    async (scene) => {
      scene.server.route(...fixtures.configureFullFillTradeResponse(ORDER));
      const order = { ...reference("181542119006"), amount: rule(await started(scene)).minOrderSize, price: undefined };
      const { context } = createComponents(scene);
      const trades = await scene.run(scene.venue.derivative.allTradeUpdatesForOrder(context(), order));
      const request = scene.server.requestsTo("GET", "/fills").at(-1);
      if (request !== undefined) fixtures.validateTradesRequest(ORDER, request);
      return trades.map(({ fillId, clientOrderId }) => [fillId, clientOrderId]);
    },
    [["5230117741", "pw-1"]],
  ],
  "GET TRADES HISTORY BY TIMESTAMPS": [
    async (scene) => {
      await started(scene);
      const { start_time, end_time } = scene.server.requestsTo("GET", "/fills")[0]?.params ?? {};
      return Number(end_time) > Number(start_time);
    },
    true,
  ],
  "GET OPEN ORDERS": [
    async (scene) => {
      await started(scene);
      await scene.run(scene.connector.openOrders());
      return requested(scene, "GET", "/orders");
    },
    true,
  ],
  "CREATE ORDERS": [created, true],
  "CREATE ORDERS with client order id": [created, true],
  "CANCEL ORDER BY exchange_order_id": [canceled(ORDER.exchangeOrderId), ["/orders/181542119006"]],
  "CANCEL ORDER BY client order id": [canceled(), ["/orders/by_client_id/pw-1"]],
  "ORDERBOOK CHANNEL (Min depth 100)": [
    async (scene) => (await started(scene)).connector.orderBook("BTC-USD").bestBid?.price.toFixed(),
    "5000.5",
  ],
  "ORDERBOOK DIFF CHANNEL": [
    async (scene) => {
      await started(scene);
      const asks = () => [...scene.connector.orderBook("BTC-USD").asks()].length;
      const before = asks();
      scene.server.sendPublic(fixtures.orderBookDiffEvent);
      await scene.world.advance(50);
      return [before, asks()];
    },
    [1, 2],
  ],
  "USER TRADES CHANNEL (Order Status, fills, fees)": [
    async (scene) => {
      await started(scene);
      const { fixture } = await scene.openOrder();
      scene.server.sendPrivate(fixtures.tradeEventForFullFillWebsocketUpdate(fixture));
      await scene.until("a fill", () => scene.named("orderFilled").length === 1);
      return scene.named("orderFilled")[0]?.fee.flatFees[0]?.amount.toFixed();
    },
    "0.5",
  ],
  "USER ORDER CHANNEL (Order Status, fills, fees)": [
    async (scene) => {
      await started(scene);
      const { order, fixture } = await scene.openOrder();
      scene.server.sendPrivate(fixtures.orderEventForCanceledOrderWebsocketUpdate(fixture));
      await scene.until("the end", () => order.isDone);
      return order.state;
    },
    "canceled",
  ],
  "USER BALANCE CHANNEL (total and available)": [
    async (scene) => scene.venue.manifest.userStream.carriesBalances,
    false,
  ],
  AUTHENTICATION: [
    async (scene) => {
      await started(scene);
      const signed = scene.server.requests.filter(({ headers }) => headers["ftx-sign"] !== undefined);
      for (const request of signed) fixtures.validateAuthCredentialsPresent(request);
      return signed.length > 3;
    },
    true,
  ],
  "Rate limits": [
    async (scene) => {
      const rules = (await started(scene)).connector.rateLimitsRules;
      return rules.map(({ limitId, limit, timeIntervalMs }) => `${limitId} ${limit}/${timeIntervalMs}`);
    },
    ["requests 30/1000", "orders 2/200", "orders:BTC-PERP 7/1000", "orders:ETH-PERP 7/1000"],
  ],
  "SERVER TIME": [async (scene) => scene.venue.webUtils.getCurrentServerTime, undefined],
  "FUNDING PAYMENT": [
    async (scene) => {
      scene.server.route(fixtures.fundingPaymentMockResponse);
      return (await started(scene)).connector.fundingPayments().map((payment) => payment.amount.toFixed());
    },
    ["-0.0184"],
  ],
  "GET POSITIONS": [
    async (scene) => {
      const row = { future: "BTC-PERP", netSize: 1, entryPrice: 5003, recentAverageOpenPrice: 5000 };
      scene.server.on("GET", "/positions", { body: { success: true, result: [row] } });
      return (await started(scene)).connector.position("BTC-USD")?.entryPrice.toFixed();
    },
    "5000",
  ],
};

describe("every row of the API checklist", () => {
  it("has a proof", () => {
    expect(Object.keys(PROOFS)).toEqual(SEED_ITEMS.apiRows.map((row) => row.name));
  });

  it.each(SEED_ITEMS.apiRows.map((row) => row.name))("%s", async (name) => {
    const [proof, expected] = PROOFS[name] ?? [];
    await using scene = await openScene(fixtures, { ready: false });
    expect(await proof?.(scene)).toEqual(expected);
  });
});
