import { describe, expect, it } from "vitest";
import type { VenueDerivative } from "../../src/connector/perpetual-venue.ts";
import type { AccountUpdate } from "../../src/model/account-update.ts";
import { decimal } from "../../src/model/decimal.ts";
import {
  AbortError,
  NotFoundError,
  OrderRejectedError,
  ProtocolError,
  VenueUnavailableError,
} from "../../src/model/error.ts";
import { createVenueMarkets } from "../../src/model/venue-markets.ts";
import type { UnreadableRow } from "../../src/net/rows.ts";
import type { RestRequest, VenueContext } from "../../src/net/venue-api.ts";
import { derivative as binance } from "../../src/venues/binance/derivative.ts";
import { derivative as bybit } from "../../src/venues/bybit/derivative.ts";
import { derivative as ftx } from "../../src/venues/ftx/derivative.ts";
import { derivative as okx } from "../../src/venues/okx/derivative.ts";
import { orderBookDataSource as okxBooks } from "../../src/venues/okx/order-book-data-source.ts";
import { RecordingApi, venueContext } from "../support/recording-api.ts";
import { markets as binanceSession, TIME } from "./binance/wire.ts";
import { markets as bybitSession, flatPosition, wirePosition } from "./bybit/wire.ts";
import { ftxFixtures } from "./ftx/fixtures.ts";
import { wireOrder as ftxOrder } from "./ftx/wire.ts";
import { markets as okxSession } from "./okx/wire.ts";

const ftxMarkets = ftx.parseExchangeInfo(
  (ftxFixtures.allSymbolsRequestMockResponse.body as { result: readonly unknown[] }).result,
).markets;
const ftxSession = createVenueMarkets("ftx_perpetual", "ftx_perpetual", ftxMarkets);

/** A context whose venue answers by `answer`, and what was left out. */
function listening(markets: VenueContext["markets"], answer: (request: RestRequest) => unknown) {
  const unread: UnreadableRow[] = [];
  const failed: string[] = [];
  const context: VenueContext = {
    ...{ api: new RecordingApi(answer), markets, now: () => TIME },
    onUnreadable: (row) => unread.push(row),
    onMarketFailure: (tradingPair) => failed.push(tradingPair),
  };
  return { context, unread, failed };
}

const list = (rows: readonly unknown[]) => ({ list: rows, nextPageCursor: "" });
const fail = (error: Error) => () => {
  throw error;
};

interface Venue {
  readonly derivative: VenueDerivative;
  readonly markets: VenueContext["markets"];
  isOfLeverage(request: RestRequest): boolean;
  positions(request: RestRequest): unknown;
  /** The answer tells more than leverage: it is asked for again. */
  readonly isAskedAgain?: boolean;
}

const BINANCE_POSITION = {
  symbol: "BTCUSDT",
  positionSide: "BOTH",
  positionAmt: "0.01",
  updateTime: 1,
  entryPrice: "5",
};
const OKX_POSITION = { instId: "BTC-USDT-SWAP", posSide: "net", pos: "1", avgPx: "20000", uTime: "1" };

const VENUES: Readonly<Record<string, Venue>> = {
  binance: {
    ...{ derivative: binance, markets: binanceSession },
    isOfLeverage: ({ path }) => path.endsWith("symbolConfig"),
    positions: () => [BINANCE_POSITION],
  },
  bybit: {
    ...{ derivative: bybit, markets: bybitSession },
    isOfLeverage: ({ params }) => params?.symbol !== undefined,
    positions: ({ params }) => list(params?.settleCoin === "USDT" ? [wirePosition()] : []),
    isAskedAgain: true,
  },
  okx: {
    ...{ derivative: okx, markets: okxSession },
    isOfLeverage: ({ path }) => path.endsWith("leverage-info"),
    positions: () => [OKX_POSITION],
  },
};

describe.each(Object.entries(VENUES))("positions of %s", (_name, { derivative, markets, ...venue }) => {
  const ask = async (beside: () => unknown) => {
    const { context, unread, failed } = listening(markets, (request) =>
      venue.isOfLeverage(request) ? beside() : venue.positions(request),
    );
    const updates = await derivative.fetchPositions(context, ["BTC-USDT"]);
    const positions = updates.filter(({ type }: AccountUpdate) => type === "position");
    return { positions, unread, failed };
  };

  it.each([
    new OrderRejectedError("51000 Parameter error", { venueCode: "51000" }),
    new VenueUnavailableError("busy"),
    new ProtocolError("not JSON"),
  ])("are told where the leverage of the only followed market is not: %s", async (error) => {
    const { positions, unread, failed } = await ask(fail(error));
    expect(positions).toMatchObject([{ tradingPair: "BTC-USDT", side: "both" }]);
    const named = venue.isAskedAgain === true ? [] : [expect.stringContaining(error.message)];
    expect(unread.map(({ reason }) => reason)).toEqual(named);
    expect(failed).toEqual(venue.isAskedAgain === true ? ["BTC-USDT"] : []);
  });

  it("are told where the answer beside them has no list", async () => {
    const { positions, unread, failed } = await ask(() => "odd");
    expect(positions).toHaveLength(1);
    expect(unread.length + failed.length).toBe(1);
  });

  it("are not told when the question is called off", async () => {
    await expect(ask(fail(new AbortError("stopped")))).rejects.toThrow(AbortError);
  });
});

describe("positions of several markets", () => {
  it("of OKX are told with the leverages that are not refused; the one that is refused is named", async () => {
    const { context, unread } = listening(okxSession, ({ path, params }) => {
      if (!path.endsWith("leverage-info")) return [];
      const ids = String(params?.instId).split(",");
      if (ids.includes("ETH-USDT-SWAP")) throw new OrderRejectedError("51000 Parameter error");
      return ids.map((instId) => ({ instId, lever: "7" }));
    });
    const updates = await okx.fetchPositions(context, ["BTC-USDT", "ETH-USDT"]);
    expect(updates).toMatchObject([{ type: "settings", tradingPair: "BTC-USDT" }]);
    expect(unread.map(({ reason }) => reason)).toEqual([expect.stringMatching(/^ETH-USDT: .*51000/)]);
  });

  it("of Bybit are told with the flat ones of the listed that answer", async () => {
    const { context, failed } = listening(bybitSession, ({ params }) => {
      if (params?.symbol === "ETHUSDT") throw new VenueUnavailableError("busy");
      return list(params?.symbol === "BTCUSDT" ? [flatPosition()] : []);
    });
    const updates = await bybit.fetchPositions(context, ["BTC-USDT", "ETH-USDT"]);
    expect(updates).toMatchObject([{ type: "position", tradingPair: "BTC-USDT" }]);
    expect(failed).toEqual(["ETH-USDT"]);
  });
});

describe("the account of FTX", () => {
  const account = { collateral: 100, freeCollateral: 90, leverage: 10, makerFee: 0.0002, takerFee: 0.0007 };
  const balances = async (changes: object) => {
    const { context, unread } = listening(ftxSession, ({ path }) =>
      path === "/account" ? { ...account, ...changes } : [{ coin: "USD", total: 100, free: 95 }],
    );
    return { updates: await ftx.fetchBalances(context), unread };
  };

  it("has its balances where a fee cannot be read", async () => {
    const { updates, unread } = await balances({ makerFee: "low" });
    expect(updates.map(({ type }) => type)).toEqual(["balance", "margin", "settings"]);
    expect(unread).toEqual([]);
  });

  it("has its balances where its leverage cannot be read, which is named", async () => {
    const { updates, unread } = await balances({ leverage: "high" });
    expect(updates.map(({ type }) => type)).toEqual(["balance", "margin"]);
    expect(unread.map(({ what }) => what)).toEqual(["the leverage of GET /account"]);
  });
});

describe("the last funding payment of Binance", () => {
  const payment = { symbol: "BTCUSDT", incomeType: "FUNDING_FEE", income: "-1", asset: "USDT", time: TIME, tranId: 1 };
  const last = async (rates: () => unknown) => {
    const { context, unread } = listening(binanceSession, ({ path }) =>
      path.endsWith("fundingRate") ? rates() : path.endsWith("income") ? [payment] : [],
    );
    return { payment: await binance.fetchLastFeePayment(context, "BTC-USDT"), unread };
  };

  it.each([
    ["is not answered", fail(new VenueUnavailableError("busy"))],
    ["cannot be read", () => [{ fundingRate: "much" }]],
  ])("is told without its rate where that %s", async (_, rates) => {
    const { payment: told, unread } = await last(rates);
    expect(told).toMatchObject({ paymentId: "1:BTCUSDT", rate: undefined });
    expect(unread).toHaveLength(1);
  });
});

describe("an answer that is odd in one place, or not there", () => {
  it("does not hide OKX's funding: a row beside it is named", async () => {
    const figures = { markPx: "5", idxPx: "5", fundingRate: "0.0001", fundingTime: String(TIME) };
    const { context, unread } = listening(okxSession, ({ params }) => [
      { instId: "ODD", ts: "never" },
      { instId: params?.instId, ts: String(TIME), ...figures },
    ]);
    expect(await okxBooks.fetchFundingInfo?.(context, "BTC-USDT")).toMatchObject({ tradingPair: "BTC-USDT" });
    expect(unread).toHaveLength(3);
  });

  it("is a protocol error and no bare one: a time of FTX, a cursor of Bybit", async () => {
    const reference = {
      ...{ clientOrderId: "pw-1", exchangeOrderId: "1", tradingPair: "BTC-USD", createdAtMs: TIME },
      ...({ side: "buy", type: "limit", timeInForce: "GTC", amount: decimal("1") } as const),
    };
    const ORDER = { clientOrderId: "pw-1", exchangeOrderId: "1", side: "buy", amount: "1", price: "5" } as const;
    const odd = venueContext(
      new RecordingApi(() => ftxOrder(ORDER, { createdAt: "yesterday" })),
      "ftx_perpetual",
      ftxMarkets,
      TIME,
    );
    await expect(ftx.requestOrderStatus(odd, reference)).rejects.toThrow(ProtocolError);
    const { context } = listening(bybitSession, () => ({ list: [{}], nextPageCursor: "%E0%A4%A" }));
    await expect(bybit.tradesSince(context, TIME - 1, [])).rejects.toThrow(ProtocolError);
  });

  it("is a NotFoundError where Binance has no price of a market that is gone", async () => {
    const gone = new NotFoundError("Invalid symbol", { venueCode: "-1121" });
    const { context, failed } = listening(binanceSession, fail(gone));
    await expect(binance.fetchLastTradedPrice(context, "BTC-USDT")).rejects.toThrow(NotFoundError);
    expect(failed).toEqual(["BTC-USDT"]);
  });
});
