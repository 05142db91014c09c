import { describe, expect, test } from "vitest";
import { outcomeOf } from "../../src/model/error.ts";
import type { ServerOptions, WebSocketClose } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { failureOf } from "../support/failure-of.ts";
import { listen, openSocket, post, VENUE } from "./simulated-scene.ts";

describe("HTTP faults", () => {
  async function scene(onRequest?: ServerOptions["onRequest"]) {
    const world = new SimulatedWorld({ seed: 1 });
    const bodies: string[] = [];
    const options: Partial<ServerOptions> = {
      onRequest(request) {
        bodies.push(request.body);
        return onRequest?.(request) ?? { status: 200, body: "ok" };
      },
    };
    const server = world.runtime("server");
    const listening = await world.run(listen(server, options));
    return { world, client: world.runtime("client"), server, bodies, listening };
  }

  test("refuse: nothing left", async () => {
    const { world, client, bodies } = await scene();
    world.network.faults.onHttpRequest = () => ({ kind: "refuse" });
    expect(await world.run(failureOf(post(client)))).toMatchObject({ bytesMayHaveLeft: false });
    expect(bodies).toEqual([]);
  });

  test("a lost request times out without having arrived", async () => {
    const { world, client, bodies } = await scene();
    world.network.faults.onHttpRequest = () => ({ kind: "dropRequest" });
    const error = await world.run(failureOf(post(client, "x", 700)));
    expect(error).toMatchObject({ bytesMayHaveLeft: true, code: "TRANSPORT_TIMEOUT" });
    expect(world.elapsedMs()).toBe(700);
    expect(bodies).toEqual([]);
  });

  test("a lost response was processed", async () => {
    const { world, client, bodies } = await scene();
    world.network.faults.onHttpRequest = (request) => (request.body === "x" ? { kind: "dropResponse" } : undefined);
    expect(await world.run(failureOf(post(client, "x")))).toMatchObject({
      bytesMayHaveLeft: true,
      code: "TRANSPORT_RESET",
    });
    expect((await world.run(post(client, "y"))).text).toBe("ok");
    expect(bodies).toEqual(["x", "y"]);
  });

  test("a delayed request arrives after the client has given up", async () => {
    const { world, client, bodies } = await scene();
    world.network.faults.onHttpRequest = () => ({ kind: "delay", ms: 5_000 });
    const error = await world.run(failureOf(post(client, "late", 1_000)));
    expect(outcomeOf(error)).toBe("unknown");
    expect(bodies).toEqual([]);
    await world.advance(5_000);
    expect(bodies).toEqual(["late"]);
  });

  test("a delayed answer is that of a server which has acted at once, and comes after that of a later request", async () => {
    const { world, client, bodies } = await scene((request) => ({ status: 200, body: `took ${request.body}` }));
    world.network.faults.onHttpRequest = ({ body }) => (body === "1" ? { kind: "delayResponse", ms: 500 } : undefined);
    const heard: string[] = [];
    for (const body of ["1", "2"]) void post(client, body).then(({ text }) => heard.push(text));
    await world.advance(10);
    expect(bodies.toSorted()).toEqual(["1", "2"]);
    expect(heard).toEqual(["took 2"]);
    await world.advance(500);
    expect(heard).toEqual(["took 2", "took 1"]);
    const failure = await world.run(failureOf(post(client, "1", 400)));
    expect(failure).toMatchObject({ bytesMayHaveLeft: true, code: "TRANSPORT_TIMEOUT" });
  });

  test.each([
    ["resetInBody", "TRANSPORT_RESET", ["x"]],
    ["slow", "TRANSPORT_TIMEOUT", ["x"]],
    ["staleKeepAlive", "TRANSPORT_RESET", []],
  ] as const)("%s: the client sees %s and cannot know what the server did", async (kind, code, seen) => {
    const { world, client, bodies } = await scene();
    world.network.faults.onHttpRequest = () => ({ kind });
    expect(await world.run(failureOf(post(client, "x")))).toMatchObject({ bytesMayHaveLeft: true, code });
    expect(world.elapsedMs() >= 1_000).toBe(kind === "slow");
    expect(bodies).toEqual(seen);
  });

  test("unresolved: nothing left, and a partition does not keep it from failing", async () => {
    const { world, client, bodies } = await scene();
    world.network.faults.onHttpRequest = () => ({ kind: "unresolved" });
    world.network.partition("client");
    expect(await world.run(failureOf(post(client)))).toMatchObject({
      bytesMayHaveLeft: false,
      code: "TRANSPORT_CONNECT",
    });
    expect(world.elapsedMs()).toBeLessThan(10);
    expect(bodies).toEqual([]);
  });

  test("a middleman answers", async () => {
    const { world, client, bodies } = await scene();
    const response = { status: 502, headers: {}, text: "bad gateway" };
    world.network.faults.onHttpRequest = () => ({ kind: "respond", response });
    expect(await world.run(post(client))).toEqual(response);
    expect(bodies).toEqual([]);
  });

  test("connections are reset", async () => {
    const { world, client } = await scene(() => new Promise(() => {}));
    const failure = failureOf(post(client));
    await world.advance(10);
    world.runtime("another");
    world.network.resetConnections("another");
    await world.advance(10);
    world.network.resetConnections("client");
    expect(await world.run(failure)).toMatchObject({ bytesMayHaveLeft: true, code: "TRANSPORT_RESET" });
  });

  test("a partition holds a request back, and it may arrive late", async () => {
    const { world, client, server, bodies } = await scene();
    world.network.partition("client");
    const failure = failureOf(post(client, "x", 500));
    const other = world.runtime("other");
    await world.run(post(other, "from another host"));
    expect(await world.run(failure)).toMatchObject({ bytesMayHaveLeft: true });
    expect(bodies).toEqual(["from another host"]);
    world.network.heal();
    await world.advance(10);
    expect(bodies).toEqual(["from another host", "x"]);
    world.network.partition();
    await world.run(failureOf(post(server, "even to itself", 100)));
    expect(bodies).toHaveLength(2);
  });

  test("latency is drawn from its range each way", async () => {
    const { world, client } = await scene();
    world.network.latency = { minMs: 100, maxMs: 120 };
    await world.run(post(client));
    expect(world.elapsedMs()).toBeGreaterThanOrEqual(200);
    expect(world.elapsedMs()).toBeLessThanOrEqual(240);
  });
});

describe("latency between two hosts", () => {
  async function scene() {
    const world = new SimulatedWorld({ seed: 2 });
    await world.run(listen(world.runtime("server")));
    const client = world.runtime("client");
    const timeOf = async (work: PromiseLike<unknown>) => {
      const beganMs = world.elapsedMs();
      await world.run(work);
      return Math.round(world.elapsedMs() - beganMs);
    };
    return { world, client, timeOf };
  }

  test("is of one direction, for the pair before a host alone, and can change at any time", async () => {
    const { world, client, timeOf } = await scene();
    const { network } = world;
    const exactly = (ms: number) => ({ minMs: ms, maxMs: ms });
    network.latency = exactly(1);
    network.setLatency("client", "server", exactly(100));
    expect(await timeOf(post(client))).toBe(101);
    network.setLatency("server", "*", exactly(20));
    expect(await timeOf(post(client))).toBe(120);
    network.setLatency("*", "client", exactly(300));
    expect(await timeOf(post(client)), "the sender's rule comes first").toBe(120);
    network.setLatency("server", "*", undefined);
    expect(await timeOf(post(client))).toBe(400);
    expect(await timeOf(post(world.runtime("other")))).toBe(2);
    network.setLatency("client", "server", undefined);
    network.setLatency("*", "client", undefined);
    expect(await timeOf(post(client))).toBe(2);
  });

  test("lets no message overtake another within a connection when it falls", async () => {
    const { world, client } = await scene();
    const { connection, texts } = await openSocket(world, client);
    world.network.setLatency("client", "server", { minMs: 500, maxMs: 500 });
    connection.send("slow");
    world.network.setLatency("client", "server", { minMs: 1, maxMs: 1 });
    connection.send("fast");
    await world.advance(400);
    expect(texts).toEqual([]);
    await world.advance(200);
    expect(texts).toEqual(["slow", "fast"]);
  });
});

describe("WebSocket faults", () => {
  async function scene(options: Partial<ServerOptions> = {}) {
    const world = new SimulatedWorld({ seed: 3 });
    await world.run(listen(world.runtime("server"), options));
    const client = world.runtime("client");
    return { world, client, ...(await openSocket(world, client)) };
  }

  test("drop, repeat, delay and hold whole messages", async () => {
    const { world, connection, texts } = await scene();
    world.network.faults.onFrame = (direction, text) => {
      if (direction === "toServer") return undefined;
      if (text === "drop") return "drop";
      if (text === "repeat") return "repeat";
      if (text === "hold") return "hold";
      return text === "delay" ? { delayMs: 50 } : undefined;
    };
    for (const text of ["drop", "hold", "delay", "repeat", "plain"]) connection.send(text);
    await world.advance(20);
    expect(texts).toEqual(["repeat", "repeat", "plain"]);
    await world.advance(50);
    expect(texts).toEqual(["repeat", "repeat", "plain", "delay"]);
    world.network.releaseHeld();
    await world.advance(20);
    expect(texts.at(-1)).toBe("hold");
  });

  test("a partition holds messages back, in order, and they count as buffered", async () => {
    const { world, connection, texts, closes } = await scene();
    connection.send("1");
    world.network.partition("server");
    for (const text of ["2", "3", "4"]) connection.send(text);
    await world.advance(60_000);
    expect(texts).toEqual([]);
    expect(connection.bufferedAmount).toBe(4);
    world.network.heal();
    connection.send("5");
    await world.advance(100);
    expect(texts).toEqual(["1", "2", "3", "4", "5"]);
    expect(connection.bufferedAmount).toBe(0);
    expect(closes).toEqual([]);
  });

  test("a close that is never answered ends after thirty seconds", async () => {
    const { world, connection, closes } = await scene();
    world.network.partition("server");
    connection.close(1000);
    await world.advance(29_999);
    expect(closes).toEqual([]);
    await world.advance(10);
    expect(closes).toEqual([{ code: 1006, reason: "" }]);
  });

  test("a reset ends both ends once, with 1006", async () => {
    const serverCloses: WebSocketClose[] = [];
    const onConnection = () => ({ onText: () => {}, onClose: (info: WebSocketClose) => void serverCloses.push(info) });
    const { world, connection, closes } = await scene({ onConnection });
    world.network.resetConnections();
    await world.advance(10);
    connection.terminate();
    await world.advance(10);
    expect(closes).toEqual([{ code: 1006, reason: "" }]);
    expect(serverCloses).toEqual([{ code: 1006, reason: "" }]);
  });

  test("a connection can be refused, or hang until its handshake times out", async () => {
    const { world, client } = await scene();
    const connect = () =>
      client.webSocket.connect(
        `wss://${VENUE}/ws`,
        { onText: () => {}, onClose: () => {} },
        { handshakeTimeoutMs: 900 },
      );
    world.network.faults.onConnect = () => "refuse";
    expect(await world.run(failureOf(connect()))).toMatchObject({ code: "TRANSPORT_REFUSED" });
    world.network.faults.onConnect = () => "unresolved";
    expect(await world.run(failureOf(connect()))).toMatchObject({ code: "TRANSPORT_CONNECT", bytesMayHaveLeft: false });
    world.network.faults.onConnect = () => "hang";
    expect(await world.run(failureOf(connect()))).toMatchObject({ code: "TRANSPORT_TIMEOUT", bytesMayHaveLeft: false });
  });

  test("a server that accepts too late finds the connection gone", async () => {
    const closes: WebSocketClose[] = [];
    const world = new SimulatedWorld({ seed: 3 });
    const onConnection = () => ({ onText: () => {}, onClose: (info: WebSocketClose) => void closes.push(info) });
    await world.run(listen(world.runtime("server"), { onConnection }));
    const client = world.runtime("client");
    world.network.partition("client");
    const handlers = { onText: () => {}, onClose: () => {} };
    const connecting = client.webSocket.connect(`wss://${VENUE}/ws`, handlers, { handshakeTimeoutMs: 900 });
    expect(await world.run(failureOf(connecting))).toMatchObject({ code: "TRANSPORT_TIMEOUT" });
    world.network.heal();
    await world.advance(100);
    expect(closes).toEqual([{ code: 1006, reason: "" }]);
  });
});
