import { generateKeyPairSync, sign as signWith } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PaperVenueOptions } from "../../../../src/paper/index.ts";
import { type FrameObject, type Harness, type Params, sign, startVenue, type TestSocket } from "./harness.ts";
import { limit, SYMBOL } from "./order-calls.ts";

const OPTIONS: Partial<PaperVenueOptions> = { startingBalance: "10000" };

let harness: Harness;
let socket: TestSocket;
const start = async (options: Partial<PaperVenueOptions> = {}) => {
  harness = await startVenue({ ...OPTIONS, ...options });
  socket = await harness.connect("/ws-fapi/v1");
};
beforeEach(() => start());
afterEach(() => harness.venue.stop());

const restart = async (options: Partial<PaperVenueOptions>) => {
  await harness.venue.stop();
  await start(options);
};

const sorted = (params: Params) =>
  Object.entries(params)
    .map(([name, value]) => `${name}=${String(value)}`)
    .sort()
    .join("&");

const signed = (params: Params, by = (text: string) => sign(harness.venue.apiSecret, text)): Params => {
  const all = { apiKey: harness.venue.apiKey, timestamp: Math.floor(harness.world.now()), ...params };
  return { ...all, signature: by(sorted(all)) };
};

const ask = async (method: string, params: Params): Promise<FrameObject> => {
  const before = socket.frames.length;
  socket.send({ id: "7f-a", method, params });
  await harness.world.advance(50);
  return socket.frames[before];
};

const openOrders = () => harness.venue.engine.openOrders(harness.venue.engine.accountIds()[0]!);
const ownOrders = () => openOrders().filter(({ clientId }) => clientId !== null);

describe("the WebSocket API", () => {
  test("places, modifies, shows and cancels an order with a signature in each request", async () => {
    const placed = await ask("order.place", signed(limit({ newClientOrderId: "w1" })));
    expect(placed).toMatchObject({
      id: "7f-a",
      status: 200,
      result: { symbol: "BTCUSDT", status: "NEW", clientOrderId: "w1" },
    });
    expect(placed.rateLimits).toEqual([
      { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: 2_400, count: expect.any(Number) },
      { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: 300, count: 1 },
      { rateLimitType: "ORDERS", interval: "MINUTE", intervalNum: 1, limit: 1_200, count: 1 },
    ]);
    const { orderId } = placed.result;
    const change = { ...SYMBOL, orderId, side: "BUY", quantity: "0.020", price: "50000" };
    expect(await ask("order.modify", signed(change))).toMatchObject({
      status: 200,
      result: { orderId, origQty: "0.020" },
    });
    expect(await ask("order.status", signed({ ...SYMBOL, orderId }))).toMatchObject({
      result: { orderId, status: "NEW" },
    });
    expect(await ask("order.cancel", signed({ ...SYMBOL, origClientOrderId: "w1" }))).toMatchObject({
      status: 200,
      result: { orderId, status: "CANCELED" },
    });
    expect(await ask("order.cancel", signed({ ...SYMBOL, orderId }))).toMatchObject({
      id: "7f-a",
      status: 400,
      error: { code: -2011, msg: "Unknown order sent." },
    });
  });

  test("signs all parameters by name: another order of them, or one that is left out, does not fit", async () => {
    const params = limit();
    const unsorted = Object.entries({
      ...params,
      apiKey: harness.venue.apiKey,
      timestamp: Math.floor(harness.world.now()),
    });
    const payload = unsorted.map(([name, value]) => `${name}=${String(value)}`).join("&");
    const wrong = { ...Object.fromEntries(unsorted), signature: sign(harness.venue.apiSecret, payload) };
    expect(await ask("order.place", wrong)).toMatchObject({ status: 400, error: { code: -1022 } });
    expect(await ask("order.place", { ...signed(params), quantity: "0.020" })).toMatchObject({
      error: { code: -1022 },
    });
    expect(await ask("order.place", { ...signed(params), apiKey: "none" })).toMatchObject({
      status: 401,
      error: { code: -2015 },
    });
    expect(await ask("order.place", signed({ ...params, timestamp: 1 }))).toMatchObject({ error: { code: -1021 } });
    expect(openOrders()).toEqual([]);
  });

  test("lets no key of HMAC log on to a session, and one of Ed25519, whose requests need no signature then", async () => {
    expect(await ask("session.logon", signed({}))).toMatchObject({ status: 400, error: { code: -1022 } });
    const { privateKey } = generateKeyPairSync("ed25519");
    const apiSecret = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    await restart({ accounts: [{ apiKey: "ed25519-key", apiSecret }] });
    const byKey = (text: string) => signWith(null, Buffer.from(text), privateKey).toString("base64");
    const timestamp = () => Math.floor(harness.world.now());
    expect(await ask("order.place", { ...limit(), timestamp: timestamp() })).toMatchObject({ error: { code: -2014 } });
    const logon = await ask("session.logon", signed({}, byKey));
    expect(logon).toMatchObject({ status: 200, result: { apiKey: harness.venue.apiKey, returnRateLimits: true } });
    expect(logon.result.authorizedSince).toBeGreaterThanOrEqual(logon.result.connectedSince);
    expect(await ask("order.place", { ...limit(), timestamp: timestamp() })).toMatchObject({ status: 200 });
    expect(await ask("order.place", { ...limit(), timestamp: timestamp() - 10_000 })).toMatchObject({
      error: { code: -1021 },
    });
    expect(await ask("session.logout", {})).toMatchObject({ result: { apiKey: null, authorizedSince: null } });
    expect(await ask("order.place", { ...limit(), timestamp: timestamp() })).toMatchObject({ error: { code: -2014 } });
  });

  test("shares the limits of orders with REST, and tells when to come again", async () => {
    await restart({ rateLimits: "strict" });
    for (let count = 0; count < 300; count += 1) await harness.call("POST", "/fapi/v1/order/test", limit());
    const refused = await ask("order.place", signed(limit()));
    expect(refused).toMatchObject({ status: 429, error: { code: -1015, data: { retryAfter: expect.any(Number) } } });
    expect(refused.error.data.retryAfter).toBeGreaterThan(refused.error.data.serverTime);
  });

  test("tells no limits where the connection or the request does not want them", async () => {
    expect(await ask("ticker.price", { ...SYMBOL, returnRateLimits: false })).not.toHaveProperty("rateLimits");
    socket = await harness.connect("/ws-fapi/v1?returnRateLimits=false");
    expect(await ask("ticker.price", SYMBOL)).not.toHaveProperty("rateLimits");
  });

  test("answers what is no request with an error without an id", async () => {
    socket.connection!.send("{");
    await harness.world.advance(50);
    expect(socket.frames[0]).toMatchObject({ id: null, status: 400, error: { code: -1135 } });
    expect(await ask("order.nothing", {})).toMatchObject({ status: 400, error: { code: -1020 } });
  });

  test("loses the answer of an order that was placed, and the connection with it", async () => {
    harness.venue.faults.set({ resetAfterAccept: 1 });
    expect(await ask("order.place", signed(limit({ newClientOrderId: "lost" })))).toBeUndefined();
    expect(socket.closed).toBeDefined();
    expect(ownOrders().map(({ clientId }) => clientId)).toEqual(["lost"]);
  });

  test("loses an order before it is placed, answers 429, and takes none in maintenance", async () => {
    harness.venue.faults.set({ error429: 1 });
    expect(await ask("order.place", signed(limit()))).toMatchObject({ status: 429, error: { code: -1003 } });
    harness.venue.faults.set({ maintenance: { everyMs: 10_000, forMs: 10_000 } });
    expect(await ask("order.place", signed(limit()))).toMatchObject({ status: 503, error: { code: -1016 } });
    harness.venue.faults.set({ resetBeforeAccept: 1 });
    expect(await ask("order.place", signed(limit()))).toBeUndefined();
    expect(socket.closed).toBeDefined();
    expect(openOrders()).toEqual([]);
  });
});
