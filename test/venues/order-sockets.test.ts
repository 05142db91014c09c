import { describe, expect, it } from "vitest";
import { Decimal } from "../../src/model/decimal.ts";
import {
  OrderRejectedError,
  type PerpwireError,
  RateLimitError,
  VenueUnavailableError,
} from "../../src/model/error.ts";
import type { OrderToPlace } from "../../src/model/order.ts";
import type { OrderSocketFrame } from "../../src/net/order-socket.ts";
import type { VenueRequest } from "../../src/net/venue-api.ts";
import type { HttpResponse } from "../../src/runtime/runtime.ts";
import { orderSocket as binance } from "../../src/venues/binance/order-socket.ts";
import { derivative as bybitDerivative } from "../../src/venues/bybit/derivative.ts";
import { orderSocket as bybit } from "../../src/venues/bybit/order-socket.ts";
import { unwrapResponse } from "../../src/venues/bybit/web-utils.ts";
import { createGateIoAuth } from "../../src/venues/gate-io/auth.ts";
import { derivative as gateIoDerivative } from "../../src/venues/gate-io/derivative.ts";
import { orderSocket as gateIo } from "../../src/venues/gate-io/order-socket.ts";
import * as gateWebUtils from "../../src/venues/gate-io/web-utils.ts";
import { createHyperliquidAuth } from "../../src/venues/hyperliquid/auth.ts";
import { derivative as hyperliquidDerivative } from "../../src/venues/hyperliquid/derivative.ts";
import { orderSocket as hyperliquid } from "../../src/venues/hyperliquid/order-socket.ts";
import * as hyperliquidWebUtils from "../../src/venues/hyperliquid/web-utils.ts";
import { orderSocket as okx } from "../../src/venues/okx/order-socket.ts";
import { markets } from "./bybit/wire.ts";
import { markets as gateMarkets, wireOrder } from "./gate-io/wire.ts";
import { CLOID, KEY, marketsOf, NOW, USER } from "./hyperliquid/wire.ts";

const orderToPlace: OrderToPlace = {
  ...{ clientOrderId: "a", tradingPair: "BTC-USDT", side: "buy", type: "limit", timeInForce: "GTC", reduceOnly: false },
  ...{ amount: new Decimal("0.01"), price: new Decimal(60_000), positionAction: "open", positionMode: "oneWay" },
};

function responseOf(frame: OrderSocketFrame, id: string): HttpResponse {
  expect(frame).toMatchObject({ kind: "answer", id });
  return frame.kind === "answer" ? frame.response : expect.unreachable();
}

function thrownBy(call: () => unknown): PerpwireError {
  try {
    call();
  } catch (error) {
    return error as PerpwireError;
  }
  return expect.unreachable("it threw nothing");
}

const readAction = (response: HttpResponse): unknown =>
  hyperliquidWebUtils.unwrapResponse(response, { path: "/exchange" });

describe("an answer on a socket for orders", () => {
  it.each([{}, { header: { Traceid: "t" } }])(
    "of Bybit's that tells no time (%o) is an acceptance all the same",
    (more) => {
      const data = { orderId: "o-1", orderLinkId: "a" };
      const frame = bybit.readFrame({ reqId: "1", retCode: 0, retMsg: "OK", op: "order.create", data, ...more });
      const response = "response" in frame ? frame.response : expect.unreachable();
      const payload = unwrapResponse(response, { method: "POST", path: "/v5/order/create" });
      const placed = bybitDerivative.placeOrder(markets, orderToPlace).parse(payload);
      expect(placed).toMatchObject({ exchangeOrderId: "o-1", timestampMs: undefined });
    },
  );

  it.each([undefined, "", {}])("of Bybit's whose time is %o tells none", (Timenow) => {
    const data = { orderId: "o-1", orderLinkId: "a" };
    const header = { Traceid: "t", Timenow };
    const frame = bybit.readFrame({ reqId: "1", retCode: 0, retMsg: "OK", op: "order.create", data, header });
    const payload = unwrapResponse(responseOf(frame, "1"), { method: "POST", path: "/v5/order/create" });
    expect(bybitDerivative.placeOrder(markets, orderToPlace).parse(payload)).toMatchObject({ timestampMs: undefined });
  });

  it("of Bybit's that restarts is the last one there", () => {
    const answer = (retCode: number) =>
      bybit.readFrame({ reqId: "1", retCode, retMsg: "its words", op: "order.create" });
    expect(answer(10019)).toMatchObject({ kind: "answer", id: "1", isLast: true });
    expect(answer(0)).toMatchObject({ kind: "answer", id: "1", isLast: false });
    expect(answer(110007)).toMatchObject({ kind: "answer", id: "1", isLast: false });
  });

  it("of Gate.io's that only says that a create has come is none, and the next one is the order", () => {
    const header = { status: "200", channel: "futures.order_place", event: "api" };
    const came = { request_id: "7", ack: true, header, data: { result: { req_id: "7", req_param: {} } } };
    expect(gateIo.readFrame(came)).toEqual({ kind: "ignored" });
    const limits = { x_gate_ratelimit_requests_remain: 99, x_gate_ratelimit_limit: 100 };
    const times = { x_out_time: 1_790_000_001_008_000, x_gat_ratelimit_reset_timestamp: 1_790_000_002_012 };
    const data = { result: wireOrder({ id: "91000001" }) };
    const done = gateIo.readFrame({ request_id: "7", ack: false, header: { ...header, ...limits, ...times }, data });
    const response = responseOf(done, "7");
    const request = gateIoDerivative.placeOrder(gateMarkets, { ...orderToPlace, clientOrderId: "t-pw-1" });
    expect(request.parse(gateWebUtils.unwrapResponse(response, request.request))).toMatchObject({
      exchangeOrderId: "91000001",
    });
    expect(gateWebUtils.rateLimitFeedback(response, request.request)).toMatchObject([{ used: 1, isRefused: false }]);
  });

  it.each([
    ["400", "ORDER_POC_IMMEDIATE", OrderRejectedError, "definite"],
    ["200", "ORDER_POC_IMMEDIATE", OrderRejectedError, "definite"],
    ["429", "TOO_MANY_REQUESTS", RateLimitError, "definite"],
    ["500", "SERVER_ERROR", VenueUnavailableError, "unknown"],
    ["400", "SOMETHING_NEW", OrderRejectedError, "unknown"],
    ["502", undefined, VenueUnavailableError, "unknown"],
  ] as const)("of Gate.io's with status %s and label %s is an error as over REST", (status, label, type, outcome) => {
    const header = { status, channel: "futures.order_place" };
    const data = label === undefined ? {} : { errs: { label, message: "its words" } };
    for (const ack of [false, true, undefined]) {
      const response = responseOf(gateIo.readFrame({ request_id: "7", ack, header, data }), "7");
      const path = "/api/v4/futures/usdt/orders";
      const error = thrownBy(() => gateWebUtils.unwrapResponse(response, { method: "POST", path }));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ outcome });
    }
  });

  it("of Gate.io's that misses the login is the last one there, and an upgrade ends the connection", () => {
    const header = { status: "401", channel: "futures.order_cancel" };
    const refused = (label: string) =>
      gateIo.readFrame({ request_id: "7", header, data: { errs: { label, message: "m" } } });
    expect(refused("AUTHENTICATION_FAILED")).toMatchObject({ kind: "answer", isLast: true });
    expect(refused("ORDER_NOT_FOUND")).toMatchObject({ kind: "answer", isLast: false });
    expect(gateIo.readFrame({ channel: "futures.system", event: "update" })).toEqual({ kind: "reconnect" });
    expect(gateIo.readFrame({ channel: "futures.pong", event: "" })).toEqual({ kind: "ignored" });
  });

  it("of Hyperliquid's is the answer of HTTP in an envelope, whatever its status", () => {
    const frame = (response: object) => hyperliquid.readFrame({ channel: "post", data: { id: 7, response } });
    const ok = { status: "ok", response: { type: "order", data: { statuses: [{ resting: { oid: 88_383 } }] } } };
    expect(readAction(responseOf(frame({ type: "action", payload: ok }), "7"))).toEqual([{ resting: { oid: 88_383 } }]);
    const error = (response: object) => thrownBy(() => readAction(responseOf(frame(response), "7")));
    const duplicate = { status: "err", response: "Invalid nonce: duplicate nonce 1790000000000" };
    expect(error({ type: "action", payload: duplicate })).toMatchObject({ outcome: "unknown" });
    const unread = "422: Failed to deserialize the JSON body into the target type";
    expect(error({ type: "error", payload: unread })).toMatchObject({ outcome: "definite", venueCode: "422" });
    expect(error({ type: "error", payload: "429: null" })).toBeInstanceOf(RateLimitError);
    expect(error({ type: "error", payload: "its words" })).toMatchObject({ outcome: "unknown" });
    expect(error({ type: "error" })).toMatchObject({ outcome: "unknown" });
  });

  it("of Hyperliquid's that is an error names its message, or is of any", () => {
    const frame = (data: string) => hyperliquid.readFrame({ channel: "error", data });
    const full = thrownBy(() => readAction(responseOf(frame("too many pending post requests id=7"), "7")));
    expect(full).toBeInstanceOf(RateLimitError);
    const sent = JSON.stringify({ method: "post", id: 7, request: { payload: { signature: { r: "0xsecret" } } } });
    const unread = `Error parsing JSON into valid websocket request: ${sent}`;
    const error = thrownBy(() => readAction(responseOf(frame(unread), "7")));
    expect(error).toMatchObject({ outcome: "definite" });
    expect(String(error)).not.toContain("0xsecret");
    expect(frame(unread.slice(0, -3))).toEqual({ kind: "reconnect" });
    expect(frame("Cannot send more than 2000 messages per minute.")).toEqual({ kind: "reconnect" });
    expect(hyperliquid.readFrame("Websocket connection established.")).toEqual({ kind: "ignored" });
    expect(hyperliquid.readFrame({ channel: "pong" })).toEqual({ kind: "ignored" });
  });

  it("of OKX's that wants a login first is the last one there", () => {
    const answer = (code: string) => okx.readFrame({ id: "1", event: "error", code, msg: "its words" });
    expect(answer("60011")).toMatchObject({ kind: "answer", id: "1", isLast: true });
    expect(answer("60012")).toMatchObject({ kind: "answer", id: "1", isLast: false });
  });
});

/** The message of a request, as its venue's signer and its socket make it. */
async function messageOf(
  { request }: VenueRequest<unknown>,
  socket: typeof gateIo,
  auth: ReturnType<typeof createGateIoAuth>,
) {
  const body = request.data === undefined ? undefined : JSON.stringify(request.data);
  const url = `https://venue${request.path}`;
  return socket.messageOf(
    request,
    "7",
    await auth.restAuthenticate({ method: request.method, url, headers: {}, body }),
  );
}

describe("an answer on Gate.io's socket without a status", () => {
  const path = "/api/v4/futures/usdt/orders";
  const responseTo = (frame: object) => {
    const read = gateIo.readFrame({ request_id: "7", ...frame });
    return read.kind === "answer" ? read.response : expect.unreachable(read.kind);
  };

  it.each([{}, { header: null }, { header: {} }, { header: { status: 201 } }])(
    "is the order that it holds: no refusal is seen in %o",
    (more) => {
      const request = gateIoDerivative.placeOrder(gateMarkets, { ...orderToPlace, clientOrderId: "t-pw-1" });
      const response = responseTo({ ...more, data: { result: wireOrder() } });
      const placed = request.parse(gateWebUtils.unwrapResponse(response, request.request));
      expect(placed).toMatchObject({ exchangeOrderId: "1" });
    },
  );

  it.each([{ data: null }, { data: {} }, { data: { errs: {} } }, { data: { errs: "its words" } }, {}])(
    "and without an order proves nothing of it: %o",
    (frame) => {
      const request = gateIoDerivative.placeOrder(gateMarkets, { ...orderToPlace, clientOrderId: "t-pw-1" });
      const parse = () => request.parse(gateWebUtils.unwrapResponse(responseTo(frame), { method: "POST", path }));
      expect(thrownBy(parse)).toMatchObject({ outcome: "unknown" });
    },
  );
});

describe("a message on Gate.io's socket", () => {
  const auth = createGateIoAuth({ apiKey: "k", apiSecret: "s", userId: "1000" }, { now: () => NOW });
  const message = (request: VenueRequest<unknown>) => messageOf(request, gateIo, auth);
  const order = { ...orderToPlace, clientOrderId: "t-pw-1" };
  const reference = { ...order, createdAtMs: NOW, exchangeOrderId: undefined };
  const req_header = { "x-gate-exptime": String(NOW + 5_000) };
  const row = { contract: "BTC_USDT", size: "100", price: "60000", tif: "gtc", text: "t-pw-1", reduce_only: false };

  it("has the deadline of a create or an amend in it, and no signature", async () => {
    expect(await message(gateIoDerivative.placeOrder(gateMarkets, order))).toEqual({
      ...{ channel: "futures.order_place", event: "api", payload: { req_id: "7", req_header, req_param: row } },
    });
    const amend = gateIoDerivative.amendOrder?.(gateMarkets, reference, {
      ...{ price: new Decimal(60_001), clientOrderId: "t-pw-2", executedAmount: new Decimal(0) },
    });
    expect(await message(amend ?? expect.unreachable())).toMatchObject({
      channel: "futures.order_amend",
      payload: { req_header, req_param: { order_id: "t-pw-1", price: "60001" } },
    });
  });

  it("names the order of a cancel, by either id", async () => {
    const cancel = (exchangeOrderId?: string) =>
      message(gateIoDerivative.placeCancel(gateMarkets, { ...reference, exchangeOrderId }));
    expect(await cancel()).toEqual({
      ...{ channel: "futures.order_cancel", event: "api", payload: { req_id: "7", req_param: { order_id: "t-pw-1" } } },
    });
    expect(await cancel("91")).toMatchObject({ payload: { req_param: { order_id: "91" } } });
  });

  it("has a batch as a list, and none stands for a setting or for the dead man's switch", async () => {
    const create = gateIoDerivative.placeOrders?.(gateMarkets, [order, order]) ?? expect.unreachable();
    expect(await message(create)).toMatchObject({
      channel: "futures.order_batch_place",
      payload: { req_param: [row, row] },
    });
    const cancel = gateIoDerivative.placeCancels?.(gateMarkets, [reference]) ?? expect.unreachable();
    expect(await message(cancel)).toMatchObject({
      channel: "futures.order_cancel_ids",
      payload: { req_param: ["t-pw-1"] },
    });
    const all = gateIoDerivative.cancelAllAfter?.(gateMarkets, 10_000, "BTC-USDT") ?? expect.unreachable();
    expect(await message(all)).toBeUndefined();
  });

  it("logs in with a signature over no parameters, which is the documented one", () => {
    const credentials = { apiKey: "KEY123", apiSecret: "SECRET456", userId: "1000" };
    const signer = createGateIoAuth(credentials, { now: () => 1_790_000_000_000 });
    expect(signer.wsAuthenticateForOrders?.()).toEqual({
      channel: "futures.login",
      event: "api",
      payload: {
        ...{ api_key: "KEY123", timestamp: "1790000000", req_id: "login" },
        signature:
          "953a5136c28a090e3a5a64f5add2417eccad687f3770b0e614b3d41fa2e7e46f989ba011ec4319b652386df0f9f61517d3d42a267166cd801c06c483eb32e9aa",
      },
    });
    const header = { channel: "futures.login", status: "200" };
    expect(gateIo.readFrame({ request_id: "login", header, data: { result: {} } })).toEqual({ kind: "authenticated" });
    const errs = { label: "INVALID_KEY", message: "its words" };
    expect(gateIo.readFrame({ request_id: "login", header: { ...header, status: "401" }, data: { errs } })).toEqual({
      kind: "authFailed",
      reason: "INVALID_KEY its words",
    });
  });
});

describe("an answer that has objects where numbers belong", () => {
  const odd: unknown = JSON.parse('{"toString":1,"valueOf":1}');

  it.each([
    ["Binance", binance, { id: 7, status: odd, error: { code: -1003, data: { retryAfter: odd, serverTime: odd } } }],
    ["Bybit", bybit, { reqId: "7", retCode: odd, op: "order.create", header: { Timenow: odd } }],
    ["OKX", okx, { id: "7", op: "order", code: odd, msg: odd, data: odd }],
    ["Gate.io", gateIo, { request_id: "7", header: { status: odd, x_out_time: odd }, data: { errs: { label: odd } } }],
    ["Hyperliquid", hyperliquid, { channel: "post", data: { id: 7, response: { type: odd, payload: odd } } }],
  ])("is one all the same on %s", (_, conventions, message) => {
    expect(conventions.readFrame(message)).toMatchObject({ kind: "answer", id: "7" });
  });
});

describe("a message on Hyperliquid's socket", () => {
  const own = marketsOf();
  const auth = createHyperliquidAuth({ privateKey: KEY, accountAddress: USER }, { now: () => NOW }, own.domain);
  const order: OrderToPlace = { ...orderToPlace, clientOrderId: CLOID, tradingPair: "BTC-USD" };

  it("is the signed body of the request in an envelope, with a nonce from the one series", async () => {
    const request = hyperliquidDerivative.placeOrder(own, order);
    const first = await messageOf(request, hyperliquid, auth);
    expect(first).toMatchObject({
      ...{ method: "post", id: 7 },
      request: { type: "action", payload: { action: { type: "order" }, nonce: NOW, expiresAfter: NOW + 20_000 } },
    });
    expect(await messageOf(request, hyperliquid, auth)).toMatchObject({ request: { payload: { nonce: NOW + 1 } } });
  });

  it("stands for no setting, no question and not for the dead man's switch", async () => {
    const all = hyperliquidDerivative.cancelAllAfter?.(own, 10_000, "BTC-USD") ?? expect.unreachable();
    expect(await messageOf(all, hyperliquid, auth)).toBeUndefined();
    const question = hyperliquidWebUtils.question("meta");
    expect(
      await messageOf({ kind: "rest", request: question, parse: () => undefined }, hyperliquid, auth),
    ).toBeUndefined();
  });
});
