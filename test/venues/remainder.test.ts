import { describe, expect, it } from "vitest";
import type { VenueDerivative } from "../../src/connector/perpetual-venue.ts";
import type { ConditionalOrder } from "../../src/model/account-remainder.ts";
import { AuthError } from "../../src/model/error.ts";
import { createVenueMarkets, type VenueMarkets } from "../../src/model/venue-markets.ts";
import type { UnreadableRow } from "../../src/net/rows.ts";
import type { RestRequest } from "../../src/net/venue-api.ts";
import { derivative as binance } from "../../src/venues/binance/derivative.ts";
import { derivative as bybit } from "../../src/venues/bybit/derivative.ts";
import { derivative as ftx } from "../../src/venues/ftx/derivative.ts";
import { derivative as okx } from "../../src/venues/okx/derivative.ts";
import { markets as binanceSession } from "./binance/wire.ts";
import { markets as bybitSession } from "./bybit/wire.ts";
import { markets as okxSession } from "./okx/wire.ts";

const ftxSession = createVenueMarkets("ftx_perpetual", "ftx_perpetual", []);

type Answer = (request: RestRequest) => unknown;

interface Venue {
  readonly derivative: VenueDerivative;
  readonly markets: VenueMarkets;
  /** Rows as the venue wraps them. */
  list(rows: readonly unknown[]): unknown;
  readonly conditional: { is(request: RestRequest): boolean; readonly row: object };
  readonly expected: ConditionalOrder;
  readonly cancel: Partial<RestRequest>;
  readonly position: { is(request: RestRequest): boolean; readonly row: object; readonly told: string };
  readonly order: { is(request: RestRequest): boolean; readonly row: object; readonly told: string };
}

const VENUES: Readonly<Record<string, Venue>> = {
  ftx: {
    ...{ derivative: ftx, markets: ftxSession, list: (rows) => rows },
    conditional: { is: ({ path }) => path === "/conditional_orders", row: { id: 31, market: "BTC-PERP" } },
    expected: { conditionalOrderId: "31", symbol: "BTC-PERP", tradingPair: undefined },
    cancel: { method: "DELETE", path: "/conditional_orders/31", lane: "cancel" },
    position: {
      is: ({ path }) => path === "/positions",
      row: { future: "BTC-0325", netSize: "0.5" },
      told: "a position of 0.5 on BTC-0325",
    },
    order: { is: ({ path }) => path === "/orders", row: { id: 7, market: "BTC-0325" }, told: "order 7 on BTC-0325" },
  },
  binance: {
    ...{ derivative: binance, markets: binanceSession, list: (rows) => rows },
    conditional: { is: ({ path }) => path === "/fapi/v1/openAlgoOrders", row: { algoId: 31, symbol: "BTCUSDT" } },
    expected: { conditionalOrderId: "31", symbol: "BTCUSDT", tradingPair: "BTC-USDT" },
    cancel: { method: "DELETE", path: "/fapi/v1/algoOrder", params: { algoId: "31" }, lane: "cancel" },
    position: {
      is: ({ path }) => path === "/fapi/v3/positionRisk",
      row: { symbol: "BTCUSDT_270326", positionAmt: "-0.5" },
      told: "a position of -0.5 on BTCUSDT_270326",
    },
    order: {
      is: ({ path }) => path === "/fapi/v1/openOrders",
      row: { symbol: "BTCUSDT_270326", orderId: 7 },
      told: "order 7 on BTCUSDT_270326",
    },
  },
  bybit: {
    ...{ derivative: bybit, markets: bybitSession, list: (list) => ({ list, nextPageCursor: "" }) },
    conditional: {
      is: ({ params }) => params?.orderFilter === "StopOrder" && params.settleCoin === "USDT",
      row: { symbol: "BTCUSDT", orderId: "31", stopOrderType: "TakeProfit" },
    },
    expected: { conditionalOrderId: "31", symbol: "BTCUSDT", tradingPair: "BTC-USDT" },
    cancel: { method: "POST", data: { category: "linear", symbol: "BTCUSDT", orderId: "31" }, lane: "cancel" },
    position: {
      is: ({ path, params }) => path === "/v5/position/list" && params?.category === "inverse",
      row: { symbol: "BTCUSD", size: "100" },
      told: "a position of 100 on BTCUSD",
    },
    order: {
      is: ({ path, params }) => path === "/v5/order/realtime" && params?.category === "option",
      row: { symbol: "BTC-25DEC26-90000-C-USDT", orderId: "7" },
      told: "order 7 on BTC-25DEC26-90000-C-USDT",
    },
  },
  okx: {
    ...{ derivative: okx, markets: okxSession, list: (rows) => rows },
    conditional: {
      is: ({ path, params }) => path === "/api/v5/trade/orders-algo-pending" && params?.ordType === "move_order_stop",
      row: { instId: "BTC-USDT-SWAP", instType: "SWAP", algoId: "31" },
    },
    expected: { conditionalOrderId: "31", symbol: "BTC-USDT-SWAP", tradingPair: "BTC-USDT" },
    cancel: { method: "POST", data: [{ instId: "BTC-USDT-SWAP", algoId: "31" }], lane: "cancel" },
    position: {
      is: ({ path }) => path === "/api/v5/account/positions",
      row: { instId: "BTC-USD-SWAP", pos: "-4" },
      told: "a position of -4 contracts on BTC-USD-SWAP",
    },
    order: {
      is: ({ path }) => path === "/api/v5/trade/orders-pending",
      row: { instId: "BTC-USD-SWAP", instType: "SWAP", ordId: "7" },
      told: "order 7 on BTC-USD-SWAP",
    },
  },
};

describe.each(Object.entries(VENUES))("what is left of an account at %s", (_name, venue) => {
  const { derivative, markets, list } = venue;
  const remainder = (answer: Answer) => {
    const api = { send: async (request: RestRequest) => answer(request) };
    return derivative.fetchRemainder?.({ api, markets, now: () => 0 });
  };
  const only = ({ is, row }: { is(request: RestRequest): boolean; readonly row: object }) =>
    remainder((request) => list(is(request) ? [row] : []));

  it("is nothing where every list is empty", async () => {
    expect(await remainder(() => list([]))).toEqual({ conditionalOrders: [], elsewhere: [], unseen: [] });
  });

  it("has its conditional orders, which can be canceled", async () => {
    expect((await only(venue.conditional))?.conditionalOrders).toEqual([venue.expected]);
    expect(derivative.cancelConditionalOrder?.(markets, venue.expected).request).toMatchObject(venue.cancel);
  });

  it("names positions and orders on listed that are not known", async () => {
    expect((await only(venue.position))?.elsewhere).toEqual([venue.position.told]);
    expect((await only(venue.order))?.elsewhere).toEqual([venue.order.told]);
  });

  it("names a list that cannot be read, and reads the others", async () => {
    const told = await remainder((request) => {
      if (venue.conditional.is(request)) throw new AuthError("the key may not");
      return list(venue.position.is(request) ? [venue.position.row] : []);
    });
    expect(told?.unseen).toEqual([expect.stringMatching(/^conditional orders.*the key may not/)]);
    expect(told?.elsewhere).toEqual([venue.position.told]);
  });

  it.each(["conditional", "position", "order"] as const)(
    "has what stands beside a row that cannot be read, which is named and told: %s",
    async (kind) => {
      const { is, row } = venue[kind];
      const odd = { odd: "number 31" };
      const unread: unknown[] = [];
      const api = { send: async (request: RestRequest) => list(is(request) ? [odd, row, { ...row, ...odd }] : []) };
      const onUnreadable = (unreadable: UnreadableRow) => unread.push(unreadable.row);
      const told = await derivative.fetchRemainder?.({ api, markets, now: () => 0, onUnreadable });
      expect(told?.conditionalOrders).toEqual(kind === "conditional" ? [venue.expected] : []);
      expect(told?.elsewhere).toEqual(kind === "conditional" ? [] : [venue[kind].told]);
      expect(told?.unseen).toEqual([expect.stringMatching(/: .*: \{"odd":"number 31"\}$/)]);
      expect(unread).toEqual([odd]);
    },
  );
});
