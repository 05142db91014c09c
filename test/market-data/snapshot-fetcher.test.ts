import { expect, test } from "vitest";
import { BookFrameBuffer } from "../../src/market-data/book-frame-buffer.ts";
import { SnapshotFetcher } from "../../src/market-data/snapshot-fetcher.ts";
import { TransportError } from "../../src/model/error.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

/** Fetches one snapshot after the other; an answer takes as long as `answerMs` says, and is lost where it is infinite. */
async function timeoutsOf(answersMs: readonly number[]): Promise<readonly number[]> {
  const world = new SimulatedWorld({ seed: 1 });
  const { clock, timers, random } = world.runtime("bot");
  const timeouts: number[] = [];
  const left = [...answersMs];
  let delivered = 0;
  const fetcher = new SnapshotFetcher({
    fetch: async (_tradingPair, signal, _wanted, timeoutMs) => {
      timeouts.push(timeoutMs);
      const answerMs = left.shift() ?? 0;
      await timers.sleep(Math.min(answerMs, timeoutMs), signal);
      if (answerMs > timeoutMs)
        throw new TransportError("no answer", { code: "TRANSPORT_TIMEOUT", bytesMayHaveLeft: true });
      return new BookFrameBuffer();
    },
    deliver: () => {
      delivered += 1;
    },
    backoff: { minMs: 500, maxMs: 30_000 },
    ...{ clock, timers, random, logger: SILENT_LOGGER },
  });
  const stopped = new AbortController();
  const using = fetcher.use(timers.sleep(600_000, stopped.signal).catch(() => undefined));
  while (left.length > 0) {
    const before = delivered;
    fetcher.request("BTC-USDT");
    while (delivered === before) await world.advance(100);
  }
  stopped.abort();
  await world.run(using);
  return timeouts;
}

test("a snapshot whose answer is lost is asked for again after two seconds, and later each time", async () => {
  const lost = Number.POSITIVE_INFINITY;
  expect(await timeoutsOf([lost, lost, lost, lost, 100, 100])).toEqual([2_000, 4_000, 8_000, 10_000, 10_000, 2_000]);
});

test("snapshots of a slow network are waited for for twice what the last one took", async () => {
  const timeouts = await timeoutsOf([3_000, 3_000, 3_000, 3_000]);
  expect(timeouts.map((ms) => Math.round(ms / 1_000))).toEqual([2, 4, 6, 6]);
});

test("answers of several markets that are lost at once make none of them wait for longer", async () => {
  const world = new SimulatedWorld({ seed: 1 });
  const { clock, timers, random } = world.runtime("bot");
  const asked: string[] = [];
  const fetcher = new SnapshotFetcher({
    fetch: async (tradingPair, signal, _wanted, timeoutMs) => {
      asked.push(`${tradingPair} ${timeoutMs}`);
      await timers.sleep(timeoutMs, signal);
      throw new TransportError("no answer", { code: "TRANSPORT_TIMEOUT", bytesMayHaveLeft: true });
    },
    deliver: () => undefined,
    backoff: { minMs: 500, maxMs: 30_000 },
    ...{ clock, timers, random, logger: SILENT_LOGGER },
  });
  const stopped = new AbortController();
  const using = fetcher.use(timers.sleep(600_000, stopped.signal).catch(() => undefined));
  for (const base of ["BTC", "ETH", "SOL"]) fetcher.request(`${base}-USDT`);
  await world.advance(3_000);
  expect(asked.slice(3).map((each) => each.split(" ")[1])).toEqual(["4000", "4000", "4000"]);
  stopped.abort();
  await world.run(using);
});
