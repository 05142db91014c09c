import { expect, test } from "vitest";
import { TopicSubscriptions } from "../../../src/paper/protocols/topic-subscriptions.ts";

function subscriptions() {
  const done: string[] = [];
  const topics = new TopicSubscriptions<{ key: string; market: string | null }>({
    sink: { revive: (channel, market) => done.push(`revive ${channel} ${market}`) },
    placeOf: ({ key, market }) => [key, market],
    begin: ({ key }) => done.push(`begin ${key}`),
    end: ({ key }) => done.push(`end ${key}`),
  });
  return { done, topics };
}

test("a channel that was dead lives again before its topic begins", () => {
  const { done, topics } = subscriptions();
  topics.add({ key: "trades", market: "BTC" });
  expect(done).toEqual(["revive trades BTC", "begin trades"]);
});

test("a topic ends once, and one that nobody asked for never", () => {
  const { done, topics } = subscriptions();
  topics.add({ key: "trades", market: "BTC" });
  topics.drop("orders");
  topics.drop("trades");
  topics.drop("trades");
  expect(done.slice(2)).toEqual(["end trades"]);
  expect(topics.size).toBe(0);
});

test("all topics end with their connection", () => {
  const { done, topics } = subscriptions();
  topics.add({ key: "trades", market: "BTC" });
  topics.add({ key: "orders", market: null });
  topics.clear();
  expect(done.slice(-2)).toEqual(["end trades", "end orders"]);
});
