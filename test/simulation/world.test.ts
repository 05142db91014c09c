import { describe, expect, it } from "vitest";
import { BOX_PROTOCOLS } from "../../src/simulation/box-protocols.ts";
import { differencesOf, ToldLedger, World } from "../../src/simulation/index.ts";

const CONNECTORS = Object.keys(BOX_PROTOCOLS) as (keyof typeof BOX_PROTOCOLS)[];

describe.each(CONNECTORS)("a world with %s", (connector) => {
  it("runs a strategy in virtual time and agrees with the box at the end", async () => {
    await using world = await World.open({ connector, seed: 7 });
    const ledgers: ToldLedger[] = [];
    const bot = await world.connect({ onCreated: (made) => ledgers.push(new ToldLedger(made, world.token)) });
    const [pair = ""] = world.tradingPairs;
    const strategy = async () => {
      const { timers } = world.runtime();
      for (let round = 0; round < 3; round += 1) {
        await bot.buy(pair, { amount: "0.02", type: "market", position: "open" }).done;
        await timers.sleep(60_000);
      }
    };
    await world.run(strategy());
    await world.run(bot.refresh());
    const truth = world.truth();
    expect(truth.positions.map(({ market, size }) => [market, size.toFixed()])).toEqual([[pair, "0.06"]]);
    const { protocol, token } = world;
    expect(differencesOf({ connector: bot, ledgers, truth, protocol, token, startingCash: "100000" })).toEqual([]);
    expect(world.elapsedMs()).toBeGreaterThan(180_000);
  });

  it("starts another process on the same disk after a kill", async () => {
    await using world = await World.open({ connector, seed: 8 });
    const first = await world.connect();
    const [pair = ""] = world.tradingPairs;
    const order = first.buy(pair, { amount: "0.02", price: "15000", position: "open" });
    await world.advance(2_000);
    world.kill();
    const second = await world.connect();
    expect(second.order(order.clientOrderId)?.state).toBe("open");
  });
});

it("has the same trace for the same seed, and another for another", async () => {
  const traceOf = async (seed: number) => {
    await using world = await World.open({ connector: "okx_perpetual", seed });
    await world.connect();
    await world.advance(5_000);
    return world.trace();
  };
  expect(await traceOf(1)).toBe(await traceOf(1));
  expect(await traceOf(1)).not.toBe(await traceOf(2));
});

it("says which connectors the box speaks to", async () => {
  // @ts-expect-error A program without types may ask for another one.
  await expect(World.open({ connector: "kraken_perpetual", seed: 1 })).rejects.toThrow("does not speak the protocol");
});
