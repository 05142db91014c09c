import { describe, expect, it } from "vitest";
import type { AccountUpdate, OrderUpdate } from "../../../src/model/account-update.ts";
import { ProtocolError } from "../../../src/model/error.ts";
import { userStreamDataSource as source } from "../../../src/venues/bybit/user-stream-data-source.ts";
import {
  flatPosition,
  frame,
  markets,
  NOW,
  wireExecution,
  wireFundingExecution,
  wireOrder,
  wirePosition,
  wireWallet,
} from "./wire.ts";

const parse = (topic: string, ...rows: readonly unknown[]) =>
  source.parseUserStreamMessage(markets, frame(topic, ...rows));

/** Decimals as text. */
const plain = (update: AccountUpdate | undefined): unknown => JSON.parse(JSON.stringify(update ?? null));

function orderOf(changes: Readonly<Record<string, unknown>>): OrderUpdate {
  const [update] = parse("order", wireOrder(changes));
  if (update?.type !== "order") throw new Error("not an order update");
  return update;
}

describe("the private stream", () => {
  it("is subscribed in one message, after the login is acknowledged", () => {
    expect(source.loginIsAcknowledged).toBe(true);
    const args = ["order", "execution", "position", "wallet"];
    expect(source.subscribeChannels(markets)).toEqual([{ op: "subscribe", args }]);
  });

  it.each([
    [frame("order"), "update"],
    [frame("dcp"), "unknown"],
    [{ success: true, ret_msg: "", op: "auth", conn_id: "c-1" }, "authenticated"],
    [{ retCode: 0, retMsg: "OK", op: "auth", connId: "c-1" }, "authenticated"],
    [{ success: false, ret_msg: "Params Error", op: "auth" }, "authFailed"],
    [{ op: "auth", success: false, retCode: 10003, retMsg: "Invalid apikey", connId: "c-1" }, "authFailed"],
    [{ retCode: 10004, retMsg: "bad sign", op: "auth" }, "authFailed"],
    [{ success: true, ret_msg: "", op: "subscribe" }, "subscribed"],
    [{ success: false, ret_msg: "Invalid topic", op: "subscribe" }, "error"],
    [{ req_id: "", op: "pong", args: ["1790000000000"], conn_id: "c-1" }, "pong"],
    [{ success: false, ret_msg: "Request not authorized" }, "error"],
    [{ op: "cmd" }, "unknown"],
  ] as const)("%j is %s", (message, kind) => {
    expect(source.channelOriginatingMessage(message)).toBe(kind);
  });

  it("leaves out rows of spot, which shares symbols, and of markets that are not perpetuals", () => {
    expect(parse("order", wireOrder({ category: "spot" }), wireOrder({ symbol: "BTC-26DEC26" }))).toEqual([]);
    expect(parse("execution", wireExecution({ category: "spot" }))).toEqual([]);
    expect(parse("position", wirePosition({ category: "inverse" }))).toEqual([]);
  });

  it("keeps the order of the rows of a message", () => {
    const updates = parse("execution", wireExecution(), wireExecution({ execId: "e-2" }), wireFundingExecution());
    expect(updates.map(({ type }) => type)).toEqual(["trade", "trade", "fundingDue"]);
  });
});

describe("an order", () => {
  it.each([
    ["New", "open"],
    ["Untriggered", "open"],
    ["Triggered", "open"],
    ["PartiallyFilled", "partiallyFilled"],
    ["Filled", "filled"],
    ["Cancelled", "canceled"],
    ["PartiallyFilledCanceled", "canceled"],
    ["Deactivated", "canceled"],
    ["Rejected", "failed"],
  ] as const)("that is %s is %s", (orderStatus, state) => {
    expect(orderOf({ orderStatus }).state).toBe(state);
  });

  it("of a status that is not known is an error, not a guess", () => {
    expect(() => orderOf({ orderStatus: "Paused" })).toThrow(ProtocolError);
  });

  it("that was canceled may have executed amounts", () => {
    const update = orderOf({ orderStatus: "Cancelled", cumExecQty: "0.004", cancelType: "CancelByUser" });
    expect([update.state, update.executedAmount?.toFixed(), update.reason]).toEqual(["canceled", "0.004", "user"]);
  });

  it.each(["Cancelled", "Rejected"])(
    "that would have taken is canceled as post-only, also when it is %s",
    (orderStatus) => {
      const changes = { timeInForce: "PostOnly", rejectReason: "EC_PostOnlyWillTakeLiquidity" };
      const update = orderOf({ orderStatus, ...changes });
      expect([update.state, update.reason, update.order?.type]).toEqual(["canceled", "postOnly", "limitMaker"]);
    },
  );

  it.each([
    [{ rejectReason: "EC_NoImmediateQtyToFill", orderStatus: "Rejected" }, "iocRemainder"],
    [{ rejectReason: "EC_BySelfMatch" }, "selfTrade"],
    [{ cancelType: "CancelBySmp" }, "selfTrade"],
    [{ cancelType: "CancelByReduceOnly" }, "reduceOnly"],
    [{ cancelType: "CancelAllBeforeLiq" }, "liquidation"],
    [{ cancelType: "CancelByAdmin" }, undefined],
  ])("that ended by %j has the reason %s", (changes, reason) => {
    const update = orderOf({ orderStatus: "Cancelled", ...changes });
    expect([update.state, update.reason]).toEqual(["canceled", reason]);
  });

  it("that takes or dies probably ended for that", () => {
    expect(orderOf({ orderStatus: "Cancelled", timeInForce: "IOC" }).inferredReason).toBe("iocRemainder");
    expect(orderOf({ orderStatus: "Cancelled" }).inferredReason).toBeUndefined();
  });

  it("that was filled in a race with its cancel is filled, twice the same", () => {
    const filled = { orderStatus: "Filled", cumExecQty: "0.010", avgPrice: "60000" };
    const late = { ...filled, cancelType: "CancelByUser", rejectReason: "EC_OrigClOrdIDDoesNotExist" };
    expect(plain(orderOf(late))).toEqual(plain(orderOf(filled)));
  });

  it("at the market has no price, though it shows one", () => {
    const { order } = orderOf({ orderType: "Market", timeInForce: "IOC", price: "58000", orderLinkId: "" });
    expect([order?.type, order?.price, order?.clientOrderId]).toEqual(["market", undefined, undefined]);
  });
});

describe("an execution", () => {
  it.each([
    ["CreateByLiq", "liquidation"],
    ["CreateByTakeOver_PassThrough", "liquidation"],
    ["CreateByAdl_PassThrough", "adl"],
    ["CreateBySettle", "settlement"],
  ])("of an order %s changes the position, also where it traded as any order does", (createType, reason) => {
    const [update] = parse("execution", wireExecution({ createType, orderLinkId: "", side: "Sell" }));
    expect(plain(update)).toMatchObject({ type: "positionAdjustment", adjustmentId: "e-1", reason, side: "both" });
  });

  it.each(["SessionSettlePnL", "CorporateAction", "MovePosition", "UNKNOWN"])(
    "of type %s is no trade, whatever fields it lacks",
    (execType) => {
      const frame = wireExecution({ execType, side: "None", orderId: "", execQty: "" });
      expect(parse("execution", frame)).toEqual([]);
    },
  );

  it.each([
    ["BustTrade", "liquidation"],
    ["AdlTrade", "adl"],
    ["Settle", "settlement"],
    ["Delivery", "settlement"],
  ])("of type %s changes the position and fills no order", (execType, reason) => {
    const [update] = parse("execution", wireExecution({ execType, side: "Sell", isMaker: false }));
    expect(plain(update)).toMatchObject({
      type: "positionAdjustment",
      adjustmentId: "e-1",
      reason,
      amount: "-0.004",
      price: "60000",
    });
  });

  it("of type Funding is no fill: it says that the transaction log has a settlement to book", () => {
    expect(plain(parse("execution", wireFundingExecution())[0])).toEqual({
      type: "fundingDue",
      timestampMs: Date.UTC(2026, 8, 20, 16),
    });
  });

  it.each(["MovePosition", "UNKNOWN"])("of type %s is nothing of ours", (execType) => {
    expect(parse("execution", wireExecution({ execType }))).toEqual([]);
  });
});

describe("the fee of an execution", () => {
  const tax = { feeCoin: "USDT", feeType: "GST", subFeeType: "IND_GST", feeRate: "0.0000675", fee: "0.0046" };
  const feesOf = (extraFees: unknown) => {
    const [update] = parse("execution", wireExecution({ execFee: "0.0256", extraFees }));
    return update?.type === "trade" ? update.fee.flatFees.map(({ token, amount }) => `${amount} ${token}`) : undefined;
  };

  it.each([
    ["beside it", [tax]],
    ["as text", JSON.stringify([tax])],
  ])("has the taxes that are told %s", (_, extraFees) => {
    expect(feesOf(extraFees)).toEqual(["0.0256 USDT", "0.0046 USDT"]);
  });

  it.each([[""], [[]], [undefined], ["[]"]])("is alone where %j is told", (extraFees) => {
    expect(feesOf(extraFees)).toEqual(["0.0256 USDT"]);
  });

  it("is not guessed where taxes cannot be read", () => {
    expect(() => feesOf("18 %")).toThrow(ProtocolError);
  });
});

describe("a position", () => {
  it.each([
    [wirePosition({ entryPrice: "60000", avgPrice: undefined }), "both", "0.01"],
    [wirePosition({ side: "Sell" }), "both", "-0.01"],
    [wirePosition({ positionIdx: 1 }), "long", "0.01"],
    [wirePosition({ positionIdx: 2, side: "Sell" }), "short", "-0.01"],
    [flatPosition(), "both", "0"],
    [flatPosition({ positionIdx: 2 }), "short", "0"],
    [flatPosition({ side: "None" }), "both", "0"],
  ])("%#: %s %s", (row, side, amount) => {
    const [update] = parse("position", row);
    expect(plain(update)).toMatchObject({ type: "position", tradingPair: "BTC-USDT", side, amount, leverage: "10" });
    expect(update).toMatchObject({ timestampMs: NOW });
    const entry = update?.type === "position" ? update.entryPrice?.toFixed() : "none";
    expect(entry).toBe(amount === "0" ? undefined : "60000");
  });

  it("with a size and without a side is an error, not a short one", () => {
    expect(() => parse("position", wirePosition({ side: "" }))).toThrow(ProtocolError);
  });
});

describe("a wallet", () => {
  /** A settle coin that is not in a push: its total is what it was, and what is available is the account's. */
  const SHARED = [undefined, "9949.75"];
  const balances = (changes?: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      parse("wallet", wireWallet(changes)).flatMap((update) =>
        update.type === "balance" ? [[update.asset, [update.total?.toFixed(), update.available?.toFixed()]]] : [],
      ),
    );

  it("in cross margin has the account's available balance, never what may be withdrawn", () => {
    expect(balances()).toEqual({ USDT: ["10000", "9949.75"], USDC: SHARED });
  });

  it.each([
    ["1010", "1000", "9851.23762376"],
    ["990", "1000", "10050.25252525"],
    // Quotients of few digits, and of no coin that is worth a dollar.
    ["0.01", "0.003", "9949.75"],
    ["10", "1000", "9949.75"],
    ["", "", "9949.75"],
  ])("has it in the coin, by its index price: %s USD for %s", (usdValue, equity, available) => {
    const coin = [{ coin: "USDC", walletBalance: "1000", equity, usdValue }];
    expect(balances({ coin })).toEqual({ USDC: ["1000", available], USDT: SHARED });
  });

  it("in isolated margin has each coin's own", () => {
    const coin = [
      { coin: "USDT", walletBalance: "1000", totalPositionIM: "60.3", totalOrderIM: "10", locked: "5", bonus: "1.5" },
    ];
    const isolated = { totalAvailableBalance: "", totalMarginBalance: "", coin };
    expect(balances(isolated)).toEqual({ USDT: ["1000", "923.2"] });
    const margin = parse("wallet", wireWallet(isolated)).find(({ type }) => type === "margin");
    expect(margin).toMatchObject({ collateral: undefined, freeCollateral: undefined });
  });

  it("has coins that are no collateral of perpetuals by themselves", () => {
    const coin = [
      { coin: "BTC", walletBalance: "0.5", totalPositionIM: "", totalOrderIM: "", locked: "0.1", bonus: "0" },
    ];
    expect(balances({ coin })).toEqual({ BTC: ["0.5", "0.4"], USDT: SHARED, USDC: SHARED });
  });

  it("that does not name a coin says nothing of its total: only coins that changed are pushed", () => {
    const coin = [{ coin: "USDC", walletBalance: "5" }];
    expect(balances({ coin })).toEqual({ USDC: ["5", "9949.75"], USDT: SHARED });
    expect(balances({ coin, totalAvailableBalance: "" })).toEqual({ USDC: ["5", "5"] });
  });

  it("does not count what was borrowed as the account's own", () => {
    const coin = [{ coin: "USDT", walletBalance: "1200", spotBorrow: "200" }];
    expect(balances({ coin })).toMatchObject({ USDT: ["1000", "9949.75"] });
  });

  it("tells the margin of the account", () => {
    const margin = parse("wallet", wireWallet()).find(({ type }) => type === "margin");
    expect(plain(margin)).toEqual({
      type: "margin",
      collateral: "10010.05",
      freeCollateral: "9949.75",
      maintenanceMarginRequirement: "3.3",
      timestampMs: NOW,
    });
  });
});
