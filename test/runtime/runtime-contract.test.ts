import { describe, expect, test } from "vitest";
import { AbortError, ConfigError, JournalError, outcomeOf, TransportError } from "../../src/model/error.ts";
import type {
  HttpRequest,
  ServerConnection,
  ServerRequest,
  WebSocketClose,
  WebSocketHandlers,
} from "../../src/runtime/runtime.ts";
import { failureOf } from "../support/failure-of.ts";
import { type ContractScene, realWorld, simulatedWorld } from "./worlds.ts";

const get = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "GET",
  url,
  headers: {},
  timeoutMs: 5_000,
  ...more,
});

/** Records what arrives and lets a test wait for it. */
function recorder() {
  const texts: string[] = [];
  const closed = Promise.withResolvers<WebSocketClose>();
  const waiting: { count: number; resolve: () => void }[] = [];
  const handlers: WebSocketHandlers = {
    onText(text) {
      texts.push(text);
      for (const waiter of waiting) if (texts.length >= waiter.count) waiter.resolve();
    },
    onClose: (info) => closed.resolve(info),
  };
  const received = (count: number) =>
    new Promise<void>((resolve) => (texts.length >= count ? resolve() : waiting.push({ count, resolve })));
  return { handlers, texts, received, closed: closed.promise };
}

for (const world of [realWorld, simulatedWorld]) {
  const contract = (name: string, body: (scene: ContractScene) => Promise<void>) => test(name, () => world.play(body));

  describe(`HTTP in ${world.name}`, () => {
    contract("carries status, headers and body", async ({ client, listen }) => {
      const { port } = await listen({
        onRequest: () => ({ status: 418, headers: { "X-Used-Weight": "7" }, body: '{"price":"1e-7 €"}' }),
      });
      const response = await client.http.request(get(`http://127.0.0.1:${port}/`));
      expect(response.status).toBe(418);
      expect(response.headers["x-used-weight"]).toBe("7");
      expect(response.text).toBe('{"price":"1e-7 €"}');
    });

    for (const target of [
      "/api/markets/BTC%2FUSD/orders?start=1&x=%2f+a&x=2",
      "/a//b/../c/./d?",
      "/broken%E0%A4%A/percent%?q=%zz",
      "/",
      "/?a=1",
    ]) {
      contract(`hands the target over as sent: ${target}`, async ({ client, listen }) => {
        const { port } = await listen({ onRequest: (request) => ({ status: 200, body: request.target }) });
        expect((await client.http.request(get(`http://127.0.0.1:${port}${target}`))).text).toBe(target);
      });
    }

    contract("puts a slash before a query that follows the host", async ({ client, listen }) => {
      const { port } = await listen({ onRequest: (request) => ({ status: 200, body: request.target }) });
      expect((await client.http.request(get(`http://127.0.0.1:${port}?a=1#part`))).text).toBe("/?a=1");
    });

    for (const method of ["GET", "POST", "PUT", "DELETE", "PATCH"]) {
      for (const contentType of [
        "application/json",
        "application/x-www-form-urlencoded",
        "no/such type;;",
        undefined,
      ]) {
        contract(`hands the body of a ${method} of type ${contentType} over as sent`, async ({ client, listen }) => {
          const seen: ServerRequest[] = [];
          const { port } = await listen({
            onRequest(request) {
              seen.push(request);
              return { status: 200, body: "" };
            },
          });
          const body = '{ "not json": é, a=1&b=%2F';
          const headers = contentType === undefined ? {} : { "Content-Type": contentType };
          await client.http.request(get(`http://127.0.0.1:${port}/orders`, { method, headers, body }));
          expect(seen.map((request) => [request.method, request.body])).toEqual([[method, body]]);
          expect(seen[0]?.headers["content-type"]).toBe(contentType);
        });
      }
    }

    contract("answers 500 when the handler throws", async ({ client, listen }) => {
      const { port } = await listen({
        onRequest() {
          throw new Error("a bug");
        },
      });
      expect((await client.http.request(get(`http://127.0.0.1:${port}/`))).status).toBe(500);
    });

    contract("proves that nothing left when the connection is refused", async ({ client, listen }) => {
      const { port, close } = await listen();
      await close();
      const error = await failureOf(client.http.request(get(`http://127.0.0.1:${port}/x?signature=secret`)));
      expect(error).toBeInstanceOf(TransportError);
      expect(error).toMatchObject({ bytesMayHaveLeft: false, outcome: "definite", code: "TRANSPORT_REFUSED" });
      expect(String(error)).not.toContain("secret");
    });

    contract("refuses a URL that is none without sending anything", async ({ client }) => {
      const error = await failureOf(client.http.request(get("ftp://127.0.0.1/")));
      expect(error).toMatchObject({ bytesMayHaveLeft: false, code: "TRANSPORT_INVALID", retry: "never" });
    });

    contract("reads no answer of more than 32 MB, and cannot know what became of its request", async (scene) => {
      const { port } = await scene.listen({
        onRequest: ({ target }) => ({ status: 200, body: "x".repeat(32 * 2 ** 20 + (target === "/more" ? 1 : 0)) }),
      });
      const url = (path: string) => get(`http://127.0.0.1:${port}${path}`, { timeoutMs: 60_000 });
      expect((await scene.client.http.request(url("/most"))).text.length).toBe(32 * 2 ** 20);
      const error = await failureOf(scene.client.http.request(url("/more")));
      expect(error).toMatchObject({ bytesMayHaveLeft: true, outcome: "unknown", code: "TRANSPORT_TOO_LARGE" });
      expect(String(error)).toMatch(/an answer of more than 32 MB$/);
    });

    contract("does not know what became of a request whose connection was reset", async ({ client, listen }) => {
      let requests = 0;
      const { port } = await listen({
        onRequest() {
          requests += 1;
          return { status: 200, body: "", reset: true };
        },
      });
      const error = await failureOf(client.http.request(get(`http://127.0.0.1:${port}/`)));
      expect(error).toBeInstanceOf(TransportError);
      expect(error).toMatchObject({ bytesMayHaveLeft: true, outcome: "unknown", code: "TRANSPORT_RESET" });
      expect(requests).toBe(1);
    });

    contract("does not know what became of a reset request on a kept connection, and never resends", async (scene) => {
      let requests = 0;
      const { port } = await scene.listen({
        onRequest() {
          requests += 1;
          return { status: 200, body: "", reset: requests > 1 };
        },
      });
      const url = `http://127.0.0.1:${port}/`;
      await scene.client.http.request(get(url));
      const error = await failureOf(scene.client.http.request(get(url)));
      expect(error).toMatchObject({ bytesMayHaveLeft: true });
      expect(requests).toBe(2);
    });

    contract("gives up after its timeout, outcome unknown", async ({ client, listen }) => {
      const { port } = await listen({ onRequest: () => new Promise(() => {}) });
      const warm = client.http.request(get(`http://127.0.0.1:${port}/`, { timeoutMs: 60 }));
      expect(await failureOf(warm)).toMatchObject({ bytesMayHaveLeft: true, code: "TRANSPORT_TIMEOUT" });
    });

    contract("is aborted before it is sent: nothing happened", async ({ client, listen }) => {
      let requests = 0;
      const { port } = await listen({
        onRequest() {
          requests += 1;
          return { status: 200, body: "" };
        },
      });
      const url = `http://127.0.0.1:${port}/`;
      const error = await failureOf(client.http.request(get(url, { signal: AbortSignal.abort() })));
      expect(error).toBeInstanceOf(AbortError);
      expect(outcomeOf(error)).toBe("definite");
      await client.http.request(get(url));
      expect(requests).toBe(1);
    });

    contract("is aborted after it was sent: outcome unknown", async ({ client, listen }) => {
      const controller = new AbortController();
      const { port } = await listen({
        onRequest() {
          controller.abort();
          return new Promise(() => {});
        },
      });
      const error = await failureOf(
        client.http.request(get(`http://127.0.0.1:${port}/`, { signal: controller.signal })),
      );
      expect(error).toBeInstanceOf(AbortError);
      expect(outcomeOf(error)).toBe("unknown");
    });

    contract("breaks requests under way when the server closes", async ({ client, listen }) => {
      const arrived = Promise.withResolvers<void>();
      const { port, close } = await listen({
        onRequest() {
          arrived.resolve();
          return new Promise(() => {});
        },
      });
      const failure = failureOf(client.http.request(get(`http://127.0.0.1:${port}/`)));
      await arrived.promise;
      await close();
      expect(await failure).toMatchObject({ bytesMayHaveLeft: true });
    });

    contract("breaks requests under way when the client closes, and takes no more", async ({ client, listen }) => {
      const arrived = Promise.withResolvers<void>();
      const { port } = await listen({
        onRequest() {
          arrived.resolve();
          return new Promise(() => {});
        },
      });
      const failure = failureOf(client.http.request(get(`http://127.0.0.1:${port}/`)));
      await arrived.promise;
      await client.http.close();
      expect(await failure).toMatchObject({ bytesMayHaveLeft: true, code: "TRANSPORT_CLOSED" });
      const late = await failureOf(client.http.request(get(`http://127.0.0.1:${port}/`)));
      expect(late).toMatchObject({ bytesMayHaveLeft: false, code: "TRANSPORT_CLOSED" });
    });

    contract("says that a port is in use", async ({ listen }) => {
      const { port } = await listen();
      const error = await failureOf(listen({ port }));
      expect(error).toBeInstanceOf(ConfigError);
      expect(String(error)).toContain(String(port));
    });
  });

  describe(`WebSocket in ${world.name}`, () => {
    const options = { handshakeTimeoutMs: 5_000 };

    contract("carries messages both ways, in order", async ({ client, listen }) => {
      const { port } = await listen({
        onConnection(connection) {
          return { onText: (text) => connection.send(`echo ${text}`), onClose: () => {} };
        },
      });
      const { handlers, texts, received } = recorder();
      const connection = await client.webSocket.connect(`ws://127.0.0.1:${port}/`, handlers, options);
      expect(connection.isOpen).toBe(true);
      for (let index = 0; index < 100; index += 1) connection.send(`${index} €`);
      await received(100);
      expect(texts).toEqual(Array.from({ length: 100 }, (_, index) => `echo ${index} €`));
      connection.terminate();
    });

    contract("reads no message of more than 16 MB: the connection ends, once, with the code for it", async (scene) => {
      const { port } = await scene.listen({
        onConnection(connection) {
          return { onText: (text) => connection.send("x".repeat(Number(text))), onClose: () => {} };
        },
      });
      const { handlers, texts, received } = recorder();
      const ends: unknown[] = [];
      const ended = Promise.withResolvers<void>();
      const onClose = (info: unknown): void => {
        ends.push(info);
        ended.resolve();
      };
      const url = `ws://127.0.0.1:${port}/`;
      const connection = await scene.client.webSocket.connect(url, { ...handlers, onClose }, options);
      connection.send(String(16 * 2 ** 20));
      await received(1);
      connection.send(String(16 * 2 ** 20 + 1));
      await ended.promise;
      expect(texts.length).toBe(1);
      expect(ends).toEqual([{ code: 1009, reason: "a message of more than 16 MB" }]);
      expect(connection.isOpen).toBe(false);
    });

    contract("shows the server the raw target and the headers", async ({ client, listen }) => {
      const seen: ServerRequest[] = [];
      const { port } = await listen({
        onConnection(connection) {
          seen.push(connection.request);
          return { onText: () => {}, onClose: () => {} };
        },
      });
      const url = `ws://127.0.0.1:${port}/stream/a%2Fb?streams=btcusdt@depth/x`;
      const headers = { "X-Key": "k" };
      const connection = await client.webSocket.connect(url, recorder().handlers, { ...options, headers });
      connection.terminate();
      expect(seen[0]).toMatchObject({ target: "/stream/a%2Fb?streams=btcusdt@depth/x", headers: { "x-key": "k" } });
    });

    contract("delivers what the server sends at once only after the caller has the connection", async (scene) => {
      const { port } = await scene.listen({
        onConnection(connection) {
          connection.send("welcome");
          return { onText: () => {}, onClose: () => {} };
        },
      });
      const { handlers, received } = recorder();
      let isConnected = false;
      let wasConnected: boolean | undefined;
      const watched: WebSocketHandlers = {
        ...handlers,
        onText(text) {
          wasConnected = isConnected;
          handlers.onText(text);
        },
      };
      const connection = await scene.client.webSocket.connect(`ws://127.0.0.1:${port}/`, watched, options);
      isConnected = true;
      await received(1);
      expect(wasConnected).toBe(true);
      connection.terminate();
    });

    contract("tells both ends the code and reason of a close by the client", async ({ client, listen }) => {
      const seen = Promise.withResolvers<WebSocketClose>();
      const { port } = await listen({
        onConnection: () => ({ onText: () => {}, onClose: (info) => seen.resolve(info) }),
      });
      const { handlers, closed } = recorder();
      const connection = await client.webSocket.connect(`ws://127.0.0.1:${port}/`, handlers, options);
      connection.close(4001, "done");
      expect(connection.isOpen).toBe(false);
      expect(await seen.promise).toEqual({ code: 4001, reason: "done" });
      expect(await closed).toEqual({ code: 4001, reason: "done" });
    });

    contract("tells the client the code and reason of a close by the server", async ({ client, listen }) => {
      const { port } = await listen({
        onConnection: (connection) => ({ onText: () => connection.close(4400, "no such key"), onClose: () => {} }),
      });
      const { handlers, closed } = recorder();
      const connection = await client.webSocket.connect(`ws://127.0.0.1:${port}/`, handlers, options);
      connection.send("login");
      expect(await closed).toEqual({ code: 4400, reason: "no such key" });
      expect(() => connection.send("late")).toThrow(TransportError);
      expect(connection.isOpen).toBe(false);
    });

    contract("closes with 1005 when no code is given", async ({ client, listen }) => {
      const { port } = await listen({
        onConnection: (connection) => ({ onText: () => connection.close(), onClose: () => {} }),
      });
      const { handlers, closed } = recorder();
      const connection = await client.webSocket.connect(`ws://127.0.0.1:${port}/`, handlers, options);
      connection.send("bye");
      expect(await closed).toEqual({ code: 1005, reason: "" });
    });

    contract("throws at a close code that no frame can carry, and stays open", async ({ client, listen }) => {
      const { port } = await listen({ onConnection: () => ({ onText: () => {}, onClose: () => {} }) });
      const connection = await client.webSocket.connect(`ws://127.0.0.1:${port}/`, recorder().handlers, options);
      for (const code of [999, 1005, 1006, 2000, 5000]) expect(() => connection.close(code)).toThrow(TypeError);
      expect(connection.isOpen).toBe(true);
      connection.close(1000);
      expect(connection.isOpen).toBe(false);
    });

    contract("closes with 1006 at both ends when the client drops the connection", async ({ client, listen }) => {
      const seen = Promise.withResolvers<WebSocketClose>();
      const { port } = await listen({
        onConnection: () => ({ onText: () => {}, onClose: (info) => seen.resolve(info) }),
      });
      const { handlers, closed } = recorder();
      const connection = await client.webSocket.connect(`ws://127.0.0.1:${port}/`, handlers, options);
      connection.terminate();
      expect((await closed).code).toBe(1006);
      expect((await seen.promise).code).toBe(1006);
    });

    contract("closes with 1006 when the server drops the connection", async ({ client, listen }) => {
      const { port } = await listen({
        onConnection: (connection) => ({ onText: () => connection.terminate(), onClose: () => {} }),
      });
      const { handlers, closed } = recorder();
      const connection = await client.webSocket.connect(`ws://127.0.0.1:${port}/`, handlers, options);
      connection.send("x");
      expect((await closed).code).toBe(1006);
    });

    contract("closes with 1006 when the server stops", async ({ client, listen }) => {
      const seen = Promise.withResolvers<WebSocketClose>();
      const { port, close } = await listen({
        onConnection: () => ({ onText: () => {}, onClose: (info) => seen.resolve(info) }),
      });
      const { handlers, closed } = recorder();
      await client.webSocket.connect(`ws://127.0.0.1:${port}/`, handlers, options);
      await close();
      expect((await closed).code).toBe(1006);
      expect((await seen.promise).code).toBe(1006);
    });

    contract("answers pings of either end", async ({ client, listen }) => {
      const { port } = await listen({
        onConnection: (connection) => ({ onText: () => connection.ping(), onClose: () => {} }),
      });
      const ping = Promise.withResolvers<void>();
      const pong = Promise.withResolvers<void>();
      const handlers = { ...recorder().handlers, onPing: () => ping.resolve(), onPong: () => pong.resolve() };
      const connection = await client.webSocket.connect(`ws://127.0.0.1:${port}/`, handlers, options);
      connection.ping();
      await pong.promise;
      connection.send("ping me");
      await ping.promise;
      connection.terminate();
    });

    contract("fails with the status with which the server refuses", async ({ client, listen }) => {
      const { port } = await listen({ onConnection: () => ({ refuse: 403 }) });
      const url = `ws://127.0.0.1:${port}/ws?listenKey=secret`;
      const error = await failureOf(client.webSocket.connect(url, recorder().handlers, options));
      expect(error).toMatchObject({ bytesMayHaveLeft: false, code: "TRANSPORT_HANDSHAKE", venueCode: "403" });
      expect(String(error)).not.toContain("secret");
    });

    contract("fails when nobody listens", async ({ client, listen }) => {
      const { port, close } = await listen();
      await close();
      const error = await failureOf(client.webSocket.connect(`ws://127.0.0.1:${port}/`, recorder().handlers, options));
      expect(error).toMatchObject({ bytesMayHaveLeft: false, code: "TRANSPORT_REFUSED" });
    });

    contract("is aborted while connecting", async ({ client, listen }) => {
      const controller = new AbortController();
      const seen = Promise.withResolvers<WebSocketClose>();
      const { port } = await listen({
        onConnection() {
          controller.abort();
          return { onText: () => {}, onClose: (info) => seen.resolve(info) };
        },
      });
      const { handlers } = recorder();
      const connecting = client.webSocket.connect(`ws://127.0.0.1:${port}/`, handlers, {
        ...options,
        signal: controller.signal,
      });
      expect(await failureOf(connecting)).toBeInstanceOf(AbortError);
      expect((await seen.promise).code).toBe(1006);
      const again = client.webSocket.connect(`ws://127.0.0.1:${port}/`, handlers, {
        ...options,
        signal: controller.signal,
      });
      expect(await failureOf(again)).toBeInstanceOf(AbortError);
    });

    contract("does not let an abort touch an open connection", async ({ client, listen }) => {
      const controller = new AbortController();
      const { port } = await listen({
        onConnection: (connection) => ({ onText: (text) => connection.send(text), onClose: () => {} }),
      });
      const { handlers, received } = recorder();
      const connection = await client.webSocket.connect(`ws://127.0.0.1:${port}/`, handlers, {
        ...options,
        signal: controller.signal,
      });
      controller.abort();
      connection.send("still here");
      await received(1);
      connection.terminate();
    });

    contract("refuses to send from a server connection that has ended", async ({ client, listen }) => {
      const ended = Promise.withResolvers<ServerConnection>();
      const { port } = await listen({
        onConnection: (connection) => ({ onText: () => {}, onClose: () => ended.resolve(connection) }),
      });
      const connection = await client.webSocket.connect(`ws://127.0.0.1:${port}/`, recorder().handlers, options);
      connection.terminate();
      const serverEnd = await ended.promise;
      expect(serverEnd.isOpen).toBe(false);
      expect(() => serverEnd.send("late")).toThrow(TransportError);
    });
  });

  describe(`timers, clock and chance in ${world.name}`, () => {
    contract("call back in the order in which they are due", async ({ client }) => {
      const order: string[] = [];
      const done = Promise.withResolvers<void>();
      client.timers.after(40, () => {
        order.push("late");
        done.resolve();
      });
      client.timers.after(5, () => order.push("early"));
      client.timers.after(10, () => order.push("canceled")).cancel();
      await done.promise;
      expect(order).toEqual(["early", "late"]);
    });

    contract("keep a clock that agrees with the timers", async ({ client }) => {
      const startMs = client.clock.now();
      const startMonotonicMs = client.clock.monotonic();
      await client.timers.sleep(20);
      expect(client.clock.now() - startMs).toBeGreaterThan(15);
      expect(client.clock.monotonic() - startMonotonicMs).toBeGreaterThan(15);
    });

    contract("wake a sleeper whose signal fires", async ({ client }) => {
      const controller = new AbortController();
      client.timers.after(1, () => controller.abort());
      expect(await failureOf(client.timers.sleep(3_600_000, controller.signal))).toBeInstanceOf(AbortError);
      expect(await failureOf(client.timers.sleep(3_600_000, controller.signal))).toBeInstanceOf(AbortError);
    });

    contract("draw numbers within their bounds", async ({ client }) => {
      const { random } = client;
      for (let index = 0; index < 200; index += 1) {
        expect([0, 1, 2]).toContain(random.integer(3));
        expect(random.float()).toBeGreaterThanOrEqual(0);
        expect(random.float()).toBeLessThan(1);
      }
      expect(random.hex(7)).toMatch(/^[0-9a-f]{7}$/);
      expect(random.hex(32)).not.toBe(random.hex(32));
    });
  });

  describe(`the journal in ${world.name}`, () => {
    contract("keeps what was written, in order of key, across a restart", async ({ client, path }) => {
      const first = client.journals.open(path("deep/journal.db"));
      first.put("orders", "b", "2");
      first.put("orders", "a", "1");
      first.put("orders", "a", "one €");
      first.put("orders", "c", "3");
      first.put("fills", "a", "other table");
      first.delete("orders", "c");
      first.close();
      first.close();
      const second = client.journals.open(path("deep/journal.db"), { durability: "power" });
      expect(second.entries("orders")).toEqual([
        ["a", "one €"],
        ["b", "2"],
      ]);
      expect(second.get("fills", "a")).toBe("other table");
      expect(second.get("orders", "c")).toBeUndefined();
      expect(second.entries("nothing")).toEqual([]);
      second.close();
    });

    contract("writes all of a transaction or nothing, nested ones too", async ({ client, path }) => {
      const store = client.journals.open(path("journal.db"));
      store.put("t", "kept", "before");
      const failing = () =>
        store.transaction(() => {
          store.put("t", "kept", "after");
          store.put("t", "new", "x");
          store.delete("t", "kept");
          throw new Error("changed my mind");
        });
      expect(failing).toThrow("changed my mind");
      expect(store.entries("t")).toEqual([["kept", "before"]]);
      const result = store.transaction(() => {
        store.put("t", "outer", "1");
        expect(failing).toThrow("changed my mind");
        store.transaction(() => store.put("t", "inner", "2"));
        return 42;
      });
      expect(result).toBe(42);
      expect(store.entries("t")).toEqual([
        ["inner", "2"],
        ["kept", "before"],
        ["outer", "1"],
      ]);
      store.close();
      expect(client.journals.open(path("journal.db")).entries("t")).toHaveLength(3);
    });

    contract("is locked while it is open", async ({ client, path }) => {
      const store = client.journals.open(path("journal.db"));
      const open = () => client.journals.open(path("journal.db"));
      expect(open).toThrow(JournalError);
      expect(open).toThrow(path("journal.db"));
      store.put("t", "k", "the holder can still write");
      store.close();
      const next = open();
      expect(next.get("t", "k")).toBe("the holder can still write");
      next.close();
    });

    contract("is gone once it is removed", async ({ client, path }) => {
      const { journals } = client;
      const store = journals.open(path("gone.journal"));
      store.put("t", "k", "v");
      store.close();
      journals.remove(path("gone.journal"));
      const again = journals.open(path("gone.journal"));
      expect(again.get("t", "k")).toBeUndefined();
      again.close();
      expect(() => journals.remove(path("never-there.journal"))).not.toThrow();
    });

    contract("is read page by page, in order of key", async ({ client }) => {
      const store = client.journals.open(":memory:");
      for (const key of ["d", "a", "c", "b", "e"]) store.put("t", key, key.toUpperCase());
      store.put("u", "aa", "other table");
      const keys = (after: string) => store.page("t", after, 2).map(([key]) => key);
      expect([keys(""), keys("b"), keys("d"), keys("e")]).toEqual([["a", "b"], ["c", "d"], ["e"], []]);
      expect(store.page("t", "", 1)).toEqual([["a", "A"]]);
      store.close();
    });

    contract(
      "gives back the room of what was deleted, a piece at a time, and loses nothing",
      async ({ client, path }) => {
        const store = client.journals.open(path("journal.db"));
        store.transaction(() => {
          for (let row = 0; row < 5_000; row += 1) store.put("t", String(row).padStart(6, "0"), "x".repeat(200));
        });
        store.transaction(() => {
          for (let row = 0; row < 4_990; row += 1) store.delete("t", String(row).padStart(6, "0"));
        });
        let pieces = 0;
        while (store.compact()) pieces += 1;
        expect(pieces).toBeLessThan(100);
        store.close();
        expect(client.journals.open(path("journal.db")).entries("t")).toHaveLength(10);
      },
    );

    contract("cannot be used once it is closed", async ({ client }) => {
      const store = client.journals.open(":memory:");
      const other = client.journals.open(":memory:");
      store.put("t", "k", "v");
      expect(other.get("t", "k")).toBeUndefined();
      store.close();
      other.close();
      expect(() => store.put("t", "k", "v")).toThrow(JournalError);
      expect(() => store.get("t", "k")).toThrow(JournalError);
      expect(() => store.entries("t")).toThrow(JournalError);
    });
  });

  describe(`files in ${world.name}`, () => {
    contract("are read as they were written", async ({ client, path }) => {
      const { files } = client;
      expect(await files.exists(path("conf/a.yml"))).toBe(false);
      await files.writeText(path("conf/a.yml"), "first");
      await files.writeText(path("conf/a.yml"), "one\ntwo €\n\nfour\n", 0o600);
      expect(await files.exists(path("conf/a.yml"))).toBe(true);
      expect(await files.readText(path("conf/a.yml"))).toBe("one\ntwo €\n\nfour\n");
      const lines: string[] = [];
      for await (const line of files.lines(path("conf/a.yml"))) lines.push(line);
      expect(lines).toEqual(["one", "two €", "", "four"]);
    });

    contract("that are missing are named", async ({ client, path }) => {
      const error = await failureOf(client.files.readText(path("missing.yml")));
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ code: "FILE_NOT_FOUND" });
      expect(String(error)).toContain(path("missing.yml"));
      const first = client.files.lines(path("missing.yml"))[Symbol.asyncIterator]().next();
      expect(await failureOf(first)).toMatchObject({ code: "FILE_NOT_FOUND" });
    });
  });
}
