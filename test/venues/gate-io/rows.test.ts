import { describe, expect, it } from "vitest";
import { BookFrameBuffer } from "../../../src/market-data/book-frame-buffer.ts";
import { ProtocolError } from "../../../src/model/error.ts";
import { parseJson } from "../../../src/net/json.ts";
import { derivative } from "../../../src/venues/gate-io/derivative.ts";
import { orderBookDataSource } from "../../../src/venues/gate-io/order-book-data-source.ts";
import { parseFill, parseOrder, parsePosition } from "../../../src/venues/gate-io/rows.ts";
import { parseBalancePush } from "../../../src/venues/gate-io/wallet.ts";
import { BTC, contract, markets, NOW, SECONDS, wireFill, wireOrder, wirePosition } from "./wire.ts";

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const fill = (changes: object) => plain(parseFill(markets, wireFill(changes), "list"));
const order = (changes: object) => parseOrder(markets, wireOrder(changes))?.order;

describe("sizes", () => {
  it.each([
    ["BTC_USDT", "0.003"],
    ["ETH_USDT", "30"],
    ["DOGE_USDT", "300"],
  ])("of %s are contracts with a sign, and base units here", (symbol, base) => {
    for (const [size, side, signed] of [
      ["30", "buy", base],
      ["-30", "sell", `-${base}`],
    ] as const) {
      const row = { contract: symbol, size };
      expect(plain(order({ ...row, left: size }))).toMatchObject({ side, amount: base });
      expect(fill(row)).toMatchObject({ side, amount: base });
      expect(plain(parsePosition(markets, wirePosition(row), NOW))).toMatchObject({ amount: signed });
    }
  });

  it("are read as text and as numbers, and in parts of a contract", () => {
    expect(order({ size: -30, left: -10 })?.executedAmount.toFixed()).toBe("0.002");
    expect(order({ size: "-30", left: "-10" })?.executedAmount.toFixed()).toBe("0.002");
    expect(fill({ size: "0.5" })).toMatchObject({ side: "buy", amount: "0.00005" });
  });

  it("of the book are contracts too", () => {
    const frame = new BookFrameBuffer();
    const result = { t: NOW, s: "DOGE_USDT", U: 2, u: 3, b: [{ p: "0.1", s: "5" }], a: [{ p: "0.2", s: 0 }] };
    const message = { channel: "futures.order_book_update", event: "update", result };
    expect(orderBookDataSource.channelOriginatingMessage(message)).toBe("orderBookDiff");
    orderBookDataSource.parseOrderBookDiffMessage(markets, message, frame);
    expect([frame.bids.count, frame.asks.count, frame.firstUpdateId, frame.updateId]).toEqual([1, 1, 2, 3]);
    expect((frame.bids.sizes[0] ?? 0) / 10 ** frame.sizeScale).toBe(50);
  });

  it("are refused where the multiplier is that of an inverse contract", () => {
    const { skipped, markets: listed } = derivative.parseExchangeInfo([contract(BTC, { quanto_multiplier: "0" })]);
    expect([listed, skipped.map(({ symbol }) => symbol)]).toEqual([[], [BTC]]);
  });
});

describe("an order", () => {
  it.each([
    ...(["filled", "cancelled", "liquidated", "ioc", "reduce_only", "position_closed", "stp", "unheard of"] as const),
  ])("that ended as %s is what its amounts say", (finish_as) => {
    const ended = { status: "finished", finish_as, finish_time: SECONDS + 1 };
    expect(order({ ...ended, left: "0" })).toMatchObject({ state: "filled" });
    expect(order({ ...ended, left: "-10" })?.executedAmount.toFixed()).toBe("0.002");
    expect(order({ ...ended, left: "-10" })).toMatchObject({ state: "canceled" });
    expect(order({ ...ended, left: "-30" })).toMatchObject({ state: "canceled" });
  });

  it("of which more is left than there was, or on the other side, cannot be read", () => {
    for (const changes of [{ left: "-31" }, { left: "10" }, { size: "0", left: "0" }]) {
      expect(() => parseOrder(markets, wireOrder(changes))).toThrow(ProtocolError);
    }
  });

  it("has times in seconds over REST and in milliseconds on the stream", () => {
    const ofRest = order({ create_time: SECONDS + 0.25, update_time: SECONDS + 1.5 });
    expect([ofRest?.timestampMs, ofRest?.updatedAtMs]).toEqual([NOW + 250, NOW + 1_500]);
    const pushed = order({ create_time: SECONDS, create_time_ms: NOW + 250, update_time: NOW + 1_500 });
    expect([pushed?.timestampMs, pushed?.updatedAtMs]).toEqual([NOW + 250, NOW + 1_500]);
  });

  it("has an id of more digits than a number holds", () => {
    const text = JSON.stringify(wireOrder({ id: "ID" })).replace('"ID"', "9007199254740993123");
    expect(parseOrder(markets, parseJson(text))?.exchangeOrderId).toBe("9007199254740993123");
  });

  it("has a client id where its text begins with t-, and no other text is one", () => {
    expect(order({ text: "t-pw-1" })?.clientOrderId).toBe("t-pw-1");
    for (const text of ["web", "app", "api", "", null]) expect(order({ text })?.clientOrderId).toBeUndefined();
  });

  it.each([
    ["liq-12", "liquidation"],
    ["hedge-liq-12", "liquidation"],
    ["liquidation", "liquidation"],
    ["insurance", "liquidation"],
    ["auto_deleveraging", "adl"],
    ["clear", "settlement"],
  ])("of the text %s is the venue's own, and its fill an adjustment", (text, reason) => {
    expect(order({ text })).toMatchObject({ adjustmentReason: reason });
    expect(fill({ text })).toMatchObject({ type: "positionAdjustment", reason, amount: "-0.003" });
  });

  it("that liquidates whatever its text is the venue's own", () => {
    expect(order({ text: "api", is_liq: true })).toMatchObject({ adjustmentReason: "liquidation" });
  });
});

describe("a fill", () => {
  it("is named by trade_id in the list by time and by id in the others", () => {
    const { id: _, ...row } = wireFill({ trade_id: "9007199254740993123" });
    expect(parseFill(markets, row, "list")).toMatchObject({ fillId: "9007199254740993123" });
    expect(fill({})).toMatchObject({ fillId: "7" });
    expect(() => parseFill(markets, { ...row, trade_id: undefined }, "list")).toThrow(ProtocolError);
  });

  it("costs coins, points or both, and a rebate is negative", () => {
    const feesOf = (changes: object) => {
      const parsed = parseFill(markets, wireFill(changes), "list");
      return parsed?.fee?.flatFees.map(({ token, amount }) => `${amount.toFixed()} ${token}`);
    };
    expect(feesOf({ fee: "0.036" })).toEqual(["0.036 USDT"]);
    expect(feesOf({ fee: "-0.01" })).toEqual(["-0.01 USDT"]);
    expect(feesOf({ fee: "0", point_fee: "0.04" })).toEqual(["0.04 POINT"]);
    expect(feesOf({ fee: "0.01", point_fee: "0.02" })).toEqual(["0.01 USDT", "0.02 POINT"]);
  });

  it("of an order that is not ours names its leg where the row tells what it closed", () => {
    const actionOf = (changes: object) => parseFill(markets, wireFill({ text: "web", ...changes }), "list");
    expect(actionOf({ close_size: "0" })).toMatchObject({ positionAction: "open" });
    expect(actionOf({ close_size: "-30" })).toMatchObject({ positionAction: "close" });
    expect(actionOf({ close_size: "-10" })).toMatchObject({ positionAction: undefined });
    expect(actionOf({ text: "t-pw-1", close_size: "-30" })).toMatchObject({ positionAction: undefined });
    expect(actionOf({})).toMatchObject({ positionAction: undefined });
  });
});

describe("a pushed balance", () => {
  it.each([
    ["fee", "USDT"],
    ["fund", "USDT"],
    ["point_fee", "POINT"],
    ["point_dnw", "POINT"],
  ])("that a posting of the kind %s changed is of %s", (type, asset) => {
    const row = { balance: 9.5, change: -0.5, currency: "usdt", type, time_ms: NOW };
    expect(plain(parseBalancePush(row))).toMatchObject({ 0: { type: "balance", asset, total: "9.5" } });
  });
});

describe("a position", () => {
  it("of leverage 0 is cross, with the limit as its leverage", () => {
    const marginOf = (changes: object) => plain(parsePosition(markets, wirePosition(changes), NOW));
    expect(marginOf({})).toMatchObject({ marginMode: "cross", leverage: "10" });
    expect(marginOf({ leverage: "5", cross_leverage_limit: "0" })).toMatchObject({
      marginMode: "isolated",
      leverage: "5",
    });
    expect(marginOf({ leverage: 0, cross_leverage_limit: 0 })).not.toHaveProperty("leverage");
  });

  it("has its leg, and its sign has to fit", () => {
    const sideOf = (mode: string, size: string) => parsePosition(markets, wirePosition({ mode, size }), NOW)?.side;
    expect([sideOf("single", "-1"), sideOf("dual_long", "1"), sideOf("dual_short", "-1")]).toEqual([
      ...["both", "long", "short"],
    ]);
    expect(() => sideOf("dual_long", "-1")).toThrow(ProtocolError);
    expect(() => sideOf("dual_short", "1")).toThrow(ProtocolError);
  });
});
