import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL("fixtures/ask-and-listen.ts", import.meta.url));
const HEADERS = { "x-key": "signed" };

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function client(): Runtime {
  const runtime = nodeRuntime();
  closing.push(() => runtime.http.close());
  return runtime;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}

/** A server that nothing may reach; what reaches it all the same is in `seen`. */
async function trap() {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    response.end();
  });
  server.on("connect", (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    socket.destroy();
  });
  server.on("upgrade", (request, socket) => {
    seen.push(`upgrade ${request.url}`);
    socket.destroy();
  });
  return { seen, port: await listening(server) };
}

describe("a signed request", () => {
  it.each([301, 302, 303, 307, 308])("is not sent on where an answer %i points to", async (status) => {
    const { seen, port } = await trap();
    const location = `http://127.0.0.1:${port}/elsewhere`;
    const server = createServer((_, response) => response.writeHead(status, { location }).end());
    server.on("upgrade", (_, socket) => socket.end(`HTTP/1.1 ${status} Moved\r\nlocation: ${location}\r\n\r\n`));
    const origin = `127.0.0.1:${await listening(server)}`;
    const { http, webSocket } = client();
    const url = `http://${origin}/account`;
    const answer = await http.request({ method: "POST", url, headers: HEADERS, body: "{}", timeoutMs: 10_000 });
    expect(answer.status).toBe(status);
    const handlers = { onText: () => {}, onClose: () => {} };
    const options = { headers: HEADERS, handshakeTimeoutMs: 10_000 };
    await expect(webSocket.connect(`ws://${origin}/`, handlers, options)).rejects.toMatchObject({
      code: "TRANSPORT_HANDSHAKE",
      venueCode: String(status),
    });
    expect(seen).toEqual([]);
  });

  it("goes straight to the venue, whatever proxy the environment names", async () => {
    const { seen, port } = await trap();
    const proxy = `http://127.0.0.1:${port}`;
    const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "WS_PROXY", "WSS_PROXY"];
    const proxies = Object.fromEntries(
      names.flatMap((name) => [name, name.toLowerCase()]).map((name) => [name, proxy]),
    );
    const runtime = client();
    const server = await runtime.server.listen({
      host: "127.0.0.1",
      port: 0,
      onRequest: () => ({ status: 200, body: "" }),
      onConnection: () => ({ onText: () => {}, onClose: () => {} }),
    });
    closing.unshift(() => server.close());
    const env = { ...process.env, ...proxies, NO_PROXY: "", no_proxy: "", NODE_USE_ENV_PROXY: "1" };
    const { stdout } = await run(process.execPath, [SCRIPT, String(server.port)], { env });
    expect(JSON.parse(stdout)).toEqual({ status: 200, isOpen: true });
    expect(seen).toEqual([]);
  }, 30_000);
});
