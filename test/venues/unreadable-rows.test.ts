import { describe, expect, test } from "vitest";
import type { VenueUserStreamDataSource } from "../../src/account/venue-user-stream-data-source.ts";
import type { PerpetualVenue } from "../../src/connector/perpetual-venue.ts";
import type { VenueOrderBookDataSource } from "../../src/market-data/venue-order-book-data-source.ts";
import { decimal } from "../../src/model/decimal.ts";
import { ProtocolError } from "../../src/model/error.ts";
import type { Market } from "../../src/model/market.ts";
import { createVenueMarkets, type VenueMarkets } from "../../src/model/venue-markets.ts";
import type { UnreadableRow } from "../../src/net/rows.ts";
import type { VenueContext } from "../../src/net/venue-api.ts";
import * as binance from "../../src/venues/binance/derivative.ts";
import * as binanceBooks from "../../src/venues/binance/order-book-data-source.ts";
import * as binanceStream from "../../src/venues/binance/user-stream-data-source.ts";
import * as bybit from "../../src/venues/bybit/derivative.ts";
import * as bybitBooks from "../../src/venues/bybit/order-book-data-source.ts";
import * as bybitStream from "../../src/venues/bybit/user-stream-data-source.ts";
import * as ftx from "../../src/venues/ftx/derivative.ts";
import * as ftxBooks from "../../src/venues/ftx/order-book-data-source.ts";
import * as ftxStream from "../../src/venues/ftx/user-stream-data-source.ts";
import * as okx from "../../src/venues/okx/derivative.ts";
import * as okxBooks from "../../src/venues/okx/order-book-data-source.ts";
import * as okxStream from "../../src/venues/okx/user-stream-data-source.ts";
import { RecordingApi } from "../support/recording-api.ts";
import * as binanceWire from "./binance/wire.ts";
import * as bybitWire from "./bybit/wire.ts";
import { ftxFixtures } from "./ftx/fixtures.ts";
import * as ftxWire from "./ftx/wire.ts";
import * as okxWire from "./okx/wire.ts";

type Row = Readonly<Record<string, unknown>>;
type Derivative = PerpetualVenue["derivative"];

/** One list of a venue: how its answer looks around the rows, what asks for it, a good row and a change that spoils it. */
interface List {
  readonly name: string;
  readonly path: RegExp;
  readonly row: Row;
  readonly bad: Row;
  readonly subject: UnreadableRow["subject"];
  readonly wrap?: (rows: readonly unknown[]) => unknown;
  readonly ask: (derivative: Derivative, context: VenueContext) => Promise<Iterable<unknown>>;
}

interface Frame {
  readonly name: string;
  readonly row: Row;
  readonly bad: Row;
  readonly subject: UnreadableRow["subject"];
  readonly wrap: (rows: readonly unknown[]) => unknown;
}

interface Venue {
  readonly name: string;
  readonly derivative: Derivative;
  readonly stream: VenueUserStreamDataSource;
  readonly books: VenueOrderBookDataSource;
  readonly markets: VenueMarkets;
  readonly pair: string;
  readonly nowMs: number;
  /** What a list that is not asked about answers. */
  readonly others: (path: string) => unknown;
  readonly lists: readonly List[];
  readonly frames: readonly Frame[];
  readonly trades: { readonly row: Row; readonly bad: Row; wrap(rows: readonly unknown[]): unknown } | undefined;
}

const openOrders: List["ask"] = (derivative, context) => derivative.fetchOpenOrders(context, []);
const ORDER = {
  clientOrderId: "pw-1",
  exchangeOrderId: "91000001",
  side: "buy",
  amount: "1",
  price: "5000",
} as const;
const FTX_NOW = Date.UTC(2022, 8, 14, 11);
const ftxRows = (ftxFixtures.allSymbolsRequestMockResponse.body as { result: Row[] }).result;
const ftxSession = sessionOf("ftx_perpetual", ftx.derivative.parseExchangeInfo(ftxRows).markets);
const account = { collateral: 1, freeCollateral: 1, leverage: 10, makerFee: 0, takerFee: 0 };
const list = (rows: readonly unknown[]) => ({ list: rows, nextPageCursor: "" });
const symbolRow = { orderId: "o-9", orderLinkId: "other-9" };

function sessionOf(name: string, markets: readonly Market[]): VenueMarkets {
  return createVenueMarkets(name, name, markets);
}

function since(derivative: Derivative, context: VenueContext, pairs: readonly string[]) {
  return derivative.tradesSince(context, context.now() - 3_600_000, pairs);
}

const FTX: Venue = {
  name: "ftx_perpetual",
  ...{ derivative: ftx.derivative, stream: ftxStream.userStreamDataSource, books: ftxBooks.orderBookDataSource },
  ...{ markets: ftxSession, pair: "BTC-USD", nowMs: FTX_NOW },
  others: (path) => (path === "/account" ? account : []),
  lists: [
    {
      ...{ name: "open orders", path: /orders$/, row: ftxWire.wireOrder(ORDER), bad: { status: "dreaming" } },
      ...{ subject: "order", ask: openOrders },
    },
    {
      ...{
        name: "fills",
        path: /fills$/,
        row: ftxWire.wireFill(ORDER),
        bad: { id: 5, price: "much" },
        subject: "fill",
      },
      ask: (derivative, context) => since(derivative, context, []),
    },
    {
      ...{ name: "balances", path: /balances$/, row: { coin: "USD", total: 5, free: 5 }, bad: { total: "much" } },
      ...{ subject: "balance", ask: (derivative, context) => derivative.fetchBalances(context) },
    },
    {
      ...{
        name: "positions",
        path: /positions$/,
        row: { future: "BTC-PERP", netSize: 1, recentAverageOpenPrice: 5 },
        bad: { netSize: null },
      },
      ...{ subject: "position", ask: (derivative, context) => derivative.fetchPositions(context, []) },
    },
    {
      ...{ name: "payments", path: /funding_payments$/, subject: "fundingPayment" },
      row: { id: 1, future: "BTC-PERP", payment: 0.1, rate: 0.1, time: "2022-09-14T10:00:00+00:00" },
      bad: { id: 2, payment: null },
      ask: (derivative, context) => derivative.fetchFundingPayments(context, FTX_NOW - 7_200_000, []),
    },
  ],
  frames: [],
  trades: {
    row: { id: 1, price: 5, size: 1, side: "buy", liquidation: false, time: "2022-09-14T10:00:00+00:00" },
    bad: { side: "hold" },
    wrap: (rows) => ({ channel: "trades", market: "BTC-PERP", type: "update", data: rows }),
  },
};

const asset = { asset: "USDT", walletBalance: "5", availableBalance: "5" };
const totals = { totalMarginBalance: "1", availableBalance: "1", totalMaintMargin: "0" };
const position = { symbol: "BTCUSDT", positionSide: "BOTH", positionAmt: "1", updateTime: 1, entryPrice: "5" };
const income = {
  symbol: "BTCUSDT",
  incomeType: "FUNDING_FEE",
  income: "1",
  asset: "USDT",
  time: binanceWire.TIME,
  tranId: 1,
};

const BINANCE: Venue = {
  name: "binance_perpetual",
  ...{ derivative: binance.derivative, stream: binanceStream.userStreamDataSource },
  ...{ books: binanceBooks.orderBookDataSource, markets: binanceWire.markets, pair: "BTC-USDT" },
  nowMs: binanceWire.TIME + 60_000,
  others: (path) => (path.endsWith("account") ? { ...totals, assets: [] } : []),
  lists: [
    {
      ...{ name: "open orders", path: /openOrders$/, row: binanceWire.orderRow(), bad: { status: "PENDING_NEW" } },
      ...{ subject: "order", ask: openOrders },
    },
    {
      ...{ name: "open orders of one market", path: /openOrders$/, row: binanceWire.orderRow(), bad: { side: "HOLD" } },
      ...{ subject: "order", ask: (derivative, context) => derivative.fetchOpenOrders(context, ["BTC-USDT"]) },
    },
    {
      ...{
        name: "fills",
        path: /userTrades$/,
        row: binanceWire.fillRow(1),
        bad: { id: 2, qty: "much" },
        subject: "fill",
      },
      ask: (derivative, context) => since(derivative, context, ["BTC-USDT"]),
    },
    {
      ...{ name: "balances", path: /account$/, row: asset, bad: { walletBalance: "much" }, subject: "balance" },
      wrap: (rows) => ({ ...totals, assets: rows }),
      ask: (derivative, context) => derivative.fetchBalances(context),
    },
    {
      ...{ name: "positions", path: /positionRisk$/, row: position, bad: { positionSide: "UP" }, subject: "position" },
      ask: (derivative, context) => derivative.fetchPositions(context, []),
    },
    {
      ...{ name: "leverages", path: /symbolConfig$/, row: { symbol: "BTCUSDT", leverage: 5 }, bad: { leverage: "x" } },
      ...{ subject: "other", ask: (derivative, context) => derivative.fetchPositions(context, []) },
    },
    {
      ...{
        name: "payments",
        path: /income$/,
        row: income,
        bad: { tranId: 2, income: null },
        subject: "fundingPayment",
      },
      ask: (derivative, context) => derivative.fetchFundingPayments(context, binanceWire.TIME, []),
    },
  ],
  frames: [
    {
      ...{ name: "balances of ACCOUNT_UPDATE", row: { a: "USDT", wb: "5" }, bad: { wb: "much" }, subject: "balance" },
      wrap: (rows) => ({ e: "ACCOUNT_UPDATE", T: binanceWire.TIME, a: { m: "ORDER", B: rows, P: [] } }),
    },
    {
      ...{ name: "positions of ACCOUNT_UPDATE", row: { s: "BTCUSDT", ps: "BOTH", pa: "1", ep: "5" }, bad: { pa: "x" } },
      subject: "position",
      wrap: (rows) => ({ e: "ACCOUNT_UPDATE", T: binanceWire.TIME, a: { m: "ORDER", B: [], P: rows } }),
    },
  ],
  // A frame of Binance has one trade.
  trades: undefined,
};

const coin = { coin: "USDT", walletBalance: "5" };

const BYBIT: Venue = {
  name: "bybit_perpetual",
  ...{ derivative: bybit.derivative, stream: bybitStream.userStreamDataSource, books: bybitBooks.orderBookDataSource },
  ...{ markets: bybitWire.markets, pair: "BTC-USDT", nowMs: bybitWire.NOW },
  others: () => list([]),
  lists: [
    {
      ...{ name: "open orders", path: /realtime$/, row: bybitWire.wireOrder(), subject: "order", wrap: list },
      ...{ bad: { ...symbolRow, orderStatus: "Dreaming" }, ask: openOrders },
    },
    {
      ...{ name: "executions", path: /execution/, row: bybitWire.wireExecution(), subject: "fill", wrap: list },
      ...{ bad: { ...symbolRow, execType: "Dream" }, ask: (derivative, context) => since(derivative, context, []) },
    },
    {
      ...{ name: "coins", path: /wallet-balance$/, row: coin, bad: { walletBalance: "much" }, subject: "balance" },
      wrap: (rows) => list([{ coin: rows }]),
      ask: async (derivative, context) =>
        (await derivative.fetchBalances(context)).filter(
          (told) => told.type === "balance" && told.total?.gt(0) === true,
        ),
    },
    {
      ...{ name: "positions", path: /position\/list$/, row: bybitWire.wirePosition(), subject: "position", wrap: list },
      ...{ bad: { positionIdx: 7 }, ask: (derivative, context) => derivative.fetchPositions(context, []) },
    },
    {
      ...{ name: "settlements", path: /transaction-log$/, row: bybitWire.wireSettlement(), subject: "fundingPayment" },
      ...{ bad: { id: "2", funding: "much" }, wrap: list },
      ask: (derivative, context) => derivative.fetchFundingPayments(context, bybitWire.NOW - 3_600_000, []),
    },
    {
      ...{ name: "fee rates", path: /fee-rate$/, subject: "other", wrap: list },
      row: { symbol: "BTCUSDT", takerFeeRate: "0.0006", makerFeeRate: "0.0001" },
      bad: { takerFeeRate: "much" },
      ask: async (derivative, context) => (await derivative.tradingFees(context, [])) as ReadonlyMap<string, unknown>,
    },
  ],
  frames: [
    {
      ...{ name: "order", row: bybitWire.wireOrder(), bad: { orderStatus: "Dreaming" }, subject: "order" },
      wrap: (rows) => bybitWire.frame("order", ...rows),
    },
    {
      ...{ name: "execution", row: bybitWire.wireExecution(), bad: { side: "None" }, subject: "fill" },
      wrap: (rows) => bybitWire.frame("execution", ...rows),
    },
    {
      ...{ name: "position", row: bybitWire.wirePosition(), bad: { size: "much" }, subject: "position" },
      wrap: (rows) => bybitWire.frame("position", ...rows),
    },
    {
      ...{ name: "wallet", row: { coin: [coin] }, bad: { coin: "USDT" }, subject: "balance" },
      wrap: (rows) => bybitWire.frame("wallet", ...rows),
    },
  ],
  trades: {
    row: { T: 1, s: "BTCUSDT", i: "1", S: "Buy", v: "1", p: "5" },
    bad: { S: "Hold" },
    wrap: (rows) => ({ topic: "publicTrade.BTCUSDT", type: "snapshot", ts: 1, data: rows }),
  },
};

const okxFill = { ...okxWire.wireOrder(), ...okxWire.told, billId: "1", category: undefined, subType: "1" };
const okxPosition = {
  ...{ instId: okxWire.BTC, posSide: "net", pos: "5", mgnMode: "cross", avgPx: "5" },
  uTime: String(okxWire.NOW),
};
const okxCoin = { ccy: "USDT", cashBal: "5", availEq: "5" };
const okxAccount = (rows: readonly unknown[]) => [{ uTime: String(okxWire.NOW), adjEq: "", details: rows }];
const bill = { instId: okxWire.BTC, billId: "1", ccy: "USDT", balChg: "1", ts: String(okxWire.NOW), subType: "173" };
const okxFrame = (channel: string) => (rows: readonly unknown[]) => ({ arg: { channel }, data: rows });

const OKX: Venue = {
  name: "okx_perpetual",
  ...{ derivative: okx.derivative, stream: okxStream.userStreamDataSource, books: okxBooks.orderBookDataSource },
  ...{ markets: okxWire.markets, pair: "BTC-USDT", nowMs: okxWire.NOW },
  others: () => [],
  lists: [
    {
      ...{ name: "open orders", path: /orders-pending$/, row: okxWire.wireOrder(), subject: "order" },
      ...{ bad: { ordId: "9", state: "dreaming" }, ask: openOrders },
    },
    {
      ...{ name: "fills", path: /fills$/, row: okxFill, bad: { billId: "2", fillSz: "much" }, subject: "fill" },
      ask: (derivative, context) => since(derivative, context, []),
    },
    {
      ...{
        name: "coins",
        path: /balance$/,
        row: okxCoin,
        bad: { cashBal: "much" },
        subject: "balance",
        wrap: okxAccount,
      },
      ask: async (derivative, context) =>
        (await derivative.fetchBalances(context)).filter((told) => told.type === "balance"),
    },
    {
      ...{ name: "positions", path: /positions$/, row: okxPosition, bad: { posSide: "up" }, subject: "position" },
      ask: (derivative, context) => derivative.fetchPositions(context, []),
    },
    {
      ...{
        name: "leverages",
        path: /leverage-info$/,
        row: { instId: okxWire.BTC, lever: "5" },
        bad: { lever: "much" },
      },
      ...{ subject: "other", ask: (derivative, context) => derivative.fetchPositions(context, ["BTC-USDT"]) },
    },
    {
      ...{ name: "bills", path: /bills$/, row: bill, bad: { billId: "2", balChg: "much" }, subject: "fundingPayment" },
      ask: (derivative, context) => derivative.fetchFundingPayments(context, okxWire.NOW - 3_600_000, []),
    },
  ],
  frames: [
    {
      ...{ name: "orders", row: okxWire.wireOrder(), bad: { state: "dreaming" }, subject: "order" },
      wrap: okxFrame("orders"),
    },
    {
      ...{ name: "positions", row: okxPosition, bad: { pos: "much" }, subject: "position" },
      wrap: okxFrame("positions"),
    },
    {
      ...{ name: "account", row: okxAccount([okxCoin])[0] ?? {}, bad: { details: "none" }, subject: "balance" },
      wrap: okxFrame("account"),
    },
  ],
  trades: {
    row: { instId: okxWire.BTC, tradeId: "1", side: "buy", px: "5", sz: "1", ts: "1" },
    bad: { side: "hold" },
    wrap: (rows) => ({ arg: { channel: "trades", instId: okxWire.BTC }, data: rows }),
  },
};

/** What a row tells of itself; what else the account says of a balance depends on the other rows. */
function told(value: unknown): object {
  const { isAvailableUnknown: _, ...facts } = Object(value);
  return Array.isArray(value) ? value : facts;
}

const VENUES = [FTX, BINANCE, BYBIT, OKX];
const reading = (venue: Venue, answer: (path: string) => unknown) => {
  const unread: UnreadableRow[] = [];
  const context: VenueContext = {
    api: new RecordingApi(({ path }) => answer(path)),
    markets: venue.markets,
    now: () => venue.nowMs,
    onUnreadable: (row) => unread.push(row),
  };
  return { unread, context };
};

describe.each(VENUES)("the rows of $name", (venue) => {
  const wholeList = ({ wrap = (rows) => rows }: List, rows: readonly unknown[]) => wrap(rows);

  test.each(venue.lists)("in the list of $name are read one by one", async (one) => {
    const bad = { ...one.row, ...one.bad };
    const ask = async (rows: readonly unknown[]) => {
      let asked = 0;
      const { unread, context } = reading(venue, (path) => {
        if (!one.path.test(path)) return venue.others(path);
        asked += 1;
        // FTX's list ends with a page that has nothing new.
        return venue === FTX && asked > 1 ? [] : wholeList(one, rows);
      });
      return { values: [...(await one.ask(venue.derivative, context))], unread };
    };
    const alone = await ask([one.row]);
    expect(alone.unread).toEqual([]);
    const nothing = await ask([]);
    const beside = await ask([bad, one.row, null]);
    expect(beside.values.length - nothing.values.length, "only the good row is told").toBeLessThanOrEqual(
      alone.values.length - nothing.values.length,
    );
    expect(beside.values).toEqual(expect.arrayContaining([expect.objectContaining(told(alone.values[0]))]));
    expect(new Set(beside.unread.map(({ subject }) => subject))).toEqual(new Set([one.subject]));
    expect(beside.unread.length).toBeGreaterThanOrEqual(2);
    expect(beside.unread.every(({ reason }) => reason.length > 0)).toBe(true);
  });

  const wanted = venue.lists.filter(({ name }) => name !== "leverages");
  const beside = venue.lists.filter((one) => !wanted.includes(one));
  const broken = (one: List) =>
    reading(venue, (path) => (one.path.test(path) ? { nothing: "known" } : venue.others(path)));

  test.each(wanted)("in the list of $name make it an error where its envelope is broken", async (one) => {
    const { context } = broken(one);
    await expect(Promise.resolve(one.ask(venue.derivative, context))).rejects.toThrow(ProtocolError);
  });

  test.each(beside)(
    "in the list of $name, which tells no position, are named where its envelope is broken",
    async (one) => {
      const { context, unread } = broken(one);
      expect([...(await one.ask(venue.derivative, context))]).toEqual([]);
      expect(unread).toMatchObject([{ what: expect.stringContaining("GET "), row: undefined }]);
    },
  );

  test.each(venue.frames)("in a frame of $name are read one by one", ({ row, bad, subject, wrap }) => {
    const unread: UnreadableRow[] = [];
    const read = (...rows: unknown[]) =>
      venue.stream.parseUserStreamMessage(venue.markets, wrap(rows), (each) => unread.push(each));
    const alone = read(row);
    expect(unread).toEqual([]);
    expect(read({ ...row, ...bad }, row, null)).toEqual(alone);
    expect(unread.map((each) => each.subject)).toEqual([subject, subject]);
  });

  test("in a frame of public trades are read one by one", () => {
    if (venue.trades === undefined) return;
    const { row, bad, wrap } = venue.trades;
    const unread: UnreadableRow[] = [];
    const read = (...rows: unknown[]) =>
      venue.books.parseTradeMessage(venue.markets, wrap(rows), (each) => unread.push(each));
    expect(read({ ...row, ...bad }, row, null)).toEqual(read(row));
    expect(unread).toHaveLength(2);
  });
});

describe("the status of an order", () => {
  const reference = bybitWire.reference();

  test("is not 'not found' where its own row cannot be read, at Bybit", async () => {
    const row = bybitWire.wireOrder({ orderStatus: "Dreaming" });
    const { context } = reading(BYBIT, () => list([row]));
    await expect(bybit.derivative.requestOrderStatus(context, reference)).rejects.toThrow(ProtocolError);
  });

  test("is not 'not found' where a row does not say whose it is, at OKX", async () => {
    const { context } = reading(OKX, () => [{ state: "live" }]);
    const order = { ...binanceWire.reference(), amount: decimal("1") };
    await expect(okx.derivative.requestOrderStatus(context, order)).rejects.toThrow(ProtocolError);
  });

  test("is read beside a row of another order that cannot be", async () => {
    const rows = [bybitWire.wireOrder({ orderId: "o-9", orderLinkId: "other", qty: "much" }), bybitWire.wireOrder()];
    const { context } = reading(BYBIT, () => list(rows));
    const update = await bybit.derivative.requestOrderStatus(context, { ...reference, exchangeOrderId: "o-1" });
    expect(update.state).toBe("open");
  });
});

describe("a page of fills whose last row cannot be read", () => {
  test("is followed by the next one all the same, at Binance", async () => {
    const full = Array.from({ length: 1_000 }, (_, index) => binanceWire.fillRow(index + 1));
    full[999] = binanceWire.fillRow(1_000, { qty: "much" });
    const asked: unknown[] = [];
    const unread: UnreadableRow[] = [];
    const { context } = binanceWire.contextOf(({ path, params }) => {
      if (!path.endsWith("userTrades")) return [];
      asked.push(params?.fromId);
      return params?.fromId === undefined ? full : [binanceWire.fillRow(1_001)];
    });
    const listening = { ...context, onUnreadable: (row: UnreadableRow) => void unread.push(row) };
    const fills = await binance.derivative.tradesSince(listening, binanceWire.TIME, ["BTC-USDT"]);
    expect([fills.length, unread.length, asked]).toEqual([1_000, 1, [undefined, "1001"]]);
  });
});
