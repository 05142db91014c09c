import { createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";

/** A server that writes whatever it likes, and the real client of a test. */
export async function rawServer(onRequest: (socket: Socket, request: string, connection: number) => void) {
  const runtime: Runtime = nodeRuntime();
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const connection = sockets.length;
    socket.on("error", () => {});
    socket.on("data", (chunk) => onRequest(socket, chunk.toString("latin1"), connection));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    await runtime.http.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return { runtime, sockets, origin: `127.0.0.1:${port}` };
}

/** Writes a piece again and again for as long as the other side takes it. */
export function flood(socket: Socket, piece: string | Uint8Array): void {
  const write = (): void => {
    if (!socket.destroyed && socket.write(piece)) setImmediate(write);
  };
  socket.on("drain", write);
  write();
}
