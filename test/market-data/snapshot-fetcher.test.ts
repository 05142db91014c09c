import { expect, test } from "vitest";
import { BookFrameBuffer } from "../../src/market-data/book-frame-buffer.ts";
import { SnapshotFetcher } from "../../src/market-data/snapshot-fetcher.ts";
import { TransportError } from "../../src/model/error.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

const LOST = Number.POSITIVE_INFINITY;

/** Fetches; answers take as long as `answersMs` say, one after the other, and later ones no time. */
function scene(answersMs: readonly number[], longestTimeoutMs = 10_000) {
  const world = new SimulatedWorld({ seed: 1 });
  const { clock, timers, random } = world.runtime("bot");
  const timeouts: number[] = [];
  const left = [...answersMs];
  let delivered = 0;
  const fetcher = new SnapshotFetcher({
    fetch: async (_tradingPair, signal, _wanted, timeoutMs) => {
      timeouts.push(Math.round(timeoutMs / 100) * 100);
      const answerMs = left.shift() ?? 0;
      await timers.sleep(Math.min(answerMs, timeoutMs), signal);
      if (answerMs > timeoutMs)
        throw new TransportError("no answer", { code: "TRANSPORT_TIMEOUT", bytesMayHaveLeft: true });
      return new BookFrameBuffer();
    },
    deliver: () => {
      delivered += 1;
    },
    longestTimeoutMs,
    backoff: { minMs: 500, maxMs: 30_000 },
    ...{ clock, timers, random, logger: SILENT_LOGGER },
  });
  void fetcher.use(new Promise(() => undefined));
  const fetchAll = async (tradingPairs: readonly string[]) => {
    const wanted = delivered + tradingPairs.length;
    for (const tradingPair of tradingPairs) fetcher.request(tradingPair);
    while (delivered < wanted) await world.advance(100);
  };
  return { world, fetchAll, timeouts };
}

test("a snapshot whose answer is lost is asked for again after two seconds, and later each time", async () => {
  const { fetchAll, timeouts } = scene([100, LOST, LOST, LOST, LOST, 100, 100]);
  for (let count = 0; count < 3; count += 1) await fetchAll(["BTC-USDT"]);
  expect(timeouts).toEqual([10_000, 2_000, 4_000, 8_000, 10_000, 10_000, 2_000]);
});

test("the first snapshot is waited for for as long as the options say, and no later one for longer", async () => {
  const { fetchAll, timeouts } = scene([11_000, 11_000, LOST, LOST, 100], 30_000);
  for (let count = 0; count < 3; count += 1) await fetchAll(["BTC-USDT"]);
  expect(timeouts).toEqual([30_000, 22_000, 22_000, 30_000, 30_000]);
});

test("snapshots of a network that has become slow are waited for for twice what the last one took", async () => {
  const { fetchAll, timeouts } = scene([100, 3_000, 3_000, 3_000, 3_000]);
  for (let count = 0; count < 4; count += 1) await fetchAll(["BTC-USDT"]);
  expect(timeouts).toEqual([10_000, 2_000, 4_000, 6_000, 6_000]);
});

test("answers of several markets that are lost at once count once, and what one learns holds for all", async () => {
  const { world, fetchAll, timeouts } = scene([100, LOST, LOST, LOST, 3_000, 3_000, 3_000, 3_000]);
  await fetchAll(["BTC-USDT"]);
  const beganMs = world.elapsedMs();
  await fetchAll(["BTC-USDT", "ETH-USDT", "SOL-USDT"]);
  expect(timeouts.slice(1)).toEqual([2_000, 2_000, 2_000, 4_000, 4_000, 4_000]);
  // Nobody waits for the others after an answer that was lost.
  expect(world.elapsedMs() - beganMs).toBeLessThan(6_000);
  await fetchAll(["XRP-USDT"]);
  expect(timeouts.at(-1)).toBe(6_000);
});
