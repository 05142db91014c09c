import { describe, expect, it } from "vitest";
import { PerpetualAccount } from "../../src/account/perpetual-account.ts";
import { ExternalOrders } from "../../src/connector/external-orders.ts";
import { inSlices } from "../../src/connector/in-slices.ts";
import type { PerpetualVenue } from "../../src/connector/perpetual-venue.ts";
import { PositionSync } from "../../src/connector/position-sync.ts";
import type { PositionUpdate } from "../../src/model/account-update.ts";
import { decimal, ONE, ZERO } from "../../src/model/decimal.ts";
import type { ConnectorEvents } from "../../src/model/event.ts";
import { TypedEmitter } from "../../src/model/typed-emitter.ts";
import { createVenueMarkets } from "../../src/model/venue-markets.ts";
import { readList } from "../../src/net/rows.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import type { Timers } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

const { signal } = new AbortController();
const numbers = Array.from({ length: 4_000 }, (_, number) => number);

describe("a long list", () => {
  it("is applied in slices, with everything else in between", async () => {
    const log: (number | "pause")[] = [];
    await inSlices(
      numbers,
      async () => void log.push("pause"),
      (slice) => log.push(...slice),
    );
    expect(log.filter((each) => each !== "pause")).toEqual(numbers);
    expect(log.filter((each) => each === "pause")).toHaveLength(79);
    expect(log.indexOf("pause")).toBe(50);
  });

  it("is read in slices, and one of a page at once", async () => {
    let pauses = 0;
    const pause = async (): Promise<void> => {
      pauses += 1;
    };
    const context = { pause, onUnreadable: undefined };
    expect(await readList("a row", numbers, (row) => [row], context)).toEqual(numbers);
    expect(pauses).toBe(79);
    await readList("a row", numbers.slice(0, 50), (row) => row, context);
    expect(pauses).toBe(79);
  });

  it("reports the rows that cannot be read, wherever they are", async () => {
    const unread: unknown[] = [];
    const parse = (row: number): number => {
      if (row % 1_000 === 7) throw new TypeError("odd");
      return row;
    };
    const read = await readList("a row", numbers, parse, { onUnreadable: ({ row }) => unread.push(row) });
    expect(unread).toEqual([7, 1_007, 2_007, 3_007]);
    expect(read).toHaveLength(3_996);
  });
});

const events = () => new TypedEmitter<ConnectorEvents>(() => undefined);

/** An account of 120 markets, of which a list says one unit each. `between` is called in the pauses of a list. */
function positionsScene(between: (pause: number) => void) {
  const { clock } = new SimulatedWorld({ seed: 1 }).runtime();
  const pairs = Array.from({ length: 120 }, (_, number) => `M${number}-USD`);
  const account = new PerpetualAccount({
    ...{ isRealTimeBalance: true, lockedCollateral: () => ZERO, collateralTokenOf: () => "USD", isLinear: () => true },
  });
  const listed = pairs.map((tradingPair): PositionUpdate => {
    return { type: "position", tradingPair, side: "both", amount: ONE, timestampMs: 1 };
  });
  let pauses = 0;
  let refreshes = 0;
  const sleep = async (): Promise<void> => {
    pauses += 1;
    between(pauses);
  };
  const timers = { sleep } as unknown as Timers;
  const markets = createVenueMarkets("test", "test", []);
  const sync = new PositionSync({
    venue: { derivative: { fetchPositions: async () => listed } } as unknown as PerpetualVenue,
    ...{
      account,
      clock,
      timers,
      logger: SILENT_LOGGER,
      events: events(),
      tradingPairs: () => pairs,
      isGone: () => false,
    },
    context: () => ({ api: { send: async () => undefined }, markets, now: () => clock.now() }),
    apply: () => undefined,
    tell: (news) => news(),
    requestRefresh: () => {
      refreshes += 1;
    },
    throwFailuresOf: () => undefined,
  });
  const amountOf = (number: number) => account.position(`M${number}-USD`, "both")?.amount.toFixed();
  return { account, sync, amountOf, refreshes: () => refreshes };
}

describe("a list of positions", () => {
  it("gives way to what the stream tells between two of its slices", async () => {
    const stage = positionsScene((pause) => {
      if (pause !== 1) return;
      for (const number of [3, 70]) {
        const update = { type: "position", tradingPair: `M${number}-USD`, side: "both", timestampMs: 2 } as const;
        stage.sync.applyPushed({ ...update, amount: decimal("5") });
      }
    });
    await stage.sync.updatePositions(signal);
    expect([2, 3, 69, 70, 119].map(stage.amountOf)).toEqual(["1", "5", "1", "5", "1"]);
    expect([...stage.sync.overtaken]).toEqual(["M3-USD", "M70-USD"]);
    expect(stage.refreshes()).toBe(1);
  });

  it("takes no market that waits for its slice for flat", async () => {
    const seen: unknown[] = [];
    const stage = positionsScene(() => seen.push(stage.account.toldPosition("M119-USD", "both")));
    await stage.sync.updatePositions(signal);
    // 120 rows: two pauses while their modes are looked at, two while they are named, two while they are applied.
    expect(seen).toEqual(Array.from({ length: 6 }, () => undefined));
    expect(stage.account.toldPosition("M119-USD", "both")?.amount.toFixed()).toBe("1");
    expect(stage.account.toldPosition("M500-USD", "both")?.amount.toFixed()).toBe("0");
  });

  it("is held against what was open in slices as well, and what it left out is flat", async () => {
    let pauses = 0;
    const stage = positionsScene(() => {
      pauses += 1;
    });
    for (let number = 0; number < 300; number += 1) {
      const tradingPair = `M${number}-USD`;
      stage.account.applyPosition({ type: "position", tradingPair, side: "both", amount: ONE, timestampMs: 1 }, "poll");
    }
    await stage.sync.updatePositions(signal);
    const open = stage.account.positions.map(({ tradingPair }) => Number(tradingPair.slice(1, -4)));
    expect(open).toEqual(numbers.slice(0, 120));
    // Rows that are listed: 2 + 2; 300 positions: 5; 300 that are applied, 180 of them as flat: 5.
    expect(pauses).toBe(14);
  });

  it("is dropped when a later one was answered between two of its slices", async () => {
    let second: Promise<unknown> | undefined;
    const stage = positionsScene((pause) => {
      if (pause === 1) second = stage.sync.updatePositions(signal);
    });
    await stage.sync.updatePositions(signal);
    await second;
    expect(stage.amountOf(119)).toBe("1");
    expect([...stage.sync.overtaken]).toEqual([]);
  });
});

describe("an order of somebody else", () => {
  it("is as the stream told after a list was asked for", () => {
    let nowMs = 10;
    const told: string[] = [];
    const emitter = events();
    emitter.on("externalOrder", ({ order }) => told.push(order.executedAmount.toFixed()));
    const orders = new ExternalOrders({ events: emitter, clock: { now: () => nowMs, monotonic: () => nowMs } });
    const order = (executed: string) => ({
      ...({ tradingPair: "BTC-USD", exchangeOrderId: "e1", side: "buy", type: "limit", state: "open" } as const),
      ...{ price: ONE, amount: ONE, executedAmount: decimal(executed), reduceOnly: false, timestampMs: 0 },
    });
    orders.report(order("0.5"));
    nowMs = 20;
    orders.report(order("0"), 5);
    orders.report(order("0.5"), 15);
    orders.report(order("0.7"), 16);
    expect(told).toEqual(["0.5", "0.7"]);
  });
});
