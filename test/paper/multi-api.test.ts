import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatIsoTime } from "../../src/model/time.ts";
import {
  createPaperVenue,
  PAPER_MARKETS,
  PAPER_PASSPHRASE,
  type PaperVenue,
  PROTOCOL_NAMES,
} from "../../src/paper/index.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

const sign = (text: string) => createHmac("sha256", "secret").update(text).digest("hex");
const ACCOUNTS = [
  { apiKey: "key", apiSecret: "secret" },
  { apiKey: "rival", apiSecret: "secret", username: "rival" },
];

let world: SimulatedWorld;
let venue: PaperVenue;
beforeEach(async () => {
  world = new SimulatedWorld({ seed: 1 });
  const options = {
    api: "all",
    seed: 1,
    rateLimits: "off",
    emptyBooks: true,
    accounts: ACCOUNTS,
    markets: PAPER_MARKETS,
  } as const;
  venue = await world.run(createPaperVenue(options, world.runtime("venue")));
});
afterEach(() => venue.stop());

async function request(method: string, url: string, body: string, headers: Record<string, string>) {
  const type = body === "" ? {} : { "content-type": "application/json" };
  const call = {
    method,
    url,
    headers: { ...headers, ...type },
    body: body === "" ? undefined : body,
    timeoutMs: 5_000,
  };
  const { status, text } = await world.run(world.runtime("client").http.request(call));
  return { status, text };
}

const timestamp = () => String(Math.floor(world.now()));

async function ftx(key: string, method: string, path: string, fields?: object) {
  const ts = timestamp();
  const body = fields === undefined ? "" : JSON.stringify(fields);
  const headers = { "FTX-KEY": key, "FTX-TS": ts, "FTX-SIGN": sign(`${ts}${method}/api${path}${body}`) };
  return JSON.parse((await request(method, `${venue.urls.ftx!.rest}${path}`, body, headers)).text);
}

async function bybit(key: string, method: string, path: string, content: string | object) {
  const ts = timestamp();
  const text = typeof content === "string" ? content : JSON.stringify({ category: "linear", ...content });
  const headers = {
    "X-BAPI-API-KEY": key,
    "X-BAPI-TIMESTAMP": ts,
    "X-BAPI-RECV-WINDOW": "5000",
    "X-BAPI-SIGN": sign(`${ts}${key}5000${text}`),
  };
  const [target, body] = method === "GET" ? [`${path}?${text}`, ""] : [path, text];
  return JSON.parse((await request(method, `${venue.urls.bybit!.rest}${target}`, body, headers)).text);
}

async function okx(key: string, method: string, path: string, fields?: object) {
  const ts = formatIsoTime(world.now());
  const body = fields === undefined ? "" : JSON.stringify(fields);
  const payload = `${ts}${method}/api/v5${path}${body}`;
  const headers = {
    "OK-ACCESS-KEY": key,
    "OK-ACCESS-TIMESTAMP": ts,
    "OK-ACCESS-PASSPHRASE": PAPER_PASSPHRASE,
    "OK-ACCESS-SIGN": createHmac("sha256", "secret").update(payload).digest("base64"),
  };
  return JSON.parse((await request(method, `${venue.urls.okx!.rest}/api/v5${path}`, body, headers)).text);
}

const ftxOrder = (side: string, size: number) => ({
  market: "BTC-PERP",
  side,
  price: 20_000,
  size,
  type: "limit",
  clientId: "from-ftx",
});
const bybitOrder = {
  symbol: "BTCUSDT",
  side: "Buy",
  orderType: "Limit",
  qty: "0.3",
  price: "20000",
  orderLinkId: "from-bybit",
};

describe("a venue with every protocol", () => {
  it("serves each on its own paths of one port", () => {
    expect(Object.keys(venue.urls)).toEqual(PROTOCOL_NAMES);
    expect(venue.urls.ftx).toEqual({ rest: venue.rest, ws: venue.ws });
    expect(venue.urls.bybit).toEqual({ rest: `http://127.0.0.1:${venue.port}`, ws: `ws://127.0.0.1:${venue.port}` });
  });

  it("matches orders of one with those of another", async () => {
    await ftx("rival", "POST", "/orders", ftxOrder("sell", 0.2));
    await world.advance(20);
    const { retCode, result } = await bybit("key", "POST", "/v5/order/create", bybitOrder);
    expect(retCode).toBe(0);
    await world.advance(20);
    const [row] = (await bybit("key", "GET", "/v5/order/realtime", `category=linear&orderId=${result.orderId}`)).result
      .list;
    expect(row).toMatchObject({ orderStatus: "PartiallyFilled", cumExecQty: "0.2000" });
    expect((await ftx("rival", "GET", "/fills")).result).toMatchObject([
      { market: "BTC-PERP", size: 0.2, liquidity: "maker" },
    ]);
    expect((await ftx("rival", "GET", "/positions")).result[0]).toMatchObject({ netSize: -0.2 });
  });

  it("counts in contracts where a protocol does, over the same book", async () => {
    await ftx("rival", "POST", "/orders", ftxOrder("sell", 0.2));
    await world.advance(20);
    const wish = { instId: "BTC-USDT-SWAP", tdMode: "cross", side: "buy", ordType: "limit", sz: "30", px: "20000" };
    const [{ ordId }] = (await okx("key", "POST", "/trade/order", wish)).data;
    await world.advance(20);
    const [row] = (await okx("key", "GET", `/trade/order?instId=BTC-USDT-SWAP&ordId=${ordId}`)).data;
    expect(row).toMatchObject({ state: "partially_filled", accFillSz: "20" });
    const [open] = (await bybit("key", "GET", "/v5/order/realtime", "category=linear&symbol=BTCUSDT")).result.list;
    expect(open).toMatchObject({ qty: "0.3000", cumExecQty: "0.2000" });
    await bybit("key", "POST", "/v5/order/cancel", { symbol: "BTCUSDT", orderId: open.orderId });
    await world.advance(20);
    const [ended] = (await okx("key", "GET", `/trade/order?instId=BTC-USDT-SWAP&ordId=${ordId}`)).data;
    expect(ended).toMatchObject({ state: "canceled", cancelSource: "1" });
  });

  it("tells OKX's paths from FTX's, which begin alike", async () => {
    const base = `http://127.0.0.1:${venue.port}`;
    expect(JSON.parse((await request("GET", `${base}/api/v5/public/time`, "", {})).text)).toMatchObject({ code: "0" });
    expect(JSON.parse((await request("GET", `${base}/api/markets`, "", {})).text)).toMatchObject({ success: true });
    expect(JSON.parse((await request("GET", `${base}/api/v5/nothing`, "", {})).text)).toMatchObject({ code: "404" });
  });

  it("shows an account's orders in each, and lets each cancel them", async () => {
    await ftx("key", "POST", "/orders", ftxOrder("sell", 0.2));
    await world.advance(20);
    const [row] = (await bybit("key", "GET", "/v5/order/realtime", "category=linear&symbol=BTCUSDT")).result.list;
    expect(row).toMatchObject({ orderLinkId: "from-ftx", side: "Sell", qty: "0.2000" });
    const body = { symbol: "BTCUSDT", orderId: row.orderId };
    expect((await bybit("key", "POST", "/v5/order/amend", { ...body, qty: "0.1" })).retCode).toBe(0);
    await world.advance(20);
    expect((await ftx("key", "GET", "/orders?market=BTC-PERP")).result).toMatchObject([{ size: 0.1 }]);
    expect((await bybit("key", "POST", "/v5/order/cancel", body)).retCode).toBe(0);
    await world.advance(20);
    expect((await ftx("key", "GET", "/orders?market=BTC-PERP")).result).toEqual([]);
  });

  it("tells the truth in the ids of the protocol that is asked for", async () => {
    await ftx("key", "POST", "/orders", ftxOrder("sell", 0.2));
    await world.advance(20);
    const ofBybit = venue.truth(venue.accountId, "bybit").orders[0]!;
    const ofFtx = venue.truth().orders[0]!;
    expect([typeof ofFtx.orderId, typeof ofBybit.orderId]).toEqual(["number", "string"]);
    expect({ ...ofFtx, orderId: 0 }).toEqual({ ...ofBybit, orderId: 0 });
    const told = await request("GET", `${venue.control}/truth?api=bybit`, "", { "paper-key": "key" });
    expect(JSON.parse(told.text).orders[0].orderId).toBe(ofBybit.orderId);
    expect((await request("GET", `${venue.control}/truth?api=kraken`, "", { "paper-key": "key" })).status).toBe(404);
  });

  it("answers a path of nobody as its first protocol would, and faults as the protocol that was asked", async () => {
    const nobody = await request("GET", `http://127.0.0.1:${venue.port}/nothing`, "", {});
    expect([nobody.status, JSON.parse(nobody.text)]).toEqual([404, { success: false, error: "Not Found" }]);
    venue.faults.set({ error429: 1 });
    expect(await request("GET", `${venue.urls.bybit!.rest}/v5/market/time`, "", {})).toMatchObject({ status: 200 });
    expect((await request("GET", `${venue.urls.ftx!.rest}/markets`, "", {})).status).toBe(429);
  });

  it("has all connections broken by a restart", async () => {
    const closed: string[] = [];
    for (const [name, url] of [
      ["ftx", venue.urls.ftx!.ws],
      ["bybit", `${venue.urls.bybit!.ws}/v5/private`],
      ["okx", `${venue.urls.okx!.ws}/ws/v5/private`],
    ] as const) {
      const handlers = { onText: () => undefined, onClose: () => void closed.push(name) };
      await world.run(world.runtime("client").webSocket.connect(url, handlers, { handshakeTimeoutMs: 5_000 }));
    }
    await world.run(venue.restart(50));
    expect(closed.toSorted()).toEqual(["bybit", "ftx", "okx"]);
  });
});

it("an unknown protocol is refused with the known ones", async () => {
  const options = { api: "kraken" } as unknown as { api: "ftx" };
  await expect(createPaperVenue(options, world.runtime("other"))).rejects.toMatchObject({
    message: 'there is no API "kraken"',
  });
});

it.each(["bybit", "binance", "okx", "gate_io", "all"] as const)(
  "lists markets for %s on which no fill leaves what is too small to close",
  async (api) => {
    const own = await world.run(createPaperVenue({ api, seed: 1, emptyBooks: true }, world.runtime("own")));
    for (const { spec } of own.engine.markets())
      expect([spec.minSize, spec.minMakerSize]).toEqual([spec.lot, spec.lot]);
    await world.run(own.stop());
  },
);
