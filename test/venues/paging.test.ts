import { describe, expect, test } from "vitest";
import type { VenueDerivative, VenueModule } from "../../src/connector/perpetual-venue.ts";
import { decimal, ONE, ZERO } from "../../src/model/decimal.ts";
import { createVenueMarkets } from "../../src/model/venue-markets.ts";
import type { RestRequest, VenueContext } from "../../src/net/venue-api.ts";
import { venueModule as binance } from "../../src/venues/binance/derivative.ts";
import { venueModule as bybit } from "../../src/venues/bybit/derivative.ts";
import { venueModule as ftx } from "../../src/venues/ftx/derivative.ts";
import { venueModule as okx } from "../../src/venues/okx/derivative.ts";

const NOW = Date.UTC(2026, 10, 1);
const DAY = 86_400_000;
/** More than any venue's page may need to be told from its last one. */
const MAX_REQUESTS = 200;

/** A thousand rows that no venue could read, but for what pages go by. */
const rowsAt = (timeOf: (index: number) => number) =>
  Array.from({ length: 1_000 }, (_, index) => {
    const [id, ms] = [String(index + 1), timeOf(index)];
    const ids = { id, billId: id, tradeId: id, ordId: id, algoId: id, tranId: index, orderId: index, execId: id };
    const times = { time: ms, updateTime: ms, ts: String(ms), createdAt: new Date(ms).toISOString() };
    return { ...ids, ...times, symbol: "BTCUSDT", instId: "BTC-USDT-SWAP" };
  });
const SPREAD = rowsAt((index) => NOW - 3_600_000 + index);
const MOMENT = rowsAt(() => NOW - 3_600_000);

type Answer = (rows: readonly object[], request: RestRequest, asked: number) => unknown;
const VENUES: readonly (readonly [string, VenueModule, Answer])[] = [
  ["ftx", ftx, (rows) => rows.map((row) => ({ ...row, time: "createdAt" in row ? row.createdAt : "" }))],
  ["bybit, with one cursor", bybit, (rows) => ({ list: rows.slice(0, 50), nextPageCursor: "again" })],
  ["bybit, with ever new ones", bybit, (rows, _, asked) => ({ list: rows.slice(0, 50), nextPageCursor: `${asked}` })],
  ["binance", binance, (rows, { params }) => rows.slice(0, Number(params?.limit ?? rows.length))],
  ["okx", okx, (rows) => rows.slice(0, 100)],
];

type Ask = (derivative: VenueDerivative, context: VenueContext) => Promise<unknown> | undefined;
const LISTS: Readonly<Record<string, Ask>> = {
  fills: (derivative, context) => derivative.tradesSince(context, NOW - DAY, ["BTC-USDT"]),
  "fills of an order": (derivative, context) =>
    derivative.allTradeUpdatesForOrder(context, {
      ...{ clientOrderId: "1", exchangeOrderId: "1", tradingPair: "BTC-USDT", side: "buy", amount: ONE },
      ...{ price: ONE, type: "limit", timeInForce: "GTC", createdAtMs: NOW - DAY },
    }),
  "funding payments": (derivative, context) => derivative.fetchFundingPayments(context, NOW - DAY, ["BTC-USDT"]),
  "cash flows": (derivative, context) => derivative.fetchCashFlows?.(context, NOW - DAY),
  "open orders": (derivative, context) => derivative.fetchOpenOrders(context, []),
  positions: (derivative, context) => derivative.fetchPositions(context, ["BTC-USDT"]),
  remainder: (derivative, context) => derivative.fetchRemainder?.(context),
};

function contextOf({ manifest }: VenueModule, answer: Answer, rows: readonly object[]) {
  const rule = {
    ...{ tradingPair: "BTC-USDT", minOrderSize: decimal("0.001"), minPriceIncrement: ONE },
    ...{ minBaseAmountIncrement: decimal("0.001"), minNotionalSize: ZERO, contractSize: ONE },
    ...{ buyOrderCollateralToken: "USDT", sellOrderCollateralToken: "USDT", supportsMarketOrders: true },
    contractKind: "linear",
  } as const;
  const names = { tradingPair: "BTC-USDT", baseAsset: "BTC", quoteAsset: "USDT" };
  const symbol = { okx: "BTC-USDT-SWAP", ftx: "BTC-PERP" }[manifest.name.split("_")[0] ?? ""] ?? "BTCUSDT";
  let asked = 0;
  const context: VenueContext = {
    markets: createVenueMarkets(manifest.name, manifest.defaultDomain, [
      { ...names, symbol, fundingIntervalMs: DAY / 3, rule },
    ]),
    now: () => NOW,
    onUnreadable: () => undefined,
    api: {
      async send(request) {
        asked += 1;
        if (asked > MAX_REQUESTS) throw new RangeError(`${request.path} is asked for without end`);
        return answer(rows, request, asked);
      },
    },
  };
  return { context, asked: () => asked };
}

describe.each(VENUES)("a venue that does not heed where a page is to begin (%s)", (_name, module, answer) => {
  const urls = { restUrl: "http://127.0.0.1:1", webSocketUrl: "ws://127.0.0.1:1" };
  const { derivative } = module.createVenue({ domain: module.manifest.defaultDomain, ...urls });
  const cases = Object.entries(LISTS).flatMap(([list, ask]) => [
    { list, ask, times: "spread", rows: SPREAD },
    { list, ask, times: "of one moment", rows: MOMENT },
  ]);
  test.each(cases)("is not asked for $list without end (rows $times)", async ({ ask, rows }) => {
    const { context, asked } = contextOf(module, answer, rows);
    const error = await ask(derivative, context)?.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(String(error)).not.toMatch(/without end/);
    expect(asked()).toBeLessThan(MAX_REQUESTS);
  });
});
