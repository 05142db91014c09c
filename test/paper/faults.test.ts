import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/model/error.ts";
import { FaultPolicy } from "../../src/paper/fault-policy.ts";
import { CHAOS } from "../../src/paper/faults.ts";
import { parseFaults, validateFaults } from "../../src/paper/read-faults.ts";
import { SeededRandom } from "../../src/runtime/simulated-random.ts";
import { startVenue } from "./ftx-harness.ts";

describe("faults as text", () => {
  test("are read name by name", () => {
    expect(parseFaults("latency=5..50, dropFrame=0.001,deadChannel=orderbook:BTC-PERP:5000,clockSkew=-1500")).toEqual({
      latencyMs: [5, 50],
      dropFrame: 0.001,
      deadChannel: { channel: "orderbook", market: "BTC-PERP", forMs: 5_000 },
      clockSkewMs: -1_500,
    });
    expect(parseFaults("latency=7,deadChannel=0.01,restartEvery=5000")).toEqual({
      latencyMs: [7, 7],
      deadChannel: 0.01,
      restartEveryMs: 5_000,
    });
    expect(parseFaults("")).toEqual({});
  });

  test("may start from the preset", () => {
    expect(parseFaults("chaos")).toEqual(CHAOS);
    expect(parseFaults("chaos,dropFrame=0")).toEqual({ ...CHAOS, dropFrame: 0 });
  });

  test.each([
    ["dropFrame", /"dropFrame" has no value/],
    ["dropFrames=1", /there is no fault "dropFrames"/],
    ["dropFrame=2", /dropFrame is 2/],
    ["dropFrame=-0.1", /dropFrame is -0.1/],
    ["dropFrame=often", /dropFrame is not a number/],
    ["latency=50..5", /latency is not a range/],
    ["latency=a..b", /latency is not a range/],
    ["deadChannel=:x:y", /deadChannel names no channel/],
    ["restartEvery=5", /^restartEvery is 5$/],
  ])("like %s are refused by name, with what would be right", (text, message) => {
    expect(() => parseFaults(text)).toThrow(message);
    try {
      parseFaults(text);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as ConfigError).hint).toBeTruthy();
    }
  });

  test("are told wrong in the words in which they were written", () => {
    const hintOf = (call: () => unknown) => {
      try {
        call();
      } catch (error) {
        return (error as ConfigError).hint;
      }
      return undefined;
    };
    expect(hintOf(() => parseFaults("latency=50..5"))).toBe("write latency=5..50");
    expect(hintOf(() => validateFaults({ latencyMs: [50, 5] }))).toBe("write latencyMs: [5, 50]");
    expect(hintOf(() => parseFaults("maintenance=5"))).toBe("write maintenance=60000:5000");
    expect(hintOf(() => validateFaults({ maintenance: 5 }))).toBe("write maintenance: { everyMs: 60000, forMs: 5000 }");
    expect(hintOf(() => validateFaults({ deadChannel: { channel: "trades", markt: "BTC-PERP" } }))).toContain(
      "market:",
    );
    expect(hintOf(() => parseFaults("restartEverry=1"))).toBe('did you mean "restartEvery"?');
    expect(hintOf(() => validateFaults({ restartEvery: 1 }))).toBe('did you mean "restartEveryMs"?');
  });

  test("from JSON are checked", () => {
    expect(validateFaults({ latencyMs: [0, 1], deadChannel: { channel: "fills" } })).toEqual({
      latencyMs: [0, 1],
      deadChannel: { channel: "fills" },
    });
    for (const bad of [
      null,
      [],
      5,
      { x: 1 },
      { latencyMs: 5 },
      { deadChannel: null },
      { deadChannel: { market: 1 } },
    ]) {
      expect(() => validateFaults(bad)).toThrow(ConfigError);
    }
  });
});

test("the same seed gives the same faults", () => {
  const draw = (seed: number) => {
    const policy = new FaultPolicy(new SeededRandom(seed, "x"), () => 0, {
      dropFrame: 0.3,
      error5xx: 0.3,
      latencyMs: [1, 9],
    });
    return Array.from({ length: 50 }, () => [
      policy.happens("dropFrame"),
      policy.requestFault("order"),
      policy.latencyMs(),
    ]);
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

const order = { market: "BTC-PERP", side: "buy", price: 19_000, type: "limit", size: 0.01, clientId: "c" };

describe("requests", () => {
  test("may lose the answer to an order that was accepted", async () => {
    const { call, venue, world } = await startVenue({ quiet: true, faults: { resetAfterAccept: 1 } });
    await expect(call("POST", "/orders", { body: order })).rejects.toMatchObject({
      bytesMayHaveLeft: true,
      outcome: "unknown",
    });
    await world.advance(20);
    expect(venue.truth().orders).toMatchObject([{ clientId: "c", status: "open" }]);
    expect((await call("GET", "/orders/by_client_id/c")).status).toBe(200);
    expect((await call("POST", "/orders", { body: order })).error).toBe("Duplicate client order ID");
    await venue.stop();
  });

  test("may fail with a 5xx before and after they took effect", async () => {
    const { send, venue } = await startVenue({ quiet: true, faults: { error5xx: 1 } });
    const statuses = new Set<number>();
    for (let count = 0; count < 40; count += 1) {
      statuses.add((await send("POST", "/orders", { body: { ...order, clientId: `c-${count}` } })).status);
    }
    expect([...statuses].sort()).toEqual([500, 503]);
    const { length } = venue.truth().orders;
    expect(length).toBeGreaterThan(5);
    expect(length).toBeLessThan(35);
    await venue.stop();
  });

  test("may be refused with a 429 and then have no effect", async () => {
    const { call, venue } = await startVenue({ quiet: true, faults: { error429: 1 } });
    const reply = await call("POST", "/orders", { body: order });
    expect(reply).toMatchObject({ status: 429, success: false, error: "Slow down" });
    expect(reply.headers["retry-after"]).toBe("1");
    expect(venue.truth().orders).toEqual([]);
    await venue.stop();
  });

  test("take their time, both ways", async () => {
    const { call, venue, world } = await startVenue({ quiet: true, faults: { latencyMs: [100, 120] } });
    const before = world.now();
    await call("GET", "/markets");
    expect(world.now() - before).toBeGreaterThanOrEqual(200);
    expect(world.now() - before).toBeLessThan(250);
    await venue.stop();
  });

  test("are signed by the venue's clock, which may be off", async () => {
    const { call, venue, world } = await startVenue({ quiet: true, faults: { clockSkewMs: 60_000 } });
    expect(await call("GET", "/account")).toMatchObject({
      status: 401,
      error: "Not logged in: Timestamp too far from current time",
    });
    const { result } = await call("GET", "/time");
    expect(Date.parse(result) - world.now()).toBeGreaterThan(59_000);
    expect((await call("GET", "/account", { timestampMs: world.now() + 60_000 })).status).toBe(200);
    venue.faults.clear();
    const before = venue.now();
    await world.advance(1_000);
    expect(venue.now()).toBe(before);
    await venue.stop();
  });
});

describe("frames", () => {
  const trade = (venue: { trader: { order(order: object): unknown } }) =>
    venue.trader.order({ market: "BTC-USD", side: "buy", size: "0.001" });

  async function subscribed(options: Parameters<typeof startVenue>[0]) {
    const harness = await startVenue({ quiet: true, ...options });
    const socket = await harness.connect();
    for (const channel of ["trades", "orderbook"]) socket.subscribe(channel, "BTC-PERP");
    await harness.world.advance(50);
    return { ...harness, socket };
  }

  test("are lost, on private channels too, while pongs and errors pass", async () => {
    const { venue, world, socket, call } = await subscribed({});
    socket.login(venue.apiKey, venue.apiSecret, world.now());
    socket.subscribe("fills");
    await world.advance(20);
    const before = socket.frames.length;
    venue.faults.set({ dropFrame: 1 });
    trade(venue);
    await call("POST", "/orders", { body: { ...order, type: "market", price: null } });
    socket.send({ op: "ping" });
    socket.send({ op: "nothing" });
    await world.advance(100);
    expect(socket.frames.slice(before).map(({ type }) => type)).toEqual(["pong", "error"]);
    expect(venue.truth().fills.length).toBeGreaterThan(0);
    await venue.stop();
  });

  test("are repeated", async () => {
    const { venue, world, socket } = await subscribed({});
    venue.faults.set({ repeatFrame: 1 });
    trade(venue);
    await world.advance(50);
    const [first, second] = socket.of("trades");
    expect(second).toEqual(first);
    await venue.stop();
  });

  test("of a book break its checksum", async () => {
    const { venue, world, socket } = await subscribed({});
    venue.faults.set({ breakSequence: 1 });
    venue.trader.order({ market: "BTC-USD", side: "buy", size: "1", price: "19999" });
    await world.advance(50);
    const [update] = socket.of("orderbook");
    expect(update.data).toMatchObject({ bids: [], asks: [] });
    expect(update.data.checksum).not.toBe(socket.of("orderbook", "partial")[0].data.checksum);
    await venue.stop();
  });

  test("keep their order under latency", async () => {
    const { venue, world, socket } = await subscribed({ faults: { latencyMs: [0, 80] } });
    await world.advance(500);
    for (let count = 0; count < 30; count += 1) {
      trade(venue);
      await world.advance(3);
    }
    await world.advance(500);
    const ids = socket.of("trades").flatMap(({ data }) => data.map(({ id }: { id: number }) => id));
    expect(ids.length).toBeGreaterThanOrEqual(30);
    expect(ids).toEqual(ids.toSorted((left, right) => left - right));
    await venue.stop();
  });

  test("of a dead channel stop until the client subscribes anew", async () => {
    const { venue, world, socket } = await subscribed({});
    venue.faults.set({ deadChannel: { channel: "trades", market: "BTC-PERP" } });
    trade(venue);
    await world.advance(50);
    expect(socket.of("trades")).toEqual([]);
    expect(socket.of("orderbook")).toHaveLength(1);
    socket.send({ op: "unsubscribe", channel: "trades", market: "BTC-PERP" });
    socket.subscribe("trades", "BTC-PERP");
    await world.advance(50);
    trade(venue);
    await world.advance(50);
    expect(socket.of("trades")).toHaveLength(1);
    await venue.stop();
  });

  test("of a channel that is dead for a while come back by themselves", async () => {
    const { venue, world, socket } = await subscribed({});
    venue.faults.set({ deadChannel: { channel: "trades", forMs: 1_000 } });
    trade(venue);
    socket.send({ op: "unsubscribe", channel: "trades", market: "BTC-PERP" });
    socket.subscribe("trades", "BTC-PERP");
    await world.advance(100);
    trade(venue);
    await world.advance(1_000);
    expect(socket.of("trades")).toEqual([]);
    trade(venue);
    await world.advance(50);
    expect(socket.of("trades")).toHaveLength(1);
    await venue.stop();
  });

  test("of any channel may fall silent by chance, for good", async () => {
    const { venue, world, socket } = await subscribed({});
    venue.faults.set({ deadChannel: 1 });
    trade(venue);
    await world.advance(50);
    venue.faults.clear();
    trade(venue);
    await world.advance(50);
    expect([...socket.of("trades"), ...socket.of("orderbook")]).toEqual([]);
    socket.subscribe("ticker", "BTC-PERP");
    await world.advance(50);
    trade(venue);
    await world.advance(50);
    expect(socket.of("ticker")).toHaveLength(1);
    await venue.stop();
  });
});

describe("connections", () => {
  test("break by chance", async () => {
    const { venue, world, connect } = await startVenue({ quiet: true, faults: { disconnect: 1 } });
    const socket = await connect();
    await world.advance(1_500);
    expect(socket.closed).toMatchObject({ code: 1006 });
    await venue.stop();
  });

  test("break at each restart that is due", async () => {
    const { venue, world, connect, call } = await startVenue({ quiet: true, faults: { restartEveryMs: 5_000 } });
    const socket = await connect();
    await world.advance(4_500);
    expect(socket.closed).toBeUndefined();
    await world.advance(1_000);
    expect(socket.closed).toBeDefined();
    await world.advance(1_000);
    expect((await call("GET", "/markets")).status).toBe(200);
    await venue.stop();
  });
});
