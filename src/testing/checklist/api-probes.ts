import type { OrderReference } from "../../model/order.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { OPEN_ORDER } from "../kit/register.ts";
import type { ApiRowName } from "../seed-api-rows.ts";
import { channelText, isAbout, rateLimitText } from "./endpoint-text.ts";
import { type Endpoint, type Probe, probed, type Stage, seenText } from "./probe.ts";
import type { VenueFacts } from "./venue-facts.ts";

/** Runs the probe of every row. Never rejects: a probe that fails has seen nothing. */
export async function probeApiRows(facts: VenueFacts): Promise<Readonly<Record<ApiRowName, Endpoint>>> {
  const seen = new Map<string, Endpoint>();
  for (const [name, probe] of Object.entries(PROBES)) seen.set(name, await probed(facts, probe));
  return Object.fromEntries(seen) as Record<ApiRowName, Endpoint>;
}

/** A request of the connector's; the endpoint is all that was asked by it. */
function asked(ask: (stage: Stage, context: VenueContext) => Promise<unknown>, ...routes: RouteFixture[]): Probe {
  return {
    needs: routes,
    async run(stage) {
      const { scene } = stage;
      for (const name of routes) scene.route(stage.given(name));
      await scene.run(ask(stage, stage.context()));
      return seenText(stage, scene.server.requests);
    },
  };
}

type RouteFixture =
  | "latestPricesRequestMockResponse"
  | "networkStatusRequestSuccessfulMockResponse"
  | "orderBookSnapshotMockResponse"
  | "fundingPaymentMockResponse";
type OrderRouteFixture =
  | "configureOpenOrderStatusResponse"
  | "configureFullFillTradeResponse"
  | "configureSuccessfulCancelationResponse";

/** A request about one order, by one of its ids: the endpoint, and where in it the id is. */
function askedAbout(
  id: "clientOrderId" | "exchangeOrderId",
  ask: (stage: Stage, order: OrderReference) => Promise<unknown>,
  ...routes: OrderRouteFixture[]
): Probe {
  return {
    needs: [...OPEN_ORDER, ...routes],
    isRunning: true,
    async run(stage) {
      const { scene } = stage;
      const { order, fixture } = await scene.openOrder();
      for (const name of routes) scene.route(stage.given(name), fixture);
      const { clientOrderId, tradingPair, side, amount, price, type, timeInForce } = order;
      const known = id === "exchangeOrderId" ? fixture.exchangeOrderId : undefined;
      const createdAtMs = stage.facts.fixtures.startMs;
      const before = scene.server.requests.length;
      const reference = { clientOrderId, tradingPair, side, amount, price, type, timeInForce, createdAtMs };
      await scene.run(ask(stage, { ...reference, exchangeOrderId: known }));
      const names = { [fixture[id]]: `{${id}}` };
      const only = (value: string) => value === fixture[id];
      const requests = scene.server.requests.slice(before).filter((request) => isAbout(request, fixture[id]));
      return seenText(stage, requests, { names, only });
    },
  };
}

/** The request that creates an order. */
function created(byClientOrderId: boolean): Probe {
  return {
    needs: OPEN_ORDER,
    isRunning: true,
    async run(stage) {
      const { scene } = stage;
      const before = scene.server.requests.length;
      const { order } = await scene.openOrder();
      const sent = scene.server.requests.slice(before).filter(({ method }) => method !== "GET");
      const requests = byClientOrderId ? sent.filter((each) => isAbout(each, order.clientOrderId)) : sent;
      const only = byClientOrderId ? (value: string) => value === order.clientOrderId : undefined;
      return seenText(stage, requests, { only });
    },
  };
}

/** The request that a field of the trading rules comes with. */
function ruled(field: "minNotionalSize" | "minOrderSize" | "minPrice" | "minBaseAmountIncrement"): Probe {
  return {
    async run(stage) {
      const { scene, markets, given } = stage;
      const rules = [...markets.byPair.values()].map((market) => market.rule[field]);
      if (!rules.some((value) => value?.gt(0))) throw new TypeError(`no market has a ${field}`);
      await scene.start();
      return seenText(stage, scene.server.requestsOf([given("allSymbolsRequestMockResponse")]));
    },
  };
}

/** The channel that an event comes on, among those that the connector subscribed. */
function told(isPrivate: boolean, name: EventFixture): Probe {
  return {
    needs: [name],
    isRunning: true,
    async run({ scene, given, symbol }) {
      const value = given(name);
      const order = { clientOrderId: "", exchangeOrderId: "", side: "buy", amount: "1", price: "1" } as const;
      const event = scene.fill(name === "orderBookDiffEvents" && Array.isArray(value) ? value[0] : value, order);
      const frames = scene.server.openConnections(isPrivate).flatMap(({ received }) => received);
      const channel = channelText(frames, event, symbol);
      if (channel === undefined) throw new TypeError(`no subscription is the one of ${name}`);
      return channel;
    },
  };
}

type EventFixture =
  | "orderBookSnapshotEvent"
  | "orderBookDiffEvents"
  | "tradeEventForFullFillWebsocketUpdate"
  | "orderEventForNewOrderWebsocketUpdate"
  | "balanceEventWebsocketUpdate";

const sends = (request: "placeCancel") => (stage: Stage, order: OrderReference) =>
  stage.factory.getRestAssistant().send(stage.scene.venue.derivative[request](stage.markets, order).request);
const status = (stage: Stage, order: OrderReference) =>
  stage.scene.venue.derivative.requestOrderStatus(stage.context(), order);
const trades = (stage: Stage, order: OrderReference) =>
  stage.scene.venue.derivative.allTradeUpdatesForOrder(stage.context(), order);
const derivative = (stage: Stage) => stage.scene.venue.derivative;
const pairs = (stage: Stage) => [stage.facts.fixtures.tradingPair];
const HOUR_MS = 3_600_000;
const sinceMs = (stage: Stage) => stage.facts.fixtures.startMs - HOUR_MS;

const AUTHENTICATION: Probe = {
  async run({ facts: { signed } }) {
    const names = [...signed.headers, ...signed.params, ...signed.body];
    if (names.length === 0) throw new TypeError("a signature adds nothing to a request");
    return names.join(", ");
  },
};
/** Levels a side that the checklist asks for. */
const MIN_DEPTH = 100;
/**
 * The channel of whole books, with its depth where that is less than the checklist asks for; where a venue has none, that
 * of the changes and the request that they are joined with.
 */
const BOOK_CHANNEL: Probe = {
  needs: ({ orderBookSnapshotEvent }) =>
    orderBookSnapshotEvent === undefined
      ? ["orderBookDiffEvents", "orderBookSnapshotMockResponse"]
      : ["orderBookSnapshotEvent"],
  isRunning: true,
  async run(stage) {
    const { scene, facts, given } = stage;
    if (facts.fixtures.orderBookSnapshotEvent !== undefined) {
      const channel = await told(false, "orderBookSnapshotEvent").run(stage);
      const { continuity } = scene.venue.manifest;
      const isShallow = continuity.kind === "snapshots" && continuity.depth < MIN_DEPTH;
      return isShallow ? `${channel}, of ${continuity.depth} levels a side` : channel;
    }
    const diffs = await told(false, "orderBookDiffEvents").run(stage);
    const snapshot = given("orderBookSnapshotMockResponse");
    return `${diffs}, joined with ${seenText(stage, scene.server.requestsOf([snapshot]))}`;
  },
};
const RATE_LIMITS: Probe = {
  isRunning: true,
  async run({ scene, markets }) {
    const text = rateLimitText(
      [...scene.venue.rateLimits, ...scene.venue.marketRateLimits(markets)],
      [...markets.byPair.values()].map(({ symbol }) => symbol),
    );
    if (text === "") throw new TypeError("the venue has no rate limits");
    return text;
  },
};
const SERVER_TIME = asked(async ({ scene }, context) => {
  const { getCurrentServerTime } = scene.venue.webUtils;
  if (getCurrentServerTime === undefined) throw new TypeError("the venue tells no time");
  await getCurrentServerTime(context);
});

/** Probe of each row of the API table: it proves the endpoint that the row uses. */
const PROBES: Readonly<Record<ApiRowName, Probe>> = {
  "GET ACTIVE MARKETS": asked((stage, context) => derivative(stage).requestExchangeInfo(context)),
  "GET LAST TRADED PRICE": asked(
    (stage, context) => derivative(stage).fetchLastTradedPrice(context, stage.facts.fixtures.tradingPair),
    "latestPricesRequestMockResponse",
  ),
  "GET ORDERBOOK SNAPSHOT": asked(
    (stage) => stage.orderBookDataSource.fetchOrderBook(stage.facts.fixtures.tradingPair),
    "orderBookSnapshotMockResponse",
  ),
  "[TR] MINIMUN NOTIONAL SIZE": ruled("minNotionalSize"),
  "[TR] MINIMUN ORDER SIZE": ruled("minOrderSize"),
  "[TR] MINIMUN PRICE": ruled("minPrice"),
  "[TR] ORDER INCREMENT": ruled("minBaseAmountIncrement"),
  "PING ENDPOINT": asked(
    (stage, context) => derivative(stage).checkNetwork(context),
    "networkStatusRequestSuccessfulMockResponse",
  ),
  "GET ACCOUNT BALANCE": asked((stage, context) => derivative(stage).fetchBalances(context)),
  "GET ORDER STATUS BY client order id": askedAbout("clientOrderId", status, "configureOpenOrderStatusResponse"),
  "GET ORDER STATUS BY exchange_order_id": askedAbout("exchangeOrderId", status, "configureOpenOrderStatusResponse"),
  "GET TRADES HISTORY BY ORDER ID": askedAbout("exchangeOrderId", trades, "configureFullFillTradeResponse"),
  "GET TRADES HISTORY BY TIMESTAMPS": asked((stage, context) =>
    derivative(stage).tradesSince(context, sinceMs(stage), pairs(stage)),
  ),
  "GET OPEN ORDERS": asked((stage, context) => derivative(stage).fetchOpenOrders(context, pairs(stage))),
  "CREATE ORDERS": created(false),
  "CREATE ORDERS with client order id": created(true),
  "CANCEL ORDER BY exchange_order_id": askedAbout(
    "exchangeOrderId",
    sends("placeCancel"),
    "configureSuccessfulCancelationResponse",
  ),
  "CANCEL ORDER BY client order id": askedAbout(
    "clientOrderId",
    sends("placeCancel"),
    "configureSuccessfulCancelationResponse",
  ),
  "ORDERBOOK CHANNEL (Min depth 100)": BOOK_CHANNEL,
  "ORDERBOOK DIFF CHANNEL": told(false, "orderBookDiffEvents"),
  "USER TRADES CHANNEL (Order Status, fills, fees)": told(true, "tradeEventForFullFillWebsocketUpdate"),
  "USER ORDER CHANNEL (Order Status, fills, fees)": told(true, "orderEventForNewOrderWebsocketUpdate"),
  "USER BALANCE CHANNEL (total and available)": told(true, "balanceEventWebsocketUpdate"),
  AUTHENTICATION,
  "Rate limits": RATE_LIMITS,
  "SERVER TIME": SERVER_TIME,
  "FUNDING PAYMENT": asked(
    (stage, context) => derivative(stage).fetchFundingPayments(context, sinceMs(stage), pairs(stage)),
    "fundingPaymentMockResponse",
  ),
  "GET POSITIONS": asked((stage, context) => derivative(stage).fetchPositions(context, pairs(stage))),
};
