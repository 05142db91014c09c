import { createHmac } from "node:crypto";
import { parseAmount } from "../../src/paper/engine/amount.ts";
import { createEngine } from "../../src/paper/engine/engine.ts";
import {
  createPaperVenue,
  PAPER_MARKETS,
  type PaperVenue,
  type PaperVenueOptions,
  type ProtocolName,
} from "../../src/paper/index.ts";
import { SyntheticFlow } from "../../src/paper/market/synthetic-flow.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { SeededRandom } from "../../src/runtime/simulated-random.ts";
import { type Cost, microsecondsOf, workedUs } from "./cost.ts";

const PRICE = "19000";
const SIZE = "0.001";
const REPEATS = 50;

export interface Order {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const hmac = (secret: string, text: string, encoding: "hex" | "base64" = "hex"): string =>
  createHmac("sha256", secret).update(text).digest(encoding);

/** A signed order as each protocol has it. */
export const ORDERS: Readonly<Partial<Record<ProtocolName, (venue: PaperVenue, nowMs: number) => Order>>> = {
  ftx({ apiKey, apiSecret }, nowMs) {
    const body = JSON.stringify({ market: "BTC-PERP", side: "buy", type: "limit", price: PRICE, size: SIZE });
    const time = String(Math.floor(nowMs));
    const sign = hmac(apiSecret, `${time}POST/api/orders${body}`);
    return { path: "/orders", body, headers: { "FTX-KEY": apiKey, "FTX-TS": time, "FTX-SIGN": sign } };
  },
  bybit({ apiKey, apiSecret }, nowMs) {
    const order = { symbol: "BTCUSDT", side: "Buy", orderType: "Limit", price: PRICE, qty: SIZE, positionIdx: 0 };
    const body = JSON.stringify({ category: "linear", ...order });
    const time = String(Math.floor(nowMs));
    const sign = hmac(apiSecret, `${time}${apiKey}5000${body}`);
    const headers = { "X-BAPI-API-KEY": apiKey, "X-BAPI-TIMESTAMP": time, "X-BAPI-RECV-WINDOW": "5000" };
    return { path: "/v5/order/create", body, headers: { ...headers, "X-BAPI-SIGN": sign } };
  },
  binance({ apiKey, apiSecret }, nowMs) {
    const order = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "GTC", price: PRICE, quantity: SIZE };
    const query = new URLSearchParams({ ...order, timestamp: String(Math.floor(nowMs)) }).toString();
    const path = `/fapi/v1/order?${query}&signature=${hmac(apiSecret, query)}`;
    return { path, body: "", headers: { "X-MBX-APIKEY": apiKey } };
  },
  okx({ apiKey, apiSecret, passphrase }, nowMs) {
    const path = "/api/v5/trade/order";
    const order = { instId: "BTC-USDT-SWAP", tdMode: "cross", side: "buy", ordType: "limit", px: PRICE, sz: "1" };
    const body = JSON.stringify(order);
    const time = new Date(nowMs).toISOString();
    const sign = hmac(apiSecret, `${time}POST${path}${body}`, "base64");
    const headers = { "OK-ACCESS-KEY": apiKey, "OK-ACCESS-PASSPHRASE": passphrase, "OK-ACCESS-TIMESTAMP": time };
    return { path, body, headers: { ...headers, "OK-ACCESS-SIGN": sign } };
  },
};

/** An order of the engine, without the protocol. */
export function place(venue: PaperVenue): void {
  venue.execute({
    ...({
      type: "placeOrder",
      accountId: venue.accountId,
      market: "BTC-USD",
      side: "buy",
      orderType: "limit",
    } as const),
    ...({ price: parseAmount(PRICE), size: parseAmount(SIZE), timeInForce: "GTC" } as const),
    ...{ postOnly: false, reduceOnly: false, clientId: null },
  });
}

export async function boxOf(api: ProtocolName, more: Partial<PaperVenueOptions> = {}) {
  const world = new SimulatedWorld({ seed: 1 });
  const unlimited = PAPER_MARKETS.map(({ maxOpenOrders: _, ...spec }) => spec);
  const options = { api, seed: 1, emptyBooks: true, rateLimits: "off", markets: unlimited, ...more } as const;
  const venue = await world.run(createPaperVenue(options, world.runtime("venue")));
  const client = world.runtime("client");
  const send = async (): Promise<string> => {
    const order = ORDERS[api]?.(venue, world.now());
    if (order === undefined) throw new Error(`there is no order of ${api} here`);
    const { path, headers, body } = order;
    const type = body === "" ? {} : { "Content-Type": "application/json" };
    const url = `${venue.rest}${path}`;
    const request = { method: "POST", url, headers: { ...headers, ...type }, body: body === "" ? undefined : body };
    const { status, text } = await world.run(client.http.request({ ...request, timeoutMs: 10_000 }));
    if (status !== 200) throw new Error(text);
    return text;
  };
  return { venue, world, send };
}

export function newestFirst(venue: PaperVenue): readonly number[] {
  return venue.engine
    .openOrders(venue.accountId)
    .map(({ orderId }) => orderId)
    .reverse();
}

/** Bybit keeps 500 orders a market at most, OKX and Binance other numbers: sizes stop below. */
const orderCost = (api: ProtocolName, sizes: readonly number[]): Cost => ({
  what: `box, ${api}: an order over REST, open orders`,
  unit: "us an order",
  sizes,
  async prepare(size) {
    const { venue, world, send } = await boxOf(api);
    for (let count = 0; count < size; count += 1) place(venue);
    const measure = async (): Promise<number> => {
      const startUs = workedUs();
      for (let repeat = 0; repeat < REPEATS; repeat += 1) await send();
      const us = (workedUs() - startUs) / REPEATS;
      await world.advance(100);
      const { accountId } = venue;
      for (const orderId of newestFirst(venue).slice(0, -size))
        venue.execute({ type: "cancelOrder", accountId, orderId });
      return us;
    };
    return { measure, end: () => world.run(venue.stop()) };
  },
});

/** The markets that live by themselves: what a market costs each second. */
const makers: Cost = {
  what: "box: a second of a market that lives by itself, markets",
  unit: "us a market",
  sizes: [4, 16, 64],
  prepare(size) {
    const [first] = PAPER_MARKETS;
    if (first === undefined) throw new Error("the paper venue lists no market");
    const markets = Array.from({ length: size }, (_, index) => ({
      ...first,
      market: `M${index}-USD`,
      base: `M${index}`,
    }));
    const engine = createEngine({
      markets,
      startMs: 0,
      makerFee: 0n,
      fundingDivisor: 24n,
      takerFee: 0n,
      defaultLeverage: parseAmount("10"),
    });
    const flow = new SyntheticFlow({ engine, random: new SeededRandom(1, "bench"), markets, levels: 20 });
    flow.build(0);
    let nowMs = 0;
    const measure = () =>
      microsecondsOf(size, () => {
        for (let step = 0; step < 20; step += 1) {
          nowMs += 50;
          flow.step(nowMs);
        }
      });
    return { measure };
  },
};

export const boxCosts: readonly Cost[] = [
  orderCost("ftx", [10, 100, 1_000, 5_000, 10_000]),
  orderCost("bybit", [10, 100, 400]),
  orderCost("binance", [10, 100, 1_000, 5_000, 10_000]),
  orderCost("okx", [10, 100, 1_000, 5_000, 10_000]),
  makers,
];
