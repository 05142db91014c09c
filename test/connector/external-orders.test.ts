import { expect, test } from "vitest";
import { ExternalOrders } from "../../src/connector/external-orders.ts";
import { decimal } from "../../src/model/decimal.ts";
import type { ConnectorEvents } from "../../src/model/event.ts";
import type { VenueOrder } from "../../src/model/order.ts";
import { TypedEmitter } from "../../src/model/typed-emitter.ts";

const order = (id: number, changes: Partial<VenueOrder> = {}): VenueOrder => ({
  clientOrderId: undefined,
  exchangeOrderId: String(id),
  tradingPair: `M${id % 3}-USD`,
  side: "buy",
  type: "limit",
  price: decimal("1"),
  amount: decimal("1"),
  executedAmount: decimal("0"),
  reduceOnly: false,
  state: "open",
  timestampMs: 1,
  ...changes,
});

function scene() {
  let nowMs = 0;
  const events = new TypedEmitter<ConnectorEvents>(() => undefined);
  const told: string[] = [];
  events.on("externalOrder", ({ order: { exchangeOrderId, state } }) => void told.push(`${exchangeOrderId} ${state}`));
  events.on(
    "externalOrderGone",
    ({ order: { exchangeOrderId }, reason }) => void told.push(`${exchangeOrderId} ${reason}`),
  );
  const orders = new ExternalOrders({ events, clock: { now: () => nowMs, monotonic: () => nowMs } });
  const poll = (list: readonly VenueOrder[], markets: readonly string[] = []): void => {
    nowMs += 1;
    const askedMs = nowMs;
    nowMs += 1;
    for (const row of list) orders.report(row, askedMs);
    orders.listed(list, markets, askedMs);
  };
  return { orders, told, poll, pass: (ms = 1) => (nowMs += ms) };
}

test("orders of others are told once, however many are open", () => {
  const { orders, told, poll } = scene();
  const list = Array.from({ length: 12_000 }, (_, id) => order(id));
  poll(list);
  poll(list);
  expect(told).toHaveLength(12_000);
  expect(orders.open).toHaveLength(12_000);
});

test("an order that rests is not forgotten for those that end", () => {
  const { orders, told, pass } = scene();
  orders.report(order(1));
  for (let id = 2; id < 20_002; id += 1) {
    pass();
    orders.report(order(id, { state: "canceled" }));
  }
  expect(orders.open.map(({ exchangeOrderId }) => exchangeOrderId)).toEqual(["1"]);
  orders.report(order(1));
  expect(told).toHaveLength(20_001);
});

test("a whole list ends what it leaves out of its markets, but not what was heard of since it was asked for", () => {
  const { orders, poll, pass } = scene();
  poll([order(1), order(2), order(3)]);
  pass();
  poll([], ["M1-USD"]);
  expect(orders.open.map(({ exchangeOrderId }) => exchangeOrderId)).toEqual(["2", "3"]);
  pass();
  orders.report(order(3, { executedAmount: decimal("0.5") }));
  orders.listed([], [], 5);
  expect(orders.open.map(({ exchangeOrderId }) => exchangeOrderId)).toEqual(["3"]);
});

test("a list that may come from a copy that is behind does not end what a stream has just told; a later one does", () => {
  const { orders, poll, pass } = scene();
  orders.report(order(1));
  pass();
  poll([]);
  expect(orders.open.map(({ exchangeOrderId }) => exchangeOrderId)).toEqual(["1"]);
  pass(5_000);
  poll([]);
  expect(orders.open).toEqual([]);
});

test("an order that is shown no more is told with the reason, each once", () => {
  const { orders, told, poll, pass } = scene();
  poll([order(1), order(2), order(3), order(4)]);
  told.length = 0;
  orders.claim(order(1));
  orders.claim(order(1));
  orders.removeTradingPair(order(2).tradingPair);
  pass();
  poll([order(4)]);
  orders.report(order(4, { state: "canceled" }));
  poll([]);
  expect(told).toEqual(["1 ours", "2 notFollowed", "3 notListed", "4 canceled"]);
  expect(orders.open).toEqual([]);
});
