import { ConfigError, isAbort, VenueUnavailableError } from "../../../model/error.ts";
import { splitTradingPair } from "../../../model/market.ts";
import { createVenueMarkets } from "../../../model/venue-markets.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { COMPONENTS, type Kit, OPEN_ORDER, rejection } from "../register.ts";
import { wirePathOf } from "../shared-paths.ts";
import { fill } from "../template.ts";
import { accountTests } from "./account.ts";
import { orderRequestTests } from "./order-requests.ts";
import { orderTests } from "./orders.ts";

export function exchangeTests(kit: Kit): void {
  kit.describe("exchange", () => {
    marketTests(kit);
    ruleTests(kit);
    connectorTests(kit);
    orderTests(kit);
    orderRequestTests(kit);
    accountTests(kit);
  });
}

function marketTests({ test, fixtures }: Kit): void {
  const { tradingPair, otherTradingPair, exchangeSymbolForTokens } = fixtures;

  test("all trading pairs come with their symbols, spot and closed markets do not", {
    needs: ["allSymbolsRequestMockResponse"],
  }, async (scene) => {
    const expected = [tradingPair, otherTradingPair].map((pair) => {
      const [base, quote] = splitTradingPair(pair);
      return [pair, fill(exchangeSymbolForTokens, { base, quote }), base, quote];
    });
    assert.deepEqual(
      scene.connector
        .markets()
        .map((market) => [market.tradingPair, market.symbol, market.baseAsset, market.quoteAsset]),
      expected,
      "the markets of allSymbolsRequestMockResponse",
    );
  });

  test("an invalid pair among all symbols is left out", {
    needs: ["allSymbolsIncludingInvalidPairMockResponse"],
    scene: (f) => ({ script: (server) => server.route(f.allSymbolsIncludingInvalidPairMockResponse) }),
  }, async (scene) => {
    const pairs = scene.connector.markets().map((market) => market.tradingPair);
    assert.deepEqual(pairs, [tradingPair], "the trading pairs");
  });

  test(
    "the symbol map and the trading rules come from one pass over the same rows",
    { needs: ["allSymbolsIncludingInvalidPairMockResponse"] },
    async (scene, f) => {
      const { body } = scene.fill(f.allSymbolsIncludingInvalidPairMockResponse);
      const request = { method: "GET", path: "/", isAuthRequired: false, limitId: "" } as const;
      const response = { status: 200, headers: {}, text: JSON.stringify(body) };
      const info = scene.venue.webUtils.unwrapResponse(response, request);
      const { markets } = scene.venue.derivative.parseExchangeInfo(info);
      const listed = markets.map(({ symbol, tradingPair: pair, rule }) => [symbol, pair, rule.tradingPair]);
      assert.deepEqual(listed, [[scene.symbolOf(tradingPair), tradingPair, tradingPair]], "the markets");
    },
  );

  test(
    "the last traded price",
    { needs: ["latestPricesRequestMockResponse", "expectedLatestPrice"] },
    async (scene, f) => {
      scene.route(f.latestPricesRequestMockResponse);
      const price = await scene.run(scene.connector.fetchLastTradedPrice(tradingPair));
      assert.equal(price.toFixed(), f.expectedLatestPrice, "the price");
    },
  );

  test(
    "check network success, failure and cancellation",
    { needs: ["networkStatusRequestSuccessfulMockResponse"] },
    async (scene, f) => {
      const { networkStatusRequestSuccessfulMockResponse: ping } = f;
      scene.route(ping);
      const asked = scene.server.requestsTo(ping.method, ping.path).length;
      await scene.run(scene.connector.checkNetwork());
      assert.equal(scene.server.requestsTo(ping.method, ping.path).length, asked + 1, "the number of requests");
      assert.equal(
        scene.venue.paths.checkNetworkRequestPath,
        wirePathOf(ping.path, fixtures.sharedPaths),
        "the check network request path of the paths of the venue",
      );
      scene.route({ ...ping, status: 503, body: {} });
      const error = await rejection(scene, scene.connector.checkNetwork());
      assert.ok(error instanceof VenueUnavailableError, `${String(error)} is no VenueUnavailableError`);
      scene.server.on(ping.method, ping.path, "silence");
      const check = scene.connector.checkNetwork();
      check.catch(() => undefined);
      await scene.world.advance(10);
      await scene.run(scene.connector.stop());
      assert.ok(isAbort(await rejection(scene, check)), "the check of the network did not end with AbortError");
    },
  );
}

function ruleTests({ test, fixtures }: Kit): void {
  const { tradingPair, otherTradingPair } = fixtures;

  test(
    "the trading rule of a market",
    { needs: ["tradingRulesRequestMockResponse", "allSymbolsRequestMockResponse", "expectedTradingRule"] },
    async (scene, f) => {
      const { fundingIntervalMs } = scene.connector.market(tradingPair);
      const rule = Object.entries({ ...scene.connector.tradingRule(tradingPair), fundingIntervalMs });
      const told = rule.flatMap(([key, value]): readonly (readonly [string, unknown])[] =>
        value === undefined ? [] : [[key, typeof value === "object" ? String(value) : value]],
      );
      assert.deepEqual(Object.fromEntries(told), f.expectedTradingRule, "the trading rule");
      const [rules, pairs] = [f.tradingRulesRequestMockResponse, f.allSymbolsRequestMockResponse].map(({ path }) =>
        wirePathOf(path, fixtures.sharedPaths),
      );
      assert.equal(
        scene.venue.paths.tradingRulesRequestPath,
        rules,
        "the trading rules request path of the paths of the venue",
      );
      assert.equal(
        scene.venue.paths.tradingPairsRequestPath,
        pairs,
        "the trading pairs request path of the paths of the venue",
      );
    },
  );

  test(
    "an erroneous trading rule is skipped with one log line, however often it is read",
    {
      needs: ["tradingRulesRequestErroneousMockResponse", "expectedLoggedErrorForErroneousTradingRule"],
      scene: (f) => ({
        options: { tradingPairs: [otherTradingPair] },
        timings: { tradingRulesPollIntervalMs: 1_000 },
        script: (server) => server.route(f.tradingRulesRequestErroneousMockResponse),
      }),
    },
    async (scene, f) => {
      const { method, path } = scene.fill(f.tradingRulesRequestErroneousMockResponse);
      const before = scene.server.requestsTo(method, path).length;
      await scene.world.advance(5_000);
      const reads = scene.server.requestsTo(method, path).length - before;
      assert.ok(reads >= 3, `the rules were read ${reads} times in 5 s, expected once a second`);
      const expected = scene.fill(f.expectedLoggedErrorForErroneousTradingRule);
      assert.equal(
        scene.logger.at("error").filter(({ message }) => message === expected).length,
        1,
        "faults in the log",
      );
      const pairs = scene.connector.markets().map((market) => market.tradingPair);
      assert.deepEqual(pairs, [otherTradingPair], "the trading pairs");
    },
  );
}

function connectorTests({ test, fixtures }: Kit): void {
  const { tradingPair, connectorName } = fixtures;

  test(
    "what the connector is",
    {
      needs: [
        ...OPEN_ORDER,
        "expectedSupportedOrderTypes",
        "expectedSupportedPositionModes",
        "isCancelRequestExecutedSynchronouslyByServer",
        "isOrderFillHttpUpdateIncludedInStatusUpdate",
      ],
    },
    async (scene, f) => {
      const { connector } = scene;
      assert.equal(connector.name, connectorName, "the name");
      assert.equal(connector.domain, scene.venue.domain, "the domain");
      assert.deepEqual(connector.tradingPairs, [tradingPair], "the trading pairs");
      assert.deepEqual(connector.manifest.orderTypes, f.expectedSupportedOrderTypes, "the order types of the manifest");
      assert.deepEqual(
        connector.manifest.positionModes,
        f.expectedSupportedPositionModes,
        "the position modes of the manifest",
      );
      assert.equal(
        connector.manifest.cancelsAreSynchronous,
        f.isCancelRequestExecutedSynchronouslyByServer,
        "cancelsAreSynchronous of the manifest",
      );
      assert.equal(connector.isTradingRequired, true, "whether trading is required");
      assert.ok(
        connector.manifest.fundingFeePollIntervalMs > 0,
        "fundingFeePollIntervalMs of the manifest is not above zero",
      );
      assert.equal(connector.hasCredentials, true, "whether there are credentials");
      const markets = createVenueMarkets(connector.name, connector.domain, connector.markets());
      const rateLimits = [...scene.venue.rateLimits, ...scene.venue.marketRateLimits(markets)];
      assert.ok(rateLimits.length > 0, "the venue has no rate limit");
      const { order } = await scene.openOrder();
      const rule = connector.manifest.clientOrderId;
      if (rule.kind !== "text") return;
      assert.ok(
        order.clientOrderId.startsWith(rule.prefix),
        `the client order id ${order.clientOrderId} does not begin with ${rule.prefix}`,
      );
      assert.ok(
        order.clientOrderId.length <= (rule.maxLength ?? Number.POSITIVE_INFINITY),
        `the client order id ${order.clientOrderId} is longer than ${rule.maxLength} characters`,
      );
    },
  );

  test("initial status dict: nothing is ready before the start, everything after it", {
    needs: [],
    scene: { ready: false },
  }, async (scene) => {
    const { journal: _journal, ...before } = scene.connector.status();
    assert.deepEqual(
      Object.entries(before).filter(([, isReady]) => isReady),
      [],
      "the facts",
    );
    assert.equal(scene.connector.ready, false, "whether the connector is ready");
    await scene.start();
    assert.deepEqual(
      new Set(Object.values(scene.connector.status())),
      new Set([true]),
      "the states of the connector's parts",
    );
    assert.equal(scene.connector.ready, true, "whether the connector is ready");
  });

  test(
    "a start without the venue's markets fails with the venue's error",
    { needs: ["allSymbolsRequestMockResponse"], scene: { ready: false } },
    async (scene, f) => {
      const { method, path } = f.allSymbolsRequestMockResponse;
      scene.server.on(method, scene.fill(path), { status: 503, text: "<html>" });
      const error = await rejection(scene, scene.connector.start());
      assert.ok(error instanceof VenueUnavailableError, String(error));
      assert.equal(scene.connector.ready, false, "whether the connector is ready");
    },
  );

  test("trading is refused to a connector that was opened to look", {
    needs: [],
    scene: { options: { isTradingRequired: false } },
  }, async (scene) => {
    assert.equal(scene.connector.isTradingRequired, false, "whether trading is required");
    assert.throws(() => scene.order(), ConfigError, "an order of a connector that was opened to look");
    assert.ok(scene.connector.balances().length > 0, "a connector that was opened to look knows no balances");
  });

  test(
    "both factories of assistants send requests",
    { needs: [...COMPONENTS, "networkStatusRequestSuccessfulMockResponse"], scene: { ready: false } },
    async (scene, f) => {
      const { networkStatusRequestSuccessfulMockResponse: ping } = f;
      scene.route(ping);
      const { factory } = createComponents(scene);
      await scene.run(scene.venue.derivative.checkNetwork({ api: factory.getRestAssistant() }));
      const runtime = scene.world.runtime("connector");
      const plain = scene.venue.webUtils.buildApiFactoryWithoutTimeSynchronizerPreProcessor({
        runtime,
        throttler: factory.throttler,
        logger: scene.logger,
      });
      await scene.run(scene.venue.derivative.checkNetwork({ api: plain.getRestAssistant() }));
      assert.equal(scene.server.requestsTo(ping.method, ping.path).length, 2, "the number of requests");
    },
  );
}
