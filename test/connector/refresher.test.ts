import { describe, expect, it } from "vitest";
import { Refresher, type RefresherOptions } from "../../src/connector/refresher.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { RecordingLogger } from "../../src/testing/kit/recording.ts";

/** Times of the refreshes that a refresher makes which is asked at these times. */
async function refreshesOf(
  options: Pick<RefresherOptions, "delayMs" | "servesAfterMs">,
  askedMs: readonly number[],
): Promise<readonly number[]> {
  const world = new SimulatedWorld({ seed: 1 });
  const { timers } = world.runtime();
  const startMs = world.elapsedMs();
  const refreshedMs: number[] = [];
  const refresher = new Refresher({
    ...{ name: "the refresh", timers, logger: new RecordingLogger(), firstRetryMs: 500, longestRetryMs: 30_000 },
    ...options,
    refresh: async () => {
      refreshedMs.push(world.elapsedMs() - startMs);
    },
  });
  const stop = new AbortController();
  const running = refresher.run(stop.signal).catch(() => undefined);
  for (const atMs of askedMs) timers.after(atMs, () => refresher.request());
  await world.advance(60_000);
  stop.abort();
  await world.run(running);
  return refreshedMs;
}

describe("a refresher", () => {
  it("makes one refresh of a burst of requests", async () => {
    expect(await refreshesOf({ delayMs: 500 }, [0, 100, 400])).toEqual([500]);
  });

  it("serves no request sooner than it may, however the requests come", async () => {
    const options = { delayMs: 10_000, servesAfterMs: 5_000 };
    expect(await refreshesOf(options, [0, 4_000])).toEqual([10_000]);
    expect(await refreshesOf(options, [0, 9_500])).toEqual([10_000, 20_000]);
    expect(await refreshesOf(options, [0, 6_000, 12_000])).toEqual([10_000, 20_000]);
  });
});
