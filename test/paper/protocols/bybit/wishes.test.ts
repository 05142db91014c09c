import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Harness, startVenue, type Wire } from "./harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue();
  for (const [side, price] of [
    ["buy", "19999"],
    ["buy", "19990"],
    ["sell", "20001"],
    ["sell", "20010"],
  ] as const) {
    harness.venue.trader.order({ market: "BTC-USD", side, size: "5", price });
  }
});
afterEach(() => harness.venue.stop());

const limit = (side: "Buy" | "Sell", price: string, more: object = {}) =>
  harness.place({ side, qty: "0.01", price, ...more });
const orderOf = async (reply: Wire): Promise<Wire> => harness.order(reply.result.orderId);

describe("a wish that this venue cannot fulfil is refused and nothing is done", () => {
  it.each([
    [{ takeProfit: "21000" }],
    [{ stopLoss: "19000" }],
    [{ triggerPrice: "19500" }],
    [{ slippageToleranceType: "TickSize", slippageTolerance: "5" }],
    [{ smpType: "CancelBoth" }],
    [{ bboSideType: "Queue", bboLevel: "6" }],
  ])("by create: %j", async (wish) => {
    expect((await limit("Buy", "19000", wish)).code).toBe(10_001);
    expect(harness.venue.truth().orders).toEqual([]);
  });

  it("by create of a retail-price-improvement order, which is for market makers", async () => {
    expect((await limit("Buy", "19000", { timeInForce: "RPI" })).code).toBe(110_119);
  });

  it.each([[{ takeProfit: "21000" }], [{ stopLoss: "18000" }], [{ triggerPrice: "19500" }]])(
    "by amend, over REST, in a batch and on the socket: %j",
    async (wish) => {
      const { result } = await limit("Buy", "19000");
      const change = { symbol: "BTCUSDT", orderId: result.orderId, price: "18900", ...wish };
      expect((await harness.post("/v5/order/amend", change)).code).toBe(10_001);
      const batch = await harness.post("/v5/order/amend-batch", { request: [change] });
      expect(batch.body.retExtInfo.list[0].code).toBe(10_001);
      const socket = await harness.socket("/v5/trade");
      socket.auth(harness.venue.apiKey, harness.venue.apiSecret, harness.world.now() + 10_000);
      const header = { "X-BAPI-TIMESTAMP": String(Math.floor(harness.now())) };
      socket.send({ op: "order.amend", header, args: [{ category: "linear", ...change }] });
      await harness.settle();
      expect(socket.replies("order.amend")).toMatchObject([{ retCode: 10_001 }]);
      expect(await harness.order(result.orderId)).toMatchObject({ price: "19000" });
    },
  );

  it("by a take profit of a position, in Bybit's words where there is none", async () => {
    const ask = () => harness.post("/v5/position/trading-stop", { symbol: "BTCUSDT", takeProfit: "21000" });
    expect(await ask()).toMatchObject({ code: 10_001, message: "can not set tp/sl/ts for zero position" });
    await limit("Buy", "20001");
    expect((await ask()).code).toBe(10_001);
  });

  it.each([
    [{ symbol: "BTCUSDT", autoAddMargin: 1 }, 10_001],
    [{ symbol: "BTCUSDT" }, 10_001],
    [{ autoAddMargin: 0 }, 10_001],
    [{ symbol: "BTCUSDT", autoAddMargin: 0 }, 0],
  ])("by margin that is added by itself, which is off: %j", async (wish, code) => {
    expect((await harness.post("/v5/position/set-auto-add-margin", wish)).code).toBe(code);
  });
});

describe("orderFilter", () => {
  it("StopOrder means conditional orders: it lists and cancels no ordinary one", async () => {
    const { result } = await limit("Buy", "19000");
    const list = (path: string, orderFilter: string) =>
      harness.list(path, { settleCoin: "USDT", orderFilter }).then((rows) => rows.length);
    expect([await list("/v5/order/realtime", "StopOrder"), await list("/v5/order/realtime", "Order")]).toEqual([0, 1]);
    const cancel = (orderFilter: string) => harness.post("/v5/order/cancel-all", { symbol: "BTCUSDT", orderFilter });
    expect((await cancel("StopOrder")).result).toEqual({ list: [], success: "1" });
    await harness.settle();
    expect(await harness.order(result.orderId)).toMatchObject({ orderStatus: "New" });
    expect((await cancel("Order")).result.list).toHaveLength(1);
    await harness.settle();
    expect(await list("/v5/order/history", "StopOrder")).toBe(0);
    expect((await cancel("Some")).code).toBe(10_001);
  });
});

describe("bboSideType", () => {
  it.each([
    ["Buy", "Queue", "1", "19999"],
    ["Buy", "Queue", "2", "19990"],
    ["Sell", "Queue", "1", "20001"],
    ["Sell", "Counterparty", "2", "19990"],
  ] as const)("prices a %s from the %s at level %s", async (side, bboSideType, bboLevel, price) => {
    const order = await orderOf(await limit(side, "", { bboSideType, bboLevel }));
    expect(order.price).toBe(price);
  });
});

describe("a limit order beyond the price limit", () => {
  it("is moved to the limit, on the side where it would trade too far away", async () => {
    const limits = (await harness.get("/v5/market/price-limit", { category: "linear", symbol: "BTCUSDT" })).result;
    expect(limits).toMatchObject({ symbol: "BTCUSDT", buyLmt: "26000", sellLmt: "14000" });
    const buy = await limit("Buy", "30000", { timeInForce: "PostOnly" });
    expect(await orderOf(buy)).toMatchObject({ price: "26000" });
    const sell = await limit("Sell", "100", { timeInForce: "PostOnly" });
    expect(await orderOf(sell)).toMatchObject({ price: "14000" });
  });

  it("rests where it is passive, however far away", async () => {
    const buy = await limit("Buy", "5000");
    expect(await orderOf(buy)).toMatchObject({ price: "5000", orderStatus: "New" });
    const sell = await limit("Sell", "60000");
    expect(await orderOf(sell)).toMatchObject({ price: "60000", orderStatus: "New" });
  });

  it("is moved when it is amended", async () => {
    const { result } = await limit("Buy", "5000");
    expect((await harness.post("/v5/order/amend", { symbol: "BTCUSDT", ...result, qty: "0.02" })).code).toBe(0);
    const { result: sell } = await limit("Sell", "60000", { timeInForce: "PostOnly" });
    await harness.post("/v5/order/amend", { symbol: "BTCUSDT", ...sell, price: "9000" });
    await harness.settle();
    expect(await harness.order(result.orderId)).toMatchObject({ qty: "0.0200" });
    expect(await harness.order(sell.orderId)).toMatchObject({ price: "14000" });
  });

  it("is refused once the account asked for that", async () => {
    const behaviour = async () => (await harness.get("/v5/account/user-setting-config")).result.lpaPerp;
    expect(await behaviour()).toBe(false);
    await harness.post("/v5/account/set-limit-px-action", { modifyEnable: false });
    expect(await behaviour()).toBe(true);
    expect((await limit("Buy", "30000")).code).toBe(110_003);
    expect((await limit("Buy", "5000")).code).toBe(0);
    await harness.post("/v5/account/set-limit-px-action", { modifyEnable: true });
    expect((await limit("Buy", "30000")).code).toBe(0);
  });
});

describe("an amend", () => {
  it("to no more than has been filled is refused with 110064", async () => {
    const { result } = await harness.place({ side: "Buy", qty: "6", price: "20001" });
    const amend = (qty: string) => harness.post("/v5/order/amend", { symbol: "BTCUSDT", orderId: result.orderId, qty });
    expect(await orderOf({ result })).toMatchObject({ cumExecQty: "5.0000", orderStatus: "PartiallyFilled" });
    expect([(await amend("4")).code, (await amend("5")).code, (await amend("5.5")).code]).toEqual([
      ...[110_064, 110_064, 0],
    ]);
  });
});
