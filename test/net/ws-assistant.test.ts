import { describe, expect, test } from "vitest";
import { AbortError, AuthError, TransportError } from "../../src/model/error.ts";
import type { WsAssistantOptions } from "../../src/net/ws-assistant.ts";
import { expectNothingScheduled, scene } from "./ws-assistant-scene.ts";

describe("a venue that begins each connection with a welcome", () => {
  const isWelcome = (text: string) => text === "welcome";

  test("is waited for before anything is sent, and its welcome arrives as a message too", async () => {
    const { world, assistant, connect, server, texts } = await scene({ isWelcome });
    let isConnected = false;
    const connecting = connect().then(() => {
      isConnected = true;
    });
    await world.advance(500);
    expect([isConnected, assistant.isOpen]).toEqual([false, true]);
    server().send("welcome");
    await world.run(connecting);
    expect(texts).toEqual(["welcome"]);
  });

  test.each([
    ["never welcomes", () => undefined, /no welcome within 5000 ms/],
    ["closes instead", (close: () => void) => close(), /closed before the welcome/],
  ])("is given up when it %s", async (_, act, text) => {
    const { world, connect, server, assistant } = await scene({ isWelcome });
    const failed = connect().catch((error: unknown) => error);
    await world.advance(100);
    act(() => server().terminate());
    await world.advance(6_000);
    const error = await world.run(failed);
    expect(error).toBeInstanceOf(TransportError);
    expect(String(error)).toMatch(text);
    expect(assistant.isOpen).toBe(false);
  });
});

describe("messages", () => {
  test("payloads leave as JSON, text as it is, through the pre-processors; messages arrive in order", async () => {
    const { world, assistant, connect, received, server, texts } = await scene({
      preProcessors: [(payload) => (typeof payload === "string" ? payload : { ...(payload as object), id: 1 })],
      postProcessors: [(text) => text.trim(), (text) => text.toUpperCase()],
    });
    await world.run(connect());
    assistant.send({ op: "subscribe" });
    assistant.send("ping");
    server().send(" one ");
    server().send("two");
    await world.advance(100);
    expect(received).toEqual(['{"op":"subscribe","id":1}', "ping"]);
    expect(texts).toEqual(["ONE", "TWO"]);
  });

  test("a handler that throws is logged and the stream goes on", async () => {
    const { world, connect, server, logger, assistant } = await scene();
    const seen: string[] = [];
    await world.run(
      connect({
        onText: (text) => {
          seen.push(text);
          if (text === "bad") throw new Error("cannot parse");
        },
      }),
    );
    for (const text of ["bad", "good"]) server().send(text);
    await world.advance(100);
    expect(seen).toEqual(["bad", "good"]);
    expect(assistant.isOpen).toBe(true);
    expect(logger.lines).toEqual([expect.stringContaining("cannot parse")]);
  });

  test("sending before the connection is open or after it closed throws, and nothing left", async () => {
    const { world, assistant, connect } = await scene();
    const notOpen = expect.objectContaining({ name: "TransportError", bytesMayHaveLeft: false });
    expect(() => assistant.send("early")).toThrow(notOpen);
    await world.run(connect());
    await world.run(assistant.disconnect());
    expect(() => assistant.send("late")).toThrow(notOpen);
  });

  test("outgoing messages wait for their rate limit and keep their order", async () => {
    const { world, clock, assistant, connect, received } = await scene({}, { limit: 2 });
    await world.run(connect());
    const startMs = clock.monotonic();
    for (const text of ["1", "2", "3", "4"]) assistant.send(text);
    await world.advance(900);
    expect(received).toEqual(["1", "2"]);
    await world.advance(startMs + 1_000 - clock.monotonic());
    assistant.send("5");
    await world.advance(900);
    expect(received).toEqual(["1", "2", "3", "4"]);
    await world.advance(1_000);
    expect(received).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("messages that wait for their rate limit when the connection ends are dropped", async () => {
    const { world, assistant, connect, received, throttler, logger } = await scene({}, { limit: 1 });
    await world.run(connect());
    for (const text of ["1", "2", "3"]) assistant.send(text);
    await world.run(assistant.disconnect());
    expect(received).toEqual(["1"]);
    expect(throttler.usage()[0]?.waiting).toBe(0);
    expect(logger.lines).toEqual([]);
    await expectNothingScheduled(world);
  });

  test("lastReceivedMonotonicMs follows messages, pings and pongs", async () => {
    const { world, clock, assistant, connect, server } = await scene();
    world.network.latency = { minMs: 2, maxMs: 2 };
    expect(assistant.lastReceivedMonotonicMs).toBeNaN();
    await world.run(connect());
    const openedMs = clock.monotonic();
    expect(assistant.lastReceivedMonotonicMs).toBe(openedMs);
    await world.advance(500);
    server().ping();
    await world.advance(500);
    expect(assistant.lastReceivedMonotonicMs).toBe(openedMs + 502);
    server().send("hello");
    await world.advance(500);
    expect(assistant.lastReceivedMonotonicMs).toBe(openedMs + 1_002);
  });
});

describe("login", () => {
  const credentials = (login: unknown): Partial<WsAssistantOptions> => ({
    authenticator: { restAuthenticate: (request) => request, wsAuthenticate: async () => login },
  });

  test("the authenticator's message is sent and never logged", async () => {
    const { world, assistant, connect, received, logger } = await scene(credentials({ op: "login", sign: "s3cret" }));
    await world.run(connect());
    await world.run(assistant.authenticate());
    await world.advance(100);
    expect(received).toEqual(['{"op":"login","sign":"s3cret"}']);
    expect(logger.lines.join()).not.toContain("s3cret");
  });

  test("a venue that says it back, or the query, closes the connection without either being told", async () => {
    const sign = "signature-of-the-login";
    const { world, assistant, connect, server } = await scene(credentials({ op: "login", sign }));
    await world.run(connect({ url: "ws://venue:80/ws?listenKey=listen-key-of-mine" }));
    expect(assistant.withoutSecrets("listen-key-of-mine")).toBe("[redacted]");
    await world.run(assistant.authenticate());
    server().close(4_001, `listen-key-of-mine ${sign.slice(0, 12)}`);
    expect(await world.run(assistant.closed)).toMatchObject({ code: 4_001, reason: "[redacted] [redacted]" });
  });

  test("what it throws away in a message that cannot be read is not logged", async () => {
    const sign = "signature-of-the-login";
    const { world, assistant, connect, server, logger } = await scene(credentials({ op: "login", sign }));
    const onText = (text: string) => {
      throw new Error(`not JSON: ${text.slice(0, 14)}...`);
    };
    await world.run(connect({ onText }));
    await world.run(assistant.authenticate());
    server().send(`<<${sign}`);
    await world.advance(100);
    expect(logger.lines.join()).toContain("not JSON: <<[redacted]...");
  });

  test("nothing is sent where the venue logs in otherwise", async () => {
    const { world, assistant, connect, received } = await scene(credentials(undefined));
    await world.run(connect());
    await world.run(assistant.authenticate());
    await world.advance(100);
    expect(received).toEqual([]);
  });

  test("without credentials it is an AuthError with a hint", async () => {
    const { world, assistant, connect } = await scene();
    await world.run(connect());
    await expect(assistant.authenticate()).rejects.toThrow(AuthError);
  });
});

describe("heartbeat", () => {
  test("protocol pings keep a silent connection alive as long as pongs come", async () => {
    const { world, assistant, connect } = await scene();
    await world.run(connect({ heartbeat: { intervalMs: 10_000, ping: "protocol", timeoutMs: 5_000 } }));
    await world.advance(3_600_000);
    expect(assistant.isOpen).toBe(true);
  });

  test("silence after a ping ends the connection with cause heartbeat, within interval and timeout", async () => {
    const { world, clock, assistant, connect } = await scene();
    await world.run(connect({ heartbeat: { intervalMs: 10_000, ping: "protocol", timeoutMs: 5_000 } }));
    const openedMs = clock.monotonic();
    await world.advance(50_000);
    world.network.partition();
    const silentMs = clock.monotonic();
    const { cause, code } = await world.run(assistant.closed);
    expect({ cause, code }).toEqual({ cause: "heartbeat", code: 1006 });
    expect(clock.monotonic()).toBe(openedMs + Math.ceil((silentMs - openedMs) / 10_000) * 10_000 + 5_000);
    await expectNothingScheduled(world);
  });

  test("the venue's own ping message is sent; any message counts as an answer", async () => {
    const { world, assistant, connect, received, server } = await scene();
    await world.run(connect({ heartbeat: { intervalMs: 1_000, ping: () => ({ op: "ping" }), timeoutMs: 500 } }));
    for (let beat = 0; beat < 5; beat += 1) {
      await world.advance(1_000);
      server().send('{"channel":"trades"}');
      await world.advance(100);
    }
    expect(assistant.isOpen).toBe(true);
    expect(received.slice(0, 2)).toEqual(['{"op":"ping"}', '{"op":"ping"}']);
    const { cause } = await world.run(assistant.closed);
    expect(cause).toBe("heartbeat");
  });

  test("data that arrived before the ping is no answer to it", async () => {
    const { world, clock, assistant, connect, server } = await scene();
    await world.run(connect({ heartbeat: { intervalMs: 1_000, ping: () => "ping", timeoutMs: 400 } }));
    const openedMs = clock.monotonic();
    await world.advance(990);
    server().send("data");
    await world.advance(9);
    world.network.partition();
    await world.run(assistant.closed);
    expect(clock.monotonic()).toBe(openedMs + 1_400);
  });

  test("a timeout longer than the interval is judged from the ping that started it", async () => {
    const { world, clock, assistant, connect } = await scene();
    await world.run(connect({ heartbeat: { intervalMs: 1_000, ping: () => "ping", timeoutMs: 2_500 } }));
    const openedMs = clock.monotonic();
    const { cause } = await world.run(assistant.closed);
    expect(cause).toBe("heartbeat");
    expect(clock.monotonic()).toBe(openedMs + 3_500);
  });

  test("a ping that cannot be made is logged, and silence still ends the connection", async () => {
    const { world, assistant, connect, logger } = await scene();
    const ping = (): unknown => {
      throw new Error("no ping today");
    };
    await world.run(connect({ heartbeat: { intervalMs: 1_000, ping, timeoutMs: 400 } }));
    expect((await world.run(assistant.closed)).cause).toBe("heartbeat");
    expect(logger.lines.join()).toContain("no ping today");
  });
});

describe("the end", () => {
  test("a close of the venue tells its code and reason", async () => {
    const { world, assistant, connect, server } = await scene();
    await world.run(connect());
    server().close(4_001, "going down");
    expect(await world.run(assistant.closed)).toEqual({ code: 4_001, reason: "going down", cause: "remote" });
    await expectNothingScheduled(world);
  });

  test("a broken connection is remote", async () => {
    const { world, assistant, connect } = await scene();
    await world.run(connect());
    world.network.resetConnections();
    expect(await world.run(assistant.closed)).toMatchObject({ code: 1_006, cause: "remote" });
  });

  test("disconnect closes politely and delivers nothing any more", async () => {
    const { world, assistant, connect, server, texts, closes } = await scene();
    await world.run(connect());
    server().send("on its way");
    const closed = assistant.disconnect();
    expect(assistant.isOpen).toBe(false);
    expect(await world.run(closed)).toMatchObject({ code: 1_000, cause: "local" });
    await world.advance(100);
    expect(texts).toEqual([]);
    expect(closes).toMatchObject([{ code: 1_000 }]);
    expect(await assistant.disconnect()).toMatchObject({ cause: "local" });
    await expectNothingScheduled(world);
  });

  test("a venue that does not answer the closing handshake is dropped after a second", async () => {
    const { world, clock, assistant, connect } = await scene();
    await world.run(connect());
    world.network.partition();
    const startMs = clock.monotonic();
    expect(await world.run(assistant.disconnect())).toMatchObject({ cause: "local" });
    expect(clock.monotonic() - startMs).toBeLessThanOrEqual(1_000);
  });

  test("the caller's signal ends an open connection", async () => {
    const { world, assistant, connect, server, texts } = await scene();
    const controller = new AbortController();
    await world.run(connect({ signal: controller.signal }));
    server().send("on its way");
    controller.abort();
    expect(await world.run(assistant.closed)).toMatchObject({ cause: "abort" });
    expect(texts).toEqual([]);
    await expectNothingScheduled(world);
  });

  test("a signal that fires after the end changes nothing", async () => {
    const { world, assistant, connect } = await scene();
    const controller = new AbortController();
    await world.run(connect({ signal: controller.signal }));
    await world.run(assistant.disconnect());
    controller.abort();
    expect((await assistant.closed).cause).toBe("local");
  });
});

describe("a handshake that fails", () => {
  const failure = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => undefined,
      (error) => error,
    );

  test.each<[string, "refuse" | "hang"]>([
    ["refused connection", "refuse"],
    ["handshake timeout", "hang"],
  ])("%s: connect rejects, closed resolves, no query in the message", async (_name, fault) => {
    const { world, assistant, connect } = await scene();
    world.network.faults.onConnect = () => fault;
    const error = await world.run(failure(connect()));
    expect(error).toBeInstanceOf(TransportError);
    expect(String(error)).not.toContain("secret");
    expect(await assistant.closed).toMatchObject({ code: 1_006, cause: "remote" });
    await expectNothingScheduled(world);
  });

  test("a refusal by status rejects", async () => {
    const { world, connect } = await scene({}, { refuse: 403 });
    expect(await world.run(failure(connect()))).toBeInstanceOf(TransportError);
  });

  test("an abort, before or during it, rejects with AbortError and cause abort", async () => {
    for (const isEarly of [true, false]) {
      const { world, assistant, connect } = await scene();
      world.network.faults.onConnect = () => "hang";
      const controller = new AbortController();
      if (isEarly) controller.abort();
      const connecting = failure(connect({ signal: controller.signal }));
      await world.advance(10);
      controller.abort();
      expect(await world.run(connecting)).toBeInstanceOf(AbortError);
      expect((await world.run(assistant.closed)).cause).toBe("abort");
      await expectNothingScheduled(world);
    }
  });

  test("disconnect during it cuts it short", async () => {
    const { world, assistant, connect } = await scene();
    world.network.faults.onConnect = () => "hang";
    const connecting = failure(connect());
    await world.advance(10);
    expect(await world.run(assistant.disconnect())).toMatchObject({ cause: "local" });
    expect(await world.run(connecting)).toBeInstanceOf(AbortError);
    await expectNothingScheduled(world);
  });

  test("disconnect before connect ends the assistant's life", async () => {
    const { assistant, connect } = await scene();
    expect(await assistant.disconnect()).toMatchObject({ cause: "local" });
    await expect(connect()).rejects.toThrow(TransportError);
  });

  test("an assistant connects once", async () => {
    const { world, connect, assistant } = await scene();
    await world.run(connect());
    await expect(connect()).rejects.toThrow("connects once");
    expect(assistant.isOpen).toBe(true);
  });

  test("a connection that closes within its handshake rejects", async () => {
    const { assistant, connect } = await scene({
      webSocket: {
        async connect(_url, handlers) {
          handlers.onClose({ code: 1_013, reason: "try again later" });
          const ignore = (): void => undefined;
          return { isOpen: false, bufferedAmount: 0, send: ignore, ping: ignore, close: ignore, terminate: ignore };
        },
      },
    });
    await expect(connect()).rejects.toThrow(TransportError);
    expect(await assistant.closed).toEqual({ code: 1_013, reason: "try again later", cause: "remote" });
  });
});
