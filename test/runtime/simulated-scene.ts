import type { Runtime, ServerOptions, WebSocketClose } from "../../src/runtime/runtime.ts";
import type { SimulatedWorld } from "../../src/runtime/simulated.ts";

export const VENUE = "api.venue.test";

/** A server that says back what it hears. */
export function listen(runtime: Runtime, options: Partial<ServerOptions> = {}) {
  return runtime.server.listen({
    host: VENUE,
    port: 443,
    onRequest: (request) => ({ status: 200, body: request.body }),
    onConnection: (connection) => ({ onText: (text) => connection.send(text), onClose: () => {} }),
    ...options,
  });
}

export function post(runtime: Runtime, body = "", timeoutMs = 1_000) {
  return runtime.http.request({ method: "POST", url: `https://${VENUE}/orders?a=1`, headers: {}, body, timeoutMs });
}

export async function openSocket(world: SimulatedWorld, runtime: Runtime) {
  const texts: string[] = [];
  const closes: WebSocketClose[] = [];
  const handlers = {
    onText: (text: string) => void texts.push(text),
    onClose: (info: WebSocketClose) => void closes.push(info),
  };
  const connecting = runtime.webSocket.connect(`wss://${VENUE}/ws`, handlers, { handshakeTimeoutMs: 1_000 });
  return { connection: await world.run(connecting), texts, closes };
}
