import { describe, expect, it } from "vitest";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import type { OrderBook } from "../../src/market-data/order-book.ts";
import { decimal } from "../../src/model/decimal.ts";
import { adjustmentDifferences } from "../../src/simulation/adjustments.ts";
import { AmendWatch } from "../../src/simulation/amend-watch.ts";
import { AnswerWatch } from "../../src/simulation/answer-watch.ts";
import type { AskedOrder } from "../../src/simulation/asked-order.ts";
import { BookWatch } from "../../src/simulation/book-watch.ts";
import type { BoxConnector } from "../../src/simulation/box-protocols.ts";
import { checkDeeds } from "../../src/simulation/deeds.ts";
import { Findings } from "../../src/simulation/findings.ts";
import { checkHeals, quietHeals } from "../../src/simulation/heal-watch.ts";
import { ToldLedger, World } from "../../src/simulation/index.ts";
import { watchKinds } from "../../src/simulation/kind-watch.ts";
import { OrderWatch } from "../../src/simulation/order-watch.ts";
import { ReadyWatch } from "../../src/simulation/ready-watch.ts";
import { watchOpenOrders } from "../../src/simulation/risk-watch.ts";
import { TermWatch } from "../../src/simulation/term-watch.ts";
import { ToldWatch } from "../../src/simulation/told-watch.ts";

const open = async (name: BoxConnector = "bybit_perpetual") => {
  const world = await World.open({ connector: name, seed: 1 });
  const findings = new Findings(() => world.elapsedMs());
  return { world, findings, rules: () => findings.all.map(({ rule }) => rule) };
};
/** With an order that rests at 15000, and the watches of its amends. */
const openWithOrder = async (name?: BoxConnector) => {
  const scene = await open(name);
  const { world, findings } = scene;
  const terms = new TermWatch(world, findings);
  const connector = await world.connect();
  const amends = new AmendWatch(connector, () => world.elapsedMs());
  const order = connector.buy(`BTC-${world.protocol.quote}`, { amount: "0.02", price: "15000", position: "open" });
  await world.advance(2_000);
  return { ...scene, terms, connector, amends, order };
};
const request = (target: string) => ({ method: "GET", target, headers: {}, body: "", remoteAddress: "bot" });
const TOO_MANY = { status: 200, body: '{"retCode":10006,"retMsg":"Too many visits!"}' };

/** A connector that says of itself what is not so. */
const telling = (connector: PerpetualConnector, told: Readonly<Record<string, unknown>>): PerpetualConnector =>
  new Proxy(connector, {
    get: (target, name) => {
      const value: unknown = name in told ? told[name as string] : Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });

const frozen = (book: OrderBook) => {
  const [bids, asks] = [book.bids(20), book.asks(20)];
  const { bidHorizon, askHorizon, updateId } = book;
  return { isValid: true, bids: () => bids, asks: () => asks, bidHorizon, askHorizon, updateId };
};

describe("a world finds out", () => {
  it("that more was sent than the venue takes, unless something had changed when requests arrive", async () => {
    const { world, findings, rules } = await open();
    await using _ = world;
    const watch = new AnswerWatch({ world, findings });
    watch.episode("slowNetwork", 1_000);
    watch.note(request("/v5/order/realtime"), TOO_MANY);
    expect(rules()).toEqual([]);
    watch.episode("lostFrames", 1_000);
    await world.advance(20_000);
    watch.note(request("/v5/order/realtime"), TOO_MANY);
    expect(rules()).toEqual(["no more is sent than the venue takes"]);
  });

  it("that more was sent than the venue takes, unless the website has just used up the account's part", async () => {
    const { world, findings, rules } = await open();
    await using _ = world;
    const watch = new AnswerWatch({ world, findings });
    const refused = { status: 429, body: '{"success":false,"error":"Do not send more than 2 orders per 200ms"}' };
    const byHand = { ...request("/api/conditional_orders"), method: "POST", remoteAddress: "website" };
    watch.note(byHand, refused);
    watch.note(request("/api/orders"), refused);
    expect(rules()).toEqual([]);
    await world.advance(1_001);
    watch.note(request("/api/orders"), refused);
    expect(rules()).toEqual(["no more is sent than the venue takes"]);
  });

  it("that a request which fails is sent again and again in the quiet", async () => {
    const { world, findings, rules } = await open();
    await using _ = world;
    const watch = new AnswerWatch({ world, findings });
    const fail = (timestamp: number) =>
      watch.note(request(`/v5/order/realtime?orderId=7&timestamp=${timestamp}`), { status: 500, body: "" });
    for (let time = 0; time < 30; time += 1) fail(time);
    expect(rules()).toEqual([]);
    watch.quiet();
    for (let time = 0; time < 30; time += 1) fail(time);
    expect(rules()).toEqual(["nothing is sent for ever in the quiet"]);
  });

  it("that the venue takes an order of another kind than was asked for", async () => {
    const { world, findings } = await open();
    await using _ = world;
    const asked = new Map<string, AskedOrder>();
    watchKinds(world, [{ asked }], findings);
    const connector = await world.connect();
    const [tradingPair = ""] = world.tradingPairs;
    const send = async (kind: Partial<AskedOrder>) => {
      const order = connector.buy(tradingPair, {
        amount: "0.01",
        price: "18000",
        position: "open",
        type: "limitMaker",
      });
      asked.set(order.clientOrderId, { side: "buy", position: "open", type: "limitMaker", ...kind });
      // Bybit's matching engine comes after its answer.
      await world.run(order.accepted);
      await world.advance(100);
      return order.clientOrderId;
    };
    await send({});
    expect(findings.all).toEqual([]);
    const ids = [await send({ side: "sell", type: "limit" }), await send({ position: "close" })];
    expect(findings.all.map(({ text }) => text)).toEqual([
      `${ids[0]}: sell limit GTC, not buy post-only GTC`,
      `${ids[1]}: buy post-only GTC reduce-only, not buy post-only GTC`,
    ]);
  });

  it("that something is tried for ever in the quiet, whatever it asks for, however it fails", async () => {
    const { world, findings, rules } = await open();
    await using _ = world;
    const watch = new AnswerWatch({ world, findings });
    const failures = [
      (time: number) => watch.note(request(`/api/orders/${time}`), { status: 404, body: "" }),
      (time: number) => watch.lost("bot", "GET", `http://venue/v5/order/realtime?orderId=${time}`),
      () => watch.refused("bot", "orders"),
    ];
    watch.quiet();
    // Those of one moment are one time.
    for (const fail of failures) for (let time = 0; time < 15; time += 1) fail(time);
    for (let time = 1; time <= 8; time += 1) {
      await world.advance(10_000);
      for (const fail of failures) fail(time);
    }
    expect(rules()).toEqual([]);
    await world.advance(10_000);
    for (const fail of failures) fail(9);
    expect(rules()).toEqual(Array(3).fill("nothing is sent for ever in the quiet"));
  });

  it("that a connector is ready without one of the answers that a gap needs", async () => {
    const { world, findings, rules } = await open();
    await using _ = world;
    const paths = ["/v5/order/realtime", "/v5/execution/list", "/v5/position/list", "/v5/account/wallet-balance"];
    const counts = new Map(paths.map((path) => [path, 1]));
    const watch = new ReadyWatch({ world, findings, answered: () => counts });
    const connector = await world.connect();
    watch.listen("bot", connector);
    let answered = paths;
    connector.on("gap", () => {
      for (const path of answered) counts.set(path, (counts.get(path) ?? 0) + 1);
    });
    const gapAndReady = async (answeredThen: readonly string[]) => {
      answered = [...answeredThen];
      world.machines.network.resetConnections("bot");
      await world.advance(10_000);
    };
    await gapAndReady(paths);
    expect(rules()).toEqual([]);
    await gapAndReady(paths.slice(1));
    expect(findings.all.map(({ text }) => text)).toEqual([
      "bot is ready and has not asked for /v5/order/realtime since the last gap",
    ]);
  });

  it("that the book of a market which trades again is invalid for ever while the connector is ready", async () => {
    const { world, findings, rules } = await open();
    await using _ = world;
    const connector = await world.connect();
    const watch = new ReadyWatch({ world, findings, answered: () => new Map() });
    const ready = telling(connector, {
      ready: true,
      orderBook: () => ({ isValid: false }),
      tradingPairs: ["BTC-USDT"],
    });
    world.venue.halt("BTC-USD");
    await world.advance(200_000);
    watch.check("bot", ready);
    world.venue.resume("BTC-USD");
    await world.advance(100_000);
    watch.check("bot", ready);
    expect(rules()).toEqual([]);
    await world.advance(31_000);
    watch.check("bot", ready);
    expect(rules()).toEqual(["ready means that books are valid"]);
  });

  it("that requests pile up", async () => {
    const { world, findings, rules } = await open();
    await using _ = world;
    const connector = await world.connect();
    const watch = new ReadyWatch({ world, findings, answered: () => new Map() });
    const metrics = () => ({ rateLimits: [{ limitId: "ip", waiting: 101 }] });
    watch.check("bot", telling(connector, { metrics }));
    expect(rules()).toEqual(["queues are bounded"]);
  });

  it("that a position, a leverage or a mode is another than its events have told", async () => {
    const { world, findings, rules } = await open("okx_perpetual");
    await using _ = world;
    const connector = await world.createConnector();
    const told = new ToldWatch(connector);
    await world.run(connector.start());
    await world.run(connector.waitUntilReady({ timeoutMs: 10_000 }));
    const [pair = ""] = world.tradingPairs;
    await world.run(connector.setPositionMode("hedge"));
    const order = connector.buy(pair, { amount: "0.02", type: "market", position: "open" });
    await world.run(order.done);
    await world.run(connector.setLeverage(pair, 7));
    await world.advance(5_000);
    told.check("bot", findings);
    expect([connector.positions().length, rules()]).toEqual([1, []]);
    const [position] = connector.positions();
    const others: Readonly<Record<string, unknown>>[] = [
      { positions: () => [] },
      { positions: () => [{ ...position, amount: decimal("1") }] },
      { leverage: () => decimal("3") },
      { positionModeOf: () => "oneWay" },
    ];
    for (const other of others) {
      const found = new Findings(() => world.elapsedMs());
      told.check("bot", found, telling(connector, other));
      expect(new Set(found.all.map(({ rule }) => rule))).toEqual(new Set(["events tell what look-ups say"]));
    }
  });

  it("that a valid book is older than its silence allows", async () => {
    const { world, findings, rules } = await open();
    await using _ = world;
    const connector = await world.connect();
    const watch = new BookWatch(world, findings);
    await world.advance(1_000);
    const books = new Map(connector.tradingPairs.map((pair) => [pair, frozen(connector.orderBook(pair))]));
    const stuck = telling(connector, { orderBook: (pair: string) => books.get(pair) });
    world.venue.setPrice("BTC-USD", 2_100_000_000_000n);
    await world.advance(69_000);
    watch.check("bot", stuck);
    expect(rules()).toEqual([]);
    await world.advance(2_000);
    watch.check("bot", stuck);
    expect(new Set(rules())).toEqual(new Set(["a valid book is not old"]));
  });

  it("that a connector calls itself ready with an invalid book, or with a gap that it has asked nothing about", async () => {
    const { world, findings, rules } = await open();
    await using _ = world;
    const connector = await world.connect();
    const watch = new ReadyWatch({ world, findings, answered: () => new Map() });
    watch.check("bot", connector);
    watch.listen("bot", connector);
    expect(rules()).toEqual([]);
    world.machines.network.resetConnections("bot");
    await world.advance(5);
    watch.check("bot", telling(connector, { ready: true }));
    expect(rules()).toContain("ready means that books are valid");
    await world.advance(10_000);
    expect(connector.ready).toBe(true);
    expect(rules()).toContain("ready means caught up");
  });

  it("that an amend was taken and not done, and nobody was told", async () => {
    const { world, rules, terms, amends, order } = await openWithOrder();
    await using _ = world;
    amends.asked(order, decimal("15000"), Promise.resolve());
    await world.advance(1);
    terms.checkAmends("bot", amends);
    expect(rules()).toEqual([]);
    amends.asked(order, decimal("15100"), Promise.resolve());
    await world.advance(1);
    terms.checkAmends("bot", amends);
    expect(rules()).toEqual(["an amend that was not done is told"]);
  });

  it("that an amend back to an earlier price was taken and not done", async () => {
    const { world, rules, terms, connector, amends, order } = await openWithOrder();
    await using _ = world;
    amends.asked(order, decimal("15100"), connector.amend(order.clientOrderId, { price: "15100" }));
    await world.advance(2_000);
    terms.checkAmends("bot", amends);
    expect(rules()).toEqual([]);
    amends.asked(order, decimal("15000"), Promise.resolve());
    await world.advance(1);
    terms.checkAmends("bot", amends);
    expect(rules()).toEqual(["an amend that was not done is told"]);
  });

  it("that terms are shown which the order that an amend made did not have, or that were refused", async () => {
    const { world, rules, terms, connector, amends, order } = await openWithOrder("hyperliquid_perpetual");
    await using _ = world;
    amends.asked(order, decimal("15100"), connector.amend(order.clientOrderId, { price: "15100", amount: "0.03" }));
    await world.advance(2_000);
    expect(order.price?.toFixed()).toBe("15100");
    terms.check("bot", connector);
    terms.checkAmends("bot", amends);
    expect(rules()).toEqual([]);
    const { clientOrderId, state, price, executedAmount, venueExecutedAmount } = order;
    const shown = { state, price, executedAmount, venueExecutedAmount, amount: decimal("0.02") };
    terms.check("bot", telling(connector, { inFlightOrders: new Map([[clientOrderId, shown]]) }));
    expect(rules()).toEqual(["terms are the venue's"]);
  });

  it("that bots which could trade have placed nothing", async () => {
    const { world, findings, rules } = await open();
    await using _ = world;
    checkDeeds({ tradingMs: 30_000, readyActs: 40, hasOrders: true }, findings);
    checkDeeds({ tradingMs: 30_000, readyActs: 5, hasOrders: false }, findings);
    checkDeeds({ tradingMs: 10_000, readyActs: 40, hasOrders: false }, findings);
    expect(rules()).toEqual([]);
    checkDeeds({ tradingMs: 30_000, readyActs: 40, hasOrders: false }, findings);
    expect(rules()).toEqual(["bots trade"]);
  });

  it("that an order of others is not shown for long", async () => {
    const { world, findings, rules } = await open();
    await using _ = world;
    const connector = await world.connect();
    const bot = { host: "bot", placed: new Set<string>() };
    const watch = new OrderWatch(world, findings);
    const blind = telling(connector, { externalOrders: () => [] });
    connector.buy(`BTC-${world.protocol.quote}`, { amount: "0.02", price: "15000", position: "open" });
    await world.advance(2_000);
    for (const ms of [0, 39_000, 2_000]) {
      expect(rules()).toEqual([]);
      await world.advance(ms);
      watch.check(bot, blind);
    }
    expect(rules()).toEqual(["what rests of others is shown"]);
  });

  it("that an order which has ended is shown as open for long", async () => {
    const { world, findings, rules } = await open();
    await using _ = world;
    const connector = await world.connect();
    const order = connector.buy(`BTC-${world.protocol.quote}`, { amount: "0.02", price: "15000", position: "open" });
    const bot = { host: "bot", placed: new Set([order.clientOrderId]) };
    const watch = new OrderWatch(world, findings);
    await world.advance(2_000);
    const late = telling(connector, { inFlightOrders: new Map([[order.clientOrderId, { state: "open" }]]) });
    watch.check(bot, late);
    connector.cancel(order.clientOrderId);
    for (const ms of [2_000, 59_000, 2_000]) {
      expect(rules()).toEqual([]);
      await world.advance(ms);
      watch.check(bot, late);
    }
    expect(rules()).toEqual(["what is shown as open rests"]);
  });

  it("that more orders rest than the risk limits allow", async () => {
    const { world, findings, rules } = await open();
    await using _ = world;
    const connector = await world.connect();
    const placed = new Set<string>();
    for (let count = 1; count <= 13; count += 1) {
      watchOpenOrders(world, { host: "bot", placed }, findings);
      expect(rules()).toEqual([]);
      placed.add(
        connector.buy(`BTC-${world.protocol.quote}`, { amount: "0.02", price: "15000", position: "open" })
          .clientOrderId,
      );
      await world.advance(1_000);
    }
    watchOpenOrders(world, { host: "bot", placed }, findings);
    expect(rules()).toEqual(["risk limits hold"]);
  });

  it("that an adjustment was told twice by one process", async () => {
    const { world } = await open();
    await using _ = world;
    const connector = await world.connect();
    const ledger = new ToldLedger(connector, world.token);
    connector.buy(`BTC-${world.protocol.quote}`, { amount: "0.02", type: "market", position: "open" });
    await world.advance(3_000);
    world.venue.execute({ type: "liquidate", accountId: world.venue.accountId, market: "BTC-USD" });
    await world.advance(5_000);
    expect(ledger.adjustments.length).toBeGreaterThan(0);
    expect(adjustmentDifferences(world, [ledger])).toEqual([]);
    ledger.adjustments.push(...ledger.adjustments);
    expect(adjustmentDifferences(world, [ledger]).join()).toContain("twice");
  });

  it("that a book took long to heal after the last fault", async () => {
    const { world, findings, rules } = await open();
    await using _ = world;
    const heals = [
      { atMs: 9_000, healMs: 80_000 },
      { atMs: 15_000, healMs: 80_000 },
      { atMs: 90_000, healMs: 60_000 },
    ];
    expect(quietHeals(heals, 10_000)).toEqual([5_000, 60_000]);
    checkHeals(world, quietHeals(heals, 10_000), findings);
    expect(rules()).toEqual(["books heal in time"]);
  });
});
