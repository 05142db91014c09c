import { describe, expect, it } from "vitest";
import { createPaperVenue, PAPER_PASSPHRASE } from "../../src/paper/index.ts";
import type { ProtocolName } from "../../src/paper/protocols/protocols.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { type Credentials, type Draft, judge, SIGNERS, signedQuery } from "../support/fuzz/box-clients.ts";

const credentials = (name: string): Credentials => ({
  ...{ key: `key-${name}`, secret: `secret-${name}` },
  passphrase: PAPER_PASSPHRASE,
});
const [OWNER, OTHER] = [credentials("owner"), credentials("other")];

interface Call {
  readonly method: string;
  readonly path: string;
  readonly fields?: object;
}
/** Accounts of Hyperliquid are open to all eyes; what is nobody else's to do there is in its own tests. */
type ClosedProtocol = Exclude<ProtocolName, "hyperliquid">;
type Calls = Readonly<Record<ClosedProtocol, (id: string) => readonly Call[]>>;

const LINEAR = { category: "linear", symbol: "BTCUSDT" };
const SWAP = { instId: "BTC-USDT-SWAP" };
const GATE = "/api/v4/futures/usdt";
const SYMBOL = { symbol: "BTCUSDT" };
const call = (method: string, path: string, fields?: object): Call => ({ method, path, ...(fields && { fields }) });

const PLACE: Readonly<Record<ClosedProtocol, Call>> = {
  ftx: call("POST", "/api/orders", {
    ...{ market: "BTC-PERP", side: "buy", type: "limit", size: 0.01, price: 19_000, clientId: "mine" },
  }),
  bybit: call("POST", "/v5/order/create", {
    ...{ ...LINEAR, side: "Buy", orderType: "Limit", qty: "0.01", price: "19000", orderLinkId: "mine" },
  }),
  binance: call("POST", "/fapi/v1/order", {
    ...{ ...SYMBOL, side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.01", price: "19000" },
    newClientOrderId: "mine",
  }),
  okx: call("POST", "/api/v5/trade/order", {
    ...{ ...SWAP, tdMode: "cross", side: "buy", ordType: "limit", sz: "1", px: "19000", clOrdId: "mine" },
  }),
  gate_io: call("POST", `${GATE}/orders`, { contract: "BTC_USDT", size: 10, price: "19000", text: "t-mine" }),
};

/** By which somebody changes an order, or asks for it, under its id and under its client id. */
const MEDDLING: Calls = {
  ftx: (id) => [
    ...[call("GET", `/api/orders/${id}`), call("GET", "/api/orders/by_client_id/mine")],
    ...[call("POST", `/api/orders/${id}/modify`, { price: 18_000 }), call("DELETE", `/api/orders/${id}`)],
    call("POST", "/api/orders/by_client_id/mine/modify", { price: 18_000 }),
    call("DELETE", "/api/orders/by_client_id/mine"),
  ],
  bybit: (id) =>
    [{ orderId: id }, { orderLinkId: "mine" }].flatMap((reference) => [
      call("POST", "/v5/order/amend", { ...LINEAR, ...reference, price: "18000" }),
      call("POST", "/v5/order/cancel", { ...LINEAR, ...reference }),
    ]),
  binance: (id) =>
    [{ orderId: id }, { origClientOrderId: "mine" }].flatMap((reference) => [
      ...["GET", "DELETE"].map((method) => call(method, "/fapi/v1/order", { ...SYMBOL, ...reference })),
      call("GET", "/fapi/v1/openOrder", { ...SYMBOL, ...reference }),
      call("PUT", "/fapi/v1/order", { ...SYMBOL, ...reference, side: "BUY", quantity: "0.01", price: "18000" }),
    ]),
  okx: (id) =>
    [{ ordId: id }, { clOrdId: "mine" }].flatMap((reference) => [
      call("GET", "/api/v5/trade/order", { ...SWAP, ...reference }),
      call("POST", "/api/v5/trade/amend-order", { ...SWAP, ...reference, newPx: "18000" }),
      call("POST", "/api/v5/trade/cancel-order", { ...SWAP, ...reference }),
    ]),
  gate_io: (id) =>
    [id, "t-mine"].flatMap((reference) => [
      ...["GET", "DELETE"].map((method) => call(method, `${GATE}/orders/${reference}`)),
      call("PUT", `${GATE}/orders/${reference}`, { price: "18000" }),
    ]),
};

/** What is done and shows nothing where the account has nothing; none of it may tell of another's. */
const LOOKING: Calls = {
  ftx: () => [call("GET", "/api/orders?market=BTC-PERP"), call("DELETE", "/api/orders", { market: "BTC-PERP" })],
  bybit: (id) => [
    ...[LINEAR, { ...LINEAR, orderId: id }].map((fields) => call("GET", "/v5/order/realtime", fields)),
    call("POST", "/v5/order/cancel-all", LINEAR),
  ],
  binance: () => [
    ...["openOrders", "allOrders"].map((name) => call("GET", `/fapi/v1/${name}`, SYMBOL)),
    call("DELETE", "/fapi/v1/allOpenOrders", SYMBOL),
  ],
  okx: () => [call("GET", "/api/v5/trade/orders-pending", { instType: "SWAP" })],
  gate_io: () => [
    ...["open", "finished"].map((status) => call("GET", `${GATE}/orders`, { status })),
    ...["my_trades", "account_book"].map((name) => call("GET", `${GATE}/${name}`)),
    call("DELETE", `${GATE}/orders`, { contract: "BTC_USDT" }),
  ],
};

async function start(api: ClosedProtocol) {
  const world = new SimulatedWorld({ seed: 4 });
  const accounts = [OWNER, OTHER].map(({ key, secret }) => ({ apiKey: key, apiSecret: secret, username: key }));
  const options = { api, seed: 4, accounts, emptyBooks: true, rateLimits: "off" } as const;
  const venue = await world.run(createPaperVenue(options, world.runtime("venue")));
  const client = world.runtime("client");
  /** `changed` is what happens to a request after it was signed. */
  const send = async (
    { method, path, fields = {} }: Call,
    by: Credentials,
    changed: Partial<Draft> = {},
    agoMs = 0,
  ) => {
    const [plain = "", given = ""] = path.split("?");
    const isQuery = method === "GET" || api === "binance" || (api === "gate_io" && method === "DELETE");
    const text = isQuery ? new URLSearchParams(Object.entries(fields)).toString() : given;
    const nowMs = venue.now() - agoMs;
    const query = signedQuery(api, text || given, by, nowMs);
    const draft = { method, path: plain, query, body: isQuery ? "" : JSON.stringify(fields) };
    const headers = SIGNERS[api](draft, by, nowMs);
    const sent = { ...draft, ...changed };
    const url = `http://${venue.host}:${venue.port}${sent.path}${sent.query === "" ? "" : `?${sent.query}`}`;
    const body = sent.body === "" ? {} : { body: sent.body };
    const answer = await world.run(client.http.request({ method, url, headers, ...body, timeoutMs: 5_000 }));
    await world.advance(20);
    return { ...judge(api, answer.status, answer.text), text: answer.text };
  };
  await send(PLACE[api], OWNER);
  const order = () => venue.truth(OWNER.key).orders[0];
  return { venue, send, order, id: String(order()?.orderId) };
}

describe.each(["ftx", "bybit", "binance", "okx", "gate_io"] as const)("on %s", (api) => {
  it("nobody asks for, amends or cancels another's order, by either of its ids", async () => {
    const { venue, send, order, id } = await start(api);
    const before = order();
    expect(before?.status).toBe("open");
    for (const one of MEDDLING[api](id)) {
      const { succeeded, fault } = await send(one, OTHER);
      expect([one, succeeded, fault]).toEqual([one, false, undefined]);
    }
    for (const one of LOOKING[api](id)) {
      const { succeeded, text } = await send(one, OTHER);
      expect([one, succeeded]).toEqual([one, true]);
      expect(text).not.toMatch(/mine|19000/);
    }
    expect(order()).toEqual(before);
    // They are the owner's to do: refusals were not for another reason.
    for (const one of MEDDLING[api](id).slice(0, 1)) expect((await send(one, OWNER)).succeeded).toBe(true);
    await venue.stop();
  });

  it("nothing is done that was signed for another request, by another secret or long ago", async () => {
    const { venue, send, order } = await start(api);
    const place = PLACE[api];
    const forged: Partial<Draft> =
      api === "binance" ? { body: "quantity=5" } : { body: JSON.stringify({ ...place.fields, side: "sell" }) };
    const replies = [
      await send(place, OWNER, forged),
      await send(place, { ...OWNER, secret: OTHER.secret }),
      await send(place, { ...OTHER, key: OWNER.key }),
      // Gate counts whole seconds and lets sixty of them pass, either way.
      await send(place, OWNER, {}, 62_000),
      await send(place, OWNER, {}, -62_000),
    ];
    expect(replies.map(({ succeeded, fault }) => [succeeded, fault])).toEqual(replies.map(() => [false, undefined]));
    expect(venue.truth(OWNER.key).orders).toEqual([order()]);
    await venue.stop();
  });
});
