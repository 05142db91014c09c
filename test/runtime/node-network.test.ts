import { connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TransportError } from "../../src/model/error.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { failureOf } from "../support/failure-of.ts";

let runtime: Runtime;
beforeEach(() => {
  runtime = nodeRuntime();
});
afterEach(() => runtime.http.close());

describe("the real HTTP client", () => {
  const request = (url: string, timeoutMs = 5_000) =>
    failureOf(runtime.http.request({ method: "POST", url, headers: {}, body: "secret", timeoutMs }));

  test("proves that nothing left when TLS fails", async () => {
    const plain = createServer((socket) => socket.on("error", () => {}).on("data", () => socket.end("not TLS\r\n")));
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    const address = plain.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const error = await request(`https://127.0.0.1:${port}/`);
    plain.close();
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ bytesMayHaveLeft: false, code: "TRANSPORT_CONNECT" });
  });

  test("proves that nothing left when the name does not resolve", async () => {
    expect(await request("http://no-such-host.invalid/")).toMatchObject({ bytesMayHaveLeft: false });
  });

  test("proves that nothing left when it gives up before a connection stands", async () => {
    let received = "";
    const silent = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (chunk) => {
        received += chunk.toString("latin1");
      });
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const error = await request(`https://127.0.0.1:${port}/`, 60);
    await runtime.http.close();
    silent.close();
    expect(error).toMatchObject({ bytesMayHaveLeft: false, code: "TRANSPORT_TIMEOUT" });
    expect(received).not.toMatch(/POST|secret/);
  });

  test("refuses a header that would split the request, without sending it", async () => {
    const headers = { "x-key": "a\r\nx-other: b" };
    const url = "http://127.0.0.1:9/";
    const error = await failureOf(runtime.http.request({ method: "GET", url, headers, timeoutMs: 1_000 }));
    expect(error).toMatchObject({ bytesMayHaveLeft: false, code: "TRANSPORT_INVALID" });
  });

  test("keeps connections ready that requests take and others replace, until they are not wanted", async () => {
    const sockets: Socket[] = [];
    const seen: string[] = [];
    const server = createServer((socket) => {
      const number = sockets.push(socket);
      socket.on("error", () => {});
      socket.on("data", (chunk) => {
        seen.push(`${number}: ${chunk.toString("latin1").split(" ")[0]}`);
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
    const letGo = runtime.http.keepReady?.(url, 2);
    await expect.poll(() => sockets.length).toBe(2);
    const ask = () => runtime.http.request({ method: "GET", url, headers: {}, timeoutMs: 5_000 });
    const answers = await Promise.all([ask(), ask()]);
    expect(answers.map(({ text }) => text)).toEqual(["ok", "ok"]);
    expect(seen.toSorted()).toEqual(["1: GET", "2: GET"]);
    await expect.poll(() => sockets.length).toBe(4);
    letGo?.();
    await expect.poll(() => sockets.slice(2).every((socket) => socket.readableEnded || socket.destroyed)).toBe(true);
    await ask();
    expect([sockets.length, seen.length]).toEqual([4, 3]);
    await runtime.http.close();
    server.close();
  });

  test("a connection that is being made is given up when none is wanted: no handshake outlives a stop", async () => {
    const sockets: Socket[] = [];
    const ended: boolean[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => {}).on("close", () => ended.push(true));
      socket.resume();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const url = `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
    const letGo = runtime.http.keepReady?.(url, 2);
    await expect.poll(() => sockets.length).toBe(2);
    letGo?.();
    await expect.poll(() => ended.length, { timeout: 5_000 }).toBe(2);
    expect(sockets).toHaveLength(2);
    await runtime.http.close();
    server.close();
  });

  test("a ready connection that the server ends is not used", async () => {
    let connections = 0;
    const seen: number[] = [];
    const ended = Promise.withResolvers<void>();
    const server = createServer((socket) => {
      const number = ++connections;
      socket.on("error", () => {}).on("close", () => ended.resolve());
      socket.on("data", () => {
        seen.push(number);
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      });
      if (number === 1) socket.end("HTTP/1.1 408 Request Timeout\r\n\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
    runtime.http.keepReady?.(url, 1);
    await ended.promise;
    const { text } = await runtime.http.request({ method: "GET", url, headers: {}, timeoutMs: 5_000 });
    expect([text, seen]).toEqual(["ok", [2]]);
    await runtime.http.close();
    server.close();
  });

  test("does not know what became of a request that was answered by half", async () => {
    const half = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", () => socket.destroy());
      });
    });
    await new Promise<void>((resolve) => half.listen(0, "127.0.0.1", resolve));
    const address = half.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const error = await request(`http://127.0.0.1:${port}/`);
    half.close();
    expect(error).toMatchObject({ bytesMayHaveLeft: true });
  });

  test("stops reading at 32 MB of a body without end, and ends the connection", async () => {
    const ended = Promise.withResolvers<void>();
    const chunk = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(2 ** 20, "x"), Buffer.from("\r\n")]);
    const endless = createServer((socket) => {
      const write = (): void => {
        if (!socket.destroyed && socket.write(chunk)) setImmediate(write);
      };
      socket.on("error", () => {}).on("drain", write);
      socket.on("close", () => ended.resolve());
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        write();
      });
    });
    await new Promise<void>((resolve) => endless.listen(0, "127.0.0.1", resolve));
    const address = endless.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const error = await request(`http://127.0.0.1:${port}/`, 60_000);
    expect(error).toMatchObject({ code: "TRANSPORT_TOO_LARGE", outcome: "unknown" });
    await ended.promise;
    endless.close();
  });

  test("reads nothing of a body that says that it is larger", async () => {
    const large = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 600000000\r\n\r\n"));
    });
    await new Promise<void>((resolve) => large.listen(0, "127.0.0.1", resolve));
    const address = large.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const error = await request(`http://127.0.0.1:${port}/`, 60_000);
    large.close();
    expect(error).toMatchObject({ code: "TRANSPORT_TOO_LARGE", outcome: "unknown" });
  });

  test("ends a body that drips when the request's time is up", async () => {
    const dripping = createServer((socket) => {
      socket.on("error", () => {});
      let timer: NodeJS.Timeout | undefined;
      socket.on("close", () => clearInterval(timer));
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
        timer = setInterval(() => socket.write("x"), 5);
      });
    });
    await new Promise<void>((resolve) => dripping.listen(0, "127.0.0.1", resolve));
    const address = dripping.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const error = await request(`http://127.0.0.1:${port}/`, 200);
    dripping.close();
    expect(error).toMatchObject({ code: "TRANSPORT_TIMEOUT", outcome: "unknown" });
  });

  test("joins the values of a repeated header", async () => {
    const twice = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => {
        socket.end("HTTP/1.1 200 OK\r\nX-Limit: a\r\nX-Limit: b\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      });
    });
    await new Promise<void>((resolve) => twice.listen(0, "127.0.0.1", resolve));
    const address = twice.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const url = `http://127.0.0.1:${port}/`;
    const response = await runtime.http.request({ method: "GET", url, headers: {}, timeoutMs: 5_000 });
    twice.close();
    expect(response.headers["x-limit"]).toBe("a, b");
  });
});

describe("the real server", () => {
  test("answers 413 to a body beyond its limit", async () => {
    const onRequest = () => ({ status: 200, body: "" });
    const server = await runtime.server.listen({
      host: "127.0.0.1",
      port: 0,
      onRequest,
      onConnection: () => ({ refuse: 404 }),
    });
    const url = `http://127.0.0.1:${server.port}/`;
    const body = "x".repeat(17 * 2 ** 20);
    const response = await runtime.http.request({ method: "POST", url, headers: {}, body, timeoutMs: 20_000 });
    await server.close();
    expect(response.status).toBe(413);
  });

  test("closes although clients keep their ends open", async () => {
    const arrived = Promise.withResolvers<void>();
    const server = await runtime.server.listen({
      host: "127.0.0.1",
      port: 0,
      onRequest: () => ({ status: 404, body: "" }),
      onConnection() {
        arrived.resolve();
        return { refuse: 403 };
      },
    });
    const open = () => {
      const socket = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
      socket.on("error", () => {});
      return socket;
    };
    const silent = open();
    await new Promise<void>((resolve) => silent.once("connect", () => resolve()));
    const refused = open();
    refused.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
    await arrived.promise;
    await server.close();
    silent.destroy();
    refused.destroy();
  });

  test("ends a WebSocket handshake that is malformed and tells the handlers", async () => {
    const closed = Promise.withResolvers<number>();
    const server = await runtime.server.listen({
      host: "127.0.0.1",
      port: 0,
      onRequest: () => ({ status: 404, body: "" }),
      onConnection: () => ({ onText: () => {}, onClose: (info) => closed.resolve(info.code) }),
    });
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
    let answer = "";
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(await closed.promise).toBe(1006);
    await server.close();
  });
});

describe("the real WebSocket client", () => {
  test("gives up a handshake that is never answered", async () => {
    const silent = createServer((socket) => socket.on("error", () => {}).resume());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const handlers = { onText: () => {}, onClose: () => {} };
    const connecting = runtime.webSocket.connect(`ws://127.0.0.1:${port}/`, handlers, { handshakeTimeoutMs: 50 });
    expect(await failureOf(connecting)).toMatchObject({ bytesMayHaveLeft: false, code: "TRANSPORT_TIMEOUT" });
    silent.close();
  });
});
