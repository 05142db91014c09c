import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Harness, type Params, type Reply, startVenue } from "./harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ startingBalance: "10000" });
});
afterEach(() => harness.venue.stop());

const SYMBOL = { symbol: "BTCUSDT" };
const DAY_MS = 86_400_000;
const call = (method: string, path: string, params: Params = {}) => harness.call(method, `/fapi${path}`, params);
const place = (params: Params) => call("POST", "/v1/order", params);
const codeOf = ({ status, json }: Reply) => `${status} ${json.code}`;
const limit = (extra: Params = {}): Params => ({
  ...{ ...SYMBOL, side: "BUY", type: "LIMIT", quantity: "0.010", price: "50000", timeInForce: "GTC" },
  ...extra,
});
const market = (extra: Params = {}): Params => ({
  ...{ ...SYMBOL, side: "BUY", type: "MARKET", quantity: "0.010", newOrderRespType: "RESULT" },
  ...extra,
});
const listen = async () => {
  const { listenKey } = (await harness.keyed("POST", "/fapi/v1/listenKey")).json;
  return harness.connect(`/private/ws?listenKey=${listenKey}`);
};

describe("a wish that an ordinary order cannot have", () => {
  test.each([
    ["stopPrice", { stopPrice: "49000" }, "400 -1106"],
    ["activationPrice", { activationPrice: "49000" }, "400 -1106"],
    ["callbackRate", { callbackRate: "1" }, "400 -1106"],
    ["closePosition", { closePosition: true }, "400 -4136"],
    ["priceProtect", { priceProtect: "TRUE" }, "400 -1106"],
    ["goodTillDate", { goodTillDate: 4_000_000_000_000 }, "400 -1106"],
    ["GTD without its date", { timeInForce: "GTD" }, "400 -1102"],
    ["RPI", { timeInForce: "RPI" }, "400 -1115"],
    ["another mode of self-trade prevention", { selfTradePreventionMode: "EXPIRE_BOTH" }, "400 -5039"],
    ["a price to match that there is not", { price: undefined, priceMatch: "OPPONENT_10" }, "400 -5037"],
    ["a price to match beside a price", { priceMatch: "QUEUE" }, "400 -1106"],
  ])("is refused, not dropped: %s", async (_name, extra, code) => {
    expect(codeOf(await place(limit(extra)))).toBe(code);
    expect((await call("GET", "/v1/openOrders", SYMBOL)).json).toEqual([]);
  });

  test("may be sent as what it is without", async () => {
    const plain = { stopPrice: "0", closePosition: "false", priceProtect: "FALSE", goodTillDate: 0 };
    const { status } = await place(limit({ ...plain, priceMatch: "NONE", selfTradePreventionMode: "EXPIRE_MAKER" }));
    expect(status).toBe(200);
  });

  test("of a market order is refused as well", async () => {
    expect(codeOf(await place(market({ priceMatch: "QUEUE" })))).toBe("400 -5038");
    expect(codeOf(await place(market({ closePosition: true })))).toBe("400 -4136");
  });
});

describe("an order that matches a price of the book", () => {
  test.each([
    ["OPPONENT", "asks", 1],
    ["OPPONENT_5", "asks", 5],
    ["QUEUE", "bids", 1],
    ["QUEUE_5", "bids", 5],
  ] as const)("has it, and says so: %s", async (priceMatch, side, level) => {
    const { json: book } = await harness.get("/fapi/v1/depth", { ...SYMBOL, limit: 5 });
    const { json, status } = await place(limit({ price: undefined, priceMatch }));
    expect(status).toBe(200);
    expect(Number(json.price)).toBe(Number(book[side][level - 1][0]));
    expect(json.priceMatch).toBe(priceMatch);
  });

  test("is refused where the book has no such level", async () => {
    await harness.venue.stop();
    harness = await startVenue({ emptyBooks: true });
    expect(codeOf(await place(limit({ price: undefined, priceMatch: "QUEUE_5" })))).toBe("400 -5041");
  });
});

describe("an order that is good until a date", () => {
  const MINUTE_MS = 60_000;
  const until = (goodTillDate: number, extra: Params = {}) =>
    place(limit({ timeInForce: "GTD", goodTillDate, ...extra }));
  const query = (origClientOrderId: string) => call("GET", "/v1/order", { ...SYMBOL, origClientOrderId });

  test("rests until that second, and ends as expired, with what it has filled", async () => {
    const socket = await listen();
    const date = Math.floor(harness.world.now()) + 11 * MINUTE_MS;
    const cut = Math.floor(date / 1_000) * 1_000;
    const { json } = await until(date, { newClientOrderId: "c" });
    expect(json).toMatchObject({ status: "NEW", timeInForce: "GTD", goodTillDate: cut });
    await call("PUT", "/v1/order", limit({ origClientOrderId: "c", quantity: "0.02" }));
    await harness.world.advance(cut - harness.world.now() - 1_000);
    expect((await query("c")).json).toMatchObject({ status: "NEW", timeInForce: "GTD", origQty: "0.020" });
    await harness.world.advance(1_500);
    expect((await query("c")).json).toMatchObject({ status: "EXPIRED", timeInForce: "GTD", goodTillDate: cut });
    const [first, last] = [socket.of("ORDER_TRADE_UPDATE")[0], socket.of("ORDER_TRADE_UPDATE").at(-1)];
    expect(first.o).toMatchObject({ x: "NEW", f: "GTD", gtd: cut });
    expect(last.o).toMatchObject({ x: "EXPIRED", X: "EXPIRED", f: "GTD", gtd: cut, er: "0" });
    expect(last.T).toBeGreaterThanOrEqual(cut);
  });

  test("may be good for months, and is left alone once it has ended", async () => {
    const date = Math.floor(harness.world.now()) + 60 * DAY_MS;
    await until(date, { newClientOrderId: "long" });
    await until(date, { newClientOrderId: "canceled" });
    await call("DELETE", "/v1/order", { ...SYMBOL, origClientOrderId: "canceled" });
    expect((await query("canceled")).json).toMatchObject({ status: "CANCELED", timeInForce: "GTD" });
  });

  test.each([
    ["ten minutes away", 10 * MINUTE_MS],
    ["past", -DAY_MS],
    ["after the year 9999", 253_402_300_799_000],
  ])("has no date that is %s", async (_name, ahead) => {
    const date = ahead > 100 * 365 * DAY_MS ? ahead : Math.floor(harness.world.now()) + ahead;
    expect(codeOf(await until(date))).toBe("400 -5040");
  });

  test("is listed among the times in force of its symbol", async () => {
    const { json } = await harness.get("/fapi/v1/exchangeInfo");
    expect(json.symbols[0].timeInForce).toEqual(["GTC", "IOC", "FOK", "GTX", "GTD"]);
  });
});

describe("a test order", () => {
  test("is checked and never placed", async () => {
    expect((await call("POST", "/v1/order/test", limit())).json).toEqual({});
    expect(codeOf(await call("POST", "/v1/order/test", limit({ quantity: "0.001" })))).toBe("400 -4164");
    expect((await call("GET", "/v1/openOrders", SYMBOL)).json).toEqual([]);
  });
});

describe("a change of an order", () => {
  const put = (extra: Params) => call("PUT", "/v1/order", limit({ origClientOrderId: "c", ...extra }));

  test("below the minimum notional needs the flag of a reduce-only order, which no other may have", async () => {
    await place(market({ quantity: "0.01" }));
    const exit = { side: "SELL", price: "61000", quantity: "0.01", reduceOnly: true };
    expect((await place(limit({ ...exit, newClientOrderId: "c" }))).status).toBe(200);
    const small = { ...exit, quantity: "0.001", reduceOnly: undefined };
    const refused = await put(small);
    expect(refused.json).toEqual({ code: -5029, msg: "Order's notional must be no smaller than 100" });
    expect(codeOf(await put({ ...small, reduceOnly: false }))).toBe("400 -5029");
    expect((await put({ ...small, reduceOnly: true })).json).toMatchObject({ origQty: "0.001", reduceOnly: true });
    await place(limit({ newClientOrderId: "d" }));
    expect(codeOf(await put({ origClientOrderId: "d", quantity: "0.02", reduceOnly: true }))).toBe("400 -5047");
  });

  test("is refused while another one of the same order is waiting", async () => {
    await harness.venue.stop();
    harness = await startVenue({ startingBalance: "10000", matchingDelayMs: [50, 50] });
    await place(limit({ newClientOrderId: "c" }));
    await place(limit({ newClientOrderId: "d" }));
    const row = (origClientOrderId: string, quantity: string) =>
      ({ ...SYMBOL, side: "BUY", price: "50000", origClientOrderId, quantity }) as const;
    const rows = [row("c", "0.020"), row("c", "0.030"), row("d", "0.040")];
    const { json } = await call("PUT", "/v1/batchOrders", { batchOrders: JSON.stringify(rows) });
    expect(json.map(({ code, origQty }: { code?: number; origQty?: string }) => code ?? origQty)).toEqual([
      ...["0.020", -5043, "0.040"],
    ]);
    expect((await put({ quantity: "0.03" })).json.origQty).toBe("0.030");
  });

  test("names its side", async () => {
    await place(limit({ newClientOrderId: "c" }));
    expect(codeOf(await put({ side: undefined, quantity: "0.02" }))).toBe("400 -1102");
    expect(codeOf(await put({ side: "SELL", quantity: "0.02" }))).toBe("400 -1130");
  });

  test("has the caller's number in its answer and on the stream, and none where none was sent", async () => {
    const socket = await listen();
    await place(limit({ newClientOrderId: "c" }));
    expect((await put({ quantity: "0.02" })).json).not.toHaveProperty("modifyId");
    expect((await put({ quantity: "0.03", modifyId: 12 })).json.modifyId).toBe(12);
    await harness.world.advance(200);
    const amended = socket.of("ORDER_TRADE_UPDATE").filter(({ o }) => o.x === "AMENDMENT");
    expect(amended.map(({ o }) => o.M)).toEqual([undefined, "12"]);
  });

  test("is listed with what it was before and after", async () => {
    const { json } = await place(limit({ newClientOrderId: "c" }));
    await put({ quantity: "0.02", price: "50001" });
    await put({ quantity: "0.03", price: "50001" });
    const rows = (await call("GET", "/v1/orderAmendment", { ...SYMBOL, orderId: json.orderId })).json;
    expect(rows.map(({ amendment }: { amendment: object }) => amendment)).toEqual([
      { price: { before: "50001.00", after: "50001.00" }, origQty: { before: "0.020", after: "0.030" }, count: 2 },
      { price: { before: "50000.00", after: "50001.00" }, origQty: { before: "0.010", after: "0.020" }, count: 1 },
    ]);
    expect(rows[0]).toMatchObject({ ...SYMBOL, orderId: json.orderId, clientOrderId: "c" });
  });
});

describe("the reason of an expiry", () => {
  test("is one of its own for the rest of a market order and for a post-only order that would take", async () => {
    await harness.venue.stop();
    harness = await startVenue({ emptyBooks: true, startingBalance: "10000" });
    const socket = await listen();
    harness.venue.trader.order({ market: "BTC-USDT", side: "sell", size: "0.005", price: "60010" });
    await place(market());
    harness.venue.trader.order({ market: "BTC-USDT", side: "sell", size: "1", price: "60010" });
    const maker = limit({ timeInForce: "GTX", newClientOrderId: "c", price: "59000" });
    await place(maker);
    expect(codeOf(await call("PUT", "/v1/order", { ...maker, origClientOrderId: "c", price: "60010" }))).toBe(
      "400 -5022",
    );
    await harness.world.advance(200);
    const ended = socket.of("ORDER_TRADE_UPDATE").filter(({ o }) => o.x === "EXPIRED");
    expect(ended.map(({ o }) => o.er)).toEqual(["9", "11"]);
  });
});

describe("what is remembered", () => {
  test("are orders of every symbol at once", async () => {
    await place(limit());
    await place(limit({ symbol: "ETHUSDT", price: "2500", quantity: "0.1" }));
    const rows = (await call("GET", "/v1/allOrders")).json;
    expect(rows.map(({ symbol }: { symbol: string }) => symbol)).toEqual(["BTCUSDT", "ETHUSDT"]);
  });

  test("are fills of three months", async () => {
    await place(market());
    const [{ id }] = (await call("GET", "/v1/userTrades", SYMBOL)).json;
    harness.world.setClockSkew("venue", 89 * DAY_MS);
    const later = (days: number) => ({ timestampMs: harness.world.now() + days * DAY_MS });
    const trades = (days: number) => harness.call("GET", "/fapi/v1/userTrades", { ...SYMBOL, fromId: id }, later(days));
    expect((await trades(89)).json).toHaveLength(1);
    harness.world.setClockSkew("venue", 91 * DAY_MS);
    expect((await trades(91)).json).toEqual([]);
  });
});

describe("leverage", () => {
  test("of an isolated position is not lowered", async () => {
    await call("POST", "/v1/leverage", { ...SYMBOL, leverage: 10 });
    await call("POST", "/v1/marginType", { ...SYMBOL, marginType: "ISOLATED" });
    await place(market());
    expect(codeOf(await call("POST", "/v1/leverage", { ...SYMBOL, leverage: 5 }))).toBe("400 -4161");
    expect((await call("POST", "/v1/leverage", { ...SYMBOL, leverage: 20 })).json.leverage).toBe(20);
  });
});
