import { describe, expect, test } from "vitest";
import type { PerpetualConnector } from "../../src/index.ts";
import { SharedRateLimits } from "../../src/index.ts";
import type { BoxConnector } from "../../src/simulation/box-protocols.ts";
import { World, type WorldConnectOptions } from "../../src/simulation/world.ts";

const NAMES = [
  ["binance_perpetual", 75],
  ["hyperliquid_perpetual", 400],
] as const;

/** Asks for a book that often, one question after the other: those that are asked together are one. */
async function ask(connector: PerpetualConnector, pair: string, questions: number): Promise<void> {
  for (let count = 0; count < questions; count += 1) await connector.fetchOrderBook(pair);
}

/** Asks for the book in two connectors of one process, together too often for a minute; counts the venue's refusals. */
async function askTogether(name: BoxConnector, questions: number, options: readonly WorldConnectOptions[]) {
  let [answers, refusals] = [0, 0];
  await using world = await World.open({
    connector: name,
    seed: 7,
    venue: { quiet: true },
    onAnswer: (_, { status }) => {
      answers += 1;
      if (status === 429 || status === 418) refusals += 1;
    },
  });
  const connectors = [];
  for (const [index, each] of options.entries())
    connectors.push(await world.connect({ ...each, journalPath: `${index}.db` }));
  const beganMs = world.elapsedMs();
  const [pair = ""] = world.tradingPairs;
  const results = await world.run(Promise.allSettled(connectors.map((connector) => ask(connector, pair, questions))));
  const failures = results.flatMap((result) => (result.status === "rejected" ? [String(result.reason)] : []));
  return { answers, refusals, failures, seconds: Math.round((world.elapsedMs() - beganMs) / 1_000) };
}

test("two connectors on Hyperliquid, which does not tell what it has counted, break its limits when each counts alone", async () => {
  const { refusals } = await askTogether("hyperliquid_perpetual", 400, [{}, {}]);
  expect(refusals).toBeGreaterThan(0);
});

describe.each(NAMES)("two connectors of one process on %s", (name, questions) => {
  test("break none when they share them, and nothing fails", async () => {
    const sharedRateLimits = new SharedRateLimits();
    const shared = { sharedRateLimits };
    const { refusals, failures, answers, seconds } = await askTogether(name, questions, [shared, shared]);
    expect([refusals, failures]).toEqual([0, []]);
    expect(answers).toBeGreaterThanOrEqual(2 * questions);
    // The whole of the limit is theirs: two halves would take twice as long for the one that asks alone.
    expect(seconds).toBeLessThan(90);
  });

  test("count on from a connector that has stopped", async () => {
    const sharedRateLimits = new SharedRateLimits();
    let refusals = 0;
    await using world = await World.open({
      connector: name,
      seed: 7,
      venue: { quiet: true },
      onAnswer: (_, { status }) => {
        if (status === 429 || status === 418) refusals += 1;
      },
    });
    for (let start = 0; start < 2; start += 1) {
      const connector = await world.connect({ sharedRateLimits, readyTimeoutMs: 90_000 });
      const [pair = ""] = world.tradingPairs;
      await world.run(ask(connector, pair, questions));
      await world.run(connector.stop());
    }
    expect(refusals).toBe(0);
  });
});

test("a share of one connector beside limits that are shared is refused, with the place where it belongs", async () => {
  await using world = await World.open({ connector: "okx_perpetual", seed: 7 });
  const options = { sharedRateLimits: new SharedRateLimits(), rateLimitsSharePercentage: 50 };
  await expect(world.createConnector(options)).rejects.toThrow("exclude each other");
});
