import { describe, expect, it } from "vitest";
import { createEngine } from "../../../src/paper/engine/engine.ts";
import { type Command, type Engine, type EngineEvent, type MarketSpec, UNIT } from "../../../src/paper/engine/types.ts";
import { PAPER_MARKETS } from "../../../src/paper/market/markets.ts";
import { SyntheticFlow } from "../../../src/paper/market/synthetic-flow.ts";
import { SeededRandom } from "../../../src/runtime/simulated-random.ts";
import { imbalance, u } from "../engine/harness.ts";

const START_MS = 1_663_150_500_000;
const STEP_MS = 100;

interface World {
  readonly engine: Engine;
  readonly flow: SyntheticFlow;
  readonly events: EngineEvent[];
  nowMs: number;
}

function world(seed = 1, markets: readonly MarketSpec[] = PAPER_MARKETS): World {
  const engine = createEngine({
    markets,
    makerFee: u("0.0002"),
    takerFee: u("0.0007"),
    defaultLeverage: 10n * UNIT,
    fundingDivisor: 24n,
    startMs: START_MS,
    tradesKept: 200,
  });
  const events: EngineEvent[] = [];
  const execute = (command: Command, nowMs: number) => {
    const happened = engine.execute(command, nowMs);
    for (const event of happened) events.push(event);
    return happened;
  };
  const random = new SeededRandom(seed, "flow");
  const observed = { execute, openOrders: engine.openOrders, openOrderCount: engine.openOrderCount };
  return {
    engine,
    events,
    flow: new SyntheticFlow({ engine: observed, random, markets }),
    nowMs: START_MS,
  };
}

function built(seed?: number): World {
  const made = world(seed);
  made.flow.build(START_MS);
  return made;
}

function step(w: World, steps = 1): void {
  for (let done = 0; done < steps; done++) {
    w.nowMs += STEP_MS;
    w.flow.step(w.nowMs);
  }
}

function depth(engine: Engine): number {
  const counts = PAPER_MARKETS.flatMap(({ market }) => {
    const { bids, asks } = engine.book(market, 1_000);
    return [bids.length, asks.length];
  });
  return Math.min(...counts);
}

function flowOrders(engine: Engine): number {
  return engine.accountIds().reduce((sum, accountId) => sum + engine.openOrders(accountId).length, 0);
}

describe("synthetic flow", () => {
  it("builds at least 120 levels a side, a last trade and an index on every market", () => {
    const { engine } = built();
    expect(depth(engine)).toBeGreaterThanOrEqual(119);
    for (const view of engine.markets()) {
      expect(view.last).not.toBeNull();
      expect(view.index).toBeGreaterThan(0n);
    }
  });

  it("holds each order against one position, however many markets there are", () => {
    const w = built();
    step(w, 600);
    for (const accountId of w.engine.accountIds()) {
      expect(w.engine.account(accountId)?.positions.length).toBeLessThanOrEqual(1);
    }
  });

  it("keeps 100 levels a side, trades every second and stays bounded over half an hour", () => {
    const w = built();
    let shallowest = Number.POSITIVE_INFINITY;
    let mostOrders = 0;
    const trades = new Map<string, number>();
    let refusals = 0;
    for (let round = 0; round < 1_800; round++) {
      w.events.length = 0;
      step(w, 10);
      shallowest = Math.min(shallowest, depth(w.engine));
      mostOrders = Math.max(mostOrders, flowOrders(w.engine));
      for (const event of w.events) {
        if (event.type === "trade") trades.set(event.trade.market, (trades.get(event.trade.market) ?? 0) + 1);
        if (event.type === "refused") refusals += 1;
      }
    }
    expect(shallowest).toBeGreaterThanOrEqual(100);
    expect(mostOrders).toBeLessThanOrEqual(PAPER_MARKETS.length * 2 * 140);
    for (const { market } of PAPER_MARKETS) {
      expect(trades.get(market)).toBeGreaterThan(1_800);
      expect(w.engine.trades(market).length).toBeLessThan(400);
    }
    expect(refusals).toBe(0);
    expect(imbalance(w.engine)).toBe(0n);
    for (const accountId of w.engine.accountIds()) {
      expect(w.engine.orders(accountId)).toEqual([]);
      expect(w.engine.fills(accountId)).toEqual([]);
    }
  });

  it("is stepped at once on few markets, as a whole step would", () => {
    const [whole, shared] = [built(), built()];
    expect(shared.flow.shares).toBe(1);
    step(whole, 20);
    for (let done = 0; done < 20; done++) {
      shared.nowMs += STEP_MS;
      shared.flow.stepShare(shared.nowMs);
    }
    expect(shared.events).toEqual(whole.events);
  });

  it("is stepped on a share of many markets at a time, on each of them once a step", () => {
    const [usual] = PAPER_MARKETS;
    const markets = Array.from({ length: 60 }, (_, place) => ({
      ...usual!,
      market: `M${place}-USD`,
      base: `M${place}`,
    }));
    const w = world(1, markets);
    w.flow.build(START_MS);
    expect(w.flow.shares).toBe(3);
    const seen: Set<string>[] = [];
    for (let share = 0; share < 6; share++) {
      w.nowMs += 5_000;
      w.events.length = 0;
      w.flow.stepShare(w.nowMs);
      // The marks of all markets move with the last share.
      seen.push(new Set(w.events.flatMap((event) => (event.type === "bookLevel" ? [event.market] : []))));
    }
    expect(seen.map(({ size }) => size)).toEqual([20, 20, 20, 20, 20, 20]);
    expect(seen[3]).toEqual(seen[0]);
    expect(new Set(seen.slice(0, 3).flatMap((names) => [...names])).size).toBe(60);
  });

  it("moves the price, within reason, and snaps it to tick and lot", () => {
    const w = built();
    const prices = new Set<bigint | null>();
    for (let round = 0; round < 100; round++) {
      step(w, 10);
      prices.add(w.engine.market("BTC-USD")!.last);
    }
    expect(prices.size).toBeGreaterThan(10);
    for (const { spec, index, mark } of w.engine.markets()) {
      const drift = Number(index - spec.initialPrice) / Number(spec.initialPrice);
      expect(Math.abs(drift)).toBeLessThan(0.05);
      expect(Math.abs(Number(mark - index)) / Number(index)).toBeLessThan(0.01);
      for (const trade of w.engine.trades(spec.market)) {
        expect(trade.price % spec.tick).toBe(0n);
        expect(trade.size % spec.lot).toBe(0n);
      }
    }
  });

  it("is the same for the same seed and another for another", () => {
    const [one, same, other] = [built(1), built(1), built(2)];
    for (const w of [one, same, other]) step(w, 50);
    expect(same.events).toEqual(one.events);
    expect(other.events).not.toEqual(one.events);
  });

  it("fills the book again in the step after a user swept it", () => {
    const w = built();
    w.engine.execute({ type: "openAccount", accountId: "whale", cash: u("10000000000") }, w.nowMs);
    const order = {
      type: "placeOrder",
      accountId: "whale",
      market: "BTC-USD",
      side: "buy",
      orderType: "market",
      price: null,
      size: u("1000"),
      timeInForce: "IOC",
      postOnly: false,
      reduceOnly: false,
      clientId: null,
    } as const;
    w.engine.execute(order, w.nowMs);
    expect(w.engine.book("BTC-USD", 1_000).asks.length).toBeLessThan(100);
    step(w);
    expect(depth(w.engine)).toBeGreaterThanOrEqual(100);
  });

  it("trades with a user's resting orders", () => {
    const w = built();
    w.engine.execute({ type: "openAccount", accountId: "ann", cash: u("1000000") }, w.nowMs);
    const bid = w.engine.market("BTC-USD")?.bestBid ?? null;
    w.engine.execute(
      {
        type: "placeOrder",
        accountId: "ann",
        market: "BTC-USD",
        side: "buy",
        orderType: "limit",
        price: bid,
        size: u("0.01"),
        timeInForce: "GTC",
        postOnly: true,
        reduceOnly: false,
        clientId: null,
      },
      w.nowMs,
    );
    for (let waited = 0; waited < 6_000 && w.engine.openOrders("ann").length > 0; waited++) step(w);
    expect(w.engine.fills("ann").length).toBeGreaterThan(0);
  });
});
