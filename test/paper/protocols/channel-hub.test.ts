import { beforeEach, describe, expect, it } from "vitest";
import { ChannelHub, type NamedTopic } from "../../../src/paper/protocols/channel-hub.ts";
import { SimulatedWorld } from "../../../src/runtime/simulated.ts";

describe("a channel of the exchange in the box", () => {
  let world: SimulatedWorld;
  let told: string[];
  let hub: ChannelHub<NamedTopic, string, { count: number }>;
  const trades = { key: "trades BTC" };

  beforeEach(() => {
    world = new SimulatedWorld({ seed: 1 });
    told = [];
    hub = new ChannelHub(world.runtime().timers, {
      open: ({ key }) => {
        told.push(`open ${key}`);
        return { count: 0 };
      },
      begin: ({ listeners }, listener) => told.push(`begin ${listener}, others ${[...listeners]}`),
      close: ({ topic }) => told.push(`close ${topic.key}`),
    });
  });

  it("is opened for its first listener, begins for each by itself, and is closed behind the last", () => {
    hub.subscribe("ann", trades);
    hub.subscribe("bob", trades);
    hub.unsubscribe("ann", trades.key);
    expect(hub.isEmpty).toBe(false);
    hub.unsubscribe("bob", trades.key);
    expect(hub.isEmpty).toBe(true);
    expect(told).toEqual(["open trades BTC", "begin ann, others ", "begin bob, others ann", "close trades BTC"]);
  });

  it("has another state when somebody listens to it again", () => {
    hub.subscribe("ann", trades);
    const first = hub.get(trades.key);
    hub.unsubscribe("ann", trades.key);
    hub.subscribe("ann", trades);
    expect(hub.get(trades.key)).not.toBe(first);
  });

  it("lets a stranger go without a word", () => {
    hub.unsubscribe("ann", trades.key);
    hub.subscribe("bob", trades);
    hub.unsubscribe("ann", trades.key);
    expect(hub.get(trades.key)?.listeners).toEqual(new Set(["bob"]));
  });

  it("tells many changes at once, after the delay of the first", async () => {
    hub.subscribe("ann", trades);
    const { timers } = hub.get(trades.key)!;
    for (const name of ["first", "second", "third"]) timers.soon(100, () => told.push(name));
    await world.advance(99);
    expect(told).not.toContain("first");
    await world.advance(1);
    timers.soon(100, () => told.push("later"));
    await world.advance(100);
    expect(told.slice(2)).toEqual(["first", "later"]);
  });

  it("repeats itself only after a time in which nothing else was sent", async () => {
    hub.subscribe("ann", trades);
    const { timers } = hub.get(trades.key)!;
    timers.again(1_000, () => told.push("again"));
    await world.advance(900);
    timers.again(1_000, () => told.push("again"));
    await world.advance(900);
    expect(told).not.toContain("again");
    await world.advance(100);
    expect(told.at(-1)).toBe("again");
  });

  it("waits for nothing any more once its last listener is gone, even where it would begin to", async () => {
    hub.subscribe("ann", trades);
    const { timers } = hub.get(trades.key)!;
    timers.soon(10, () => told.push("soon"));
    timers.again(10, () => told.push("again"));
    hub.unsubscribe("ann", trades.key);
    // The frame that broke the last listener's connection is followed by the next wait.
    timers.soon(10, () => told.push("soon"));
    timers.again(10, () => told.push("again"));
    await world.advance(1_000);
    expect(told.at(-1)).toBe("close trades BTC");
  });

  it("ends with the venue", async () => {
    hub.subscribe("ann", trades);
    hub.get(trades.key)!.timers.soon(10, () => told.push("soon"));
    hub.stop();
    await world.advance(1_000);
    expect(told.at(-1)).toBe("close trades BTC");
    expect(hub.isEmpty).toBe(true);
  });
});
