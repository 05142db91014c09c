import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OrderNames } from "../../../../src/paper/protocols/binance/order-names.ts";
import { venueIds } from "../../../../src/paper/protocols/symbol-ids.ts";
import { type Harness, type Params, startVenue } from "./harness.ts";
import { callsOf, codeOf, limit, market, SYMBOL } from "./order-calls.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ startingBalance: "10000" });
});
afterEach(() => harness.venue.stop());

const { call, place } = callsOf(() => harness);
const bestAsk = () => harness.venue.engine.market("BTC-USDT")!.bestAsk!;
const price = (amount: bigint) => String(Number(amount) / 1e8);

test("an account that did nothing yet says when it began, for zero would mean that it has no such coin", async () => {
  const { json } = await call("GET", "/v3/account");
  expect(json.assets).toMatchObject([{ asset: "USDT", walletBalance: "10000.00000000" }]);
  expect(json.assets[0].updateTime).toBeGreaterThan(0);
});

describe("an order's life", () => {
  test("begins as NEW, is found by both ids, and ends as CANCELED once", async () => {
    const { json, status } = await place(limit({ newClientOrderId: "c-1", timeInForce: "GTX" }));
    expect(status).toBe(200);
    expect(json).toMatchObject({
      status: "NEW",
      clientOrderId: "c-1",
      price: "50000.00",
      origQty: "0.010",
      executedQty: "0.000",
      timeInForce: "GTX",
      positionSide: "BOTH",
    });
    expect(json).not.toHaveProperty("avgPrice");
    const byClient = await call("GET", "/v1/order", { ...SYMBOL, origClientOrderId: "c-1" });
    expect(byClient.json).toMatchObject({ orderId: json.orderId, avgPrice: "0.00000", status: "NEW" });
    expect((await call("GET", "/v1/openOrders", SYMBOL)).json).toHaveLength(1);
    expect((await call("GET", "/v1/openOrders", { symbol: "ETHUSDT" })).json).toHaveLength(0);
    const canceled = await call("DELETE", "/v1/order", { ...SYMBOL, orderId: json.orderId });
    expect(canceled.json).toMatchObject({ status: "CANCELED", orderId: json.orderId });
    const again = await call("DELETE", "/v1/order", { ...SYMBOL, orderId: json.orderId });
    expect(again).toMatchObject({ status: 400, json: { code: -2011, msg: "Unknown order sent." } });
    expect(codeOf(await call("GET", "/v1/openOrder", { ...SYMBOL, origClientOrderId: "c-1" }))).toBe("400 -2013");
    const ended = await call("GET", "/v1/order", { ...SYMBOL, origClientOrderId: "c-1" });
    expect(ended.json).toMatchObject({ status: "CANCELED", executedQty: "0.000" });
  });

  test("is NEW in an ACK and final in a RESULT", async () => {
    expect((await place(market({ newOrderRespType: "ACK" }))).json).toMatchObject({
      status: "NEW",
      executedQty: "0.000",
    });
    expect((await place(market())).json).toMatchObject({ status: "FILLED", executedQty: "0.010", cumQty: "0.010" });
  });

  test("shows its fills in the trades, the position and the balance", async () => {
    const { json } = await place(market());
    const [trade] = (await call("GET", "/v1/userTrades", SYMBOL)).json;
    expect(trade).toMatchObject({ orderId: json.orderId, side: "BUY", buyer: true, maker: false, qty: "0.010" });
    expect(trade.commissionAsset).toBe("USDT");
    expect(Number(trade.commission)).toBeCloseTo(0.0005 * Number(trade.quoteQty), 8);
    const [risk] = (await call("GET", "/v3/positionRisk", SYMBOL)).json;
    expect(risk).toMatchObject({ positionSide: "BOTH", positionAmt: "0.010", marginAsset: "USDT" });
    expect(Number(risk.entryPrice)).toBeCloseTo(Number(trade.price), 8);
    const [balance] = (await call("GET", "/v2/balance")).json;
    expect(balance.updateTime).toBeGreaterThanOrEqual(trade.time);
    expect(Number(balance.balance)).toBeCloseTo(10_000 - Number(trade.commission), 8);
    expect(Number(balance.availableBalance)).toBeLessThan(Number(balance.balance));
    const [commission] = (await call("GET", "/v1/income", { incomeType: "COMMISSION" })).json;
    expect(Number(commission.income)).toBe(-Number(trade.commission));
    await place(market({ side: "SELL", reduceOnly: true }));
    const [realized] = (await call("GET", "/v1/income", { incomeType: "REALIZED_PNL" })).json;
    const closing = (await call("GET", "/v1/userTrades", SYMBOL)).json.at(-1);
    expect(realized.income).toBe(closing.realizedPnl);
    expect((await call("GET", "/v3/positionRisk", SYMBOL)).json).toEqual([]);
    expect((await call("GET", "/v2/positionRisk", SYMBOL)).json[0]).toMatchObject({ positionAmt: "0.000" });
  });

  test("that is post-only ends when a change would make it take", async () => {
    await place(limit({ newClientOrderId: "po", timeInForce: "GTX" }));
    const changed = await call("PUT", "/v1/order", { ...limit({ price: price(bestAsk()) }), origClientOrderId: "po" });
    expect(codeOf(changed)).toBe("400 -5022");
    const { json } = await call("GET", "/v1/order", { ...SYMBOL, origClientOrderId: "po" });
    expect(json).toMatchObject({ status: "EXPIRED", executedQty: "0.000" });
  });

  test("gets an id when it brings none", async () => {
    const { json } = await place(limit());
    expect(json.clientOrderId).toMatch(/^[0-9a-f]{22}$/);
    const found = await call("GET", "/v1/order", { ...SYMBOL, origClientOrderId: json.clientOrderId });
    expect(found.json.orderId).toBe(json.orderId);
  });

  test("may use a client id again once the order before it is closed", async () => {
    const first = await place(limit({ newClientOrderId: "same" }));
    expect(await place(limit({ newClientOrderId: "same" }))).toMatchObject({
      status: 400,
      json: { code: -4116, msg: "ClientOrderId is duplicated." },
    });
    await call("DELETE", "/v1/order", { ...SYMBOL, origClientOrderId: "same" });
    const second = await place(limit({ newClientOrderId: "same" }));
    expect(second.status).toBe(200);
    const found = await call("GET", "/v1/order", { ...SYMBOL, origClientOrderId: "same" });
    expect(found.json.orderId).toBe(second.json.orderId);
    expect(found.json.orderId).not.toBe(first.json.orderId);
  });

  test("is EXPIRED with what it got where an immediate one was not filled whole", async () => {
    const size = harness.venue.engine.book("BTC-USDT", 1).asks[0]![1];
    const quantity = price(size + 1_000_000n);
    const { json } = await place(
      limit({ price: price(bestAsk()), quantity, timeInForce: "IOC", newOrderRespType: "RESULT" }),
    );
    expect(json.status).toBe("EXPIRED");
    expect(Number(json.executedQty)).toBeCloseTo(Number(size) / 1e8, 8);
  });

  test("changes in place, keeps its id and is cancelled by a quantity that is filled already", async () => {
    const { json } = await place(limit({ newClientOrderId: "c" }));
    const put = (extra: Params) => call("PUT", "/v1/order", { ...limit(extra), origClientOrderId: "c" });
    const changed = await put({ price: "50001", quantity: "0.02", modifyId: 77 });
    expect(changed.json).toMatchObject({ orderId: json.orderId, price: "50001.00", origQty: "0.020", modifyId: 77 });
    expect(codeOf(await put({ price: "50001", quantity: "0.02" }))).toBe("400 -5027");
    expect(codeOf(await put({ price: "50001.05", quantity: "0.02" }))).toBe("400 -4014");
    harness.venue.execute({ type: "cancelAll", accountId: "flow:maker-1:BTC-USDT" });
    const best = price(bestAsk() - 10_000_000n);
    await put({ price: best, quantity: "0.02" });
    harness.venue.trader.order({ market: "BTC-USDT", side: "sell", size: "0.005", price: best });
    const part = await call("GET", "/v1/order", { ...SYMBOL, origClientOrderId: "c" });
    expect(part.json).toMatchObject({ status: "PARTIALLY_FILLED", executedQty: "0.005" });
    expect((await put({ price: best, quantity: "0.005" })).json).toMatchObject({ status: "CANCELED" });
    expect(codeOf(await put({ price: best, quantity: "0.03" }))).toBe("400 -2013");
  });
});

test("an order without a fill is forgotten after three days, one with a fill after ninety", async () => {
  const dayMs = 86_400_000;
  const { venue } = harness;
  await place(limit({ newClientOrderId: "unfilled" }));
  await call("DELETE", "/v1/allOpenOrders", SYMBOL);
  await place(market({ newClientOrderId: "filled" }));
  await place(limit({ newClientOrderId: "open" }));
  const names = new OrderNames(venue.engine, venueIds(0));
  const shown = (afterMs: number) =>
    names.all(venue.accountId, "BTC-USDT", venue.now() + afterMs).map(({ clientId }) => clientId);
  expect(shown(2.9 * dayMs)).toEqual(["unfilled", "filled", "open"]);
  expect(shown(3.1 * dayMs)).toEqual(["filled", "open"]);
  expect(shown(91 * dayMs)).toEqual(["open"]);
  const reference = { clientOrderId: "unfilled" };
  expect(names.find(venue.accountId, "BTC-USDT", reference, venue.now() + 4 * dayMs)).toBeUndefined();
});

describe("an order is refused, and leaves no trace,", () => {
  test.each<[string, Params, string]>([
    ["without symbol", { symbol: undefined }, "400 -1102"],
    ["for an unknown symbol", { symbol: "XYZUSDT" }, "400 -1121"],
    ["for an unknown side", { side: "LONG" }, "400 -1117"],
    ["for a side that every object has", { side: "constructor" }, "400 -1117"],
    ["for an unknown type", { type: "PEGGED" }, "400 -1116"],
    ["for a conditional type", { type: "STOP_MARKET" }, "400 -4120"],
    ["without time in force", { timeInForce: undefined }, "400 -1102"],
    ["for an unknown time in force", { timeInForce: "DAY" }, "400 -1115"],
    ["without price", { price: undefined }, "400 -1102"],
    ["for letters in the price", { price: "5e4" }, "400 -1100"],
    ["for a price off the tick", { price: "50000.05" }, "400 -4014"],
    ["for too many places in the price", { price: "50000.005" }, "400 -1111"],
    ["for too many places in the quantity", { quantity: "0.0101" }, "400 -1111"],
    ["for no quantity at all", { quantity: "0" }, "400 -4003"],
    ["for too large a quantity", { quantity: "1001" }, "400 -4005"],
    ["for too large a market order", { type: "MARKET", price: "", timeInForce: "", quantity: "126" }, "400 -4005"],
    ["for a price far above mark", { price: "70000" }, "400 -4016"],
    ["for a sell far below mark", { side: "SELL" }, "400 -4024"],
    ["for a notional that is too small", { quantity: "0.001" }, "400 -4164"],
    ["for more than the margin allows", { quantity: "100" }, "400 -2019"],
    ["for a reduce-only with nothing to reduce", { reduceOnly: true }, "400 -2022"],
    ["for a client id that is too long", { newClientOrderId: "x".repeat(37) }, "400 -4015"],
    ["for a client id with odd characters", { newClientOrderId: "a b" }, "400 -1100"],
    ["for a leg in one-way mode", { positionSide: "LONG" }, "400 -4061"],
    ["for a leg that there is not", { positionSide: "UP" }, "400 -4060"],
    ["for a leg that every object has", { positionSide: "constructor" }, "400 -4060"],
    ["for a market order with a price", { type: "MARKET", timeInForce: undefined }, "400 -1106"],
  ])("%s", async (_, extra, expected) => {
    expect(codeOf(await place(limit(extra)))).toBe(expected);
    expect((await call("GET", "/v1/allOrders", SYMBOL)).json).toEqual([]);
  });

  test("with the numbers in the text where Binance has them", async () => {
    const small = await place(limit({ quantity: "0.001" }));
    expect(small.json.msg).toBe("Order's notional must be no smaller than 100 (unless you choose reduce only).");
    const high = await place(limit({ price: "70000" }));
    expect(high.json.msg).toMatch(/^Limit price can't be higher than \d+\.\d\d\.$/);
  });

  test("when it is post-only and would take, at once", async () => {
    const refused = await place(limit({ price: price(bestAsk()), timeInForce: "GTX", newClientOrderId: "po" }));
    expect(codeOf(refused)).toBe("400 -5022");
    expect(refused.json.msg).toMatch(/could not be executed as maker, the Post Only order will be rejected/);
    expect(codeOf(await call("GET", "/v1/order", { ...SYMBOL, origClientOrderId: "po" }))).toBe("400 -2013");
    expect((await call("GET", "/v1/allOrders", SYMBOL)).json).toEqual([]);
  });

  test("when it is fill-or-kill and cannot be filled", async () => {
    const refused = await place(limit({ price: "55000", timeInForce: "FOK" }));
    expect(codeOf(refused)).toBe("400 -5021");
    expect((await call("GET", "/v1/allOrders", SYMBOL)).json).toEqual([]);
  });

  test("when it is a market order and nobody is there", async () => {
    const empty = await startVenue({ emptyBooks: true });
    expect(codeOf(await empty.call("POST", "/fapi/v1/order", market()))).toBe("400 -4131");
    await empty.venue.stop();
  });

  test("but a reduce-only one may be as small as it is", async () => {
    await place(market());
    const { json } = await place(market({ side: "SELL", quantity: "0.001", reduceOnly: true }));
    expect(json).toMatchObject({ status: "FILLED", reduceOnly: true });
  });
});

describe("many orders at once", () => {
  test("are answered one by one, errors among them", async () => {
    const batchOrders = JSON.stringify([
      limit({ newClientOrderId: "a" }),
      limit({ newClientOrderId: "b", price: "70000" }),
      limit({ newClientOrderId: "a" }),
      { ...limit({ newClientOrderId: "d" }), quantity: 0.02 },
    ]);
    const { json, status } = await call("POST", "/v1/batchOrders", { batchOrders });
    expect(status).toBe(200);
    expect(json.map((row: { code?: number; status?: string }) => row.code ?? row.status)).toEqual([
      "NEW",
      -4016,
      -4116,
      "NEW",
    ]);
    const canceled = await call("DELETE", "/v1/batchOrders", {
      ...SYMBOL,
      orderIdList: `[${json[0].orderId},1]`,
    });
    expect(canceled.json.map((row: { code?: number; status?: string }) => row.code ?? row.status)).toEqual([
      "CANCELED",
      -2011,
    ]);
    const inLowerCase = await call("DELETE", "/v1/batchOrders", {
      ...SYMBOL,
      orderidlist: `[${json.at(-1).orderId}]`,
    });
    expect(inLowerCase.json[0].status).toBe("CANCELED");
    const six = JSON.stringify(Array.from({ length: 6 }, () => limit()));
    expect(codeOf(await call("POST", "/v1/batchOrders", { batchOrders: six }))).toBe("400 -4082");
    const eleven = `[${Array.from({ length: 11 }, (_, index) => index + 1).join(",")}]`;
    expect(codeOf(await call("DELETE", "/v1/batchOrders", { ...SYMBOL, orderIdList: eleven }))).toBe("400 -4032");
    expect(codeOf(await call("POST", "/v1/batchOrders", { batchOrders: "nonsense" }))).toBe("400 -1130");
  });

  test("are all cancelled when the countdown is not renewed", async () => {
    await place(limit());
    const countdown = (countdownTime: number) => call("POST", "/v1/countdownCancelAll", { ...SYMBOL, countdownTime });
    const open = async () => (await call("GET", "/v1/openOrders", SYMBOL)).json.length;
    await countdown(1_000);
    await harness.world.advance(800);
    await countdown(1_000);
    await harness.world.advance(800);
    expect(await open()).toBe(1);
    await countdown(0);
    await harness.world.advance(2_000);
    expect(await open()).toBe(1);
    await countdown(500);
    await harness.world.advance(600);
    expect(await open()).toBe(0);
  });
});
