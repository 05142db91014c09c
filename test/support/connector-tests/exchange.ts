import assert from "node:assert/strict";
import {
  ConfigError,
  isAbort,
  OrderRejectedError,
  PerpwireError,
  VenueUnavailableError,
} from "../../../src/model/error.ts";
import { createVenueSession } from "../../../src/model/venue-session.ts";
import { createComponents } from "../components.ts";
import type { ConnectorFixtures } from "../connector-fixtures.ts";
import { assertLogged, rejection, sceneTests, type TestApi } from "./kit.ts";

export function exchangeTests(fixtures: ConnectorFixtures, api: TestApi): void {
  api.describe("exchange", () => {
    marketTests(fixtures, api);
    orderTests(fixtures, api);
    accountTests(fixtures, api);
  });
}

function marketTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);
  const { tradingPair } = fixtures;

  test("all trading pairs come with their symbols, spot and closed markets do not", {}, async (scene) => {
    const markets = scene.connector.markets();
    const expected = [tradingPair, fixtures.otherTradingPair].map((pair) => {
      const [base = "", quote = ""] = pair.split("-");
      return [pair, fixtures.exchangeSymbolForTokens(base, quote)];
    });
    assert.deepEqual(
      markets.map((market) => [market.tradingPair, market.symbol]),
      expected,
    );
  });

  test("an invalid pair among all symbols is left out", {
    script: (server) => server.route(fixtures.allSymbolsIncludingInvalidPairMockResponse),
  }, async (scene) => {
    assert.deepEqual(
      scene.connector.markets().map((market) => market.tradingPair),
      [tradingPair],
    );
  });

  test("the last traded price", {}, async (scene) => {
    scene.server.route(fixtures.latestPricesRequestMockResponse);
    const price = await scene.run(scene.connector.getLastTradedPrice(tradingPair));
    assert.equal(price.toFixed(), fixtures.expectedLatestPrice);
  });

  test("check network success, failure and cancellation", {}, async (scene) => {
    const { networkStatusRequestSuccessfulMockResponse: ping } = fixtures;
    scene.server.route(ping);
    await scene.run(scene.connector.checkNetwork());
    assert.equal(scene.connector.checkNetworkRequestPath, ping.path);
    scene.server.route({ ...ping, status: 503, body: {} });
    const error = await rejection(scene, scene.connector.checkNetwork());
    assert.ok(error instanceof VenueUnavailableError);
    scene.server.on(ping.method, ping.path, "silence");
    const check = scene.connector.checkNetwork();
    check.catch(() => undefined);
    await scene.world.advance(10);
    await scene.run(scene.connector.stop());
    assert.ok(isAbort(await rejection(scene, check)));
  });

  test("the trading rule of a market", {}, async (scene) => {
    const rule: Readonly<Record<string, unknown>> = { ...scene.connector.tradingRule(tradingPair) };
    const told = Object.keys(fixtures.expectedTradingRule).map((key) => {
      const value = rule[key];
      return [key, typeof value === "object" && value !== null ? String(value) : value];
    });
    assert.deepEqual(Object.fromEntries(told), fixtures.expectedTradingRule);
    assert.equal(scene.connector.tradingRulesRequestPath, fixtures.tradingRulesRequestMockResponse.path);
    assert.equal(scene.connector.tradingPairsRequestPath, fixtures.allSymbolsRequestMockResponse.path);
  });

  test("an erroneous trading rule is skipped with one log line, however often it is read", {
    options: { tradingPairs: [fixtures.otherTradingPair] },
    timings: { tradingRulesPollIntervalMs: 1_000 },
    script: (server) => server.route(fixtures.tradingRulesRequestErroneousMockResponse),
  }, async (scene) => {
    await scene.world.advance(5_000);
    const { expectedLoggedErrorForErroneousTradingRule: expected } = fixtures;
    assert.equal(scene.logger.at("error").filter(({ message }) => message === expected).length, 1);
    assert.deepEqual(
      scene.connector.markets().map((market) => market.tradingPair),
      [fixtures.otherTradingPair],
    );
  });

  test("what the connector is", {}, async (scene) => {
    const { connector } = scene;
    assert.equal(connector.name, fixtures.connectorName);
    assert.equal(connector.domain, scene.venue.domain);
    assert.deepEqual(connector.tradingPairs, [tradingPair]);
    assert.deepEqual(connector.supportedOrderTypes, fixtures.expectedSupportedOrderTypes);
    assert.deepEqual(connector.supportedPositionModes, fixtures.expectedSupportedPositionModes);
    assert.equal(connector.isCancelRequestInExchangeSynchronous, fixtures.isCancelRequestExecutedSynchronouslyByServer);
    assert.equal(connector.manifest.fillsComeWithStatus, fixtures.isOrderFillHttpUpdateIncludedInStatusUpdate);
    assert.equal(connector.isTradingRequired, true);
    assert.ok(connector.fundingFeePollIntervalMs > 0);
    assert.ok(connector.authenticator !== undefined);
    const session = createVenueSession(connector.name, connector.domain, connector.markets());
    const rateLimits = [...scene.venue.rateLimits, ...scene.venue.marketRateLimits(session)];
    assert.ok(rateLimits.length > 0);
    assert.deepEqual(connector.rateLimitsRules, rateLimits);
    const { order } = await scene.openOrder();
    assert.ok(order.clientOrderId.startsWith(connector.clientOrderIdPrefix));
    const { clientOrderIdMaxLength = Number.POSITIVE_INFINITY } = connector;
    assert.ok(order.clientOrderId.length <= clientOrderIdMaxLength);
  });

  test("trading is refused to a connector that was opened to look", {
    options: { isTradingRequired: false },
  }, async (scene) => {
    assert.equal(scene.connector.isTradingRequired, false);
    assert.throws(() => scene.order(), ConfigError);
    assert.ok(scene.connector.balances().length > 0);
  });

  test("the symbol map and the trading rules come from one pass over the same rows", {}, async (scene) => {
    const { body } = fixtures.allSymbolsIncludingInvalidPairMockResponse;
    const request = { method: "GET", path: "/", isAuthRequired: false, limitId: "" } as const;
    const response = { status: 200, headers: {}, text: JSON.stringify(body) };
    const info = scene.venue.webUtils.unwrapResponse(response, request);
    const { derivative } = scene.venue;
    const symbols = derivative.initializeTradingPairSymbolsFromExchangeInfo(info);
    const [base = "", quote = ""] = tradingPair.split("-");
    assert.deepEqual([...symbols], [[fixtures.exchangeSymbolForTokens(base, quote), tradingPair]]);
    assert.deepEqual(
      derivative.formatTradingRules(info).map((rule) => rule.tradingPair),
      [tradingPair],
    );
  });

  test("both factories of assistants send requests", { ready: false }, async (scene) => {
    scene.server.route(fixtures.networkStatusRequestSuccessfulMockResponse);
    const { factory } = createComponents(scene);
    await scene.run(scene.venue.derivative.checkNetwork({ api: factory.getRestAssistant() }));
    const runtime = scene.world.runtime("connector");
    const plain = scene.venue.webUtils.buildApiFactoryWithoutTimeSynchronizerPreProcessor({
      runtime,
      throttler: factory.throttler,
      logger: scene.logger,
    });
    await scene.run(scene.venue.derivative.checkNetwork({ api: plain.getRestAssistant() }));
    assert.equal(scene.server.requests.length, 2);
  });
}

function orderTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);

  test("create order successfully", {}, async (scene) => {
    const { order, fixture } = await scene.openOrder();
    const [request] = scene.server.requestsOf(fixtures.orderCreationRequestSuccessfulMockResponse(fixture));
    assert.ok(request !== undefined);
    fixtures.validateOrderCreationRequest(fixture, request);
    fixtures.validateAuthCredentialsPresent(request);
    assert.equal(order.exchangeOrderId, fixtures.expectedExchangeOrderId);
    assert.equal(scene.named("orderCreated")[0]?.exchangeOrderId, fixtures.expectedExchangeOrderId);
  });

  test("create order fails and raises failure event", {}, async (scene) => {
    const order = scene.order();
    scene.server.route(...fixtures.orderCreationRequestRefusedMockResponse(scene.fixture(order)));
    const accepted = await scene.run(order.accepted);
    assert.ok(!accepted.ok && accepted.error instanceof OrderRejectedError);
    assert.equal((await scene.run(order.done)).state, "failed");
    assert.equal(scene.named("orderFailed").length, 1);
  });

  test("create order fails when trading rule error, and nothing is sent", {}, async (scene) => {
    const { minOrderSize } = scene.connector.tradingRule(fixtures.tradingPair);
    const before = scene.server.requests.length;
    assert.throws(() => scene.order({ amount: minOrderSize.div(2).toFixed() }), OrderRejectedError);
    assert.throws(() => scene.order({ amount: "1000000" }), OrderRejectedError);
    await scene.world.advance(100);
    assert.equal(scene.server.requests.length, before);
    assert.equal(scene.connector.inFlightOrders.size, 0);
  });

  test("cancel order successfully", {}, async (scene) => {
    const { order, fixture } = await scene.openOrder();
    const answers = fixtures.configureSuccessfulCancelationResponse(fixture);
    scene.server.route(...answers);
    const canceling = scene.connector.cancel(order.clientOrderId);
    await scene.until("the request", () => scene.server.requestsOf(answers).length === 1);
    const [request] = scene.server.requestsOf(answers);
    assert.ok(request !== undefined);
    fixtures.validateOrderCancelationRequest(fixture, request);
    fixtures.validateAuthCredentialsPresent(request);
    if (!fixtures.isCancelRequestExecutedSynchronouslyByServer) {
      await scene.world.advance(100);
      assert.equal(order.state, "pendingCancel", "the answer is no end");
    }
    scene.server.sendPrivate(fixtures.orderEventForCanceledOrderWebsocketUpdate(fixture));
    assert.deepEqual(await scene.run(canceling), { clientOrderId: order.clientOrderId, success: true });
    assert.equal(order.reason, "user");
    assert.equal(scene.named("orderCanceled").length, 1);
  });

  test("cancel order raises failure event when request fails", {}, async (scene) => {
    const { order, fixture } = await scene.openOrder();
    scene.server.route(
      ...fixtures.configureErroneousCancelationResponse(fixture),
      ...fixtures.configureOpenOrderStatusResponse(fixture),
    );
    const result = await scene.run(scene.connector.cancel(order.clientOrderId, 1_000));
    assert.equal(result.success, false);
    assert.equal(order.state, "open");
    assertLogged(scene, /a cancel was not accepted/);
  });

  test("cancel two orders with cancel all and one fails", {}, async (scene) => {
    const [exchangeOrderId, otherExchangeOrderId] = fixtures.expectedExchangeOrderIds;
    const one = await scene.openOrder({ exchangeOrderId });
    const other = await scene.openOrder({ exchangeOrderId: otherExchangeOrderId });
    const answers = fixtures.configureOneSuccessfulOneErroneousCancelAllResponse(one.fixture, other.fixture);
    scene.server.route(...answers);
    scene.server.route(...fixtures.configureOpenOrderStatusResponse(other.fixture));
    const all = scene.connector.cancelAll(2_000);
    const count = scene.connector.manifest.capabilities.batchCancel ? 1 : 2;
    await scene.until("the requests", () => scene.server.requestsOf(answers).length === count);
    scene.server.sendPrivate(fixtures.orderEventForCanceledOrderWebsocketUpdate(one.fixture));
    const results = await scene.run(all);
    assert.deepEqual(
      results.map(({ clientOrderId, success }) => [clientOrderId, success]),
      [
        [one.order.clientOrderId, true],
        [other.order.clientOrderId, false],
      ],
    );
    assert.ok(results[1]?.error instanceof PerpwireError);
  });
}

function accountTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);

  test("update balances", {}, async (scene) => {
    scene.server.route(fixtures.balanceRequestMockResponseForBaseAndQuote);
    await scene.run(scene.connector.refresh());
    const { connector } = scene;
    const [base = "", quote = ""] = fixtures.tradingPair.split("-");
    assert.deepEqual(
      [base, quote].map((asset) => connector.balance(asset).toFixed()),
      ["15", "2000"],
    );
    assert.equal(connector.availableBalance(base).toFixed(), "10");
    scene.server.route(fixtures.balanceRequestMockResponseOnlyBase);
    await scene.run(connector.refresh());
    assert.equal(connector.balance(base).toFixed(), "15");
    assert.equal(connector.balance(quote).toFixed(), "0", "what the venue no longer lists is gone");
    assert.equal(connector.availableBalance(quote).toFixed(), "0");
    const { balanceEventWebsocketUpdate: event } = fixtures;
    if (event === undefined) {
      assert.equal(connector.manifest.userStream.carriesBalances, false);
      return;
    }
    const before = scene.named("balance").length;
    scene.server.sendPrivate(event);
    await scene.until("a balance", () => scene.named("balance").length > before);
  });

  test("the collateral tokens drive budget and fee", {}, async (scene) => {
    const { connector } = scene;
    const { tradingPair } = fixtures;
    const { buyOrderCollateralToken, sellOrderCollateralToken } = connector.tradingRule(tradingPair);
    assert.equal(connector.getBuyCollateralToken(tradingPair), buyOrderCollateralToken);
    assert.equal(connector.getSellCollateralToken(tradingPair), sellOrderCollateralToken);
    const fee = connector.getFee(tradingPair, { side: "buy", positionAction: "open", isMaker: true });
    assert.equal(fee.percentToken, buyOrderCollateralToken);
    assert.throws(() => scene.order({ amount: "500" }), {
      name: "InsufficientMarginError",
      message: new RegExp(`${buyOrderCollateralToken}, \\d+ is available`),
    });
  });

  test("set leverage success", {}, async (scene) => {
    scene.server.route(...fixtures.configureSuccessfulSetLeverage("5"));
    await scene.run(scene.connector.setLeverage(fixtures.tradingPair, "5"));
    assert.equal(scene.connector.getLeverage(fixtures.tradingPair).toFixed(), "5");
    assert.equal(scene.named("leverageChanged").at(-1)?.leverage.toFixed(), "5");
  });

  test("set leverage failure", {}, async (scene) => {
    const before = scene.connector.getLeverage(fixtures.tradingPair).toFixed();
    scene.server.route(...fixtures.configureFailedSetLeverage("21"));
    const error = await rejection(scene, scene.connector.setLeverage(fixtures.tradingPair, "21"));
    assert.ok(error instanceof PerpwireError);
    assert.equal(scene.connector.getLeverage(fixtures.tradingPair).toFixed(), before);
  });

  test("funding payments come once each", {}, async (scene) => {
    const { fundingPaymentMockResponse, emptyFundingPaymentMockResponse, expectedFundingPayment } = fixtures;
    scene.server.route(emptyFundingPaymentMockResponse);
    assert.equal(await scene.run(scene.connector.fetchLastFeePayment(fixtures.tradingPair)), undefined);
    scene.server.route(fundingPaymentMockResponse);
    const last = await scene.run(scene.connector.fetchLastFeePayment(fixtures.tradingPair));
    assert.equal(last?.amount.toFixed(), expectedFundingPayment.amount);
    await scene.world.advance(3 * scene.connector.fundingFeePollIntervalMs);
    const payments = scene.named("fundingPayment");
    assert.deepEqual(
      payments.map((payment) => payment.paymentId),
      [expectedFundingPayment.paymentId],
    );
    assert.equal(scene.connector.fundingPayments(fixtures.tradingPair).length, 1);
    assert.ok(scene.server.requestsTo("GET", fixtures.fundingPaymentUrl).length >= 3);
  });
}
