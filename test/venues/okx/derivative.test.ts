import { describe, expect, it } from "vitest";
import { Decimal } from "../../../src/model/decimal.ts";
import { ConfigError, InsufficientMarginError, OrderRejectedError, ProtocolError } from "../../../src/model/error.ts";
import type { OrderReference, OrderToPlace } from "../../../src/model/order.ts";
import { derivative } from "../../../src/venues/okx/derivative.ts";
import { parseOrder } from "../../../src/venues/okx/rows.ts";
import { BTC, contextOf, instrument, markets, NOW, orderToPlace, told, wireOrder } from "./wire.ts";

const DAY_MS = 86_400_000;
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const order = (amount: string, changes: object = {}): OrderToPlace => {
  const { price, ...others } = orderToPlace(amount, changes);
  return { ...others, amount: new Decimal(amount), price: new Decimal(price) };
};
const reference = { ...order("0.1"), createdAtMs: NOW, exchangeOrderId: "1" } satisfies OrderReference;
const bodyOf = (placed: OrderToPlace) => plain(derivative.placeOrder(markets, placed).request.data);

describe("markets", () => {
  it("count in contracts, and the rules in base units", () => {
    const contracts = { ctVal: "0.1", ctMult: "10", lotSz: "0.5", minSz: "2", maxLmtSz: "100" };
    const [market] = derivative.parseExchangeInfo([instrument("SOL", contracts)]).markets;
    expect(plain(market?.rule)).toMatchObject({
      ...{ contractSize: "1", minOrderSize: "2", minBaseAmountIncrement: "0.5", maxOrderSize: "100" },
    });
  });

  it("have a largest market order of their own, and a largest value of an order where one is told", () => {
    const most = { ctVal: "0.1", ctMult: "10", maxLmtSz: "100", maxMktSz: "20", maxLmtAmt: "20000000" };
    const rules = (changes: object) =>
      plain(derivative.parseExchangeInfo([instrument("SOL", changes)]).markets[0]?.rule);
    const told = rules({ ...most, maxMktAmt: "1000000" });
    expect(told).toMatchObject({
      maxMarketOrderSize: "20",
      maxNotionalSize: "20000000",
      maxMarketNotionalSize: "1000000",
    });
    const empty = rules({ ...most, maxMktSz: "", maxLmtAmt: "", maxMktAmt: "" });
    expect(empty).not.toHaveProperty("maxMarketOrderSize");
    expect(empty).not.toHaveProperty("maxNotionalSize");
  });

  it("that count in another coin than the base are left out by name", () => {
    const { markets: listed, skipped } = derivative.parseExchangeInfo([instrument("BTC", { ctValCcy: "USDT" })]);
    expect([listed, skipped.map(({ symbol }) => symbol)]).toEqual([[], [BTC]]);
  });

  it("have the funding interval of their funding rate, eight hours where none is told", async () => {
    const context = contextOf((path) =>
      path.endsWith("instruments")
        ? [instrument("BTC"), instrument("ETH")]
        : [{ instId: BTC, fundingTime: String(NOW), nextFundingTime: String(NOW + DAY_MS / 6) }],
    );
    const { markets: listed } = derivative.parseExchangeInfo(await derivative.requestExchangeInfo(context));
    expect(listed.map(({ fundingIntervalMs }) => fundingIntervalMs / 3_600_000)).toEqual([4, 8]);
    expect(context.requests.map(({ params }) => params)).toEqual([{ instType: "SWAP" }, { instId: "ANY" }]);
  });
});

describe("orders", () => {
  it("are sized in contracts, whatever the contract", () => {
    expect(bodyOf(order("0.023"))).toMatchObject({ sz: "2.3", posSide: "net", reduceOnly: false });
    expect(bodyOf(order("1.2", { tradingPair: "ETH-USDT" }))).toMatchObject({ instId: "ETH-USDT-SWAP", sz: "12" });
  });

  it("name their leg in hedge mode, where reduceOnly is not taken", () => {
    const hedged = { positionMode: "hedge", positionAction: "close", reduceOnly: true };
    expect(bodyOf(order("0.1", { ...hedged, side: "sell" }))).toMatchObject({ posSide: "long", side: "sell" });
    const closing = bodyOf(order("0.1", { ...hedged, side: "buy" }));
    expect(closing).toMatchObject({ posSide: "short", side: "buy" });
    expect(closing).not.toHaveProperty("reduceOnly");
  });

  it("are amended to a size that counts what is filled", () => {
    const amend = { amount: new Decimal("0.5"), executedAmount: new Decimal("0.2"), clientOrderId: "pw1-a2" };
    const { request } = derivative.amendOrder?.(markets, reference, amend) ?? {};
    expect(plain(request?.data)).toEqual({ instId: BTC, ordId: "1", newSz: "50", reqId: "a2" });
  });

  it.each([
    ["limit", "limit"],
    ["ioc", "limit"],
    ["post_only", "limitMaker"],
    ["mmp_and_post_only", "limitMaker"],
    ["rpi", "limitMaker"],
    ["elp", "limitMaker"],
    ["market", "market"],
    ["optimal_limit_ioc", "market"],
  ])("of the type %s are shown as %s", (ordType, type) => {
    expect(parseOrder(markets, wireOrder({ ordType }))?.order.type).toBe(type);
  });

  it("that were canceled long ago are looked for among the closed ones, and are not taken for others", async () => {
    const { errorOf } = await import("../../../src/venues/okx/errors.ts");
    const closed = (row: object) =>
      contextOf((path) => {
        if (path.endsWith("trade/order")) throw errorOf(200, "51603", "Order does not exist");
        return [wireOrder({ ordId: "9", clOrdId: "of-somebody" }), row];
      });
    const canceled = closed(wireOrder({ state: "canceled", cancelSource: "31" }));
    expect(await derivative.requestOrderStatus(canceled, reference)).toMatchObject({
      ...{ state: "canceled", reason: "postOnly", exchangeOrderId: "1" },
    });
    const unknown = derivative.requestOrderStatus(closed(wireOrder({ ordId: "8", clOrdId: "x" })), reference);
    await expect(unknown).rejects.toMatchObject({ code: "ORDER_NOT_FOUND" });
  });
});

describe("batches", () => {
  const ack = { ordId: "1", clOrdId: "pw1", ts: String(NOW), sCode: "0", sMsg: "" };

  it("tell each row's own fate, and the order that it names", () => {
    const request = derivative.placeOrders?.(markets, [order("0.1"), order("0.2"), order("0.3"), order("0.4")]);
    const rows = request?.parse([
      ack,
      { ...ack, ordId: "", sCode: "51008", sMsg: "no margin" },
      { ...ack, ordId: "", sCode: "51016", sMsg: "duplicate" },
      { ...ack, sCode: 0 },
    ]);
    const id = { clientOrderId: "pw1", exchangeOrderId: "1" };
    expect(rows?.[0]).toEqual({ id, ok: true, value: { exchangeOrderId: "1", timestampMs: NOW } });
    expect(rows?.[1]?.id).toEqual({ clientOrderId: "pw1", exchangeOrderId: undefined });
    const errors = rows?.map((row) => (row.ok ? undefined : row.error));
    expect(errors?.[1]).toBeInstanceOf(InsufficientMarginError);
    expect(errors?.[2]).toBeInstanceOf(OrderRejectedError);
    expect(errors?.map((error) => error?.outcome)).toEqual([undefined, "definite", "unknown", "unknown"]);
    expect(errors?.[3]).toBeInstanceOf(ProtocolError);
  });

  it("cost as many requests as they have rows, and hold twenty", () => {
    const orders = Array.from({ length: 21 }, () => order("0.1"));
    expect(derivative.placeOrders?.(markets, orders.slice(1)).request.weight).toBe(20);
    expect(() => derivative.placeOrders?.(markets, orders)).toThrow(ConfigError);
  });
});

describe("cancel all after", () => {
  const secondsOf = (ms: number) => plain(derivative.cancelAllAfter?.(markets, ms, "BTC-USDT").request.data);

  it("counts in whole seconds, and zero switches it off", () => {
    expect([secondsOf(0), secondsOf(10_001)]).toEqual([{ timeOut: "0" }, { timeOut: "11" }]);
  });

  it("refuses what the venue would not take", () => {
    for (const ms of [9_000, 121_000]) expect(() => secondsOf(ms)).toThrow(ConfigError);
  });
});

describe("the account", () => {
  it("is asked for old fills and bills in the lists that reach back so far", async () => {
    const context = contextOf(() => []);
    for (const days of [1, 4, 400]) await derivative.tradesSince(context, NOW - days * DAY_MS, []);
    for (const days of [6, 8]) await derivative.fetchFundingPayments(context, NOW - days * DAY_MS, []);
    const asked = context.requests.map(({ path, params }) => [path.replace("/api/v5/", ""), params?.begin]);
    expect(asked).toEqual([
      ["trade/fills", NOW - DAY_MS],
      ["trade/fills-history", NOW - 4 * DAY_MS],
      ["trade/fills-history", NOW - 90 * DAY_MS],
      ["account/bills", NOW - 6 * DAY_MS],
      ["account/bills-archive", NOW - 8 * DAY_MS],
    ]);
  });

  it("has no fill of an order that liquidation or ADL traded", async () => {
    const row = { ...wireOrder(), ...told, billId: "1", ts: String(NOW), category: undefined, fillFee: undefined };
    // Newest first, as the venue lists them, also within one moment.
    const rows = [
      { ...row, subType: "127", tradeId: "9" },
      { ...row, subType: "104", tradeId: "8", side: "sell" },
      { ...row, subType: "1" },
    ];
    const fills = await derivative.tradesSince(
      contextOf((path) => (path.endsWith("/order") ? [wireOrder({ accFillSz: "12" })] : rows)),
      NOW - DAY_MS,
      [],
    );
    expect(fills.map((fill) => [fill.type, fill.amount.toFixed()])).toEqual([
      ["trade", "0.04"],
      ["positionAdjustment", "-0.04"],
      ["positionAdjustment", "0.04"],
    ]);
    expect(fills.map((fill) => (fill.type === "trade" ? undefined : fill.reason))).toEqual([
      ...[undefined, "liquidation", "adl"],
    ]);
  });

  // Hell, seed 190: the last fill had another name than before, and was told a second time.
  it("names no fill of a liquidation after one that the list lacks, and says that it is left out", async () => {
    const forced = { ...wireOrder(), ...told, ts: String(NOW), category: undefined, subType: "104" };
    const rows = [3, 1].map((billId) => ({ ...forced, billId: String(billId), tradeId: String(-billId) }));
    const context = contextOf((path) => (path.endsWith("/order") ? [wireOrder({ accFillSz: "12" })] : rows));
    const leftOut: string[] = [];
    const own = { ...context, onMarketFailure: (_: string, error: unknown) => void leftOut.push(String(error)) };
    expect(await derivative.tradesSince(own, NOW - DAY_MS, ["BTC-USDT"])).toEqual([]);
    expect(leftOut.join()).toContain("add up to 8, and it has filled 12");
  });

  // Hell, seed 453: a row of the list that lacked its bill id was read as an order's, which has the fee elsewhere.
  it("reads the fee of a row of the lists of fills where a field of it is missing", async () => {
    const row = { ...wireOrder(), ...told, ts: String(NOW), category: undefined, subType: "1" };
    const context = contextOf(() => [{ ...row, fillFee: undefined, fillFeeCcy: undefined }]);
    const [fill] = await derivative.allTradeUpdatesForOrder(context, reference);
    expect(plain(fill?.fee)).toMatchObject({ flatFees: [{ token: "USDT", amount: "0.3" }] });
  });

  it("tells leverage of listed without a position, asked for twenty at a time", async () => {
    const symbols = Array.from({ length: 21 }, (_, index) => instrument(`C${index}`));
    const { markets: listed } = derivative.parseExchangeInfo(symbols);
    const { createVenueMarkets } = await import("../../../src/model/venue-markets.ts");
    const context = contextOf((path, params) =>
      path.endsWith("positions")
        ? []
        : String(params.instId)
            .split(",")
            .map((instId) => ({ instId, lever: "7" })),
    );
    const own = { ...context, markets: createVenueMarkets("okx_perpetual", "okx_perpetual", listed) };
    const pairs = listed.map(({ tradingPair }) => tradingPair);
    const updates = await derivative.fetchPositions(own, pairs);
    expect(updates.map((update) => update.type === "settings" && update.leverage?.toFixed())).toEqual(
      Array.from({ length: 21 }, () => "7"),
    );
    expect(context.requests).toHaveLength(3);
  });

  it("pays the fees of its instrument's group, where a rebate is positive on the wire", async () => {
    const deprecated = { maker: "-0.0009", taker: "-0.0009", makerU: "-0.0008", takerU: "-0.0008" };
    const feeGroup = [
      { groupId: "7", maker: "0.00005", taker: "-0.0004" },
      { groupId: "8", maker: "-0.0001", taker: "-0.0003" },
    ];
    const instruments = [instrument("BTC", { groupId: "7" }), instrument("ETH", { groupId: "8" })];
    const feesWith = async (rates: object) => {
      const context = contextOf((path) => (path.endsWith("instruments") ? instruments : [rates]));
      return [...((await derivative.tradingFees(context, ["BTC-USDT", "ETH-USDT"])) as ReadonlyMap<string, object>)];
    };
    const rates = (maker: string, taker: string) => ({
      ...{ makerPercentFee: maker, takerPercentFee: taker, percentFeeToken: "USDT" },
    });
    expect(plain(await feesWith({ ...deprecated, feeGroup }))).toMatchObject([
      ["BTC-USDT", rates("-0.00005", "0.0004")],
      ["ETH-USDT", rates("0.0001", "0.0003")],
    ]);
    // An answer without groups has those of contracts in USDT; those of contracts in coins are never ours.
    expect(plain(await feesWith(deprecated))).toMatchObject([
      ["BTC-USDT", rates("0.0008", "0.0008")],
      ["ETH-USDT", rates("0.0008", "0.0008")],
    ]);
    await expect(feesWith({ maker: "-0.0009", taker: "-0.0009" })).rejects.toThrow(ProtocolError);
  });

  it("has positions also where a portfolio margin account refuses to tell leverage (51039)", async () => {
    const lines: object[] = [];
    const context = contextOf((path) => {
      if (path.endsWith("leverage-info")) throw new OrderRejectedError("OKX answered 51039", { venueCode: "51039" });
      return [{ ...{ instId: BTC, posSide: "net", mgnMode: "cross", pos: "2", avgPx: "5000", uTime: String(NOW) } }];
    });
    const onUnreadable = (line: object) => lines.push(line);
    const updates = await derivative.fetchPositions({ ...context, onUnreadable }, ["BTC-USDT"]);
    expect(plain(updates)).toMatchObject([{ type: "position", amount: "0.02" }]);
    expect(lines).toHaveLength(1);
  });
});

describe("a funding bill", () => {
  const bill = (changes: object) => ({
    ...{ billId: "9", instId: BTC, ccy: "USDT", ts: String(NOW), balChg: "0", posBalChg: "0", pnl: "0", ...changes },
  });
  const amountOf = async (changes: object) => {
    const context = contextOf((path) => (path.includes("bills") ? [bill(changes)] : []));
    return (await derivative.fetchFundingPayments(context, NOW - 1_000, ["BTC-USDT"]))[0]?.amount.toFixed();
  };

  it("of an isolated position changes its margin and not the balance: the payment itself is booked", async () => {
    expect(await amountOf({ pnl: "-0.25", posBalChg: "-0.25" })).toBe("-0.25");
    expect(await amountOf({ pnl: "", posBalChg: "-0.25" })).toBe("-0.25");
  });

  it("of a cross position changes the balance", async () => {
    expect(await amountOf({ pnl: "0.1", balChg: "0.1" })).toBe("0.1");
    expect(await amountOf({ balChg: "0.1" })).toBe("0.1");
  });
});
