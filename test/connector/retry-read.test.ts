import { describe, expect, test } from "vitest";
import { readEvery, retryRead } from "../../src/connector/retry-read.ts";
import {
  AbortError,
  AuthError,
  ConfigError,
  OrderRejectedError,
  ProtocolError,
  RateLimitError,
  TransportError,
  VenueUnavailableError,
} from "../../src/model/error.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { RecordingLogger } from "../../src/testing/kit/recording.ts";

function scene() {
  const world = new SimulatedWorld({ seed: 1 });
  const { clock, timers } = world.runtime("bot");
  const controller = new AbortController();
  const options = { clock, timers, signal: controller.signal };
  let reads = 0;
  /** Fails the first times, then answers. */
  const failing =
    (error: Error, times = Number.POSITIVE_INFINITY) =>
    async () => {
      reads += 1;
      if (reads <= times) throw error;
      return "answer";
    };
  return { world, clock, timers, controller, options, failing, reads: () => reads };
}

const RESET = new TransportError("connection reset", { bytesMayHaveLeft: true });

describe("a read", () => {
  test.each([
    ["a lost answer", RESET],
    ["a refused connection", new TransportError("refused", { bytesMayHaveLeft: false })],
    ["a busy venue", new VenueUnavailableError("please retry")],
    ["a used-up rate limit", new RateLimitError("too many")],
    ["an answer that was cut short", new ProtocolError("not JSON")],
  ])("is done again after %s", async (_name, error) => {
    const { world, options, failing, reads } = scene();
    expect(await world.run(retryRead(options, failing(error, 4)))).toBe("answer");
    expect(reads()).toBe(5);
  });

  test.each([
    ["a key that is refused", new AuthError("bad key")],
    ["a wrong option", new ConfigError("unknown pair")],
    ["a refusal of the venue", new OrderRejectedError("bad parameter")],
    ["what can never be sent", new TransportError("no URL", { bytesMayHaveLeft: false, retry: "never" })],
    ["a bug", new TypeError("undefined")],
  ])("fails at once for %s", async (_name, error) => {
    const { world, clock, options, failing, reads } = scene();
    await expect(world.run(retryRead(options, failing(error)))).rejects.toBe(error);
    expect(reads()).toBe(1);
    expect(clock.monotonic()).toBe(0);
  });

  test("is given up a minute after its first failure, with the last error", async () => {
    const { world, clock, options, failing, reads } = scene();
    await expect(world.run(retryRead(options, failing(RESET)))).rejects.toBe(RESET);
    expect(clock.monotonic()).toBeGreaterThan(50_000);
    expect(clock.monotonic()).toBeLessThanOrEqual(60_000);
    expect(reads()).toBeLessThan(25);
  });

  test("is given up when the time is up that it shares with others, and tells its first failure alone", async () => {
    const { world, clock, options, failing } = scene();
    const told: unknown[] = [];
    const shared = { ...options, endsMs: 5_000, onFirstFailure: (error: unknown) => told.push(error) };
    expect(await world.run(retryRead(shared, failing(RESET, 2)))).toBe("answer");
    await world.advance(3_000);
    const busy = new VenueUnavailableError("please retry");
    await expect(world.run(retryRead(shared, failing(busy)))).rejects.toBe(busy);
    expect(clock.monotonic()).toBeLessThanOrEqual(5_000);
    expect(told).toEqual([RESET, busy]);
  });

  test("that hangs when the time is up ends with the error before it", async () => {
    const { world, clock, timers, options, failing } = scene();
    const first = failing(RESET, 1);
    const hanging = async (signal: AbortSignal) => {
      await first();
      await timers.sleep(3_600_000, signal);
    };
    await expect(world.run(retryRead(options, hanging))).rejects.toBe(RESET);
    expect(clock.monotonic()).toBe(60_000);
  });

  test("does not wait for a ban that outlasts its patience", async () => {
    const { world, clock, options, failing } = scene();
    const ban = new RateLimitError("banned", { isBan: true, retryAfterMs: 600_000 });
    await expect(world.run(retryRead(options, failing(ban)))).rejects.toBe(ban);
    expect(clock.monotonic()).toBe(0);
  });

  test("ends with its caller's signal, and leaves no timer behind", async () => {
    const { world, controller, options, failing } = scene();
    const reading = retryRead(options, failing(RESET));
    reading.catch(() => undefined);
    await world.advance(5_000);
    controller.abort();
    await expect(reading).rejects.toThrow(AbortError);
    await expect(world.run(new Promise(() => undefined))).rejects.toThrow("nothing is scheduled");
  });
});

describe("a loop of reads", () => {
  test("heals from a reset within a second, and goes on after a read that failed for good", async () => {
    const { world, clock, controller, options } = scene();
    const logger = new RecordingLogger();
    const times: number[] = [];
    const outcomes: (Error | undefined)[] = [RESET, undefined, new AuthError("bad key"), undefined];
    const loop = readEvery({ ...options, what: "the fees", intervalMs: 60_000, logger }, async () => {
      times.push(clock.monotonic());
      const error = outcomes.shift();
      if (error !== undefined) throw error;
    });
    loop.catch(() => undefined);
    await world.advance(200_000);
    expect(times).toEqual([60_000, 60_250, 120_250, 180_250]);
    expect(logger.at("warn").map(({ message }) => message)).toEqual([
      "the fees could not be asked for",
      "the fees could not be asked for",
    ]);
    controller.abort();
    await expect(loop).rejects.toThrow(AbortError);
  });
});
