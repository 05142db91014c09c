import { describe, expect, test } from "vitest";
import { ListenKeyLease } from "../../src/account/listen-key.ts";
import type { ListenKeyRequests } from "../../src/account/venue-user-stream-data-source.ts";
import { AuthError, isAbort, NotFoundError, TransportError } from "../../src/model/error.ts";
import { createVenueMarkets } from "../../src/model/venue-markets.ts";
import type { VenueContext } from "../../src/net/venue-api.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { recordingLogger } from "../net/recording-logger.ts";

const KEEP_ALIVE_MS = 30 * 60_000;
const VALID_MS = 60 * 60_000;
const reset = new TransportError("connection reset", { bytesMayHaveLeft: true });

interface Script {
  /** Errors of the next requests, undefined for success; empty means success. */
  readonly create?: (Error | undefined)[];
  readonly ping?: (Error | undefined)[];
}

function scene(script: Script = {}) {
  const world = new SimulatedWorld({ seed: 4 });
  const { clock, timers, random } = world.runtime();
  const logger = recordingLogger();
  const calls: string[] = [];
  let created = 0;
  const requests: ListenKeyRequests = {
    keepAliveIntervalMs: KEEP_ALIVE_MS,
    validForMs: VALID_MS,
    async fetchListenKey() {
      await timers.sleep(50);
      const error = script.create?.shift();
      calls.push(`create at ${clock.monotonic()}`);
      if (error !== undefined) throw error;
      created += 1;
      return `key${created}`;
    },
    async pingListenKey(_context, listenKey) {
      const error = script.ping?.shift();
      calls.push(`ping ${listenKey} at ${clock.monotonic()}`);
      if (error !== undefined) throw error;
    },
  };
  const context = (signal: AbortSignal): VenueContext => ({
    api: { send: () => Promise.reject(new Error("no api here")) },
    markets: createVenueMarkets("test_perpetual", "main", []),
    now: () => clock.now(),
    signal,
  });
  const lease = new ListenKeyLease({ requests, context, clock, timers, random, logger });
  const losses: string[] = [];
  lease.onLost((reason) => losses.push(reason));
  const stop = new AbortController();
  return { world, clock, logger, calls, lease, losses, stop, signal: stop.signal };
}

describe("getting a listen key", () => {
  test("creates one, and callers at the same time share it", async () => {
    const { world, lease, calls, signal } = scene();
    expect(lease.state).toBe("none");
    const keys = await world.run(Promise.all([lease.fetchListenKey(signal), lease.fetchListenKey(signal)]));
    expect(keys).toEqual(["key1", "key1"]);
    expect(await lease.fetchListenKey(signal)).toBe("key1");
    expect(calls).toEqual(["create at 50"]);
    expect(lease.state).toBe("created");
    expect(lease.listenKey).toBe("key1");
  });

  test("a failure is logged and passed on; the next call tries again", async () => {
    const { world, lease, logger, signal } = scene({ create: [new AuthError("bad key")] });
    await expect(world.run(lease.fetchListenKey(signal))).rejects.toThrow("bad key");
    expect(logger.lines.join()).toContain("no listen key was created");
    expect(await world.run(lease.fetchListenKey(signal))).toBe("key1");
  });

  test("a key that ran out is not given away", async () => {
    const { world, lease, losses, signal } = scene();
    await world.run(lease.fetchListenKey(signal));
    await world.advance(VALID_MS);
    expect(await world.run(lease.fetchListenKey(signal))).toBe("key2");
    expect(losses).toEqual(["the listen key ran out"]);
  });
});

describe("keeping a listen key alive", () => {
  test("one ping makes it kept alive", async () => {
    const { world, lease, calls, signal } = scene();
    await world.run(lease.fetchListenKey(signal));
    await world.run(lease.pingListenKey(signal));
    expect(lease.state).toBe("keptAlive");
    expect(calls).toEqual(["create at 50", "ping key1 at 50"]);
  });

  test("a failed ping is logged and passed on, and the key stays while it may be valid", async () => {
    const { world, lease, logger, signal } = scene({ ping: [reset] });
    await world.run(lease.fetchListenKey(signal));
    await expect(world.run(lease.pingListenKey(signal))).rejects.toBe(reset);
    expect(logger.lines.join()).toContain("the listen key was not kept alive");
    expect(lease.listenKey).toBe("key1");
  });

  test("without a key there is nothing to ping", async () => {
    const { world, lease, calls, signal } = scene();
    await world.run(lease.pingListenKey(signal));
    expect(calls).toEqual([]);
  });
});

describe("the loop", () => {
  test("pings in intervals, far longer than the key would live without", async () => {
    const { world, lease, calls, losses, stop, signal } = scene();
    const loop = lease.manageListenKeyTaskLoop(signal).catch((error: unknown) => error);
    await world.advance(4 * VALID_MS);
    expect(lease.state).toBe("keptAlive");
    expect(losses).toEqual([]);
    expect(calls.slice(0, 3)).toEqual(["create at 50", "ping key1 at 1800050", "ping key1 at 3600050"]);
    stop.abort();
    expect(isAbort(await world.run(loop))).toBe(true);
  });

  test("a passing failure is tried again before the key runs out", async () => {
    const { world, lease, calls, losses, stop, signal } = scene({ ping: [reset, reset] });
    lease.manageListenKeyTaskLoop(signal).catch(() => undefined);
    await world.advance(KEEP_ALIVE_MS + 10_000);
    expect(calls.filter((call) => call.startsWith("ping"))).toHaveLength(3);
    expect(lease.state).toBe("keptAlive");
    expect(losses).toEqual([]);
    stop.abort();
  });

  test("when the venue does not know the key any more, the loss is reported and a new one created", async () => {
    const { world, lease, losses, calls, stop, signal } = scene({ ping: [new NotFoundError("no such listen key")] });
    lease.manageListenKeyTaskLoop(signal).catch(() => undefined);
    await world.advance(KEEP_ALIVE_MS + 1_000);
    expect(losses).toEqual(["no such listen key"]);
    expect(lease.listenKey).toBe("key2");
    await world.advance(KEEP_ALIVE_MS);
    expect(calls.at(-1)).toMatch(/^ping key2/);
    stop.abort();
  });

  test("when no ping gets through until the key has run out, it is lost, not used on hope", async () => {
    const { world, lease, losses, stop, signal } = scene({ ping: Array.from({ length: 500 }, () => reset) });
    lease.manageListenKeyTaskLoop(signal).catch(() => undefined);
    await world.advance(VALID_MS - 120_000);
    expect(losses).toEqual([]);
    await world.advance(180_000);
    expect(losses).toEqual(["no keep-alive succeeded in time"]);
    expect(lease.listenKey).toBe("key2");
    stop.abort();
  });

  test("an expiry that the stream reports ends the wait and brings a new key at once", async () => {
    const { world, lease, losses, stop, signal } = scene();
    lease.manageListenKeyTaskLoop(signal).catch(() => undefined);
    await world.advance(1_000);
    lease.expire("the stream says so");
    expect(lease.state).toBe("expired");
    lease.expire("twice");
    await world.advance(100);
    expect(lease.listenKey).toBe("key2");
    expect(losses).toEqual(["the stream says so"]);
    stop.abort();
  });

  test("creation that fails is repeated with growing waits", async () => {
    const { world, lease, calls, stop, signal } = scene({ create: [reset, reset, reset] });
    lease.manageListenKeyTaskLoop(signal).catch(() => undefined);
    await world.advance(30_000);
    expect(lease.listenKey).toBe("key1");
    const times = calls.map((call) => Number(call.split(" ").at(-1)));
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits).toHaveLength(3);
    expect(waits[2]).toBeGreaterThan(waits[0] ?? Number.POSITIVE_INFINITY);
    stop.abort();
  });
});
