import { describe, expect, it } from "vitest";
import { FillCatchUp } from "../../src/connector/fill-catch-up.ts";
import { mayBeOurs, type RowOwnershipOptions } from "../../src/connector/row-ownership.ts";
import { RowHolds } from "../../src/connector/unreadable-rows.ts";
import { NotFoundError, VenueUnavailableError } from "../../src/model/error.ts";
import { createVenueMarkets } from "../../src/model/venue-markets.ts";
import { settleEach } from "../../src/net/fan-out.ts";
import { readRows, type UnreadableRow } from "../../src/net/rows.ts";
import type { VenueContext } from "../../src/net/venue-api.ts";
import { MARKETS, markets } from "../venues/bybit/wire.ts";

const row = (changes: Partial<UnreadableRow>): UnreadableRow => ({ what: "a row", reason: "?", row: {}, ...changes });

describe("a row that cannot be read", () => {
  const options = (active: readonly { exchangeOrderId: string | undefined }[] = []) =>
    ({
      tracker: {
        orderByClientId: (id: string) => (id === "pw-1" ? {} : undefined),
        orderByExchangeId: (_: string, id: string) => (id === "e-1" ? {} : undefined),
        activeOrders: active,
      },
      clientOrderIds: { isOwn: (id: string) => id.startsWith("pw-") },
      markets: () => markets,
      tradingPairs: () => ["BTC-USDT"],
      collateralTokens: ["USDT"],
    }) as unknown as RowOwnershipOptions;
  const order = (changes: Partial<UnreadableRow>) => row({ subject: "order", symbol: "BTCUSDT", ...changes });

  it.each([
    ["names an order of ours by its client id", order({ clientOrderId: "pw-1" }), true],
    ["names a replacement of an order of ours", order({ clientOrderId: "pw-1-a1" }), true],
    ["has a client id that this journal made", order({ clientOrderId: "pw-77" }), true],
    ["names an order of ours by the exchange's id", order({ exchangeOrderId: "e-1" }), true],
    ["does not say whose it is", order({}), true],
    ["has another's client id", order({ clientOrderId: "web_1", exchangeOrderId: "5" }), false],
    ["has an exchange id that nobody waits for", order({ exchangeOrderId: "5" }), false],
    ["is of no order, in the venue's own words", order({ clientOrderId: null, exchangeOrderId: null }), false],
    ["is a position of a market that is followed", row({ subject: "position", symbol: "BTCUSDT" }), true],
    ["is a position of another market", row({ subject: "position", symbol: "ETHUSDT" }), false],
    ["is a position of nobody knows which market", row({ subject: "position" }), true],
    ["is a balance of the collateral", row({ subject: "balance", asset: "USDT" }), true],
    ["is a balance of another asset", row({ subject: "balance", asset: "BNB" }), false],
    ["is a fee rate", row({ symbol: "BTCUSDT" }), false],
  ])("and %s", (_, each, isOurs) => {
    expect(mayBeOurs(options(), each)).toBe(isOurs);
  });

  it("and has an exchange id that is not known may be that of an order which waits for its own", () => {
    expect(mayBeOurs(options([{ exchangeOrderId: undefined }]), order({ exchangeOrderId: "5" }))).toBe(true);
  });

  it("is waited for a while, and not for good", () => {
    let now = 0;
    const givenUp: UnreadableRow[] = [];
    const holds = new RowHolds(
      () => now,
      (each) => givenUp.push(each),
    );
    const held = row({ row: { id: 1 } });
    const answers = [0, 30_000, 60_000, 90_000].map((at) => {
      now = at;
      return holds.holds(held, 60_000);
    });
    expect(answers).toEqual([true, true, false, false]);
    expect(givenUp).toEqual([held]);
  });
});

describe("the catch-up of fills", () => {
  const PAIRS = ["BTC-USDT", "ETH-USDT"];

  function scene() {
    const cursors = new Map<string, string>([["trades", "1000"]]);
    const asked: [string, number][] = [];
    const failures = new Map<string, unknown>();
    const state = { now: 5_000, horizon: 0, unread: [] as unknown[], listedFrom: {} as Record<string, number> };
    const journal = {
      timeCursors: () => new Map([...cursors].map(([name, text]) => [name, Number(text)])),
      setCursor: (name: string, value: string) => void cursors.set(name, value),
      clearCursor: (name: string) => void cursors.delete(name),
      batch: (work: () => unknown) => work(),
    };
    const derivative = {
      async tradesSince(context: VenueContext, sinceMs: number, pairs: readonly string[]) {
        await settleEach(context, pairs, async (pair) => {
          asked.push([pair, sinceMs]);
          const error = failures.get(pair);
          if (error !== undefined) throw error;
        });
        const unreadable = (): never => {
          throw new TypeError("unreadable");
        };
        return readRows("a fill", state.unread, unreadable, context.onUnreadable, { subject: "fill" });
      },
    };
    const context = { markets: createVenueMarkets("v", "v", MARKETS), now: () => state.now };
    const catchUp = new FillCatchUp({
      venue: { derivative },
      journal,
      context: () => context,
      tradingPairs: () => PAIRS,
      overlapMs: 0,
      lookBackMs: 0,
      askedAtMs: () => state.now,
      horizonMs: () => state.horizon,
      forgetBefore: (timestampMs: number, behind: ReadonlyMap<string, number>) => {
        state.listedFrom = { ...Object.fromEntries(behind), others: timestampMs };
      },
      apply: () => undefined,
      isLeftOut: (_: string, error: unknown) => error instanceof NotFoundError,
      heldBy: async (rows: readonly unknown[]) => (rows.length > 0 ? new Error("held") : undefined),
    } as unknown as ConstructorParameters<typeof FillCatchUp>[0]);
    const run = () => catchUp.run(new AbortController().signal);
    return { cursors, asked, failures, state, run };
  }

  it("moves on for the others where one market fails, and asks for that one from where it was", async () => {
    const { cursors, asked, failures, state, run } = scene();
    failures.set("ETH-USDT", new VenueUnavailableError("not now"));
    await expect(run()).rejects.toThrow("not now");
    expect(Object.fromEntries(cursors)).toEqual({ trades: "5000", "trades|ETH-USDT": "1000" });
    failures.clear();
    state.now = 9_000;
    await run();
    expect(asked.slice(2)).toEqual([
      ["BTC-USDT", 5_000],
      ["ETH-USDT", 1_000],
    ]);
    expect(Object.fromEntries(cursors)).toEqual({ trades: "9000" });
  });

  it("is whole without a market that is gone, which keeps its cursor", async () => {
    const { cursors, failures, state, run } = scene();
    failures.set("ETH-USDT", new NotFoundError("gone"));
    await run();
    state.now = 9_000;
    await run();
    expect(Object.fromEntries(cursors)).toEqual({ trades: "9000", "trades|ETH-USDT": "1000" });
  });

  it("keeps what is known of a market that is gone, and of no other, until the venue is no longer asked for it", async () => {
    const { asked, failures, state, run } = scene();
    failures.set("ETH-USDT", new NotFoundError("gone"));
    for (state.now = 5_000; state.now <= 9_000; state.now += 1_000) await run();
    expect(state.listedFrom).toEqual({ "ETH-USDT": 1_000, others: 8_000 });
    state.horizon = 3_000;
    await run();
    expect(state.listedFrom).toEqual({ "ETH-USDT": 3_000, others: 9_000 });
    expect(asked.at(-1)).toEqual(["ETH-USDT", 3_000]);
  });

  it("does not move past a fill that may be ours and cannot be read", async () => {
    const { cursors, state, run } = scene();
    state.unread = [{ id: 1 }];
    await expect(run()).rejects.toThrow("held");
    expect(cursors.get("trades")).toBe("1000");
    state.unread = [];
    await run();
    expect(cursors.get("trades")).toBe("5000");
  });
});
