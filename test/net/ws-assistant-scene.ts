import { expect } from "vitest";
import { Throttler } from "../../src/net/throttler.ts";
import { WsAssistant, type WsAssistantOptions, type WsConnectOptions } from "../../src/net/ws-assistant.ts";
import type { Heartbeat } from "../../src/net/ws-heartbeat.ts";
import type { ServerConnection, WebSocketClose } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { recordingLogger } from "./recording-logger.ts";

const QUIET: Heartbeat = { intervalMs: 3_600_000, ping: "protocol", timeoutMs: 10_000 };

interface Venue {
  /** Outgoing messages a second. */
  readonly limit?: number;
  readonly refuse?: number;
}

export async function scene(options: Partial<WsAssistantOptions> = {}, venue: Venue = {}) {
  const world = new SimulatedWorld({ seed: 9 });
  const { clock, timers, webSocket } = world.runtime("client");
  const connections: ServerConnection[] = [];
  const received: string[] = [];
  const closes: WebSocketClose[] = [];
  const listening = world.runtime("venue").server.listen({
    host: "venue",
    port: 80,
    onRequest: () => ({ status: 404, body: "" }),
    onConnection(connection) {
      if (venue.refuse !== undefined) return { refuse: venue.refuse };
      connections.push(connection);
      return {
        onText: (text) => received.push(text),
        onClose: (info) => closes.push(info),
      };
    },
  });
  await world.run(listening);
  const logger = recordingLogger();
  const rateLimits = [{ limitId: "messages", limit: venue.limit ?? 100, timeIntervalMs: 1_000 }];
  const throttler = new Throttler({ rateLimits, clock, timers });
  const limitId = "messages";
  const assistant = new WsAssistant({ webSocket, clock, timers, logger, throttler, limitId, ...options });
  const texts: string[] = [];
  const connect = (changes: Partial<WsConnectOptions> = {}): Promise<void> =>
    assistant.connect({
      url: "ws://venue:80/ws?listenKey=secret",
      handshakeTimeoutMs: 5_000,
      heartbeat: QUIET,
      onText: (text) => texts.push(text),
      ...changes,
    });
  const server = (): ServerConnection => {
    const connection = connections[0];
    if (connection === undefined) throw new Error("nobody connected");
    return connection;
  };
  return { world, clock, throttler, logger, assistant, texts, connect, server, received, closes };
}

/** Fails if a timer is left: then time could move on. */
export async function expectNothingScheduled(world: SimulatedWorld): Promise<void> {
  await expect(world.run(new Promise(() => undefined))).rejects.toThrow("nothing is scheduled");
}
