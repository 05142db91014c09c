import { describe, expect, it } from "vitest";
import { FillSearch } from "../../src/connector/fill-search.ts";
import { decimal } from "../../src/model/decimal.ts";
import { VenueUnavailableError } from "../../src/model/error.ts";
import type { VenueContext } from "../../src/net/venue-api.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import type { InFlightOrder } from "../../src/trading/in-flight-order.ts";

const MADE_MS = 1_000_000;

interface Trade {
  readonly exchangeOrderId: string;
  readonly side?: "buy" | "sell";
  readonly timestampMs?: number;
}

/** A search on an account whose fills bear no client order id; `owners` are those of their orders. */
function scene(trades: readonly Trade[], owners: Readonly<Record<string, string | undefined>> = {}) {
  const state = { failure: undefined as unknown, hasBadRow: false, owners };
  const asked = { fills: [] as number[], orders: [] as string[] };
  const applied: string[] = [];
  const derivative = {
    async tradesSince(context: VenueContext, sinceMs: number) {
      asked.fills.push(sinceMs);
      await Promise.resolve();
      if (state.failure !== undefined) throw state.failure;
      if (state.hasBadRow) context.onUnreadable?.({ what: "a fill", reason: "odd", row: {} });
      return trades.map((trade) => ({
        ...{ type: "trade", tradingPair: "BTC-USDT", side: "buy", timestampMs: MADE_MS, amount: decimal("1") },
        ...trade,
      }));
    },
    async requestOrderStatus(_: VenueContext, { exchangeOrderId }: { exchangeOrderId: string }) {
      asked.orders.push(exchangeOrderId);
      return { type: "order", exchangeOrderId, clientOrderId: state.owners[exchangeOrderId] };
    },
  };
  const search = new FillSearch({
    venue: { derivative },
    context: () => ({}),
    logger: SILENT_LOGGER,
    apply: (update: { type: string; exchangeOrderId: string }) => {
      applied.push(`${update.type} ${update.exchangeOrderId}`);
      return { kind: "parked" };
    },
    applyAdjustment: () => undefined,
    isOurs: (id: string) => id.startsWith("pw"),
  } as unknown as ConstructorParameters<typeof FillSearch>[0]);
  const { signal } = new AbortController();
  const find = (id: string, side: "buy" | "sell" = "buy", tradingPair = "BTC-USDT") => {
    const order = { clientOrderId: id, tradingPair, side, reference: () => ({ clientOrderId: id, tradingPair, side }) };
    return search.search(order as unknown as InFlightOrder, MADE_MS, signal);
  };
  return { state, asked, applied, find };
}

describe("missing orders", () => {
  it("of one market share a search that begins after each of them came", async () => {
    const { asked, find } = scene([]);
    const first = find("pw1");
    await Promise.resolve();
    await Promise.resolve();
    const others = [2, 3, 4, 5].map((id) => find(`pw${id}`));
    expect(await Promise.all([first, ...others])).toEqual([true, true, true, true, true]);
    expect(asked.fills).toEqual([MADE_MS - 60_000, MADE_MS - 60_000]);
  });

  it("are found among fills whose order is told to be one of ours, and each stranger is asked about once", async () => {
    const trades = [
      { exchangeOrderId: "e1" },
      { exchangeOrderId: "e2" },
      { exchangeOrderId: "e3", side: "sell" as const },
    ];
    const { asked, applied, find } = scene(trades, { e1: "web_1", e2: "pw2" });
    expect(await Promise.all([find("pw1"), find("pw2")])).toEqual([true, true]);
    expect(asked.orders).toEqual(["e1", "e2"]);
    expect(applied.slice(-2)).toEqual(["order e2", "trade e2"]);
    await find("pw1");
    expect(asked.orders).toEqual(["e1", "e2", "e2"]);
  });

  it("are not proven missing by a row without its client order id: the next search asks again", async () => {
    const { asked, find } = scene([{ exchangeOrderId: "e1" }]);
    await find("pw1");
    await find("pw1");
    expect(asked.orders).toEqual(["e1", "e1"]);
  });

  it("among many orders of others are searched in several goes", async () => {
    const trades = Array.from({ length: 30 }, (_, index) => ({ exchangeOrderId: `e${index}` }));
    const owners = Object.fromEntries(trades.map(({ exchangeOrderId }) => [exchangeOrderId, "web"]));
    const { asked, find } = scene(trades, owners);
    expect([await find("pw1"), asked.orders.length]).toEqual([false, 20]);
    expect([await find("pw1"), asked.orders.length]).toEqual([true, 30]);
  });

  it("are not proven missing where the fills cannot be had, or a row of them cannot be read", async () => {
    const { state, find } = scene([]);
    state.failure = new VenueUnavailableError("not now");
    expect(await find("pw1")).toBe(false);
    state.failure = undefined;
    state.hasBadRow = true;
    expect(await find("pw1")).toBe(false);
    state.hasBadRow = false;
    expect(await find("pw1")).toBe(true);
  });
});
