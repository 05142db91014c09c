import { describe, expect, test } from "vitest";
import type { PositionAdjustment } from "../../src/model/account-update.ts";
import type { HttpResponse, Runtime } from "../../src/runtime/runtime.ts";
import { BOX_PROTOCOLS, type BoxConnector } from "../../src/simulation/box-protocols.ts";
import { byHand } from "./by-hand.ts";
import { MARKET, Stage } from "./stage.ts";

const CONNECTORS = Object.keys(BOX_PROTOCOLS) as BoxConnector[];
const UNIT = 100_000_000n;

/** What the account has won or lost since it was opened, by the venue's own books. */
function lossAtVenue({ venue }: Stage, startingBalance: number): number {
  return Number(venue.truth().cash) - startingBalance;
}

function resultOf({ connector }: Stage): number {
  return connector.dailyResult.result.toNumber();
}

function adjustmentsOf(stage: Stage): PositionAdjustment[] {
  const told: PositionAdjustment[] = [];
  stage.connector.on("positionAdjustment", (adjustment) => told.push(adjustment));
  return told;
}

/** Others move the market there. */
function quote({ venue }: Pick<Stage, "venue">, price: number): void {
  venue.trader.cancelAll(MARKET);
  venue.trader.order({ market: MARKET, side: "buy", size: "50", price: String(price - 10) });
  venue.trader.order({ market: MARKET, side: "sell", size: "50", price: String(price + 10) });
}

/** Takes the market down until the account holds nothing any more. */
async function crash({ venue, pass }: Pick<Stage, "venue"> & { pass(ms: number): Promise<void> }): Promise<void> {
  for (let price = 19_900; price >= 17_000; price -= 200) {
    quote({ venue }, price);
    venue.execute({ type: "setIndexPrice", market: MARKET, price: BigInt(price) * UNIT });
    await pass(3_000);
    if (venue.truth().positions.every(({ size }) => Number(size) === 0)) return;
  }
}

const POOR = { venue: { startingBalance: "2300" }, connector: { budgetCheck: false } } as const;

describe.each(CONNECTORS)("the day's result on %s", (name) => {
  test("is what fills and fees have made of the balance, before and after the venue has booked them", async () => {
    await using stage = await Stage.open(name);
    await stage.taken("buy", { amount: "0.5" });
    await stage.taken("sell", { amount: "0.2", position: "close" });
    expect(resultOf(stage)).toBeCloseTo(lossAtVenue(stage, 100_000), 6);
    await stage.pass(90_000);
    expect(resultOf(stage)).toBeCloseTo(lossAtVenue(stage, 100_000), 6);
    expect(stage.connector.dailyResult.isComplete).toBe(true);
  });

  test("has what a hand on the venue's website did with the account, at once", async () => {
    await using stage = await Stage.open(name);
    await stage.taken("buy", { amount: "1" });
    quote(stage, 19_000);
    await stage.pass(1_000);
    byHand(stage, "sell", "1");
    await stage.pass(1_000);
    expect(lossAtVenue(stage, 100_000)).toBeLessThan(-900);
    expect(resultOf(stage)).toBeCloseTo(lossAtVenue(stage, 100_000), 6);
    await stage.pass(180_000);
    expect(resultOf(stage)).toBeCloseTo(lossAtVenue(stage, 100_000), 6);
  });

  test("has what a hand did while the process was down, and is the same after another restart", async () => {
    await using stage = await Stage.open(name);
    await stage.taken("buy", { amount: "1" });
    await stage.pass(20_000);
    quote(stage, 19_000);
    await stage.endBot();
    byHand(stage, "sell", "0.6");
    await stage.pass(5_000);
    quote(stage, 18_500);
    byHand(stage, "buy", "0.1");
    await stage.pass(5_000);
    expect(lossAtVenue(stage, 100_000)).toBeLessThan(-600);
    for (const _ of [1, 2]) {
      await stage.start();
      await stage.pass(15_000);
      expect(resultOf(stage)).toBeCloseTo(lossAtVenue(stage, 100_000), 6);
      await stage.endBot();
    }
    await stage.start();
  });

  test("has a liquidation, which is told once and not again by a restart", async () => {
    await using stage = await Stage.open(name, POOR);
    const told = adjustmentsOf(stage);
    await stage.taken("buy", { amount: "1" });
    await crash({ venue: stage.venue, pass: (ms) => stage.pass(ms) });
    await stage.pass(5_000);
    const sum = told.reduce((total, { amount }) => total + amount.toNumber(), 0);
    expect([sum, new Set(told.map(({ reason }) => reason))]).toEqual([-1, new Set(["liquidation"])]);
    expect(lossAtVenue(stage, 2_300)).toBeLessThan(-1_000);
    expect(resultOf(stage)).toBeCloseTo(lossAtVenue(stage, 2_300), 6);
    await stage.pass(150_000);
    expect(new Set(told.map(({ adjustmentId }) => adjustmentId)).size).toBe(told.length);
    expect(resultOf(stage)).toBeCloseTo(lossAtVenue(stage, 2_300), 6);
    const history = await stage.run(stage.connector.fetchTradeHistory(stage.venue.now() - 3_600_000));
    const listed = history.flatMap((row) => (row.type === "positionAdjustment" ? row.adjustmentId : []));
    expect(listed).toEqual(told.map(({ adjustmentId }) => adjustmentId));
    await stage.endBot();
    await stage.start();
    const again = adjustmentsOf(stage);
    await stage.pass(150_000);
    expect(again).toEqual([]);
    expect(resultOf(stage)).toBeCloseTo(lossAtVenue(stage, 2_300), 6);
  });

  test("has a liquidation of the time when the process was down, and tells it", async () => {
    await using stage = await Stage.open(name, POOR);
    await stage.taken("buy", { amount: "1" });
    await stage.pass(20_000);
    await stage.endBot();
    await crash({ venue: stage.venue, pass: (ms) => stage.pass(ms) });
    await stage.start();
    // The bot's own listeners are there before it starts; the demo's ledger is one of them.
    await stage.pass(15_000);
    expect(stage.ledgers.at(-1)?.counters.positionAdjustments).toBeGreaterThan(0);
    expect(resultOf(stage)).toBeCloseTo(lossAtVenue(stage, 2_300), 6);
  });

  test("has no deposit in it", async () => {
    await using stage = await Stage.open(name);
    await stage.taken("buy", { amount: "0.1" });
    const before = resultOf(stage);
    stage.venue.execute({ type: "deposit", accountId: stage.venue.accountId, amount: 500n * UNIT });
    await stage.pass(150_000);
    expect(resultOf(stage)).toBeCloseTo(before, 6);
  });
});

/** The bot's HTTP client, which is given the last list of positions from before `isStale` again while that is set. */
function staleLists() {
  const told: HttpResponse[] = [];
  const state = { isStale: false };
  const runtime = (bot: Runtime): Runtime => ({
    ...bot,
    http: {
      close: () => bot.http.close(),
      request: async (request) => {
        const response = await bot.http.request(request);
        if (request.method !== "GET" || !new URL(request.url).pathname.endsWith("/positions")) return response;
        const last = told.at(-1);
        if (state.isStale && last !== undefined) return last;
        told.push(response);
        return response;
      },
    },
  });
  return { runtime, state };
}

describe("a list of positions on FTX that is older than a fill", () => {
  test("is not taken for trades, also where another fill comes before the next list", async () => {
    const stale = staleLists();
    await using stage = await Stage.open("ftx_perpetual", { runtime: stale.runtime });
    const { connector } = stage;
    await stage.taken("buy", { amount: "0.5" });
    await stage.pass(5_000);
    stale.state.isStale = true;
    quote(stage, 19_900);
    await stage.taken("sell", { amount: "0.2" });
    // One that is older for long is believed.
    await stage.holds("0.5");
    stale.state.isStale = false;
    expect(connector.dailyResult.isComplete).toBe(false);
    quote(stage, 19_950);
    await stage.taken("sell", { amount: "0.4" });
    await stage.pass(3_000);
    expect(connector.position(stage.pair)?.amount.toFixed()).toBe("-0.1");
    expect(resultOf(stage)).toBeCloseTo(lossAtVenue(stage, 100_000), 6);
    expect(connector.dailyResult.isComplete).toBe(true);
  });
});

describe.each(["bybit_perpetual", "binance_perpetual", "okx_perpetual", "gate_io_perpetual"] as const)(
  "hedged, on %s",
  (name) => {
    test("a liquidated leg is told with its side, and what it lost is in the result", async () => {
      await using stage = await Stage.open(name, POOR);
      await stage.run(stage.connector.setPositionMode("hedge"));
      const told = adjustmentsOf(stage);
      await stage.taken("buy", { amount: "1" });
      await crash({ venue: stage.venue, pass: (ms) => stage.pass(ms) });
      await stage.pass(20_000);
      expect(new Set(told.map(({ side, reason }) => `${side} ${reason}`))).toEqual(new Set(["long liquidation"]));
      expect(resultOf(stage)).toBeCloseTo(lossAtVenue(stage, 2_300), 6);
    });
  },
);

describe.each(CONNECTORS)("killed between any two writes of its journal, the bot on %s", (name) => {
  test.each([0, 1, 2, 3, 4, 5, 6, 8, 10, 13])("after %d of them knows what the day has cost", async (writes) => {
    await using stage = await Stage.open(name, { seed: 2 });
    stage.killBotAfterWrites(writes);
    stage.order("buy", { type: "market", amount: "0.02" });
    await stage.pass(1_500);
    await stage.endBot();
    await stage.pass(500);
    await stage.start();
    await stage.pass(15_000);
    expect(resultOf(stage)).toBeCloseTo(lossAtVenue(stage, 100_000), 6);
  });
});
