import { describe, expect, it } from "vitest";
import type { OrderEntryWay } from "../../src/connector/connector-options.ts";
import { ConfigError, InsufficientMarginError, OrderRejectedError } from "../../src/model/error.ts";
import type { OrderState } from "../../src/model/order.ts";
import { parseAmount } from "../../src/paper/engine/amount.ts";
import type { BoxConnector } from "../../src/simulation/box-protocols.ts";
import type { InFlightOrder } from "../../src/trading/in-flight-order.ts";
import { assertAgreement, settle, truthOf } from "./agreement.ts";
import { type Kind, MARKET, Stage, type StageOptions } from "./stage.ts";

/** What the venues do not do alike. */
export interface VenueHabits {
  /** A post-only order that would take: taken and ended at once, or refused. */
  readonly crossingMaker: "canceled" | "failed";
  /** How the venue calls the rest of an order that is immediate or canceled. */
  readonly immediateRest: "canceled" | "expired";
  /** An order that is immediate or canceled and finds nobody is refused. */
  readonly refusesUnmatched?: true;
  /** A fill-or-kill order that cannot be filled. */
  readonly unfillableFok: "canceled" | "failed" | "not offered";
  readonly hasHedgeMode: boolean;
  readonly hasListenKeys: boolean;
  readonly takesOrdersOverSocket: boolean;
}

type Scenario = (open: (options?: StageOptions) => Promise<Stage>, habits: VenueHabits) => Promise<void>;

function endOf(order: InFlightOrder): readonly [OrderState, string | undefined, string] {
  return [order.state, order.reason, order.executedAmount.toFixed()];
}

const limitOrders: Scenario = async (open, habits) => {
  await using stage = await open();
  const { connector } = stage;
  const order = await stage.resting("buy", "19900");
  expect(order.exchangeOrderId).toBeDefined();
  const result = await stage.run(connector.cancel(order.clientOrderId));
  expect(result).toEqual({ clientOrderId: order.clientOrderId, success: true });
  expect(endOf(order)).toEqual(["canceled", "user", "0"]);

  const maker = stage.order("sell", { type: "limitMaker", price: "20009" });
  await stage.rests(maker);
  const crossing = stage.order("buy", { type: "limitMaker", price: "20009" });
  await stage.run(crossing.done);
  expect(crossing.state).toBe(habits.crossingMaker);
  if (habits.crossingMaker === "canceled") expect(crossing.reason).toBe("postOnly");
  expect(maker.state).toBe("open");

  const placed = (await truthOf(stage)).orders.length;
  const orderOff = (changes: object) => () => stage.order("buy", { price: "19900", ...changes });
  expect(orderOff({ price: "19900.05" })).toThrow(OrderRejectedError);
  expect(orderOff({ amount: "0.020000005" })).toThrow(OrderRejectedError);
  expect(orderOff({ price: "1e9" })).toThrow();
  expect((await truthOf(stage)).orders).toHaveLength(placed);
  await settle(stage);
};

const immediateOrders: Scenario = async (open, habits) => {
  await using stage = await open();
  const market = await stage.taken("buy");
  expect(endOf(market)).toEqual(["filled", undefined, "0.02"]);
  expect(market.averagePrice?.toFixed()).toBe("20010");
  await stage.holds("0.02");

  stage.trade("sell", "0.02", "20005");
  const immediate = stage.order("buy", { amount: "0.05", price: "20005", timeInForce: "IOC" });
  await stage.run(immediate.done);
  expect(endOf(immediate)).toEqual([habits.immediateRest, "iocRemainder", "0.02"]);
  const nothing = stage.order("buy", { price: "20000", timeInForce: "IOC" });
  await stage.run(nothing.done);
  if (habits.refusesUnmatched) expect([nothing.state, nothing.executedAmount.toFixed()]).toEqual(["failed", "0"]);
  else expect(endOf(nothing)).toEqual([habits.immediateRest, "iocRemainder", "0"]);

  const fok = { amount: "0.05", price: "20005", timeInForce: "FOK" } as const;
  if (habits.unfillableFok === "not offered") {
    expect(() => stage.order("buy", fok)).toThrow(OrderRejectedError);
  } else {
    stage.trade("sell", "0.02", "20005");
    const killed = stage.order("buy", fok);
    await stage.run(killed.done);
    expect([killed.state, killed.executedAmount.toFixed()]).toEqual([habits.unfillableFok, "0"]);
    const filled = stage.order("buy", { ...fok, amount: "0.02" });
    await stage.run(filled.done);
    expect(endOf(filled)).toEqual(["filled", undefined, "0.02"]);
  }
  await settle(stage);
};

const partialFills: Scenario = async (open) => {
  await using stage = await open();
  const order = await stage.resting("buy", "20000", "0.03");
  const heard: string[] = [];
  const reading = (async () => {
    for await (const fill of order.fills()) heard.push(`${fill.amount.toFixed()} ${fill.isMaker}`);
  })();
  stage.trade("sell", "0.01");
  await stage.until("a part is filled", () => order.state === "partiallyFilled");
  expect(order.executedAmount.toFixed()).toBe("0.01");
  await stage.holds("0.01");
  await assertAgreement(stage);
  stage.trade("sell", "0.02");
  const result = await stage.run(order.done);
  expect(result).toMatchObject({ ok: true, state: "filled" });
  await stage.run(reading);
  expect(heard).toEqual(["0.01 true", "0.02 true"]);

  const half = await stage.resting("sell", "20000", "0.03");
  stage.trade("buy", "0.01");
  await stage.until("a part is filled", () => half.state === "partiallyFilled");
  await stage.run(stage.connector.cancel(half.clientOrderId));
  expect(endOf(half)).toEqual(["canceled", "user", "0.01"]);
  await settle(stage);
};

const batches: Scenario = async (open) => {
  await using stage = await open();
  const { connector, pair, protocol } = stage;
  const orders = connector.batchOrderCreate([
    ...["19900", "19901", "19902", "19903"].map((price) => {
      return { tradingPair: pair, side: "buy", amount: "0.01", price, position: "open" } as const;
    }),
    { tradingPair: `ETH-${protocol.quote}`, side: "sell", amount: "0.1", price: "1510", position: "open" },
  ]);
  await stage.until("all are open", () => orders.every(({ state }) => state === "open"));
  const [first, second, ...others] = orders.map(({ clientOrderId }) => clientOrderId);
  const canceled = await stage.run(connector.batchOrderCancel([first ?? "", second ?? ""]));
  expect(canceled.map(({ success }) => success)).toEqual([true, true]);
  expect([...connector.inFlightOrders.keys()].toSorted()).toEqual(others.toSorted());
  const all = await stage.run(connector.cancelAll());
  expect(all.map(({ success }) => success)).toEqual([true, true, true]);
  expect(orders.map(({ state }) => state)).toEqual(orders.map(() => "canceled"));
  expect(await stage.run(connector.fetchOpenOrders())).toEqual([]);
  await settle(stage);
};

const amends: Scenario = async (open) => {
  await using stage = await open();
  const { connector } = stage;
  const order = await stage.resting("buy", "20000", "0.04");
  stage.trade("sell", "0.01");
  await stage.until("a part is filled", () => order.executedAmount.eq("0.01"));
  await stage.run(connector.amend(order.clientOrderId, { price: "20001", amount: "0.06" }));
  await stage.until("the amend is there", () => order.price?.eq("20001") === true && order.amount.eq("0.06"));
  expect(order.state).toBe("partiallyFilled");
  await assertAgreement(stage);
  stage.trade("sell", "0.05");
  await stage.run(order.done);
  expect(endOf(order)).toEqual(["filled", undefined, "0.06"]);
  expect(order.averagePrice?.times("0.06").toFixed(4)).toBe("1200.0500");
  await settle(stage);
};

const reducing: Scenario = async (open) => {
  await using stage = await open();
  const nothing = stage.order("sell", { type: "market", position: "close" });
  await stage.run(nothing.done);
  expect(["failed", "canceled", "expired"]).toContain(nothing.state);
  expect(nothing.executedAmount.isZero()).toBe(true);

  await stage.taken("buy", { amount: "0.03" });
  await stage.taken("sell", { amount: "0.01", position: "close" });
  await stage.holds("0.02");
  const resting = stage.order("sell", { price: "20000", amount: "0.02", position: "close" });
  await stage.rests(resting);
  expect(resting.reduceOnly).toBe(true);
  stage.trade("buy", "0.02");
  await stage.run(resting.done);
  await stage.holds("0");
  await assertAgreement(stage);

  await stage.taken("buy", { amount: "0.02" });
  await stage.taken("sell", { amount: "0.02", position: "close" });
  await stage.taken("sell", { amount: "0.03" });
  await stage.holds("-0.03");
  await stage.taken("buy", { amount: "0.05" });
  await stage.holds("0.02");
  await assertAgreement(stage);
  await settle(stage);
};

const hedging: Scenario = async (open, habits) => {
  await using stage = await open();
  const { connector } = stage;
  if (!habits.hasHedgeMode) {
    const failures: string[] = [];
    connector.on("positionModeChangeFailed", ({ positionMode }) => failures.push(positionMode));
    await expect(stage.run(connector.setPositionMode("hedge"))).rejects.toThrow(ConfigError);
    expect(failures).toEqual(["hedge"]);
    expect(connector.positionMode).toBe("oneWay");
    return;
  }
  await stage.run(connector.setPositionMode("hedge"));
  expect(connector.positionMode).toBe("hedge");
  await stage.taken("buy", { amount: "0.03" });
  await stage.taken("sell", { amount: "0.02" });
  await stage.holds("0.03", "long");
  await stage.holds("-0.02", "short");
  expect(connector.positions()).toHaveLength(2);
  await assertAgreement(stage);
  const resting = stage.order("buy", { price: "20000", amount: "0.01", position: "close" });
  await stage.rests(resting);
  stage.trade("sell", "0.01");
  await stage.run(resting.done);
  await stage.taken("sell", { amount: "0.01", position: "close" });
  await stage.holds("0.02", "long");
  await stage.holds("-0.01", "short");
  await assertAgreement(stage);
  await stage.endBot();
  await stage.start();
  expect(stage.connector.positionMode).toBe("hedge");
  await settle(stage);
};

const margin: Scenario = async (open) => {
  await using stage = await open({ connector: { budgetCheck: false } });
  const { connector, pair } = stage;
  await stage.run(connector.setLeverage(pair, 5));
  expect(connector.leverage(pair).toFixed()).toBe("5");
  await stage.taken("buy");
  await stage.run(connector.refresh());
  expect(connector.position(pair)?.leverage.toFixed()).toBe("5");
  const tooMuch = stage.order("buy", { amount: "30", price: "19900" });
  const result = await stage.run(tooMuch.done);
  expect(result).toMatchObject({ ok: false, state: "failed", error: { outcome: "definite" } });
  expect(!result.ok && result.error).toBeInstanceOf(InsufficientMarginError);
  await settle(stage);
};

const budget: Scenario = async (open) => {
  await using stage = await open();
  expect(() => stage.order("buy", { amount: "90", price: "19900" })).toThrow(InsufficientMarginError);
  expect((await truthOf(stage)).orders).toEqual([]);
};

const externalOrders: Scenario = async (open) => {
  await using stage = await open();
  const { connector, venue } = stage;
  const { accountId } = venue;
  const seen: string[] = [];
  connector.on("externalOrder", ({ order }) =>
    seen.push(`${order.side} ${order.price} ${order.amount} ${order.state}`),
  );
  const terms = { orderType: "limit", price: parseAmount("19950"), size: parseAmount("0.02") } as const;
  const kind = { timeInForce: "GTC", postOnly: false, reduceOnly: false, clientId: null } as const;
  venue.execute({ type: "placeOrder", accountId, market: MARKET, side: "buy", ...terms, ...kind });
  await stage.until("it is seen", () => seen.length > 0);
  expect(seen).toEqual(["buy 19950 0.02 open"]);
  expect(connector.inFlightOrders.size).toBe(0);
  const [order] = await stage.run(connector.fetchOpenOrders());
  if (order === undefined) throw new Error("the order is not listed");
  await stage.run(connector.cancelAtVenue(order));
  await stage.until("its end is seen", () => seen.length > 1);
  expect(seen[1]).toMatch(/canceled$/);
  await settle(stage);
};

const funding: Scenario = async (open) => {
  await using stage = await open({ venue: { fundingIntervalMs: 2_500 } });
  const { connector, venue } = stage;
  const told: string[] = [];
  connector.on("fundingPayment", ({ paymentId }) => told.push(paymentId));
  venue.execute({ type: "setIndexPrice", market: MARKET, price: parseAmount("19900") });
  await stage.taken("buy", { amount: "1" });
  const settlementMs = venue.engine.market(MARKET)?.nextFundingMs ?? 0;
  await stage.pass(settlementMs - venue.now() + 1);
  await stage.taken("sell", { amount: "1", position: "close" });
  const { fundingPayments } = await truthOf(stage);
  expect(fundingPayments.length).toBeGreaterThan(0);
  expect(fundingPayments.every(({ amount }) => amount.lt(0))).toBe(true);
  if (stage.protocol.announcesFunding) await stage.until("it is told", () => told.length === fundingPayments.length);
  await stage.run(connector.refresh());
  await stage.run(connector.refresh());
  expect(told.toSorted()).toEqual(fundingPayments.map(({ paymentId }) => paymentId).toSorted());
  await settle(stage);
};

const botRestart: Scenario = async (open) => {
  await using stage = await open();
  const first = await stage.resting("buy", "20001", "0.02");
  const second = await stage.resting("buy", "20000", "0.03");
  stage.trade("sell", "0.01");
  await stage.until("a part is filled", () => first.executedAmount.eq("0.01"));
  await stage.endBot();
  stage.trade("sell", "0.03");
  await stage.start();
  const { connector } = stage;
  const again = (order: InFlightOrder) => connector.order(order.clientOrderId);
  await stage.until("all is caught up with", () => again(first)?.state === "filled");
  expect([...connector.inFlightOrders.keys()]).toEqual([second.clientOrderId]);
  expect(again(second)?.executedAmount.toFixed()).toBe("0.02");
  await assertAgreement(stage);
  await stage.run(connector.cancel(second.clientOrderId));
  expect(again(second)?.state).toBe("canceled");
  const third = await stage.resting("buy", "19900");
  expect([first.clientOrderId, second.clientOrderId]).not.toContain(third.clientOrderId);
  await settle(stage);
};

const venueRestart: Scenario = async (open) => {
  await using stage = await open();
  const { connector, venue } = stage;
  const order = await stage.resting("buy", "20000", "0.03");
  const restart = venue.restart(200);
  stage.trade("sell", "0.01");
  await stage.run(restart);
  await stage.until("what was missed is known", () => order.executedAmount.eq("0.01"));
  await stage.until("ready", () => connector.ready && connector.orderBook(stage.pair).isValid);
  expect(stage.ledgers[0]?.counters.gaps).toBeGreaterThan(0);
  stage.trade("sell", "0.02");
  await stage.run(order.done);
  expect(order.state).toBe("filled");
  await settle(stage);
};

const listenKeyExpiry: Scenario = async (open) => {
  await using stage = await open({ venue: { listenKeyMs: 1_500 } });
  const { connector } = stage;
  const order = await stage.resting("buy", "20000", "0.03");
  // In the moment of the expiry no stream carries the fill.
  connector.once("gap", () => stage.trade("sell", "0.01"));
  await stage.until("what was missed is known", () => order.executedAmount.eq("0.01"));
  await stage.until("ready", () => connector.ready);
  expect(stage.ledgers[0]?.counters.gaps).toBeGreaterThan(0);
  stage.trade("sell", "0.02");
  await stage.run(order.done);
  await settle(stage);
};

const SCENARIOS: readonly (readonly [string, Scenario])[] = [
  ["limit orders rest and are canceled, post-only ones never take, wrong ones are not sent", limitOrders],
  ["market, IOC and FOK orders are filled or end at once", immediateOrders],
  ["an order is filled in parts", partialFills],
  ["orders are created and canceled together", batches],
  ["an order is amended with a part of it filled", amends],
  ["positions are reduced, closed and turned over", reducing],
  ["in hedge mode both legs are held and closed each by itself", hedging],
  ["leverage is set, and too large an order is refused by the venue", margin],
  ["an order that cannot be paid is not sent", budget],
  ["orders of others are told apart", externalOrders],
  ["a funding payment counts once, whoever tells it", funding],
  ["a bot that dies with open orders takes them up again", botRestart],
  ["a venue that restarts is caught up with", venueRestart],
];

/** The whole life of orders on one venue, over real sockets and in simulated time. */
export function describeVenue(connectorName: BoxConnector, habits: VenueHabits): void {
  const ways: (readonly [Kind, OrderEntryWay])[] = [
    ["simulated", "rest"],
    ["real", "rest"],
  ];
  if (habits.takesOrdersOverSocket) ways.push(["simulated", "socket"]);
  describe.each(ways)(`${connectorName} on the paper venue, %s, orders by %s`, (kind, orderEntry) => {
    const scenarios = habits.hasListenKeys
      ? [...SCENARIOS, ["a listen key that expires is a gap, and is caught up with", listenKeyExpiry] as const]
      : SCENARIOS;
    // Over real sockets they mostly wait, each on ports of its own.
    const test = kind === "real" ? it.concurrent : it;
    test.each(scenarios)("%s", async (_name, scenario) => {
      await scenario(
        (options) => Stage.open(connectorName, { kind, ...options, connector: { orderEntry, ...options?.connector } }),
        habits,
      );
    });
  });
}
