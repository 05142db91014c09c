import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { WebSocketClose } from "../../src/runtime/runtime.ts";
import { flood, rawServer } from "./raw-server.ts";

const TEXT = 1;
const BINARY = 2;
const PING = 9;
const MORE = 0;

/** A frame of a server. `rsv` are the bits that extensions use. */
function frame(opcode: number, isLast: boolean, content: string | Uint8Array, rsv = 0): Buffer {
  const body = Buffer.from(content as Uint8Array);
  const first = (isLast ? 0x80 : 0) | rsv | opcode;
  if (body.length < 126) return Buffer.concat([Buffer.from([first, body.length]), body]);
  const head = Buffer.alloc(10);
  head.writeUInt8(first, 0);
  head.writeUInt8(127, 1);
  head.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([head, body]);
}

/** What a client hears of a server that takes its handshake and then does as it likes. */
async function heard(serve: (socket: Socket) => void, extension = "") {
  const { runtime, origin } = await rawServer((socket, request) => {
    const key = /sec-websocket-key: (.*)\r\n/i.exec(request)?.[1];
    if (key === undefined) return;
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    const headers = `upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n${extension}`;
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers}\r\n`);
    serve(socket);
  });
  const texts: string[] = [];
  const closed = Promise.withResolvers<WebSocketClose>();
  const handlers = { onText: (text: string) => void texts.push(text), onClose: closed.resolve };
  await runtime.webSocket.connect(`ws://${origin}/`, handlers, { handshakeTimeoutMs: 10_000 });
  return { texts, close: await closed.promise };
}

describe("a message of more than 16 MB ends the connection", () => {
  const LARGE = Buffer.alloc(2 ** 24 + 1, "x");
  const fragments = (size: number): Buffer[] =>
    Array.from({ length: Math.ceil(LARGE.length / size) }, (_, index) =>
      frame(index === 0 ? TEXT : MORE, false, LARGE.subarray(0, size)),
    );

  test.each<readonly [how: string, frames: readonly Buffer[]]>([
    ["as text", [frame(TEXT, true, LARGE)]],
    ["in binary", [frame(BINARY, true, LARGE)]],
    ["in fragments", fragments(2 ** 16)],
    ["by what it says of 2^40 bytes", [Buffer.from([0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0])]],
    ["by what it says of 2^63 bytes", [Buffer.from([0x81, 127, 128, 0, 0, 0, 0, 0, 0, 0])]],
  ])("%s", async (_, frames) => {
    const { texts, close } = await heard((socket) => void socket.write(Buffer.concat(frames)));
    expect(close).toEqual({ code: 1009, reason: "a message of more than 16 MB" });
    expect(texts).toEqual([]);
  });

  test("in fragments of one byte already long before, for each takes a hundred times as much", async () => {
    const { close } = await heard((socket) => {
      socket.write(frame(TEXT, false, "x"));
      flood(socket, Buffer.concat(Array<Buffer>(1_000).fill(frame(MORE, false, "y"))));
    });
    expect(close).toEqual({ code: 1008, reason: "Too many message fragments" });
  });
});

describe("a frame that cannot be read ends the connection, which says why", () => {
  test.each<readonly [what: string, bytes: Uint8Array, code: number, reason: RegExp]>([
    ["text that is not UTF-8", frame(TEXT, true, Buffer.from([0xff])), 1007, /invalid UTF-8/],
    ["compressed, which nothing offered", frame(TEXT, true, deflateRawSync("{}"), 0x40), 1002, /RSV1/],
    ["of no known kind", frame(3, true, "x"), 1002, /opcode/],
    ["a fragment of nothing", frame(MORE, true, "x"), 1002, /opcode/],
    ["a message within a message", Buffer.concat([frame(TEXT, false, "x"), frame(TEXT, true, "y")]), 1002, /opcode/],
    ["masked", Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x61]), 1002, /MASK/],
  ])("%s", async (_, bytes, code, reason) => {
    const { texts, close } = await heard((socket) => void socket.write(bytes));
    expect(close).toEqual({ code, reason: expect.stringMatching(reason) as string });
    expect(texts).toEqual([]);
  });
});

describe("a server that", () => {
  test("compresses although nothing offered it is not connected to", async () => {
    const extension = "sec-websocket-extensions: permessage-deflate\r\n";
    await expect(heard(() => undefined, extension)).rejects.toMatchObject({
      code: "TRANSPORT_CONNECT",
      message: expect.stringMatching(/no extension was requested/) as string,
    });
  });

  test("pings without end and hears nothing fills no memory with the answers", async () => {
    const { close } = await heard((socket) => {
      socket.pause();
      flood(socket, Buffer.concat(Array<Buffer>(500).fill(frame(PING, true, "p".repeat(125)))));
    });
    expect(close.code).toBe(1006);
  });

  test("sends text after its farewell is not listened to", async () => {
    const farewell = frame(8, true, Buffer.from([0x03, 0xe8]));
    const { texts, close } = await heard((socket) =>
      socket.write(Buffer.concat([farewell, frame(TEXT, true, "late")])),
    );
    expect(close.code).toBe(1000);
    expect(texts).toEqual([]);
  });
});
