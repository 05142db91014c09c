import { describe, expect, test } from "vitest";
import { TimeSyncError } from "../../src/model/error.ts";
import { createApiFactories } from "../../src/net/api-factories.ts";
import type { Authenticator } from "../../src/net/auth.ts";
import { parseJson } from "../../src/net/json.ts";
import type { RestConventions } from "../../src/net/rest-assistant.ts";
import { Throttler } from "../../src/net/throttler.ts";
import { TimeSynchronizer } from "../../src/net/time-synchronizer.ts";
import type { RestRequest } from "../../src/net/venue-api.ts";
import { timeSynchronizerRestPreProcessor, WebAssistantsFactory } from "../../src/net/web-assistants-factory.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

const HANDSHAKE = { "x-size-decimal": "1" };
const PRIVATE: RestRequest = { method: "GET", path: "/account", isAuthRequired: true, limitId: "all" };
const TIME: RestRequest = { method: "GET", path: "/time", isAuthRequired: false, limitId: "all" };
/** The venue accepts a timestamp that is off by at most this. */
const WINDOW_MS = 1_000;

const webUtils: RestConventions = {
  restUrl: (request) => `http://venue:80${request.path}`,
  unwrapResponse({ status, text }) {
    if (status === 400) throw new TimeSyncError(text);
    return parseJson(text);
  },
};

/** A venue that checks timestamps, and a client whose wall clock is wrong by ten minutes. */
async function scene() {
  const world = new SimulatedWorld({ seed: 3 });
  const runtime = world.runtime("client", { clockSkewMs: 600_000 });
  const venue = world.runtime("venue");
  const targets: string[] = [];
  const listening = venue.server.listen({
    host: "venue",
    port: 80,
    onRequest({ target, headers }) {
      targets.push(target);
      if (target === "/time") return { status: 200, body: String(venue.clock.now()) };
      const isLate = Math.abs(Number(headers["x-time"]) - venue.clock.now()) > WINDOW_MS;
      return isLate ? { status: 400, body: "timestamp" } : { status: 200, body: '"balance"' };
    },
    onConnection: () => ({ onText: () => undefined, onClose: () => undefined }),
  });
  await world.run(listening);
  const { clock, timers } = runtime;
  const throttler = new Throttler({
    rateLimits: [{ limitId: "all", limit: 100, timeIntervalMs: 1_000 }],
    clock,
    timers,
  });
  const timeSynchronizer = new TimeSynchronizer({ clock });
  const authenticator: Authenticator = {
    restAuthenticate: (request) => ({
      ...request,
      headers: { ...request.headers, "x-time": String(timeSynchronizer.time()) },
    }),
    wsAuthenticate: () => ({ op: "login" }),
  };
  const common = { runtime, throttler, timeSynchronizer, authenticator, webUtils, logger: SILENT_LOGGER };
  const bare = new WebAssistantsFactory(common);
  const update = (): Promise<void> =>
    timeSynchronizer.updateServerTimeOffset(async () => {
      const { payload, ...times } = await bare.getRestAssistant().sendTimed(TIME);
      return { serverTimeMs: Number(payload), ...times };
    });
  const factory = new WebAssistantsFactory({
    ...common,
    restPreProcessors: [timeSynchronizerRestPreProcessor(timeSynchronizer, update)],
    updateServerTime: update,
  });
  return { world, factory, timeSynchronizer, throttler, targets };
}

describe("WebAssistantsFactory", () => {
  test("the first private requests share one question for the venue's time and are signed with the answer", async () => {
    const { world, factory, targets } = await scene();
    const assistant = factory.getRestAssistant();
    const other = { ...PRIVATE, lane: "book" } as const;
    const answers = await world.run(Promise.all([assistant.send(PRIVATE), assistant.send(other)]));
    expect(answers).toEqual(["balance", "balance"]);
    expect(targets).toEqual(["/time", "/account", "/account"]);
    await world.run(assistant.send(PRIVATE));
    expect(targets).toHaveLength(4);
  });

  test("public requests do not wait for the venue's time", async () => {
    const { world, factory, timeSynchronizer } = await scene();
    await world.run(factory.getRestAssistant().send(TIME));
    expect(timeSynchronizer.isSynchronized).toBe(false);
  });

  test("a synchronizer that went wrong heals through the venue's refusal", async () => {
    const { world, factory, timeSynchronizer, targets } = await scene();
    const monotonicMs = world.elapsedMs();
    const wrong = {
      serverTimeMs: world.now() + 86_400_000,
      sentMonotonicMs: monotonicMs,
      receivedMonotonicMs: monotonicMs,
    };
    timeSynchronizer.addSample(wrong);
    expect(await world.run(factory.getRestAssistant().send(PRIVATE))).toBe("balance");
    expect(targets).toEqual(["/account", "/time", "/account"]);
  });

  test("a failed question for the time fails the request unsent; the next request asks again", async () => {
    const { world, factory, targets } = await scene();
    world.network.faults.onHttpRequest = ({ url }) => (url.endsWith("/time") ? { kind: "dropResponse" } : undefined);
    const failing = world.run(factory.getRestAssistant().send(PRIVATE));
    await expect(failing).rejects.toMatchObject({ outcome: "definite", bytesMayHaveLeft: false });
    world.network.faults = {};
    expect(await world.run(factory.getRestAssistant().send(PRIVATE))).toBe("balance");
    expect(targets).toEqual(["/time", "/time", "/account"]);
  });

  test("there is one REST assistant, and a WebSocket assistant for each connection", async () => {
    const { world, factory, throttler } = await scene();
    expect(factory.getRestAssistant()).toBe(factory.getRestAssistant());
    const first = factory.getWsAssistant({ limitId: "all" });
    expect(factory.getWsAssistant()).not.toBe(first);
    await world.run(
      first.connect({
        url: "ws://venue:80/ws",
        handshakeTimeoutMs: 1_000,
        heartbeat: { intervalMs: 60_000, ping: "protocol", timeoutMs: 5_000 },
        onText: () => undefined,
      }),
    );
    await world.run(first.authenticate());
    expect(throttler.usage()[0]?.used).toBe(1);
    await world.run(first.disconnect());
  });

  test("a synchronizer is made where none is given", async () => {
    const { factory } = await scene();
    const runtime = new SimulatedWorld({ seed: 1 }).runtime();
    const other = new WebAssistantsFactory({ runtime, throttler: factory.throttler, webUtils, logger: SILENT_LOGGER });
    expect(other.timeSynchronizer.isSynchronized).toBe(false);
  });
});

test("a venue's own headers go with every WebSocket handshake", async () => {
  const world = new SimulatedWorld({ seed: 4 });
  const runtime = world.runtime("client");
  const seen: (string | undefined)[] = [];
  const listening = world.runtime("venue").server.listen({
    host: "venue",
    port: 80,
    onRequest: () => ({ status: 404, body: "" }),
    onConnection({ request }) {
      seen.push(request.headers["x-size-decimal"]);
      return { onText: () => undefined, onClose: () => undefined };
    },
  });
  await world.run(listening);
  const throttler = new Throttler({ rateLimits: [], clock: runtime.clock, timers: runtime.timers });
  const conventions = { ...webUtils, webSocketHeaders: HANDSHAKE };
  const factory = new WebAssistantsFactory({ runtime, throttler, webUtils: conventions, logger: SILENT_LOGGER });
  const heartbeat = { intervalMs: 60_000, ping: "protocol", timeoutMs: 1_000 } as const;
  const onText = () => undefined;
  const url = "ws://venue:80/ws";
  await world.run(factory.getWsAssistant().connect({ url, handshakeTimeoutMs: 1_000, heartbeat, onText }));
  expect(seen).toEqual(["1"]);
});

test("a venue may stamp every message of a socket with its time as far as known", async () => {
  const world = new SimulatedWorld({ seed: 5 });
  const runtime = world.runtime("client", { clockSkewMs: 600_000 });
  const received: string[] = [];
  const listening = world.runtime("venue").server.listen({
    host: "venue",
    port: 80,
    onRequest: () => ({ status: 404, body: "" }),
    onConnection: () => ({ onText: (text) => received.push(text), onClose: () => undefined }),
  });
  await world.run(listening);
  const { clock, timers } = runtime;
  const timeSynchronizer = new TimeSynchronizer({ clock });
  const [sentMonotonicMs, serverTimeMs] = [clock.monotonic(), world.now()];
  timeSynchronizer.addSample({ serverTimeMs, sentMonotonicMs, receivedMonotonicMs: sentMonotonicMs });
  const throttler = new Throttler({ rateLimits: [], clock, timers });
  const stampFrame = (message: unknown, nowMs: number) => ({ at: nowMs, ...(message as object) });
  const factories = createApiFactories({ conventions: webUtils, getCurrentServerTime: async () => 0, stampFrame });
  const factory = factories.buildApiFactory({ runtime, throttler, timeSynchronizer, logger: SILENT_LOGGER });
  const heartbeat = { intervalMs: 1_000, ping: () => ({ op: "ping" }), timeoutMs: 5_000 };
  const assistant = factory.getWsAssistant();
  const onText = () => undefined;
  await world.run(assistant.connect({ url: "ws://venue:80/ws", handshakeTimeoutMs: 1_000, heartbeat, onText }));
  assistant.send({ op: "subscribe", at: 7 });
  await world.advance(1_500);
  const [first, ping] = received.map((text) => JSON.parse(text) as { op: string; at: number });
  expect(first).toEqual({ op: "subscribe", at: 7 });
  expect(ping?.op).toBe("ping");
  expect(Math.abs((ping?.at ?? 0) - serverTimeMs)).toBeLessThan(2_000);
});
