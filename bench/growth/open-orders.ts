import type { PerpetualVenue, VenueDerivative } from "../../src/connector/perpetual-venue.ts";
import type { Market } from "../../src/model/market.ts";
import { createVenueMarkets, type VenueMarkets } from "../../src/model/venue-markets.ts";
import type { RestRequest, VenueContext } from "../../src/net/venue-api.ts";
import { orders as binance } from "../../src/venues/binance/orders.ts";
import { orders as bybit } from "../../src/venues/bybit/orders.ts";
import { orders as ftx } from "../../src/venues/ftx/orders.ts";
import { orders as okx } from "../../src/venues/okx/orders.ts";
import { PAIR, RULE, runtime } from "./process.ts";

const TIME_MS = 1_700_000_000_000;

/** Whose orders are listed: the connector's own, or another program's. */
export type Owner = "own" | "foreign";

/** How a venue lists open orders: an account's whole list in one body, or page by page. */
interface ListedOrders {
  readonly orders: Partial<VenueDerivative>;
  readonly symbol: string;
  row(number: number, clientOrderId: string): object;
  /** The answer to a request, of all rows. */
  answer(rows: readonly object[], request: RestRequest): unknown;
}

const all = (rows: readonly object[]): readonly object[] => rows;

/** Rows of the page that begins after the row with number `after`, newest first. */
function pageOf(rows: readonly object[], after: unknown, size: number) {
  const from = after === undefined ? 0 : Number(after);
  return { page: rows.slice(from, from + size), next: from + size < rows.length ? String(from + size) : "" };
}

const VENUES: Readonly<Record<"binance" | "bybit" | "okx" | "ftx", ListedOrders>> = {
  binance: {
    orders: binance,
    symbol: "BTCUSDT",
    row: (number, clientOrderId) => ({
      ...{ symbol: "BTCUSDT", orderId: 1_000_000 + number, clientOrderId, side: "BUY", positionSide: "BOTH" },
      ...{ updateTime: TIME_MS, time: TIME_MS, type: "LIMIT", origType: "LIMIT", timeInForce: "GTC", price: "20000" },
      ...{
        origQty: "1",
        executedQty: "0",
        avgPrice: "0",
        cumQuote: "0",
        stopPrice: "0",
        workingType: "CONTRACT_PRICE",
      },
      ...{ reduceOnly: false, closePosition: false, priceProtect: false, priceMatch: "NONE", goodTillDate: 0 },
      ...{ selfTradePreventionMode: "NONE", status: "NEW" },
    }),
    answer: all,
  },
  bybit: {
    orders: bybit,
    symbol: "BTCUSDT",
    row: (number, orderLinkId) => ({
      ...{ symbol: "BTCUSDT", orderId: String(1_000_000 + number), orderLinkId, side: "Buy", positionIdx: 0 },
      ...{ orderStatus: "New", orderType: "Limit", timeInForce: "GTC", price: "20000", qty: "1", cumExecQty: "0" },
      ...{
        leavesQty: "1",
        leavesValue: "20000",
        cumExecValue: "0",
        cumExecFee: "0",
        avgPrice: "",
        cancelType: "UNKNOWN",
      },
      ...{ rejectReason: "EC_NoError", stopOrderType: "", triggerPrice: "", takeProfit: "", stopLoss: "" },
      ...{ reduceOnly: false, closeOnTrigger: false, createdTime: String(TIME_MS), updatedTime: String(TIME_MS) },
    }),
    answer(rows, { params }) {
      const { page, next } = pageOf(params?.settleCoin === "USDT" ? rows : [], params?.cursor, 50);
      return { list: page, nextPageCursor: next };
    },
  },
  okx: {
    orders: okx,
    symbol: "BTC-USDT-SWAP",
    row: (number, clOrdId) => ({
      ...{ instType: "SWAP", instId: "BTC-USDT-SWAP", ordId: String(1_000_000 + number), clOrdId, side: "buy" },
      ...{ posSide: "net", tdMode: "cross", ordType: "limit", state: "live", px: "20000", sz: "1", accFillSz: "0" },
      ...{ avgPx: "", fillPx: "", fillSz: "0", fillTime: "", tradeId: "", fee: "0", feeCcy: "USDT", pnl: "0" },
      ...{ lever: "10", category: "normal", reduceOnly: "false", cancelSource: "", amendResult: "", reqId: "" },
      ...{ cTime: String(TIME_MS), uTime: String(TIME_MS) },
    }),
    answer(rows, { params }) {
      const after = params?.after === undefined ? undefined : Number(params.after) - 1_000_000 + 1;
      return pageOf(rows, after, 100).page;
    },
  },
  ftx: {
    orders: ftx,
    symbol: "BTC-PERP",
    row: (number, clientId) => ({
      ...{ id: 1_000_000 + number, clientId, market: "BTC-PERP", future: "BTC-PERP", type: "limit", side: "buy" },
      ...{ price: 20_000, size: 1, status: "open", filledSize: 0, remainingSize: 1, avgFillPrice: null },
      ...{ reduceOnly: false, postOnly: false, ioc: false, createdAt: "2023-11-14T22:13:20.000000+00:00" },
    }),
    answer: all,
  },
};

export type VenueName = keyof typeof VENUES;
export const VENUE_NAMES = Object.keys(VENUES) as readonly VenueName[];

const market = (symbol: string): Market =>
  ({ tradingPair: PAIR, symbol, base: "BTC", quote: "USD", rule: RULE }) as unknown as Market;

/** The one market that is followed, in the venue's names. */
export function sessionOf(name: VenueName): VenueMarkets {
  return createVenueMarkets(`${name}_perpetual`, "bench", [market(VENUES[name].symbol)]);
}

/** JSON of `count` open orders in one list, as Binance gives them. */
export function listText(count: number): string {
  return JSON.stringify(Array.from({ length: count }, (_, number) => VENUES.binance.row(number, `c${number}`)));
}

/** A venue whose account has `count` open orders; its answers are values already. */
export function venueWithOrders(name: VenueName, owner: Owner, count: number) {
  const { orders, row, answer } = VENUES[name];
  const prefix = owner === "own" ? "c" : "another's-";
  const rows = Array.from({ length: count }, (_, number) => row(number, `${prefix}${number}`));
  const context: VenueContext = {
    // An answer comes from the network, in a turn of the loop of its own.
    api: { send: async (request) => runtime.timers.sleep(0).then(() => answer(rows, request)) },
    markets: sessionOf(name),
    now: () => runtime.clock.now(),
    pause: () => runtime.timers.sleep(0),
  };
  const venue = { derivative: orders, manifest: { userStream: {} } } as unknown as PerpetualVenue;
  return { venue, context };
}
