import { describe, expect, it } from "vitest";
import { connect, createConnector } from "../../src/connect.ts";
import { AuthError, ConfigError, JournalError, NotFoundError, VenueUnavailableError } from "../../src/model/error.ts";
import { openScene } from "../../src/testing/kit/scene.ts";
import { assertNoSecrets } from "../../src/testing/kit/secrets.ts";
import { ftxFixtures as fixtures } from "../venues/ftx/fixtures.ts";

const [UPDATE] = fixtures.orderBookDiffEvents;
const failed = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("connecting", () => {
  const options = (scene: Awaited<ReturnType<typeof openScene>>) => ({
    tradingPairs: ["BTC-USD"],
    credentials: fixtures.credentials,
    restUrl: scene.server.restUrl,
    webSocketUrl: scene.server.webSocketUrl,
    runtime: scene.world.runtime("front door"),
    logger: scene.logger,
  });

  it("resolves when everything is ready, and says what is", async () => {
    await using scene = await openScene(fixtures, { ready: false });
    const connector = await scene.run(connect("ftx_perpetual", options(scene)));
    expect(connector.ready).toBe(true);
    expect(new Set(Object.values(connector.status()))).toEqual(new Set([true]));
    expect(Object.keys(connector.status())).toEqual([
      "symbolsMappingInitialized",
      "orderBooksInitialized",
      "tradingRuleInitialized",
      "publicChannels",
      "fundingInfo",
      "timeSynchronized",
      "accountBalance",
      "userStreamInitialized",
      "ordersCaughtUp",
      "journal",
    ]);
    await scene.run(connector.stop());
    expect(connector.ready).toBe(false);
  });

  it("with a key that the venue does not accept is an AuthError at once", async () => {
    await using scene = await openScene(fixtures, { ready: false });
    const refusal = { status: 401, body: { success: false, error: "Not logged in: Invalid API key" } };
    for (const path of ["/account", "/wallet/balances"]) scene.server.on("GET", path, refusal);
    const startedMs = scene.world.now();
    const error = await scene.run(failed(connect("ftx_perpetual", options(scene))));
    expect(error).toBeInstanceOf(AuthError);
    expect(scene.world.now() - startedMs).toBeLessThan(1_000);
    assertNoSecrets(
      `${String(error)} ${JSON.stringify(error)}`,
      scene.server,
      fixtures.credentials,
      fixtures.venueModule.manifest.credentials,
    );
    await scene.world.advance(60_000);
    expect(scene.server.openConnections(false)).toEqual([]);
  });

  it("with a key that the socket does not accept is an AuthError when the time is up", async () => {
    await using scene = await openScene(fixtures, { ready: false });
    const { socket } = scene.server;
    scene.server.socket = {
      ...socket,
      answersTo: (frame) =>
        (frame as { op?: string }).op === "login"
          ? [{ type: "error", code: 400, msg: "Invalid login credentials" }]
          : socket.answersTo(frame),
    };
    const error = await scene.run(failed(connect("ftx_perpetual", { ...options(scene), readyTimeoutMs: 5_000 })));
    expect(error).toBeInstanceOf(AuthError);
  });

  it("that does not become ready says what is missing", async () => {
    await using scene = await openScene(fixtures, { ready: false });
    scene.server.on("GET", "/futures/BTC-PERP", "silence");
    scene.server.socket = { ...scene.server.socket, answersTo: () => [] };
    const error = await scene.run(failed(connect("ftx_perpetual", { ...options(scene), readyTimeoutMs: 3_000 })));
    expect(error).toBeInstanceOf(VenueUnavailableError);
    expect(String(error)).toMatch(/not ready: .*orderBooksInitialized.*fundingInfo.*userStreamInitialized/);
    await scene.world.advance(1_000);
    expect(scene.server.openConnections(false)).toEqual([]);
  });

  it("names what is wrong with a connector, a pair or a domain", async () => {
    await using scene = await openScene(fixtures, { ready: false });
    const given = options(scene);
    const messageOf = async (name: string, changes: object) =>
      String(await scene.run(failed(connect(name, { ...given, ...changes }))));
    expect(await messageOf("ftx_perpetul", {})).toMatch(/ConfigError.*ftx_perpetul/);
    expect(await messageOf("ftx_perpetual", { tradingPairs: ["BTCUSD"] })).toMatch(/"BTCUSD" is not a trading pair/);
    expect(await messageOf("ftx_perpetual", { domain: "moon" })).toMatch(/has no domain "moon"/);
    expect(await messageOf("ftx_perpetual", { restUrl: undefined })).toMatch(/no REST URL: FTX closed/);
    const unknown = await scene.run(failed(connect("ftx_perpetual", { ...given, tradingPairs: ["BTC-EUR"] })));
    expect(unknown).toBeInstanceOf(NotFoundError);
    expect((unknown as NotFoundError).hint).toMatch(/BTC-USD/);
  });

  it("to a venue that cannot be reached rejects with what happened, and nothing runs on", async () => {
    await using scene = await openScene(fixtures, { ready: false });
    scene.world.network.faults.onHttpRequest = () => ({ kind: "refuse" });
    const error = await scene.run(failed(connect("ftx_perpetual", options(scene))));
    expect(error).toMatchObject({ name: "TransportError", bytesMayHaveLeft: false });
  });

  it("to a venue that cannot be reached says that it tries again, and gives up when the time is up", async () => {
    await using scene = await openScene(fixtures, { ready: false });
    scene.world.network.faults.onHttpRequest = () => ({ kind: "refuse" });
    const startedMs = scene.world.now();
    const opening = failed(connect("ftx_perpetual", { ...options(scene), readyTimeoutMs: 4_000 }));
    expect(await scene.run(opening)).toMatchObject({ name: "TransportError", bytesMayHaveLeft: false });
    expect(scene.world.now() - startedMs).toBeLessThanOrEqual(4_000);
    expect(scene.logger.at("warn").map(({ message }) => message)).toEqual(["the start failed, trying again"]);
  });

  it("without credentials serves public data only", async () => {
    await using scene = await openScene(fixtures, { withoutCredentials: true });
    expect(scene.connector.ready).toBe(true);
    expect(scene.connector.orderBook("BTC-USD").bestBid?.price.toFixed()).toBe("5000.5");
    expect(() => scene.connector.positions()).toThrow(AuthError);
    expect(scene.server.requests.every(({ headers }) => headers["ftx-key"] === undefined)).toBe(true);
  });

  it("becomes ready on an account that holds nothing yet", async () => {
    const nothing = { body: { success: true, result: [] } };
    await using scene = await openScene(fixtures, {
      script: (server) => server.on("GET", "/wallet/balances", nothing),
    });
    expect(scene.connector.ready).toBe(true);
    expect(scene.connector.balances().filter(({ total }) => !total.isZero())).toEqual([]);
    expect(() => scene.order()).toThrow(/0 is available/);
    expect(() => scene.connector.buy("XYZ-USD", { amount: "1", price: "1", position: "open" })).toThrow(NotFoundError);
  });

  it("does nothing before start, and starts once", async () => {
    await using scene = await openScene(fixtures, { ready: false });
    const connector = await createConnector("ftx_perpetual", options(scene));
    expect(connector.ready).toBe(false);
    expect(() => connector.balances()).toThrow(ConfigError);
    await scene.run(connector.start());
    expect(await failed(connector.start())).toBeInstanceOf(ConfigError);
    await scene.run(connector.stop());
    expect(await failed(connector.start())).toBeInstanceOf(ConfigError);
  });
});

describe("stopping", () => {
  it("leaves no timer and no connection behind", async () => {
    await using scene = await openScene(fixtures);
    await scene.openOrder();
    await scene.world.advance(5_000);
    await scene.run(scene.connector.stop());
    // The simulated sockets themselves keep watch over their closing handshake for 30 s.
    await scene.world.advance(31_000);
    const { length } = scene.server.requests;
    const before = scene.world.trace();
    await scene.world.advance(600_000);
    // Nothing at all has happened since: no event ran in the whole world.
    expect(scene.world.trace()).toBe(before);
    expect(scene.server.requests).toHaveLength(length);
    expect(scene.server.connections.filter(({ connection }) => connection.isOpen)).toEqual([]);
    expect(scene.server.requestsTo("DELETE", /./)).toEqual([]);
  });

  it("while it starts, ends the start", async () => {
    await using scene = await openScene(fixtures, {
      ready: false,
      script: (server) => server.on("GET", "/markets", "silence"),
    });
    const starting = failed(scene.connector.start());
    await scene.world.advance(100);
    await scene.run(scene.connector.stop());
    expect(await scene.run(starting)).toMatchObject({ code: "STOPPED", outcome: "definite" });
  });

  it("resolves the promises of orders that it leaves to themselves", async () => {
    await using scene = await openScene(fixtures);
    const { order } = await scene.openOrder();
    await scene.run(scene.connector.stop());
    expect(await scene.run(order.done)).toMatchObject({ ok: false, error: { code: "STOPPED" } });
  });

  it("waits for the answers to orders that are being created", async () => {
    await using scene = await openScene(fixtures);
    const order = scene.order();
    scene.server.route(...scene.fill(fixtures.orderCreationRequestSuccessfulMockResponse, scene.fixture(order)));
    await scene.world.advance(1);
    await scene.run(scene.connector.stop());
    expect(await scene.run(order.accepted)).toMatchObject({ ok: true });
  });

  it("calls back orders that have not left, for certain", async () => {
    await using scene = await openScene(fixtures);
    const orders = Array.from({ length: 10 }, () => scene.order({ amount: "0.01" }));
    await scene.run(scene.connector.stop());
    const sent = scene.server.requestsTo("POST", "/orders").length;
    expect(sent).toBeLessThan(10);
    expect(orders.filter(({ state, reason }) => state === "canceled" && reason === "user")).toHaveLength(10 - sent);
  });

  it("cancels the open orders first when it is asked to", async () => {
    await using scene = await openScene(fixtures, { options: { cancelOnStop: true } });
    const { order, fixture } = await scene.openOrder();
    scene.server.route(
      ...scene.fill(fixtures.configureSuccessfulCancelationResponse, fixture),
      ...scene.fill(fixtures.configureCanceledOrderStatusResponse, fixture),
    );
    await scene.run(scene.connector.stop());
    expect(order.state).toBe("canceled");
  });
});

describe("a gap in the private stream", () => {
  it("takes readiness away until everything was asked for again, and finds what was missed", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    scene.server.route(
      ...scene.fill(fixtures.configureCompletelyFilledOrderStatusResponse, fixture),
      ...scene.fill(fixtures.configureFullFillTradeResponse, fixture),
    );
    const gate = Promise.withResolvers<void>();
    scene.server.on("GET", "/orders", async () => {
      await gate.promise;
      return { body: { success: true, result: [] } };
    });
    scene.world.network.resetConnections("connector");
    await scene.until("not ready", () => !scene.connector.ready);
    await scene.world.advance(5_000);
    expect(scene.connector.status()).toMatchObject({ userStreamInitialized: true, ordersCaughtUp: false });
    expect(order.isDone).toBe(false);
    gate.resolve();
    await scene.until("ready", () => scene.connector.ready);
    expect(order.state).toBe("filled");
    expect(scene.named("orderFilled")).toHaveLength(1);
    await scene.world.advance(100);
    const names = scene.events.map(({ name }) => name);
    expect(names.lastIndexOf("orderCompleted")).toBeLessThan(names.lastIndexOf("ready"));
    expect(scene.named("notReady").length).toBeGreaterThan(0);
  });

  it("is what a private message of an unknown kind causes, once a minute", async () => {
    await using scene = await openScene(fixtures);
    const asked = () => scene.server.requestsTo("GET", "/orders").length;
    const before = asked();
    for (let count = 0; count < 5; count += 1)
      scene.server.sendPrivate({ type: "update", channel: "wallet", data: {} });
    await scene.world.advance(1_000);
    expect(scene.named("gap")).toHaveLength(1);
    expect(asked()).toBe(before + 1);
  });
});

describe("status polling", () => {
  it("is seldom while the stream is healthy and often while it is not", async () => {
    await using scene = await openScene(fixtures, {
      timings: { shortPollIntervalMs: 5_000, longPollIntervalMs: 120_000 },
    });
    const asked = () => scene.server.requestsTo("GET", "/orders").length;
    await scene.world.advance(1_000);
    const healthy = asked();
    await scene.world.advance(110_000);
    expect(asked() - healthy).toBe(0);
    await scene.world.advance(20_000);
    expect(asked() - healthy).toBe(1);
    scene.world.network.faults.onConnect = () => "refuse";
    scene.world.network.resetConnections("connector");
    await scene.world.advance(10_000);
    const unhealthy = asked();
    await scene.world.advance(60_000);
    expect(asked() - unhealthy).toBe(12);
  });

  it("does not spin on a remainder that is smaller than the clock can tell", async () => {
    const timings = { shortPollIntervalMs: 1e-9, longPollIntervalMs: 10.000_000_1 };
    await using scene = await openScene(fixtures, { timings });
    await scene.world.advance(300);
    expect(scene.connector.ready).toBe(true);
    expect(scene.server.requestsTo("GET", "/orders").length).toBeGreaterThan(3);
  });

  it("speeds up when the socket is silent although it is open", async () => {
    await using scene = await openScene(fixtures);
    scene.server.socket = { ...scene.server.socket, answersTo: () => [] };
    await scene.world.advance(60_000);
    expect(scene.connector.status().userStreamInitialized).toBe(false);
    expect(scene.server.requestsTo("GET", "/orders").length).toBeGreaterThan(5);
  });

  it("goes on with the rest when the status of one order cannot be read", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    scene.server.route(...scene.fill(fixtures.configureHttpErrorOrderStatusResponse, fixture));
    const fills = () => scene.server.requestsTo("GET", "/fills").length;
    const before = fills();
    await scene.run(scene.connector.refresh());
    expect(fills()).toBeGreaterThan(before);
    expect(order.state).toBe("open");
    scene.server.route(...scene.fill(fixtures.configureCanceledOrderStatusResponse, fixture));
    await scene.until("looked up until it could be", () => order.state === "canceled");
  });
});

describe("the journal", () => {
  it("that cannot be written stops new orders, with nothing sent, and lets them go on when it can again", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    scene.world.journals.failWrites();
    expect(() => scene.order()).toThrow(JournalError);
    expect(scene.connector.status().journal).toBe(false);
    expect(scene.server.requestsTo("POST", "/orders")).toHaveLength(1);
    scene.server.sendPrivate(
      scene.fill(fixtures.orderEventForFullFillWebsocketUpdate, fixture),
      scene.fill(fixtures.tradeEventForFullFillWebsocketUpdate, fixture),
    );
    await scene.until("what was sent goes on", () => order.state === "filled");
    await scene.world.advance(10_000);
    expect(() => scene.order()).toThrow(JournalError);
    scene.world.journals.repair();
    const next = scene.order();
    scene.server.route(
      ...scene.fill(fixtures.orderCreationRequestSuccessfulMockResponse, scene.fixture(next, "181542119099")),
    );
    expect(await scene.run(next.accepted)).toMatchObject({ ok: true });
    await scene.until("ready", () => scene.connector.ready);
  });

  it("is locked by one connector, and says that this process holds it", async () => {
    await using scene = await openScene(fixtures);
    const first = scene.connector;
    scene.restart();
    expect(await scene.run(failed(scene.connector.start()))).toMatchObject({
      code: "JOURNAL_LOCKED",
      message: "the journal journal.db is in use by this process already",
      hint: "stop the connector that holds it, or give each a journal of its own",
    });
    await scene.run(first.stop());
  });
});

describe("trading pairs", () => {
  it("can be added and removed while the connector runs", async () => {
    await using scene = await openScene(fixtures);
    const { connector } = scene;
    expect(() => connector.addTradingPair("XYZ-USD")).toThrow(NotFoundError);
    connector.addTradingPair("ETH-USD");
    expect(connector.tradingPairs).toEqual(["BTC-USD", "ETH-USD"]);
    expect(connector.ready).toBe(false);
    await scene.until("ready", () => connector.ready);
    expect(connector.orderBook("ETH-USD").isValid).toBe(true);
    expect(connector.fundingInfo("ETH-USD").rate.toFixed()).toBe("0.00001");
    expect(scene.server.openConnections(false)).toHaveLength(1);
    connector.removeTradingPair("ETH-USD");
    await scene.world.advance(100);
    expect(() => connector.orderBook("ETH-USD")).toThrow(NotFoundError);
    expect(connector.ready).toBe(true);
    const frames = scene.server.openConnections(false)[0]?.received ?? [];
    expect(frames.slice(-2)).toEqual([
      { op: "unsubscribe", channel: "orderbook", market: "ETH-PERP" },
      { op: "unsubscribe", channel: "trades", market: "ETH-PERP" },
    ]);
  });

  it("stay while an order of ours is open on them", async () => {
    await using scene = await openScene(fixtures);
    await scene.openOrder();
    expect(() => scene.connector.removeTradingPair("BTC-USD")).toThrow(/1 open order/);
  });
});

describe("a book that breaks", () => {
  it("is invalid, unreadable, and alone subscribed anew", async () => {
    await using scene = await openScene(fixtures, { options: { tradingPairs: ["BTC-USD", "ETH-USD"] } });
    const { connector } = scene;
    const connection = scene.server.openConnections(false)[0];
    const framesBefore = connection?.received.length ?? 0;
    scene.server.sendPublic({ ...UPDATE, data: { ...UPDATE.data, checksum: 1 } });
    await scene.until("invalid", () => !connector.orderBook("BTC-USD").isValid);
    expect(() => connector.orderBook("BTC-USD").bestBid).toThrow(/BTC-USD/);
    expect(connector.ready).toBe(false);
    expect(connector.orderBook("ETH-USD").isValid).toBe(true);
    await scene.until("healed", () => connector.ready);
    expect(connection?.received.slice(framesBefore)).toEqual([
      { op: "unsubscribe", channel: "orderbook", market: "BTC-PERP" },
      { op: "subscribe", channel: "orderbook", market: "BTC-PERP" },
    ]);
    expect(scene.named("bookInvalid")).toHaveLength(1);
    expect(scene.named("bookHealed")).toHaveLength(1);
    expect(scene.server.openConnections(false)).toHaveLength(1);
  });
});
