import { describe, expect, it } from "vitest";
import { BookAssembler } from "../../../src/market-data/book-assembler.ts";
import { BookFrameBuffer } from "../../../src/market-data/book-frame-buffer.ts";
import { ProtocolError } from "../../../src/model/error.ts";
import { manifest } from "../../../src/venues/okx/manifest.ts";
import { orderBookDataSource } from "../../../src/venues/okx/order-book-data-source.ts";
import { userStreamDataSource } from "../../../src/venues/okx/user-stream-data-source.ts";
import { BTC, markets, NOW, told, wireOrder } from "./wire.ts";

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
type Levels = readonly (readonly string[])[];

function book(prevSeqId: number, seqId: number, bids: Levels = [], asks: Levels = []) {
  const action = prevSeqId === -1 ? "snapshot" : "update";
  return { arg: { channel: "books", instId: BTC }, action, data: [{ bids, asks, ts: String(NOW), prevSeqId, seqId }] };
}

/** Runs frames of one book through the parser and the continuity rule. */
function play(...frames: readonly ReturnType<typeof book>[]) {
  const assembler = new BookAssembler({ tradingPair: "BTC-USDT", rule: manifest.continuity });
  const steps = frames.map((message) => {
    const frame = new BookFrameBuffer();
    const isSnapshot = orderBookDataSource.channelOriginatingMessage(message) === "orderBookSnapshot";
    frame.reset(isSnapshot ? "snapshot" : "diff");
    if (isSnapshot) orderBookDataSource.parseOrderBookSnapshotMessage(markets, message, frame);
    else orderBookDataSource.parseOrderBookDiffMessage(markets, message, frame);
    return assembler.handle(frame, NOW);
  });
  return { book: assembler.book, steps };
}

const without = (message: ReturnType<typeof book>, field: string) => ({
  ...message,
  data: message.data.map((row) => ({ ...row, [field]: undefined })),
});

const SNAPSHOT = book(-1, 10, [["60000.0", "3.5", "0", "1"]], [["60000.1", "12", "0", "1"]]);

describe("the book", () => {
  it("is in base units while the wire counts contracts", () => {
    const { book: own } = play(SNAPSHOT);
    expect([own.bestBid?.amount.toFixed(), own.bestAsk?.amount.toFixed()]).toEqual(["0.035", "0.12"]);
  });

  it("takes a heartbeat that repeats its id, and goes on", () => {
    const { book: own, steps } = play(SNAPSHOT, book(10, 15), book(15, 15), book(15, 17, [["60000.0", "7"]]));
    expect(steps).toEqual(["applied", "applied", "applied", "applied"]);
    expect(own.bestBid?.amount.toFixed()).toBe("0.07");
  });

  it("follows a maintenance that sets the ids back, as long as the chain holds", () => {
    const { book: own, steps } = play(SNAPSHOT, book(10, 3, [["60000.0", "1"]]), book(3, 5, [["60000.0", "2"]]));
    expect(steps).toEqual(["applied", "applied", "applied"]);
    expect(own.bestBid?.amount.toFixed()).toBe("0.02");
  });

  it("is invalid when the chain breaks, at a reset as anywhere", () => {
    expect(play(SNAPSHOT, book(11, 12)).steps).toEqual(["applied", "broken"]);
    expect(play(SNAPSHOT, book(2, 3)).book.isValid).toBe(true);
    const reset = book(2, 3);
    const later = { ...reset, data: reset.data.map((row) => ({ ...row, ts: String(NOW + 1) })) };
    expect(play(SNAPSHOT, later).book.isValid).toBe(false);
  });
});

describe("a frame of a book without its ids", () => {
  it.each(["seqId", "prevSeqId"])("is refused by name (%s)", (field) => {
    const [frame, message] = [new BookFrameBuffer(), book(10, 11)];
    frame.reset("diff");
    const parse = () => orderBookDataSource.parseOrderBookDiffMessage(markets, without(message, field), frame);
    expect(parse).toThrow(new ProtocolError("an order book without seqId or prevSeqId", { venue: "okx_perpetual" }));
  });
});

describe("public frames", () => {
  const kindOf = (message: unknown) => orderBookDataSource.channelOriginatingMessage(message);

  it("are told apart: the text pong, notices, errors, counts of connections", () => {
    const frames = ["pong", { event: "notice", code: "64008" }, { event: "error", code: "60018" }];
    expect(frames.map(kindOf)).toEqual(["pong", "reconnect", "error"]);
    expect(kindOf({ event: "channel-conn-count", connCount: "1" })).toBe("ignored");
    expect(kindOf({ arg: { channel: "candle1D" }, data: [] })).toBe("unknown");
  });

  it("of an index are about the swap, and an error about the market whose request it quotes", () => {
    const pairOf = (message: unknown) => orderBookDataSource.tradingPairOf(markets, message);
    expect(pairOf({ arg: { channel: "index-tickers", instId: "BTC-USDT" } })).toBe("BTC-USDT");
    const msg = 'Invalid request: {"op": "subscribe", "args":[{ "channel" : "books", "instId" : "ETH-USDT-SWAP"}]}';
    expect(pairOf({ event: "error", code: "60012", msg })).toBe("ETH-USDT");
  });

  it("of trades and of funding carry base units, and when this rate is settled", () => {
    const trade = { instId: BTC, tradeId: "1", px: "60000", sz: "4", side: "sell", ts: String(NOW) };
    const [parsed] = orderBookDataSource.parseTradeMessage(markets, { data: [trade] });
    expect(parsed?.amount.toFixed()).toBe("0.04");
    const rate = { instId: BTC, fundingRate: "0.0001", fundingTime: "100", nextFundingTime: "200", ts: String(NOW) };
    expect(plain(orderBookDataSource.parseFundingInfoMessage(markets, { data: [rate] }))).toEqual({
      ...{ tradingPair: "BTC-USDT", rate: "0.0001", nextFundingTimestampMs: 100, kind: "predicted", timestampMs: NOW },
    });
  });
});

describe("private frames", () => {
  const parse = (channel: string, ...data: readonly unknown[]) =>
    userStreamDataSource.parseUserStreamMessage(markets, { arg: { channel }, data });

  it("of an order tell its fill first, with the fee of that fill alone", () => {
    const updates = parse("orders", wireOrder({ ...told, state: "partially_filled", accFillSz: "10", avgPx: "60000" }));
    expect(updates.map(({ type }) => type)).toEqual(["trade", "order"]);
    expect(plain(updates[0])).toMatchObject({
      ...{ fillId: "7", amount: "0.04", isMaker: false, exchangeOrderId: "1", clientOrderId: "pw1" },
      fee: { flatFees: [{ token: "USDT", amount: "0.12" }] },
    });
    expect(plain(updates[1])).toMatchObject({ state: "partiallyFilled", executedAmount: "0.1" });
  });

  it("of an order without a fill tell none", () => {
    const updates = parse("orders", wireOrder({ state: "canceled", cancelSource: "14", accFillSz: "4" }));
    expect(updates.map((update) => update.type === "order" && update.reason)).toEqual(["iocRemainder"]);
  });

  it.each([
    ["full_liquidation", "liquidation"],
    ["partial_liquidation", "liquidation"],
    ["adl", "adl"],
  ])("of %s adjust the position and are no order of ours", (category, reason) => {
    const row = wireOrder({ ...told, category, side: "sell", posSide: "long", clOrdId: "", state: "filled" });
    const [adjustment, external] = parse("orders", row);
    expect(plain(adjustment)).toMatchObject({ type: "positionAdjustment", side: "long", reason, amount: "-0.04" });
    expect(external?.type).toBe("externalOrder");
  });

  it("of positions are signed in one-way mode, and by their side in hedge mode", () => {
    const row = { instId: BTC, avgPx: "60000", upl: "0", lever: "10", liqPx: "", markPx: "60000", uTime: String(NOW) };
    const amounts = [
      ["net", "-3"],
      ["long", "3"],
      ["short", "3"],
    ].flatMap(([posSide, pos]) => parse("positions", { ...row, posSide, pos }));
    expect(amounts.map((update) => update.type === "position" && update.amount.toFixed())).toEqual([
      ...["-0.03", "0.03", "-0.03"],
    ]);
  });

  it("of cross and isolated positions of one market are two positions", () => {
    const row = { instId: BTC, posSide: "net", pos: "3", avgPx: "1", upl: "0", lever: "3", uTime: String(NOW) };
    const rows = [
      { ...row, mgnMode: "cross" },
      { ...row, mgnMode: "isolated", pos: "-9" },
    ];
    expect(plain(parse("positions", ...rows))).toMatchObject([
      { marginMode: "cross", amount: "0.03" },
      { marginMode: "isolated", amount: "-0.09" },
    ]);
  });

  it("of the account take its own margin where it has one, else that of the settle coin", () => {
    const coin = { ccy: "USDT", cashBal: "100", eq: "101", availEq: "90", availBal: "", mmr: "2" };
    const account = { uTime: String(NOW), adjEq: "", imr: "", mmr: "", details: [coin] };
    const futures = { collateral: "101", freeCollateral: "90", maintenanceMarginRequirement: "2" };
    expect(plain(parse("account", account)[1])).toMatchObject(futures);
    const multi = parse("account", { ...account, adjEq: "500", imr: "120", mmr: "30" })[1];
    expect(plain(multi)).toMatchObject({
      collateral: "500",
      freeCollateral: "380",
      maintenanceMarginRequirement: "30",
    });
  });

  it("of an account that tells no margin figures take those of before away", () => {
    const coin = { ccy: "USDT", cashBal: "100", eq: "", availEq: "", availBal: "40", mmr: "" };
    const account = { uTime: String(NOW), adjEq: "", imr: "", mmr: "", details: [coin] };
    const margin = parse("account", account).find(({ type }) => type === "margin");
    expect(margin).toMatchObject({ collateral: undefined, freeCollateral: undefined });
    // A push of another coin says nothing of them.
    const other = { ...account, details: [{ ...coin, ccy: "BTC" }] };
    expect(parse("account", other).map(({ type }) => type)).toEqual(["balance"]);
  });

  it("of settled funding ask for the bills, other changes of the balance do not", () => {
    const change = (eventType: string) => parse("balance_and_position", { eventType, pTime: String(NOW) });
    expect([change("funding_fee"), change("filled")]).toEqual([[{ type: "fundingDue", timestampMs: NOW }], []]);
  });

  it("tell a refused login from a refused channel", () => {
    const kindOf = (message: unknown) => userStreamDataSource.channelOriginatingMessage(message);
    for (const code of ["60005", "60006", "60007", "60009", "60024", "60027", "63999"])
      expect(kindOf({ event: "error", code })).toBe("authFailed");
    // A repeated login is refused; the first one stands.
    for (const code of ["60018", "60031"]) expect(kindOf({ event: "error", code })).toBe("error");
    expect(kindOf({ event: "login", code: "0" })).toBe("authenticated");
    expect(kindOf("pong")).toBe("pong");
  });
});

describe("a subscription that is ended because too many connections have it", () => {
  it("is an error of its channel alone, after it was confirmed", () => {
    const message = { event: "channel-conn-count-error", channel: "orders", connCount: "31", connId: "a" };
    expect(userStreamDataSource.channelOriginatingMessage(message)).toBe("error");
    expect(userStreamDataSource.subscriptionAnswer?.(message)).toEqual({
      ...{ isAccepted: false, isRevoked: true, channels: ["orders"], reason: "channel-conn-count-error" },
    });
    expect(userStreamDataSource.channelOriginatingMessage({ ...message, event: "channel-conn-count" })).toBe("ignored");
  });
});
