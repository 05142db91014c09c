import { describe, expect, it } from "vitest";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { Stage, VENUE_NAMES } from "./stage.ts";

/** FTX has no batches. */
const BATCHING = VENUE_NAMES.filter((name) => name !== "ftx_perpetual");

/** Where each venue has the rows of a batch's answer. */
function rowsOf(answer: unknown): unknown[] {
  if (Array.isArray(answer)) return answer;
  const { data, result } = answer as { data?: unknown[]; result?: { list?: unknown[] } };
  return data ?? result?.list ?? [];
}

const CHANGES = {
  "with a row missing": (rows: unknown[]) => rows.splice(1, 1),
  "with its rows reversed": (rows: unknown[]) => rows.reverse(),
} as const;

describe.each(BATCHING)("a batch on %s", (name) => {
  const cases = Object.entries(CHANGES);

  async function open(change: (rows: unknown[]) => unknown) {
    const changing = (runtime: Runtime): Runtime => ({
      ...runtime,
      http: {
        close: () => runtime.http.close(),
        request: async (request) => {
          const response = await runtime.http.request(request);
          if (request.method === "GET" || !/batch/i.test(request.url)) return response;
          const answer: unknown = JSON.parse(response.text);
          change(rowsOf(answer));
          return { ...response, text: JSON.stringify(answer) };
        },
      },
    });
    return Stage.open(name, { seed: 4, runtime: changing, connector: { budgetCheck: false } });
  }

  const wish = ({ pair }: Stage, price: string, amount = "0.01") =>
    ({ tradingPair: pair, side: "buy", amount, price, position: "open" }) as const;

  it.each(cases)("of creates that is answered %s leaves each order with its own fate", async (_, change) => {
    await using stage = await open(change);
    const { connector, venue } = stage;
    const orders = connector.batchOrderCreate([
      wish(stage, "19900"),
      wish(stage, "19901", "600"),
      { ...wish(stage, "19990"), type: "limitMaker" },
      { ...wish(stage, "20010"), type: "limitMaker" },
      wish(stage, "19903"),
    ]);
    await stage.pass(60_000);
    const isOpen = new Set(venue.engine.openOrders(venue.accountId).map(({ clientId }) => clientId));
    const expected = orders.map((order, index) => [order.clientOrderId, [0, 2, 4].includes(index)]);
    expect(orders.map(({ clientOrderId }) => [clientOrderId, isOpen.has(clientOrderId)])).toEqual(expected);
    expect(orders.map(({ clientOrderId, state }) => [clientOrderId, state === "open"])).toEqual(expected);
    expect(orders.filter(({ isDone }) => isDone)).toHaveLength(2);
    expect(connector.externalOrders()).toEqual([]);
  });

  it.each(cases)("of cancels that is answered %s cancels each order", async (_, change) => {
    await using stage = await open(change);
    const { connector, venue } = stage;
    const orders = ["19900", "19901", "19902"].map((price) => stage.order("buy", { price, amount: "0.01" }));
    await stage.pass(2_000);
    const [, second] = venue.engine.openOrders(venue.accountId);
    venue.execute({ type: "cancelOrder", accountId: venue.accountId, orderId: second?.orderId ?? 0 });
    const results = await stage.run(connector.batchOrderCancel(orders.map(({ clientOrderId }) => clientOrderId)));
    expect(results.map(({ success }) => success)).toEqual([true, true, true]);
    expect(orders.map(({ state }) => state)).toEqual(["canceled", "canceled", "canceled"]);
    expect(venue.engine.openOrders(venue.accountId)).toEqual([]);
  });
});
