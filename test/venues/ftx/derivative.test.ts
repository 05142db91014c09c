import { describe, expect, it } from "vitest";
import { Decimal } from "../../../src/model/decimal.ts";
import type { OrderToPlace } from "../../../src/model/order.ts";
import { marketOrdersLimitId, PAGE_SIZE } from "../../../src/venues/ftx/constants.ts";
import { derivative } from "../../../src/venues/ftx/derivative.ts";
import { userStreamDataSource } from "../../../src/venues/ftx/user-stream-data-source.ts";
import { RecordingApi, venueContext } from "../../support/recording-api.ts";
import { ftxFixtures } from "./fixtures.ts";
import { fillsFrame, ordersFrame, wireFill, wireOrder } from "./wire.ts";

const NOW = Date.UTC(2022, 8, 14, 11);
const FIXTURE = {
  clientOrderId: "pw-1",
  exchangeOrderId: "181542119006",
  side: "buy",
  amount: "1",
  price: "5000",
} as const;
const rows = (ftxFixtures.allSymbolsRequestMockResponse.body as { result: Readonly<Record<string, unknown>>[] }).result;
const { markets: listed } = derivative.parseExchangeInfo(rows);
const context = (answer: (path: string, params: Readonly<Record<string, unknown>>) => unknown) => {
  const api = new RecordingApi(({ path, params }) => answer(path, params ?? {}));
  return { ...venueContext(api, "ftx_perpetual", listed, NOW), api };
};
const { markets } = context(() => undefined);

function parseOrder(payload: unknown) {
  const [update] = userStreamDataSource.parseUserStreamMessage(markets, ordersFrame(payload));
  return update?.type === "order" ? update : undefined;
}

function parseFill(payload: unknown) {
  const [update] = userStreamDataSource.parseUserStreamMessage(markets, fillsFrame(payload));
  return update?.type === "trade" ? update : undefined;
}

const fillIds = (updates: Awaited<ReturnType<typeof derivative.tradesSince>>) =>
  updates.map((update) => (update.type === "trade" ? Number(update.fillId) : update.type));

describe("trading rules", () => {
  const first = rows[0] ?? {};

  it.each([
    ["no tick", { priceIncrement: undefined }],
    ["a tick of zero", { priceIncrement: 0 }],
    ["a negative step", { sizeIncrement: -1 }],
    ["a tick that is no number", { priceIncrement: "much" }],
    ["no underlying", { underlying: null }],
    ["another type", { type: "spot" }],
  ])("of a row with %s are skipped with one reason, and the others are read", (_, change) => {
    const { markets: read, skipped } = derivative.parseExchangeInfo([{ ...first, ...change }, rows[1]]);
    expect(read.map((market) => market.symbol)).toEqual(["ETH-PERP"]);
    expect(skipped).toHaveLength(1);
    expect(skipped[0]).toMatchObject({ symbol: "BTC-PERP" });
  });

  it("that do not name their market are no perpetuals, and are told: they may be of any", () => {
    const { markets: listed, skipped } = derivative.parseExchangeInfo([null, 7, "x", { name: 5 }, {}]);
    expect([listed, skipped.map(({ symbol }) => symbol)]).toEqual([[], ["", "", "", ""]]);
  });

  it("take the smallest order from the step and the smallest that rests from minProvideSize", () => {
    const rule = derivative.parseExchangeInfo([first]).markets[0]?.rule;
    expect([rule?.minOrderSize.toFixed(), rule?.minMakerSize?.toFixed()]).toEqual(["0.0001", "0.001"]);
  });

  it("of a market in post-only mode allow no market orders", () => {
    const rule = derivative.parseExchangeInfo([{ ...first, postOnly: true }]).markets[0]?.rule;
    expect(rule?.supportsMarketOrders).toBe(false);
  });
});

describe("the body of an order", () => {
  const base: OrderToPlace = {
    clientOrderId: "pw-1",
    tradingPair: "BTC-USD",
    side: "buy",
    type: "limit",
    amount: new Decimal("0.00000001"),
    price: new Decimal("0.0000005"),
    timeInForce: "GTC",
    reduceOnly: false,
    positionAction: "open",
    positionMode: "oneWay",
  };

  const body = (changes: Partial<OrderToPlace>) => derivative.placeOrder(markets, { ...base, ...changes }).request.data;

  it("of a limit order has its numbers as plain decimal text", () => {
    expect(body({})).toEqual({
      market: "BTC-PERP",
      side: "buy",
      price: "0.0000005",
      type: "limit",
      size: "0.00000001",
      reduceOnly: false,
      ioc: false,
      postOnly: false,
      clientId: "pw-1",
    });
  });

  it("is counted against the market's limit, in the lane of creates", () => {
    const { request } = derivative.placeOrder(markets, base);
    expect(request).toMatchObject({ limitId: marketOrdersLimitId("BTC-PERP"), lane: "create", isAuthRequired: true });
  });

  it("is canceled by the exchange id, or by the client id, encoded, until there is one", () => {
    const reference = { ...base, createdAtMs: NOW, clientOrderId: "a b/c" };
    const path = (exchangeOrderId?: string) =>
      derivative.placeCancel(markets, { ...reference, exchangeOrderId }).request.path;
    expect([path("7"), path()]).toEqual(["/orders/7", "/orders/by_client_id/a%20b%2Fc"]);
    const { request } = derivative.placeCancel(markets, reference);
    expect(request).toMatchObject({ method: "DELETE", lane: "cancel" });
  });
});

describe("an order of the venue", () => {
  const update = (changes: Readonly<Record<string, unknown>>) => parseOrder(wireOrder(FIXTURE, changes));
  const closed = { status: "closed", remainingSize: 0 };

  it.each([
    ["new", { status: "new" }, "open", undefined],
    ["open", {}, "open", undefined],
    ["open with a fill", { filledSize: 0.5 }, "partiallyFilled", undefined],
    ["closed and full", { ...closed, filledSize: 1 }, "filled", undefined],
    ["closed without a fill", closed, "canceled", undefined],
    ["closed with a part, which is not filled", { ...closed, filledSize: 0.5 }, "canceled", undefined],
    [
      "closed, and its kind was immediate or cancel",
      { ...closed, ioc: true, filledSize: 0.5 },
      "canceled",
      "iocRemainder",
    ],
    ["closed market order", { ...closed, type: "market", price: null }, "canceled", "iocRemainder"],
    ["closed post-only order", { ...closed, postOnly: true }, "canceled", "postOnly"],
    ["closed post-only order with a fill", { ...closed, postOnly: true, filledSize: 0.5 }, "canceled", undefined],
  ])("that is %s", (_, changes, state, inferredReason) => {
    expect(update(changes)).toMatchObject({ state, inferredReason });
  });

  it("keeps what was executed, exactly", () => {
    const parsed = update({ ...closed, filledSize: 0.1, size: 0.3 });
    expect(parsed?.executedAmount?.toFixed()).toBe("0.1");
    expect(parsed?.order?.amount.toFixed()).toBe("0.3");
  });

  it("that the venue liquidated says so; null is no liquidation", () => {
    expect(update({ ...closed, liquidation: true })?.reason).toBe("liquidation");
    expect(update({ ...closed, liquidation: null })?.reason).toBeUndefined();
  });

  it("of another kind of market is none of ours", () => {
    expect(update({ market: "BTC/USD" })).toBeUndefined();
  });

  it("without an id or with an unknown status is a ProtocolError that names the place", () => {
    expect(() => update({ status: "dead" })).toThrow(/an order of ftx_perpetual .* at status/);
    expect(() => update({ id: undefined })).toThrow(/at id/);
  });
});

describe("a fill of the venue", () => {
  it("is keyed by `id`, for `tradeId` is shared with the other side", () => {
    const fill = parseFill(wireFill(FIXTURE));
    expect(fill).toMatchObject({ fillId: "5230117741", exchangeOrderId: "181542119006", isMaker: true, side: "buy" });
    expect(fill?.fee.flatFees.map(({ token, amount }) => [token, amount.toFixed()])).toEqual([["USD", "0.5"]]);
    expect(fill?.timestampMs).toBeCloseTo(Date.UTC(2022, 8, 14, 10, 15, 9, 882) + 0.31, 3);
  });

  it("is paid in the quote currency where it does not name another", () => {
    for (const feeCurrency of [undefined, null, ""]) {
      expect(parseFill(wireFill(FIXTURE, { feeCurrency }))?.fee.flatFees[0]?.token).toBe("USD");
    }
  });

  it("may pay a rebate", () => {
    expect(parseFill(wireFill(FIXTURE, { fee: -0.1 }))?.fee.flatFees[0]?.amount.toFixed()).toBe("-0.1");
  });

  it("that was made over the counter is no order's", () => {
    expect(parseFill(wireFill(FIXTURE, { type: "otc", market: null, orderId: null, tradeId: null }))).toBeUndefined();
  });
});

describe("paging", () => {
  const iso = (ms: number) => `${new Date(ms).toISOString().slice(0, -1)}000+00:00`;
  /** A venue that answers as FTX did, in pages of `size`, newest first, both ends included. */
  const paged = (all: readonly { readonly id: number; readonly time: string }[], size: number) =>
    context((_, { start_time, end_time }) => {
      const seconds = ({ time }: { readonly time: string }) => Date.parse(time) / 1_000;
      return all
        .filter((row) => seconds(row) >= Number(start_time) && seconds(row) <= Number(end_time))
        .toSorted((a, b) => b.id - a.id)
        .slice(0, size);
    });
  const fills = (times: readonly number[]) =>
    times.map((ms, index) => ({ ...wireFill(FIXTURE), id: index + 1, time: iso(ms) }));
  const since = NOW - 3_600_000;

  it("reads fills to the end, oldest first, each once", async () => {
    const all = fills(Array.from({ length: 23 }, (_, index) => since + index * 1_000));
    const venue = paged(all, 5);
    const updates = await derivative.tradesSince(venue, since, ["BTC-USD"]);
    expect(fillIds(updates)).toEqual(all.map(({ id }) => id));
    expect(venue.api.requests.every(({ params }) => params?.limit === PAGE_SIZE)).toBe(true);
  });

  it("loses nothing when times are the same on both sides of a page's border", async () => {
    const all = fills([0, 1, 2, 3, 3, 3, 3, 4, 4, 5].map((second) => since + second * 1_000));
    const updates = await derivative.tradesSince(paged(all, 6), since, []);
    expect(fillIds(updates)).toEqual(all.map(({ id }) => id));
  });

  it("reads on behind a page that is full of rows of one instant", async () => {
    const all = fills([0, 1, 2, 2, 2, 2, 3].map((second) => since + second * 1_000));
    const ids = fillIds(await derivative.tradesSince(paged(all, 3), since, []));
    // What of the instant is on no page cannot be asked for; what is before it can.
    expect(ids.slice(0, 2)).toEqual([1, 2]);
    expect(ids.at(-1)).toBe(7);
  });

  it("keeps the microseconds of the border", async () => {
    const micro = (index: number) => iso(since).replace(/000\+/, `${String(index).padStart(3, "0")}+`);
    const all = Array.from({ length: 9 }, (_, index) => ({ ...wireFill(FIXTURE), id: index + 1, time: micro(index) }));
    const seconds = (time: string) => Date.parse(`${time.slice(0, 23)}Z`) / 1_000 + Number(time.slice(23, 26)) / 1e6;
    const venue = context((_, { start_time, end_time }) =>
      all
        .filter(({ time }) => seconds(time) >= Number(start_time) - 1e-7 && seconds(time) <= Number(end_time) + 3e-7)
        .toSorted((a, b) => b.id - a.id)
        .slice(0, 2),
    );
    const updates = await derivative.tradesSince(venue, since - 1_000, []);
    expect(updates).toHaveLength(9);
  });

  it("looks back before the earliest time and reads rows of a clock that is ahead", async () => {
    const venue = paged(fills([NOW + 20_000]), 5);
    expect(await derivative.tradesSince(venue, since, [])).toHaveLength(1);
    expect(await derivative.tradesSince(paged([], 5), -1, [])).toEqual([]);
  });

  it("leaves out what is not on a perpetual that is known", async () => {
    const other = { future: "MOON-PERP", id: 1, payment: 1, time: iso(since) };
    expect(await derivative.fetchFundingPayments(paged([other], 3), since, [])).toEqual([]);
  });
});

describe("account", () => {
  it("asks for the average prices, and reads flat rows with nulls", async () => {
    const venue = context(() => [{ future: "BTC-PERP", netSize: 0, entryPrice: null, recentAverageOpenPrice: null }]);
    const [update] = await derivative.fetchPositions(venue, []);
    expect(update).toMatchObject({ type: "position", entryPrice: undefined });
    expect(venue.api.requests[0]?.params).toEqual({ showAvgPrice: true });
  });

  it("takes no mark price for an entry price that cannot be read", async () => {
    const row = { future: "BTC-PERP", netSize: 1, entryPrice: 5003, recentAverageOpenPrice: "a lot" };
    const unread: string[] = [];
    const venue = { ...context(() => [row]), onUnreadable: ({ what }: { what: string }) => void unread.push(what) };
    expect(await derivative.fetchPositions(venue, [])).toEqual([]);
    expect(unread).toEqual(["a row of GET /positions"]);
  });

  it("reads the last price from an object", async () => {
    const price = await derivative.fetchLastTradedPrice(
      context(() => ({ last: 5000.5 })),
      "BTC-USD",
    );
    expect(price.toFixed()).toBe("5000.5");
    await expect(
      derivative.fetchLastTradedPrice(
        context(() => ({ last: null })),
        "BTC-USD",
      ),
    ).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});
