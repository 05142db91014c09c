import { describe, expect, it } from "vitest";
import { Decimal } from "../../../src/model/decimal.ts";
import { ProtocolError } from "../../../src/model/error.ts";
import type { OrderToPlace } from "../../../src/model/order.ts";
import { derivative } from "../../../src/venues/gate-io/derivative.ts";
import { errorOf, isOrderNotFound } from "../../../src/venues/gate-io/errors.ts";
import { contextOf, markets, NOW, SECONDS, wireFill, wireOrder, wirePosition } from "./wire.ts";

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const order = (changes: Partial<OrderToPlace> = {}): OrderToPlace => ({
  ...{ clientOrderId: "t-pw-1", tradingPair: "BTC-USDT", side: "buy", type: "limit", timeInForce: "GTC" },
  ...{ amount: new Decimal("0.003"), price: new Decimal("60000"), reduceOnly: false, positionAction: "open" },
  ...{ positionMode: "oneWay", ...changes },
});
const bodyOf = (changes: Partial<OrderToPlace>) => plain(derivative.placeOrder(markets, order(changes)).request.data);
const classic = { user: 1_000, currency: "USDT", total: "1", available: "1", position_mode: "single" };

describe("orders", () => {
  it.each([
    ["BTC-USDT", "0.003", "30"],
    ["ETH-USDT", "30", "30"],
    ["DOGE-USDT", "300", "30"],
  ])("of %s are sent in contracts, negative for a sale", (tradingPair, base, size) => {
    const amount = new Decimal(base);
    expect(bodyOf({ tradingPair, amount })).toMatchObject({ size });
    expect(bodyOf({ tradingPair, amount, side: "sell" })).toMatchObject({ size: `-${size}` });
  });

  it("say by reduce_only that they close, in hedge mode too", () => {
    const hedged = { positionMode: "hedge", side: "sell" } as const;
    expect(bodyOf({ ...hedged, positionAction: "close" })).toMatchObject({ size: "-30", reduce_only: true });
    expect(bodyOf({ ...hedged, positionAction: "open" })).toMatchObject({ size: "-30", reduce_only: false });
    expect(bodyOf({ positionAction: "close" })).toMatchObject({ reduce_only: false });
  });

  it("of the market have a price of 0 and are immediate", () => {
    expect(bodyOf({ type: "market", price: undefined })).toMatchObject({ price: "0", tif: "ioc" });
    expect(bodyOf({ type: "limitMaker" })).toMatchObject({ price: "60000", tif: "poc" });
  });

  it("of a batch succeed and fail each by itself", () => {
    const placed = derivative.placeOrders?.(markets, [order(), order({ clientOrderId: "t-pw-2" })]);
    const row = { user: 1_000, contract: "BTC_USDT", status: "open", create_time: SECONDS, tif: "gtc" };
    const taken = { ...row, succeeded: true, id: 5, text: "t-pw-1", size: "30", left: "30", price: "60000" };
    const refused = { succeeded: false, label: "INSUFFICIENT_AVAILABLE", detail: "its words" };
    const rows = placed?.parse([taken, refused]) ?? [];
    expect(rows.map(({ ok }) => ok)).toEqual([true, false]);
  });
});

describe("leverage", () => {
  const set = async (row: object, mode = "single") => {
    const context = contextOf((path) => {
      if (path.endsWith("/accounts")) return { ...classic, position_mode: mode };
      return path.includes("dual_comp") ? [row, row] : row;
    });
    await derivative.setTradingPairLeverage?.(context, "BTC-USDT", new Decimal(7));
    const { path, params, data } = context.requests.at(-1) ?? {};
    return [path?.replace("/api/v4/futures/usdt", ""), params, data];
  };

  it("of a cross position is set by its limit, and of an isolated one by itself, in the query", async () => {
    const cross = { leverage: "0", cross_leverage_limit: "7" };
    expect(await set(wirePosition())).toEqual(["/positions/BTC_USDT/leverage", cross, undefined]);
    const isolated = wirePosition({ leverage: "5", cross_leverage_limit: "0" });
    expect(await set(isolated)).toEqual(["/positions/BTC_USDT/leverage", { leverage: "7" }, undefined]);
  });

  it("has a path of its own in hedge mode", async () => {
    expect((await set(wirePosition(), "dual"))[0]).toBe("/dual_comp/positions/BTC_USDT/leverage");
  });
});

describe("lists", () => {
  it("whose pages moved while they were read are not believed", async () => {
    const page = (first: number) => Array.from({ length: 100 }, (_, index) => ({ contract: `X${first + index}_USDT` }));
    const moved = contextOf((_, { offset = 0 }) => (offset === 0 ? page(0) : page(150)));
    await expect(derivative.fetchPositions(moved, [])).rejects.toThrow(ProtocolError);
  });
});

describe("lists whose pages hold fewer rows than were asked for", () => {
  const ROWS = Array.from({ length: 250 }, (_, index) => wireOrder({ id: String(index + 1), text: "web" }));
  const capped = (rows: readonly object[]) =>
    contextOf((_, { offset = 0 }) => rows.slice(Number(offset), Number(offset) + 100));

  it.each([100, 150, 200, 250])("are read to the end where they have %i", async (count) => {
    const open = await derivative.fetchOpenOrders(capped(ROWS.slice(0, count)), []);
    expect(new Set(open.map(({ exchangeOrderId }) => exchangeOrderId)).size).toBe(count);
  });

  it("are not believed where the next page has nothing of the last one: what was there may have moved up", async () => {
    const gone = contextOf((_, { offset = 0 }) => (offset === 0 ? ROWS.slice(0, 100) : []));
    await expect(derivative.fetchOpenOrders(gone, [])).rejects.toThrow(ProtocolError);
  });
});

describe("an order that is not known by its text any more, and has no id here", () => {
  const lost = (ageMs: number) => ({ ...order(), createdAtMs: NOW - ageMs });
  const ended = wireOrder({ text: "t-pw-1", status: "finished", finish_as: "cancelled", finish_time: SECONDS - 90 });
  const scene = (listed: readonly object[]) =>
    contextOf((path, { status }) => {
      if (status === "finished") return listed;
      throw errorOf({ status: 404, label: "ORDER_NOT_FOUND", text: path });
    });

  it("is looked for among those that ended, which are listed for longer", async () => {
    const update = await derivative.requestOrderStatus(scene([ended]), lost(120_000));
    expect(update).toMatchObject({ state: "canceled", clientOrderId: "t-pw-1" });
  });

  it("was never there where it is not listed either", async () => {
    const context = scene([wireOrder({ ...ended, text: "t-pw-2" })]);
    const asked = derivative.requestOrderStatus(context, lost(120_000));
    expect(isOrderNotFound(await asked.catch((error: unknown) => error))).toBe(true);
    expect(context.requests).toHaveLength(2);
  });

  it("is asked for by its text alone while that is known for certain", async () => {
    const context = scene([]);
    await expect(derivative.requestOrderStatus(context, lost(20_000))).rejects.toThrow("ORDER_NOT_FOUND");
    expect(context.requests).toHaveLength(1);
  });

  it("is not looked for among those that ended before it was made", async () => {
    const old = Array.from({ length: 100 }, (_, index) =>
      wireOrder({ id: String(index + 1), text: "web", status: "finished", finish_time: SECONDS - 7_200 }),
    );
    const context = scene(old);
    await expect(derivative.requestOrderStatus(context, lost(120_000))).rejects.toThrow("ORDER_NOT_FOUND");
    expect(context.requests).toHaveLength(2);
  });
});

describe("an order of size 0, which closes whatever position there is", () => {
  const closing = wireOrder({ id: "77", text: "web", size: "0", left: "0", is_close: true });
  const scene = () => contextOf((path) => (path.endsWith("/futures/usdt/orders") ? [wireOrder(), closing] : []));

  it("has no side, and is neither an open order nor an unreadable row", async () => {
    const unread: unknown[] = [];
    const open = await derivative.fetchOpenOrders({ ...scene(), onUnreadable: (row) => unread.push(row) }, []);
    expect([open.length, unread]).toEqual([1, []]);
  });

  it("is a conditional order of the account, and is canceled as the order that it is", async () => {
    const { conditionalOrders, unseen } = (await derivative.fetchRemainder?.(scene())) ?? {};
    expect(unseen).toEqual([]);
    expect(conditionalOrders).toHaveLength(1);
    const [order] = conditionalOrders ?? [];
    const cancel = order && derivative.cancelConditionalOrder?.(markets, order);
    expect(cancel?.request).toMatchObject({ method: "DELETE", path: "/api/v4/futures/usdt/orders/77", lane: "cancel" });
  });

  it("is named once where it cannot be read, and so is the list where that cannot be asked for", async () => {
    const isOrders = (path: string) => path.endsWith("/futures/usdt/orders");
    const unread: unknown[] = [];
    const broken = contextOf((path) => (isOrders(path) ? [wireOrder(), { ...closing, contract: 5 }] : []));
    const told = await derivative.fetchRemainder?.({ ...broken, onUnreadable: (row) => unread.push(row) });
    expect([told?.unseen.length, unread.length]).toEqual([1, 1]);
    const down = contextOf((path) => {
      if (isOrders(path)) throw new Error("down");
      return [];
    });
    expect((await derivative.fetchRemainder?.(down))?.unseen).toEqual([expect.stringContaining("down")]);
  });
});

describe("fills of one number", () => {
  it("on two contracts, or of both orders of a trade with oneself, are each listed", async () => {
    const { id: _, ...row } = wireFill({ trade_id: "7" });
    const context = contextOf(() => [row, { ...row, order_id: "2" }, { ...row, contract: "ETH_USDT" }]);
    const fills = (await derivative.tradesSince?.(context, 0, [])) ?? [];
    const names = fills.map((fill) => (fill.type === "trade" ? `${fill.tradingPair} ${fill.exchangeOrderId}` : ""));
    expect(names.sort()).toEqual(["BTC-USDT 1", "BTC-USDT 2", "ETH-USDT 1"]);
  });
});

describe("cash flows", () => {
  it("of trades of one number on two contracts are told apart", async () => {
    const row = { time: SECONDS, trade_id: "11" };
    const context = contextOf(() => [
      { ...row, id: "3", contract: "ETH_USDT", type: "pnl", change: "5" },
      { ...row, id: "2", contract: "ETH_USDT", type: "fee", change: "-0.2" },
      { ...row, id: "1", contract: "BTC_USDT", type: "fee", change: "-0.1" },
    ]);
    const flows = (await derivative.fetchCashFlows?.(context, 0)) ?? [];
    const profits = flows.filter(({ kind }) => kind === "realizedPnl");
    expect(profits.map(({ tradingPair, amount }) => `${tradingPair} ${amount.toFixed()}`).sort()).toEqual([
      ...["BTC-USDT 0", "ETH-USDT 5"],
    ]);
  });

  const entry = { time: SECONDS, contract: "BTC_USDT", text: "BTC_USDT:1" };

  it("of a trade that realised nothing have a profit of zero beside the fee", async () => {
    const context = contextOf(() => [
      { ...entry, id: "3", type: "fee", change: "-0.2", trade_id: "12" },
      { ...entry, id: "2", type: "fee", change: "-0.1", trade_id: "11" },
      { ...entry, id: "1", type: "pnl", change: "5", trade_id: "11" },
      { ...entry, id: "0", type: "dnw", change: "100", trade_id: "" },
    ]);
    const flows = await derivative.fetchCashFlows?.(context, 0);
    expect(flows?.map(({ kind, sourceId, amount }) => `${kind} ${sourceId} ${amount.toFixed()}`).sort()).toEqual([
      ...["fee 11 -0.1", "fee 12 -0.2", "realizedPnl 11 5", "realizedPnl 12 0"],
    ]);
  });

  it.each([
    ["whose profit cannot be read has no profit of zero", { type: "pnl", change: "much", trade_id: "12" }, ["11 5"]],
    ["whose entry may be the one that says neither type nor trade has none", { change: "1" }, ["11 5"]],
    ["beside another that cannot be read has one", { type: "pnl", change: "much", trade_id: "13" }, ["11 5", "12 0"]],
    ["beside a fee that cannot be read has one", { type: "fee", change: "much", trade_id: "12" }, ["11 5", "12 0"]],
  ])("of a trade %s", async (_, odd, expected) => {
    const context = contextOf(() => [
      { ...entry, id: "4", ...odd },
      { ...entry, id: "3", type: "fee", change: "-0.2", trade_id: "12" },
      { ...entry, id: "2", type: "fee", change: "-0.1", trade_id: "11" },
      { ...entry, id: "1", type: "pnl", change: "5", trade_id: "11" },
    ]);
    const unread: unknown[] = [];
    const onUnreadable = (row: unknown): void => void unread.push(row);
    const flows = (await derivative.fetchCashFlows?.({ ...context, onUnreadable }, 0)) ?? [];
    const profits = flows.filter(({ kind }) => kind === "realizedPnl");
    expect(profits.map(({ sourceId, amount }) => `${sourceId} ${amount.toFixed()}`).sort()).toEqual(expected);
    expect(unread).toHaveLength(1);
  });

  it("that points paid are points", async () => {
    const context = contextOf(() => [{ ...entry, id: "1", type: "point_fee", change: "-0.2", trade_id: "12" }]);
    expect((await derivative.fetchCashFlows?.(context, 0))?.[0]).toMatchObject({ kind: "fee", asset: "POINT" });
  });
});
