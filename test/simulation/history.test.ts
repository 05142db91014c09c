import { describe, expect, it, test } from "vitest";
import { BOX_PROTOCOLS } from "../../src/simulation/box-protocols.ts";
import { type Episode, planOf, playWorld, World } from "../../src/simulation/index.ts";

const CONNECTORS = Object.keys(BOX_PROTOCOLS) as (keyof typeof BOX_PROTOCOLS)[];

describe.each(CONNECTORS)("the history of a world of %s", (connector) => {
  it("has all kinds of lines in it, and changes nothing of what it tells", async () => {
    const plan = planOf({ connector, seed: 2, minutes: 0.3 });
    const kinds = new Set<string>();
    const recorded = await playWorld(plan, { onLine: ({ kind }) => void kinds.add(kind) });
    const alone = await playWorld(plan);
    expect(recorded.hash).toBe(alone.hash);
    expect([...kinds].toSorted()).toEqual([
      "answer",
      "asked",
      "event",
      "frame",
      "history",
      "process",
      "request",
      "socket",
      "state",
      "truth",
      "venue",
    ]);
  });

  it("holds no key, signature, passphrase or listen key", async () => {
    await using world = await World.open({ connector, seed: 3 });
    const lines: string[] = [];
    world.record({ write: (line) => void lines.push(JSON.stringify(line)) });
    const venue = await world.connect();
    const pair = world.tradingPairs[0] ?? "";
    venue.buy(pair, { position: "open", amount: "0.01", price: venue.orderBook(pair).bestBid?.price.toFixed() ?? "1" });
    await world.advance(2_000);
    const text = lines.join("\n");
    const { apiKey, apiSecret, passphrase } = world.venue;
    for (const secret of [apiKey, apiSecret, passphrase]) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/sign(ature)?(=|\\*":\s*\\*")(?!\[hidden\])/i);
    expect(text).not.toMatch(/listenKey\\*":\s*\\*"(?!\[hidden\])/);
    expect(text).not.toMatch(/\b[0-9a-f]{64}\b/);
    expect(text).toContain('"call":"buy"');
  });
});

test.each(["judge", "checker", "both"] as const)("a world that cannot go on is a finding by %s", async (by) => {
  const plan = planOf({ connector: "bybit_perpetual", seed: 2, minutes: 0.1 });
  const episode = { atMs: 0, forMs: 1, draw: 1, kind: "unheard of" as Episode["kind"] };
  const { findings } = await playWorld({ ...plan, acts: [], episodes: [episode] }, { by });
  expect(findings.map(({ rule }) => rule)).toEqual(["the world goes on"]);
});
