import { expect, it } from "vitest";
import { Crowd } from "../../src/simulation/actors/crowd.ts";
import { BotProcess } from "../../src/simulation/bot-process.ts";
import { type EpisodeKind, mergedFaults } from "../../src/simulation/episodes.ts";
import { Findings } from "../../src/simulation/findings.ts";
import { World } from "../../src/simulation/index.ts";
import { RunningEpisodes } from "../../src/simulation/running-episodes.ts";

const open = async () => {
  const world = await World.open({ connector: "bybit_perpetual", seed: 1 });
  const findings = new Findings(() => world.elapsedMs());
  const options = { world, findings, isShared: false, orderEntry: "rest", needsPowerSafety: false } as const;
  const bots = ["bot", "second"].map((host) => new BotProcess({ ...options, host }));
  for (const { host } of bots) world.runtime(host);
  return { world, bots, episodes: new RunningEpisodes({ world, bots, crowd: new Crowd(world) }) };
};

const episode = (kind: EpisodeKind, draw: number) => ({ kind, draw, atMs: 0, forMs: 1_000 });

it("is as fast as ever when two episodes of a slow network that overlapped are over, in either order", async () => {
  const { world, episodes } = await open();
  await using _ = world;
  const { network } = world.machines;
  const usual = network.latency;
  const [first, second] = [episode("slowNetwork", 1), episode("slowNetwork", 2)];
  for (const [earlier, later] of [
    [first, second],
    [second, first],
  ] as const) {
    episodes.begin(first);
    episodes.begin(second);
    episodes.end(earlier);
    expect(network.latency).not.toEqual(usual);
    episodes.end(later);
    expect(network.latency).toEqual(usual);
  }
});

it("leaves a machine cut off whose partition goes on when that of another one ends", async () => {
  const { world, episodes } = await open();
  await using _ = world;
  const { network } = world.machines;
  const draws = Array.from({ length: 20 }, (_each, draw) => episode("partition", draw));
  const isolatedBy = (of: ReturnType<typeof episode>) => {
    episodes.begin(of);
    const host = network.isCut("bot", "venue") ? "bot" : "second";
    episodes.end(of);
    return host;
  };
  const ofBot = draws.find((each) => isolatedBy(each) === "bot");
  const ofSecond = draws.find((each) => isolatedBy(each) === "second");
  if (ofBot === undefined || ofSecond === undefined) throw new Error("both machines are drawn");
  episodes.begin(ofBot);
  episodes.begin(ofSecond);
  episodes.end(ofSecond);
  expect([network.isCut("bot", "venue"), network.isCut("second", "venue")]).toEqual([true, false]);
  episodes.end(ofBot);
  expect(network.isCut("bot", "venue")).toBe(false);
});

it("leaves a disk full until the last episode of it is over, and ends all at once at the end", async () => {
  const { world, episodes } = await open();
  await using _ = world;
  const { journals, network } = world.machines;
  const [first, second] = [episode("fullDisk", 1), episode("fullDisk", 2)];
  episodes.begin(first);
  episodes.begin(second);
  episodes.end(first);
  expect(journals.take()).toBeDefined();
  episodes.begin(episode("slowNetwork", 3));
  episodes.begin(episode("partition", 3));
  episodes.endAll();
  expect(journals.take()).toBeUndefined();
  expect([network.latency.maxMs < 10, network.isCut("bot", "venue"), network.isCut("second", "venue")]).toEqual([
    true,
    false,
    false,
  ]);
});

it("starts a process that was killed twice when the second kill is over", async () => {
  const { world, bots } = await open();
  await using _ = world;
  const [bot] = bots;
  bot?.kill();
  bot?.kill();
  bot?.comeBack();
  bot?.restartIfDead();
  await world.advance(3_000);
  expect(world.machines.isAlive("bot")).toBe(false);
  bot?.comeBack();
  await world.advance(3_000);
  expect(world.machines.isAlive("bot")).toBe(true);
});

it("makes of two faults of the venue the worse one", () => {
  const [slow, slower] = [{ faults: { latencyMs: [50, 200] as const } }, { faults: { latencyMs: [10, 900] as const } }];
  expect(mergedFaults([slow, slower])).toEqual({ latencyMs: [50, 900] });
  expect(mergedFaults([{ faults: { dropFrame: 0.3 } }, { faults: { dropFrame: 0.1 } }])).toEqual({ dropFrame: 0.3 });
});
