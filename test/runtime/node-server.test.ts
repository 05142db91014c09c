import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { ListeningServer, ServerConnection, ServerOptions } from "../../src/runtime/runtime.ts";

const UPGRADE = [
  "GET / HTTP/1.1",
  ...["host: x", "upgrade: websocket", "connection: Upgrade", "sec-websocket-version: 13"],
  ...["sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==", "\r\n"],
].join("\r\n");

let server: ListeningServer;
let seen: string[];
const sockets: Socket[] = [];

async function listen(options: Partial<ServerOptions>): Promise<void> {
  server = await nodeRuntime().server.listen({
    host: "127.0.0.1",
    port: 0,
    onConnection: () => ({ refuse: 404 }),
    onRequest({ body }) {
      seen.push(body);
      return { status: 401, body: "who are you" };
    },
    ...options,
  });
}

/** A raw connection, and all that it was answered by the time that it ended. */
function open(): { readonly socket: Socket; readonly ended: Promise<string>; has(text: string): Promise<void> } {
  const socket = connect({ port: server.port, host: "127.0.0.1" });
  sockets.push(socket);
  let answer = "";
  const waiting: { readonly text: string; readonly resolve: () => void }[] = [];
  socket.on("data", (chunk) => {
    answer += chunk.toString("utf8");
    for (const { text, resolve } of waiting) if (answer.includes(text)) resolve();
  });
  socket.on("error", () => {});
  const ended = new Promise<string>((resolve) => socket.on("close", () => resolve(answer)));
  return { socket, ended, has: (text) => new Promise((resolve) => waiting.push({ text, resolve })) };
}

beforeEach(() => {
  seen = [];
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

describe("the real server", () => {
  test("answers who is not wanted before the body is there, keeps none of it and hangs up on who goes on", async () => {
    await listen({ wantsBody: ({ headers }) => headers["x-key"] === "known" });
    const stranger = open();
    stranger.socket.write("POST /order HTTP/1.1\r\nhost: x\r\ncontent-length: 900000\r\n\r\nhalf of it");
    await stranger.has("who are you");
    expect(await stranger.ended).toContain("401");
    expect(seen).toEqual([""]);
    const known = open();
    known.socket.write("POST /order HTTP/1.1\r\nhost: x\r\nx-key: known\r\ncontent-length: 5\r\n\r\nwhole");
    await known.has("who are you");
    expect(seen).toEqual(["", "whole"]);
  });

  test("keeps a connection whose refused body is there already", async () => {
    await listen({ wantsBody: () => false });
    const { socket, has } = open();
    socket.write("POST /one HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc");
    await has("who are you");
    const again = has("who are youHTTP/1.1 401");
    socket.write("GET /two HTTP/1.1\r\nhost: x\r\n\r\n");
    await again;
    expect(seen).toEqual(["", ""]);
  });

  test("refuses a body that is too large without reading it to the end", async () => {
    await listen({});
    const { socket, ended } = open();
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 900000000\r\n\r\n");
    socket.write("x".repeat(2 ** 20 + 1));
    expect(await ended).toContain("413");
    expect(seen).toEqual([]);
  });

  test("drops connections beyond the limit, and takes new ones when others have gone", async () => {
    await listen({ maxConnections: 2 });
    const [first, second] = [open(), open()];
    for (const { socket, has } of [first, second]) {
      socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
      await has("who are you");
    }
    const third = open();
    third.socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    expect(await third.ended).toBe("");
    first.socket.destroy();
    await first.ended;
    await expect
      .poll(async () => {
        const fourth = open();
        fourth.socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        return fourth.ended;
      })
      .toContain("who are you");
  });

  test("gives up on headers and on bodies that do not come", { timeout: 60_000 }, async () => {
    await listen({});
    const [headers, body] = [open(), open()];
    headers.socket.write("POST / HTTP/1.1\r\nhost: x\r\n");
    body.socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nfive ");
    expect(await headers.ended).toContain("408");
    expect(await body.ended).toContain("408");
    expect(seen).toEqual([]);
  });

  test("answers with an error what its handler throws, and takes the next request on the same connection", async () => {
    await listen({
      onRequest({ target }) {
        if (target === "/broken") throw new Error("no such table");
        return { status: 200, body: `asked for ${target}` };
      },
    });
    const { socket, has } = open();
    socket.write("GET /broken HTTP/1.1\r\nhost: x\r\n\r\n");
    await has("HTTP/1.1 500 Internal Server Error");
    socket.write("GET /100%/of?it=%zz HTTP/1.1\r\nhost: x\r\n\r\n");
    await has("asked for /100%/of?it=%zz");
  });

  test("answers in one piece, with the type that the handler names or as text", async () => {
    await listen({
      onRequest: ({ target }) =>
        target === "/json"
          ? { status: 200, headers: { "Content-Type": "application/json" }, body: "{}" }
          : { status: 204, body: "" },
    });
    const { socket, ended } = open();
    socket.write("GET /json HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    const [json = "", empty = ""] = (await ended).toLowerCase().split("http/1.1 ").slice(1);
    expect(json).toContain("content-length: 2\r\n");
    expect(json.match(/content-type: [^\r]*/g)).toEqual(["content-type: application/json"]);
    expect(empty).toMatch(/^204 /);
    expect(empty).not.toContain("content-type");
  });

  test("closes with requests unanswered and connections idle", async () => {
    await listen({ onRequest: () => new Promise(() => {}) });
    const [idle, waiting] = [open(), open()];
    waiting.socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await new Promise<void>((resolve) => idle.socket.once("connect", () => resolve()));
    await server.close();
    expect(await Promise.all([idle.ended, waiting.ended])).toEqual(["", ""]);
  });

  test.each(["close", "terminate"] as const)(
    "sends the frames of one turn in order, also where it ends with a %s",
    async (end) => {
      const connected = Promise.withResolvers<ServerConnection>();
      await listen({
        onConnection(connection) {
          connected.resolve(connection);
          return { onText: () => undefined, onClose: () => undefined };
        },
      });
      const client = open();
      client.socket.write(UPGRADE);
      await client.has("101");
      const connection = await connected.promise;
      const texts = Array.from({ length: 50 }, (_, place) => `frame ${place};`);
      for (const text of texts.slice(0, 20)) connection.send(text);
      await client.has("frame 19;");
      for (const text of texts.slice(20)) connection.send(text);
      connection[end]();
      client.socket.end();
      expect([...(await client.ended).matchAll(/frame \d+;/g)].map(([text]) => text)).toEqual(texts);
    },
  );

  test("answers requests of many clients at once, each with its own", async () => {
    await listen({ onRequest: ({ body }) => ({ status: 200, body: `answer to ${body}` }) });
    const clients = Array.from({ length: 40 }, open);
    const answers = clients.map((client, place) => client.has(`answer to ${place};`));
    for (const [place, { socket }] of clients.entries()) {
      const body = `${place};`;
      socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    }
    await Promise.all(answers);
  });

  test("does what a client asked for that has gone since, and answers the others", async () => {
    const asked = Promise.withResolvers<void>();
    await listen({
      onRequest({ body }) {
        seen.push(body);
        asked.resolve();
        return { status: 200, body: "done" };
      },
    });
    const gone = open();
    gone.socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\ngone", () => gone.socket.destroy());
    await asked.promise;
    const other = open();
    const answered = other.has("done");
    other.socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nother");
    await answered;
    expect(seen).toEqual(["gone", "other"]);
  });

  test("lets frames leave before the answer that comes after them", async () => {
    const connected = Promise.withResolvers<ServerConnection>();
    await listen({
      onConnection(connection) {
        connected.resolve(connection);
        return { onText: () => undefined, onClose: () => undefined };
      },
      async onRequest() {
        (await connected.promise).send("the frame");
        return { status: 200, body: "the answer" };
      },
    });
    const order: string[] = [];
    const listener = open();
    listener.socket.write(UPGRADE);
    await listener.has("101");
    const caller = open();
    const both = [
      listener.has("the frame").then(() => order.push("frame")),
      caller.has("the answer").then(() => order.push("answer")),
    ];
    caller.socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
    await Promise.all(both);
    expect(order).toEqual(["frame", "answer"]);
  });
});
