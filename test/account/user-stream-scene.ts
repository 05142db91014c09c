import { expect } from "vitest";
import { ListenKeyLease } from "../../src/account/listen-key.ts";
import { UserStreamDataSource, type UserStreamDataSourceOptions } from "../../src/account/user-stream-data-source.ts";
import { UserStreamTracker } from "../../src/account/user-stream-tracker.ts";
import type { PrivateFrameKind, VenueUserStreamDataSource } from "../../src/account/venue-user-stream-data-source.ts";
import type { AccountUpdate } from "../../src/model/account-update.ts";
import { decimal } from "../../src/model/decimal.ts";
import { createVenueMarkets } from "../../src/model/venue-markets.ts";
import type { Authenticator } from "../../src/net/auth.ts";
import { parseJson } from "../../src/net/json.ts";
import { WsAssistant } from "../../src/net/ws-assistant.ts";
import type { ServerConnection } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { recordingLogger } from "../net/recording-logger.ts";

interface Frame {
  readonly kind?: PrivateFrameKind;
  readonly asset?: string;
  readonly broken?: boolean;
}

const VENUE: VenueUserStreamDataSource = {
  loginIsAcknowledged: true,
  subscribeChannels: () => [
    { op: "subscribe", channel: "orders" },
    { op: "subscribe", channel: "fills" },
  ],
  channelOriginatingMessage: (message) => (message as Frame).kind ?? "unknown",
  parseUserStreamMessage: (_markets, message) => {
    const { asset, broken } = message as Frame;
    if (broken === true) throw new TypeError("a field is missing");
    return [{ type: "balance", asset: asset ?? "USD", total: decimal("1"), timestampMs: 1 }];
  },
};

export const AUTHENTICATOR: Authenticator = {
  restAuthenticate: (request) => request,
  wsAuthenticate: () => ({ op: "login" }),
};

export interface Behaviour {
  /** What the venue answers to a message; undefined for silence. */
  answer?(message: { op?: string }, connection: ServerConnection): Frame | undefined;
  refuse?: number | undefined;
}

export const friendly = (message: { op?: string }): Frame | undefined =>
  message.op === "login" ? { kind: "authenticated" } : message.op === "subscribe" ? { kind: "subscribed" } : undefined;

interface Scene {
  readonly venue?: Partial<VenueUserStreamDataSource>;
  readonly behaviour?: Behaviour;
  readonly options?: Partial<UserStreamDataSourceOptions>;
  readonly authenticator?: Authenticator | undefined;
  readonly withLease?: boolean;
  /** The venue's time is another than was known when the login was signed. */
  readonly wasTimeWrong?: boolean;
}

export async function scene(setup: Scene = {}) {
  const world = new SimulatedWorld({ seed: 5 });
  const { clock, timers, random, webSocket } = world.runtime("client");
  const behaviour: Behaviour = { answer: friendly, ...setup.behaviour };
  const connections: ServerConnection[] = [];
  const received: string[] = [];
  await world.run(
    world.runtime("venue").server.listen({
      host: "venue",
      port: 80,
      onRequest: () => ({ status: 404, body: "" }),
      onConnection(connection) {
        if (behaviour.refuse !== undefined) return { refuse: behaviour.refuse };
        connections.push(connection);
        return {
          onText(text) {
            received.push(text);
            const answer = behaviour.answer?.(JSON.parse(text) as { op?: string }, connection);
            if (answer !== undefined) connection.send(JSON.stringify(answer));
          },
          onClose: () => undefined,
        };
      },
    }),
  );
  const logger = recordingLogger();
  const markets = createVenueMarkets("test_perpetual", "main", []);
  const notes: string[] = [];
  const authenticator = "authenticator" in setup ? setup.authenticator : AUTHENTICATOR;
  let created = 0;
  const listenKey = {
    keepAliveIntervalMs: 60_000,
    validForMs: 120_000,
    fetchListenKey: () => Promise.resolve(`key${++created}`),
    pingListenKey: () => Promise.resolve(),
  };
  const context = (signal: AbortSignal) => ({
    api: { send: () => Promise.reject(new Error("no api here")) },
    markets,
    now: () => clock.now(),
    signal,
  });
  const lease =
    setup.withLease === true
      ? new ListenKeyLease({ requests: listenKey, context, clock, timers, random, logger })
      : undefined;
  const dataSource = new UserStreamDataSource({
    venue: { ...VENUE, ...(lease === undefined ? {} : { listenKey }), ...setup.venue },
    markets,
    factory: {
      getWsAssistant: () => new WsAssistant({ webSocket, clock, timers, authenticator, logger }),
      loginTime: { offsetMs: 0, wasWrong: async () => setup.wasTimeWrong === true },
    },
    streamUrl: (key) => `ws://venue:80/${key ?? "private"}`,
    lease,
    parse: parseJson,
    heartbeat: { intervalMs: 15_000, ping: "protocol", timeoutMs: 5_000 },
    clock,
    timers,
    random,
    logger,
    onAuthFailure: (error) => notes.push(`auth failure: ${error.message}`),
    onLive: () => notes.push("live"),
    onInterruption: () => notes.push("interrupted"),
    ...setup.options,
  });
  const tracker = new UserStreamTracker({ dataSource, clock, maxSilenceMs: 20_000 });
  const updates: AccountUpdate[] = [];
  const stop = new AbortController();
  const sink = { accept: (update: AccountUpdate): void => void updates.push(update) };
  const loop = tracker.start(stop.signal, (update) => sink.accept(update)).catch((error: unknown) => error);
  const gaps = () => updates.filter((update) => update.type === "gap").map((update) => update.reason);
  const balances = () => updates.filter((update) => update.type === "balance").map((update) => update.asset);
  const latest = (): ServerConnection => connections.at(-1) ?? expect.unreachable("nobody connected");
  const push = async (frame: unknown) => {
    latest().send(typeof frame === "string" ? frame : JSON.stringify(frame));
    await world.advance(10);
  };
  return {
    ...{
      world,
      clock,
      behaviour,
      connections,
      received,
      logger,
      notes,
      dataSource,
      tracker,
      updates,
      stop,
      sink,
      loop,
    },
    ...{ gaps, balances, latest, push, lease },
  };
}
