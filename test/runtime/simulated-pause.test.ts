import { describe, expect, test } from "vitest";
import type { ServerOptions, WebSocketClose } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { failureOf } from "../support/failure-of.ts";
import { listen, openSocket, post, VENUE } from "./simulated-scene.ts";

async function scene(options: Partial<ServerOptions> = {}) {
  const world = new SimulatedWorld({ seed: 4 });
  await world.run(listen(world.runtime("server"), options));
  const client = world.runtime("client");
  return { world, client, ...(await openSocket(world, client)) };
}

describe("a paused process", () => {
  test("runs its timers when it goes on, in the order in which they came due, and then hears what came in", async () => {
    let send: ((text: string) => void) | undefined;
    const onConnection: ServerOptions["onConnection"] = (connection) => {
      send = (text) => connection.send(text);
      return { onText: () => {}, onClose: () => {} };
    };
    const { world, client, texts } = await scene({ onConnection });
    const seen: string[] = texts;
    client.timers.after(300, () => seen.push("300"));
    client.timers.after(100, () => seen.push("100"));
    client.timers.after(100, () => seen.push("again 100"));
    client.timers.after(9_000, () => seen.push("9000"));
    client.timers.after(200, () => seen.push("canceled")).cancel();
    world.pause("client");
    for (const text of ["a", "b", "c"]) send?.(text);
    await world.advance(5_000);
    expect([seen, world.isPaused("client"), world.isPaused("server")]).toEqual([[], true, false]);
    world.resume("client");
    expect(world.isPaused("client")).toBe(false);
    await world.advance(1);
    expect(seen).toEqual(["100", "again 100", "300", "a", "b", "c"]);
    await world.advance(4_000);
    expect(seen.at(-1)).toBe("9000");
  });

  test("has a wall and a monotonic clock that moved on, where the process alone stood still", async () => {
    const { world, client } = await scene();
    const { clock, timers } = client;
    const [wallMs, monotonicMs] = [clock.now(), clock.monotonic()];
    let firedMs = 0;
    timers.after(8_000, () => {
      firedMs = clock.monotonic() - monotonicMs;
    });
    world.pauseFor("client", 5_000);
    await world.advance(10_000);
    expect([clock.now() - wallMs, clock.monotonic() - monotonicMs]).toEqual([10_000, 10_000]);
    expect(firedMs).toBe(8_000);
  });

  test("has a monotonic clock and timers that stood still with its machine, and a wall clock that did not", async () => {
    const { world, client } = await scene();
    const { clock, timers } = client;
    const [wallMs, monotonicMs] = [clock.now(), clock.monotonic()];
    const fired: [name: string, wallMs: number, monotonicMs: number][] = [];
    const note = (name: string) => () =>
      void fired.push([name, clock.now() - wallMs, Math.round(clock.monotonic() - monotonicMs)]);
    timers.after(3_000, note("timer"));
    void timers.sleep(7_000).then(note("sleep"));
    world.pauseFor("client", 5_000, "machine");
    await world.advance(2_000);
    expect(clock.monotonic() - monotonicMs).toBe(0);
    await world.advance(20_000);
    expect(clock.monotonic() - monotonicMs).toBeCloseTo(17_000, 6);
    expect(fired).toEqual([
      ["timer", 8_000, 3_000],
      ["sleep", 12_000, 7_000],
    ]);
  });

  test("finds that the answer that it waited for came too late: its timeout is over first", async () => {
    const { world, client } = await scene();
    const failure = failureOf(post(client, "x", 1_000));
    world.pauseFor("client", 2_000);
    expect(await world.run(failure)).toMatchObject({ code: "TRANSPORT_TIMEOUT", bytesMayHaveLeft: true });
    const answer = post(client, "x", 1_000);
    world.pauseFor("client", 2_000, "machine");
    expect((await world.run(answer)).text).toBe("x");
  });

  test("sends nothing until it goes on", async () => {
    const { world, client, connection, texts } = await scene();
    world.pause("client");
    connection.send("one");
    connection.send("two");
    const answer = post(client, "three", 60_000);
    await world.advance(10_000);
    world.resume("client");
    expect((await world.run(answer)).text).toBe("three");
    expect(texts).toEqual(["one", "two"]);
  });

  test("hears that a connection was reset when it goes on, its peer at once", async () => {
    const serverCloses: WebSocketClose[] = [];
    const onConnection = () => ({ onText: () => {}, onClose: (info: WebSocketClose) => void serverCloses.push(info) });
    const { world, closes } = await scene({ onConnection });
    world.pause("client", "machine");
    world.network.resetConnections("client");
    await world.advance(10);
    expect([closes.length, serverCloses.length]).toEqual([0, 1]);
    world.resume("client");
    await world.advance(1);
    expect(closes).toEqual([{ code: 1006, reason: "" }]);
  });

  test("that is a server leaves its clients with open connections, and answers them late", async () => {
    const seen: string[] = [];
    const onRequest: ServerOptions["onRequest"] = ({ body }) => {
      seen.push(body);
      return { status: 200, body };
    };
    const { world, client, connection, texts, closes } = await scene({ onRequest });
    world.pause("server");
    connection.send("1");
    connection.send("2");
    expect(await world.run(failureOf(post(client, "x", 1_000)))).toMatchObject({ code: "TRANSPORT_TIMEOUT" });
    const handlers = { onText: () => {}, onClose: () => {} };
    const late = client.webSocket.connect(`wss://${VENUE}/ws`, handlers, { handshakeTimeoutMs: 900 });
    expect(await world.run(failureOf(late))).toMatchObject({ code: "TRANSPORT_TIMEOUT" });
    expect([texts, closes, seen]).toEqual([[], [], []]);
    expect(connection.bufferedAmount).toBe(2);
    world.resume("server");
    await world.advance(20);
    expect(texts).toEqual(["1", "2"]);
    expect(seen).toEqual(["x"]);
    expect(connection.bufferedAmount).toBe(0);
  });

  test("can be killed, and the next process is not paused", async () => {
    const { world, client, closes } = await scene();
    let hasRun = false;
    client.timers.after(1, () => {
      hasRun = true;
    });
    world.pauseFor("client", 5_000);
    await world.advance(10);
    world.kill("client");
    const next = world.runtime("client");
    expect((await world.run(post(next, "next"))).text).toBe("next");
    world.pause("client");
    await world.advance(10_000);
    world.resume("client");
    await world.advance(10);
    expect([hasRun, closes]).toEqual([false, []]);
  });

  test("goes on when it is told to, and a pause that was to be longer ends no later one", async () => {
    const { world, client } = await scene();
    const seen: number[] = [];
    world.pauseFor("client", 1_000);
    world.pause("client", "machine");
    world.resume("client");
    world.resume("client");
    await world.advance(500);
    world.pauseFor("client", 10_000);
    client.timers.after(1, () => seen.push(world.elapsedMs()));
    const beganMs = world.elapsedMs();
    await world.advance(20_000);
    expect(seen).toEqual([beganMs + 10_000]);
  });
});

describe("a wall clock", () => {
  test("steps forth and back, and drifts, while durations and timers keep to the true time", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { clock, timers } = world.runtime("bot", { clockSkewMs: 100 });
    const offMs = () => Math.round((clock.now() - world.now()) * 1_000) / 1_000;
    world.stepClock("bot", -2_000);
    expect(offMs()).toBe(-1_900);
    world.setClockDrift("bot", 50);
    await world.advance(3_600_000);
    expect(offMs()).toBe(-1_720);
    world.stepClock("bot", 720);
    world.setClockDrift("bot", -100);
    await world.run(timers.sleep(3_600_000), { limitMs: 4_000_000 });
    expect(world.elapsedMs()).toBe(7_200_000);
    expect(offMs()).toBe(-1_360);
    world.setClockSkew("bot", 0);
    world.setClockDrift("bot", 0);
    await world.advance(10_000);
    expect(offMs()).toBe(0);
    expect(clock.monotonic()).toBe(7_210_000);
  });

  test("keeps its error when the process is killed", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    world.runtime("bot");
    world.setClockDrift("bot", 1_000);
    await world.advance(1_000);
    world.kill("bot");
    expect(world.runtime("bot").clock.now() - world.now()).toBeCloseTo(1, 6);
    expect(world.runtime("bot").clock.monotonic()).toBe(0);
  });
});
