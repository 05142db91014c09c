import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { breakOff } from "./tcp-proxy.ts";

test("a connection is broken off whatever state it is in, and let go of", async () => {
  const server = createServer((socket) => socket.on("error", () => undefined).resume());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  for (const state of ["connecting", "open", "ending", "ended"]) {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const errors: string[] = [];
    socket.on("error", (error) => errors.push(String(error)));
    if (state !== "connecting") await once(socket, "connect");
    if (state === "ending" || state === "ended") socket.end("hello");
    if (state === "ended") await once(socket, "finish");
    const closed = once(socket, "close");
    breakOff(socket);
    await closed;
    expect([state, errors]).toEqual([state, []]);
  }
  server.close();
  await once(server, "close");
});
