import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { HttpResponse, Runtime } from "../../src/runtime/runtime.ts";
import { flood, rawServer } from "./raw-server.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const answer = (text: string) => `${OK}content-length: ${text.length}\r\n\r\n${text}`;

function ask({ http }: Runtime, origin: string, body = "b"): Promise<HttpResponse> {
  return http.request({ method: "POST", url: `http://${origin}/`, headers: {}, body, timeoutMs: 10_000 });
}

/** What becomes of one request that a raw server answers. */
async function asked(respond: (socket: Socket) => void): Promise<unknown> {
  const { runtime, origin } = await rawServer(respond);
  return ask(runtime, origin).catch((error: unknown) => error);
}

describe("an answer that is no sound HTTP", () => {
  test.each<readonly [what: string, text: string]>([
    ["is shorter than it says", `${OK}content-length: 10\r\n\r\n{}`],
    ["ends within its chunks", `${OK}transfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n`],
    ["has two lengths", `${OK}content-length: 2\r\ncontent-length: 3\r\n\r\n{}x`],
    ["has a length and chunks", `${OK}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`],
    ["has a length below zero", `${OK}content-length: -1\r\n\r\n{}`],
    ["has a chunk of more than 2^64 bytes", `${OK}transfer-encoding: chunked\r\n\r\n${"F".repeat(18)}\r\n{}`],
    ["tells a length after its end", `${OK}transfer-encoding: chunked\r\n\r\n0\r\ncontent-length: 5\r\n\r\n`],
    ["has 1 MB of headers", `${OK}x-a: ${"y".repeat(2 ** 20)}\r\ncontent-length: 2\r\n\r\n{}`],
    ["goes over to another protocol", "HTTP/1.1 101 Other\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\nx"],
    ["is of HTTP/0.9", '{"a":1}'],
  ])("%s: what became of the request is not known", async (_, text) => {
    const error = await asked((socket) => socket.end(text));
    expect(error).toMatchObject({ code: "TRANSPORT_RESET", outcome: "unknown", bytesMayHaveLeft: true });
  });

  test.each([
    ["a status of 000", "HTTP/1.1 000 X\r\ncontent-length: 2\r\n\r\n{}"],
    ["a 101 without an upgrade", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
  ])("%s is told in words", async (_, text) => {
    expect(await asked((socket) => socket.write(text))).toMatchObject({
      message: expect.stringMatching(/: connection reset \(an answer that is not HTTP\/1.1\)$/) as string,
      outcome: "unknown",
    });
  });

  test.each([
    ["headers", OK],
    ["trailers", `${OK}transfer-encoding: chunked\r\n\r\n0\r\n`],
  ])("%s without end are not read on", async (_, text) => {
    const error = await asked((socket) => {
      socket.write(text);
      flood(socket, "x-t: y\r\n".repeat(1_000));
    });
    expect(error).toMatchObject({ code: "TRANSPORT_RESET", outcome: "unknown" });
  });

  test("hints before an answer are passed over, and a body after 204 belongs to nothing", async () => {
    const early = "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
    expect(await asked((socket) => socket.write(early + answer("{}")))).toMatchObject({ status: 200, text: "{}" });
    const { runtime, origin } = await rawServer((socket, _, connection) =>
      socket.write(connection === 1 ? "HTTP/1.1 204 No\r\ncontent-length: 2\r\n\r\n{}" : answer("second")),
    );
    expect(await ask(runtime, origin)).toMatchObject({ status: 204, text: "" });
    expect(await ask(runtime, origin)).toMatchObject({ status: 200, text: "second" });
  });

  test("a body that was compressed unasked is not decompressed", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20));
    const response = await asked((socket) => {
      socket.write(`${OK}content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
      socket.write(bomb);
    });
    expect((response as HttpResponse).text.length).toBeLessThanOrEqual(bomb.length);
  });
});

describe("a second answer for one request", () => {
  test("is never the next request's, whether it comes with the first or after it", async () => {
    const { runtime, origin, sockets } = await rawServer((socket, request) => {
      const body = request.slice(-1);
      socket.write(answer(body) + answer("smuggled"));
    });
    for (const body of "abcde") expect((await ask(runtime, origin, body)).text).toBe(body);
    expect(sockets).toHaveLength(5);
  });

  test("ends an idle connection", async () => {
    const { runtime, origin, sockets } = await rawServer((socket, request) => socket.write(answer(request.slice(-1))));
    expect((await ask(runtime, origin, "a")).text).toBe("a");
    const closed = new Promise((resolve) => sockets[0]?.once("close", resolve));
    sockets[0]?.write(answer("smuggled"));
    await closed;
    expect((await ask(runtime, origin, "b")).text).toBe("b");
    expect(sockets).toHaveLength(2);
  });

  test("does not come where the connection closes by HTTP/1.0", async () => {
    const { runtime, origin, sockets } = await rawServer((socket, request) =>
      socket.end(`HTTP/1.0 200 OK\r\n\r\n${request.slice(-1)}`),
    );
    for (const body of "ab") expect((await ask(runtime, origin, body)).text).toBe(body);
    expect(sockets).toHaveLength(2);
  });
});
