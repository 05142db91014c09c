import { describe, expect, onTestFinished, test } from "vitest";
import type { PositionAdjustment } from "../../src/model/account-update.ts";
import { MARKET, Stage, VENUE_NAMES } from "./stage.ts";

const START = 100_000;

/** A bot that is long on a market with a loss, and what it is told of the venue's own trades. */
async function holding(name: (typeof VENUE_NAMES)[number]) {
  const stage = await Stage.open(name);
  onTestFinished(() => stage[Symbol.asyncDispose]());
  const told: PositionAdjustment[] = [];
  stage.connector.on("positionAdjustment", (adjustment) => told.push(adjustment));
  await stage.taken("buy", { amount: "0.5" });
  await stage.pass(5_000);
  stage.venue.execute({ type: "setIndexPrice", market: MARKET, price: 1_900_000_000_000n });
  await stage.pass(1_000);
  return { stage, told };
}

/** The account after a question, which is what the venue's books say; its result of the day too. */
async function expectVenues(stage: Stage): Promise<void> {
  const { connector, venue, token, pair } = stage;
  await stage.run(connector.refresh());
  expect(connector.position(pair)?.amount.toNumber() ?? 0).toBe(0);
  const cash = Number(venue.truth().cash);
  expect(cash).toBeLessThan(START - 20);
  expect(connector.balance(token).toNumber()).toBeCloseTo(cash, 6);
  expect(connector.dailyResult.result.toNumber()).toBeCloseTo(cash - START, 6);
  expect(connector.dailyResult.isComplete).toBe(true);
}

describe.each(VENUE_NAMES)("a position of %s on a market that is delisted", (name) => {
  // On FTX nothing tells it from a trade of another program.
  const expected = name === "ftx_perpetual" ? [] : ["settlement -0.5"];
  const words = (told: readonly PositionAdjustment[]) =>
    told.map(({ reason, amount }) => `${reason} ${amount.toFixed()}`);

  test("is asked about no more by itself once the market is known to be gone", async () => {
    const { stage } = await holding(name);
    stage.venue.delist(MARKET);
    await stage.run(stage.connector.refresh());
    await stage.pass(3_600_000);
    expect(stage.connector.goneTradingPairs).toEqual([stage.pair]);
    // Questions to Hyperliquid go to one path, and say in their body what they ask.
    const asked: string[] = [];
    stage.raw.network.faults = {
      onHttpRequest: ({ url, body }) => {
        const asks = `${url} ${body}`;
        if (/position|leverage|clearinghouseState|activeAssetData/.test(asks)) asked.push(asks);
        return undefined;
      },
    };
    await stage.run(stage.connector.refresh());
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((asks) => asks.includes("BTC"))).toEqual([]);
  });

  test("is told to be settled, once, also when all is listed again", async () => {
    const { stage, told } = await holding(name);
    stage.venue.delist(MARKET);
    await stage.pass(2_000);
    expect(words(told)).toEqual(expected);
    stage.raw.network.resetConnections();
    await stage.pass(90_000);
    expect(words(told)).toEqual(expected);
    await expectVenues(stage);
  });

  test("is told to be settled where the private stream was dead at the time", async () => {
    const { stage, told } = await holding(name);
    stage.venue.faults.set({ deadChannel: 1 });
    stage.venue.delist(MARKET);
    await stage.pass(500);
    expect(told).toEqual([]);
    stage.venue.faults.clear();
    stage.raw.network.resetConnections();
    await stage.pass(90_000);
    expect(words(told)).toEqual(expected);
    await expectVenues(stage);
  });
});
