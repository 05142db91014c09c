import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Harness, type Socket, startVenue, type Wire } from "./harness.ts";

let harness: Harness;
let socket: Socket;
beforeEach(async () => {
  harness = await startVenue();
  socket = await harness.privateSocket("order", "execution", "position", "wallet");
});
afterEach(() => harness.venue.stop());

const quote = (side: "buy" | "sell", price: string, size = "1") =>
  harness.venue.trader.order({ market: "BTC-USD", side, size, price });
const statuses = (orderId: string) =>
  socket
    .rows("order")
    .filter((row: Wire) => row.orderId === orderId)
    .map((row: Wire) => row.orderStatus);

describe("an order", () => {
  it("is acknowledged with its ids, then rests, fills in part and in full", async () => {
    const { code, result } = await harness.place({ side: "Buy", qty: "0.01", price: "19990", orderLinkId: "cid-1" });
    expect(code).toBe(0);
    expect(result).toEqual({
      orderId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      orderLinkId: "cid-1",
    });
    const { orderId } = result;
    expect(await harness.order(orderId)).toMatchObject({
      orderStatus: "New",
      price: "19990",
      qty: "0.0100",
      leavesQty: "0.0100",
      avgPrice: "",
      positionIdx: 0,
      rejectReason: "EC_NoError",
    });
    quote("sell", "19990", "0.004");
    expect(await harness.order(orderId)).toMatchObject({
      orderStatus: "PartiallyFilled",
      avgPrice: "19990",
      cumExecQty: "0.0040",
      leavesQty: "0.0060",
      cumExecValue: "79.96",
      cumExecFee: "0.015992",
      cumFeeDetail: { USDT: "0.015992" },
    });
    quote("sell", "19990", "0.006");
    await harness.settle();
    expect(await harness.order(orderId)).toMatchObject({
      orderStatus: "Filled",
      leavesQty: "0.0000",
      cancelType: "UNKNOWN",
    });
    expect(statuses(orderId)).toEqual(["New", "PartiallyFilled", "Filled"]);
    const executions = await harness.list("/v5/execution/list", { orderId });
    expect(executions.map((row) => [row.execQty, row.leavesQty, row.isMaker, row.execType])).toEqual([
      ["0.0060", "0.0000", true, "Trade"],
      ["0.0040", "0.0060", true, "Trade"],
    ]);
    const streamed = socket.rows("execution");
    expect(streamed.map((row) => row.execId)).toEqual(executions.map((row) => row.execId).toReversed());
    expect(harness.venue.truth().fills.map(({ fillId }) => fillId)).toEqual(streamed.map((row) => row.execId));
  });

  it("may be asked for right after its acknowledgement, before the engine has it", async () => {
    const { result } = await harness.post("/v5/order/create", {
      symbol: "BTCUSDT",
      orderType: "Limit",
      side: "Buy",
      qty: "0.01",
      price: "19990",
    });
    expect(await harness.order(result.orderId)).toMatchObject({ orderStatus: "New", orderLinkId: "" });
  });

  it("that is post-only and would trade is acknowledged and dies on the stream", async () => {
    quote("sell", "20000");
    const { code, result } = await harness.place({ side: "Buy", qty: "0.01", price: "20000", timeInForce: "PostOnly" });
    expect(code).toBe(0);
    const [row] = socket.rows("order");
    expect(row).toMatchObject({
      orderId: result.orderId,
      orderStatus: "Cancelled",
      rejectReason: "EC_PostOnlyWillTakeLiquidity",
      timeInForce: "PostOnly",
      cumExecQty: "0.0000",
    });
  });

  it.each([
    ["IOC", "0.5", "Cancelled", "EC_NoImmediateQtyToFill", "0.1000"],
    ["FOK", "0.5", "Cancelled", "EC_CancelForNoFullFill", "0.0000"],
    ["IOC", "0.1", "Filled", "EC_NoError", "0.1000"],
  ])("with %s for %s ends %s", async (timeInForce, qty, orderStatus, rejectReason, cumExecQty) => {
    quote("sell", "20000", "0.1");
    const { result } = await harness.place({ side: "Buy", qty, price: "20000", timeInForce });
    expect(await harness.order(result.orderId)).toMatchObject({ orderStatus, rejectReason, cumExecQty });
  });

  it("is cancelled by either id; a second cancel and one of a stranger are too late", async () => {
    const byLink = await harness.place({ side: "Buy", qty: "0.01", price: "19000", orderLinkId: "one" });
    const byId = await harness.place({ side: "Buy", qty: "0.01", price: "19000" });
    const first = await harness.post("/v5/order/cancel", { symbol: "BTCUSDT", orderLinkId: "one" });
    expect(first.result).toEqual({ orderId: byLink.result.orderId, orderLinkId: "one" });
    await harness.post("/v5/order/cancel", { symbol: "BTCUSDT", orderId: byId.result.orderId, orderLinkId: "one" });
    await harness.settle();
    expect(await harness.order(byId.result.orderId)).toMatchObject({
      orderStatus: "Cancelled",
      cancelType: "CancelByUser",
    });
    for (const ids of [{ orderLinkId: "one" }, { orderId: "none" }, { orderLinkId: "none" }]) {
      const late = await harness.post("/v5/order/cancel", { symbol: "BTCUSDT", ...ids });
      expect([late.code, late.message]).toEqual([110_001, "order not exists or too late to cancel"]);
    }
    const { trader } = harness.venue;
    const stranger = { key: trader.apiKey, secret: trader.apiSecret };
    const open = await harness.place({ side: "Buy", qty: "0.01", price: "19000" });
    const foreign = await harness.post(
      "/v5/order/cancel",
      { symbol: "BTCUSDT", orderId: open.result.orderId },
      stranger,
    );
    expect(foreign.code).toBe(110_001);
  });

  it("that fills before its cancel gets there is told of twice", async () => {
    const { result } = await harness.place({ side: "Buy", qty: "0.01", price: "20000" });
    expect((await harness.post("/v5/order/cancel", { symbol: "BTCUSDT", orderId: result.orderId })).code).toBe(0);
    quote("sell", "20000", "0.01");
    await harness.settle();
    const rows = socket.rows("order").filter((row) => row.orderStatus === "Filled");
    expect(rows.map((row) => row.rejectReason)).toEqual(["EC_NoError", "EC_OrigClOrdIDDoesNotExist"]);
  });

  it("keeps its id when it is amended, and may trade then", async () => {
    const { result } = await harness.place({ side: "Buy", qty: "0.01", price: "19000", orderLinkId: "a" });
    const amended = await harness.post("/v5/order/amend", {
      symbol: "BTCUSDT",
      orderLinkId: "a",
      price: "19500",
      qty: "0.02",
    });
    expect(amended.result).toEqual(result);
    await harness.settle();
    expect(await harness.order(result.orderId)).toMatchObject({ price: "19500", qty: "0.0200", orderStatus: "New" });
    quote("sell", "19800", "0.02");
    await harness.post("/v5/order/amend", { symbol: "BTCUSDT", orderId: result.orderId, price: "19800" });
    await harness.settle();
    expect(await harness.order(result.orderId)).toMatchObject({ orderStatus: "Filled", avgPrice: "19800" });
    const again = await harness.post("/v5/order/amend", { symbol: "BTCUSDT", orderId: result.orderId, price: "19900" });
    expect(again.code).toBe(110_001);
  });
});

describe("a request is refused", () => {
  const good = { symbol: "BTCUSDT", side: "Buy", orderType: "Limit", qty: "0.01", price: "20000" };

  it.each([
    ["without a side", { side: "" }, 10_001],
    ["of an unknown market", { symbol: "NOPEUSDT" }, 10_001],
    ["of another product", { category: "spot" }, 10_001],
    ["with a price off the tick", { price: "20000.5" }, 10_001],
    ["with a size off the step", { qty: "0.01005" }, 10_001],
    ["that is too small", { qty: "0.0001" }, 10_001],
    ["at market that is above the largest market order", { orderType: "Market", price: "", qty: "125.1" }, 10_001],
    ["beyond the margin", { qty: "900" }, 110_007],
    ["that reduces nothing", { reduceOnly: true }, 110_017],
    ["for a leg in one-way mode", { positionIdx: 1 }, 10_001],
    ["with an id of foreign letters", { orderLinkId: "a b" }, 10_001],
    ["with an id that is too long", { orderLinkId: "x".repeat(37) }, 10_001],
    ["that is conditional", { triggerPrice: "19000" }, 10_001],
    ["with a quantity that is no number", { qty: "much" }, 10_001],
  ])("%s", async (_, change, code) => {
    const reply = await harness.post("/v5/order/create", { ...good, ...change });
    expect([reply.status, reply.code]).toEqual([200, code]);
    expect(reply.result).toEqual({});
    await harness.settle();
    expect(harness.venue.truth().orders).toEqual([]);
  });

  it("with the duplicate of an id, even of a closed order", async () => {
    await harness.place({ ...good, orderLinkId: "same" });
    expect(await harness.post("/v5/order/create", { ...good, orderLinkId: "same" })).toMatchObject({ code: 110_072 });
    await harness.post("/v5/order/cancel", { symbol: "BTCUSDT", orderLinkId: "same" });
    await harness.settle();
    expect((await harness.post("/v5/order/create", { ...good, orderLinkId: "same" })).code).toBe(110_072);
  });

  it("with 500 active orders of a market", async () => {
    for (let count = 0; count < 25; count += 1) {
      const request = Array.from({ length: 20 }, () => ({ ...good, qty: "0.001", price: "19000" }));
      await harness.post("/v5/order/create-batch", { request });
    }
    await harness.settle();
    expect((await harness.post("/v5/order/create", good)).code).toBe(110_020);
  });

  it("when the orders that wait for the matching engine need the margin", async () => {
    const half = { ...good, qty: "26" };
    expect((await harness.post("/v5/order/create", half)).code).toBe(0);
    expect((await harness.post("/v5/order/create", half)).code).toBe(110_007);
    // The other side opens nothing on top of what the waiting order may open.
    expect((await harness.post("/v5/order/create", { ...half, side: "Sell", price: "20001" })).code).toBe(0);
  });

  it("below the market's minimum value", async () => {
    const markets = harness.venue.engine.markets().map(({ spec }) => ({ ...spec, minNotional: 100_00000000n }));
    const other = await startVenue({ markets });
    expect((await other.post("/v5/order/create", { ...good, qty: "0.004" })).code).toBe(110_094);
    expect((await other.post("/v5/order/create", { ...good, qty: "0.005" })).code).toBe(0);
    await other.venue.stop();
  });

  it("on a path or with a body that is not the venue's", async () => {
    expect((await harness.get("/v5/nothing")).status).toBe(404);
    expect((await harness.get("/v5/order/create")).status).toBe(404);
    expect((await harness.post("/v5/order/create", {}, { rawBody: "{" })).code).toBe(10_001);
    expect((await harness.send("GET", "/v5/market/time", '{"a":1}')).status).toBe(403);
  });
});

describe("a batch", () => {
  const row = { symbol: "BTCUSDT", side: "Buy", orderType: "Limit", qty: "0.01", price: "19000" };

  it("is answered row by row, in its order", async () => {
    const request = [
      { ...row, orderLinkId: "b-1" },
      { ...row, orderLinkId: "b-2", qty: "0.00001" },
      { ...row, orderLinkId: "b-3" },
    ];
    const { code, result, body } = await harness.post("/v5/order/create-batch", { request });
    expect(code).toBe(0);
    expect(result.list.map((one: Wire) => [one.orderLinkId, one.orderId !== "", one.createAt !== ""])).toEqual([
      ["b-1", true, true],
      ["b-2", false, false],
      ["b-3", true, true],
    ]);
    expect(body.retExtInfo.list.map((one: Wire) => one.code)).toEqual([0, 10_001, 0]);
    await harness.settle();
    const amend = [
      { symbol: "BTCUSDT", orderLinkId: "b-1", price: "19100" },
      { symbol: "BTCUSDT", orderLinkId: "none", price: "1" },
    ];
    const amended = await harness.post("/v5/order/amend-batch", { request: amend });
    expect(amended.body.retExtInfo.list.map((one: Wire) => one.code)).toEqual([0, 110_001]);
    await harness.settle();
    const cancel = ["b-1", "none", "b-3"].map((orderLinkId) => ({ symbol: "BTCUSDT", orderLinkId }));
    const canceled = await harness.post("/v5/order/cancel-batch", { request: cancel });
    expect(canceled.body.retExtInfo.list.map((one: Wire) => one.code)).toEqual([0, 110_001, 0]);
    await harness.settle();
    expect(await harness.list("/v5/order/realtime", { symbol: "BTCUSDT" })).toEqual([]);
  });

  it("takes its size from the account's limit", async () => {
    const strict = await startVenue({ rateLimits: "strict" });
    const request = Array.from({ length: 8 }, () => row);
    const first = await strict.post("/v5/order/create-batch", { request });
    expect(first.headers["x-bapi-limit-status"]).toBe("2");
    const second = await strict.post("/v5/order/create-batch", { request });
    expect(second.code).toBe(0);
    const codes = second.body.retExtInfo.list.map(({ code }: Wire) => code);
    expect(codes).toEqual([...Array(2).fill(0), ...Array(6).fill(10_006)]);
    expect(second.result.list.map(({ orderId }: Wire) => orderId !== "")).toEqual(
      codes.map((code: number) => code === 0),
    );
    expect((await strict.post("/v5/order/create-batch", { request })).code).toBe(10_006);
    await strict.venue.stop();
  });

  it("of cancels by symbol, coin or base leaves the others", async () => {
    const ids = [];
    for (const symbol of ["BTCUSDT", "BTCUSDT", "ETHUSDT"]) {
      ids.push(
        (await harness.place({ ...row, symbol, price: symbol === "BTCUSDT" ? "19000" : "1450" })).result.orderId,
      );
    }
    const { result } = await harness.post("/v5/order/cancel-all", { symbol: "BTCUSDT" });
    expect(result).toMatchObject({ success: "1" });
    expect(result.list.map((one: Wire) => one.orderId)).toEqual(ids.slice(0, 2));
    await harness.settle();
    expect((await harness.list("/v5/order/realtime", { settleCoin: "USDT" })).map((one) => one.orderId)).toEqual([
      ids[2],
    ]);
    expect((await harness.post("/v5/order/cancel-all", { baseCoin: "BTC" })).result.list).toEqual([]);
    // The first of symbol, baseCoin and settleCoin counts, not all of them together.
    const first = { symbol: "BTCUSDT", baseCoin: "ETH", settleCoin: "USDT" };
    expect((await harness.post("/v5/order/cancel-all", first)).result.list).toEqual([]);
    expect((await harness.post("/v5/order/cancel-all", { settleCoin: "USDT" })).result.list).toHaveLength(1);
    expect((await harness.post("/v5/order/cancel-all", {})).code).toBe(10_001);
  });
});

describe("in hedge mode", () => {
  beforeEach(async () => {
    expect((await harness.post("/v5/position/switch-mode", { symbol: "BTCUSDT", mode: 3 })).code).toBe(0);
    quote("sell", "20001", "10");
    quote("buy", "19999", "10");
  });
  const market = (side: string, positionIdx: number, qty: string, reduceOnly = false) =>
    harness.place({ side, positionIdx, qty, orderType: "Market", reduceOnly });
  const legs = async () =>
    (await harness.list("/v5/position/list", { symbol: "BTCUSDT" })).map((row) => [
      row.positionIdx,
      row.side,
      row.size,
    ]);

  it("each leg opens and closes on its own, and the index must fit", async () => {
    expect((await market("Buy", 0, "0.01")).code).toBe(10_001);
    await market("Buy", 1, "0.03");
    await market("Sell", 2, "0.02");
    expect(await legs()).toEqual([
      [1, "Buy", "0.0300"],
      [2, "Sell", "0.0200"],
    ]);
    await market("Sell", 1, "0.01");
    await market("Buy", 2, "0.02", true);
    expect(await legs()).toEqual([
      [1, "Buy", "0.0200"],
      [2, "", "0.0000"],
    ]);
    expect((await market("Buy", 2, "0.01")).code).toBe(110_017);
    const rows = socket.rows("position").filter((row) => row.positionIdx === 1);
    expect(rows.at(-1)).toMatchObject({ side: "Buy", size: "0.0200", entryPrice: "20001" });
    expect(socket.rows("order").map((row) => row.positionIdx)).toEqual([1, 2, 1, 2]);
  });

  it("a quantity of 0 closes the whole leg", async () => {
    await market("Buy", 1, "0.03");
    const body = { side: "Sell", positionIdx: 1, orderType: "Market", qty: "0" };
    expect((await harness.place(body)).code).toBe(10_001);
    expect((await harness.place({ ...body, reduceOnly: true, closeOnTrigger: true })).code).toBe(0);
    expect(await legs()).toEqual([
      [1, "", "0.0000"],
      [2, "", "0.0000"],
    ]);
  });
});

it("an order that the engine refuses after all is told of as rejected", async () => {
  quote("sell", "20000", "10");
  const order = { symbol: "BTCUSDT", side: "Buy", orderType: "Limit", qty: "0.01", price: "20000" };
  const { result } = await harness.post("/v5/order/create", order);
  harness.venue.execute({ type: "setPositionMode", accountId: harness.venue.accountId, mode: "hedge" });
  await harness.settle();
  expect(socket.rows("order")).toMatchObject([
    { orderId: result.orderId, orderStatus: "Rejected", leavesQty: "0.0000" },
  ]);
  expect(harness.venue.truth().orders).toMatchObject([
    { orderId: result.orderId, status: "closed", reason: "positionSideMismatch" },
  ]);
});
