import { describe, expect, it } from "vitest";
import { fillKey } from "../../../src/trading/fill-ledger.ts";
import { parseFill, parseOrder } from "../../../src/venues/hyperliquid/rows.ts";
import { userStreamDataSource } from "../../../src/venues/hyperliquid/user-stream-data-source.ts";
import { CLOID, FILL, marketsOf, NOW, ORDER, OTHER, USER } from "./wire.ts";

const markets = marketsOf();
const order = (changes: object, status = "open") => {
  const update = parseOrder(markets, { ...ORDER, ...changes, status, statusTimestamp: NOW + 5 });
  return update && [update.state, update.executedAmount?.toFixed(), update.reason ?? update.inferredReason];
};
const fill = (changes: object) => parseFill(markets, { ...FILL, ...changes });

describe("an order's row", () => {
  it.each([
    ["open", "0.01", ["open", "0", undefined]],
    ["open", "0.006", ["partiallyFilled", "0.004", undefined]],
    ["triggered", "0.01", ["open", "0", undefined]],
    ["filled", "0.0", ["filled", "0.01", undefined]],
    ["canceled", "0.006", ["canceled", "0.004", undefined]],
    ["selfTradeCanceled", "0.006", ["canceled", "0.004", "selfTrade"]],
    ["reduceOnlyCanceled", "0.01", ["canceled", "0", "reduceOnly"]],
    ["badAloPxRejected", "0.01", ["failed", "0", "postOnly"]],
    ["iocCancelRejected", "0.01", ["failed", "0", "iocRemainder"]],
    // Words that are new here end as those do that are known.
    ["somethingCanceled", "0.01", ["canceled", "0", undefined]],
    ["somethingRejected", "0.01", ["failed", "0", undefined]],
  ])("that is %s with %s left is told as such", (status, sz, expected) => {
    expect(order({ sz }, status)).toEqual(expected);
  });

  it.each(["Ioc", "FrontendMarket", undefined])(
    "that is filled, and may have ended with a rest (%s), is what is left",
    (tif) => {
      expect(order({ sz: "0.006", tif }, "filled")).toEqual(["canceled", "0.004", "iocRemainder"]);
      // Some rows of filled orders show their whole size: their fills tell.
      expect(order({ sz: "0.01", tif }, "filled")).toEqual(["filled", undefined, undefined]);
    },
  );

  it("that waited for a price is shown from the moment on when its price has come", () => {
    const waiting = { isTrigger: true, triggerPx: "60000.0", orderType: "Stop Limit" };
    expect(order({ ...waiting, triggerCondition: "Price above 60000" })).toBeUndefined();
    expect(order({ ...waiting, triggerCondition: "Triggered" })).toEqual(["open", "0", undefined]);
    expect(order({ ...waiting, triggerCondition: "Price above 60000" }, "triggered")).toEqual(["open", "0", undefined]);
    expect(order({ ...waiting, sz: "0.0" }, "filled")).toEqual(["filled", "0.01", undefined]);
    expect(order(waiting, "canceled")).toBeUndefined();
  });

  it.each(["Gtc", "Alo"])("that rested (%s) and is filled is filled whole, whatever it shows as left", (tif) => {
    for (const sz of ["0.006", "0.01"]) expect(order({ sz, tif }, "filled")).toEqual(["filled", "0.01", undefined]);
  });

  it("with a status that nobody knows, or more left than there was, cannot be read", () => {
    expect(() => order({}, "dreaming")).toThrow("unknown status dreaming");
    expect(() => order({ sz: "0.02" })).toThrow("0.02 of 0.01 left");
  });

  it("of an old list, without its size at first, tells what is left and claims nothing", () => {
    expect(order({ origSz: undefined, sz: "0.006" })).toEqual(["open", undefined, undefined]);
  });

  it("tells the same on the stream as in a list, but for what the stream leaves out", () => {
    const { coin, side, limitPx, sz, oid, timestamp, origSz, cloid } = ORDER;
    const streamed = {
      coin,
      side,
      limitPx,
      sz,
      oid,
      timestamp,
      origSz,
      cloid,
      status: "open",
      statusTimestamp: NOW + 5,
    };
    const { order: listed, ...facts } =
      parseOrder(markets, { ...ORDER, status: "open", statusTimestamp: NOW + 5 }) ?? {};
    const { order: pushed, ...pushedFacts } = parseOrder(markets, streamed) ?? {};
    expect([pushedFacts, pushed]).toEqual([facts, listed]);
    expect(parseOrder(markets, { ...ORDER, tif: "Alo", reduceOnly: true })?.order).toMatchObject({
      ...{ type: "limitMaker", reduceOnly: true },
    });
  });

  it("of a conditional order, or of a market of another kind, is none here", () => {
    expect(order({ isTrigger: true })).toBeUndefined();
    for (const coin of ["@107", "PURR/USDC", "test:ABC", "MATIC"]) expect(order({ coin })).toBeUndefined();
  });
});

describe("a fill", () => {
  it("is one of its coin, order, trade and time: two orders that trade twice have one trade id", () => {
    const keys = [{}, { time: NOW + 251 }, { oid: 2 }, { coin: "ETH" }, { tid: 3 }, {}].map((changes) => {
      const row = fill(changes);
      return row?.type === "trade" ? fillKey(row.tradingPair, row.exchangeOrderId, row.fillId) : "";
    });
    expect(new Set(keys).size).toBe(5);
    expect(keys[5]).toBe(keys[0]);
  });

  it("tells its side, liquidity and fee, which is negative for a rebate, and the profit without it", () => {
    const told = fill({ side: "A", crossed: true, fee: "-0.01", closedPnl: "-0.04558" });
    expect(told).toMatchObject({ type: "trade", side: "sell", isMaker: false, clientOrderId: CLOID });
    const { fee, realizedPnl } = told?.type === "trade" ? told : expect.unreachable();
    expect([fee.flatFees[0]?.amount.toFixed(), realizedPnl?.toFixed()]).toEqual(["-0.01", "-0.04558"]);
  });

  it("against somebody's liquidation is ours, and of our own it is the venue's", () => {
    const liquidation = (liquidatedUser: string) => ({
      liquidation: { liquidatedUser, markPx: "1.0", method: "market" },
    });
    expect(fill(liquidation(OTHER))?.type).toBe("trade");
    expect(fill({ ...liquidation(USER.toUpperCase().replace("0X", "0x")), side: "A" })).toMatchObject({
      ...{ type: "positionAdjustment", reason: "liquidation", side: "both" },
    });
  });

  it.each([
    ["Auto-Deleveraging", "adl"],
    ["Settlement", "settlement"],
  ])("called %s is the venue's", (dir, reason) => {
    expect(fill({ dir })).toMatchObject({ type: "positionAdjustment", reason });
  });

  it.each(["Long > Short", "Net Child Vaults", "Something New", undefined])(
    "called %s is a trade by its side",
    (dir) => {
      expect(fill({ dir })?.type).toBe("trade");
    },
  );
});

describe("private frames", () => {
  const parse = (message: unknown) => {
    const unread: string[] = [];
    const told = userStreamDataSource.parseUserStreamMessage(markets, message, ({ reason }) => unread.push(reason));
    return { told: told.map(({ type }) => type), unread };
  };
  const orderFrame = (...rows: readonly object[]) => ({ channel: "orderUpdates", data: rows });
  const row = (status: string) => ({ order: ORDER, status, statusTimestamp: NOW });

  it("of what happened before the subscription are left to the lists, which are asked from the last cursor on", () => {
    const fills = { channel: "userFills", data: { isSnapshot: true, user: USER, fills: [FILL] } };
    expect(parse(fills)).toEqual({ told: [], unread: [] });
    expect(userStreamDataSource.channelOriginatingMessage(fills)).toBe("update");
    expect(parse({ channel: "userFundings", data: { isSnapshot: true, user: USER, fundings: [{}] } }).told).toEqual([]);
    expect(parse({ channel: "userFills", data: { isSnapshot: false, user: USER, fills: [FILL] } }).told).toEqual([
      "trade",
    ]);
  });

  it("with a status that nobody knows name that row, and tell the rows and fills around it", () => {
    expect(parse(orderFrame(row("open"), row("dreaming"), row("filled")))).toEqual({
      told: ["order", "order"],
      unread: ["unknown status dreaming"],
    });
    expect(parse({ channel: "userFills", data: { user: USER, fills: [FILL] } }).told).toEqual(["trade"]);
  });

  it("say that funding is due, and the history books it", () => {
    const funding = { time: NOW, coin: "BTC", usdc: "-0.007501", szi: "0.01", fundingRate: "0.0000125" };
    expect(parse({ channel: "userFundings", data: { user: USER, fundings: [funding] } }).told).toEqual(["fundingDue"]);
  });

  it("are asked for by the address that is traded, and confirmed by an echo with defaults in it", () => {
    const [subscription] = userStreamDataSource.subscribeChannels(markets, ["userFills"]);
    expect(subscription).toEqual({ method: "subscribe", subscription: { type: "userFills", user: USER } });
    const echo = { method: "subscribe", subscription: { type: "userFills", user: USER, aggregateByTime: false } };
    const answer = (message: object) => userStreamDataSource.subscriptionAnswer?.(message);
    expect(answer({ channel: "subscriptionResponse", data: echo })).toMatchObject({
      isAccepted: true,
      channels: ["userFills"],
    });
    const error = (data: string) => answer({ channel: "error", data });
    expect(error(`Already subscribed: {"type":"userFills","user":"${USER}"}`)).toMatchObject({
      ...{ isAccepted: true, operation: "subscribe", channels: ["userFills"] },
    });
    expect(error(`Invalid subscription {"type":"userFills","user":"x"}`)).toMatchObject({
      ...{ isAccepted: false, channels: ["userFills"], isLimit: false },
    });
    expect(error("Cannot track more than 10 total users.")).toMatchObject({
      isAccepted: false,
      isLimit: true,
      channels: [],
    });
    expect(userStreamDataSource.channelOriginatingMessage("Websocket connection established.")).toBe("ignored");
  });
});
