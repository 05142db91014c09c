import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPaperVenue, type PaperVenue } from "../../src/paper/index.ts";

let venue: PaperVenue;
beforeEach(async () => {
  venue = await createPaperVenue({ api: "ftx", quiet: true });
});
afterEach(() => venue.stop());

function open(host: string): Promise<Socket | "refused"> {
  const socket = connect({ host, port: venue.port });
  return new Promise((resolve) => {
    socket.once("connect", () => resolve(socket));
    socket.on("error", () => resolve("refused"));
  });
}

/** What the box answers to bytes that are no request of anybody's; empty where it hangs up on what it does not read. */
async function answerTo(bytes: string): Promise<string> {
  const socket = await open("127.0.0.1");
  if (socket === "refused") throw new Error("refused");
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  socket.end(bytes);
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

const isAlive = async (): Promise<boolean> =>
  (await fetch(`${venue.control}/clock`, { headers: { "paper-key": venue.apiKey } })).status === 200;

describe("the exchange in the box", () => {
  it("listens on the loopback address and on no other unless it is told to", async () => {
    expect(venue.host).toBe("127.0.0.1");
    const others = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4");
    for (const { address } of others) expect(await open(address), address).toBe("refused");
  });

  it.each([
    ["no JSON", "{"],
    ["a list", "[1]"],
    ["a text", '"x"'],
    ["no body", undefined],
    ["an unknown fault", '{"nothing":1}'],
    ["a prototype", '{"__proto__":{"latencyMs":[1,2]},"dropFrame":"x"}'],
    ["a number beyond all", '{"dropFrame":1e999}'],
    ["lists in lists", "[".repeat(20_000)],
  ])("refuses faults that are %s, and goes on", async (_, body) => {
    const headers = { "paper-key": venue.apiKey, "content-type": "application/json" };
    const response = await fetch(`${venue.control}/faults`, {
      method: "POST",
      headers,
      ...(body === undefined ? {} : { body }),
    });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(await isAlive()).toBe(true);
  });

  it("refuses a body of ten megabytes on the control API, with a key and without", async () => {
    const body = "x".repeat(10_000_000);
    for (const key of [venue.apiKey, "none"]) {
      const headers = { "paper-key": key, "content-type": "application/json" };
      const status = await fetch(`${venue.control}/faults`, { method: "POST", headers, body }).then(
        (response) => response.status,
        () => "hung up",
      );
      expect([401, 413, "hung up"]).toContain(status);
    }
    expect(await isAlive()).toBe(true);
  });

  it.each([
    ["no HTTP", "\u0000\u0001\u0002\r\n\r\n"],
    [
      "two lengths",
      "POST /paper/faults HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx",
    ],
    [
      "a length and pieces",
      "POST /paper/faults HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["a head without end", `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"y".repeat(100_000)}\r\n\r\n`],
  ])("answers %s with a refusal, and goes on", async (_, bytes) => {
    expect(await answerTo(bytes)).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect(await isAlive()).toBe(true);
  });

  it("stands a thousand connections that say nothing, and answers beside them", async () => {
    const sockets: Socket[] = [];
    for (let number = 0; number < 1_000; number += 1) {
      const socket = await open("127.0.0.1");
      if (socket !== "refused") sockets.push(socket);
    }
    expect(sockets).toHaveLength(1_000);
    expect(await isAlive()).toBe(true);
    for (const socket of sockets) socket.destroy();
  });
});
