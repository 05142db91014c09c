import { describe, expect, it } from "vitest";
import type { AccountUpdate } from "../../src/model/account-update.ts";
import { derivative as binance } from "../../src/venues/binance/derivative.ts";
import { userStreamDataSource as binanceStream } from "../../src/venues/binance/user-stream-data-source.ts";
import { derivative as ftx } from "../../src/venues/ftx/derivative.ts";
import { userStreamDataSource as ftxStream } from "../../src/venues/ftx/user-stream-data-source.ts";
import { derivative as okx } from "../../src/venues/okx/derivative.ts";
import { userStreamDataSource as okxStream } from "../../src/venues/okx/user-stream-data-source.ts";
import { RecordingApi, venueContext } from "../support/recording-api.ts";
import { contextOf as binanceContext, markets as binanceSession, fillRow, orderEvent, TIME } from "./binance/wire.ts";
import { ftxFixtures } from "./ftx/fixtures.ts";
import { fillsFrame, wireOrder as ftxOrder, ordersFrame, wireFill } from "./ftx/wire.ts";
import { NOW, contextOf as okxContext, markets as okxSession, wireOrder } from "./okx/wire.ts";

const shown = (updates: readonly AccountUpdate[]) =>
  updates.flatMap((update) =>
    update.type === "positionAdjustment"
      ? [[update.adjustmentId, update.reason, update.side, update.amount.toFixed(), update.price.toFixed()]]
      : [],
  );

describe("what Binance trades by itself", () => {
  const own = { c: "autoclose-1768962991505050083", S: "SELL", ps: "LONG", i: 77, q: "0.030", o: "LIQUIDATION" };
  const event = (changes: object) =>
    binanceStream.parseUserStreamMessage(binanceSession, orderEvent({ ...own, ...changes }));
  const first = { x: "TRADE", X: "PARTIALLY_FILLED", l: "0.010", z: "0.010", L: "2945", t: 71, n: "0.1", N: "USDT" };
  const takeover = { x: "CALCULATED", X: "FILLED", l: "0.020", z: "0.030", L: "2944", t: 0 };

  it("has one id on the stream and in the history, also what the insurance fund took over", async () => {
    const forced = {
      ...{ orderId: 77, symbol: "BTCUSDT", status: "FILLED", clientOrderId: own.c, price: "2900", side: "SELL" },
      ...{ positionSide: "LONG", avgPrice: "2944.33333333333333", origQty: "0.030", executedQty: "0.030" },
      ...{ time: TIME - 500, updateTime: TIME - 400 },
    };
    const part = { orderId: 77, side: "SELL", positionSide: "LONG", price: "2945", qty: "0.010", time: TIME - 450 };
    const { context, requests } = binanceContext(({ path, params }) => {
      if (path.endsWith("forceOrders")) return [forced];
      return params?.orderId === "77" ? [fillRow(71, part)] : [fillRow(70), fillRow(71, part)];
    });
    const listed = await binance.tradesSince(context, TIME - 10_000, ["BTC-USDT"]);
    expect(listed.filter(({ type }) => type === "trade")).toMatchObject([{ fillId: "70" }]);
    const history = shown(listed);
    const told = shown([...event(first), ...event(takeover)]);
    expect(history.map((row) => row.slice(0, 4))).toEqual(told.map((row) => row.slice(0, 4)));
    expect(told).toEqual([
      ["BTC-USDT:77:0.01", "liquidation", "long", "-0.01", "2945"],
      ["BTC-USDT:77:0.03", "liquidation", "long", "-0.02", "2944"],
    ]);
    expect(Number(history[1]?.[4])).toBeCloseTo(2944, 6);
    expect(requests.find(({ path }) => path.endsWith("forceOrders"))?.params).not.toHaveProperty("symbol");
  });

  it.each([
    ["NEW_INSURANCE", own.c, "liquidation"],
    ["NEW_ADL", "adl_autoclose", "adl"],
  ])("is read with the status %s", (status, c, reason) => {
    expect(shown(event({ ...takeover, c, X: status }))).toEqual([
      ["BTC-USDT:77:0.03", reason, "long", "-0.02", "2944"],
    ]);
  });

  it("does not keep fills from being read where the venue does not list forced orders", async () => {
    const unreadable: unknown[] = [];
    const { context } = binanceContext(({ path }) => {
      if (path.endsWith("forceOrders")) throw new Error("503");
      return [fillRow(70)];
    });
    const listening = { ...context, onUnreadable: (row: { what: string }) => unreadable.push(row.what) };
    expect(await binance.tradesSince(listening, TIME - 10_000, ["BTC-USDT"])).toMatchObject([{ fillId: "70" }]);
    expect(unreadable).toEqual(["GET /fapi/v1/forceOrders"]);
  });
});

describe("what OKX trades by itself", () => {
  it("has one id on the stream, where its trade id is zero, and in the history, where that is negative", async () => {
    const own = { ordId: "9", clOrdId: "", category: "partial_liquidation", side: "sell", ordType: "market", px: "" };
    const fill = { fillPx: "55000", fillTime: String(NOW - 100), tradeId: "0", fillFee: "-1", fillFeeCcy: "USDT" };
    const frame = (fillSz: string, accFillSz: string) => {
      const row = wireOrder({ ...own, ...fill, state: "partially_filled", fillSz, accFillSz, sz: "10" });
      return okxStream.parseUserStreamMessage(okxSession, { arg: { channel: "orders" }, data: [row] });
    };
    const told = shown([...frame("4", "4"), ...frame("6", "10")]);
    const listed = (billId: string, tradeId: string, fillSz: string) => ({
      ...{ ...wireOrder(own), ...fill, category: undefined, accFillSz: undefined, fillFee: undefined },
      ...{ subType: "100", billId, tradeId, fillSz, ts: fill.fillTime },
    });
    const [second, first] = [listed("22", "-5", "6"), listed("21", "-4", "4")];
    // The range begins after the first fill: the order is asked for by itself.
    const context = okxContext((path, { ordId }) => {
      if (path.endsWith("/order")) return [wireOrder({ ...own, accFillSz: "10" })];
      return ordId === undefined ? [second] : [second, first];
    });
    const history = shown(await okx.tradesSince(context, NOW - 1_000, []));
    expect(told).toHaveLength(2);
    expect(history).toEqual([told[1]]);
  });
});

describe("what FTX trades by itself", () => {
  const { markets: listed } = ftx.parseExchangeInfo(
    (ftxFixtures.allSymbolsRequestMockResponse.body as { result: readonly unknown[] }).result,
  );
  const at = Date.UTC(2022, 8, 14, 11);
  /** A page each: the pages before are empty. */
  const contextOf = (answer: (path: string) => unknown) => {
    const asked = new Set<string>();
    const api = new RecordingApi(({ path }) => {
      if (asked.has(path)) return [];
      asked.add(path);
      return answer(path);
    });
    return venueContext(api, "ftx_perpetual", listed, at);
  };
  const ORDER = { clientOrderId: "pw-1", exchangeOrderId: "181", side: "buy", amount: "1", price: "5000" } as const;
  const ours = wireFill(ORDER, { id: 1, orderId: 181 });
  const own = wireFill(ORDER, { id: 2, orderId: 182, side: "sell" });

  it("is told by the order alone, and so are its fills in the history", async () => {
    const context = contextOf((path) => {
      if (path === "/fills") return [ours, own];
      return [
        ftxOrder(ORDER, { id: 181, liquidation: false }),
        ftxOrder(ORDER, { id: 182, liquidation: true, clientId: null }),
      ];
    });
    const listed = await ftx.tradesSince(context, at - 86_400_000, []);
    expect(listed.map(({ type }) => type)).toEqual(["trade", "positionAdjustment"]);
    expect(shown(listed)).toEqual([["BTC-USD|182|2", "liquidation", "both", "-1", "5000"]]);
    const [update] = ftxStream.parseUserStreamMessage(
      context.markets,
      ordersFrame(ftxOrder(ORDER, { id: 182, liquidation: true, clientId: null })),
    );
    expect(update).toMatchObject({ type: "order", order: { adjustmentReason: "liquidation" } });
  });

  it("asks for no orders where there are no fills", async () => {
    const paths: string[] = [];
    await ftx.tradesSince(
      contextOf((path) => {
        paths.push(path);
        return [];
      }),
      at - 86_400_000,
      [],
    );
    expect(new Set(paths)).toEqual(new Set(["/fills"]));
  });

  it("has fills of the socket without a fee currency, charged in the quote", () => {
    const { markets } = contextOf(() => []);
    const [fill] = ftxStream.parseUserStreamMessage(markets, fillsFrame(wireFill(ORDER, { feeCurrency: undefined })));
    expect(fill).toMatchObject({ type: "trade", fee: { flatFees: [{ token: "USD" }] } });
  });
});
