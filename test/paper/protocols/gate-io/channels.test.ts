import { afterEach, describe, expect, it } from "vitest";
import { BTC, DECIMAL, type Harness, type Socket, setMark, startVenue, type Wire } from "./harness.ts";

let gate: Harness;
afterEach(() => gate.venue.stop());

/** A book as a client holds it: the levels of the subscribed window alone. */
class LocalBook {
  readonly bids = new Map<string, number>();
  readonly asks = new Map<string, number>();
  id = 0;
  gaps = 0;
  readonly #depth: number;

  constructor(depth: number) {
    this.#depth = depth;
  }

  take({ U, u, full, b, a }: Wire): void {
    if (full === true) {
      this.bids.clear();
      this.asks.clear();
    } else if (u <= this.id) return;
    else if (U > this.id + 1) this.gaps += 1;
    this.id = u;
    for (const [side, rows] of [
      [this.bids, b],
      [this.asks, a],
    ] as const) {
      for (const { p, s } of rows) {
        if (Number(s) === 0) side.delete(p);
        else side.set(p, Number(s));
      }
    }
    for (const price of this.#sorted(this.bids, -1).slice(this.#depth)) this.bids.delete(price);
    for (const price of this.#sorted(this.asks, 1).slice(this.#depth)) this.asks.delete(price);
  }

  #sorted(side: Map<string, number>, sign: number): readonly string[] {
    return [...side.keys()].sort((left, right) => sign * (Number(left) - Number(right)));
  }

  get view() {
    const side = (map: Map<string, number>, sign: number) =>
      this.#sorted(map, sign).map((price) => [price, map.get(price)]);
    return { bids: side(this.bids, -1), asks: side(this.asks, 1) };
  }
}

/** The engine's book in contracts. */
function truth(depth: number) {
  const { bids, asks } = gate.venue.engine.book("BTC-USD", depth);
  const side = (levels: typeof bids) =>
    levels.map(([price, size]) => [String(Number(price) / 1e8), Number(size) / 10_000]);
  return { bids: side(bids), asks: side(asks) };
}

async function stir(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const price = 19_000 - ((round * 37) % 60);
    if (round % 5 === 4) gate.venue.trader.cancelAll("BTC-USD");
    gate.quote("buy", String(price), `0.0${1 + (round % 8)}`);
    gate.quote("sell", String(39_000 - price), `0.0${1 + (round % 7)}`);
    await gate.advance(35);
  }
  await gate.advance(200);
}

describe("the book over a socket", () => {
  it.each([
    ["100ms", "100"],
    ["20ms", "20"],
  ])("is the engine's, joined over REST at any time, with %s and %s levels", async (cadence, level) => {
    gate = await startVenue();
    const socket = await gate.socket();
    expect(await socket.subscribe("order_book_update", [BTC, cadence, level])).toMatchObject({
      ...{ id: 7, channel: "futures.order_book_update", result: { status: "success" }, payload: [BTC, cadence, level] },
    });
    await stir(20);
    const rest = (await gate.call("GET", `/order_book?contract=${BTC}&limit=${level}&with_id=true`)).body;
    const book = new LocalBook(Number(level));
    book.take({ full: true, u: rest.id, b: rest.bids, a: rest.asks });
    await stir(40);
    const later = socket.of("order_book_update").filter(({ result }) => result.full !== true && result.u > rest.id);
    expect(later[0].result.U).toBeLessThanOrEqual(rest.id + 1);
    for (const { result } of later) book.take(result);
    expect([book.gaps, book.view]).toEqual([0, truth(Number(level))]);
    expect(later.every(({ result }) => result.l === level && result.s === BTC)).toBe(true);
  });

  it("begins whole in its second form, whose frames have no event, and goes on from there", async () => {
    gate = await startVenue();
    await stir(5);
    const socket = await gate.socket();
    await socket.subscribe("obu", [`ob.${BTC}.400`]);
    await stir(20);
    const frames = socket.of("obu");
    expect(frames[0]).not.toHaveProperty("event");
    expect(frames[0].result).toMatchObject({ full: true, s: `ob.${BTC}.400` });
    expect(frames[0].result).not.toHaveProperty("U");
    const book = new LocalBook(400);
    for (const { result } of frames) {
      const rows = (side: Wire) => side.map(([p, s]: Wire) => ({ p, s }));
      book.take({ ...result, b: rows(result.b), a: rows(result.a) });
    }
    expect([book.gaps, book.view]).toEqual([0, truth(400)]);
  });

  it("tells of a level that came and went between two frames, for a snapshot from in between has it", async () => {
    gate = await startVenue();
    const socket = await gate.socket();
    await socket.subscribe("order_book_update", [BTC, "100ms", "100"]);
    gate.quote("buy", "18000");
    await gate.advance(200);
    gate.quote("buy", "18500");
    gate.quote("buy", "18000", "0.02");
    const rest = (await gate.call("GET", `/order_book?contract=${BTC}&limit=100&with_id=true`)).body;
    gate.quote("sell", "18500");
    await gate.advance(200);
    const { result } = socket.of("order_book_update").at(-1);
    expect(result.U).toBeLessThanOrEqual(rest.id);
    expect(result.b.map(({ p }: Wire) => p)).toEqual(["18500", "18000"]);
    const book = new LocalBook(100);
    book.take({ full: true, u: rest.id, b: rest.bids, a: rest.asks });
    expect(book.view.bids).toContainEqual(["18500", 100]);
    book.take(result);
    expect([book.gaps, book.view]).toEqual([0, truth(100)]);
  });

  it("does not tell of a level that better ones pushed out of the window, and tells it again when it is back", async () => {
    gate = await startVenue();
    for (let price = 18_000; price < 18_020; price += 1) gate.quote("buy", String(price));
    const socket = await gate.socket();
    await socket.subscribe("order_book_update", [BTC, "20ms", "20"]);
    gate.quote("buy", "18500");
    await gate.advance(50);
    expect(socket.of("order_book_update").at(-1).result.b).toEqual([{ p: "18500", s: 100 }]);
    gate.quote("sell", "18500");
    await gate.advance(50);
    expect(socket.of("order_book_update").at(-1).result.b).toEqual([
      { p: "18500", s: 0 },
      { p: "18000", s: 100 },
    ]);
  });

  it("has the same ids in REST, best prices and the oldest form, and text sizes for those who ask", async () => {
    gate = await startVenue();
    const [plain, decimal] = [await gate.socket(), await gate.socket(DECIMAL)];
    for (const socket of [plain, decimal]) {
      await socket.subscribe("book_ticker", [BTC]);
      await socket.subscribe("order_book", [BTC, "5", "0"]);
      await socket.subscribe("order_book_update", [BTC, "100ms"]);
    }
    gate.quote("buy", "19000");
    await gate.advance(300);
    const { id } = (await gate.call("GET", `/order_book?contract=${BTC}&with_id=true`)).body;
    expect(plain.of("book_ticker").at(-1).result).toMatchObject({ u: id, b: "19000", B: 100, a: "", A: 0 });
    expect(plain.of("order_book").at(-1)).toMatchObject({
      event: "all",
      result: { id, bids: [{ p: "19000", s: 100 }] },
    });
    expect(decimal.of("book_ticker").at(-1).result).toMatchObject({ B: "100", A: "0" });
    expect(decimal.of("order_book_update").at(-1).result).toMatchObject({ u: id, b: [{ p: "19000", s: "100" }] });
  });

  it("is noticed to be broken in every frame that a fault breaks, also after a snapshot", async () => {
    gate = await startVenue({ faults: { breakSequence: 1 } });
    const socket = await gate.socket();
    await socket.subscribe("order_book_update", [BTC, "100ms", "100"]);
    for (const price of ["18000", "18001", "18002"]) {
      const { id } = (await gate.call("GET", `/order_book?contract=${BTC}&with_id=true`)).body;
      gate.quote("buy", price);
      await gate.advance(150);
      const { U, u } = socket.of("order_book_update").at(-1).result;
      expect([u > id, U > id + 1, U > u]).toEqual([true, true, true]);
    }
  });

  it("is refused as a whole for one unknown contract, and for a second depth of the same", async () => {
    gate = await startVenue();
    const socket = await gate.socket();
    expect(await socket.subscribe("trades", [BTC, "NOPE_USDT"])).toMatchObject({
      ...{ error: { code: 2, message: "unknown currency pair: NOPE_USDT" }, result: { status: "fail" } },
    });
    await socket.subscribe("order_book_update", [BTC, "100ms", "100"]);
    expect((await socket.subscribe("order_book_update", [BTC, "100ms", "50"])).error.code).toBe(2);
    expect((await socket.subscribe("order_book_update", [BTC, "20ms", "100"])).error.code).toBe(2);
    await socket.subscribe("order_book_update", [BTC, "100ms", "100"], "unsubscribe");
    expect((await socket.subscribe("order_book_update", [BTC, "100ms", "50"])).result.status).toBe("success");
    expect((await socket.subscribe("nothing", [BTC])).error.code).toBe(2);
    await socket.send("[]");
    expect(socket.last.error.code).toBe(1);
    await socket.send({ time: 1, channel: "futures.ping" });
    expect(socket.last).toMatchObject({ channel: "futures.pong", event: "", result: null });
  });
});

describe("market data over a socket", () => {
  it("tells trades with the taker's sign, tickers with funding, and candles", async () => {
    gate = await startVenue();
    const socket = await gate.socket();
    await socket.subscribe("trades", [BTC]);
    await socket.subscribe("tickers", [BTC]);
    await socket.subscribe("candlesticks", ["1m", BTC]);
    await gate.hold(-30);
    setMark(gate, "20010");
    await gate.advance(1_100);
    const [trade] = socket.rows("trades");
    expect(trade).toMatchObject({ contract: BTC, size: -30, price: "20000" });
    expect([trade.create_time, trade.create_time_ms]).toEqual([
      Math.floor(trade.create_time_ms / 1_000),
      Math.floor(trade.create_time_ms),
    ]);
    const [rest] = (await gate.call("GET", `/trades?contract=${BTC}`)).body;
    expect(rest).toMatchObject({ id: trade.id, size: -30, create_time: trade.create_time_ms / 1_000 });
    expect(socket.rows("tickers").at(-1)).toMatchObject({
      ...{
        contract: BTC,
        last: "20000",
        mark_price: "20010",
        index_price: "20010",
        total_size: "30",
        volume_24h: "30",
      },
      funding_interval: 3_600,
    });
    expect(socket.rows("candlesticks").at(-1)).toMatchObject({ n: `1m_${BTC}`, o: "20000", v: 30, a: "0.003" });
    const [candle] = (await gate.call("GET", `/candlesticks?contract=${BTC}&interval=1m`)).body;
    expect(candle).toMatchObject({ o: "20000", v: 30, sum: "60" });
    const mark = (await gate.call("GET", `/candlesticks?contract=mark_${BTC}&interval=1m`)).body.at(-1);
    expect(mark).toMatchObject({ c: "20010" });
    expect(mark).not.toHaveProperty("v");
    const both = await gate.call("GET", `/candlesticks?contract=${BTC}&interval=1m&from=1&limit=5`);
    expect(both.body.label).toBe("INVALID_PARAM_VALUE");
  });

  it("tells no more tickers of a market that is gone", async () => {
    gate = await startVenue();
    const socket = await gate.socket();
    await socket.subscribe("tickers", [BTC]);
    await gate.advance(2_100);
    expect(socket.of("tickers")).toHaveLength(2);
    gate.venue.delist("BTC-USD");
    await gate.advance(5_000);
    expect(socket.of("tickers")).toHaveLength(2);
  });

  it("announces an upgrade before the venue goes down", async () => {
    gate = await startVenue();
    const socket = await gate.socket();
    await gate.world.run(gate.venue.restart(50));
    expect(socket.last).toMatchObject({ channel: "futures.system", event: "update", result: { type: "upgrade" } });
    expect(socket.closed).toBeDefined();
  });
});

const CHANNELS = ["orders", "usertrades", "positions", "balances"] as const;

async function listening(headers: Readonly<Record<string, string>> = {}): Promise<Socket> {
  const socket = await gate.socket(headers);
  for (const channel of CHANNELS) expect((await socket.listen(channel)).result.status).toBe("success");
  return socket;
}

describe("the account over a socket", () => {
  it("begins with nothing, then tells an order from its put to its end, its fills and what they did", async () => {
    gate = await startVenue();
    await gate.place();
    const socket = await listening();
    expect(CHANNELS.flatMap((channel) => socket.rows(channel))).toEqual([]);
    const order = await gate.place({ text: "t-1" });
    await gate.advance(20);
    gate.quote("sell", "19000", "0.0015");
    await gate.advance(20);
    await gate.call("DELETE", "/orders/t-1");
    await gate.advance(20);
    const told = socket.rows("orders").filter(({ id }) => id === order.id);
    expect(told.map(({ status, finish_as, left, update_id }) => [status, finish_as, left, update_id])).toEqual([
      ["open", "_new", 10, 1],
      ["open", "_update", 5, 2],
      ["finished", "cancelled", 5, 3],
    ]);
    expect(told[0]).toMatchObject({ user: gate.userId, price: 19_000, fill_price: 0, finish_time: 0, text: "t-1" });
    expect(told[2].finish_time_ms).toBeGreaterThan(told[0].create_time_ms);
    const fills = socket.rows("usertrades");
    expect(fills.map(({ size, role, fee, point_fee }) => [size, role, fee, point_fee])).toEqual([
      [10, "maker", 0.0038, 0],
      [5, "maker", 0.0019, 0],
    ]);
    expect(fills.map(({ id }) => id)).toEqual(gate.venue.truth().fills.map(({ fillId }) => fillId));
    expect(socket.rows("positions").at(-1)).toMatchObject({
      size: 15,
      leverage: 0,
      cross_leverage_limit: 10,
      mode: "single",
    });
    expect(socket.rows("balances").map(({ type, change }) => [type, change])).toEqual([
      ["fee", -0.0038],
      ["fee", -0.0019],
    ]);
    expect(socket.rows("balances").at(-1)).toMatchObject({ balance: 99_999.9943, text: `${BTC}:${order.id}` });
    expect(socket.texts.some((text) => text.includes(`"id":${order.id},`))).toBe(true);
  });

  it("writes money as numbers with all of its digits", async () => {
    gate = await startVenue({ startingBalance: "9999999999.12345678" });
    const socket = await listening();
    await gate.hold(30);
    await gate.advance(20);
    expect(socket.texts.find((text) => text.includes("futures.balances") && text.includes('balance"'))).toMatch(
      /"balance":9999999999\.09345678,/,
    );
  });

  it("tells one contract to those who ask for it, and text sizes to those who want them", async () => {
    gate = await startVenue();
    const socket = await gate.socket(DECIMAL);
    await socket.listen("orders", [gate.userId, BTC]);
    await gate.place({ contract: "ETH_USDT", price: "1400" });
    await gate.place();
    await gate.advance(20);
    expect(socket.rows("orders").map(({ contract, size }) => [contract, size])).toEqual([[BTC, "10"]]);
  });

  it("is told to nobody who signed wrong, or names another user", async () => {
    gate = await startVenue();
    const socket = await gate.socket();
    const wrong = await socket.listen("orders", [gate.userId, "!all"], "guess");
    expect(wrong.error.code).toBe(4);
    expect(JSON.parse(wrong.error.message).label).toBe("INVALID_SIGNATURE");
    expect((await socket.listen("orders", ["1", "!all"])).error.code).toBe(2);
    expect((await socket.listen("positions", ["whoever", "!all"])).result.status).toBe("success");
    await gate.place();
    await gate.advance(20);
    expect(socket.rows("orders")).toEqual([]);
  });

  it("tells leverage, liquidation and orders that wait for a price", async () => {
    gate = await startVenue({ insuranceFund: "1000000" });
    const socket = await listening();
    for (const channel of ["liquidates", "auto_deleverages", "autoorders"]) await socket.listen(channel);
    await gate.call("POST", `/positions/${BTC}/leverage?leverage=0&cross_leverage_limit=5`);
    await gate.advance(20);
    expect(socket.rows("positions").at(-1)).toMatchObject({ size: 0, leverage: 0, cross_leverage_limit: 5 });
    await gate.hold(100);
    const trigger = { strategy_type: 0, price_type: 1, price: "1000", rule: 2, expiration: 60 };
    await gate.call("POST", "/price_orders", {
      initial: { contract: BTC, size: -10, price: "0", tif: "ioc" },
      trigger,
    });
    gate.venue.execute({ type: "liquidate", accountId: gate.venue.accountId, market: "BTC-USD" });
    await gate.advance(20);
    expect(socket.rows("autoorders")).toMatchObject([{ status: "open" }]);
    expect(socket.rows("liquidates")).toMatchObject([{ contract: BTC, size: 100 }]);
    expect(socket.rows("positions").at(-1)).toMatchObject({ size: 0 });
    expect(socket.rows("orders").at(-1)).toMatchObject({ is_liq: true, text: "liquidation" });
  });
});

describe("orders over a socket", () => {
  it("want a login, which is signed over what was sent", async () => {
    gate = await startVenue();
    const socket = await gate.socket();
    const order = { contract: BTC, size: -5, price: "21000" };
    const [refused] = await socket.operate("order_cancel", { order_id: "1" });
    expect(refused).toMatchObject({ header: { status: "401" }, data: { errs: { label: "AUTHENTICATION_FAILED" } } });
    expect((await socket.login({}, "guess")).data.errs.label).toBe("INVALID_SIGNATURE");
    expect((await socket.login()).data.result).toEqual({ uid: gate.userId, api_key: "key" });
    expect((await (await gate.socket()).login({})).header.status).toBe("200");
    expect(await socket.operate("order_place", { ...order, size: -10 })).toHaveLength(2);
  });

  it("are acknowledged, then answered with the order; changes are answered once", async () => {
    gate = await startVenue();
    const socket = await gate.socket();
    await socket.login();
    const request = { contract: BTC, size: -10, price: "21000", tif: "poc", text: "t-ws" };
    const [ack, result] = await socket.operate("order_place", request);
    expect(ack).toMatchObject({ ack: true, data: { result: { req_id: "r1", req_param: request } } });
    expect(result).toMatchObject({
      ack: false,
      header: { status: "200", channel: "futures.order_place", event: "api" },
    });
    expect(result.data.result).toMatchObject({ status: "open", text: "t-ws", left: -10 });
    expect(result.header.x_gate_ratelimit_limit).toBe(100);
    const { id } = result.data.result;
    const [amended] = await socket.operate("order_amend", { order_id: id, price: "21100" });
    expect(amended.data.result).toMatchObject({ price: "21100" });
    expect((await socket.operate("order_status", { order_id: id }))[0].data.result).toMatchObject({ price: "21100" });
    const listed = await socket.operate("order_list", { contract: BTC, status: "open" });
    expect(listed[0].data.result).toMatchObject([{ id }]);
    const [cancelled] = await socket.operate("order_cancel", { order_id: id });
    expect(cancelled).not.toHaveProperty("ack");
    expect(cancelled.data.result).toMatchObject({ finish_as: "cancelled" });
    const [, batch] = await socket.operate("order_batch_place", [
      { ...request, text: "t-b" },
      { ...request, size: 0 },
    ]);
    expect(batch.data.errs.label).toBe("INVALID_PARAM_VALUE");
    const [, without] = await socket.operate("order_place", { contract: BTC, size: 10, price: "19000" });
    expect(without.data.result.text).toBe("apiv4-ws");
    const ids = await socket.operate("order_cancel_ids", [without.data.result.id, "9"]);
    expect(ids[0].data.result.map(({ succeeded }: Wire) => succeeded)).toEqual([true, false]);
    expect((await socket.operate("order_cancel_cp", { contract: BTC }))[0].data.result).toEqual([]);
  });

  it("of all kinds share a limit there, which orders over REST do not count for", async () => {
    gate = await startVenue({ rateLimits: "strict" });
    const socket = await gate.socket();
    await socket.login();
    const row = { contract: BTC, size: 10, price: "19000" };
    const batch = Array.from({ length: 9 }, () => row);
    const [, first] = await socket.operate("order_batch_place", batch);
    expect(first.header).toMatchObject({ x_gate_ratelimit_limit: 100, x_gate_ratelimit_requests_remain: 91 });
    const ids = first.data.result.map(({ id }: Wire) => String(id));
    const labels: (string | undefined)[] = [];
    for (let count = 0; count < 12; count += 1) {
      labels.push((await socket.operate("order_cancel_ids", ids))[0].data.errs?.label);
    }
    expect(labels).toEqual([...Array(10), "TOO_MANY_REQUESTS", "TOO_MANY_REQUESTS"]);
    expect((await gate.call("DELETE", `/orders/${ids[0]}`)).body.label).toBe("ORDER_FINISHED");
    expect((await socket.operate("order_list", { contract: BTC, status: "open" }))[0].header.status).toBe("200");
  });

  it("are refused after their deadline, and meet the faults that requests meet", async () => {
    gate = await startVenue();
    const socket = await gate.socket();
    await socket.login();
    const request = { contract: BTC, size: 10, price: "19000" };
    const late = { "x-gate-exptime": String(Math.floor(gate.venue.now()) - 1) };
    expect((await socket.operate("order_place", request, late)).at(-1).data.errs.label).toBe("REQUEST_EXPIRED");
    gate.venue.faults.set({ error429: 1 });
    expect((await socket.operate("order_place", request)).at(-1)).toMatchObject({
      ...{ header: { status: "429" }, data: { errs: { label: "TOO_MANY_REQUESTS" } } },
    });
    expect(gate.venue.truth().orders).toEqual([]);
    gate.venue.faults.set({ resetAfterAccept: 1 });
    expect((await socket.operate("order_place", request)).filter(({ ack }) => ack === false)).toEqual([]);
    expect([gate.venue.truth().orders.length, socket.closed]).toEqual([1, 1_001]);
  });
});
